"""Who gets in, how guessing is slowed down, and how sessions end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import Engine, delete

from inboxcrm.model import User
from inboxcrm.model.database import writing
from inboxcrm.service.events import Events
from inboxcrm.settings import Settings
from inboxcrm.web import users
from inboxcrm.web.app import create_app
from inboxcrm.web.throttle import FREE_ATTEMPTS, LoginThrottle
from tests.unit.web.conftest import NAME, PASSWORD, Browser

NOW = datetime(2026, 11, 25, 6, 0, tzinfo=UTC)


@pytest.mark.parametrize("path", ["/", "/customers", "/customers/1", "/unmatched", "/search?q=x", "/health"])
def test_a_stranger_is_sent_to_the_log_in_and_brought_back(stranger: Browser, path: str) -> None:
    answer = stranger.get(path, follow_redirects=False)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/log-in")


@pytest.mark.parametrize("path", ["/api/v1/customers", "/api/v1/openapi.json", "/live"])
def test_a_strange_program_gets_401(stranger: Browser, path: str) -> None:
    assert stranger.get(path, follow_redirects=False).status_code == 401


def test_the_right_password_opens_the_pages(stranger: Browser) -> None:
    assert stranger.log_in().headers["location"] == "/"
    assert stranger.get("/health").status_code == 200


def test_after_the_log_in_one_stands_where_one_wanted_to_go(stranger: Browser) -> None:
    answer = stranger.submit("/log-in", "/log-in", name=NAME, password=PASSWORD, next="/health?x=1")
    assert answer.headers["location"] == "/health?x=1"


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:x"])
def test_the_log_in_never_leads_to_another_site(stranger: Browser, elsewhere: str) -> None:
    answer = stranger.submit("/log-in", "/log-in", name=NAME, password=PASSWORD, next=elsewhere)
    assert answer.headers["location"] == "/"


def test_a_wrong_password_says_no_more_than_that(stranger: Browser) -> None:
    known, unknown = stranger.log_in(password="guess"), stranger.log_in(name="Nobody", password="guess")
    assert known.status_code == unknown.status_code == 401
    assert "fit together" in known.text
    assert "fit together" in unknown.text


def test_guessing_has_to_wait_even_with_the_right_password(stranger: Browser) -> None:
    for _attempt in range(FREE_ATTEMPTS):
        assert stranger.log_in(password="guess").status_code == 401
    refused = stranger.log_in()
    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) > 0


def test_waiting_grows_and_ends() -> None:
    throttle, now = LoginThrottle(), NOW
    waits = []
    for _attempt in range(12):
        throttle.failed("li", "10.0.0.1", now)
        waits.append(throttle.wait("li", "10.0.0.1", now))
    assert waits[: FREE_ATTEMPTS - 1] == [timedelta(0)] * (FREE_ATTEMPTS - 1)
    assert waits[FREE_ATTEMPTS - 1 :] == sorted(waits[FREE_ATTEMPTS - 1 :])
    assert waits[-1] <= timedelta(minutes=15)
    assert throttle.wait("li", "10.0.0.1", now + waits[-1]) == timedelta(0)


def test_one_guesser_locks_out_nobody_elsewhere() -> None:
    throttle = LoginThrottle()
    for _attempt in range(20):
        throttle.failed("li", "10.0.0.1", NOW)
    assert throttle.wait("li", "10.0.0.2", NOW) == timedelta(0)
    assert throttle.wait("wang", "10.0.0.1", NOW) == timedelta(0)


def test_one_address_that_tries_many_names_has_to_wait() -> None:
    throttle = LoginThrottle()
    for number in range(40):
        throttle.failed(f"name{number}", "10.0.0.1", NOW)
    assert throttle.wait("another", "10.0.0.1", NOW) > timedelta(0)


def test_a_new_password_ends_all_sessions(browser: Browser, engine: Engine) -> None:
    with writing(engine) as session:
        users.change_password(session, NAME, "quite another password")
    assert browser.get("/health", follow_redirects=False).status_code == 303


def test_a_removed_user_is_out(browser: Browser, engine: Engine) -> None:
    with writing(engine) as session:
        session.execute(delete(User))
    assert browser.get("/health", follow_redirects=False).status_code == 303


def test_logging_out_ends_the_session(browser: Browser) -> None:
    assert browser.submit("/log-out").status_code == 303
    assert browser.get("/health", follow_redirects=False).status_code == 303


def test_a_session_lives_by_use_and_ends_without_it(browser: Browser, settings: Settings) -> None:
    lifetime = timedelta(hours=settings.web.session_hours)
    start = datetime.now(UTC)
    with time_machine.travel(start + lifetime * 0.9, tick=False):
        assert browser.get("/health", follow_redirects=False).status_code == 200
    with time_machine.travel(start + lifetime * 1.8, tick=False):
        assert browser.get("/health", follow_redirects=False).status_code == 200
    with time_machine.travel(start + lifetime * 3, tick=False):
        assert browser.get("/health", follow_redirects=False).status_code == 303


def test_a_changed_cookie_is_worth_nothing(browser: Browser) -> None:
    ((name, value),) = [(one.name, one.value) for one in browser.cookies.jar]
    browser.cookies.clear()
    browser.cookies.set(name, f"{value[:-3]}AAA")
    assert browser.get("/health", follow_redirects=False).status_code == 303


def test_the_cookie_is_kept_from_scripts_and_other_sites(stranger: Browser) -> None:
    cookie = stranger.log_in().headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Secure" not in cookie


def test_behind_https_the_cookie_is_secure(home, engine: Engine, events: Events, user: str) -> None:  # type: ignore[no-untyped-def]
    settings = Settings(home=home, web={"secure_cookies": True})
    with Browser(create_app(settings, engine, events), base_url="https://crm.example.com") as browser:
        cookie = browser.log_in().headers["set-cookie"]
        assert cookie.startswith("__Host-")
        assert "; Secure" in cookie
        assert browser.get("/health").status_code == 200


def test_before_there_is_a_user_the_page_says_what_to_do(settings: Settings, engine: Engine, events: Events) -> None:
    with writing(engine) as session:
        session.execute(delete(User))
    with Browser(create_app(settings, engine, events), base_url="http://127.0.0.1") as browser:
        assert "inboxcrm users add" in browser.get("/").text


def test_the_demo_logs_in_by_itself(settings: Settings, engine: Engine, events: Events, user: str) -> None:
    app = create_app(settings, engine, events, auto_login_user=user)
    with Browser(app, base_url="http://127.0.0.1", client=("127.0.0.1", 50000)) as browser:
        assert browser.get("/health", follow_redirects=False).status_code == 200


def test_the_demo_lets_in_nobody_from_another_machine(home, engine: Engine, events: Events, user: str) -> None:  # type: ignore[no-untyped-def]
    settings = Settings(home=home, web={"host": "0.0.0.0"})  # noqa: S104  only compared, never listened on
    app = create_app(settings, engine, events, auto_login_user=user)
    with Browser(app, base_url="http://127.0.0.1", client=("10.0.0.9", 50000)) as browser:
        assert browser.get("/health", follow_redirects=False).status_code == 303
    with Browser(app, base_url="http://crm.example.com", client=("127.0.0.1", 50000)) as browser:
        assert browser.get("/health", follow_redirects=False).status_code == 303


def test_the_signing_key_is_for_its_owner_only(stranger: Browser, settings: Settings) -> None:
    assert (settings.home / "web.key").stat().st_mode & 0o777 == 0o600
