"""Where a mail to a contact belongs: the thread that it goes on, whom it answers and who reads along, and the account that holds it.

It writes nothing. Nobody gets mail who must not (`inboxcrm.followup.review.forbidden`), nor anybody of another customer who happened
to stand in the thread.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from inboxcrm.followup.gathering import record_in_question
from inboxcrm.followup.review import forbidden
from inboxcrm.matching.domains import is_relay, is_shared
from inboxcrm.matching.own import OwnAddresses
from inboxcrm.matching.threads import bare_subject
from inboxcrm.model import (
    AddressHealth,
    BusinessRecord,
    Channel,
    Contact,
    ContactAddress,
    Customer,
    CustomerDomain,
    DecisionRole,
    Direction,
    Folder,
    FollowUp,
    Location,
    LogEntry,
    Message,
    Party,
    PartyRole,
)
from inboxcrm.reading.addresses import domain_of, normal
from inboxcrm.reading.identity import usable

THREAD_LIVES = timedelta(days=180)
"""A thread with a contact that is older is not taken up again: a new one is begun."""
RECORD_THREAD_LIVES = timedelta(days=365)
"""The same for the thread of the record in question."""
_MOST_REFERENCES = 20
_NO_REPLY = re.compile(r"(?i)(?:no|do-?not|don-?t)[-_.]?reply|mailer-daemon|postmaster|bounces?")


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody in an address field, as written."""

    name: str
    address: str

    def as_json(self) -> dict[str, str]:
        """As a draft holds it."""
        return {"name": self.name, "address": self.address}


@dataclass(frozen=True, slots=True)
class Conversation:
    """`answers` is the mail that is answered, None for a new thread. `to` is empty when nobody is left who may get mail."""

    contact: Contact
    to: tuple[Recipient, ...]
    cc: tuple[Recipient, ...] = ()
    """Who read along, our own people too."""
    answers: Message | None = None
    subject: str = ""
    """"Re: …", or "" where a new thread begins or the thread has no subject."""
    references: tuple[str, ...] = ()

    @property
    def in_reply_to(self) -> str:
        """The Message-ID that is answered; "" for none, or one that can't be named."""
        return self.answers.message_id if self.answers is not None and usable(self.answers.message_id) else ""


def find(
    session: Session,
    customer: Customer,
    own: OwnAddresses,
    now: datetime,
    *,
    follow_up: FollowUp | None = None,
    contact: Contact | None = None,
) -> Conversation | None:
    """Where a mail to this customer belongs; None when the customer has no contact.

    `contact`: to whom it should go, else whom the follow-up or its record names, else who wrote last. The thread: the follow-up's,
    its record's, else the last one with that contact, unless it is too old.
    """
    record = record_in_question(session, follow_up)
    asked = contact or _named_contact(session, customer, follow_up, record) or _likeliest(session, customer)
    if asked is None:
        return None
    threads = [one.thread_id for one in (follow_up, record) if one is not None and one.thread_id is not None]
    for thread in threads:
        answered = _last_mail(session, customer.id, now - RECORD_THREAD_LIVES, thread=thread)
        if answered is not None and (
            found := _reply(session, customer, asked, answered, own, fixed=contact is not None)
        ):
            return found
    answered = _last_mail(session, customer.id, now - THREAD_LIVES, contact=asked.id)
    if answered is not None and (found := _reply(session, customer, asked, answered, own, fixed=contact is not None)):
        return found
    return _new_thread(session, customer, asked, own, fixed=contact is not None)


def account_of(session: Session, customer_id: int, answers: Message | None, accounts: Collection[int]) -> int | None:
    """The account (of `accounts`) that a mail goes from: the one that holds the answered mail, else the one whose mailbox holds the
    customer's last mail; None when neither tells.
    """
    held = (
        select(Folder.account_id)
        .join(Location, Location.folder_id == Folder.id)
        .join(Message, Message.id == Location.message_id)
        .where(Folder.account_id.in_(accounts))
        .order_by(Message.at.desc(), Location.id)
        .limit(1)
    )
    if answers is not None:
        for where in (Message.id == answers.id, Message.thread_id == answers.thread_id):
            if (found := session.scalar(held.where(where))) is not None:
                return found
    return session.scalar(
        held.join(LogEntry, LogEntry.message_id == Message.id).where(LogEntry.customer_id == customer_id)
    )


