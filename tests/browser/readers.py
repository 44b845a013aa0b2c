"""Customers who can get a newsletter, for the browser: nobody in the cast can, for everybody there waits for our answer."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from inboxcrm.customers.suppression import suppress
from inboxcrm.model import Contact, ContactAddress, Customer, Grade, Status, SuppressionReason

READERS = (
    ("Bergmann Leuchten GmbH", "Klaus Bergmann", "de", "DE", "Pendant PL-40", "hotel"),
    ("Casa Lumina SpA", "Giulia Rossi", "it", "IT", "Wall lamp WL-7", "retail"),
    ("Northern Glow Ltd", "Amy Clarke", "en", "GB", "Pendant PL-40", "hotel"),
    ("Luz y Hogar S.L.", "Marta Ruiz", "es", "ES", "Chandelier CR-118", ""),
    ("Kowalski Oświetlenie", "Jan Kowalski", "en", "PL", "Track light TR-3", "retail"),
    ("Nameless Trading", "", "en", "US", "", ""),
)
"""Company, contact, language, country, product, tag; all of grade C."""
GONE, IMPORTANT = "Left Behind Inc.", "Grand Hotel Supplies"
"""One who has left, and one of grade A."""


def add_readers(session: Session, now: datetime) -> None:
    """Adds them, and one who has unsubscribed, and one of grade A."""
    for number, (company, person, language, country, product, tag) in enumerate(READERS):
        contact = (person, language, f"reader{number}@reader{number}.example")
        products, tags = [product] if product else [], [tag] if tag else []
        _add(session, now, company, contact, country=country, products=products, tags=tags)
    _add(session, now, GONE, ("Bo Left", "en", "bo@left.example"), country="US")
    _add(session, now, IMPORTANT, ("Ada Grand", "en", "ada@grand.example"), country="GB", grade=Grade.A)
    suppress(session, "bo@left.example", reason=SuppressionReason.LEFT, now=now)


def _add(session: Session, now: datetime, company: str, known: tuple[str, str, str], **fields: object) -> None:
    person, language, address = known
    created = now - timedelta(days=300)
    values = {"grade": Grade.C, "status": Status.PROSPECT, "source": "Canton Fair", "created_at": created, **fields}
    customer = Customer(name=company, **values)
    session.add(customer)
    session.flush()
    contact = Contact(customer_id=customer.id, name=person, language=language, created_at=created)
    contact.addresses = [ContactAddress(address=address, written=address)]
    session.add(contact)
    session.flush()
