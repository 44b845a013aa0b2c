"""New databases with their tables: the migrations run once, in a template, and each test gets a copy of what they made.

That the migrations work, on an empty database and on one with rows, is tested where they are (`tests/*/model`).
"""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path

from sqlalchemy import Engine

from inboxcrm.model.database import open_engine, upgrade


def new_sqlite(path: Path) -> Engine:
    """A new SQLite database at `path`, with its tables; `path` mustn't be there yet."""
    with path.open("xb") as file:
        file.write(_template())
    return open_engine(f"sqlite:///{path}")


@cache
def _template() -> bytes:
    with tempfile.TemporaryDirectory(prefix="tables-") as folder:
        path = Path(folder) / "inboxcrm.db"
        engine = open_engine(f"sqlite:///{path}")
        upgrade(engine)
        engine.dispose()  # the last connection brings everything from the journal into the file
        assert list(path.parent.iterdir()) == [path]
        return path.read_bytes()
