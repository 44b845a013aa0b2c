"""The rules about customers, tested once more on PostgreSQL: same tests, other database."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from tests.cast import Office
from tests.unit.customers.test_address_health import *  # noqa: F403  the tests themselves
from tests.unit.customers.test_file import *  # noqa: F403
from tests.unit.customers.test_triage import *  # noqa: F403
from tests.unit.journal.test_entries_by_hand import *  # noqa: F403
from tests.unit.matching.test_whose_mail_it_is import *  # noqa: F403


@pytest.fixture
def engine(postgresql_engine: Engine) -> Engine:
    """In place of the SQLite one that the tests have elsewhere."""
    return postgresql_engine


@pytest.fixture
def office(engine: Engine) -> Office:
    return Office(engine)
