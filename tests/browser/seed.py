"""Fills a database with the cast: customers, contacts, a year of log entries, strangers in triage, accounts.

The same seed gives the same rows, whatever the day: times hang on `now`.
"""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from inboxcrm.customers.index import index_customers
from inboxcrm.journal.tokens import document
from inboxcrm.model import (
    Account,
    AccountState,
    Action,
    AddressHealth,
    BusinessRecord,
    Channel,
    Contact,
    ContactAddress,
    ContactProposal,
    Customer,
    CustomerDomain,
    DecisionRole,
    Direction,
    Draft,
    DraftState,
    FieldChange,
    FieldSource,
    Folder,
    FolderRole,
    FollowUp,
    FollowUpState,
    Grade,
    LogEntry,
    MatchedBy,
    Message,
    Party,
    PartyRole,
    PlanHold,
    Promise,
    RecordKind,
    SearchDocument,
    SearchKind,
    Stage,
    Standing,
    Status,
    TextState,
    Thread,
    Trouble,
    User,
)
from inboxcrm.model.database import open_engine, upgrade, writing
from inboxcrm.web import users
from tests.browser.cast import BUYERS, DRAFTS, INCOMING, NEWSLETTERS, OUTGOING, STRANGERS, Buyer

OURS = "li.wei@brightlamps.example"
SIGNATURE = "Best regards\n{contact}\n{title}\n{company}\nTel. +49 40 5550 0123"
QUOTED = "On Monday, Li Wei wrote:\n> Dear customer,\n> please find our quotation below.\n> Price for 600 pcs: USD 18.40 FOB Ningbo."


def seed(session: Session, now: datetime, owner: User | None = None) -> None:
    """Everything. `owner` gets every third customer; the others are in the pool."""
    dice = random.Random(20261125)  # noqa: S311  only to vary the rows
    _accounts(session, now)
    for number, buyer in enumerate(BUYERS):
        customer, contact = _customer(session, buyer, now, owner if number % 3 == 0 else None, dice)
        _log(session, customer, contact, buyer, number=number, now=now, dice=dice)
    _strangers(session, now)
    _drafts(session, now)
    _tasks(session, now)
    session.flush()
    index_customers(session, list(session.scalars(select(Customer.id))))
    for one in session.scalars(select(LogEntry)):
        tokens = document(one.subject, one.content, one.feedback)
        session.add(SearchDocument(kind=SearchKind.ENTRY, ref_id=one.id, customer_id=one.customer_id, tokens=tokens))
    session.flush()


def _drafts(session: Session, now: datetime) -> None:
    """Follow-ups whose drafts wait for review, one refused, one on its way; in the languages of their readers."""
    account = session.scalars(select(Account.id).where(Account.address == OURS)).one()
    customers = session.scalars(select(Customer).order_by(Customer.id).limit(len(DRAFTS))).all()
    for number, (customer, (stage, state, subject, body)) in enumerate(zip(customers, DRAFTS, strict=True)):
        contact = session.scalars(
            select(Contact).where(Contact.customer_id == customer.id).order_by(Contact.id)
        ).first()
        answered = session.scalars(
            select(Message)
            .join(LogEntry, LogEntry.message_id == Message.id)
            .where(LogEntry.customer_id == customer.id, LogEntry.direction == Direction.IN, LogEntry.automatic == "")
            .order_by(Message.at.desc())
        ).first()
        assert contact is not None
        reasons = [
            {"kind": "stage", "stage": stage, "since": (now - timedelta(days=6)).isoformat(), "record": None},
            {"kind": "step", "step": 2, "of": 6, "days": 3, "working": False, "goal": "",
             "last": (now - timedelta(days=3)).isoformat()},
        ]  # fmt: skip
        follow_up = FollowUp(
            customer_id=customer.id, contact_id=contact.id, anchor=f"{stage}:{number}:0", stage=stage, step=2,
            action=Action.MAIL, template=stage, due_at=now + timedelta(hours=number - 3), state=FollowUpState.DRAFTED,
            reasons=reasons, created_at=now - timedelta(days=3),
        )  # fmt: skip
        session.add(follow_up)
        session.flush()
        session.add(
            Draft(
                customer_id=customer.id, contact_id=contact.id, follow_up_id=follow_up.id, account_id=account,
                thread_id=answered.thread_id if answered else None, answers_id=answered.id if answered else None,
                message_id=f"draft-{number}@brightlamps.example", references=[answered.message_id] if answered else [],
                in_reply_to=answered.message_id if answered else "",
                to=[{"name": contact.name, "address": f"purchasing@{customer.website.removeprefix('www.')}"}],
                cc=[], bcc=[], subject=subject, body=body.format(name=contact.name) + "\n\nLi Wei\nBright Lamps",
                quoted=f"On Monday, {contact.name} wrote:\n> {answered.new_text}" if answered else "", attachments=[],
                language=contact.language, template=stage, variant="1", state=DraftState(state), reasons=reasons,
                created_at=now - timedelta(hours=10),
                error="550 5.1.1 User unknown" if state == "failed" else "",
                approved_at=now if state == "approved" else None, approved_by="Li Wei" if state == "approved" else "",
                send_at=now + timedelta(hours=20) if state == "approved" else None,
            )
        )  # fmt: skip


