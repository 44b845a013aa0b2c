"""The whole loop over real servers: an inquiry arrives, is logged, graded, planned and drafted; the draft is approved in the browser,
or sent by the mail program itself; it arrives once, lies in Sent once, stands in the log once; the customer's answer ends the steps.
"""

from __future__ import annotations

import email
import smtplib
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from inboxcrm.model import (
    DRAFT_FIELD,
    BusinessRecord,
    Contact,
    ContactAddress,
    Customer,
    Direction,
    Draft,
    DraftState,
    FollowUp,
    FollowUpState,
    Grade,
    LogEntry,
    RecordKind,
)
from inboxcrm.model.database import looking, open_engine, upgrade, writing
from inboxcrm.service import daemon
from inboxcrm.settings import Sending, Settings, Sync, Web
from inboxcrm.web import users
from inboxcrm.web.app import create_app
from tests.browser.conftest import NAME, PASSWORD
from tests.browser.waiting import PATIENCE, eventually
from tests.servers.dovecot import Dovecot
from tests.servers.smtp import SmtpServer

LINA, ANNA = "lina@brightvalve.example", "anna@ahlers.example"


@dataclass
class House:
    """A running service with its pages, between a mailbox and an outgoing server; and a customer."""

    dovecot: Dovecot
    smtp: SmtpServer
    user: str
    settings: Settings
    url: str = ""

    def arrives(self, number: int, text: str, subject: str = "Ball valves DN25", answers: str = "") -> None:
        """A mail of Anna's comes in."""
        mail = EmailMessage(policy=policy.SMTP)
        mail["From"], mail["To"], mail["Subject"] = f"Anna Ahlers <{ANNA}>", f"Lina Chen <{self.user}>", subject
        mail["Date"], mail["Message-ID"] = format_datetime(datetime.now(UTC)), f"<{number}.{self.user}>"
        if answers:
            mail["In-Reply-To"] = mail["References"] = f"<{answers}>"
        mail.set_content(text)
        self.dovecot.deliver(self.user, mail.as_bytes())

    def lying(self, folder: str) -> list[EmailMessage]:
        """The mails in a folder."""
        with self.dovecot.client(self.user) as client:
            client.select_folder(folder, readonly=True)
            uids = client.search("NOT DELETED")
            found = client.fetch(uids, ["BODY.PEEK[]"]).values() if uids else ()
        return [email.message_from_bytes(one[b"BODY[]"], EmailMessage, policy=policy.default) for one in found]

    def customer(self) -> Customer:
        with self.looking() as session:
            return session.scalars(select(Customer)).one()

    def drafts(self) -> list[Draft]:
        with self.looking() as session:
            return list(session.scalars(select(Draft).order_by(Draft.id)))

    def follow_ups(self, state: FollowUpState) -> list[FollowUp]:
        with self.looking() as session:
            return list(session.scalars(select(FollowUp).where(FollowUp.state == state).order_by(FollowUp.id)))

    def sent_entries(self) -> list[LogEntry]:
        with self.looking() as session:
            return list(session.scalars(select(LogEntry).where(LogEntry.direction == Direction.OUT)))

    def looking(self) -> AbstractContextManager[Session]:
        return looking(self._engine)

    def __post_init__(self) -> None:
        self._engine = open_engine(self.settings.database_url)

    def close(self) -> None:
        self._engine.dispose()

    def inquiry_is_drafted(self) -> Draft:
        """An inquiry arrives; returns its draft, which lies in Drafts."""
        self.arrives(
            1, "Dear Lina,\n\nplease quote your best price for 500 pcs of ball valve DN25, FOB Ningbo.\n\nAnna"
        )
        eventually(lambda: self.lying("Drafts"))
        with self.looking() as session:
            (record,) = session.scalars(select(BusinessRecord)).all()
            assert record.kind is RecordKind.INQUIRY
            entries = session.scalars(select(LogEntry)).all()
            assert [one.direction for one in entries] == [Direction.IN]
        assert self.customer().grade is not Grade.WATCH
        (follow_up,) = self.follow_ups(FollowUpState.DRAFTED)
        assert follow_up.stage == "first_answer"
        (draft,) = self.drafts()
        (placed,) = self.lying("Drafts")
        assert (draft.state, draft.in_reply_to) == (DraftState.OPEN, f"1.{self.user}")
        assert placed["In-Reply-To"] == f"<1.{self.user}>"
        assert "quote" in draft.quoted
        return draft

    def is_settled(self, draft: Draft) -> None:
        """Sent once, filed once, logged once, done; the next step is planned."""
        eventually(lambda: self.follow_ups(FollowUpState.DONE))
        eventually(lambda: self.follow_ups(FollowUpState.PLANNED))
        (done,) = self.follow_ups(FollowUpState.DONE)
        (entry,) = self.sent_entries()
        assert (done.id, done.entry_id) == (draft.follow_up_id, entry.id)
        assert self.drafts()[0].state is DraftState.SENT
        assert len(self.smtp.taken) == 1
        eventually(lambda: len(self.lying("Sent")) == 1)
        eventually(lambda: self.lying("Drafts") == [])
        (following,) = self.follow_ups(FollowUpState.PLANNED)
        assert following.stage == "quoted"  # prices went out
        assert following.due_at > datetime.now(UTC)

    def answer_ends_the_steps(self, answers: str) -> None:
        """The customer writes; what was planned is stopped."""
        self.arrives(
            2, "Dear Lina,\n\nthank you, we will come back to you next week.\n\nAnna", "Re: Ball valves", answers
        )
        eventually(lambda: self.follow_ups(FollowUpState.STOPPED))
        assert self.follow_ups(FollowUpState.PLANNED) == []
        assert self.follow_ups(FollowUpState.DRAFTED) == []
        assert len(self.smtp.taken) == 1


