"""What the rules of audiences need to know of contacts, out of the database: the same handful of queries for one or for hundreds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    CompoundSelect,
    Select,
    and_,
    bindparam,
    exists,
    func,
    literal,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import Session, aliased

from inboxcrm.customers.suppression import suppressed
from inboxcrm.engagement.signals import Kind
from inboxcrm.followup import languages
from inboxcrm.followup.unanswered import LOOK_BACK, waiting
from inboxcrm.model import (
    Action,
    Contact,
    ContactAddress,
    Customer,
    Direction,
    Draft,
    DraftState,
    FollowUp,
    FollowUpState,
    Issue,
    IssueState,
    LogEntry,
    Message,
    PlanHold,
    Recipient,
    RecipientState,
    Signal,
    SignalState,
    SuppressionScope,
    Unjudged,
)
from inboxcrm.model.base import UtcDateTime
from inboxcrm.newsletter.audience import LONGEST_DAYS, Audience
from inboxcrm.newsletter.choosing import AddressFacts, Candidate, Owner

_SOON = timedelta(days=31)
"""A follow-up that is due later is no reason to keep an issue from somebody."""

# Built once: some of them are asked for every single recipient.
_CONTACT = select(
    Contact.id,
    Contact.name,
    Contact.language,
    Contact.customer_id,
    Customer.name.label("customer"),
    Customer.grade,
    Customer.status,
    Customer.country,
    Customer.source,
    Customer.tags,
    Customer.products,
    Customer.last_entry_at,
).join(Customer, Customer.id == Contact.customer_id)
_NEXT = _CONTACT.where(Contact.id > bindparam("after")).order_by(Contact.id).limit(bindparam("limit"))
_OF = _CONTACT.where(Contact.id.in_(bindparam("contacts", expanding=True)))
_ADDRESSES = (
    select(ContactAddress.contact_id, ContactAddress.address, ContactAddress.written, ContactAddress.health)
    .where(ContactAddress.contact_id.in_(bindparam("contacts", expanding=True)))
    .order_by(ContactAddress.id)
)
_other = aliased(ContactAddress)
_OTHERS = (
    select(ContactAddress.contact_id, ContactAddress.address, Contact.id, Customer.id, Customer.name, Customer.grade)
    .join(_other, and_(_other.address == ContactAddress.address, _other.contact_id != ContactAddress.contact_id))
    .join(Contact, Contact.id == _other.contact_id)
    .join(Customer, Customer.id == Contact.customer_id)
    .where(ContactAddress.contact_id.in_(bindparam("contacts", expanding=True)))
    .order_by(Contact.id)
)
_went_at = func.coalesce(Recipient.sent_at, Recipient.sending_at, type_=UtcDateTime())
_ISSUES = (
    select(Recipient.address, Recipient.state, _went_at, Issue.name)
    .join(Issue, Issue.id == Recipient.issue_id)
    .where(
        Recipient.address.in_(bindparam("addresses", expanding=True)),
        or_(
            and_(
                Recipient.state.in_((RecipientState.SENT, RecipientState.SENDING, RecipientState.UNKNOWN)),
                _went_at > bindparam("since", type_=UtcDateTime()),
            ),
            and_(
                Recipient.state == RecipientState.QUEUED,
                Issue.state.in_((IssueState.APPROVED, IssueState.SENDING, IssueState.PAUSED)),
            ),
        ),
        Recipient.issue_id != bindparam("issue"),
    )
)


@dataclass(slots=True)
class _Busy:
    """What goes on between us and a customer; the newest, or the next, of each kind."""

    written: datetime | None = None
    unanswered: datetime | None = None
    follow_up: datetime | None = None
    refused: datetime | None = None
    held: bool = False
    unjudged: bool = False

    def add(self, kind: str, at: datetime | None) -> None:
        """`kind`: a field."""
        if kind in ("held", "unjudged"):
            setattr(self, kind, True)
        elif at is not None:
            known = getattr(self, kind)
            first = kind == "follow_up"
            setattr(self, kind, at if known is None else (min if first else max)(known, at))


def after(session: Session, contact_id: int, limit: int) -> list[Any]:
    """The rows of the next contacts behind this one, by id: what `candidates` takes."""
    return list(session.execute(_NEXT, {"after": contact_id, "limit": limit}))


def of(session: Session, contacts: Collection[int]) -> list[Any]:
    """The rows of these contacts, as far as they are still there."""
    return list(session.execute(_OF, {"contacts": list(contacts)}))


def candidates(
    session: Session,
    rows: Sequence[Any],
    audience: Audience,
    issue_id: int | None,
    now: datetime,
    *,
    heard: bool = True,
) -> list[Candidate]:
    """The facts of contacts (rows of `after` or `of`) at `now`, in the same order. `issue_id`: the issue that is asked about; `heard`:
    whether the languages of their mails are asked for.
    """
    ids = [row.id for row in rows]
    owned: dict[int, list[Any]] = defaultdict(list)
    for address in session.execute(_ADDRESSES, {"contacts": ids}):
        owned[address.contact_id].append(address)
    addresses = {one.address for some in owned.values() for one in some}
    others = _others(session, ids)
    customers = {row.customer_id for row in rows}
    busy = _busy(session, customers | {one[1] for some in others.values() for one in some}, audience, now)
    blocked = suppressed(session, addresses, SuppressionScope.BULK)
    issues = _issues(session, addresses, issue_id, audience, now)
    spoken = _heard_languages(session, [row.id for row in rows if not row.language]) if heard else {}
    found = []
    for row in rows:
        mine = owned.get(row.id, ())
        facts = tuple(
            AddressFacts(
                one.address,
                one.written,
                one.health,
                blocked[one.address].reason if one.address in blocked else None,
                *issues.get(one.address, (None, "")),
                others=tuple(owner for owner, _customer in others.get((row.id, one.address), ())),
            )
            for one in mine
        )
        sharing = {customer for one in mine for _owner, customer in others.get((row.id, one.address), ())}
        known = _merged([busy[one] for one in (row.customer_id, *sharing) if one in busy])
        found.append(
            Candidate(
                contact_id=row.id,
                customer_id=row.customer_id,
                name=row.name,
                customer=row.customer,
                grade=row.grade,
                status=row.status,
                country=row.country,
                language=languages.spoken(row.language, spoken.get(row.id, ()), row.country),
                source=row.source,
                tags=tuple(row.tags),
                products=tuple(row.products),
                addresses=facts,
                heard_at=row.last_entry_at,
                written_at=known.written,
                unanswered_since=known.unanswered,
                follow_up_at=known.follow_up,
                refused_at=known.refused,
                held=known.held,
                unjudged=known.unjudged,
            )
        )
    return found


def _merged(some: Sequence[_Busy]) -> _Busy:
    if len(some) == 1:
        return some[0]
    merged = _Busy()
    for one in some:
        for kind in ("written", "unanswered", "follow_up", "refused"):
            merged.add(kind, getattr(one, kind))
        merged.held = merged.held or one.held
        merged.unjudged = merged.unjudged or one.unjudged
    return merged


def _others(session: Session, contacts: Sequence[int]) -> Mapping[tuple[int, str], list[tuple[Owner, int]]]:
    """(contact, address) → who else has the address, with the number of his customer."""
    found: dict[tuple[int, str], list[tuple[Owner, int]]] = defaultdict(list)
    rows = session.execute(_OTHERS, {"contacts": list(contacts)})
    for contact, address, owner, customer, name, grade in rows:
        found[contact, address].append((Owner(owner, name, grade), customer))
    return found


def _busy(session: Session, customers: Collection[int], audience: Audience, now: datetime) -> dict[int, _Busy]:
    values = {
        "customers": list(customers),
        "now": now,
        "written_since": now - timedelta(days=audience.not_written_days),
        "waiting_since": now - LOOK_BACK,
        "soon": now + _SOON,
    }
    found: dict[int, _Busy] = defaultdict(_Busy)
    for customer, kind, at in session.execute(_GOING_ON, values):
        found[customer].add(kind, at)
    return found


def _going_on() -> CompoundSelect[Any]:
    """One question for each thing that may go on with some customers. Built once: it is asked for every single recipient."""
    now, soon = bindparam("now", type_=UtcDateTime()), bindparam("soon", type_=UtcDateTime())

    def told(kind: str, customer: Any, at: Any, *where: ColumnElement[bool]) -> Select[Any]:
        some: BindParameter[int] = bindparam("customers", expanding=True)
        return select(customer, literal(kind).label("kind"), at.label("at")).where(customer.in_(some), *where)

    def said(kind: Kind, *where: ColumnElement[bool]) -> Select[Any]:
        return told("refused", Signal.customer_id, Signal.at, Signal.kind == kind.value, *where)

    later = aliased(LogEntry)
    has_written_since = (
        exists()
        .where(later.customer_id == Signal.customer_id, later.at > Signal.at, later.direction == Direction.IN)
        .where(later.automatic == "")
    )
    decided = Signal.state.in_((SignalState.COUNTED, SignalState.CONFIRMED, SignalState.ADDED))
    # Who may have asked to stop, or complains, is left alone until a person has said that it isn't so.
    not_rejected = Signal.state != SignalState.REJECTED
    return union_all(
        told(
            "written",
            LogEntry.customer_id,
            func.max(LogEntry.at, type_=UtcDateTime()),
            LogEntry.direction == Direction.OUT,
            LogEntry.automatic == "",
            LogEntry.at > bindparam("written_since", type_=UtcDateTime()),
        ).group_by(LogEntry.customer_id),
        told(
            "unanswered",
            LogEntry.customer_id,
            LogEntry.at,
            *waiting(bindparam("waiting_since", type_=UtcDateTime()), now),
        ),
        told(
            "follow_up",
            FollowUp.customer_id,
            FollowUp.due_at,
            FollowUp.state.in_((FollowUpState.PLANNED, FollowUpState.DRAFTED)),
            FollowUp.action != Action.TASK,
            FollowUp.due_at <= soon,
        ),
        told(
            "follow_up",
            Draft.customer_id,
            Draft.created_at,
            Draft.state.in_((DraftState.OPEN, DraftState.SNOOZED, DraftState.APPROVED, DraftState.SENDING)),
        ),
        told("unjudged", Unjudged.customer_id, Unjudged.failed_at, Unjudged.failed_at.is_not(None)),
        told("held", PlanHold.customer_id, PlanHold.at, or_(PlanHold.until.is_(None), PlanHold.until > now)),
        said(Kind.NOT_INTERESTED, decided, ~has_written_since),
        said(Kind.UNSUBSCRIBE, not_rejected),
        said(Kind.COMPLAINT, not_rejected, ~has_written_since),
    )


_GOING_ON = _going_on()


def _issues(
    session: Session, addresses: Collection[str], issue_id: int | None, audience: Audience, now: datetime
) -> dict[str, tuple[datetime | None, str]]:
    """Address → when it last got another issue, and the name of one in which its turn is still to come."""
    since = now - timedelta(days=min(audience.min_gap_days, LONGEST_DAYS))
    values = {"addresses": list(addresses), "since": since, "issue": issue_id or 0}
    found: dict[str, tuple[datetime | None, str]] = {}
    for address, state, at, issue in session.execute(_ISSUES, values):
        last, queued = found.get(address, (None, ""))
        if state is RecipientState.QUEUED:
            found[address] = (last, issue)
        else:
            found[address] = (at if last is None else max(last, at), queued)
    return found


def _heard_languages(session: Session, contacts: Sequence[int]) -> dict[int, tuple[str, ...]]:
    """Contact → the language of his last mail, for those whose language the file doesn't know."""
    if not contacts:
        return {}
    newest_first = (
        func.row_number()
        .over(partition_by=LogEntry.contact_id, order_by=(LogEntry.at.desc(), LogEntry.id.desc()))
        .label("place")
    )
    ranked = (
        select(LogEntry.contact_id, Message.language, newest_first)
        .join(Message, Message.id == LogEntry.message_id)
        .where(
            LogEntry.contact_id.in_(contacts),
            LogEntry.direction == Direction.IN,
            LogEntry.automatic == "",
            Message.language != "",
        )
        .subquery()
    )
    rows = session.execute(select(ranked.c.contact_id, ranked.c.language).where(ranked.c.place == 1))
    return {contact: (language,) for contact, language in rows}
