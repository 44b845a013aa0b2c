"""From where each field of the file is known: every change is noted with who made it, when and out of what."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from inboxcrm.matching.lookup import chunks
from inboxcrm.model import Contact, Customer, FieldChange, FieldSource
from inboxcrm.model.customer import CREATED


@dataclass(frozen=True, slots=True)
class Origin:
    """Who changes something, when (aware UTC), and out of what: a person, an import (`by` names the file too) or a mail."""

    now: datetime
    by: str = ""
    source: FieldSource = FieldSource.PERSON
    message_id: int | None = None


def note(session: Session, row: Customer | Contact, field: str, *, old: Any, new: Any, origin: Origin) -> FieldChange:
    """Notes that `field` of `row` became `new`; the row must have its id."""
    change = FieldChange(
        entity="customer" if isinstance(row, Customer) else "contact",
        entity_id=row.id,
        field=field,
        old=plain(old),
        new=plain(new),
        source=origin.source,
        by=origin.by,
        message_id=origin.message_id,
        at=origin.now,
    )
    session.add(change)
    return change


def person_wrote(session: Session, entity: str, ids: list[int]) -> set[tuple[int, str]]:
    """(id, field) of those fields whose last change came from a person: the machine keeps off them."""
    last: dict[tuple[int, str], FieldSource] = {}
    for some in chunks(ids):
        for entity_id, field, source in session.execute(
            select(FieldChange.entity_id, FieldChange.field, FieldChange.source)
            .where(FieldChange.entity == entity, FieldChange.entity_id.in_(some))
            .order_by(FieldChange.id)
        ):
            last[entity_id, field] = source
    return {key for key, source in last.items() if source is FieldSource.PERSON}


def sources(session: Session, row: Customer | Contact) -> dict[str, FieldChange]:
    """Field → the change that gave it the value it has: from where each field of the file is known."""
    entity = "customer" if isinstance(row, Customer) else "contact"
    found: dict[str, FieldChange] = {}
    for change in session.scalars(
        select(FieldChange)
        .where(FieldChange.entity == entity, FieldChange.entity_id == row.id)
        .order_by(FieldChange.id)
    ):
        names = change.new if change.field == CREATED else (change.field,)
        found.update(dict.fromkeys(names, change))
    return found


def plain(value: Any) -> Any:
    """A field's value as JSON keeps it."""
    if isinstance(value, dict):
        return {name: plain(one) for name, one in value.items()}
    if isinstance(value, Enum):
        return value.value
    return value.isoformat() if isinstance(value, date) else value