@pytest.fixture
def house(dovecot: Dovecot, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[House]:
    """Everything runs, as `inboxcrm run` starts it."""
    user = f"lina.{abs(hash(request.node.name)) % 10_000}@brightvalve.example"
    dovecot.add_user(user)
    with SmtpServer() as smtp:
        account = smtp.with_smtp(dovecot.settings_for(user, saves_sent_mail=False, name="Lina Chen"))
        settings = Settings(
            home=tmp_path,
            accounts=(account,),
            web=Web(port=0),
            sync=Sync(readers=1),
            sending=Sending(undo_seconds=0, drafts_seconds=1, settle_seconds=1),
        )
        engine = open_engine(settings.database_url)
        upgrade(engine)
        now = datetime.now(UTC)
        with writing(engine) as session:
            users.create_user(session, NAME, PASSWORD, now)
            customer = Customer(name="Ahlers GmbH", country="DE", created_at=now)
            session.add(customer)
            session.flush()
            contact = Contact(customer_id=customer.id, name="Anna Ahlers", language="en", created_at=now)
            session.add(contact)
            session.flush()
            session.add(ContactAddress(contact_id=contact.id, address=ANNA, written=ANNA))
        engine.dispose()
        stop, ready = threading.Event(), threading.Event()
        made = House(dovecot, smtp, user, settings)

        def on_ready(address: str) -> None:
            made.url = address
            ready.set()

        thread = threading.Thread(
            target=daemon.run, args=(settings,), kwargs={"stop": stop, "pages": create_app, "on_ready": on_ready}
        )
        thread.start()
        assert ready.wait(PATIENCE)
        yield made
        stop.set()
        thread.join(PATIENCE)
        assert not thread.is_alive()
        made.close()


def test_an_inquiry_is_answered_from_the_browser(house: House, chromium: Browser) -> None:
    draft = house.inquiry_is_drafted()
    context = chromium.new_context(locale="en-GB")
    page = context.new_page()
    page.goto(house.url.rstrip("/") + "/drafts")
    page.fill("[name=name]", NAME)
    page.fill("[name=password]", PASSWORD)
    page.click("button.primary")
    expect(page.locator(".beside .who a")).to_have_text("Ahlers GmbH")
    page.locator("#body").fill("Dear Anna,\n\nUSD 4.20 FOB Ningbo, 25 days.\n\nLina Chen")
    page.get_by_role("button", name="Approve").click()
    expect(page.locator(".notice")).to_contain_text("Approved")
    context.close()

    eventually(lambda: house.smtp.taken)
    taken = house.smtp.taken[0]
    assert taken.recipients == (ANNA,)
    assert taken.message_id == draft.message_id
    assert DRAFT_FIELD not in taken.mail
    text = taken.mail.get_body(("plain",))
    assert text is not None
    assert text.get_content().splitlines()[:3] == ["Dear Anna,", "", "USD 4.20 FOB Ningbo, 25 days."]
    house.is_settled(draft)
    assert house.lying("Sent")[0]["Message-ID"] == f"<{draft.message_id}>"
    house.answer_ends_the_steps(draft.message_id)


def test_the_mail_program_sends_the_draft_itself(house: House) -> None:
    draft = house.inquiry_is_drafted()
    (placed,) = house.lying("Drafts")
    # As many programs do: a mail of its own, with a new Message-ID, without our field.
    own = EmailMessage(policy=policy.SMTP)
    for name in ("From", "To", "Subject", "In-Reply-To", "References"):
        own[name] = str(placed[name])
    own["Date"], own["Message-ID"] = format_datetime(datetime.now(UTC)), f"<program.{house.user}>"
    own.set_content("Dear Anna,\n\nUSD 4.20 FOB Ningbo, 25 days.\n\nLina Chen\n")
    account = house.settings.accounts[0]
    assert account.smtp is not None
    with smtplib.SMTP(account.smtp.host, account.smtp.port) as server:
        server.send_message(own)
    with house.dovecot.client(house.user) as client:
        client.append("Sent", own.as_bytes(), ["\\Seen"])
        client.select_folder("Drafts")
        client.delete_messages(client.search("ALL"))
        client.expunge()

    house.is_settled(draft)
    assert house.smtp.taken[0].message_id == f"program.{house.user}"
    house.answer_ends_the_steps(f"program.{house.user}")
