"""Reads mails in processes of their own, so that reading scales over the cores and no mail can harm the service.

A mail that crashes its process, or keeps it for longer than any mail may, costs that process only: it comes back as a
Reading that says so. Mail that has just arrived overtakes history. What a mail means is
`inboxcrm.reading`'s and `inboxcrm.engagement`'s business.
"""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from multiprocessing.connection import wait
from typing import Any, NamedTuple

from inboxcrm.engagement.look import Find, Look
from inboxcrm.engagement.rules import RuleFileError
from inboxcrm.engagement.signals import Side
from inboxcrm.reading import Address, Reading

_CHUNK = 20
"""Mails handed to a process at once: enough to make the way worth it, few enough for a new mail to overtake soon."""
_SECONDS_A_MAIL = 30
"""No mail needs this long; one that does is treated like one that crashes its process."""

_HEADER_ONLY = "Reading this mail crashed or took too long; only its header was read."
_NOT_EVEN_THE_HEADER = "Reading this mail crashed or took too long, even its header."


@dataclass(frozen=True, slots=True)
class RawMail:
    """A mail to read: its bytes as `Mailbox.mails` gave them, its arrival (aware UTC), whether we sent it, and who may vouch for
    senders (RFC 8601 authserv-ids).
    """

    raw: bytes
    received_at: datetime
    outgoing: bool
    authserv_ids: tuple[str, ...] = ()
    side: Side | None = None
    """Who wrote it, when it is to be looked into for signals; None: it isn't."""
    own_domains: frozenset[str] = frozenset()
    """Our company's: a group of theirs that the mail came through is no mailing list."""


class Read(NamedTuple):
    """What came of one mail: the `reading`, and the `signals` in it as they are stored; None when it wasn't looked into."""

    reading: Reading
    signals: list[dict[str, Any]] | None = None


class Job:
    """The readings of some mails, being made."""

    def __init__(self, pool: ReadingPool, chunks: Sequence[_Chunk]) -> None:
        self._pool = pool
        self._chunks = chunks

    def done(self) -> bool:
        """Whether `result` would answer at once."""
        return all(chunk.done.done() for chunk in self._chunks)

    def result(self) -> list[Read]:
        """One Read for each mail, in order; waits for them. Never raises because of a mail. Raises CancelledError when the pool is
        closed.
        """
        readings: list[Read] = []
        for chunk in self._chunks:
            try:
                readings += chunk.done.result()
            except BrokenProcessPool:
                readings += self._pool.one_by_one(chunk.mails)
        return readings


@dataclass(frozen=True, slots=True, eq=False)
class _Chunk:
    mails: Sequence[RawMail]
    done: Future[list[Read]]


class ReadingPool:
    """The processes. All methods may be called from any thread; `close` ends the processes."""

    def __init__(
        self,
        processes: int,
        *,
        look: Look | None = None,
        read: Callable[[RawMail], Reading] | None = None,
        seconds_a_mail: int = _SECONDS_A_MAIL,
    ) -> None:
        """`processes`: how many; 0 for one less than the machine has cores, at least one. `look` finds the signals in a mail. `read` is
        what reads a mail (a function that can be pickled), by default `inboxcrm.reading.read`; both are given up after
        `seconds_a_mail`.
        """
        self._processes = processes or max(1, (os.cpu_count() or 2) - 1)
        self._look = look
        self._work = partial(_read_all, read or _read, look, seconds_a_mail)
        self._lock = threading.RLock()
        self._alone = threading.Lock()
        self._executor: ProcessPoolExecutor | None = None
        self._waiting: deque[_Chunk] = deque()
        self._running = 0
        self._closed = False

    def warm_up(self) -> None:
        """Starts the processes and loads what they need, without waiting for it."""
        for _ in range(self._processes):
            self._add([_Chunk((), Future())], urgent=False)

    def read(self, mails: Sequence[RawMail], *, urgent: bool = False) -> Job:
        """Begins to read these mails; `urgent` ones go before all that still waits."""
        chunks = [_Chunk(mails[start : start + _CHUNK], Future()) for start in range(0, len(mails), _CHUNK)]
        self._add(chunks, urgent=urgent)
        return Job(self, chunks)

    def close(self) -> None:
        """Has the processes end, without waiting for it. What still waits to be read fails with CancelledError where it is awaited."""
        with self._lock:
            self._closed = True
            while self._waiting:
                self._waiting.popleft().done.cancel()
            executor, self._executor = self._executor, None
        if executor is not None:
            executor.shutdown(wait=False, cancel_futures=True)

    def one_by_one(self, mails: Sequence[RawMail]) -> list[Read]:
        """Reads mails of which one broke its process, each in a way that spares the others. Raises CancelledError when the pool is
        closed: then it wasn't the mail that ended the process.
        """
        with self._alone:
            if self._closed:
                raise CancelledError
            alone = _Alone(self._work, self._look)
            try:
                return [alone.read(mail) for mail in mails]
            finally:
                alone.close()

    def _add(self, chunks: Sequence[_Chunk], *, urgent: bool) -> None:
        with self._lock:
            if self._closed:
                for chunk in chunks:
                    chunk.done.cancel()
            elif urgent:
                self._waiting.extendleft(reversed(chunks))
            else:
                self._waiting.extend(chunks)
        self._feed()

    def _feed(self) -> None:
        """Hands chunks to the processes: one more than there are processes, so that none is idle and little is committed early."""
        with self._lock:
            while self._waiting and self._running <= self._processes and not self._closed:
                chunk = self._waiting.popleft()
                if self._executor is None:
                    self._executor = _executor(self._processes, self._look)
                try:
                    reading = self._executor.submit(self._work, chunk.mails)
                except BrokenProcessPool:  # broken a moment ago by another chunk
                    self._executor = None
                    self._waiting.appendleft(chunk)
                    continue
                self._running += 1
                reading.add_done_callback(lambda ended, chunk=chunk: self._ended(chunk, ended))  # type: ignore[misc]

    def _ended(self, chunk: _Chunk, ended: Future[list[Read]]) -> None:
        with self._lock:
            self._running -= 1
            if ended.cancelled():
                chunk.done.cancel()
            elif (error := ended.exception()) is not None:
                if isinstance(error, BrokenProcessPool):
                    self._executor = None
                chunk.done.set_exception(error)
            else:
                chunk.done.set_result(ended.result())
        self._feed()


