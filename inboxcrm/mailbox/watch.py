"""Watches the folders of all accounts at once: one thread and one selector hold an IDLE connection (RFC 2177) for
each watched folder.

It says that there may be news, never what; it reads no mail. What can block (connecting, logging in, renewing) runs
in short-lived threads, so that one slow server never delays the news of another.
"""

from __future__ import annotations

import selectors
import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from functools import partial
from queue import Empty, SimpleQueue
from random import Random
from threading import Event, Thread

import structlog

from inboxcrm.mailbox.backoff import delay
from inboxcrm.mailbox.connection import Mailbox
from inboxcrm.mailbox.errors import FolderMissing, MailboxError
from inboxcrm.settings import Account

log = structlog.get_logger(__name__)

OnNews = Callable[[str, str], None]
"""(address of the account, folder): mails may have come or gone."""

OnState = Callable[[str, bool, MailboxError | None], None]
"""(address of the account, watching, error): whether all its folders are watched now. Not watching without an error
means that the server can't push (no IDLE): poll it. A `permanent` error means that the account is given up until it
is added again.
"""

Connect = Callable[..., Mailbox]

_STEADY_SECONDS = 60.0
"""A connection that held this long was a good one: its loss doesn't count as one more failure in a row."""


class _Stage(Enum):
    """WAITING for its next attempt; WATCHING; POLLED: it can't be watched, the caller polls; STOPPED: a person must
    act first.
    """

    WAITING = auto()
    WATCHING = auto()
    POLLED = auto()
    STOPPED = auto()


@dataclass(slots=True, eq=False)
class _Line:
    """The connection of one folder. Belongs to the watch thread, save what is handed to the thread that opens or
    renews it.
    """

    account: Account
    folder: str
    password: Callable[[], str]
    due: float
    """When to act next (connect or renew), by the clock of the watch."""
    stage: _Stage = _Stage.WAITING
    mailbox: Mailbox | None = None
    since: float = 0.0
    failures: int = 0
    heard: bool = False
    """The selector listens to it."""
    busy: bool = False
    """A thread is opening or renewing it."""
    removed: bool = False


