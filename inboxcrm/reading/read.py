"""bytes → Reading: the one function that everything else calls, and the cheap look at a header that decides whether to call it.

`read` never raises and asks nobody: no clock, no server, no file. The same bytes always give the same Reading.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from inboxcrm.reading import (
    addresses,
    authentication,
    automatic,
    body,
    bounce,
    bounce_text,
    charsets,
    dates,
    headers,
    language,
    mime,
    newtext,
    problems,
    secured,
)
from inboxcrm.reading.identity import body_digest
from inboxcrm.reading.reading import Address, Automatic, Bounce, Reading

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from inboxcrm.reading.headers import Header
    from inboxcrm.reading.mime import Mail, Part

NOBODY = Address("", "")


@dataclass(frozen=True, slots=True)
class Envelope:
    """What the header alone tells: decoded as in `Reading`. `date_header` is aware UTC, or None.

    `likely_automatic` and `likely_bounce` say yes rather too often than too rarely: they decide whose text is fetched.
    """

    message_id: str
    in_reply_to: str
    references: tuple[str, ...]
    sender: Address
    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    bcc: tuple[Address, ...]
    reply_to: tuple[Address, ...]
    subject: str
    date_header: datetime | None
    likely_automatic: bool
    likely_bounce: bool


def envelope(header: bytes, *, own_domains: Collection[str] = ()) -> Envelope:
    """Reads a header (with or without its blank line); never raises. `own_domains` as for `read`."""
    found, _ = headers.split(header)
    return _envelope(found, own_domains)


def _envelope(header: Header, own_domains: Collection[str]) -> Envelope:
    sender = _sender(header)
    subject = header.text("subject")
    in_reply_to = headers.message_ids(header.text("in-reply-to"))
    likely_bounce = bounce.likely(header, sender)
    return Envelope(
        message_id=headers.message_id(header.text("message-id")),
        in_reply_to=in_reply_to[0] if in_reply_to else "",
        references=headers.message_ids(" ".join(header.all("references"))),
        sender=sender,
        to=addresses.parse(header.all_raw("to")),
        cc=addresses.parse(header.all_raw("cc")),
        bcc=addresses.parse(header.all_raw("bcc")),
        reply_to=addresses.parse(header.all_raw("reply-to")),
        subject=subject,
        date_header=dates.parse(header.text("date")),
        likely_automatic=likely_bounce or automatic.by_header(header, subject, sender.address, own_domains) is not None,
        likely_bounce=likely_bounce,
    )


def _sender(header: Header) -> Address:
    """The first address of From; where there is none, of Sender or of the return path."""
    named = NOBODY
    for name in ("from", "sender", "return-path"):
        for value in header.all_raw(name):
            for one in addresses.parse_one(value):
                if one.address:
                    return (
                        Address(one.name or named.name, one.address)
                        if name == "from" or not named.name
                        else Address(named.name, one.address)
                    )
                named = named if named.name else one
    return named


def read(
    raw: bytes,
    *,
    received_at: datetime | None = None,
    outgoing: bool = False,
    authserv_ids: Sequence[str] | None = None,
    own_domains: Collection[str] = (),
) -> Reading:
    """Understands one mail.

    `received_at` (aware) is when the server got it (INTERNALDATE); `outgoing` says that it is our own; `authserv_ids` are
    the names under which our provider writes Authentication-Results (RFC 8601 2.5), None when they aren't known.
    `own_domains` (lower case) are those of our company: a group of theirs that the mail came through is no mailing list.
    """
    mail = mime.parse(raw)
    found = _envelope(mail.header, own_domains)
    content = body.gather(mail.root)
    wrong = [*mail.problems, *content.problems]
    text = content.text()
    if not body.visible(text) and not content.inner and not content.attachments:
        wrong.append(problems.NO_TEXT)
    if secured.is_sealed(text):
        wrong.append(problems.ENCRYPTED)
    wrong += _charset_problems(content)
    kind, failure = _kind(mail, content, found, text, own_domains)
    accused = kind is Automatic.COMPLAINT and automatic.accuses(mail.root)
    parts = _parts(text, found.subject, kind)
    new_text, forwarded = parts.new_text, parts.forwarded
    if content.inner and kind not in (Automatic.BOUNCE, Automatic.COMPLAINT):
        passed_on = [
            one for mail_part in content.inner if (one := _passed_on(mail_part, alone=not body.visible(new_text)))
        ]
        new_text, forwarded = "\n\n".join(filter(None, [new_text, *passed_on])), True
    date = _date(mail.header, found.date_header, received_at, outgoing=outgoing)
    wrong += _field_problems(mail.header, found, date)
    return Reading(
        message_id=found.message_id,
        date=date,
        sender=found.sender,
        to=found.to,
        cc=found.cc,
        bcc=found.bcc,
        reply_to=found.reply_to,
        subject=found.subject,
        in_reply_to=found.in_reply_to,
        references=found.references,
        language=language.detect(new_text),
        new_text=new_text,
        own_text=parts.own_text if forwarded else new_text,
        quoted_text=parts.quoted_text,
        signature=parts.signature,
        forwarded=forwarded,
        automatic=kind,
        back_on=automatic.back_on(found.subject, new_text or text, date) if kind is Automatic.AUTO_REPLY else None,
        bounce=failure,
        attachments=tuple(content.attachments),
        sender_verified=authentication.sender_verified(mail.header, found.sender, authserv_ids),
        body_digest=body_digest(text),
        problems=tuple(dict.fromkeys(wrong)),
        date_header=found.date_header,
        date_offset=dates.offset(mail.header.text("date")),
        complainers=automatic.complainers(mail.root, found.sender.address) if accused else (),
        reported_id=automatic.reported_id(mail.root) if accused else "",
    )


def _parts(text: str, subject: str, kind: Automatic | None) -> newtext.TextParts:
    """The text parted as its writer's program parts it: a server signs nothing, and only returns the mail that failed."""
    if kind not in (Automatic.BOUNCE, Automatic.COMPLAINT):
        return newtext.split(text, subject=subject)
    notice, returned = bounce_text.parted(text)
    return newtext.TextParts(notice.strip(), returned.strip(), "", forwarded=False)


