"""The grades of a customer through time, replayed from what happened. Pure: living through it and replaying it give the same.

A customer is judged at each event and at each midnight (UTC) after the first one; nothing else ever changes a grade by rules.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from inboxcrm.grading.assess import Assessment, assess, decide
from inboxcrm.grading.facts import Timeline, facts_at
from inboxcrm.grading.rules import GradingRules
from inboxcrm.model import Grade


@dataclass(frozen=True, slots=True)
class Change:
    """One change of grade, with the assessment that led to it."""

    at: datetime
    before: Grade
    after: Grade
    assessment: Assessment


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
    standing = start
    changes: list[Change] = []
    for at in _instants(timeline, until, after):
        judged = assess(facts_at(timeline, at, days=rules.willingness.exchange.days), rules)
        standing = _step(judged, rules, standing, changes)
    last = assess(facts_at(timeline, until, days=rules.willingness.exchange.days), rules)
    return changes, standing, last


def _step(judged: Assessment, rules: GradingRules, standing: Standing, changes: list[Change]) -> Standing:
    grade = decide(judged, rules, standing.grade, standing.since)
    if grade is standing.grade:
        return standing
    changes.append(Change(judged.at, standing.grade, grade, judged))
    return Standing(grade, judged.at)


def _instants(timeline: Timeline, until: datetime, after: datetime | None) -> Iterator[datetime]:
    events = [at for at in timeline.instants() if at <= until]
    if not events:
        return
    midnight = events[0].astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    at_midnight: list[datetime] = []
    while midnight <= until:
        at_midnight.append(midnight)
        midnight += timedelta(days=1)
    yield from (at for at in sorted({*events, *at_midnight}) if after is None or at > after)
