"""The customer file by hand and by machine: every change of a field is kept with its source, and can be undone.

A field that a person wrote is never overwritten by the machine. Adding or removing an address or a domain lets the older mails enter
or leave the log in the same transaction.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from inboxcrm.customers.fields import CONTACT_FIELDS, CUSTOMER_FIELDS, Field, FieldError, read_field
from inboxcrm.customers.health import check
from inboxcrm.customers.index import index_customers
from inboxcrm.customers.provenance import Origin, note, person_wrote, plain
from inboxcrm.customers.suppression import lift_bounces
from inboxcrm.errors import InboxcrmError
from inboxcrm.i18n import _
from inboxcrm.journal.record import Recorded
from inboxcrm.journal.rematch import rematch
from inboxcrm.journal.unjudged import mark
from inboxcrm.matching.domains import is_shared, registrable
from inboxcrm.model import (
    AddressHealth,
    Contact,
    ContactAddress,
    ContactProposal,
    Customer,
    CustomerDomain,
    FieldChange,
    FieldSource,
    ProposalState,
)
from inboxcrm.reading.addresses import domain_of, normal


class NotThereError(InboxcrmError):
    """What was named doesn't exist (any more)."""


def create_customer(
    session: Session,
    name: str,
    origin: Origin,
    values: Mapping[str, Any] | None = None,
) -> Customer:
    """A new customer with these fields (see `CUSTOMER_FIELDS`). Raises FieldError."""
    customer = Customer(
        name=read_field(CUSTOMER_FIELDS, "name", name),
        markets=[],
        phones=[],
        social={},
        tags=[],
        custom={},
        products=[],
        created_at=origin.now,
    )
    if not customer.name:
        raise FieldError("name", _("A customer needs a name."))
    session.add(customer)
    session.flush()
    note(session, customer, "name", old="", new=customer.name, origin=origin)
    edit_customer(session, customer, values or {}, origin)
    _changed(session, [customer.id])
    return customer


def edit_customer(
    session: Session,
    customer: Customer,
    values: Mapping[str, Any],
    origin: Origin,
) -> list[FieldChange]:
    """Sets fields of a customer; returns the changes that were made. The machine's values for fields that a person wrote are
    left out. Raises FieldError before anything is changed.
    """
    changes = _edit(session, customer, CUSTOMER_FIELDS, values, origin)
    if changes:
        _changed(session, [customer.id])
    return changes


def edit_contact(
    session: Session,
    contact: Contact,
    values: Mapping[str, Any],
    origin: Origin,
) -> list[FieldChange]:
    """Sets fields of a contact; as `edit_customer`."""
    changes = _edit(session, contact, CONTACT_FIELDS, values, origin)
    if changes:
        _changed(session, [contact.customer_id])
    return changes


def undo_change(session: Session, change_id: int, origin: Origin) -> FieldChange:
    """Sets a field back to what it was before a change. Raises NotThereError; FieldError when the field was changed again since."""
    change = session.get(FieldChange, change_id)
    row: Customer | Contact | None = None
    fields = CUSTOMER_FIELDS
    if change is not None and change.entity == "customer":
        row = session.get(Customer, change.entity_id)
    elif change is not None:
        row, fields = session.get(Contact, change.entity_id), CONTACT_FIELDS
    if change is None or row is None or change.field not in fields:
        raise NotThereError(_("This change can't be undone."))
    if plain(getattr(row, change.field)) != change.new:
        raise FieldError(change.field, _("The field has been changed again since; set it by hand."))
    setattr(row, change.field, read_field(fields, change.field, change.old))
    if isinstance(row, Customer) and change.field == "status":
        row.status_pinned = change.source is not FieldSource.PERSON  # who undoes what the rules say knows better
    session.flush()
    _changed(session, [row.id if isinstance(row, Customer) else row.customer_id])
    return note(session, row, change.field, old=change.new, new=change.old, origin=origin)


def release_status(session: Session, customer: Customer) -> None:
    """Lets the rules say the status again that a person had pinned by writing it."""
    customer.status_pinned = False
    session.flush()
    mark(session, [customer.id])


def add_contact(
    session: Session,
    customer_id: int,
    name: str,
    origin: Origin,
    values: Mapping[str, Any] | None = None,
) -> Contact:
    """A new contact of a customer. Raises FieldError."""
    contact = Contact(
        customer_id=customer_id,
        name=read_field(CONTACT_FIELDS, "name", name),
        phones=[],
        social={},
        created_at=origin.now,
    )
    session.add(contact)
    session.flush()
    note(session, contact, "name", old="", new=contact.name, origin=origin)
    edit_contact(session, contact, values or {}, origin)
    _changed(session, [customer_id])
    return contact


def add_address(session: Session, contact: Contact, written: str, origin: Origin) -> Recorded:
    """Gives a contact a mail address; the mails of that address enter the log. Raises FieldError."""
    written = check_address(written)
    address = normal(written)
    there = session.scalars(
        select(ContactAddress).where(ContactAddress.contact_id == contact.id, ContactAddress.address == address)
    ).first()
    if there is not None:
        return Recorded()
    session.add(ContactAddress(contact_id=contact.id, address=address, written=written))
    note(session, contact, "address", old=None, new=written, origin=origin)
    session.flush()
    _changed(session, [contact.customer_id])
    check(session, [address], origin.now)
    return rematch(session, [address], [], origin.now)


