"""Who asks in plain words to be left alone: the signal `unsubscribe` that counts, or that a person confirmed, suppresses its writer.

An unsure one stays a suggestion for a person. That rules change never brings anybody back; only a person who says that the signal is
wrong does, and only when nothing else stands.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from inboxcrm.customers.suppression import suppress
from inboxcrm.engagement.log import COUNTING
from inboxcrm.engagement.signals import Kind
from inboxcrm.matching.lookup import chunks
from inboxcrm.model import (
    Contact,
    ContactAddress,
    LogEntry,
    Message,
    Recipient,
    Signal,
    SignalState,
    Suppression,
    SuppressionReason,
)
from inboxcrm.newsletter.returns import mark_left
from inboxcrm.reading.addresses import domain_of


@dataclass(frozen=True, slots=True)
class _Asked:
    """One signal: in whose mail or call, and which mail."""

    id: int
    state: SignalState
    at: datetime
    evidence: str
    decided_by: str
    entry_id: int
    customer_id: int
    contact_id: int | None
    sender: str
    message_id: str
    answers: str
    """The Message-ID of the mail that it answers."""

    @property
    def counts(self) -> bool:
        return self.state in COUNTING


def settle(session: Session, customers: Collection[int], now: datetime) -> None:
    """Brings the suppressions of some customers' people in line with what they asked for. Doing it again changes nothing.

    1. Every signal that counts suppresses who wrote it, at all addresses of that contact, unless they have asked for mail again since;
       who answers an issue from an unknown address is left alone at the one that it went to, too.
    2. What was suppressed for a signal that a person has called wrong is taken off, unless another one stands.
    """
    asked = _asked(session, customers)
    addresses = _addresses(session, customers)
    wanted: dict[str, list[_Asked]] = defaultdict(list)
    went_to = _went_to(session, {one.answers for one in asked if one.contact_id is None and one.answers})
    for one in asked:
        for address in (*_whose(one, addresses), *went_to.get(one.answers, ())):
            wanted[address].append(one)
    known = {address for some in addresses.values() for address in some} | set(wanted)
    there = _there(session, known)
    left = _left_by_mail(session, known)
    for address, some in wanted.items():
        counting = [one for one in some if one.counts and (address, one.message_id) not in left]
        rows = there.get(address, ())
        if counting and all(row.lifted_at is not None for row in rows):
            latest = max(counting, key=lambda one: one.at)
            if any(row.lifted_at is not None and row.lifted_at >= latest.at for row in rows):
                continue
            _suppress(session, address, latest, now)
    for address, rows in there.items():
        if not any(one.counts for one in wanted.get(address, ())):
            for row in rows:
                _take_off(row, asked, now)
    session.flush()


def _suppress(session: Session, address: str, one: _Asked, now: datetime) -> None:
    proof = {
        "signal_id": one.id,
        "entry_id": one.entry_id,
        "customer_id": one.customer_id,
        "message_id": one.message_id,
        "evidence": one.evidence,
        "state": one.state.value,
    }
    suppress(session, address, reason=SuppressionReason.ASKED, now=now, proof=proof, by=one.decided_by)
    mark_left(session, address, one.at)


def _take_off(row: Suppression, asked: Sequence[_Asked], now: datetime) -> None:
    """Takes off what rests on a signal that a person has called wrong, or has added and taken away again."""
    if row.lifted_at is not None or "signal_id" not in row.proof:
        return
    signal = next((one for one in asked if one.id == row.proof["signal_id"]), None)
    if signal is None and row.proof.get("state") == SignalState.ADDED.value:
        row.lifted_at, row.lifted_by = now, row.by
    elif signal is not None and signal.state is SignalState.REJECTED:
        row.lifted_at, row.lifted_by = now, signal.decided_by


def _asked(session: Session, customers: Collection[int]) -> list[_Asked]:
    rows = session.execute(
        select(
            Signal.id,
            Signal.state,
            Signal.at,
            Signal.evidence,
            Signal.decided_by,
            Signal.entry_id,
            Signal.customer_id,
            LogEntry.contact_id,
            Message.sender_address,
            Message.message_id,
            Message.in_reply_to,
        )
        .join(LogEntry, LogEntry.id == Signal.entry_id)
        .outerjoin(Message, Message.id == LogEntry.message_id)
        .where(Signal.customer_id.in_(customers), Signal.kind == Kind.UNSUBSCRIBE.value)
        .order_by(Signal.at, Signal.id)
    )
    return [_Asked(*row[:8], row[8] or "", row[9] or "", row[10] or "") for row in rows]


def _addresses(session: Session, customers: Collection[int]) -> dict[int, list[str]]:
    """Contact → its addresses; under the customer's number with a minus sign all of them."""
    found: dict[int, list[str]] = defaultdict(list)
    rows = session.execute(
        select(Contact.id, Contact.customer_id, ContactAddress.address)
        .join(ContactAddress, ContactAddress.contact_id == Contact.id)
        .where(Contact.customer_id.in_(customers))
        .order_by(ContactAddress.id)
    )
    for contact, customer, address in rows:
        found[contact].append(address)
        found[-customer].append(address)
    return found


def _whose(one: _Asked, addresses: Mapping[int, Sequence[str]]) -> set[str]:
    """The addresses of who asked: of the writer, and of the contact who he is. A call with nobody in particular speaks for all."""
    if one.contact_id is not None:
        found = set(addresses.get(one.contact_id, ()))
    else:
        found = set() if one.sender else set(addresses.get(-one.customer_id, ()))
    return {address for address in (*found, one.sender) if domain_of(address)}


def _went_to(session: Session, message_ids: Collection[str]) -> dict[str, list[str]]:
    """Message-ID of a newsletter mail → the address that it went to: whoever answers it from an unknown address has got it there."""
    found: dict[str, list[str]] = defaultdict(list)
    for some in chunks(message_ids):
        rows = session.execute(select(Recipient.message_id, Recipient.address).where(Recipient.message_id.in_(some)))
        for message_id, address in rows:
            found[message_id].append(address)
    return found


def _left_by_mail(session: Session, addresses: Collection[str]) -> set[tuple[str, str]]:
    """(address, Message-ID of the mail by which it left): that mail is the proof already, and its subject no words of a person."""
    found: set[tuple[str, str]] = set()
    for some in chunks(addresses):
        rows = session.scalars(
            select(Suppression).where(Suppression.value.in_(some), Suppression.reason == SuppressionReason.LEFT)
        )
        found |= {(row.value, str(row.proof.get("message_id", ""))) for row in rows if row.proof.get("message_id")}
    return found


def _there(session: Session, addresses: Collection[str]) -> dict[str, list[Suppression]]:
    found: dict[str, list[Suppression]] = defaultdict(list)
    for some in chunks(addresses):
        rows = session.scalars(
            select(Suppression).where(Suppression.value.in_(some), Suppression.reason == SuppressionReason.ASKED)
        )
        for row in rows:
            found[row.value].append(row)
    return found
