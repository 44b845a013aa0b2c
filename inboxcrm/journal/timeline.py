"""A customer's communication log as it is read: newest first, each entry with the person, the mail behind it and the reason why it
stands there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from inboxcrm.matching.words import doubt, explain
from inboxcrm.model import Channel, Contact, Customer, Direction, LogEntry, MatchedBy, Message, TextState


@dataclass(frozen=True, slots=True)
class Line:
    """One entry, ready to be shown. Of a mail: who wrote it to whom, its attachments, and whether its text is here."""

    id: int
    customer_id: int
    customer: str
    at: datetime
    channel: Channel
    direction: Direction
    subject: str
    content: str
    is_shortened: bool
    feedback: str
    next_follow_up: date | None
    contact_id: int | None
    contact: str
    message_id: int | None
    mail_id: str
    """The Message-ID of the mail."""
    thread_id: int | None
    sender_name: str
    sender_address: str
    recipients: Sequence[dict[str, Any]]
    attachments: Sequence[dict[str, Any]]
    language: str
    text_state: TextState | None
    automatic: str
    back_on: date | None
    matched_by: MatchedBy
    confidence: float
    why: str
    """Why it stands in this log, in words."""
    doubts: tuple[str, ...]
    """What speaks against its sender, in words."""
    created_by: str

    def as_json(self) -> dict[str, Any]:
        """For programs; dates stay dates."""
        return {
            "id": self.id,
            "customer_id": self.customer_id,
            "customer": self.customer,
            "at": self.at,
            "channel": self.channel.value,
            "direction": self.direction.value,
            "subject": self.subject,
            "content": self.content,
            "feedback": self.feedback,
            "next_follow_up": self.next_follow_up,
            "contact": self.contact,
            "message_id": self.mail_id or None,
            "from": {"name": self.sender_name, "address": self.sender_address} if self.message_id else None,
            "to": list(self.recipients),
            "attachments": list(self.attachments),
            "language": self.language,
            "text": self.text_state.value if self.text_state else None,
            "automatic": self.automatic or None,
            "matched_by": self.matched_by.value,
            "confidence": self.confidence,
            "why": self.why,
            "doubts": list(self.doubts),
            "by": self.created_by,
        }


def timeline(
    session: Session,
    customer_id: int,
    *,
    limit: int = 50,
    before: tuple[datetime, int] | None = None,
    channel: Channel | None = None,
) -> list[Line]:
    """The newest `limit` entries of a customer, or those before the entry with this (at, id), for the next page."""
    chosen = _lines().where(LogEntry.customer_id == customer_id)
    if before is not None:
        at, entry = before
        chosen = chosen.where(or_(LogEntry.at < at, (LogEntry.at == at) & (LogEntry.id < entry)))
    if channel is not None:
        chosen = chosen.where(LogEntry.channel == channel)
    return _read(session, chosen.order_by(LogEntry.at.desc(), LogEntry.id.desc()).limit(limit))


def recent(session: Session, since: datetime, *, limit: int = 100, direction: Direction | None = None) -> list[Line]:
    """What came in or went out since an instant, over all customers, newest first."""
    chosen = _lines().where(LogEntry.at >= since)
    if direction is not None:
        chosen = chosen.where(LogEntry.direction == direction)
    return _read(session, chosen.order_by(LogEntry.at.desc(), LogEntry.id.desc()).limit(limit))


def lines(session: Session, entries: Sequence[int]) -> list[Line]:
    """The entries of these ids, in the given order; those that are gone are left out."""
    found = {line.id: line for line in _read(session, _lines().where(LogEntry.id.in_(entries)))}
    return [found[entry] for entry in entries if entry in found]


def count(session: Session, customer_id: int) -> int:
    """How many entries a customer's log has."""
    return session.scalar(select(func.count()).where(LogEntry.customer_id == customer_id)) or 0


def _lines() -> Select[Any]:
    return (
        select(
            LogEntry,
            Customer.name,
            Contact.name,
            Message.message_id,
            Message.thread_id,
            Message.sender_name,
            Message.sender_address,
            Message.recipients,
            Message.attachments,
            Message.language,
            Message.text_state,
            Message.back_on,
            func.length(Message.new_text),
        )
        .join(Customer, Customer.id == LogEntry.customer_id)
        .outerjoin(Contact, Contact.id == LogEntry.contact_id)
        .outerjoin(Message, Message.id == LogEntry.message_id)
    )


def _read(session: Session, chosen: Select[Any]) -> list[Line]:
    return [
        Line(
            entry.id,
            entry.customer_id,
            customer,
            entry.at,
            entry.channel,
            entry.direction,
            entry.subject,
            entry.content,
            entry.content.endswith("…") and (length or 0) > len(entry.content) - 1,
            entry.feedback,
            entry.next_follow_up,
            entry.contact_id,
            contact or "",
            entry.message_id,
            mail_id or "",
            thread,
            sender_name or "",
            sender_address or "",
            recipients or (),
            attachments or (),
            language or "",
            text_state,
            entry.automatic,
            back_on,
            entry.matched_by,
            entry.confidence,
            explain(entry),
            tuple(doubt(warning) for warning in entry.warnings),
            entry.created_by,
        )
        for (
            entry,
            customer,
            contact,
            mail_id,
            thread,
            sender_name,
            sender_address,
            recipients,
            attachments,
            language,
            text_state,
            back_on,
            length,
        ) in session.execute(chosen)
    ]
