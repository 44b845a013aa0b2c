"""What planning needs to know, out of the database: a handful of queries for some customers; the others cost nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Row, and_, case, func, select
from sqlalchemy.orm import Session

from inboxcrm.customers.suppression import suppressed
from inboxcrm.engagement.signals import Kind
from inboxcrm.followup.facts import Absence, Bounced, Business, Facts, Reach, Spoken, Step, Stopping
from inboxcrm.followup.fairs import is_fair
from inboxcrm.followup.places import Clock, Place, place_of
from inboxcrm.matching.lookup import chunks
from inboxcrm.model import (
    AddressHealth,
    BusinessRecord,
    Channel,
    Contact,
    ContactAddress,
    Customer,
    DecisionRole,
    Direction,
    FollowUp,
    Grade,
    LogEntry,
    Message,
    NoAnswerNeeded,
    PlanHold,
    Signal,
    SignalState,
    Stage,
    SuppressionScope,
)

GRADE_RANK = case({Grade.A: 0, Grade.B: 1, Grade.C: 2}, value=Customer.grade, else_=3)
"""The best grade first, for ORDER BY."""
_CHUNK = 200
"""Customers that are in memory together."""
_LOOK_BACK = timedelta(days=1100)
"""Older contacts and steps decide about nothing any more."""
_LONGEST_ABSENCE = timedelta(days=120)
_STOPS = (Kind.NOT_INTERESTED, Kind.UNSUBSCRIBE, Kind.COMPLAINT)
_COUNTS = (SignalState.COUNTED, SignalState.CONFIRMED, SignalState.ADDED)
_PERSONAL = (Channel.CALL, Channel.MEETING, Channel.FAIR, Channel.VISIT)
BY_HAND = "hand:"
"""How the anchors of follow-ups begin that a person has planned."""


def facts_of(session: Session, customers: Sequence[int], home: Place, now: datetime) -> Iterator[Facts]:
    """What is known of these customers at `now`, in the order of their ids; those that are gone are left out. `home`: where we sit."""
    for some in chunks(customers, _CHUNK):
        log = _log(session, some, now)
        reaches, bounced = _reaches(session, some, home, log)
        business, stopping = _business(session, some), _stopping(session, some, now)
        absences, steps = _absences(session, some, now), _steps(session, some, now)
        holds = {
            one.customer_id: one for one in session.scalars(select(PlanHold).where(PlanHold.customer_id.in_(some)))
        }
        rows = session.execute(
            select(Customer.id, Customer.grade, Customer.status, Customer.source, Customer.created_at)
            .where(Customer.id.in_(some))
            .order_by(Customer.id)
        )
        for customer, grade, status, source, created_at in rows:
            hold = holds.get(customer)
            yield Facts(
                customer_id=customer,
                grade=grade.value,
                status=status.value,
                zone=home.zone,
                reaches=tuple(reaches.get(customer, ())),
                spoken=tuple(log.spoken.get(customer, ())),
                business=tuple(business.get(customer, ())),
                stopping=tuple(stopping.get(customer, ())),
                absences=tuple(absences.get(customer, ())),
                bounced=tuple(bounced.get(customer, ())),
                steps=tuple(steps.get(customer, ())),
                held=hold is not None and (hold.until is None or hold.until > now),
                held_until=hold.until if hold is not None else None,
                met_at=created_at if is_fair(source) else None,
            )


def place_of_contact(contact: Contact, country: str, home: Place, clock: Clock | None = None) -> Place:
    """Where a contact sits, by the file and by the clock of his last mail. `country`: of the customer; `home`: where we sit."""
    return place_of(home=home, zone=contact.time_zone, phones=contact.phones, country=country, clock=clock)


def clock_of(session: Session, contact_id: int) -> Clock | None:
    """The clock of a contact's last mail; None when none told it."""
    return clocks_of(session, [contact_id]).get(contact_id)


def clocks_of(session: Session, contacts: Collection[int]) -> dict[int, Clock]:
    """Contact → the clock of his last mail; without those whose mails told none."""
    newest_first = func.row_number().over(
        partition_by=LogEntry.contact_id, order_by=(LogEntry.at.desc(), LogEntry.id.desc())
    )
    ranked = (
        select(LogEntry.contact_id, LogEntry.at, Message.utc_offset, newest_first.label("place"))
        .join(Message, Message.id == LogEntry.message_id)
        .where(LogEntry.contact_id.in_(contacts), LogEntry.direction == Direction.IN, Message.utc_offset.is_not(None))
        .subquery()
    )
    rows = session.execute(select(ranked).where(ranked.c.place == 1))
    return {row.contact_id: Clock(timedelta(minutes=row.utc_offset), row.at) for row in rows}


def best_first(session: Session) -> list[int]:
    """Every customer (numbers only): the best grade first, then the one with the latest contact."""
    last = (
        select(LogEntry.customer_id, func.max(LogEntry.at).label("at"))
        .where(LogEntry.automatic == "")
        .group_by(LogEntry.customer_id)
        .subquery()
    )
    chosen = (
        select(Customer.id)
        .outerjoin(last, last.c.customer_id == Customer.id)
        .order_by(GRADE_RANK, func.coalesce(last.c.at, Customer.created_at).desc(), Customer.id)
    )
    return list(session.scalars(chosen))


