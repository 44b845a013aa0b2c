"""What the sender wrote now: a plain text parted into new text, quoted history and signature.

It never invents a word: the visible characters of the new text are some of those of the input, in their order.
It refuses nothing: any string comes back parted, in time linear to its length.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from inboxcrm.reading import quotes
from inboxcrm.reading.plain_text import even
from inboxcrm.reading.quote_headers import FORWARD_SUBJECTS, REPLY_SUBJECTS
from inboxcrm.reading.quotes import Found, Introduction
from inboxcrm.reading.signature import signature_lines


@dataclass(frozen=True, slots=True)
class TextParts:
    """A mail's text in three parts; `forwarded` says that the new text holds a mail that was passed on."""

    new_text: str
    quoted_text: str
    signature: str
    forwarded: bool


_EMPTY = TextParts("", "", "", False)
_SUBJECT = re.compile(r"\W*([^\W\d_][^\s:：\[\]]{0,20}?)\s?(?:\[\d+\]|\(\d+\))?\s?[:：]", re.IGNORECASE)
_FORWARDS = frozenset(word.strip() for word in FORWARD_SUBJECTS.split("/"))
_REPLIES = frozenset(word.strip() for word in REPLY_SUBJECTS.split("/"))
# A forward inside a forward inside a forward … is followed so deep.
_DEPTH = 6
# Attributions are looked for in so many lines of own text; no person writes more of them.
_INTRODUCTIONS = 5_000
# A passage cited without saying whose it is stays, when it is as short as this (lines).
_CITATION = 3
# How lines of dashes begin; "-----Original Message-----" may be bold.
_SEPARATORS = "-–—‐_=*"
# "> 500 pcs: USD 2.60" is a price, ">> URGENT <<" an ornament.
_NO_QUOTE = re.compile(r"\s*>=?\s*[\d$€£¥%]|\s*>{1,5}[^<>]{1,80}<{1,5}\s*$")
_BLANK_LINES = re.compile(r"\n{3,}")
_INITIALS = re.compile(r"[A-Z]{1,3}>(?:\s|$)")


def split(text: str, *, subject: str = "") -> TextParts:
    """Part `text`, the plain text of one mail.

    `subject` is the mail's subject, as far as known: it tells a mail that is passed on without a word ("Fwd:") from an answer
    without a word ("Re:"). A forwarded mail stays in the new text without its header block, which goes to `quoted_text`.
    """
    text = even(text)
    if not text or text.isspace():
        return _EMPTY
    return _parted(text.split("\n"), _subject_kind(subject), _DEPTH)


def _subject_kind(subject: str) -> Introduction | None:
    match = _SUBJECT.match(subject[:60])
    if match is None:
        return None
    word = match[1].lower()
    if word in _FORWARDS:
        return Introduction.FORWARDED
    return Introduction.ORIGINAL if word in _REPLIES else None


def _parted(lines: list[str], kind: Introduction | None, depth: int) -> TextParts:
    marks, content = _marked(lines, kind)
    forwarded = content is not None
    inner = _EMPTY
    if content is not None and depth:
        inner = _parted(content, None, depth - 1)
    new: list[str] = []
    signature: list[str] = []
    quoted = [line for line, mark in zip(lines, marks, strict=True) if mark in ("q", "f")]
    place = 0
    total = len(lines)
    seen_text = False
    while place < total:
        if marks[place]:
            place += 1
            continue
        end = place
        while end < total and not marks[end]:
            end += 1
        segment = lines[place:end]
        cut = signature_lines(segment, first=not seen_text)
        kept = [line for line, gone in zip(segment, cut, strict=True) if not gone]
        signature += [line for line, gone in zip(segment, cut, strict=True) if gone]
        if any(line.strip() for line in kept):
            seen_text = True
            new += ["", *kept] if new else kept
        place = end
    new_text = _joined(new)
    quoted_text = _joined(quoted)
    if forwarded:
        new_text = "\n\n".join(part for part in (new_text, inner.new_text) if part)
        quoted_text = "\n\n".join(part for part in (quoted_text, inner.quoted_text, inner.signature) if part)
    return TextParts(new_text, quoted_text, _joined(signature), forwarded)


def _joined(lines: list[str]) -> str:
    joined = "\n".join([line.rstrip() for line in lines]).strip("\n")
    return _BLANK_LINES.sub("\n\n", joined) if "\n\n\n" in joined else joined


