"""Whether mail to a contact arrives: a hard bounce marks the address, with reason and time, until a person clears it.

A bounce is believed only when it is about something we sent: it returns the Message-ID of our mail, or we wrote to the address,
personally or with a newsletter.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from inboxcrm.journal.unjudged import mark
from inboxcrm.matching.lookup import chunks
from inboxcrm.matching.mail import RECIPIENTS, Mail
from inboxcrm.model import (
    AddressHealth,
    Contact,
    ContactAddress,
    Direction,
    FieldChange,
    FieldSource,
    Message,
    Party,
    PartyRole,
    Recipient,
    RecipientState,
)
from inboxcrm.reading.addresses import normal


def note_bounces(session: Session, mails: Sequence[Mail], now: datetime) -> None:
    """Marks the addresses that a batch, or an earlier bounce of what the batch shows we sent, reports as not working."""
    failed = {party.address for mail in mails for party in mail.of(PartyRole.FAILED)}
    written = {party.address for mail in mails if mail.direction is Direction.OUT for party in mail.of(*RECIPIENTS)}
    for some in chunks(written - failed):
        failed.update(
            session.scalars(select(Party.address).where(Party.address.in_(some), Party.role == PartyRole.FAILED))
        )
    check(session, failed, now)


def check(session: Session, addresses: Collection[str], now: datetime) -> None:
    """Marks those of the addresses (comparison form) that are contacts' and about which a believable hard bounce is known."""
    for some in chunks(addresses):
        _mark(session, some, now)


def _mark(session: Session, failed: Sequence[str], now: datetime) -> None:
    contacts = session.scalars(
        select(ContactAddress).where(
            ContactAddress.address.in_(failed), ContactAddress.health != AddressHealth.BOUNCING
        )
    ).all()
    if not contacts:
        return
    reports = _hard_reports(session, {one.address for one in contacts})
    for one in contacts:
        report = reports.get(one.address)
        if report is None or (one.health_at is not None and report[0] <= one.health_at):
            continue
        at, reason, message_id = report
        session.add(
            FieldChange(
                entity="contact",
                entity_id=one.contact_id,
                field="health",
                old={"address": one.address, "health": one.health.value, "reason": one.health_reason},
                new={"address": one.address, "health": AddressHealth.BOUNCING.value, "reason": reason},
                source=FieldSource.MAIL,
                message_id=message_id,
                at=now,
            )
        )
        one.health, one.health_at, one.health_reason = AddressHealth.BOUNCING, at, reason
    session.flush()
    mark(
        session,
        session.scalars(
            select(Contact.customer_id).where(Contact.id.in_({one.contact_id for one in contacts})).distinct()
        ).all(),
    )


def _hard_reports(session: Session, addresses: set[str]) -> dict[str, tuple[datetime, str, int]]:
    """Address → (when, reason, bounce) of its last believable hard bounce."""
    rows = session.execute(
        select(Party.address, Message.id, Message.at, Message.bounce)
        .join(Message, Message.id == Party.message_id)
        .where(Party.address.in_(addresses), Party.role == PartyRole.FAILED, Message.automatic == "bounce")
    ).all()
    originals = {bounce["original_message_id"] for *_rest, bounce in rows if bounce} - {""}
    ours = set(
        session.scalars(
            select(Message.message_id).where(Message.message_id.in_(originals), Message.direction == Direction.OUT)
        )
    )
    ours |= set(session.scalars(select(Recipient.message_id).where(Recipient.message_id.in_(originals))))
    written = set(
        session.scalars(
            select(Party.address)
            .join(Message, Message.id == Party.message_id)
            .where(Party.address.in_(addresses), Party.role.in_(RECIPIENTS), Message.direction == Direction.OUT)
        )
    )
    written |= set(
        session.scalars(
            select(Recipient.address).where(Recipient.address.in_(addresses), Recipient.state == RecipientState.SENT)
        )
    )
    found: dict[str, tuple[datetime, str, int]] = {}
    for address, message_id, at, bounce in rows:
        report = _hard(bounce, address)
        if report is None or (address not in written and bounce["original_message_id"] not in ours):
            continue
        if address not in found or at > found[address][0]:
            found[address] = (at, report, message_id)
    return found


def _hard(bounce: dict[str, Any] | None, address: str) -> str | None:
    """The reason of the hard failure that a bounce reports for an address; None when it reports none."""
    for one in (bounce or {}).get("recipients", ()):
        if one["kind"] == "hard" and normal(one["address"]) == address:
            return " ".join(part for part in (one["status"], one["reason"]) if part)
    return None
