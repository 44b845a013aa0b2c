"""The newsletters of the demo: a series whose last issue went out some weeks ago, with what became of it, and whose next one waits for
approval. What came back is taken from the mailbox as it is; only that the issue itself went is invented.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from inboxcrm.customers.suppression import suppress
from inboxcrm.demo.cast import Cast, dice
from inboxcrm.followup.places import place_of
from inboxcrm.model import (
    AddressHealth,
    Contact,
    ContactAddress,
    Customer,
    Direction,
    Issue,
    IssueState,
    LogEntry,
    Newsletter,
    Recipient,
    RecipientState,
    SuppressionReason,
)
from inboxcrm.newsletter import issues, series
from inboxcrm.newsletter.files import FOLDER
from inboxcrm.newsletter.occasions import PRODUCTS_FILE
from inboxcrm.newsletter.press import Press
from inboxcrm.reading.addresses import domain_of, normal

SERIES = "C-level batch newsletter"
_LANGUAGES = ("en", "zh", "de", "es", "fr", "it", "pt", "ru", "ar")
_SENT = timedelta(days=24)
"""So long ago the last issue went: everybody may get the next one."""
_NEW = (("FX-120", 44), ("PR-450", 31), ("RV-810", 15), ("AV-410", 6))
"""Codes of products, and how many days ago they became new: two for each issue."""
_BOUNCES = "ivoirequip"
"""A customer whose address didn't exist any more; others whose mail comes back were known before."""
_LEAVER = "minskpipe"
"""A customer who has left after the last issue."""


def products_list(cast: Cast, today: date) -> str:
    """newsletter/products.csv: what is new in the catalogue."""
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\n")
    others = [one for one in _LANGUAGES if one != "en"]
    rows.writerow(("name", *(f"name_{one}" for one in others), "new_since"))
    for code, days in _NEW:
        names = cast.products[code].names
        texts = [_title(names.get(one, names["en"])) for one in ("en", *others)]
        rows.writerow((*texts, (today - timedelta(days=days)).isoformat()))
    return out.getvalue()


def write_products(home: Path, cast: Cast, today: date) -> None:
    """Puts the list into the home folder."""
    folder = home / FOLDER
    folder.mkdir(exist_ok=True)
    (folder / PRODUCTS_FILE).write_text(products_list(cast, today), encoding="utf-8")


def stage(session: Session, press: Press, cast: Cast, now: datetime, *, by: str) -> None:
    """Makes the series, its last issue as sent, and its next one in review; once, after the mailbox is read."""
    if session.scalar(select(Newsletter.id).limit(1)) is not None:
        return
    then = now - _SENT
    made = series.create(
        session,
        press,
        name=SERIES,
        account_id=issues.account_id_of(session, press),
        template="new_products",
        languages=_LANGUAGES,
        now=then - timedelta(days=7),
        by=by,
    )
    last = series.draft_next(session, press, made.id, then, by=by)
    if last.issue_id is not None:
        _send(session, press, session.get_one(Issue, last.issue_id), cast, then, by=by)
    made.next_at = series.next_day(now, made.day, made.every_months, press.zone)
    series.draft_next(session, press, made.id, now, by=by)


def _send(session: Session, press: Press, issue: Issue, cast: Cast, then: datetime, *, by: str) -> None:
    """The issue as it is after its mailing: it went to everybody of grade C in the customer list, in their mornings."""
    listed = {
        normal(person.address): (company.key, company.language)
        for company in cast.companies
        if company.listed and company.grade == "C"
        for person in company.people
    }
    rows = session.execute(
        select(ContactAddress, Contact, Customer)
        .join(Contact, Contact.id == ContactAddress.contact_id)
        .join(Customer, Customer.id == Contact.customer_id)
        .where(ContactAddress.address.in_(listed))
        .order_by(Contact.id)
    ).all()
    calendar = press.office_calendar()
    sent: list[Recipient] = []
    for address, contact, customer in rows:
        key, language = listed[address.address]
        bounces = address.health is AddressHealth.BOUNCING
        if bounces and key != _BOUNCES:
            continue
        place = place_of(home=calendar.home, zone=contact.time_zone, phones=contact.phones, country=customer.country)
        chance = dice("newsletter", address.address)
        at = calendar.next_morning(then, place) + timedelta(minutes=chance.uniform(1, 40))
        recipient = Recipient(
            issue_id=issue.id,
            contact_id=contact.id,
            customer_id=customer.id,
            address=address.address,
            written=address.written,
            name=contact.name,
            language=language if language in _LANGUAGES else "en",
            message_id=press.message_id(domain_of(cast.seller.person.address)),
            state=RecipientState.SENT,
            due_at=at,
            attempts=1,
            sending_at=at,
            sent_at=at + timedelta(seconds=1),
            filed=True,
        )
        session.add(recipient)
        sent.append(recipient)
        if bounces:
            recipient.bounced, recipient.bounced_at = "hard", at + timedelta(minutes=1)
        elif key == _LEAVER:
            _leave(session, recipient, at + timedelta(hours=2))
    _note_answers(session, sent)
    issue.state, issue.send_at, issue.approved_at, issue.approved_by = IssueState.DONE, then, then, by
    issue.started_at = min((one.due_at for one in sent), default=then)
    issue.ended_at = max((one.due_at for one in sent), default=then)
    session.flush()


def _leave(session: Session, recipient: Recipient, at: datetime) -> None:
    recipient.left_at = at
    suppress(
        session,
        recipient.address,
        reason=SuppressionReason.LEFT,
        now=at,
        proof={"request": "one-click", "issue_id": recipient.issue_id, "client": "198.51.100.7"},
    )


def _note_answers(session: Session, sent: Sequence[Recipient]) -> None:
    """Who wrote to us within two weeks has answered, as far as the log knows."""
    for one in sent:
        if one.sent_at is None or one.bounced:
            continue
        one.answered_at = session.scalar(
            select(func.min(LogEntry.at)).where(
                LogEntry.contact_id == one.contact_id,
                LogEntry.direction == Direction.IN,
                LogEntry.at > one.sent_at,
                LogEntry.at < one.sent_at + timedelta(days=14),
            )
        )


def _title(name: str) -> str:
    return name[:1].upper() + name[1:]