class Watch:
    """The watch over any number of accounts. All methods may be called from any thread; the callbacks come from the
    watch thread and must return at once (put it into a queue).

    `renew_seconds`: how long one IDLE lasts before it is begun anew and the server checked; `timeout`: seconds of
    silence that are borne within a command. `connect`, `clock` (monotonic seconds) and `rng` are for tests.
    """

    def __init__(
        self,
        on_news: OnNews,
        on_state: OnState,
        *,
        renew_seconds: float,
        timeout: float,
        connect: Connect = Mailbox.open,
        clock: Callable[[], float] = time.monotonic,
        rng: Random | None = None,
    ) -> None:
        self._on_news = on_news
        self._on_state = on_state
        self._renew_seconds = renew_seconds
        self._timeout = timeout
        self._connect = connect
        self._clock = clock
        self._rng = rng or Random()  # noqa: S311  it spreads waiting times, it guards nothing
        self._lines: list[_Line] = []
        self._told: dict[str, tuple[bool, str]] = {}
        self._posted: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._stopping = Event()
        self._selector = selectors.DefaultSelector()
        self._wake_up, self._woken = socket.socketpair()
        self._woken.setblocking(False)
        self._wake_up.setblocking(False)
        self._selector.register(self._woken, selectors.EVENT_READ)
        self._thread = Thread(target=self._run, name="watch", daemon=True)

    def start(self) -> None:
        """Starts the thread."""
        self._thread.start()

    def stop(self, timeout: float = 2.0) -> None:
        """Ends the thread and drops all connections; waits at most `timeout` seconds."""
        self._stopping.set()
        self._wake()
        if self._thread.is_alive():
            self._thread.join(timeout)

    @property
    def alive(self) -> bool:
        """Whether the watch thread runs."""
        return self._thread.is_alive()

    def add(self, account: Account, password: Callable[[], str], folders: Sequence[str]) -> None:
        """Watches these folders of an account, each on a connection of its own: keep to what its provider allows.

        An account that is watched already, or was given up, begins anew. `password` is asked before every log-in; it
        may raise MailboxError.
        """
        self._post(partial(self._add, account, password, tuple(folders)))

    def remove(self, address: str) -> None:
        """Watches this account no longer."""
        self._post(partial(self._remove, address))

    def nudge(self) -> None:
        """Tries every account that waits for its next attempt now, for instance when the network has come back."""
        self._post(self._nudge)

    # --- the watch thread ---------------------------------------------------------------------------------------------

    def _run(self) -> None:
        """1. Do what other threads ask for. 2. Begin what is due. 3. Wait for news or for the next thing due. 4. Hear
        the news.
        """
        try:
            while not self._stopping.is_set():
                self._do_posted()
                self._begin_due()
                for key, _events in self._selector.select(self._seconds_to_next()):
                    if key.data is None:
                        self._drain_wake_up()
                    else:
                        self._hear(key.data)
        finally:
            self._stopping.set()
            for line in self._lines:
                self._drop(line)
            self._selector.close()
            self._wake_up.close()
            self._woken.close()

    def _do_posted(self) -> None:
        while True:
            try:
                action = self._posted.get_nowait()
            except Empty:
                return
            action()

    def _begin_due(self) -> None:
        """Opens and renews what is due; of one account one connection at a time, so that a wrong password is tried
        only once.
        """
        now = self._clock()
        opening = {line.account.address for line in self._lines if line.busy}
        for line in self._lines:
            if line.busy or line.due > now or line.stage not in (_Stage.WAITING, _Stage.WATCHING):
                continue
            if line.account.address in opening:
                continue
            opening.add(line.account.address)
            line.busy = True
            self._unhear(line)
            Thread(target=self._refresh, args=(line, line.mailbox), name="watch-refresh", daemon=True).start()

    def _seconds_to_next(self) -> float | None:
        busy = {line.account.address for line in self._lines if line.busy}
        dues = [
            line.due
            for line in self._lines
            if line.stage in (_Stage.WAITING, _Stage.WATCHING) and line.account.address not in busy
        ]
        return max(0.0, min(dues) - self._clock()) if dues else None

    def _hear(self, line: _Line) -> None:
        if line.mailbox is None or line.busy:
            return
        try:
            news = line.mailbox.news()
        except MailboxError as error:
            self._failed(line, error)
            return
        if news:
            self._on_news(line.account.address, line.folder)

    def _refreshed(self, line: _Line, mailbox: Mailbox | None, error: MailboxError | None) -> None:
        """A thread has opened or renewed a connection, or failed."""
        line.busy = False
        if line.removed:
            if mailbox is not None:
                mailbox.abandon()
            return
        now = self._clock()
        if error is not None:
            if mailbox is not None and line.mailbox is None:
                mailbox.abandon()
            self._failed(line, error)
            return
        if mailbox is None:
            line.stage = _Stage.POLLED
            log.info("the server can't push", account=line.account.address, folder=line.folder, action="it is polled")
        else:
            if line.mailbox is None:
                line.since = now
            line.mailbox, line.stage = mailbox, _Stage.WATCHING
            line.due = now + self._renew_seconds * self._rng.uniform(0.8, 1.0)
            self._selector.register(mailbox, selectors.EVENT_READ, line)
            line.heard = True
            # What came before the IDLE began, or together with its beginning, is told by nobody else.
            self._on_news(line.account.address, line.folder)
        self._tell(line.account.address, None)

    def _failed(self, line: _Line, error: MailboxError) -> None:
        """A connection was lost or could not be made: wait and try again, or give the account up where only a person
        can help.
        """
        now = self._clock()
        steady = line.mailbox is not None and now - line.since >= _STEADY_SECONDS
        self._drop(line)
        if isinstance(error, FolderMissing):
            # That concerns this folder alone, and the poll will tell it.
            line.stage, action = _Stage.POLLED, "it is polled"
        elif error.permanent:
            for other in self._lines:
                if other.account.address == line.account.address:
                    self._drop(other)
                    other.stage = _Stage.STOPPED
            action = "the account is given up"
        else:
            line.failures = 1 if steady else line.failures + 1
            seconds = delay(line.failures, self._rng)
            line.stage, line.due, action = _Stage.WAITING, now + seconds, f"again in {seconds:.0f} s"
        log.info("watching failed", account=line.account.address, folder=line.folder, error=str(error), action=action)
        self._tell(line.account.address, None if line.stage is _Stage.POLLED else error)

    def _tell(self, address: str, error: MailboxError | None) -> None:
        """Calls `on_state` when something has changed for the account."""
        stages = [line.stage for line in self._lines if line.account.address == address]
        watching = bool(stages) and all(stage is _Stage.WATCHING for stage in stages)
        undecided = error is None and _Stage.WAITING in stages
        state = (watching, str(error or ""))
        if not undecided and self._told.get(address) != state:
            self._told[address] = state
            self._on_state(address, watching, error)

    def _add(self, account: Account, password: Callable[[], str], folders: tuple[str, ...]) -> None:
        self._remove(account.address)
        now = self._clock()
        self._lines += [_Line(account, folder, password, now) for folder in folders]

    def _remove(self, address: str) -> None:
        for line in [line for line in self._lines if line.account.address == address]:
            line.removed = True
            self._drop(line)
            self._lines.remove(line)
        self._told.pop(address, None)

    def _nudge(self) -> None:
        now = self._clock()
        for line in self._lines:
            if line.stage is _Stage.WAITING:
                line.due = now

    def _drop(self, line: _Line) -> None:
        """Closes the connection, unless a thread works on it, which then finds the line removed."""
        if line.mailbox is not None and not line.busy:
            self._unhear(line)
            line.mailbox.abandon()
            line.mailbox = None

    def _unhear(self, line: _Line) -> None:
        if line.heard and line.mailbox is not None:
            self._selector.unregister(line.mailbox)
            line.heard = False

    # --- other threads ------------------------------------------------------------------------------------------------

    def _refresh(self, line: _Line, mailbox: Mailbox | None) -> None:
        """Opens a connection and begins to watch, or renews one: ends the IDLE, asks whether the server still
        listens, begins anew.

        Hands None over when the server can't push.
        """
        error: MailboxError | None = None
        try:
            if mailbox is None:
                mailbox = self._connect(line.account, line.password(), timeout=self._timeout)
                if not mailbox.pushes:
                    mailbox.close()
                    mailbox = None
                else:
                    mailbox.examine(line.folder)
                    mailbox.begin_idle()
            else:
                mailbox.end_idle()
                mailbox.noop()
                mailbox.begin_idle()
        except MailboxError as caught:
            error = caught
        if self._stopping.is_set() and mailbox is not None:
            mailbox.abandon()
            return
        self._post(partial(self._refreshed, line, mailbox, error))

    def _post(self, action: Callable[[], None]) -> None:
        self._posted.put(action)
        self._wake()

    def _wake(self) -> None:
        try:
            self._wake_up.send(b"\0")
        except OSError as error:
            log.debug("the watch has ended", error=str(error))

    def _drain_wake_up(self) -> None:
        try:
            while self._woken.recv(4096):
                pass
        except BlockingIOError:
            return
