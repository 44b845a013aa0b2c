"""Newsletters, series and suppressions in the JSON API: everything that a page can do, a program can."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select

from inboxcrm.customers.suppression import suppress
from inboxcrm.model import Issue, IssueState, Recipient, RecipientState, SuppressionReason
from inboxcrm.model.database import looking, open_engine, upgrade, writing
from inboxcrm.service.events import Events
from inboxcrm.settings import Settings
from inboxcrm.web.app import create_app
from inboxcrm.web.users import create_user
from tests.newsletters import LINA, account_in, customer_in, home_in, png, settings_in
from tests.unit.web.conftest import NAME, PASSWORD, Browser

LATER = (datetime.now(UTC) + timedelta(days=3)).isoformat()
TEXT = {"subjects": ["News for {{ customer.name }}"], "body": "{{ salutation }}\n\nnew valves.\n\n{{ closing }}\n"}


@pytest.fixture
def settings(home: Path) -> Settings:
    return settings_in(home_in(home))


@pytest.fixture
def engine(home: Path) -> Iterator[Engine]:
    """Three customers of grade C, one of whom has left, and Lina's account."""
    engine = open_engine(f"sqlite:///{home / 'inboxcrm.db'}")
    upgrade(engine)
    now = datetime.now(UTC)
    with writing(engine) as session:
        create_user(session, NAME, PASSWORD, now)
        account_in(session)
        for name in ("alpha", "beta", "gamma"):
            customer_in(session, name.title(), f"anna@{name}.example", person="Anna Kuhn", language="en", country="DE")
        suppress(session, "anna@gamma.example", reason=SuppressionReason.LEFT, now=now)
    yield engine
    engine.dispose()


@pytest.fixture
def handed() -> list[tuple[str, list[str], bytes]]:
    """The mails that were handed to the server, as (sender, recipients, bytes)."""
    return []


@pytest.fixture
def program(
    settings: Settings, engine: Engine, events: Events, handed: list[tuple[str, list[str], bytes]]
) -> Iterator[Browser]:
    """A logged-in program, which brings the token with every change."""

    def hand(_account: Any, sender: str, recipients: Any, data: bytes) -> None:
        handed.append((sender, list(recipients), data))

    app = create_app(settings, engine, events, hand=hand)
    with Browser(app, base_url="http://127.0.0.1:8025", raise_server_exceptions=False) as browser:
        assert browser.log_in().status_code == 303
        browser.headers["x-csrf-token"] = browser.get("/api/v1/session").json()["csrf_token"]
        yield browser


@pytest.fixture
def issue(program: Browser) -> str:
    """The path of an issue with an English text."""
    made = program.post("/api/v1/newsletters", json={"name": "Spring", "audience": {"countries": ["de"]}})
    assert made.status_code == 201, made.text
    path = f"/api/v1/newsletters/{made.json()['id']}"
    assert program.put(f"{path}/texts/en", json=TEXT).status_code == 200
    return path


def test_an_issue_is_written_changed_copied_and_removed(program: Browser, issue: str) -> None:
    shown = program.get(issue).json()
    assert (shown["name"], shown["state"], shown["from"]) == ("Spring", "draft", LINA)
    assert shown["audience"]["countries"] == ["DE"]
    assert [one["language"] for one in shown["texts"]] == ["en"]
    changed = program.patch(issue, json={"name": "Summer", "working_hours": False, "account": LINA}).json()
    assert (changed["name"], changed["working_hours"]) == ("Summer", False)
    assert program.patch(issue, json={"layout": "none"}).status_code == 409
    assert program.patch(issue, json={"account": "who@elsewhere.example"}).status_code == 409
    assert program.put(f"{issue}/texts/de", json=TEXT).json()["languages"] == ["de", "en"]
    assert program.delete(f"{issue}/texts/de").json()["languages"] == ["en"]
    assert program.delete(f"{issue}/texts/de").status_code == 409
    copied = program.post(f"{issue}/copy", json={"name": "Autumn"}).json()
    assert copied["texts"][0]["body"] == TEXT["body"]
    assert [one["name"] for one in program.get("/api/v1/newsletters").json()] == ["Autumn", "Summer"]
    assert program.delete(issue).status_code == 204
    assert program.get(issue).status_code == 404
    assert program.get("/api/v1/newsletters", params={"state": "review"}).json() == []


