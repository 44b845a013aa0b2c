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
from typing import Any

from inboxcrm.grading.facts import Doubted, Facts, Profile, Signalled
from inboxcrm.grading.rules import Fading, GradingRules, Steps
from inboxcrm.model import Grade

_DAY = timedelta(days=1).total_seconds()
_FADED = 0.5
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


_RANK = {Grade.A: 3, Grade.B: 2, Grade.C: 1, Grade.WATCH: 0}


def assess(facts: Facts, rules: GradingRules) -> Assessment:
    """Judges `facts`."""
    reasons = [
        *_current_value(facts, rules),
        *_potential_value(facts.profile, rules),
        *_willingness(facts, rules),
        *_risk(facts, rules),
    ]
    sums = dict.fromkeys(Dimension, 0.0)
    for reason in reasons:
        sums[reason.dimension] += reason.points
    dimensions = {dimension: min(100, max(0, round(total))) for dimension, total in sums.items()}
    weights = rules.score
    score = (
        weights.current_value * min(100.0, sums[Dimension.CURRENT_VALUE])
        + weights.potential_value * min(100.0, sums[Dimension.POTENTIAL_VALUE])
        + weights.willingness * min(100.0, sums[Dimension.WILLINGNESS])
        - weights.risk * min(100.0, sums[Dimension.RISK])
    )
    known, missing = _known(facts, rules)
    enough = known >= rules.grades.known_at_least
    return Assessment(
        at=facts.at,
        dimensions=dimensions,
        score=score,
        known=known,
        by_numbers=_grade_of(score, rules) if enough else Grade.WATCH,
        bounds=tuple(_bounds(facts, rules)),
        reasons=tuple(sorted(reasons, key=lambda one: -one.points)),
        missing=missing,
        rules_version=rules.version,
    )


def decide(assessment: Assessment, rules: GradingRules, before: Grade, since: datetime | None) -> Grade:
    """The grade that holds after `assessment`, when `before` held `since` (None: since always).

    A better grade is given at once. A worse one needs the score to fall by the hysteresis below the mark, and the minimum stay to
    be over. Floors and ceilings act at once; where both hold, the ceiling wins.
    """
    grade = assessment.by_numbers
    if _RANK[grade] < _RANK[before]:
        stayed = since is None or assessment.at - since >= timedelta(days=rules.grades.minimum_stay_days)
        still_near = before in (Grade.A, Grade.B) and assessment.score >= _mark(before, rules) - rules.grades.hysteresis
        if still_near or not stayed:
            grade = before
    for bound in assessment.bounds:
        if bound.is_floor and _RANK[grade] < _RANK[bound.grade]:
            grade = bound.grade
    for bound in assessment.bounds:
        if not bound.is_floor and _RANK[grade] > _RANK[bound.grade]:
            grade = bound.grade
    return grade


def _grade_of(score: float, rules: GradingRules) -> Grade:
    if score >= rules.grades.A:
        return Grade.A
    return Grade.B if score >= rules.grades.B else Grade.C


def _mark(grade: Grade, rules: GradingRules) -> float:
    return rules.grades.A if grade is Grade.A else rules.grades.B


def _left(at: datetime, then: datetime, half_life_days: float) -> float:
    """What is left of a point after the time between."""
    return float(0.5 ** (max((at - then).total_seconds(), 0.0) / _DAY / half_life_days))


def _step(value: float | Decimal, steps: Steps) -> float:
    """The points of the highest step that `value` reaches."""
    return max((points for least, points in steps if value >= least), default=0.0)


