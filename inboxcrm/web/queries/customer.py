"""One customer's page: the file with the origin of its fields, the people, and the log, a page of it at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Select, func, select, tuple_
from sqlalchemy.orm import Session, selectinload

from inboxcrm.model import (
    Channel,
    Contact,
    ContactProposal,
    Customer,
    Direction,
    FieldChange,
    LogEntry,
    MatchedBy,
    Message,
    ProposalState,
    TextState,
    User,
)

PAGE = 40
"""Log entries on one page."""
_LONGEST_TEXT = 60_000  # letters of one mail on the page; the whole is one click away


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the log, newest first: what stands before it is older. `text` is its form in an address."""

    at: datetime
    id: int

    @property
    def text(self) -> str:
        return f"{int(self.at.timestamp() * 1_000_000)}-{self.id}"

    @classmethod
    def of(cls, text: str) -> Place | None:
        """The place that `text` names; None when it names none."""
        moment, _dash, number = text.partition("-")
        if not (moment.isascii() and moment.isdigit() and number.isascii() and number.isdigit()) or len(text) > 40:
            return None
        try:
            return cls(datetime.fromtimestamp(int(moment) / 1_000_000, UTC), int(number))
        except (OverflowError, ValueError, OSError):
            return None


@dataclass(frozen=True, slots=True)
class ShownEntry:
    """One log entry with what its mail adds: the whole text, what was set aside, the attachments."""

    id: int
    at: datetime
    channel: Channel
    direction: Direction
    subject: str
    content: str
    feedback: str
    next_follow_up: date | None
    automatic: str
    matched_by: MatchedBy
    confidence: float
    match_facts: Mapping[str, Any]
    warnings: Sequence[Mapping[str, Any]]
    created_by: str
    contact_id: int | None
    contact: str
    message_id: int | None = None
    sender_name: str = ""
    sender_address: str = ""
    recipients: Sequence[Mapping[str, Any]] = ()
    whole: str = ""
    quoted: str = ""
    signature: str = ""
    text_state: TextState = TextState.PRESENT
    language: str = ""
    attachments: Sequence[Mapping[str, Any]] = ()
    back_on: date | None = None
    forwarded: bool = False

    @property
    def is_shortened(self) -> bool:
        """Whether the whole text says more than the main content."""
        return bool(self.whole) and " ".join(self.whole.split()) != " ".join(self.content.split())

    @property
    def partner(self) -> str:
        """Who spoke or was spoken to at the customer's."""
        if self.contact:
            return self.contact
        if self.direction is Direction.IN:
            return self.sender_name or self.sender_address
        first = self.recipients[0] if self.recipients else {}
        return str(first.get("name") or first.get("address") or "")


def find_customer(session: Session, customer_id: int) -> Customer | None:
    """The customer with its contacts, their addresses, and its domains."""
    return session.scalar(
        select(Customer)
        .where(Customer.id == customer_id)
        .options(selectinload(Customer.contacts).selectinload(Contact.addresses), selectinload(Customer.domains))
    )


def owner_name(session: Session, customer: Customer) -> str:
    """The name of the salesperson who owns the customer; "" for the pool."""
    if customer.owner_id is None:
        return ""
    return session.scalar(select(User.name).where(User.id == customer.owner_id)) or ""


def last_changes(session: Session, entity: str, entity_id: int) -> dict[str, FieldChange]:
    """The last change of every field of a customer or contact."""
    newest = (
        select(func.max(FieldChange.id))
        .where(FieldChange.entity == entity, FieldChange.entity_id == entity_id)
        .group_by(FieldChange.field)
    )
    return {change.field: change for change in session.scalars(select(FieldChange).where(FieldChange.id.in_(newest)))}


def open_proposals_of(session: Session, customer_id: int) -> list[ContactProposal]:
    """The possible contacts that wait for a decision, oldest first."""
    return list(
        session.scalars(
            select(ContactProposal)
            .where(ContactProposal.customer_id == customer_id, ContactProposal.state == ProposalState.OPEN)
            .order_by(ContactProposal.id)
        )
    )


def log_page(
    session: Session, customer_id: int, *, before: Place | None = None, limit: int = PAGE
) -> tuple[list[ShownEntry], Place | None]:
    """Entries of the log from `before` backwards, newest first, and the place where the next page begins (None at the end)."""
    statement = _entries().where(LogEntry.customer_id == customer_id)
    if before is not None:
        statement = statement.where(tuple_(LogEntry.at, LogEntry.id) < (before.at, before.id))
    rows = session.execute(statement.order_by(LogEntry.at.desc(), LogEntry.id.desc()).limit(limit + 1)).all()
    shown = [_shown(row) for row in rows[:limit]]
    return shown, Place(shown[-1].at, shown[-1].id) if len(rows) > limit else None


def find_entry(session: Session, entry_id: int) -> tuple[LogEntry, ShownEntry] | None:
    """One entry of the log, as a row and as it is shown."""
    row = session.execute(_entries().where(LogEntry.id == entry_id)).first()
    return (row.LogEntry, _shown(row)) if row is not None else None


def entry_count(session: Session, customer_id: int) -> int:
    """How many entries the log has."""
    return session.scalar(select(func.count()).where(LogEntry.customer_id == customer_id)) or 0


def _entries() -> Select[Any]:
    return (
        select(
            LogEntry,
            Contact.name.label("contact"),
            Message.sender_name,
            Message.sender_address,
            Message.recipients,
            func.substr(Message.new_text, 1, _LONGEST_TEXT).label("whole"),
            func.substr(Message.quoted_text, 1, _LONGEST_TEXT).label("quoted"),
            Message.signature,
            Message.text_state,
            Message.language,
            Message.attachments,
            Message.back_on,
            Message.forwarded,
        )
        .outerjoin(Contact, Contact.id == LogEntry.contact_id)
        .outerjoin(Message, Message.id == LogEntry.message_id)
    )


def _shown(row: Any) -> ShownEntry:
    entry: LogEntry = row.LogEntry
    own = ShownEntry(
        id=entry.id,
        at=entry.at,
        channel=entry.channel,
        direction=entry.direction,
        subject=entry.subject,
        content=entry.content,
        feedback=entry.feedback,
        next_follow_up=entry.next_follow_up,
        automatic=entry.automatic,
        matched_by=entry.matched_by,
        confidence=entry.confidence,
        match_facts=entry.match_facts,
        warnings=entry.warnings,
        created_by=entry.created_by,
        contact_id=entry.contact_id,
        contact=row.contact or "",
    )
    if entry.message_id is None:
        return own
    return replace(
        own,
        message_id=entry.message_id,
        sender_name=row.sender_name,
        sender_address=row.sender_address,
        recipients=row.recipients,
        whole=row.whole,
        quoted=row.quoted,
        signature=row.signature,
        text_state=row.text_state,
        language=row.language,
        attachments=row.attachments,
        back_on=row.back_on,
        forwarded=row.forwarded,
    )