def test_a_text_with_a_mistake_is_kept_and_the_mistake_named(program: Browser, issue: str) -> None:
    shown = program.put(f"{issue}/texts/en", json={**TEXT, "body": "Dear {{ nobody }}"}).json()
    assert "nobody" in shown["texts"][0]["problems"][0]
    report = program.get(f"{issue}/check").json()
    assert not report["may_go"]
    assert report["findings"][0]["severity"] == "error"
    refused = program.post(f"{issue}/submit")
    assert refused.status_code == 409
    assert "nobody" in refused.json()["detail"]


def test_who_gets_it_and_who_is_left_out_is_told_with_the_reasons(program: Browser, issue: str) -> None:
    told = program.get(f"{issue}/audience").json()
    assert (told["chosen"], told["out"], told["left_out"]) == (2, 1, {"suppressed": 1})
    assert [one["address"] for one in told["contacts"]] == ["anna@alpha.example", "anna@beta.example"]
    (out,) = program.get(f"{issue}/audience", params={"chosen": False, "why": "suppressed"}).json()["contacts"]
    assert out["reasons"] == [{"why": "suppressed", "words": "anna@gamma.example has left the newsletter"}]
    tried = program.post(f"{issue}/audience", json={"audience": {"countries": ["FR"]}}).json()
    assert tried["chosen"] == 0
    assert program.get(f"{issue}/audience").json()["chosen"] == 2
    assert program.post(f"{issue}/audience", json={"audience": {"nothing": 1}}).status_code == 409


def test_a_mail_is_looked_at_and_tried_on_oneself_only(
    program: Browser, issue: str, handed: list[tuple[str, list[str], bytes]]
) -> None:
    shown = program.get(f"{issue}/preview", params={"contact": "anna@beta.example"}).json()
    assert shown["subject"] == "News for Beta"
    assert "new valves." in shown["text"]
    assert program.get(f"{issue}/preview", params={"contact": "x@y.example"}).status_code == 409
    assert "only 1 subject." in program.get(f"{issue}/preview", params={"subject": 1}).json()["detail"]
    assert program.post(f"{issue}/test-send", json={"subject": 1}).status_code == 409
    assert program.post(f"{issue}/test-send", json={"to": "anna@beta.example"}).status_code == 409
    assert handed == []
    assert program.post(f"{issue}/test-send", json={}).json()["to"] == LINA
    assert [(sender, to) for sender, to, _data in handed] == [(LINA, [LINA])]


def test_nothing_is_approved_unseen(program: Browser, issue: str) -> None:
    assert program.post(f"{issue}/approve", json={"recipients": 2}).status_code == 409, "it is no more than a draft"
    assert program.post(f"{issue}/submit").json()["state"] == "review"
    assert program.post(f"{issue}/approve", json={}).status_code == 422
    past = {"recipients": 2, "send_at": "2020-01-01T09:00:00Z"}
    assert program.post(f"{issue}/approve", json=past).status_code == 409
    assert program.get(issue).json()["state"] == "review"
    assert program.post(f"{issue}/take-back").json()["state"] == "draft"


def test_who_has_seen_far_fewer_recipients_looks_again(program: Browser, issue: str, engine: Engine) -> None:
    program.post(f"{issue}/submit")
    with writing(engine) as session:
        for number in range(6):
            customer_in(session, f"New {number}", f"new@firm{number}.example", language="en", country="DE")
    refused = program.post(f"{issue}/approve", json={"recipients": 2})
    assert refused.status_code == 409
    assert "8" in refused.json()["detail"]
    with looking(engine) as session:
        assert session.scalars(select(Recipient)).all() == []
    assert program.post(f"{issue}/approve", json={"recipients": 8}).json()["state"] == "approved"


