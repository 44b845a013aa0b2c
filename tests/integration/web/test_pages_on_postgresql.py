"""The pages ask the same questions of PostgreSQL as of SQLite."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine
from starlette.testclient import TestClient

from inboxcrm.model.database import writing
from inboxcrm.service.events import Events
from inboxcrm.settings import Settings
from inboxcrm.web import users
from inboxcrm.web.app import create_app
from tests.browser.seed import seed

PATHS = [
    "/",
    "/customers",
    "/customers?q=lumiere&grade=A&status=won&country=FR&sort=name",
    "/customers?tag=hotel&sort=grade",
    "/customers?owner=0&sort=last_in&page=2",
    "/customers/1",
    "/customers/1?at=3",
    "/customers/1/edit",
    "/unmatched",
    "/unmatched?tab=machines",
    "/unmatched/sender?value=sofia@decormarquez.example",
    "/search?q=échantillons",
    "/search?q=大和",
    "/messages/1",
    "/health",
    "/api/v1/customers?text=noor",
    "/api/v1/customers/1/log?limit=3",
    "/api/v1/unmatched",
    "/api/v1/search?text=PL-40",
    "/api/v1/newsletters",
    "/api/v1/newsletters?state=review&state=sending",
    "/api/v1/newsletters/results",
    "/api/v1/newsletters/series",
    "/api/v1/suppressions?text=example&lifted=true",
    "/api/v1/suppressions/check?address=sofia@decormarquez.example",
]


@pytest.fixture
def browser(postgresql_engine: Engine, tmp_path: Path) -> TestClient:
    engine = postgresql_engine
    now = datetime.now(UTC)
    with writing(engine) as session:
        user = users.create_user(session, "Li Wei", "correct horse battery", now)
        seed(session, now, user)
        name = user.name
    app = create_app(Settings(home=tmp_path), engine, Events(), auto_login_user=name)
    return TestClient(app, base_url="http://127.0.0.1", client=("127.0.0.1", 50000))


def test_every_page_is_served_from_postgresql(browser: TestClient) -> None:
    for path in PATHS:
        assert browser.get(path).status_code == 200, path


def test_triage_and_corrections_work_on_postgresql(browser: TestClient) -> None:
    browser.headers["x-csrf-token"] = browser.get("/api/v1/session").json()["csrf_token"]
    done = browser.post("/unmatched/new", data={"value": "sofia@decormarquez.example", "name": "Decor Márquez"})
    assert done.status_code == 200
    assert "Decor Márquez" in browser.get("/customers?q=decor").text
    entry = browser.get("/api/v1/customers/2/log").json()["entries"][0]["id"]
    assert browser.post(f"/entries/{entry}/move", data={"customer": "#3"}).status_code == 200
    assert entry in [one["id"] for one in browser.get("/api/v1/customers/3/log").json()["entries"]]
