"""What every answer carries, and what is refused before any page is reached."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, select

from inboxcrm.model import User
from inboxcrm.model.database import looking
from inboxcrm.web.headers import PAGE_POLICY
from tests.unit.web.conftest import Browser

PAGES = ["/", "/customers", "/unmatched", "/grades", "/suggestions", "/search", "/health"]


@pytest.mark.parametrize("path", [*PAGES, "/customers/999999", "/nothing-here", "/static/base.css"])
def test_every_answer_keeps_itself_to_itself(browser: Browser, path: str) -> None:
    headers = browser.get(path).headers
    assert headers["content-security-policy"] == PAGE_POLICY
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cross-origin-opener-policy"] == "same-origin"


@pytest.mark.parametrize("path", PAGES)
def test_pages_hold_no_script_no_style_and_nothing_from_elsewhere(browser: Browser, path: str) -> None:
    text = browser.get(path).text
    assert "<style" not in text
    assert " style=" not in text
    assert " onclick=" not in text
    assert text.count("<script") == 1  # our own module
    assert "http://" not in text.replace("http://www.w3.org/2000/svg", "")
    assert "https://" not in text


@pytest.mark.parametrize("path", PAGES)
def test_pages_stay_out_of_caches_and_files_that_change_their_name_with_their_content_stay_in(
    browser: Browser, path: str
) -> None:
    assert browser.get(path).headers["cache-control"] == "no-store"


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "crm.example.com:8025", ""])
def test_a_foreign_name_that_leads_to_this_machine_gets_nothing(browser: Browser, host: str) -> None:
    assert browser.get("/", headers={"host": host}).status_code == 421


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost:8025", "[::1]:8025", "127.0.0.2:9"])
def test_the_names_of_this_machine_are_served(browser: Browser, host: str) -> None:
    assert browser.get("/", headers={"host": host}, follow_redirects=False).status_code in {200, 303}


def test_a_change_without_its_token_is_refused(browser: Browser) -> None:
    assert browser.post("/language", data={"language": "zh"}).status_code == 403
    assert browser.post("/language", data={"language": "zh", "csrf": "0" * 64}).status_code == 403
    assert browser.post("/log-out").status_code == 403


def test_a_token_of_another_session_is_refused(browser: Browser, stranger: Browser) -> None:
    token = browser.token("/health")
    browser.cookies.clear()
    browser.log_in()
    assert browser.post("/language", data={"language": "zh", "csrf": token}).status_code == 403


def test_a_change_that_another_site_sends_is_refused(browser: Browser) -> None:
    token = browser.token("/health")
    answer = browser.post("/language", data={"language": "zh", "csrf": token}, headers={"sec-fetch-site": "cross-site"})
    assert answer.status_code == 403


def test_a_header_may_bring_the_token(browser: Browser) -> None:
    token = browser.token("/health")
    answer = browser.post("/language", data={"language": "zh"}, headers={"x-csrf-token": token}, follow_redirects=False)
    assert answer.status_code == 303


def test_the_language_is_kept_with_the_user(browser: Browser, engine: Engine) -> None:
    assert 'lang="en"' in browser.get("/health", headers={"accept-language": "en-US,en"}).text
    browser.submit("/language", language="zh", next="/health")
    assert 'lang="zh-Hans"' in browser.get("/health", headers={"accept-language": "en-US,en"}).text
    with looking(engine) as session:
        assert session.scalar(select(User.language)) == "zh"


def test_before_a_choice_the_browser_is_asked_for_the_language(browser: Browser) -> None:
    assert (
        'lang="zh-Hans"' in browser.get("/health", headers={"accept-language": "fr;q=0.9, zh-CN;q=0.8, en;q=0.1"}).text
    )


def test_before_the_log_in_the_language_is_kept_with_the_browser(stranger: Browser) -> None:
    stranger.submit("/language", "/log-in", language="zh", next="/log-in")
    assert 'lang="zh-Hans"' in stranger.get("/log-in").text


def test_an_unknown_language_is_refused(browser: Browser) -> None:
    assert browser.submit("/language", language="tlh").status_code == 422


def test_what_is_not_there_is_said_in_a_page(browser: Browser) -> None:
    answer = browser.get("/nothing-here")
    assert answer.status_code == 404
    assert "There is nothing here" in answer.text


def test_programs_get_errors_as_json(browser: Browser) -> None:
    answer = browser.get("/api/v1/nothing-here")
    assert answer.status_code == 404
    assert answer.json()["detail"]


def test_a_mistake_of_ours_shows_no_traceback(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_arguments: object) -> None:
        raise ZeroDivisionError("secret detail")

    monkeypatch.setattr("inboxcrm.web.pages.health.account_healths", broken)
    answer = browser.get("/health")
    assert answer.status_code == 500
    assert "Something went wrong here" in answer.text
    assert "secret detail" not in answer.text
    assert "Traceback" not in answer.text
    assert answer.headers["content-security-policy"] == PAGE_POLICY
