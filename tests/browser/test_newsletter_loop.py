"""A newsletter from the first word to its results over real servers, in the browser: written, approved, sent once to each, answered by
one, clicked by one, left by one; and what the pages tell of it while it happens.
"""

from __future__ import annotations

import email
import re
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from inboxcrm.model import Contact, ContactAddress, Customer, Grade, GradePin, Recipient, RecipientState, Suppression
from inboxcrm.model.database import looking, open_engine, upgrade, writing
from inboxcrm.service import daemon
from inboxcrm.settings import Newsletter, Public, Sending, Settings, Sync, Web
from inboxcrm.web import users
from inboxcrm.web.app import create_app
from inboxcrm.web.public import create_public
from tests.browser.conftest import NAME, PASSWORD
from tests.browser.waiting import PATIENCE, eventually
from tests.servers.dovecot import Dovecot
from tests.servers.smtp import SmtpServer, Taken

NEWS = "https://news.brightvalve.example"
PEOPLE = ("anna@ahlers.example", "bo@berg.example", "carla@costa.example")


@dataclass
class House:
    """A running service with both its pages, between a mailbox and an outgoing server."""

    dovecot: Dovecot
    smtp: SmtpServer
    user: str
    settings: Settings
    url: str = ""

    def mail_to(self, address: str) -> Taken:
        """What the outgoing server took for this address: exactly one mail."""
        (found,) = [one for one in self.smtp.taken if one.recipients == (address,)]
        return found

    def public(self, link: str) -> str:
        """Where a link of a mail is served here."""
        assert link.startswith(NEWS)
        return f"http://127.0.0.1:{self.settings.public.port}{urlsplit(link).path}"


@pytest.fixture
def house(dovecot: Dovecot, tmp_path: Path) -> Iterator[House]:
    """Everything runs, as `inboxcrm run` starts it; three customers are held at grade C."""
    user = "lina.news@brightvalve.example"
    dovecot.add_user(user)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with SmtpServer() as smtp:
        account = smtp.with_smtp(dovecot.settings_for(user, saves_sent_mail=False, name="Lina Chen"))
        settings = Settings(
            home=tmp_path,
            accounts=(account,),
            web=Web(port=0),
            public=Public(port=port, base_url=NEWS),
            sync=Sync(readers=1),
            sending=Sending(undo_seconds=0, drafts_seconds=1, settle_seconds=1, account_per_minute=1000),
            newsletter=Newsletter(
                company="Bright Valve Co., Ltd.", postal_address="8 Yongjiang Road, Ningbo", per_hour=0, per_day=0
            ),
        )
        engine = open_engine(settings.database_url)
        upgrade(engine)
        now = datetime.now(UTC)
        with writing(engine) as session:
            users.create_user(session, NAME, PASSWORD, now)
            for address in PEOPLE:
                customer = Customer(name=address.partition("@")[2], country="DE", grade=Grade.C, created_at=now)
                session.add(customer)
                session.flush()
                contact = Contact(customer_id=customer.id, name="Buyer", language="en", created_at=now)
                session.add(contact)
                session.flush()
                session.add(ContactAddress(contact_id=contact.id, address=address, written=address))
                session.add(GradePin(customer_id=customer.id, grade=Grade.C, reason="small orders", by=NAME, at=now))
        engine.dispose()
        stop, ready = threading.Event(), threading.Event()
        made = House(dovecot, smtp, user, settings)

        def on_ready(address: str) -> None:
            made.url = address.rstrip("/")
            ready.set()

        thread = threading.Thread(
            target=daemon.run,
            args=(settings,),
            kwargs={"stop": stop, "pages": create_app, "public": create_public, "on_ready": on_ready},
        )
        thread.start()
        assert ready.wait(PATIENCE)
        yield made
        stop.set()
        thread.join(PATIENCE)
        assert not thread.is_alive()


@pytest.fixture(autouse=True)
def _patient() -> Iterator[None]:
    """Mail servers take longer than pages."""
    expect.set_options(timeout=30_000)
    yield
    expect.set_options(timeout=5_000)


