"""A draft as a mail on the wire: header, plain text, simple HTML, documents. Pure: the same letter always makes the same bytes, so what
was sent, what is filed in Sent and what is tried again are one mail.

It refuses what would forge a header (line breaks in any field) and what can't be sent at all; it never decides whether to send.
"""

from __future__ import annotations

import hashlib
import html
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.header import Header
from email.message import EmailMessage
from email.utils import format_datetime, quote
from functools import lru_cache
from itertools import groupby

import idna

from inboxcrm.errors import InboxcrmError
from inboxcrm.i18n import _
from inboxcrm.model import DRAFT_FIELD
from inboxcrm.reading.addresses import normal

_POLICY = policy.SMTP.clone(cte_type="7bit")
"""Long lines and letters beyond ASCII are encoded, so that any server takes them."""
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_IN_FIELD = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]")
_ID = re.compile(r"[!-;=?-~]{1,900}")
"""What may stand between the angle brackets of a Message-ID: printable ASCII in one piece."""
_LONG_WORD = re.compile(r"\S{60}")
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+\-/=?^_`{|}~ ]*")
_SPECIAL_LOCAL = re.compile(r"[\s<>()\[\]:;@\\,\"]")
_MOST_REFERENCES = 20
_DEEPEST_QUOTE = 20
RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ur"})
_LINK = re.compile(r"https?://[^\s<>\"']+[^\s<>\"'.,;:!?)]")


class UnsendableError(InboxcrmError):
    """The draft can't be made into a mail; the message names the field and what to do."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in an address field: `name` in any script or "", `address` as written."""

    name: str
    address: str


@dataclass(frozen=True, slots=True)
class Document:
    """A file that goes with a mail; `type` is its MIME type."""

    name: str
    data: bytes
    type: str


@dataclass(frozen=True, slots=True)
class Letter:
    """What a mail says. `message_id`, `in_reply_to` and `references` without angle brackets; `at` (aware) becomes its Date."""

    message_id: str
    at: datetime
    sender: Person
    to: tuple[Person, ...]
    subject: str
    body: str
    cc: tuple[Person, ...] = ()
    bcc: tuple[Person, ...] = ()
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    quoted: str = ""
    """The quoted history below the body, as plain text."""
    language: str = ""
    documents: tuple[Document, ...] = ()


@dataclass(frozen=True, slots=True)
class Composed:
    """A mail ready to go: `envelope_from`, each of the `recipients` once, `data` as sent (without Bcc), and `filed`: the copy for Sent,
    in which the sender still finds whom it went to in Bcc.
    """

    envelope_from: str
    recipients: tuple[str, ...]
    data: bytes
    filed: bytes


def compose(letter: Letter) -> Composed:
    """The mail that is sent. Raises UnsendableError."""
    everybody = (*letter.to, *letter.cc, *letter.bcc)
    if not everybody:
        raise UnsendableError(_("The draft goes to nobody: fill in “To”."))
    if not letter.body.strip():
        raise UnsendableError(_("The draft is empty."))
    recipients: dict[str, str] = {}
    for one in everybody:
        recipients.setdefault(normal(one.address), wire_address(one.address))
    content = _content(letter)
    return Composed(
        wire_address(letter.sender.address),
        tuple(recipients.values()),
        _header(letter, with_bcc=False) + content,
        _header(letter, with_bcc=True) + content,
    )


def draft_copy(letter: Letter) -> bytes:
    """The copy for the Drafts folder: with Bcc, with a field that names the draft, and without a recipient where there is none yet.
    Raises UnsendableError.
    """
    return (
        f"{DRAFT_FIELD}: {id_field(letter.message_id)}\r\n".encode() + _header(letter, with_bcc=True) + _content(letter)
    )


@lru_cache(maxsize=1024)
def wire_address(address: str) -> str:
    """An address as servers take it: the domain in ASCII (IDNA 2008), the part before the @ as it is. Raises UnsendableError."""
    local, at, domain = address.strip().rpartition("@")
    if not at or not local or not domain or _IN_FIELD.search(address):
        raise UnsendableError(_("{address} is no mail address.").format(address=ascii(address)))
    if _SPECIAL_LOCAL.search(local) and not re.fullmatch(r'"[^"\\\r\n]+"', local):
        raise UnsendableError(_("{address} is no mail address.").format(address=ascii(address)))
    try:
        wire = domain if domain.isascii() else idna.encode(domain, uts46=True).decode("ascii")
    except idna.IDNAError as error:
        message = _("The domain of {address} is none: {reason}")
        raise UnsendableError(message.format(address=ascii(address), reason=error)) from error
    if not re.fullmatch(r"[A-Za-z0-9._-]+|\[[A-Za-z0-9.:]+\]", wire):
        raise UnsendableError(_("{address} is no mail address.").format(address=ascii(address)))
    return f"{local}@{wire}"


# --- header -----------------------------------------------------------------------------------------------------------


def _header(letter: Letter, *, with_bcc: bool) -> bytes:
    """The fields, written here and not by the email package, which breaks long Message-IDs (RFC 2047 knows no such words there)."""
    fields = [("From", _people([letter.sender], "From"))]
    for name, people in (("To", letter.to), ("Cc", letter.cc), ("Bcc", letter.bcc if with_bcc else ())):
        if people:
            fields.append((name, _people(people, name)))
    fields += [
        ("Subject", text_field(one_line(letter.subject, "Subject"), "Subject")),
        ("Date", format_datetime(letter.at)),
        ("Message-ID", f"<{id_field(letter.message_id)}>"),
    ]
    # They come out of other people's mails: what is no id is left out, not passed on.
    if _ID.fullmatch(letter.in_reply_to):
        fields.append(("In-Reply-To", f"<{letter.in_reply_to}>"))
    references = [one for one in letter.references if _ID.fullmatch(one)]
    if len(references) > _MOST_REFERENCES:
        references = [references[0], *references[1 - _MOST_REFERENCES :]]
    if references:
        fields.append(("References", "\r\n ".join(f"<{one}>" for one in references)))
    return "".join(f"{name}: {value}\r\n" for name, value in fields).encode()


def id_field(message_id: str) -> str:
    """A Message-ID, if it is one. Raises UnsendableError."""
    if not _ID.fullmatch(message_id):
        raise UnsendableError(_("The draft has no usable Message-ID: {id}").format(id=ascii(message_id)))
    return message_id


def one_line(value: str, field: str) -> str:
    """The value, unless it would begin another field: then UnsendableError."""
    if _IN_FIELD.search(value):
        message = _("“{field}” holds a line break or another control character: {value}. Write it in one line.")
        raise UnsendableError(message.format(field=field, value=ascii(value)))
    return value.encode("utf-8", "replace").decode("utf-8").strip()


def _people(people: Iterable[Person], field: str) -> str:
    """One person a line, so that no line grows with their number."""
    return ",\r\n ".join(person_field(one, field) for one in people)


def person_field(person: Person, field: str) -> str:
    """Somebody as an address field names them, folded. Raises UnsendableError."""
    name, address = one_line(person.name, field), wire_address(person.address)
    if not name:
        return address
    if not name.isascii() or _LONG_WORD.search(name) or "=?" in name or len(name) > 200:
        name = Header(name, "utf-8", maxlinelen=70).encode(linesep="\r\n")
        return f"{name}\r\n <{address}>"
    return f"{name} <{address}>" if _ATOMS.fullmatch(name) else f'"{quote(name)}" <{address}>'


def text_field(text: str, field: str) -> str:
    """Text as a field holds it, folded; in encoded words (RFC 2047) where it isn't plain ASCII or can't be folded."""
    plain = text.isascii() and not _LONG_WORD.search(text) and "=?" not in text
    header = Header(text, "us-ascii" if plain else "utf-8", maxlinelen=76, header_name=field)
    return header.encode(linesep="\r\n")


# --- content ----------------------------------------------------------------------------------------------------------


def _content(letter: Letter) -> bytes:
    body, quoted = _clean(letter.body), _clean(letter.quoted)
    mail = EmailMessage(policy=_POLICY)
    mail.set_content("\n\n".join(filter(None, (body, quoted))) + "\n")
    mail.add_alternative(_html(body, quoted, letter.language), subtype="html")
    for document in letter.documents:
        main, _slash, sub = document.type.partition("/")
        if not re.fullmatch(r"[a-z0-9.+-]+/[a-z0-9.+-]+", document.type) or main in ("message", "multipart"):
            main, sub = "application", "octet-stream"
        name = one_line(document.name, _("attachment"))
        mail.add_attachment(document.data, maintype=main, subtype=sub, filename=name)
    for number, part in enumerate(mail.walk()):
        if part.is_multipart():
            # "=_" stands in no base64 and no quoted-printable text.
            part.set_boundary("=_" + hashlib.sha256(f"{number} {letter.message_id}".encode()).hexdigest()[:32])
    return mail.as_bytes()


def _clean(text: str) -> str:
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _CONTROL.sub("", text).encode("utf-8", "replace").decode("utf-8").strip("\n")


def _html(body: str, quoted: str, language: str) -> str:
    attributes = f' lang="{html.escape(language)}"' if language else ""
    if language.split("-", maxsplit=1)[0] in RIGHT_TO_LEFT:
        attributes += ' dir="rtl"'
    inside = _paragraphs(body.split("\n")) + (_quotes(quoted.split("\n")) if quoted else "")
    return (
        f'<!DOCTYPE html>\n<html{attributes}>\n<head><meta charset="utf-8"></head>\n<body>\n{inside}</body>\n</html>\n'
    )


def _paragraphs(lines: Sequence[str]) -> str:
    found = (list(group) for filled, group in groupby(lines, lambda line: bool(line.strip())) if filled)
    return "".join("<p>" + "<br>\n".join(map(_line, group)) + "</p>\n" for group in found)


def _line(text: str) -> str:
    """A line as HTML: spaces at its beginning kept, addresses of pages made links."""
    bare = text.lstrip(" ")
    pieces, end = ["&nbsp;" * (len(text) - len(bare))], 0
    for link in _LINK.finditer(bare):
        shown = html.escape(link[0])
        pieces += [html.escape(bare[end : link.start()], quote=False), f'<a href="{shown}">{shown}</a>']
        end = link.end()
    return "".join([*pieces, html.escape(bare[end:], quote=False)])


def _quotes(lines: Sequence[str], depth: int = 0) -> str:
    """Lines that begin with ">" as a quotation, in as many layers as they have marks."""
    found = ""
    for marked, group in groupby(lines, lambda line: line.startswith(">")):
        if marked and depth < _DEEPEST_QUOTE:
            inner = _quotes([line[1:].removeprefix(" ") for line in group], depth + 1)
            found += f'<blockquote style="margin:0 0 0 .8ex;border-left:1px solid #ccc;padding-left:1ex">\n{inner}</blockquote>\n'
        else:
            found += _paragraphs(list(group))
    return found
