"""When people write: in the working hours of where they are."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

_FRIDAY_SATURDAY = {"SA", "EG", "JO", "IQ", "KW", "OM", "DZ"}
_MORNING, _EVENING = 8, 18


def in_working_hours(at: datetime, zone: str, country: str, chance: random.Random, *, always: bool = False) -> datetime:
    """The first moment from `at` on when somebody in `zone` would write; aware, in that zone, never before `at`.

    `always`: somebody with a telephone in the pocket, who writes on any day between seven and eleven in the evening.
    """
    weekend = (4, 5) if country in _FRIDAY_SATURDAY else (5, 6)
    first, last = (7, 23) if always else (_MORNING, _EVENING)
    local = at.astimezone(ZoneInfo(zone))
    for _ in range(8):
        if not always and local.weekday() in weekend:
            local = _opening(local + timedelta(days=1), first, chance)
        elif local.hour < first:
            local = _opening(local, first, chance)
        elif local.hour >= last:
            local = _opening(local + timedelta(days=1), first, chance)
        else:
            break
    return local


def utc(at: datetime) -> datetime:
    """The same moment in UTC and whole seconds, as mail servers keep it."""
    return at.astimezone(UTC).replace(microsecond=0)


def _opening(day: datetime, hour: int, chance: random.Random) -> datetime:
    return day.replace(hour=hour, minute=0, second=0) + timedelta(seconds=chance.randrange(300, 4 * 3600))