def written_and_approved(page: Page, house: House) -> None:
    """Through the pages from the log-in to the approval, at any hour of the day."""
    page.goto(f"{house.url}/newsletters/new")
    page.fill("[name=name]", NAME)
    page.fill("[name=password]", PASSWORD)
    page.click("button.primary")
    page.goto(f"{house.url}/newsletters/new")
    page.fill("main [name=name]", "Autumn news")
    page.get_by_role("button", name="Write the text").click()
    page.wait_for_url(re.compile(r"/newsletters/\d+/edit"))
    page.locator("[name=subject]").first.fill("Three new valves")
    page.locator("#body").fill(
        "{{ salutation }}\n\nthree new valves: [see them](https://brightvalve.example/new).\n\n{{ closing }}\n"
    )
    page.locator("button[name=act][value=next]").click()
    page.wait_for_url(re.compile(r"/newsletters/\d+/look"))
    page.goto(re.sub(r"/look.*", "", page.url))
    page.uncheck("[name=working_hours]")
    page.check("[name=count_clicks]")
    page.get_by_role("button", name="Put it up for review").click()
    page.check("[name=looked]")
    page.get_by_role("button", name="Approve for 3 recipients").click()
    expect(page.locator(".notice")).to_contain_text("Approved")


def test_a_newsletter_goes_from_the_first_word_to_its_results(house: House, chromium: Browser) -> None:
    context = chromium.new_context(locale="en-GB")
    context.set_default_timeout(30_000)
    page = context.new_page()
    written_and_approved(page, house)

    expect(page.locator("#progress-title")).to_have_text("3 of 3 mails are through")
    expect(page.locator("#progress .chip").first).to_have_text("done")
    assert sorted(one.recipients for one in house.smtp.taken) == [(one,) for one in PEOPLE]

    # Anna answers.
    answer = EmailMessage(policy=policy.SMTP)
    answer["From"], answer["To"], answer["Subject"] = PEOPLE[0], house.user, "Re: Three new valves"
    answer["Date"], answer["Message-ID"] = format_datetime(datetime.now(UTC)), "<answer.1@ahlers.example>"
    answer["In-Reply-To"] = f"<{house.mail_to(PEOPLE[0]).message_id}>"
    answer.set_content("Dear Lina,\n\nplease quote 500 pcs of the new ball valve, FOB Ningbo.\n\nAnna\n")
    house.dovecot.deliver(house.user, answer.as_bytes())
    expect(page.locator(".tally a", has_text="Answered")).to_contain_text("1")

    # Bo follows the link, which the foot of the mail says is counted.
    text = house.mail_to(PEOPLE[1]).mail.get_body(("html",))
    assert text is not None
    html = text.get_content()
    assert "we count the click" in html
    (link,) = re.findall(rf'href="({re.escape(NEWS)}/c/[^"]+)"', html)
    led = httpx.get(house.public(link))
    assert (led.status_code, led.headers["location"]) == (302, "https://brightvalve.example/new")
    expect(page.locator("#results")).to_contain_text("1 recipient followed a link.")

    # Carla leaves with one click of her mail program.
    way = re.search(r"<(https://[^>]+)>", str(house.mail_to(PEOPLE[2]).mail["List-Unsubscribe"]))
    assert way is not None
    left = httpx.post(house.public(way[1]), data={"List-Unsubscribe": "One-Click"})
    assert left.status_code == 200
    expect(page.locator(".tally a", has_text=re.compile(r"Left$"))).to_contain_text("1")

    # What followed: the inquiry.
    expect(page.locator("#results")).to_contain_text("1 customer asked for something after the mail.")

    page.goto(f"{house.url}/suppressions")
    expect(page.locator(".suppressed")).to_have_count(1)
    expect(page.locator(".suppressed")).to_contain_text(PEOPLE[2])
    expect(page.locator(".suppressed")).to_contain_text("by one click in the mail program")

    engine = open_engine(house.settings.database_url)
    with looking(engine) as session:
        assert [one.state for one in session.scalars(select(Recipient))] == [RecipientState.SENT] * 3
        assert [one.value for one in session.scalars(select(Suppression))] == [PEOPLE[2]]
    engine.dispose()
    with house.dovecot.client(house.user) as client:
        eventually(lambda: client.select_folder("Sent", readonly=True)[b"EXISTS"] == 3)
        filed = client.fetch(client.search("ALL"), ["BODY.PEEK[HEADER]"]).values()
    ids = {str(email.message_from_bytes(one[b"BODY[HEADER]"])["Message-ID"]) for one in filed}
    assert ids == {f"<{one.message_id}>" for one in house.smtp.taken}
    assert len(house.smtp.taken) == 3
    context.close()
