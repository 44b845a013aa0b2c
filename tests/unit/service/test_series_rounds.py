"""The service has series draft their issues when their day has come, tells of it, and sends nothing."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from inboxcrm.followup.planning import PlanningRules
from inboxcrm.model import Issue, IssueState, Newsletter, Recipient
from inboxcrm.model.database import looking, writing
from inboxcrm.newsletter import series
from inboxcrm.sections import Product
from inboxcrm.service.events import Events, Topic
from inboxcrm.service.series import SeriesDrafting
from inboxcrm.service.taking import Store
from tests.newsletters import NOW, account_in, customer_in, home_in, press_in, settings_in

_DAY = datetime(2026, 7, 1, tzinfo=UTC)
"""8:00 in Shanghai on the first day of the series."""
_PRODUCTS = (Product(name="Valve", new_since=date(2026, 6, 20)), Product(name="Tap", new_since=date(2026, 7, 20)))


class _Service:
    def __init__(self, engine: Engine, home: Path) -> None:
        self.engine, self.now, self.events = engine, NOW, Events()
        self.home = home_in(home)
        settings = settings_in(self.home, products=_PRODUCTS)
        with writing(engine) as session:
            account = account_in(session).id
            customer_in(session, "Nordlicht", "anna@nordlicht.de", language="en")
            press = press_in(self.home, products=_PRODUCTS)
            made = series.create(
                session,
                press,
                name="C-level",
                account_id=account,
                template="news",
                languages=["en"],
                now=NOW,
                by="lina",
            )
            self.series_id = made.id
        self.drafting = SeriesDrafting(Store(engine, self.events, lambda: self.now), PlanningRules(settings), settings)

    def issues(self) -> list[Issue]:
        with looking(self.engine) as session:
            return list(session.scalars(select(Issue)))


@pytest.fixture
def service(engine: Engine, tmp_path: Path) -> _Service:
    return _Service(engine, tmp_path)


def test_before_its_day_there_is_no_issue_and_on_its_day_one_waits_for_review(service: _Service) -> None:
    service.now = _DAY - timedelta(seconds=1)
    service.drafting.round()
    assert service.issues() == []
    service.now = _DAY
    with service.events.subscribe() as heard:
        service.drafting.round()
        news = heard.get(timeout=1)
    (issue,) = service.issues()
    assert (issue.state, issue.newsletter_id) == (IssueState.REVIEW, service.series_id)
    assert news is not None
    assert (news.topic, news.data) == (Topic.NEWSLETTERS, {"issues": [issue.id]})
    with looking(service.engine) as session:
        assert session.scalars(select(Recipient)).all() == []


def test_later_rounds_of_the_day_draft_nothing_more(service: _Service) -> None:
    service.now = _DAY
    for _ in range(3):
        service.drafting.round()
        service.now += timedelta(hours=1)
    assert len(service.issues()) == 1


def test_a_service_that_slept_for_months_drafts_one_issue_not_one_for_each_month(service: _Service) -> None:
    service.now = _DAY + timedelta(days=70)
    service.drafting.round()
    service.drafting.round()
    assert len(service.issues()) == 1
    with looking(service.engine) as session:
        next_at = session.get_one(Newsletter, service.series_id).next_at
    assert next_at is not None
    assert next_at > service.now


def test_a_series_that_has_ended_drafts_nothing(service: _Service) -> None:
    with writing(service.engine) as session:
        session.get_one(Newsletter, service.series_id).active = False
    service.now = _DAY
    service.drafting.round()
    assert service.issues() == []
