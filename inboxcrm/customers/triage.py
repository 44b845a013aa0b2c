"""The triage list: mail that matches nobody, grouped by who wrote it or whom we wrote to; and what a person says about it.

One step makes a customer, adds to one, or ignores a sender or domain; the older mails follow. Each step can be undone in one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Integer, and_, case, delete, func, or_, select, union_all, update
from sqlalchemy.orm import Session

from inboxcrm.customers.fields import FieldError
from inboxcrm.customers.file import NotThereError, add_contact, check_address, check_domain, create_customer
from inboxcrm.customers.health import check
from inboxcrm.customers.index import index_customers
from inboxcrm.customers.provenance import Origin, note
from inboxcrm.i18n import _
from inboxcrm.journal.record import Recorded
from inboxcrm.journal.rematch import rematch
from inboxcrm.matching.domains import is_relay, is_shared, registrable
from inboxcrm.matching.lookalike import look_alikes
from inboxcrm.matching.lookup import chunks, customers_of_domains
from inboxcrm.matching.mail import RECIPIENTS
from inboxcrm.model import (
    Contact,
    ContactAddress,
    Customer,
    CustomerDomain,
    Direction,
    Exclusion,
    ExclusionKind,
    FieldChange,
    LogEntry,
    Message,
    Party,
    PartyRole,
    Standing,
)
from inboxcrm.reading.addresses import normal

ASSIGNED = "assigned"
"""The field under which an assignment is noted, for undoing it."""


@dataclass(frozen=True, slots=True)
class Group:
    """The unmatched mail of one address: `mails` from it and to it, the newest of them, and what speaks for or against it.

    `is_noise`: only machines wrote (lists, robots). `look_alike`: the customer's domain or address that it imitates.
    `candidates`: customers that share its domain.
    """

    address: str
    name: str
    domain: str
    mails: int
    sent: int
    last_at: datetime
    last_subject: str
    last_message_id: int
    is_noise: bool
    forged: int = 0
    """Mails whose sender the mail provider could not verify."""
    look_alike: dict[str, Any] | None = None
    candidates: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class DomainGroup:
    """The groups of one company's domain, newest first; free-mail addresses stand alone, with an empty `domain`."""

    domain: str
    groups: tuple[Group, ...]

    @property
    def mails(self) -> int:
        """Mails of all its addresses."""
        return sum(one.mails for one in self.groups)

    @property
    def is_noise(self) -> bool:
        """Whether no person is among them."""
        return all(one.is_noise for one in self.groups)


@dataclass(frozen=True, slots=True)
class Assigned:
    """What an assignment did: the customer, and the entries that the older mails became."""

    customer_id: int
    recorded: Recorded = field(default_factory=Recorded)


def groups(session: Session, *, noise: bool | None = False, limit: int = 200, offset: int = 0) -> list[Group]:
    """The unmatched mail by address, newest first: of people (`noise` False), of machines (True) or of both (None)."""
    found = _groups(session)
    if noise is not None:
        found = [one for one in found if one.is_noise is noise]
    return _with_facts(session, found[offset : offset + limit])


def by_domain(session: Session, *, noise: bool | None = False, limit: int = 200, offset: int = 0) -> list[DomainGroup]:
    """The same, by company domain; the domain with the newest mail first."""
    together: dict[str, list[Group]] = defaultdict(list)
    for one in _groups(session):
        shared = is_shared(one.domain) or not one.domain
        together[one.address if shared else registrable(one.domain) or one.domain].append(one)
    found = [
        DomainGroup("" if "@" in name else name, tuple(members))
        for name, members in together.items()
        if noise is None or all(one.is_noise for one in members) is noise
    ][offset : offset + limit]
    facts = {one.address: one for one in _with_facts(session, [one for some in found for one in some.groups])}
    return [DomainGroup(some.domain, tuple(facts[one.address] for one in some.groups)) for some in found]


def counts(session: Session) -> tuple[int, int]:
    """How many addresses wait: (of people, of machines)."""
    found = _groups(session)
    machines = sum(one.is_noise for one in found)
    return len(found) - machines, machines


def mails_of(session: Session, value: str, *, limit: int = 50) -> Sequence[Message]:
    """The newest unmatched messages that name an address, or an address of a domain."""
    named = Party.address == normal(value) if "@" in value else Party.domain == value
    ids = select(Party.message_id).where(named)
    return session.scalars(
        select(Message)
        .where(Message.standing == Standing.UNMATCHED, Message.id.in_(ids))
        .order_by(Message.at.desc(), Message.id.desc())
        .limit(limit)
    ).all()


