"""What planning needs to know, out of the database: a handful of queries for some customers; the others cost nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Row, and_, select
from sqlalchemy.orm import Session

from inboxcrm.customers.suppression import suppressed
from inboxcrm.engagement.signals import Kind
from inboxcrm.followup.facts import Absence, Bounced, Business, Facts, Reach, Spoken, Step, Stopping
from inboxcrm.followup.places import Place, place_of
from inboxcrm.matching.lookup import chunks
from inboxcrm.model import (
    AddressHealth,
    BusinessRecord,
    Channel,
    Contact,
    ContactAddress,
    Customer,
    Direction,
    FollowUp,
    LogEntry,
    Message,
    NoAnswerNeeded,
    PlanHold,
    Signal,
    SignalState,
    Stage,
    SuppressionScope,
)

_CHUNK = 200
"""Customers that are in memory together."""
_LOOK_BACK = timedelta(days=1100)
"""Older contacts and steps decide about nothing any more."""
_LONGEST_ABSENCE = timedelta(days=120)
_STOPS = (Kind.NOT_INTERESTED, Kind.UNSUBSCRIBE, Kind.COMPLAINT)
_COUNTS = (SignalState.COUNTED, SignalState.CONFIRMED, SignalState.ADDED)
BY_HAND = "hand:"
"""How the anchors of follow-ups begin that a person has planned."""


def facts_of(session: Session, customers: Sequence[int], home: Place, now: datetime) -> Iterator[Facts]:
    """What is known of these customers at `now`, in the order of their ids; those that are gone are left out. `home`: where we sit."""
    for some in chunks(customers, _CHUNK):
        spoken = _spoken(session, some, now)
        last_in = _last_in(spoken)
        reaches, bounced = _reaches(session, some, home, last_in, now)
        business, stopping = _business(session, some), _stopping(session, some, now)
        absences, steps = _absences(session, some, now), _steps(session, some, now)
        holds = {
            one.customer_id: one for one in session.scalars(select(PlanHold).where(PlanHold.customer_id.in_(some)))
        }
        rows = session.execute(
            select(Customer.id, Customer.grade, Customer.status).where(Customer.id.in_(some)).order_by(Customer.id)
        )
        for customer, grade, status in rows:
            hold = holds.get(customer)
            yield Facts(
                customer_id=customer,
                grade=grade.value,
                status=status.value,
                zone=home.zone,
                reaches=tuple(reaches.get(customer, ())),
                spoken=tuple(spoken.get(customer, ())),
                business=tuple(business.get(customer, ())),
                stopping=tuple(stopping.get(customer, ())),
                absences=tuple(absences.get(customer, ())),
                bounced=tuple(bounced.get(customer, ())),
                steps=tuple(steps.get(customer, ())),
                held=hold is not None and (hold.until is None or hold.until > now),
                held_until=hold.until if hold is not None else None,
            )


def place_of_contact(contact: Contact, country: str, home: Place, at: datetime) -> Place:
    """Where a contact sits, by the file. `country`: of the customer; `home`: where we sit."""
    return place_of(home=home, zone=contact.time_zone, phones=contact.phones, country=country, at=at)


def all_customers(session: Session, after: int = 0, limit: int = _CHUNK) -> list[int]:
    """The next `limit` customers by id: for what is done to all of them, a chunk a transaction."""
    return list(session.scalars(select(Customer.id).where(Customer.id > after).order_by(Customer.id).limit(limit)))


def _spoken(session: Session, ids: Sequence[int], now: datetime) -> dict[int, list[Spoken]]:
    found: dict[int, list[Spoken]] = defaultdict(list)
    rows = session.execute(
        select(
            LogEntry.customer_id,
            LogEntry.at,
            LogEntry.direction,
            LogEntry.id,
            LogEntry.contact_id,
            Message.thread_id,
            LogEntry.channel,
            NoAnswerNeeded.entry_id,
            LogEntry.next_follow_up,
        )
        .outerjoin(Message, Message.id == LogEntry.message_id)
        .outerjoin(NoAnswerNeeded, NoAnswerNeeded.entry_id == LogEntry.id)
        .where(
            LogEntry.customer_id.in_(ids), LogEntry.automatic == "", LogEntry.at > now - _LOOK_BACK, LogEntry.at <= now
        )
        .order_by(LogEntry.customer_id, LogEntry.at, LogEntry.id)
    )
    for customer, at, direction, entry, contact, thread, channel, settled, wish in rows:
        found[customer].append(
            Spoken(
                at=at,
                inbound=direction is Direction.IN,
                entry_id=entry,
                contact_id=contact,
                thread_id=thread,
                fair=channel is Channel.FAIR,
                settled=settled is not None or channel is not Channel.MAIL,
                wish=wish,
            )
        )
    return found


def _last_in(spoken: dict[int, list[Spoken]]) -> dict[int, datetime]:
    return {
        one.contact_id: one.at for said in spoken.values() for one in said if one.inbound and one.contact_id is not None
    }


def _reaches(
    session: Session, ids: Sequence[int], home: Place, last_in: dict[int, datetime], now: datetime
) -> tuple[dict[int, list[Reach]], dict[int, list[Bounced]]]:
    rows = session.execute(
        select(Contact, Customer.country, ContactAddress)
        .join(Customer, Customer.id == Contact.customer_id)
        .join(ContactAddress, ContactAddress.contact_id == Contact.id)
        .where(Contact.customer_id.in_(ids))
        .order_by(Contact.customer_id, Contact.id, ContactAddress.id)
    ).all()
    blocked = suppressed(session, {row[2].written for row in rows}, SuppressionScope.ALL)
    by_contact: dict[int, list[Row[Contact, str, ContactAddress]]] = defaultdict(list)
    for row in rows:
        by_contact[row[0].id].append(row)
    reaches: dict[int, list[Reach]] = defaultdict(list)
    bounced: dict[int, list[Bounced]] = defaultdict(list)
    for addresses in by_contact.values():
        contact, country, _address = addresses[0]
        if any(one[2].health is AddressHealth.OK and one[2].written not in blocked for one in addresses):
            place = place_of_contact(contact, country, home, now)
            reaches[contact.customer_id].append(Reach(contact.id, place, last_in.get(contact.id)))
        elif all(one[2].health is AddressHealth.BOUNCING for one in addresses):
            since = max((one[2].health_at for one in addresses if one[2].health_at is not None), default=None)
            if since is not None:
                bounced[contact.customer_id].append(Bounced(contact.id, since))
    return reaches, bounced


def _business(session: Session, ids: Sequence[int]) -> dict[int, list[Business]]:
    found: dict[int, list[Business]] = defaultdict(list)
    rows = session.execute(
        select(
            BusinessRecord.customer_id,
            BusinessRecord.id,
            BusinessRecord.kind,
            BusinessRecord.stage,
            BusinessRecord.changed_at,
            BusinessRecord.contact_id,
            BusinessRecord.thread_id,
        )
        .where(BusinessRecord.customer_id.in_(ids), BusinessRecord.stage != Stage.CLOSED)
        .order_by(BusinessRecord.customer_id, BusinessRecord.changed_at, BusinessRecord.id)
    )
    for customer, record, kind, stage, changed_at, contact, thread in rows:
        found[customer].append(Business(record, kind.value, stage.value, changed_at, contact, thread))
    return found


def _stopping(session: Session, ids: Sequence[int], now: datetime) -> dict[int, list[Stopping]]:
    found: dict[int, list[Stopping]] = defaultdict(list)
    rows = session.execute(
        select(Signal.customer_id, Signal.kind, Signal.at, Signal.entry_id)
        .where(
            Signal.customer_id.in_(ids),
            Signal.kind.in_([kind.value for kind in _STOPS]),
            Signal.state.in_(_COUNTS),
            Signal.at > now - _LOOK_BACK,
        )
        .order_by(Signal.customer_id, Signal.at, Signal.id)
    )
    for customer, kind, at, entry in rows:
        found[customer].append(Stopping(kind, at, entry))
    return found


def _absences(session: Session, ids: Sequence[int], now: datetime) -> dict[int, list[Absence]]:
    found: dict[int, list[Absence]] = defaultdict(list)
    rows = session.execute(
        select(LogEntry.customer_id, LogEntry.at, Message.back_on)
        .join(Message, Message.id == LogEntry.message_id)
        .where(
            LogEntry.customer_id.in_(ids),
            LogEntry.automatic != "",
            LogEntry.at > now - _LONGEST_ABSENCE,
            Message.back_on.is_not(None),
        )
        .order_by(LogEntry.customer_id, LogEntry.at, LogEntry.id)
    )
    for customer, at, back_on in rows:
        if back_on is not None:
            found[customer].append(Absence(at, back_on))
    return found


def _steps(session: Session, ids: Sequence[int], now: datetime) -> dict[int, list[Step]]:
    found: dict[int, list[Step]] = defaultdict(list)
    rows = session.execute(
        select(
            FollowUp.customer_id,
            FollowUp.anchor,
            FollowUp.step,
            FollowUp.state,
            FollowUp.due_at,
            FollowUp.decided_at,
            FollowUp.moved_by,
        )
        .where(
            and_(FollowUp.customer_id.in_(ids), FollowUp.anchor.not_like(f"{BY_HAND}%")),
            FollowUp.created_at > now - _LOOK_BACK,
        )
        .order_by(FollowUp.customer_id, FollowUp.id)
    )
    for customer, anchor, step, state, due_at, decided_at, moved_by in rows:
        found[customer].append(Step(anchor, step, state.value, decided_at or due_at, moved=bool(moved_by)))
    return found
