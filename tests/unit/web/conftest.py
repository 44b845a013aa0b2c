"""A site over a fresh database with one user, and a browser-like client for it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from sqlalchemy import Engine
from starlette.testclient import TestClient

from inboxcrm.model.database import writing
from inboxcrm.service.events import Events
from inboxcrm.settings import Settings
from inboxcrm.web import users
from inboxcrm.web.app import create_app

NAME, PASSWORD = "Li Wei", "correct horse battery"
TOKEN = re.compile(r'name="csrf" (?:value|content)="([0-9a-f]{64})"')


class Browser(TestClient):
    """A client that keeps cookies and knows how to log in and to fill the token into forms."""

    def token(self, path: str = "/log-in") -> str:
        """The token of the forms on a page."""
        found = TOKEN.search(self.get(path).text)
        assert found is not None, f"no form token on {path}"
        return found[1]

    def submit(self, path: str, page: str = "/health", **fields: Any) -> Any:
        """Sends a form of the page `page`, without following where it leads."""
        return self.post(path, data={"csrf": self.token(page), **fields}, follow_redirects=False)

    def log_in(self, name: str = NAME, password: str = PASSWORD) -> Any:
        """Fills in the log-in form."""
        return self.submit("/log-in", "/log-in", name=name, password=password)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "home"
    folder.mkdir()
    return folder


@pytest.fixture
def settings(home: Path) -> Settings:
    return Settings(home=home)


@pytest.fixture
def events() -> Events:
    return Events()


@pytest.fixture
def user(engine: Engine) -> str:
    with writing(engine) as session:
        return users.create_user(session, NAME, PASSWORD, datetime.now(UTC)).name


@pytest.fixture
def stranger(settings: Settings, engine: Engine, events: Events, user: str) -> Iterator[Browser]:
    """A browser before the log-in."""
    app = create_app(settings, engine, events)
    with Browser(app, base_url="http://127.0.0.1:8025", raise_server_exceptions=False) as browser:
        yield browser


@pytest.fixture
def browser(stranger: Browser) -> Browser:
    """A browser after the log-in."""
    assert stranger.log_in().status_code == 303
    return stranger


@pytest.fixture(autouse=True)
def _quick_hashing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashing is slow on purpose; here it is tried often."""
    monkeypatch.setattr(users, "_hasher", PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
    users._nobodys_hash.cache_clear()
