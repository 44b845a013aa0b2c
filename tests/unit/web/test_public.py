"""The public pages: a look changes nothing, one click or the button leaves, and nobody finds out here who is in the file."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select
from starlette.testclient import TestClient

from inboxcrm.customers.suppression import lift, suppress, suppressed
from inboxcrm.model import Click as ClickRow
from inboxcrm.model import Issue, IssueState, Recipient, Suppression, SuppressionReason, SuppressionScope
from inboxcrm.model.database import looking, writing
from inboxcrm.newsletter.keys import leaving_key
from inboxcrm.newsletter.leaving import Click, Leave, Signing, leave_of
from inboxcrm.service.events import Events
from inboxcrm.settings import Settings
from inboxcrm.web.public import create_public
from inboxcrm.web.public_words import WORDS
from tests.newsletters import NOW, account_in, customer_in

ANNA = "anna@nordlicht.de"
ONE_CLICK = "List-Unsubscribe=One-Click"


class _Public:
    def __init__(self, engine: Engine, home: Path) -> None:
        self.engine, self.now = engine, NOW
        self.signing = Signing(leaving_key(home))
        self.client = TestClient(
            create_public(Settings(home=home), engine, Events(), lambda: self.now), follow_redirects=False
        )
        with writing(engine) as session:
            contact = customer_in(session, "Nordlicht", ANNA)
            issue = Issue(
                name="Summer",
                account_id=account_in(session).id,
                state=IssueState.DONE,
                audience={},
                layout="letter",
                fallback_language="en",
                images=[],
                variables={},
                created_at=NOW,
            )
            session.add(issue)
            session.flush()
            self.recipient = Recipient(
                issue_id=issue.id,
                contact_id=contact.id,
                address=ANNA,
                written=ANNA,
                language="de",
                message_id="1@x",
                due_at=NOW,
                sent_at=NOW,
            )
            session.add(self.recipient)
        self.path = "/u/" + self.signing.token(leave_of(self.recipient))

    def has_left(self) -> bool:
        with looking(self.engine) as session:
            return bool(suppressed(session, [ANNA], SuppressionScope.BULK))

    def later(self, **delta: float) -> datetime:
        self.now += timedelta(**delta)
        return self.now


@pytest.fixture
def public(engine: Engine, tmp_path: Path) -> Iterator[_Public]:
    made = _Public(engine, tmp_path / "home")
    yield made
    made.client.close()


def test_a_look_at_the_page_changes_nothing_and_asks_in_the_readers_language(public: _Public) -> None:
    for method in ("GET", "HEAD"):
        answer = public.client.request(method, public.path)
        assert answer.status_code == 200
    page = public.client.get(public.path, headers={"accept-language": "zh"})
    assert ANNA in page.text
    assert WORDS["de"].button in page.text
    assert '<html lang="de">' in page.text
    assert not public.has_left()


def test_one_click_leaves_without_cookies_as_rfc_8058_words_it(public: _Public) -> None:
    answer = public.client.post(
        public.path, content=ONE_CLICK, headers={"content-type": "application/x-www-form-urlencoded"}
    )
    assert answer.status_code == 200  # no redirect (RFC 8058, 3.1)
    assert "set-cookie" not in answer.headers
    with looking(public.engine) as session:
        (row,) = session.scalars(select(Suppression))
        assert row.reason is SuppressionReason.LEFT
        assert row.proof["request"] == "one-click"
        assert session.get_one(Recipient, public.recipient.id).left_at == NOW


def test_one_click_may_be_sent_as_multipart_form(public: _Public) -> None:
    public.client.post(public.path, files={"List-Unsubscribe": (None, "One-Click")})
    assert public.has_left()


def test_the_button_of_the_page_leaves(public: _Public) -> None:
    answer = public.client.post(public.path, data={"leave": "yes"})
    assert WORDS["de"].stays in answer.text
    assert public.has_left()


@pytest.mark.parametrize(
    "body", ["", "x=y", "List-Unsubscribe=", "leave=no", "List-Unsubscribe=one-click-not", "&".join(["x=y"] * 50)]
)
def test_other_posts_leave_nothing(public: _Public, body: str) -> None:
    answer = public.client.post(
        public.path, content=body, headers={"content-type": "application/x-www-form-urlencoded"}
    )
    assert answer.status_code == 400
    assert not public.has_left()


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS"])
def test_no_other_method_does_anything(public: _Public, method: str) -> None:
    assert public.client.request(method, public.path).status_code == 405
    assert not public.has_left()


def test_leaving_twice_is_answered_like_once(public: _Public) -> None:
    first = public.client.post(public.path, data={"leave": "yes"})
    public.later(days=1)
    second = public.client.post(public.path, data={"leave": "yes"})
    assert (first.status_code, first.text) == (second.status_code, second.text)
    with looking(public.engine) as session:
        assert session.scalar(select(func.count()).select_from(Suppression)) == 1


@pytest.mark.parametrize("reason", [SuppressionReason.HARD_BOUNCE, SuppressionReason.PERSON])
@pytest.mark.parametrize("row_is_gone", [True, False])
def test_who_is_out_for_another_reason_still_leaves_for_good(
    public: _Public, reason: SuppressionReason, row_is_gone: bool
) -> None:
    with writing(public.engine) as session:
        other = suppress(session, ANNA, reason=reason, now=NOW)
        row = session.get_one(Recipient, public.recipient.id)
        row.left_at = NOW
        if row_is_gone:
            session.delete(row)
    public.client.post(public.path, content=ONE_CLICK, headers={"content-type": "application/x-www-form-urlencoded"})
    with writing(public.engine) as session:
        lift(session, other.id, now=NOW, by="lina")
    assert public.has_left()


def test_a_link_scanner_changes_nothing(public: _Public) -> None:
    for method in ("GET", "HEAD"):
        assert public.client.request(method, public.path + "?List-Unsubscribe=One-Click&leave=yes").status_code == 200
    assert not public.has_left()


def test_the_link_works_when_contact_and_recipient_are_gone(public: _Public) -> None:
    with writing(public.engine) as session:
        session.delete(session.get_one(Recipient, public.recipient.id))
    public.client.post(public.path, data={"leave": "yes"})
    assert public.has_left()


def test_who_is_known_cannot_be_found_out(public: _Public) -> None:
    unknown = "/u/" + Signing(b"j" * 32).token(leave_of(public.recipient))
    answers = {public.client.get(one).text for one in (unknown, "/u/x", public.path[:-1] + "!", "/u/" + "a" * 300)}
    assert len(answers) == 1
    assert ANNA not in answers.pop()
    nobody = "/u/" + public.signing.token(Leave(99, 99, "de", "nobody@x.example"))
    assert public.client.get(nobody).status_code == public.client.get(public.path).status_code


def test_who_tries_many_wrong_links_has_to_wait_and_right_ones_still_work(public: _Public) -> None:
    codes = [public.client.get(f"/u/wrong{number}").status_code for number in range(30)]
    assert codes == [404] * 20 + [429] * 10
    public.client.post(public.path, data={"leave": "yes"})
    assert public.has_left()
    public.later(minutes=11)
    assert public.client.get("/u/wrong").status_code == 404


def test_large_bodies_are_refused(public: _Public) -> None:
    answer = public.client.post(public.path, content="leave=yes&x=" + "a" * 10_000)
    assert answer.status_code == 413
    assert not public.has_left()


@pytest.mark.parametrize("path", ["/", "/customers", "/api/v1/customers", "/u/", "/c/", "/static/site.css", "/log-in"])
def test_nothing_else_is_there(public: _Public, path: str) -> None:
    assert public.client.get(path).status_code in (404, 405)


def test_pages_load_nothing_and_are_found_by_no_search_engine(public: _Public) -> None:
    answer = public.client.get(public.path)
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["x-robots-tag"] == "noindex, nofollow"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "http" not in answer.text
    assert "Disallow: /" in public.client.get("/robots.txt").text


@pytest.mark.parametrize("language", [*WORDS, "nl"])
def test_every_language_has_its_page(public: _Public, language: str) -> None:
    token = public.signing.token(Leave(1, public.recipient.id, language, ANNA))
    page = public.client.get(f"/u/{token}").text
    assert WORDS.get(language, WORDS["en"]).button in page.replace("&#x27;", "'")
    assert ('dir="rtl"' in page) == (language == "ar")


def test_an_address_that_looks_like_html_stays_an_address(public: _Public) -> None:
    token = public.signing.token(Leave(1, 1, "en", "<script>alert(1)</script>@x.example"))
    assert "<script>" not in public.client.get(f"/u/{token}").text


# --- clicks -----------------------------------------------------------------------------------------------------------


def _clicks(public: _Public) -> int:
    with looking(public.engine) as session:
        return session.scalar(select(func.count()).select_from(ClickRow)) or 0


def test_a_click_is_counted_and_leads_on(public: _Public) -> None:
    token = public.signing.click(Click(public.recipient.id, "https://brightvalve.example/x?a=1"))
    answer = public.client.get(f"/c/{token}")
    assert (answer.status_code, answer.headers["location"]) == (302, "https://brightvalve.example/x?a=1")
    assert "set-cookie" not in answer.headers
    public.client.head(f"/c/{token}")
    assert _clicks(public) == 1


def test_nobody_is_led_to_a_page_that_we_did_not_name(public: _Public) -> None:
    token = Signing(b"j" * 32).click(Click(public.recipient.id, "https://evil.example"))
    answer = public.client.get(f"/c/{token}")
    assert answer.status_code == 404
    assert "location" not in answer.headers


def test_a_page_that_is_only_loaded_beforehand_is_no_click(public: _Public) -> None:
    token = public.signing.click(Click(public.recipient.id, "https://brightvalve.example"))
    assert public.client.get(f"/c/{token}", headers={"Sec-Purpose": "prefetch;prerender"}).status_code == 302
    assert public.client.head(f"/c/{token}").status_code == 302
    assert _clicks(public) == 0


@pytest.mark.parametrize(
    ("written", "location"),
    [
        (
            "https://brightvalve.example/a;v=1/b?q=x%20y&z=1#part",
            "https://brightvalve.example/a;v=1/b?q=x%20y&z=1#part",
        ),
        ("https://brightvalve.example/Kugelhähne", "https://brightvalve.example/Kugelh%C3%A4hne"),
    ],
)
def test_a_counted_link_leads_exactly_where_the_text_said(public: _Public, written: str, location: str) -> None:
    token = public.signing.click(Click(public.recipient.id, written))
    assert public.client.get(f"/c/{token}").headers["location"] == location


def test_clicks_without_end_are_not_counted_without_end(public: _Public) -> None:
    token = public.signing.click(Click(public.recipient.id, "https://brightvalve.example"))
    assert {public.client.get(f"/c/{token}").status_code for _ in range(50)} == {302}
    assert _clicks(public) == 30


def test_the_click_of_a_recipient_who_is_gone_leads_on_too(public: _Public) -> None:
    token = public.signing.click(Click(4711, "https://brightvalve.example"))
    assert public.client.get(f"/c/{token}").status_code == 302
    assert _clicks(public) == 0
