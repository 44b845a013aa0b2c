"""Reads what grading knows of customers out of the database: timelines, in chunks, with a handful of queries each."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import islice

from sqlalchemy import ColumnElement, Integer, Text, cast, select, type_coerce
from sqlalchemy.orm import InstrumentedAttribute, Session

from inboxcrm.grading.facts import Asked, Contacted, Doubted, Ordered, Profile, Signalled, Timeline
from inboxcrm.model import (
    AddressHealth,
    BusinessRecord,
    Contact,
    ContactAddress,
    Customer,
    Direction,
    LogEntry,
    RecordKind,
    RecordStep,
    Signal,
    SignalState,
    Stage,
)

InBase = Callable[[Decimal, str, date], Decimal | None]
"""An amount in a currency on a day, in the base currency; None when there is no rate."""

_CHUNK = 500
_COUNTS = (SignalState.COUNTED, SignalState.CONFIRMED, SignalState.ADDED)
_NO_ORDER = (Stage.CLOSED,)


def timelines(session: Session, customer_ids: Iterable[int], in_base: InBase) -> Iterator[Timeline]:
    """The timelines of these customers, in their order; a customer that isn't there is left out. Memory holds one chunk."""
    ids = iter(customer_ids)
    while chunk := list(islice(ids, _CHUNK)):
        yield from timelines_together(session, chunk, in_base)


def timelines_together(session: Session, ids: Sequence[int], in_base: InBase) -> Iterator[Timeline]:
    """The timelines of customers whom memory holds together."""
    contacted, doubted = _entries(session, ids)
    signalled = _signals(session, ids)
    ordered, asked = _records(session, ids, in_base)
    unreachable = _unreachable(session, ids)
    for customer, profile in _profiles(session, ids):
        yield Timeline(
            customer_id=customer,
            profile=profile,
            contacts=tuple(contacted.get(customer, ())),
            signals=tuple(signalled.get(customer, ())),
            orders=tuple(ordered.get(customer, ())),
            asked=tuple(asked.get(customer, ())),
            doubts=tuple(doubted.get(customer, ())),
            unreachable_since=unreachable.get(customer),
        )


def _entries(session: Session, ids: Sequence[int]) -> tuple[dict[int, list[Contacted]], dict[int, list[Doubted]]]:
    contacted: dict[int, list[Contacted]] = defaultdict(list)
    doubted: dict[int, list[Doubted]] = defaultdict(list)
    # Most of what grading reads is read here: the direction is compared and the warnings are kept as text where the database does it.
    rows = session.connection().execute(
        select(
            LogEntry.customer_id,
            LogEntry.at,
            type_coerce(LogEntry.direction == Direction.IN, Integer),
            LogEntry.id,
            cast(LogEntry.warnings, Text),
        )
        .where(among(LogEntry.customer_id, ids), LogEntry.automatic == "")
        .order_by(LogEntry.customer_id, LogEntry.at, LogEntry.id)
    )
    for customer, at, inbound, entry, warnings in rows:
        if warnings == "[]":
            contacted[customer].append(Contacted(at, bool(inbound), entry))
        else:
            doubted[customer].extend(Doubted(at, str(warning["kind"]), entry) for warning in json.loads(warnings))
    return contacted, doubted


def _signals(session: Session, ids: Sequence[int]) -> dict[int, list[Signalled]]:
    found: dict[int, list[Signalled]] = defaultdict(list)
    rows = session.execute(
        select(Signal.customer_id, Signal.at, Signal.kind, Signal.entry_id, Signal.evidence)
        .where(among(Signal.customer_id, ids), Signal.state.in_(_COUNTS))
        .order_by(Signal.customer_id, Signal.at, Signal.id)
    )
    for customer, at, kind, entry, evidence in rows:
        found[customer].append(Signalled(at, kind, entry, evidence))
    return found


def _records(
    session: Session, ids: Sequence[int], in_base: InBase
) -> tuple[dict[int, list[Ordered]], dict[int, list[Asked]]]:
    ordered: dict[int, list[Ordered]] = defaultdict(list)
    asked: dict[int, list[Asked]] = defaultdict(list)
    placed = (
        select(RecordStep.entry_id)
        .where(RecordStep.record_id == BusinessRecord.id, RecordStep.entry_id.is_not(None))
        .order_by(RecordStep.at, RecordStep.id)
        .limit(1)
        .scalar_subquery()
    )
    rows = session.execute(
        select(
            BusinessRecord.customer_id,
            BusinessRecord.kind,
            BusinessRecord.opened_at,
            BusinessRecord.quantity,
            BusinessRecord.amount,
            BusinessRecord.currency,
            placed,
        )
        .where(among(BusinessRecord.customer_id, ids), BusinessRecord.stage.not_in(_NO_ORDER))
        .order_by(BusinessRecord.customer_id, BusinessRecord.opened_at, BusinessRecord.id)
    )
    for customer, kind, opened, quantity, amount, currency, entry in rows:
        value = in_base(amount, currency, opened.date()) if amount is not None else None
        if kind is RecordKind.ORDER:
            ordered[customer].append(Ordered(opened, value, None, entry or 0))
        elif kind in (RecordKind.INQUIRY, RecordKind.QUOTE):
            asked[customer].append(Asked(opened, quantity, value))
    return ordered, asked


def _unreachable(session: Session, ids: Sequence[int]) -> dict[int, datetime]:
    """Since when each customer, of those whose every address bounces, can't be reached."""
    bounced: dict[int, datetime | None] = {}
    rows = session.execute(
        select(Contact.customer_id, ContactAddress.health, ContactAddress.health_at)
        .join(ContactAddress.contact)
        .where(among(Contact.customer_id, ids))
    )
    for customer, health, since in rows:
        if health is AddressHealth.OK or since is None:
            bounced[customer] = None
        elif (last := bounced.setdefault(customer, since)) is not None:
            bounced[customer] = max(last, since)
    return {customer: since for customer, since in bounced.items() if since is not None}


def _profiles(session: Session, ids: Sequence[int]) -> Iterator[tuple[int, Profile]]:
    roles: dict[int, set[str]] = defaultdict(set)
    for customer, role in session.execute(
        select(Contact.customer_id, Contact.decision_role).where(among(Contact.customer_id, ids))
    ):
        roles[customer].add(role.value)
    rows = session.execute(
        select(Customer.id, Customer.country, Customer.size, Customer.industry, Customer.website, Customer.products)
        .where(among(Customer.id, ids))
        .order_by(Customer.id)
    )
    for customer, country, size, industry, website, products in rows:
        profile = Profile(
            country=country,
            size=size,
            industry=industry,
            website=bool(website),
            products=tuple(products),
            decision_roles=tuple(sorted(roles.get(customer, ()))),
        )
        yield customer, profile


def among(column: InstrumentedAttribute[int], ids: Sequence[int]) -> ColumnElement[bool]:
    """Whether a column holds one of `ids`. A range is asked for as one: the database walks its index instead of starting anew for
    each number.
    """
    return column.between(ids[0], ids[-1]) if isinstance(ids, range) else column.in_(ids)


def all_customers(session: Session, after: int = 0, limit: int = _CHUNK) -> list[int]:
    """The next `limit` customers by id: for what is done to all of them, a chunk a transaction."""
    return list(session.scalars(select(Customer.id).where(Customer.id > after).order_by(Customer.id).limit(limit)))
