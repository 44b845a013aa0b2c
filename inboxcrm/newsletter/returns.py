"""What comes back: mails that leave, answers, bounces, complaints; and our own mails seen in Sent. Asked for every batch of new mail,
in the transaction that takes it.

A bounce or a complaint is believed only when it is about something we sent. What follows from it can't be switched off.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from inboxcrm.customers.suppression import suppress
from inboxcrm.matching.lookup import chunks
from inboxcrm.matching.mail import RECIPIENTS, Mail
from inboxcrm.model import (
    Direction,
    Draft,
    Message,
    Party,
    PartyRole,
    Recipient,
    RecipientState,
    Suppression,
    SuppressionReason,
)
from inboxcrm.newsletter import outbox
from inboxcrm.newsletter.leaving import Signing, asks_to_leave, leave
from inboxcrm.reading.addresses import normal
from inboxcrm.reading.reading import Automatic, BounceKind, FailedRecipient, Reading

SOFT_BOUNCES = 3
SOFT_SPAN = timedelta(days=30)
"""So many soft bounces of different mails within so many days, and the address gets no more bulk mail."""
_HIDDEN = timedelta(days=14)
"""So long after a mail a bounce that hides which one it is about is taken to be about the last."""
_GONE = (RecipientState.SENT, RecipientState.SENDING, RecipientState.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Came:
    """A new mail: its row's number, what was read from it, whether it is ours, when it was written, and the kinds of signals in it."""

    id: int
    reading: Reading
    outgoing: bool
    at: datetime
    signals: Collection[str] = ()

    @classmethod
    def of(
        cls, id_: int, reading: Reading, mail: Mail, at: datetime, signals: Sequence[Mapping[str, Any]] | None
    ) -> Came:
        """From what intake knows of a new mail; `signals` as they are stored."""
        kinds = [signal["kind"] for signal in signals or ()]
        return cls(id_, reading, mail.direction is Direction.OUT, at, kinds)


def note(session: Session, some: Sequence[Came], now: datetime, signing: Signing | None = None) -> set[int]:
    """Notes what new mails say of newsletters; returns the issues of which more is known. `signing`: reads tokens of mails that leave
    (None: there are none).

    1. Who leaves by mail is suppressed. 2. Find the recipients whose mails the batch speaks of. 3. What lies in Sent has gone.
    4. Answers. 5. Bounces. 6. Complaints.
    """
    left = {one.id: issue for one in some if (issue := _leaving(session, one, now, signing)) is not None}
    issues = set(left.values())
    rows = _recipients(session, some)
    for one in some:
        reading = one.reading
        if one.outgoing:
            issues |= _seen(session, rows.get(reading.message_id), now)
        elif reading.automatic is None:
            issues |= _answered(session, [rows[id_] for id_ in _ids(reading) if id_ in rows], one, now)
        elif reading.automatic is Automatic.BOUNCE and reading.bounce is not None:
            issues |= _bounced(session, rows.get(reading.bounce.original_message_id), one, now)
        elif (
            reading.automatic is Automatic.COMPLAINT and one.id not in left
        ):  # some phones leave in the form of a complaint
            issues |= _complained(session, rows.get(reading.reported_id), one, now)
    return issues


def mark_left(session: Session, address: str, now: datetime) -> int | None:
    """The last issue that went to this address (comparison form) is the one after which its reader left. Returns it; None for none."""
    last = (
        select(Recipient)
        .where(Recipient.address == address, Recipient.sent_at.is_not(None), Recipient.sent_at <= now)
        .order_by(Recipient.sent_at.desc(), Recipient.id.desc())
        .limit(1)
    )
    found = session.scalar(last)
    if found is None:
        return None
    _left_by(session, found, now)
    return found.issue_id


def _left_by(session: Session, row: Recipient, now: datetime) -> None:
    session.execute(update(Recipient).where(Recipient.id == row.id, Recipient.left_at.is_(None)).values(left_at=now))


# --- inside -----------------------------------------------------------------------------------------------------------


