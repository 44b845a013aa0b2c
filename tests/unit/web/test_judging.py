"""Judging on the pages: why a customer has its grade, correcting signals, holding a grade, and trying other rules."""

from __future__ import annotations

import html
from pathlib import Path

from sqlalchemy import Engine, select

from inboxcrm.model import Customer, Direction, Grade, LogEntry, Signal
from inboxcrm.model.database import looking
from tests.unit.web.conftest import Browser

GRADING = Path(__file__).parents[3] / "config" / "grading.toml"


def heard(engine: Engine) -> tuple[int, int]:
    """The newest mail of some customer, with the customer."""
    with looking(engine) as session:
        entry = session.scalars(
            select(LogEntry)
            .where(LogEntry.direction == Direction.IN, LogEntry.automatic == "", LogEntry.message_id.is_not(None))
            .order_by(LogEntry.at.desc(), LogEntry.id)
        ).first()
        assert entry is not None
        return entry.id, entry.customer_id


def grade_of(engine: Engine, customer: int) -> Grade:
    with looking(engine) as session:
        return session.get_one(Customer, customer).grade


def test_a_signal_that_was_missed_is_added_and_explains_the_grade(browser: Browser, engine: Engine) -> None:
    entry, customer = heard(engine)
    assert browser.submit(f"/entries/{entry}/signals", kind="sample_request").status_code == 303
    page = html.unescape(browser.get(f"/customers/{customer}").text)
    assert "Asks for samples" in page
    assert "Asked for samples on" in page


def test_a_signal_that_is_called_wrong_counts_no_more(browser: Browser, engine: Engine) -> None:
    entry, customer = heard(engine)
    browser.submit(f"/entries/{entry}/signals", kind="sample_request")
    assert grade_of(engine, customer) in (Grade.A, Grade.B)
    with looking(engine) as session:
        number = session.scalars(select(Signal.id).where(Signal.entry_id == entry)).one()
    assert browser.submit(f"/signals/{number}/reject").status_code == 303
    assert "Asked for samples on" not in browser.get(f"/customers/{customer}").text


def test_a_kind_of_signal_that_there_is_not_is_refused_in_words(browser: Browser, engine: Engine) -> None:
    entry, customer = heard(engine)
    answer = browser.submit(f"/entries/{entry}/signals", kind="miracle")
    assert answer.headers["location"] == f"/customers/{customer}#e{entry}"
    assert "There is no such kind of signal." in browser.get(f"/customers/{customer}").text


def test_a_held_grade_needs_a_reason_and_follows_the_rules_again_when_let_go(browser: Browser, engine: Engine) -> None:
    _entry, customer = heard(engine)
    before = grade_of(engine, customer)
    browser.submit(f"/customers/{customer}/pin", grade="A", reason=" ")
    assert grade_of(engine, customer) is before
    browser.submit(f"/customers/{customer}/pin", grade="A", reason="Met at the fair", until="2099-12-31")
    assert grade_of(engine, customer) is Grade.A
    page = browser.get(f"/customers/{customer}").text
    assert "Met at the fair" in page
    assert "Let it follow the rules" in page
    assert browser.submit(f"/customers/{customer}/unpin").status_code == 303
    assert "Let it follow the rules" not in browser.get(f"/customers/{customer}").text


def test_other_rules_are_tried_and_nothing_is_changed(browser: Browser, engine: Engine) -> None:
    with looking(engine) as session:
        before = session.execute(select(Customer.id, Customer.grade).order_by(Customer.id)).all()
    text = GRADING.read_text(encoding="utf-8").replace("known_at_least = 30", "known_at_least = 100")
    answer = browser.submit("/grades/whatif", page="/grades", rules=text)
    assert answer.status_code == 200
    assert "would move" in answer.text
    with looking(engine) as session:
        assert session.execute(select(Customer.id, Customer.grade).order_by(Customer.id)).all() == before


def test_rules_that_cant_be_used_are_told_with_their_line(browser: Browser) -> None:
    broken = GRADING.read_text(encoding="utf-8").replace("known_at_least = 30", "known_at_least = 300")
    answer = browser.submit("/grades/whatif", page="/grades", rules=broken)
    assert answer.status_code == 422
    assert "line 2" in answer.text