def assign(
    session: Session,
    value: str,
    origin: Origin,
    *,
    customer_id: int | None = None,
    new_customer: str = "",
    contact_name: str = "",
) -> Assigned:
    """Says that an address ("anna@buyer.de") or a domain ("buyer.de") is a customer's: of an existing one, or of a new one with this
    name. Older mails enter the log. Raises FieldError, NotThereError.
    """
    is_address = "@" in value
    value = check_address(value) if is_address else check_domain(value)
    if (customer_id is None) == (not new_customer):
        raise FieldError("customer", _("Name either an existing customer or a new one."))
    customer = (
        create_customer(session, new_customer, origin) if customer_id is None else session.get(Customer, customer_id)
    )
    if customer is None:
        raise NotThereError(_("There is no customer with the number {id}.").format(id=customer_id))
    fact: dict[str, Any] = {"value": normal(value) if is_address else value, "new_customer": customer_id is None}
    if is_address:
        contact_id, is_new = _contact_for(session, customer, value, contact_name, origin)
        fact |= {"contact": contact_id, "new_contact": is_new}
    elif session.get(CustomerDomain, (value, customer.id)) is None:
        session.add(CustomerDomain(domain=value, customer_id=customer.id))
    note(session, customer, ASSIGNED, old=None, new=fact, origin=origin)
    session.execute(delete(Exclusion).where(Exclusion.value == fact["value"]))
    session.flush()
    index_customers(session, [customer.id])
    check(session, [fact["value"]], origin.now)
    done = rematch(session, [fact["value"]] if is_address else [], [] if is_address else [value], origin.now)
    return Assigned(customer.id, done)


def ignore(session: Session, value: str, origin: Origin) -> Exclusion:
    """Says that an address or a domain is nobody's business: its mail leaves the triage list and comes no more.

    Raises FieldError when it is neither.
    """
    is_address = "@" in value
    known = normal(value) if is_address else value.strip().lower().lstrip("@")
    if not known or (not is_address and not registrable(known)):
        raise FieldError("value", _("{value!r} is neither a mail address nor a domain.").format(value=value))
    there = session.scalars(select(Exclusion).where(Exclusion.value == known, Exclusion.kind == _kind(known))).first()
    if there is not None:
        return there
    exclusion = Exclusion(kind=_kind(known), value=known, created_at=origin.now, created_by=origin.by)
    session.add(exclusion)
    session.flush()
    rematch(session, [known] if is_address else [], [] if is_address else [known], origin.now, forget_text=True)
    return exclusion


def undo(session: Session, origin: Origin, value: str = "") -> str:
    """Takes back what was last said in triage, or what was last said about `value`. Returns the address or domain.

    Raises NotThereError when nothing was said.
    """
    value = normal(value) if "@" in value else value.strip().lower()
    exclusion = session.scalars(
        select(Exclusion)
        .where(*([Exclusion.value == value] if value else []))
        .order_by(Exclusion.created_at.desc(), Exclusion.id.desc())
        .limit(1)
    ).first()
    change = _last_assignment(session, value)
    if change is None and exclusion is None:
        raise NotThereError(_("There is nothing to undo."))
    if change is None or (exclusion is not None and exclusion.created_at >= change.at):
        assert exclusion is not None  # noqa: S101  for mypy: one of the two is there
        return _listen_again(session, exclusion, origin)
    return _take_back(session, change, origin)


def _kind(value: str) -> ExclusionKind:
    return ExclusionKind.SENDER if "@" in value else ExclusionKind.DOMAIN


def _contact_for(session: Session, customer: Customer, written: str, name: str, origin: Origin) -> tuple[int, bool]:
    """The contact that has the address now, and whether it was made for it."""
    there = session.scalars(
        select(ContactAddress.contact_id)
        .join(Contact, Contact.id == ContactAddress.contact_id)
        .where(Contact.customer_id == customer.id, ContactAddress.address == normal(written))
    ).first()
    if there is not None:
        return there, False
    if not name:
        name = (
            session.scalars(
                select(Party.name)
                .where(Party.address == normal(written), Party.name != "")
                .order_by(Party.message_id.desc())
            ).first()
            or ""
        )
    contact = add_contact(session, customer.id, name, origin)
    session.add(ContactAddress(contact_id=contact.id, address=normal(written), written=written))
    return contact.id, True


def _last_assignment(session: Session, value: str) -> FieldChange | None:
    """The last assignment that wasn't taken back (of `value`, when given)."""
    taken_back: set[tuple[int, str]] = set()
    for change in session.scalars(
        select(FieldChange)
        .where(FieldChange.entity == "customer", FieldChange.field == ASSIGNED)
        .order_by(FieldChange.id.desc())
    ):
        fact = change.new or change.old
        key = (change.entity_id, fact["value"])
        if change.new is None:
            taken_back.add(key)
        elif key in taken_back:
            taken_back.discard(key)
        elif not value or fact["value"] == value:
            return change
    return None


