"""What other rules would do: who would move and why, and how well they would have foretold the orders that came. Changes nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from inboxcrm.grading.assess import Assessment
from inboxcrm.grading.facts import Timeline
from inboxcrm.grading.history import judged_at, replay
from inboxcrm.grading.rules import GradingRules
from inboxcrm.model import Grade

AHEAD = timedelta(days=90)
"""How far ahead a grade is expected to see an order."""
_EVERY = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Move:
    """A customer who would have another grade under the other rules, and their judgement."""

    customer_id: int
    now: Grade
    then: Grade
    judged: Assessment


def moves(
    timelines: Iterable[Timeline], grades: Mapping[int, Grade], other: GradingRules, at: datetime
) -> Iterator[Move]:
    """Who would move at `at`: from the grade in `grades` to that of the log replayed under `other` alone."""
    for timeline in timelines:
        _, standing = replay(timeline, other, at)
        if standing.grade is not grades[timeline.customer_id]:
            judged = judged_at(timeline, other, at)
            yield Move(timeline.customer_id, grades[timeline.customer_id], standing.grade, judged)


@dataclass(frozen=True, slots=True)
class Foresight:
    """How grades foretold orders: of `looks` at customers with this grade, `ordered` were followed by an order within 90 days.

    `precision` is their share; `lift` compares it with the share among all looks (1: no better than chance; None: no orders at all).
    """

    grade: Grade
    looks: int
    ordered: int
    precision: float
    lift: float | None


def foresight(timelines: Iterable[Timeline], rules: GradingRules, until: datetime) -> list[Foresight]:
    """Looks at every customer every 30 days of the past, with what was known then, up to 90 days before `until`."""
    looks: Counter[Grade] = Counter()
    ordered: Counter[Grade] = Counter()
    for timeline in timelines:
        events = timeline.instants()
        if not events:
            continue
        turns, _ = replay(timeline, rules, until - AHEAD)
        at = events[0] + _EVERY
        while at <= until - AHEAD:
            grade = next((turn.after for turn in reversed(turns) if turn.at <= at), Grade.WATCH)
            looks[grade] += 1
            ordered[grade] += any(at < order.at <= at + AHEAD for order in timeline.orders)
            at += _EVERY
    total, came = looks.total(), ordered.total()
    base = came / total if total else 0.0
    return [
        Foresight(
            grade,
            looks[grade],
            ordered[grade],
            precision := ordered[grade] / looks[grade] if looks[grade] else 0.0,
            precision / base if base else None,
        )
        for grade in Grade
    ]
