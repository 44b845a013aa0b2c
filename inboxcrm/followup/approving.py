"""Approves drafts by rule: those of a stage and grade for which a person has switched it on, up to so many a day. Off by default.

A rule approves only what nobody has touched: a draft that a person edited, postponed or took back, that a writer polished, or that
was held back from sending, waits for a person.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import islice

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from inboxcrm.followup import review
from inboxcrm.followup.cadence import AutomaticApproval
from inboxcrm.followup.mornings import next_morning
from inboxcrm.followup.planning import Planner
from inboxcrm.followup.review import What
from inboxcrm.model import (
    Customer,
    Draft,
    DraftChange,
    DraftState,
    FollowUp,
    FollowUpState,
    Grade,
    PlanHold,
)

_MOST = 1000
"""Drafts that are looked at for one rule."""


def waiting(session: Session, planner: Planner, now: datetime) -> list[int]:
    """The drafts (numbers) that a rule would approve now, within what is left of its daily limit; the most urgent first."""
    found: list[int] = []
    for rule in planner.cadence.approve:
        left = rule.daily_limit - _approved_today(session, rule, planner, now)
        if left > 0:
            sendable = (one for one in _untouched(session, rule, now) if _may_go(session, one))
            found += islice((one.id for one in sendable), left)
    return found


def auto_approve(session: Session, planner: Planner, now: datetime, delay: timedelta) -> list[int]:
    """Approves what the rules of the cadence allow; returns those drafts. They go when their follow-up is due, in the reader's morning,
    and can be taken back until then. What can't go as it is (a blocked address …) is left to a person.
    """
    approved: list[int] = []
    for number in waiting(session, planner, now):
        draft = review.get(session, number)
        follow_up = session.get_one(FollowUp, draft.follow_up_id)
        send_at = next_morning(session, draft, planner.calendar, max(now, follow_up.due_at))
        review.approve(session, number, now=now, by="", delay=delay, send_at=send_at, by_rule=True)
        approved.append(number)
    return approved


def _may_go(session: Session, draft: Draft) -> bool:
    addresses = [str(one["address"]) for one in (*draft.to, *draft.cc, *draft.bcc)]
    return bool(draft.to and draft.subject.strip() and draft.body.strip()) and not review.forbidden(session, addresses)


def _untouched(session: Session, rule: AutomaticApproval, now: datetime) -> Sequence[Draft]:
    touched = exists().where(
        DraftChange.draft_id == Draft.id, (DraftChange.what != What.REDRAFT.value) | (DraftChange.by != "")
    )
    held = exists().where(PlanHold.customer_id == Draft.customer_id, PlanHold.until.is_(None) | (PlanHold.until > now))
    return session.scalars(
        select(Draft)
        .join(FollowUp, FollowUp.id == Draft.follow_up_id)
        .join(Customer, Customer.id == Draft.customer_id)
        .where(
            Draft.state == DraftState.OPEN,
            Draft.error == "",
            Draft.polished_by == "",
            ~Draft.edited,
            FollowUp.state == FollowUpState.DRAFTED,
            FollowUp.stage == rule.stage,
            Customer.grade == Grade(rule.grade),
            ~touched,
            ~held,
        )
        .order_by(FollowUp.due_at, Draft.id)
        .limit(_MOST)
    ).all()


def _approved_today(session: Session, rule: AutomaticApproval, planner: Planner, now: datetime) -> int:
    """How many this rule has approved on this day of ours; those that were taken back count."""
    midnight = now.astimezone(planner.calendar.home.zone).replace(hour=0, minute=0, second=0, microsecond=0)
    return (
        session.scalar(
            select(func.count())
            .select_from(DraftChange)
            .join(Draft, Draft.id == DraftChange.draft_id)
            .join(FollowUp, FollowUp.id == Draft.follow_up_id)
            .join(Customer, Customer.id == Draft.customer_id)
            .where(
                DraftChange.what == What.APPROVE.value,
                DraftChange.by == "",
                DraftChange.at >= midnight,
                FollowUp.stage == rule.stage,
                Customer.grade == Grade(rule.grade),
            )
        )
        or 0
    )
