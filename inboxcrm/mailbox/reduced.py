"""The reduced mail: a small valid mail that reads like the whole one, made of its header and its text parts;
attachments are left out.

`plan` says what to ask the server for, `rebuild` puts the answers together. Both are pure. Of an attachment only its
description stays: type, name, and its size as a `size` parameter of Content-Disposition (RFC 2183 2.7).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import islice

from inboxcrm.mailbox.structure import Parameters, Part

MOST_TEXT = 1_000_000
"""Bytes of one text part that are taken; what lies beyond is cut off at the end of a line."""

MOST_PARTS = 40
"""Text parts of one mail that are taken."""

SMALL = 24_000
"""An attached mail of up to this many bytes is taken as it is: that costs less than asking for its parts."""

_ALWAYS = frozenset(
    {
        "text/plain",
        "text/html",
        "text/enriched",
        "text/richtext",
        "text/rfc822-headers",
        "text/calendar",
        "message/delivery-status",
        "message/global-delivery-status",
        "message/disposition-notification",
        "message/feedback-report",
        "message/external-body",
    }
)
"""Types that say something, whatever they are called."""

_FEW = 2_000
"""With fewer bytes of text than this in a mail, an attached text may be all that it has to say."""

_FEW_LIMIT = 100_000
"""Bytes that are taken of such an attached text."""


Wanted = tuple[tuple[str, int], ...]
"""What to fetch for one mail: (section as in `BODY[section]`, the most bytes to take of it; 0: all). A limit is named
only where it cuts something off: not every server is at home in partial fetches.
"""


def plan(tree: Part) -> Wanted:
    """What of a mail with these parts is worth fetching. The header of the mail itself is taken for granted."""
    own, attached = _texts(tree)
    chosen = [(part, MOST_TEXT) for part in own]
    if sum(part.size for part in own if part.main_type == "text") < _FEW:
        chosen += ((part, _FEW_LIMIT) for part in attached)
    wanted: list[tuple[str, int]] = []
    for part, most in chosen[:MOST_PARTS]:
        if part.message is not None and part.size > SMALL:
            wanted.append((f"{part.section}.HEADER", MOST_TEXT if part.size > MOST_TEXT else 0))
            wanted.extend(plan(part.message))
        else:
            wanted.append((part.section, most if part.size > most else 0))
    # Some servers keep file names to themselves; the part's own header has them.
    nameless = (part for part in tree.walk() if part is not tree and _is_file(part) and not part.has_name)
    wanted += ((f"{part.section}.MIME", 0) for part in islice(nameless, MOST_PARTS))
    return tuple(wanted[: 2 * MOST_PARTS])


def _is_file(part: Part) -> bool:
    return not part.is_multipart and part.message is None and part.main_type != "text" and part.type not in _ALWAYS


def _texts(tree: Part) -> tuple[list[Part], list[Part]]:
    """The parts that say something by themselves, and the attached texts that matter only when nothing else is said."""
    own: list[Part] = []
    attached: list[Part] = []
    for part in tree.walk():
        if part.is_multipart:
            continue
        if part.message is not None:
            own.append(part)
        elif part.type in _ALWAYS or part.main_type == "text":
            is_file = part.disposition == "attachment" or (part.has_name and part.disposition != "inline")
            (attached if is_file and part.type not in _REPORTS else own).append(part)
    return own, attached


_REPORTS = _ALWAYS - {"text/plain", "text/html", "text/enriched", "text/richtext"}


def rebuild(header: bytes, tree: Part, sections: Mapping[str, bytes]) -> bytes:
    """The reduced mail. `header` is the mail's own, with the empty line at its end; `sections` what came for
    `plan(tree)`.

    A text whose section is missing is left out like an attachment.
    """
    return _entity(header, tree, sections)


def _entity(header: bytes, part: Part, sections: Mapping[str, bytes]) -> bytes:
    boundary = _boundary(part)
    return b"".join(
        (
            _without_content_fields(header),
            _content_fields(part, boundary, sections),
            b"\r\n",
            _body(part, boundary, sections),
        )
    )


def _body(part: Part, boundary: bytes, sections: Mapping[str, bytes]) -> bytes:
    if part.is_multipart:
        pieces: list[bytes] = []
        for child in part.children:
            inner = _boundary(child)
            pieces += (
                b"--" + boundary + b"\r\n",
                _content_fields(child, inner, sections),
                b"\r\n",
                _body(child, inner, sections),
                b"\r\n",
            )
        pieces.append(b"--" + boundary + b"--\r\n")
        return b"".join(pieces)
    if part.section in sections:
        return sections[part.section]
    if part.message is not None and (header := sections.get(f"{part.section}.HEADER")) is not None:
        return _entity(header, part.message, sections)
    return b""


def _content_fields(part: Part, boundary: bytes, sections: Mapping[str, bytes]) -> bytes:
    if fields := _FIELD.findall(sections.get(f"{part.section}.MIME", b"")):
        return _named_by_itself(fields, part)
    parameters = part.parameters
    if part.is_multipart:
        parameters = (*(pair for pair in parameters if pair[0].partition("*")[0] != "boundary"), ("boundary", boundary))
    elif part.main_type == "text":
        # us-ascii is what the server says when the mail says nothing; readers then look at the bytes themselves.
        parameters = tuple(pair for pair in parameters if pair[0] != "charset" or pair[1].lower() != b"us-ascii")
    fields = [b"Content-Type: " + part.type.encode("ascii", "replace") + _written(parameters)]
    if part.encoding and part.section in sections:
        fields.append(b"Content-Transfer-Encoding: " + part.encoding.encode("ascii", "replace"))
    if part.content_id:
        fields.append(b"Content-ID: " + _one_line(part.content_id))
    disposition, disposition_parameters = part.disposition, part.disposition_parameters
    if part.section not in sections and not part.is_multipart:
        without_size = tuple(pair for pair in disposition_parameters if pair[0] != "size")
        disposition_parameters = (*without_size, ("size", str(decoded_size(part)).encode("ascii")))
        disposition = disposition or ("attachment" if part.has_name else "inline")
    if disposition:
        fields.append(
            b"Content-Disposition: " + disposition.encode("ascii", "replace") + _written(disposition_parameters)
        )
    return b"".join(field + b"\r\n" for field in fields)


def _named_by_itself(own: list[bytes], part: Part) -> bytes:
    """The fields of the part's own header, without its encoding (there is no body), with the size in Content-Disposition."""
    fields = [field for field in own if not field.lower().startswith(b"content-transfer-encoding")]
    size = b"; size=%d" % decoded_size(part)
    disposed = [field.lower().startswith(b"content-disposition") for field in fields]
    if not any(disposed):
        return b"".join((*fields, b"Content-Disposition: attachment" + size + b"\r\n"))
    return b"".join(
        field.rstrip() + size + b"\r\n" if is_disposition else field
        for field, is_disposition in zip(fields, disposed, strict=True)
    )