def _named_contact(
    session: Session, customer: Customer, follow_up: FollowUp | None, record: BusinessRecord | None
) -> Contact | None:
    for one in (follow_up, record):
        if one is not None and one.contact_id is not None:
            found = session.get(Contact, one.contact_id)
            if found is not None and found.customer_id == customer.id:
                return found
    return None


def _likeliest(session: Session, customer: Customer) -> Contact | None:
    """Who wrote last, else who decides, else the first; those without an address that works come last."""
    wrote = session.scalar(
        select(LogEntry.contact_id)
        .where(
            LogEntry.customer_id == customer.id,
            LogEntry.direction == Direction.IN,
            LogEntry.automatic == "",
            LogEntry.contact_id.is_not(None),
        )
        .order_by(LogEntry.at.desc(), LogEntry.id.desc())
        .limit(1)
    )
    ranked = sorted(
        customer.contacts,
        key=lambda one: (
            all(address.health is not AddressHealth.OK for address in one.addresses),
            one.id != wrote,
            one.decision_role is not DecisionRole.DECISION_MAKER,
            one.id,
        ),
    )
    return ranked[0] if ranked else None


def _last_mail(
    session: Session, customer: int, since: datetime, *, thread: int | None = None, contact: int | None = None
) -> Message | None:
    """The last mail between people in the customer's log."""
    query = (
        select(Message)
        .join(LogEntry, LogEntry.message_id == Message.id)
        .where(
            LogEntry.customer_id == customer,
            LogEntry.channel == Channel.MAIL,
            Message.automatic == "",
            Message.at >= since,
        )
        .order_by(Message.at.desc(), Message.id.desc())
        .limit(1)
    )
    if thread is not None:
        query = query.where(Message.thread_id == thread)
    if contact is not None:
        query = query.where(LogEntry.contact_id == contact)
    last = session.scalars(query).first()
    if last is None or thread is not None:
        return last
    # The thread may have gone on with a colleague.
    return _last_mail(session, customer, since, thread=last.thread_id) or last


def _reply(
    session: Session, customer: Customer, asked: Contact, answered: Message, own: OwnAddresses, *, fixed: bool
) -> Conversation | None:
    """An answer to that mail; None when the one to write to has no part in it. `fixed`: a person chose `asked`."""
    contacts = {address: contact for contact in customer.contacts for address in _addresses(contact)}
    writer = _reply_to(session, answered, contacts)
    named = {
        role: [Recipient(one["name"], one["address"]) for one in answered.recipients if one["role"] == role]
        for role in ("to", "cc")
    }
    first = writer if answered.direction is Direction.IN else named["to"]
    others = [*(named["to"] if answered.direction is Direction.IN else ()), *named["cc"]]
    allowed = _allowed(session, customer, [*first, *others], own)
    to = [one for one in first if normal(one.address) in allowed and not own.is_ours(normal(one.address))]
    cc = [one for one in others if normal(one.address) in allowed or own.is_ours(normal(one.address))]
    theirs = _addresses(asked)
    present = [one for one in (*to, *cc) if normal(one.address) in theirs]
    written_to = next((contacts[normal(one.address)] for one in to if normal(one.address) in contacts), None)
    if written_to is None and to and answered.direction is Direction.IN:
        written_to = contacts.get(answered.sender_address)
    if present and (fixed or written_to is None):
        to, cc = present[:1], [*to, *cc]
        written_to = asked
    elif not present and (fixed or written_to is None):
        return None
    if written_to is None or not to:
        return None
    taken = {normal(one.address) for one in to}
    bare = bare_subject(answered.subject)
    return Conversation(
        contact=written_to,
        to=_once(to, ()),
        cc=_once(cc, taken),
        answers=answered,
        subject=f"Re: {bare}" if bare else "",
        references=_references(session, answered),
    )


