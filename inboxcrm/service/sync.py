"""The sync of one account over one open connection, in units of work: each does one thing and returns True while there is more.

New mail goes before everything, history is filled behind it from the newest to the oldest. While one batch of history is
fetched, the one before is read and the one before that is written; what is written keeps its order. Who drives the units, and
when, is not decided here.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from types import TracebackType
from typing import Protocol

from inboxcrm.mailbox.cursor import Cursor
from inboxcrm.mailbox.errors import ConnectionLost, MailboxError
from inboxcrm.mailbox.folders import FolderState, ListedFolder
from inboxcrm.model import FolderRole
from inboxcrm.model.database import looking
from inboxcrm.service import folders, later, taking
from inboxcrm.service.batch import Batch, Desk, Reader, Source, fetch
from inboxcrm.service.counts import Counts
from inboxcrm.service.folders import Place
from inboxcrm.service.stumbling import Stumbling
from inboxcrm.service.taking import Store

_IN_FLIGHT = 3
"""Batches fetched but not yet written, at most."""
_SMALL_GAP = 50
"""With so few UIDs that may be new, they are fetched without asking first which of them exist: one round trip less."""


@dataclass(slots=True)
class _Open:
    """A folder in the course of the sync: `place.cursor` stands behind all batches that are on their way."""

    place: Place
    history: list[int] | None = None
    """UIDs of history not yet asked for, ascending; None before they were listed."""
    counts: Counts = field(default_factory=Counts)


@dataclass(frozen=True, slots=True)
class _Flying:
    """A batch that has been fetched and waits to be read and written."""

    folder: _Open
    is_new: bool
    written: Future[Counts]


class Connection(Source, Protocol):
    """A logged-in connection (`inboxcrm.mailbox.connection.Mailbox`)."""

    def folders(self, names: Mapping[FolderRole, Iterable[str]] | None = None) -> list[ListedFolder]: ...
    def examine(self, name: str) -> FolderState: ...
    def uids(self, low: int = 1, high: int | None = None) -> list[int]: ...


class AccountSync:
    """One account, one connection, one thread. Use it in a `with` block, which waits for what is still being written."""

    def __init__(
        self,
        store: Store,
        desk: Desk,
        mailbox: Connection,
        pool: Reader,
        *,
        batch: int,
        stumbling: Stumbling | None = None,
    ) -> None:
        """`batch`: mails in one transaction. `stumbling` outlives the connection: it remembers where earlier ones broke."""
        self._store = store
        self._desk = desk
        self._mailbox = mailbox
        self._pool = pool
        self._batch = batch
        self._stumbling = stumbling or Stumbling()
        self._folders: dict[str, _Open] = {}
        self._failed: dict[str, tuple[_Open, str]] = {}
        self._examined = ""
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="write")
        self._in_flight: deque[_Flying] = deque()

    def __enter__(self) -> AccountSync:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # What has been fetched is written even when the connection broke; it need not be fetched again.
        self._writer.shutdown(wait=True)
        if error is None:
            self.settle()
        for flying in self._in_flight:
            if not flying.written.cancelled() and flying.written.exception() is None:
                flying.folder.counts.add(flying.written.result())

    @property
    def names(self) -> list[str]:
        """The folders that are read, INBOX first."""
        return list(self._folders)

    def counts(self) -> dict[str, tuple[Place, Counts]]:
        """Folder → where it stands and what was done there since this sync began."""
        left_out = {name: one for name, (one, _words) in self._failed.items()}
        return {name: (one.place, one.counts) for name, one in (left_out | self._folders).items()}

    def progress(self) -> tuple[int, int]:
        """History of all folders: (mails taken or on their way, mails that there were at the beginning)."""
        total = sum(one.place.history_total for one in self._folders.values())
        left = sum(
            len(one.history) if one.history is not None else one.place.history_left or 0
            for one in self._folders.values()
        )
        return max(0, total - left), total

    # --- units of work ------------------------------------------------------------------------------------------------

    def open_folders(self) -> tuple[str, ...]:
        """Lists the folders, decides which are read, and brings their rows up to date. Returns the words about those that should be
        read but can't.
        """
        choice = folders.chosen(self._mailbox.folders(self._desk.folder_names), self._desk.account)
        self.settle()
        with self._store.writing() as session:
            places = folders.settle(session, self._desk.account_id, choice)
        before = {name: one for name, (one, _words) in self._failed.items()} | self._folders
        self._failed = {}
        self._folders = {
            place.name: replace(before[place.name], place=place) if place.name in before else _Open(place)
            for place in places
        }
        self._examined = ""
        return choice.problems

    def take_new(self, name: str) -> bool:
        """Takes one batch of new mail of a folder; True while there may be more.

        1. Open the folder; a first opening, or a changed UIDVALIDITY, is noted and makes everything there history.
        2. Find what lies above what has been taken.
        3. Take it in one transaction, oldest first. A few mails are written at once, a backlog goes through the pipeline.
        """
        one = self._folders[name]
        state = self._examine(one)

        if state.uid_next == one.place.cursor.high_uid + 1:
            return False
        uids = self._new_uids(one.place.cursor, state)
        batch_uids = one.place.cursor.next_new(uids, self._stumbling.size(name, self._batch))
        if not batch_uids:
            return False

        self._take(one, batch_uids, newest_first=False, at_once=len(uids) <= _SMALL_GAP)
        return one.place.cursor.high_uid + 1 < state.uid_next

    def take_history(self, name: str) -> bool:
        """Takes one batch of a folder's history, the newest that is left; True while there is more.

        1. List what lies below what has been taken, once; nothing: the history is complete.
        2. Fetch a batch and hand it on; writing it happens meanwhile.
        """
        one = self._folders[name]
        if one.place.cursor.low_uid <= 1 and not one.history:
            return False
        if self._examined != name:
            self._examine(one)
        if one.history is None:
            one.history = self._mailbox.uids(1, one.place.cursor.low_uid - 1)
        if not one.history:
            self._finish_history(one)
            return False

        uids = one.history[-self._stumbling.size(name, self._batch) :]
        self._take(one, uids, newest_first=True, at_once=False)
        return True

    def fetch_texts(self, name: str, *, tried_before: datetime | None = None) -> bool:
        """Fetches one batch of texts that log entries wait for; True while there may be more. Those that the server refused lately have
        to wait, unless they were last tried before `tried_before`.
        """
        one = self._folders[name]
        size = self._stumbling.size(_later(name), self._batch)
        with looking(self._store.engine) as session:
            messages = later.wanted_texts(
                session, one.place, self._store.clock(), limit=size, tried_before=tried_before
            )
        if not messages or (fetched := self._fetch_again(one, sorted(messages), ours=True)) is None:
            return False
        batch, uidvalidity = fetched
        one.counts.add(taking.fill_texts(self._store, self._desk, batch, uidvalidity, messages))
        return True

    def retry_troubled(self, name: str, *, tried_before: datetime | None = None) -> bool:
        """Asks once more for one mail that the server refused and whose time has come, or that was last tried before `tried_before`;
        True while there may be more.
        """
        one = self._folders[name]
        with looking(self._store.engine) as session:
            uids = later.troubled(session, one.place, self._store.clock(), limit=1, tried_before=tried_before)
        if not uids or (fetched := self._fetch_again(one, uids)) is None:
            return False
        batch, uidvalidity = fetched
        one.counts.add(taking.take_again(self._store, self._desk, batch, uidvalidity))
        return True

    def give_up_texts(self) -> None:
        """Lets go of texts whose mails lie nowhere any more. Call it when all folders are known to their end."""
        with looking(self._store.engine) as session:
            messages = later.unreachable_texts(session)
        if messages:
            taking.give_up_texts(self._store, messages)

    def leave_out(self, name: str, error: MailboxError) -> None:
        """Reads this folder no more until `open_folders` finds it again, and keeps the server's words where people see them."""
        self.settle()
        one = self._folders.pop(name)
        self._failed[name] = (one, str(error))
        self._examined = ""
        with self._store.writing() as session:
            folders.note_error(session, one.place.id, str(error), self._store.clock())

    @property
    def failed(self) -> dict[str, str]:
        """The folders that were left out, and why."""
        return {name: words for name, (_one, words) in self._failed.items()}

    def settle(self) -> None:
        """Waits until everything fetched has been written; raises what went wrong there."""
        while self._in_flight:
            self._collect()

    def drop(self) -> None:
        """Lets go of what has been fetched and not begun to be written, for a quick end: the next sync fetches it again."""
        for flying in self._in_flight:
            flying.written.cancel()
        self._in_flight.clear()

    # --- inside -------------------------------------------------------------------------------------------------------

    def _examine(self, one: _Open) -> FolderState:
        self._examined = ""
        state = self._mailbox.examine(one.place.name)
        self._examined = one.place.name
        opened = one.place.cursor.opened(state)
        if opened != one.place.cursor:
            self.settle()
            one.history = None
            with self._store.writing() as session:
                folders.move(
                    session,
                    one.place.id,
                    one.place.cursor,
                    opened,
                    self._store.clock(),
                    history_left=state.exists,
                    history_total=state.exists,
                    highest_modseq=state.highest_modseq,
                )
                taking.forget_troubles(session, one.place.id)  # their UIDs mean other mails now, if any
            one.place = replace(one.place, cursor=opened, history_left=state.exists, history_total=state.exists)
        return state

    def _new_uids(self, cursor: Cursor, state: FolderState) -> list[int]:
        gap = range(cursor.high_uid + 1, state.uid_next)
        if 0 < len(gap) <= _SMALL_GAP:
            return list(gap)
        return self._mailbox.uids(cursor.high_uid + 1)

    def _take(self, one: _Open, uids: list[int], *, newest_first: bool, at_once: bool) -> None:
        before = one.place.cursor
        batch = self._fetch(one, uids, newest_first=newest_first)
        after = before.taken(batch.uids)
        one.place = replace(one.place, cursor=after)
        left = None
        if newest_first and one.history is not None:
            del one.history[len(one.history) - len(batch.uids) :]
            left = len(one.history)
        write = partial(
            taking.take, self._store, self._desk, batch, before, after, live=not newest_first, history_left=left
        )
        if at_once:
            if any(flying.is_new for flying in self._in_flight):
                self.settle()
            one.counts.add(write())
        else:
            self._in_flight.append(_Flying(one, not newest_first, self._writer.submit(write)))
            while len(self._in_flight) > _IN_FLIGHT or (self._in_flight and self._in_flight[0].written.done()):
                self._collect()

    def _fetch(self, one: _Open, uids: list[int], *, newest_first: bool) -> Batch:
        name = one.place.name
        try:
            batch = self._batch_of(one, uids, newest_first=newest_first)
        except ConnectionLost as error:
            if self._stumbling.stumbled(name, uids):
                self._put_off(one, uids, str(error))
            raise
        self._stumbling.passed(name, batch.uids)
        return batch

    def _batch_of(self, one: _Open, uids: list[int], *, newest_first: bool = True, ours: bool = False) -> Batch:
        return fetch(
            self._mailbox,
            one.place,
            uids,
            desk=self._desk,
            engine=self._store.engine,
            pool=self._pool,
            newest_first=newest_first,
            ours=ours,
        )

    def _put_off(self, one: _Open, uids: list[int], words: str) -> None:
        """Leaves mails that break every connection for later, so that the next connection gets past them."""
        self.settle()
        batch = Batch(one.place, tuple(uids), (), self._pool.read([]), refused=dict.fromkeys(uids, words))
        before = one.place.cursor
        after = before.taken(uids)
        one.counts.add(taking.take(self._store, self._desk, batch, before, after, live=False, history_left=None))

    def _finish_history(self, one: _Open) -> None:
        self.settle()
        before = one.place.cursor
        after = replace(before, low_uid=1)
        with self._store.writing() as session:
            folders.move(session, one.place.id, before, after, self._store.clock(), history_left=0)
        one.place = replace(one.place, cursor=after, history_left=0)

    def _fetch_again(self, one: _Open, uids: list[int], *, ours: bool = False) -> tuple[Batch, int] | None:
        self.settle()
        uidvalidity = one.place.cursor.uidvalidity
        if self._examine(one).uidvalidity != uidvalidity or uidvalidity is None:
            return None
        place = _later(one.place.name)
        try:
            batch = self._batch_of(one, uids, ours=ours)
        except ConnectionLost as error:
            if self._stumbling.stumbled(place, uids) or not ours:
                # Put off further before the next connection tries, and breaks of it too.
                with self._store.writing() as session:
                    refused = dict.fromkeys(uids, str(error))
                    taking.note_troubles(session, one.place.id, uidvalidity, refused, self._store.clock())
            raise
        self._stumbling.passed(place, batch.uids)
        return batch, uidvalidity

    def _collect(self) -> None:
        flying = self._in_flight.popleft()
        flying.folder.counts.add(flying.written.result())


def _later(name: str) -> str:
    """How the mails of a folder that were put off are called among those at which connections break."""
    return f"{name}, later"
