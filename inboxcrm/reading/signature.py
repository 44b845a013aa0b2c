"""The signature, disclaimers, warnings, "sent from my phone" and list footers of a text that is free of quoted history.

A closing and the name below it ("Best regards, Anna") are words of the sender and stay; the block of titles, phones and
addresses below goes. When in doubt a line stays: a buyer's sentence must never be lost, an address in the text does no harm.
"""

from __future__ import annotations

import re
from itertools import islice

from inboxcrm.reading import notices, phrases
from inboxcrm.reading.closings import ADDRESS_REQUESTS, AFTERTHOUGHTS, ANNOUNCEMENTS, BELOW
from inboxcrm.reading.contact_lines import (
    ASKS,
    has_other_label,
    is_contact,
    is_name,
    is_personal_name,
    is_sentence,
    is_title,
    says_something,
)
from inboxcrm.reading.notices import paragraph
from inboxcrm.reading.phrases import INDENT, Hit, Phrase

# A contact block, a list footer, a closing: lines longer than this are prose.
_SHORT_LINE = 90
# A contact block has no more lines than this below its closing.
_BLOCK_LINES = 40
_DELIMITER = re.compile(r"\s{0,3}(?:--|—|–|——|– –|- -)\s*")
_RULE = re.compile(r"\s*[-–—_=*~#+.·•]{3,}\s*")
_BARS = re.compile(r"\s*\|[\s|]*")
_ORNAMENT = re.compile(r"[\s\-–—_=*~#+.·•ᐧ|­]*")
_AFTERTHOUGHT = re.compile(rf"\W{{0,3}}(?:{AFTERTHOUGHTS})(?=[\s.:：,，、-]|$)", re.IGNORECASE)
_SENTENCE_END = re.compile(r"[.!?…。！？؟।]['\"”’)\]]?\s*$")


def _alternatives(words: str) -> str:
    return "|".join(re.escape(word) for word in sorted({one for one in words.split("/") if one}, key=len, reverse=True))


_FORM_FIELD = re.compile(r"\W{0,3}[^\W\d_][^:：]{0,24}[:：]\s*\S")
_ANNOUNCEMENT = re.compile(ANNOUNCEMENTS, re.IGNORECASE)
_BELOW = re.compile(BELOW, re.IGNORECASE)
_ADDRESS_REQUEST = re.compile(rf"\W*(?:{_alternatives(ADDRESS_REQUESTS)})(?!\w)", re.IGNORECASE)


def signature_lines(lines: list[str], *, first: bool) -> list[bool]:
    """True for each of `lines`, a run of the sender's own lines, that is no text of the mail.

    1. Warnings at the top (when the mail begins with this run, `first`).
    2. What a device or program added.
    3. Everything below a delimiter ("-- ") or from the first disclaimer or list footer on.
    4. The contact block below the closing, or at the end.

    An afterthought ("P.S. …") stays wherever it is.
    """
    total = len(lines)
    gone = [False] * total
    hits = phrases.find(lines)
    begin = notices.below_banners(lines, hits, gone) if first else 0
    notices.mark_devices(lines, hits, gone)
    end = min(
        _delimiter(lines, begin, hits),
        notices.footer(lines, begin, hits, own_above=not first),
        _card(lines, begin, gone),
    )
    _take(lines, gone, end, total)
    end = _without_ornaments(lines, gone, end)
    start, stop = _contact_block(lines, begin, end, gone, hits)
    _take_block(lines, gone, start, stop)
    _without_ornaments(lines, gone, start if start < stop else end)
    return gone


