"""What others than the sender have written into a mail: warnings at the top, disclaimers, list footers, lines of devices.

They are found by phrases and by where these stand. A notice is never taken for one where nothing else is said: then it may
be all that the mail says.
"""

from __future__ import annotations

import re

from inboxcrm.reading.footers import DEVICE_WORDS
from inboxcrm.reading.phrases import Hit, Phrase

# Warnings stand in the first lines, and are so many lines at most.
_TOP_LINES = 12
_BANNER_LINES = 8
# Lines that were wrapped are about so long or longer.
_WRAPPED = 60
# A paragraph that only begins like a disclaimer must be as long as one (characters).
_LEGAL_LENGTH = 120

_SENTENCE_END = re.compile(r"[.!?…。！？؟।]['\"”’)\]]?\s*$")
_ORNAMENT = re.compile(r"[\s\-–—_=*~#+.·•ᐧ|]*")
_DEVICE_WORD = re.compile(rf"(?:{DEVICE_WORDS})", re.IGNORECASE)
_ARTICLE = re.compile(r"sent (?:from|via|with) (?:my|a|an|the) \w+", re.IGNORECASE)
_EXCUSE = re.compile(
    r"excuse|typo|brevity|forgive|pardon|autocorrect|tippfehler|kürze|fautes|erreurs|errores|brevedad|entschuldig",
    re.IGNORECASE,
)
_LINK = re.compile(r"[<(]\s?https?://[^\s<>()]{1,300}\s?[>)]")
_LINK_ONLY = re.compile(r"\s*[<(\[]?(?:https?://|www\.)\S+\s*|\s*<#[\w-]+>\s*")
_HEADINGS = frozenset(
    "disclaimer/confidentiality/notice/important/important notice/legal notice/confidential/免责声明/声明/aviso/avis/hinweis".split(
        "/"
    )
)


def below_banners(lines: list[str], hits: list[Hit], gone: list[bool]) -> int:
    """Mark the warnings at the top in `gone`; the first line below them."""
    banners = {hit.place for hit in hits if hit.kind is Phrase.BANNER and hit.place <= _TOP_LINES}
    if not banners:
        return 0
    telling = [hit.place for hit in hits if hit.kind in (Phrase.BANNER, Phrase.DISCLAIMER)]
    begin = 0
    while True:
        top = begin
        while top < len(lines) and _ORNAMENT.fullmatch(lines[top]):
            top += 1
        if top >= len(lines):
            return begin
        _start, end = paragraph(lines, top)
        inside = [place for place in telling if top <= place < end]
        if banners.isdisjoint(inside) or max(inside) - top > _BANNER_LINES:
            return begin
        last = max(inside)
        while last + 1 < end and len(lines[last]) >= _WRAPPED and not _SENTENCE_END.search(lines[last][-20:]):
            last += 1
        gone[begin : last + 1] = [True] * (last + 1 - begin)
        begin = last + 1


def mark_devices(lines: list[str], hits: list[Hit], gone: list[bool]) -> None:
    """Mark "Sent from my iPhone", "Get Outlook for iOS", "发自我的iPhone" and the link below."""
    for hit in hits:
        if hit.kind in (Phrase.MY_DEVICE, Phrase.DEVICE) and not gone[hit.place] and _is_device_line(lines, hit):
            gone[hit.place] = True
            if hit.place + 1 < len(lines) and is_link(lines[hit.place + 1]):
                gone[hit.place + 1] = True


