"""A PostgreSQL server of our own: in a temporary folder, on a Unix socket only, without fsync, gone after the tests.

PostgreSQL refuses to run as root; then it runs as Debian's user postgres.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from itertools import count
from pathlib import Path

from inboxcrm.model.database import open_engine, upgrade
from tests.servers.parts import missing, program

_BINARIES = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
_QUICK = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c listen_addresses="


@dataclass
class PostgreSQL:
    """A running server; `socket` is the folder of its Unix socket."""

    socket: Path
    _numbers: Iterator[int] = field(default_factory=count)

    @contextmanager
    def database(self, *, tables: bool = False) -> Iterator[str]:
        """A database, empty or with the `tables`, gone after the block with whoever is still connected; gives its SQLAlchemy URL."""
        name = self._create(self._with_tables if tables else "template0")
        try:
            yield self._url(name)
        finally:
            self._psql(f"DROP DATABASE {name} WITH (FORCE)")

    @cached_property
    def _with_tables(self) -> str:
        """The database of which those with tables are copies: to copy it is quicker than to run the migrations each time."""
        name = self._create("template0")
        engine = open_engine(self._url(name))
        upgrade(engine)
        engine.dispose()
        return name

    def _create(self, template: str) -> str:
        name = f"test{next(self._numbers)}"
        self._psql(f"CREATE DATABASE {name} TEMPLATE {template}")
        return name

    def _url(self, name: str) -> str:
        return f"postgresql+psycopg://postgres@/{name}?host={self.socket}"

    def _psql(self, statement: str) -> None:
        import psycopg

        with psycopg.connect(host=str(self.socket), user="postgres", dbname="postgres", autocommit=True) as connection:
            connection.execute(statement.encode())


@contextmanager
def running() -> Iterator[PostgreSQL]:
    """A server for as long as the block lasts; a missing PostgreSQL skips the test (see `parts`)."""
    initdb = program("initdb", "postgresql", *_BINARIES)
    pg_ctl = program("pg_ctl", "postgresql", *_BINARIES)
    # Short on purpose: the path of a Unix socket has room for 107 bytes.
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))
    user = _unprivileged(folder)
    data = folder / "data"
    try:
        _run(
            user,
            initdb,
            "--pgdata",
            data,
            "--auth=trust",
            "--username=postgres",
            "--encoding=UTF8",
            "--no-locale",
            "-N",
        )
        _run(user, pg_ctl, "start", "-w", "-D", data, "-l", folder / "log", "-o", f"{_QUICK} -k {folder}")
        try:
            yield PostgreSQL(folder)
        finally:
            _run(user, pg_ctl, "stop", "-w", "-D", data, "-m", "immediate")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _unprivileged(folder: Path) -> list[str]:
    if os.geteuid() != 0:
        return []
    try:
        shutil.chown(folder, "postgres", "postgres")
    except LookupError:
        missing("the user postgres", "apt-get install postgresql")
    folder.chmod(0o755)
    return ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]


def _run(user: list[str], *command: object) -> None:
    # Files, not pipes: the server that pg_ctl leaves behind would hold a pipe open.
    with tempfile.TemporaryFile() as output:
        done = subprocess.run([*user, *map(str, command)], cwd="/", stdout=output, stderr=output, check=False)
        if done.returncode:
            output.seek(0)
            raise RuntimeError(output.read().decode(errors="replace"))
