"""Which lines of a mail are the sender's own, which are history, and which were passed on.

Goes once down the lines and asks `inboxcrm.reading.quotes` what each introduces. Quoted lines go line by line, so that
answers between and below them stay the sender's; history that isn't quoted goes from its introduction to the end.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from inboxcrm.reading import quotes
from inboxcrm.reading.quotes import Found, Introduction
from inboxcrm.reading.signature import signature_lines

# Introductions are looked for in so many lines of own text; no person writes more of them.
_MOST_LINES = 5_000
# A passage cited without saying whose it is stays, when it is as short as this (lines).
_CITATION = 3
# How lines of dashes begin; "-----Original Message-----" may be bold.
_SEPARATORS = "-–—‐_=*"
# "> 500 pcs: USD 2.60" is a price, ">> URGENT <<" an ornament.
_NO_QUOTE = re.compile(r"\s*>=?\s*(?!\d{1,2}[.)]\s)[\d$€£¥%]|\s*>{1,5}[^<>]{1,80}<{1,5}\s*$")
# Old programs quote with the initials of the writer: "LW> Which colour?"
_INITIALS = re.compile(r"[A-Z]{1,3}>(?:\s|$)")
_GLUED = re.compile(r"[.!?。！？](?=(?:On|Am|Le|El|Em|Il|Op|Den|在)\s?[^.!?]{0,40}\d)")
# Fields that Yandex writes above an attribution, at most.
_FIELDS_ABOVE = 6
# What a torn line may hold, and how long the line that it was torn from must be.
_TORN, _TORN_FROM = 40, 65


class Mark(Enum):
    """What a line is. A forward's header is no text, but tells who wrote what follows."""

    OWN = "own"
    HISTORY = "history"
    FORWARD_HEADER = "forward header"
    FORWARDED = "forwarded"


@dataclass(frozen=True, slots=True)
class Segments:
    """A mark for each line, and the lines that were passed on, freed of quotation marks, or None."""

    marks: list[Mark]
    forwarded: list[str] | None


def segments(lines: list[str], kind: Introduction | None) -> Segments:
    """Mark `lines` (a glued line is broken in two, in place).

    `kind` is what the subject says: FORWARDED ("Fwd:"), ORIGINAL (an answer, "Re:") or None.
    """
    return _Walk(lines, kind).down()


class _Walk:
    """One pass over the lines. Lines above `first` can't belong to an attribution any more."""

    def __init__(self, lines: list[str], kind: Introduction | None) -> None:
        self.lines = lines
        self.kind = kind
        self.total = len(lines)
        self.marks = [Mark.OWN] * self.total
        self.forwarded: list[str] | None = None
        self.first = 0
        self.first_own = self.total  # the first line of own text seen so far
        self.attributed = False
        self.citation: tuple[int, int] | None = None  # quoted lines at the very top, without attribution
        self.blocks = 0  # of quoted lines
        self.looked = 0
        self.glued = False  # an attribution was parted from the text before it

    def down(self) -> Segments:
        place = 0
        while place < self.total:
            line = self.lines[place]
            if not line or line.isspace():
                place += 1
                continue
            start = line.lstrip()[0]
            if start == ">" or (start == "|" and self.attributed):
                place = self._quoted(place, start)
            elif self.attributed and _INITIALS.match(line):
                self.marks[place] = Mark.HISTORY
                place = self.first = place + 1
            else:
                place = self._unquoted(place)
        self._keep_citation()
        return Segments(self.marks, self.forwarded)

    def _mark(self, start: int, end: int, mark: Mark) -> None:
        self.marks[start:end] = [mark] * (end - start)

    def _quoted(self, place: int, sign: str) -> int:
        """Mark a block of quoted lines; the line below it."""
        end = _end_of_block(self.lines, place, sign)
        block = self.lines[place:end]
        if not self.attributed and self.forwarded is None and _begins_forward(block):
            self._mark(place, end, Mark.FORWARDED)
            self.forwarded = [quotes.without_mark(line) for line in block]
        elif self.attributed or self.blocks or not all(_NO_QUOTE.match(line) for line in block if line.strip()):
            if not self.attributed and self.first_own >= place and not self.blocks:
                self.citation = (place, end)
            self._mark(place, end, Mark.HISTORY)
            self.blocks += 1
        else:
            self.first_own = min(self.first_own, place)
        self.first = end
        return end

    def _unquoted(self, place: int) -> int:
        """Look at a line that nothing marks; the line to look at next."""
        found = None
        if self.looked < _MOST_LINES:
            self._unglue(place)
            found = _introduction(self.lines, place, self.first)
            self.looked += 1
        if found is None:
            self.first_own = min(self.first_own, place)
            return place + 1
        begin = _with_rule(self.lines, found.start, self.first)
        follows = _next_text(self.lines, found.end)
        quoted = follows < self.total and _is_quotation(self.lines[follows])
        above = self._own_above(begin, found)
        if self.forwarded is None and self._is_forward(found, above=above):
            return self._forward(found, begin, follows, quoted=quoted)
        if quoted or (found.kind is Introduction.ATTRIBUTION and not above):
            self._mark(begin, found.end, Mark.HISTORY)
            self.attributed = True
            if not above:
                self.first_own = self.total  # what looked like own text was the beginning of the attribution
            self.first = found.end
            return found.end
        self._mark(begin, self.total, Mark.HISTORY)
        return self.total

    def _unglue(self, place: int) -> None:
        """Break a line where a careless program wrote the attribution right behind the last word of the answer."""
        line = self.lines[place]
        if self.glued or len(line) > quotes.LOOK or line.rstrip()[-1:] not in quotes.COLONS or "@" not in line:
            return
        match = _GLUED.search(line)
        if match:
            self.glued = True
            self.lines[place : place + 1] = [line[: match.end()], line[match.end() :]]
            self.marks.insert(place, Mark.OWN)
            self.total += 1

    def _own_above(self, begin: int, found: Found) -> bool:
        """Own text above the introduction. A warning or a signature alone above a header is no word of the sender."""
        if self.first_own >= begin:
            return False
        if self.kind is not None or found.kind is Introduction.ATTRIBUTION:
            return True
        lines = self.lines[:begin]
        return not all(
            gone or not line.strip() for line, gone in zip(lines, signature_lines(lines, first=True), strict=True)
        )

    def _is_forward(self, found: Found, *, above: bool) -> bool:
        """Outlook introduces a forward as it does an answer: the subject tells, or that nothing stands above."""
        if found.kind is Introduction.ATTRIBUTION:
            return False
        if found.kind is Introduction.FORWARDED or self.kind is Introduction.FORWARDED:
            return True
        return not above and self.kind is None

    def _forward(self, found: Found, begin: int, follows: int, *, quoted: bool) -> int:
        end = found.end if found.kind is Introduction.HEADER else _end_of_header(self.lines, found.end)
        if quoted and found.kind is Introduction.FORWARDED:
            below = _end_of_block(self.lines, follows, ">")
            content = [quotes.without_mark(line) for line in self.lines[follows:below]]
            head = _end_of_header(content, 0)
            end = follows + head
            self.forwarded = content[head:]
        else:
            below = self.total
            self.forwarded = self.lines[end:]
        self._mark(begin, end, Mark.FORWARD_HEADER)
        self._mark(end, below, Mark.FORWARDED)
        self.first = below
        return below

    def _keep_citation(self) -> None:
        if self.citation is None or self.attributed or self.blocks > 1 or self.first_own >= self.total:
            return
        start, end = self.citation
        if end - start <= _CITATION and Mark.HISTORY not in self.marks[end:]:
            self._mark(start, end, Mark.OWN)