@dataclass(frozen=True, slots=True)
class _Log:
    """The contacts of each customer, in the order of time, and the clock of each person's last mail."""

    spoken: dict[int, list[Spoken]] = field(default_factory=lambda: defaultdict(list))
    clocks: dict[int, Clock] = field(default_factory=dict)


def _log(session: Session, ids: Sequence[int], now: datetime) -> _Log:
    found = _Log()
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
            Message.utc_offset,
        )
        .outerjoin(Message, Message.id == LogEntry.message_id)
        .outerjoin(NoAnswerNeeded, NoAnswerNeeded.entry_id == LogEntry.id)
        .where(
            LogEntry.customer_id.in_(ids), LogEntry.automatic == "", LogEntry.at > now - _LOOK_BACK, LogEntry.at <= now
        )
        .order_by(LogEntry.customer_id, LogEntry.at, LogEntry.id)
    )
    for customer, at, direction, entry, contact, thread, channel, settled, wish, offset in rows:
        if direction is Direction.IN and contact is not None and offset is not None:
            found.clocks[contact] = Clock(timedelta(minutes=offset), at)
        found.spoken[customer].append(
            Spoken(
                at=at,
                inbound=direction is Direction.IN,
                entry_id=entry,
                contact_id=contact,
                thread_id=thread,
                fair=channel is Channel.FAIR,
                personal=channel in _PERSONAL,
                settled=settled is not None or channel is not Channel.MAIL,
                wish=wish,
            )
        )
    return found


def _reaches(
    session: Session, ids: Sequence[int], home: Place, log: _Log
) -> tuple[dict[int, list[Reach]], dict[int, list[Bounced]]]:
    rows = session.execute(
        select(Contact, Customer.country, ContactAddress)
        .join(Customer, Customer.id == Contact.customer_id)
        .join(ContactAddress, ContactAddress.contact_id == Contact.id)
        .where(Contact.customer_id.in_(ids))
        .order_by(Contact.customer_id, Contact.id, ContactAddress.id)
    ).all()
    last_in: dict[int, datetime] = {}
    threads: dict[int, set[int]] = defaultdict(set)
    for one in (one for said in log.spoken.values() for one in said if one.inbound):
        if one.contact_id is not None:
            last_in[one.contact_id] = one.at
            if one.thread_id is not None:
                threads[one.contact_id].add(one.thread_id)
    blocked = suppressed(session, {row[2].written for row in rows}, SuppressionScope.ALL)
    by_contact: dict[int, list[Row[Contact, str, ContactAddress]]] = defaultdict(list)
    for row in rows:
        by_contact[row[0].id].append(row)
    reaches: dict[int, list[Reach]] = defaultdict(list)
    bounced: dict[int, list[Bounced]] = defaultdict(list)
    for addresses in by_contact.values():
        contact, country, _address = addresses[0]
        if any(one[2].health is AddressHealth.OK and one[2].written not in blocked for one in addresses):
            place = place_of_contact(contact, country, home, log.clocks.get(contact.id))
            decides = contact.decision_role is DecisionRole.DECISION_MAKER
            wrote_in = frozenset(threads.get(contact.id, ()))
            reaches[contact.customer_id].append(
                Reach(contact.id, place, last_in.get(contact.id), wrote_in, decides=decides)
            )
        elif all(one[2].health is not AddressHealth.OK for one in addresses):
            since = max((one[2].health_at for one in addresses if one[2].health_at is not None), default=None)
            left = all(one[2].health is AddressHealth.LEFT for one in addresses)
            if since is not None:
                bounced[contact.customer_id].append(Bounced(contact.id, since, left=left))
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
        select(LogEntry.customer_id, LogEntry.at, Message.back_on, LogEntry.contact_id)
        .join(Message, Message.id == LogEntry.message_id)
        .where(
            LogEntry.customer_id.in_(ids),
            LogEntry.automatic != "",
            LogEntry.at > now - _LONGEST_ABSENCE,
            Message.back_on.is_not(None),
        )
        .order_by(LogEntry.customer_id, LogEntry.at, LogEntry.id)
    )
    for customer, at, back_on, contact in rows:
        if back_on is not None:
            found[customer].append(Absence(at, back_on, contact))
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
            FollowUp.created_at,
        )
        .where(
            and_(FollowUp.customer_id.in_(ids), FollowUp.anchor.not_like(f"{BY_HAND}%")),
            FollowUp.created_at > now - _LOOK_BACK,
        )
        .order_by(FollowUp.customer_id, FollowUp.id)
    )
    for customer, anchor, step, state, due_at, decided_at, moved_by, created_at in rows:
        at = decided_at or due_at
        found[customer].append(Step(anchor, step, state.value, at, moved=bool(moved_by), planned_at=created_at))
    return found
