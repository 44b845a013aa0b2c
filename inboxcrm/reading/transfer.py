"""Content-Transfer-Encoding (RFC 2045 6): the bytes behind base64, quoted-printable and uuencode, broken or mislabelled too.

It believes the content more than the label where the content leaves no doubt.
"""

from __future__ import annotations

import binascii
import re

NAMES = {
    "base64": "base64",
    "base-64": "base64",
    "b64": "base64",
    "quoted-printable": "quoted-printable",
    "quoted printable": "quoted-printable",
    "quotedprintable": "quoted-printable",
    "qp": "quoted-printable",
    "uuencode": "uuencode",
    "x-uuencode": "uuencode",
    "uue": "uuencode",
    "x-uue": "uuencode",
}
"""Everything else (7bit, 8bit, binary, and what is no encoding at all) means the bytes as they are."""

_BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/\r\n"
_BASE64_LINE = re.compile(rb"[A-Za-z0-9+/]+={0,2}")
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/=]+")
_BASE64_BLOCK = re.compile(rb"\s*(?:[A-Za-z0-9+/]{60,76}\r?\n){2,}[A-Za-z0-9+/]{0,76}={0,2}\s*")
_SOFT_BREAK = re.compile(rb"=[ \t]*\r?\n")
_QP_ESCAPE = re.compile(rb"=(?:[0-9A-F]{2}|[ \t]*\r?\n)")
_UU_BEGIN = re.compile(rb"(?m)^begin [0-7]{3,4} ([^\r\n]+)\r?\n")


def normal(label: str) -> str:
    """One of "base64", "quoted-printable", "uuencode" or "" for a Content-Transfer-Encoding as written."""
    return NAMES.get(" ".join(label.lower().partition("(")[0].replace(";", " ").strip("\"' ").split()), "")


def decode(raw: bytes, encoding: str) -> bytes:
    """The bytes behind `encoding` (a value of `normal`)."""
    if encoding == "base64":
        return _from_base64(raw)
    if encoding == "quoted-printable":
        return _from_quoted_printable(raw)
    if encoding == "uuencode":
        return _from_uuencode(raw)
    return _unlabelled(raw)


def decoded_size(raw: bytes, encoding: str) -> int:
    """How many bytes `decode` would give, for base64 without decoding."""
    if encoding == "base64":
        letters = len(raw) - raw.count(b"\n") - raw.count(b"\r") - raw.count(b" ") - raw.count(b"=")
        return letters * 3 // 4
    return len(decode(raw, encoding)) if encoding else len(raw)


def _from_base64(raw: bytes) -> bytes:
    foreign = raw.translate(None, _BASE64)
    if foreign.strip(b"=") or foreign.count(b"=") > 2:
        return _pieces(raw)
    try:
        return binascii.a2b_base64(raw)
    except binascii.Error:
        return _pieces(raw)


def _pieces(raw: bytes) -> bytes:
    """Broken base64: several padded pieces, a piece cut off, or text that a mailing list appended in the clear."""
    lines = raw.splitlines()
    good = [line for line in lines if not line.strip() or _BASE64_LINE.fullmatch(line.strip())]
    damaged = b" " not in raw and len(_NOT_BASE64.sub(b"", raw)) * 10 > len(raw) * 9
    if sum(map(len, good)) * 2 < sum(map(len, lines)) and not damaged:
        return raw  # The label is wrong: this is text.
    cut = next((index for index, line in enumerate(lines) if line.strip() and b" " in line.strip()), len(lines))
    out = bytearray()
    for piece in re.split(rb"=+", b"".join(lines[:cut])):
        letters = _NOT_BASE64.sub(b"", piece)
        letters = letters[:-1] if len(letters) % 4 == 1 else letters
        out += binascii.a2b_base64(letters + b"=" * (-len(letters) % 4))
    rest = b"\n".join(lines[cut:]).strip()
    return bytes(out) + (b"\n" + rest if rest else b"")


def _from_quoted_printable(raw: bytes) -> bytes:
    return binascii.a2b_qp(raw)


def _from_uuencode(raw: bytes) -> bytes:
    begin = _UU_BEGIN.search(raw)
    start = begin.end() if begin else 0
    out = bytearray()
    for line in raw[start:].splitlines():
        if line.strip() == b"end":
            break
        out += _uu_line(line)
    return bytes(out) if out else raw


def _uu_line(line: bytes) -> bytes:
    if not line:
        return b""
    try:
        return binascii.a2b_uu(line)
    except binascii.Error:
        # Trailing rubbish: take as many bytes as the length byte says (as the standard library's uu does).
        wanted = (((line[0] - 32) & 63) * 4 + 5) // 3
        try:
            return binascii.a2b_uu(line[:wanted])
        except binascii.Error:
            return b""


def without_uuencoded(text: bytes) -> tuple[bytes, list[tuple[str, int]]]:
    """A text without the files that were written into it by uuencode, and the name and size of each."""
    if b"\nbegin " not in b"\n" + text[:6] and b"\nbegin " not in text:
        return text, []
    files: list[tuple[str, int]] = []
    kept: list[bytes] = []
    position = 0
    for begin in _UU_BEGIN.finditer(text):
        end = text.find(b"\nend", begin.end() - 1)
        if begin.start() < position or end < 0:
            continue
        kept.append(text[position : begin.start()])
        size = sum(len(_uu_line(line)) for line in text[begin.end() : end].splitlines())
        files.append((begin[1].decode("utf-8", "replace").strip(), size))
        position = end + 4
    kept.append(text[position:])
    return b"".join(kept), files


def _unlabelled(raw: bytes) -> bytes:
    """Bytes that claim no encoding: decoded only where they can be nothing else."""
    if not raw.isascii():
        return raw
    if _BASE64_BLOCK.fullmatch(raw):
        data = _from_base64(raw)
        printable = sum(byte >= 0x20 or byte in (9, 10, 13) for byte in data[:2000])
        return data if printable >= len(data[:2000]) * 0.97 else raw
    if len(_SOFT_BREAK.findall(raw)) >= 2 and raw.count(b"=") == len(_QP_ESCAPE.findall(raw)):
        return _from_quoted_printable(raw)
    return raw
