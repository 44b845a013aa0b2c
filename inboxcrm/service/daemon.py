"""The service itself: puts the parts together, starts them in order, and stops them in the opposite order within ten seconds.

It decides nothing about mail. `run` is what `inboxcrm run`, the demo and the tests call.
"""

from __future__ import annotations

import multiprocessing
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import structlog
from sqlalchemy import Engine

from inboxcrm.followup.planning import PlanningRules
from inboxcrm.judging import Bench
from inboxcrm.model.database import open_engine, upgrade
from inboxcrm.sections import Public
from inboxcrm.service import home
from inboxcrm.service.approval import Approval
from inboxcrm.service.crew import Crew
from inboxcrm.service.digest import DigestSending
from inboxcrm.service.drafting import Drafting
from inboxcrm.service.events import Events, Topic
from inboxcrm.service.judgement import Judgement
from inboxcrm.service.planning import Planning
from inboxcrm.service.reader import ReadingPool
from inboxcrm.service.schedule import Schedule
from inboxcrm.service.series import SeriesDrafting
from inboxcrm.service.taking import Store
from inboxcrm.settings import Settings, Web

if TYPE_CHECKING:
    from inboxcrm.service.pages import PagesServer

log = structlog.get_logger(__name__)

Pages = Callable[[Settings, Engine, Events], Any]
"""Makes the ASGI application of the pages (`inboxcrm.web.app.create_app`)."""

_STOP_SECONDS = 6.0
"""What the workers get to end, of the ten seconds of a clean stop."""


def run(
    settings: Settings,
    *,
    stop: threading.Event,
    pages: Pages | None = None,
    public: Pages | None = None,
    on_ready: Callable[[str], None] = lambda _address: None,
) -> None:
    """Runs the service until `stop` is set. `pages` makes the web application, None for a service without pages; `public` makes that
    of the public pages, which are served when the settings give them a port; `on_ready` is told
    their address ("" without them) when everything runs.

    1. Hold the home folder: two services on one are refused (HomeInUseError).
    2. Start the reading pool; open the database and bring it up to date.
    3. Start the workers with the watch, the clockwork, the pages.
    4. Wait for `stop`, passing on what is asked for on the pages.
    5. Stop in the opposite order.
    """
    with ExitStack() as stack:
        settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        stack.enter_context(home.held(settings.home))

        bench = Bench(settings)
        pool = ReadingPool(settings.sync.readers, look=bench.look)
        stack.callback(_end_children)
        stack.callback(pool.close)
        pool.warm_up()  # first, for it takes longest

        engine = open_engine(settings.database_url)
        stack.callback(engine.dispose)
        upgrade(engine)

        events = Events()
        store = Store(engine, events, lambda: datetime.now(UTC), bench)
        crew = Crew(store, settings, pool)
        stack.callback(crew.dismiss, _STOP_SECONDS)
        crew.employ(settings)

        rules = PlanningRules(settings)
        planning = Planning(store, rules)
        drafting = Drafting(store, settings, lambda: planning.drafted_ahead)
        schedule = Schedule(
            crew,
            store,
            settings,
            judgement=Judgement(store, bench),
            planning=planning,
            drafting=drafting,
            approval=Approval(store, rules, settings),
            digest=DigestSending(store, rules, settings),
            series=SeriesDrafting(store, rules, settings),
        )
        stack.callback(schedule.stop)
        schedule.start()

        server = _serve(pages, settings, engine, events, settings.web)
        if server is not None:
            stack.callback(server.stop)
        outside = _serve(public if settings.public.port else None, settings, engine, events, settings.public)
        if outside is not None:
            stack.callback(outside.stop)
        stack.callback(events.close)
        log.info("the service runs", home=str(settings.home), accounts=len(settings.accounts))
        on_ready(server.address if server is not None else "")

        _attend(stop, events, crew)
        log.info("the service stops", action="finishing what is being written")


def _serve(
    pages: Pages | None, settings: Settings, engine: Engine, events: Events, place: Web | Public
) -> PagesServer | None:
    if pages is None:
        return None
    from inboxcrm.service.pages import PagesServer  # noqa: PLC0415  a service without pages starts without a web server

    server = PagesServer(pages(settings, engine, events), place.host, place.port)
    server.start()
    return server


def _attend(stop: threading.Event, events: Events, crew: Crew) -> None:
    """Passes on what is asked for on the pages, until the end."""
    with events.subscribe() as asked:
        threading.Thread(target=_close_at, args=(stop, asked.close), name="stop", daemon=True).start()
        while not stop.is_set():
            event = asked.get()
            if event is None:
                return
            if event.topic == Topic.WANTED:
                crew.fetch_wanted_texts()
            elif event.topic == Topic.RETRY:
                crew.try_again(str(event.data.get("account", "")))


def _close_at(stop: threading.Event, close: Callable[[], None]) -> None:
    stop.wait()
    close()


def _end_children() -> None:
    """Ends reading processes that have not ended by themselves: one may be busy with a mail that keeps it for long."""
    deadline = time.monotonic() + 1.0
    for child in multiprocessing.active_children():
        child.join(max(0.0, deadline - time.monotonic()))
        if child.is_alive():
            child.kill()
