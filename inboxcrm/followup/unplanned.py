"""Whose plan waits to be made anew: noted in the transaction that judges or changes a customer, taken out by whoever plans.

It plans nothing, and noting a customer twice is noting once.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from inboxcrm.matching.lookup import chunks
from inboxcrm.model import Customer, Unplanned


def mark(session: Session, customers: Collection[int]) -> None:
    """Notes that something changed which the plans of these customers may hang on. Those that are gone are passed over."""
    insert: Any = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    for some in chunks(customers):
        # In the order of their ids, so that two writers never wait for each other.
        there = select(Customer.id).where(Customer.id.in_(some)).order_by(Customer.id)
        session.execute(insert(Unplanned).from_select(["customer_id"], there).on_conflict_do_nothing())


def waiting(session: Session, limit: int) -> Sequence[int]:
    """Customers that wait, at most `limit`."""
    return session.scalars(select(Unplanned.customer_id).order_by(Unplanned.customer_id).limit(limit)).all()


def planned(session: Session, customers: Collection[int]) -> None:
    """The plans of these customers are up to date with all that is known in this transaction."""
    for some in chunks(customers):
        session.execute(delete(Unplanned).where(Unplanned.customer_id.in_(some)))