def test_an_approved_issue_is_followed_moved_paused_resumed_and_cancelled(program: Browser, issue: str) -> None:
    program.post(f"{issue}/submit")
    approved = program.post(f"{issue}/approve", json={"recipients": 2, "send_at": LATER}).json()
    assert (approved["state"], approved["approved_by"]) == ("approved", NAME)
    assert datetime.fromisoformat(approved["send_at"]) == datetime.fromisoformat(LATER)
    assert program.patch(issue, json={"name": "Too late"}).status_code == 409
    status = program.get(f"{issue}/status").json()
    assert (status["recipients"], status["queued"], status["sent"], status["left"]) == (2, 2, 0, 0)
    sooner = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    program.post(f"{issue}/schedule", json={"send_at": sooner})
    moved = datetime.fromisoformat(program.get(f"{issue}/status").json()["next_at"])
    assert moved == datetime.fromisoformat(sooner)
    assert program.post(f"{issue}/schedule", json={"send_at": "2020-01-01T09:00:00Z"}).status_code == 409
    assert program.post(f"{issue}/pause").json()["paused_because"] == f"Paused by {NAME}."
    assert program.post(f"{issue}/resume").json()["state"] == "approved"
    assert program.post(f"{issue}/resume").status_code == 409
    assert program.post(f"{issue}/cancel").json()["state"] == "cancelled"
    rows = program.get(f"{issue}/recipients", params={"kind": "cancelled"}).json()
    assert [one["address"] for one in rows] == ["anna@alpha.example", "anna@beta.example"]
    assert program.get(f"{issue}/recipients", params={"kind": "nothing"}).status_code == 422


def test_an_approval_is_taken_back_until_the_issue_begins(program: Browser, issue: str, engine: Engine) -> None:
    program.post(f"{issue}/submit")
    program.post(f"{issue}/approve", json={"recipients": 2, "send_at": LATER})
    assert "Take it back" in program.patch(issue, json={"name": "Other"}).json()["detail"]
    taken = program.post(f"{issue}/take-back").json()
    assert (taken["state"], taken["approved_by"], taken["send_at"]) == ("draft", "", None)
    assert program.get(f"{issue}/recipients").json() == []
    assert program.patch(issue, json={"name": "Other"}).json()["name"] == "Other"
    program.post(f"{issue}/submit")
    program.post(f"{issue}/approve", json={"recipients": 2})
    with writing(engine) as session:
        session.scalars(select(Issue)).one().state = IssueState.SENDING
    assert program.post(f"{issue}/take-back").status_code == 409


def test_a_mail_that_nobody_knows_about_is_decided_once(program: Browser, issue: str, engine: Engine) -> None:
    program.post(f"{issue}/submit")
    program.post(f"{issue}/approve", json={"recipients": 2})
    with writing(engine) as session:
        first, second = session.scalars(select(Recipient).order_by(Recipient.id)).all()
        first.state = second.state = RecipientState.UNKNOWN
        numbers = first.id, second.id
    paths = [f"/api/v1/newsletters/recipients/{one}" for one in numbers]
    assert program.post(f"{paths[0]}/mark-sent").json()["state"] == "sent"
    assert program.post(f"{paths[0]}/send-again").status_code == 409
    assert program.post(f"{paths[1]}/send-again").json()["state"] == "queued"
    assert program.post("/api/v1/newsletters/recipients/9999/mark-sent").status_code == 404
    results = program.get(f"{issue}/results").json()
    assert (results["sent"], results["delivered"], results["interested"]) == (1, 1, 0)
    assert program.get("/api/v1/newsletters/results").status_code == 200


