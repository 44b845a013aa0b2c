"""Planning one customer, and drafting for him, asks no question whose cost grows with the number of customers or of mails."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from sqlalchemy import Engine

from inboxcrm.followup import drafting, unplanned
from inboxcrm.followup.planning import plan_customers, plan_waiting
from inboxcrm.model.database import writing
from tests.asked import Asked
from tests.cast import ANNA
from tests.integration.followup.test_planning import INQUIRY, QUOTATION, Desk, asks


def test_planning_a_customer_scans_no_table(engine: Engine, tmp_path: Path) -> None:
    desk = Desk(engine, tmp_path)
    customer = desk.customer(addresses=[ANNA])
    for number in range(3):
        desk.customer(name=f"Other {number}", addresses=[f"other{number}@firm.example"])
    asks(desk)
    desk.now += timedelta(hours=1)
    desk.send("I will send the quotation tomorrow.")
    desk.send(QUOTATION, attachments=["Q-77.pdf"])
    desk.now += timedelta(hours=1)
    asks(desk, INQUIRY)
    asked = Asked(engine)
    with writing(engine) as session:
        unplanned.mark(session, [customer])
        assert plan_waiting(session, desk.planner, desk.now)
        plan_customers(session, [customer], desk.planner, desk.now)
        drafting.draft_due(session, desk.workshop, desk.now)
    assert len(asked.statements) > 15
    assert asked.scans(engine) == []


def test_the_questions_are_as_many_for_fifty_customers_as_for_one(engine: Engine, tmp_path: Path) -> None:
    desk = Desk(engine, tmp_path)
    everybody = [desk.customer(name=f"Firm {number}", addresses=[f"a{number}@firm.example"]) for number in range(50)]
    counts = []
    for some in (everybody[:1], everybody):
        asked = Asked(engine)
        with writing(engine) as session:
            plan_customers(session, some, desk.planner, desk.now)
        counts.append(len([one for one in asked.statements if one[0].startswith("SELECT")]))
    assert counts[1] <= counts[0] * 2
