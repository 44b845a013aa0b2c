"""Builds the demo's mails as bytes, with the headers, encodings and parts that real programs send."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from inboxcrm.demo.cast import Person, Seller
from inboxcrm.demo.papers import Paper
from inboxcrm.demo.programs import Body

INBOX, SENT = "INBOX", "Sent"

_AGENTS = {
    "outlook": "Microsoft Outlook 16.0",
    "thunderbird": "Mozilla Thunderbird",
    "foxmail": "Foxmail 7.2.25.213[cn]",
    "qq": "QQMail 2.x",
    "apple": "Apple Mail (2.3774)",
    "iphone": "iPhone Mail (21A360)",
    "mailru": "Mail.Ru Mailer 1.0",
}
_CHARSETS = {
    ("qq", "zh"): ("gb18030", "gb18030"),
    ("foxmail", "zh"): ("gb18030", "gb2312"),
    ("thunderbird", "ja"): ("iso-2022-jp", "iso-2022-jp"),
    ("thunderbird", "ru"): ("koi8-r", "koi8-r"),
    ("thunderbird", "de"): ("iso-8859-15", "iso-8859-15"),
    ("mailru", "ru"): ("windows-1251", "windows-1251"),
}
"""How a program encodes a language, and what it calls that; UTF-8 where nothing stands, or where that can't hold the text."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A finished mail: `raw` lies in `folder` since `at` (aware UTC, the server's INTERNALDATE).

    The rest is what the demo knows about it and a test may hold against what was understood: `said` is what its writer
    wrote now, without greeting, closing and quotes; `company` the key of the customer whose matter it is, or "";
    `kind` is "talk" for conversations, else what of content/extras.toml it is.
    """

    folder: str
    at: datetime
    raw: bytes
    message_id: str
    sender: Person
    to: tuple[Person, ...]
    subject: str
    said: str
    language: str
    company: str
    kind: str


@dataclass(frozen=True, slots=True)
class Envelope:
    """Who writes to whom, when, about what. `at` is aware, in the writer's zone. References end with what is answered."""

    sender: Person
    to: tuple[Person, ...]
    at: datetime
    subject: str
    cc: tuple[Person, ...] = ()
    references: tuple[str, ...] = ()
    extra: tuple[tuple[str, str], ...] = ()
    verdict: str = "pass"
    """What the receiving server found about SPF, DKIM and DMARC of an incoming mail."""


def new_message_id(domain: str, *names: object) -> str:
    """A Message-ID that is the same for the same names, without angle brackets."""
    return f"{hashlib.sha256(':'.join(map(str, names)).encode()).hexdigest()[:20]}@{domain}"


def build(
    envelope: Envelope,
    body: Body,
    message_id: str,
    seller: Seller,
    *,
    program: str,
    language: str,
    papers: Sequence[Paper] = (),
    plain: bool = True,
) -> bytes:
    """The mail as RFC 5322 bytes. `plain` False leaves the plain text out where there is HTML, as some programs do."""
    mail = head(envelope, message_id, seller)
    if agent := _AGENTS.get(program):
        mail["X-Mailer"] = agent
    encoding, label = _CHARSETS.get((program, language), ("utf-8", "utf-8"))
    if not _holds(encoding, body.plain + body.html):
        encoding = label = "utf-8"
    if body.html and not plain:
        _set_text(mail, _document(body.html, label), "html", encoding, label)
    else:
        _set_text(mail, body.plain + "\n", "plain", encoding, label)
        if body.html:
            mail.make_alternative()
            part = EmailMessage(policy=SMTP)
            _set_text(part, _document(body.html, label), "html", encoding, label)
            del part["MIME-Version"]
            mail.attach(part)
    for one in papers:
        main, _, sub = one.type.partition("/")
        mail.add_attachment(one.data, maintype=main, subtype=sub, filename=one.name)
    name_boundaries(mail, message_id)
    return mail.as_bytes()


def name_boundaries(mail: EmailMessage, message_id: str) -> None:
    """Gives each multipart a boundary (RFC 2046 section 5.1.1) that depends on the mail alone, not on chance."""
    for number, part in enumerate(mail.walk()):
        if part.is_multipart():
            part.set_boundary(f"----=_{number}_{message_id.partition('@')[0]}")


def head(envelope: Envelope, message_id: str, seller: Seller) -> EmailMessage:
    """A mail with its header and no body yet."""
    mail = EmailMessage(policy=SMTP)
    incoming = envelope.sender.domain != seller.domain
    if incoming:
        _trace(mail, envelope, seller)
    mail["From"] = _written(envelope.sender)
    mail["To"] = [_written(one) for one in envelope.to]
    if envelope.cc:
        mail["Cc"] = [_written(one) for one in envelope.cc]
    # The library's own folding (Python 3.11) drops the blank between two encoded words of a long subject.
    mail.set_raw("Subject", Header(envelope.subject, header_name="Subject").encode())
    mail["Date"] = format_datetime(envelope.at)
    mail["Message-ID"] = f"<{message_id}>"
    if envelope.references:
        mail["In-Reply-To"] = f"<{envelope.references[-1]}>"
        mail["References"] = " ".join(f"<{one}>" for one in envelope.references[-6:])
    for name, value in envelope.extra:
        mail[name] = value
    return mail


def _trace(mail: EmailMessage, envelope: Envelope, seller: Seller) -> None:
    """What the receiving server writes on top (RFC 5321 section 4.4, RFC 8601)."""
    domain = envelope.sender.domain
    verdict = envelope.verdict
    mail["Received"] = (
        f"from mail.{domain} (mail.{domain} [192.0.2.25]) by mx.{seller.domain} with ESMTPS; "
        f"{format_datetime(envelope.at.astimezone(UTC))}"
    )
    mail["Authentication-Results"] = (
        f"mx.{seller.domain}; spf={verdict} smtp.mailfrom={domain}; dkim={verdict if verdict == 'pass' else 'none'} "
        f"header.d={domain}; dmarc={verdict} header.from={domain}"
    )


def _written(person: Person) -> Address:
    return Address(display_name=person.name, addr_spec=person.address)


def _holds(encoding: str, text: str) -> bool:
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def _set_text(part: EmailMessage, text: str, subtype: str, encoding: str, label: str) -> None:
    transfer = "7bit" if encoding == "iso-2022-jp" else "base64" if encoding in {"gb18030", "windows-1251"} else None
    part.set_content(text, subtype=subtype, charset=encoding, cte=transfer)
    if label != encoding:
        part.set_param("charset", label)


def _document(inside: str, charset: str) -> str:
    return (
        f'<html><head><meta http-equiv="Content-Type" content="text/html; charset={charset}"></head>\n'
        f"<body>{inside}</body></html>\n"
    )