def test_files_are_kept_and_go_with_an_issue(program: Browser, issue: str) -> None:
    binary = {"content-type": "application/octet-stream"}
    kept = program.put("/api/v1/newsletters/files/new valve.png", content=png(), headers=binary)
    assert kept.status_code == 201, kept.text
    assert kept.json()["name"] == "new-valve.png"
    assert "new-valve.png" in [one["name"] for one in program.get("/api/v1/newsletters/files").json()]
    assert program.patch(issue, json={"images": ["new-valve.png"]}).json()["images"] == ["new-valve.png"]
    assert program.patch(issue, json={"images": ["../inboxcrm.toml"]}).status_code == 409
    refused = program.put("/api/v1/newsletters/files/run.exe", content=b"MZ", headers=binary)
    assert refused.status_code == 409
    needed = program.delete("/api/v1/newsletters/files/new-valve.png")
    assert (needed.status_code, "Spring" in needed.json()["detail"]) == (409, True)
    program.patch(issue, json={"images": []})
    assert program.delete("/api/v1/newsletters/files/new-valve.png").status_code == 204
    assert "new-valve.png" not in [one["name"] for one in program.get("/api/v1/newsletters/files").json()]


def test_a_series_drafts_its_next_issue_for_review(program: Browser, home: Path) -> None:
    new = {"name": "Monthly", "template": "new_products", "languages": ["en"]}
    made = program.post("/api/v1/newsletters/series", json=new)
    assert made.status_code == 201, made.text
    path = f"/api/v1/newsletters/series/{made.json()['id']}"
    assert program.post("/api/v1/newsletters/series", json=new).status_code == 409, "its name is taken"
    since = (datetime.now(UTC) - timedelta(days=3)).date()
    (home / "newsletter" / "products.csv").write_text(f"name,new_since\nBall valve,{since}\n", encoding="utf-8")
    drafted = program.post(f"{path}/draft").json()
    shown = program.get(f"/api/v1/newsletters/{drafted['issue']}").json()
    assert (shown["state"], shown["series"]) == ("review", made.json()["id"])
    again = program.post(f"{path}/draft").json()
    assert again["issue"] is None
    assert "still waits" in again["why_not"]
    changed = program.patch(path, json={"every_months": 3, "active": False}).json()
    assert (changed["every_months"], changed["next_at"]) == (3, None)
    assert program.patch(path, json={"template": "nothing"}).status_code == 409
    assert [one["name"] for one in program.get("/api/v1/newsletters/series").json()] == ["Monthly"]
    assert program.delete(path).status_code == 204
    assert program.get(path).status_code == 404
    assert program.get(f"/api/v1/newsletters/{drafted['issue']}").json()["series"] is None


def test_who_asked_to_stop_is_taken_off_only_with_their_consent(program: Browser) -> None:
    (left,) = program.get("/api/v1/suppressions", params={"reason": "left"}).json()
    assert left["customers"][0]["name"] == "Gamma"
    lift = f"/api/v1/suppressions/{left['id']}/lift"
    assert program.post(lift, json={}).status_code == 409
    lifted = program.post(lift, json={"consent": "asked again at the fair"}).json()
    assert lifted["proof"]["consent"] == "asked again at the fair"
    assert [one["id"] for one in program.get("/api/v1/suppressions", params={"lifted": True}).json()] == [left["id"]]
    assert program.post("/api/v1/suppressions/9999/lift", json={}).status_code == 404


def test_a_domain_covers_what_is_below_it(program: Browser) -> None:
    made = program.post("/api/v1/suppressions", json={"value": "rival.example", "kind": "domain", "scope": "all"})
    assert made.status_code == 201
    checked = program.get("/api/v1/suppressions/check", params={"address": "bo@mail.rival.example"}).json()
    assert checked["bulk"]["value"] == checked["all"]["value"] == "rival.example"
    assert program.get("/api/v1/suppressions/check", params={"address": LINA}).json()["bulk"] is None
    assert program.get("/api/v1/suppressions/check", params={"address": "nobody"}).status_code == 409
    assert program.post("/api/v1/suppressions", json={"value": "nobody"}).status_code == 409


def test_changes_need_the_token(program: Browser, issue: str) -> None:
    del program.headers["x-csrf-token"]
    assert program.post(f"{issue}/submit").status_code == 403
    assert program.get(issue).status_code == 200
