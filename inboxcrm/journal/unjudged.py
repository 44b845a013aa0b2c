"""Whose file waits to be judged: noted in the transaction that changes a log, a file or a record, taken out by whoever judges.

It judges nothing, and noting a customer twice is noting once.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from inboxcrm.matching.lookup import chunks
from inboxcrm.model import Unjudged

_MARKED = "unjudged"


def mark(session: Session, customers: Collection[int]) -> None:
    """Notes that more is known of these customers than was judged."""
    session.info.setdefault(_MARKED, set()).update(customers)
    for some in chunks(sorted(customers)):  # sorted, so that two writers never wait for each other
        insert: Any = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
        session.connection().execute(
            insert(Unjudged.__table__).on_conflict_do_nothing(), [{"customer_id": customer} for customer in some]
        )


def marked(session: Session) -> frozenset[int]:
    """Those whom this session has marked and who still wait."""
    return frozenset(session.info.get(_MARKED, ()))


def waiting(session: Session, limit: int) -> Sequence[int]:
    """Customers that wait, at most `limit`."""
    return session.scalars(select(Unjudged.customer_id).order_by(Unjudged.customer_id).limit(limit)).all()


def judged(session: Session, customers: Collection[int]) -> None:
    """These customers have been judged by all that is known in this transaction."""
    session.info.get(_MARKED, set()).difference_update(customers)
    for some in chunks(customers):
        session.execute(delete(Unjudged).where(Unjudged.customer_id.in_(some)))
