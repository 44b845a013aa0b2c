"""Judging one customer after one mail asks no question whose cost grows with the number of customers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from inboxcrm.customers.file import create_customer
from inboxcrm.customers.provenance import Origin
from inboxcrm.journal import entries, unjudged
from inboxcrm.journal.entries import Written
from inboxcrm.judging import Bench, judge_marked, judge_waiting
from inboxcrm.model import Channel, Direction
from inboxcrm.model.database import writing
from inboxcrm.settings import Settings
from tests.asked import Asked
from tests.servers.tables import new_sqlite

NOW = datetime(2026, 6, 1, 8, tzinfo=UTC)


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    return new_sqlite(tmp_path / "inboxcrm.db")


def test_judging_a_customer_after_an_entry_scans_no_table(engine: Engine, tmp_path: Path) -> None:
    by = Bench(Settings(home=tmp_path)).judge()
    with writing(engine) as session:
        origin = Origin(NOW - timedelta(days=9), by="lina")
        customers = [create_customer(session, f"Customer {number}", origin, {"grade": "B"}).id for number in range(3)]
        while judge_waiting(session, by, NOW):
            pass
    asked = Asked(engine)
    with writing(engine) as session:
        called = Written(Channel.CALL, NOW - timedelta(hours=1), Direction.IN, "Will order on Friday.")
        entries.append(session, customers[1], called, now=NOW, by="lina")
        judge_marked(session, by, NOW)
        assert not unjudged.waiting(session, 1)
    assert len(asked.statements) > 10
    assert asked.scans(engine) == []
