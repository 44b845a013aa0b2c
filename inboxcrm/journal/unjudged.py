"""Whose file waits to be judged: noted in the transaction that changes a log, a file or a record, taken out by whoever judges. Whose
judging failed stays noted, out of the others' way, until something changes there or somebody tries again.

It judges nothing, and noting a customer twice is noting once.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from inboxcrm.matching.lookup import chunks
from inboxcrm.model import Unjudged

_MARKED = "unjudged"


def mark(session: Session, customers: Collection[int]) -> None:
    """Notes that more is known of these customers than was judged, also of those whose judging failed before."""
    session.info.setdefault(_MARKED, set()).update(customers)
    for some in chunks(sorted(customers)):  # sorted, so that two writers never wait for each other
        insert: Any = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
        session.connection().execute(
            insert(Unjudged.__table__).on_conflict_do_update(
                index_elements=["customer_id"], set_={"failed_at": None}, where=Unjudged.failed_at.is_not(None)
            ),
            [{"customer_id": customer} for customer in some],
        )


def marked(session: Session) -> frozenset[int]:
    """Those whom this session has marked and who still wait."""
    return frozenset(session.info.get(_MARKED, ()))


def waiting(session: Session, limit: int) -> Sequence[int]:
    """Customers that wait, at most `limit`; not those whose judging failed."""
    waits = select(Unjudged.customer_id).where(Unjudged.failed_at.is_(None))
    return session.scalars(waits.order_by(Unjudged.customer_id).limit(limit)).all()


def judged(session: Session, customers: Collection[int]) -> None:
    """These customers have been judged by all that is known in this transaction."""
    session.info.get(_MARKED, set()).difference_update(customers)
    for some in chunks(customers):
        session.execute(delete(Unjudged).where(Unjudged.customer_id.in_(some)))


def failed(session: Session, customer: int, now: datetime) -> None:
    """This customer can't be judged, by a mistake of ours: nobody waits for that, and nobody takes the old grade for the truth."""
    session.execute(update(Unjudged).where(Unjudged.customer_id == customer).values(failed_at=now))


def try_again(session: Session) -> None:
    """Those whose judging failed wait again."""
    session.execute(update(Unjudged).where(Unjudged.failed_at.is_not(None)).values(failed_at=None))
