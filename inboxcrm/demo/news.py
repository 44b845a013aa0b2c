"""What one sees in the terminal while the demo runs: a line for each new entry of a log, as it is written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, func, select

from inboxcrm.grading import words
from inboxcrm.model import ChangedBy, Customer, Direction, Folder, Grade, GradeChange, LogEntry, Message, Standing
from inboxcrm.model.database import looking

_LONGEST_GREETING = 45


@dataclass(frozen=True, slots=True)
class Line:
    """One new entry, or a mail that matched nobody (`customer` is "" then). `at` is aware UTC."""

    at: datetime
    customer: str
    country: str
    direction: Direction
    text: str
    automatic: str
    warned: bool


@dataclass(frozen=True, slots=True)
class Moved:
    """A customer whose grade has changed by the rules, with the best reason in words and the sentence that it rests on."""

    at: datetime
    customer: str
    before: Grade
    after: Grade
    reason: str
    evidence: str


@dataclass(frozen=True, slots=True)
class Counts:
    """How far the mailbox is read. `left` is None while it isn't known yet."""

    mails: int
    entries: int
    customers: int
    unmatched: int
    left: int | None


class News:
    """Looks into the database for what is new since the last look."""

    def __init__(self, engine: Engine, since: datetime) -> None:
        """What happened before `since` (aware UTC) is history."""
        self._engine, self._since = engine, since
        self._entry = self._message = self._change = 0

    def counts(self) -> Counts:
        """How far everything is."""
        with looking(self._engine) as session:
            left = session.execute(select(Folder.history_left).where(Folder.watched)).scalars().all()
            return Counts(
                mails=session.scalar(select(func.count()).select_from(Message)) or 0,
                entries=session.scalar(select(func.count()).select_from(LogEntry)) or 0,
                customers=session.scalar(select(func.count(LogEntry.customer_id.distinct()))) or 0,
                unmatched=session.scalar(select(func.count()).where(Message.standing == Standing.UNMATCHED)) or 0,
                left=None if not left or None in left else sum(one or 0 for one in left),
            )

    def skip(self) -> None:
        """Forgets what is there by now."""
        with looking(self._engine) as session:
            self._entry = session.scalar(select(func.max(LogEntry.id))) or 0
            self._message = session.scalar(select(func.max(Message.id))) or 0
            self._change = session.scalar(select(func.max(GradeChange.id))) or 0

    def moves(self) -> Iterator[Moved]:
        """Whose grade has changed since the last call, oldest first; what the history of the mailbox says isn't news."""
        with looking(self._engine) as session:
            changes = session.execute(
                select(GradeChange, Customer.name)
                .join(Customer, Customer.id == GradeChange.customer_id)
                .where(GradeChange.id > self._change, GradeChange.changed_by == ChangedBy.RULES)
                .order_by(GradeChange.id)
            ).all()
        for change, name in changes:
            if change.at < self._since:
                continue
            told = words.telling(change.reasons, change.from_grade, change.to_grade)
            said = max(told, key=lambda one: bool(one["evidence"]), default=None)
            reason, evidence = (words.reason(said), said["evidence"]) if said else ("", "")
            yield Moved(change.at, name, change.from_grade, change.to_grade, reason, " ".join(evidence.split()))
        self._change = max((self._change, *(change.id for change, _name in changes)))

    def lines(self) -> Iterator[Line]:
        """What came since the last call, oldest first."""
        with looking(self._engine) as session:
            entries = session.execute(
                select(LogEntry, Customer.name, Customer.country)
                .join(Customer, Customer.id == LogEntry.customer_id)
                .where(LogEntry.id > self._entry)
                .order_by(LogEntry.id)
            ).all()
            strangers = session.scalars(
                select(Message)
                .where(Message.id > self._message, Message.standing == Standing.UNMATCHED)
                .order_by(Message.id)
            ).all()
            newest = session.scalar(select(func.max(Message.id))) or 0
        for entry, name, country in entries:
            text = _without_greeting(entry.content) or entry.subject
            yield Line(entry.at, name, country, entry.direction, text, entry.automatic, bool(entry.warnings))
        for message in strangers:
            sender = message.sender_name or message.sender_address
            yield Line(
                message.at, "", "", message.direction, f"{sender}: {message.subject}", message.automatic, warned=False
            )
        self._entry = max((self._entry, *(entry.id for entry, _name, _country in entries)))
        self._message = newest


def _without_greeting(content: str) -> str:
    """The text in one line, without a first line that only greets."""
    first, _blank, rest = content.partition("\n")
    if rest and len(first) < _LONGEST_GREETING and first.rstrip().endswith((",", ":", "،", ":", "!", "。", ".", "様")):
        content = rest
    return " ".join(content.split())
