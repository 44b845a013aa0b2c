"""Customers: list, show, make, edit."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from inboxcrm.customers import file
from inboxcrm.customers.fields import CUSTOMER_FIELDS
from inboxcrm.customers.listing import Filter, Sort, count, customers
from inboxcrm.i18n import _
from inboxcrm.model import Customer, Grade, Status
from inboxcrm.model.database import writing
from inboxcrm.web import news
from inboxcrm.web.queries.customer import find_customer
from inboxcrm.web.site import Looking, TheSite, origin_of

router = APIRouter(tags=["customers"])


class _Row(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class CustomerJson(_Row):
    """A customer as it stands in the list. Times are UTC; `country` is ISO 3166-1 alpha-2; `owner_id` null is the pool."""

    id: int
    name: str
    local_name: str
    country: str
    grade: Grade
    status: Status
    tags: list[str]
    owner_id: int | None
    created_at: datetime
    last_in_at: datetime | None
    last_out_at: datetime | None
    last_entry_at: datetime | None


class AddressJson(_Row):
    """A mail address of a contact and whether mail to it arrives."""

    id: int
    written: str
    health: str
    health_reason: str


class ContactJson(_Row):
    """A person at a customer's."""

    id: int
    name: str
    title: str
    phones: list[str]
    language: str
    time_zone: str
    preferred_channel: str
    decision_role: str
    addresses: list[AddressJson]


class CustomerFileJson(CustomerJson):
    """The whole file of a customer."""

    website: str
    founded: str
    industry: str
    size: str
    markets: list[str]
    address: str
    phones: list[str]
    social: dict[str, Any]
    source: str
    custom: dict[str, Any]
    products: list[str]
    payment_terms: str
    competitors: str
    news: str
    opinions: str
    objections: str
    notes: str
    first_contact_at: datetime | None
    contacts: list[ContactJson]
    domains: list[str]


class CustomersJson(BaseModel):
    """One page of the list; `total` counts all that fit."""

    customers: list[CustomerJson]
    total: int


class NewCustomer(BaseModel):
    """A customer to be made. `fields` may hold any field of the file."""

    name: str = Field(min_length=1, max_length=300)
    fields: dict[str, Any] = {}


@router.get("/customers")
def list_customers(
    *,
    session: Looking,
    text: Annotated[str, Query(max_length=200)] = "",
    grade: Annotated[Sequence[Grade], Query()] = (),
    status: Annotated[Sequence[Status], Query()] = (),
    country: Annotated[Sequence[str], Query()] = (),
    tag: Annotated[str, Query(max_length=100)] = "",
    owner_id: Annotated[int | None, Query(description="0 for the pool")] = None,
    sort: Sort = Sort.LAST_ENTRY,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
    offset: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
) -> CustomersJson:
    """Customers that fit all of the filters, a page at a time."""
    chosen = Filter(text=text, grades=grade, statuses=status, countries=country, tag=tag, owner_id=owner_id)
    rows = customers(session, chosen, sort=sort, limit=limit, offset=offset)
    return CustomersJson(customers=[CustomerJson.model_validate(one) for one in rows], total=count(session, chosen))


@router.get("/customers/{customer_id}", responses={404: {"description": "No such customer"}})
def show_customer(session: Looking, customer_id: int) -> CustomerFileJson:
    """The file of a customer."""
    customer = find_customer(session, customer_id)
    if customer is None:
        raise HTTPException(404, _("There is no such customer; perhaps it was merged or removed."))
    return _file(customer)


@router.post("/customers", status_code=201)
def make_customer(request: Request, site: TheSite, new: NewCustomer) -> CustomerFileJson:
    """Makes a customer. Fields that can't take their value are refused (400) before anything is made."""
    with writing(site.engine) as session:
        customer = file.create_customer(session, new.name, origin_of(request), new.fields)
        made = _file(customer)
    news.changed(site.events, [made.id])
    return made


@router.patch("/customers/{customer_id}", responses={404: {"description": "No such customer"}})
def edit_customer(request: Request, site: TheSite, customer_id: int, fields: dict[str, Any]) -> CustomerFileJson:
    """Sets fields of a customer; those that aren't named stay. Known fields are those of the file."""
    with writing(site.engine) as session:
        customer = session.get(Customer, customer_id)
        if customer is None:
            raise HTTPException(404, _("There is no such customer; perhaps it was merged or removed."))
        file.edit_customer(session, customer, fields, origin_of(request))
        edited = _file(customer)
    news.changed(site.events, [customer_id])
    return edited


def _file(customer: Customer) -> CustomerFileJson:
    values = {name: getattr(customer, name) for name in CUSTOMER_FIELDS}
    row = CustomerJson.model_validate(customer).model_dump()
    contacts = [ContactJson.model_validate(one) for one in customer.contacts]
    domains = [one.domain for one in customer.domains]
    return CustomerFileJson(
        **{**values, **row}, first_contact_at=customer.first_contact_at, contacts=contacts, domains=domains
    )
