"""Plain text made even: one kind of line end, no invisible characters, ordinary spaces.

It changes no visible character and their order; everything that cuts mails works on such text.
"""

from __future__ import annotations

import re

# Control characters; direction marks, zero-width spaces, byte order marks, soft hyphens. Joiners stay: emoji and Persian need them.
_CONTROLS = tuple(chr(code) for code in (*range(9), *range(14, 32), 127))
_MARKS = tuple("\u00ad\u200b\u200e\u200f\u2060\u2066\u2067\u2068\u2069\u202a\u202b\u202c\u202d\u202e\ufeff\ufffc")
_INVISIBLE = re.compile("[" + "".join(_CONTROLS) + "".join(_MARKS) + "]+")
_LINE_ENDS = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_SURROGATES = re.compile("[\ud800-\udfff]")
_SPACES = "\u00a0\u202f\u2007\u2009"


def even(text: str) -> str:
    """`text` with "\\n" as the only line end, ordinary spaces, and without what cannot be seen."""
    # Looking for one character is so much faster than a pattern that it pays to look for each.
    if any(end in text for end in "\r\x0b\x0c\x85\u2028\u2029"):
        text = _LINE_ENDS.sub("\n", text)
    suspects = _CONTROLS
    if not text.isascii():
        suspects += _MARKS
        try:
            text.encode()
        except UnicodeEncodeError:
            text = _SURROGATES.sub("", text)
        for space in _SPACES:
            if space in text:
                text = text.replace(space, " ")
    if any(mark in text for mark in suspects):
        text = _INVISIBLE.sub("", text)
    return text
