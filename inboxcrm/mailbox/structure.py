"""The parts of a mail as the server describes them (BODYSTRUCTURE, RFC 3501 7.4.2), as a tree of plain values.

Pure, and forgiving: servers leave fields out and put them in odd order. What can't be understood raises ValueError;
the caller then does without the description.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

Parameters = tuple[tuple[str, bytes], ...]
"""Names in lower case, values as the server gave them (RFC 2231 and RFC 2047 not decoded)."""

_MOST_PARTS = 2_000


@dataclass(frozen=True, slots=True)
class Part:
    """One MIME part. `section` is its number for FETCH (RFC 3501 6.4.5), "" for the whole mail where that is a
    multipart.

    `type` is "main/sub" in lower case. `size` is in bytes as transferred, 0 for multiparts. `children`: the parts of
    a multipart. `message`: the body of a message/rfc822. `disposition` is in lower case, "" when there is none.
    """

    section: str
    type: str
    parameters: Parameters = ()
    content_id: bytes = b""
    encoding: str = ""
    size: int = 0
    disposition: str = ""
    disposition_parameters: Parameters = ()
    children: tuple[Part, ...] = ()
    message: Part | None = field(default=None)

    @property
    def main_type(self) -> str:
        """The part of `type` before the slash."""
        return self.type.partition("/")[0]

    @property
    def is_multipart(self) -> bool:
        """Whether it consists of other parts."""
        return self.main_type == "multipart"

    def parameter(self, name: str) -> bytes:
        """The value of a Content-Type parameter, b"" when it is missing."""
        return next((value for key, value in self.parameters if key == name), b"")

    @property
    def has_name(self) -> bool:
        """Whether it is called like a file, in whatever notation."""
        named = (key for key, _value in (*self.parameters, *self.disposition_parameters))
        return any(key.partition("*")[0] in {"name", "filename"} for key in named)

    @property
    def total(self) -> int:
        """The bytes of all parts together, as transferred."""
        return self.size + sum(child.total for child in self.children)

    def walk(self) -> Iterator[Part]:
        """This part and all below it, not looking into attached messages."""
        yield self
        for child in self.children:
            yield from child.walk()


def part_tree(described: Any) -> Part:
    """The tree of a parsed BODYSTRUCTURE: nested tuples (a multipart's parts are tuples or one list) of bytes, ints
    and None.

    Raises ValueError when it has another shape.
    """
    try:
        return _part(described, "", [_MOST_PARTS])
    except (TypeError, IndexError, AttributeError, KeyError) as error:
        msg = f"a description of parts has an unknown shape ({error})"
        raise ValueError(msg) from error


def _part(described: Sequence[Any], section: str, left: list[int]) -> Part:
    left[0] -= 1
    if left[0] < 0:
        msg = f"a mail has more than {_MOST_PARTS} parts"
        raise ValueError(msg)
    if isinstance(described[0], list | tuple):
        return _multipart(described, section, left)
    main, sub, parameters, content_id, _description, encoding, size = described[:7]
    main_type, sub_type = _word(main), _word(sub)
    own = section or "1"
    message = None
    rest = described[7:]
    if (main_type, sub_type) == ("message", "rfc822") and len(rest) >= 3 and isinstance(rest[1], list | tuple):
        message = _part(rest[1], own, left)
        if not message.is_multipart:
            message = _renumbered(message, f"{own}.1")
        rest = rest[3:]
    elif main_type == "text":
        rest = rest[1:]
    disposition, disposition_parameters = _disposition(rest[1:])
    return Part(
        section=own,
        type=f"{main_type or 'application'}/{sub_type or 'octet-stream'}",
        parameters=_parameters(parameters),
        content_id=_bytes(content_id),
        encoding=_word(encoding),
        size=int(size or 0),
        disposition=disposition,
        disposition_parameters=disposition_parameters,
        message=message,
    )


def _multipart(described: Sequence[Any], section: str, left: list[int]) -> Part:
    if isinstance(described[0], list):
        children: Sequence[Any] = described[0]
        rest = described[1:]
    else:
        end = next((at for at, item in enumerate(described) if not isinstance(item, list | tuple)), len(described))
        children, rest = described[:end], described[end:]
    disposition, disposition_parameters = _disposition(rest[2:])
    prefix = f"{section}." if section else ""
    return Part(
        section=section,
        type=f"multipart/{_word(rest[0]) if rest else 'mixed'}",
        parameters=_parameters(rest[1]) if len(rest) > 1 else (),
        disposition=disposition,
        disposition_parameters=disposition_parameters,
        children=tuple(_part(child, f"{prefix}{number}", left) for number, child in enumerate(children, 1)),
    )


def _renumbered(part: Part, section: str) -> Part:
    """A single part directly inside an attached message is numbered below it: the message 2 has its text at 2.1."""
    return Part(
        section=section,
        type=part.type,
        parameters=part.parameters,
        content_id=part.content_id,
        encoding=part.encoding,
        size=part.size,
        disposition=part.disposition,
        disposition_parameters=part.disposition_parameters,
        message=part.message,
    )


def _disposition(rest: Sequence[Any]) -> tuple[str, Parameters]:
    """The first thing in the extension data that looks like a disposition: (type, parameters). Languages, which
    follow it, are a list of words.
    """
    for item in rest[:2]:
        if isinstance(item, list | tuple) and len(item) > 1 and (item[1] is None or isinstance(item[1], list | tuple)):
            return _word(item[0]), _parameters(item[1])
        word = _word(item[0] if isinstance(item, list | tuple) and item else item)
        if word in {"attachment", "inline"}:
            return word, ()
    return "", ()


def _parameters(flat: Any) -> Parameters:
    if not isinstance(flat, list | tuple):
        return ()
    return tuple((_word(key), _bytes(value)) for key, value in zip(flat[::2], flat[1::2], strict=False))


def _word(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ""
    return _bytes(value).decode("ascii", "replace").strip().lower()


def _bytes(value: Any) -> bytes:
    if value is None:
        return b""
    return value if isinstance(value, bytes) else str(value).encode("utf-8")
