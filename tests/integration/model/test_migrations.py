"""The migrations make exactly the tables that the model describes, on both databases, and know when they are too old."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, text

from inboxcrm.model import Base
from inboxcrm.model.database import NewerDatabaseError, open_engine, upgrade


@pytest.fixture
def empty(database_url: str) -> Iterator[Engine]:
    """A database without tables, of each kind in turn."""
    engine = open_engine(database_url)
    yield engine
    engine.dispose()


def _ours(name: str | None, kind: str, parents: object) -> bool:
    return not (name or "").startswith(("search_fts", "ix_search_document_tokens"))


def test_an_empty_database_brought_up_to_date_is_what_the_model_describes(empty: Engine) -> None:
    upgrade(empty)
    with empty.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_name": _ours, "compare_type": False})
        assert compare_metadata(context, Base.metadata) == []


def test_bringing_up_to_date_twice_changes_nothing(empty: Engine) -> None:
    upgrade(empty)
    upgrade(empty)
    with empty.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM alembic_version")) == 1


def test_a_database_of_a_newer_version_is_refused_in_words(empty: Engine) -> None:
    upgrade(empty)
    with empty.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(NewerDatabaseError, match="newer inboxcrm"):
        upgrade(empty)
