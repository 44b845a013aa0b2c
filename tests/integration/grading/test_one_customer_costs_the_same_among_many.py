"""Judging one customer after one mail asks no question whose cost grows with the number of customers."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event

from inboxcrm.customers.file import create_customer
from inboxcrm.customers.provenance import Origin
from inboxcrm.journal import entries, unjudged
from inboxcrm.journal.entries import Written
from inboxcrm.judging import Bench, judge_marked, judge_waiting
from inboxcrm.model import Channel, Direction
from inboxcrm.model.database import open_engine, upgrade, writing
from inboxcrm.settings import Settings

NOW = datetime(2026, 6, 1, 8, tzinfo=UTC)
_GROWS_NOT = {"unjudged"}
"""Tables that hold only what waits just now."""


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    engine = open_engine(f"sqlite:///{tmp_path / 'inboxcrm.db'}")
    upgrade(engine)
    return engine


class Asked:
    """The statements of an engine, with their parameters."""

    def __init__(self, engine: Engine) -> None:
        self.statements: list[tuple[str, Any]] = []
        event.listen(engine, "before_cursor_execute", self._hear)

    def _hear(self, _connection: Any, _cursor: Any, statement: str, parameters: Any, *_more: Any) -> None:
        first = parameters[0] if isinstance(parameters, list) else parameters
        self.statements.append((statement, first))

    def scans(self, engine: Engine) -> list[str]:
        """The steps that look at every row of a table that grows, each with its statement."""
        with engine.connect() as connection:
            return [
                f"{step} in {statement}"
                for statement, parameters in self.statements
                if statement.split()[0] in ("SELECT", "UPDATE", "DELETE", "INSERT", "WITH")
                for *_numbers, step in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
                if (scanned := re.match(r"SCAN (\w+)", step))
                and scanned[1] not in _GROWS_NOT
                and "CONSTANT" not in step
            ]


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
