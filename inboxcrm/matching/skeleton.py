"""How a name looks to a hasty reader: letters that are taken for each other become one. Pure; the tables are the rules."""

from __future__ import annotations

import unicodedata
from contextlib import suppress
from functools import lru_cache

_LETTERS = {
    "а": "a", "в": "b", "с": "c", "ԁ": "d", "е": "e", "ё": "e", "ғ": "f", "һ": "h", "і": "l", "ї": "l", "ј": "j", "к": "k", "ӏ": "l",
    "м": "m", "н": "h", "о": "o", "р": "p", "ԛ": "q", "г": "r", "ѕ": "s", "т": "t", "ц": "u", "ѵ": "v", "ԝ": "w", "ѡ": "w", "х": "x",
    "у": "y", "ү": "y", "з": "e",
    "α": "a", "β": "b", "ε": "e", "η": "n", "ι": "l", "κ": "k", "ν": "v", "ο": "o", "ρ": "p", "σ": "o", "τ": "t", "υ": "u", "χ": "x",
    "γ": "y", "ω": "w",
    "ı": "l", "ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "p", "ß": "b", "æ": "ae", "œ": "oe", "ɡ": "g", "ɑ": "a", "ո": "n", "ս": "u",
    "0": "o", "1": "l", "i": "l", "|": "l", "5": "s", "$": "s", "3": "e", "8": "b",
}  # fmt: skip
"""Single characters (after case folding) that look like a Latin letter."""

_PAIRS = (("rn", "m"), ("vv", "w"), ("cl", "d"), ("nn", "m"))
"""Two letters that look like one."""

WORDS = (
    "group", "holding", "holdings", "sales", "export", "exports", "import", "imports", "trade", "trading", "global", "international",
    "intl", "world", "worldwide", "company", "corp", "corporation", "inc", "llc", "ltd", "limited", "gmbh", "sarl", "srl", "spa", "the",
    "my", "mail", "email", "online", "web", "net", "shop", "store", "pay", "payment", "payments", "invoice", "invoices", "billing",
    "bank", "account", "accounts", "accounting", "finance", "office", "hq", "secure", "support", "service", "services", "industry",
    "industries", "official", "usa", "uk", "eu", "china", "cn", "de", "asia", "europe",
)  # fmt: skip
"""Words that swindlers put before or behind a company's name."""


@lru_cache(maxsize=50_000)
def skeleton(name: str) -> str:
    """The looks of a domain label or a local part; "xn--" labels are decoded first."""
    if name.startswith("xn--"):
        with suppress(UnicodeError):
            name = name.encode("ascii").decode("idna")
    text = name.casefold()
    if not text.isascii():
        text = "".join(_LETTERS.get(one, one) for one in unicodedata.normalize("NFKC", text).casefold())
        text = "".join(one for one in unicodedata.normalize("NFKD", text) if not unicodedata.combining(one))
    text = "".join(_LETTERS.get(one, one) for one in text)
    for pair, single in _PAIRS:
        text = text.replace(pair, single)
    return text


_LOOKS_OF_WORDS = sorted({skeleton(word) for word in WORDS}, key=len, reverse=True)


@lru_cache(maxsize=50_000)
def core(name: str) -> str:
    """The looks of a name without hyphens and without the words that are added to it; at least four letters stay."""
    text = skeleton(name)
    parts = [part for part in text.split("-") if part]
    kept = [part for part in parts if part not in _LOOKS_OF_WORDS]
    text = "".join(kept if len("".join(kept)) >= 4 else parts)
    for word in _LOOKS_OF_WORDS:
        if len(word) > 2 and len(text) - len(word) >= 4:
            if text.endswith(word):
                return text[: -len(word)]
            if text.startswith(word):
                return text[len(word) :]
    return text


def digits(name: str) -> str:
    """The digits of a name that stand alone or in a row of them: "buyer12" and "buyer13" are two names, "1ight" is a trick."""
    groups = "".join(one if one.isdigit() else " " for one in name).split()
    tail = "".join(groups)
    return tail if len(tail) > 1 or name[-1:].isdigit() else ""
