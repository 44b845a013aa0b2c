"""What the pages show of a judgement: why a customer has its grade, its records, its signals, and what waits for a person."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from inboxcrm.engagement.stages import FINISHED, STAGES
from inboxcrm.grading import words
from inboxcrm.grading.by_hand import pin_of
from inboxcrm.model import (
    Assessment,
    BusinessRecord,
    ChangedBy,
    Customer,
    Grade,
    GradeChange,
    GradePin,
    LogEntry,
    Signal,
    SignalState,
    Stage,
)

MOST_CHANGES = 30
_MOST_RECORDS = 40


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason in words. `entry_id` is None where no single entry proves it."""

    text: str
    points: float
    evidence: str
    entry_id: int | None


@dataclass(frozen=True, slots=True)
class Bar:
    """One dimension: its name, its points (0 to 100), and what they come from."""

    name: str
    label: str
    points: int
    reasons: Sequence[Reason]


@dataclass(frozen=True, slots=True)
class Change:
    """One change of grade, in words; `reasons` are those that tell best why."""

    id: int
    at: datetime
    customer_id: int
    customer: str
    before: Grade
    after: Grade
    by: str
    changed_by: ChangedBy
    note: str
    reasons: Sequence[Reason]
    is_wrong: bool

    @property
    def is_better(self) -> bool:
        """Whether the customer moved up."""
        order = [Grade.WATCH, Grade.C, Grade.B, Grade.A]
        return order.index(self.after) > order.index(self.before)


@dataclass(frozen=True, slots=True)
class Why:
    """Why a customer has its grade. `bounds` are the floors and ceilings that hold, `missing` what the file should say."""

    bars: Sequence[Bar]
    bounds: Sequence[str]
    missing: Sequence[str]
    pin: GradePin | None
    changes: Sequence[Change]
    at: datetime | None


def why(session: Session, customer: Customer, now: datetime) -> Why:
    """The judgement of one customer; without bars when there has been none yet."""
    kept = session.get(Assessment, customer.id)
    reasons = kept.reasons if kept else []
    bars = [
        Bar(
            name,
            words.dimension(name),
            getattr(kept, name),
            [_reason(one) for one in reasons if one["dimension"] == name],
        )
        for name in ("current_value", "potential_value", "willingness", "risk")
        if kept is not None
    ]
    return Why(
        bars=bars,
        bounds=[words.reason(one) for one in reasons if not one["dimension"]],
        missing=[words.missing(one) for one in kept.missing] if kept else [],
        pin=pin_of(session, customer.id, now),
        changes=changes(session, customer_id=customer.id),
        at=kept.at if kept else None,
    )


def changes(
    session: Session, *, customer_id: int | None = None, since: datetime | None = None, limit: int = MOST_CHANGES
) -> list[Change]:
    """Changes of grade, newest first: all of one customer, or those of all since an instant that no list brought."""
    chosen = (
        select(GradeChange, Customer.name)
        .join(Customer, Customer.id == GradeChange.customer_id)
        .order_by(GradeChange.at.desc(), GradeChange.id.desc())
        .limit(limit)
    )
    if customer_id is not None:
        chosen = chosen.where(GradeChange.customer_id == customer_id)
    if since is not None:
        chosen = chosen.where(GradeChange.at >= since, GradeChange.changed_by != ChangedBy.IMPORT)
    return [
        Change(
            row.id,
            row.at,
            row.customer_id,
            name,
            row.from_grade,
            row.to_grade,
            row.by,
            row.changed_by,
            row.note,
            [_reason(one) for one in words.telling(row.reasons, row.from_grade, row.to_grade) if row.reasons],
            row.wrong_at is not None,
        )
        for row, name in session.execute(chosen)
    ]


def _reason(kept: Mapping[str, Any]) -> Reason:
    return Reason(words.reason(kept), kept["points"], kept["evidence"], kept["entry_id"] or None)


@dataclass(frozen=True, slots=True)
class Record:
    """A business record with the stages of its kind; `reached` are those behind it."""

    row: BusinessRecord
    stages: Sequence[Stage]
    reached: Collection[Stage]
    next_stages: Sequence[Stage]

    @property
    def is_finished(self) -> bool:
        """Whether nothing is under way any more."""
        return self.row.stage in FINISHED


def records(session: Session, customer_id: int) -> list[Record]:
    """The records of a customer: what is under way first, then the newest."""
    rows = session.scalars(
        select(BusinessRecord)
        .where(BusinessRecord.customer_id == customer_id)
        .options(selectinload(BusinessRecord.steps))
        .order_by(BusinessRecord.changed_at.desc(), BusinessRecord.id.desc())
        .limit(_MOST_RECORDS)
    )
    found = []
    for row in rows:
        stages = [stage for stage in STAGES[row.kind] if stage is not Stage.CLOSED]
        place = stages.index(row.stage) if row.stage in stages else len(stages) - 1
        ahead = stages[place + 1 :]
        found.append(Record(row, stages, set(stages[: place + 1]), ahead if row.stage not in FINISHED else ()))
    return sorted(found, key=lambda one: one.is_finished)


def signals_of(session: Session, entries: Collection[int]) -> dict[int, list[Signal]]:
    """The signals of some log entries, the surest first; those that a person called wrong stay away."""
    found: dict[int, list[Signal]] = defaultdict(list)
    rows = session.scalars(
        select(Signal)
        .where(Signal.entry_id.in_(entries), Signal.state != SignalState.REJECTED)
        .order_by(Signal.confidence.desc(), Signal.id)
    )
    for row in rows:
        found[row.entry_id].append(row)
    return found


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A signal that waits for a person, with whose it is."""

    signal: Signal
    customer: str
    grade: Grade
    subject: str


def suggestions(session: Session, limit: int) -> list[Suggestion]:
    """What waits for a yes or no, the newest first."""
    rows = session.execute(
        select(Signal, Customer.name, Customer.grade, LogEntry.subject)
        .join(Customer, Customer.id == Signal.customer_id)
        .join(LogEntry, LogEntry.id == Signal.entry_id)
        .where(Signal.state == SignalState.SUGGESTED)
        .order_by(Signal.at.desc(), Signal.id.desc())
        .limit(limit)
    )
    return [Suggestion(*row) for row in rows]


def count_suggestions(session: Session) -> int:
    """How many wait."""
    return session.scalar(select(func.count()).where(Signal.state == SignalState.SUGGESTED)) or 0