def remove_address(session: Session, address: ContactAddress, origin: Origin) -> Recorded:
    """Takes an address from its contact; mails that only it tied to the customer leave the log."""
    contact = session.get_one(Contact, address.contact_id)
    note(session, contact, "address", old=address.written, new=None, origin=origin)
    session.delete(address)
    session.flush()
    _changed(session, [contact.customer_id])
    return rematch(session, [address.address], [], origin.now, forget_text=True)


def add_domain(session: Session, customer: Customer, written: str, origin: Origin) -> Recorded:
    """Gives a customer a mail domain; mails from there enter the log. Raises FieldError for free-mail domains and the like."""
    domain = check_domain(written)
    if session.get(CustomerDomain, (domain, customer.id)) is not None:
        return Recorded()
    session.add(CustomerDomain(domain=domain, customer_id=customer.id))
    note(session, customer, "domain", old=None, new=domain, origin=origin)
    session.flush()
    _changed(session, [customer.id])
    return rematch(session, [], [domain], origin.now)


def remove_domain(session: Session, customer: Customer, domain: str, origin: Origin) -> Recorded:
    """Takes a domain from a customer; mails that only it tied to the customer leave the log."""
    session.execute(
        delete(CustomerDomain).where(CustomerDomain.domain == domain, CustomerDomain.customer_id == customer.id)
    )
    note(session, customer, "domain", old=domain, new=None, origin=origin)
    session.flush()
    _changed(session, [customer.id])
    return rematch(session, [], [domain], origin.now, forget_text=True)


def clear_health(session: Session, address: ContactAddress, origin: Origin) -> None:
    """A person says that mail arrives again: newsletters too may go there."""
    note(
        session,
        session.get_one(Contact, address.contact_id),
        "health",
        old={"address": address.address, "health": address.health.value, "reason": address.health_reason},
        new={"address": address.address, "health": AddressHealth.OK.value, "reason": ""},
        origin=origin,
    )
    address.health, address.health_at, address.health_reason = AddressHealth.OK, origin.now, ""
    lift_bounces(session, address.address, now=origin.now, by=origin.by)
    session.flush()
    mark(session, [session.get_one(Contact, address.contact_id).customer_id])


def accept_proposal(session: Session, proposal_id: int, origin: Origin) -> tuple[Contact, Recorded]:
    """Makes the proposed address a contact of the customer. Raises NotThereError when it was decided about already."""
    proposal = _open_proposal(session, proposal_id)
    proposal.state = ProposalState.ACCEPTED
    contact = add_contact(session, proposal.customer_id, proposal.name, origin)
    return contact, add_address(session, contact, proposal.written, origin)


def dismiss_proposal(session: Session, proposal_id: int) -> ContactProposal:
    """Says that the address is no contact; it isn't proposed again. Raises NotThereError when it was decided about already."""
    proposal = _open_proposal(session, proposal_id)
    proposal.state = ProposalState.DISMISSED
    session.flush()
    return proposal


def check_address(written: str) -> str:
    """A mail address, trimmed. Raises FieldError when it is none."""
    text = "".join(written.split()).strip("<>").removeprefix("mailto:")
    local, _at, domain = text.rpartition("@")
    if not local or "@" in local or "." not in domain.strip(".") or any(one in text for one in "<>,;()[]\\\"'"):
        raise FieldError(
            "address", _("{value!r} is no mail address; expected one like anna@buyer.de.").format(value=written)
        )
    return text


def check_domain(written: str) -> str:
    """A company's mail domain in the form of `domain_of`. Raises FieldError when it is none, or one that strangers share."""
    text = written.strip().lower().removeprefix("http://").removeprefix("https://").removeprefix("www.")
    domain = domain_of("x@" + text.split("/")[0].strip("@. "))
    if not registrable(domain) or " " in domain:
        raise FieldError("domain", _("{value!r} is no mail domain; expected one like buyer.de.").format(value=written))
    if is_shared(domain):
        message = _("{value} is a public mail provider's or a marketplace's domain; it can't stand for one company.")
        raise FieldError("domain", message.format(value=domain))
    return domain


def _open_proposal(session: Session, proposal_id: int) -> ContactProposal:
    proposal = session.get(ContactProposal, proposal_id)
    if proposal is None or proposal.state is not ProposalState.OPEN:
        raise NotThereError(_("This proposal has been decided about already."))
    return proposal


def _changed(session: Session, customers: list[int]) -> None:
    """The files of these customers say something else now: they are searched and judged by it."""
    index_customers(session, customers)
    mark(session, customers)


def _edit(
    session: Session,
    row: Customer | Contact,
    fields: Mapping[str, Field],
    values: Mapping[str, Any],
    origin: Origin,
) -> list[FieldChange]:
    read = {name: read_field(fields, name, value) for name, value in values.items()}
    if isinstance(row, Customer) and not read.get("name", row.name):
        raise FieldError("name", _("A customer needs a name."))
    entity = "customer" if isinstance(row, Customer) else "contact"
    kept = set() if origin.source is FieldSource.PERSON else person_wrote(session, entity, [row.id])
    changes = []
    for name, value in read.items():
        old = getattr(row, name)
        if value == old or (row.id, name) in kept:
            continue
        setattr(row, name, value)
        if isinstance(row, Customer) and name == "status" and origin.source is FieldSource.PERSON:
            row.status_pinned = True
        changes.append(note(session, row, name, old=old, new=value, origin=origin))
    session.flush()
    return changes
