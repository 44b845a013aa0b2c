"""Mails of customers that wait for our answer, and since how many of our working hours."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import Session, aliased

from inboxcrm.followup import unplanned
from inboxcrm.followup.cadence import Cadence
from inboxcrm.followup.calendar import Calendar
from inboxcrm.followup.queries import GRADE_RANK
from inboxcrm.model import Channel, Customer, Direction, Grade, LogEntry, NoAnswerNeeded

LOOK_BACK = timedelta(days=30)
"""What has waited longer is no longer a matter of hours."""


@dataclass(frozen=True, slots=True)
class Unanswered:
    """A customer's last mail, which nobody has answered. `due_at`: when its limit ends; None for grades without one. `waited_hours`:
    our working hours since it came.
    """

    entry_id: int
    customer_id: int
    customer: str
    country: str
    grade: Grade
    at: datetime
    subject: str
    content: str
    due_at: datetime | None
    waited_hours: float

    def is_over(self, now: datetime) -> bool:
        """Whether its limit is over."""
        return self.due_at is not None and self.due_at <= now

    def as_json(self) -> dict[str, Any]:
        """For programs; the names are an interface."""
        return {
            "entry": self.entry_id,
            "customer": {"id": self.customer_id, "name": self.customer, "country": self.country},
            "grade": self.grade.value,
            "at": self.at.isoformat(),
            "subject": self.subject,
            "content": self.content,
            "due_at": self.due_at.isoformat() if self.due_at else None,
            "waited_hours": round(self.waited_hours, 1),
        }


def waiting(
    since: datetime | ColumnElement[datetime], until: datetime | ColumnElement[datetime]
) -> tuple[ColumnElement[bool], ...]:
    """The conditions for a log entry to be a customer's last word, a mail that nobody has answered and that needs an answer, which came
    after `since`.
    """
    later = aliased(LogEntry)
    return (
        LogEntry.at > since,
        LogEntry.at <= until,
        LogEntry.direction == Direction.IN,
        LogEntry.automatic == "",
        LogEntry.channel == Channel.MAIL,
        ~exists().where(NoAnswerNeeded.entry_id == LogEntry.id),
        ~exists().where(
            later.customer_id == LogEntry.customer_id,
            later.automatic == "",
            (later.at > LogEntry.at) | ((later.at == LogEntry.at) & (later.id > LogEntry.id)),
        ),
    )


def unanswered(
    session: Session, cadence: Cadence, calendar: Calendar, now: datetime, *, limit: int = 200
) -> list[Unanswered]:
    """The last mails of customers that wait for an answer, one a customer: grade A first, then B, C, watch; within a grade what is due
    first. Automatic mail, doubtful senders, and what a person said needs no answer are not among them.
    """
    rows = session.execute(
        select(LogEntry, Customer.name, Customer.country, Customer.grade)
        .join(Customer, Customer.id == LogEntry.customer_id)
        .where(*waiting(now - LOOK_BACK, now))
        .order_by(GRADE_RANK, LogEntry.at, LogEntry.id)
        .limit(limit)
    )
    home = calendar.home
    found = []
    for entry, name, country, grade in rows:
        if entry.warnings:
            continue
        hours = cadence.answer_within_hours.of(grade.value)
        found.append(
            Unanswered(
                entry_id=entry.id,
                customer_id=entry.customer_id,
                customer=name,
                country=country,
                grade=grade,
                at=entry.at,
                subject=entry.subject,
                content=entry.content,
                due_at=calendar.after_hours(entry.at, hours, home) if hours is not None else None,
                waited_hours=calendar.working_hours(entry.at, now, home),
            )
        )
    return found


def needs_no_answer(session: Session, entry: LogEntry, *, now: datetime, by: str) -> None:
    """A person says that this mail needs no answer; the follow-ups go on from it."""
    if session.get(NoAnswerNeeded, entry.id) is None:
        session.add(NoAnswerNeeded(entry_id=entry.id, by=by, at=now))
        session.flush()
    unplanned.mark(session, [entry.customer_id])


def needs_an_answer(session: Session, entry: LogEntry) -> None:
    """Takes that back."""
    there = session.get(NoAnswerNeeded, entry.id)
    if there is not None:
        session.delete(there)
        session.flush()
    unplanned.mark(session, [entry.customer_id])
