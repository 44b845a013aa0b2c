"""Makes customers findable: what stands in the file of each becomes its search document."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from inboxcrm.customers.countries import country_names
from inboxcrm.journal.tokens import document
from inboxcrm.matching.lookup import chunks
from inboxcrm.model import Contact, ContactAddress, Customer, CustomerDomain, SearchDocument, SearchKind


def index_customers(session: Session, customers: Collection[int]) -> None:
    """Writes the search documents of some customers anew: names, people and their addresses, domains, country, tags, products and
    all notes.
    """
    session.flush()
    for some in chunks(customers):
        texts: dict[int, list[str]] = defaultdict(list)
        for one in session.scalars(select(Customer).where(Customer.id.in_(some))):
            texts[one.id] = [
                *(one.name, one.local_name, one.website, one.industry, one.address, one.country, one.source),
                *(*one.markets, *one.phones, *one.tags, *one.products),
                *(one.payment_terms, one.competitors, one.news, one.opinions, one.objections, one.notes),
                *(str(value) for value in one.custom.values()),
                *(str(value) for value in one.social.values()),
                *country_names(one.country),
            ]
        for customer, domain in session.execute(
            select(CustomerDomain.customer_id, CustomerDomain.domain).where(CustomerDomain.customer_id.in_(some))
        ):
            texts[customer].append(domain)
        for customer, name, title, phones, interests, concerns in session.execute(
            select(
                Contact.customer_id, Contact.name, Contact.title, Contact.phones, Contact.interests, Contact.concerns
            ).where(Contact.customer_id.in_(some))
        ):
            texts[customer] += [name, title, *phones, interests, concerns]
        for customer, written in session.execute(
            select(Contact.customer_id, ContactAddress.written)
            .join(ContactAddress, ContactAddress.contact_id == Contact.id)
            .where(Contact.customer_id.in_(some))
        ):
            texts[customer].append(written)
        session.execute(
            delete(SearchDocument).where(SearchDocument.kind == SearchKind.CUSTOMER, SearchDocument.ref_id.in_(some))
        )
        rows = [
            {"kind": SearchKind.CUSTOMER, "ref_id": customer, "customer_id": customer, "tokens": document(*found)}
            for customer, found in texts.items()
        ]
        if rows:
            session.connection().execute(insert(SearchDocument.__table__), rows)  # type: ignore[arg-type]