def _kind(
    mail: Mail, content: body.Body, found: Envelope, text: str, own_domains: Collection[str]
) -> tuple[Automatic | None, Bounce | None]:
    """What kind of machine wrote the mail, the surest sign first."""
    if automatic.is_complaint(mail.root, found.sender.address, text):
        return Automatic.COMPLAINT, None
    failure = bounce.of(mail, found.sender, found.subject, text)
    if failure is not None:
        return Automatic.BOUNCE, failure
    if automatic.is_invitation(content.invitations):
        return Automatic.CALENDAR, None
    said = automatic.by_header(mail.header, found.subject, found.sender.address, own_domains)
    return said or automatic.by_text(mail.header, text), None


def _date(header: Header, written: datetime | None, received_at: datetime | None, *, outgoing: bool) -> datetime | None:
    received = header.raw("received")
    delivered = dates.arrival(headers.decoded(received)) if received else None
    if (
        received_at
        and delivered
        and written
        and abs(written - delivered) <= dates.AFTER_ARRIVAL < received_at - delivered
    ):
        # The mail was copied here from another mailbox long after it had arrived there.
        return dates.chosen(written, delivered, outgoing=outgoing)
    return dates.chosen(written, received_at or delivered, outgoing=outgoing)


def _passed_on(mail: Part, *, alone: bool) -> str:
    """The text of an attached mail; under whose mail it is, unless the mail that brought it says nothing itself."""
    content = body.gather(mail)
    for _ in range(mime.MOST_CONTAINERS):
        if not content.inner or body.visible(content.text()):
            break
        # A forward of a forward: what the innermost says was meant.
        mail = content.inner[0]
        content = body.gather(mail)
    text = newtext.split(content.text()).new_text
    if alone:
        return text
    sender = _sender(mail.header)
    title = " ".join(filter(None, (sender.name, f"<{sender.address}>" if sender.address else "")))
    lines = (
        f"From: {title}" if title else "",
        f"Subject: {subject}" if (subject := mail.header.text("subject")) else "",
    )
    return "\n\n".join(filter(None, ("\n".join(filter(None, lines)), text)))


def _charset_problems(content: body.Body) -> list[str]:
    wrong = []
    if any(text.part.charset and not charsets.known(text.part.charset) for text in content.texts):
        wrong.append(problems.UNKNOWN_CHARSET)
    if any(text.is_known and "\ufffd" in text.shown() for text in content.texts):
        wrong.append(problems.LOST_CHARACTERS)
    return wrong


def _field_problems(header: Header, found: Envelope, date: datetime | None) -> list[str]:
    wrong = []
    if not found.sender.address:
        wrong.append(problems.NO_SENDER)
    elif (
        sum(value.count(b"@") for value in header.all_raw("from")) > 1
        and len(addresses.parse(header.all_raw("from"))) > 1
    ):
        wrong.append(problems.SEVERAL_SENDERS)
    if found.date_header is None:
        wrong.append(problems.NO_DATE)
    elif date != found.date_header:
        wrong.append(problems.WRONG_DATE)
    return wrong
