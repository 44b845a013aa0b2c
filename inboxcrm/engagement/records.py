"""The stored business records: kept in line with what `inboxcrm.engagement.stages` derives from the log.

A record keeps its row as long as a mail that belongs to it does; what a person wrote into it, and the steps they made, stay.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session, selectinload

from inboxcrm.engagement.record_rules import RecordRules
from inboxcrm.engagement.stages import Event, HandRecord, HandStep, Record, derive
from inboxcrm.engagement.status import Business
from inboxcrm.model import BusinessRecord, FieldChange, FieldSource, LogEntry, RecordKind, RecordStep

ENTITY = "record"
"""Under which `FieldChange` notes what people write into records."""

FIELDS = ("products", "quantity", "unit", "amount", "currency", "incoterm", "port", "due_on", "number")
"""What mails fill and people may overwrite."""

_MOST = Decimal(10) ** 12
_QUANTITY, _AMOUNT = Decimal("0.001"), Decimal("0.0001")


def settle(session: Session, events: Mapping[int, Sequence[Event]], rules: RecordRules) -> dict[int, list[Business]]:
    """Brings the records of some customers (customer → what happened) up to date; returns them for the status.

    1. Load the rows, also those whose mails were moved here. 2. Derive each customer's records. 3. Find each one's row: that of a
    person's record, else the one that shares most of its mails. 4. Write what differs; drop rows that nothing proves any more.
    """
    shelf = _load(session, events)
    kept: dict[int, list[Business]] = {}
    for customer, happened in events.items():
        records = derive(happened, rules, *shelf.by_hand(customer, {one.entry for one in happened}))
        kept[customer] = []
        for record, row in shelf.assigned(records):
            current = row if row is not None else _new_row(session, customer, record)
            _fill(current, customer, record, shelf.written[current.id] if row is not None else frozenset())
            _settle_steps(current, record)
            kept[customer].append(Business(record.kind, record.stage, record.opened_at, record.changed_at))
    for row in shelf.left(events):
        session.delete(row)
    session.flush()
    return kept


@dataclass(slots=True)
class _Shelf:
    """The stored rows of some customers."""

    rows: dict[int, BusinessRecord]
    written: dict[int, frozenset[str]]
    """Row → fields that a person wrote."""
    opened: dict[int, list[HandRecord]] = field(default_factory=lambda: defaultdict(list))
    """Customer → what people opened."""
    moved: list[tuple[int, HandStep]] = field(default_factory=list)
    """(customer, step) of what people moved."""
    proving: dict[tuple[RecordKind, int], list[int]] = field(default_factory=lambda: defaultdict(list))
    """(kind, entry) → the rows opened by mails that the entry is a proof of."""
    used: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Sorts the rows."""
        for row in self.rows.values():
            if row.opened_by:
                self.opened[row.customer_id].append(HandRecord(row.id, row.kind, row.opened_at))
            proofs = [one.entry_id for one in row.steps if one.entry_id is not None]
            anchor = proofs[0] if proofs and not row.opened_by else None
            for one in row.steps:
                if one.entry_id is None and not (row.opened_by and one is row.steps[0]):
                    step = HandStep(one.id, row.kind, one.stage, one.at, row.id, anchor)
                    self.moved.append((row.customer_id, step))
                elif one.entry_id is not None and not row.opened_by:
                    self.proving[row.kind, one.entry_id].append(row.id)

    def by_hand(self, customer: int, entries: Collection[int]) -> tuple[list[HandRecord], list[HandStep]]:
        """What people opened at a customer, and what they moved there or in a mail that was moved there."""
        steps = [step for owner, step in self.moved if owner == customer or step.anchor in entries]
        return self.opened.get(customer, []), steps

    def assigned(self, records: Sequence[Record]) -> list[tuple[Record, BusinessRecord | None]]:
        """Each record with its row, None for a new one."""
        chosen: dict[int, BusinessRecord] = {}
        wishes = []
        for number, record in enumerate(records):
            if record.row is not None:
                chosen[number] = self.rows[record.row]
                self.used.add(record.row)
                continue
            shared: dict[int, int] = defaultdict(int)
            for entry in record.entries:
                for id_ in self.proving.get((record.kind, entry), ()):
                    shared[id_] += 1 + 1000 * (entry == record.entries[0])
            wishes += [(-(count + 500 * bool(self.written[id_])), number, id_) for id_, count in shared.items()]
        for _count, number, id_ in sorted(wishes):
            if number not in chosen and id_ not in self.used:
                chosen[number] = self.rows[id_]
                self.used.add(id_)
        return [(record, chosen.get(number)) for number, record in enumerate(records)]

    def left(self, customers: Collection[int]) -> list[BusinessRecord]:
        """Rows of these customers that no record took."""
        return [row for row in self.rows.values() if row.id not in self.used and row.customer_id in customers]


