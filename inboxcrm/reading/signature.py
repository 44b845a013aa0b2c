"""The signature, disclaimers, warnings, "sent from my phone" and list footers of a text that is free of quoted history.

A closing and the name below it ("Best regards, Anna") are words of the sender and stay; the block of titles, phones and
addresses below goes. When in doubt a line stays: a buyer's sentence must never be lost, an address in the text does no harm.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from enum import Enum
from itertools import islice

from ahocorasick_rs import AhoCorasick, MatchKind

from inboxcrm.reading.closings import ADDRESS_REQUESTS, AFTERTHOUGHTS, CLOSINGS
from inboxcrm.reading.contact_lines import ASKS, has_other_label, is_contact, is_name, is_sentence, is_title
from inboxcrm.reading.footers import (
    BANNERS,
    DEVICE_STARTS,
    DEVICE_WORDS,
    DISCLAIMERS,
    LEGAL_WORDS,
    LIST_FOOTERS,
    MY_DEVICE,
)


class _Phrase(Enum):
    DISCLAIMER = "disclaimer"
    LEGAL = "legal"
    BANNER = "banner"
    LIST = "list"
    MY_DEVICE = "my device"
    DEVICE = "device"
    CLOSING = "closing"


def _phrase_table() -> dict[str, _Phrase]:
    table: dict[str, _Phrase] = {}
    for kind, words in (
        (_Phrase.LEGAL, LEGAL_WORDS),
        (_Phrase.DISCLAIMER, DISCLAIMERS),
        (_Phrase.BANNER, BANNERS),
        (_Phrase.LIST, LIST_FOOTERS),
        (_Phrase.DEVICE, DEVICE_STARTS),
        (_Phrase.MY_DEVICE, MY_DEVICE),
        *((_Phrase.CLOSING, words) for words in CLOSINGS.values()),
    ):
        table.update((word, kind) for word in words.split("/") if word)
    return table


_PHRASES = _phrase_table()
_KINDS = list(_PHRASES.values())
_FINDER = AhoCorasick(list(_PHRASES), matchkind=MatchKind.LeftmostLongest)

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
_ADDRESS_REQUEST = re.compile(rf"\W*(?:{_alternatives(ADDRESS_REQUESTS)})(?!\w)", re.IGNORECASE)
_DEVICE_WORD = re.compile(rf"(?:{DEVICE_WORDS})", re.IGNORECASE)
_ARTICLE = re.compile(r"sent (?:from|via|with) (?:my|a|an|the) \w+", re.IGNORECASE)
_EXCUSE = re.compile(
    r"excuse|typo|brevity|forgive|pardon|autocorrect|tippfehler|kürze|fautes|erreurs|errores|brevedad|entschuldig",
    re.IGNORECASE,
)
_LINK_ONLY = re.compile(r"\s*[<(\[]?(?:https?://|www\.)\S+\s*|\s*<#[\w-]+>\s*")


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
    hits = _hits(lines)
    begin = _below_banners(lines, hits, gone) if first else 0
    end = total
    for place, column, kind in hits:
        if (
            kind in (_Phrase.MY_DEVICE, _Phrase.DEVICE)
            and not gone[place]
            and _is_device_line(lines, place, column, kind)
        ):
            gone[place] = True
            if place + 1 < total and _LINK_ONLY.fullmatch(lines[place + 1]):
                gone[place + 1] = True
    end = min(_delimiter(lines, begin, hits), _footer(lines, begin, hits), _card(lines, begin))
    _take(lines, gone, end, total)
    end = _without_ornaments(lines, gone, end)
    start, stop = _contact_block(lines, begin, end, gone, hits)
    _take_block(lines, gone, start, stop)
    _without_ornaments(lines, gone, start if start < stop else end)
    return gone


def _hits(lines: list[str]) -> list[tuple[int, int, _Phrase]]:
    """Line, column and kind of every phrase, in order; phrases are found across wrapped lines."""
    lowered = [line.lower().replace("’", "'").replace("i\u0307", "i") for line in lines]
    starts = [0]
    for line in lowered:
        starts.append(starts[-1] + len(line) + 1)
    hits = []
    for index, at, end in _FINDER.find_matches_as_indexes(" ".join(lowered)):
        place = bisect_right(starts, at) - 1
        kind = _KINDS[index]
        if kind is _Phrase.CLOSING and lowered[place][end - starts[place] : end - starts[place] + 1].isalnum():
            continue
        hits.append((place, at - starts[place], kind))
    return hits


def _paragraph(lines: list[str], place: int) -> tuple[int, int]:
    start = end = place
    while start and lines[start - 1].strip():
        start -= 1
    while end < len(lines) and lines[end].strip():
        end += 1
    return start, end


def _below_banners(lines: list[str], hits: list[tuple[int, int, _Phrase]], gone: list[bool]) -> int:
    """Mark the warnings at the top; the first line below them."""
    begin = 0
    warned = [place for place, _column, kind in hits if kind in (_Phrase.BANNER, _Phrase.DISCLAIMER)]
    banner = {place for place, _column, kind in hits if kind is _Phrase.BANNER}
    if not banner or min(banner) > 12:
        return 0
    while begin < len(lines):
        while begin < len(lines) and (not lines[begin].strip() or _ORNAMENT.fullmatch(lines[begin])):
            begin += 1
        if begin >= len(lines):
            break
        _start, end = _paragraph(lines, begin)
        inside = [place for place in warned if begin <= place < end]
        if not any(place in banner for place in inside):
            break
        last = max(inside)
        if last - begin > 8:
            break
        while (
            last + 1 < end
            and not _SENTENCE_END.search(lines[last][-20:])
            and last - begin < 8
            and len(lines[last]) > 50
        ):
            last += 1
        gone[begin : last + 1] = [True] * (last + 1 - begin)
        begin = last + 1
    return begin


def _is_device_line(lines: list[str], place: int, column: int, kind: _Phrase) -> bool:
    line = lines[place].strip()
    if column - (len(lines[place]) - len(lines[place].lstrip())) > 4 or len(line) > 140:
        return _is_spaced_device_line(line) if kind is _Phrase.MY_DEVICE else False
    if _LINK_ONLY.search(line) and kind is _Phrase.MY_DEVICE:
        return True
    bare = line.strip(" .-–—*_[]()")
    words = len(bare.split())
    if _EXCUSE.search(bare):
        return words <= 20
    if "," in bare or ". " in bare or "?" in bare or words > 10:
        return False
    if kind is _Phrase.MY_DEVICE:
        return True
    alone = not (place and lines[place - 1].strip()) and all(not line.strip() for line in lines[place + 1 : place + 3])
    if _DEVICE_WORD.search(bare):
        return words <= 8
    return alone and bool(_ARTICLE.match(bare)) and words <= 8 and not any(letter.isdigit() for letter in bare)


def _is_spaced_device_line(line: str) -> bool:
    """Some languages put the device first: "iPhoneから送信", "iPhone'umdan gönderildi"."""
    return len(line) <= 40 and len(line.split()) <= 5


def _delimiter(lines: list[str], begin: int, hits: list[tuple[int, int, _Phrase]]) -> int:
    """The line of the signature's delimiter, or the number of lines."""
    total = len(lines)
    closings = {place for place, _column, kind in hits if kind is _Phrase.CLOSING}
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


