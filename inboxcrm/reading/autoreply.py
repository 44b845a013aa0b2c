"""When an absent person is back, out of the words of an automatic reply, in the languages of the trade.

`back_on` is the first day on which the person is there again. Of several dates the one said with "back", "wieder", "回来"
counts, else one from which on something is done, where nothing beside it speaks of absence ("10月19日より通常どおり"), else the
last one said with "until"; the day of leaving never does. "Until 15 August" names the day of return, as most people mean it;
"until 15 August inclusive" and "through 15 August" make it the 16th.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import TYPE_CHECKING

from inboxcrm.reading.automatic_words import (
    ABSENCE,
    BACK,
    CLOSED,
    FROM,
    FROM_AFTER,
    INCLUSIVE,
    TOMORROW,
    UNTIL,
    WEEKDAYS,
)
from inboxcrm.reading.months import ACCENTED, MONTH, folded

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

LONGEST_ABSENCE = 400
"""Days; a date further away is something else."""
READ = 3000
"""Characters of a reply that are read: the rest is signature and history."""


def _words(table: Mapping[str, str]) -> list[str]:
    return sorted({word for line in table.values() for word in line.split("/") if word}, key=len, reverse=True)


def _any_of(table: Mapping[str, str]) -> str:
    """One of the words: whole ones of scripts that part words, anywhere in those that don't."""
    words = _words(table)
    parted = [re.escape(word) for word in words if word.isascii() or not _UNPARTED.search(word)]
    unparted = [re.escape(word) for word in words if not word.isascii() and _UNPARTED.search(word)]
    return rf"(?<!\w)(?:{'|'.join(parted)})|(?:{'|'.join(unparted)})" if unparted else rf"(?<!\w)(?:{'|'.join(parted)})"


_UNPARTED = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_BACK = re.compile(_any_of(BACK))
_WHOLE = r"(?:\s+(?:the|den|dem|zum|le|el|il|lo|o|dia|día|dnia|день|на|on|am|um|an|и|dag|montag|freitag))*"
_NEAR = rf"[\s:,(]*(?:[^\W\d_]{{2,12}}[,.]?\s+)?{_WHOLE}[\s:,(]*$"
_UNTIL_BEFORE = re.compile(
    rf"(?:{_any_of(UNTIL)})(?:\s*(?:{'|'.join(map(re.escape, INCLUSIVE))}))?(?!\w){_NEAR}|(?:[-–—~至到]|→)\s*$"
)
_UNTIL_AFTER = re.compile(
    r"^(?:\s*[（(]?[^\W\d_]{1,4}[)）]?\s*)?(?:まで|迄|까지|止|为止|前|(?:'?(?:y?[ae])?\s*(?:tarihine\s+)?(?:kadar|dek))|-?ig\b|\s*(?:saakka|asti))"
)
_BACK_AFTER = re.compile(r"^[^.!?。！？\n]{0,40}")
_FROM_BEFORE = re.compile(rf"(?:{_any_of(FROM)})(?!\w){_NEAR}")
_FROM_AFTER = re.compile(
    rf"^(?:\s*[（(]?[^\W\d_]{{1,4}}[)）]?\s*)?(?:['’]?\s?(?:[tdTD][ae]n)\s)?(?:{FROM_AFTER.replace('/', '|')})"
)
_AWAY = tuple(word for line in ABSENCE.values() for word in line.split("/")) + CLOSED
_INCLUSIVE = re.compile("|".join(map(re.escape, INCLUSIVE)))
_SENTENCE_END = re.compile(r"[!?。！？]|\n\s*\n|(?<=[^\W\d_]{3})\.(?=\s|$)|\.\s*\n")
_MONTHS = "|".join(re.escape(name).replace(r"\ ", r"\s") for name in sorted({*MONTH, *ACCENTED}, key=len, reverse=True))
_DATE = re.compile(
    rf"""(?x)
      (?P<iso_year>\d{{4}})\s?[-/.年년]\s?(?P<iso_month>\d{{1,2}})\s?[-/.月월]\s?(?P<iso_day>\d{{1,2}})(?:\s?[日号號일])?(?!\d)
    | (?<!\d)(?P<cjk_month>\d{{1,2}})\s?[月월]\s?(?P<cjk_day>\d{{1,2}})\s?[日号號일]?
    | (?<![\d.,:/])(?P<day>\d{{1,2}})(?:\s?(?:st|nd|rd|th|er|º|ª|\.))?(?:\s|-)?(?:of\s|de\s|di\s|d')?\s?
      (?P<name>{_MONTHS})\.?(?:,?\s*(?:de\s|del\s)?(?P<year>\d{{4}}))?(?![\w])
    | (?<!\w)(?P<name2>{_MONTHS})\.?\s(?P<day2>\d{{1,2}})(?:st|nd|rd|th)?(?:,?\s*(?P<year2>\d{{4}}))?(?![\w:])
    | (?<![\d.,:/])(?P<first>\d{{1,2}})(?P<mark>[./-])(?P<second>\d{{1,2}})(?:(?P=mark)(?P<year3>\d{{4}}|\d{{2}})(?!\d)|\.?(?![\d%:]))
    """
)
_WEEKDAY = {folded(name): number for line in WEEKDAYS.values() for number, name in enumerate(line.split())}
_RELATIVE = re.compile(
    rf"(?<!\w)(?:{'|'.join(re.escape(name) for name in _WEEKDAY if name.isascii() or not _UNPARTED.search(name))})(?!\w)"
    rf"|{'|'.join(re.escape(name) for name in _WEEKDAY if _UNPARTED.search(name))}"
    rf"|{_any_of(TOMORROW)}(?!\w)"
)