def _current_value(facts: Facts, rules: GradingRules) -> Iterator[Reason]:
    table = rules.current_value
    recent = [one for one in facts.orders if (facts.at - one.at).days <= table.months * 30.44]
    for number, order in enumerate(sorted(recent, key=lambda one: one.at, reverse=True)):
        points = table.first_order if number == 0 else table.each_further_order
        points *= _left(facts.at, order.at, table.half_life_days)
        if points >= _FADED:
            code = "order" if number == 0 else "further_order"
            yield Reason(Dimension.CURRENT_VALUE, code, points, {"on": order.at.date().isoformat()}, order.record_id)
    if not recent:
        return
    newest = _left(facts.at, max(one.at for one in recent), table.half_life_days)
    total = sum((one.amount for one in recent if one.amount is not None), Decimal())
    if points := _step(total, table.amounts) * newest:
        yield Reason(Dimension.CURRENT_VALUE, "order_amount", points, {"amount": str(total)})
    margins = [one.margin for one in recent if one.margin is not None]
    if margins and (points := min(table.margin_most, table.margin_point * float(max(margins) - 10)) * newest) > 0:
        yield Reason(Dimension.CURRENT_VALUE, "margin", points, {"percent": str(max(margins))})


def _potential_value(profile: Profile, rules: GradingRules) -> Iterator[Reason]:
    table = rules.potential_value
    if points := _size(profile.size, rules):
        yield Reason(Dimension.POTENTIAL_VALUE, "size", points, {"size": profile.size})
    if profile.country:
        good = profile.country in table.markets
        code = "market" if good else "other_market"
        yield Reason(
            Dimension.POTENTIAL_VALUE, code, table.market if good else table.other_market, {"country": profile.country}
        )
    by_quantity = _step(profile.asked_quantity or 0, table.quantities)
    by_amount = _step(profile.asked_amount or 0, table.amounts)
    if by_amount > by_quantity:
        yield Reason(Dimension.POTENTIAL_VALUE, "asked_amount", by_amount, {"amount": str(profile.asked_amount)})
    elif by_quantity:
        yield Reason(
            Dimension.POTENTIAL_VALUE, "asked_quantity", by_quantity, {"quantity": str(profile.asked_quantity)}
        )
    if "decision_maker" in profile.decision_roles:
        yield Reason(Dimension.POTENTIAL_VALUE, "decision_maker", table.decision_maker)
    elif "influencer" in profile.decision_roles:
        yield Reason(Dimension.POTENTIAL_VALUE, "influencer", table.influencer)
    if profile.products:
        yield Reason(
            Dimension.POTENTIAL_VALUE, "product_fit", table.product_fit, {"products": ", ".join(profile.products[:3])}
        )


_HEADCOUNT = re.compile(r"\d[\d.,]*")


def _size(size: str, rules: GradingRules) -> float:
    low = size.lower()
    by_word = max(
        (points for words, points in rules.potential_value.size if any(word in low for word in words.split("|"))),
        default=0.0,
    )
    counts = [int(digits) for match in _HEADCOUNT.findall(low) if (digits := re.sub(r"\D", "", match))]
    return max(by_word, _step(max(counts), rules.potential_value.employees) if counts else 0.0)


def _willingness(facts: Facts, rules: GradingRules) -> Iterator[Reason]:
    by_kind: dict[str, list[Reason]] = {}
    for one in facts.signals:
        fading = rules.willingness.signals.get(one.kind)
        if fading is not None:
            points = fading.points * _left(facts.at, one.at, fading.half_life_days)
            by_kind.setdefault(one.kind, []).append(
                Reason(
                    Dimension.WILLINGNESS,
                    f"signal_{one.kind}",
                    points,
                    {"on": one.at.date().isoformat()},
                    one.entry_id,
                    one.evidence,
                )
            )
    for reasons in by_kind.values():
        yield from _less_each_time(reasons)
    exchange, table = facts.exchange, rules.willingness.exchange
    if exchange.last_in is None:
        return
    left = _left(facts.at, exchange.last_in, table.half_life_days)
    if exchange.outbound and (rate := exchange.answered / exchange.outbound):
        yield from _unless_faded(
            Reason(
                Dimension.WILLINGNESS, "answer_rate", table.answer_rate * rate * left, {"percent": round(100 * rate)}
            )
        )
    if exchange.answer_hours is not None and exchange.answer_hours <= 72:
        quick = exchange.answer_hours <= 24
        yield from _unless_faded(
            Reason(
                Dimension.WILLINGNESS,
                "quick_answer",
                table.quick_answer * (1.0 if quick else 0.5) * left,
                {"hours": round(exchange.answer_hours)},
            )
        )
    if exchange.first_inbound:
        yield from _unless_faded(Reason(Dimension.WILLINGNESS, "wrote_first", table.wrote_first * left))


