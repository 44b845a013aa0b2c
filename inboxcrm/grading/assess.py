"""The judgement itself: facts and rules in, four dimensions, a grade and its reasons out. Pure; the same input gives the same output.

A dimension is the sum of its reasons, cut to 0–100, so that every point can be shown with what it rests on.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from math import inf
from operator import attrgetter
from typing import Any

from inboxcrm.grading.facts import Doubted, Facts, Profile, Signalled
from inboxcrm.grading.rules import Fading, GradingRules, Risk, Steps
from inboxcrm.model import Grade

_DAY = timedelta(days=1)
_FADED = 1.0
"""Points below this are no reason any more."""


class Dimension(StrEnum):
    """What a customer is looked at from; each 0 to 100. For RISK more is worse."""

    CURRENT_VALUE = "current_value"
    POTENTIAL_VALUE = "potential_value"
    WILLINGNESS = "willingness"
    RISK = "risk"


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a dimension has its points. `code` and `facts` are put into words by `inboxcrm.grading.words`; `entry_id` is the log entry
    that proves it (0: the customer file, or a sum), `evidence` the words in it.
    """

    dimension: Dimension
    code: str
    points: float
    facts: Mapping[str, Any] = field(default_factory=dict)
    entry_id: int = 0
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class Bound:
    """A floor or ceiling that holds now, and why (a code for `inboxcrm.grading.words`)."""

    grade: Grade
    is_floor: bool
    code: str


@dataclass(frozen=True, slots=True)
class Assessment:
    """A customer judged at `at`. `by_numbers` is the grade of the score alone; `bounds` act above it; `missing` names what the file
    should say for a better judgement (codes for `inboxcrm.grading.words`).
    """

    at: datetime
    dimensions: Mapping[Dimension, int]
    score: float
    known: float
    by_numbers: Grade
    bounds: tuple[Bound, ...]
    reasons: tuple[Reason, ...]
    missing: tuple[str, ...]
    rules_version: str


RANKED = (Grade.WATCH, Grade.C, Grade.B, Grade.A)
"""The grades from the least to the most attention; a grade's place is its rank."""
_RANK = {grade: place for place, grade in enumerate(RANKED)}
_FULL = 100.0
_SCORE_DIGITS = 6
"""Scores are rounded, so that the order in which points are added up decides nothing at the marks."""


def rank(grade: str) -> int:
    """The place of a grade among `RANKED`."""
    return _RANK[Grade(grade)]


def assess(facts: Facts, rules: GradingRules) -> Assessment:
    """Judges `facts`."""
    reasons = [
        *_current_value(facts, rules),
        *_potential_value(facts, rules),
        *_willingness(facts, rules),
        *_risk(facts, rules),
    ]
    sums = dict.fromkeys(Dimension, 0.0)
    for reason in reasons:
        sums[reason.dimension] += reason.points
    score = score_of(rules, *sums.values())
    known, missing = _known(facts, rules)
    return Assessment(
        at=facts.at,
        dimensions={dimension: min(100, round(total)) for dimension, total in sums.items()},
        score=score,
        known=known,
        by_numbers=RANKED[by_score(score, known, rules)],
        bounds=tuple(_bounds(facts, rules)),
        reasons=tuple(sorted((one for one in reasons if one.points >= _FADED), key=lambda one: -one.points)),
        missing=missing,
        rules_version=rules.version,
    )


def score_of(
    rules: GradingRules, current_value: float, potential_value: float, willingness: float, risk: float
) -> float:
    """The score of four sums of points."""
    weights = rules.score
    return round(
        weights.current_value * (current_value if current_value < _FULL else _FULL)
        + weights.potential_value * (potential_value if potential_value < _FULL else _FULL)
        + weights.willingness * (willingness if willingness < _FULL else _FULL)
        - weights.risk * (risk if risk < _FULL else _FULL),
        _SCORE_DIGITS,
    )


def by_score(score: float, known: float, rules: GradingRules) -> int:
    """The rank by the numbers alone."""
    grades = rules.grades
    if known < grades.known_at_least:
        return 0
    return 3 if score >= grades.A else 2 if score >= grades.B else 1


def mark_of(rank: int, rules: GradingRules) -> float:
    """The score from which on a customer has this rank; infinite for C and watch, which no score keeps anybody in."""
    return rules.grades.A if rank == _RANK[Grade.A] else rules.grades.B if rank == _RANK[Grade.B] else inf


def held(by_numbers: int, before: int, *, near: bool, stayed: bool, floor: int, ceiling: int) -> int:
    """The rank that holds when `before` held until now.

    A better one is given at once; a worse one not while the score is still `near` the mark of the former, and not before it has
    `stayed` long enough. Floors and ceilings act at once; where both hold, the ceiling wins.
    """
    rank = before if by_numbers < before and (near or not stayed) else by_numbers
    return min(max(rank, floor), ceiling)