_FIELD = re.compile(rb"[!-9;-~]+[ \t]*:[^\r\n]*\r?\n(?:[ \t]+[^\r\n]*\r?\n)*")


def decoded_size(part: Part) -> int:
    """The size in bytes after decoding: exact for unencoded parts, within 2 bytes for base64 in lines of 76, else an
    estimate.
    """
    if part.encoding != "base64":
        return part.size
    lines = -(-part.size // 78)
    return max(0, (part.size - 2 * lines) * 3 // 4)


def _boundary(part: Part) -> bytes:
    """The mail's own boundary where it has a usable one: no text inside it can contain that."""
    if not part.is_multipart:
        return b""
    own = part.parameter("boundary").strip()
    if own and len(own) <= 200 and not re.search(rb"[\x00-\x1f\x7f-\xff\"\\]", own):
        return own
    return b"=_part_" + (part.section or "0").replace(".", "_").encode("ascii") + b"_of_reduced_mail"


def _written(parameters: Parameters) -> bytes:
    pieces = []
    for name, value in parameters:
        clean = _one_line(value)
        if not (name.endswith("*") and re.fullmatch(rb"[^\s\"\\;]+", clean)):
            clean = b'"' + clean.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'
        pieces.append(b";\r\n " + name.encode("ascii", "replace") + b"=" + clean)
    return b"".join(pieces)


def _one_line(value: bytes) -> bytes:
    return b" ".join(re.split(rb"[\r\n\x00]+", value)).strip()


_CONTENT_FIELD = re.compile(
    rb"^(?:content-type|content-transfer-encoding|content-disposition|content-id)[ \t]*:[^\n]*(?:\n|\Z)(?:[ \t][^\n]*(?:\n|\Z))*",
    re.IGNORECASE | re.MULTILINE,
)


def _without_content_fields(header: bytes) -> bytes:
    """The header without the fields that are written anew, and without the empty line at its end."""
    kept = _CONTENT_FIELD.sub(b"", header).rstrip(b"\r\n")
    return kept + b"\r\n" if kept else b""


def cut(section: bytes, limit: int) -> bytes:
    """`section` cut to whole lines when it has reached `limit` (0: none): a torn encoded line would spoil the text."""
    if not limit or len(section) < limit:
        return section
    end = section.rfind(b"\n", 0, limit)
    return section[: end + 1] if end > 0 else section[: limit - limit % 4]
