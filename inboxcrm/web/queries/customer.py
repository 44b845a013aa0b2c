"""One customer's page: the file with the origin of its fields, and the texts behind a page of the log."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import func, select, tuple_
from sqlalchemy.orm import Session, selectinload

from inboxcrm.model import Contact, ContactProposal, Customer, FieldChange, LogEntry, Message, ProposalState, User

_LONGEST_TEXT = 60_000  # letters of one mail on the page; the mail itself is one click away


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the log, newest first: what stands before it is older. `text` is its form in an address."""

    at: datetime
    id: int

    @property
    def text(self) -> str:
        """Microseconds since 1970 and the entry's id."""
        return f"{round(self.at.timestamp() * 1_000_000)}-{self.id}"

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
class Texts:
    """What a mail says: the whole new text, and what was set aside."""

    whole: str
    quoted: str
    signature: str
    forwarded: bool


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


def last_changes(session: Session, entity: str, ids: Collection[int]) -> dict[int, dict[str, FieldChange]]:
    """The last change of every field of some customers or contacts ("customer", "contact"), by id and field."""
    newest = (
        select(func.max(FieldChange.id))
        .where(FieldChange.entity == entity, FieldChange.entity_id.in_(ids))
        .group_by(FieldChange.entity_id, FieldChange.field)
    )
    found: dict[int, dict[str, FieldChange]] = {one: {} for one in ids}
    for change in session.scalars(select(FieldChange).where(FieldChange.id.in_(newest))):
        found[change.entity_id][change.field] = change
    return found


def open_proposals_of(session: Session, customer_id: int) -> list[ContactProposal]:
    """The possible contacts that wait for a decision, oldest first."""
    return list(
        session.scalars(
            select(ContactProposal)
            .where(ContactProposal.customer_id == customer_id, ContactProposal.state == ProposalState.OPEN)
            .order_by(ContactProposal.id)
        )
    )


def place_to_see(session: Session, customer_id: int, entry_id: int, page: int) -> Place | None:
    """The place in the log from where an entry is seen; None when the newest `page` entries show it, or it isn't there."""
    entry = session.get(LogEntry, entry_id)
    if entry is None or entry.customer_id != customer_id:
        return None
    newer = select(LogEntry.id).where(
        LogEntry.customer_id == customer_id, tuple_(LogEntry.at, LogEntry.id) > (entry.at, entry.id)
    )
    is_far = (session.scalar(select(func.count()).select_from(newer.limit(page).subquery())) or 0) >= page
    return Place(entry.at, entry.id + 1) if is_far else None


def texts_of(session: Session, messages: Collection[int]) -> dict[int, Texts]:
    """The texts of some messages, each cut at a length that a page can bear."""
    rows = session.execute(
        select(
            Message.id,
            func.substr(Message.new_text, 1, _LONGEST_TEXT).label("whole"),
            func.substr(Message.quoted_text, 1, _LONGEST_TEXT).label("quoted"),
            Message.signature,
            Message.forwarded,
        ).where(Message.id.in_(messages))
    )
    return {row.id: Texts(row.whole, row.quoted, row.signature, row.forwarded) for row in rows}
