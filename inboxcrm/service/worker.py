"""The worker of one account: a thread with one connection that looks into what it is told, and keeps the account's state.

Each account has its own, so that the history of one never delays the news of another; how many fill their history at the same time is
limited. A refused password ends the attempts until a person has done something: accounts get locked otherwise.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import CancelledError
from dataclasses import dataclass
from random import Random

import structlog
from sqlalchemy.exc import SQLAlchemyError

from inboxcrm.i18n import _, use
from inboxcrm.mailbox.backoff import delay
from inboxcrm.mailbox.connection import Mailbox
from inboxcrm.mailbox.errors import ConnectionLost, MailboxError
from inboxcrm.service import accounts
from inboxcrm.service.batch import Desk
from inboxcrm.service.events import Topic
from inboxcrm.service.folders import Overtaken
from inboxcrm.service.news import Inbox, News
from inboxcrm.service.order import take_news, work_through
from inboxcrm.service.reader import ReadingPool
from inboxcrm.service.stumbling import Stumbling
from inboxcrm.service.sync import AccountSync
from inboxcrm.service.taking import Store
from inboxcrm.settings import Account, Settings

log = structlog.get_logger(__name__)

_STILL_THERE_SECONDS = 120.0
"""How long the connection may lie idle before the server is asked whether it still listens."""
_TURN_SECONDS = 0.5
"""How soon to ask again when enough other accounts are filling their history."""
_LOOK_SECONDS = 15.0
"""How often new mail is looked for while history is filled and the server can't push."""


@dataclass(frozen=True, slots=True)
class Shop:
    """What the workers of all accounts share. `filling` limits how many fill their history at the same time. `password` reads an
    account's password or raises MailboxError. `on_folders` hears which folders of an account are read, whenever that was found out,
    and whether it was right after a log-in.
    """

    store: Store
    settings: Settings
    pool: ReadingPool
    filling: threading.Semaphore
    password: Callable[[Account], str]
    on_folders: Callable[[Account, tuple[str, ...], bool], None]