def _delimiter(lines: list[str], begin: int, hits: list[Hit]) -> int:
    """The line of the signature's delimiter, or the number of lines."""
    total = len(lines)
    closings = {
        hit.place for hit in hits if hit.kind is Phrase.CLOSING and _is_closing_line(lines[hit.place], hit.column)
    }
    for place in range(begin, total):
        line = lines[place]
        head = line.lstrip()[:1]
        if not head or head not in "-–—_=*~#+.·•":
            continue
        if line.rstrip("\t") == "-- " or line == "-- ":
            return place
        if _DELIMITER.fullmatch(line[:20]) and len(line) < 20:
            if place + 1 < total and _ORNAMENT.fullmatch(lines[place + 1]) and lines[place + 1].strip():
                continue
            below = _filled(lines, place + 1)
            if len(below) <= 3 or (
                len(below) <= _BLOCK_LINES and (_contacts(below) or all(len(one) <= _SHORT_LINE for one in below[:6]))
            ):
                return place
        elif len(line) < 200 and _RULE.fullmatch(line):
            below = _filled(lines, place + 1)[:10]
            if not below or _RULE.fullmatch(below[0][:200]):
                continue
            above = [at for at in range(max(0, place - 3), place) if lines[at].strip()]
            if _contacts(below) and all(not is_sentence(one) for one in below[:2]) and len(below[0]) <= _SHORT_LINE:
                return place
            if (
                len(below) <= 6
                and any(map(is_title, below))
                and all(len(one) <= 60 and not is_sentence(one) for one in below)
            ):
                return place
            if any(at in closings for at in above) and len(below[0]) <= _SHORT_LINE and not is_sentence(below[0]):
                return place
    return total


def _filled(lines: list[str], place: int) -> list[str]:
    """The lines from `place` on that aren't blank, one more than a signature may have at the most."""
    return list(islice((line for line in lines[place : place + 4 * _BLOCK_LINES] if line.strip()), _BLOCK_LINES + 1))


def _card(lines: list[str], begin: int, gone: list[bool]) -> int:
    """The first line of NetEase's visiting card, a table drawn with bars ("| |", "Anna", "|"), or the number of lines."""
    total = end = len(lines)
    while end > begin and (gone[end - 1] or not lines[end - 1].strip()):
        end -= 1
    if end == begin or not _BARS.fullmatch(lines[end - 1]):
        return total
    for place in range(max(begin, end - 16), end - 1):
        if _BARS.fullmatch(lines[place]):
            return place if all(len(line) <= _SHORT_LINE for line in lines[place:end]) else total
    return total


def _take(lines: list[str], gone: list[bool], start: int, end: int) -> None:
    """Mark `start` to `end`, except afterthoughts."""
    place = start
    while place < end:
        if _AFTERTHOUGHT.match(lines[place][:40]) and not (place and lines[place - 1].strip()):
            _start, place = paragraph(lines, place)
            continue
        gone[place] = True
        place += 1


def _without_ornaments(lines: list[str], gone: list[bool], end: int) -> int:
    while end and (gone[end - 1] or _ORNAMENT.fullmatch(lines[end - 1])):
        if lines[end - 1].strip():
            gone[end - 1] = True
        end -= 1
    return end


def _contact_block(lines: list[str], begin: int, end: int, gone: list[bool], hits: list[Hit]) -> tuple[int, int]:
    """The lines of the contact block: below the closing and the name, or the last lines of a text without a closing."""
    closing = -1
    for place, column, kind in hits:
        if kind is Phrase.CLOSING and begin <= place < end and _is_closing_line(lines[place], column):
            closing = place
    if closing >= 0:
        below = [place for place in range(closing + 1, end) if lines[place].strip() and not gone[place]]
        if not below or len(below) > _BLOCK_LINES:
            return end, end
        name = below[0]
        if says_something(lines[name]):
            return _closing_less_block(lines, begin, end)
        if _opens(lines, begin, closing) and not _is_block(lines, below):
            return _closing_less_block(lines, begin, end)
        start = name if is_contact(lines[name]) and not is_name(lines[name]) else name + 1
        rest = [place for place in below if place >= start]
        if any(is_contact(lines[place]) or is_title(lines[place]) for place in rest):
            return start, end
        return end, end
    return _closing_less_block(lines, begin, end)


def _opens(lines: list[str], begin: int, closing: int) -> bool:
    """Whether a closing may as well open the mail ("Thanks", "Regards from Dubai!"): nothing but a greeting stands above it."""
    above = [line for line in lines[begin:closing] if line.strip()]
    return not above or (
        len(above) == 1 and len(above[0].split()) <= 5 and not is_sentence(above[0]) and not says_something(above[0])
    )


