"""What the page of an issue on its way shows: its recipients by what became of them, and the mails that nobody knows about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from inboxcrm.i18n import mark
from inboxcrm.model import Customer, Issue, Recipient, RecipientState
from inboxcrm.newsletter.mailing import Progress
from inboxcrm.newsletter.subjects import Tried

UNKNOWN_MOST = 50
"""Mails that nobody knows about and that are shown at once."""
KINDS: Mapping[str, str] = {
    "sent": mark("Sent"),
    "queued": mark("Waiting"),
    "unknown": mark("Sent or not: unknown"),
    "refused": mark("Refused"),
    "bounced": mark("Came back"),
    "answered": mark("Answered"),
    "left": mark("Left"),
    "dropped": mark("Left out"),
    "cancelled": mark("Cancelled"),
}
"""The kinds of recipients that a page can be asked for, in the order of the tabs."""
_CONDITIONS: Mapping[str, ColumnElement[bool]] = {
    "sent": Recipient.state == RecipientState.SENT,
    "queued": Recipient.state.in_((RecipientState.QUEUED, RecipientState.SENDING)),
    "unknown": Recipient.state == RecipientState.UNKNOWN,
    "refused": Recipient.state == RecipientState.REFUSED,
    "bounced": Recipient.bounced != "",
    "answered": Recipient.answered_at.is_not(None),
    "left": Recipient.left_at.is_not(None),
    "dropped": Recipient.state == RecipientState.DROPPED,
    "cancelled": Recipient.state == RecipientState.CANCELLED,
}


@dataclass(frozen=True, slots=True)
class Addressed:
    """A recipient and the customer it belongs to ("" when that is gone)."""

    row: Recipient
    customer: str


def counted(progress: Progress) -> dict[str, int]:
    """How many recipients are of each kind."""
    states = progress.states
    return {
        "sent": states[RecipientState.SENT],
        "queued": states[RecipientState.QUEUED] + states[RecipientState.SENDING],
        "unknown": states[RecipientState.UNKNOWN],
        "refused": progress.failed,
        "bounced": progress.bounced,
        "answered": progress.answered,
        "left": progress.left,
        "dropped": states[RecipientState.DROPPED],
        "cancelled": states[RecipientState.CANCELLED],
    }


def recipients(
    session: Session, issue_id: int, *, kind: str = "", text: str = "", limit: int = 50, offset: int = 0
) -> list[Addressed]:
    """Recipients of an issue: of one kind of `KINDS` ("": all), whose address or name holds `text`."""
    asked = (
        select(Recipient, Customer.name)
        .outerjoin(Customer, Customer.id == Recipient.customer_id)
        .where(Recipient.issue_id == issue_id)
        .limit(limit)
        .offset(offset)
    )
    if kind in _CONDITIONS:
        asked = asked.where(_CONDITIONS[kind])
    if text.strip():
        part = text.strip().lower()
        asked = asked.where(
            Recipient.address.contains(part, autoescape=True)
            | func.lower(Recipient.name).contains(part, autoescape=True)
            | func.lower(Customer.name).contains(part, autoescape=True)
        )
    order: tuple[Any, ...] = (Recipient.due_at, Recipient.id)
    if kind in {"sent", "refused", "unknown", "bounced", "answered", "left"}:
        order = (Recipient.sending_at.desc().nulls_last(), Recipient.id.desc())
    elif not kind:
        order = (Recipient.id,)
    return [Addressed(row, name or "") for row, name in session.execute(asked.order_by(*order))]


def unknown(session: Session, issue_id: int) -> Sequence[Addressed]:
    """Mails of which nobody can tell whether they went: a person must."""
    return recipients(session, issue_id, kind="unknown", limit=UNKNOWN_MOST)


@dataclass(frozen=True, slots=True)
class Variant:
    """A subject that was tried, in the languages of the issue; `tried` None: it has gone to nobody yet."""

    number: int
    subjects: Sequence[str]
    tried: Tried | None


def variants(issue: Issue, tried: Sequence[Tried]) -> list[Variant]:
    """The subjects of an issue that tries several; none for one that doesn't."""
    most = max((len(text.subjects) for text in issue.texts), default=0)
    if not issue.test_share or most < 2:
        return []
    known = {one.subject: one for one in tried}
    return [
        Variant(
            number,
            [text.subjects[number] for text in issue.texts if len(text.subjects) > number and len(text.subjects) > 1],
            known.get(number),
        )
        for number in range(most)
    ]
