"""Making an issue in a real browser: from the first word to the approval, with and without JavaScript, on a desk and on a phone."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import SMTP

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import func, select

from inboxcrm.mailbox.errors import MailboxError
from inboxcrm.model import Contact, Customer, Grade, Issue, IssueState, Recipient, RecipientState
from inboxcrm.model.database import looking, writing
from inboxcrm.web.queries import newsletters as queries
from tests.browser.conftest import Pages, Watched
from tests.browser.readers import GONE, READERS, add_readers
from tests.newsletters import png

BODY = '{{ salutation }}\n\nthree **new** lamps.\n\n{{ products }}\n\n[Ask](mailto:{{ me.address }} "button")\n\n{{ closing }}\n'


@pytest.fixture(autouse=True)
def _readers(pages: Pages) -> None:
    with writing(pages.engine) as session:
        add_readers(session, datetime.now(UTC))


def issue_in(pages: Pages) -> Issue:
    """The newest issue, as the database has it now, with its texts."""
    with looking(pages.engine) as session:
        issue = session.scalars(select(Issue).order_by(Issue.id.desc()).limit(1)).one()
        assert issue.texts is not None
        return issue


def recipients(pages: Pages) -> int:
    """How many rows of recipients there are."""
    with looking(pages.engine) as session:
        return session.scalar(select(func.count()).select_from(Recipient)) or 0


def begin(window: Watched, name: str = "Spring lamps") -> Page:
    """Makes an issue and opens its first step."""
    window.open("/newsletters")
    window.page.get_by_role("link", name="New issue").first.click()
    window.page.get_by_label("Name").fill(name)
    window.page.get_by_role("button", name="Write the text").click()
    window.page.wait_for_url(re.compile(r"/newsletters/\d+/edit"))
    return window.page


def write(page: Page, subject: str = "New lamps", body: str = BODY) -> None:
    """Types a text and goes on."""
    page.get_by_label("Subject", exact=True).fill(subject)
    page.locator("#body").fill(body)
    page.get_by_role("button", name="Save and go on").click()


def to_review(window: Watched) -> Page:
    """An issue that waits for approval."""
    page = begin(window)
    write(page)
    page.get_by_role("link", name="Check and send").click()
    page.get_by_role("button", name="Put it up for review").click()
    expect(page.locator(".notice").first).to_contain_text("waits for approval")
    return page


@pytest.mark.parametrize(("width", "javascript"), [(1280, True), (390, False)])
def test_an_issue_is_made_tried_and_approved(
    visit: Callable[..., Watched], pages: Pages, width: int, javascript: bool
) -> None:
    window = visit(width=width, javascript=javascript)
    page = begin(window)
    write(page)
    page.wait_for_url(re.compile("/look$"))
    page.get_by_role("button", name="Save and go on").click()
    page.wait_for_url(re.compile("/audience$"))
    expect(page.locator("[data-in]")).to_have_text(str(len(READERS)))
    page.get_by_role("button", name="Save and go on").click()
    page.wait_for_url(re.compile("/preview$"))
    page.get_by_role("button", name="Send it to me").click()
    expect(page.locator(".notice")).to_contain_text("on its way")
    assert [to for to, _data in pages.handed] == [["li.wei@brightlamps.example"]]
    mail = message_from_bytes(pages.handed[0][1], policy=SMTP)
    assert mail["subject"] == "New lamps"
    page.get_by_role("link", name="Go on").click()
    page.get_by_role("button", name="Put it up for review").click()
    assert issue_in(pages).state is IssueState.REVIEW
    assert recipients(pages) == 0
    page.get_by_label("I have looked at the preview").check()
    page.get_by_role("button", name=f"Approve for {len(READERS)} recipients").click()
    expect(page.locator(".notice").first).to_contain_text(f"it goes to {len(READERS)} recipients")
    approved = issue_in(pages)
    assert (approved.state, approved.approved_by) == (IssueState.APPROVED, "Li Wei")
    assert recipients(pages) == len(READERS)
    assert window.elsewhere == []


def test_nothing_goes_out_before_somebody_has_said_that_they_looked(
    visit: Callable[..., Watched], pages: Pages
) -> None:
    window = visit()
    page = to_review(window)
    page.evaluate("document.querySelector('[name=looked]').required = false")
    page.get_by_role("button", name="Approve for").click()
    expect(page.locator(".notice.error")).to_contain_text("tick the box")
    assert (issue_in(pages).state, recipients(pages)) == (IssueState.REVIEW, 0)


def test_an_audience_that_has_grown_meanwhile_is_looked_at_again(visit: Callable[..., Watched], pages: Pages) -> None:
    window = visit()
    page = to_review(window)
    page.evaluate("document.querySelector('[name=recipients]').value = '1'")
    page.get_by_label("I have looked at the preview").check()
    page.get_by_role("button", name="Approve for").click()
    expect(page.locator(".notice.error")).to_contain_text("Look at it again")
    assert (issue_in(pages).state, recipients(pages)) == (IssueState.REVIEW, 0)


def test_it_is_approved_for_a_later_time(visit: Callable[..., Watched], pages: Pages) -> None:
    window = visit()
    page = to_review(window)
    later = (datetime.now(UTC) + timedelta(days=2)).replace(second=0, microsecond=0)
    page.get_by_label("At a time:", exact=True).check()
    page.get_by_label("Day and time").fill((later + timedelta(hours=8)).strftime("%Y-%m-%dT%H:%M"))
    page.get_by_label("I have looked at the preview").check()
    page.get_by_role("button", name="Approve for").click()
    expect(page.locator(".notice").first).to_contain_text("Approved")
    assert issue_in(pages).send_at == later


def test_what_is_wrong_with_a_text_is_kept_and_said_and_keeps_it_from_review(
    visit: Callable[..., Watched], pages: Pages
) -> None:
    window = visit()
    page = begin(window)
    write(page, body="Dear {{ contact.nickname }},\n\nhello.")
    page.get_by_role("link", name="Check and send").click()
    expect(page.locator(".checks.bad")).to_contain_text("contact.nickname")
    expect(page.get_by_role("button", name="Put it up for review")).to_be_disabled()
    page.locator(".checks.bad").get_by_role("link", name="Mend it").first.click()
    expect(page.locator("#body")).to_have_value(re.compile("nickname"))
    expect(page.locator("#text-problems")).to_contain_text("no such variable")
    page.locator("#body").fill("Dear {{ contact.first_name }},\n\nhello.")
    page.get_by_role("button", name="Save", exact=True).last.click()
    page.get_by_role("link", name="Check and send").click()
    expect(page.locator(".checks.bad")).to_contain_text("reader5@reader5.example")
    assert issue_in(pages).state is IssueState.DRAFT


def test_what_is_typed_is_kept_by_itself_and_shown_beside(visit: Callable[..., Watched], pages: Pages) -> None:
    window = visit()
    page = begin(window)
    page.get_by_label("Subject", exact=True).fill("Kept")
    page.locator("#body").fill("Hello **you**")
    inside = page.frame_locator("iframe[data-preview]")
    expect(inside.locator("strong")).to_have_text("you")
    assert issue_in(pages).texts[0].body == "Hello **you**"
    page.get_by_title("Bold").click()
    expect(page.locator("#body")).to_have_value(re.compile(r"\*\*.*\*\*"))
    page.locator("#body").fill("Hello again")
    page.get_by_role("link", name="Recipients").click()
    page.wait_for_url(re.compile("/audience$"))
    assert issue_in(pages).texts[0].body == "Hello again"
    assert window.dialogs == []
    assert window.complaints == []


def test_two_people_do_not_overwrite_each_other_unseen(visit: Callable[..., Watched], pages: Pages) -> None:
    window = visit(javascript=False)
    page = begin(window)
    with writing(pages.engine) as session:
        session.scalars(select(Issue)).one().texts[0].body = "Theirs"
    page.locator("#body").fill("Mine")
    page.get_by_role("button", name="Save", exact=True).last.click()
    expect(page.locator(".problem")).to_contain_text("Somebody else has changed this text")
    expect(page.locator("#body")).to_have_value(
        "Mine\n" if page.locator("#body").input_value().endswith("\n") else "Mine"
    )
    assert issue_in(pages).texts[0].body == "Theirs"


@pytest.mark.parametrize("javascript", [True, False])
def test_an_issue_has_several_languages_and_each_reader_gets_theirs(
    visit: Callable[..., Watched], pages: Pages, javascript: bool
) -> None:
    window = visit(javascript=javascript)
    page = begin(window)
    page.get_by_label("Subject", exact=True).fill("New lamps")
    page.locator("#body").fill(BODY)
    page.locator(".add-language summary").click()
    page.get_by_label("Another language").select_option("de")
    page.get_by_role("button", name="Add it").click()
    expect(page.locator(".notice")).to_contain_text("German")
    expect(page.locator(".original-text")).to_contain_text("three **new** lamps")
    write(page, "Neue Leuchten", "{{ salutation }}\n\ndrei neue Leuchten.\n\n{{ closing }}\n")
    assert {one.language for one in issue_in(pages).texts} == {"en", "de"}
    page.get_by_role("link", name="Recipients").click()
    expect(page.locator(".result .chips").first).to_contain_text("German")
    page.locator("#contacts").get_by_role("link", name="German").click()
    expect(page.locator(".mail-head")).to_contain_text("Neue Leuchten")
    expect(page.frame_locator(".phone-frame iframe").locator("body")).to_contain_text("Bergmann")
    page.get_by_role("button", name="In every language").click()
    expect(page.locator(".notice")).to_contain_text("2 mails")
    assert len(pages.handed) == 2


def test_the_page_shows_who_is_in_who_is_left_out_and_why_while_one_chooses(
    visit: Callable[..., Watched], pages: Pages
) -> None:
    window = visit()
    page = begin(window)
    write(page)
    page.get_by_role("link", name="Recipients").click()
    expect(page.locator("[data-in]")).to_have_text("6")
    page.get_by_text("Has one of these tags").click()
    page.locator("input[name=tags][value=hotel]").check()
    expect(page.locator("[data-in]")).to_have_text("2")
    expect(page.locator("[data-tally]")).to_have_text("2")
    expect(page.locator("#audience-result")).to_contain_text("not saved yet")
    page.get_by_role("button", name="Save", exact=True).last.click()
    expect(page.locator(".notice")).to_contain_text("Saved")
    assert issue_in(pages).audience["tags"] == ["hotel"]
    page.get_by_role("link", name="left, complained or blocked").click()
    expect(page.locator("#contacts")).to_contain_text(GONE)
    expect(page.locator("#contacts")).to_contain_text("bo@left.example has left the newsletter")
    page.get_by_role("link", name="Left out", exact=True).click()
    page.get_by_label("Search these contacts").fill("kowalski")
    page.get_by_role("button", name="Search").click()
    expect(page.locator(".contact-row")).to_have_count(1)
    expect(page.locator(".contact-row")).to_contain_text("none of these tags")
    assert window.complaints == []


@pytest.mark.parametrize("javascript", [True, False])
def test_among_very_many_contacts_the_page_comes_first_and_the_numbers_after_it(
    visit: Callable[..., Watched], pages: Pages, monkeypatch: pytest.MonkeyPatch, javascript: bool
) -> None:
    window = visit(javascript=javascript)
    page = begin(window)
    write(page)
    page.wait_for_url(re.compile("/look$"))
    monkeypatch.setattr(queries, "are_many", lambda _session: True)
    page.get_by_role("link", name="Recipients").click()
    if not javascript:
        expect(page.locator("#audience-result")).to_contain_text("Counting who gets it")
        page.get_by_role("link", name="Do it now").click()
    expect(page.locator("[data-in]")).to_have_text("6")
    expect(page.locator("[data-tally]")).to_have_text("6")
    page.get_by_role("link", name="left, complained or blocked").click()
    expect(page.locator("#contacts")).to_contain_text("bo@left.example has left the newsletter")
    page.get_by_label("Search these contacts").fill("nobody")
    page.get_by_role("button", name="Search").click()
    expect(page.locator("#contacts")).to_contain_text("Nobody like that.")
    page.get_by_role("link", name="Check and send").click()
    if not javascript:
        page.get_by_role("link", name="Do it now").click()
    page.get_by_role("button", name="Put it up for review").click()
    expect(page.locator(".notice").first).to_contain_text("waits for approval")
    assert window.complaints == []


def test_without_javascript_a_button_counts_and_saves_nothing(visit: Callable[..., Watched], pages: Pages) -> None:
    window = visit(javascript=False)
    page = begin(window)
    write(page)
    page.get_by_role("link", name="Recipients").click()
    page.locator("input[name=grades][value=A]").check()
    page.locator(".count-button").click()
    expect(page.locator("[data-in]")).to_have_text("7")
    expect(page.locator("input[name=grades][value=A]")).to_be_checked()
    expect(page.locator("form#audience-form .warning")).to_contain_text("written to personally")
    assert issue_in(pages).audience["grades"] == ["C"]
    for one in page.locator("input[name=grades]").all():
        one.uncheck()
    page.get_by_role("button", name="Save", exact=True).last.click()
    expect(page.locator(".problem")).to_contain_text("at least one grade")


def test_who_has_asked_for_a_sample_since_is_out(visit: Callable[..., Watched], pages: Pages) -> None:
    window = visit()
    page = begin(window)
    write(page)
    with writing(pages.engine) as session:
        session.scalars(select(Customer).where(Customer.name == READERS[0][0])).one().grade = Grade.B
    page.get_by_role("link", name="Recipients").click()
    expect(page.locator("[data-in]")).to_have_text("5")


def test_who_is_left_out_can_be_looked_at_too_and_the_page_says_why(
    visit: Callable[..., Watched], pages: Pages
) -> None:
    window = visit()
    page = begin(window)
    write(page)
    with looking(pages.engine) as session:
        gone = session.scalars(
            select(Contact.id).join(Customer, Customer.id == Contact.customer_id).where(Customer.name == GONE)
        ).one()
    window.open(f"/newsletters/{issue_in(pages).id}/preview?contact={gone}")
    expect(page.locator(".left-out")).to_contain_text("has left the newsletter")
    expect(page.frame_locator(".desk-frame iframe").locator("body")).to_contain_text("Bo Left")
    page.get_by_label("In dark mode").check()
    page.wait_for_url(re.compile("dark=1"))
    sheet = page.frame_locator(".desk-frame iframe").locator(".sheet").first
    assert sheet.evaluate("one => getComputedStyle(one).backgroundColor") == "rgb(21, 25, 29)"


def test_the_desk_says_that_an_issue_waits(visit: Callable[..., Watched], pages: Pages) -> None:
    window = visit()
    page = to_review(window)
    window.open("/")
    page.get_by_role("link", name="1 newsletter waits for your approval").click()
    expect(page.locator("#issues")).to_contain_text("Spring lamps")
    assert issue_in(pages).state is IssueState.REVIEW


def test_products_and_pictures_stand_in_the_mail(visit: Callable[..., Watched], pages: Pages) -> None:
    window = visit()
    page = begin(window)
    write(page)
    page.wait_for_url(re.compile("/look$"))
    page.get_by_label("Products With a head").check()
    page.locator("input[type=file]").set_input_files({"name": "my lamp.png", "mimeType": "image/png", "buffer": png()})
    page.get_by_role("button", name="Put it here").click()
    expect(page.locator(".notice")).to_contain_text("my-lamp.png")
    assert (pages.home / "newsletter" / "my-lamp.png").read_bytes() == png()
    first = page.locator(".product").first
    first.get_by_label("Name").fill("Pendant PL-40")
    first.get_by_label("What is good about it").fill("Brass, 40 cm")
    first.get_by_label("Picture").select_option("my-lamp.png")
    first.get_by_label("Link").fill("https://brightlamps.example/pl-40")
    page.get_by_role("button", name="Save", exact=True).last.click()
    expect(page.locator(".product").first.get_by_label("Name")).to_have_value("Pendant PL-40")
    page.get_by_role("link", name="Preview").click()
    inside = page.frame_locator(".desk-frame iframe")
    expect(inside.locator("body")).to_contain_text("Brass, 40 cm")
    assert inside.locator("img").first.evaluate("one => one.naturalWidth") > 0
    assert window.complaints == []
    assert window.elsewhere == []


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("lamp.exe", b"MZ", "these can"),
        ("lamp.png", b"GIF89a-in-truth", "isn't what its name says"),
        ("lamp.png", b"\x89PNG\r\n\x1a\n" + b"0" * 1_600_000, "may carry"),
    ],
)
def test_a_file_that_cannot_go_is_refused_and_says_why(
    visit: Callable[..., Watched], pages: Pages, name: str, content: bytes, says: str
) -> None:
    window = visit()
    page = begin(window)
    write(page)
    page.wait_for_url(re.compile("/look$"))
    page.locator("input[type=file]").set_input_files({"name": name, "mimeType": "image/png", "buffer": content})
    page.get_by_role("button", name="Put it here").click()
    expect(page.locator(".problem")).to_contain_text(says)
    assert not (pages.home / "newsletter").exists() or not list((pages.home / "newsletter").iterdir())


@pytest.mark.parametrize("javascript", [True, False])
def test_a_file_is_removed_when_no_issue_needs_it(
    visit: Callable[..., Watched], pages: Pages, javascript: bool
) -> None:
    window = visit(javascript=javascript)
    page = begin(window)
    write(page)
    for name in ("lamp.png", "list.png"):
        page.locator("input[type=file]").set_input_files({"name": name, "mimeType": "image/png", "buffer": png()})
        page.get_by_role("button", name="Put it here").click()
    page.get_by_role("checkbox", name="lamp.png").check()
    for name in ("lamp.png", "list.png"):
        row = page.locator(".files li", has_text=name)
        row.locator("summary").click()
        row.get_by_role("button", name="Remove for good").click()
        if name == "lamp.png":
            expect(page.locator(".problem")).to_contain_text("lamp.png goes with “Spring lamps”")
    expect(page.locator(".notice")).to_contain_text("“list.png” is removed.")
    assert [one.name for one in (pages.home / "newsletter").iterdir()] == ["lamp.png"]
    assert issue_in(pages).images == ["lamp.png"]


def test_several_subjects_are_tried(visit: Callable[..., Watched], pages: Pages) -> None:
    window = visit()
    page = begin(window)
    page.get_by_label("Subject", exact=True).fill("New lamps")
    page.get_by_text("Try several subjects").click()
    page.get_by_label("Subject 2").fill("Lamps for your hotel")
    page.get_by_label("Tried on so many").fill("30")
    write(page)
    issue = issue_in(pages)
    assert (issue.texts[0].subjects, issue.test_share) == (["New lamps", "Lamps for your hotel"], 30)
    page.get_by_role("link", name="Preview").click()
    page.wait_for_selector("form.automatic")
    page.locator("select[name=subject]").select_option(value="1")
    expect(page.locator(".mail-head")).to_contain_text("Lamps for your hotel")
    window.open(f"/newsletters/{issue.id}/preview?subject=4")  # as who comes from a language with five subjects
    expect(page.locator(".mail-head")).to_contain_text("New lamps")
    expect(page.locator("select[name=subject]")).to_have_value("0")


def test_an_issue_in_review_is_taken_back_copied_and_removed(visit: Callable[..., Watched], pages: Pages) -> None:
    window = visit()
    page = to_review(window)
    page.get_by_role("button", name="Take it back").click()
    expect(page.locator(".notice").first).to_contain_text("can be changed again")
    assert issue_in(pages).state is IssueState.DRAFT
    page.locator(".issue-menu > summary").click()
    page.get_by_role("button", name="Copy it").click()
    expect(page.get_by_label("Name")).to_have_value("Spring lamps (copy)")
    assert issue_in(pages).texts[0].subjects == ["New lamps"]
    page.locator(".issue-menu > summary").click()
    page.get_by_text("Remove it").click()
    page.get_by_role("button", name="Remove for good").click()
    expect(page.locator(".notice")).to_contain_text("is removed")
    with looking(pages.engine) as session:
        assert session.scalars(select(Issue.name)).all() == ["Spring lamps"]


def test_a_change_takes_an_issue_out_of_review(visit: Callable[..., Watched], pages: Pages) -> None:
    window = visit()
    page = to_review(window)
    page.get_by_role("link", name="Text", exact=False).first.click()
    expect(page.locator(".warning").first).to_contain_text("waits for approval")
    page.locator("#body").fill("Something else entirely.")
    page.get_by_role("button", name="Save", exact=True).last.click()
    assert issue_in(pages).state is IssueState.DRAFT


def test_an_approved_issue_cannot_be_changed_before_it_is_taken_back(
    visit: Callable[..., Watched], pages: Pages
) -> None:
    window = visit()
    page = to_review(window)
    issue = issue_in(pages)
    page.get_by_label("I have looked at the preview").check()
    page.get_by_role("button", name="Approve for").click()
    expect(page.locator(".notice").first).to_contain_text("Approved")
    for step in ("edit", "look", "audience"):
        window.open(f"/newsletters/{issue.id}/{step}")
        expect(page.locator(".notice.error")).to_contain_text("Take it back to change it.")
    with looking(pages.engine) as session:
        states = set(session.scalars(select(Recipient.state)))
    assert states == {RecipientState.QUEUED}


@pytest.mark.parametrize("width", [1280, 390])
def test_no_step_complains_or_scrolls_sideways_and_everything_has_a_name(
    visit: Callable[..., Watched], pages: Pages, width: int
) -> None:
    window = visit(width=width)
    page = to_review(window)
    here = f"/newsletters/{issue_in(pages).id}"
    steps = ("", "/edit", "/look", "/audience", "/audience?show=out", "/preview", "/preview?language=xx&contact=99999")
    for path in ("/newsletters", "/newsletters/new", *(here + one for one in steps)):
        window.open(path)
        for closed in page.locator("main details:not([data-menu])").all():
            closed.evaluate("element => { element.open = true }")
        assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0, path
        assert page.locator("h1").count() == 1, path
        unnamed = page.evaluate(
            """() => [...document.querySelectorAll('input:not([type=hidden]), select, textarea, button, main a')]
                .filter(one => one.offsetParent && !one.labels?.length && !one.getAttribute('aria-label')
                    && !one.textContent.trim() && !one.title).map(one => one.outerHTML.slice(0, 120))"""
        )
        assert unnamed == [], path
        text = page.locator("body").inner_text()
        for mistake in ("{count}", "{name}", "None", "undefined", "Why.", "Severity."):
            assert mistake not in text, f"{mistake} on {path}"
    assert window.complaints == []
    assert window.elsewhere == []


@pytest.mark.parametrize("says", ["550 5.7.1 not from here", ""])
def test_a_try_that_the_server_refuses_is_told(visit: Callable[..., Watched], pages: Pages, says: str) -> None:
    window = visit()
    page = begin(window)
    write(page)
    page.get_by_role("link", name="Preview").click()
    page.wait_for_selector("form.automatic")
    if says:
        pages.refusals.append(MailboxError(says))
    else:
        page.evaluate("document.querySelector('[name=to] option').value = 'carlos@andina.example'")
    page.get_by_role("button", name="Send it to me").click()
    expect(page.locator(".notice.error")).to_contain_text(says or "isn't an address of yours")
    assert pages.handed == []


def test_who_looks_sees_at_once_that_an_issue_waits(visit: Callable[..., Watched], pages: Pages) -> None:
    watching = visit()
    watching.open("/newsletters")
    watching.page.wait_for_selector("html[data-live-state=on]")
    to_review(visit())
    expect(watching.page.locator("#issues")).to_contain_text("Waits for your approval")
    expect(watching.page.locator(".place-newsletters .count")).to_have_text("1")


def test_when_the_text_for_everybody_else_is_taken_out_another_takes_its_place(
    visit: Callable[..., Watched], pages: Pages
) -> None:
    window = visit(javascript=False)
    page = begin(window)
    page.locator(".add-language summary").click()
    page.get_by_label("Another language").select_option("de")
    page.get_by_role("button", name="Add it").click()
    page.get_by_role("navigation", name="Languages of this issue").get_by_role("link", name="English").click()
    page.get_by_text("Take English out").click()
    page.get_by_role("button", name="Take the text in English out").click()
    expect(page.locator(".notice")).to_contain_text("gets the one in German now")
    issue = issue_in(pages)
    assert ([one.language for one in issue.texts], issue.fallback_language) == (["de"], "de")


@pytest.mark.parametrize("javascript", [True, False])
def test_an_issue_begins_with_a_template_in_several_languages(
    visit: Callable[..., Watched], pages: Pages, javascript: bool
) -> None:
    window = visit(javascript=javascript)
    page = window.page
    window.open("/newsletters/new")
    page.get_by_label("Name").fill("Fairs")
    page.get_by_label("Begin with").select_option("news")
    page.get_by_text("In several languages at once").click()
    page.locator("input[name=also][value=de]").check()
    page.get_by_role("button", name="Write the text").click()
    page.wait_for_url(re.compile("/edit$"))
    texts = {one.language: one for one in issue_in(pages).texts}
    assert set(texts) == {"en", "de"}
    assert all(one.subjects and "{{ salutation }}" in one.body and "[[" not in one.body for one in texts.values())
    expect(page.locator("#text-problems")).to_be_empty()


def test_a_value_that_only_another_language_has_is_kept(visit: Callable[..., Watched], pages: Pages) -> None:
    window = visit()
    page = begin(window)
    product = {"name": {"en": "Pendant", "fr": "Suspension"}, "text": {"": "Brass"}, "picture": "", "link": ""}
    with writing(pages.engine) as session:
        session.scalars(select(Issue)).one().variables = {"products": [product], "season": "spring"}
    window.open(f"/newsletters/{issue_in(pages).id}/look")
    first = page.locator(".product").first
    expect(first.get_by_label("What is good about it")).to_have_value("Brass")
    first.get_by_label("Name").fill("Pendant lamp")
    page.get_by_role("button", name="Save", exact=True).last.click()
    expect(page.locator(".notice")).to_contain_text("Saved")
    kept = issue_in(pages).variables
    assert kept["products"][0]["name"] == {"en": "Pendant lamp", "fr": "Suspension"}
    assert kept["season"] == "spring"


def test_who_reads_none_of_several_languages_gets_english(visit: Callable[..., Watched], pages: Pages) -> None:
    window = visit(javascript=False)
    page = window.page
    window.open("/newsletters/new")
    page.get_by_label("Name").fill("Ventile")
    page.get_by_label("First language").select_option("de")
    page.get_by_text("In several languages at once").click()
    page.locator("input[name=also][value=en]").check()
    page.get_by_role("button", name="Write the text").click()
    page.wait_for_url(re.compile(r"/edit\?language=de$"))
    expect(page.locator("iframe[data-preview]").content_frame.locator("body")).to_have_text("no text yet")
    expect(page.locator("#text-problems")).to_be_empty()
    assert issue_in(pages).fallback_language == "en"
