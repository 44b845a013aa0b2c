"""When a mail was written: Date fields in every syntax met, and the rule that says when not to believe them.

The clock is never asked: a date is judged against the mail's arrival, which the mail server or the mail itself tells.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

from inboxcrm.reading.months import MONTH, folded

AFTER_ARRIVAL = timedelta(days=1)
"""A Date this much after arrival is a wrong clock, not a zone that was forgotten."""
BEFORE_ARRIVAL = timedelta(days=30)
"""An incoming mail does not travel longer than this."""
YEARS = range(1990, 2101)
"""Years in which a mail without any arrival may have been written."""

ZONES = {
    # RFC 5322 4.3, and the abbreviations that mail programs write although the RFC does not know them (in hours).
    "UT": 0, "UTC": 0, "GMT": 0, "Z": 0, "WET": 0, "WEST": 1, "BST": 1, "CET": 1, "MET": 1, "MEZ": 1, "CEST": 2, "MEST": 2,
    "MESZ": 2,
    "EET": 2, "SAST": 2,
    "EEST": 3, "MSK": 3, "MSD": 4, "TRT": 3, "GST": 4, "PKT": 5, "IST": 5.5, "WIB": 7, "ICT": 7, "HKT": 8, "SGT": 8,
    "AWST": 8, "PHT": 8, "MYT": 8, "JST": 9, "KST": 9, "AEST": 10, "AEDT": 11, "NZST": 12, "NZDT": 13, "BRT": -3, "ART": -3, "CLT": -4,
    "AST": -4, "ADT": -3, "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7, "AKST": -9,
    "HST": -10,
}  # fmt: skip

_TIME = re.compile(
    r"(?<!\d)(\d{1,2})\s*[:.h]\s*(\d{2})(?:\s*[:.]\s*(\d{2})(?:[.,]\d+)?)?(?!\d)\s*([AaPp]\.?[Mm]\b\.?|上午|下午|午前|午後|오전|오후)?"
)
_BEFORE_NOON = re.compile(r"(上午|下午|午前|午後|오전|오후)\s*$")
_OFFSET = re.compile(r"(?<![\d-])(?:(?:GMT|UTC?)\s*)?([+-])\s?(\d{1,2}):?(\d{2})?(?!\d)|\b(?:GMT|UTC)([+-]\d{1,2})\b")
_ZONE_NAME = re.compile(r"\b([A-Z]{1,4})\b")
_ISO = re.compile(r"(?<!\d)(\d{4})\s?[-/.年년]\s?(\d{1,2})\s?[-/.月월]\s?(\d{1,2})(?!\d)")
_DAY_NAME_YEAR = re.compile(
    r"(?<!\d)(\d{1,2})(?:st|nd|rd|th|º|\.)?[\s,/-]*(?:de\s+|di\s+)?([^\W\d_]{3,12})\.?[\s,/-]*(?:de\s+|di\s+)?(\d{2,4})(?!\d)"
)
_NAME_DAY_YEAR = re.compile(r"([^\W\d_]{3,12})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(?:\S+\s+){0,2}?(\d{4})(?!\d)")
_NUMBERS = re.compile(r"(?<!\d)(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})(?!\d)")
_COMMENT = re.compile(r"\([^()]*\)?")


def parse(value: str) -> datetime | None:
    """The instant that a Date field names, aware UTC; None when it names none.

    Two-digit years are 1950-2049 (RFC 5322 4.3); a missing or unknown zone is UTC; seconds of 60 are 59.
    """
    found = _taken_apart(value)
    if found is None:
        return None
    text, plain, day, clock, after = found
    hour = minute = second = 0
    if clock:
        hour, minute, second = int(clock[1]), int(clock[2]), min(int(clock[3] or 0), 59)
        half = clock[4] or (_BEFORE_NOON.search(plain[: clock.start()]) or [""])[0].strip()
        hour = _twenty_four(hour, half)
    try:
        local = datetime(*day[:3], hour, minute, second, tzinfo=_zone(after, text) or UTC)
        return local.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def offset(value: str) -> int | None:
    """How far the clock of a Date field is from UTC, in minutes east; None where it names no zone, or says by "-0000" that the zone
    isn't known (RFC 5322 3.3).
    """
    found = _taken_apart(value)
    zone = _zone(found[4], found[0]) if found is not None else None
    shift = zone.utcoffset(None) if zone is not None else None
    return int(shift.total_seconds() // 60) if shift is not None else None


def arrival(received: str) -> datetime | None:
    """The time at the end of a Received field (RFC 5321 4.4), aware UTC."""
    return parse(received.rpartition(";")[2])


def chosen(header: datetime | None, arrived: datetime | None, *, outgoing: bool) -> datetime | None:
    """The date rule: the Date header when it is sane, else the arrival; aware UTC, or None when neither tells.

    Sane is: not more than a day after the arrival and, for incoming mail, not more than 30 days before it.
    Without an arrival a header of the years 1990 to 2100 is believed.
    """
    if arrived is None:
        return header if header is not None and header.year in YEARS else None
    if header is None or header.year not in YEARS or header > arrived + AFTER_ARRIVAL:
        return arrived
    if not outgoing and header < arrived - BEFORE_ARRIVAL:
        return arrived
    return header


_Apart = tuple[str, str, tuple[int, int, int, int], "re.Match[str] | None", str]


def _taken_apart(value: str) -> _Apart | None:
    """The text, the text without comments, the day, the time of day, and what stands behind them; None without a day."""
    text = " ".join(value[:200].split())
    plain = _COMMENT.sub(" ", text)
    day = _day(plain)
    if day is None:
        return None
    clock = _TIME.search(plain)
    return text, plain, day, clock, plain[clock.end() if clock else day[3] :]


def _day(text: str) -> tuple[int, int, int, int] | None:
    """Year, month, day, and where the date ends in `text`."""
    if found := _ISO.search(text):
        return int(found[1]), int(found[2]), int(found[3]), found.end()
    for found in _DAY_NAME_YEAR.finditer(text):
        if month := MONTH.get(folded(found[2])):
            return _full_year(found[3]), month, int(found[1]), found.end()
    for found in _NAME_DAY_YEAR.finditer(text):
        if month := MONTH.get(folded(found[1])):
            # ctime puts the time between day and year.
            return int(found[3]), month, int(found[2]), found.end(2)
    if found := _NUMBERS.search(text):
        first, second = int(found[1]), int(found[3])
        # 12/31/2020 can only be American; otherwise dots and dashes mean day first, and so do most countries' slashes.
        month, day = (first, second) if second > 12 >= first else (second, first)
        return _full_year(found[4]), month, day, found.end()
    return None


def _full_year(digits: str) -> int:
    year = int(digits)
    if len(digits) == 2:
        return year + (2000 if year < 50 else 1900)
    return year + 1900 if len(digits) == 3 else year


def _twenty_four(hour: int, half: str) -> int:
    mark = half.replace(".", "").lower()
    if mark in ("pm", "下午", "午後", "오후"):
        return hour + 12 if hour < 12 else hour
    if mark in ("am", "上午", "午前", "오전") and hour == 12:
        return 0
    return hour


def _zone(after: str, whole: str) -> timezone | None:
    """The zone named after the time, or in a comment; None when none is."""
    if found := _OFFSET.search(after):
        if found[1] == "-" and int(found[2]) == int(found[3] or 0) == 0:
            return None
        if found[4]:
            return _offset(int(found[4]) * 60)
        minutes = int(found[2]) * 60 + int(found[3] or 0)
        return _offset(-minutes if found[1] == "-" else minutes)
    for place in (after, whole.partition("(")[2]):
        for found in _ZONE_NAME.finditer(place):
            if found[1] in ZONES:
                return _offset(int(ZONES[found[1]] * 60))
    return None


def _offset(minutes: int) -> timezone | None:
    # No place is further from Greenwich than 14 hours: a greater offset is a mistake and says nothing.
    return timezone(timedelta(minutes=minutes)) if abs(minutes) <= 14 * 60 else None
