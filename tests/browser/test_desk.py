"""Today as the desk, and the plan on the customer's page: what waits is seen, done with one button, and taken back with one."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from inboxcrm.model import Customer, Draft, FollowUp, FollowUpState, NoAnswerNeeded, PlanHold, Promise, PromiseState
from inboxcrm.model.database import looking, writing
from tests.browser.conftest import Pages, Watched

SUNBELT = "Sunbelt Fixtures Inc."


def page_of(pages: Pages, name: str) -> str:
    """The path of a customer's page."""
    with looking(pages.engine) as session:
        return f"/customers/{session.scalars(select(Customer.id).where(Customer.name == name)).one()}"


def in_days(days: int) -> str:
    """A day as a date field takes it."""
    return (datetime.now(UTC) + timedelta(days=days)).date().isoformat()


def test_what_waits_stands_in_the_order_in_which_it_is_best_done(visit: Callable[..., Watched], pages: Pages) -> None:
    window = visit()
    with writing(pages.engine) as session:
        session.scalars(select(Draft).where(Draft.state == "approved")).one().by_rule = True
    window.open("/")
    titles = [one.inner_text() for one in window.page.locator(".desk section h2").all()]
    wanted = ["Unanswered", "We promised", "Only you can do this", "Drafts to review", "Mailboxes with trouble",
              "Approved by your rules today", "What came in"]  # fmt: skip
    found = [next(place for place, title in enumerate(titles) if title.startswith(one)) for one in wanted]
    assert found == sorted(found)
    first = window.page.locator(".todo-unanswered .row").first
    expect(first.locator(".grade")).to_contain_text("A")


@pytest.mark.parametrize("javascript", [True, False])
def test_a_mail_needs_no_answer_until_that_is_taken_back(
    visit: Callable[..., Watched], pages: Pages, javascript: bool
) -> None:
    window = visit(javascript=javascript)
    window.open("/")
    row = window.page.locator(".todo-unanswered .row").first
    name = row.locator(".who-name").inner_text()
    row.get_by_role("button", name="Needs none").click()
    expect(window.page.locator(".notice")).to_contain_text("needs no answer")
    expect(window.page.locator(".todo-unanswered .row", has_text=name)).to_have_count(0)
    window.page.locator(".notice").get_by_role("button", name="Undo").click()
    expect(window.page.locator(".todo-unanswered .row", has_text=name)).to_have_count(1)
    with looking(pages.engine) as session:
        assert session.scalars(select(NoAnswerNeeded)).all() == []


def test_answer_leads_to_the_mail_and_from_there_to_a_reply(visit: Callable[..., Watched], pages: Pages) -> None:
    window = visit()
    window.open("/")
    window.page.locator(".todo-unanswered .row").first.get_by_role("link", name="Answer").click()
    window.page.wait_for_url(re.compile(r"/customers/\d+\?at=(\d+)#e\1$"))
    window.page.locator("#plan").get_by_role("button", name="Write the answer").click()
    window.page.wait_for_url(re.compile(r"/drafts/\d+$"))
    expect(window.page.locator("#subject")).to_have_value(re.compile("^(Re|AW|RE|رد)"))
    with looking(pages.engine) as session:
        draft = session.scalars(select(Draft).order_by(Draft.id.desc())).first()
        assert draft is not None
        assert draft.in_reply_to
        assert draft.follow_up_id is None


def test_a_promise_is_kept_and_taken_back(visit: Callable[..., Watched], pages: Pages) -> None:
    window = visit()
    window.open("/")
    row = window.page.locator(".todo-promises .row", has_text="test report")
    expect(row).to_contain_text("today")
    row.get_by_role("button", name="Done").click()
    expect(window.page.locator(".todo-promises .row", has_text="test report")).to_have_count(0)
    window.page.locator(".notice").get_by_role("button", name="Undo").click()
    expect(window.page.locator(".todo-promises .row", has_text="test report")).to_have_count(1)
    with looking(pages.engine) as session:
        assert {one.state for one in session.scalars(select(Promise))} == {PromiseState.OPEN}


