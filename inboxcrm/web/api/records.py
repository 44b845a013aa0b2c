"""Business records: list, open, advance, close, edit, and each of that undone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query
from pydantic import AwareDatetime, BaseModel, Field
from sqlalchemy.orm import Session

from inboxcrm.engagement import records_by_hand
from inboxcrm.i18n import _
from inboxcrm.judging import judged
from inboxcrm.model import BusinessRecord, Customer, RecordKind, RecordStep, Stage
from inboxcrm.model.database import looking
from inboxcrm.web import news
from inboxcrm.web.site import Looking, Site, TheSite, TheVisitor

router = APIRouter(tags=["records"])

_NOT_THERE: dict[int | str, dict[str, Any]] = {404: {"description": "No such record"}}


class StepJson(BaseModel):
    """A step to a stage, proved by a log entry, or said by a person."""

    id: int
    stage: Stage
    at: datetime
    entry_id: int | None
    by: str


class RecordJson(BaseModel):
    """An inquiry, a quote, a sample or an order. Numbers are text, so that no digit is lost; `currency` is ISO 4217."""

    id: int
    kind: RecordKind
    customer_id: int
    contact_id: int | None
    thread_id: int | None
    stage: Stage
    opened_at: datetime
    changed_at: datetime
    products: list[str]
    quantity: str | None
    unit: str
    amount: str | None
    currency: str
    incoterm: str
    port: str
    due_on: date | None
    number: str
    note: str
    opened_by: str
    steps: list[StepJson]


class NewRecord(BaseModel):
    """A record by hand, at its first stage or at `stage`, since `at` (with a time zone; now when left out)."""

    kind: RecordKind
    stage: Stage | None = None
    at: AwareDatetime | None = None
    fields: dict[str, Any] = {}


class Ending(BaseModel):
    """When it ended (with a time zone; now when left out), and why."""

    at: AwareDatetime | None = None
    note: str = Field(default="", max_length=10_000)


class Advance(Ending):
    """The stage that was reached, and when."""

    stage: Stage


class FieldName(BaseModel):
    """A field of the record."""

    field: str


@router.get("/records")
def list_records(
    session: Looking,
    *,
    customer_id: Annotated[int | None, Query(ge=1, lt=2**63)] = None,
    kind: Annotated[Sequence[RecordKind], Query(description="any when left out")] = (),
    open_only: bool = False,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    offset: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
) -> list[RecordJson]:
    """Records of a customer or of all, those that changed last first."""
    found = records_by_hand.records(session, customer_id, kinds=kind, open_only=open_only, limit=limit, offset=offset)
    return [_json(one) for one in found]


@router.get("/records/{record_id}", responses=_NOT_THERE)
def show_record(session: Looking, record_id: int) -> RecordJson:
    """A record with all its steps."""
    return _json(_record(session, record_id))


@router.post("/customers/{customer_id}/records", status_code=201, responses={404: {"description": "No such customer"}})
def add(site: TheSite, visitor: TheVisitor, customer_id: int, new: NewRecord) -> RecordJson:
    """Opens a record by hand; mails advance it like any other. Fields that can't take their value are refused (400)."""
    now = site.clock()
    with judged(site.engine, site.bench, site.clock) as session:
        if not 0 < customer_id < 2**63 or session.get(Customer, customer_id) is None:
            raise HTTPException(404, _("There is no such customer; perhaps it was merged or removed."))
        at = (new.at or now).astimezone(UTC)
        record = records_by_hand.add(
            session, customer_id, new.kind, new.fields, at=at, now=now, by=visitor.name, stage=new.stage
        )
    return _told(site, record.id, customer_id)


@router.patch("/records/{record_id}", responses=_NOT_THERE)
def edit(site: TheSite, visitor: TheVisitor, record_id: int, fields: dict[str, Any]) -> RecordJson:
    """Writes fields of a record; those that aren't named stay, and no mail overwrites what is written."""
    with judged(site.engine, site.bench, site.clock) as session:
        record = _record(session, record_id)
        records_by_hand.edit(session, record, fields, now=site.clock(), by=visitor.name)
        customer_id = record.customer_id
    return _told(site, record_id, customer_id)


@router.post("/records/{record_id}/release", responses=_NOT_THERE)
def release(site: TheSite, visitor: TheVisitor, record_id: int, asked: FieldName) -> RecordJson:
    """Gives a field back to the mails: what they say fills it again."""
    with judged(site.engine, site.bench, site.clock) as session:
        record = _record(session, record_id)
        records_by_hand.release(session, record, asked.field, now=site.clock(), by=visitor.name)
        customer_id = record.customer_id
    return _told(site, record_id, customer_id)


@router.post("/records/{record_id}/advance", responses=_NOT_THERE)
def advance(site: TheSite, visitor: TheVisitor, record_id: int, asked: Advance) -> RecordJson:
    """Moves a record to a stage."""
    return _advanced(site, record_id, asked.stage, asked, visitor.name)


@router.post("/records/{record_id}/close", responses=_NOT_THERE)
def close(site: TheSite, visitor: TheVisitor, record_id: int, asked: Ending) -> RecordJson:
    """Ends a record without result."""
    return _advanced(site, record_id, Stage.CLOSED, asked, visitor.name)


@router.post("/record-steps/{step_id}/undo", responses={404: {"description": "No such step"}})
def undo(site: TheSite, step_id: int) -> RecordJson | None:
    """Takes back a step by hand. Null when it was the one that opened the record: it is gone."""
    with judged(site.engine, site.bench, site.clock) as session:
        if not 0 < step_id < 2**63 or session.get(RecordStep, step_id) is None:
            raise HTTPException(404, _("There is no such step (any more)."))
        record = records_by_hand.undo_step(session, step_id)
        record_id, customer_id = record.id, record.customer_id
    news.changed(site.events, [customer_id])
    with looking(site.engine) as session:
        left = session.get(BusinessRecord, record_id)
        return None if left is None else _json(left)


def _advanced(site: Site, record_id: int, stage: Stage, asked: Ending, by: str) -> RecordJson:
    now = site.clock()
    with judged(site.engine, site.bench, site.clock) as session:
        record = _record(session, record_id)
        at = (asked.at or now).astimezone(UTC)
        records_by_hand.advance(session, record, stage, at=at, now=now, by=by, note=asked.note)
        customer_id = record.customer_id
    return _told(site, record_id, customer_id)


def _told(site: Site, record_id: int, customer_id: int) -> RecordJson:
    """Tells open pages; the record as it is now."""
    news.changed(site.events, [customer_id])
    with looking(site.engine) as session:
        return _json(_record(session, record_id))


def _record(session: Session, record_id: int) -> BusinessRecord:
    record = session.get(BusinessRecord, record_id) if 0 < record_id < 2**63 else None
    if record is None:
        raise HTTPException(404, _("There is no record with the number {id}.").format(id=record_id))
    return record


def _json(record: BusinessRecord) -> RecordJson:
    return RecordJson.model_validate(records_by_hand.as_json(record))
