"""Decides anew about stored mails when a customer file learns or loses an address or a domain: the older mails enter the log at
their own dates, or leave it.

Their texts are fetched afterwards by the service (`TextState.WANTED`); the entries stand there at once.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from inboxcrm.journal.record import Recorded, reconsider
from inboxcrm.matching.domains import parents
from inboxcrm.matching.lookup import chunks, unsettled
from inboxcrm.matching.store import NO_TEXT
from inboxcrm.matching.turn import wait_turn
from inboxcrm.model import (
    Contact,
    ContactAddress,
    ContactProposal,
    LogEntry,
    Message,
    Party,
    ProposalState,
    Standing,
    TextState,
)

_PORTION = 2_000
"""Messages that are decided about at once; a thread is never torn apart for it."""


def rematch(
    session: Session,
    addresses: Collection[str],
    domains: Collection[str],
    now: datetime,
    *,
    forget_text: bool = False,
) -> Recorded:
    """Decides anew about all messages that name one of `addresses` (comparison form) or an address at or under one of `domains`,
    and about what hangs on them by thread.

    With `forget_text` a message that becomes nobody's keeps its header only: a person took back what they had said.
    """
    wait_turn(session)
    session.flush()
    named = _naming(session, set(addresses), set(domains))
    threads: dict[int, set[int]] = {}
    for some in chunks(named):
        for message, thread in session.execute(select(Message.id, Message.thread_id).where(Message.id.in_(some))):
            threads.setdefault(thread, set()).add(message)
    done = Recorded()
    portion: set[int] = set()
    waiting: list[int] = []
    for thread, messages in threads.items():
        portion |= messages
        waiting.append(thread)
        if len(portion) >= _PORTION:
            _reconsider(session, portion, waiting, now, done)
            portion, waiting = set(), []
    _reconsider(session, portion, waiting, now, done)
    _settle_proposals(session, addresses)
    if forget_text:
        _forget_texts(session, [message for message, standing in done.standings.items() if standing in _NOBODYS])
    return done


_NOBODYS = (Standing.UNMATCHED, Standing.IGNORED)


def _reconsider(session: Session, named: set[int], threads: Collection[int], now: datetime, done: Recorded) -> None:
    if not named:
        return
    messages = set(named)
    for some in chunks(threads):
        messages.update(session.scalars(unsettled(some)))
    done.add(reconsider(session, messages, now))


def _naming(session: Session, addresses: set[str], domains: set[str]) -> set[int]:
    found: set[int] = set()
    if domains:
        # Sub-domains are found by going once through the domains that mails have named, not once a domain of the files.
        met = session.scalars(select(Party.domain).distinct())
        domains = {name for name in met if not domains.isdisjoint(parents(name))}
    for column, values in ((Party.address, addresses), (Party.domain, domains)):
        for some in chunks(values):
            found.update(session.scalars(select(Party.message_id).where(column.in_(some))))
    return found


def _settle_proposals(session: Session, addresses: Collection[str]) -> None:
    """What was proposed as a contact and has become one is no longer asked about."""
    is_contact = (
        select(Contact.id)
        .join(ContactAddress, ContactAddress.contact_id == Contact.id)
        .where(Contact.customer_id == ContactProposal.customer_id, ContactAddress.address == ContactProposal.address)
        .exists()
    )
    for some in chunks(addresses):
        session.execute(
            update(ContactProposal)
            .where(ContactProposal.address.in_(some), ContactProposal.state == ProposalState.OPEN, is_contact)
            .values(state=ProposalState.ACCEPTED)
            .execution_options(synchronize_session=False)
        )


def _forget_texts(session: Session, messages: Collection[int]) -> None:
    for some in chunks(messages):
        logged = set(session.scalars(select(LogEntry.message_id).where(LogEntry.message_id.in_(some))))
        session.execute(
            update(Message)
            .where(Message.id.in_([one for one in some if one not in logged]))
            .values(text_state=TextState.ABSENT, **NO_TEXT)
        )
