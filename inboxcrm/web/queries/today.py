"""What came in since an instant, customer by customer, and what waits for a decision."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from inboxcrm.model import (
    Channel,
    Contact,
    ContactProposal,
    Customer,
    Direction,
    Grade,
    LogEntry,
    Message,
    ProposalState,
)

MOST_ENTRIES = 400
"""Newest entries that the page looks at; a day with more shows the newest."""


@dataclass(frozen=True, slots=True)
class Line:
    """One log entry, as short as the page shows it."""

    id: int
    at: datetime
    channel: Channel
    direction: Direction
    subject: str
    content: str
    automatic: str
    contact: str
    """The contact's name, or the sender's as the mail has it."""
    warnings: Sequence[dict[str, Any]]

    @property
    def speaks(self) -> bool:
        """Whether a person at the customer's said something."""
        return self.direction is Direction.IN and not self.automatic


@dataclass(frozen=True, slots=True)
class News:
    """What happened with one customer, newest first."""

    customer_id: int
    name: str
    local_name: str
    country: str
    grade: Grade
    lines: tuple[Line, ...]

    @property
    def heard(self) -> bool:
        """Whether a person at the customer's said something."""
        return any(line.speaks for line in self.lines)

    @property
    def latest(self) -> datetime:
        """When the newest of it happened."""
        return self.lines[0].at


@dataclass(frozen=True, slots=True)
class Tally:
    """Entries since the instant: `heard` from people, `sent` by us, `automatic`; `customers` from whom people spoke."""

    heard: int
    sent: int
    automatic: int
    customers: int


@dataclass(frozen=True, slots=True)
class OpenProposal:
    """An unknown address that may be a new contact."""

    id: int
    customer_id: int
    customer: str
    name: str
    address: str
    created_at: datetime


def news_since(session: Session, since: datetime) -> list[News]:
    """Customers with new entries, those who spoke last first; then those with only our own or automatic mail."""
    rows = session.execute(
        select(
            LogEntry.id,
            LogEntry.at,
            LogEntry.channel,
            LogEntry.direction,
            LogEntry.subject,
            LogEntry.content,
            LogEntry.automatic,
            LogEntry.warnings,
            LogEntry.customer_id,
            Contact.name.label("contact"),
            Message.sender_name,
            Message.sender_address,
            Customer.name,
            Customer.local_name,
            Customer.country,
            Customer.grade,
        )
        .join(Customer, Customer.id == LogEntry.customer_id)
        .outerjoin(Contact, Contact.id == LogEntry.contact_id)
        .outerjoin(Message, Message.id == LogEntry.message_id)
        .where(LogEntry.at >= since)
        .order_by(LogEntry.at.desc(), LogEntry.id.desc())
        .limit(MOST_ENTRIES)
    ).all()
    lines: dict[int, list[Line]] = {}
    customers: dict[int, Any] = {}
    for row in rows:
        customers[row.customer_id] = row
        line = Line(
            row.id,
            row.at,
            row.channel,
            row.direction,
            row.subject,
            row.content,
            row.automatic,
            row.contact or row.sender_name or row.sender_address or "",
            row.warnings,
        )
        lines.setdefault(row.customer_id, []).append(line)
    news = [
        News(key, customer.name, customer.local_name, customer.country, customer.grade, tuple(lines[key]))
        for key, customer in customers.items()
    ]
    return sorted(news, key=lambda one: (one.heard, one.latest), reverse=True)


def tally_since(session: Session, since: datetime) -> Tally:
    """How much it was, all of it."""
    speaks = (LogEntry.direction == Direction.IN) & (LogEntry.automatic == "")
    row = session.execute(
        select(
            func.count(case((speaks, 1))).label("heard"),
            func.count(case(((LogEntry.direction == Direction.OUT) & (LogEntry.automatic == ""), 1))).label("sent"),
            func.count(case((LogEntry.automatic != "", 1))).label("automatic"),
            func.count(case((speaks, LogEntry.customer_id)).distinct()).label("customers"),
        ).where(LogEntry.at >= since)
    ).one()
    return Tally(row.heard, row.sent, row.automatic, row.customers)


def open_proposals(session: Session, limit: int) -> list[OpenProposal]:
    """The newest proposals of contacts that wait for a decision."""
    rows = session.execute(
        select(
            ContactProposal.id,
            ContactProposal.customer_id,
            Customer.name.label("customer"),
            ContactProposal.name,
            ContactProposal.written,
            ContactProposal.created_at,
        )
        .join(Customer, Customer.id == ContactProposal.customer_id)
        .where(ContactProposal.state == ProposalState.OPEN)
        .order_by(ContactProposal.created_at.desc(), ContactProposal.id.desc())
        .limit(limit)
    )
    return [OpenProposal(row.id, row.customer_id, row.customer, row.name, row.written, row.created_at) for row in rows]
