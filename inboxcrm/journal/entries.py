"""Log entries by hand, and corrections by hand: what a person says about an entry holds against all rules, until a person undoes it.

Moving an entry moves everything that hangs on it; nothing here changes a mail.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from inboxcrm.errors import InboxcrmError
from inboxcrm.i18n import _
from inboxcrm.journal.content import shorten
from inboxcrm.journal.dates import recount
from inboxcrm.journal.record import forget
from inboxcrm.journal.tokens import document
from inboxcrm.journal.unjudged import mark
from inboxcrm.matching.lookup import chunks
from inboxcrm.model import (
    Channel,
    Contact,
    Customer,
    Direction,
    LogEntry,
    MatchedBy,
    Message,
    SearchDocument,
    SearchKind,
    Standing,
    TextState,
)


class EntryError(InboxcrmError):
    """What was asked can't be done with this entry; the message says why."""


@dataclass(frozen=True, slots=True)
class Written:
    """What a person writes down: `at` aware UTC; `content` what was said; `feedback` what the customer thinks."""

    channel: Channel
    at: datetime
    direction: Direction
    content: str
    feedback: str = ""
    next_follow_up: date | None = None
    contact_id: int | None = None
    subject: str = ""


def append(session: Session, customer_id: int, written: Written, *, now: datetime, by: str) -> LogEntry:
    """A new entry by hand. Raises EntryError when it says nothing, lies in the future or names somebody else's contact."""
    if session.get(Customer, customer_id) is None:
        raise EntryError(_("There is no customer with the number {id}.").format(id=customer_id))
    _check(session, customer_id, written, now)
    entry = LogEntry(
        customer_id=customer_id,
        message_id=None,
        matched_by=MatchedBy.PERSON,
        confidence=1.0,
        match_facts={},
        warnings=[],
        automatic="",
        created_at=now,
        created_by=by,
        **_columns(written),
    )
    session.add(entry)
    session.flush()
    _index(session, [entry])
    _changed(session, [customer_id])
    return entry


def edit(session: Session, entry: LogEntry, written: Written, *, now: datetime) -> LogEntry:
    """Changes an entry by hand. Of a mail's entry only feedback and next follow-up can be changed. Raises EntryError."""
    if entry.message_id is not None:
        entry.feedback, entry.next_follow_up = written.feedback.strip(), written.next_follow_up
    else:
        _check(session, entry.customer_id, written, now)
        for name, value in _columns(written).items():
            setattr(entry, name, value)
    session.flush()
    _index(session, [entry])
    _changed(session, [entry.customer_id])
    return entry


def delete(session: Session, entry: LogEntry) -> None:
    """Deletes an entry by hand. Raises EntryError for a mail's entry: that is moved or taken out instead."""
    if entry.message_id is not None:
        raise EntryError(_("This entry is a mail; move it to another customer or take it out of the log instead."))
    customer_id = entry.customer_id
    session.expunge(entry)
    forget(session, [entry.id])
    _changed(session, [customer_id])


def move(session: Session, entry: LogEntry, to_customer: int, *, now: datetime, by: str) -> LogEntry:
    """Moves an entry to the customer whose it really is; no rule moves it back. Where that customer has the mail already, the
    two become one. Returns the entry that stands there now. Raises EntryError.

    "Always for this sender" is said in triage (`inboxcrm.customers.triage.assign`) or in the file.
    """
    if session.get(Customer, to_customer) is None:
        raise EntryError(_("There is no customer with the number {id}.").format(id=to_customer))
    origin = entry.customer_id
    if origin == to_customer:
        return entry
    there = None
    if entry.message_id is not None:
        there = session.scalars(
            select(LogEntry).where(LogEntry.message_id == entry.message_id, LogEntry.customer_id == to_customer)
        ).first()
    kept = there or entry
    if there is not None:
        there.feedback = "\n".join(filter(None, [there.feedback, entry.feedback]))
        there.next_follow_up = there.next_follow_up or entry.next_follow_up
        session.expunge(entry)
        forget(session, [entry.id])
    else:
        entry.customer_id, entry.contact_id = to_customer, None
    kept.matched_by, kept.confidence, kept.created_by = MatchedBy.PERSON, 1.0, by or _SOMEBODY
    kept.match_facts = {"from_customer": origin, "by": by, "at": now.isoformat()}
    session.flush()
    _settle(session, kept.message_id, by)
    _index(session, [kept])
    _changed(session, [origin, to_customer])
    return kept


def take_out(session: Session, entry: LogEntry, *, by: str) -> None:
    """Says that a mail is not this customer's. When it is nobody else's it leaves the logs, and no rule brings it back.

    Raises EntryError for an entry by hand.
    """
    if entry.message_id is None:
        raise EntryError(_("This entry was written by hand; delete it instead."))
    message_id, customer_id = entry.message_id, entry.customer_id
    session.expunge(entry)
    forget(session, [entry.id])
    others = session.scalars(select(LogEntry.id).where(LogEntry.message_id == message_id)).first()
    if others is None:
        session.execute(update(Message).where(Message.id == message_id).values(standing=Standing.IGNORED))
    _settle(session, message_id, by)
    _changed(session, [customer_id])