def _leaving(session: Session, one: Came, now: datetime, signing: Signing | None) -> int | None:
    """Somebody leaves by mail: whoever sends the token, for links are passed on and people have several addresses. Without a token that
    is ours, who writes the word alone leaves for himself, if we wrote to him. Returns the issue, where one is known.
    """
    if signing is None or one.reading.automatic is Automatic.BOUNCE:
        return None
    proof = {"message_id": one.reading.message_id, "mail": one.id, "sender": one.reading.sender.address}
    left = signing.find_token(one.reading.subject)
    if left is not None:
        if _was_lifted_since(session, normal(left.address), SuppressionReason.LEFT, one.at):
            return None
        return left.issue_id if leave(session, left, proof, now) is not None else None
    sender = normal(one.reading.sender.address)
    if one.outgoing or not asks_to_leave(one.reading.subject) or not _got_an_issue(session, sender):
        return None
    if not _was_lifted_since(session, sender, SuppressionReason.LEFT, one.at):
        proof["evidence"] = one.reading.subject
        suppress(session, sender, reason=SuppressionReason.LEFT, now=now, proof=proof)
        return mark_left(session, sender, now)
    return None


def _got_an_issue(session: Session, address: str) -> bool:
    asked = select(Recipient.id).where(Recipient.address == address, Recipient.state.in_(_GONE))
    return session.scalar(asked.limit(1)) is not None


def _ids(reading: Reading) -> tuple[str, ...]:
    return (reading.in_reply_to, *reading.references)


def _recipients(session: Session, some: Sequence[Came]) -> dict[str, Recipient]:
    wanted: set[str] = set()
    for one in some:
        if one.outgoing:
            wanted.add(one.reading.message_id)
        elif one.reading.bounce is not None:
            wanted.add(one.reading.bounce.original_message_id)
        elif one.reading.automatic is Automatic.COMPLAINT:
            wanted.add(one.reading.reported_id)
        else:
            wanted.update(_ids(one.reading))
    found: dict[str, Recipient] = {}
    for ids in chunks(wanted - {""}):
        rows = session.scalars(select(Recipient).where(Recipient.message_id.in_(ids)))
        found.update((row.message_id, row) for row in rows)
    return found


def _seen(session: Session, row: Recipient | None, now: datetime) -> set[int]:
    if row is None or row.state is RecipientState.SENT:
        return set()
    outbox.was_sent(session, row.id, now)
    session.refresh(row)
    return {row.issue_id}


def _answered(session: Session, rows: Sequence[Recipient], one: Came, now: datetime) -> set[int]:
    issues: set[int] = set()
    for row in rows:
        issues |= _seen(session, row, now)
        # Who answers only to be left alone has not answered.
        if row.answered_at is None and "unsubscribe" not in one.signals:
            row.answered_at = one.at
            issues.add(row.issue_id)
    session.flush()
    return issues


def _bounced(session: Session, row: Recipient | None, one: Came, now: datetime) -> set[int]:
    assert one.reading.bounce is not None  # noqa: S101  the caller has looked
    failed = {normal(report.address): report for report in one.reading.bounce.recipients}
    if row is not None:
        # The mail went to one address alone; a server behind it may call it by another name.
        report = failed.get(row.address) or next(
            (other for other in failed.values() if other.kind is BounceKind.HARD), next(iter(failed.values()), None)
        )
        if report is None:
            return set()
        _seen(session, row, now)
        _mark(row, report, one)
        session.flush()
        _suppress(session, row.address, report, one, now=now, row=row)
        return {row.issue_id}
    issues: set[int] = set()
    for address, report in failed.items():
        if not _is_ours(session, address, one.reading.bounce.original_message_id):
            continue
        last = None if one.reading.bounce.original_message_id else _last_to(session, address, one.at)
        if last is not None:
            _mark(last, report, one)
            session.flush()
            issues.add(last.issue_id)
        _suppress(session, address, report, one, now=now, row=last)
    return issues


def _mark(row: Recipient, report: FailedRecipient, one: Came) -> None:
    if row.bounced != BounceKind.HARD.value:
        row.bounced, row.bounced_at = report.kind.value, one.at
        row.error = " ".join(part for part in (report.status, report.reason) if part)


