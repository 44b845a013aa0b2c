"""The signals in the communication log: brings their rows in line with what the rules found in the mails and what people said of it.

What a person confirmed, rejected or added stays, whatever the rules find later. Nothing is found here, but where mails are read.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.orm import Session

from inboxcrm.engagement.details import products_in
from inboxcrm.engagement.signals import Kind
from inboxcrm.engagement.stages import Event, Said
from inboxcrm.engagement.stored import details_of
from inboxcrm.matching.lookup import chunks
from inboxcrm.matching.rules import SPEAKS
from inboxcrm.model import Customer, Direction, LogEntry, Message, Signal, SignalState

COUNTING = (SignalState.COUNTED, SignalState.CONFIRMED, SignalState.ADDED)
"""The states of signals that records and grades are built on."""
DECIDED = (SignalState.CONFIRMED, SignalState.REJECTED, SignalState.ADDED)
"""The states that a person gave: the labelled examples."""

_COLUMNS = ("kind", "evidence", "place", "start", "confidence", "rule", "details")


@dataclass(frozen=True, slots=True)
class _Entry:
    """One entry of a log, with what the rules found in its mail."""

    id: int
    message: int | None
    customer: int
    at: datetime
    key: str
    ours: bool
    thread: int | None
    contact: int | None
    found: Sequence[Mapping[str, Any]]
    doubtful: bool


def settle(session: Session, customers: Collection[int], threshold: float) -> dict[int, list[Event]]:
    """Brings the signals of some customers up to date; returns what happened with each, for their records.

    A signal found with at least `threshold` counts; a less sure one, and any of a doubtful sender, waits for a person.
    1. Read the logs with what was found in the mails. 2. Read the rows that are there. 3. Write the difference.
    """
    session.flush()
    entries = _with_their_products(session, customers, _entries(session, customers))
    there = _rows(session, customers)
    inserted: list[dict[str, Any]] = []
    updated: list[dict[str, Any]] = []
    deleted: list[int] = []
    events: dict[int, list[Event]] = {customer: [] for customer in customers}
    for entry in entries:
        rows = there.pop(entry.id, {})
        said: list[Said] = []
        for found in entry.found:
            row = rows.pop(found["kind"], None)
            sure = found["confidence"] >= threshold and not entry.doubtful
            state = SignalState.COUNTED if sure else SignalState.SUGGESTED
            if row is None:
                inserted.append(_row(entry, found, state))
            elif row["state"] in DECIDED:
                state = row["state"]
                if (row["customer_id"], row["at"]) != (entry.customer, entry.at):
                    updated.append({**row, "customer_id": entry.customer, "at": entry.at})
                found = row  # noqa: PLW2901  a person decided about the words that they saw
            elif (wanted := _row(entry, found, state)) != {name: row[name] for name in wanted}:
                updated.append({**row, **wanted})
            if state in COUNTING:
                said.append(Said(Kind(found["kind"]), details_of(found["details"]), found["rule"]))
        for row in rows.values():
            if row["state"] not in DECIDED:
                deleted.append(row["id"])
                continue
            if (row["customer_id"], row["at"]) != (entry.customer, entry.at):
                updated.append({**row, "customer_id": entry.customer, "at": entry.at})
            if row["state"] in COUNTING:
                said.append(Said(Kind(row["kind"]), details_of(row["details"]), ""))
        if said or entry.ours:
            events[entry.customer].append(
                Event(entry.id, entry.key, entry.at, entry.ours, entry.thread, entry.contact, tuple(said))
            )
    # What is left belongs to entries that hold no signals any more: automatic mail, or a text that is gone.
    left = [row["id"] for rows in there.values() for row in rows.values() if row["state"] not in DECIDED]
    _write(session, inserted, updated, [*deleted, *left])
    return events


def _entries(session: Session, customers: Collection[int]) -> list[_Entry]:
    rows = session.execute(
        select(
            LogEntry.id,
            LogEntry.message_id,
            LogEntry.customer_id,
            LogEntry.at,
            LogEntry.direction,
            LogEntry.contact_id,
            LogEntry.confidence,
            LogEntry.warnings,
            Message.key,
            Message.thread_id,
            Message.signals,
        )
        .outerjoin(Message, Message.id == LogEntry.message_id)
        .where(LogEntry.customer_id.in_(customers), LogEntry.automatic == "")
    )
    return [
        _Entry(
            id_,
            message,
            customer,
            at,
            key or f"~{id_:012}",
            direction is Direction.OUT,
            thread,
            contact,
            found or (),
            bool(warnings) or confidence < SPEAKS,
        )
        for id_, message, customer, at, direction, contact, confidence, warnings, key, thread, found in rows
    ]


def _with_their_products(session: Session, customers: Collection[int], entries: list[_Entry]) -> list[_Entry]:
    """The same entries; where no product of ours was named in a mail, those that the customer's file lists are looked for."""
    lists = {
        customer: products
        for customer, products in session.execute(
            select(Customer.id, Customer.products).where(Customer.id.in_(customers))
        )
        if products
    }
    nameless = [
        one
        for one in entries
        if one.customer in lists and any(not found["details"].get("products") for found in one.found)
    ]
    texts: dict[int, str] = {}
    for some in chunks({one.message for one in nameless if one.message is not None}):
        rows = session.execute(select(Message.id, Message.new_text).where(Message.id.in_(some)))
        texts.update((message, text) for message, text in rows)
    named = {}
    for one in nameless:
        products = list(products_in(texts.get(one.message or 0, ""), lists[one.customer]))
        if products:
            found = [
                one_found
                if one_found["details"].get("products")
                else {**one_found, "details": {"products": products, **one_found["details"]}}
                for one_found in one.found
            ]
            named[one.id] = replace(one, found=found)
    return [named.get(one.id, one) for one in entries]


def _rows(session: Session, customers: Collection[int]) -> dict[int, dict[str, dict[str, Any]]]:
    """Entry → kind → the row; by the entries' customers, for a moved entry takes its signals along."""
    found: dict[int, dict[str, dict[str, Any]]] = defaultdict(dict)
    table = Signal.__table__
    for row in session.execute(
        select(*table.c).join(LogEntry, LogEntry.id == table.c.entry_id).where(LogEntry.customer_id.in_(customers))
    ).mappings():
        found[row["entry_id"]][row["kind"]] = dict(row)
    return found


def _row(entry: _Entry, found: Mapping[str, Any], state: SignalState) -> dict[str, Any]:
    return {
        "entry_id": entry.id,
        "customer_id": entry.customer,
        "at": entry.at,
        "state": state,
        **{name: found[name] for name in _COLUMNS},
    }


def _write(
    session: Session, inserted: Sequence[Mapping[str, Any]], updated: Sequence[dict[str, Any]], deleted: list[int]
) -> None:
    table: Any = Signal.__table__
    connection = session.connection()
    for some in chunks(deleted):
        connection.execute(delete(table).where(table.c.id.in_(some)))
    if updated:
        names = ("customer_id", "at", "state", *_COLUMNS)
        connection.execute(
            update(table)
            .where(table.c.id == bindparam("row"))
            .values({name: bindparam(f"new_{name}") for name in names}),
            [{"row": one["id"], **{f"new_{name}": one[name] for name in names}} for one in updated],
        )
    if inserted:
        connection.execute(insert(table), [{**one, "decided_by": "", "decided_at": None} for one in inserted])
    if deleted or updated:
        _expire(session)


def _expire(session: Session) -> None:
    """Objects that a caller holds are read anew."""
    for one in session.identity_map.values():
        if isinstance(one, Signal):
            session.expire(one)