def _tasks(session: Session, now: datetime) -> None:
    """What only a person can do: promises that are due, a call, a complaint, an inquiry, a plan that is paused."""
    customers = {one.name: one for one in session.scalars(select(Customer))}
    andina, sunbelt, harbour = (
        customers[name] for name in ("Comercial Andina S.A. de C.V.", "Sunbelt Fixtures Inc.", "Harbour & Finch Ltd")
    )
    today = now.astimezone(ZoneInfo("Asia/Shanghai")).date()
    session.add_all([
        Promise(customer_id=andina.id, text="Les mando el catálogo el martes", made_at=now - timedelta(days=3),
                due_on=today - timedelta(days=1), about="attachment"),
        Promise(customer_id=sunbelt.id, text="I will send you the test report by Wednesday", made_at=now - timedelta(days=2),
                due_on=today, about="attachment"),
        FollowUp(customer_id=harbour.id, anchor="complaint:1", stage="complaint", step=1, action=Action.TASK,
                 due_at=now - timedelta(hours=2), reasons=[{"kind": "complaint", "entry": 1}], created_at=now),
        FollowUp(customer_id=sunbelt.id, anchor="hand:1", stage="general", step=1, action=Action.CALL, goal="New year prices",
                 due_at=now - timedelta(hours=1), reasons=[{"kind": "by_hand", "by": "Li Wei"}], created_at=now),
        BusinessRecord(customer_id=andina.id, kind=RecordKind.INQUIRY, stage=Stage.OPEN, opened_at=now - timedelta(hours=5),
                       changed_at=now - timedelta(hours=5), products=["Pendant PL-40"], quantity=600, unit="pcs"),
        PlanHold(customer_id=customers["Kea Design Ltd"].id, until=None, reason="Moves to a new office", by="Li Wei", at=now),
    ])  # fmt: skip


def make_template(path: Path, user: str, password: str) -> None:
    """A database file with the tables, a user and the whole cast, to be copied for each test."""
    engine = open_engine(f"sqlite:///{path}")
    upgrade(engine)
    now = datetime.now(UTC)
    with writing(engine) as session:
        seed(session, now, users.create_user(session, user, password, now))
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()


def message(
    session: Session,
    key: str,
    at: datetime,
    subject: str,
    text: str = "",
    *,
    sender: tuple[str, str] = ("Li Wei", OURS),
    to: tuple[str, str] = ("Li Wei", OURS),
    direction: Direction = Direction.IN,
    standing: Standing = Standing.LOGGED,
    **more: Any,
) -> Message:
    """One mail with its thread and the party on the other side."""
    thread = Thread(subject=subject)
    session.add(thread)
    session.flush()
    values: dict[str, Any] = {
        "key": key,
        "message_id": key,
        "in_reply_to": "",
        "thread_id": thread.id,
        "direction": direction,
        "standing": standing,
        "at": at,
        "received_at": at,
        "sender_name": sender[0],
        "sender_address": sender[1],
        "recipients": [{"role": "to", "name": to[0], "address": to[1]}],
        "subject": subject,
        "text_state": TextState.PRESENT if text else TextState.ABSENT,
        "new_text": text,
        "attachments": [],
        "problems": [],
        "taken_at": at,
        "size": 2400 + len(text),
    }
    made = Message(**values | more)
    session.add(made)
    session.flush()
    name, address = sender if direction is Direction.IN else to
    role = PartyRole.FROM if direction is Direction.IN else PartyRole.TO
    session.add(Party(address=address, message_id=made.id, role=role, domain=address.rpartition("@")[2], name=name))
    return made


def entry(session: Session, customer: Customer, contact: Contact | None, mail: Message, **more: Any) -> LogEntry:
    """The log entry of a mail."""
    values: dict[str, Any] = {
        "customer_id": customer.id,
        "contact_id": contact.id if contact else None,
        "message_id": mail.id,
        "at": mail.at,
        "channel": Channel.MAIL,
        "direction": mail.direction,
        "subject": mail.subject,
        "content": mail.new_text,
        "automatic": mail.automatic,
        "matched_by": MatchedBy.ADDRESS,
        "confidence": 1.0,
        "match_facts": {"address": mail.sender_address, "role": "from"},
        "warnings": [],
        "created_at": mail.at,
    }
    made = LogEntry(**values | more)
    session.add(made)
    for side, stamp in ((Direction.IN, "last_in_at"), (Direction.OUT, "last_out_at")):
        if made.direction is side and not made.automatic:
            setattr(customer, stamp, max(getattr(customer, stamp) or mail.at, mail.at))
    customer.last_entry_at = max(customer.last_entry_at or mail.at, mail.at)
    session.flush()
    return made


