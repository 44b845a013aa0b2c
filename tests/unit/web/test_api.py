"""The JSON API: the same use cases as the pages, for programs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from inboxcrm.service.events import Events, Topic
from tests.unit.web.conftest import Browser


@pytest.fixture
def program(browser: Browser) -> Browser:
    """A logged-in program, which brings the token with every change."""
    browser.headers["x-csrf-token"] = browser.get("/api/v1/session").json()["csrf_token"]
    return browser


def found(program: Browser, **query: Any) -> list[str]:
    return [one["name"] for one in program.get("/api/v1/customers", params=query).json()["customers"]]


def test_customers_are_listed_a_page_at_a_time(program: Browser) -> None:
    first = program.get("/api/v1/customers", params={"limit": 40, "sort": "name"}).json()
    second = program.get("/api/v1/customers", params={"limit": 40, "offset": 40, "sort": "name"}).json()
    assert first["total"] == second["total"] == 60
    assert len({one["id"] for one in first["customers"] + second["customers"]}) == 60


def test_customers_are_filtered_by_everything_at_once(program: Browser) -> None:
    assert found(program, grade="A", country="FR") == ["Lumière & Fils SARL"]
    assert found(program, text="東京") == []
    assert found(program, text="大和") == ["Yamato Denki"]


def test_a_change_without_the_token_is_refused(program: Browser) -> None:
    del program.headers["x-csrf-token"]
    assert program.post("/api/v1/customers", json={"name": "Forged"}).status_code == 403
    assert program.patch("/api/v1/customers/1", json={"name": "Forged"}).status_code == 403


def test_a_customer_is_made_shown_and_edited(program: Browser) -> None:
    made = program.post("/api/v1/customers", json={"name": "Akari", "fields": {"country": "Japan", "tags": ["oem"]}})
    assert made.status_code == 201
    assert (made.json()["country"], made.json()["tags"]) == ("JP", ["oem"])
    edited = program.patch(
        f"/api/v1/customers/{made.json()['id']}", json={"grade": "B", "local_name": "株式会社あかり"}
    )
    assert (edited.json()["grade"], edited.json()["local_name"]) == ("B", "株式会社あかり")
    assert program.get(f"/api/v1/customers/{made.json()['id']}").json() == edited.json()


def test_a_value_that_a_field_cannot_take_is_refused_with_its_name(program: Browser) -> None:
    answer = program.post("/api/v1/customers", json={"name": "Akari", "fields": {"country": "Atlantis"}})
    assert answer.status_code == 400
    assert "Atlantis" in answer.json()["detail"]
    assert found(program, text="Akari") == []


def test_the_log_is_read_backwards_to_its_end(program: Browser) -> None:
    seen: list[int] = []
    following = ""
    while True:
        part = program.get("/api/v1/customers/1/log", params={"limit": 4, "before": following}).json()
        seen += [one["id"] for one in part["entries"]]
        following = part["next"]
        if not following:
            break
    whole = program.get("/api/v1/customers/1/log", params={"limit": 500}).json()
    assert seen == [one["id"] for one in whole["entries"]]
    assert len(seen) == len(set(seen)) > 8


def test_an_entry_by_hand_is_appended_and_told_to_open_pages(program: Browser, events: Events) -> None:
    with events.subscribe() as news:
        added = program.post(
            "/api/v1/customers/1/entries", json={"channel": "call", "content": "Will decide on Friday."}
        )
        assert added.status_code == 201
        assert added.json()["by"] == "Li Wei"
        told = news.get(timeout=5)
    assert told is not None
    assert (told.topic, told.data["customers"]) == ("file", [1])


@pytest.mark.parametrize(
    "entry",
    [
        {"channel": "mail", "content": "x"},
        {"channel": "call", "content": "  "},
        {"channel": "call", "content": "x", "at": (datetime.now(UTC) + timedelta(days=2)).isoformat()},
        {"channel": "call", "content": "x", "contact_id": 999_999},
    ],
)
def test_an_entry_that_cannot_be_is_refused_in_words(program: Browser, entry: dict[str, Any]) -> None:
    answer = program.post("/api/v1/customers/1/entries", json=entry)
    assert answer.status_code == 400
    assert answer.json()["detail"]


def test_an_entry_moves(program: Browser) -> None:
    entry = program.get("/api/v1/customers/2/log").json()["entries"][0]
    moved = program.post(f"/api/v1/entries/{entry['id']}/move", json={"customer_id": 3})
    assert moved.json()["customer_id"] == 3
    assert entry["id"] not in [one["id"] for one in program.get("/api/v1/customers/2/log").json()["entries"]]


def test_triage_assigns_and_takes_back(program: Browser, events: Events) -> None:
    waiting = [one["address"] for one in program.get("/api/v1/unmatched").json()]
    assert "sofia@decormarquez.example" in waiting
    assert "news@lightingweekly.example" not in waiting
    with events.subscribe() as news:
        done = program.post(
            "/api/v1/unmatched/assign", json={"value": "sofia@decormarquez.example", "new_customer": "Decor Márquez"}
        ).json()
        topics = [event.topic for event in news.waiting()]
    assert done["entries"] == 2
    assert Topic.WANTED in topics  # only the headers were kept; the texts are to be fetched
    assert len(program.get(f"/api/v1/customers/{done['customer_id']}/log").json()["entries"]) == 2
    program.post("/api/v1/unmatched/undo", json={"value": "sofia@decormarquez.example"})
    assert "sofia@decormarquez.example" in [one["address"] for one in program.get("/api/v1/unmatched").json()]


def test_triage_wants_one_customer_either_way(program: Browser) -> None:
    for asked in ({}, {"customer_id": 1, "new_customer": "X"}):
        answer = program.post("/api/v1/unmatched/assign", json={"value": "sofia@decormarquez.example", **asked})
        assert answer.status_code == 422


def test_an_ignored_domain_leaves_the_list(program: Browser) -> None:
    assert program.post("/api/v1/unmatched/ignore", json={"value": "hengtong-parts.example"}).status_code == 204
    assert "wangjg@hengtong-parts.example" not in [one["address"] for one in program.get("/api/v1/unmatched").json()]


def test_search_finds_customers_and_entries(program: Browser) -> None:
    hits = program.get("/api/v1/search", params={"text": "echantillons"}).json()
    assert any("Échantillons" in one["subject"] for one in hits["entries"])


def test_health_tells_each_account(program: Browser) -> None:
    states = {one["address"]: one["state"] for one in program.get("/api/v1/health").json()}
    assert states == {"li.wei@brightlamps.example": "ok", "sales@brightlamps.example": "stopped"}


def test_the_api_describes_itself_to_those_who_are_logged_in(program: Browser) -> None:
    paths = program.get("/api/v1/openapi.json").json()["paths"]
    assert set(paths) >= {"/api/v1/customers", "/api/v1/unmatched/assign", "/api/v1/customers/{customer_id}/entries"}
    assert not any(path for path in paths if not path.startswith("/api/"))


@pytest.mark.parametrize(
    "path", ["/api/v1/customers/999999", "/api/v1/customers/999999/log", "/api/v1/entries/999999/move"]
)
def test_what_is_not_there_is_404(program: Browser, path: str) -> None:
    answer = program.post(path, json={"customer_id": 1}) if path.endswith("move") else program.get(path)
    assert answer.status_code == 404