def _is_ours(session: Session, address: str, original: str) -> bool:
    """Whether we have sent the returned mail, or written to the address at all."""
    if original:
        ids = (original, f"<{original}>")
        asked = (
            select(Message.id).where(Message.message_id == original, Message.direction == Direction.OUT),
            select(Draft.id).where(Draft.message_id.in_(ids)),
        )
        if any(session.scalar(one.limit(1)) is not None for one in asked):
            return True
    return _written_to(session, address)


def _written_to(session: Session, address: str) -> bool:
    asked = (
        select(Recipient.id).where(Recipient.address == address, Recipient.state.in_(_GONE)),
        select(Party.message_id)
        .join(Message, Message.id == Party.message_id)
        .where(Party.address == address, Party.role.in_(RECIPIENTS), Message.direction == Direction.OUT),
    )
    return any(session.scalar(one.limit(1)) is not None for one in asked)


def _last_to(session: Session, address: str, at: datetime) -> Recipient | None:
    return session.scalars(
        select(Recipient)
        .where(
            Recipient.address == address,
            Recipient.state.in_(_GONE),
            Recipient.sent_at <= at,
            Recipient.sent_at > at - _HIDDEN,
        )
        .order_by(Recipient.sent_at.desc())
        .limit(1)
    ).first()


def _suppress(
    session: Session, address: str, report: FailedRecipient, one: Came, *, now: datetime, row: Recipient | None
) -> None:
    reason = SuppressionReason.HARD_BOUNCE
    if report.kind is BounceKind.SOFT:
        if one.at <= now - SOFT_SPAN or len(_soft(session, address, one)) < SOFT_BOUNCES:
            return
        reason = SuppressionReason.SOFT_BOUNCES
    if _was_lifted_since(session, address, reason, one.at):
        return
    proof = _proof(one, row) | {"status": report.status, "evidence": report.reason}
    suppress(session, address, reason=reason, now=now, proof=proof)


def _soft(session: Session, address: str, one: Came) -> set[str]:
    """The mails to this address that came back softly within the span before this bounce, each by its Message-ID."""
    since = one.at - SOFT_SPAN
    rows = session.execute(
        select(Message.message_id, Message.bounce)
        .join(Party, Party.message_id == Message.id)
        .where(Party.address == address, Party.role == PartyRole.FAILED, Message.at > since, Message.at <= one.at)
    )
    found: set[str] = set()
    for message_id, bounce in rows:
        if bounce and any(
            normal(part["address"]) == address and part["kind"] == BounceKind.SOFT.value
            for part in bounce["recipients"]
        ):
            found.add(bounce["original_message_id"] or message_id)
    ours = select(Recipient.message_id).where(
        Recipient.address == address,
        Recipient.bounced == BounceKind.SOFT.value,
        or_(Recipient.bounced_at.is_(None), Recipient.bounced_at > since),
    )
    return found | set(session.scalars(ours))


def _complained(session: Session, row: Recipient | None, one: Came, now: datetime) -> set[int]:
    """Somebody has called our mail spam (ARF, RFC 5965): by the mail that is reported, else by the address, if we wrote there."""
    addresses = [row.address] if row is not None else [normal(address) for address in one.reading.complainers]
    issues = {row.issue_id} if row is not None else set()
    for address in addresses:
        if row is None and not _written_to(session, address):
            continue
        if _was_lifted_since(session, address, SuppressionReason.COMPLAINT, one.at):
            continue
        suppress(session, address, reason=SuppressionReason.COMPLAINT, now=now, proof=_proof(one, row))
        if row is not None:
            _left_by(session, row, now)
        else:
            mark_left(session, address, now)
    return issues


def _proof(one: Came, row: Recipient | None) -> dict[str, Any]:
    proof: dict[str, Any] = {"message_id": one.reading.message_id, "mail": one.id}
    if row is not None:
        proof |= {"issue_id": row.issue_id, "recipient_id": row.id}
    return proof


def _was_lifted_since(session: Session, address: str, reason: SuppressionReason, at: datetime) -> bool:
    """Whether a person has taken such a suppression off after that: what happened before is settled."""
    asked = select(Suppression.id).where(
        Suppression.value == address, Suppression.reason == reason, Suppression.lifted_at >= at
    )
    return session.scalar(asked.limit(1)) is not None
