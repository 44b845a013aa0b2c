"""Judging on the pages: why a customer has its grade, correcting signals, holding a grade, and trying other rules."""

from __future__ import annotations

import html
import re
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from inboxcrm.model import BusinessRecord, Customer, Direction, Grade, LogEntry, RecordKind, Signal, Stage, Status
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


def test_a_record_is_opened_in_a_form_written_moved_on_and_all_of_it_taken_back(
    browser: Browser, engine: Engine
) -> None:
    _entry, customer = heard(engine)
    form = f"/customers/{customer}/records/new"
    assert browser.get(form).status_code == 200
    sent = {"kind": "order", "amount": "12,500", "currency": "usd", "products": "lamp", "due_on": "2026-12-24"}
    assert browser.submit(form, page=form, **sent).headers["location"] == f"/customers/{customer}#records"
    record = newest_record(engine, customer)
    assert (record.kind, record.stage, record.currency) == (RecordKind.ORDER, Stage.PLACED, "USD")
    edit = f"/records/{record.id}/edit"
    assert 'value="12500"' in browser.get(edit).text
    browser.submit(edit, page=edit, **(sent | {"amount": "12500", "number": "PO 4711"}))
    assert newest_record(engine, customer).number == "PO 4711"
    browser.submit(f"/records/{record.id}/advance", stage="paid")
    notice = browser.get(f"/customers/{customer}").text
    undo = re.search(r"/record-steps/\d+/undo", notice)
    assert undo is not None
    browser.submit(undo[0])
    assert newest_record(engine, customer).stage is Stage.PLACED


def test_a_value_that_a_record_cannot_take_brings_the_form_back_as_it_was_typed(
    browser: Browser, engine: Engine
) -> None:
    _entry, customer = heard(engine)
    form = f"/customers/{customer}/records/new"
    answer = browser.submit(form, page=form, kind="quote", amount="a lot", number="Q-77")
    assert answer.status_code == 422
    assert "a lot" in answer.text
    assert "Q-77" in answer.text


def test_a_status_set_by_hand_follows_the_records_again_when_let_go(browser: Browser, engine: Engine) -> None:
    _entry, customer = heard(engine)
    form = f"/customers/{customer}/edit"
    browser.submit(form, page=form, status="dormant")
    assert "Let it follow the records" in browser.get(f"/customers/{customer}").text
    browser.submit(f"/customers/{customer}/status/release")
    with looking(engine) as session:
        row = session.get_one(Customer, customer)
        assert not row.status_pinned
        assert row.status is not Status.DORMANT


def newest_record(engine: Engine, customer: int) -> BusinessRecord:
    with looking(engine) as session:
        return session.scalars(
            select(BusinessRecord).where(BusinessRecord.customer_id == customer).order_by(BusinessRecord.id.desc())
        ).all()[0]


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("grading.toml", "[score]\ncurrent_value = 7\n", "line 2"),
        ("signals/en.toml", "language = \n", "signals/en.toml"),
        ("records.toml", "nonsense = true\n", "nonsense"),
    ],
)
def test_a_broken_file_of_rules_is_shown_on_the_health_page_with_its_line(
    browser: Browser, home: Path, name: str, text: str, told: str
) -> None:
    assert "can&#39;t be used" not in browser.get("/health").text
    path = home / "config" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    page = html.unescape(browser.get("/health").text)
    assert "A file of rules can't be used as it is." in page
    assert told in page
    path.unlink()
    assert "A file of rules" not in browser.get("/health").text
