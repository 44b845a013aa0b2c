"""Puts the pages together: `create_app` gives the ASGI application that the service's web server runs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from fastapi import Depends, FastAPI
from sqlalchemy import Engine
from starlette.staticfiles import StaticFiles

from inboxcrm import __version__
from inboxcrm.followup.planning import PlanningRules
from inboxcrm.judging import Bench
from inboxcrm.service.events import Events
from inboxcrm.settings import Settings
from inboxcrm.web import errors, live, rendering, signing
from inboxcrm.web.api import router as api_router
from inboxcrm.web.csrf import check_csrf
from inboxcrm.web.current import CurrentAccounts
from inboxcrm.web.gate import Gate
from inboxcrm.web.originals import Fetch, Originals, from_server
from inboxcrm.web.own_mail import Hand, to_server
from inboxcrm.web.pages import ROUTERS
from inboxcrm.web.site import Site
from inboxcrm.web.tickets import TicketBooth

_LARGEST_REQUEST = 2_000_000  # bytes; forms here hold text, and now and then a picture for a newsletter


def create_app(
    settings: Settings,
    engine: Engine,
    events: Events,
    *,
    auto_login_user: str | None = None,
    fetch: Fetch | None = None,
    hand: Hand | None = None,
) -> FastAPI:
    """The pages and the API over the database behind `engine`; open pages follow `events`.

    `auto_login_user` names a user whom a browser on this machine becomes without a password (the demo). `fetch` gets mails that
    somebody wants to see whole, `hand` sends mails to oneself; by default both ask the accounts' servers. Raises OSError when the home
    folder can't hold the key that signs cookies.
    """

    def clock() -> datetime:
        return datetime.now(UTC)

    booth = TicketBooth(
        signing.signing_key(settings.home),
        lifetime=timedelta(hours=settings.web.session_hours),
        secure=settings.web.secure_cookies,
    )
    accounts = CurrentAccounts(settings)
    site = Site(
        settings=settings,
        engine=engine,
        events=events,
        booth=booth,
        templates=rendering.environment(ZoneInfo(settings.person.time_zone), clock),
        accounts=accounts,
        originals=Originals(accounts, fetch or from_server(settings.home, settings.sync.timeout_seconds)),
        clock=clock,
        bench=Bench(settings),
        planning=PlanningRules(settings),
        hand=hand or to_server(settings.home, settings.sync.timeout_seconds),
        auto_login_user=auto_login_user,
    )
    app = FastAPI(
        title="inboxcrm",
        version=__version__,
        openapi_url="/api/v1/openapi.json",
        docs_url=None,  # both load their script from elsewhere
        redoc_url=None,
        dependencies=[Depends(check_csrf)],
        max_body_size=_LARGEST_REQUEST,
    )
    app.state.site = site
    app.add_middleware(Gate, site=site)
    errors.add_handlers(app)
    for router in ROUTERS:
        app.include_router(router)
    app.include_router(live.router)
    app.include_router(api_router)
    app.mount("/static", StaticFiles(directory=rendering.STATIC))
    return app
