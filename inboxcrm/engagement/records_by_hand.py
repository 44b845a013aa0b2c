"""Business records by hand: opened, advanced, closed, edited, and each of that undone. What a person writes no mail overwrites.

The stage is derived from all steps together (`inboxcrm.engagement.stages`): whoever owns the transaction judges afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from inboxcrm.engagement.records import ENTITY, FIELDS, forget_changes, written_by_people
from inboxcrm.engagement.stages import FINISHED, STAGES
from inboxcrm.errors import InboxcrmError
from inboxcrm.i18n import _
from inboxcrm.journal.unjudged import mark
from inboxcrm.model import BusinessRecord, Customer, FieldChange, FieldSource, RecordKind, RecordStep, Stage

EDITABLE = (*FIELDS, "note")
"""The fields that a person may set."""


class RecordError(InboxcrmError):
    """What was asked can't be done with this record; the message says why."""


def records(
    session: Session,
    customer_id: int | None = None,
    *,
    kinds: Sequence[RecordKind] = (),
    open_only: bool = False,
    limit: int = 200,
    offset: int = 0,
) -> Sequence[BusinessRecord]:
    """The records of a customer, or of all (None), those that changed last first, with their steps."""
    chosen = (
        select(BusinessRecord)
        .options(selectinload(BusinessRecord.steps))
        .order_by(BusinessRecord.changed_at.desc(), BusinessRecord.id.desc())
        .limit(limit)
        .offset(offset)
    )
    if customer_id is not None:
        chosen = chosen.where(BusinessRecord.customer_id == customer_id)
    if kinds:
        chosen = chosen.where(BusinessRecord.kind.in_(kinds))
    if open_only:
        chosen = chosen.where(BusinessRecord.stage.not_in(FINISHED | {Stage.ANSWERED}))
    return session.scalars(chosen).all()


def get(session: Session, record_id: int) -> BusinessRecord:
    """The record with this number. Raises RecordError."""
    found = session.get(BusinessRecord, record_id)
    if found is None:
        raise RecordError(_("There is no record with the number {id}.").format(id=record_id))
    return found


def add(
    session: Session,
    customer_id: int,
    kind: RecordKind,
    values: Mapping[str, Any],
    *,
    at: datetime,
    now: datetime,
    by: str,
    stage: Stage | None = None,
) -> BusinessRecord:
    """Opens a record by hand, at its first stage or at `stage`; mails advance it like any other. `at` aware UTC. Raises RecordError."""
    if session.get(Customer, customer_id) is None:
        raise RecordError(_("There is no customer with the number {id}.").format(id=customer_id))
    first = STAGES[kind][0]
    stage = stage or first
    _check(kind, stage, at, now)
    read = {name: _read(name, value) for name, value in values.items()}
    record = BusinessRecord(
        kind=kind, customer_id=customer_id, stage=stage, opened_at=at, changed_at=at, products=[], opened_by=by or "?"
    )
    record.steps = [RecordStep(stage=one, at=at, by=by or "?") for one in dict.fromkeys((first, stage))]
    session.add(record)
    session.flush()
    _set(session, record, read, now, by)
    mark(session, [customer_id])
    return record


def advance(
    session: Session, record: BusinessRecord, stage: Stage, *, at: datetime, now: datetime, by: str, note: str = ""
) -> RecordStep:
    """Moves a record to any of its stages, at the time `at` (aware UTC). Raises RecordError."""
    _check(record.kind, stage, at, now)
    if at < record.opened_at:
        raise RecordError(_("This lies before the record was opened."))
    step = RecordStep(stage=stage, at=at, by=by or "?")
    record.steps.append(step)
    record.stage, record.changed_at = stage, max(record.changed_at, at)
    if note.strip():
        _set(session, record, {"note": "\n".join(filter(None, [record.note, note.strip()]))}, now, by)
    session.flush()
    mark(session, [record.customer_id])
    return step


def close(
    session: Session, record: BusinessRecord, *, at: datetime, now: datetime, by: str, note: str = ""
) -> RecordStep:
    """Ends a record without result. Raises RecordError."""
    return advance(session, record, Stage.CLOSED, at=at, now=now, by=by, note=note)


def edit(
    session: Session, record: BusinessRecord, values: Mapping[str, Any], *, now: datetime, by: str
) -> list[FieldChange]:
    """Sets fields (`EDITABLE`, as text or typed); returns the changes that were made. Raises RecordError before anything is changed."""
    changes = _set(session, record, {name: _read(name, value) for name, value in values.items()}, now, by)
    mark(session, [record.customer_id])
    return changes


