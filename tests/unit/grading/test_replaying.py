"""The past replayed: skipping quiet days, living from day to day and replaying all at once give the same history of grades."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inboxcrm.grading.assess import Dimension, assess, decide
from inboxcrm.grading.facts import Asked, Contacted, Doubted, Ordered, Profile, Signalled, Timeline, facts_at
from inboxcrm.grading.history import Change, Standing, judged_at, replay
from inboxcrm.grading.rules import GradingRules, load
from inboxcrm.model import Grade

RULES: GradingRules = load(Path(__file__).parents[3] / "config" / "grading.toml")
START = datetime(2025, 1, 6, 9, tzinfo=UTC)
POSITIVE = sorted(RULES.willingness.signals)
KINDS = [*POSITIVE, "complaint", "not_interested", "unsubscribe"]

instants = st.integers(0, 700 * 24 * 60).map(lambda minutes: START + timedelta(minutes=minutes))
profiles = st.builds(
    Profile,
    country=st.sampled_from(["", "DE", "KE"]),
    size=st.sampled_from(["", "large", "50-200"]),
    website=st.booleans(),
    products=st.sampled_from([(), ("valve",)]),
    decision_roles=st.sampled_from([(), ("decision_maker",)]),
)


def _sorted(strategy: st.SearchStrategy[Any], most: int) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(strategy, max_size=most).map(lambda many: tuple(sorted(many, key=lambda one: one.at)))


timelines = st.builds(
    Timeline,
    customer_id=st.just(1),
    profile=profiles,
    contacts=_sorted(st.builds(Contacted, at=instants, inbound=st.booleans()), 8),
    signals=_sorted(st.builds(Signalled, at=instants, kind=st.sampled_from(KINDS)), 6),
    orders=_sorted(st.builds(Ordered, at=instants, amount=st.none() | st.integers(1, 200_000).map(Decimal)), 2),
    asked=_sorted(st.builds(Asked, at=instants, quantity=st.integers(1, 50_000).map(Decimal)), 2),
    doubts=_sorted(st.builds(Doubted, at=instants, kind=st.sampled_from(["unverified", "look_alike"])), 2),
    unreachable_since=st.none() | instants,
)


def lived(timeline: Timeline, until: datetime) -> list[Change]:
    """Every event and every single midnight, looked at."""
    events = [at for at in timeline.instants() if at <= until]
    if not events:
        return []
    looks = set(events)
    midnight = events[0].replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    while midnight <= until:
        looks.add(midnight)
        midnight += timedelta(days=1)
    standing, changes = Standing(), []
    for at in sorted(looks):
        judged = assess(facts_at(timeline, at, days=RULES.willingness.exchange.days), RULES)
        grade = decide(judged, RULES, standing.grade, standing.since)
        if grade is not standing.grade:
            changes.append(Change(at, standing.grade, grade))
            standing = Standing(grade, at)
    return changes


def told(changes: list[Change]) -> list[tuple[datetime, Grade, Grade]]:
    return [(one.at, one.before, one.after) for one in changes]


BUSY = st.builds(
    Timeline,
    customer_id=st.just(1),
    profile=profiles,
    contacts=_sorted(st.builds(Contacted, at=instants, inbound=st.integers(0, 3).map(lambda one: one == 0)), 60),
    signals=_sorted(st.builds(Signalled, at=instants, kind=st.sampled_from(KINDS)), 12),
    orders=_sorted(st.builds(Ordered, at=instants, amount=st.none() | st.integers(1, 200_000).map(Decimal)), 3),
    doubts=_sorted(st.builds(Doubted, at=instants, kind=st.sampled_from(["unverified", "look_alike", "overdue"])), 4),
)
"""Customers with whom much is exchanged, mostly by us: their replay passes over many mails."""


@settings(max_examples=25)
@given(BUSY)
def test_passing_over_mails_that_move_nothing_misses_no_change(timeline: Timeline) -> None:
    until = START + timedelta(days=900)
    assert told(replay(timeline, RULES, until)[0]) == told(lived(timeline, until))


def test_a_mail_between_the_end_of_a_minimum_stay_and_midnight_is_not_passed_over() -> None:
    met, asked, doubted, wrote = (
        datetime(2025, 1, day, hour, minute, tzinfo=UTC)
        for day, hour, minute in ((6, 9, 0), (7, 0, 1), (7, 0, 2), (21, 0, 1))
    )
    timeline = Timeline(
        customer_id=1,
        profile=Profile(),
        contacts=(Contacted(met, inbound=False), Contacted(met, inbound=True), Contacted(wrote, inbound=True)),
        signals=(Signalled(met, "meeting_request"), Signalled(asked, "inquiry")),
        doubts=(Doubted(doubted, "unverified"),),
    )
    until = wrote + timedelta(days=30)
    changes = told(replay(timeline, RULES, until)[0])
    assert changes == told(lived(timeline, until))
    assert wrote in [change[0] for change in changes]


@given(timelines)
def test_passing_over_quiet_days_misses_no_change(timeline: Timeline) -> None:
    until = START + timedelta(days=900)
    assert told(replay(timeline, RULES, until)[0]) == told(lived(timeline, until))


@given(timelines | BUSY, st.lists(st.integers(1, 900 * 48), min_size=1, max_size=4, unique=True))
def test_going_on_from_where_one_stood_gives_the_same_as_replaying_all(timeline: Timeline, halves: list[int]) -> None:
    stops = sorted({START + timedelta(minutes=30 * half) for half in halves})
    standing, after, pieces = Standing(), None, []
    for stop in stops:
        changes, standing = replay(timeline, RULES, stop, standing, after)
        pieces += changes
        after = stop
    assert told(pieces) == told(replay(timeline, RULES, stops[-1])[0])


@given(timelines)
def test_without_anything_new_willingness_only_falls(timeline: Timeline) -> None:
    last = max(timeline.instants(), default=START)
    looks = [last + timedelta(days=days) for days in (0, 1, 7, 30, 90, 365)]
    levels = [
        assess(facts_at(timeline, at, days=RULES.willingness.exchange.days), RULES).dimensions[Dimension.WILLINGNESS]
        for at in looks
    ]
    assert all(later <= earlier for earlier, later in pairwise(levels))


@given(timelines, st.sampled_from(POSITIVE), instants, st.integers(0, 400))
def test_a_positive_signal_more_never_lowers_the_score(timeline: Timeline, kind: str, at: datetime, later: int) -> None:
    more = replace(timeline, signals=tuple(sorted((*timeline.signals, Signalled(at, kind)), key=lambda one: one.at)))
    look = at + timedelta(days=later)
    before, after = (
        assess(facts_at(one, look, days=RULES.willingness.exchange.days), RULES) for one in (timeline, more)
    )
    assert after.score >= before.score - 1e-9


@given(timelines)
def test_floors_and_ceilings_hold_at_every_change(timeline: Timeline) -> None:
    rank = [Grade.WATCH, Grade.C, Grade.B, Grade.A].index
    for change in replay(timeline, RULES, START + timedelta(days=900))[0]:
        bounds = judged_at(timeline, RULES, change.at).bounds
        ceilings = [bound.grade for bound in bounds if not bound.is_floor]
        floors = [bound.grade for bound in bounds if bound.is_floor]
        assert all(rank(change.after) <= rank(ceiling) for ceiling in ceilings)
        if not ceilings:
            assert all(rank(change.after) >= rank(floor) for floor in floors)


@pytest.mark.parametrize(
    ("signals", "grades"),
    [
        (["inquiry"], {Grade.C, Grade.B}),
        (["inquiry", "sample_request"], {Grade.B, Grade.A}),
        (["unsubscribe", "sample_request"], {Grade.C}),
        (["not_interested"], {Grade.C}),
    ],
)
def test_what_the_trade_expects_of_the_rules_that_are_shipped(signals: list[str], grades: set[Grade]) -> None:
    timeline = Timeline(
        1,
        Profile(country="DE"),
        (Contacted(START, inbound=True),),
        tuple(Signalled(START + timedelta(minutes=place), kind) for place, kind in enumerate(signals)),
    )
    _, standing = replay(timeline, RULES, START + timedelta(hours=1))
    assert standing.grade in grades


def test_a_customer_from_a_list_without_any_contact_is_watched_and_what_is_missing_is_named() -> None:
    listed = Timeline(1, Profile(country="DE"))
    _, standing = replay(listed, RULES, START)
    judged = judged_at(listed, RULES, START)
    assert standing.grade is Grade.WATCH
    assert judged.by_numbers is Grade.WATCH
    assert {"inbound", "products", "size"} <= set(judged.missing)


def test_silence_lowers_a_customer_step_by_step() -> None:
    timeline = Timeline(
        1,
        Profile(country="DE"),
        (Contacted(START, inbound=True),),
        (Signalled(START, "inquiry"), Signalled(START, "sample_request")),
    )
    changes, standing = replay(timeline, RULES, START + timedelta(days=365))
    assert [one.after for one in changes][-1] is Grade.C
    assert standing.grade is Grade.C
