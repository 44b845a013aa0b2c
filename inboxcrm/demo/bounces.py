"""Mails of the salesperson that do not arrive, and what the mail server reports about them (RFC 3464)."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from email import message_from_string
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.policy import compat32
from email.utils import format_datetime

from inboxcrm.demo.cast import Cast, Person
from inboxcrm.demo.hours import in_working_hours, utc
from inboxcrm.demo.letters import INBOX, SENT, Envelope, Letter, build, new_message_id
from inboxcrm.demo.phrases import greeting_to_customer, lina_signs_off
from inboxcrm.demo.programs import lay_out

_LINES = compat32.clone(linesep="\r\n")


@dataclass(frozen=True, slots=True)
class Failure:
    """Why mail to a company (a key of customers.toml) comes back: the status code (RFC 3463) and the server's words."""

    company: str
    status: str
    reason: str

    @property
    def temporary(self) -> bool:
        """Whether the server goes on trying."""
        return self.status.startswith("4")


FAILURES = (
    Failure("edilvalle", "5.1.1", "550 5.1.1 User unknown"),
    Failure("lusofluxo", "5.1.1", "550 5.1.1 <{address}>: Recipient address rejected: no such user here"),
    Failure("minskpipe", "4.2.2", "452 4.2.2 Mailbox full"),
    Failure("penang", "5.1.10", "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found"),
    Failure("prairie", "4.4.1", "connection timed out"),
    Failure("ivoirequip", "5.7.1", "550 5.7.1 Message rejected by local policy"),
)
"""Every mail of the demo that comes back."""

_TEXT = (
    "I hope this mail finds you well. We have a new series of {p} with a shorter delivery time, and I would like to send you the "
    "new price list. Which quantities do you need for the coming season?"
)


def bounced(cast: Cast, failure: Failure, now: datetime, chance: random.Random) -> list[Letter]:
    """A mail of Lina's to that company some weeks before `now` (aware UTC), and the report that it came back."""
    company = cast.company(failure.company)
    seller, person = cast.seller, company.people[0]
    local = in_working_hours(now - timedelta(days=chance.uniform(8, 70)), seller.zone, "CN", chance)
    product = cast.products[company.products[0]].names["en"]
    text = _TEXT.format(p=product)
    greeting = greeting_to_customer(person, "en", chance, friendly=True)
    closing, signature = lina_signs_off(seller, "en", chance)
    message_id = new_message_id(seller.domain, "bounced", company.key, local.isoformat())
    envelope = Envelope(seller.person, (person,), local, f"New series of {product}")
    body = lay_out("foxmail", "en", f"{greeting}\n\n{text}\n\n{closing}", signature, None)
    raw = build(envelope, body, message_id, seller, program="foxmail", language="en")
    sent = Letter(
        SENT,
        utc(local),
        raw,
        message_id,
        seller.person,
        (person,),
        envelope.subject,
        text,
        "en",
        company.key,
        "bounced",
    )
    return [sent, _report(sent, failure, local, seller.domain)]


def _report(sent: Letter, failure: Failure, local: datetime, host: str) -> Letter:
    """What the mail server at `host` says about a mail that it could not hand on."""
    address = sent.to[0].address
    reason = failure.reason.format(address=address)
    server = Person("Mail Delivery System", "", "", f"mailer-daemon@{host}", "")
    at = local + (timedelta(hours=4) if failure.temporary else timedelta(seconds=8))
    message_id = new_message_id(f"mx.{host}", "report", sent.message_id)
    subject = "Undelivered Mail Returned to Sender"
    explained = (
        f"This is the mail system at host mx.{host}.\n\n"
        + (
            "Your message could not be delivered for more than four hours. It will be retried until it is five days old."
            if failure.temporary
            else "I'm sorry to have to inform you that your message could not be delivered to one or more recipients."
        )
        + f"\n\n<{address}>: {reason}\n"
    )
    fields = (
        f"Reporting-MTA: dns; mx.{host}\n\nFinal-Recipient: rfc822; {address}\n"
        f"Action: {'delayed' if failure.temporary else 'failed'}\n"
        f"Status: {failure.status}\nDiagnostic-Code: smtp; {reason}\n"
    )
    returned = sent.raw.partition(b"\r\n\r\n")[0].replace(b"\r\n", b"\n").decode("ascii")
    mail = MIMEMultipart("report", f"report-{message_id[:12]}")
    mail.set_param("report-type", "delivery-status")
    mail["Return-Path"] = "<>"
    mail["From"] = f"{server.name} <{server.address}>"
    mail["To"] = sent.sender.address
    mail["Subject"] = subject
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = f"<{message_id}>"
    mail["Auto-Submitted"] = "auto-replied"
    mail.attach(MIMEText(explained, "plain", "us-ascii"))
    mail.attach(message_from_string(f"Content-Type: message/delivery-status\n\n{fields}"))
    mail.attach(message_from_string(f"Content-Type: text/rfc822-headers\n\n{returned}\n"))
    return Letter(
        INBOX, utc(at), mail.as_bytes(policy=_LINES), message_id, server, (sent.sender,), subject, reason, "en",
        sent.company, "bounce",
    )  # fmt: skip
