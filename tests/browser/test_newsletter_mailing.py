"""Newsletters after their approval in a real browser: progress, stop and go, what is unknown, results, series, who gets no mail."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from inboxcrm.customers.suppression import suppress
from inboxcrm.model import (
    Account,
    AddressHealth,
    Contact,
    ContactAddress,
    Issue,
    IssueState,
    Newsletter,
    Recipient,
    RecipientState,
    Suppression,
    SuppressionReason,
    SuppressionScope,
)
from inboxcrm.model.database import looking, writing
from inboxcrm.service.events import Topic
from tests.browser.conftest import Pages, Watched
from tests.browser.issues import REFUSED_WORDS, issue_in, recipients_in, through, under_way
from tests.browser.seed import OURS

NOW = datetime.now(UTC).replace(microsecond=0)
Visit = Callable[..., Watched]


@pytest.fixture
def issue(pages: Pages) -> Issue:
    """An issue in the middle of its way."""
    with writing(pages.engine) as session:
        return under_way(session, NOW)


def now_is(pages: Pages, issue: Issue) -> Issue:
    """The issue as the database has it now."""
    with looking(pages.engine) as session:
        return session.get_one(Issue, issue.id)


def states(pages: Pages, issue: Issue) -> dict[str, int]:
    """How many recipients are in each state."""
    with looking(pages.engine) as session:
        rows = session.scalars(select(Recipient.state).where(Recipient.issue_id == issue.id)).all()
    return {state.value: rows.count(state) for state in set(rows)}


def test_the_page_tells_how_far_it_is_and_why_mails_were_refused(visit: Visit, issue: Issue) -> None:
    window = visit()
    page = window.page
    window.open(f"/newsletters/{issue.id}")
    expect(page.locator("#progress-title")).to_have_text("67 of 108 mails are through")
    for name, count in (("Sent", 60), ("Waiting", 41), ("Refused", 2), ("Came back", 1), ("Answered", 2), ("Left", 1)):
        expect(page.locator(".tally a", has_text=name).filter(has_not_text="Left out").first).to_contain_text(
            str(count)
        )
    page.locator(".tally a", has_text="Refused").click()
    expect(page.locator(".recipient")).to_have_count(2)
    expect(page.locator(".recipient .said").first).to_have_text(REFUSED_WORDS)
    page.fill("main [name=q]", "nobody-like-this")
    page.press("main [name=q]", "Enter")
    expect(page.locator("#recipients")).to_contain_text("Nobody here.")
    assert window.complaints == []


def test_the_mail_can_be_seen_in_each_language(visit: Visit, issue: Issue) -> None:
    window = visit()
    page = window.page
    window.open(f"/newsletters/{issue.id}")
    page.locator(".sent-mail summary", has_text="Drei neue Pendelleuchten").click()
    expect(page.frame_locator("iframe[title='The mail in German']").locator("body")).to_contain_text("Neu!")
    assert window.complaints == []
    assert window.elsewhere == []


def test_progress_moves_while_one_looks(visit: Visit, pages: Pages, issue: Issue) -> None:
    window = visit()
    page = window.page
    window.open(f"/newsletters/{issue.id}")
    expect(page.locator("#progress-title")).to_contain_text("67 of 108")
    page.wait_for_selector("html[data-live-state=on]")
    with writing(pages.engine) as session:
        queued = select(Recipient).where(Recipient.issue_id == issue.id, Recipient.state == RecipientState.QUEUED)
        for row in session.scalars(queued.limit(5)):
            row.state, row.sending_at, row.sent_at = RecipientState.SENT, NOW, NOW
    pages.events.publish(Topic.NEWSLETTERS, {"issues": [issue.id]})
    expect(page.locator("#progress-title")).to_contain_text("72 of 108")
    expect(page.locator(".tally a").first).to_contain_text("65")
    page.select_option("main [name=kind]", "refused")  # the filters still answer by themselves
    page.wait_for_url("**kind=refused**")
    expect(page.locator(".recipient")).to_have_count(2)


@pytest.mark.parametrize("javascript", [True, False])
def test_an_issue_is_paused_resumed_and_cancelled(visit: Visit, pages: Pages, issue: Issue, javascript: bool) -> None:
    window = visit(javascript=javascript)
    page = window.page
    window.open(f"/newsletters/{issue.id}")
    page.get_by_role("button", name="Pause").click()
    expect(page.locator("#progress")).to_contain_text("Paused by Li Wei.")
    assert now_is(pages, issue).state is IssueState.PAUSED
    page.locator("#issue-actions").get_by_role("button", name="Resume").click()
    expect(page.locator(".notice")).to_contain_text("It goes on.")
    assert now_is(pages, issue).state is IssueState.SENDING
    page.locator("summary", has_text="Cancel").click()
    page.get_by_role("button", name="Cancel the rest").click()
    expect(page.locator("#progress")).to_contain_text("Cancelled by Li Wei.")
    assert now_is(pages, issue).state is IssueState.CANCELLED
    assert states(pages, issue) == {"sent": 60, "cancelled": 41, "refused": 2, "unknown": 2, "dropped": 3}
    expect(page.get_by_role("button", name="Copy as a new issue")).to_be_visible()


@pytest.mark.parametrize("javascript", [True, False])
def test_an_approval_is_taken_back_until_it_begins(visit: Visit, pages: Pages, javascript: bool) -> None:
    with writing(pages.engine) as session:
        issue = issue_in(session, NOW, state=IssueState.APPROVED)
        recipients_in(session, issue, NOW, {RecipientState.QUEUED: 5})
    window = visit(javascript=javascript)
    page = window.page
    window.open(f"/newsletters/{issue.id}/edit")
    expect(page.locator(".notice")).to_contain_text("Take it back to change it")
    page.get_by_role("button", name="Take back, to change it").click()
    expect(page.locator(".notice")).to_contain_text("it can be changed again")
    expect(page.get_by_role("button", name="Put it up for review")).to_be_visible()
    assert (now_is(pages, issue).state, states(pages, issue)) == (IssueState.DRAFT, {})
    assert window.complaints == []


def test_an_issue_whose_account_is_gone_gets_another(visit: Visit, pages: Pages) -> None:
    with writing(pages.engine) as session:
        old = Account(address="old@brightlamps.example")
        session.add(old)
        session.flush()
        state, words = IssueState.PAUSED, "The account is gone."
        issue = issue_in(session, NOW, state=state, account_id=old.id, started_at=None, paused_because=words)
        recipients_in(session, issue, NOW, {RecipientState.QUEUED: 5})
    window = visit()
    page = window.page
    window.open(f"/newsletters/{issue.id}")
    page.get_by_role("button", name="Resume").click()
    expect(page.locator(".notice")).to_contain_text("old@brightlamps.example isn't in the settings any more")
    page.get_by_role("button", name="Take back, to change it").click()
    expect(page.locator(".checks.bad")).to_contain_text("old@brightlamps.example")
    expect(page.locator("select[name=account]")).to_have_value(str(old.id))
    page.locator("select[name=account]").select_option(label=OURS)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".notice").first).to_contain_text("Saved.")
    expect(page.locator("main")).not_to_contain_text("old@brightlamps.example")
    assert now_is(pages, issue).account_id != old.id


def test_a_pause_is_taken_back_in_one_step(visit: Visit, pages: Pages, issue: Issue) -> None:
    window = visit()
    window.open(f"/newsletters/{issue.id}")
    window.page.get_by_role("button", name="Pause").click()
    window.page.locator(".notice").get_by_role("button", name="Undo").click()
    expect(window.page.locator(".notice")).to_contain_text("It goes on.")
    assert now_is(pages, issue).state is IssueState.SENDING


def test_a_pause_by_the_account_says_so_in_the_servers_words(visit: Visit, pages: Pages, issue: Issue) -> None:
    words = "550 5.4.5 Daily sending quota exceeded"
    with writing(pages.engine) as session:
        found = session.get_one(Issue, issue.id)
        found.state, found.paused_because, found.resume_at = IssueState.PAUSED, words, NOW + timedelta(hours=20)
    window = visit()
    window.open(f"/newsletters/{issue.id}")
    expect(window.page.locator("#progress .warning")).to_contain_text(words)
    expect(window.page.locator("#progress .warning")).to_contain_text("It goes on by itself")


def test_a_person_decides_about_mails_of_which_nobody_knows(visit: Visit, pages: Pages, issue: Issue) -> None:
    window = visit()
    page = window.page
    window.open("/newsletters")
    expect(page.locator(".place-newsletters .count")).to_have_text("1")
    page.locator(".issue-row", has_text="2 unknown").get_by_role("link").click()
    page.wait_for_url(f"**/newsletters/{issue.id}")
    expect(page.locator("#unknown")).to_contain_text("Of 2 mails nobody knows whether they went")
    page.locator("#unknown .step").first.get_by_role("button", name="It went").click()
    expect(page.locator("#unknown")).to_contain_text("Of 1 mail nobody knows whether it went")
    page.locator("#unknown .step").first.get_by_role("button", name="send it").click()
    expect(page.locator("#unknown .step")).to_have_count(0)
    expect(page.locator(".place-newsletters .count")).to_have_count(0)
    assert states(pages, issue) == {"sent": 61, "queued": 42, "refused": 2, "dropped": 3}


def test_all_unknown_mails_are_noted_as_sent_at_once(visit: Visit, pages: Pages, issue: Issue) -> None:
    window = visit(javascript=False)
    window.open(f"/newsletters/{issue.id}")
    window.page.get_by_role("button", name="All of them went").click()
    expect(window.page.locator(".notice")).to_contain_text("2 mails are noted as sent.")
    assert states(pages, issue)["sent"] == 62


def test_an_approved_issue_gets_another_time(visit: Visit, pages: Pages) -> None:
    with writing(pages.engine) as session:
        issue = issue_in(session, NOW, state=IssueState.APPROVED)
        recipients_in(session, issue, NOW, {RecipientState.QUEUED: 3})
    window = visit()
    page = window.page
    window.open(f"/newsletters/{issue.id}")
    expect(page.locator("#progress")).to_contain_text("Waits for its time")
    for written, said in (("2020-01-01T09:00", "lies ahead"), ("2099-05-04T09:30", "new time")):
        page.locator("summary", has_text="Another time").click()
        page.fill("[name=send_at]", written)
        page.get_by_role("button", name="Take this time").click()
        expect(page.locator(".notice")).to_contain_text(said)
    moved = now_is(pages, issue).send_at
    assert moved is not None
    assert moved.year == 2099


def test_results_stand_beside_each_other_and_each_has_its_own(visit: Visit, pages: Pages) -> None:
    with writing(pages.engine) as session:
        newest = through(session, NOW)
        through(session, NOW, days=60, name="Spring news")
    window = visit()
    page = window.page
    window.open("/newsletters/results")
    expect(page.locator(".result-table tbody tr")).to_have_count(2)
    expect(page.locator(".result-table tbody tr").first).to_contain_text("Summer news")
    assert page.locator("img.chart").evaluate("picture => picture.complete && picture.naturalWidth > 0")
    page.locator(".result-table a", has_text="Summer news").click()
    page.wait_for_url(f"**/newsletters/{newest.id}")
    expect(page.locator("#results")).to_contain_text("2 customers asked for something after the mail.")
    expect(page.locator("#results")).to_contain_text("C → B: 1")
    expect(page.locator("#results")).to_contain_text("9 recipients followed a link.")
    expect(page.locator(".variants .winner")).to_contain_text("Your autumn range")
    assert window.complaints == []
    assert window.elsewhere == []


# --- series -----------------------------------------------------------------------------------------------------------


def test_a_series_is_made_drafts_its_issue_is_paused_and_ended(visit: Visit, pages: Pages) -> None:
    folder = pages.home / "templates" / "newsletter" / "series" / "hello"
    folder.mkdir(parents=True)
    (folder / "en.md").write_text("Subject: Hello from [[ company ]]\n\n{{ salutation }}\n\nGood day.\n", "utf-8")
    window = visit()
    page = window.page
    window.open("/newsletters/series")
    page.get_by_role("link", name="New series").first.click()
    page.fill("[name=name]", "Quarterly hello")
    page.select_option("[name=template]", "hello")
    page.fill("[name=every_months]", "3")
    page.fill("[name=day]", "12")
    page.get_by_role("button", name="Make the series").click()
    expect(page.locator("h1")).to_have_text("Quarterly hello")
    expect(page.locator(".sub")).to_contain_text("Its next issue is drafted on 12")
    page.get_by_role("button", name="Draft the next issue now").click()
    expect(page.locator(".notice")).to_contain_text("nothing goes out before you approve it")
    with looking(pages.engine) as session:
        series = session.scalars(select(Newsletter)).one()
        issue = session.scalars(select(Issue).where(Issue.newsletter_id == series.id)).one()
        assert (series.every_months, series.day, series.template) == (3, 12, "hello")
        assert issue.state is IssueState.REVIEW
    window.open(f"/newsletters/series/{series.id}")
    page.get_by_role("button", name="Draft the next issue now").click()
    expect(page.locator(".notice.error")).to_contain_text("still waits for you")
    page.locator(".head").get_by_role("button", name="Pause").click()
    expect(page.locator(".sub")).to_contain_text("Paused")
    page.locator("summary", has_text="End").click()
    page.get_by_role("button", name="End the series").click()
    expect(page.locator(".notice")).to_contain_text("Its issues stay.")
    with looking(pages.engine) as session:
        assert session.scalars(select(Newsletter)).all() == []
        assert session.scalars(select(Issue.name)).all() == [issue.name]
    assert window.complaints == []


def test_what_is_wrong_with_a_series_is_said_and_what_was_typed_stays(visit: Visit, pages: Pages) -> None:
    window = visit(javascript=False)
    page = window.page
    window.open("/newsletters/series/new")
    page.fill("[name=name]", "Monthly")
    page.uncheck("[name=series_languages][value=en]")
    page.locator("summary", has_text="Has one of these tags").click()
    page.check("[name=tags][value=hotel]")
    page.get_by_role("button", name="Make the series").click()
    expect(page.locator(".problem")).to_contain_text("languages")
    assert page.input_value("[name=name]") == "Monthly"
    assert page.is_checked("[name=tags][value=hotel]")
    with looking(pages.engine) as session:
        assert session.scalars(select(Newsletter)).all() == []


# --- who gets no mail -------------------------------------------------------------------------------------------------


def suppressions(pages: Pages) -> list[Suppression]:
    """All of them, in force or not."""
    with looking(pages.engine) as session:
        return list(session.scalars(select(Suppression).order_by(Suppression.id)))


def test_an_address_is_blocked_by_hand_and_that_is_taken_back(visit: Visit, pages: Pages) -> None:
    window = visit()
    page = window.page
    window.open("/suppressions")
    page.locator("summary", has_text="Add an address").click()
    page.fill("[name=value]", "Rival@Competitor.example")
    page.select_option("[name=scope]", "all")
    page.fill("[name=note]", "copies our catalogue")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.locator(".suppressed")).to_contain_text("rival@competitor.example")
    expect(page.locator(".suppressed")).to_contain_text("copies our catalogue")
    row = suppressions(pages)[0]
    assert (row.scope, row.by, row.lifted_at) == (SuppressionScope.ALL, "Li Wei", None)
    page.locator(".notice").get_by_role("button", name="Undo").click()
    expect(page.locator(".suppressed")).to_have_count(0)
    assert suppressions(pages)[0].lifted_by == "Li Wei"
    page.locator(".notice").get_by_role("button", name="Undo").click()
    expect(page.locator(".suppressed")).to_have_count(1)
    assert suppressions(pages)[0].lifted_at is None


@pytest.mark.parametrize(("value", "said"), [("gmail.com", "mail provider"), ("no address", "no domain")])
def test_what_can_not_be_blocked_is_said_at_the_field(visit: Visit, pages: Pages, value: str, said: str) -> None:
    window = visit(javascript=False)
    page = window.page
    window.open("/suppressions")
    page.locator("summary", has_text="Add an address").click()
    page.fill("[name=value]", value)
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.locator("#value-problem")).to_contain_text(said)
    assert page.input_value("[name=value]") == value
    assert suppressions(pages) == []


def test_who_asked_to_stop_comes_back_only_with_a_word_on_how(visit: Visit, pages: Pages) -> None:
    with writing(pages.engine) as session:
        suppress(
            session, "buyer@firm.example", reason=SuppressionReason.LEFT, now=NOW,
            proof={"request": "one-click", "client": "203.0.113.9"},
        )  # fmt: skip
    window = visit()
    page = window.page
    window.open("/suppressions")
    expect(page.locator(".suppressed")).to_contain_text("by one click in the mail program, from 203.0.113.9")
    page.locator("summary", has_text="Take off").click()
    page.get_by_role("button", name="Take off", exact=True).click()
    assert suppressions(pages)[0].lifted_at is None  # the browser asks for the field
    page.locator("[name=consent]").evaluate("field => field.removeAttribute('required')")
    page.get_by_role("button", name="Take off", exact=True).click()
    expect(page.locator("#consent-problem")).to_contain_text("Say where and when")
    page.fill("[name=consent]", "Canton Fair: asked for our news again")
    page.get_by_role("button", name="Take off", exact=True).click()
    expect(page.locator(".notice")).to_contain_text("may get mail again")
    row = suppressions(pages)[0]
    assert row.lifted_by == "Li Wei"
    assert row.proof["consent"] == "Canton Fair: asked for our news again"


def test_an_address_that_is_taken_off_after_bounces_gets_mail_again(visit: Visit, pages: Pages) -> None:
    with writing(pages.engine) as session:
        bouncing = session.scalars(
            select(ContactAddress).where(ContactAddress.health == AddressHealth.BOUNCING).limit(1)
        ).one()
        suppress(session, bouncing.address, reason=SuppressionReason.HARD_BOUNCE, now=NOW, proof={"status": "5.1.1"})
    window = visit(javascript=False)
    page = window.page
    window.open(f"/suppressions?q={bouncing.address}")
    page.locator("summary", has_text="Take off").click()
    page.get_by_role("button", name="Take off", exact=True).click()
    expect(page.locator(".notice")).to_contain_text("may get mail again")
    with looking(pages.engine) as session:
        assert session.get_one(ContactAddress, bouncing.id).health is AddressHealth.OK
    assert suppressions(pages)[0].lifted_by == "Li Wei"


def test_the_file_of_a_customer_says_who_gets_no_newsletters(visit: Visit, pages: Pages) -> None:
    with writing(pages.engine) as session:
        row = session.scalars(select(ContactAddress).order_by(ContactAddress.id).limit(1)).one()
        customer_id = session.get_one(Contact, row.contact_id).customer_id
        suppress(session, row.address, reason=SuppressionReason.LEFT, now=NOW)
    window = visit(javascript=False)
    page = window.page
    window.open(f"/customers/{customer_id}")
    contact = page.locator("details.contact", has_text=row.written)
    expect(contact.locator("summary")).to_contain_text("no newsletters")
    contact.locator("summary").click()
    contact.get_by_role("link", name="Why no newsletters?").click()
    expect(page.locator(".suppressed")).to_contain_text("unsubscribed")


# --- all of them ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [1280, 390])
def test_no_page_of_these_scrolls_sideways_or_complains(visit: Visit, pages: Pages, issue: Issue, width: int) -> None:
    with writing(pages.engine) as session:
        done = through(session, NOW)
        for number in range(3):
            value = f"a-very-long-address-of-somebody-{number}@a-very-long-domain-of-a-firm.example"
            suppress(session, value, reason=SuppressionReason.COMPLAINT, now=NOW, proof={"issue_id": issue.id})
    window = visit(width=width)
    page = window.page
    for path in (
        f"/newsletters/{issue.id}",
        f"/newsletters/{issue.id}?kind=refused",
        f"/newsletters/{done.id}?page=2",
        "/newsletters/results",
        "/newsletters/series",
        "/newsletters/series/new",
        "/suppressions",
        "/suppressions?reason=complaint&lifted=1",
    ):
        window.open(path)
        for closed in page.locator("main details:not([data-menu])").all():
            closed.evaluate("element => { element.open = true }")
        overflow = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert overflow <= 0, f"{path} is {overflow} px too wide at {width}"
        assert page.locator("h1").count() == 1, path
    assert window.complaints == []
    assert window.elsewhere == []
