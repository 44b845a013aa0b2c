"""The words by which texts are found: folded, so that case and accents don't matter, and in pairs where a script has no blanks.

The same tokens go into SQLite's FTS5 and PostgreSQL's tsvector; they consist of letters and digits only, so that both
databases take each as one word. Nothing is stemmed: product codes and names must be found as they are.
"""

from __future__ import annotations

import re
import unicodedata

MOST = 8_000
"""Tokens of one text that are kept; PostgreSQL remembers no places behind 16,383."""
LONGEST = 60
"""Letters of one token; a longer word is taken in pieces of this length."""

_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u1100-\u11ff\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\U00020000-\U0003ffff"
)
"""Han, kana, Hangul, Thai, Lao, Burmese, Khmer: written without blanks, or with long words built of short ones."""
_RUN = re.compile(f"[{_UNSPACED}]+|[^\\s{_UNSPACED}]{{1,{LONGEST}}}")
_IS_UNSPACED = re.compile(f"[{_UNSPACED}]")
_ASCII = re.compile(f"[a-z0-9]{{1,{LONGEST}}}")

_ALIKE = {
    "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h", "ŧ": "t", "ŋ": "n", "ĸ": "k",
    "ə": "a", "ƒ": "f", "ґ": "г", "ى": "ي", "ی": "ي", "ې": "ي", "ک": "ك", "ة": "ه", "ە": "ه", "ھ": "ه", "ٱ": "ا", "ـ": "",
}  # fmt: skip
"""Letters that Unicode doesn't take apart but that people write for each other."""


class _Fold(dict[int, str]):
    """Character → its folded form, for `str.translate`; found once a character."""

    def __missing__(self, code: int) -> str:
        folded = self[code] = _folded(chr(code))
        return folded


def _folded(character: str) -> str:
    if _IS_UNSPACED.match(character):
        return (
            character
            if unicodedata.category(character)[0] in "LN"
            else ("" if unicodedata.category(character)[0] == "M" else " ")
        )
    out = []
    for part in unicodedata.normalize("NFKD", character):
        part = _ALIKE.get(part, part)  # noqa: PLW2901
        kind = unicodedata.category(part) if len(part) == 1 else "Ll"
        if kind == "Nd":
            out.append(str(unicodedata.digit(part)))
        elif kind[0] == "L" or not part:
            out.append(part)
        elif kind[0] != "M" and kind != "Cf":
            out.append(" ")
    return "".join(out)


_FOLD = _Fold()


def runs(text: str) -> list[str]:
    """The folded words of `text`, and its runs of characters without blanks, in order."""
    if text.isascii():
        return _ASCII.findall(text.lower())
    # Twice casefold: taking letters apart can bring capitals back.
    folded = unicodedata.normalize("NFKC", text).casefold().translate(_FOLD).casefold()
    return _RUN.findall(folded)


def tokens(text: str) -> list[str]:
    """All tokens of `text` for the index: words; of a run without blanks its pairs of neighbours and its last character."""
    words = runs(text)
    if text.isascii():
        return words
    found: list[str] = []
    for run in words:
        if run < "\u0e00" or not _IS_UNSPACED.match(run):
            found.append(run)
        else:
            found += pairs(run)
            found.append(run[-1])
    return found


def pairs(run: str) -> list[str]:
    """Each two neighbours of a run without blanks; nothing for a single character."""
    return [run[place : place + 2] for place in range(len(run) - 1)]


def is_unspaced(run: str) -> bool:
    """Whether a run of `runs` is of a script without blanks."""
    return _IS_UNSPACED.match(run) is not None


def document(*texts: str) -> str:
    """The search document of some texts: their tokens with a blank between, at most `MOST`."""
    found: list[str] = []
    for text in texts:
        found += tokens(text)
    return " ".join(found[:MOST])
