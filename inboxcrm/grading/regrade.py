"""Keeps the grades in the database what the log says: every change with its reasons, and the last assessment of each customer.

The automatic changes are derived anew from the whole log whenever something in it changes, so a late or corrected mail
gives the same history as if it had always been there. What people decided stays, and the rules go on from there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from inboxcrm.grading import assess
from inboxcrm.grading.facts import Timeline
from inboxcrm.grading.history import Change, Standing, replay
from inboxcrm.grading.queries import InBase, all_customers, timelines
from inboxcrm.grading.rules import GradingRules
from inboxcrm.model import Assessment, ChangedBy, Customer, FieldChange, Grade, GradeChange, GradePin
from inboxcrm.model.customer import CREATED

_MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Moved:
    """A customer whose grade is another one than before the call."""

    customer_id: int
    before: Grade
    after: Grade


@dataclass(frozen=True, slots=True)
class _Decision:
    """A grade that a person set: from `at` on it holds, and the rules keep off until `free_at`."""

    at: datetime
    grade: Grade
    free_at: datetime
    change: GradeChange | None
    by: str = ""


def regrade(
    session: Session, customer_ids: Iterable[int], rules: GradingRules, in_base: InBase, now: datetime
) -> list[Moved]:
    """Derives the grades of these customers anew, up to `now`. Returns those whose grade has changed.

    1. Read what happened, and what people decided. 2. Replay the log between the decisions. 3. Bring the rows of automatic changes in
    line: what still holds keeps its row. 4. Keep the last assessment and the grade.
    """
    moved: list[Moved] = []
    ids = sorted(set(customer_ids))
    for start in range(0, len(ids), _CHUNK):
        some = ids[start : start + _CHUNK]
        decided = _decisions(session, some, now)
        rows = session.execute(select(Customer.id, Customer.grade).where(Customer.id.in_(some)))
        grades = {customer: grade for customer, grade in rows}  # noqa: C416  rows have a type, dict(rows) has none
        kept = _automatic(session, some)
        for timeline in timelines(session, some, in_base):
            customer = timeline.customer_id
            changes, standing, last = _replayed(timeline, decided.get(customer, ()), rules, now)
            _align(session, customer, kept.get(customer, ()), changes, rules)
            _keep(session, customer, last)
            if standing.grade is not grades[customer]:
                session.execute(update(Customer).where(Customer.id == customer).values(grade=standing.grade))
                moved.append(Moved(customer, grades[customer], standing.grade))
    return moved


_CHUNK = 200


def regrade_all(session: Session, rules: GradingRules, in_base: InBase, now: datetime, after: int = 0) -> int:
    """Derives the grades of the next customers by id, one chunk; returns the last id, or 0 when there are no more. For the clock,
    which calls it again and again, a transaction each time.
    """
    ids = all_customers(session, after, _CHUNK)
    regrade(session, ids, rules, in_base, now)
    return ids[-1] if len(ids) == _CHUNK else 0


def _replayed(
    timeline: Timeline, decisions: Sequence[_Decision], rules: GradingRules, now: datetime
) -> tuple[list[Change], Standing, assess.Assessment]:
    standing, after = Standing(), None
    changes: list[Change] = []
    for one in decisions:
        if after is None or one.at > after:
            before, standing, judged = replay(timeline, rules, one.at - _MOMENT, standing, after)
            changes += before
        else:
            judged = replay(timeline, rules, one.at, standing, one.at)[2]
        if one.change is None and one.grade is not standing.grade:
            changes.append(Change(one.at, standing.grade, one.grade, judged, ChangedBy.IMPORT, one.by))
        standing, after = Standing(one.grade, one.at), min(one.free_at, now)
    rest, standing, last = replay(timeline, rules, now, standing, after)
    return [*changes, *rest], standing, last


def _decisions(session: Session, ids: Sequence[int], now: datetime) -> dict[int, list[_Decision]]:
    """What people decided about the grades, in the order of time: by list or form, by pin, by undoing."""
    found: dict[int, list[_Decision]] = defaultdict(list)
    pins = {pin.customer_id: pin for pin in session.scalars(select(GradePin).where(GradePin.customer_id.in_(ids)))}
    written = select(FieldChange.entity_id, FieldChange.at, FieldChange.new, FieldChange.by).where(
        FieldChange.entity == "customer", FieldChange.field.in_(("grade", CREATED)), FieldChange.entity_id.in_(ids)
    )
    for customer, at, new, by in session.execute(written):
        if grade := new.get("grade") if isinstance(new, dict) else new:
            found[customer].append(_Decision(at, Grade(grade), at, None, by))
    by_hand = select(GradeChange).where(
        GradeChange.customer_id.in_(ids), GradeChange.changed_by.in_((ChangedBy.PIN, ChangedBy.UNDO))
    )
    for change in session.scalars(by_hand):
        found[change.customer_id].append(_Decision(change.at, change.to_grade, change.at, change, change.by))
    for customer, pin in pins.items():
        found[customer] = [one for one in found[customer] if one.at != pin.at]
        found[customer].append(_Decision(pin.at, pin.grade, pin.until or now, None, pin.by))
    return {customer: sorted(several, key=lambda one: one.at) for customer, several in found.items()}


def _automatic(session: Session, ids: Sequence[int]) -> dict[int, list[GradeChange]]:
    found: dict[int, list[GradeChange]] = defaultdict(list)
    rows = select(GradeChange).where(
        GradeChange.customer_id.in_(ids), GradeChange.changed_by.in_((ChangedBy.RULES, ChangedBy.IMPORT))
    )
    for row in session.scalars(rows):
        found[row.customer_id].append(row)
    return found


def _align(
    session: Session, customer: int, kept: Sequence[GradeChange], changes: Sequence[Change], rules: GradingRules
) -> None:
    """Makes the rows of automatic changes those of `changes`. A row that a person called wrong stays, as a count for the rules."""
    rows = {(row.at, row.from_grade, row.to_grade): row for row in kept}
    holding = {(change.at, change.before, change.after) for change in changes}
    gone = [row.id for key, row in rows.items() if key not in holding and row.wrong_at is None]
    if gone:
        session.execute(delete(GradeChange).where(GradeChange.id.in_(gone)))
    fresh = [
        {
            "customer_id": customer,
            "at": change.at,
            "from_grade": change.before,
            "to_grade": change.after,
            "changed_by": change.changed_by,
            "by": change.person,
            "dimensions": dimensions_json(change.assessment),
            "reasons": reasons_json(change.assessment) if change.changed_by is ChangedBy.RULES else [],
            "rules_version": rules.version,
        }
        for change in changes
        if (change.at, change.before, change.after) not in rows
    ]
    if fresh:
        session.execute(insert(GradeChange), fresh)


def _keep(session: Session, customer: int, last: assess.Assessment) -> None:
    dimensions = dimensions_json(last)
    row = session.get(Assessment, customer)
    if row is None:
        row = Assessment(customer_id=customer)
        session.add(row)
    row.at = last.at
    row.current_value = dimensions["current_value"]
    row.potential_value = dimensions["potential_value"]
    row.willingness = dimensions["willingness"]
    row.risk = dimensions["risk"]
    row.suggested = last.by_numbers
    row.reasons = reasons_json(last)
    row.missing = list(last.missing)
    row.rules_version = last.rules_version


def dimensions_json(judged: assess.Assessment) -> dict[str, int]:
    """The four dimensions by name."""
    return {dimension.value: points for dimension, points in judged.dimensions.items()}


def reasons_json(judged: assess.Assessment) -> list[dict[str, Any]]:
    """The reasons and bounds as they are kept; `inboxcrm.grading.words` puts them into words."""
    reasons = [
        {
            "code": one.code,
            "dimension": one.dimension.value,
            "points": round(-one.points if one.dimension is assess.Dimension.RISK else one.points, 1),
            "facts": dict(one.facts),
            "entry_id": one.entry_id,
            "evidence": one.evidence,
        }
        for one in judged.reasons
    ]
    bounds = [
        {
            "code": bound.code,
            "dimension": "",
            "points": 0,
            "facts": {"grade": bound.grade.value},
            "entry_id": 0,
            "evidence": "",
        }
        for bound in judged.bounds
    ]
    return [*bounds, *reasons]