def _accounts(session: Session, now: datetime) -> None:
    good = Account(
        address=OURS, state=AccountState.OK, connected_at=now - timedelta(hours=7), passed_at=now - timedelta(seconds=40),
        last_mail_at=now - timedelta(minutes=6), lag_seconds=0.62, watching=True, capabilities="IMAP4REV1 IDLE CONDSTORE",
        error="",
    )  # fmt: skip
    bad = Account(
        address="sales@brightlamps.example", state=AccountState.STOPPED, connected_at=now - timedelta(days=3),
        passed_at=now - timedelta(days=2), last_mail_at=now - timedelta(days=2), watching=False,
        error="The server refused the password.", error_at=now - timedelta(hours=5), capabilities="",
    )  # fmt: skip
    session.add_all([good, bad])
    session.flush()
    inbox = Folder(account_id=good.id, name="INBOX", role=FolderRole.INBOX, uidvalidity=7, low_uid=4100, high_uid=9800,
                   history_left=4099, history_total=9700, checked_at=now)  # fmt: skip
    session.add_all([
        inbox,
        Folder(account_id=good.id, name="已发送", role=FolderRole.SENT, uidvalidity=8, low_uid=1, high_uid=3120,
               history_left=0, history_total=3000, checked_at=now),
        Folder(account_id=bad.id, name="INBOX", role=FolderRole.INBOX, uidvalidity=9, low_uid=1, high_uid=410,
               history_left=0, history_total=400, checked_at=now - timedelta(days=2)),
    ])  # fmt: skip
    session.flush()
    session.add(
        Trouble(folder_id=inbox.id, uidvalidity=7, uid=8812, error="The server sent an empty answer for this mail.",
                attempts=4, first_at=now - timedelta(hours=9), last_at=now - timedelta(minutes=20))
    )  # fmt: skip


def _customer(
    session: Session, buyer: Buyer, now: datetime, owner: User | None, dice: random.Random
) -> tuple[Customer, Contact]:
    created = now - timedelta(days=dice.randrange(120, 600))
    customer = Customer(
        name=buyer.name, local_name=buyer.local_name, country=buyer.country, website=f"www.{buyer.domain}",
        industry=dice.choice(["Lighting wholesale", "Hotel projects", "Furniture retail", ""]),
        size=dice.choice(["11–50", "51–200", "", "200+"]), markets=dice.sample(["EU", "GCC", "MERCOSUR", "UK"], 2),
        source=dice.choice(["Canton Fair", "LinkedIn", "Alibaba", "Referral"]),
        tags=dice.sample(["hotel", "retail", "OEM", "design", "urgent"], dice.randrange(0, 3)),
        products=dice.sample(["Pendant PL-40", "Chandelier CR-118", "Wall lamp WL-7", "Track light TR-3"], 2),
        payment_terms=dice.choice(["30/70 T/T", "L/C at sight", ""]), phones=["+49 40 5550 0100"],
        status=Status(buyer.status), grade=Grade(buyer.grade), owner_id=owner.id if owner else None, created_at=created,
        first_contact_at=created, first_channel="fair",
        objections="Lead time before the holidays; wants CE and RoHS papers for each lot." if buyer.grade == "A" else "",
    )  # fmt: skip
    session.add(customer)
    session.flush()
    session.add(CustomerDomain(domain=buyer.domain, customer_id=customer.id))
    contact = Contact(
        customer_id=customer.id, name=buyer.contact, title=buyer.title, language=buyer.language, created_at=created,
        phones=["+49 171 5550 177"], decision_role=DecisionRole.DECISION_MAKER if buyer.grade == "A" else DecisionRole.UNKNOWN,
        preferred_channel="whatsapp" if buyer.country in {"AE", "SA", "BR"} else "",
    )  # fmt: skip
    session.add(contact)
    session.flush()
    address = f"purchasing@{buyer.domain}"
    session.add(ContactAddress(contact_id=contact.id, address=address, written=address))
    if buyer.grade in {"A", "B"}:
        second = Contact(customer_id=customer.id, name="Accounts", title="", created_at=created)
        session.add(second)
        session.flush()
        session.add(
            ContactAddress(contact_id=second.id, address=f"accounts@{buyer.domain}", written=f"accounts@{buyer.domain}",
                           health=AddressHealth.BOUNCING, health_at=now - timedelta(days=12),
                           health_reason="5.1.1 user unknown")
        )  # fmt: skip
    session.add(
        FieldChange(entity="customer", entity_id=customer.id, field="country", old="", new=buyer.country,
                    source=FieldSource.IMPORT, by="customers.csv", at=created)
    )  # fmt: skip
    if buyer.grade == "A":
        session.add(
            FieldChange(entity="customer", entity_id=customer.id, field="payment_terms", old="", new=customer.payment_terms,
                        source=FieldSource.PERSON, by="Li Wei", at=now - timedelta(days=9))
        )  # fmt: skip
    return customer, contact


