"""What is wrong stands on the health page: templates and rules with their line, while the last good ones go on being used; and
customers who can't be judged.
"""

from __future__ import annotations

import html
from pathlib import Path

from sqlalchemy import Engine

from inboxcrm.journal import unjudged
from inboxcrm.model.database import writing
from tests.cast import NOW, Office
from tests.unit.web.conftest import Browser


def test_a_broken_template_is_shown_with_its_line(browser: Browser, home: Path) -> None:
    path = home / "templates" / "followup" / "quoted" / "en.txt"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("Subject: x\n\n{{ nobody }}\n", encoding="utf-8")
    page = html.unescape(browser.get("/health").text)
    assert "A template can't be used as it is." in page
    assert f"{path}, line 3: nobody: there is no such variable" in page
    path.unlink()
    assert "A template can" not in browser.get("/health").text


def test_a_broken_cadence_is_shown_with_its_line_and_the_shipped_one_plans_meanwhile(
    browser: Browser, home: Path
) -> None:
    path = home / "config" / "cadence.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("minimum_gap_days = 'often'\n", encoding="utf-8")
    assert f"{path}, line 1: minimum_gap_days" in html.unescape(browser.get("/health").text)
    assert browser.get("/").status_code == 200
    path.unlink()
    assert "A file of rules" not in browser.get("/health").text


def test_who_cant_be_judged_is_named(browser: Browser, engine: Engine) -> None:
    assert "judged" not in browser.get("/health").text
    customer = Office(engine).customer("Nordlicht Beleuchtung", ["anna@nordlicht.example"])
    with writing(engine) as session:
        unjudged.mark(session, [customer])
        unjudged.failed(session, customer, NOW)
    page = html.unescape(browser.get("/health").text)
    assert "couldn't be judged" in page
    assert f'<a href="/customers/{customer}" dir="auto">Nordlicht Beleuchtung</a>' in page
