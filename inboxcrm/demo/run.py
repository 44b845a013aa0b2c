"""Runs the demo: fills the folder, starts the mail servers and the real service on them, and lets life go on until stopped.

Everything that understands mail is the service's; here are only the stage and the curtain.
"""

from __future__ import annotations

import logging
import os
import secrets
import sys
import threading
import webbrowser
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import structlog
from rich.console import Console
from sqlalchemy import Engine

from inboxcrm import i18n
from inboxcrm.customers.importing import import_customers
from inboxcrm.customers.provenance import Origin
from inboxcrm.demo import newsletter
from inboxcrm.demo.answering import answer
from inboxcrm.demo.cast import Cast, cast, dice
from inboxcrm.demo.customer_list import FILE_NAME as CUSTOMERS
from inboxcrm.demo.home import PASSWORD, USER, DemoHome, open_home, write_settings
from inboxcrm.demo.life import ASKS_FOR_SAMPLES, Life
from inboxcrm.demo.mailbox import History, history
from inboxcrm.demo.news import News
from inboxcrm.demo.screen import Screen
from inboxcrm.demo.servers import MailServers
from inboxcrm.followup.planning import PlanningRules
from inboxcrm.model.database import open_engine, upgrade, writing
from inboxcrm.newsletter.press import Press
from inboxcrm.service import daemon
from inboxcrm.service.events import Events, Topic
from inboxcrm.service.stopping import stop_on_signals
from inboxcrm.settings import Settings
from inboxcrm.web.users import create_user

_LOOK_SECONDS = 0.5
"""How often the terminal looks for new entries at least; news from the service makes it look at once."""

_ANSWER_SECONDS = 8.0
"""How soon a customer answers what was really sent."""


def run(given: Path | None, *, port: int, pace: float, browser: bool, once: bool) -> None:
    """Runs until SIGINT or SIGTERM; with `once` until the mailbox is read. `pace` is the seconds between two new mails, 0 for none.

    1. Open the folder. 2. Start the mail servers and fill the mailbox. 3. Write the settings, import the customer list.
    4. Run the service with its pages; beside it the terminal, and life.
    5. Stop in the opposite order.
    Raises InboxcrmError with what a person can do.
    """
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    logging.basicConfig(level=logging.ERROR)
    stop = stop_on_signals()
    screen = Screen(Console())
    everybody = cast()
    home = open_home(given)
    screen.folder(home.folder, new=home.new)
    with MailServers(home.folder, everybody.seller.person.address, PASSWORD) as servers:
        past = _fill(home, servers, everybody, screen)
        settings = write_settings(
            home.folder, everybody, imap_port=servers.imap_port, smtp_port=servers.smtp_port, web_port=port
        )
        _prepare_database(settings, screen, new=home.new)
        home.finished(datetime.now(UTC))
        stage = _Stage(settings, servers, past, everybody, screen, stop=stop, pace=pace, once=once)
        daemon.run(settings, stop=stop, pages=stage.pages, on_ready=partial(stage.ready, browser=browser))
        stop.set()
        stage.join()
    screen.farewell(home.folder)


def _fill(home: DemoHome, servers: MailServers, everybody: Cast, screen: Screen) -> History:
    if not home.new:
        return History((), (), {})
    past = history(everybody, datetime.now(UTC).replace(microsecond=0))
    servers.deliver(past.letters)
    screen.filled(len(past.letters), sum(one.listed for one in everybody.companies))
    return past


def _prepare_database(settings: Settings, screen: Screen, *, new: bool) -> None:
    engine = open_engine(settings.database_url)
    try:
        upgrade(engine)
        if new:
            with writing(engine) as session:
                now = datetime.now(UTC)
                create_user(session, USER, secrets.token_urlsafe(24), now)  # the pages log in by themselves
                report = import_customers(session, settings.home / CUSTOMERS, Origin(now, USER))
                if report.problems:
                    msg = f"the demo's customer list is wrong: {report.problems[0]}"
                    raise RuntimeError(msg)
            screen.imported(settings.home / CUSTOMERS)
    finally:
        engine.dispose()


