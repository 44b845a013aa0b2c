"""A real browser before real pages: a seeded database, the web server on a free port, and Chromium.

A missing Chromium skips these tests aloud, and fails them with CI=true.
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import uvicorn
from argon2 import PasswordHasher
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from sqlalchemy import Engine

from inboxcrm.model.database import looking, open_engine
from inboxcrm.service.events import Events
from inboxcrm.settings import Account, Settings
from inboxcrm.web import tickets, users
from inboxcrm.web.app import create_app
from inboxcrm.web.originals import Spot
from inboxcrm.web.signing import signing_key
from tests.browser.seed import OURS, make_template
from tests.servers.dovecot import Dovecot, running
from tests.servers.parts import program

NAME, PASSWORD = "Li Wei", "correct horse battery"


@dataclass
class Pages:
    """The running pages, and what stands behind them."""

    url: str
    engine: Engine
    events: Events
    originals: dict[int, bytes] = field(default_factory=dict)
    """UID → the mail that the server would hand out."""
    handed: list[tuple[list[str], bytes]] = field(default_factory=list)
    """Mails to oneself that were handed to the outgoing server: recipients, bytes."""
    refusals: list[Exception] = field(default_factory=list)
    """What the outgoing server answers next instead of taking a mail."""
    home: Path = Path()


@dataclass
class Watched:
    """A page and everything suspicious that it did: errors, refused resources, requests to elsewhere."""

    page: Page
    url: str
    complaints: list[str] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)

    def open(self, path: str) -> None:
        """Goes to a page of ours."""
        self.page.goto(self.url + path)


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home folder with a user and the whole cast in its database, made once; and the key of its cookies."""
    home = tmp_path_factory.mktemp("template")
    make_template(home / "inboxcrm.db", NAME, PASSWORD)
    signing_key(home)
    return home


@pytest.fixture(scope="session", autouse=True)
def _quick_hashing() -> Iterator[None]:
    """Hashing is slow on purpose; here it is done often."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(users, "_hasher", PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
        yield


@pytest.fixture
def pages(template: Path, tmp_path: Path) -> Iterator[Pages]:
    """The pages over a fresh copy of the cast."""
    shutil.copytree(template, tmp_path, dirs_exist_ok=True)
    account = Account.model_validate(
        {
            "address": OURS,
            "name": "Li Wei",
            "imap": {"host": "mail.invalid", "port": 993},
            "smtp": {"host": "mail.invalid", "port": 465},
        }
    )
    settings = Settings(home=tmp_path, accounts=(account,))
    engine, events, originals = open_engine(settings.database_url), Events(), dict[int, bytes]()
    handed: list[tuple[list[str], bytes]] = []
    refusals: list[Exception] = []

    def fetch(_account: Account, spot: Spot) -> bytes | None:
        return originals.get(spot.uid)

    def hand(_account: Account, _sender: str, to: Sequence[str], data: bytes) -> None:
        if refusals:
            raise refusals.pop()
        handed.append((list(to), data))

    server = uvicorn.Server(
        uvicorn.Config(
            create_app(settings, engine, events, fetch=fetch, hand=hand), port=0, log_level="warning", lifespan="off"
        )
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        thread.join(0.01)
        assert thread.is_alive(), "the web server did not start"
    port = server.servers[0].sockets[0].getsockname()[1]
    yield Pages(f"http://127.0.0.1:{port}", engine, events, originals, handed, refusals, tmp_path)
    events.close()
    server.should_exit = True
    thread.join(10)
    engine.dispose()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """The browser. Closed after each module: while playwright runs, its event loop keeps tests of others from having one."""
    path = program("chromium", "chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(path), args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def ticket(template: Path) -> tuple[str, str]:
    """The cookie of somebody who has logged in, name and value; it holds for every copy of the cast."""
    engine = open_engine(f"sqlite:///{template / 'inboxcrm.db'}")
    with looking(engine) as session:
        user = users.find_user(session, NAME)
        assert user is not None
        ticket = tickets.for_user(user.id, user.session_key, datetime.now(UTC))
    engine.dispose()
    booth = tickets.TicketBooth(signing_key(template), lifetime=timedelta(days=1), secure=False)
    return booth.cookie_name, booth.sign(ticket)


@pytest.fixture
def visit(chromium: Browser, pages: Pages, ticket: tuple[str, str]) -> Iterator[Callable[..., Watched]]:
    """Opens a browser window of one's own, on the first page: `visit(width=390, javascript=False, logged_in=False)`."""
    contexts: list[BrowserContext] = []

    def opened(
        *, width: int = 1280, javascript: bool = True, logged_in: bool = True, language: str = "en-GB"
    ) -> Watched:
        context = chromium.new_context(
            viewport={"width": width, "height": 844},
            java_script_enabled=javascript,
            locale=language,
            is_mobile=width < 500,
            has_touch=width < 500,
        )
        context.set_default_timeout(15_000)
        contexts.append(context)
        watched = Watched(context.new_page(), pages.url)
        watched.page.on("console", lambda said: watched.complaints.append(said.text) if said.type == "error" else None)
        watched.page.on("pageerror", lambda error: watched.complaints.append(str(error)))
        watched.page.on("dialog", lambda dialog: (watched.dialogs.append(dialog.message), dialog.dismiss()))
        context.on(
            "request",
            lambda asked: (
                watched.elsewhere.append(asked.url)
                if not asked.url.startswith((pages.url, "data:", "about:"))
                else None
            ),
        )
        if logged_in:
            name, value = ticket
            context.add_cookies([{"name": name, "value": value, "url": pages.url}])
            watched.open("/")
        return watched

    yield opened
    for context in contexts:
        context.close()


@pytest.fixture(scope="module")
def dovecot() -> Iterator[Dovecot]:
    """A mail server of its own."""
    with running() as server:
        yield server
