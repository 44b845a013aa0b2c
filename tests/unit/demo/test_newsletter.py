"""The newsletters of the demo: what is there from the beginning, and how its customers take what is sent."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import select

from inboxcrm.customers.importing import import_customers
from inboxcrm.customers.provenance import Origin
from inboxcrm.demo.answering import answer
from inboxcrm.demo.cast import cast, dice
from inboxcrm.demo.customer_list import customer_list
from inboxcrm.demo.home import USER, write_settings
from inboxcrm.demo.newsletter import SERIES, products_list, stage
from inboxcrm.followup.planning import PlanningRules
from inboxcrm.model import Account, Issue, IssueState, Newsletter
from inboxcrm.model.database import open_engine, upgrade, writing
from inboxcrm.newsletter.checks import check
from inboxcrm.newsletter.leaving import Leave, Signing, links
from inboxcrm.newsletter.mailing import progress
from inboxcrm.newsletter.occasions import read_products
from inboxcrm.newsletter.press import Press
from tests.unit.demo.test_answering import sent

NOW = datetime(2026, 11, 25, 9, tzinfo=UTC)
LINA = "lina@lanting-valve.example"


def test_the_list_of_products_can_be_read(tmp_path: Path) -> None:
    path = tmp_path / "products.csv"
    path.write_text(products_list(cast(), NOW.date()), encoding="utf-8")
    products = read_products(path)
    assert len(products) == 4
    assert all(one.new_since and {"", "de", "zh"} <= set(one.name) for one in products)


def test_one_issue_has_gone_and_the_next_waits_for_approval(tmp_path: Path) -> None:
    settings = write_settings(tmp_path, cast(), imap_port=1, smtp_port=1, web_port=0)
    press = Press.of(settings, PlanningRules(settings).planner().calendar)
    (tmp_path / "list.csv").write_text(customer_list(cast(), USER), encoding="utf-8")
    engine = open_engine(settings.database_url)
    upgrade(engine)
    now = datetime.now(UTC)
    with writing(engine) as session:
        session.add(Account(address=LINA))
        import_customers(session, tmp_path / "list.csv", Origin(now, USER))
        for _again in range(2):
            stage(session, press, cast(), now, by=USER)
        assert [one.name for one in session.scalars(select(Newsletter))] == [SERIES]
        gone, waiting = session.scalars(select(Issue).order_by(Issue.id)).all()
        assert (gone.state, waiting.state) == (IssueState.DONE, IssueState.REVIEW)
        outcome = progress(session, gone.id)
        assert outcome.recipients > 15
        assert outcome.left == 1
        report = check(session, waiting, press, now)
        assert report.may_go, report.errors
        assert 0 < report.recipients < outcome.recipients
    engine.dispose()


def test_some_answer_a_newsletter_some_leave_it_and_most_say_nothing() -> None:
    signing = Signing(b"k" * 32)
    address = cast().company("prairie").people[0].address
    left = Leave(7, 3, "en", address)
    ways = "".join(f"{name}: {value}\r\n" for name, value in links(signing, left, LINA).headers)
    raw = ways.encode() + sent(address)
    said: Counter[str] = Counter()
    for number in range(200):
        letter = answer(cast(), raw, NOW, dice("test", number))
        said[letter.kind if letter is not None else "nothing"] += 1
        if letter is not None and letter.kind == "leaving":
            assert signing.find_token(letter.subject) == left
    assert said["nothing"] > said["talk"] > 0
    assert said["leaving"] > 0
