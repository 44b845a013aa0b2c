"""The news board inside one process: what has just changed, for whoever is looking at the moment (a page, a test).

It tells that something changed and where, never what it says: readers look into the database. Nothing is kept for those who
come later, and a reader that can't follow loses the oldest news and is told so; the publisher never waits.
"""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from types import TracebackType
from typing import Any

_KEPT = 256
"""News that a slow reader may leave lying."""


class Topic(StrEnum):
    """What changed. MAIL: mail was taken (`account`, `folder`, `new`, `logged`, `unmatched`, `customers`: ids).
    ACCOUNT: the state of an account (`account`). HISTORY: history was filled (`account`, `folder`, `left`, `total`).
    SETTINGS: the settings file was read anew (`error`: "" when it is good).
    WANTED: a person's click made texts wanted; the service fetches them at once (it finds them by itself after two seconds).
    JUDGED: customers were judged apart from new mail (`customers`: ids).
    RETRY: a person asks to try a stopped `account` again ("" or missing: all).
    DRAFTS: something happened to `drafts` (ids) elsewhere: they were sent or refused, or changed in the mail program.
    NEWSLETTERS: `issues` (ids) have got further, or somebody has left or answered.
    """

    MAIL = "mail"
    ACCOUNT = "account"
    HISTORY = "history"
    SETTINGS = "settings"
    WANTED = "wanted"
    JUDGED = "judged"
    RETRY = "retry"
    DRAFTS = "drafts"
    NEWSLETTERS = "newsletters"


@dataclass(frozen=True, slots=True)
class Event:
    """One piece of news. `missed` tells that this reader lost news before this one."""

    topic: str
    data: Mapping[str, Any] = field(default_factory=dict)
    missed: bool = False


class Subscription:
    """The news for one reader, in order. Use it as a context manager; read it from any thread with `get` or from asyncio
    with `async for`. One reader each.
    """

    def __init__(self, board: Events) -> None:
        self._board = board
        self._waiting: deque[Event] = deque()
        self._changed = threading.Condition()
        self._missed = False
        self._closed = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._woken: asyncio.Event | None = None

    def __enter__(self) -> Subscription:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Ends the subscription; whoever waits on it is released."""
        self._board._forget(self)
        with self._changed:
            self._closed = True
            self._wake()

    def get(self, timeout: float | None = None) -> Event | None:
        """The next piece of news; None after `timeout` seconds without any, or when closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._closed, timeout)
            return self._next()

    def waiting(self) -> Iterator[Event]:
        """What lies here now, without waiting."""
        while True:
            with self._changed:
                event = self._next()
            if event is None:
                return
            yield event

    def __aiter__(self) -> Subscription:
        with self._changed:
            self._loop, self._woken = asyncio.get_running_loop(), asyncio.Event()
            if self._waiting or self._closed:
                self._woken.set()
        return self

    async def __anext__(self) -> Event:
        if self._woken is None:
            msg = "read a Subscription with 'async for'"
            raise RuntimeError(msg)
        while True:
            with self._changed:
                if (event := self._next()) is not None:
                    return event
                if self._closed:
                    raise StopAsyncIteration
                self._woken.clear()
            await self._woken.wait()

    def _next(self) -> Event | None:
        if not self._waiting:
            return None
        event = self._waiting.popleft()
        if self._missed:
            self._missed = False
            return Event(event.topic, event.data, missed=True)
        return event

    def _put(self, event: Event) -> None:
        with self._changed:
            if len(self._waiting) >= _KEPT:
                self._waiting.popleft()
                self._missed = True
            self._waiting.append(event)
            self._wake()

    def _wake(self) -> None:
        self._changed.notify_all()
        if self._loop is not None and self._woken is not None:
            with suppress(RuntimeError):  # the reader's loop has ended; nobody is left to wake
                self._loop.call_soon_threadsafe(self._woken.set)


class Events:
    """The board. All methods may be called from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._readers: tuple[Subscription, ...] = ()
        self._closed = False

    def publish(self, topic: str, data: Mapping[str, Any] | None = None) -> None:
        """Tells every reader. Call it after the commit, so that whoever looks then sees the change."""
        event = Event(topic, data or {})
        for reader in self._readers:
            reader._put(event)

    def subscribe(self) -> Subscription:
        """A new reader; it sees what is published from now on."""
        reader = Subscription(self)
        with self._lock:
            if not self._closed:
                self._readers = (*self._readers, reader)
                return reader
        reader.close()
        return reader

    def close(self) -> None:
        """Releases every reader (open pages would otherwise hold up a stop)."""
        with self._lock:
            self._closed = True
            readers = self._readers
        for reader in readers:
            reader.close()

    def _forget(self, reader: Subscription) -> None:
        with self._lock:
            self._readers = tuple(one for one in self._readers if one is not reader)
