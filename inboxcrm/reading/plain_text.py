"""Plain text made even: one kind of line end, no invisible characters, ordinary spaces.

It changes no visible character and their order; everything that cuts mails works on such text.
"""

from __future__ import annotations

import re

# Direction marks, zero-width spaces, byte order marks, soft hyphens and control characters. Joiners stay: emoji and Persian need them.
_INVISIBLE = re.compile("[\x00-\x08\x0e-\x1f\x7f\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufffc]+")
_LINE_ENDS = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_SPACES = str.maketrans({"\u00a0": " ", "\u202f": " ", "\u2007": " ", "\u2009": " "})


def even(text: str) -> str:
    """`text` with "\\n" as the only line end and without what cannot be seen."""
    if "\r" in text or "\x0b" in text or "\x0c" in text or not text.isascii():
        text = _LINE_ENDS.sub("\n", text)
    if not text.isascii():
        text = text.translate(_SPACES)
    return _INVISIBLE.sub("", text)
