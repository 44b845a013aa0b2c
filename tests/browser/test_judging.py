"""A grade that is understood, corrected and held; a business record moved on; other rules tried: in a real browser."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from inboxcrm.journal import unjudged
from inboxcrm.judging import Bench, judged
from inboxcrm.model import Customer, Direction, LogEntry, Message
from inboxcrm.service.events import Topic
from inboxcrm.settings import Settings
from tests.browser.conftest import Pages, Watched

NAME = "Kwame & Sons Electricals"
WANTED = "send two samples in brushed brass"


def said(pages: Pages, kind: str, confidence: float) -> str:
    """The rules find something in the last mail of `NAME`, and judge; returns the path of the customer's page."""
    home = Path(pages.engine.url.database or "").parent
    with judged(pages.engine, Bench(Settings(home=home)), lambda: datetime.now(UTC)) as session:
        customer = session.scalars(select(Customer).where(Customer.name == NAME)).one()
        mail = session.scalars(
            select(Message)
            .join(LogEntry, LogEntry.message_id == Message.id)
            .where(LogEntry.customer_id == customer.id, LogEntry.direction == Direction.IN, LogEntry.automatic == "")
            .order_by(LogEntry.at.desc())
        ).all()[0]
        mail.signals = [
            {
                "kind": kind,
                "evidence": WANTED,
                "place": "text",
                "start": mail.new_text.index(WANTED),
                "confidence": confidence,
                "rule": "sample.send",
                "details": {},
            }
        ]
        unjudged.mark(session, [customer.id])
        return f"/customers/{customer.id}"


def test_the_panel_says_why_with_the_sentence_and_leads_to_its_mail(
    visit: Callable[..., Watched], pages: Pages
) -> None:
    window = visit()
    window.open(said(pages, "sample_request", 0.9))
    panel = window.page.locator("#why")
    expect(panel.get_by_role("heading", name="Why B?")).to_be_visible()
    expect(panel).to_contain_text("never under B")
    reason = panel.locator(".willingness li", has_text="Asked for samples on")
    expect(reason.locator("q")).to_have_text(WANTED)
    reason.get_by_role("link").click()
    window.page.wait_for_url(re.compile(r"/customers/\d+\?at=(\d+)#e\1$"))
    expect(window.page.locator(".entry:target")).to_contain_text(WANTED)


@pytest.mark.parametrize("javascript", [True, False])
def test_nothing_is_graded_on_a_suggestion_until_it_is_confirmed(
    visit: Callable[..., Watched], pages: Pages, javascript: bool
) -> None:
    path = said(pages, "sample_request", 0.4)
    window = visit(javascript=javascript)
    window.open(path)
    expect(window.page.locator("#why")).not_to_contain_text("Asked for samples")
    window.open("/suggestions")
    waiting = window.page.locator("#suggestions li", has_text=NAME)
    expect(waiting).to_contain_text(WANTED)
    waiting.get_by_role("button", name="Yes").click()
    expect(window.page.locator("#suggestions li", has_text=NAME)).to_have_count(0)
    window.open(path)
    expect(window.page.locator("#why")).to_contain_text("Asked for samples")
    expect(window.page.locator("#records")).to_contain_text("Sample")


def test_a_grade_changes_before_ones_eyes(visit: Callable[..., Watched], pages: Pages) -> None:
    window = visit()
    path = said(pages, "inquiry", 0.4)
    window.open(path)
    before = window.page.locator("#head .grade").inner_text()
    window.page.wait_for_selector("html[data-live-state=on]")
    said(pages, "sample_request", 0.9)
    pages.events.publish(Topic.JUDGED, {"customers": [int(path.rpartition("/")[2])]})
    expect(window.page.locator("#head .grade")).to_have_text("Grade B")
    assert "B" not in before
    expect(window.page.locator("#head .grade-now")).to_have_class(re.compile("fresh"))


def test_a_grade_is_held_and_let_go(visit: Callable[..., Watched], pages: Pages) -> None:
    window = visit()
    window.open(said(pages, "sample_request", 0.9))
    panel = window.page.locator("#why")
    panel.get_by_text("Hold a grade").click()
    panel.get_by_label("Grade").select_option("A")
    panel.get_by_label("Why").fill("Wants to become our agent")
    panel.get_by_role("button", name="Hold it").click()
    expect(panel.get_by_role("heading", name="Why A?")).to_be_visible()
    expect(panel).to_contain_text("Wants to become our agent")
    panel.get_by_role("button", name="Let it follow the rules").click()
    expect(panel.get_by_role("heading", name="Why A?")).to_have_count(0)


def test_a_record_is_moved_on_and_taken_back(visit: Callable[..., Watched], pages: Pages) -> None:
    window = visit()
    window.open(said(pages, "sample_request", 0.9))
    record = window.page.locator("#records .record").first
    record.get_by_role("button", name="sent").click()
    expect(record.locator(".chip").first).to_have_text("sent")
    window.page.locator(".notice").get_by_role("button", name="Undo").click()
    expect(record.locator(".chip").first).not_to_have_text("sent")


@pytest.mark.parametrize("javascript", [True, False])
def test_a_record_is_opened_by_hand(visit: Callable[..., Watched], pages: Pages, javascript: bool) -> None:
    window = visit(javascript=javascript)
    window.open(said(pages, "inquiry", 0.4))
    window.page.locator("#records").get_by_role("link", name="Add").click()
    window.page.locator("select[name=kind]").select_option("order")
    window.page.get_by_label("Amount of the whole").fill("12,500")
    window.page.get_by_label("Currency").fill("usd")
    window.page.get_by_role("button", name="Save").click()
    record = window.page.locator("#records .record", has_text="Order")
    expect(record).to_contain_text("12,500 USD")
    record.get_by_role("link", name="Edit").click()
    window.page.get_by_label("Number").fill("PO 4711")
    window.page.get_by_role("button", name="Save").click()
    expect(window.page.locator("#records .record", has_text="PO 4711")).to_be_visible()


@pytest.mark.parametrize("javascript", [True, False])
def test_other_rules_are_tried_on_the_page(visit: Callable[..., Watched], pages: Pages, javascript: bool) -> None:
    said(pages, "sample_request", 0.9)
    window = visit(javascript=javascript)
    window.open("/grades")
    rules = window.page.locator("textarea[name=rules]")
    text = rules.input_value()
    rules.fill(text.replace("known_at_least = 30", "known_at_least = 100"))
    window.page.get_by_role("button", name="Who would move?").click()
    expect(window.page.locator("#whatif")).to_contain_text("would move")
    expect(window.page.locator("#whatif .move").first).to_be_visible()
    rules.fill(text.replace("known_at_least = 30", "known_at_least = 300"))
    window.page.get_by_role("button", name="Who would move?").click()
    expect(window.page.get_by_role("alert")).to_contain_text("known_at_least")
