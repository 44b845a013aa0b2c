"""The rules of drafting, tested once more on PostgreSQL: same tests, other database."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from inboxcrm.model.database import open_engine, upgrade
from tests.unit.followup.test_drafting import *  # noqa: F403  the tests themselves


@pytest.fixture
def engine(postgresql_url: str) -> Engine:
    """In place of the SQLite one that the tests have elsewhere."""
    engine = open_engine(postgresql_url)
    upgrade(engine)
    return engine
