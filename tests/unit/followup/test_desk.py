"""What stands on the desk, and what doesn't: near limits, promises of the day, tasks however many mails are due, new inquiries."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from inboxcrm.followup import promises
from inboxcrm.followup.desk import Desk, desk
from inboxcrm.followup.drafting import NOT_DRAFTED
from inboxcrm.followup.planning import Planner, PlanningRules
from inboxcrm.model import (
    Action,
    BusinessRecord,
    Customer,
    FollowUp,
    FollowUpState,
    Grade,
    RecordKind,
    Stage,
)
from inboxcrm.model.database import looking, writing
from inboxcrm.settings import Settings
from tests.cast import NOW, Office, mail

# NOW is Monday, 16:00 in Shanghai.


@pytest.fixture
def office(engine: Engine) -> Office:
    return Office(engine)


@pytest.fixture
def planner(tmp_path: Path) -> Planner:
    return PlanningRules(Settings(home=tmp_path)).planner()


def at_desk(office: Office, planner: Planner) -> Desk:
    with looking(office.engine) as session:
        return desk(session, planner, NOW)


def graded(office: Office, name: str, address: str, grade: Grade) -> int:
    made = office.customer(name, [address])
    with writing(office.engine) as session:
        session.get_one(Customer, made).grade = grade
    return made


def follow_up(office: Office, customer: int, number: int, **values: object) -> None:
    with writing(office.engine) as session:
        session.add(
            FollowUp(
                **{
                    "customer_id": customer,
                    "anchor": f"test:{number}",
                    "stage": "quoted",
                    "step": 1,
                    "action": Action.MAIL,
                    "due_at": NOW,
                    "state": FollowUpState.DRAFTED,
                    "reasons": [],
                    "created_at": NOW,
                    **values,
                }
            )
        )


def test_mails_near_their_limit_lead_those_over_it_first_and_c_is_not_among_them(
    office: Office, planner: Planner
) -> None:
    for name, grade, hours in (
        ("b-new", Grade.B, 1),
        ("b-old", Grade.B, 100),
        ("a-new", Grade.A, 1),
        ("c-old", Grade.C, 99),
    ):
        graded(office, name, f"x@{name}.example", grade)
        office.take(mail(f"x@{name}.example", at=NOW - timedelta(hours=hours)))
    assert [one.customer for one in at_desk(office, planner).unanswered] == ["b-old", "a-new"]


def test_promises_of_the_day_and_late_ones_are_due_and_undated_ones_after_a_day(
    office: Office, planner: Planner
) -> None:
    one = office.customer()
    today = NOW.date()
    with writing(office.engine) as session:
        promises.add(session, one, "late", today - timedelta(days=2), now=NOW - timedelta(days=9))
        promises.add(session, one, "tomorrow", today + timedelta(days=1), now=NOW)
        promises.add(session, one, "next week", today + timedelta(days=7), now=NOW)
        promises.add(session, one, "some day", None, now=NOW - timedelta(days=2))
        promises.add(session, one, "just said", None, now=NOW)
    assert [(due.promise.text, due.late) for due in at_desk(office, planner).promises] == [
        ("late", True),
        ("tomorrow", False),
        ("some day", False),
    ]


def test_a_task_is_seen_however_many_mails_are_due_before_it(office: Office, planner: Planner) -> None:
    one = office.customer()
    for number in range(230):
        follow_up(office, one, number, due_at=NOW - timedelta(days=1))
    follow_up(office, one, 900, action=Action.CALL, state=FollowUpState.PLANNED)
    follow_up(office, one, 901, action=Action.TASK, stage="complaint", state=FollowUpState.PLANNED)
    follow_up(office, one, 902, action=Action.CALL, state=FollowUpState.PLANNED, due_at=NOW + timedelta(days=2))
    assert [due.follow_up.action for due in at_desk(office, planner).tasks] == [Action.TASK, Action.CALL]


def test_a_mail_that_could_not_be_drafted_is_a_task_with_its_reason(office: Office, planner: Planner) -> None:
    why = {"kind": NOT_DRAFTED, "why": "nobody has an address", "at": NOW.isoformat()}
    follow_up(office, office.customer(), 1, state=FollowUpState.PLANNED, reasons=[why])
    follow_up(office, office.customer(), 2, state=FollowUpState.PLANNED)
    assert [due.problem for due in at_desk(office, planner).tasks] == ["nobody has an address"]


def test_new_inquiries_are_those_that_nobody_has_answered(office: Office, planner: Planner) -> None:
    one = office.customer()
    with writing(office.engine) as session:
        for stage, days in ((Stage.OPEN, 1), (Stage.ANSWERED, 1), (Stage.OPEN, 30)):
            at = NOW - timedelta(days=days)
            session.add(
                BusinessRecord(
                    kind=RecordKind.INQUIRY, customer_id=one, stage=stage, opened_at=at, changed_at=at, products=[]
                )
            )
    assert len(at_desk(office, planner).inquiries) == 1
