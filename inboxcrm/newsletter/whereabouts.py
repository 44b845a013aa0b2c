"""Where the recipients of an issue sit, so that it reaches them in their working hours: by the file and by the clock of their mails."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

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


def places(session: Session, contacts: Collection[int], home: Place, now: datetime) -> dict[int, Place]:
    """Contact → his place, for those who are still in the file. `home`: where we sit, for who is nowhere; `now` is aware."""
    rows = session.execute(_WHERE, {"contacts": list(contacts)}).all()
    # A zone that a person has set tells more than any clock.
    clocks = clocks_of(session, [row.id for row in rows if not row.time_zone])
    found = {}
    for row in rows:
        clock = clocks.get(row.id)
        found[row.id] = place_of(
            home=home,
            zone=row.time_zone,
            phones=row.phones,
            country=row.country,
            clock=clock.offset if clock is not None else None,
            at=clock.at if clock is not None else now,
        )
    return found
