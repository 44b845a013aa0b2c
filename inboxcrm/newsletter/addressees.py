"""A recipient with what the texts may say about him: read for some recipients at once, never one query for each."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from inboxcrm import i18n
from inboxcrm.followup import filters, greetings
from inboxcrm.followup.salutation import closing, parted, salutation
from inboxcrm.followup.samples import known as invented
from inboxcrm.followup.variables import Company, Me, Person, Variables, names
from inboxcrm.model import Contact, Customer, Recipient
from inboxcrm.newsletter.choosing import Choice
from inboxcrm.newsletter.outbox import Queued

GROUPS = ("customer", "contact", "me")
SINGLE = ("today", "salutation", "closing", "product", "holiday_wish")
"""What a newsletter may speak of: people and companies, not the business under way with one of them."""

_FACTS = (
    select(
        Contact.id,
        Contact.sex,
        Contact.title,
        Customer.name,
        Customer.local_name,
        Customer.country,
        Customer.products,
    )
    .join(Customer, Customer.id == Contact.customer_id)
    .where(Contact.id.in_(bindparam("contacts", expanding=True)))
)


@dataclass(frozen=True, slots=True)
class Addressee:
    """What a mail needs to know of whom it goes to. `recipient_id` 0: a mail to try the issue. `address` in comparison form, `written`
    as mail goes there; `subject`: which of the subjects; `message_id` without angle brackets.
    """

    recipient_id: int
    issue_id: int
    address: str
    written: str
    name: str
    language: str
    message_id: str
    subject: int = 0
    sex: str = ""
    title: str = ""
    company: str = ""
    company_local: str = ""
    country: str = ""
    products: tuple[str, ...] = ()


def addressees(session: Session, recipients: Collection[Recipient | Queued]) -> dict[int, Addressee]:
    """Recipient id → its addressee. Of recipients whose contact is gone only the row itself is known."""
    contacts = {one.contact_id for one in recipients if one.contact_id is not None}
    rows = {row.id: row for row in session.execute(_FACTS, {"contacts": list(contacts)})} if contacts else {}
    found = {}
    for one in recipients:
        row = rows.get(one.contact_id)
        found[one.id] = Addressee(
            one.id,
            one.issue_id,
            one.address,
            one.written,
            one.name,
            one.language,
            one.message_id,
            one.subject,
            *((row.sex, row.title, row.name, row.local_name, row.country, tuple(row.products)) if row else ()),
        )
    return found


def would_be(
    session: Session, choices: Collection[Choice], issue_id: int, message_id: str = "", subject: int = 0
) -> list[Addressee]:
    """The addressees that contacts would be, to look at a mail before anybody is a recipient; in the same order."""
    rows = {row.id: row for row in session.execute(_FACTS, {"contacts": [one.contact_id for one in choices]})}
    found = []
    for one in choices:
        row = rows[one.contact_id]
        found.append(
            Addressee(
                0,
                issue_id,
                one.address,
                one.written,
                one.name,
                one.language,
                message_id,
                subject,
                row.sex,
                row.title,
                row.name,
                row.local_name,
                row.country,
                tuple(row.products),
            )
        )
    return found


def sample(language: str, issue_id: int, message_id: str, subject: int = 0) -> Addressee:
    """The invented customer of a language, to look at an issue without choosing somebody."""
    known = invented(language)
    return Addressee(
        0,
        issue_id,
        known.contact.address,
        known.contact.address,
        known.contact.name,
        language,
        message_id,
        subject,
        title=known.contact.title,
        company=known.customer.name,
        company_local=known.customer.local_name,
        country=known.customer.country,
        products=known.customer.products,
    )


def variables(one: Addressee, me: Me, zone: ZoneInfo, now: datetime) -> Variables:
    """What the texts may say to this one; days are those of `zone`, the salesperson's."""
    language, company = one.language, one.company
    today = now.astimezone(zone).date()
    name = parted(one.name, language, company=company)
    listed = filters.listed(one.products, language)
    return Variables(
        today=today,
        salutation=salutation(one.name, one.sex, language, title=one.title, company=company),
        closing=closing(language),
        customer=Company(company, one.company_local, _country(one.country, language), one.products),
        contact=Person(name.full, name.first, name.last, one.title, one.written),
        me=me,
        product=listed,
        holiday_wish=_wish(one.country, language, today),
    )


def known_names() -> dict[str, type | None]:
    """The variables of newsletters, as `inboxcrm.followup.rendering.problems` takes them."""
    return {name: kind for name, kind in names().items() if name.partition(".")[0] in (*GROUPS, *SINGLE)}


@lru_cache(maxsize=4096)
def _country(code: str, language: str) -> str:
    return str(i18n.locale_of(language).territories.get(code, "")) if code else ""


@lru_cache(maxsize=4096)
def _wish(country: str, language: str, today: date) -> str:
    return greetings.wish(country, language, today)