def test_a_task_is_done_and_a_draft_is_reached(visit: Callable[..., Watched], pages: Pages) -> None:
    window = visit()
    window.open("/")
    call = window.page.locator(".todo-tasks .row", has_text="New year prices")
    call.get_by_role("button", name="Done").click()
    expect(window.page.locator(".todo-tasks .row", has_text="New year prices")).to_have_count(0)
    with looking(pages.engine) as session:
        row = session.scalars(select(FollowUp).where(FollowUp.goal == "New year prices")).one()
        assert (row.state, row.decided_by) == (FollowUpState.DONE, "Li Wei")
    window.page.locator(".todo-drafts").get_by_role("link", name="Review", exact=True).first.click()
    expect(window.page.locator("#letter")).to_be_visible()


@pytest.mark.parametrize("javascript", [True, False])
def test_a_plan_is_changed_by_hand(visit: Callable[..., Watched], pages: Pages, javascript: bool) -> None:
    window = visit(javascript=javascript)
    window.open(page_of(pages, SUNBELT))
    plan = window.page.locator("#plan")
    plan.get_by_text("Add a follow-up").click()
    plan.locator("[name=action]").select_option("visit")
    plan.get_by_label("On", exact=True).fill(in_days(6))
    plan.get_by_label("Note").fill("See the new hall")
    plan.get_by_role("button", name="Plan it").click()
    step = plan.locator(".step", has_text="See the new hall")
    expect(step).to_contain_text("Visit")
    step.get_by_text("Move").first.click()
    step.get_by_label("To which day").fill(in_days(9))
    step.get_by_role("button", name="Move").click()
    expect(window.page.locator(".notice")).to_contain_text("Moved")
    plan.locator(".step", has_text="See the new hall").get_by_role("button", name="Leave out").click()
    expect(plan.locator(".step", has_text="See the new hall")).to_have_count(0)
    window.page.locator(".notice").get_by_role("button", name="Undo").click()
    expect(plan.locator(".step", has_text="See the new hall")).to_have_count(1)


def test_a_plan_is_paused_and_goes_on(visit: Callable[..., Watched], pages: Pages) -> None:
    window = visit()
    window.open(page_of(pages, SUNBELT))
    plan = window.page.locator("#plan")
    plan.get_by_text("Pause the plan").click()
    plan.get_by_label("Until").fill(in_days(20))
    plan.get_by_label("Why").last.fill("On leave")
    plan.get_by_role("button", name="Pause").click()
    expect(plan.locator(".pinned")).to_contain_text("On leave")
    plan.get_by_role("button", name="Go on").click()
    expect(plan.locator(".pinned")).to_have_count(0)
    with looking(pages.engine) as session:
        assert [one.reason for one in session.scalars(select(PlanHold))] == ["Moves to a new office"]


def test_a_promise_is_written_down_by_hand(visit: Callable[..., Watched], pages: Pages) -> None:
    window = visit()
    window.open(page_of(pages, SUNBELT))
    plan = window.page.locator("#plan")
    plan.get_by_text("Add a promise of ours").click()
    plan.get_by_label("What was promised").fill("Photos of the packing")
    plan.get_by_role("button", name="Add", exact=True).click()
    expect(plan.locator(".step", has_text="Photos of the packing")).to_be_visible()


def test_a_mail_is_begun_from_a_template_in_another_language(visit: Callable[..., Watched], pages: Pages) -> None:
    window = visit(width=390)
    window.open(page_of(pages, SUNBELT))
    window.page.get_by_text("Write", exact=True).click()
    menu = window.page.locator(".write")
    menu.get_by_label("Contact").select_option(label="Marcus Delgado")
    menu.get_by_label("Language of the mail").select_option("es")
    menu.get_by_role("button", name="Write a draft").click()
    window.page.wait_for_url(re.compile(r"/drafts/\d+$"))
    expect(window.page.locator("#to")).to_have_value(re.compile("Marcus Delgado"))
    expect(window.page.locator("#body")).to_have_attribute("lang", "es")