def release(session: Session, record: BusinessRecord, name: str, *, now: datetime, by: str) -> None:
    """Gives a field back to the mails: what they say fills it again. Raises RecordError."""
    if name not in written_by_people(session, [record.id])[record.id]:
        raise RecordError(_("Nobody has written this field by hand."))
    session.add(_note(record, name, None, at=now, by=by, source=FieldSource.MAIL))
    session.flush()
    mark(session, [record.customer_id])


def undo_step(session: Session, step_id: int) -> BusinessRecord:
    """Takes back a step by hand; when it opened the record, the record. A mail's step is undone by rejecting its signal.

    Raises RecordError.
    """
    step = session.get(RecordStep, step_id)
    if step is None:
        raise RecordError(_("There is no such step (any more)."))
    if step.entry_id is not None:
        raise RecordError(_("A mail made this step; say that its signal is wrong instead."))
    record = step.record
    mark(session, [record.customer_id])
    if record.opened_by and step is record.steps[0]:
        forget_changes(session, record.id)
        session.delete(record)
    else:
        record.steps.remove(step)
    session.flush()
    return record


def as_json(record: BusinessRecord) -> dict[str, Any]:
    """A record for programs: dates stay dates, numbers are text so that no digit is lost."""
    return {
        "id": record.id,
        "kind": record.kind.value,
        "customer_id": record.customer_id,
        "contact_id": record.contact_id,
        "thread_id": record.thread_id,
        "stage": record.stage.value,
        "opened_at": record.opened_at,
        "changed_at": record.changed_at,
        "products": record.products,
        "quantity": _text(record.quantity),
        "unit": record.unit,
        "amount": _text(record.amount),
        "currency": record.currency,
        "incoterm": record.incoterm,
        "port": record.port,
        "due_on": record.due_on,
        "number": record.number,
        "note": record.note,
        "opened_by": record.opened_by,
        "steps": [
            {"id": one.id, "stage": one.stage.value, "at": one.at, "entry_id": one.entry_id, "by": one.by}
            for one in record.steps
        ],
    }


def _check(kind: RecordKind, stage: Stage, at: datetime, now: datetime) -> None:
    if stage not in STAGES[kind]:
        known = ", ".join(STAGES[kind])
        raise RecordError(_("{stage} is no stage of this; expected one of {stages}.").format(stage=stage, stages=known))
    if at > now:
        raise RecordError(_("The time lies in the future."))


def _set(
    session: Session, record: BusinessRecord, values: Mapping[str, Any], now: datetime, by: str
) -> list[FieldChange]:
    changes = []
    for name, value in values.items():
        if value != getattr(record, name):
            changes.append(_note(record, name, value, at=now, by=by, source=FieldSource.PERSON))
            setattr(record, name, value)
    session.add_all(changes)
    session.flush()
    return changes


def _note(record: BusinessRecord, name: str, new: Any, *, at: datetime, by: str, source: FieldSource) -> FieldChange:
    """The change of a field that still has its old value."""
    return FieldChange(
        entity=ENTITY,
        entity_id=record.id,
        field=name,
        old=_plain(getattr(record, name)),
        new=_plain(new),
        source=source,
        by=by,
        message_id=None,
        at=at,
    )


def _read(name: str, value: Any) -> Any:
    """A field's value out of what was typed. Raises RecordError."""
    if name not in EDITABLE:
        raise RecordError(
            _("{name} is no field of a record; expected one of {names}.").format(name=name, names=", ".join(EDITABLE))
        )
    text = value.strip() if isinstance(value, str) else value
    if name == "products":
        parts = text.split(",") if isinstance(text, str) else text
        return [" ".join(one.split()) for one in parts if one.strip()]
    if name in ("quantity", "amount"):
        return _number(name, text)
    if name == "due_on":
        return _day(text)
    text = str(text or "")
    if name == "currency":
        text = text.upper()
        if text and not (len(text) == 3 and text.isalpha() and text.isascii()):
            raise RecordError(_("currency: {value!r} is no currency; write its code, like USD.").format(value=value))
    return text.upper()[:3] if name == "incoterm" else text[: {"unit": 20, "port": 80, "number": 60}.get(name, 10_000)]


def _number(name: str, value: Any) -> Decimal | None:
    if value in (None, ""):
        return None
    try:
        number = Decimal(str(value).replace(",", ""))
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or number < 0 or number >= Decimal(10) ** 14:
        raise RecordError(_("{name}: {value!r} is no number; write it like 12500.50.").format(name=name, value=value))
    return number


def _day(value: Any) -> date | None:
    if value in (None, ""):
        return None
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise RecordError(_("due_on: {value!r} is no day; write it like 2026-04-07.").format(value=value)) from None


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return str(value)
    return value.isoformat() if isinstance(value, date) else value


def _text(value: Decimal | None) -> str | None:
    return None if value is None else format(value.normalize(), "f")
