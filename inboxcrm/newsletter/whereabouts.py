"""Where the recipients of an issue sit, so that it reaches them in their working hours: by the file and by the clock of their mails."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from inboxcrm.followup.places import Place, place_of
from inboxcrm.followup.queries import clocks_of
from inboxcrm.model import Contact, Customer

_WHERE = (
    select(Contact.id, Contact.time_zone, Contact.phones, Customer.country)
    .join(Customer, Customer.id == Contact.customer_id)
    .where(Contact.id.in_(bindparam("contacts", expanding=True)))
)


def places(session: Session, contacts: Collection[int], home: Place) -> dict[int, Place]:
    """Contact → his place, for those who are still in the file. `home`: where we sit, for who is nowhere."""
    rows = session.execute(_WHERE, {"contacts": list(contacts)}).all()
    # A zone that a person has set tells more than any clock.
    clocks = clocks_of(session, [row.id for row in rows if not row.time_zone])
    return {
        row.id: place_of(
            home=home, zone=row.time_zone, phones=row.phones, country=row.country, clock=clocks.get(row.id)
        )
        for row in rows
    }