def _is_device_line(lines: list[str], hit: Hit) -> bool:
    line = lines[hit.place]
    bare = _LINK.sub("", line).strip(" \t.-–—*_[]()<>")
    words = len(bare.split())
    if hit.column - (len(line) - len(line.lstrip())) > 4:
        # Some languages put the device first: "iPhoneから送信", "iPhone'umdan gönderildi".
        return hit.kind is Phrase.MY_DEVICE and len(bare) <= 40 and words <= 5 and bool(_DEVICE_WORD.search(bare))
    if len(bare) > 140:
        return False
    if hit.kind is Phrase.MY_DEVICE and ("<http" in line or "(http" in line):
        return True
    if _EXCUSE.search(bare):
        return words <= 20
    if any(sign in bare for sign in (",", ". ", "?", "，", "。", "？")) or words > 10:
        return False
    if hit.kind is Phrase.MY_DEVICE:
        return True
    if _DEVICE_WORD.search(bare):
        return words <= 8
    alone = not (hit.place and lines[hit.place - 1].strip()) and all(
        not below.strip() for below in lines[hit.place + 1 : hit.place + 3]
    )
    return alone and words <= 8 and bool(_ARTICLE.match(bare)) and not any(map(str.isdigit, bare))


def footer(lines: list[str], begin: int, hits: list[Hit], *, own_above: bool) -> int:
    """The first line of the first disclaimer or list footer, or the number of lines.

    Own text must stand above it, in `lines` or, with `own_above`, before them.
    """
    told: dict[int, int] = {}  # phrases by the first line of their paragraph
    end = barren = begin
    start = -1
    for hit in hits:
        if hit.place < max(begin, barren) or hit.kind not in (
            Phrase.DISCLAIMER,
            Phrase.OPENING,
            Phrase.LEGAL,
            Phrase.LIST,
        ):
            continue
        if hit.place >= end or start < 0:
            start, end = paragraph(lines, hit.place)
        told[start] = told.get(start, 0) + 1
        if not _proves(lines, hit, start, end, told[start]):
            continue
        top = _top(lines, start, hit.place, begin)
        if own_above or any(line.strip() for line in lines[begin:top]):
            return top
        barren = end  # nothing of the sender's stands above this paragraph
    return len(lines)


def _proves(lines: list[str], hit: Hit, start: int, end: int, told: int) -> bool:
    if hit.kind is Phrase.DISCLAIMER:
        return True
    if hit.kind is Phrase.LIST:
        return _begins_sentence(lines, hit, start)
    length = sum(map(len, lines[start:end])) if end - start < 100 else _LEGAL_LENGTH
    if told >= 2:
        return length >= _WRAPPED // 2
    return hit.kind is Phrase.OPENING and length >= _LEGAL_LENGTH and _begins_sentence(lines, hit, start)


def _begins_sentence(lines: list[str], hit: Hit, start: int) -> bool:
    before = lines[hit.place][: hit.column].strip(" \t*_-–—<([|>#\"'")
    if before:
        return bool(_SENTENCE_END.search(before[-5:])) or before[-1] in ":："
    above = lines[hit.place - 1]
    return (
        hit.place == start
        or len(above) < _WRAPPED
        or bool(_SENTENCE_END.search(above[-20:]) or _ORNAMENT.fullmatch(above))
    )


def _top(lines: list[str], start: int, place: int, begin: int) -> int:
    """Where the notice begins whose telling phrase is in line `place`: some wrapped lines above, with its heading and links."""
    top = place
    while top > start and len(lines[top - 1]) >= _WRAPPED and not _SENTENCE_END.search(lines[top - 1][-20:]):
        top -= 1
    if top > start and len(lines[top - 1]) < 40 and lines[top - 1].strip().rstrip(":").isupper():
        top -= 1
    heading = top - 1
    while heading > begin and not lines[heading].strip():
        heading -= 1
    if heading > begin and top - heading <= 2 and lines[heading].strip(" *:：_-【】[]").lower() in _HEADINGS:
        top = heading
    while top > begin and is_link(lines[top - 1]):
        top -= 1
    return top


def is_link(line: str) -> bool:
    """True for a line that is a link and nothing else."""
    return _LINK_ONLY.fullmatch(line) is not None


def paragraph(lines: list[str], place: int) -> tuple[int, int]:
    """The lines around `place` up to the blank ones: first line, line below."""
    start = end = place
    while start and lines[start - 1].strip():
        start -= 1
    while end < len(lines) and lines[end].strip():
        end += 1
    return start, end
