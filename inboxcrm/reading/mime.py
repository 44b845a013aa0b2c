"""The parts of a mail (RFC 2045-2049): a tree of types, names and bytes, out of whatever stands behind the header.

mail-parser reads the structure; where it raises, the standard library does; where that gives up too (a thousand levels of
nesting), the parts are cut out at their boundary lines without a tree. Nothing is interpreted here, only taken apart.
"""

from __future__ import annotations

import email
import logging
import re
from dataclasses import dataclass, field
from email.message import Message
from itertools import islice

import mailparser  # type: ignore[import-untyped]  # it ships no types
from mailparser.exceptions import MailParserError  # type: ignore[import-untyped]

from inboxcrm.reading import charsets, headers, parameters, problems, transfer
from inboxcrm.reading.headers import Header

# mail-parser logs every type that it doesn't turn into text; we do that ourselves.
logging.getLogger("mailparser").setLevel(logging.CRITICAL)

MOST_CONTAINERS = 100
"""Mails with more multipart and attached mails than this are cut flat: parsers recurse, and their time grows with the depth."""
LARGEST_FIELD = 10_000
"""Bytes of a Content- field that the parsers are given."""
LARGEST_HEADER = 100_000
"""Bytes of a header of a part."""

_STRUCTURE = ("content-type", "content-transfer-encoding", "content-disposition", "content-id", "mime-version")
_TYPE = re.compile(r"\s*([\w!#$&^.+-]+)\s*/\s*([\w!#$&^.+-]+)")
MISSPELT = {
    "plain/text": "text/plain",
    "text/txt": "text/plain",
    "text/ascii": "text/plain",
    "text/text": "text/plain",
    "text/x-plain": "text/plain",
    "html/text": "text/html",
    "text/htm": "text/html",
    "text/xhtml": "text/html",
    "application/xhtml+xml": "text/html",
}
"""Types as programs write them → what they mean."""

_SIZE = re.compile(r"(?i)\bsize\s*=\s*\"?(\d{1,15})")
_META_CHARSET = re.compile(rb"(?i)<meta[^>]{0,200}charset\s*=\s*[\"']?([\w-]{1,40})")
_BOUNDARY = re.compile(rb'(?i)\bboundary\s*=\s*(?:"([^"\r\n]{1,200})"|([^\s;"]{1,200}))')
_CONTAINER = re.compile(rb"(?im)\bboundary\s*=|^content-type\s*:\s*message/")
_CONTENT_FIELD = re.compile(rb"(?im)^content-[a-z-]+[ \t]*:")
_FIELD_END = re.compile(rb"\n(?![ \t])|\r(?![\n \t])")
_DELIMITER = re.compile(rb"(?m)^--(?=\S)([^\r\n]{1,200}?)[ \t]*\r?$")
_PART_START = re.compile(
    rb"(?im)^--(\S[^\r\n]{0,198}?)[ \t]*\r?\n"
    rb"(?:[\w-]+:[^\r\n]*\r?\n(?:[ \t][^\r\n]*\r?\n)*){0,20}?content-(?:type|transfer-encoding|disposition)[ \t]*:"
)


def _charset_of_html(data: bytes) -> str:
    found = _META_CHARSET.search(data, 0, 2000)
    return found[1].decode("ascii") if found else ""


