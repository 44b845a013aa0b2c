"""Grades: of a customer, with the reasons; their history; holding, taking back and calling wrong; and what other rules would do."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from inboxcrm.grading import as_json, by_hand, history, queries, rules, trial
from inboxcrm.i18n import _
from inboxcrm.journal import unjudged
from inboxcrm.judging import judged
from inboxcrm.model import ChangedBy, Customer, Grade, GradeChange, Status
from inboxcrm.model.database import looking
from inboxcrm.web import news
from inboxcrm.web.api.customers import CustomerJson
from inboxcrm.web.site import Looking, Site, TheSite, TheVisitor

router = APIRouter(tags=["grades"])

_NO_CUSTOMER: dict[int | str, dict[str, Any]] = {404: {"description": "No such customer"}}
_NO_CHANGE: dict[int | str, dict[str, Any]] = {404: {"description": "No such change"}}


class ReasonJson(BaseModel):
    """A reason in words. `dimension` "" is a floor or ceiling; risk has negative points; `entry`: the log entry that proves it."""

    text: str
    dimension: str
    points: float
    evidence: str
    entry: int | None


class DimensionsJson(BaseModel):
    """Each from 0 to 100."""

    current_value: int
    potential_value: int
    willingness: int
    risk: int


class GradeJson(BaseModel):
    """A judgement at `at`. `missing` names what the file should say for a better one."""

    customer: CustomerJson
    grade: Grade
    status: Status
    dimensions: DimensionsJson
    reasons: list[ReasonJson]
    missing: list[str]
    rules_version: str
    at: datetime


class ChangeJson(BaseModel):
    """A change of grade, with the reasons of that moment."""

    model_config = ConfigDict(populate_by_name=True)

    id: int
    customer_id: int
    at: datetime
    before: Grade = Field(alias="from")
    after: Grade = Field(alias="to")
    changed_by: ChangedBy
    by: str
    note: str
    dimensions: dict[str, int]
    reasons: list[ReasonJson]
    rules_version: str
    wrong: bool


class ForesightJson(BaseModel):
    """How one grade foretold orders within 90 days: `lift` compares with all customers, null where there were no orders."""

    grade: Grade
    looks: int
    ordered: int
    precision: float
    lift: float | None


class MoveJson(BaseModel):
    """A customer who would have another grade."""

    model_config = ConfigDict(populate_by_name=True)

    customer: str
    customer_id: int
    before: Grade = Field(alias="from")
    after: Grade = Field(alias="to")
    reasons: list[ReasonJson]


class TrialJson(BaseModel):
    """What other rules would do; `foresight` has the lists "now" and "then"."""

    moves: list[MoveJson]
    foresight: dict[str, list[ForesightJson]]


class CountsJson(BaseModel):
    """How many customers have which grade, how many changes the rules have made, and how many of them people found wrong."""

    customers: dict[Grade, int]
    changes: int
    wrong: int


class Pin(BaseModel):
    """A grade to be held, why, and the last day (in the person's time zone; null: until it is let go)."""

    grade: Grade
    reason: str = Field(max_length=2000)
    until: date | None = None


class Rules(BaseModel):
    """The text of a grading.toml."""

    rules: str = Field(max_length=100_000)


@router.get("/grades")
def show_counts(session: Looking) -> CountsJson:
    """The grades of all customers together."""
    rows = session.execute(select(Customer.grade, func.count()).group_by(Customer.grade))
    counts = {grade: count for grade, count in rows}  # noqa: C416  rows have a type, dict(rows) has none
    changes, wrong = by_hand.score(session)
    return CountsJson(customers={grade: counts.get(grade, 0) for grade in Grade}, changes=changes, wrong=wrong)


@router.get("/customers/{customer_id}/grade", responses=_NO_CUSTOMER)
def show_grade(site: TheSite, session: Looking, customer_id: int, at: AwareDatetime | None = None) -> GradeJson:
    """The grade of a customer with its reasons, now or as it was at an instant."""
    return _grade(site, session, _customer(session, customer_id), at and at.astimezone(UTC))


@router.get("/customers/{customer_id}/grade/history", responses=_NO_CUSTOMER)
def show_history(session: Looking, customer_id: int) -> list[ChangeJson]:
    """Every change of a customer's grade, newest first."""
    return _changes(session, _customer(session, customer_id).id, None, 1000)


@router.get("/grade-changes")
def list_changes(
    session: Looking,
    since: AwareDatetime | None = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> list[ChangeJson]:
    """The last changes of grades, newest first."""
    return _changes(session, None, since and since.astimezone(UTC), limit)


@router.post("/customers/{customer_id}/grade/pin", responses=_NO_CUSTOMER)
def pin(site: TheSite, visitor: TheVisitor, customer_id: int, asked: Pin) -> GradeJson:
    """Holds the grade of a customer fast."""
    end = by_hand.end_of(asked.until, site.zone) if asked.until else None
    with judged(site.engine, site.bench, site.clock) as session:
        customer = _customer(session, customer_id)
        by_hand.pin(session, customer, asked.grade, reason=asked.reason, until=end, by=visitor.name, now=site.clock())
        unjudged.mark(session, [customer_id])
    return _told(site, customer_id)


@router.post("/customers/{customer_id}/grade/unpin", responses=_NO_CUSTOMER)
def unpin(site: TheSite, customer_id: int) -> GradeJson:
    """Lets the grade of a customer follow the rules again."""
    with judged(site.engine, site.bench, site.clock) as session:
        by_hand.unpin(session, _customer(session, customer_id), now=site.clock())
        unjudged.mark(session, [customer_id])
    return _told(site, customer_id)


@router.post("/grade-changes/{change_id}/undo", responses=_NO_CHANGE)
def undo(site: TheSite, visitor: TheVisitor, change_id: int) -> GradeJson:
    """Takes the last change of a customer's grade back."""
    with judged(site.engine, site.bench, site.clock) as session:
        customer_id = _change(session, change_id).customer_id
        by_hand.undo(session, change_id, by=visitor.name, now=site.clock())
        unjudged.mark(session, [customer_id])
    return _told(site, customer_id)


@router.post("/grade-changes/{change_id}/wrong", responses=_NO_CHANGE)
def call_wrong(site: TheSite, change_id: int) -> ChangeJson:
    """Notes that a change was wrong; it is counted for whoever adjusts the rules."""
    with judged(site.engine, site.bench, site.clock) as session:
        _change(session, change_id)
        return _change_json(by_hand.call_wrong(session, change_id, now=site.clock()))


@router.post("/grades/whatif")
def try_rules(site: TheSite, session: Looking, asked: Rules) -> TrialJson:
    """Who would move under these rules, and how well they would have foretold orders. Nothing is changed; rules that can't be used
    are refused (400) with line and key.
    """
    other, judge = rules.parse(asked.rules, "grading.toml"), site.bench.judge()
    found = trial.tried(session, judge.grading, other, judge.in_base, site.clock())
    return TrialJson.model_validate(as_json.trial(found))


def _grade(site: Site, session: Session, customer: Customer, at: datetime | None) -> GradeJson:
    judge = site.bench.judge()
    instant = at or site.clock()
    (timeline,) = queries.timelines(session, [customer.id], judge.in_base)
    grade = history.replay(timeline, judge.grading, instant)[1].grade if at else customer.grade
    told = history.judged_at(timeline, judge.grading, instant)
    head = CustomerJson.model_validate(customer)
    return GradeJson.model_validate(as_json.grade(customer, head, grade, told))


def _told(site: Site, customer_id: int) -> GradeJson:
    """Tells open pages of a decision; what holds now."""
    news.changed(site.events, [customer_id])
    with looking(site.engine) as session:
        return _grade(site, session, _customer(session, customer_id), None)


def _changes(session: Session, customer_id: int | None, since: datetime | None, limit: int) -> list[ChangeJson]:
    chosen = select(GradeChange).order_by(GradeChange.at.desc(), GradeChange.id.desc()).limit(limit)
    if customer_id is not None:
        chosen = chosen.where(GradeChange.customer_id == customer_id)
    if since is not None:
        chosen = chosen.where(GradeChange.at >= since)
    return [_change_json(row) for row in session.scalars(chosen)]


def _change_json(row: GradeChange) -> ChangeJson:
    return ChangeJson.model_validate(as_json.change(row) | {"customer_id": row.customer_id})


def _customer(session: Session, customer_id: int) -> Customer:
    customer = session.get(Customer, customer_id) if 0 < customer_id < 2**63 else None
    if customer is None:
        raise HTTPException(404, _("There is no such customer; perhaps it was merged or removed."))
    return customer


def _change(session: Session, change_id: int) -> GradeChange:
    change = session.get(GradeChange, change_id) if 0 < change_id < 2**63 else None
    if change is None:
        raise HTTPException(404, _("There is no such change of grade any more."))
    return change