def _marked(lines: list[str], kind: Introduction | None) -> tuple[list[str], list[str] | None]:
    """A mark per line ("" own text, "q" history, "f" the header of a forward, "c" its content) and the forwarded content, if any.

    1. Go down the lines; quoted lines are history.
    2. At an introduction of unquoted history, all the rest is history, when own text stands above.
    3. At one that quoted lines follow, only it and they are: answers between and below belong to the sender.
    4. At a forward, its header is set aside and its content returned.
    """
    total = len(lines)
    marks = [""] * total
    own = total  # the first line of own text
    attributed = False
    quoting = False
    first = 0  # an attribution can't begin before this line
    place = 0
    leading: tuple[int, int] | None = None
    looked = 0
    while place < total:
        line = lines[place]
        if not line or line.isspace():
            place += 1
            continue
        start = line.lstrip(" \t")[0]
        if start == ">" or (start == "|" and attributed):
            end = _quoted_block(lines, place, start)
            if not attributed and own >= place and _begins_forward(lines, place, end):
                _mark(marks, place, end, "c")
                _mark(marks, end, total, "q")
                return marks, [quotes_removed(one) for one in lines[place:end]]
            if own < place and not attributed and _begins_forward(lines, place, end):
                _mark(marks, place, end, "c")
                return marks, [quotes_removed(one) for one in lines[place:end]]
            if attributed or quoting or not all(_NO_QUOTE.match(one) for one in lines[place:end] if one.strip()):
                if own >= place and not attributed and leading is None:
                    leading = (place, end)
                _mark(marks, place, end, "q")
                quoting = True
            else:
                own = min(own, place)
            place = first = end
            continue
        if attributed and _INITIALS.match(line):
            marks[place] = "q"
            place += 1
            first = place
            continue
        found = _introduction(lines, place, first, patient=looked < _INTRODUCTIONS)
        looked += 1
        if found is None:
            own = min(own, place)
            place += 1
            continue
        follows = _next_text(lines, found.end)
        quoted_next = (
            follows < total and lines[follows].lstrip(" \t")[0] in ">|" and (lines[follows].lstrip()[0] == ">" or quotes.field(lines[follows]) is None)
        )
        begin = _with_rule(lines, found.start, first)
        above = own < begin
        if above and kind is None and found.kind is not Introduction.ATTRIBUTION:
            # A warning or a signature alone above a header is no comment of the sender.
            above = not all(gone or not line.strip() for line, gone in zip(lines[:begin], signature_lines(lines[:begin], first=True), strict=True))
        is_forward = found.kind is Introduction.FORWARDED or (
            found.kind in (Introduction.HEADER, Introduction.ORIGINAL)
            and (kind is Introduction.FORWARDED or (not above and kind is not Introduction.ORIGINAL))
        )
        if is_forward:
            end = found.end
            if found.kind is not Introduction.HEADER:
                end = _header_end(lines, found.end)
            _mark(marks, begin, end, "f")
            _mark(marks, end, total, "c")
            content = lines[end:]
            if found.kind is Introduction.FORWARDED and quoted_next:
                block = _quoted_block(lines, follows, lines[follows].lstrip()[0])
                content = [quotes_removed(one) for one in lines[follows:block]]
                content = content[_header_end(content, 0) :]
                _mark(marks, block, total, "q")
            return marks, content
        if found.kind is Introduction.ATTRIBUTION or quoted_next:
            if above and not quoted_next:
                _mark(marks, begin, total, "q")
                return marks, None
            _mark(marks, begin, found.end, "q")
            attributed = True
            if not above:
                own = total  # what looked like own text was the beginning of the attribution
            place = first = found.end
            continue
        _mark(marks, begin, total, "q")
        return marks, None
    if leading is not None and not attributed and own < total and leading[1] - leading[0] <= _CITATION and marks.count("q") == leading[1] - leading[0]:
        _mark(marks, *leading, "")
    return marks, None


def _mark(marks: list[str], start: int, end: int, mark: str) -> None:
    marks[start:end] = [mark] * (end - start)


def _introduction(lines: list[str], place: int, first: int, *, patient: bool) -> Found | None:
    """What introduces a quotation at line `place`, or None. Cheap signs decide which finder is asked: most lines have none."""
    line = lines[place]
    head = line[: quotes.LOOK].strip()
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
    if patient and (colon or (head[0].isdigit() and "-" in head[:5]) or "wrote in message" in head):
        return quotes.attribution_ending_at(lines, place, first)
    return None


def _with_rule(lines: list[str], start: int, first: int) -> int:
    """`start`, or the line of dashes that stands right above it."""
    place = start - 1
    while place >= first and not lines[place].strip():
        place -= 1
    return place if place >= first and quotes.is_rule(lines[place]) else start


def _next_text(lines: list[str], place: int) -> int:
    while place < len(lines) and not lines[place].strip():
        place += 1
    return place


def _header_end(lines: list[str], place: int) -> int:
    at = _next_text(lines, place)
    if at >= len(lines):
        return place
    found = quotes.separator_at(lines, at)
    if found is not None and found.kind is Introduction.FORWARDED:
        at = _next_text(lines, found.end)
        if at >= len(lines):
            return found.end
    header = quotes.header_at(lines, at)
    return header.end if header is not None else place


def _quoted_block(lines: list[str], place: int, mark: str) -> int:
    """The end of the quoted lines that begin at `place`; a short unquoted rest that wrapping tore off counts as quoted."""
    total = len(lines)
    end = place
    while end < total:
        line = lines[end].lstrip(" \t")
        if line[:1] == mark:
            end += 1
            continue
        if not line:
            ahead = _next_text(lines, end)
            if ahead < total and ahead - end <= 2 and lines[ahead].lstrip(" \t")[0] == mark:
                end = ahead
                continue
            return end
        torn = (
            end + 1 < total
            and lines[end + 1].lstrip(" \t")[:1] == mark
            and len(line) <= 40
            and 65 <= len(lines[end - 1])
            and lines[end - 1].rstrip()[-1:] not in ".?!:;。？！"
        )
        if not torn:
            return end
        end += 1
    return end


def quotes_removed(line: str) -> str:
    """`line` without its first level of quotation."""
    bare = line.lstrip(" \t")
    if bare[:1] != ">":
        return line
    return bare[2:] if bare[1:2] == " " else bare[1:]


def _begins_forward(lines: list[str], place: int, end: int) -> bool:
    for at in range(place, min(end, place + 3)):
        bare = quotes_removed(lines[at])
        if bare.strip():
            found = quotes.separator_at([bare], 0)
            return found is not None and found.kind is Introduction.FORWARDED
    return False
