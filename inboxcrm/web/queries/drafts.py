"""What the review page shows beside a draft: the customer in a few lines, the last contacts, and what may be chosen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from inboxcrm.engagement import records_by_hand
from inboxcrm.followup.shown import ShownDraft
from inboxcrm.journal.timeline import Line, timeline
from inboxcrm.model import BusinessRecord, Contact, Customer

_LAST = 6
"""Contacts that are shown beside a draft."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The customer of a draft: the people there, the open business, the last contacts (newest first)."""

    customer: Customer
    contacts: Sequence[Contact]
    records: Sequence[BusinessRecord]
    lines: Sequence[Line]


def surroundings(session: Session, shown: ShownDraft) -> Surroundings:
    """What a person looks at before saying yes."""
    customer = shown.customer
    contacts = session.scalars(
        select(Contact)
        .where(Contact.customer_id == customer.id)
        .options(selectinload(Contact.addresses))
        .order_by(Contact.id)
        .limit(8)
    ).all()
    records = records_by_hand.records(session, customer.id, open_only=True)[:4]
    return Surroundings(customer, contacts, records, timeline(session, customer.id, limit=_LAST))


def written(people: Sequence[dict[str, Any]]) -> str:
    """Recipients as they stand in a field that a person edits."""
    return ", ".join(f"{one['name']} <{one['address']}>" if one.get("name") else str(one["address"]) for one in people)