def _risk(facts: Facts, rules: GradingRules) -> Iterator[Reason]:
    table = rules.risk
    against: dict[str, Fading] = {
        name: getattr(table, name) for name in type(table).model_fields if name != "unreachable"
    }
    by_kind: dict[str, list[Reason]] = {}
    spoken: tuple[Signalled | Doubted, ...] = (*facts.signals, *facts.doubts)
    for one in spoken:
        fading = against.get(one.kind)
        if fading is not None:
            points = fading.points * _left(facts.at, one.at, fading.half_life_days)
            evidence = one.evidence if isinstance(one, Signalled) else ""
            by_kind.setdefault(one.kind, []).append(
                Reason(
                    Dimension.RISK,
                    f"risk_{one.kind}",
                    points,
                    {"on": one.at.date().isoformat()},
                    one.entry_id,
                    evidence,
                )
            )
    for reasons in by_kind.values():
        yield from _less_each_time(reasons)
    if _unreachable(facts.profile):
        yield Reason(Dimension.RISK, "unreachable", table.unreachable)


def _less_each_time(reasons: Iterable[Reason]) -> Iterator[Reason]:
    """The strongest counts fully, the next half, then a third …: one more never lowers the sum."""
    for number, one in enumerate(sorted(reasons, key=lambda reason: -reason.points), 1):
        yield from _unless_faded(
            Reason(one.dimension, one.code, one.points / number, one.facts, one.entry_id, one.evidence)
        )


def _unless_faded(reason: Reason) -> Iterator[Reason]:
    if reason.points >= _FADED:
        yield reason


def _unreachable(profile: Profile) -> bool:
    return profile.addresses > 0 and profile.reachable_addresses == 0


def _known(facts: Facts, rules: GradingRules) -> tuple[float, tuple[str, ...]]:
    table, profile = rules.known, facts.profile
    pieces = {
        "country": (table.country, bool(profile.country)),
        "products": (table.products, bool(profile.products)),
        "size": (table.size, bool(profile.size)),
        "website": (table.website, profile.website),
        "decision_role": (table.decision_role, any(role != "unknown" for role in profile.decision_roles)),
        "inbound": (table.inbound, facts.exchange.last_in is not None),
        "signal": (table.signal, bool(facts.signals)),
        "order": (table.order, bool(facts.orders)),
    }
    known = sum(points for points, is_known in pieces.values() if is_known)
    missing = tuple(name for name, (points, is_known) in pieces.items() if points and not is_known and name != "order")
    return min(known, 100.0), missing


def _bounds(facts: Facts, rules: GradingRules) -> Iterator[Bound]:
    table = rules.bounds

    def within(instants: Iterable[datetime], days: float) -> bool:
        return any(facts.at - then <= timedelta(days=days) for then in instants)

    def times(kind: str) -> Iterator[datetime]:
        return (one.at for one in facts.signals if one.kind == kind)

    ordered = [one.at for one in facts.orders]
    if within(ordered, table.order_within_days.days):
        yield Bound(Grade(table.order_within_days.floor), is_floor=True, code="order_within_days")
    if within(times("sample_request"), table.sample_within_days.days):
        yield Bound(Grade(table.sample_within_days.floor), is_floor=True, code="sample_within_days")
    if _unreachable(facts.profile):
        yield Bound(Grade(table.all_addresses_bounce.ceiling), is_floor=False, code="all_addresses_bounce")
    if any(True for _ in times("unsubscribe")):
        yield Bound(Grade(table.asked_to_stop.ceiling), is_floor=False, code="asked_to_stop")
    declined = max(times("not_interested"), default=None)
    if declined is None:
        return
    limit = table.not_interested_within_days
    # Who comes back with a new wish after a "no" is interested again.
    came_back = any(one.at > declined for one in facts.signals if one.kind in rules.willingness.signals)
    if not came_back and (limit.days is None or within([declined], limit.days)):
        yield Bound(Grade(limit.ceiling), is_floor=False, code="not_interested_within_days")
