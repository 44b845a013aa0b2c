"""A mail as bytes, put together from parts that are encoded once and those that are filled in for each recipient. Pure.

The email package takes two milliseconds for what takes a tenth of one here; that this is the same mail to every reader is what the
tests are for.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import mimetypes
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import encode_rfc2231, format_datetime
from functools import cached_property, lru_cache

from inboxcrm.followup.composing import Person, id_field, one_line, person_field, text_field
from inboxcrm.newsletter.files import Shown

_LINES = re.compile(r"\r\n|\r|\n")
_SAFE_NAME = re.compile(r"[A-Za-z0-9 ._+-]{1,60}")


@dataclass(frozen=True, slots=True)
class Attached:
    """A file that goes along; `type`: its MIME type."""

    name: str
    data: bytes
    type: str


@dataclass(frozen=True)
class Envelope:
    """What all mails of an issue have in common: who sends, the list's id (RFC 2919), pictures in the text and files beside it."""

    sender: Person
    list_id: str
    shown: tuple[Shown, ...] = ()
    attached: tuple[Attached, ...] = ()

    @cached_property
    def _from(self) -> str:
        return person_field(self.sender, "From")

    @cached_property
    def _pictures(self) -> tuple[bytes, ...]:
        return tuple(
            f"Content-Type: {one.type}{_named('name', one.name)}\r\n".encode()
            + f"Content-ID: <{one.cid}>\r\nContent-Disposition: inline{_named('filename', one.name)}\r\n".encode()
            + b"Content-Transfer-Encoding: base64\r\n\r\n"
            + _base64(one.data)
            for one in self.shown
        )

    @cached_property
    def _files(self) -> tuple[bytes, ...]:
        return tuple(
            f"Content-Type: {one.type}{_named('name', one.name)}\r\n".encode()
            + f"Content-Disposition: attachment{_named('filename', one.name)}\r\n".encode()
            + b"Content-Transfer-Encoding: base64\r\n\r\n"
            + _base64(one.data)
            for one in self.attached
        )

    def mail(
        self,
        *,
        to: Person,
        subject: str,
        at: datetime,
        message_id: str,
        ways_out: Sequence[tuple[str, str]],
        text: str,
        html: str,
    ) -> bytes:
        """The mail. `subject`: as the field holds it (`subject_field`); `ways_out`: the fields that let somebody leave, unfolded.

        Raises UnsendableError for an unusable address, name or Message-ID.
        """
        head = (
            f"From: {self._from}\r\nTo: {person_field(to, 'To')}\r\nSubject: {subject}\r\nDate: {_date(at)}\r\n"
            f"Message-ID: <{id_field(message_id)}>\r\nList-Id: <{self.list_id}>\r\n"
            + "".join(f"{name}: {value.replace('>, <', f'>,{_FOLD}<')}\r\n" for name, value in ways_out)
            + "Precedence: bulk\r\nMIME-Version: 1.0\r\n"
        ).encode()
        key = hashlib.sha256(message_id.encode()).hexdigest()[:24]
        # "=_" stands in no base64 and no quoted-printable text.
        alternative = f"=_a{key}"
        body = b"".join(
            (
                f"--{alternative}\r\n".encode(),
                _text_part("plain", text),
                f"--{alternative}\r\n".encode(),
                _text_part("html", html),
                f"--{alternative}--\r\n".encode(),
            )
        )
        kind = f'multipart/alternative; boundary="{alternative}"'
        if self.shown:
            body, kind = _around(f"=_r{key}", "related", kind, body, self._pictures)
        if self.attached:
            body, kind = _around(f"=_m{key}", "mixed", kind, body, self._files)
        return head + f"Content-Type: {_folded(kind)}\r\n\r\n".encode() + body


_FOLD = "\r\n "


def subject_field(subject: str) -> str:
    """A subject as its field holds it, on one line or folded. Raises UnsendableError."""
    return text_field(one_line(" ".join(subject.split()), "Subject"), "Subject")


def attached(name: str, data: bytes) -> Attached:
    """A file to go along, its type told by its name."""
    kind, encoding = mimetypes.guess_type(name)
    main = (kind or "").partition("/")[0]
    usable = kind is not None and not encoding and main not in ("message", "multipart")
    return Attached(name, data, kind if usable and kind else "application/octet-stream")


def _around(boundary: str, kind: str, inner_kind: str, inner: bytes, parts: Sequence[bytes]) -> tuple[bytes, str]:
    """A multipart with these parts behind the inner one, and its Content-Type."""
    inside = f'; type="{inner_kind.partition(";")[0]}"' if kind == "related" else ""
    begin = f"--{boundary}\r\n".encode()
    first = f"Content-Type: {_folded(inner_kind)}\r\n\r\n".encode()
    body = b"".join((begin, first, inner, *(begin + part for part in parts), f"--{boundary}--\r\n".encode()))
    return body, f'multipart/{kind}; boundary="{boundary}"{inside}'


def _folded(kind: str) -> str:
    return kind.replace("; ", f";{_FOLD}")


def _text_part(kind: str, text: str) -> bytes:
    """With the encoding that makes it shorter; no line longer than 76 (RFC 2045 6.7, 6.8)."""
    text = _LINES.sub("\n", text) if "\r" in text else text
    text = text if text.endswith("\n") else text + "\n"
    data = text.encode()
    if 6 * (len(data) - len(text)) > len(data) + data.count(b"\n"):  # many letters of several bytes
        encoding, encoded = "base64", _base64(data.replace(b"\n", b"\r\n"))
    else:
        encoding, encoded = "quoted-printable", b"\r\n".join([_printable(line) for line in data.split(b"\n")])
    head = f"Content-Type: text/{kind}; charset=utf-8\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n"
    return head.encode() + encoded


@lru_cache(maxsize=16)
def _date(at: datetime) -> str:
    return format_datetime(at)


@lru_cache(maxsize=2_000)
def _printable(line: bytes) -> bytes:
    """A line in quoted-printable: nearly all lines are the same in every mail of an issue."""
    return binascii.b2a_qp(line, istext=True).replace(b"\n", b"\r\n")


def _base64(data: bytes) -> bytes:
    return base64.encodebytes(data).replace(b"\n", b"\r\n")


def _named(parameter: str, name: str) -> str:
    """A parameter with a file's name, in RFC 2231 where it isn't plain."""
    if _SAFE_NAME.fullmatch(name):
        return f';{_FOLD}{parameter}="{name}"'
    return f";{_FOLD}{parameter}*={encode_rfc2231(name, 'utf-8')}"
