"""What is understood from one mail: plain frozen values, the same for a file, a mailbox and a test.

Nothing here touches a server, a database or a clock. The names of the JSON form (`Reading.as_json`) are an
interface that other programs depend on; add to it, never rename in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date as calendar_date
from datetime import datetime
from enum import StrEnum
from typing import Any


class Automatic(StrEnum):
    """What kind of machine wrote a mail. A person's mail has no kind."""

    AUTO_REPLY = "auto_reply"
    BOUNCE = "bounce"
    COMPLAINT = "complaint"
    LIST = "list"
    CALENDAR = "calendar"


class BounceKind(StrEnum):
    """HARD: the address does not work and will not (RFC 3463 class 5). SOFT: it may work later (class 4)."""

    HARD = "hard"
    SOFT = "soft"


@dataclass(frozen=True, slots=True)
class Address:
    """One mailbox of a header field: `name` decoded, in any script, or ""; `address` as written, without white space."""

    name: str
    address: str


@dataclass(frozen=True, slots=True)
class Attachment:
    """One attached file: decoded `name` (or ""), MIME `type` in lower case, `size` in bytes after decoding, as far as known."""

    name: str
    type: str
    size: int


@dataclass(frozen=True, slots=True)
class FailedRecipient:
    """One address that a bounce reports: `status` is the enhanced status code (RFC 3463) or "", `reason` the server's words."""

    address: str
    kind: BounceKind
    status: str
    reason: str


@dataclass(frozen=True, slots=True)
class Bounce:
    """A delivery failure: who was not reached, and the Message-ID of our mail that came back ("" when the bounce hides it)."""

    recipients: tuple[FailedRecipient, ...]
    original_message_id: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """Everything understood from one mail.

    `date` is aware UTC, chosen by the date rule (`inboxcrm.reading.dates`), or None when nothing in the mail tells.
    `message_id`, `in_reply_to` and `references` stand without angle brackets. `new_text` is what the sender wrote now:
    without quoted history, signature, disclaimers and "sent from my phone"; a forwarded mail is content and stays in it.
    `quoted_text` and `signature` hold what was set aside. `language` is an ISO 639-1 code or "" when too little is said.
    `back_on` is the return date that an automatic reply names. `sender_verified` is True or False by the receiving
    provider's own Authentication-Results (RFC 8601), None when it says nothing. `body_digest` identifies the text of the
    mail independently of how the rules cut it (see `inboxcrm.reading.identity`). `problems` says in words what was wrong
    with the bytes; an empty tuple means that nothing was. `date_header` is what the Date header says, believed or not;
    `date_offset` how far its clock is from UTC, in minutes east, None when it doesn't say.
    `complainers` are the addresses whose owners called our mail spam, as far as a complaint names them, `reported_id` is that
    mail's Message-ID. `own_text` is `new_text` without what was passed on.
    """

    message_id: str
    date: datetime | None
    sender: Address
    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    bcc: tuple[Address, ...]
    reply_to: tuple[Address, ...]
    subject: str
    in_reply_to: str
    references: tuple[str, ...]
    language: str
    new_text: str
    quoted_text: str
    signature: str
    forwarded: bool
    automatic: Automatic | None
    back_on: calendar_date | None
    bounce: Bounce | None
    attachments: tuple[Attachment, ...]
    sender_verified: bool | None
    body_digest: str
    problems: tuple[str, ...]
    date_header: datetime | None = None
    complainers: tuple[str, ...] = ()
    reported_id: str = ""
    own_text: str = ""
    date_offset: int | None = None

    def as_json(self) -> dict[str, Any]:
        """The public form, ready for `json.dumps`; dates as ISO 8601."""
        return {
            "message_id": self.message_id,
            "date": self.date.isoformat() if self.date else None,
            "from": _address_json(self.sender),
            "to": [_address_json(one) for one in self.to],
            "cc": [_address_json(one) for one in self.cc],
            "reply_to": [_address_json(one) for one in self.reply_to],
            "subject": self.subject,
            "language": self.language,
            "new_text": self.new_text,
            "quoted_text": self.quoted_text,
            "signature": self.signature,
            "forwarded": self.forwarded,
            "automatic": self.automatic.value if self.automatic else None,
            "back_on": self.back_on.isoformat() if self.back_on else None,
            "bounce": _bounce_json(self.bounce),
            "attachments": [{"name": one.name, "type": one.type, "size": one.size} for one in self.attachments],
            "sender_verified": self.sender_verified,
            "signals": [],
            "problems": list(self.problems),
        }


def _address_json(one: Address) -> dict[str, str]:
    return {"name": one.name, "address": one.address}


def _bounce_json(bounce: Bounce | None) -> dict[str, Any] | None:
    if bounce is None:
        return None
    return {
        "recipients": [
            {"address": one.address, "kind": one.kind.value, "status": one.status, "reason": one.reason}
            for one in bounce.recipients
        ],
    }
