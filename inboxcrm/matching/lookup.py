"""The queries of matching: what the customer files and the log know about a batch of addresses, domains and threads.

A handful of indexed IN-queries a batch, never one a mail, and none whose cost grows with the number of customers.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from typing import Any, TypeVar

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from inboxcrm.matching.domains import is_shared, parents
from inboxcrm.matching.lookalike import look_alikes
from inboxcrm.matching.mail import Mail, Named
from inboxcrm.matching.rules import SURE, Known, ThreadFacts
from inboxcrm.model import (
    Contact,
    ContactAddress,
    CustomerDomain,
    Direction,
    Exclusion,
    LogEntry,
    MatchedBy,
    Message,
    Party,
    PartyRole,
    Standing,
)

_T = TypeVar("_T")

CHUNK = 500
"""Values in one IN: far below the limits of both databases, so that statements stay cached and small."""


def chunks(values: Collection[_T], size: int = CHUNK) -> Iterator[list[_T]]:
    """`values` in lists of at most `size`."""
    listed = list(values)
    for start in range(0, len(listed), size):
        yield listed[start : start + size]


def known_of(session: Session, mails: Collection[Mail]) -> Known:
    """What is known of every address and domain that `mails` name."""
    addresses = {party.address for mail in mails for party in mail.parties}
    domains = {name for address in addresses for name in parents(address.rpartition("@")[2]) if not is_shared(name)}
    contacts = contacts_of(session, addresses)
    owners = customers_of_domains(session, domains)
    ignored = exclusions(session)
    known = Known(contacts, owners, ignored)
    strangers = {
        party.address
        for mail in mails
        if mail.direction is Direction.IN and not mail.automatic
        for party in mail.of(PartyRole.FROM, PartyRole.REPLY_TO)
        if party.address not in contacts and not known.owners(party.domain)[1]
    }
    return Known(contacts, owners, ignored, look_alikes(session, strangers)) if strangers else known


def contacts_of(session: Session, addresses: Collection[str]) -> dict[str, tuple[tuple[int, int], ...]]:
    """Address → its (customer, contact) pairs, one a customer, for those that are contacts' addresses."""
    found: dict[str, dict[int, int]] = defaultdict(dict)
    for some in chunks(addresses):
        for address, customer, contact in session.execute(
            select(ContactAddress.address, Contact.customer_id, Contact.id)
            .join(Contact, Contact.id == ContactAddress.contact_id)
            .where(ContactAddress.address.in_(some))
            .order_by(ContactAddress.id)
        ):
            found[address].setdefault(customer, contact)
    return {address: tuple(pairs.items()) for address, pairs in found.items()}


def customers_of_domains(session: Session, domains: Collection[str]) -> dict[str, tuple[int, ...]]:
    """Domain → the customers that have it, for those that are a customer's."""
    found: dict[str, list[int]] = defaultdict(list)
    for some in chunks(domains):
        for domain, customer in session.execute(
            select(CustomerDomain.domain, CustomerDomain.customer_id)
            .where(CustomerDomain.domain.in_(some))
            .order_by(CustomerDomain.customer_id)
        ):
            found[domain].append(customer)
    return {domain: tuple(customers) for domain, customers in found.items()}


def exclusions(session: Session) -> frozenset[str]:
    """All ignored addresses and domains: a list that a person made by hand, so a short one."""
    return frozenset(session.scalars(select(Exclusion.value)))


def thread_facts_of(
    session: Session, threads: Collection[int], *, without: Collection[int] = ()
) -> dict[int, ThreadFacts]:
    """Thread → whose it is by the log entries of its stored messages, those in `without` left out."""
    sure: dict[int, set[int]] = defaultdict(set)
    likely: dict[int, set[int]] = defaultdict(set)
    left_out = set(without)
    for some in chunks(threads):
        for thread, message, customer, by, confidence, warnings, person in session.execute(
            select(
                Message.thread_id,
                Message.id,
                LogEntry.customer_id,
                LogEntry.matched_by,
                LogEntry.confidence,
                LogEntry.warnings,
                LogEntry.created_by,
            )
            .join(LogEntry, LogEntry.message_id == Message.id)
            .where(Message.thread_id.in_(some), LogEntry.matched_by.not_in((MatchedBy.THREAD, MatchedBy.BOUNCE)))
        ):
            if message in left_out or warnings:
                continue
            if person or by is MatchedBy.PERSON or (by is MatchedBy.ADDRESS and confidence >= SURE):
                sure[thread].add(customer)
            else:
                likely[thread].add(customer)
    return {thread: ThreadFacts(frozenset(sure[thread]), frozenset(likely[thread])) for thread in {*sure, *likely}}


def parties_of(session: Session, messages: Collection[int]) -> dict[int, list[Named]]:
    """Message → the outside addresses it names, as stored."""
    found: dict[int, list[Named]] = defaultdict(list)
    for some in chunks(messages):
        for message, role, address, name in session.execute(
            select(Party.message_id, Party.role, Party.address, Party.name).where(Party.message_id.in_(some))
        ):
            found[message].append(Named(role, address, name, address))
    return found


_ORDER = {role: place for place, role in enumerate(PartyRole)}


def mail_of_stored(row: Any, parties: Iterable[Named]) -> Mail:
    """The mail of a stored message (a row with `direction`, `automatic`, `sender_verified`) and its parties."""
    ordered = sorted(parties, key=lambda party: (_ORDER[party.role], party.address))
    return Mail(row.direction, tuple(ordered), row.automatic, row.sender_verified)


def unsettled(threads: Collection[int]) -> Select[int]:
    """The messages of some threads that are nobody's, not matched by a sure address, or that name an address of several customers:
    those that other mails can tell about.
    """
    of_several = (
        select(Party.address)
        .join(ContactAddress, ContactAddress.address == Party.address)
        .join(Contact, Contact.id == ContactAddress.contact_id)
        .where(Party.message_id == Message.id)
        .group_by(Party.address)
        .having(func.count(Contact.customer_id.distinct()) > 1)
    )
    return (
        select(Message.id)
        .outerjoin(LogEntry, LogEntry.message_id == Message.id)
        .where(
            Message.thread_id.in_(threads),
            Message.standing != Standing.INTERNAL,
            or_(
                LogEntry.id.is_(None),
                LogEntry.matched_by.not_in((MatchedBy.ADDRESS, MatchedBy.PERSON)),
                LogEntry.confidence < SURE,
                of_several.exists(),
            ),
        )
    )