def _card(lines: list[str], begin: int) -> int:
    """The first line of NetEase's visiting card, a table drawn with bars ("| |", "Anna", "|"), or the number of lines."""
    total = end = len(lines)
    while end > begin and not lines[end - 1].strip():
        end -= 1
    if end == begin or not _BARS.fullmatch(lines[end - 1]):
        return total
    for place in range(max(begin, end - 16), end - 1):
        if _BARS.fullmatch(lines[place]):
            return place if all(len(line) <= _SHORT_LINE for line in lines[place:end]) else total
    return total


def _footer(lines: list[str], begin: int, hits: list[tuple[int, int, _Phrase]]) -> int:
    """The first line of the first disclaimer or list footer, or the number of lines."""
    legal: dict[int, int] = {}
    for place, _column, kind in hits:
        if place < begin or kind not in (_Phrase.DISCLAIMER, _Phrase.LIST, _Phrase.LEGAL):
            continue
        start, end = _paragraph(lines, place)
        if kind is _Phrase.LEGAL:
            legal[start] = legal.get(start, 0) + 1
            if legal[start] < 2 or sum(map(len, lines[start:end])) < 60:
                continue
        top = place
        # The notice may begin some wrapped lines above the telling phrase.
        while top > start and len(lines[top - 1]) >= 60 and not _SENTENCE_END.search(lines[top - 1][-20:]):
            top -= 1
        if top > start and len(lines[top - 1]) < 40 and lines[top - 1].strip().rstrip(":").isupper():
            top -= 1
        heading = top - 1
        while heading > begin and not lines[heading].strip():
            heading -= 1
        if heading > begin and top - heading <= 2 and _is_heading(lines[heading]):
            top = heading
        while top > begin and _LINK_ONLY.fullmatch(lines[top - 1]):
            top -= 1
        return top
    return len(lines)