def _introduction(lines: list[str], place: int, first: int) -> Found | None:
    """What introduces a quotation at line `place`, or None. Cheap signs decide which finder is asked: most lines have none."""
    line = lines[place]
    head = line[: quotes.LOOK].strip()
    if not head:
        return None
    last = head.rstrip("*_ ")[-1:] if head[-1] in "*_" else head[-1]
    colon = last in quotes.COLONS
    if colon or head[0] in _SEPARATORS or head[:16].lower() == "original message":
        found = quotes.separator_at(lines, place)
        if found is not None:
            return found
    if (":" in head or "：" in head or head[0] == "|") and quotes.field(line) is not None:
        found = quotes.header_at(lines, place)
        if found is not None:
            return found
    if colon or (head[0].isdigit() and "-" in head[:5]) or "wrote in message" in head or head.startswith("Posted by "):
        return quotes.attribution_ending_at(lines, place, first)
    if ":  " in head and "@" in head:
        return quotes.attribution_before_text(lines, place)
    if len(head) < 100 and quotes.LONE_TO.match(head):
        return quotes.lotus_header_at(lines, place)
    if head[0] == "_" and quotes.is_rule(line):
        return quotes.foreign_header_below(lines, place)
    return None


def _is_quotation(line: str) -> bool:
    start = line.lstrip()[0]
    return start == ">" or (start == "|" and quotes.field(line) is None)


def _with_rule(lines: list[str], start: int, first: int) -> int:
    """`start`, or the line of dashes that stands right above it."""
    place = start - 1
    while place >= first and not lines[place].strip():
        place -= 1
    if place < first:
        return start
    if quotes.is_rule(lines[place]):
        return place
    # Yandex draws a line and writes recipient and subject above its attribution.
    top = place
    while top >= first and start - top <= _FIELDS_ABOVE and quotes.field(lines[top]) is not None:
        top -= 1
    return top if first <= top < place and quotes.is_rule(lines[top]) else start


def _next_text(lines: list[str], place: int) -> int:
    while place < len(lines) and not lines[place].strip():
        place += 1
    return place


def _end_of_header(lines: list[str], place: int) -> int:
    """The line below the header block that begins at or below `place`, with a separator above it or without."""
    at = _next_text(lines, place)
    if at >= len(lines):
        return place
    found = quotes.separator_at(lines, at)
    if found is not None and found.kind is Introduction.FORWARDED:
        place = found.end
        at = _next_text(lines, place)
        if at >= len(lines):
            return place
    header = quotes.header_at(lines, at)
    return header.end if header is not None else place


def _end_of_block(lines: list[str], place: int, sign: str) -> int:
    """The line below the quoted lines that begin at `place`; a short rest that wrapping tore off is quoted too."""
    total = len(lines)
    end = place
    while end < total:
        line = lines[end].lstrip()
        if line[:1] == sign:
            end += 1
            continue
        if not line:
            ahead = end + 1 if end + 1 < total and lines[end + 1].strip() else end + 2
            if ahead < total and lines[ahead].lstrip()[:1] == sign:
                end = ahead
                continue
            return end
        torn = (
            end + 1 < total
            and lines[end + 1].lstrip()[:1] == sign
            and len(line) <= _TORN
            and len(lines[end - 1]) >= _TORN_FROM
            and lines[end - 1].rstrip()[-1:] not in ".?!:;。？！"
        )
        if not torn:
            return end
        end += 1
    return end


def _begins_forward(block: list[str]) -> bool:
    for line in block[:3]:
        bare = quotes.without_mark(line)
        if bare.strip():
            found = quotes.separator_at([bare], 0)
            return found is not None and found.kind is Introduction.FORWARDED
    return False
