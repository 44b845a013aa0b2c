"""A site over a fresh copy of the cast with one user, and a browser-like client for it."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from sqlalchemy import Engine
from starlette.testclient import TestClient

from inboxcrm.model.database import open_engine
from inboxcrm.service.events import Events
from inboxcrm.settings import Settings
from inboxcrm.web import users
from inboxcrm.web.app import create_app
from tests.browser.seed import make_template

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


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with a user and the whole cast, made once."""
    path = tmp_path_factory.mktemp("template") / "inboxcrm.db"
    make_template(path, NAME, PASSWORD)
    return path


@pytest.fixture
def engine(template: Path, home: Path) -> Iterator[Engine]:
    """A fresh copy of the cast."""
    shutil.copy(template, home / "inboxcrm.db")
    engine = open_engine(f"sqlite:///{home / 'inboxcrm.db'}")
    yield engine
    engine.dispose()


@pytest.fixture
def user() -> str:
    """Who may log in."""
    return NAME


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


@pytest.fixture(scope="session", autouse=True)
def _quick_hashing() -> Iterator[None]:
    """Hashing is slow on purpose; here it is done often."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(users, "_hasher", PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
        yield