def _log(
    session: Session,
    customer: Customer,
    contact: Contact,
    buyer: Buyer,
    *,
    number: int,
    now: datetime,
    dice: random.Random,
) -> None:
    address = f"purchasing@{buyer.domain}"
    subject, text = INCOMING[buyer.language][number % len(INCOMING[buyer.language])]
    sign = SIGNATURE.format(contact=buyer.contact, title=buyer.title, company=buyer.name)
    recent = number % 5 == 0
    times = [now - timedelta(days=days, minutes=dice.randrange(600)) for days in (210, 96, 41, 17)]
    if recent:
        times.append(now - timedelta(minutes=6 + 11 * number))
    for position, at in enumerate(times):
        sent = message(
            session, f"out-{number}-{position}@brightlamps.example", at - timedelta(hours=dice.randrange(2, 60)),
            OUTGOING[position % 2][0].format(n=2200 + number),
            OUTGOING[position % 2][1].format(name=buyer.contact), to=(buyer.contact, address), direction=Direction.OUT,
        )  # fmt: skip
        entry(session, customer, contact, sent, match_facts={"address": address, "role": "to"})
        attachments = (
            [{"name": "PO-2291 drawing.pdf", "type": "application/pdf", "size": 214_300}] if position % 3 == 1 else []
        )
        came = message(
            session, f"in-{number}-{position}@{buyer.domain}", at, subject, text, sender=(buyer.contact, address),
            quoted_text=QUOTED, signature=sign, language=buyer.language, attachments=attachments,
            sender_verified=number != 5,
        )  # fmt: skip
        entry(
            session, customer, contact, came,
            warnings=[{"kind": "unverified", "address": address}] if number == 5 and position == len(times) - 1 else [],
        )  # fmt: skip
    if number % 4 == 1:
        away = message(
            session, f"away-{number}@{buyer.domain}", now - timedelta(days=16), f"Automatic reply: {subject}",
            "I am out of the office until Monday and will answer then.", sender=(buyer.contact, address), automatic="auto_reply",
        )  # fmt: skip
        entry(session, customer, contact, away)
    if number % 6 == 0:
        session.add(
            LogEntry(
                customer_id=customer.id, contact_id=contact.id, message_id=None, at=now - timedelta(days=30),
                channel=Channel.FAIR if number % 12 else Channel.CALL, direction=Direction.IN, subject="",
                content="Met at our stand. Wants a full container in spring if the new certificates are ready.",
                feedback="Likes the brass finish; finds the packing weak.", matched_by=MatchedBy.PERSON, confidence=1.0,
                match_facts={}, warnings=[], created_at=now - timedelta(days=30), created_by="Li Wei",
                next_follow_up=(now + timedelta(days=9)).date(),
            )
        )  # fmt: skip
    if number in {0, 4}:
        stranger = message(
            session, f"new-{number}@{buyer.domain}", now - timedelta(hours=3), f"Re: {subject}", text,
            sender=("Jonas Brandt", f"j.brandt@{buyer.domain}"),
        )  # fmt: skip
        entry(session, customer, None, stranger, matched_by=MatchedBy.DOMAIN, confidence=0.7,
              match_facts={"address": stranger.sender_address, "domain": buyer.domain})  # fmt: skip
        session.add(
            ContactProposal(customer_id=customer.id, address=stranger.sender_address, written=stranger.sender_address,
                            name="Jonas Brandt", message_id=stranger.id, created_at=now - timedelta(hours=3))
        )  # fmt: skip


def _strangers(session: Session, now: datetime) -> None:
    for kind, senders in (("", STRANGERS), ("list", NEWSLETTERS)):
        for place, (name, address, subject, count) in enumerate(senders):
            for copy in range(count):
                message(
                    session, f"{address}-{copy}", now - timedelta(hours=2 + 5 * place + 30 * copy), subject,
                    sender=(name, address), standing=Standing.UNMATCHED, automatic=kind,
                )  # fmt: skip
