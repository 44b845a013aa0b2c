"""The review queue: which drafts wait for a person, the most urgent first. It reads; `inboxcrm.followup.review` changes."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, case, func, or_, select
from sqlalchemy.orm import Session

from inboxcrm.model import Customer, Draft, DraftState, FollowUp, Grade

_RANK = case(
    (Draft.state.in_((DraftState.UNKNOWN, DraftState.FAILED)), 0),
    else_=1,
)
_GRADES = case({Grade.A: 0, Grade.B: 1, Grade.C: 2}, value=Customer.grade, else_=3)


@dataclass(frozen=True, slots=True)
class Waiting:
    """One draft as the queue shows it. `due_at`: when its follow-up is due, or when it was written by hand."""

    draft_id: int
    customer_id: int
    customer: str
    country: str
    grade: Grade
    state: DraftState
    revision: int
    subject: str
    language: str
    stage: str
    """A stage of the cadence; "" for a draft by hand."""
    step: int
    due_at: datetime
    reasons: tuple[dict[str, Any], ...]
    error: str
    send_at: datetime | None
    approved_at: datetime | None
    by_rule: bool

    def as_json(self) -> dict[str, Any]:
        """For programs; the names are an interface."""
        return {
            "id": self.draft_id,
            "customer": {"id": self.customer_id, "name": self.customer, "country": self.country},
            "grade": self.grade.value,
            "state": self.state.value,
            "revision": self.revision,
            "subject": self.subject,
            "language": self.language,
            "stage": self.stage,
            "step": self.step,
            "due_at": self.due_at.isoformat(),
            "error": self.error,
            "send_at": self.send_at.isoformat() if self.send_at else None,
            "by_rule": self.by_rule,
        }


def waiting(
    session: Session,
    now: datetime,
    *,
    stage: str = "",
    grade: Grade | None = None,
    owner_id: int | None = None,
    limit: int = 200,
) -> list[Waiting]:
    """Drafts that wait for a person at `now`: what went wrong first, then by when they are due, then by grade.

    Postponed ones are among them once their time has come. `owner_id`: only customers of this person and of the pool.
    """
    chosen = _select().where(_waits(now)).order_by(_RANK, _due(), _GRADES, Draft.id).limit(limit)
    if stage:
        chosen = chosen.where(FollowUp.stage == stage)
    if grade is not None:
        chosen = chosen.where(Customer.grade == grade)
    if owner_id is not None:
        chosen = chosen.where(or_(Customer.owner_id == owner_id, Customer.owner_id.is_(None)))
    return [_waiting(row) for row in session.execute(chosen)]


def in_state(session: Session, states: Collection[DraftState], *, limit: int = 200) -> list[Waiting]:
    """Drafts in these states, the newest first: the outbox (approved, sending), what was sent, what was left out."""
    chosen = _select().where(Draft.state.in_(states)).order_by(Draft.id.desc()).limit(limit)
    return [_waiting(row) for row in session.execute(chosen)]


def of_customer(session: Session, customer_id: int, *, limit: int = 50) -> list[Waiting]:
    """All drafts of a customer, the newest first."""
    chosen = _select().where(Draft.customer_id == customer_id).order_by(Draft.id.desc()).limit(limit)
    return [_waiting(row) for row in session.execute(chosen)]


def count_waiting(session: Session, now: datetime) -> int:
    """How many drafts wait for a person."""
    return session.scalar(select(func.count()).select_from(Draft).where(_waits(now))) or 0


def following(queue: Sequence[Waiting], draft_id: int) -> int | None:
    """The draft to show when this one is done with: the next of the queue, else the one before; None when it was the last."""
    ids = [one.draft_id for one in queue]
    if draft_id not in ids:
        return ids[0] if ids else None
    place = ids.index(draft_id)
    rest = ids[place + 1 :] or ids[:place][::-1]
    return rest[0] if rest else None


def _due() -> ColumnElement[Any]:
    return func.coalesce(FollowUp.due_at, Draft.created_at)


def _waits(now: datetime) -> ColumnElement[bool]:
    return or_(
        Draft.state.in_((DraftState.OPEN, DraftState.FAILED, DraftState.UNKNOWN)),
        (Draft.state == DraftState.SNOOZED) & (Draft.wake_at <= now),
    )


def _select() -> Select[Draft, str, str, Grade, str | None, int | None, datetime | None]:
    return (
        select(Draft, Customer.name, Customer.country, Customer.grade, FollowUp.stage, FollowUp.step, FollowUp.due_at)
        .join(Customer, Customer.id == Draft.customer_id)
        .join(FollowUp, FollowUp.id == Draft.follow_up_id, isouter=True)
    )


def _waiting(row: Row[Draft, str, str, Grade, str | None, int | None, datetime | None]) -> Waiting:
    draft, name, country, grade, stage, step, due_at = row
    return Waiting(
        draft_id=draft.id,
        customer_id=draft.customer_id,
        customer=name,
        country=country,
        grade=grade,
        state=draft.state,
        revision=draft.revision,
        subject=draft.subject,
        language=draft.language,
        stage=stage or "",
        step=step or 0,
        due_at=due_at or draft.created_at,
        reasons=tuple(draft.reasons),
        error=draft.error,
        send_at=draft.send_at,
        approved_at=draft.approved_at,
        by_rule=draft.by_rule,
    )
