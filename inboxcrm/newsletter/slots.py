"""The places of a text that are filled in for each recipient, held by marks while the rest is made into HTML once.

A mark is a plain word, so Markdown, sanitising and inlining leave it alone; afterwards it becomes a piece of template again. What is
lost or moved on the way would be a gap in every mail, so it is refused with the line it stood on.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from inboxcrm.i18n import _

_TAG = re.compile(
    r"""(?P<block>\{%(?:"[^"]*"|'[^']*'|[^"'])*?%\})|(?P<value>\{\{(?:"[^"]*"|'[^']*'|[^"'])*?\}\})|(?P<note>\{\#.*?\#\})""",
    re.DOTALL,
)
_ALONE = re.compile(r"(?m)^[ \t]*(?P<tag>\{%[^\n]*?%\})[ \t]*$")
_BETWEEN_CELLS = (
    r"(?:<(?:table|tbody|thead|tfoot|tr|colgroup)(?:\s[^>]*)?>|</(?:tr|td|th|tbody|thead|tfoot|colgroup|caption)\s*>)"
)
_BEGINS_A_TAG = re.compile(r"\{(?=[{%#])")


class LostError(Exception):
    """A piece of template can't stand where it stands; `line` (1-based) and `what` for the person."""

    def __init__(self, line: int, tag: str, what: str) -> None:
        super().__init__(what)
        self.line, self.tag, self.what = line, tag, what


@dataclass(frozen=True, slots=True)
class Slot:
    """A piece of template and the line of the text where it stood (0: it is ours)."""

    tag: str
    line: int


class Slots:
    """The marks of one text."""

    def __init__(self, seed: str) -> None:
        """`seed`: tells the marks of one text from words that anybody could have written."""
        self._key = "qz" + hashlib.sha256(seed.encode()).hexdigest()[:10]
        self._slots: list[Slot] = []
        self._mark = re.compile(rf"{self._key}n(\d+)x")

    def mark(self, tag: str, line: int = 0) -> str:
        """A mark for a piece of template."""
        self._slots.append(Slot(tag, line))
        return self.mark_of(len(self._slots) - 1)

    def mark_of(self, number: int) -> str:
        """The mark of a piece."""
        return f"{self._key}n{number}x"

    def protected(self, source: str) -> str:
        """The text with a mark for each piece of template; comments are left out. A condition alone on its line becomes a paragraph."""
        source = _ALONE.sub(lambda found: f"\0{found['tag']}\0", source)
        pieces, end, line = [], 0, 1
        for found in _TAG.finditer(source):
            before = source[end : found.start()]
            line += before.count("\n")
            pieces.append(before)
            if not found["note"]:
                pieces.append(self.mark(found[0], line))
            line += found[0].count("\n")
            end = found.end()
        return "".join([*pieces, source[end:]]).replace("\0", "\n\n")

    def numbers(self, text: str) -> Iterator[int]:
        """The marks in a text, in order."""
        return (int(found[1]) for found in self._mark.finditer(text))

    def is_block(self, number: int) -> bool:
        """Whether a mark stands for a condition."""
        return self._slots[number].tag.startswith("{%")

    def unwrapped(self, html: str) -> str:
        """Without the paragraphs that hold nothing but conditions."""

        def bare(found: re.Match[str]) -> str:
            return found["mark"] if self.is_block(int(found["number"])) else found[0]

        return re.sub(rf"<p>\s*(?P<mark>{self._key}n(?P<number>\d+)x)\s*</p>\n?", bare, html)

    def check(self, text: str, numbers: Iterable[int]) -> None:
        """Raises LostError when a mark of `numbers` isn't in the text, or has got to the other side of a condition. Values may change
        places between two conditions, as those in the words and in the address of a link do.
        """
        wanted = self._places(numbers)
        there = self._places(one for one in self.numbers(text) if one in wanted)
        for number, place in wanted.items():
            if there.get(number) != place:
                raise self._lost(number)

    def _places(self, numbers: Iterable[int]) -> dict[int, int]:
        """Mark → how many conditions stand before it; a condition itself counts."""
        places: dict[int, int] = {}
        conditions = 0
        for number in numbers:
            conditions += self.is_block(number)
            places.setdefault(number, conditions)
        return places

    def check_tables(self, html: str) -> None:
        """Raises LostError when a mark stands in a table but in no cell: whoever reads HTML moves it out of the table."""
        found = re.search(rf"{_BETWEEN_CELLS}\s*({self._key}n\d+x)", html, re.IGNORECASE)
        if found is not None:
            raise self._lost(next(self.numbers(found[1])))

    def _lost(self, number: int) -> LostError:
        slot = self._slots[number]
        what = _("{tag} can't stand here: put it into plain text, not into a tag or between the cells of a table")
        return LostError(slot.line, slot.tag, what.format(tag=slot.tag))

    def line_of(self, text: str) -> int:
        """The line of the first mark in a text; 0 without one."""
        return next((self._slots[number].line for number in self.numbers(text)), 0)

    def template(self, text: str) -> str:
        """The text as a template: pieces in the place of their marks, everything else as it is."""
        pieces, end = [], 0
        for found in self._mark.finditer(text):
            pieces += [_literal(text[end : found.start()]), self._slots[int(found[1])].tag]
            end = found.end()
        return "".join([*pieces, _literal(text[end:])])


def _literal(text: str) -> str:
    """Text that is no template, whatever stands in it."""
    return _BEGINS_A_TAG.sub('{{ "{" }}', text)
