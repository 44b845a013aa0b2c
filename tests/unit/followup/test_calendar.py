"""Working time at a place: weeks, public holidays, our own days off, and clocks that are put forward and back."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from inboxcrm.followup.calendar import Calendar
from inboxcrm.followup.places import Clock, Place, place_of

CHINA = Place(ZoneInfo("Asia/Shanghai"), "CN")
BERLIN = Place(ZoneInfo("Europe/Berlin"), "DE")
RIYADH = Place(ZoneInfo("Asia/Riyadh"), "SA")
CALENDAR = Calendar(CHINA)
MONDAY = datetime(2026, 6, 1, 6, tzinfo=UTC)


def test_a_mail_comes_in_the_morning_of_the_next_working_day() -> None:
    assert CALENDAR.next_morning(MONDAY, BERLIN) == datetime(2026, 6, 1, 9, tzinfo=BERLIN.zone)
    during = datetime(2026, 6, 1, 10, 15, tzinfo=BERLIN.zone)
    assert CALENDAR.next_morning(during, BERLIN) == during
    friday_noon = datetime(2026, 6, 5, 12, tzinfo=BERLIN.zone)
    assert CALENDAR.next_morning(friday_noon, BERLIN) == datetime(2026, 6, 8, 9, tzinfo=BERLIN.zone)
    friday = datetime(2026, 6, 5, 9, tzinfo=RIYADH.zone)
    assert CALENDAR.next_morning(friday, RIYADH) == datetime(2026, 6, 7, 9, tzinfo=RIYADH.zone)


def test_nothing_comes_on_their_holidays_nor_on_ours() -> None:
    labour_day = datetime(2026, 5, 1, 7, tzinfo=BERLIN.zone)
    assert CALENDAR.next_morning(labour_day, BERLIN) >= datetime(2026, 5, 4, 9, tzinfo=BERLIN.zone)
    spring_festival = datetime(2026, 2, 17, 7, tzinfo=BERLIN.zone)
    assert CALENDAR.next_morning(spring_festival, BERLIN).date() > date(2026, 2, 18)
    assert replace(CALENDAR, our_holidays=False).next_morning(spring_festival, BERLIN).date() == date(2026, 2, 17)


@pytest.mark.parametrize("length", [3, 59, 61, 80, 300])
def test_it_looks_behind_the_blocked_days_however_many_there_are(length: int) -> None:
    blocked = frozenset(date(2026, 6, 1) + timedelta(days=number) for number in range(length))
    calendar = replace(CALENDAR, blocked=blocked, our_holidays=False)
    found = calendar.next_morning(MONDAY, BERLIN)
    assert calendar.is_working(found, BERLIN)
    assert found.astimezone(BERLIN.zone).date() not in blocked
    assert (found.astimezone(BERLIN.zone).date() - date(2026, 6, 1)).days <= length + 10
    assert calendar.is_working(calendar.after_days(found, 2, BERLIN, working=True), BERLIN)


def test_weekends_between_blocked_weeks_are_no_mornings() -> None:
    weekdays = frozenset(
        day for number in range(210) if (day := date(2026, 6, 1) + timedelta(days=number)).weekday() < 5
    )
    calendar = replace(CALENDAR, blocked=weekdays, our_holidays=False)
    assert calendar.next_morning(MONDAY, BERLIN).date() == date(2026, 12, 28)


def test_answers_are_not_counted_on_days_when_nobody_is_here() -> None:
    asked = datetime(2026, 6, 1, 17, tzinfo=CHINA.zone)
    assert CALENDAR.after_hours(asked, 4, CHINA) == datetime(2026, 6, 2, 12, tzinfo=CHINA.zone)
    closed = replace(CALENDAR, blocked=frozenset({date(2026, 6, 2)}))
    assert closed.after_hours(asked, 4, CHINA) == datetime(2026, 6, 3, 12, tzinfo=CHINA.zone)
    assert closed.working_hours(asked, datetime(2026, 6, 3, 12, tzinfo=CHINA.zone), CHINA) == 4
    assert CALENDAR.after_hours(datetime(2026, 6, 6, 12, tzinfo=CHINA.zone), 0, CHINA) == datetime(
        2026, 6, 8, 9, tzinfo=CHINA.zone
    )


def test_the_morning_stays_the_morning_when_the_clock_changes() -> None:
    before = datetime(2026, 3, 27, 9, tzinfo=BERLIN.zone)
    assert CALENDAR.after_days(before, 3, BERLIN, working=False) == datetime(2026, 3, 30, 9, tzinfo=BERLIN.zone)


@pytest.mark.parametrize(
    ("told", "zone"),
    [
        ({"zone": "Europe/Vienna", "country": "US"}, "Europe/Vienna"),
        ({"phones": ["+1 415 555 2671"]}, "America/Los_Angeles"),
        ({"country": "DE"}, "Europe/Berlin"),
        ({"country": "US"}, "America/New_York"),
        ({"country": "US", "clock": Clock(timedelta(hours=-7), MONDAY)}, "America/Los_Angeles"),
        ({"country": "BR", "clock": Clock(timedelta(hours=-4), MONDAY)}, "America/Manaus"),
        ({"clock": Clock(timedelta(hours=-3), MONDAY)}, "Etc/GMT+3"),
        ({}, "Asia/Shanghai"),
    ],
)
def test_where_somebody_sits_is_told_by_the_surest_thing_known(told: dict[str, object], zone: str) -> None:
    assert place_of(home=CHINA, **told).zone.key == zone  # type: ignore[arg-type]
