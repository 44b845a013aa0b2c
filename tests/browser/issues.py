"""Issues after their approval for the browser: one on its way, one that is through with what followed, mails of which nobody knows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from inboxcrm.engagement.signals import Kind
from inboxcrm.model import (
    Account,
    ChangedBy,
    Channel,
    Click,
    Contact,
    ContactAddress,
    Direction,
    Grade,
    GradeChange,
    Issue,
    IssueState,
    IssueText,
    LogEntry,
    MatchedBy,
    Recipient,
    RecipientState,
    Signal,
    SignalState,
)
from inboxcrm.newsletter.audience import Audience
from tests.browser.seed import OURS

REFUSED_WORDS = "550 5.1.1 <purchasing@gone.example>: Recipient address rejected: User unknown"
LINK = "https://brightlamps.example/new/pendant-pl-40"


def issue_in(
    session: Session, now: datetime, *, name: str = "Autumn news", state: IssueState = IssueState.SENDING, **fields: Any
) -> Issue:
    """An approved issue without recipients, in English and German."""
    begun = state not in (IssueState.APPROVED,)
    values: dict[str, Any] = {
        "account_id": session.scalars(select(Account.id).where(Account.address == OURS)).one(),
        "audience": Audience().packed(),
        "layout": "letter",
        "fallback_language": "en",
        "images": [],
        "variables": {},
        "send_at": now - timedelta(hours=3) if begun else now + timedelta(days=1),
        "approved_at": now - timedelta(hours=4),
        "approved_by": "Li Wei",
        "started_at": now - timedelta(hours=3) if begun else None,
        "ended_at": now - timedelta(hours=1) if state in (IssueState.DONE, IssueState.CANCELLED) else None,
        "created_at": now - timedelta(days=1),
        "created_by": "Li Wei",
    }
    issue = Issue(name=name, state=state, **{**values, **fields})
    issue.texts = [
        IssueText(
            language="en", subjects=["Three new pendants", "Your autumn range"], body="{{ salutation }}\n\nNew!\n"
        ),
        IssueText(
            language="de", subjects=["Drei neue Pendelleuchten", "Ihr Herbst"], body="{{ salutation }}\n\nNeu!\n"
        ),
    ]
    session.add(issue)
    session.flush()
    return issue


def recipients_in(
    session: Session, issue: Issue, now: datetime, states: Mapping[RecipientState, int], **fields: Any
) -> list[Recipient]:
    """So many recipients in each state; the first ones are people of the cast."""
    cast = session.execute(
        select(Contact, ContactAddress)
        .join(ContactAddress, ContactAddress.contact_id == Contact.id)
        .where(ContactAddress.address.startswith("purchasing@"))
        .order_by(Contact.id)
    ).all()
    made: list[Recipient] = []
    gone = {RecipientState.SENT, RecipientState.SENDING, RecipientState.UNKNOWN, RecipientState.REFUSED}
    errors = {
        RecipientState.REFUSED: REFUSED_WORDS,
        RecipientState.UNKNOWN: "The connection broke after the mail was handed over.",
        RecipientState.DROPPED: "is of grade B",
    }
    for state, count in states.items():
        for _number in range(count):
            number = len(made)
            contact, address = cast[number] if number < len(cast) else (None, None)
            at = now - timedelta(minutes=170 - number % 160)
            made.append(
                Recipient(
                    issue_id=issue.id,
                    contact_id=contact.id if contact else None,
                    customer_id=contact.customer_id if contact else None,
                    address=address.address if address else f"buyer{number}@firm{number}.example",
                    written=address.written if address else f"buyer{number}@firm{number}.example",
                    name=contact.name if contact else "",
                    language="de" if number % 4 == 0 else "en",
                    message_id=f"{issue.id}.{number}@brightlamps.example",
                    state=state,
                    due_at=now + timedelta(minutes=20) if state is RecipientState.QUEUED else at,
                    sending_at=at if state in gone else None,
                    sent_at=at if state is RecipientState.SENT else None,
                    error=errors.get(state, ""),
                    filed=True,
                    **fields,
                )
            )
    session.add_all(made)
    session.flush()
    return made


def under_way(session: Session, now: datetime) -> Issue:
    """An issue in the middle of its way, with a bit of everything."""
    issue = issue_in(session, now)
    states = {
        RecipientState.SENT: 60,
        RecipientState.QUEUED: 41,
        RecipientState.REFUSED: 2,
        RecipientState.UNKNOWN: 2,
        RecipientState.DROPPED: 3,
    }
    rows = recipients_in(session, issue, now, states)
    rows[0].answered_at = rows[1].answered_at = now - timedelta(minutes=20)
    rows[2].left_at = now - timedelta(minutes=10)
    rows[3].bounced, rows[3].bounced_at = "hard", now - timedelta(minutes=30)
    session.flush()
    return issue


def through(session: Session, now: datetime, *, days: int = 20, name: str = "Summer news") -> Issue:
    """An issue that went out some days ago, after which two customers asked for something and one of them rose to grade B."""
    then = now - timedelta(days=days)
    issue = issue_in(
        session, then, name=name, state=IssueState.DONE, count_clicks=True, test_share=20, test_hours=24, winner=1
    )
    rows = recipients_in(session, issue, then, {RecipientState.SENT: 80, RecipientState.REFUSED: 1})
    for number, row in enumerate(rows):
        row.in_test, row.subject = number < 16, number % 2 if number < 16 else 1
    for row in rows[1:12:2]:
        row.answered_at = then + timedelta(hours=5)
    rows[20].left_at, rows[21].bounced = then, "soft"
    for number, kind in ((1, Kind.INQUIRY), (3, Kind.SAMPLE_REQUEST), (3, Kind.ORDER)):
        customer_id = rows[number].customer_id
        entry = LogEntry(
            customer_id=customer_id, contact_id=rows[number].contact_id, message_id=None, at=then + timedelta(days=2),
            channel=Channel.CALL, direction=Direction.IN, subject="", content="Please send a sample.", feedback="",
            matched_by=MatchedBy.PERSON, confidence=1.0, match_facts={}, warnings=[], created_at=then,
            created_by="Li Wei",
        )  # fmt: skip
        session.add(entry)
        session.flush()
        session.add(
            Signal(
                entry_id=entry.id, customer_id=customer_id, kind=kind.value, at=then + timedelta(days=2),
                state=SignalState.ADDED, evidence="please send a sample", place="content", start=0, confidence=1.0,
                rule="", details={},
            )
        )  # fmt: skip
    session.add(
        GradeChange(
            customer_id=rows[3].customer_id, at=then + timedelta(days=3), from_grade=Grade.C, to_grade=Grade.B,
            changed_by=ChangedBy.RULES, dimensions={}, reasons=[],
        )
    )  # fmt: skip
    session.add_all(Click(recipient_id=row.id, url=LINK, at=then + timedelta(hours=1)) for row in rows[:9])
    session.flush()
    return issue
