"""Rules approve drafts only where a person switched it on, never more than allowed, and never what somebody has touched."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from inboxcrm.customers.suppression import suppress
from inboxcrm.followup import review
from inboxcrm.followup.approving import auto_approve
from inboxcrm.followup.cadence import AutomaticApproval
from inboxcrm.followup.planning import Planner, PlanningRules
from inboxcrm.model import Customer, DraftState, Grade, PlanHold, SuppressionReason, SuppressionScope
from inboxcrm.model.database import writing
from inboxcrm.settings import Settings
from tests.cast import ANNA, NOW, Office
from tests.unit.followup.test_review import draft, shown

DELAY = timedelta(seconds=60)
QUOTED = AutomaticApproval(stage="quoted", grade="C", daily_limit=2)


@pytest.fixture
def office(engine: Engine) -> Office:
    return Office(engine)


@pytest.fixture
def planner(tmp_path: Path) -> Planner:
    return PlanningRules(Settings(home=tmp_path)).planner()


def ruled(planner: Planner, *rules: AutomaticApproval) -> Planner:
    return replace(planner, cadence=planner.cadence.model_copy(update={"approve": rules}))


def customer(office: Office, grade: Grade = Grade.C) -> int:
    made = office.customer()
    with writing(office.engine) as session:
        session.get_one(Customer, made).grade = grade
    return made


def approve(office: Office, planner: Planner, now: datetime = NOW) -> list[int]:
    with writing(office.engine) as session:
        return auto_approve(session, planner, now, DELAY)


def test_nothing_is_approved_without_a_rule(office: Office, planner: Planner) -> None:
    one = draft(office, customer(office))
    assert planner.cadence.approve == ()
    assert approve(office, planner) == []
    assert shown(office, one).state is DraftState.OPEN


def test_a_rule_approves_its_stage_and_grade_and_nothing_else(office: Office, planner: Planner) -> None:
    fits = draft(office, customer(office))
    draft(office, customer(office), stage="silent")
    draft(office, customer(office, Grade.B))
    assert approve(office, ruled(planner, QUOTED)) == [fits]
    approved = shown(office, fits)
    assert (approved.state, approved.by_rule, approved.approved_by) == (DraftState.APPROVED, True, "")
    assert approved.send_at is not None
    assert approved.send_at >= NOW + DELAY


def test_it_goes_when_its_follow_up_is_due_in_the_readers_morning(office: Office, planner: Planner) -> None:
    one = draft(office, customer(office), due_in=40)
    approve(office, ruled(planner, QUOTED))
    send_at = shown(office, one).send_at
    assert send_at is not None
    assert send_at >= NOW + timedelta(hours=40)
    assert 9 <= send_at.astimezone(planner.calendar.home.zone).hour < 11


def test_the_daily_limit_holds_and_what_was_taken_back_counts(office: Office, planner: Planner) -> None:
    everybody = [draft(office, customer(office)) for _one in range(4)]
    rules = ruled(planner, QUOTED)
    assert approve(office, rules) == everybody[:2]
    assert approve(office, rules) == []
    with writing(office.engine) as session:
        review.take_back(session, everybody[0], now=NOW, by="lina")
    assert approve(office, rules) == []
    assert approve(office, rules, NOW + timedelta(days=1)) == everybody[2:]


def test_what_a_person_has_touched_waits_for_a_person(office: Office, planner: Planner) -> None:
    edited, back, snoozed, polished, held_back = (draft(office, customer(office)) for _one in range(5))
    rules = ruled(planner, AutomaticApproval(stage="quoted", grade="C", daily_limit=99))
    with writing(office.engine) as session:
        review.edit(session, edited, now=NOW, by="lina", body="Dear Anna, one more thing")
        review.approve(session, back, now=NOW, by="lina", delay=DELAY)
        review.take_back(session, back, now=NOW, by="lina")
        review.snooze(session, snoozed, NOW + timedelta(days=1), now=NOW, by="lina")
        review.undo(session, snoozed, now=NOW, by="lina")
        review.get(session, polished).polished_by = "model"
        review.get(session, held_back).error = "The customer has written since it was approved."
    assert approve(office, rules) == []


def test_nothing_goes_by_rule_while_the_plan_is_paused(office: Office, planner: Planner) -> None:
    one = customer(office)
    draft(office, one)
    with writing(office.engine) as session:
        session.add(PlanHold(customer_id=one, until=None, reason="", by="lina", at=NOW))
    assert approve(office, ruled(planner, QUOTED)) == []


def test_a_blocked_address_is_left_to_a_person_and_holds_up_nobody(office: Office, planner: Planner) -> None:
    blocked, also_blocked = (draft(office, customer(office)) for _one in range(2))
    other = draft(office, customer(office), to=[{"name": "Bo", "address": "bo@firm.example"}])
    with writing(office.engine) as session:
        suppress(session, ANNA, reason=SuppressionReason.PERSON, scope=SuppressionScope.ALL, now=NOW)
    assert approve(office, ruled(planner, QUOTED)) == [other]
    assert {shown(office, one).state for one in (blocked, also_blocked)} == {DraftState.OPEN}
