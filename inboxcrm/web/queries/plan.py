"""What the customer's page shows of the plan: what comes next and why, what is paused, promised and drafted. It reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from inboxcrm.followup import queue
from inboxcrm.followup.by_hand import open_follow_ups
from inboxcrm.followup.promises import open_promises
from inboxcrm.followup.queue import Waiting
from inboxcrm.followup.words import goal, said
from inboxcrm.model import (
    Channel,
    Direction,
    Draft,
    DraftState,
    FollowUp,
    LogEntry,
    NoAnswerNeeded,
    PlanHold,
    Promise,
)

_LIVING = (
    DraftState.OPEN,
    DraftState.SNOOZED,
    DraftState.APPROVED,
    DraftState.SENDING,
    DraftState.FAILED,
    DraftState.UNKNOWN,
)


@dataclass(frozen=True, slots=True)
class Next:
    """A follow-up with its reasons in words; `draft_id`: the draft that waits, or is on its way, for it."""

    row: FollowUp
    why: Sequence[str]
    goal: str
    draft_id: int | None


@dataclass(frozen=True, slots=True)
class Plan:
    """The plan of one customer. `drafts`: those that no follow-up asked for. `waits`: their last mail, when nobody has answered it."""

    hold: PlanHold | None
    steps: Sequence[Next]
    promises: Sequence[Promise]
    drafts: Sequence[Waiting]
    waits: LogEntry | None


def plan_of(session: Session, customer_id: int, zone: ZoneInfo, now: datetime) -> Plan:
    """The plan as it stands."""
    hold = session.get(PlanHold, customer_id)
    drafts = [one for one in queue.of_customer(session, customer_id) if one.state in _LIVING]
    rows = open_follow_ups(session, customer_id)
    planned = select(Draft.follow_up_id, Draft.id).where(
        Draft.id.in_([one.draft_id for one in drafts]), Draft.follow_up_id.in_([row.id for row, _name in rows])
    )
    drafted = {row.follow_up_id: row.id for row in session.execute(planned.order_by(Draft.id))}
    steps = [Next(row, said(row.reasons, zone), goal(row.goal), drafted.get(row.id)) for row, _name in rows]
    return Plan(
        hold=hold if hold is not None and (hold.until is None or hold.until > now) else None,
        steps=steps,
        promises=[promise for promise, _name in open_promises(session, customer_id)],
        waits=_waits(session, customer_id),
        drafts=[one for one in drafts if one.draft_id not in drafted.values()],
    )


def _waits(session: Session, customer_id: int) -> LogEntry | None:
    last = session.scalars(
        select(LogEntry)
        .where(LogEntry.customer_id == customer_id, LogEntry.automatic == "")
        .order_by(LogEntry.at.desc(), LogEntry.id.desc())
        .limit(1)
    ).first()
    if last is None or last.direction is not Direction.IN or last.channel is not Channel.MAIL:
        return None
    return last if session.get(NoAnswerNeeded, last.id) is None else None