def _listen_again(session: Session, exclusion: Exclusion, origin: Origin) -> str:
    value, is_address = exclusion.value, exclusion.kind is ExclusionKind.SENDER
    of_domain = or_(Party.domain == value, Party.domain.endswith(f".{value}"))
    named = select(Party.message_id).where(Party.address == value if is_address else of_domain)
    # Ignored without an exclusion would mean that a person took the mail out by hand.
    session.execute(
        update(Message)
        .where(Message.standing == Standing.IGNORED, Message.id.in_(named))
        .values(standing=Standing.UNMATCHED)
    )
    session.delete(exclusion)
    session.flush()
    rematch(session, [value] if is_address else [], [] if is_address else [value], origin.now)
    return value


def _take_back(session: Session, change: FieldChange, origin: Origin) -> str:
    fact = change.new
    customer = session.get(Customer, change.entity_id)
    if customer is None:
        raise NotThereError(_("The customer is no longer there."))
    value: str = fact["value"]
    is_address = "@" in value
    if is_address:
        session.execute(
            delete(ContactAddress).where(ContactAddress.address == value, ContactAddress.contact_id == fact["contact"])
        )
        rest = select(ContactAddress.id).where(ContactAddress.contact_id == fact["contact"])
        if fact["new_contact"] and session.scalars(rest).first() is None:
            session.execute(delete(Contact).where(Contact.id == fact["contact"]))
    else:
        session.execute(
            delete(CustomerDomain).where(CustomerDomain.domain == value, CustomerDomain.customer_id == customer.id)
        )
    note(session, customer, ASSIGNED, old=fact, new=None, origin=origin)
    session.flush()
    session.expire_all()
    rematch(session, [value] if is_address else [], [] if is_address else [value], origin.now, forget_text=True)
    if fact["new_customer"] and _is_empty(session, customer.id):
        session.execute(delete(Customer).where(Customer.id == customer.id))
    else:
        index_customers(session, [customer.id])
    return value


def _is_empty(session: Session, customer_id: int) -> bool:
    return not any(
        session.scalars(select(column).where(owner == customer_id).limit(1)).first()
        for column, owner in (
            (Contact.id, Contact.customer_id),
            (CustomerDomain.domain, CustomerDomain.customer_id),
            (LogEntry.id, LogEntry.customer_id),
        )
    )


def _groups(session: Session) -> list[Group]:
    """All groups, newest first, without what needs other look-ups."""
    senders = session.scalars(
        select(Message.sender_address)
        .where(Message.standing == Standing.UNMATCHED, Message.direction == Direction.IN)
        .distinct()
    )
    relays = [address for address in senders if is_relay(address)]
    columns = (
        Party.address.label("address"),
        Party.name.label("name"),
        Party.domain.label("domain"),
        Message.id.label("message"),
        Message.at.label("at"),
        Message.subject.label("subject"),
        case((Message.automatic == "", 0), else_=1).label("machine"),
        case((Message.direction == Direction.OUT, 1), else_=0).label("sent"),
        case((Message.sender_verified.is_(False), 1), else_=0).label("forged"),
    )
    waiting = (
        select(*columns).join(Message, Message.id == Party.message_id).where(Message.standing == Standing.UNMATCHED)
    )
    replies = select(Party.message_id).where(Party.role == PartyRole.REPLY_TO)
    relayed = and_(Message.sender_address.in_(relays), Message.id.in_(replies))
    people = union_all(
        waiting.where(Message.direction == Direction.IN, Party.role == PartyRole.FROM, ~relayed),
        waiting.where(Message.direction == Direction.IN, Party.role == PartyRole.REPLY_TO, relayed),
        waiting.where(Message.direction == Direction.OUT, Party.role.in_(RECIPIENTS)),
    ).subquery()
    newest = func.row_number().over(
        partition_by=people.c.address, order_by=(people.c.at.desc(), people.c.message.desc())
    )

    def total(column: Any) -> Any:
        return func.sum(column, type_=Integer).over(partition_by=people.c.address)

    ranked = select(
        people,
        newest.label("place"),
        func.count().over(partition_by=people.c.address).label("mails"),
        total(people.c.machine).label("machines"),
        total(people.c.sent).label("sent_mails"),
        total(people.c.forged).label("forged_mails"),
    ).subquery()
    return [
        Group(
            row.address,
            row.name,
            row.domain,
            row.mails,
            row.sent_mails,
            row.at,
            row.subject,
            row.message,
            row.machines == row.mails or (row.sent_mails == 0 and is_relay(row.address)),
            row.forged_mails,
        )
        for row in session.execute(
            select(ranked).where(ranked.c.place == 1).order_by(ranked.c.at.desc(), ranked.c.message.desc())
        )
    ]


def _with_facts(session: Session, found: Sequence[Group]) -> list[Group]:
    imitations = look_alikes(session, {one.address for one in found})
    owners: dict[str, tuple[int, ...]] = {}
    for some in chunks({registrable(one.domain) for one in found if not is_shared(one.domain)}):
        owners.update(customers_of_domains(session, some))
    return [
        replace(
            one,
            look_alike=dict(imitations[one.address]) if one.address in imitations else None,
            candidates=owners.get(registrable(one.domain), ()),
        )
        for one in found
    ]
