"""Grades in the database follow the log, explain themselves, and leave what people decided alone. On both databases."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from inboxcrm.customers.file import create_customer
from inboxcrm.customers.provenance import Origin
from inboxcrm.grading import by_hand, everybody, words
from inboxcrm.grading.regrade import Moved, regrade
from inboxcrm.grading.rules import load
from inboxcrm.model import (
    Assessment,
    ChangedBy,
    Channel,
    Customer,
    Direction,
    FieldSource,
    Grade,
    GradeChange,
    LogEntry,
    MatchedBy,
    Signal,
    SignalState,
)
from inboxcrm.model.database import looking, writing

RULES = load(Path(__file__).parents[3] / "config" / "grading.toml")
NOW = datetime(2026, 6, 1, 8, tzinfo=UTC)


def in_base(amount: Decimal, _currency: str, _on: date) -> Decimal:
    return amount


def add_customer(session: Session, name: str = "Nordlicht", grade: str = "") -> int:
    values = {"country": "DE"} | ({"grade": grade} if grade else {})
    origin = Origin(NOW - timedelta(days=200), by="lina", source=FieldSource.IMPORT)
    return create_customer(session, name, origin, values).id


def heard(session: Session, customer: int, at: datetime, *kinds: str, state: SignalState = SignalState.COUNTED) -> None:
    entry = LogEntry(
        customer_id=customer,
        at=at,
        channel=Channel.MAIL,
        direction=Direction.IN,
        content="Please send two samples.",
        matched_by=MatchedBy.ADDRESS,
        confidence=1.0,
        match_facts={},
        warnings=[],
        created_at=NOW,
    )
    session.add(entry)
    session.flush()
    for kind in kinds:
        session.add(
            Signal(
                entry_id=entry.id,
                customer_id=customer,
                kind=kind,
                at=at,
                state=state,
                evidence="Please send two samples",
                place="text",
                start=0,
                confidence=0.9,
                rule="en.sample.ask",
                details={},
            )
        )
    session.flush()


def changes(session: Session, customer: int) -> list[tuple[Grade, Grade, ChangedBy]]:
    rows = session.scalars(
        select(GradeChange).where(GradeChange.customer_id == customer).order_by(GradeChange.at, GradeChange.id)
    )
    return [(row.from_grade, row.to_grade, row.changed_by) for row in rows]


def test_a_sample_request_lifts_a_customer_and_says_why_with_the_sentence(either_engine: Engine) -> None:
    with writing(either_engine) as session:
        customer = add_customer(session)
        heard(session, customer, NOW - timedelta(days=1), "sample_request")
        assert regrade(session, [customer], RULES, in_base, NOW) == [Moved(customer, Grade.WATCH, Grade.B)]
    with looking(either_engine) as session:
        assert session.get_one(Customer, customer).grade is Grade.B
        assert changes(session, customer) == [(Grade.WATCH, Grade.B, ChangedBy.RULES)]
        (change,) = session.scalars(select(GradeChange))
        told = {words.reason(one): one["evidence"] for one in change.reasons}
        assert told["Asked for samples on 31 May 2026"] == "Please send two samples"
        assert session.get_one(Assessment, customer).willingness > 30


def test_a_suggestion_grades_nobody_until_it_is_confirmed(either_engine: Engine) -> None:
    with writing(either_engine) as session:
        customer = add_customer(session)
        heard(session, customer, NOW - timedelta(days=1), "sample_request", state=SignalState.SUGGESTED)
        regrade(session, [customer], RULES, in_base, NOW)
        assert session.get_one(Customer, customer).grade is Grade.C
        session.scalars(select(Signal)).one().state = SignalState.CONFIRMED
        session.flush()
        regrade(session, [customer], RULES, in_base, NOW)
        assert session.get_one(Customer, customer).grade is Grade.B


def test_an_older_mail_that_comes_late_gives_the_same_history_as_in_order(either_engine: Engine) -> None:
    times = [
        (NOW - timedelta(days=days), kind) for days, kind in ((90, "inquiry"), (60, "sample_request"), (2, "order"))
    ]
    with writing(either_engine) as session:
        in_order, late = add_customer(session, "In order"), add_customer(session, "Late")
        for customer, events in ((in_order, times), (late, times[::-1])):
            for at, kind in events:
                heard(session, customer, at, kind)
                regrade(session, [customer], RULES, in_base, NOW)
        assert changes(session, late) == changes(session, in_order)
        assert len(changes(session, late)) >= 2


def test_grading_again_writes_nothing_again(either_engine: Engine) -> None:
    with writing(either_engine) as session:
        customer = add_customer(session)
        heard(session, customer, NOW - timedelta(days=90), "inquiry", "sample_request")
        regrade(session, [customer], RULES, in_base, NOW)
        ids = list(session.scalars(select(GradeChange.id).order_by(GradeChange.id)))
        assert regrade(session, [customer], RULES, in_base, NOW) == []
        assert list(session.scalars(select(GradeChange.id).order_by(GradeChange.id))) == ids


def test_a_grade_from_the_list_holds_until_the_rules_have_watched_long_enough(either_engine: Engine) -> None:
    with writing(either_engine) as session:
        customer = add_customer(session, grade="A")
        regrade(session, [customer], RULES, in_base, NOW - timedelta(days=190))
        assert session.get_one(Customer, customer).grade is Grade.A
        heard(session, customer, NOW - timedelta(days=189), "inquiry")
        regrade(session, [customer], RULES, in_base, NOW)
        assert session.get_one(Customer, customer).grade is Grade.C


def test_a_pinned_grade_stays_until_its_end(either_engine: Engine) -> None:
    with writing(either_engine) as session:
        customer = session.get_one(Customer, add_customer(session))
        heard(session, customer.id, NOW - timedelta(days=100), "inquiry")
        end = NOW + timedelta(days=30)
        by_hand.pin(session, customer, Grade.A, reason="Met at the fair", until=end, by="lina", now=NOW)
        regrade(session, [customer.id], RULES, in_base, NOW + timedelta(days=29))
        assert customer.grade is Grade.A
        assert [one for one in changes(session, customer.id) if one[1] is Grade.A] == [
            (Grade.WATCH, Grade.A, ChangedBy.PIN)
        ]
        regrade(session, [customer.id], RULES, in_base, NOW + timedelta(days=60))
        session.refresh(customer)
        assert customer.grade is Grade.C


def test_a_grade_that_is_let_go_follows_the_rules_at_once_and_the_history_says_when(either_engine: Engine) -> None:
    with writing(either_engine) as session:
        customer = session.get_one(Customer, add_customer(session))
        heard(session, customer.id, NOW - timedelta(days=100), "inquiry")
        regrade(session, [customer.id], RULES, in_base, NOW)
        session.refresh(customer)
        by_hand.pin(session, customer, Grade.A, reason="Met at the fair", until=None, by="lina", now=NOW)
        regrade(session, [customer.id], RULES, in_base, NOW)
        assert by_hand.pin_of(session, customer.id, NOW + timedelta(days=2)) is not None
        let_go = NOW + timedelta(days=2)
        assert by_hand.unpin(session, customer, now=let_go)
        regrade(session, [customer.id], RULES, in_base, let_go)
        session.refresh(customer)
        assert customer.grade is Grade.C
        assert not by_hand.unpin(session, customer, now=let_go)
        last = session.scalars(select(GradeChange).order_by(GradeChange.at.desc())).all()[0]
        assert (last.at, last.from_grade, last.to_grade) == (let_go, Grade.A, Grade.C)


def test_the_last_change_can_be_taken_back_and_only_the_last(either_engine: Engine) -> None:
    with writing(either_engine) as session:
        customer = add_customer(session)
        heard(session, customer, NOW - timedelta(days=60), "inquiry")
        heard(session, customer, NOW - timedelta(days=1), "order")
        regrade(session, [customer], RULES, in_base, NOW)
        first, *_, last = session.scalars(select(GradeChange).order_by(GradeChange.at))
        with pytest.raises(by_hand.GradeError, match="last"):
            by_hand.undo(session, first.id, by="lina", now=NOW)
        by_hand.undo(session, last.id, by="lina", now=NOW)
        regrade(session, [customer], RULES, in_base, NOW)
        assert session.get_one(Customer, customer).grade is last.from_grade
        assert by_hand.score(session)[1] == 1


@pytest.mark.parametrize("in_processes", [False, True])
def test_grading_everybody_gives_what_grading_each_gives(
    either_engine: Engine, monkeypatch: pytest.MonkeyPatch, *, in_processes: bool
) -> None:
    monkeypatch.setattr(everybody, "_WORTH_PROCESSES", 0 if in_processes else 10**9)
    monkeypatch.setattr(everybody, "PORTION", 2)
    monkeypatch.setattr(everybody, "_TOGETHER", 4)
    kinds = ["sample_request", "order", "inquiry", "complaint", "unsubscribe"]
    with writing(either_engine) as session:
        customers = [add_customer(session, kind) for kind in kinds]
        for customer, kind in zip(customers, kinds, strict=True):
            heard(session, customer, NOW - timedelta(days=100), kind)
    assert everybody.regrade_everybody(either_engine, RULES, in_base, NOW) == len(customers)
    with writing(either_engine) as session:
        told = [changes(session, customer) for customer in customers]
        assert all(told)
        assert regrade(session, customers, RULES, in_base, NOW) == []
        assert [changes(session, customer) for customer in customers] == told
    assert everybody.regrade_everybody(either_engine, RULES, in_base, NOW) == 0
