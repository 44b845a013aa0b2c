"""Working time: when somebody at a place is at work. Pure arithmetic on the calendars of a library; no clock of its own.

It knows the working week of a country (Sunday to Thursday where it is so), its public holidays, our own holidays and the days that
a person has blocked. Where nothing is known of a country, Monday to Friday without holidays.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

import holidays
from babel import Locale
from babel.core import UnknownLocaleError

from inboxcrm.followup.places import Place

_WEEKENDS: Mapping[str, frozenset[int]] = {
    "BD": frozenset({4, 5}),
    "CN": frozenset({5, 6}),
    "IN": frozenset({6}),
    "IR": frozenset({3, 4}),
    "NP": frozenset({5}),
}
"""Free days (Monday is 0) where the data of babel are not how offices work."""
_WEEKEND = frozenset({5, 6})
_LONGEST_BREAK = 60
"""Days within which everybody works again; a calendar without any working day must not be searched forever."""


@dataclass(frozen=True, slots=True)
class Hours:
    """A stretch of the day by the local clock, from `start` to before `end`."""

    start: time
    end: time


@dataclass(frozen=True, slots=True)
class Calendar:
    """What the rules say of working time. `home`: where we sit. `office`: the working hours of any day; `morning`: when a mail should
    arrive. `blocked`: days on which nobody is here, and nothing goes out, whatever the country; `our_holidays`: nor on those of our
    country.
    """

    home: Place
    office: Hours = Hours(time(9), time(18))
    morning: Hours = Hours(time(9), time(11))
    blocked: Collection[date] = field(default_factory=frozenset)
    our_holidays: bool = True

    def works(self, on: date, place: Place) -> bool:
        """Whether people at the place work on that day."""
        return on.weekday() not in weekend(place.country) and on not in public_holidays(place.country, on.year)

    def sends(self, on: date, place: Place) -> bool:
        """Whether a mail may reach the place on that day: they work, and nobody here is on holiday."""
        ours = self.our_holidays and on in public_holidays(self.home.country, on.year)
        return self.works(on, place) and on not in self.blocked and not ours

    def is_working(self, at: datetime, place: Place) -> bool:
        """Whether people at the place are at work at this instant."""
        local = at.astimezone(place.zone)
        return self.works(local.date(), place) and self.office.start <= local.time() < self.office.end

    def next_morning(self, at: datetime, place: Place) -> datetime:
        """The first instant, not before `at`, in the morning of a day on which mail may reach the place. UTC."""
        local = at.astimezone(place.zone)
        start, end = _instant(local.date(), self.morning.start, place), _instant(local.date(), self.morning.end, place)
        if start <= at < end and self.sends(local.date(), place):
            return at.astimezone(UTC)
        return self.morning_from(local.date() + timedelta(days=0 if at <= start else 1), place)

    def next_morning_of(self, at: datetime, place: Place) -> datetime:
        """The beginning of the morning of the day of `at` at the place, or of the next day on which mail may reach it. UTC."""
        return self.morning_from(at.astimezone(place.zone).date(), place)

    def morning_from(self, on: date, place: Place) -> datetime:
        """The beginning of the first morning, not before the day `on`, on which mail may reach the place. UTC."""
        last = max((on, *self.blocked)) + timedelta(days=_LONGEST_BREAK)
        while on < last and not self.sends(on, place):
            on += timedelta(days=1)
        return _instant(on, self.morning.start, place)

    def after_days(self, at: datetime, days: int, place: Place, *, working: bool) -> datetime:
        """`at` and so many days later, or so many days on which mail may reach the place; the clock there stays. UTC."""
        local = at.astimezone(place.zone)
        on = local.date()
        if not working:
            return _instant(on + timedelta(days=days), local.time(), place)
        last = max((on, *self.blocked)) + timedelta(days=_LONGEST_BREAK + 7 * days)
        while days > 0 and on < last:
            on += timedelta(days=1)
            days -= self.sends(on, place)
        return _instant(on, local.time(), place)

    def working_hours(self, start: datetime, end: datetime, place: Place) -> float:
        """The working hours between two instants at a place; 0 when `end` is not later."""
        total = timedelta()
        for opens, closes in self._shifts(start, end, place):
            total += max(timedelta(), min(end, closes) - max(start, opens))
        return total.total_seconds() / 3600

    def after_hours(self, start: datetime, hours: float, place: Place) -> datetime:
        """The instant at which so many working hours of the place have gone by since `start`. UTC."""
        left = timedelta(hours=hours)
        reach = start + timedelta(days=_LONGEST_BREAK + len(self.blocked)) + 15 * left
        for opens, closes in self._shifts(start, reach, place):
            begins = max(start, opens)
            if begins < closes and closes - begins >= left:
                return begins + left
            left -= max(timedelta(), closes - begins)
        return reach.astimezone(UTC)

    def _shifts(self, start: datetime, end: datetime, place: Place) -> Iterator[tuple[datetime, datetime]]:
        on, last = start.astimezone(place.zone).date(), end.astimezone(place.zone).date()
        while on <= last:
            if self.works(on, place) and not (place == self.home and on in self.blocked):
                yield _instant(on, self.office.start, place), _instant(on, self.office.end, place)
            on += timedelta(days=1)


@lru_cache(maxsize=512)
def weekend(country: str) -> frozenset[int]:
    """The free days of the week in a country; Monday is 0."""
    if country in _WEEKENDS:
        return _WEEKENDS[country]
    if not country:
        return _WEEKEND
    try:
        locale = Locale.parse(f"und_{country}")
    except (UnknownLocaleError, ValueError):
        return _WEEKEND
    return frozenset({locale.weekend_start, locale.weekend_end})


@lru_cache(maxsize=2048)
def public_holidays(country: str, year: int) -> frozenset[date]:
    """The public holidays of a country in a year; none where they are not known."""
    if country not in _countries():
        return frozenset()
    return frozenset(holidays.country_holidays(country, years=year))


@lru_cache(maxsize=1)
def _countries() -> frozenset[str]:
    return frozenset(holidays.list_supported_countries(include_aliases=False))


def _instant(on: date, at: time, place: Place) -> datetime:
    """A local time as UTC. A time that a change of the clocks leaves out is moved behind it (PEP 495, fold 0)."""
    return datetime.combine(on, at, place.zone).astimezone(UTC)
