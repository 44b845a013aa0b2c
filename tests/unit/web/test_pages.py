"""Small rules of the pages that need no browser to be seen."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, select

from inboxcrm.i18n import speaking
from inboxcrm.model import Message
from inboxcrm.model.database import writing
from inboxcrm.service.events import Events, Topic
from inboxcrm.web import formats, tickets, words
from inboxcrm.web.flash import is_own_path
from inboxcrm.web.pages.search import marked
from inboxcrm.web.pages.unmatched import suggested_name
from inboxcrm.web.queries.customer import Place
from inboxcrm.web.rendering import paragraphs
from inboxcrm.web.tickets import Ticket, TicketBooth
from tests.unit.web.conftest import Browser

NOW = datetime(2026, 11, 25, 6, 30, tzinfo=UTC)
SHANGHAI = ZoneInfo("Asia/Shanghai")


@given(st.text())
def test_text_of_mails_becomes_paragraphs_and_never_a_tag(text: str) -> None:
    made = str(paragraphs(text))
    bare = made.replace('<p dir="auto">', "").replace("</p>", "").replace("<br>", "")
    assert "<" not in bare
    assert ">" not in bare


@given(st.text(max_size=60), st.text(max_size=20))
def test_marking_hits_loses_nothing_and_adds_only_marks(text: str, asked: str) -> None:
    made = marked(text, asked)
    assert made.replace("<mark>", "").replace("</mark>", "").unescape() == text


def test_hits_are_marked_as_they_are_written() -> None:
    assert str(marked("Re: PL-40 <b>", "pl-40")) == "Re: <mark>PL-40</mark> &lt;b&gt;"


@pytest.mark.parametrize(
    ("value", "person", "name"),
    [
        ("anna@cairo-lamps.com", "Anna", "Cairo Lamps"),
        ("buyer.co.uk", "", "Buyer"),
        ("joe.miller@gmail.com", "Joe Miller", "Joe Miller"),
        ("joe.miller@gmail.com", "", "joe.miller"),
    ],
)
def test_a_new_customer_is_called_by_its_domain_or_its_person(value: str, person: str, name: str) -> None:
    assert suggested_name(value, person) == name


@pytest.mark.parametrize(
    ("path", "ours"),
    [
        ("/", True),
        ("/customers/1#e2", True),
        ("//evil.example", False),
        ("/\\evil.example", False),
        ("evil", False),
        ("/a\nb", False),
    ],
)
def test_redirects_stay_here(path: str, ours: bool) -> None:
    assert is_own_path(path) is ours


@given(st.integers(0, 4 * 10**15), st.integers(1, 10**12))
def test_a_place_in_the_log_survives_its_address(microseconds: int, entry: int) -> None:
    place = Place(datetime.fromtimestamp(0, UTC) + timedelta(microseconds=microseconds), entry)
    assert Place.of(place.text) == place


@given(st.text())
def test_no_text_breaks_a_place(text: str) -> None:
    Place.of(text)


def test_a_visit_ends_with_a_pause() -> None:
    ticket = Ticket("n", NOW, user_id=1)
    assert tickets.renewed(ticket, NOW + timedelta(minutes=1)) is None
    soon = tickets.renewed(ticket, NOW + timedelta(minutes=10))
    assert soon is not None
    assert soon.last_visit is None
    later = tickets.renewed(ticket, NOW + timedelta(hours=9))
    assert later is not None
    assert later.last_visit == NOW


def test_a_ticket_says_after_the_journey_what_it_said_before() -> None:
    booth = TicketBooth(b"k" * 32, lifetime=timedelta(hours=1), secure=False)
    ticket = Ticket("n", NOW, user_id=7, session_key="s", last_visit=NOW - timedelta(days=1), language="zh")
    assert booth.read(booth.sign(ticket), NOW) == ticket
    assert booth.read(booth.sign(ticket), NOW + timedelta(hours=2)) is None
    assert TicketBooth(b"x" * 32, lifetime=timedelta(hours=1), secure=False).read(booth.sign(ticket), NOW) is None


@pytest.mark.parametrize(
    ("passed", "english", "chinese"),
    [
        (timedelta(seconds=20), "just now", None),
        (timedelta(minutes=5), "5 minutes ago", "5分钟前"),
        (timedelta(days=90), "27 Aug 2026", "2026年8月27日"),
    ],
)
def test_times_are_told_as_the_reader_tells_them(passed: timedelta, english: str, chinese: str | None) -> None:
    assert formats.ago(NOW - passed, NOW, SHANGHAI) == english
    if chinese is not None:
        with speaking("zh"):
            assert formats.ago(NOW - passed, NOW, SHANGHAI) == chinese


def test_days_begin_where_the_person_is() -> None:
    late = datetime(2026, 11, 24, 17, 0, tzinfo=UTC)  # one in the morning of the 25th in Shanghai
    assert formats.day_heading(late.astimezone(SHANGHAI).date(), date(2026, 11, 25)) == "Today"
    assert formats.clock(late, SHANGHAI) == "01:00"


def test_every_word_of_the_closed_lists_has_its_label() -> None:
    for kind, table in words._TABLES:
        assert set(table) == {member.value for member in kind}
        assert all(words.label(member) for member in kind)


def test_after_a_long_absence_the_desk_begins_with_the_last_visit(browser: Browser) -> None:
    assert "Since your last visit" not in browser.get("/").text
    ((name, value),) = [(one.name, one.value) for one in browser.cookies.jar if "notice" not in one.name]
    booth = browser.app.state.site.booth  # type: ignore[attr-defined]
    ticket = booth.read(value, datetime.now(UTC))
    away = datetime.now(UTC) - timedelta(days=3)
    browser.cookies.clear()
    browser.cookies.set(name, booth.sign(Ticket(**{**ticket_fields(ticket), "issued_at": away})))
    assert "Since your last visit" in browser.get("/").text


def ticket_fields(ticket: Ticket) -> dict[str, object]:
    return {
        name: getattr(ticket, name)
        for name in ("nonce", "issued_at", "user_id", "session_key", "last_visit", "language")
    }


def test_a_hit_far_back_in_a_long_log_is_on_the_page_that_opens(browser: Browser, engine: Engine) -> None:
    for number in range(60):
        browser.submit("/customers/1/entries", channel="call", at="2026-01-02T10:00", content=f"call {number}")
    oldest = browser.get("/api/v1/customers/1/log", params={"limit": 500}).json()["entries"][-1]["id"]
    assert f'id="e{oldest}"' not in browser.get("/customers/1").text
    assert f'id="e{oldest}"' in browser.get("/customers/1", params={"at": oldest}).text


def test_a_settings_file_that_cannot_be_used_is_shown_with_its_line(browser: Browser, home: Path) -> None:
    (home / "inboxcrm.toml").write_text("[web]\nprot = 8025\n")
    text = browser.get("/health").text
    assert "line 2" in text
    assert "last good settings" in text


def test_a_stopped_account_is_tried_again_by_a_click(browser: Browser, events: Events) -> None:
    with events.subscribe() as news:
        browser.submit("/health/retry", account="sales@brightlamps.example")
        told = news.get(timeout=5)
    assert told is not None
    assert (told.topic, told.data) == (Topic.RETRY, {"account": "sales@brightlamps.example"})


def test_an_address_taken_from_a_contact_takes_its_mails_along(browser: Browser, engine: Engine) -> None:
    before = browser.get("/api/v1/customers/2/log", params={"limit": 500}).json()["entries"]
    contact = browser.get("/api/v1/customers/2").json()["contacts"][1]
    browser.submit(f"/contacts/{contact['id']}/edit", name="Accounts", addresses="new.accounts@alnoor-trading.example")
    after = browser.get("/api/v1/customers/2").json()["contacts"][1]
    assert [one["written"] for one in after["addresses"]] == ["new.accounts@alnoor-trading.example"]
    assert len(browser.get("/api/v1/customers/2/log", params={"limit": 500}).json()["entries"]) == len(before)


def test_a_form_that_is_refused_keeps_what_was_typed(browser: Browser) -> None:
    answer = browser.submit(
        "/customers/2/edit", name="Al Noor Trading LLC", social="no colon here", notes="precious words"
    )
    assert answer.status_code == 422
    assert "precious words" in answer.text
    assert "no colon here" in answer.text


def test_a_free_mail_domain_is_refused_as_a_company(browser: Browser) -> None:
    answer = browser.submit("/customers/2/edit", name="Al Noor Trading LLC", domains="gmail.com")
    assert answer.status_code == 422
    assert "gmail.com" in answer.text


def test_the_file_form_changes_only_what_it_holds(browser: Browser, engine: Engine) -> None:
    before = browser.get("/api/v1/customers/2").json()
    browser.submit("/customers/2/edit", name="Al Noor Trading LLC", payment_terms="L/C")
    after = browser.get("/api/v1/customers/2").json()
    assert after == {**before, "payment_terms": "L/C"}


def test_nobody_reads_mail_that_is_no_longer_there(browser: Browser, engine: Engine) -> None:
    with writing(engine) as session:
        message = session.scalars(select(Message.id)).first()
    assert "no longer" in browser.get(f"/messages/{message}/body").text


def test_the_frame_of_a_mail_has_its_own_policy(browser: Browser, engine: Engine) -> None:
    with writing(engine) as session:
        message = session.scalars(select(Message.id)).first()
    policy = browser.get(f"/messages/{message}/body").headers["content-security-policy"]
    assert "sandbox" in policy
    assert "allow-scripts" not in policy
    assert "https:" not in policy
    assert (
        "img-src data: https:" in browser.get(f"/messages/{message}/body?images=1").headers["content-security-policy"]
    )


@pytest.mark.parametrize("javascript_free", ["/customers", "/unmatched", "/customers/1"])
def test_both_languages_render_every_page(browser: Browser, javascript_free: str) -> None:
    browser.submit("/language", language="zh")
    assert 'lang="zh-Hans"' in browser.get(javascript_free).text


def test_a_merged_or_unknown_customer_is_asked_for(browser: Browser, engine: Engine) -> None:
    entry = browser.get("/api/v1/customers/2/log").json()["entries"][0]["id"]
    answer = browser.submit(f"/entries/{entry}/move", customer="lumiere")
    assert answer.status_code == 200
    assert "Which customer?" in answer.text
    assert "Lumière &amp; Fils SARL" in answer.text


def test_an_account_added_to_the_settings_file_is_shown_without_a_restart(browser: Browser, home: Path) -> None:
    (home / "inboxcrm.toml").write_text(
        '[[accounts]]\naddress = "new@brightlamps.example"\nimap = { host = "mail.invalid", port = 993 }\n'
    )
    assert "new@brightlamps.example" in browser.get("/health").text