@dataclass(frozen=True, slots=True)
class Part:
    """One part: a container with `children`, or a leaf with `data` (its bytes after transfer decoding).

    `type` in lower case; `disposition` "inline", "attachment" or ""; `name` the decoded file name or "". `header` of the
    part itself; for an attached mail (message/rfc822) the only child is that mail, and its `header` is the mail's.
    """

    type: str
    charset: str = ""
    disposition: str = ""
    name: str = ""
    content_id: str = ""
    encoding: str = ""
    flowed: bool = False
    delsp: bool = False
    method: str = ""
    said_size: int | None = None
    raw: bytes = field(default=b"", repr=False)
    header: Header = field(default_factory=lambda: Header(()), repr=False)
    children: tuple[Part, ...] = ()

    @property
    def is_container(self) -> bool:
        """Whether the part has parts."""
        return bool(self.children)

    def data(self) -> bytes:
        """The bytes after transfer decoding."""
        return transfer.decode(self.raw, self.encoding)

    def size(self) -> int:
        """Bytes after decoding; what the Content-Disposition says where the body was left out (RFC 2183 2.7)."""
        if self.said_size is not None and not self.raw.strip():
            return self.said_size
        return transfer.decoded_size(self.raw, self.encoding)

    def text(self) -> str:
        """The decoded text, line ends as "\\n"."""
        data = self.data()
        text = charsets.decode(data, self.charset or (_charset_of_html(data) if self.type == "text/html" else ""))
        return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail taken apart: its header, the tree of its parts, and what was wrong with the bytes, in words."""

    header: Header
    root: Part
    problems: tuple[str, ...] = ()
    raw: bytes = field(default=b"", repr=False)


def parse(raw: bytes) -> Mail:
    """Takes a mail apart. Never raises; what could not be understood is in the text of the root part."""
    raw = _unwrapped(raw)
    header, start = headers.split(raw)
    body = raw[start:]
    if _containers(raw) > MOST_CONTAINERS or _has_endless_field(raw):
        return Mail(header, _flat(header, body), (*header.problems, problems.TOO_DEEP), raw)
    structure = b"".join(
        b"%b: %b\n" % (name.encode("ascii"), header.raw(name)) for name in _STRUCTURE if name in header
    )
    found = list(header.problems)
    content = _with_plain_boundaries(structure + b"\n" + body)
    try:
        parsed = mailparser.parse_from_bytes(content)
        message: Message | None = parsed.message
        found += (problems.DEFECTS[name] for name in sorted(parsed.defects_categories) if name in problems.DEFECTS)
    except (MailParserError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError, RecursionError):
        message = _by_standard_library(content)
        found.append(problems.PARSER_FAILED)
    try:
        root = _part(message, header) if message is not None else None
    except RecursionError:
        root = None
    if root is None:
        return Mail(header, _flat(header, body), (*header.problems, problems.TOO_DEEP), raw)
    return Mail(header, root, tuple(dict.fromkeys(found)), raw)


_PLAIN = b"a-part-of-this-mail-"
_MOST_PLAIN = 9
_SHORTEST_BOUNDARY = 10


def _with_plain_boundaries(content: bytes) -> bytes:
    """The same parts between boundaries that are the same in every mail: the parsers compile a regular expression for each boundary
    that they haven't met, which takes longer than all the rest of their work.
    """
    found = {match[1] or match[2] for match in _BOUNDARY.finditer(content)}
    if len(found) > _MOST_PLAIN or _PLAIN in content or any(len(one) < _SHORTEST_BOUNDARY for one in found):
        return content
    # The longest first: one may begin with another.
    for number, boundary in enumerate(sorted(found, key=lambda one: (len(one), one), reverse=True)):
        content = content.replace(boundary, _PLAIN + b"%d" % number)
    return content


def _by_standard_library(raw: bytes) -> Message | None:
    try:
        return email.message_from_bytes(raw)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError, RecursionError):
        return None


def _unwrapped(raw: bytes) -> bytes:
    """The mail without what a program put around it: byte order mark, UTF-16, blank lines before the header."""
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        raw = raw.decode("utf-16", "replace").encode("utf-8", "replace")
    elif raw[:200].count(b"\x00") * 3 > len(raw[:200]):
        codec = "utf-16-be" if raw[:1] == b"\x00" else "utf-16-le"
        raw = raw.decode(codec, "replace").encode("utf-8", "replace")
    raw = raw.removeprefix(b"\xef\xbb\xbf")
    if raw[:1] in (b"\r", b"\n", b" ", b"\t", b"\x00"):
        stripped = raw.lstrip(b"\r\n\t \x00")
        return stripped if headers.begins_with_field(stripped) else raw
    return raw


def _containers(raw: bytes) -> int:
    """How many parts that hold parts a mail announces, up to one more than we let be parsed."""
    return sum(1 for _ in islice(_CONTAINER.finditer(raw), MOST_CONTAINERS + 1))


def _has_endless_field(raw: bytes) -> bool:
    """Whether a Content- field is so long that the parsers, whose time grows with its square, must not see it."""
    for field_start in _CONTENT_FIELD.finditer(raw):
        end = _FIELD_END.search(raw, field_start.end(), field_start.end() + LARGEST_FIELD + 1)
        if end is None and len(raw) > field_start.end() + LARGEST_FIELD:
            return True
    return False


def _part(message: Message, header: Header) -> Part:
    """The part that the `email` package made of some bytes, with its descendants; the depth is bounded by `parse`."""
    if message.is_multipart():
        if (encoded := _encoded_mail(message, header)) is not None:
            return _described(header, children=(encoded,))
        children = tuple(
            _part(child, headers.of_items(child.raw_items()))
            for child in message.get_payload()
            if not isinstance(child, str)
        )
        return _described(header, children=children)
    # Without its encoding the package hands out the bytes of a leaf untouched.
    encoding = header.raw("content-transfer-encoding")
    del message["content-transfer-encoding"]
    payload = message.get_payload(decode=True)
    raw = payload if isinstance(payload, bytes) else b""
    part = _described(header, raw=raw, encoding=encoding)
    return _recovered(header, raw) if part.type.startswith("multipart/") else part


def _encoded_mail(message: Message, header: Header) -> Part | None:
    """The mail in a message/rfc822 part that was encoded as a whole, which RFC 2046 5.2.1 forbids and programs do."""
    encoding = transfer.normal(headers.eight_bit(header.raw("content-transfer-encoding")))
    if not encoding or not header.raw("content-type").lower().startswith(b"message/rfc822"):
        return None
    child = message.get_payload(0)
    if not isinstance(child, Message) or child.keys():
        return None
    payload = child.get_payload(decode=True)
    return parse(transfer.decode(payload, encoding)).root if isinstance(payload, bytes) else None


def _described(header: Header, *, raw: bytes = b"", encoding: bytes = b"", children: tuple[Part, ...] = ()) -> Part:
    content_type, disposition = header.raw("content-type"), header.raw("content-disposition")
    kind = headers.eight_bit(content_type) if content_type else ""
    named = _TYPE.match(kind)
    full = f"{named[1]}/{named[2]}".lower() if named else "text/plain"
    about = parameters.parse(content_type)
    where = parameters.parse(disposition)
    said = _SIZE.search(headers.eight_bit(disposition)) if b"size" in disposition.lower() else None
    return Part(
        type=MISSPELT.get(full, full),
        charset=about.get("charset", ""),
        disposition=_disposition(disposition),
        name=parameters.file_name(where, about),
        content_id=headers.decoded(header.raw("content-id")).strip("<> ") if "content-id" in header else "",
        encoding=transfer.normal(headers.eight_bit(encoding)) if encoding else "",
        flowed=about.get("format", "").lower() == "flowed",
        delsp=about.get("delsp", "").lower() == "yes",
        method=about.get("method", "").upper(),
        said_size=int(said[1]) if said else None,
        raw=raw,
        header=header,
        children=children,
    )


def _disposition(value: bytes) -> str:
    """RFC 2183: what is neither inline nor said at all is to be treated as an attachment."""
    word = re.split(rb"[;\s]", value.strip(), maxsplit=1)[0].strip(b"\"'").lower()
    if not word or b"=" in word:
        return ""
    return "inline" if word == b"inline" else "attachment"


def _recovered(header: Header, raw: bytes) -> Part:
    """A multipart whose boundary is missing or wrong: cut at the lines that look like its boundary, else taken as text."""
    found = _PART_START.search(raw)
    if found is None:
        encoding = header.raw("content-transfer-encoding")
        looks_html = raw[:2000].lstrip()[:1] == b"<" and b"</" in raw
        return Part(
            "text/html" if looks_html else "text/plain",
            raw=raw,
            header=header,
            encoding=transfer.normal(headers.eight_bit(encoding)),
        )
    boundary = found[1].removesuffix(b"--") or found[1]
    return _described(header, children=tuple(_cut(raw, {boundary})))


def _flat(header: Header, body: bytes) -> Part:
    """The leaves of a mail that is nested too deep, in their order, as if they stood side by side."""
    position = 0
    while header.raw("content-type").lower().startswith(b"message/"):
        # A mail in a mail in a mail …
        inner, after = headers.split(body[position : position + LARGEST_HEADER])
        if not inner.fields:
            break
        header, position = inner, position + after
    body = body[position:]
    boundaries = {match[1] or match[2] for match in _BOUNDARY.finditer(body)}
    boundaries |= {match[1] or match[2] for _, value in header.fields for match in _BOUNDARY.finditer(value)}
    parts = tuple(_cut(body, boundaries))
    if not parts:
        return Part(
            "text/plain",
            raw=body,
            header=header,
            charset=parameters.parse(header.raw("content-type")).get("charset", ""),
        )
    return (
        _described(header, children=parts)
        if header.raw("content-type").lower().startswith(b"multipart/")
        else Part("multipart/mixed", header=header, children=parts)
    )


def _cut(body: bytes, boundaries: set[bytes]) -> list[Part]:
    """The parts between the delimiter lines of `boundaries`, read without recursion; containers and preambles drop out."""
    starts = [
        (match.start(), match.end())
        for match in _DELIMITER.finditer(body)
        if match[1] in boundaries or match[1].removesuffix(b"--") in boundaries
    ]
    parts: list[Part] = []
    for index, (_, end) in enumerate(starts):
        until = starts[index + 1][0] if index + 1 < len(starts) else len(body)
        section = body[end:until].removeprefix(b"\r").removeprefix(b"\n").removesuffix(b"\n").removesuffix(b"\r")
        header, start = headers.split(section)
        raw = section[start:]
        if not raw.strip():
            continue
        part = _described(header, raw=raw, encoding=header.raw("content-transfer-encoding"))
        if part.type == "message/rfc822":
            inner, start = headers.split(raw)
            part = _described(inner, raw=raw[start:], encoding=inner.raw("content-transfer-encoding"))
        if not part.type.startswith("multipart/"):
            parts.append(part)
    return parts
