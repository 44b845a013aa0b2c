"""Opens the database: SQLite by default, tuned for one writer and many readers, or PostgreSQL; and brings it up to date."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

from inboxcrm.errors import InboxcrmError
from inboxcrm.i18n import _

_BUSY_MILLISECONDS = 30_000


def open_engine(url: str) -> Engine:
    """An engine for `url`. On SQLite every transaction that writes must be begun by `writing`, so that it waits its turn
    at its start instead of failing in its middle.
    """
    if make_url(url).get_backend_name() != "sqlite":
        url = url.replace("postgresql://", "postgresql+psycopg://", 1)
        return create_engine(url, pool_pre_ping=True, json_serializer=_as_json, json_deserializer=_from_json)
    engine = create_engine(
        url, connect_args={"timeout": _BUSY_MILLISECONDS / 1000}, json_serializer=_as_json, json_deserializer=_from_json
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _entry: ConnectionPoolEntry) -> None:
        connection.isolation_level = None  # SQLAlchemy's "begin" below opens transactions, not the driver
        for pragma in (
            "journal_mode=WAL",
            "synchronous=NORMAL",  # a power cut may undo the last batches whole; their cursors go with them, so they repeat
            "foreign_keys=ON",
            f"busy_timeout={_BUSY_MILLISECONDS}",
            "cache_size=-8000",  # KiB a connection; four times as much made the first import no faster
            "temp_store=MEMORY",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        options = connection.get_execution_options()
        # It belongs to the connection, which others use afterwards, so it is said each time.
        connection.exec_driver_sql(f"PRAGMA synchronous={'FULL' if options.get('sqlite_durable') else 'NORMAL'}")
        connection.exec_driver_sql(f"BEGIN {options.get('sqlite_begin', 'DEFERRED')}")

    return engine


def _from_json(text: str) -> Any:
    return [] if text == "[]" else json.loads(text)  # most lists of customers and contacts are empty


_encoder = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
# One encoder for all: `json.dumps` with options builds a new one each time, six times a mail.


def _as_json(value: Any) -> str:
    return _encoder.encode(value)


@contextmanager
def writing(engine: Engine, *, durable: bool = False) -> Iterator[Session]:
    """A session in one transaction that may write: committed at the end of the block, rolled back when it raises. What is `durable`
    outlives even a power cut right after it, at the price of waiting for the disk: for what something outside follows upon.
    """
    options = engine.execution_options(sqlite_begin="IMMEDIATE", sqlite_durable=durable)
    with (
        Session(options, expire_on_commit=False) as session,
        session.begin(),
    ):
        yield session


@contextmanager
def looking(engine: Engine) -> Iterator[Session]:
    """A session for reading only; nothing is kept of what is changed in it."""
    with Session(engine, expire_on_commit=False) as session:
        yield session


class Others:
    """Whether anybody else has written to an SQLite database, for the price of a glance; `can_tell` False: this database doesn't say.
    Any thread may ask; `close` it.
    """

    def __init__(self, engine: Engine) -> None:
        """Looks at nothing yet."""
        self.can_tell = engine.dialect.name == "sqlite"
        self._engine, self._lock = engine, threading.Lock()
        self._connection: PoolProxiedConnection | None = None
        self._seen: int | None = None

    def mark(self) -> None:
        """What has been written until now is known."""
        self._seen = self._version()

    def have_written(self) -> bool:
        """Whether anything was committed since `mark`, by whatever connection."""
        return self.can_tell and self._version() != self._seen

    def close(self) -> None:
        """Gives the connection back."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def _version(self) -> int | None:
        if not self.can_tell:
            return None
        with self._lock:
            if self._connection is None:
                self._connection = self._engine.raw_connection()
            sqlite = cast(sqlite3.Connection, self._connection.driver_connection)
            # It changes with what other connections commit.
            return int(sqlite.execute("PRAGMA data_version").fetchone()[0])


class NewerDatabaseError(InboxcrmError):
    """The database was written by a newer version than this one."""


_MIGRATIONS = Path(__file__).parent / "migrations"


def upgrade(engine: Engine) -> None:
    """Brings the tables to this version's shape; does nothing when they have it. Safe to call at every start.

    Raises NewerDatabaseError when a newer inboxcrm has already changed them.
    """
    with _without_cascades(engine) as connection:
        revision, newest = _revision(connection), _newest()
        if revision == newest:
            return
        if revision > newest:
            words = _(
                "the database was written by a newer inboxcrm (its tables are at {revision}, this version knows {newest}); "
                "install that version again"
            )
            raise NewerDatabaseError(words.format(revision=revision, newest=newest))
        from alembic import command  # noqa: PLC0415  costs memory and time that an up-to-date database needn't pay
        from alembic.config import Config  # noqa: PLC0415

        config = Config()
        config.set_main_option("script_location", str(_MIGRATIONS))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


@contextmanager
def _without_cascades(engine: Engine) -> Iterator[Connection]:
    """A connection in one transaction in which dropping a table deletes nothing that refers to it.

    Alembic changes a table on SQLite by copying it and dropping the old one; with foreign keys in force that drop would delete all
    that hangs on its rows. They can be switched outside a transaction only.
    """
    with engine.execution_options(sqlite_begin="IMMEDIATE").connect() as connection:
        sqlite = connection.connection.driver_connection if engine.dialect.name == "sqlite" else None
        if sqlite is not None:
            sqlite.execute("PRAGMA foreign_keys=OFF")
        try:
            with connection.begin():
                yield connection
        finally:
            if sqlite is not None:
                sqlite.execute("PRAGMA foreign_keys=ON")


def _revision(connection: Connection) -> str:
    """The revision that the database is at; "" for an empty one."""
    if not inspect(connection).has_table("alembic_version"):
        return ""
    return connection.scalar(text("SELECT version_num FROM alembic_version")) or ""


def _newest() -> str:
    """The revision of the newest migration: they are numbered, and their files begin with the number."""
    return max(path.name.partition("_")[0] for path in (_MIGRATIONS / "versions").glob("[0-9]*.py"))
