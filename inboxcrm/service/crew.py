"""The workers of all accounts, the watch over their folders and the senders of their mail, kept in step with the settings.

It brings news from those who have it (the watch, the clock, a click on a page) to the worker that must look into it. It reads no mail.
"""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial

import structlog

from inboxcrm.mailbox.errors import FolderMissing, MailboxError
from inboxcrm.mailbox.secrets import FILE_NAME as SECRETS
from inboxcrm.mailbox.secrets import read_password
from inboxcrm.mailbox.watch import Watch
from inboxcrm.model.database import looking
from inboxcrm.service import accounts, later
from inboxcrm.service.events import Topic
from inboxcrm.service.news import News
from inboxcrm.service.outgoing import Outgoing
from inboxcrm.service.reader import ReadingPool
from inboxcrm.service.taking import Store
from inboxcrm.service.worker import Shop, Worker
from inboxcrm.settings import Account, Settings

log = structlog.get_logger(__name__)

_CALM_POLLS = 10
"""An account whose folders are all watched is polled at every tenth time only: to notice what a server forgot to tell."""


class Crew:
    """All methods may be called from any thread; `employ` and `dismiss` from one at a time."""

    def __init__(self, store: Store, settings: Settings, pool: ReadingPool) -> None:
        self._store = store
        self._settings = settings
        self._pool = pool
        self._workers: dict[str, Worker] = {}
        self._outgoing = Outgoing(store)
        self._watching: dict[str, tuple[str, ...]] = {}
        self._refused: set[str] = set()
        """Accounts whose watch a server has refused, until their worker has logged in again."""
        self._asked_for: frozenset[int] = frozenset()
        """Messages whose texts the workers have been told to fetch."""
        self._polls = 0
        self._secrets_at = self._secrets_changed_at()
        self._watch = Watch(
            self._on_news,
            self._on_state,
            renew_seconds=settings.sync.idle_minutes * 60,
            timeout=settings.sync.timeout_seconds,
        )
        # The watch waits for nobody, so what it says is written down by another thread.
        self._notes = ThreadPoolExecutor(1, thread_name_prefix="notes")
        self._watch.start()

    def employ(self, settings: Settings) -> None:
        """Brings the workers in step with the settings: new accounts get one, removed accounts lose theirs, changed ones begin anew.

        Raises ProvidersInvalid, before anything is changed.
        """
        with self._store.writing() as session:
            desks = {account.address: accounts.desk_of(session, settings, account) for account in settings.accounts}
        old, self._settings = self._settings, settings
        shop = Shop(
            self._store,
            settings,
            self._pool,
            threading.Semaphore(settings.sync.workers),
            partial(read_password, home=settings.home),
            self._on_folders,
        )
        everybody_anew = (old.sync, old.own_addresses) != (settings.sync, settings.own_addresses)
        for address, worker in list(self._workers.items()):
            if address not in desks:
                self._workers.pop(address).stop()
                self._forget_watch(worker)
        for address, desk in desks.items():
            before = self._workers.get(address)
            if before is not None and before.desk == desk and not everybody_anew:
                continue
            if before is not None:
                before.stop()
                self._forget_watch(before)
            self._workers[address] = Worker(shop, desk, after=before)
            self._workers[address].start()
        self._outgoing.employ(settings)

    def dismiss(self, timeout: float) -> None:
        """Ends the watch, the reading and all workers; waits for them up to `timeout` seconds."""
        deadline = time.monotonic() + timeout
        for worker in self._workers.values():
            worker.stop()
        self._outgoing.dismiss(timeout / 2)
        self._pool.close()  # what isn't read yet is fetched again next time
        self._watch.stop(min(timeout, 2.0))
        for worker in self._workers.values():
            worker.join(max(0.0, deadline - time.monotonic()))
            if worker.is_alive():
                # Nothing is lost: what it fetched and has not written is fetched again.
                log.warning("a worker did not end in time", account=worker.desk.account.address, action="left behind")
            self._note_watching(worker.desk.account_id, False)
        self._notes.shutdown(wait=True)

    def poll(self) -> None:
        """Has everything looked into where nobody tells news by himself."""
        self._polls += 1
        for address, worker in tuple(self._workers.items()):
            if not self._all_watched(address, worker) or self._polls % _CALM_POLLS == 0:
                worker.tell(News(everything=True))

    def fetch_wanted_texts(self) -> None:
        """Has texts fetched that log entries wait for, when some are newly wanted. Those that can't be had now wait for a poll: servers
        are not asked for them every other second.
        """
        with looking(self._store.engine) as session:
            wanted = later.wanted_messages(session)
        new, self._asked_for = wanted - self._asked_for, wanted
        if not new:
            return
        for worker in tuple(self._workers.values()):
            worker.tell(News(texts=True))

    def try_again(self, address: str = "") -> None:
        """A person asks to try stopped accounts again: this one, or all."""
        for one, worker in tuple(self._workers.items()):
            if address in ("", one):
                worker.tell(News(again=True, everything=True))
        self._outgoing.try_again(address)
        self._watch.nudge()

    def look_for_new_secrets(self) -> None:
        """Tries stopped accounts again when the file of passwords has changed."""
        changed_at = self._secrets_changed_at()
        if changed_at != self._secrets_at:
            self._secrets_at = changed_at
            self.try_again()

    def _secrets_changed_at(self) -> int:
        with suppress(FileNotFoundError):
            return (self._settings.home / SECRETS).stat().st_mtime_ns
        return 0

    def _on_folders(self, account: Account, names: tuple[str, ...], logged_in: bool) -> None:
        """A worker has logged in and knows its folders; only then are they watched, so that a wrong password is tried once."""
        address = account.address
        if logged_in:
            self._refused.discard(address)
        worker = self._workers.get(address)
        watched = names[: worker.desk.watchable] if worker is not None else ()
        if address not in self._refused and self._watching.get(address) != watched:
            self._watching[address] = watched
            self._watch.add(account, partial(read_password, account, self._settings.home), watched)

    def _on_news(self, address: str, folder: str) -> None:
        if (worker := self._workers.get(address)) is not None:
            worker.tell(News(frozenset({folder})))

    def _on_state(self, address: str, watching: bool, error: MailboxError | None) -> None:
        worker = self._workers.get(address)
        if worker is None:
            return
        worker.watched(watching)
        if not watching:
            # What the watch saw is worth a look: the server may be gone, or never push.
            given_up = error is not None and error.permanent and not isinstance(error, FolderMissing)
            worker.tell(News(everything=True, log_in=given_up))
            if given_up:
                self._refused.add(address)
                self._watching.pop(address, None)
        self._notes.submit(self._note_watching, worker.desk.account_id, watching)

    def _all_watched(self, address: str, worker: Worker) -> bool:
        return worker.is_watched and len(worker.folders) <= len(self._watching.get(address, ()))

    def _forget_watch(self, worker: Worker) -> None:
        self._watch.remove(worker.desk.account.address)
        self._watching.pop(worker.desk.account.address, None)
        self._note_watching(worker.desk.account_id, False)

    def _note_watching(self, account_id: int, watching: bool) -> None:
        with self._store.writing() as session:
            accounts.note(session, account_id, watching=watching)
        self._store.events.publish(Topic.ACCOUNT, {})
