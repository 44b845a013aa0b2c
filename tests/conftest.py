"""What all tests share: where the mail corpora are, a fresh database of either kind, and how hypothesis searches."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

from tests.servers.parts import missing

if TYPE_CHECKING:
    from sqlalchemy import Engine
    from xdist.remote import Producer
    from xdist.scheduler import LoadGroupScheduling

    from tests.servers.postgresql import PostgreSQL

PROJECT = Path(__file__).resolve().parent.parent

settings.register_profile("local", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", parent=settings.get_profile("local"), derandomize=True, database=None)
settings.load_profile("ci" if os.environ.get("CI") == "true" else "local")


@pytest.fixture(scope="session")
def project() -> Path:
    """The folder of the checkout."""
    return PROJECT


CORPORA = Path(os.environ.get("INBOXCRM_CORPORA") or PROJECT.parent / "shared" / "corpora")
"""Real mails, not ours to publish: never a part of the checkout."""

_LEFT_OUT = not CORPORA.is_dir() and "INBOXCRM_CORPORA" not in os.environ
"""A clone alone has no corpora and can't get them: their tests are left out, and the first lines of the output say so."""


def pytest_report_header() -> str:
    """Says where the corpora are, or that their tests are left out."""
    return f"mail corpora: {CORPORA}" + (" is not there; THE TESTS ON REAL MAILS ARE LEFT OUT" if _LEFT_OUT else "")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leaves the tests on real mails out where there are none."""
    without = [item for item in items if "corpora" in getattr(item, "fixturenames", ())] if _LEFT_OUT else []
    if without:
        config.hook.pytest_deselected(items=without)
        items[:] = [item for item in items if item not in without]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadGroupScheduling:
    """Gives a whole file to one worker, so that what its tests share is made once; files of one `xdist_group` to the same."""
    from xdist.scheduler import LoadGroupScheduling

    class ByFile(LoadGroupScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return super()._split_scope(nodeid).partition("::")[0]

    return ByFile(config, log)


@pytest.fixture(scope="session")
def corpora() -> Path:
    """The folder of the mail corpora: INBOXCRM_CORPORA, else ../shared/corpora beside the checkout."""
    if not CORPORA.is_dir():
        missing(f"the folder of mail corpora ({CORPORA})", "set INBOXCRM_CORPORA to where they are")
    return CORPORA


@pytest.fixture(autouse=True)
def _no_installation_of_the_person(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No test reads or writes the home folder of whoever runs it, or is steered by their environment."""
    for name in list(os.environ):
        if name.startswith("INBOXCRM_") and name != "INBOXCRM_CORPORA":
            monkeypatch.delenv(name)
    monkeypatch.setenv("INBOXCRM_HOME", str(tmp_path / "inboxcrm-home"))
    for name in ("LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "C.UTF-8")
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSQL]:
    """A running PostgreSQL server."""
    from tests.servers.postgresql import running

    with running() as server:
        yield server


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The URL of an SQLite database that doesn't exist yet."""
    return f"sqlite:///{tmp_path / 'inboxcrm.db'}"


@pytest.fixture
def postgresql_url(postgresql: PostgreSQL) -> Iterator[str]:
    """The URL of an empty PostgreSQL database."""
    with postgresql.database() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The URL of an empty database, of each kind in turn."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
def sqlite_engine(tmp_path: Path) -> Iterator[Engine]:
    """A fresh SQLite database with its tables."""
    from tests.servers.tables import new_sqlite

    engine = new_sqlite(tmp_path / "inboxcrm.db")
    yield engine
    engine.dispose()


@pytest.fixture
def postgresql_engine(postgresql: PostgreSQL) -> Iterator[Engine]:
    """A fresh PostgreSQL database with its tables."""
    from inboxcrm.model.database import open_engine

    with postgresql.database(tables=True) as url:
        engine = open_engine(url)
        yield engine
        engine.dispose()


@pytest.fixture
def engine(sqlite_engine: Engine) -> Engine:
    """The database of most tests: SQLite, with its tables."""
    return sqlite_engine


@pytest.fixture(params=["sqlite", "postgresql"])
def either_engine(request: pytest.FixtureRequest) -> Engine:
    """A fresh database with its tables, of each kind in turn: for what must hold on SQLite and PostgreSQL alike."""
    engine: Engine = request.getfixturevalue(f"{request.param}_engine")
    return engine