def put_in(session: Session, message_id: int, to_customer: int, *, now: datetime, by: str) -> LogEntry:
    """Says that one mail is this customer's, whatever its sender: the way back from `take_out`. Its text is fetched when it isn't
    here. Raises EntryError.
    """
    message = session.get(Message, message_id)
    if message is None or session.get(Customer, to_customer) is None:
        raise EntryError(_("There is no such mail or no such customer."))
    there = session.scalars(
        select(LogEntry).where(LogEntry.message_id == message_id, LogEntry.customer_id == to_customer)
    ).first()
    if there is not None:
        return there
    entry = LogEntry(
        customer_id=to_customer,
        message_id=message_id,
        at=message.at,
        channel=Channel.MAIL,
        direction=message.direction,
        subject=message.subject,
        content=shorten(message.new_text),
        automatic=message.automatic,
        matched_by=MatchedBy.PERSON,
        confidence=1.0,
        match_facts={"by": by, "at": now.isoformat()},
        warnings=[{"kind": "unverified"}] if message.sender_verified is False else [],
        created_at=now,
        created_by=by or _SOMEBODY,
    )
    session.add(entry)
    message.standing = Standing.LOGGED
    if message.text_state is TextState.ABSENT:
        message.text_state = TextState.WANTED
    session.flush()
    _settle(session, message_id, by)
    _index(session, [entry])
    _changed(session, [to_customer])
    return entry


def confirm(session: Session, entry: LogEntry, *, by: str) -> LogEntry:
    """A person says that the sender is who he says: the doubts are gone, and the mail counts like any other."""
    entry.warnings, entry.created_by = [], by or _SOMEBODY
    entry.matched_by, entry.confidence = MatchedBy.PERSON, 1.0
    session.flush()
    _settle(session, entry.message_id, by)
    _changed(session, [entry.customer_id])
    return entry


_SOMEBODY = "?"
"""A person without a name: the entry must still be seen to be a person's."""


def _changed(session: Session, customers: Collection[int]) -> None:
    """What hangs on the logs of these customers is brought up to date, or marked to be."""
    recount(session, customers)
    mark(session, customers)


def _settle(session: Session, message_id: int | None, by: str) -> None:
    """Marks the other entries of a mail about which a person has decided, so that no rule changes them."""
    if message_id is not None:
        session.execute(
            update(LogEntry)
            .where(LogEntry.message_id == message_id, LogEntry.created_by == "")
            .values(created_by=by or _SOMEBODY)
            .execution_options(synchronize_session="fetch")
        )


def _check(session: Session, customer_id: int, written: Written, now: datetime) -> None:
    if written.channel is Channel.MAIL:
        raise EntryError(_("Mails enter the log by themselves; choose another channel."))
    if not written.content.strip() and not written.feedback.strip():
        raise EntryError(_("Write what it was about."))
    if written.at > now:
        raise EntryError(_("The time lies in the future; what is planned goes into 'next follow-up'."))
    if written.contact_id is not None:
        contact = session.get(Contact, written.contact_id)
        if contact is None or contact.customer_id != customer_id:
            raise EntryError(_("This person is no contact of the customer."))


def _columns(written: Written) -> dict[str, object]:
    return {
        "contact_id": written.contact_id,
        "at": written.at,
        "channel": written.channel,
        "direction": written.direction,
        "subject": " ".join(written.subject.split()),
        "content": written.content.strip(),
        "feedback": written.feedback.strip(),
        "next_follow_up": written.next_follow_up,
    }


def _index(session: Session, entries: Collection[LogEntry]) -> None:
    """Writes the search documents of some entries anew."""
    for some in chunks(entries):
        texts = {
            message: (new_text, " ".join(one["name"] for one in attachments))
            for message, new_text, attachments in session.execute(
                select(Message.id, Message.new_text, Message.attachments).where(
                    Message.id.in_([one.message_id for one in some if one.message_id is not None])
                )
            )
        }
        rows = []
        for one in some:
            new_text, attachments = texts.get(one.message_id or 0, (one.content, ""))
            rows.append(
                {
                    "kind": SearchKind.ENTRY,
                    "ref_id": one.id,
                    "customer_id": one.customer_id,
                    "tokens": document(one.subject, new_text, attachments, one.feedback),
                }
            )
        ids = [one.id for one in some]
        session.execute(
            SearchDocument.__table__.delete().where(  # type: ignore[attr-defined]
                SearchDocument.kind == SearchKind.ENTRY, SearchDocument.ref_id.in_(ids)
            )
        )
        session.connection().execute(insert(SearchDocument.__table__), rows)  # type: ignore[arg-type]
