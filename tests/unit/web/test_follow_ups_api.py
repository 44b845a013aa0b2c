"""Follow-ups, promises and unanswered mails in the JSON API."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from inboxcrm.model import Customer, Draft, FollowUp
from inboxcrm.model.database import looking
from inboxcrm.settings import Account, Settings
from tests.browser.seed import OURS
from tests.unit.web.conftest import Browser

SOON = (datetime.now(UTC) + timedelta(days=3)).isoformat()
NAME = "Sunbelt Fixtures Inc."


@pytest.fixture
def settings(home: Path) -> Settings:
    """With the mailbox of the cast, to write from."""
    account = Account.model_validate({"address": OURS, "name": "Li Wei", "imap": {"host": "127.0.0.1", "port": 993}})
    return Settings(home=home, accounts=(account,))


@pytest.fixture
def program(browser: Browser) -> Browser:
    """A logged-in program, which brings the token with every change."""
    browser.headers["x-csrf-token"] = browser.get("/api/v1/session").json()["csrf_token"]
    return browser


@pytest.fixture
def customer(engine: Engine) -> int:
    with looking(engine) as session:
        return session.scalars(select(Customer.id).where(Customer.name == NAME)).one()


def test_a_follow_up_is_planned_moved_done_and_reopened(program: Browser, customer: int) -> None:
    made = program.post(
        f"/api/v1/customers/{customer}/follow-ups", json={"due_at": SOON, "action": "call", "goal": "Prices of 2027"}
    )
    assert made.status_code == 201
    assert (made.json()["customer"], made.json()["state"]) == (NAME, "planned")
    assert made.json()["why"] == ["Planned by Li Wei."]
    path = f"/api/v1/follow-ups/{made.json()['id']}"
    later = (datetime.now(UTC) + timedelta(days=9)).isoformat()
    moved = program.post(f"{path}/move", json={"due_at": later})
    assert datetime.fromisoformat(moved.json()["due_at"]) == datetime.fromisoformat(later)
    assert moved.json()["moved_by"] == "Li Wei"
    assert program.post(f"{path}/move", json={"due_at": "2020-01-01T09:00:00Z"}).status_code == 409
    assert program.post(f"{path}/done").json()["state"] == "done"
    assert program.post(f"{path}/skip").status_code == 409
    assert program.post(f"{path}/reopen").json()["state"] == "planned"
    listed = program.get("/api/v1/follow-ups", params={"customer_id": customer}).json()
    assert made.json()["id"] in [one["id"] for one in listed]
    assert program.get("/api/v1/follow-ups/999999").status_code == 404


def test_only_what_is_due_until_then_is_listed(program: Browser) -> None:
    every = program.get("/api/v1/follow-ups").json()
    due = program.get("/api/v1/follow-ups", params={"until": datetime.now(UTC).isoformat()}).json()
    assert 0 < len(due) < len(every)
    assert [one["due_at"] for one in every] == sorted(one["due_at"] for one in every)


def test_a_plan_is_paused_and_goes_on(program: Browser, customer: int) -> None:
    path = f"/api/v1/customers/{customer}/hold"
    assert program.get(path).json() is None
    assert program.post(path, json={"until": SOON, "reason": "On leave"}).json()["reason"] == "On leave"
    assert program.get(path).json()["by"] == "Li Wei"
    assert program.delete(path).status_code == 204
    assert program.get(path).json() is None
    assert program.post("/api/v1/customers/999999/hold", json={}).status_code == 404


def test_a_promise_is_written_down_kept_and_reopened(program: Browser, customer: int) -> None:
    made = program.post(
        f"/api/v1/customers/{customer}/promises", json={"text": "Photos of the packing", "due_on": "2026-12-01"}
    ).json()
    path = f"/api/v1/promises/{made['id']}"
    assert program.post(f"{path}/move", json={"due_on": None}).json()["due_on"] is None
    kept = program.post(f"{path}/keep").json()
    assert (kept["state"], kept["closed_by"]) == ("kept", "Li Wei")
    assert made["id"] not in [one["id"] for one in program.get("/api/v1/promises").json()]
    assert program.post(f"{path}/reopen").json()["state"] == "open"
    assert program.post(f"{path}/drop").json()["state"] == "dropped"
    assert program.post("/api/v1/promises/999999/keep").status_code == 404


def test_what_needs_no_answer_leaves_the_list_until_that_is_taken_back(program: Browser) -> None:
    before = program.get("/api/v1/unanswered").json()["unanswered"]
    assert before[0]["grade"] == "A"
    path = f"/api/v1/entries/{before[0]['entry']}/no-answer"
    assert program.post(path).status_code == 204
    assert len(program.get("/api/v1/unanswered").json()["unanswered"]) == len(before) - 1
    assert program.delete(path).status_code == 204
    assert program.get("/api/v1/unanswered").json()["unanswered"] == before[:0] + [
        {**one, "waited_hours": now["waited_hours"]}
        for one, now in zip(before, program.get("/api/v1/unanswered").json()["unanswered"], strict=True)
    ]


def test_a_draft_is_approved_for_the_readers_next_morning(program: Browser, engine: Engine) -> None:
    with looking(engine) as session:
        draft = session.scalars(
            select(Draft).join(FollowUp, FollowUp.id == Draft.follow_up_id).where(Draft.state == "open")
        ).first()
        assert draft is not None
    answer = program.post(f"/api/v1/drafts/{draft.id}/approve", json={"send_at": "morning"})
    assert answer.status_code == 200
    assert datetime.fromisoformat(answer.json()["send_at"]) > datetime.now(UTC)
    assert answer.json()["state"] == "approved"


def test_a_mail_is_begun_written_anew_and_brought_back(program: Browser, customer: int) -> None:
    made = program.post(f"/api/v1/customers/{customer}/drafts", json={"template": "general", "language": "en"})
    assert made.status_code == 201
    assert (made.json()["from"], made.json()["state"]) == (OURS, "open")
    path = f"/api/v1/drafts/{made.json()['id']}"
    anew = program.post(f"{path}/again", json={"language": "es"}).json()
    assert anew["language"] == "es"
    assert anew["body"] != made.json()["body"]
    assert program.post(f"{path}/undo").json()["body"] == made.json()["body"]
    assert program.post("/api/v1/drafts/999999/again", json={}).status_code == 404
    assert program.post(f"/api/v1/customers/{customer}/drafts", json={"template": "nothing"}).status_code == 409
