"""What every request needs: the settings, the database, the news board, the keys; and who is asking.

Made once by `inboxcrm.web.app.create_app`; requests reach it by the dependencies at the end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import Depends, Request
from jinja2 import Environment
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from inboxcrm.customers.provenance import Origin
from inboxcrm.followup.drafting import Workshop
from inboxcrm.followup.planning import PlanningRules
from inboxcrm.followup.templates import Templates
from inboxcrm.judging import Bench
from inboxcrm.model.database import looking
from inboxcrm.newsletter.press import Press
from inboxcrm.service.events import Events
from inboxcrm.settings import Settings
from inboxcrm.web.current import CurrentAccounts
from inboxcrm.web.navigation import WaitingCounts
from inboxcrm.web.originals import Originals
from inboxcrm.web.own_mail import Hand
from inboxcrm.web.throttle import LoginThrottle
from inboxcrm.web.tickets import Ticket, TicketBooth


@dataclass(frozen=True, slots=True)
class Site:
    """The parts that all requests share. `clock` gives the present, aware UTC."""

    settings: Settings
    engine: Engine
    events: Events
    booth: TicketBooth
    templates: Environment
    accounts: CurrentAccounts
    originals: Originals
    clock: Callable[[], datetime]
    bench: Bench
    planning: PlanningRules
    hand: Hand
    auto_login_user: str | None = None
    throttle: LoginThrottle = field(default_factory=LoginThrottle)
    waiting: WaitingCounts = field(default_factory=WaitingCounts)

    @property
    def zone(self) -> ZoneInfo:
        """The person's time zone: days and clock times on the pages are in it."""
        return ZoneInfo(self.settings.person.time_zone)

    def workshop(self) -> Workshop:
        """What drafts are made with, with the accounts as they are now."""
        settings = self._current_settings()
        return Workshop(settings, Templates(settings.home))

    def press(self) -> Press:
        """What newsletters are made with, with the accounts as they are now."""
        return Press.of(self._current_settings(), self.planning.planner().calendar)

    def _current_settings(self) -> Settings:
        return self.settings.model_copy(update={"accounts": self.accounts.all()})


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who is asking. `user_id` is None before the log-in; `name` and `language` are then "" and the language of the pages."""

    ticket: Ticket
    csrf_token: str
    language: str
    user_id: int | None = None
    name: str = ""


def site_of(request: Request) -> Site:
    """The site that serves this request."""
    site: Site = request.app.state.site
    return site


def visitor_of(request: Request) -> Visitor:
    """Who is asking, as `inboxcrm.web.gate` found out."""
    visitor: Visitor = request.state.visitor
    return visitor


def origin_of(request: Request) -> Origin:
    """Who changes something by this request, and when."""
    return Origin(now=site_of(request).clock(), by=visitor_of(request).name)


async def _form(request: Request) -> dict[str, str]:
    return {name: value for name, value in (await request.form()).items() if isinstance(value, str)}


def _reading(request: Request) -> Iterator[Session]:
    with looking(site_of(request).engine) as session:
        request.state.reading = session
        yield session


TheSite = Annotated[Site, Depends(site_of)]
TheVisitor = Annotated[Visitor, Depends(visitor_of)]
TheForm = Annotated[dict[str, str], Depends(_form)]
"""The fields of the form that was sent; for forms whose fields stand in a table."""
Looking = Annotated[Session, Depends(_reading)]
"""A session for reading. What changes something opens its own with `writing(site.engine)`."""
