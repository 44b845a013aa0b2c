"""Making and editing a customer and its contacts, taking a change back, deciding about proposed contacts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Form, HTTPException, Request
from fastapi.responses import Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from inboxcrm.customers import file
from inboxcrm.customers.fields import CONTACT_FIELDS, CUSTOMER_FIELDS, FieldError
from inboxcrm.i18n import _, language
from inboxcrm.journal.record import Recorded
from inboxcrm.judging import judged
from inboxcrm.model import Contact, ContactAddress, Customer, Grade, Status, User
from inboxcrm.model.database import writing
from inboxcrm.reading.addresses import normal
from inboxcrm.web import file_fields, flash, formats, news
from inboxcrm.web.flash import Notice
from inboxcrm.web.rendering import page
from inboxcrm.web.site import Looking, TheForm, TheSite, TheVisitor, origin_of

router = APIRouter(include_in_schema=False)


@router.get("/customers/new")
def new_customer(request: Request, session: Looking, visitor: TheVisitor, name: str = "") -> Response:
    """The empty form; the customer will be the asker's own unless they choose otherwise."""
    blank = {"name": name, "owner": str(visitor.user_id), "status": Status.PROSPECT.value, "grade": Grade.WATCH.value}
    return _customer_form(request, session, None, blank)


@router.get("/customers/{customer_id}/edit")
def edit_customer(request: Request, session: Looking, customer_id: int) -> Response:
    """The form with what is known."""
    return _customer_form(request, session, _customer(session, customer_id), None)


@router.post("/customers/new")
def make_customer(request: Request, site: TheSite, session: Looking, form: TheForm) -> Response:
    """Makes a customer of the form."""
    try:
        with writing(site.engine) as writer:
            customer = file.create_customer(writer, form.get("name", ""), origin_of(request), _customer_values(form))
            recorded = _set_domains(request, writer, customer, form)
    except FieldError as error:
        return _customer_form(request, session, None, form, str(error))
    news.changed(site.events, [customer.id], recorded)
    return flash.redirect(
        request, f"/customers/{customer.id}", Notice(_("{name} is a customer now.").format(name=customer.name))
    )


@router.post("/customers/{customer_id}/edit")
def save_customer(request: Request, site: TheSite, session: Looking, customer_id: int, form: TheForm) -> Response:
    """Keeps what the form says; what it doesn't hold stays."""
    try:
        with writing(site.engine) as writer:
            customer = _customer(writer, customer_id)
            changes = file.edit_customer(writer, customer, _customer_values(form), origin_of(request))
            recorded = _set_domains(request, writer, customer, form)
    except FieldError as error:
        return _customer_form(request, session, _customer(session, customer_id), form, str(error))
    news.changed(site.events, [customer_id], recorded)
    return flash.redirect(request, f"/customers/{customer_id}", _saved(len(changes)))


@router.get("/customers/{customer_id}/contacts/new")
def new_contact(request: Request, session: Looking, customer_id: int) -> Response:
    """The empty form for a person at this customer's."""
    return _contact_form(request, _customer(session, customer_id), None, {"decision_role": "unknown"})


@router.get("/contacts/{contact_id}/edit")
def edit_contact(request: Request, session: Looking, contact_id: int) -> Response:
    """The form with what is known of the person."""
    contact = _contact(session, contact_id)
    return _contact_form(request, _customer(session, contact.customer_id), contact, None)


@router.post("/customers/{customer_id}/contacts/new")
def make_contact(request: Request, site: TheSite, session: Looking, customer_id: int, form: TheForm) -> Response:
    """Makes a contact of the form; the mails of its addresses enter the log."""
    customer = _customer(session, customer_id)
    try:
        with writing(site.engine) as writer:
            values = file_fields.read_form(file_fields.CONTACT_FORM, form)
            contact = file.add_contact(writer, customer_id, values.pop("name", ""), origin_of(request), values)
            recorded = _set_addresses(request, writer, contact, form)
    except FieldError as error:
        return _contact_form(request, customer, None, form, str(error))
    news.changed(site.events, [customer_id], recorded)
    text = _("{name} is a contact now.").format(name=contact.name or form.get("addresses", ""))
    return flash.redirect(request, f"/customers/{customer_id}", Notice(text))


