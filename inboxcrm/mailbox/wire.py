"""The bytes of a mail as SMTP carries them. Pure; it looks at no header."""

from __future__ import annotations

import re

_LINE_END = re.compile(rb"\r\n|\r|\n")


def on_the_wire(data: bytes) -> bytes:
    """A mail with CRLF at the ends of its lines, and dots at their beginnings doubled (RFC 5321 4.5.2)."""
    ends = data.count(b"\r\n")
    if data.count(b"\n") != ends or data.count(b"\r") != ends:
        data = _LINE_END.sub(b"\r\n", data)
    if not data.endswith(b"\r\n"):
        data += b"\r\n"
    data = data.replace(b"\r\n.", b"\r\n..")
    return b"." + data if data.startswith(b".") else data