class Worker(threading.Thread):
    """Start it, tell it news, stop it. It never raises; what goes wrong becomes the account's state."""

    def __init__(
        self, shop: Shop, desk: Desk, *, after: threading.Thread | None = None, rng: Random | None = None
    ) -> None:
        """`after`: the worker whose place it takes; it begins when that one has ended."""
        super().__init__(name=f"account {desk.account.address}", daemon=True)
        self._after = after
        self.desk = desk
        self._shop = shop
        self._inbox = Inbox()
        self._rng = rng or Random()  # noqa: S311  it spreads waiting times
        self._stumbling = Stumbling()
        self._failures = 0
        self._watched = False
        self._looked = 0.0
        self._folders: tuple[str, ...] = ()
        self._fresh = True
        self._problems: tuple[str, ...] | None = None
        """What `open_folders` said, until the pass that it began has ended."""

    def tell(self, news: News) -> None:
        """Tells news."""
        self._inbox.tell(news)

    def watched(self, watching: bool) -> None:
        """Tells whether the server pushes its news now."""
        self._watched = watching

    @property
    def is_watched(self) -> bool:
        """Whether the server pushes its news now."""
        return self._watched

    @property
    def folders(self) -> tuple[str, ...]:
        """The folders that it reads, as last found out."""
        return self._folders

    def stop(self) -> None:
        """Asks the thread to end soon, between two batches; `join` it."""
        self._inbox.close()

    def run(self) -> None:
        """Until stopped: 1. connect and serve the account; 2. when that fails, note it and wait, longer each time; after a permanent
        failure until a person asks.
        """
        use(self._shop.settings.person.language)
        if self._after is not None:
            self._after.join()
        while not self._inbox.closed:
            try:
                self._serve()
            except (Overtaken, CancelledError):  # cancelled: the service ends
                continue
            except MailboxError as error:
                self._failed(str(error), permanent=error.permanent, at_once=isinstance(error, ConnectionLost))
            except SQLAlchemyError as error:
                log.exception("the database failed", account=self.desk.account.address, action="trying again")
                self._failed(_("The database failed: {reason}").format(reason=getattr(error, "orig", error)))
            except Exception as error:  # a mistake of ours must not end the service for this account
                log.exception("a mistake in inboxcrm", account=self.desk.account.address, action="trying again")
                self._failed(_("A mistake in inboxcrm: {reason}").format(reason=repr(error)))

    def _serve(self) -> None:
        """One connection's life: log in, look into everything, then into what is told."""
        shop, desk = self._shop, self.desk
        timeout = shop.settings.sync.timeout_seconds
        with Mailbox.open(desk.account, shop.password(desk.account), timeout=timeout) as mailbox:
            log.info("connected", account=desk.account.address, server=desk.account.imap.host)
            with shop.store.writing() as session:
                accounts.connected(session, desk.account_id, mailbox.capabilities, shop.store.clock())
            self._publish()
            sync = AccountSync(
                shop.store, desk, mailbox, shop.pool, batch=shop.settings.sync.batch, stumbling=self._stumbling
            )
            try:
                with sync:
                    self._attend(mailbox, sync)
            finally:
                if any(counts.settled for _place, counts in sync.counts().values()):
                    self._failures = 0  # it gets on, however often the connection breaks

    def _attend(self, mailbox: Mailbox, sync: AccountSync) -> None:
        news, self._fresh = News(everything=True), True
        while not self._inbox.closed and not news.log_in:
            pause = self._look(sync, news)
            while not (news := self._inbox.take(pause)) and pause == _STILL_THERE_SECONDS and not self._inbox.closed:
                mailbox.noop()
        sync.drop()

    def _look(self, sync: AccountSync, news: News) -> float:
        """Looks into news; returns the seconds after which there is more to do even without news.

        1. List the folders anew when everything is to be looked into.
        2. Take new mail where there is news, at once.
        3. Work through everything else, giving way to news; when too many accounts do so already, later.
        4. Note that all is done.
        """
        if news.everything:
            self._problems = sync.open_folders()
            self._publish_folders(tuple(sync.names))
        take_news(sync, sync.names if news.everything else news.folders)
        if not self._shop.filling.acquire(blocking=False):
            return _TURN_SECONDS
        self._looked = time.monotonic()
        try:
            done = work_through(sync, interrupted=self._interrupted)
        finally:
            self._shop.filling.release()
        if not done:
            return 0.0
        self._failures = 0
        if self._problems is not None:
            self._passed(sync, self._problems)
            self._problems = None
        return _STILL_THERE_SECONDS

    def _interrupted(self) -> bool:
        """Whether history should give way: to news, or to a look for it where nobody tells."""
        return self._inbox.waiting or (not self._watched and time.monotonic() - self._looked > _LOOK_SECONDS)

    def _passed(self, sync: AccountSync, problems: tuple[str, ...]) -> None:
        words = " ".join([*problems, *sync.failed.values()])
        with self._shop.store.writing() as session:
            accounts.passed(session, self.desk.account_id, words, self._shop.store.clock())
        self._publish()

    def _failed(self, words: str, *, permanent: bool = False, at_once: bool = False) -> None:
        """Notes a failure and waits for the next attempt. `at_once`: the first in a row may be just a connection that got old."""
        if self._inbox.closed:
            return
        self._failures += 1
        seconds = 0.0 if at_once and self._failures == 1 else delay(self._failures, self._rng)
        log.warning(
            "the account can't be read",
            account=self.desk.account.address,
            error=words,
            action="stopped until a person acts" if permanent else f"again in {seconds:.0f} s",
        )
        if permanent or seconds:
            with self._shop.store.writing() as session:
                accounts.failed(session, self.desk.account_id, words, self._shop.store.clock(), permanent=permanent)
            self._publish()
        deadline = None if permanent else time.monotonic() + seconds
        while not self._inbox.closed:
            left = None if deadline is None else deadline - time.monotonic()
            if (left is not None and left <= 0) or self._inbox.take(left).again:
                return

    def _note_failure(self, words: str, *, permanent: bool) -> None:
        try:
            with self._shop.store.writing() as session:
                accounts.failed(session, self.desk.account_id, words, self._shop.store.clock(), permanent=permanent)
        except SQLAlchemyError as error:
            log.warning("the database can't be written", account=self.desk.account.address, error=str(error))
        self._publish()

    def _publish(self) -> None:
        self._shop.store.events.publish(Topic.ACCOUNT, {"account": self.desk.account.address})

    def _publish_folders(self, names: tuple[str, ...]) -> None:
        self._folders = names
        self._shop.on_folders(self.desk.account, names, self._fresh)
        self._fresh = False