@router.post("/contacts/{contact_id}/edit")
def save_contact(request: Request, site: TheSite, session: Looking, contact_id: int, form: TheForm) -> Response:
    """Keeps what the form says of a person; addresses that it no longer names are taken away."""
    known = _contact(session, contact_id)
    try:
        with writing(site.engine) as writer:
            contact = _contact(writer, contact_id)
            values = file_fields.read_form(file_fields.CONTACT_FORM, form)
            changes = file.edit_contact(writer, contact, values, origin_of(request))
            recorded = _set_addresses(request, writer, contact, form)
    except FieldError as error:
        return _contact_form(request, _customer(session, known.customer_id), known, form, str(error))
    news.changed(site.events, [known.customer_id], recorded)
    return flash.redirect(request, f"/customers/{known.customer_id}", _saved(len(changes)))


@router.post("/customers/{customer_id}/status/release")
def release_status(request: Request, site: TheSite, customer_id: int) -> Response:
    """Lets the status follow from the records and from silence again, which a person had written."""
    with judged(site.engine, site.bench, site.clock) as session:
        file.release_status(session, _customer(session, customer_id))
    news.changed(site.events, [customer_id])
    return flash.redirect(request, f"/customers/{customer_id}", Notice(_("The status follows the records again.")))


@router.post("/changes/{change_id}/undo")
def undo_change(request: Request, site: TheSite, change_id: int) -> Response:
    """Sets a field back to what it was before a change."""
    with writing(site.engine) as session:
        change = file.undo_change(session, change_id, origin_of(request))
        is_customer = change.entity == "customer"
        customer_id = change.entity_id if is_customer else _contact(session, change.entity_id).customer_id
    fields = CUSTOMER_FIELDS if is_customer else CONTACT_FIELDS
    news.changed(site.events, [customer_id])
    text = _("{field}: set back to what it was.").format(field=_(fields[change.field].label))
    return flash.redirect(request, f"/customers/{customer_id}", Notice(text, undo_path=f"/changes/{change.id}/undo"))


@router.post("/addresses/{address_id}/healthy")
def clear_health(request: Request, site: TheSite, address_id: int) -> Response:
    """A person says that mail to this address arrives again."""
    with writing(site.engine) as session:
        address = session.get(ContactAddress, address_id)
        if address is None:
            raise HTTPException(404, _("There is no such address."))
        file.clear_health(session, address, origin_of(request))
        customer_id = _contact(session, address.contact_id).customer_id
    news.changed(site.events, [customer_id])
    return flash.redirect(
        request,
        f"/customers/{customer_id}",
        Notice(_("{address} counts as working again.").format(address=address.written)),
    )


@router.post("/proposals/{proposal_id}")
def decide_proposal(
    request: Request,
    site: TheSite,
    proposal_id: int,
    decision: Annotated[Literal["accept", "dismiss"], Form()],
    next: Annotated[str, Form()] = "/",  # noqa: A002  the field's name
) -> Response:
    """Makes the proposed address a contact, or says that it is none."""
    recorded = None
    with writing(site.engine) as session:
        if decision == "accept":
            contact, recorded = file.accept_proposal(session, proposal_id, origin_of(request))
            customer_id, text = contact.customer_id, _("{name} is a contact now.").format(name=contact.name)
        else:
            proposal = file.dismiss_proposal(session, proposal_id)
            customer_id = proposal.customer_id
            text = _("{address} won't be proposed again.").format(address=proposal.written)
    news.changed(site.events, [customer_id], recorded)
    return flash.redirect(request, next, Notice(text))


def _customer(session: Session, customer_id: int) -> Customer:
    customer = session.get(Customer, customer_id)
    if customer is None:
        raise HTTPException(404, _("There is no such customer; perhaps it was merged or removed."))
    return customer