def _new_thread(
    session: Session, customer: Customer, asked: Contact, own: OwnAddresses, *, fixed: bool
) -> Conversation:
    """A new thread, to the first address that works: of the contact, and where no person chose it, of another one."""
    for contact in (asked,) if fixed else (asked, *(one for one in customer.contacts if one.id != asked.id)):
        people = [Recipient(contact.name, one.written) for one in contact.addresses if one.health is AddressHealth.OK]
        allowed = _allowed(session, customer, people, own)
        if to := [one for one in people if normal(one.address) in allowed][:1]:
            return Conversation(contact, tuple(to))
    return Conversation(asked, ())


def _reply_to(session: Session, message: Message, known: Collection[str]) -> list[Recipient]:
    """Whom an answer to the mail goes to: its Reply-To, else its sender, as they write themselves.

    A Reply-To counts that is `known`, or of the sender's own domain, or stands for a robot that takes no mail: elsewhere it is how
    answers are led to a stranger.
    """
    sender = message.sender_address
    asked = session.execute(
        select(Party.address, Party.name).where(Party.message_id == message.id, Party.role == PartyRole.REPLY_TO)
    ).all()
    believed = [
        (one.name, one.address)
        for one in asked
        if one.address in known
        or (domain_of(one.address) == domain_of(sender) and not is_shared(domain_of(sender)))
        or is_relay(sender)
    ]
    people = believed or [(message.sender_name, sender)]
    written = {
        row.address: row.written
        for row in session.execute(
            select(ContactAddress.address, ContactAddress.written).where(
                ContactAddress.address.in_([address for _name, address in people])
            )
        )
    }
    return [Recipient(name or message.sender_name, written.get(address, address)) for name, address in people]


def _allowed(session: Session, customer: Customer, people: Iterable[Recipient], own: OwnAddresses) -> set[str]:
    """Which addresses (comparison form) of these may get a mail about this customer."""
    by_normal = {normal(one.address): one.address for one in people}
    refused = {normal(address) for address in forbidden(session, list(by_normal.values()))}
    ours = _addresses(*customer.contacts)
    domains = {domain_of(address) for address in by_normal} - {domain_of(address) for address in ours}
    strangers = set(
        session.scalars(
            select(ContactAddress.address)
            .join(Contact, Contact.id == ContactAddress.contact_id)
            .where(ContactAddress.address.in_(by_normal), Contact.customer_id != customer.id)
        )
    ) - set(ours)
    foreign = set(
        session.scalars(
            select(CustomerDomain.domain).where(
                CustomerDomain.domain.in_([one for one in domains if not is_shared(one)]),
                CustomerDomain.customer_id != customer.id,
                CustomerDomain.domain.not_in(
                    select(CustomerDomain.domain).where(CustomerDomain.customer_id == customer.id)
                ),
            )
        )
    )
    return {
        address
        for address in by_normal
        if domain_of(address)
        and address not in refused | strangers
        and domain_of(address) not in foreign
        and not own.is_person(address)
        and not _NO_REPLY.search(address.partition("@")[0])
    }


def _addresses(*contacts: Contact) -> Sequence[str]:
    return [one.address for contact in contacts for one in contact.addresses]


def _once(people: Iterable[Recipient], taken: Collection[str]) -> tuple[Recipient, ...]:
    found: dict[str, Recipient] = {}
    for one in people:
        if normal(one.address) not in taken:
            found.setdefault(normal(one.address), one)
    return tuple(found.values())


def _references(session: Session, answered: Message) -> tuple[str, ...]:
    """The References of an answer (RFC 5322 3.6.4), oldest first: the chain of answers as far as it is known, then the mail itself."""
    chain = [answered.message_id] if usable(answered.message_id) else []
    parent = answered.in_reply_to
    while usable(parent) and parent not in chain and len(chain) < _MOST_REFERENCES:
        chain.append(parent)
        parent = session.scalar(select(Message.in_reply_to).where(Message.message_id == parent).limit(1)) or ""
    return tuple(reversed(chain))
