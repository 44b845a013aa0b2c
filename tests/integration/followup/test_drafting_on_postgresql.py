"""The rules of drafting, tested once more on PostgreSQL: same tests, other database."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from tests.unit.followup.test_drafting import *  # noqa: F403  the tests themselves


@pytest.fixture
def engine(postgresql_engine: Engine) -> Engine:
    """In place of the SQLite one that the tests have elsewhere."""
    return postgresql_engine