def back_on(subject: str, text: str, written: date) -> date | None:
    """The first day on which the writer is back, or None when the reply names none; `written` is the day of the mail."""
    whole = f"{subject}\n\n{text[:READ]}".lower()
    ends: list[date] = []
    begins: list[date] = []
    for day, before, after in _dates(whole, written):
        if not written <= day <= written + timedelta(days=LONGEST_ABSENCE):
            continue
        until = _UNTIL_BEFORE.search(before) is not None or _UNTIL_AFTER.match(after) is not None
        if until:
            inclusive = _INCLUSIVE.search(before[-40:]) or _INCLUSIVE.search(after[:25])
            ends.append(day + timedelta(days=1) if inclusive else day)
            continue
        if _BACK.search(before[-90:]) or _BACK.search(after):
            return day
        begun = _FROM_BEFORE.search(before) is not None or _FROM_AFTER.match(after) is not None
        if begun and not any(word in before or word in after for word in _AWAY):
            begins.append(day)
    if begins and begins[-1] >= max(ends, default=written):
        return begins[-1]
    if ends:
        return ends[-1]
    return _relative(whole, written)


def _dates(text: str, written: date) -> Iterator[tuple[date, str, str]]:
    """Every date with the words before it (up to the last date or sentence) and after it (up to the next)."""
    matches = [(match, day) for match in _DATE.finditer(text) if (day := _day(match, written)) is not None]
    for index, (match, day) in enumerate(matches):
        start = matches[index - 1][0].end() if index else 0
        end = matches[index + 1][0].start() if index + 1 < len(matches) else len(text)
        before = text[max(start, match.start() - 160) : match.start()]
        ended = [found.end() for found in _SENTENCE_END.finditer(before)]
        # What stands before the next date may belong to that: "from 3 May, and will be back on 12 May".
        after = text[match.end() : min(end, match.end() + (40 if end == len(text) or end > match.end() + 60 else 10))]
        stop = _SENTENCE_END.search(after)
        yield day, before[ended[-1] :] if ended else before, after[: stop.start()] if stop else after


def _day(match: re.Match[str], written: date) -> date | None:
    part = match.groupdict()
    if part["iso_year"]:
        return _valid(int(part["iso_year"]), int(part["iso_month"]), int(part["iso_day"]))
    if part["cjk_month"]:
        return _next(int(part["cjk_month"]), int(part["cjk_day"]), written)
    for name, day, year in (("name", "day", "year"), ("name2", "day2", "year2")):
        if part[name]:
            month = MONTH.get(folded(part[name]))
            if month is None:
                return None
            return (
                _valid(int(part[year]), month, int(part[day])) if part[year] else _next(month, int(part[day]), written)
            )
    first, second, year = int(part["first"]), int(part["second"]), part["year3"]
    if part["mark"] == "-" and not year:
        return None
    choices = [(second, first)] if part["mark"] == "." else [(second, first), (first, second)]
    days = [
        _valid(2000 + int(year) % 100 if len(year) == 2 else int(year), month, day)
        if year
        else _next(month, day, written)
        for month, day in choices
    ]
    # 05/06 is the fifth of June or the sixth of May: the one that lies ahead, the nearer one if both do.
    ahead = sorted(day for day in days if day is not None and day >= written)
    return ahead[0] if ahead else next((day for day in days if day), None)


def _next(month: int, day: int, written: date) -> date | None:
    """The day in the year in which it lies ahead (a week ago may be meant by a reply that was left on)."""
    this_year = _valid(written.year, month, day)
    if this_year is not None and this_year >= written - timedelta(days=120):
        return this_year
    return _valid(written.year + 1, month, day)


def _valid(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _relative(text: str, written: date) -> date | None:
    """ "Back on Monday", "back tomorrow": the next such day."""
    for match in _RELATIVE.finditer(text):
        before = text[max(0, match.start() - 60) : match.start()]
        ended = [found.end() for found in _SENTENCE_END.finditer(before)]
        before = before[ended[-1] :] if ended else before
        after = (_BACK_AFTER.match(text[match.end() :]) or [""])[0]
        if _BACK.search(before) or _BACK.search(after[:20]) or _UNTIL_BEFORE.search(before):
            number = _WEEKDAY.get(folded(match[0]))
            if number is None:
                return written + timedelta(days=1)
            return written + timedelta(days=(number - written.weekday() - 1) % 7 + 1)
    return None
