"""The parameters of Content-Type and Content-Disposition (RFC 2045 5.1, RFC 2231), and what programs write instead.

A file name comes out readable and harmless to show; it is never a path to write to.
"""

from __future__ import annotations

import re
from urllib.parse import unquote_to_bytes

from inboxcrm.reading import charsets, headers

_PARAMETER = re.compile(rb';\s*([^\s=;"]+?)\s*=\s*(?:"((?:[^"\\]|\\.)*)"?|([^;]*))')
_NUMBERED = re.compile(r"(.+?)(?:\*(\d{1,3}))?(\*)?$")
_ESCAPED = re.compile(rb"\\(.)", re.DOTALL)
# A file called "gpj.<RLO>exe" must not be shown as "exe.jpg".
_DIRECTION = re.compile("[\u202a-\u202e\u2066-\u2069\u200e\u200f]")


def parse(value: bytes) -> dict[str, str]:
    """Every parameter by its name in lower case, decoded; the first of a name wins."""
    if b";" not in value:
        return {}
    pieces: dict[str, list[tuple[int, bool, bytes]]] = {}
    for match in _PARAMETER.finditer(value):
        name, quoted, bare = match.groups()
        content = _ESCAPED.sub(rb"\1", quoted) if quoted is not None and b"\\" in quoted else quoted
        numbered = _NUMBERED.match(name.decode("ascii", "replace").lower())
        if numbered is None:
            continue
        pieces.setdefault(numbered[1], []).append(
            (int(numbered[2] or 0), bool(numbered[3]), bare.strip() if content is None else content)
        )
    return {name: _whole(found) for name, found in pieces.items()}


def _whole(found: list[tuple[int, bool, bytes]]) -> str:
    """One value out of its pieces. Where both `name` and `name*` are given, the latter (RFC 6266 4.3) is better."""
    if len(found) > 1 and all(number == 0 for number, _, _ in found):
        found = [next((one for one in found if one[1]), found[0])]
    found = sorted(found, key=lambda piece: piece[0])
    if not any(extended for _, extended, _ in found):
        return headers.decoded(b"".join(content for _, _, content in found))
    charset = ""
    data = bytearray()
    for number, extended, content in found:
        if extended and number == found[0][0] and content.count(b"'") >= 2:
            label, _, content = content.split(b"'", 2)  # noqa: PLW2901 - the prefix is taken off where it stands
            charset = label.decode("ascii", "replace")
        data += unquote_to_bytes(content) if extended else content
    return headers.folded(headers.words_decoded(charsets.decode(bytes(data), charset)))


def file_name(disposition: dict[str, str], content_type: dict[str, str]) -> str:
    """The name of a file: RFC 2183's `filename`, else the older `name`; "" when neither is given."""
    name = disposition.get("filename") or content_type.get("name") or content_type.get("filename") or ""
    if "%" in name and "=?" not in name and (plain := _percent_decoded(name)):
        name = plain
    return _DIRECTION.sub("", name).strip()


def _percent_decoded(name: str) -> str:
    """A name that was escaped as in an address of the web, if all of it is and gives text beyond ASCII."""
    data = unquote_to_bytes(name)
    if data.isascii():
        return ""
    try:
        return headers.folded(data.decode("utf-8"))
    except UnicodeDecodeError:
        return ""
