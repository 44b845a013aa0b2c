"""What holds for every page: no complaint of the browser, nothing from elsewhere, no sideways scrolling, named controls."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select

from inboxcrm.model import Customer, LogEntry
from inboxcrm.model.database import looking
from tests.browser.conftest import Pages, Watched

PATHS = [
    "/",
    "/?since=visit",
    "/drafts",
    "/drafts/1",
    "/drafts?stage=quoted&grade=B",
    "/customers",
    "/customers?sort=name&page=2",
    "/customers?q=nothing-like-this",
    "/customers/new",
    "/customers/1",
    "/customers/2",
    "/customers/longest",
    "/customers/1/edit",
    "/customers/1/contacts/new",
    "/contacts/1/edit",
    "/customers/1/records/new",
    "/entries/hand/edit",
    "/newsletters/results",
    "/newsletters/series",
    "/newsletters/series/new",
    "/suppressions",
    "/newsletters",
    "/newsletters/new",
    "/unmatched",
    "/unmatched?tab=machines",
    "/unmatched/sender?value=sofia@decormarquez.example",
    "/unmatched/sender?value=quotes@priorityfreight-forwarders-logistics.example",
    "/search",
    "/search?q=PL-40",
    "/search?q=nothing-like-this",
    "/messages/1",
    "/grades",
    "/suggestions",
    "/health",
    "/preferences",
]


def resolved(path: str, pages: Pages) -> str:
    """The path with the words that stand for rows of the cast replaced by their numbers."""
    with looking(pages.engine) as session:
        if "longest" in path:
            name = select(Customer.id).where(Customer.name.startswith("Very Long Name"))
            return path.replace("longest", str(session.scalars(name).one()))
        if "hand" in path:
            hand = select(LogEntry.id).where(LogEntry.message_id.is_(None)).limit(1)
            return path.replace("hand", str(session.scalars(hand).one()))
    return path


@pytest.mark.parametrize("width", [1280, 390])
def test_no_page_complains_reaches_out_or_scrolls_sideways(
    visit: Callable[..., Watched], pages: Pages, width: int
) -> None:
    window = visit(width=width)
    for path in PATHS:
        window.open(resolved(path, pages))
        for closed in window.page.locator("main details:not([data-menu])").all():
            closed.evaluate("element => { element.open = true }")
        overflow = window.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert overflow <= 0, f"{path} is {overflow} px too wide at {width}"
        assert window.page.locator("h1").count() == 1, path
        unnamed = window.page.evaluate(
            """() => [...document.querySelectorAll('input:not([type=hidden]), select, textarea, button, main a')]
                .filter(one => one.offsetParent && !one.labels?.length && !one.getAttribute('aria-label')
                    && !one.textContent.trim() && !one.title).map(one => one.outerHTML.slice(0, 120))"""
        )
        assert unnamed == [], path
    assert window.complaints == []
    assert window.elsewhere == []


def test_no_page_shows_an_identifier_or_a_template_by_mistake(visit: Callable[..., Watched], pages: Pages) -> None:
    window = visit()
    for path in PATHS:
        window.open(resolved(path, pages))
        text = window.page.locator("body").inner_text()
        for mistake in ("{{", "}}", "{count}", "{name}", "None", "undefined", "Status.", "Grade.", "Direction."):
            assert mistake not in text, f"{mistake} on {path}"


def test_the_pages_of_errors_are_pages_too(visit: Callable[..., Watched], pages: Pages) -> None:
    window = visit()
    for path in ("/nothing", "/customers/999999", "/customers/abc", "/messages/999999", "/entries/1/move"):
        window.open(path)
        assert window.page.locator("h1").is_visible()
        assert window.page.locator("#places").is_visible()
        assert "Traceback" not in window.page.content()


def test_the_rows_of_the_customers_stay_inside_their_panel_on_a_phone(visit: Callable[..., Watched]) -> None:
    window = visit(width=390)
    window.open("/customers")
    beyond = window.page.evaluate(
        "[...document.querySelectorAll('.customers tr')].map(row => row.getBoundingClientRect().right"
        " - row.closest('.panel').getBoundingClientRect().right)"
    )
    assert beyond
    assert max(beyond) <= 0
