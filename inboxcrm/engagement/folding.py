"""Text as rules see it: lower case, no accents, plain punctuation, one character for one character wherever that is possible.

Rules and mails are folded alike, so that "cotizacion" finds "Cotización" and full-width digits are digits; the way back to the
exact span of the mail is kept.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import cache

_PUNCTUATION = {
    "‘": "'", "’": "'", "‚": "'", "`": "'", "´": "'", "ʼ": "'",
    "“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "「": '"', "」": '"',
    "–": "-", "—": "-", "‑": "-", "−": "-", "‐": "-",
}  # fmt: skip
# Letters that Unicode doesn't take apart, and Arabic letters that people write one for another.
_LETTERS = {"ß": "s", "ø": "o", "ł": "l", "đ": "d", "ı": "i", "æ": "a", "œ": "o", "ħ": "h",
            "أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ة": "ه", "ؤ": "و", "ئ": "ي",
            "ё": "е", "й": "и"}  # fmt: skip
_KANA = range(0x3040, 0x3100)


@cache
def _table() -> dict[int, str]:
    """Every character of the basic plane that folds to another one, or to nothing (marks, joiners, tatweel)."""
    table: dict[int, str] = {}
    for code in range(0x80, 0xFFFF):
        char = chr(code)
        folded = _folded(char, code)
        if folded != char:
            table[code] = folded
    table.update((code, chr(code + 32)) for code in range(ord("A"), ord("Z") + 1))
    for char, plain in _PUNCTUATION.items():
        table[ord(char)] = plain
    return table


def _folded(char: str, code: int) -> str:
    category = unicodedata.category(char)
    if category == "Mn" or char in "ـ\u00ad\ufeff" or category == "Cf":
        return "" if code not in _KANA else char
    if category == "Zs":
        return " "
    low = char.lower()
    low = low if len(low) == 1 else char
    low = _LETTERS.get(low, low)
    if code in _KANA or 0xAC00 <= code <= 0xD7A3:  # a syllable taken apart would be another one
        return low
    parts = unicodedata.normalize("NFKD", low)
    base = "".join(part for part in parts if not unicodedata.combining(part))
    base = base.lower()
    return _LETTERS.get(base, base) if len(base) == 1 else low


@dataclass(frozen=True, slots=True)
class Folded:
    """A folded text that knows where its characters came from. `offsets` is None where nothing was left out."""

    text: str
    source: str
    offsets: tuple[int, ...] | None

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The span of `source` behind the span `start`–`end` of `text`."""
        if self.offsets is None or start >= end:
            return start, end
        return self.offsets[start], self.offsets[end - 1] + 1


def fold(source: str) -> Folded:
    """`source` folded. Time linear to its length."""
    text = plain(source)
    if len(text) == len(source):
        return Folded(text, source, None)
    table = _table()
    offsets = tuple(place for place, char in enumerate(source) if table.get(ord(char), char))
    return Folded(text, source, offsets)


def plain(text: str) -> str:
    """`text` folded, without the way back: for the words of rules."""
    return text.lower() if text.isascii() else text.translate(_table())
