"""Opens the database: SQLite by default, tuned for one writer and many readers, or PostgreSQL; and brings it up to date."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry

_BUSY_MILLISECONDS = 30_000


def open_engine(url: str) -> Engine:
    """An engine for `url`. On SQLite every transaction that writes must be begun by `writing`, so that it waits its turn
    at its start instead of failing in its middle.
    """
    if make_url(url).get_backend_name() != "sqlite":
        url = url.replace("postgresql://", "postgresql+psycopg://", 1)
        return create_engine(url, pool_pre_ping=True, json_serializer=_as_json)
    engine = create_engine(url, connect_args={"timeout": _BUSY_MILLISECONDS / 1000}, json_serializer=_as_json)

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _entry: ConnectionPoolEntry) -> None:
        connection.isolation_level = None  # SQLAlchemy's "begin" below opens transactions, not the driver
        for pragma in (
            "journal_mode=WAL",
            "synchronous=NORMAL",  # a power cut may undo the last batches whole; their cursors go with them, so they repeat
            "foreign_keys=ON",
            f"busy_timeout={_BUSY_MILLISECONDS}",
            "cache_size=-32000",
            "temp_store=MEMORY",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        mode = connection.get_execution_options().get("sqlite_begin", "DEFERRED")
        connection.exec_driver_sql(f"BEGIN {mode}")

    return engine


_encoder = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
# One encoder for all: `json.dumps` with options builds a new one each time, six times a mail.


def _as_json(value: Any) -> str:
    return _encoder.encode(value)


@contextmanager
def writing(engine: Engine) -> Iterator[Session]:
    """A session in one transaction that may write: committed at the end of the block, rolled back when it raises."""
    with (
        Session(engine.execution_options(sqlite_begin="IMMEDIATE"), expire_on_commit=False) as session,
        session.begin(),
    ):
        yield session


@contextmanager
def looking(engine: Engine) -> Iterator[Session]:
    """A session for reading only; nothing is kept of what is changed in it."""
    with Session(engine, expire_on_commit=False) as session:
        yield session


def upgrade(engine: Engine) -> None:
    """Brings the tables to this version's shape; does nothing when they have it. Safe to call at every start."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    with engine.execution_options(sqlite_begin="IMMEDIATE").begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
