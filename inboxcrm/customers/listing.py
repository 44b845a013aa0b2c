"""The list of customers: filtered, searched and sorted in the database, a page at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, or_, select
from sqlalchemy.orm import Session

from inboxcrm.errors import InboxcrmError
from inboxcrm.i18n import _
from inboxcrm.journal.search import find_customers
from inboxcrm.model import Contact, ContactAddress, Customer, CustomerDomain, Grade, Status
from inboxcrm.reading.addresses import normal


class Sort(StrEnum):
    """What a list of customers is sorted by; those without a date come last."""

    LAST_ENTRY = "last_entry"
    LAST_IN = "last_in"
    LAST_OUT = "last_out"
    NAME = "name"
    GRADE = "grade"
    CREATED = "created"


@dataclass(frozen=True, slots=True)
class Filter:
    """Which customers. `text` searches the files; `owner_id` 0 means the pool; `silent_since`: not heard of since then."""

    text: str = ""
    grades: Sequence[Grade] = ()
    statuses: Sequence[Status] = ()
    countries: Sequence[str] = ()
    tag: str = ""
    owner_id: int | None = None
    silent_since: datetime | None = None


class CustomerUnclearError(InboxcrmError):
    """No customer, or several, are called so; the message lists them."""


def customers(
    session: Session,
    chosen: Filter | None = None,
    *,
    sort: Sort = Sort.LAST_ENTRY,
    descending: bool | None = None,
    limit: int = 50,
    offset: int = 0,
) -> Sequence[Customer]:
    """One page of customers. `descending` None: newest, best or A to Z first, as the sorting has it by nature."""
    column = _COLUMNS[sort]
    falling = sort not in (Sort.NAME, Sort.GRADE) if descending is None else descending
    order = column.desc().nulls_last() if falling else column.asc().nulls_last()
    query = _where(session, select(Customer), chosen or Filter())
    return session.scalars(query.order_by(order, Customer.name, Customer.id).limit(limit).offset(offset)).all()


def count(session: Session, chosen: Filter | None = None) -> int:
    """How many customers the filter lets through."""
    return session.scalar(_where(session, select(func.count(Customer.id)), chosen or Filter())) or 0


def countries(session: Session) -> list[tuple[str, int]]:
    """Each country code that occurs, with its number of customers, most first."""
    rows = session.execute(
        select(Customer.country, func.count())
        .where(Customer.country != "")
        .group_by(Customer.country)
        .order_by(func.count().desc(), Customer.country)
    )
    return [(country, number) for country, number in rows]


def find_customer(session: Session, named: str) -> Customer:
    """The customer with this number, address, domain, or (part of a) name. Raises CustomerUnclearError, listing the candidates."""
    named = " ".join(named.split())
    if named.isascii() and named.isdigit() and (customer := session.get(Customer, int(named))):
        return customer
    found = session.scalars(select(Customer).where(_is_called(named)).order_by(Customer.name).limit(11)).all()
    if not found:
        found = _by_part(session, named)
    if len(found) == 1:
        return found[0]
    if not found:
        raise CustomerUnclearError(
            _("No customer is called {named!r}; 'inboxcrm customers list' shows them.").format(named=named)
        )
    listed = "\n".join(f"  {one.id}  {one.name}  {one.local_name}".rstrip() for one in found[:10])
    more = "\n  …" if len(found) > 10 else ""
    message = _("Several customers are called {named!r}; give the number:")
    raise CustomerUnclearError(message.format(named=named) + "\n" + listed + more)


def _is_called(named: str) -> ColumnElement[bool]:
    if "@" in named:
        return Customer.id.in_(
            select(Contact.customer_id)
            .join(ContactAddress, ContactAddress.contact_id == Contact.id)
            .where(ContactAddress.address == normal(named))
        )
    of_domain = select(CustomerDomain.customer_id).where(CustomerDomain.domain == named.lower())
    return or_(
        func.lower(Customer.name) == named.lower(),
        Customer.name == named,
        Customer.local_name == named,
        Customer.id.in_(of_domain),
    )


def _by_part(session: Session, named: str) -> Sequence[Customer]:
    pattern = "%" + named.lower().replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_") + "%"
    parts = or_(
        func.lower(Customer.name).like(pattern, escape="\\"), func.lower(Customer.local_name).like(pattern, escape="\\")
    )
    found = session.scalars(select(Customer).where(parts).order_by(Customer.name).limit(11)).all()
    if found or (ids := find_customers(session, named)) is None:
        return found
    # Accents, other letters for the same sound, words in another order: as the search folds them.
    return session.scalars(select(Customer).where(Customer.id.in_(ids)).order_by(Customer.name).limit(11)).all()


def _where(session: Session, query: Select[Any], chosen: Filter) -> Select[Any]:
    if chosen.text.strip():
        ids = find_customers(session, chosen.text)
        query = query.where(Customer.id.in_(ids)) if ids is not None else query.where(Customer.name == chosen.text)
    if chosen.grades:
        query = query.where(Customer.grade.in_(chosen.grades))
    if chosen.statuses:
        query = query.where(Customer.status.in_(chosen.statuses))
    if chosen.countries:
        query = query.where(Customer.country.in_([code.upper() for code in chosen.countries]))
    if chosen.tag:
        query = query.where(_has_tag(session, chosen.tag))
    if chosen.owner_id is not None:
        query = query.where(Customer.owner_id == chosen.owner_id if chosen.owner_id else Customer.owner_id.is_(None))
    if chosen.silent_since is not None:
        query = query.where(or_(Customer.last_in_at.is_(None), Customer.last_in_at < chosen.silent_since))
    return query


def _has_tag(session: Session, tag: str) -> ColumnElement[bool]:
    """The tag as one element of the list, in the words of each database."""
    if session.get_bind().dialect.name == "sqlite":
        element = func.json_each(Customer.tags).table_valued("value")
    else:
        element = func.json_array_elements_text(Customer.tags).table_valued("value")
    return select(1).select_from(element).where(element.c.value == tag).exists()


_COLUMNS: dict[Sort, Any] = {
    Sort.LAST_ENTRY: Customer.last_entry_at,
    Sort.LAST_IN: Customer.last_in_at,
    Sort.LAST_OUT: Customer.last_out_at,
    Sort.NAME: func.lower(Customer.name),
    Sort.GRADE: case({Grade.A: 0, Grade.B: 1, Grade.C: 2}, value=Customer.grade, else_=3),
    Sort.CREATED: Customer.created_at,
}
