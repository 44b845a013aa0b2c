"""Grades, signals and business records in the JSON API."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select

from inboxcrm.model import Direction, LogEntry
from inboxcrm.model.database import looking
from inboxcrm.service.events import Events
from tests.unit.web.conftest import Browser

GRADING = Path(__file__).parents[3] / "config" / "grading.toml"


@pytest.fixture
def program(browser: Browser) -> Browser:
    """A logged-in program, which brings the token with every change."""
    browser.headers["x-csrf-token"] = browser.get("/api/v1/session").json()["csrf_token"]
    return browser


@pytest.fixture
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


def test_a_missed_signal_is_added_grades_the_customer_and_is_undone(
    program: Browser, heard: tuple[int, int], events: Events
) -> None:
    entry, customer = heard
    before = program.get(f"/api/v1/customers/{customer}/grade").json()
    with events.subscribe() as news:
        added = program.post(f"/api/v1/entries/{entry}/signals", json={"kind": "order"})
        assert [event.data["customers"] for event in news.waiting()] == [[customer]]
    assert (added.status_code, added.json()["state"]) == (201, "added")
    grade = program.get(f"/api/v1/customers/{customer}/grade").json()
    assert {"customer", "grade", "status", "dimensions", "reasons", "missing", "rules_version", "at"} <= set(grade)
    assert (grade["customer"]["id"], grade["status"]) == (customer, "won")
    assert set(grade["dimensions"]) == {"current_value", "potential_value", "willingness", "risk"}
    assert grade["dimensions"]["current_value"] > before["dimensions"]["current_value"]
    placed = next(one for one in grade["reasons"] if one["dimension"] == "current_value")
    assert placed["entry"] == entry
    assert [one["kind"] for one in program.get("/api/v1/records", params={"customer_id": customer}).json()] == ["order"]
    assert program.post(f"/api/v1/signals/{added.json()['id']}/undo").json() is None
    after = program.get(f"/api/v1/customers/{customer}/grade").json()
    assert after["dimensions"] == before["dimensions"]


def test_a_signal_is_confirmed_rejected_and_listed_by_state(program: Browser, heard: tuple[int, int]) -> None:
    entry, customer = heard
    number = program.post(f"/api/v1/entries/{entry}/signals", json={"kind": "inquiry"}).json()["id"]
    assert program.post(f"/api/v1/signals/{number}/confirm").json()["state"] == "confirmed"
    listed = program.get("/api/v1/signals", params={"customer_id": customer, "state": "confirmed"}).json()
    assert [one["id"] for one in listed] == [number]
    assert program.post(f"/api/v1/signals/{number}/reject").json()["state"] == "rejected"
    assert program.get("/api/v1/signals", params={"customer_id": customer, "state": "confirmed"}).json() == []


def test_a_grade_is_held_told_in_the_history_called_wrong_and_taken_back(
    program: Browser, heard: tuple[int, int]
) -> None:
    customer = heard[1]
    before = program.get(f"/api/v1/customers/{customer}/grade").json()["grade"]
    held = program.post(
        f"/api/v1/customers/{customer}/grade/pin",
        json={"grade": "A", "reason": "Met at the fair", "until": "2099-12-31"},
    )
    assert held.json()["grade"] == "A"
    change = program.get(f"/api/v1/customers/{customer}/grade/history").json()[0]
    assert (change["from"], change["to"], change["changed_by"], change["note"]) == (
        before,
        "A",
        "pin",
        "Met at the fair",
    )
    assert program.get("/api/v1/grade-changes", params={"limit": 1}).json() == [change]
    assert program.post(f"/api/v1/grade-changes/{change['id']}/wrong").json()["wrong"] is True
    assert program.post(f"/api/v1/grade-changes/{change['id']}/undo").json()["grade"] == before
    counts = program.get("/api/v1/grades").json()
    assert counts["wrong"] == 2
    assert sum(counts["customers"].values()) == 60


def test_a_held_grade_is_let_go(program: Browser, heard: tuple[int, int]) -> None:
    path = f"/api/v1/customers/{heard[1]}/grade"
    program.post(f"{path}/pin", json={"grade": "watch", "reason": "A student"})
    assert program.get(path).json()["grade"] == "watch"
    assert program.post(f"{path}/unpin").status_code == 200


def test_a_grade_is_shown_as_it_was(program: Browser, heard: tuple[int, int]) -> None:
    long_ago = (datetime.now(UTC) - timedelta(days=4000)).isoformat()
    then = program.get(f"/api/v1/customers/{heard[1]}/grade", params={"at": long_ago}).json()
    assert then["grade"] == "watch"
    assert then["dimensions"]["willingness"] == 0


def test_other_rules_are_tried_and_broken_ones_refused_with_their_line(program: Browser) -> None:
    text = GRADING.read_text(encoding="utf-8")
    stricter = text.replace("known_at_least = 30", "known_at_least = 100")
    found = program.post("/api/v1/grades/whatif", json={"rules": stricter}).json()
    assert found["moves"]
    assert {"customer_id", "from", "to", "reasons"} <= set(found["moves"][0])
    assert [one["grade"] for one in found["foresight"]["now"]] == ["A", "B", "C", "watch"]
    refused = program.post(
        "/api/v1/grades/whatif", json={"rules": text.replace("known_at_least = 30", "known_at_least = 300")}
    )
    assert refused.status_code == 400
    assert "line 2" in refused.json()["detail"]


def test_a_record_is_opened_edited_advanced_closed_and_undone(program: Browser, heard: tuple[int, int]) -> None:
    customer = heard[1]
    opened = program.post(
        f"/api/v1/customers/{customer}/records",
        json={"kind": "order", "fields": {"amount": "12500.50", "currency": "eur", "products": ["ball valve"]}},
    )
    assert opened.status_code == 201
    record = opened.json()
    assert (record["stage"], record["amount"], record["currency"]) == ("placed", "12500.5", "EUR")
    path = f"/api/v1/records/{record['id']}"
    assert program.patch(path, json={"number": "PO 4711"}).json()["number"] == "PO 4711"
    assert program.post(f"{path}/release", json={"field": "number"}).status_code == 200
    advanced = program.post(f"{path}/advance", json={"stage": "paid", "note": "by T/T"}).json()
    assert (advanced["stage"], advanced["note"]) == ("paid", "by T/T")
    assert program.get("/api/v1/records", params={"open_only": True, "kind": "order"}).json()[0]["id"] == record["id"]
    assert program.post(f"{path}/close", json={}).json()["stage"] == "closed"
    steps = program.get(path).json()["steps"]
    back = program.post(f"/api/v1/record-steps/{steps[-1]['id']}/undo").json()
    assert back["stage"] == "paid"
    assert program.post(f"/api/v1/record-steps/{steps[0]['id']}/undo").json() is None
    assert program.get(path).status_code == 404


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"amount": "many"}, "amount"),
        ({"currency": "dollars"}, "currency"),
        ({"due_on": "soon"}, "due_on"),
        ({"x": 1}, "x"),
    ],
)
def test_a_value_that_a_record_cannot_take_is_refused_with_its_field(
    program: Browser, heard: tuple[int, int], fields: dict[str, Any], told: str
) -> None:
    answer = program.post(f"/api/v1/customers/{heard[1]}/records", json={"kind": "quote", "fields": fields})
    assert answer.status_code == 400
    assert told in answer.json()["detail"]


@pytest.mark.parametrize(
    ("path", "sent"),
    [
        ("customers/999999/grade/pin", {"grade": "A", "reason": "x"}),
        ("customers/999999/grade/unpin", {}),
        ("customers/999999/records", {"kind": "quote"}),
        ("grade-changes/999999/undo", {}),
        ("grade-changes/99999999999999999999/wrong", {}),
        ("signals/999999/confirm", {}),
        ("entries/999999/signals", {"kind": "order"}),
        ("records/999999/advance", {"stage": "paid"}),
        ("record-steps/99999999999999999999/undo", {}),
    ],
)
def test_what_is_not_there_is_404_and_nothing_changes_without_the_token(
    program: Browser, path: str, sent: dict[str, Any]
) -> None:
    assert program.post(f"/api/v1/{path}", json=sent).status_code == 404
    del program.headers["x-csrf-token"]
    assert program.post(f"/api/v1/{path}", json=sent).status_code == 403


def test_the_description_names_every_answer_of_these_paths(program: Browser) -> None:
    paths = program.get("/api/v1/openapi.json").json()["paths"]
    judging = {
        path: methods for path, methods in paths.items() if any(word in path for word in ("grade", "signal", "record"))
    }
    assert len(judging) >= 18
    for methods in judging.values():
        for one in methods.values():
            assert one["summary"]
            assert any(answer in one["responses"] for answer in ("200", "201"))
            (content,) = next(one["responses"][good] for good in ("200", "201") if good in one["responses"])[
                "content"
            ].values()
            assert content["schema"]
