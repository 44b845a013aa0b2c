"""When a customer was last in contact with us: kept on the customer, by what is logged, in any order of arrival.

Automatic mail, doubtful senders and mails that only name the customer beside are no word of the customer.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Text, and_, bindparam, case, cast, func, select, update
from sqlalchemy.orm import Session

from inboxcrm.matching.lookup import chunks
from inboxcrm.matching.rules import SPEAKS
from inboxcrm.model import Customer, Direction, LogEntry


@dataclass(slots=True)
class Span:
    """The contact dates of one customer, or what some entries add to them."""

    first: datetime | None = None
    channel: str = ""
    last_in: datetime | None = None
    last_out: datetime | None = None
    last: datetime | None = None

    def include(self, at: datetime, channel: str, direction: Direction, *, counts: bool) -> None:
        """Adds one entry; one that doesn't count (see `counts`) is only an entry."""
        if self.last is None or at > self.last:
            self.last = at
        if not counts:
            return
        if self.first is None or at < self.first:
            self.first, self.channel = at, channel
        if direction is Direction.IN:
            if self.last_in is None or at > self.last_in:
                self.last_in = at
        elif self.last_out is None or at > self.last_out:
            self.last_out = at


def counts(automatic: str, confidence: float, *, has_warnings: bool) -> bool:
    """Whether an entry is a contact between people who are who they say."""
    return not automatic and confidence >= SPEAKS and not has_warnings


def widen(session: Session, spans: dict[int, Span]) -> None:
    """Adds new entries' dates to their customers: only ever earlier firsts and later lasts."""
    rows = []
    for some in chunks(spans):
        for customer, first, channel, last_in, last_out, last in session.execute(
            select(
                Customer.id,
                Customer.first_contact_at,
                Customer.first_channel,
                Customer.last_in_at,
                Customer.last_out_at,
                Customer.last_entry_at,
            ).where(Customer.id.in_(some))
        ):
            there = Span(first, channel, last_in, last_out, last)
            added = spans[customer]
            merged = Span(
                *((added.first, added.channel) if _earlier(added.first, first) else (first, channel)),
                _later(added.last_in, last_in),
                _later(added.last_out, last_out),
                _later(added.last, last),
            )
            if merged != there:
                rows.append(_row(customer, merged))
    _write(session, rows)


def recount(session: Session, customers: Collection[int]) -> None:
    """Finds the dates of some customers anew from their whole logs: after an entry was moved, changed or removed."""
    real = and_(
        LogEntry.automatic == "", LogEntry.confidence >= SPEAKS, cast(LogEntry.warnings, Text).in_(("[]", "null"))
    )
    rows = []
    for some in chunks(customers):
        spans = {customer: Span() for customer in some}
        for customer, first, last_in, last_out, last in session.execute(
            select(
                LogEntry.customer_id,
                func.min(case((real, LogEntry.at))),
                func.max(case((and_(real, LogEntry.direction == Direction.IN), LogEntry.at))),
                func.max(case((and_(real, LogEntry.direction == Direction.OUT), LogEntry.at))),
                func.max(LogEntry.at),
            )
            .where(LogEntry.customer_id.in_(some))
            .group_by(LogEntry.customer_id)
        ):
            spans[customer] = Span(first, "", last_in, last_out, last)
        for customer, channel in session.execute(
            select(LogEntry.customer_id, func.min(LogEntry.channel))
            .where(real, LogEntry.customer_id.in_(some))
            .where(
                LogEntry.at
                == select(func.min(_other.c.at))
                .where(_other.c.customer_id == LogEntry.customer_id, _real_of_other)
                .correlate(LogEntry)
                .scalar_subquery()
            )
            .group_by(LogEntry.customer_id)
        ):
            spans[customer].channel = str(channel)
        rows += [_row(customer, span) for customer, span in spans.items()]
    _write(session, rows)


_other = LogEntry.__table__.alias("other")
_real_of_other = and_(
    _other.c.automatic == "", _other.c.confidence >= SPEAKS, cast(_other.c.warnings, Text).in_(("[]", "null"))
)


def _earlier(a: datetime | None, b: datetime | None) -> bool:
    return a is not None and (b is None or a < b)


def _later(a: datetime | None, b: datetime | None) -> datetime | None:
    return max((one for one in (a, b) if one is not None), default=None)


def _row(customer: int, span: Span) -> dict[str, object]:
    return {
        "customer": customer,
        "first": span.first,
        "channel": span.channel,
        "in": span.last_in,
        "out": span.last_out,
        "last": span.last,
    }


def _write(session: Session, rows: Iterable[dict[str, object]]) -> None:
    listed = list(rows)
    if not listed:
        return
    table = Customer.__table__
    session.connection().execute(
        update(table)  # type: ignore[arg-type]
        .where(table.c.id == bindparam("customer"))
        .values(
            first_contact_at=bindparam("first"),
            first_channel=bindparam("channel"),
            last_in_at=bindparam("in"),
            last_out_at=bindparam("out"),
            last_entry_at=bindparam("last"),
        ),
        listed,
    )
