"""What a salesperson does all day: triage, write down, correct, look things up; and pages that move by themselves."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from inboxcrm.model import Contact, Customer
from inboxcrm.model.database import writing
from inboxcrm.service.events import Topic
from tests.browser.conftest import Pages, Watched
from tests.browser.seed import entry, message


@pytest.mark.parametrize("javascript", [True, False])
def test_one_step_makes_a_customer_of_a_sender_and_the_older_mails_follow(
    visit: Callable[..., Watched], javascript: bool
) -> None:
    window = visit(javascript=javascript)
    window.open("/unmatched")
    sender = window.page.locator(".sender", has_text="ahmed.farouk@cairolamps.example")
    sender.get_by_role("button", name="New customer").click()
    notice = window.page.locator(".notice")
    expect(notice).to_contain_text("Cairolamps")
    notice.get_by_role("link", name="Open").click()
    expect(window.page.get_by_role("heading", name="Cairolamps")).to_be_visible()
    expect(window.page.locator(".entry")).to_have_count(3)


def test_a_step_in_triage_is_taken_back_in_one(visit: Callable[..., Watched]) -> None:
    window = visit()
    window.open("/unmatched")
    sender = window.page.locator(".sender", has_text="sofia@decormarquez.example")
    sender.get_by_role("button", name="Ignore").click()
    expect(window.page.locator(".sender", has_text="sofia@decormarquez.example")).to_have_count(0)
    window.page.locator(".notice").get_by_role("button", name="Undo").click()
    expect(window.page.locator(".sender", has_text="sofia@decormarquez.example")).to_have_count(1)


@pytest.mark.parametrize("javascript", [True, False])
def test_a_sender_is_added_to_a_customer_found_by_name(visit: Callable[..., Watched], javascript: bool) -> None:
    window = visit(javascript=javascript)
    window.open("/unmatched/sender?value=tanaka@akari.example")
    window.page.locator("input[name=customer]").fill("yamato")
    window.page.get_by_role("button", name="Add", exact=True).click()
    window.page.get_by_role("button", name="This one").first.click()
    notice = window.page.locator(".notice")
    expect(notice).to_contain_text("Yamato Denki")
    notice.get_by_role("link", name="Open").click()
    expect(window.page.locator("#log")).to_contain_text("お見積りのお願い")


@pytest.mark.parametrize("javascript", [True, False])
def test_a_call_is_written_down(visit: Callable[..., Watched], javascript: bool) -> None:
    window = visit(javascript=javascript)
    window.open("/customers/1")
    window.page.get_by_text("Write down a call").click()
    window.page.locator(".channels label", has_text="WhatsApp").click()
    window.page.get_by_label("What was said").fill("Wants 400 pcs in black.\nDecides on Friday.")
    window.page.get_by_role("button", name="Add to the log").click()
    newest = window.page.locator(".entry", has_text="Wants 400 pcs in black.")
    expect(newest).to_have_count(1)
    expect(newest).to_contain_text("WhatsApp")
    expect(newest).to_contain_text("by Li Wei")


def test_an_entry_that_says_nothing_is_refused_and_nothing_typed_is_lost(visit: Callable[..., Watched]) -> None:
    window = visit()
    window.open("/customers/1")
    window.page.get_by_text("Write down a call").click()
    window.page.get_by_label("What was said").fill("Will be in Guangzhou.")
    window.page.get_by_label("When").fill("2090-01-01T10:00")
    window.page.get_by_role("button", name="Add to the log").click()
    expect(window.page.get_by_role("alert")).to_contain_text("future")
    expect(window.page.get_by_label("What was said")).to_have_value("Will be in Guangzhou.")


def test_an_entry_moves_to_the_customer_whose_it_is_and_back(visit: Callable[..., Watched]) -> None:
    window = visit()
    window.open("/customers/2")
    moved = window.page.locator(".entry").first
    name = moved.get_attribute("id")
    moved.locator(".entry-menu summary").click()
    moved.get_by_label("Move to another customer").fill("Nordlicht Beleuchtung GmbH")
    moved.get_by_role("button", name="Move").click()
    window.page.wait_for_url(f"{window.url}/customers/1#{name}")
    expect(window.page.locator(f"#{name}")).to_be_visible()
    window.page.locator(".notice").get_by_role("button", name="Undo").click()
    window.page.wait_for_url(f"{window.url}/customers/2#{name}")


def test_a_wrong_match_is_taken_out_and_put_back(visit: Callable[..., Watched]) -> None:
    window = visit()
    window.open("/customers/3")
    count = window.page.locator(".entry").count()
    window.page.locator(".entry .entry-menu summary").first.click()
    window.page.get_by_role("button", name="Not this customer's").first.click()
    expect(window.page.locator(".entry")).to_have_count(count - 1)
    window.page.locator(".notice").get_by_role("button", name="Undo").click()
    expect(window.page.locator(".entry")).to_have_count(count)


def test_every_entry_says_why_it_is_there(visit: Callable[..., Watched]) -> None:
    window = visit()
    window.open("/customers/1")
    window.page.locator(".entry .entry-menu summary").first.click()
    assert "is a contact of this customer" in window.page.locator(".entry .why").first.inner_text()


def test_a_field_is_changed_shows_its_origin_and_is_set_back(visit: Callable[..., Watched]) -> None:
    window = visit()
    window.open("/customers/2/edit")
    window.page.get_by_label("Payment terms").fill("100 % in advance")
    window.page.get_by_role("button", name="Save").click()
    fact = window.page.locator(".facts > div", has_text="Payment terms")
    expect(fact).to_contain_text("100 % in advance")
    expect(fact).to_contain_text("Li Wei")
    fact.get_by_role("button", name="Undo").click()
    expect(window.page.locator(".file")).not_to_contain_text("100 % in advance")


def test_a_proposed_contact_is_accepted(visit: Callable[..., Watched]) -> None:
    window = visit()
    window.open("/customers/1")
    window.page.get_by_role("button", name="Add contact").click()
    expect(window.page.locator(".contact", has_text="Jonas Brandt")).to_be_visible()
    expect(window.page.locator(".proposal")).to_have_count(0)


def test_new_mail_appears_by_itself(visit: Callable[..., Watched], pages: Pages) -> None:
    window = visit()
    window.page.wait_for_selector("html[data-live-state=on]")
    window.page.evaluate("window.untouched = true")
    with writing(pages.engine) as session:
        customer = session.scalars(select(Customer).where(Customer.name == "Valo Oy")).one()
        contact = session.scalars(select(Contact).where(Contact.customer_id == customer.id)).first()
        mail = message(
            session, "live@valo.example", datetime.now(UTC) - timedelta(seconds=1), "Sample order", "Please send 2 pcs.",
            sender=("Jukka Mäkelä", "purchasing@valo.example"),
        )  # fmt: skip
        entry(session, customer, contact, mail)
        customer_id = customer.id
    pages.events.publish(Topic.MAIL, {"account": "", "folder": "", "customers": [customer_id]})
    arrived = window.page.locator("#news article", has_text="Valo Oy")
    arrived.wait_for()
    expect(arrived).to_contain_text("Sample order")
    expect(arrived).to_have_class(re.compile("fresh"))
    assert window.page.evaluate("window.untouched") is True


def test_what_is_being_typed_stays_when_mail_arrives(visit: Callable[..., Watched], pages: Pages) -> None:
    window = visit()
    window.open("/customers/1")
    window.page.wait_for_selector("html[data-live-state=on]")
    window.page.get_by_text("Write down a call").click()
    window.page.get_by_label("What was said").fill("half a sentence")
    with window.page.expect_response(f"{pages.url}/customers/1"):
        pages.events.publish(Topic.MAIL, {"customers": [1]})
    assert window.page.get_by_label("What was said").input_value() == "half a sentence"


def test_a_menu_that_is_open_stays_when_mail_arrives_and_the_mail_comes_when_it_is_closed(
    visit: Callable[..., Watched], pages: Pages
) -> None:
    window = visit()
    window.open("/customers/1")
    window.page.wait_for_selector("html[data-live-state=on]")
    menu = window.page.locator(".entry .entry-menu").first
    menu.locator("summary").click()
    with writing(pages.engine) as session:
        customer = session.get_one(Customer, 1)
        contact = session.scalars(select(Contact).where(Contact.customer_id == 1)).first()
        mail = message(
            session, "menu@nordlicht.example", datetime.now(UTC) - timedelta(seconds=1), "While a menu is open",
            "Please call me.", sender=("Anna Petersen", "a.petersen@nordlicht.example"),
        )  # fmt: skip
        entry(session, customer, contact, mail)
    window.page.evaluate(
        "void (window.refreshed = new Promise((done) => document.addEventListener('inboxcrm:refreshed', () => done(1))))"
    )
    pages.events.publish(Topic.MAIL, {"customers": [1]})
    window.page.evaluate("window.refreshed")
    expect(menu.get_by_role("button", name="Not this customer's")).to_be_visible()
    window.page.keyboard.press("Escape")
    expect(window.page.locator("#log .entry", has_text="While a menu is open")).to_have_count(1)


def test_the_keyboard_leads_everywhere(visit: Callable[..., Watched]) -> None:
    window = visit()
    window.page.keyboard.press("g")
    window.page.keyboard.press("c")
    window.page.wait_for_url(f"{window.url}/customers")
    window.page.keyboard.press("j")
    window.page.keyboard.press("j")
    second = window.page.locator("tr[data-row]").nth(1)
    assert "chosen" in (second.get_attribute("class") or "")
    name = second.locator("a").inner_text()
    window.page.keyboard.press("Enter")
    window.page.get_by_role("heading", name=name).wait_for()
    window.page.wait_for_selector("html[data-live-state=on]")
    window.page.keyboard.press("?")
    expect(window.page.locator("dialog#shortcuts")).to_be_visible()
    window.page.keyboard.press("Escape")
    window.page.keyboard.press("/")
    window.page.keyboard.type("échantillon")
    window.page.keyboard.press("Enter")
    window.page.wait_for_url(f"{window.url}/search?q=*")
    assert "Lumière & Fils" in window.page.locator("main").inner_text()


@pytest.mark.parametrize(
    ("asked", "found"), [("光明", "Taipei Bright"), ("ciudad andina", ""), ("lumiere", "Lumière & Fils SARL")]
)
def test_search_finds_two_character_words_and_words_without_their_accents(
    visit: Callable[..., Watched], asked: str, found: str
) -> None:
    window = visit()
    window.open(f"/search?q={asked}")
    assert (found or "Nothing found") in window.page.locator("main").inner_text()


def test_customers_are_filtered_without_javascript(visit: Callable[..., Watched]) -> None:
    window = visit(javascript=False)
    window.open("/customers")
    window.page.get_by_label("Grade").select_option("A")
    window.page.get_by_label("Country").select_option("FR")
    window.page.get_by_role("button", name="Apply").click()
    expect(window.page.locator("tr[data-row]")).to_have_count(1)
    expect(window.page.locator("tr[data-row]")).to_contain_text("Lumière & Fils SARL")