def _is_block(lines: list[str], below: list[int]) -> bool:
    """Whether the lines `below` a closing, down to the last contact, say who wrote and nothing else; one of them may be unclear."""
    last = max((place for place in below if is_contact(lines[place])), default=-1)
    first, *others = below
    known = [is_contact(lines[place]) or is_title(lines[place]) for place in others if place <= last]
    return (is_personal_name(lines[first]) or is_title(lines[first]) or is_contact(lines[first])) and known.count(
        False
    ) <= 1


def _closing_less_block(lines: list[str], begin: int, end: int) -> tuple[int, int]:
    start = end
    place = end - 1
    strong = weak = 0
    while place >= begin and end - place <= _BLOCK_LINES:
        line = lines[place].strip()
        if not line:
            place -= 1
            continue
        if line[-1:] in ":：" and not is_contact(line):
            return end, end
        if len(line) > 140:
            break
        if _ADDRESS_REQUEST.match(line):
            return end, end
        if notices.is_link(line):
            weak += 1  # links to goods are content
        elif is_contact(line):
            # A whole block in one line: "Anna Smith | Buyer | +49 40 … | anna@…"
            strong += 3 if line.count("|") + line.count("·") + line.count("•") >= 2 else 1
        elif _FORM_FIELD.match(line) and not has_other_label(line):
            return end, end  # the fields of a form ("Name: …", "Quantity: …") are content
        elif is_title(line):
            weak += 1
        elif (
            is_sentence(line)
            or len(line) > 60
            or line[-1:] in ",;，、"
            or line[:2] in ("- ", "* ", "• ")
            or len(line.split()) > 8
        ):
            break
        start = place
        place -= 1
    if strong < 1:
        return end, end
    # The block begins at a paragraph: greetings and short answers above it are text.
    top = start
    for place in range(start, end):
        if not lines[place].strip() and not any(is_contact(one) or is_title(one) for one in lines[start:place]):
            top = place + 1
    block = [place for place in range(top, end) if lines[place].strip()]
    above = next((lines[place] for place in range(top - 1, begin - 1, -1) if lines[place].strip()), "")
    if not above or not _contacts([lines[place] for place in block]) or _announces(above):
        return end, end
    named = is_name(lines[block[0]]) and not is_title(lines[block[0]])
    if strong + weak < 3 and strong < 2 and not (named and _is_card(lines, block)):
        return end, end
    return (block[1] if named and len(block) > 1 else block[0]), end


def _announces(line: str) -> bool:
    """Whether a line says that what follows is an address or a number, and so is meant."""
    return bool(_ANNOUNCEMENT.search(line)) and (not _SENTENCE_END.search(line) or bool(_BELOW.search(line)))


def _is_card(lines: list[str], block: list[int]) -> bool:
    """A paragraph of its own that says nothing but who wrote: a person's name, below it titles and numbers."""
    first, *below = block
    if not below or (first and lines[first - 1].strip()) or not is_personal_name(lines[first]):
        return False
    told = [is_contact(lines[place]) or is_title(lines[place]) for place in below]
    # One line may be a company of which nothing says that it is one.
    return all(told) or (
        sum(told) >= 2 == len(told) - 1
        and all(map(is_personal_name, (lines[at] for at, known in zip(below, told, strict=True) if not known)))
    )


def _take_block(lines: list[str], gone: list[bool], start: int, end: int) -> None:
    """Mark the contact block; sentences and afterthoughts in and below it are text."""
    contacts = [place for place in range(start, end) if is_contact(lines[place]) or is_title(lines[place])]
    place = start
    while place < end:
        line = lines[place].strip()
        if not line:
            place += 1
            continue
        if _AFTERTHOUGHT.match(line[:40]) and not is_contact(line):
            _start, place = paragraph(lines, place)
            continue
        inside = bool(contacts) and contacts[0] < place < contacts[-1]
        if (
            (is_sentence(line) or says_something(line))
            and not is_contact(line)
            and not (inside and line[-1:] not in ASKS)
        ):
            place += 1
            continue
        gone[place] = True
        place += 1


def _is_closing_line(line: str, column: int) -> bool:
    before = line[:column].strip(" \t*_-–—.,/|")
    if before:  # "Please confirm. Thanks & regards,"
        return column > INDENT
    return len(line.strip()) <= 60 and line.strip()[-1:] not in ASKS and len(line.split()) <= 8


def _contacts(lines: list[str]) -> bool:
    return any(is_contact(line) for line in lines)
