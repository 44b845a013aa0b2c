"""What came in since an instant, customer by customer, and what waits for a decision."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from inboxcrm.journal.timeline import Line, recent
from inboxcrm.model import ContactProposal, Customer, Direction, Grade, LogEntry, ProposalState

MOST_ENTRIES = 400
"""Newest entries that the page looks at; a day with more shows the newest."""


@dataclass(frozen=True, slots=True)
class News:
    """What happened with one customer, newest first."""

    customer_id: int
    name: str
    country: str
    grade: Grade
    lines: tuple[Line, ...]

    @property
    def heard(self) -> bool:
        """Whether a person at the customer's said something."""
        return any(line.direction is Direction.IN and not line.automatic for line in self.lines)

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


def news_since(session: Session, since: datetime) -> list[News]:
    """Customers with new entries, those who spoke last first; then those with only our own or automatic mail."""
    by_customer: dict[int, list[Line]] = {}
    for line in recent(session, since, limit=MOST_ENTRIES):
        by_customer.setdefault(line.customer_id, []).append(line)
    rows = session.execute(
        select(Customer.id, Customer.name, Customer.country, Customer.grade).where(Customer.id.in_(by_customer))
    )
    news = [News(row.id, row.name, row.country, row.grade, tuple(by_customer[row.id])) for row in rows]
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
        )
        .join(Customer, Customer.id == ContactProposal.customer_id)
        .where(ContactProposal.state == ProposalState.OPEN)
        .order_by(ContactProposal.created_at.desc(), ContactProposal.id.desc())
        .limit(limit)
    )
    return [OpenProposal(row.id, row.customer_id, row.customer, row.name, row.written) for row in rows]
