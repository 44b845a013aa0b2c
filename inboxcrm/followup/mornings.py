"""When a draft would reach its reader in the morning, on the reader's own clock. It reads."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from inboxcrm.followup.calendar import Calendar
from inboxcrm.followup.places import place_of
from inboxcrm.followup.queries import clock_of, place_of_contact
from inboxcrm.model import Contact, Customer, Draft


def next_morning(session: Session, draft: Draft, calendar: Calendar, now: datetime) -> datetime:
    """The next morning of the draft's contact on which mail may reach it, not before `now`. UTC."""
    contact = session.get(Contact, draft.contact_id) if draft.contact_id is not None else None
    customer = session.get_one(Customer, draft.customer_id)
    if contact is not None:
        place = place_of_contact(contact, customer.country, calendar.home, clock_of(session, contact.id))
    else:
        place = place_of(home=calendar.home, country=customer.country)
    return calendar.next_morning(now, place)
