"""Finds signals in mails that are stored already: after the rules have changed, or to see what changed rules would find.

It looks at what was kept of a mail (its new text), so it needs no mail server; what people said of signals stays.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, exists, select, update
from sqlalchemy.orm import Session

from inboxcrm.engagement.look import Find
from inboxcrm.engagement.signals import Kind, Side, Signal
from inboxcrm.engagement.stored import packed
from inboxcrm.journal.unjudged import mark
from inboxcrm.model import Customer, Direction, LogEntry, Message, TextState
from inboxcrm.reading.reading import Address, Automatic, Reading

_PORTION = 500

KEPT: tuple[Any, ...] = (
    Message.id,
    Message.direction,
    Message.at,
    Message.subject,
    Message.in_reply_to,
    Message.language,
    Message.new_text,
    Message.own_text,
    Message.forwarded,
    Message.automatic,
)

_UNREAD = (Message.signals.is_(None), Message.text_state == TextState.PRESENT)


def look_through(session: Session, find: Find, *, limit: int = _PORTION) -> int:
    """Finds the signals of at most `limit` stored mails that nobody has looked through yet, and marks their customers.

    Returns how many were looked through; 0 when all are.
    """
    rows = session.execute(select(*KEPT).where(*_UNREAD).order_by(Message.id.desc()).limit(limit)).all()
    if not rows:
        return 0
    table: Any = Message.__table__
    session.connection().execute(
        update(table).where(table.c.id == bindparam("row")).values(signals=bindparam("found")),
        [{"row": row.id, "found": [packed(one) for one in found_in(row, find)]} for row in rows],
    )
    mark(
        session,
        set(session.scalars(select(LogEntry.customer_id).where(LogEntry.message_id.in_([row.id for row in rows])))),
    )
    return len(rows)


def any_unread(session: Session) -> bool:
    """Whether a stored text waits to be looked through."""
    return bool(session.scalar(select(exists().where(*_UNREAD))))


def forget_found(session: Session) -> int:
    """Has every stored text looked through again. Returns how many there are."""
    done: Any = session.execute(
        update(Message).where(Message.text_state == TextState.PRESENT).values(signals=None),
        execution_options={"synchronize_session": False},
    )
    count: int = done.rowcount
    return count


@dataclass(frozen=True, slots=True)
class Difference:
    """What other rules would find in one mail. `before` or `after` is None where a signal is new, or lost."""

    customer_id: int
    customer: str
    entry_id: int
    at: datetime
    subject: str
    before: Signal | None
    after: Signal | None

    @property
    def what(self) -> str:
        """ "added", "lost" or "changed"."""
        if self.before is None:
            return "added"
        return "lost" if self.after is None else "changed"

    def as_json(self) -> dict[str, Any]:
        """For programs; dates stay dates."""
        return {
            "what": self.what,
            "customer_id": self.customer_id,
            "customer": self.customer,
            "entry_id": self.entry_id,
            "at": self.at,
            "subject": self.subject,
            "before": self.before.as_json() if self.before else None,
            "after": self.after.as_json() if self.after else None,
        }


def differences(session: Session, now: Find, then: Find, threshold: float) -> Iterator[Difference]:
    """What `then` would find otherwise than `now` in the whole history, the newest mail first. Changes nothing.

    A signal that crosses the `threshold` is changed; a little more or less confidence is no difference.
    """
    last = None
    while True:
        chosen = select(*KEPT).where(Message.text_state == TextState.PRESENT, Message.automatic == "")
        if last is not None:
            chosen = chosen.where(Message.id < last)
        rows = session.execute(chosen.order_by(Message.id.desc()).limit(_PORTION)).all()
        if not rows:
            return
        last = rows[-1].id
        for row in rows:
            before: dict[Kind, Signal] = {one.kind: one for one in found_in(row, now)}
            after: dict[Kind, Signal] = {one.kind: one for one in found_in(row, then)}
            changed = [
                kind
                for kind in sorted({*before, *after})
                if _counted(before.get(kind), threshold) != _counted(after.get(kind), threshold)
            ]
            if changed:
                for entry, customer, name in session.execute(
                    select(LogEntry.id, LogEntry.customer_id, Customer.name)
                    .join(Customer, Customer.id == LogEntry.customer_id)
                    .where(LogEntry.message_id == row.id)
                ):
                    for kind in changed:
                        yield Difference(customer, name, entry, row.at, row.subject, before.get(kind), after.get(kind))


def _counted(signal: Signal | None, threshold: float) -> str:
    if signal is None:
        return ""
    return "counted" if signal.confidence >= threshold else "suggested"


def found_in(row: Any, find: Find) -> Sequence[Signal]:
    """The signals in a stored mail (a row of `KEPT`)."""
    return [] if row.automatic else find(_reading(row), _side(row))


def _side(row: Any) -> Side:
    return Side.US if row.direction is Direction.OUT else Side.CUSTOMER


def _reading(row: Any) -> Reading:
    """What was kept of a mail, as the rules look at it."""
    return Reading(
        message_id="",
        date=row.at,
        sender=Address("", ""),
        to=(),
        cc=(),
        bcc=(),
        reply_to=(),
        subject=row.subject,
        in_reply_to=row.in_reply_to,
        references=(),
        language=row.language,
        new_text=row.new_text,
        quoted_text="",
        signature="",
        forwarded=row.forwarded,
        automatic=Automatic(row.automatic) if row.automatic else None,
        back_on=None,
        bounce=None,
        attachments=(),
        sender_verified=None,
        body_digest="",
        problems=(),
        own_text=row.own_text if row.forwarded else row.new_text,
    )
