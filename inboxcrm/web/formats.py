"""Dates, numbers and names of countries as the reader of the page writes them, in their language and time zone.

Pure: instants come in as aware UTC, the present too.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime, format_time, format_timedelta
from babel.numbers import format_decimal

from inboxcrm import i18n
from inboxcrm.i18n import _, language, locale, locale_of


def clock(moment: datetime, zone: ZoneInfo) -> str:
    """The time of day: 14:05."""
    return format_time(moment.astimezone(zone), "HH:mm", locale=locale())


def full(moment: datetime, zone: ZoneInfo) -> str:
    """Day and time: 25 Nov 2026, 14:05."""
    return format_datetime(moment.astimezone(zone), "medium", locale=locale()).rsplit(":", 1)[0]


def day(on: date | datetime, zone: ZoneInfo) -> str:
    """The date: 25 Nov 2026."""
    return i18n.day(_as_date(on, zone))


def day_heading(on: date, today: date) -> str:
    """A day as a heading: Today, Yesterday, Monday 23 November, and with its year when it isn't this one's."""
    if on == today:
        return _("Today")
    if on == today - timedelta(days=1):
        return _("Yesterday")
    if on.year == today.year:
        return long_day(on)
    return format_date(on, "EEEE d MMMM y" if language() == "en" else "y年M月d日 EEEE", locale=locale())


def long_day(on: date) -> str:
    """A day of this year with its weekday: Wednesday 25 November."""
    return format_date(on, "EEEE d MMMM" if language() == "en" else "M月d日 EEEE", locale=locale())


def ago(moment: datetime | None, now: datetime, zone: ZoneInfo) -> str:
    """How long ago, roughly: "3 hours ago"; the date when it is longer than a month ago; a dash for never."""
    if moment is None:
        return "–"
    passed = now - moment
    if passed < timedelta(minutes=1):
        return _("just now")
    if passed > timedelta(days=30):
        return day(moment, zone)
    return format_timedelta(-passed, add_direction=True, locale=locale())


def when(moment: datetime, now: datetime, zone: ZoneInfo) -> str:
    """As short as it can be understood: the time of day for today, else the date, with its year when it isn't this one's."""
    local, today = moment.astimezone(zone), now.astimezone(zone)
    if local.date() == today.date():
        return clock(moment, zone)
    if local.year == today.year:
        return format_date(local.date(), "d MMM" if language() == "en" else "M月d日", locale=locale())
    return day(local.date(), zone)


def number(value: int | float) -> str:
    """A number with its thousands set apart."""
    return format_decimal(value, locale=locale())


def percent(part: float, whole: float) -> int:
    """How much of `whole` is `part`, 0 to 100; 100 when there is nothing to do."""
    return 100 if whole <= 0 else max(0, min(100, int(100 * part / whole)))


def duration(seconds: float) -> str:
    """A short span: 0.4 s, 12 s, 5 min, 2 h."""
    if seconds < 10:
        return _("{count} s").format(count=format_decimal(round(seconds, 1), locale=locale()))
    if seconds < 120:
        return _("{count} s").format(count=round(seconds))
    if seconds < 7200:
        return _("{count} min").format(count=round(seconds / 60))
    return _("{count} h").format(count=round(seconds / 3600))


def size(count: int) -> str:
    """Bytes as people say them: 12 kB, 3.4 MB."""
    for unit, scale in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= scale:
            value = count / scale
            return f"{format_decimal(round(value, 1) if value < 10 else round(value), locale=locale())} {unit}"
    return f"{count} B"


def country(code: str) -> str:
    """The country's name of an ISO 3166-1 code; the code itself when it is unknown."""
    return str(locale().territories.get(code.upper(), code)) if code else ""


def language_name(code: str) -> str:
    """The name of an ISO 639-1 language in the reader's language."""
    return str(locale().languages.get(code, code)) if code else ""


@cache
def countries(code: str) -> tuple[tuple[str, str], ...]:
    """Every country as (ISO code, name in the language `code`), by name."""
    names = ((key, str(name)) for key, name in locale_of(code).territories.items() if len(key) == 2 and key.isalpha())
    kept = [(key, name) for key, name in names if key not in {"EU", "EZ", "UN", "QO", "XA", "XB", "ZZ"}]
    return tuple(sorted(kept, key=lambda pair: pair[1]))


def _as_date(on: date | datetime, zone: ZoneInfo) -> date:
    return on.astimezone(zone).date() if isinstance(on, datetime) else on
