"""The review page in a real browser: a draft is read, changed, decided, and one step takes it back."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from inboxcrm.model import Customer, Draft, DraftState
from inboxcrm.model.database import looking, writing
from inboxcrm.service.events import Topic
from tests.browser.conftest import Pages, Watched

GERMAN, ARAB, MEXICAN = "Nordlicht Beleuchtung GmbH", "Al Noor Trading LLC", "Comercial Andina S.A. de C.V."


def draft_of(pages: Pages, customer: str) -> Draft:
    """The draft to a customer, as the database has it now."""
    with looking(pages.engine) as session:
        return session.scalars(
            select(Draft).join(Customer, Customer.id == Draft.customer_id).where(Customer.name == customer)
        ).one()


def shown(page: Page) -> str:
    """Whose draft stands on the page."""
    return page.locator(".beside .who a").inner_text()


def open_draft(window: Watched, pages: Pages, customer: str, *, keys: bool = True) -> Draft:
    """Opens the draft to a customer, and waits until the page takes keys."""
    draft = draft_of(pages, customer)
    window.open(f"/drafts/{draft.id}")
    if keys:
        window.page.wait_for_selector("[data-review=on]")
    return draft


def test_the_queue_is_gone_through_with_the_keyboard_alone(visit: Callable[..., Watched], pages: Pages) -> None:
    window = visit()
    page = window.page
    window.open("/drafts")
    page.wait_for_selector("[data-review=on]")
    first = shown(page)
    page.keyboard.press("j")
    page.wait_for_url(re.compile(r"/drafts/\d+"))
    assert shown(page) == GERMAN
    page.keyboard.press("k")
    expect(page.locator(".beside .who a")).to_have_text(first)
    page.go_back()
    expect(page.locator(".beside .who a")).to_have_text(GERMAN)
    page.keyboard.press("a")
    expect(page.locator(".notice")).to_contain_text("Approved")
    assert draft_of(pages, GERMAN).state is DraftState.APPROVED
    assert shown(page) == ARAB
    page.keyboard.press("x")
    expect(page.locator(".notice")).to_contain_text("Left out")
    assert draft_of(pages, ARAB).state is DraftState.SKIPPED
    assert shown(page) == MEXICAN
    page.keyboard.press("s")
    page.keyboard.press("Enter")
    expect(page.locator(".notice")).to_contain_text("Postponed")
    assert draft_of(pages, MEXICAN).state is DraftState.SNOOZED
    page.keyboard.press("?")
    expect(page.locator("#review-keys")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#review-keys")).to_be_hidden()
    here = shown(page)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/customers/\d+"))
    expect(page.locator("h1")).to_contain_text(here)
    assert window.complaints == []


def test_what_is_typed_is_approved_and_undo_brings_the_draft_back(visit: Callable[..., Watched], pages: Pages) -> None:
    window = visit()
    page = window.page
    open_draft(window, pages, GERMAN)
    page.keyboard.press("e")
    page.keyboard.type("Liebe Frau Schäfer, aj")
    page.keyboard.press("Escape")
    page.keyboard.press("a")
    expect(page.locator(".notice")).to_contain_text("Approved")
    draft = draft_of(pages, GERMAN)
    assert draft.state is DraftState.APPROVED
    assert draft.body.startswith("Liebe Frau Schäfer, aj")
    page.locator(".notice").get_by_role("button", name="Undo").click()
    expect(page.locator("#body")).to_have_value(re.compile("^Liebe Frau Schäfer"))
    assert draft_of(pages, GERMAN).state is DraftState.OPEN


def test_going_to_the_next_draft_keeps_what_was_typed(visit: Callable[..., Watched], pages: Pages) -> None:
    window = visit()
    page = window.page
    open_draft(window, pages, GERMAN)
    page.locator("#subject").fill("Re: Angebot, neuer Preis")
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    expect(page.locator(".beside .who a")).to_have_text(ARAB)
    assert draft_of(pages, GERMAN).subject == "Re: Angebot, neuer Preis"
    assert window.dialogs == []


def test_enter_in_a_field_saves_and_sends_nothing(visit: Callable[..., Watched], pages: Pages) -> None:
    window = visit()
    open_draft(window, pages, GERMAN)
    window.page.locator("#subject").fill("Re: Angebot")
    window.page.keyboard.press("Enter")
    expect(window.page.locator(".notice")).to_contain_text("Saved")
    draft = draft_of(pages, GERMAN)
    assert (draft.state, draft.subject) == (DraftState.OPEN, "Re: Angebot")


def test_all_of_one_stage_and_grade_are_approved_at_once(visit: Callable[..., Watched], pages: Pages) -> None:
    window = visit()
    page = window.page
    window.open("/drafts?stage=quoted&grade=B")
    assert page.locator("#queue [data-draft]").count() == 2
    page.evaluate("window.confirm = () => true")
    page.get_by_role("button", name="Approve all 2").click()
    expect(page.locator(".notice")).to_contain_text("2 drafts approved")
    with looking(pages.engine) as session:
        states = session.execute(select(Customer.name, Draft.state).join(Customer, Customer.id == Draft.customer_id))
        approved = {name for name, state in states if state is DraftState.APPROVED}
    assert {MEXICAN, "Svetlyi Dom"} <= approved
    assert GERMAN not in approved


@pytest.mark.parametrize("javascript", [True, False])
def test_another_language_and_back(visit: Callable[..., Watched], pages: Pages, javascript: bool) -> None:
    window = visit(javascript=javascript)
    page = window.page
    before = open_draft(window, pages, GERMAN, keys=javascript)
    page.get_by_text("Another text or language").click()
    page.get_by_label("Language of the mail").select_option("en")
    page.get_by_role("button", name="Write it anew").click()
    expect(page.locator(".notice")).to_contain_text("Another text")
    changed = draft_of(pages, GERMAN)
    assert changed.language == "en"
    assert changed.body != before.body
    assert (changed.message_id, changed.subject) == (before.message_id, before.subject)
    page.locator(".notice").get_by_role("button", name="Undo").click()
    expect(page.locator(".notice")).to_contain_text("Taken back")
    assert draft_of(pages, GERMAN).body == before.body


def test_the_preview_is_the_mail_as_it_would_go(visit: Callable[..., Watched], pages: Pages) -> None:
    window = visit()
    open_draft(window, pages, GERMAN)
    window.page.get_by_text("As the customer sees it").first.click()
    inside = window.page.frame_locator(".preview iframe")
    expect(inside.locator("body")).to_contain_text("Gelegenheit")
    expect(inside.locator("body")).to_contain_text("Li Wei")
    assert window.complaints == []
    assert window.elsewhere == []


def test_a_draft_that_changes_elsewhere_shows_it_and_typed_text_stays(
    visit: Callable[..., Watched], pages: Pages
) -> None:
    window = visit()
    page = window.page
    draft = open_draft(window, pages, GERMAN)
    page.wait_for_selector("html[data-live-state=on]")
    page.locator("#body").fill("Meins")
    with writing(pages.engine) as session:
        row = session.get_one(Draft, draft.id)
        row.body, row.revision = "Aus dem Mailprogramm", row.revision + 1
    pages.events.publish(Topic.DRAFTS, {"drafts": [draft.id]})
    expect(page.locator("#draft-changed")).to_be_visible()
    expect(page.locator("#body")).to_have_value("Meins")
    page.locator(".acts").get_by_role("button", name="Save").click()
    expect(page.locator(".notice.error")).to_contain_text("Somebody else has changed this draft")
    assert draft_of(pages, GERMAN).body == "Aus dem Mailprogramm"


def test_an_open_menu_stays_when_the_draft_changes_elsewhere(visit: Callable[..., Watched], pages: Pages) -> None:
    window = visit()
    page = window.page
    draft = open_draft(window, pages, GERMAN)
    page.wait_for_selector("html[data-live-state=on]")
    page.keyboard.press("s")
    with writing(pages.engine) as session:
        row = session.get_one(Draft, draft.id)
        row.body, row.revision = "Aus dem Mailprogramm", row.revision + 1
    pages.events.publish(Topic.DRAFTS, {"drafts": [draft.id]})
    expect(page.locator("#draft-changed")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.locator(".notice")).to_be_visible()
    assert "/drafts" in page.url


def test_a_person_decides_about_what_failed(visit: Callable[..., Watched], pages: Pages) -> None:
    window = visit()
    draft = open_draft(window, pages, "Lumière & Fils SARL")
    expect(window.page.locator(".letter")).to_contain_text("550 5.1.1 User unknown")
    window.page.get_by_role("button", name="Send again").click()
    expect(window.page.locator(".notice")).to_contain_text("goes again")
    assert draft_of(pages, "Lumière & Fils SARL").state is DraftState.APPROVED
    window.open(f"/drafts/{draft.id}")
    window.page.get_by_role("button", name="Take back").click()
    expect(window.page.locator(".notice")).to_contain_text("waits for review again")
    assert draft_of(pages, "Lumière & Fils SARL").state is DraftState.OPEN


@pytest.mark.parametrize("width", [1280, 390])
def test_deciding_stays_in_sight_however_long_the_text_is(
    visit: Callable[..., Watched], pages: Pages, width: int
) -> None:
    draft = draft_of(pages, GERMAN)
    with writing(pages.engine) as session:
        session.get_one(Draft, draft.id).body = "Zeile\n" * 120
    window = visit(width=width)
    window.open(f"/drafts/{draft.id}")
    expect(window.page.get_by_role("button", name="Approve")).to_be_in_viewport()
    assert window.page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0


def test_it_speaks_chinese(visit: Callable[..., Watched], pages: Pages) -> None:
    window = visit(language="zh-CN")
    window.open("/drafts")
    expect(window.page.locator("h1")).to_have_text("草稿箱")
    assert window.complaints == []
