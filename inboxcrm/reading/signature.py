"""The signature, disclaimers, "sent from my phone" and list footers of a text that is free of quoted history."""

from __future__ import annotations

import re

_DELIMITER = re.compile(r"\s{0,3}(?:--|—|–-|——)\s*")
_ORNAMENT = re.compile(r"[\s\-–—_=*~#+.·•ᐧ|]*")
_DEVICE = re.compile(r"\W*(?:sent (?:from|via|with) |get outlook for |von meinem |envoyé |发自|отправлено )", re.IGNORECASE)


def signature_lines(lines: list[str], *, first: bool, last: bool) -> list[bool]:
    """True for each of `lines` that is no text of the mail: signature, disclaimer, footer."""
    total = len(lines)
    gone = [False] * total
    for place, line in enumerate(lines):
        if _DELIMITER.fullmatch(line):
            gone[place:] = [True] * (total - place)
            break
    end = total
    while end and (gone[end - 1] or _ORNAMENT.fullmatch(lines[end - 1][:200]) or _DEVICE.match(lines[end - 1])):
        gone[end - 1] = True
        end -= 1
    return gone
