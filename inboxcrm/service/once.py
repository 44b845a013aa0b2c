"""One complete pass over all accounts, for `inboxcrm sync`: everything that is there now is taken, then it ends.

Accounts are read at the same time, each on one connection of its own that is opened again when it breaks, as long as that helps.
It watches nothing.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from random import Random
from typing import Any

import structlog

from inboxcrm.i18n import language, use
from inboxcrm.judging import Bench, look_of
from inboxcrm.mailbox.backoff import delay
from inboxcrm.mailbox.connection import Mailbox
from inboxcrm.mailbox.errors import MailboxError
from inboxcrm.mailbox.secrets import read_password
from inboxcrm.model import FolderRole
from inboxcrm.service import accounts
from inboxcrm.service.batch import Desk
from inboxcrm.service.counts import Counts
from inboxcrm.service.folders import Overtaken
from inboxcrm.service.judgement import Judgement
from inboxcrm.service.order import work_through
from inboxcrm.service.reader import ReadingPool
from inboxcrm.service.stumbling import Stumbling
from inboxcrm.service.sync import AccountSync
from inboxcrm.service.taking import Store
from inboxcrm.settings import Account, Settings

log = structlog.get_logger(__name__)

_FRUITLESS = 4
"""Connections in a row that broke before anything was taken, after which an account is given up."""


@dataclass(frozen=True, slots=True)
class FolderResult:
    """What was done in one folder; `error` in words when it could not be read."""

    name: str
    role: FolderRole
    counts: Counts
    error: str = ""

    def as_json(self) -> dict[str, Any]:
        """The public form."""
        return {"name": self.name, "role": self.role.value, **self.counts.as_json(), "error": self.error}


@dataclass(slots=True)
class AccountResult:
    """What was done in one account; `error` in words when it failed; `problems` that a person should look at."""

    address: str
    error: str = ""
    problems: tuple[str, ...] = ()
    folders: dict[str, FolderResult] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Whether everything that should be read was read."""
        return not self.error and not any(folder.error for folder in self.folders.values())

    @property
    def total(self) -> Counts:
        """The figures of all folders together."""
        total = Counts()
        for folder in self.folders.values():
            total.add(folder.counts)
        return total

    def as_json(self) -> dict[str, Any]:
        """The public form."""
        return {
            "address": self.address,
            "ok": self.ok,
            "error": self.error,
            "problems": list(self.problems),
            "folders": [folder.as_json() for folder in self.folders.values()],
            "totals": self.total.as_json(),
        }


Progress = Callable[[str, AccountSync], None]
"""(address, its sync): told after every unit of history; look at `AccountSync.progress`."""


def sync_all(
    store: Store,
    settings: Settings,
    *,
    stop: threading.Event | None = None,
    pool: ReadingPool | None = None,
    progress: Progress = lambda _address, _sync: None,
    pause: Callable[[int], float] = lambda failures: delay(failures, Random()) / 4,  # noqa: S311  it spreads waiting times
    judging: bool = True,
) -> list[AccountResult]:
    """One complete pass over all accounts of the settings, `sync.workers` at a time; in the order of the settings. `stop` ends it
    early, between two batches. `pool` is used when given, else one is made and closed. `pause`: seconds to wait after so many failed
    connections in a row. Without `judging` only the logs are written; whoever runs next finds what the mails mean.
    """
    stop = stop or threading.Event()
    with ExitStack() as stack:
        if pool is None:
            pool = ReadingPool(settings.sync.readers, look=look_of(settings) if judging else None)
            stack.callback(pool.close)
        # Threads begin in English; their words are for whoever began this pass.
        speak = partial(use, language())
        with ThreadPoolExecutor(settings.sync.workers, thread_name_prefix="account", initializer=speak) as threads:
            one = _Once(store, settings, pool, stop, progress, pause)
            results = list(threads.map(one.sync, settings.accounts))
        if judging:
            Judgement(store, store.bench or Bench(settings)).finish(stop)
        return results


@dataclass(frozen=True, slots=True)
class _Once:
    store: Store
    settings: Settings
    pool: ReadingPool
    stop: threading.Event
    progress: Progress
    pause: Callable[[int], float]

    def sync(self, account: Account) -> AccountResult:
        """1. Connect and work through everything. 2. When the connection breaks, connect again and go on; give up when that no longer
        helps. 3. Note how the account is doing.
        """
        result = AccountResult(account.address)
        with self.store.writing() as session:
            desk = accounts.desk_of(session, self.settings, account)
        begun = self.store.clock()
        stumbling, failures, permanent = Stumbling(), 0, False
        while not self.stop.is_set():
            before = result.total.settled
            try:
                self._pass(desk, stumbling, result, begun)
            except Overtaken:
                continue
            except MailboxError as error:
                failures = 1 if result.total.settled > before else failures + 1
                log.info("the connection failed", account=account.address, error=str(error), failures=failures)
                if error.permanent or failures > _FRUITLESS:
                    result.error, permanent = str(error), error.permanent
                    break
                self.stop.wait(self.pause(failures))
            else:
                break
        self._note(desk, result, permanent=permanent)
        return result

    def _pass(self, desk: Desk, stumbling: Stumbling, result: AccountResult, begun: datetime) -> None:
        sync_settings = self.settings.sync
        password = read_password(desk.account, self.settings.home)
        with Mailbox.open(desk.account, password, timeout=sync_settings.timeout_seconds) as mailbox:
            with self.store.writing() as session:
                accounts.connected(session, desk.account_id, mailbox.capabilities, self.store.clock())
            sync = AccountSync(self.store, desk, mailbox, self.pool, batch=sync_settings.batch, stumbling=stumbling)
            try:
                with sync:
                    result.problems = sync.open_folders()
                    if not work_through(sync, interrupted=lambda: self._told(desk, sync), tried_before=begun):
                        sync.drop()
            finally:
                _add_counts(result, sync)

    def _told(self, desk: Desk, sync: AccountSync) -> bool:
        self.progress(desk.account.address, sync)
        return self.stop.is_set()

    def _note(self, desk: Desk, result: AccountResult, *, permanent: bool) -> None:
        now = self.store.clock()
        with self.store.writing() as session:
            if result.error:
                accounts.failed(session, desk.account_id, result.error, now, permanent=permanent)
            elif not self.stop.is_set():
                accounts.passed(session, desk.account_id, words_about(result.problems, result.folders.values()), now)


def words_about(problems: Sequence[str], folders: Iterable[FolderResult]) -> str:
    """What a person should look at, in one text."""
    return " ".join([*problems, *(folder.error for folder in folders if folder.error)])


def _add_counts(result: AccountResult, sync: AccountSync) -> None:
    for name, (place, counts) in sync.counts().items():
        total = Counts()
        if name in result.folders:
            total.add(result.folders[name].counts)
        total.add(counts)
        result.folders[name] = FolderResult(name, place.role, total, sync.failed.get(name, ""))