def decide(assessment: Assessment, rules: GradingRules, before: Grade, since: datetime | None) -> Grade:
    """The grade that holds after `assessment`, when `before` held `since` (None: since always)."""
    rank = _RANK[before]
    near = assessment.score >= mark_of(rank, rules) - rules.grades.hysteresis
    stayed = since is None or assessment.at - since >= timedelta(days=rules.grades.minimum_stay_days)
    floor = max((_RANK[bound.grade] for bound in assessment.bounds if bound.is_floor), default=0)
    ceiling = min((_RANK[bound.grade] for bound in assessment.bounds if not bound.is_floor), default=len(RANKED) - 1)
    return RANKED[held(_RANK[assessment.by_numbers], rank, near=near, stayed=stayed, floor=floor, ceiling=ceiling)]


def _left(at: datetime, then: datetime, half_life_days: float) -> float:
    """What is left of a point after the time between."""
    return float(0.5 ** ((at - then) / _DAY / half_life_days))


def step(value: float | Decimal, steps: Steps) -> float:
    """The points of the best step that `value` reaches."""
    best = 0.0
    for least, points in steps:
        if value >= least and points > best:
            best = points
    return best


def _current_value(facts: Facts, rules: GradingRules) -> Iterator[Reason]:
    table = rules.current_value
    half_life = table.half_life_days
    recent = [one for one in facts.orders if facts.at - one.at <= timedelta(days=table.months * 30.44)]
    if not recent:
        return

    def reason(code: str, points: float, then: datetime, said: Mapping[str, Any], entry: int = 0) -> Reason:
        return Reason(Dimension.CURRENT_VALUE, code, points * _left(facts.at, then, half_life), said, entry)

    for number, order in enumerate(sorted(recent, key=lambda one: one.at, reverse=True)):
        code, points = ("further_order", table.each_further_order) if number else ("order", table.first_order)
        yield reason(code, points, order.at, {"on": order.at.date().isoformat()}, order.entry_id)
    newest = max(one.at for one in recent)
    total = sum((one.amount for one in recent if one.amount is not None), Decimal())
    if points := step(total, table.amounts):
        yield reason("order_amount", points, newest, {"amount": _plain(total)})
    margin = max((one.margin for one in recent if one.margin is not None), default=None)
    if margin is not None and margin > 10:
        points = min(table.margin_most, table.margin_point * float(margin - 10))
        yield reason("margin", points, newest, {"percent": _plain(margin)})


def _potential_value(facts: Facts, rules: GradingRules) -> Iterator[Reason]:
    for code, points, said in _by_file(facts.profile, rules):
        yield Reason(Dimension.POTENTIAL_VALUE, code, points, said)
    table = rules.potential_value
    quantity = max((one.quantity for one in facts.asked if one.quantity is not None), default=Decimal())
    amount = max((one.amount for one in facts.asked if one.amount is not None), default=Decimal())
    by_quantity, by_amount = step(quantity, table.quantities), step(amount, table.amounts)
    if by_amount > by_quantity:
        yield Reason(Dimension.POTENTIAL_VALUE, "asked_amount", by_amount, {"amount": _plain(amount)})
    elif by_quantity:
        yield Reason(Dimension.POTENTIAL_VALUE, "asked_quantity", by_quantity, {"quantity": _plain(quantity)})


def _by_file(profile: Profile, rules: GradingRules) -> Iterator[tuple[str, float, dict[str, str]]]:
    """What the customer file alone brings of potential value: code, points, and what the reason says."""
    table = rules.potential_value
    if points := _size(profile.size, rules):
        yield "size", points, {"size": profile.size}
    if profile.country in table.markets:
        yield "market", table.market, {"country": profile.country}
    elif profile.country:
        yield "other_market", table.other_market, {"country": profile.country}
    if "decision_maker" in profile.decision_roles:
        yield "decision_maker", table.decision_maker, {}
    elif "influencer" in profile.decision_roles:
        yield "influencer", table.influencer, {}
    if profile.products:
        yield "product_fit", table.product_fit, {"products": ", ".join(profile.products[:3])}


def of_file(profile: Profile, rules: GradingRules) -> float:
    """The points of potential value that the customer file alone brings."""
    return sum(points for _code, points, _said in _by_file(profile, rules))


def _plain(number: Decimal) -> str:
    """A number without the zeros that its column adds: 7500, not 7500.000."""
    return format(number.normalize(), "f")


_HEADCOUNT = re.compile(r"\d[\d.,]*")


@lru_cache(maxsize=1024)
def _size(size: str, rules: GradingRules) -> float:
    low = size.lower()
    by_word = max(
        (points for words, points in rules.potential_value.size if any(word in low for word in words.split("|"))),
        default=0.0,
    )
    counts = [int(digits) for match in _HEADCOUNT.findall(low) if (digits := re.sub(r"\D", "", match))]
    return max(by_word, step(max(counts), rules.potential_value.employees) if counts else 0.0)


