"""Log-in and log-out as a person does them."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.conftest import NAME, PASSWORD, Watched


def test_a_person_logs_in_and_stands_where_they_wanted_to_go(visit: Callable[..., Watched]) -> None:
    window = visit(logged_in=False)
    window.open("/customers?sort=name")
    assert window.page.url.startswith(f"{window.url}/log-in")
    window.page.get_by_label("Name").fill(NAME)
    window.page.get_by_label("Password").fill(PASSWORD)
    window.page.get_by_role("button", name="Log in").click()
    window.page.wait_for_url(f"{window.url}/customers?sort=name")
    expect(window.page.get_by_role("heading", name="Customers")).to_be_visible()


def test_a_wrong_password_is_told_and_the_name_stays(visit: Callable[..., Watched]) -> None:
    window = visit(logged_in=False)
    window.open("/log-in")
    window.page.get_by_label("Name").fill(NAME)
    window.page.get_by_label("Password").fill("guess")
    window.page.get_by_role("button", name="Log in").click()
    expect(window.page.get_by_role("alert")).to_contain_text("fit together")
    expect(window.page.get_by_label("Name")).to_have_value(NAME)


def test_logging_out_ends_it(visit: Callable[..., Watched]) -> None:
    window = visit()
    window.page.locator(".me summary").click()
    window.page.get_by_role("button", name="Log out").click()
    window.page.wait_for_url(re.compile("/log-in"))
    window.open("/customers")
    assert "/log-in" in window.page.url


def test_a_form_of_an_ended_session_is_refused(visit: Callable[..., Watched]) -> None:
    window = visit()
    window.open("/customers/new")
    window.page.evaluate("document.querySelector('.file-form [name=csrf]').value = 'f'.repeat(64)")
    window.page.get_by_label("Company name").fill("Forged Ltd")
    window.page.get_by_role("button", name="Save").click()
    expect(window.page.locator("main")).to_contain_text("expired")
    window.open("/customers?q=Forged")
    assert window.page.get_by_role("heading", name="No customer fits").is_visible()


def test_the_language_is_switched_and_kept(visit: Callable[..., Watched]) -> None:
    window = visit()
    window.page.locator(".me summary").click()
    window.page.get_by_role("button", name="简体中文").click()
    window.page.wait_for_selector("html[lang=zh-Hans]")
    window.open("/health")
    assert window.page.locator("html").get_attribute("lang") == "zh-Hans"
