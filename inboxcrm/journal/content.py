"""The main content of a mail: its new text, shortened where a sentence ends, in any script. It never rewrites a text."""

from __future__ import annotations

import re
import unicodedata

LIMIT = 600
"""Width of the main content; a Chinese, Japanese or Korean character counts as two."""

_BLANK_LINES = re.compile(r"[ \t\r\f\v]*\n(?:[ \t\r\f\v]*\n)+")
_SENTENCE_END = re.compile(r"[.!?…‽؟۔।]+[\"'”’»)\]]*(?=\s)|[。!?;｡!?;][”’」』)】\"]*|\n")
_SHORT_FORM = re.compile(
    r"(?:^|[\s(])(?:\w|approx|art|ca|co|corp|dept|dr|e\.g|eg|etc|fig|hr|i\.e|inc|incl|ing|jr|kg|ltd|max|min|mr|mrs|ms|mfg|no|nos|nr|p\.ex|pcs|"
    r"pos|prof|ref|resp|sra?|st|stk|tel|u\.a|usw|v\.a|vs|z\.b|шт|руб|г|т\.е|т\.д)\.$",
    re.IGNORECASE,
)


def shorten(text: str, limit: int = LIMIT) -> str:
    """`text` without blank lines in a row, cut after the last sentence that fits into `limit`; "…" marks a cut.

    A first sentence that is longer than the limit is cut between words, or anywhere in a script without blanks.
    """
    text = _BLANK_LINES.sub("\n\n", text.strip())
    if len(text) <= limit // 2 or _fits(text, limit):
        return text
    end = _place(text, limit - 1)
    best = 0
    for found in _SENTENCE_END.finditer(text, 0, end):
        if found[0] == "\n" or not _SHORT_FORM.search(text, max(0, found.start() - 12), found.end()):
            best = found.end()
    if best < end // 3:
        space = text.rfind(" ", end // 2, end)
        best = space if space > 0 else _between_characters(text, end)
    return text[:best].rstrip() + "…"


def _fits(text: str, limit: int) -> bool:
    return (text.isascii() and len(text) <= limit) or _place(text, limit) == len(text)


def _place(text: str, limit: int) -> int:
    """How many characters of `text` fit into the width `limit`."""
    if text.isascii():
        return min(len(text), limit)
    width = 0
    for place, character in enumerate(text):
        width += 2 if character > "\u10ff" and unicodedata.east_asian_width(character) in "WF" else 1
        if width > limit:
            return place
    return len(text)


def _between_characters(text: str, place: int) -> int:
    """`place`, moved back so that no accent is torn from its letter."""
    while place > 1 and (
        unicodedata.combining(text[place]) or text[place] in "\u200d\ufe0f" or text[place - 1] == "\u200d"
    ):
        place -= 1
    return place