def _executor(processes: int, look: Look | None) -> ProcessPoolExecutor:
    spawn = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(processes, mp_context=spawn, initializer=_prepare, initargs=(look,))


class _Alone:
    """Reads one mail at a time, in one process that is replaced when a mail breaks it."""

    def __init__(self, work: Callable[[Sequence[RawMail]], list[Read]], look: Look | None) -> None:
        self._work = work
        self._look = look
        self._executor: ProcessPoolExecutor | None = None

    def read(self, mail: RawMail) -> Read:
        """What came of the mail; when that breaks the process, what its header says; when that does too, only that it is there."""
        if (whole := self._attempt(mail)) is not None:
            return whole
        header = self._attempt(replace(mail, raw=mail.raw[: _header_length(mail.raw)], side=None))
        if header is not None:
            return Read(replace(header.reading, problems=(*header.reading.problems, _HEADER_ONLY)), [])
        return Read(_nothing_of(mail, _NOT_EVEN_THE_HEADER), [])

    def close(self) -> None:
        executor, self._executor = self._executor, None
        if executor is not None:
            executor.shutdown()

    def _attempt(self, mail: RawMail) -> Read | None:
        self._executor = self._executor or _executor(1, self._look)
        try:
            return self._executor.submit(self._work, (mail,)).result()[0]
        except BrokenProcessPool:
            self.close()
            return None


def _header_length(raw: bytes) -> int:
    ends = [end + 2 for end in (raw.find(b"\r\n\r\n"), raw.find(b"\n\n")) if end >= 0]
    return min(ends, default=len(raw))


def _nothing_of(mail: RawMail, problem: str) -> Reading:
    return Reading(
        message_id="",
        date=mail.received_at,
        sender=Address("", ""),
        to=(),
        cc=(),
        bcc=(),
        reply_to=(),
        subject="",
        in_reply_to="",
        references=(),
        language="",
        new_text="",
        quoted_text="",
        signature="",
        forwarded=False,
        automatic=None,
        back_on=None,
        bounce=None,
        attachments=(),
        sender_verified=None,
        body_digest=hashlib.sha256(mail.raw).hexdigest(),
        problems=(problem,),
    )


# What runs in the processes.


_SPECIMEN = b"Subject: Order\r\n\r\nWe would like to order your products. Thank you for the quotation.\r\n"


def _prepare(look: Look | None) -> None:
    """Makes a process fit for its work: it leaves signals to the service, dies with it, and has loaded what reading needs."""
    os.setsid()
    threading.Thread(target=_die_with_parent, daemon=True).start()
    reading = _read(RawMail(_SPECIMEN, datetime(2026, 1, 1, tzinfo=UTC), outgoing=False))
    if look is not None:
        with suppress(RuleFileError):
            look(reading, None)


def _die_with_parent() -> None:
    # A killed service can't tell its processes to end, and they would wait for work for ever.
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def _read_all(
    read: Callable[[RawMail], Reading], look: Look | None, seconds_a_mail: int, mails: Sequence[RawMail]
) -> list[Read]:
    readings = []
    find = _rules_of(look)
    for mail in mails:
        signal.alarm(seconds_a_mail)  # nobody handles SIGALRM: it ends this process, even inside a regular expression
        try:
            reading = read(mail)
        except Exception as error:  # noqa: BLE001  the last net: a mistake of ours must not keep the mails behind this one away
            reading = _nothing_of(mail, f"Reading this mail failed: {type(error).__name__}: {error}")
        readings.append(_looked_into(reading, mail.side, find))
        signal.alarm(0)
    return readings


def _rules_of(look: Look | None) -> Find | None:
    if look is None:
        return None
    try:
        return look.current()
    except RuleFileError:
        return None  # the mails are looked through when the file is mended


def _looked_into(reading: Reading, side: Side | None, find: Find | None) -> Read:
    if find is None or side is None:
        return Read(reading)
    from inboxcrm.engagement.stored import packed  # noqa: PLC0415

    try:
        return Read(reading, [packed(one) for one in find(reading, side)])
    except Exception as error:  # noqa: BLE001  nor must a mistake in the rules
        problem = f"Looking for signals failed: {type(error).__name__}: {error}"
        return Read(replace(reading, problems=(*reading.problems, problem)), [])


def _read(mail: RawMail) -> Reading:
    from inboxcrm.reading import read  # noqa: PLC0415

    return read(
        mail.raw,
        received_at=mail.received_at,
        outgoing=mail.outgoing,
        authserv_ids=mail.authserv_ids or None,
        own_domains=mail.own_domains,
    )