class _Stage:
    """What runs beside the service: the terminal and life, each in its thread."""

    def __init__(
        self,
        settings: Settings,
        servers: MailServers,
        past: History,
        everybody: Cast,
        screen: Screen,
        *,
        stop: threading.Event,
        pace: float,
        once: bool,
    ) -> None:
        self._settings = settings
        self._servers, self._cast = servers, everybody
        self._life = Life(everybody, past.open, past.told, dice("life", datetime.now(UTC).isoformat()))
        self._screen = screen
        self._stop = stop
        self._pace = pace
        self._once = once
        self._threads: list[threading.Thread] = []
        self._engine: Engine | None = None
        self._events: Events | None = None
        servers.tell_of_sent_mail(self._sent)

    def pages(self, settings: Settings, engine: Engine, events: Events) -> Any:
        """The web application, where the one user of the demo is logged in without being asked."""
        from inboxcrm.web.app import create_app  # noqa: PLC0415  the mailbox fills while nobody waits for this import

        self._engine, self._events = engine, events
        return create_app(settings, engine, events, auto_login_user=USER)

    def ready(self, address: str, *, browser: bool) -> None:
        """The service runs."""
        self._screen.ready(address)
        self._begin("demo-terminal", self._tell)
        if browser and _has_display():
            self._begin("demo-browser", partial(webbrowser.open, address))

    def join(self) -> None:
        """Waits for both to end."""
        for thread in self._threads:
            thread.join(5)

    def _begin(self, name: str, work: Callable[[], Any]) -> None:
        language = i18n.language()

        def speaking() -> None:
            i18n.use(language)  # a thread begins without the language of who starts it
            work()

        thread = threading.Thread(target=speaking, name=name, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _tell(self) -> None:
        """First how far the mailbox is read, then a line for each new entry."""
        if self._engine is None or self._events is None:
            return
        news = News(self._engine, datetime.now(UTC))
        with self._events.subscribe() as changes, self._screen.reading() as progress:
            while not self._stop.is_set():
                counts = news.counts()
                progress(counts)
                if counts.left == 0:
                    break
                changes.get(_LOOK_SECONDS)
            else:
                return
        self._stage_newsletters()
        self._screen.read(counts)
        news.skip()
        if self._once:
            self._stop.set()
            return
        if self._pace:
            self._begin("demo-life", self._live)
        self._screen.hints(self._settings.home, cast().company(ASKS_FOR_SAMPLES).english)
        with self._events.subscribe() as changes:
            while not self._stop.is_set():
                for line in news.lines():
                    self._screen.line(line)
                for moved in news.moves():
                    self._screen.moved(moved)
                changes.get(_LOOK_SECONDS)

    def _stage_newsletters(self) -> None:
        """A newsletter that went out, and one that waits for approval."""
        if self._engine is None or self._events is None:
            return
        press = Press.of(self._settings, PlanningRules(self._settings).planner().calendar)
        with writing(self._engine) as session:
            newsletter.stage(session, press, self._cast, datetime.now(UTC).replace(microsecond=0), by=USER)
        self._events.publish(Topic.NEWSLETTERS, {"issues": []})

    def _sent(self, raw: bytes) -> None:
        """A follow-up has really gone out: whoever it went to answers in a moment, when life goes on at all."""
        if self._pace and not self._stop.is_set():
            threading.Thread(target=self._answer, args=(raw,), name="demo-answer", daemon=True).start()

    def _answer(self, raw: bytes) -> None:
        if self._stop.wait(_ANSWER_SECONDS):
            return
        now = datetime.now(UTC).replace(microsecond=0)
        letter = answer(self._cast, raw, now, dice("answer", now.isoformat()))
        if letter is not None:
            self._servers.deliver([letter])

    def _live(self) -> None:
        while not self._stop.wait(self._pace):
            self._servers.deliver([self._life.next(datetime.now(UTC).replace(microsecond=0))])


def _has_display() -> bool:
    return sys.platform == "darwin" or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
