"""One salesperson with a real mailbox and a real outgoing server, customers of grade C, issues of hers, and what sends them."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import insert, select

from inboxcrm.followup.calendar import Calendar
from inboxcrm.followup.places import Place
from inboxcrm.mailbox.throttle import Throttle
from inboxcrm.model import (
    AddressHealth,
    Contact,
    ContactAddress,
    Customer,
    Grade,
    Issue,
    IssueState,
    IssueText,
    Recipient,
    RecipientState,
    Status,
)
from inboxcrm.model.database import looking, open_engine, upgrade, writing
from inboxcrm.newsletter.audience import Audience
from inboxcrm.newsletter.mailing import Progress, progress
from inboxcrm.newsletter.press import Press
from inboxcrm.reading.addresses import normal
from inboxcrm.service import accounts
from inboxcrm.service.events import Events
from inboxcrm.service.lines import Lines
from inboxcrm.service.newsletters import AccountMailing
from inboxcrm.service.taking import Store
from inboxcrm.settings import Settings
from tests.servers.dovecot import Dovecot
from tests.servers.smtp import SmtpServer

_NUMBERS = count(1)
FREE = {"per_hour": 0, "per_day": 0, "per_domain_per_hour": 0}
"""No limits."""
ANNA, BRUNO, CARLA = "anna@ahlers.example", "bruno@bruno.example", "carla@carvalho.example"
BODY = "{{ salutation }}\n\nthree new valves have left our test bench.\n\n{{ closing }}\n"


@dataclass
class MailingRoom:
    """Time stands still unless a test moves it on (`later`)."""

    dovecot: Dovecot
    smtp: SmtpServer
    user: str
    home: Path
    newsletter: dict[str, Any] = field(default_factory=lambda: dict(FREE))
    sending: dict[str, Any] = field(default_factory=dict)
    account: dict[str, Any] = field(default_factory=dict)
    public: dict[str, Any] = field(default_factory=dict)
    url: str = ""

    def __post_init__(self) -> None:
        values = {"saves_sent_mail": False, "name": "Lina Chen", **self.account}
        account = self.smtp.with_smtp(self.dovecot.settings_for(self.user, **values))
        self.home.mkdir(parents=True, exist_ok=True)
        self.settings = Settings(
            home=self.home,
            accounts=(account,),
            database={"url": self.url},  # type: ignore[arg-type]  # pydantic makes the tables
            sync={"readers": 1, "timeout_seconds": 5},  # type: ignore[arg-type]
            sending={"account_per_minute": 1000, "domain_per_minute": 1000, "answer_seconds": 1, **self.sending},  # type: ignore[arg-type]
            newsletter={"company": "Bright Valve", "postal_address": "8 Yongjiang Road", **self.newsletter},  # type: ignore[arg-type]
            public=self.public,  # type: ignore[arg-type]
        )
        self.engine = open_engine(self.settings.database_url)
        upgrade(self.engine)
        self.now = datetime(2026, 6, 1, 8, tzinfo=UTC)
        self.events = Events()
        self.store = Store(self.engine, self.events, lambda: self.now)
        with writing(self.engine) as session:
            self.desk = accounts.desk_of(session, self.settings, account)
        self.press = Press.of(self.settings, Calendar(Place(ZoneInfo("Asia/Shanghai"), "CN")))
        self.mailing: AccountMailing | None = None
        self.begin()

    def begin(self) -> None:
        """A service that has just started: it remembers nothing."""
        self.close()
        self.lines = [
            Lines(
                self.desk.account,
                self.desk.folder_names,
                self.settings,
                lambda _account: self.dovecot.password_of(self.user),
            )
            for _number in range(self.settings.newsletter.connections)
        ]
        self.throttle = Throttle(self.settings.sending.account_per_minute, self.settings.sending.domain_per_minute)
        self.mailing = AccountMailing(
            self.store,
            self.desk,
            self.settings,
            self.lines,
            throttle=self.throttle,
            press=lambda: self.press,
            rng=Random(1),  # noqa: S311
            wait=lambda seconds: self.later(seconds=seconds),
        )

    def close(self) -> None:
        """The service ends."""
        if self.mailing is not None:
            self.mailing.close()
            self.mailing = None

    def later(self, **delta: float) -> None:
        """Time passes."""
        self.now += timedelta(**delta)

    def work(self, rounds: int = 30) -> None:
        """The sender works until there is nothing more to do for now."""
        assert self.mailing is not None
        idle = 0
        while rounds and idle < 2:
            self.mailing.again()
            idle = 0 if self.mailing.step() else idle + 1
            rounds -= 1
        assert rounds, "the sender never came to an end"

    # --- what there is ------------------------------------------------------------------------------------------------

    def customers(self, *addresses: str, **values: Any) -> list[int]:
        """Customers of grade C, each with a contact that has one of the addresses; returns the contacts."""
        found = []
        with writing(self.engine) as session:
            for address in addresses:
                name = address.partition("@")[0].title()
                customer = Customer(name=f"{name} Ltd", grade=Grade.C, created_at=self.now, **values)
                session.add(customer)
                session.flush()
                contact = Contact(customer_id=customer.id, name=name, language="en", created_at=self.now)
                contact.addresses = [ContactAddress(address=normal(address), written=address)]
                session.add(contact)
                session.flush()
                found.append(contact.id)
        return found

    def many_customers(self, number: int) -> list[str]:
        """So many customers at once; returns their addresses."""
        addresses = [f"buyer{one}@firm{one % 97}.example" for one in range(1, number + 1)]
        with writing(self.engine) as session:
            for start in range(0, number, 1000):
                some = range(start + 1, min(start + 1000, number) + 1)
                blank = {"markets": [], "phones": [], "social": {}, "tags": [], "custom": {}, "products": []}
                customers = [
                    {"id": one, "name": f"Firm {one}", "grade": Grade.C, "status": Status.PROSPECT, **blank}
                    | {"created_at": self.now}
                    for one in some
                ]
                session.execute(insert(Customer), customers)
                contacts = [
                    {"id": one, "customer_id": one, "name": f"Buyer {one}", "language": "en", "phones": []}
                    | {"social": {}, "created_at": self.now}
                    for one in some
                ]
                session.execute(insert(Contact), contacts)
                session.execute(
                    insert(ContactAddress),
                    [
                        {"contact_id": one, "address": addresses[one - 1], "written": addresses[one - 1]}
                        | {"health": AddressHealth.OK}
                        for one in some
                    ],
                )
        return addresses

    def issue(
        self,
        *,
        subjects: Sequence[str] = ("Three new valves",),
        body: str = BODY,
        in_test: int = 0,
        audience: Audience | None = None,
        **values: Any,
    ) -> int:
        """An approved issue to every contact there is; the first `in_test` of them try its subjects. Returns its number."""
        with writing(self.engine) as session:
            fields: dict[str, Any] = {
                "name": f"Issue {next(_NUMBERS)}",
                "account_id": self.desk.account_id,
                "state": IssueState.APPROVED,
                "audience": (audience or Audience()).packed(),
                "layout": "letter",
                "fallback_language": "en",
                "images": [],
                "variables": {},
                "working_hours": False,
                "send_at": self.now,
                "approved_at": self.now,
                "approved_by": "lina",
                "created_at": self.now,
            }
            issue = Issue(**{**fields, **values})
            issue.texts = [IssueText(language="en", subjects=list(subjects), body=body)]
            session.add(issue)
            session.flush()
            contacts = session.execute(
                select(Contact.id, Contact.customer_id, Contact.name, ContactAddress.address, ContactAddress.written)
                .join(ContactAddress, ContactAddress.contact_id == Contact.id)
                .order_by(Contact.id)
            ).all()
            rows = [
                {
                    "issue_id": issue.id,
                    "contact_id": one.id,
                    "customer_id": one.customer_id,
                    "name": one.name,
                    "address": one.address,
                    "written": one.written,
                    "language": "en",
                    "subject": place % len(subjects) if place < in_test else 0,
                    "in_test": place < in_test,
                    "message_id": f"i{issue.id}.{one.id}.{os.getpid()}@brightvalve.example",
                    "due_at": self.now,
                }
                for place, one in enumerate(contacts)
            ]
            for start in range(0, len(rows), 1000):
                session.execute(insert(Recipient), rows[start : start + 1000])
            return issue.id

    # --- what became of it --------------------------------------------------------------------------------------------

    def get(self, issue_id: int) -> Issue:
        """The issue as it is now."""
        with looking(self.engine) as session:
            return session.get_one(Issue, issue_id)

    def progress(self, issue_id: int) -> Progress:
        """Where it is."""
        with looking(self.engine) as session:
            return progress(session, issue_id)

    def recipients(self, issue_id: int) -> dict[str, Recipient]:
        """Address → its row."""
        with looking(self.engine) as session:
            rows = session.scalars(select(Recipient).where(Recipient.issue_id == issue_id)).all()
            return {one.address: one for one in rows}

    def states(self, issue_id: int) -> Counter[RecipientState]:
        """How many recipients are in each state."""
        return Counter(one.state for one in self.recipients(issue_id).values())

    def went_to(self) -> Counter[str]:
        """Address → how many mails went there."""
        return Counter(one.recipients[0] for one in self.smtp.taken)

    def sent_ids(self) -> list[str]:
        """The Message-IDs in Sent, each as often as it lies there."""
        from imapclient import IMAPClient

        with IMAPClient(self.dovecot.host, self.dovecot.port, ssl=False) as client:
            client.plain_login(self.user, self.dovecot.password_of(self.user))
            client.select_folder("Sent", readonly=True)
            uids = client.search("ALL")
            found = client.fetch(uids, ["BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)]"]) if uids else {}
        return sorted(
            item[b"BODY[HEADER.FIELDS (MESSAGE-ID)]"].partition(b":")[2].strip(b" \r\n<>").decode()
            for item in found.values()
        )


@contextmanager
def opened(dovecot: Dovecot, user: str, home: Path, **options: Any) -> Iterator[MailingRoom]:
    """A mailing room with an outgoing server of its own."""
    script = options.pop("script", {})
    with SmtpServer(script=script) as smtp:
        room = MailingRoom(dovecot, smtp, user, home, **options)
        try:
            yield room
        finally:
            room.close()
            room.engine.dispose()
