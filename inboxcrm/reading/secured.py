"""Signed and encrypted mail: the text inside a signature, and whether a text is sealed. No signature is checked, nothing is decrypted.

OpenPGP armour in the text (RFC 9580 7), and S/MIME mails that are one signed block (RFC 8551 3.5.2, CMS of RFC 5652).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

DEEPEST = 20
"""Levels of BER in which the content is looked for; it stands at the fifth."""

_SIGNED = re.compile(
    r"-----BEGIN PGP SIGNED MESSAGE-----[ \t]*\n(?:[A-Za-z]+:[^\n]*\n)*\n?(.*?)"
    r"-----BEGIN PGP SIGNATURE-----.*?(?:-----END PGP SIGNATURE-----[^\n]*|\Z)",
    re.DOTALL,
)
_DASHED = re.compile(r"(?m)^- (?=-)")
_SEALED = re.compile(r"\A\s*-----BEGIN PGP MESSAGE-----")

_SEQUENCE, _OCTETS, _OCTETS_IN_PIECES, _EXPLICIT = 0x30, 0x04, 0x24, 0xA0


def without_armour(text: str) -> str:
    """The text without the lines that OpenPGP put around it."""
    if "-----BEGIN PGP SIGNED" not in text:
        return text
    return _SIGNED.sub(lambda match: _DASHED.sub("", match[1]), text)


def is_sealed(text: str) -> bool:
    """Whether a text is an OpenPGP message and nothing else."""
    return _SEALED.match(text) is not None


def signed_content(data: bytes) -> bytes:
    """The mail inside a CMS SignedData block (BER); b"" where there is none, as in a block that is encrypted."""
    try:
        return _content(data)
    except (IndexError, RecursionError):
        return b""


def _content(data: bytes) -> bytes:
    """ContentInfo → [0] → SignedData → the first SEQUENCE in it that holds an [0] with OCTETs."""
    tag, info, _ = _element(data, 0)
    if tag != _SEQUENCE:
        return b""
    for tag, wrapped in _elements(info):
        if tag != _EXPLICIT:
            continue
        inner_tag, signed, _ = _element(wrapped, 0)
        if inner_tag != _SEQUENCE:
            return b""
        for part_tag, part in _elements(signed):
            if part_tag == _SEQUENCE:
                return next((_octets(inside) for kind, inside in _elements(part) if kind == _EXPLICIT), b"")
    return b""


def _octets(data: bytes, depth: int = 0) -> bytes:
    out = bytearray()
    for tag, inside in _elements(data):
        if tag == _OCTETS:
            out += inside
        elif tag == _OCTETS_IN_PIECES and depth < DEEPEST:
            out += _octets(inside, depth + 1)
    return bytes(out)


def _elements(data: bytes) -> Iterator[tuple[int, bytes]]:
    position = 0
    while position < len(data):
        tag, inside, position = _element(data, position)
        if tag == 0:
            return
        yield tag, inside


def _element(data: bytes, position: int, depth: int = 0) -> tuple[int, bytes, int]:
    """Tag, content and end of the element at `position`. Raises IndexError where the data end too early."""
    tag, length = data[position], data[position + 1]
    position += 2
    if length == 0x80:
        # Indefinite: up to two zero bytes on the same level.
        if depth > DEEPEST:
            raise IndexError
        end = position
        while data[end : end + 2] != b"\0\0":
            _, _, end = _element(data, end, depth + 1)
        return tag, data[position:end], end + 2
    if length > 0x80:
        count = length & 0x7F
        length = int.from_bytes(data[position : position + count], "big")
        position += count
    if position + length > len(data):
        raise IndexError
    return tag, data[position : position + length], position + length
