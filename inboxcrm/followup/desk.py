"""What waits for a person today, in the order in which it is best done. It reads; each thing is done on its own page or button."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from inboxcrm.followup import drafting, promises, queue
from inboxcrm.followup.planning import Planner
from inboxcrm.followup.queue import Waiting
from inboxcrm.followup.unanswered import Unanswered, unanswered
from inboxcrm.model import (
    Action,
    BusinessRecord,
    Customer,
    Draft,
    DraftState,
    FollowUp,
    FollowUpState,
    Grade,
    Promise,
    RecordKind,
    Stage,
)

_NEAR_HOURS = 4.0
"""So many of our working hours before its limit a mail is near it."""
_UNDATED = timedelta(days=1)
"""After so long a promise without a day is a task."""
_SOON = timedelta(hours=12)
"""A task is shown so long before it is due."""
_MOST = 200


@dataclass(frozen=True, slots=True)
class PromiseDue:
    """A promise that is to be kept now. `late`: its day is over."""

    promise: Promise
    customer: str
    late: bool


@dataclass(frozen=True, slots=True)
class Task:
    """A follow-up that only a person can do: a call, a complaint, a mail that could not be drafted (`problem` says why)."""

    follow_up: FollowUp
    customer: str
    grade: Grade
    problem: str


@dataclass(frozen=True, slots=True)
class NewInquiry:
    """An inquiry that nobody has answered yet."""

    record: BusinessRecord
    customer: str
    country: str
    grade: Grade


@dataclass(frozen=True, slots=True)
class Desk:
    """The desk of today, all of it. `by_rule`: drafts that a rule has approved today."""

    unanswered: Sequence[Unanswered]
    promises: Sequence[PromiseDue]
    tasks: Sequence[Task]
    drafts: Sequence[Waiting]
    inquiries: Sequence[NewInquiry]
    by_rule: Sequence[Waiting]

    @property
    def is_clear(self) -> bool:
        """Whether nothing waits for a decision."""
        return not (self.unanswered or self.promises or self.tasks or self.drafts)


def desk(session: Session, planner: Planner, now: datetime) -> Desk:
    """What waits at `now`. Days are those of the person."""
    today = now.astimezone(planner.calendar.home.zone).date()
    waiting = _pressing(unanswered(session, planner.cadence, planner.calendar, now), planner, now)
    pressing = {one.customer_id for one in waiting}
    return Desk(
        unanswered=waiting,
        promises=_promises(session, today, now),
        tasks=_tasks(session, now),
        drafts=queue.waiting(session, now, limit=_MOST),
        inquiries=[one for one in _inquiries(session, now) if one.record.customer_id not in pressing],
        by_rule=_by_rule(session, planner, now),
    )


def _pressing(waiting: Sequence[Unanswered], planner: Planner, now: datetime) -> list[Unanswered]:
    """Of grades A and B those over or near their limit: first those over it, then by grade, then by when it ends."""
    found = []
    for one in waiting:
        limit = planner.cadence.answer_within_hours.of(one.grade.value)
        if one.grade in (Grade.A, Grade.B) and limit is not None and limit - one.waited_hours <= _NEAR_HOURS:
            found.append(one)
    return sorted(found, key=lambda one: (not one.is_over(now), one.grade, one.due_at or now, one.at))


def _promises(session: Session, today: date, now: datetime) -> list[PromiseDue]:
    """Due until tomorrow, late ones first; without a day after a day."""
    tomorrow = today + timedelta(days=1)
    return [
        PromiseDue(promise, name, late=promise.due_on is not None and promise.due_on < today)
        for promise, name in promises.open_promises(session, limit=_MOST)
        if (promise.due_on <= tomorrow if promise.due_on is not None else now - promise.made_at >= _UNDATED)
    ]


def _tasks(session: Session, now: datetime) -> list[Task]:
    """What only a person can mend comes before what a cadence suggests."""
    due = (
        select(FollowUp, Customer.name, Customer.grade)
        .join(Customer, Customer.id == FollowUp.customer_id)
        .where(FollowUp.due_at <= now + _SOON)
        .order_by(FollowUp.due_at, FollowUp.id)
        .limit(_MOST)
    )
    by_hand = due.where(
        FollowUp.action != Action.MAIL, FollowUp.state.in_((FollowUpState.PLANNED, FollowUpState.DRAFTED))
    )
    found = [Task(row, name, grade, "") for row, name, grade in session.execute(by_hand)]
    undrafted = due.where(FollowUp.action == Action.MAIL, FollowUp.state == FollowUpState.PLANNED)
    for row, name, grade in session.execute(undrafted):
        if problem := drafting.problem_of(row):
            found.append(Task(row, name, grade, problem))
    return sorted(found, key=lambda one: (one.follow_up.action is not Action.TASK, one.follow_up.due_at))


def _inquiries(session: Session, now: datetime, limit: int = 50) -> list[NewInquiry]:
    rows = session.execute(
        select(BusinessRecord, Customer.name, Customer.country, Customer.grade)
        .join(Customer, Customer.id == BusinessRecord.customer_id)
        .where(
            BusinessRecord.kind == RecordKind.INQUIRY,
            BusinessRecord.stage == Stage.OPEN,
            BusinessRecord.opened_at > now - timedelta(days=7),
        )
        .order_by(BusinessRecord.opened_at.desc(), BusinessRecord.id.desc())
        .limit(limit)
    )
    return [NewInquiry(*row) for row in rows]


def _by_rule(session: Session, planner: Planner, now: datetime) -> list[Waiting]:
    """What rules have approved on this day of ours, and what became of it."""
    midnight = now.astimezone(planner.calendar.home.zone).replace(hour=0, minute=0, second=0, microsecond=0)
    count = session.scalar(select(func.count()).select_from(Draft).where(Draft.by_rule, Draft.approved_at >= midnight))
    if not count:
        return []
    states = (DraftState.APPROVED, DraftState.SENDING, DraftState.SENT, DraftState.UNKNOWN, DraftState.FAILED)
    return [
        one
        for one in queue.in_state(session, states, limit=_MOST)
        if one.by_rule and one.approved_at is not None and one.approved_at >= midnight
    ]
