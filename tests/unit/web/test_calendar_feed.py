"""The calendar feed: open to whoever has its link, to nobody else; and what calendar programs read in it."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

import pytest
from icalendar import Calendar
from starlette.testclient import TestClient

from tests.unit.web.conftest import Browser


@pytest.fixture
def link(browser: Browser) -> str:
    """The path of Li Wei's feed."""
    browser.submit("/preferences/calendar", "/preferences", act="renew")
    found = re.search(r'value="http://[^/"]+(/calendar/[^"]+\.ics)"', browser.get("/preferences").text)
    assert found is not None
    return found[1]


def test_there_is_no_feed_until_somebody_asks_for_one(browser: Browser) -> None:
    assert "/calendar/" not in browser.get("/preferences").text
    for secret in ("1-", "1", "-", "0-x", "1-x"):
        assert browser.get(f"/calendar/{secret}.ics").status_code == 404


def test_a_calendar_program_reads_it_without_a_log_in(browser: Browser, link: str) -> None:
    stranger = TestClient(browser.app, base_url=browser.base_url)
    answer = stranger.get(link)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    calendar = Calendar.from_ical(answer.content)
    events = {str(one["summary"]): one for one in calendar.walk("VEVENT")}
    call = events["Call Sunbelt Fixtures Inc."]
    assert isinstance(call.decoded("dtstart"), datetime)
    assert call.decoded("dtstart").tzinfo is not None
    assert "New year prices" in str(call["description"])
    assert str(call["url"]).startswith("http")
    promised = events["Promised to Sunbelt Fixtures Inc."]
    assert type(promised.decoded("dtstart")) is date
    assert len({str(one["uid"]) for one in events.values()}) == len(events)
    assert all(one.decoded("dtstamp") <= datetime.now(UTC) for one in events.values())
    assert stranger.get("/customers", follow_redirects=False).status_code == 303, "the link opens nothing else"


def test_a_new_link_makes_the_old_one_worthless(browser: Browser, link: str) -> None:
    browser.submit("/preferences/calendar", "/preferences", act="renew")
    assert browser.get(link).status_code == 404
    browser.submit("/preferences/calendar", "/preferences", act="off")
    assert "/calendar/" not in browser.get("/preferences").text


@pytest.mark.parametrize(
    "change", [lambda path: path[:-5] + ".ics", lambda path: path.replace("/calendar/1-", "/calendar/2-")]
)
def test_a_nearly_right_link_leads_nowhere(browser: Browser, link: str, change: object) -> None:
    assert callable(change)
    stranger = TestClient(browser.app, base_url=browser.base_url)
    assert stranger.get(change(link)).status_code == 404


def test_the_feed_speaks_the_language_of_its_owner(browser: Browser, link: str) -> None:
    browser.submit("/language", "/preferences", language="zh")
    assert browser.get(link).status_code == 200