def _load(session: Session, customers: Collection[int]) -> _Shelf:
    session.flush()
    moved = (
        select(RecordStep.record_id)
        .join(LogEntry, LogEntry.id == RecordStep.entry_id)
        .where(LogEntry.customer_id.in_(customers))
    )
    rows: dict[int, BusinessRecord] = {}
    for condition in (BusinessRecord.customer_id.in_(customers), BusinessRecord.id.in_(moved)):
        for row in session.scalars(
            select(BusinessRecord)
            .where(condition)
            .options(selectinload(BusinessRecord.steps))
            .execution_options(populate_existing=True)
        ):
            rows[row.id] = row
    return _Shelf(rows, written_by_people(session, list(rows)))


def written_by_people(session: Session, ids: Collection[int]) -> dict[int, frozenset[str]]:
    """Record → the fields whose last word came from a person."""
    found: dict[int, set[str]] = {id_: set() for id_ in ids}
    if ids:
        for id_, name, source in session.execute(
            select(FieldChange.entity_id, FieldChange.field, FieldChange.source)
            .where(FieldChange.entity == ENTITY, FieldChange.entity_id.in_(ids))
            .order_by(FieldChange.id)
        ):
            (found[id_].add if source is FieldSource.PERSON else found[id_].discard)(name)
    return {id_: frozenset(names) for id_, names in found.items()}


def _new_row(session: Session, customer: int, record: Record) -> BusinessRecord:
    row = BusinessRecord(
        kind=record.kind,
        customer_id=customer,
        stage=record.stage,
        opened_at=record.opened_at,
        changed_at=record.changed_at,
        products=[],
        steps=[],
    )
    session.add(row)
    return row


def _fill(row: BusinessRecord, customer: int, record: Record, written: frozenset[str]) -> None:
    """Sets what differs; a hand-made record keeps what its person gave it unless a mail says more."""
    values: dict[str, Any] = {
        "customer_id": customer,
        "stage": record.stage,
        "opened_at": record.opened_at,
        "changed_at": record.changed_at,
        "thread_id": record.thread,
        "contact_id": record.contact,
    }
    said: dict[str, Any] = {
        "products": list(record.products),
        "quantity": _fitting(record.quantity, _QUANTITY),
        "unit": record.unit[:20],
        "amount": _fitting(record.amount, _AMOUNT),
        "currency": record.currency,
        "incoterm": record.incoterm,
        "port": record.port[:80],
        "due_on": record.due_on,
        "number": record.number[:60],
    }
    if row.opened_by:
        values["thread_id"], values["contact_id"] = record.thread or row.thread_id, row.contact_id or record.contact
        said = {name: value for name, value in said.items() if value not in (None, "", [])}
    values |= {name: value for name, value in said.items() if name not in written}
    for name, value in values.items():
        if getattr(row, name) != value:
            setattr(row, name, value)


def _fitting(value: Decimal | None, places: Decimal) -> Decimal | None:
    """A number as its column holds it; None for what no business comes to."""
    return value.quantize(places) if value is not None and value < _MOST else None


def _settle_steps(row: BusinessRecord, record: Record) -> None:
    wanted = {(one.stage, one.entry): one for one in record.steps if one.entry is not None}
    for step in list(row.steps):
        if step.entry_id is not None and wanted.pop((step.stage, step.entry_id), None) is None:
            row.steps.remove(step)
    for one in wanted.values():
        row.steps.append(RecordStep(stage=one.stage, at=one.at, entry_id=one.entry, by=""))


def forget_changes(session: Session, record_id: int) -> None:
    """Drops what was noted about a record that is removed."""
    session.execute(delete(FieldChange).where(FieldChange.entity == ENTITY, FieldChange.entity_id == record_id))
