"""What is known of a customer, gathered from the database for one mail: `inboxcrm.followup.variables`. It decides nothing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from inboxcrm import i18n
from inboxcrm.followup import filters, greetings
from inboxcrm.followup.fairs import is_fair
from inboxcrm.followup.salutation import as_before, closing, parted, salutation
from inboxcrm.followup.situations import STAGES_OF_RECORDS
from inboxcrm.followup.variables import Company, Fair, Letter, Me, Money, Person, Quantity, Record, Variables
from inboxcrm.model import (
    BusinessRecord,
    Channel,
    Contact,
    Customer,
    Direction,
    FollowUp,
    LogEntry,
    Message,
    RecordKind,
    Stage,
)

_ABOUT = (RecordKind.ORDER, RecordKind.SAMPLE, RecordKind.QUOTE, RecordKind.INQUIRY)
"""Which record tells the product, where no record is in question."""
_LONGEST_FAIR = 60
_GREETINGS = 5
"""So many of our last mails to a customer are asked how they greet."""
_RECORD_ANCHOR = re.compile(r"(?:record|(?P<stage>[a-z_]+)):(?P<number>\d+)(?::\d+)?")


def gather(
    session: Session,
    customer: Customer,
    contact: Contact,
    *,
    language: str,
    me: Me,
    zone: ZoneInfo,
    now: datetime,
    address: str = "",
    follow_up: FollowUp | None = None,
) -> Variables:
    """All that a mail to this contact may speak of. Days are those of `zone`, the salesperson's; `now` is aware."""
    today = now.astimezone(zone).date()
    records = _records(session, customer.id, _anchored(follow_up), zone=zone, today=today, language=language)
    asked = records.get(None)
    product = next(
        (one.product for one in (asked, *(records.get(kind) for kind in _ABOUT)) if one is not None and one.product),
        filters.listed(customer.products, language),
    )
    name = parted(contact.name, language, company=customer.name)
    return Variables(
        today=today,
        salutation=greeting(session, customer, contact, language),
        closing=closing(language),
        customer=Company(
            name=customer.name,
            local_name=customer.local_name,
            country=str(i18n.locale_of(language).territories.get(customer.country, "")) if customer.country else "",
            products=tuple(customer.products),
        ),
        contact=Person(name.full, name.first, name.last, contact.title, address),
        me=me,
        product=product,
        their_mail=_letter(session, customer.id, Direction.IN, zone, today),
        our_mail=_letter(session, customer.id, Direction.OUT, zone, today),
        inquiry=records.get(RecordKind.INQUIRY),
        quote=records.get(RecordKind.QUOTE),
        sample=records.get(RecordKind.SAMPLE),
        order=records.get(RecordKind.ORDER),
        fair=_fair(session, customer, zone),
        holiday_wish=greetings.wish(customer.country, language, today),
        step=follow_up.step if follow_up is not None else 1,
        goal=follow_up.goal if follow_up is not None else "",
    )


def greeting(session: Session, customer: Customer, contact: Contact, language: str) -> str:
    """The first line to this contact: as we have greeted them before in this language, else as the language asks."""
    mails = session.scalars(
        select(Message.new_text)
        .join(LogEntry, LogEntry.message_id == Message.id)
        .where(
            LogEntry.customer_id == customer.id,
            LogEntry.direction == Direction.OUT,
            Message.direction == Direction.OUT,
            Message.language == language,
            Message.new_text != "",
            Message.automatic == "",
        )
        .order_by(Message.at.desc(), Message.id.desc())
        .limit(_GREETINGS)
    )
    before = next((found for text in mails if (found := as_before(text, contact.name))), "")
    return before or salutation(contact.name, contact.sex, language, title=contact.title, company=customer.name)


def me_of(name: str, address: str) -> Me:
    """The salesperson, as an account names them."""
    found = parted(name)
    return Me(name, found.first, found.last, address)


def record_in_question(session: Session, follow_up: FollowUp | None) -> BusinessRecord | None:
    """The business record that the follow-up's steps are counted from; None when they are counted from something else."""
    number = _anchored(follow_up)
    return session.get(BusinessRecord, number) if number is not None else None


def _anchored(follow_up: FollowUp | None) -> int | None:
    """The number of the record in "sample_sent:12:345" (see `inboxcrm.followup.plan`), or in "record:12"."""
    found = _RECORD_ANCHOR.fullmatch(follow_up.anchor) if follow_up is not None else None
    if found is None or (found["stage"] and found["stage"] not in STAGES_OF_RECORDS):
        return None
    return int(found["number"])


def _records(
    session: Session, customer: int, asked: int | None, *, zone: ZoneInfo, today: date, language: str
) -> dict[RecordKind | None, Record]:
    """The last record of each kind, those still open first; and under None the one in question, which stands for its kind too."""
    rows = session.scalars(
        select(BusinessRecord)
        .where(BusinessRecord.customer_id == customer)
        .order_by(BusinessRecord.opened_at, BusinessRecord.id)
    ).all()
    found: dict[RecordKind | None, Record] = {}
    for row in sorted(rows, key=lambda one: (one.id == asked, one.stage is not Stage.CLOSED)):
        found[row.kind] = _record(row, zone, today, language)
        if row.id == asked:
            found[None] = found[row.kind]
    return found


def _record(row: BusinessRecord, zone: ZoneInfo, today: date, language: str) -> Record:
    days = {step.stage.value: step.at.astimezone(zone).date() for step in row.steps if step.stage is not Stage.CLOSED}
    days.pop(Stage.OPEN.value, None)
    last = max([*days.values(), row.opened_at.astimezone(zone).date()])
    return Record(
        product=filters.listed(row.products, language),
        products=tuple(row.products),
        quantity=Quantity(row.quantity, row.unit) if row.quantity is not None else None,
        amount=Money(row.amount, row.currency) if row.amount is not None else None,
        number=row.number,
        incoterm=row.incoterm,
        port=row.port,
        due=row.due_on,
        opened=row.opened_at.astimezone(zone).date(),
        days=(today - last).days,
        **days,
    )


def _letter(session: Session, customer: int, direction: Direction, zone: ZoneInfo, today: date) -> Letter | None:
    found = session.execute(
        select(LogEntry.subject, LogEntry.at)
        .where(
            LogEntry.customer_id == customer,
            LogEntry.direction == direction,
            LogEntry.channel == Channel.MAIL,
            LogEntry.automatic == "",
        )
        .order_by(LogEntry.at.desc(), LogEntry.id.desc())
        .limit(1)
    ).first()
    if found is None:
        return None
    day = found.at.astimezone(zone).date()
    return Letter(found.subject, day, (today - day).days)


def _fair(session: Session, customer: Customer, zone: ZoneInfo) -> Fair | None:
    met = session.scalars(
        select(LogEntry)
        .where(LogEntry.customer_id == customer.id, LogEntry.channel == Channel.FAIR)
        .order_by(LogEntry.at.desc())
        .limit(1)
    ).first()
    names: Sequence[str] = (customer.source, met.subject if met is not None else "")
    name = next((one.strip() for one in names if is_fair(one) and len(one) <= _LONGEST_FAIR), "")
    if name.casefold() in ("fair", "trade fair", "expo", "messe", "展会", "展览会"):
        name = ""
    day = met.at.astimezone(zone).date() if met is not None else None
    return Fair(name, day) if name or day else None
