"""The rules about customers, tested once more on PostgreSQL: same tests, other database."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from inboxcrm.model.database import open_engine, upgrade
from tests.cast import Office
from tests.unit.customers.test_address_health import *  # noqa: F403  the tests themselves
from tests.unit.customers.test_file import *  # noqa: F403
from tests.unit.customers.test_triage import *  # noqa: F403
from tests.unit.journal.test_entries_by_hand import *  # noqa: F403
from tests.unit.matching.test_whose_mail_it_is import *  # noqa: F403


@pytest.fixture
def engine(postgresql_url: str) -> Engine:
    """In place of the SQLite one that the tests have elsewhere."""
    engine = open_engine(postgresql_url)
    upgrade(engine)
    return engine


@pytest.fixture
def office(engine: Engine) -> Office:
    return Office(engine)