def _contact(session: Session, contact_id: int) -> Contact:
    contact = session.get(Contact, contact_id)
    if contact is None:
        raise HTTPException(404, _("There is no such contact; perhaps it was removed."))
    return contact


def _saved(changes: int) -> Notice:
    return Notice(_("Saved.") if changes else _("Saved; nothing was different."))


def _customer_values(form: Mapping[str, str]) -> dict[str, Any]:
    values = file_fields.read_form(file_fields.CUSTOMER_FORM, form)
    if "owner" in form:
        values["owner_id"] = form["owner"]
    return values


def _customer_form(
    request: Request, session: Session, customer: Customer | None, form: Mapping[str, str] | None, problem: str = ""
) -> Response:
    known = {field.name: file_fields.written(field, customer) for field in file_fields.CUSTOMER_FORM}
    owner = str(customer.owner_id or "") if customer is not None else ""
    domains = "\n".join(one.domain for one in customer.domains) if customer is not None else ""
    form = form or {}
    return page(
        request,
        "file_form.html",
        status=422 if problem else 200,
        title=customer.name if customer is not None else _("New customer"),
        back=f"/customers/{customer.id}" if customer is not None else "/customers",
        back_text=customer.name if customer is not None else _("Customers"),
        action=request.url.path,
        groups=file_fields.CUSTOMER_GROUPS,
        values={**known, **{name: form[name] for name in known if name in form}},
        name_required=True,
        addresses=None,
        domains=form.get("domains", domains),
        owners=[(str(user.id), user.name) for user in session.scalars(select(User).order_by(User.name))],
        owner=form.get("owner", owner),
        countries=formats.countries(language()),
        field_options=file_fields.options,
        problem=problem,
    )


def _contact_form(
    request: Request,
    customer: Customer,
    contact: Contact | None,
    form: Mapping[str, str] | None,
    problem: str = "",
) -> Response:
    known = {field.name: file_fields.written(field, contact) for field in file_fields.CONTACT_FORM}
    addresses = "\n".join(one.written for one in contact.addresses) if contact is not None else ""
    form = form or {}
    return page(
        request,
        "file_form.html",
        status=422 if problem else 200,
        title=(contact.name or _("Contact")) if contact is not None else _("New contact"),
        back=f"/customers/{customer.id}",
        back_text=customer.name,
        action=request.url.path,
        groups=(("", file_fields.CONTACT_FORM),),
        values={**known, **{name: form[name] for name in known if name in form}},
        name_required=False,
        addresses=form.get("addresses", addresses),
        domains=None,
        owners=None,
        owner="",
        countries=(),
        field_options=file_fields.options,
        problem=problem,
    )


def _set_domains(request: Request, session: Session, customer: Customer, form: Mapping[str, str]) -> Recorded:
    """Brings the customer's domains in line with the form, if it names any."""
    if "domains" not in form:
        return Recorded()
    origin = origin_of(request)
    there = {one.domain for one in customer.domains}
    named = {file.check_domain(line) for line in form["domains"].split() if line}
    return _together(
        [file.remove_domain(session, customer, domain, origin) for domain in sorted(there - named)]
        + [file.add_domain(session, customer, domain, origin) for domain in sorted(named - there)]
    )


def _set_addresses(request: Request, session: Session, contact: Contact, form: Mapping[str, str]) -> Recorded:
    """Brings the contact's addresses in line with the form, if it names any."""
    if "addresses" not in form:
        return Recorded()
    origin = origin_of(request)
    there = {one.address: one for one in contact.addresses}
    named = {normal(written): written for written in map(file.check_address, form["addresses"].split())}
    return _together(
        [file.remove_address(session, there[address], origin) for address in sorted(there.keys() - named.keys())]
        + [
            file.add_address(session, contact, named[address], origin)
            for address in sorted(named.keys() - there.keys())
        ]
    )


def _together(parts: Iterable[Recorded]) -> Recorded:
    whole = Recorded()
    for part in parts:
        whole.entries += part.entries
        whole.removed += part.removed
        whole.wanted += part.wanted
    return whole
