"""What people say of signals: right, wrong, missed. Each word is kept as a labelled example that rules are measured against.

Nothing is judged here; the customer is marked, and whoever owns the transaction judges.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from inboxcrm.engagement.signals import CUSTOMER_KINDS, OUR_KINDS, THRESHOLD, Details, Kind
from inboxcrm.engagement.stored import packed_details
from inboxcrm.errors import InboxcrmError
from inboxcrm.i18n import _
from inboxcrm.journal.unjudged import mark
from inboxcrm.model import Customer, Direction, LogEntry, Message, Signal, SignalState


class SignalError(InboxcrmError):
    """What was asked can't be done with this signal; the message says why."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One signal with the entry it was found in, ready to be shown."""

    signal: Signal
    customer: str
    subject: str
    direction: Direction

    def as_json(self) -> dict[str, Any]:
        """For programs; dates stay dates."""
        one = self.signal
        details = {name: value for name, value in one.details.items() if name != "unit_price"}
        return {
            "id": one.id,
            "customer_id": one.customer_id,
            "customer": self.customer,
            "entry_id": one.entry_id,
            "at": one.at,
            "kind": one.kind,
            "state": one.state.value,
            "evidence": one.evidence,
            "confidence": round(one.confidence, 2),
            "rule": one.rule,
            "details": details,
            "subject": self.subject,
            "direction": self.direction.value,
            "decided_by": one.decided_by,
            "decided_at": one.decided_at,
        }


def shown(
    session: Session,
    customer_id: int | None = None,
    *,
    states: Sequence[SignalState] = (),
    limit: int = 200,
    offset: int = 0,
) -> list[Shown]:
    """The signals of a customer, or of all (None), newest first; only those in `states` when given."""
    chosen = (
        select(Signal, Customer.name, LogEntry.subject, LogEntry.direction)
        .join(LogEntry, LogEntry.id == Signal.entry_id)
        .join(Customer, Customer.id == Signal.customer_id)
        .order_by(Signal.at.desc(), Signal.id.desc())
        .limit(limit)
        .offset(offset)
    )
    if customer_id is not None:
        chosen = chosen.where(Signal.customer_id == customer_id)
    if states:
        chosen = chosen.where(Signal.state.in_(states))
    return [Shown(*row) for row in session.execute(chosen)]


def of_ids(session: Session, ids: Sequence[int]) -> list[Shown]:
    """These signals, in the given order; those that are gone are left out."""
    rows = session.execute(
        select(Signal, Customer.name, LogEntry.subject, LogEntry.direction)
        .join(LogEntry, LogEntry.id == Signal.entry_id)
        .join(Customer, Customer.id == Signal.customer_id)
        .where(Signal.id.in_(ids))
    )
    found = {row[0].id: Shown(*row) for row in rows}
    return [found[one] for one in ids if one in found]


def get(session: Session, signal_id: int) -> Signal:
    """The signal with this number. Raises SignalError."""
    found = session.get(Signal, signal_id)
    if found is None:
        raise SignalError(_("There is no signal with the number {id}.").format(id=signal_id))
    return found


def confirm(session: Session, signal_id: int, *, now: datetime, by: str) -> Signal:
    """A person says that the signal is right: it counts, however unsure it was. Raises SignalError."""
    return _decide(session, signal_id, SignalState.CONFIRMED, now, by)


def reject(session: Session, signal_id: int, *, now: datetime, by: str) -> Signal:
    """A person says that the signal is wrong: it counts no more, and no rule brings it back. Raises SignalError."""
    return _decide(session, signal_id, SignalState.REJECTED, now, by)


def add(
    session: Session,
    entry_id: int,
    kind: Kind,
    *,
    now: datetime,
    by: str,
    evidence: str = "",
    details: Details | None = None,
) -> Signal:
    """A person says that an entry holds a signal that was missed; also in a call or a visit. One that was found, or rejected, is
    confirmed. Raises SignalError.
    """
    entry = session.get(LogEntry, entry_id)
    if entry is None:
        raise SignalError(_("There is no entry with the number {id}.").format(id=entry_id))
    allowed = OUR_KINDS if entry.direction is Direction.OUT else CUSTOMER_KINDS
    if kind not in allowed:
        raise SignalError(
            _("{kind} can't be in this entry; expected one of {kinds}.").format(
                kind=kind, kinds=", ".join(sorted(allowed))
            )
        )
    there = session.scalars(select(Signal).where(Signal.entry_id == entry_id, Signal.kind == kind)).first()
    if there is not None:
        return _decide(session, there.id, SignalState.ADDED if not there.rule else SignalState.CONFIRMED, now, by)
    text = entry.content
    if entry.message_id is not None:
        text = session.scalar(select(Message.new_text).where(Message.id == entry.message_id)) or text
    evidence = evidence.strip()
    in_subject = bool(evidence) and evidence not in text and evidence in entry.subject
    start = (entry.subject if in_subject else text).find(evidence)
    if start < 0:
        raise SignalError(_("These words don't stand in the entry; copy them as they are written there."))
    signal = Signal(
        entry_id=entry_id,
        customer_id=entry.customer_id,
        kind=kind.value,
        at=entry.at,
        state=SignalState.ADDED,
        evidence=evidence,
        place="subject" if in_subject else "text",
        start=start,
        confidence=1.0,
        rule="",
        details=packed_details(details or Details()),
        decided_by=by,
        decided_at=now,
    )
    session.add(signal)
    session.flush()
    mark(session, [entry.customer_id])
    return signal


def undo(session: Session, signal_id: int) -> int:
    """Takes back what a person said of a signal: the rules' word holds again. Returns the customer. Raises SignalError."""
    signal = get(session, signal_id)
    if signal.state is SignalState.ADDED:
        session.delete(signal)
    else:
        signal.state = SignalState.COUNTED if signal.confidence >= THRESHOLD else SignalState.SUGGESTED
        signal.decided_by, signal.decided_at = "", None
    session.flush()
    mark(session, [signal.customer_id])
    return signal.customer_id


def _decide(session: Session, signal_id: int, state: SignalState, now: datetime, by: str) -> Signal:
    signal = get(session, signal_id)
    if state is SignalState.REJECTED and signal.state is SignalState.ADDED:
        session.delete(signal)
    else:
        signal.state, signal.decided_by, signal.decided_at = state, by, now
    session.flush()
    mark(session, [signal.customer_id])
    return signal