def _is_heading(line: str) -> bool:
    bare = line.strip(" *:：_-【】[]").lower()
    return bare in (
        "disclaimer",
        "confidentiality",
        "notice",
        "important",
        "important notice",
        "legal notice",
        "免责声明",
        "声明",
        "confidential",
    )


def _take(lines: list[str], gone: list[bool], start: int, end: int) -> None:
    """Mark `start` to `end`, except afterthoughts."""
    place = start
    while place < end:
        if _AFTERTHOUGHT.match(lines[place][:40]) and not (place and lines[place - 1].strip()):
            _start, place = _paragraph(lines, place)
            continue
        gone[place] = True
        place += 1


def _without_ornaments(lines: list[str], gone: list[bool], end: int) -> int:
    while end and (gone[end - 1] or _ORNAMENT.fullmatch(lines[end - 1])):
        if lines[end - 1].strip():
            gone[end - 1] = True
        end -= 1
    return end


def _contact_block(
    lines: list[str], begin: int, end: int, gone: list[bool], hits: list[tuple[int, int, _Phrase]]
) -> tuple[int, int]:
    """The lines of the contact block: below the closing and the name, or the last lines of a text without a closing."""
    closing = -1
    for place, column, kind in hits:
        if kind is _Phrase.CLOSING and begin <= place < end and _is_closing_line(lines[place], column):
            closing = place
    if closing >= 0:
        below = [place for place in range(closing + 1, end) if lines[place].strip() and not gone[place]]
        if not below or len(below) > _BLOCK_LINES:
            return end, end
        name = below[0]
        start = name if is_contact(lines[name]) and not is_name(lines[name]) else name + 1
        rest = [place for place in below if place >= start]
        if any(is_contact(lines[place]) or is_title(lines[place]) for place in rest):
            return start, end
        return end, end
    return _closing_less_block(lines, begin, end)


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
        if is_contact(line):
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
    if strong < 1 or (strong + weak < 3 and strong < 2):
        return end, end
    # The block begins at a paragraph: greetings and short answers above it are text.
    top = start
    for place in range(start, end):
        if not lines[place].strip() and not any(is_contact(one) or is_title(one) for one in lines[start:place]):
            top = place + 1
    own = any(line.strip() for line in lines[begin:top])
    return (top, end) if own and _contacts(lines[top:end]) else (end, end)


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
            _start, place = _paragraph(lines, place)
            continue
        inside = bool(contacts) and contacts[0] < place < contacts[-1]
        if is_sentence(line) and not is_contact(line) and not (inside and line[-1:] not in ASKS):
            place += 1
            continue
        gone[place] = True
        place += 1


def _is_closing_line(line: str, column: int) -> bool:
    before = line[:column].strip(" \t*_-–—.,/|")
    return not before and len(line.strip()) <= 60 and line.strip()[-1:] not in ASKS and len(line.split()) <= 8


def _contacts(lines: list[str]) -> bool:
    return any(is_contact(line) for line in lines)