def _willingness(facts: Facts, rules: GradingRules) -> Iterator[Reason]:
    yield from _fading(Dimension.WILLINGNESS, "signal", facts.at, facts.signals, rules.willingness.signals)
    exchange, table = facts.exchange, rules.willingness.exchange
    if exchange.last_in is None:
        return
    left = _left(facts.at, exchange.last_in, table.half_life_days)

    def reason(code: str, points: float, **said: int) -> Reason:
        return Reason(Dimension.WILLINGNESS, code, points * left, said)

    if exchange.outbound and exchange.answered:
        rate = exchange.answered / exchange.outbound
        yield reason("answer_rate", table.answer_rate * rate, percent=round(100 * rate))
    if exchange.answer_hours is not None and exchange.answer_hours <= QUICK_HOURS:
        points = table.quick_answer if exchange.answer_hours <= VERY_QUICK_HOURS else table.quick_answer / 2
        yield reason("quick_answer", points, hours=round(exchange.answer_hours))
    if exchange.first_inbound:
        yield reason("wrote_first", table.wrote_first)


VERY_QUICK_HOURS = 24.0
QUICK_HOURS = 72.0


def _risk(facts: Facts, rules: GradingRules) -> Iterator[Reason]:
    against = {name: fading for name in _AGAINST if isinstance(fading := getattr(rules.risk, name), Fading)}
    spoken: tuple[Signalled | Doubted, ...] = (*facts.signals, *facts.doubts)
    yield from _fading(Dimension.RISK, "risk", facts.at, spoken, against)
    if facts.unreachable:
        yield Reason(Dimension.RISK, "unreachable", rules.risk.unreachable)


_AGAINST = tuple(Risk.model_fields)


def _fading(
    dimension: Dimension,
    prefix: str,
    at: datetime,
    events: Iterable[Signalled | Doubted],
    table: Mapping[str, Fading],
) -> Iterator[Reason]:
    """The points of events that fade. Of one kind the freshest counts fully, the next half, then a third …: one more event never
    lowers the sum.
    """
    by_kind: dict[str, list[Signalled | Doubted]] = {}
    for event in events:
        if event.kind in table:
            by_kind.setdefault(event.kind, []).append(event)
    for kind, several in by_kind.items():
        fading, code = table[kind], f"{prefix}_{kind}"
        several.sort(key=attrgetter("at"), reverse=True)
        for number, event in enumerate(several, 1):
            yield Reason(
                dimension,
                code,
                fading.points * _left(at, event.at, fading.half_life_days) / number,
                {"on": event.at.date().isoformat()},
                event.entry_id,
                event.evidence if isinstance(event, Signalled) else "",
            )


def _known(facts: Facts, rules: GradingRules) -> tuple[float, tuple[str, ...]]:
    table = rules.known
    pieces = _file_pieces(facts.profile, rules) | {
        "inbound": (table.inbound, facts.exchange.last_in is not None),
        "signal": (table.signal, bool(facts.signals)),
        "order": (table.order, bool(facts.orders)),
    }
    known = sum(points for points, is_known in pieces.values() if is_known)
    missing = tuple(name for name, (points, is_known) in pieces.items() if points and not is_known and name != "order")
    return min(known, 100.0), missing


def known_by_file(profile: Profile, rules: GradingRules) -> float:
    """How much is known of a customer by the file alone."""
    return sum(points for points, is_known in _file_pieces(profile, rules).values() if is_known)


def _file_pieces(profile: Profile, rules: GradingRules) -> dict[str, tuple[float, bool]]:
    table = rules.known
    return {
        "country": (table.country, bool(profile.country)),
        "products": (table.products, bool(profile.products)),
        "size": (table.size, bool(profile.size)),
        "website": (table.website, profile.website),
        "decision_role": (table.decision_role, any(role != "unknown" for role in profile.decision_roles)),
    }


def _bounds(facts: Facts, rules: GradingRules) -> Iterator[Bound]:
    table = rules.bounds
    last = {kind: max((one.at for one in facts.signals if one.kind == kind), default=None) for kind in _BOUNDING}
    ordered = max((one.at for one in facts.orders), default=None)

    def within(then: datetime | None, days: float | None) -> bool:
        return then is not None and (days is None or facts.at - then <= timedelta(days=days))

    if within(ordered, table.order_within_days.days):
        yield Bound(Grade(table.order_within_days.floor), is_floor=True, code="order_within_days")
    if within(last["sample_request"], table.sample_within_days.days):
        yield Bound(Grade(table.sample_within_days.floor), is_floor=True, code="sample_within_days")
    if facts.unreachable:
        yield Bound(Grade(table.all_addresses_bounce.ceiling), is_floor=False, code="all_addresses_bounce")
    if within(last["unsubscribe"], table.asked_to_stop.days):
        yield Bound(Grade(table.asked_to_stop.ceiling), is_floor=False, code="asked_to_stop")
    declined, limit = last["not_interested"], table.not_interested_within_days
    if declined is not None and within(declined, limit.days):
        # Who comes back with a new wish after a "no" is interested again.
        came_back = any(one.at > declined for one in facts.signals if one.kind in rules.willingness.signals)
        if not came_back:
            yield Bound(Grade(limit.ceiling), is_floor=False, code="not_interested_within_days")


_BOUNDING = ("sample_request", "unsubscribe", "not_interested")
