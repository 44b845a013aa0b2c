"""The grades of a customer through time, replayed from what happened. Pure: living through it and replaying it give the same.

A customer is judged at each event and at each midnight (UTC) after the first one; nothing else ever changes a grade by rules.
Midnights at which nothing can have changed are passed over: the score moves by fading alone, and how fast at most is known.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from inboxcrm.grading.assess import Assessment, assess, deadlines, decide
from inboxcrm.grading.facts import Facts, Timeline, facts_at
from inboxcrm.grading.rules import GradingRules
from inboxcrm.model import ChangedBy, Grade


@dataclass(frozen=True, slots=True)
class Change:
    """One change of grade, with the assessment that led to it."""

    at: datetime
    before: Grade
    after: Grade
    assessment: Assessment
    changed_by: ChangedBy = ChangedBy.RULES
    person: str = ""
    """Who set the grade, where a person did."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a customer stands: the grade, and since when (None: since always)."""

    grade: Grade = Grade.WATCH
    since: datetime | None = None


def replay(
    timeline: Timeline,
    rules: GradingRules,
    until: datetime,
    start: Standing = Standing(),
    after: datetime | None = None,
) -> tuple[list[Change], Standing, Assessment]:
    """Every change of grade up to `until`, where it leads, and the assessment at `until`.

    With `start` and `after` only what comes after that instant is replayed, from that standing.
    """
    days = rules.willingness.exchange.days
    standing = start
    changes: list[Change] = []
    events = timeline.instants()
    at = after if after is not None else datetime.min.replace(tzinfo=UTC)
    wake = _midnight_after(at) if events and events[0] <= at else None
    while True:
        upcoming = [one for one in (_event_after(events, at), wake) if one is not None]
        if not upcoming or min(upcoming) > until:
            break
        at = min(upcoming)
        facts = facts_at(timeline, at, days=days)
        judged = assess(facts, rules)
        grade = decide(judged, rules, standing.grade, standing.since)
        if grade is not standing.grade:
            changes.append(Change(at, standing.grade, grade, judged))
            standing = Standing(grade, at)
        wake = _next_look(facts, judged, rules, standing)
    return changes, standing, assess(facts_at(timeline, until, days=days), rules)


def _event_after(events: list[datetime], at: datetime) -> datetime | None:
    place = bisect_right(events, at)
    return events[place] if place < len(events) else None


def _next_look(facts: Facts, judged: Assessment, rules: GradingRules, standing: Standing) -> datetime | None:
    """The first midnight at which the grade might change though nothing happens; None when it can't."""
    looks = [_midnight_after(end) for end in deadlines(facts, rules)]
    if standing.since is not None:
        stay_ends = standing.since + timedelta(days=rules.grades.minimum_stay_days)
        if stay_ends > judged.at:
            looks.append(_midnight_after(stay_ends - timedelta(microseconds=1)))
    if judged.drift > 0:
        marks = (rules.grades.A, rules.grades.B)
        thresholds = (*marks, *(mark - rules.grades.hysteresis for mark in marks))
        nearest = min(abs(judged.score - mark) for mark in thresholds)
        quiet = min(nearest / judged.drift, _LONGEST_QUIET_DAYS)
        looks.append(_midnight_after(judged.at + timedelta(days=quiet)))
    return min(looks, default=None)


_LONGEST_QUIET_DAYS = 3650.0


def _midnight_after(at: datetime) -> datetime:
    day = at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return day + timedelta(days=1)
