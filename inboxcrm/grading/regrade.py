"""Keeps the grades in the database what the log says: every change with its reasons, and the last assessment of each customer.

The automatic changes are derived anew from the whole log whenever something in it changes, so a late or corrected mail
gives the same history as if it had always been there. What people decided stays, and the rules go on from there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from inboxcrm.grading import assess
from inboxcrm.grading.facts import Timeline
from inboxcrm.grading.history import Change, Standing, judged_at, replay
from inboxcrm.grading.queries import InBase, among, timelines_together
from inboxcrm.grading.rules import GradingRules
from inboxcrm.matching.lookup import chunks
from inboxcrm.model import Assessment, ChangedBy, Customer, FieldChange, Grade, GradeChange, GradePin
from inboxcrm.model.customer import CREATED

_NEVER = datetime.max.replace(tzinfo=UTC)
_MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Moved:
    """A customer whose grade is another one than before the call."""

    customer_id: int
    before: Grade
    after: Grade


@dataclass(frozen=True, slots=True)
class _Decision:
    """A grade that a person set: from `at` on it holds, and the rules keep off until `free_at`; a pin that has ended leaves them free
    at once, without a minimum stay.
    """

    at: datetime
    grade: Grade
    free_at: datetime
    change: GradeChange | None
    by: str = ""

    @property
    def is_pin(self) -> bool:
        """Whether it was held for a time."""
        return self.free_at > self.at


def regrade(
    session: Session, customer_ids: Iterable[int], rules: GradingRules, in_base: InBase, now: datetime
) -> list[Moved]:
    """Derives the grades of these customers anew, up to `now`. Returns those whose grade has changed.

    1. Read what happened, and what people decided. 2. Replay the log between the decisions. 3. Bring the rows of automatic changes in
    line: what still holds keeps its row. 4. Keep the last assessment and the grade.
    """
    moved: list[Moved] = []
    for some in chunks(sorted(set(customer_ids)), PORTION):
        session.flush()
        derived = derive(session, some, rules, in_base, now)
        keep(session, derived)
        moved += derived.moved
    return moved


PORTION = 400
"""Customers that are derived together."""


@dataclass(frozen=True, slots=True)
class Derived:
    """What some customers' grades are by the log, as rows: changes that go (their ids) and that come, the last assessments, and whose
    grade is another one now.
    """

    gone: list[int]
    fresh: list[dict[str, Any]]
    judged: list[dict[str, Any]]
    moved: list[Moved]


def derive(session: Session, ids: Sequence[int], rules: GradingRules, in_base: InBase, now: datetime) -> Derived:
    """Steps 1 to 3 of `regrade`, for customers whom memory holds together; of a range, those who are there. Writes nothing."""
    decided = _decisions(session, ids, now)
    rows = session.execute(select(Customer.id, Customer.grade).where(among(Customer.id, ids)))
    grades = {customer: grade for customer, grade in rows}  # noqa: C416  rows have a type, dict(rows) has none
    kept = _automatic(session, ids)
    derived = Derived([], [], [], [])
    for timeline in timelines_together(session, ids, in_base):
        customer = timeline.customer_id
        changes, standing = _replayed(timeline, decided.get(customer, ()), rules, now)
        gone, fresh = _difference(timeline, kept.get(customer, ()), changes, rules)
        derived.gone.extend(gone)
        derived.fresh.extend(fresh)
        derived.judged.append(_last_row(customer, judged_at(timeline, rules, now)))
        if standing.grade is not grades[customer]:
            derived.moved.append(Moved(customer, grades[customer], standing.grade))
    return derived


def keep(session: Session, derived: Derived) -> None:
    """Step 4 of `regrade`: many rows a statement; objects that a caller holds are read anew."""
    for some in chunks(derived.gone):
        session.execute(delete(GradeChange).where(GradeChange.id.in_(some)))
    if derived.fresh:
        session.execute(insert(GradeChange), derived.fresh)
    if derived.judged:
        connection = session.connection()
        upsert: Any = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
        into = upsert(Assessment.__table__)
        values = {name: into.excluded[name] for name in derived.judged[0] if name != "customer_id"}
        connection.execute(into.on_conflict_do_update(index_elements=["customer_id"], set_=values), derived.judged)
    for grade in {one.after for one in derived.moved}:
        ids = [one.customer_id for one in derived.moved if one.after is grade]
        for some in chunks(ids):
            session.execute(update(Customer).where(Customer.id.in_(some)).values(grade=grade))
    for one in list(session.identity_map.values()):
        if isinstance(one, (Assessment, GradeChange)):
            session.expire(one)


def _replayed(
    timeline: Timeline, decisions: Sequence[_Decision], rules: GradingRules, now: datetime
) -> tuple[list[Change], Standing]:
    standing, after, ended = Standing(), None, False
    changes: list[Change] = []
    for one in decisions:
        if after is None or one.at > after:
            before, standing = replay(timeline, rules, one.at - _MOMENT, standing, after, at_once=ended)
            changes += before
        if one.change is None and one.grade is not standing.grade:
            changes.append(Change(one.at, standing.grade, one.grade, ChangedBy.IMPORT, one.by))
        ended = one.is_pin and one.free_at <= now
        standing, after = Standing(one.grade, None if ended else one.at), min(one.free_at, now)
    rest, standing = replay(timeline, rules, now, standing, after, at_once=ended)
    return [*changes, *rest], standing


def _decisions(session: Session, ids: Sequence[int], now: datetime) -> dict[int, list[_Decision]]:
    """What people decided about the grades, in the order of time: by list or form, by pin, by undoing."""
    found: dict[int, list[_Decision]] = defaultdict(list)
    pins = {pin.customer_id: pin for pin in session.scalars(select(GradePin).where(among(GradePin.customer_id, ids)))}
    written = select(FieldChange.entity_id, FieldChange.at, FieldChange.new, FieldChange.by).where(
        FieldChange.entity == "customer", FieldChange.field.in_(("grade", CREATED)), among(FieldChange.entity_id, ids)
    )
    for customer, at, new, by in session.execute(written):
        if grade := new.get("grade") if isinstance(new, dict) else new:
            found[customer].append(_Decision(at, Grade(grade), at, None, by))
    by_hand = select(GradeChange).where(
        among(GradeChange.customer_id, ids), GradeChange.changed_by.in_((ChangedBy.PIN, ChangedBy.UNDO))
    )
    for change in session.scalars(by_hand):
        found[change.customer_id].append(_Decision(change.at, change.to_grade, change.at, change, change.by))
    for customer, pin in pins.items():
        row = next((one.change for one in found[customer] if one.at == pin.at), None)
        found[customer] = [one for one in found[customer] if one.at != pin.at]
        found[customer].append(_Decision(pin.at, pin.grade, pin.until or _NEVER, row, pin.by))
    return {customer: sorted(several, key=lambda one: one.at) for customer, several in found.items()}


_Kept = tuple[int, datetime, Grade, Grade, bool]
"""A row of an automatic change: number, when, from, to, whether a person called it wrong."""


def _automatic(session: Session, ids: Sequence[int]) -> dict[int, list[_Kept]]:
    found: dict[int, list[_Kept]] = defaultdict(list)
    rows = session.execute(
        select(
            GradeChange.customer_id,
            GradeChange.id,
            GradeChange.at,
            GradeChange.from_grade,
            GradeChange.to_grade,
            GradeChange.wrong_at,
        ).where(among(GradeChange.customer_id, ids), GradeChange.changed_by.in_((ChangedBy.RULES, ChangedBy.IMPORT)))
    )
    for customer, id_, at, before, after, wrong_at in rows:
        found[customer].append((id_, at, before, after, wrong_at is not None))
    return found


def _difference(
    timeline: Timeline, kept: Sequence[_Kept], changes: Sequence[Change], rules: GradingRules
) -> tuple[list[int], list[dict[str, Any]]]:
    """Which rows of automatic changes go, and which come. One that a person called wrong stays, as a count for the rules."""
    there = {(at, before, after) for _id, at, before, after, _wrong in kept}
    holding = {(change.at, change.before, change.after) for change in changes}
    gone = [id_ for id_, at, before, after, wrong in kept if not wrong and (at, before, after) not in holding]
    fresh = []
    for change in changes:
        if (change.at, change.before, change.after) not in there:
            judged = judged_at(timeline, rules, change.at)
            row = {
                "customer_id": timeline.customer_id,
                "at": change.at,
                "from_grade": change.before,
                "to_grade": change.after,
                "changed_by": change.changed_by,
                "by": change.person,
                "dimensions": dimensions_json(judged),
                "reasons": reasons_json(judged) if change.changed_by is ChangedBy.RULES else [],
                "rules_version": rules.version,
                "note": "",
            }
            fresh.append(row)
    return gone, fresh


def _last_row(customer: int, last: assess.Assessment) -> dict[str, Any]:
    return {
        "customer_id": customer,
        "at": last.at,
        **dimensions_json(last),
        "suggested": last.by_numbers,
        "reasons": reasons_json(last),
        "missing": list(last.missing),
        "rules_version": last.rules_version,
    }


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
