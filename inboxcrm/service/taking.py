"""The one transaction that takes a batch: mails, log entries, troubles, facts of the account and the folder's cursor, all or nothing.

A crash before it repeats the batch; a crash after it doesn't. Two processes with the same batch: the second finds the folder moved
on and drops its own. It fetches nothing and reads nothing.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar

import structlog
from sqlalchemy import Engine, delete, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from inboxcrm import intake, model
from inboxcrm.intake import Arrival, Taken
from inboxcrm.judging import Bench, judge_marked
from inboxcrm.mailbox.cursor import Cursor
from inboxcrm.model.database import writing
from inboxcrm.service import folders
from inboxcrm.service.batch import Batch, Desk
from inboxcrm.service.counts import Counts
from inboxcrm.service.events import Events, Topic

log = structlog.get_logger(__name__)

_FIRST_PAUSE = timedelta(minutes=5)
_LONGEST_PAUSE = timedelta(days=1)
_WRITES = 5
"""How often it is tried to write down what became of a mail that went out."""
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Store:
    """The database and what goes with writing to it: threads of this process take turns instead of waiting inside SQLite, where
    waiting means sleeping.
    """

    engine: Engine
    events: Events
    clock: Callable[[], datetime]
    """Aware UTC."""
    bench: Bench | None = None
    """By what customers are judged; None: they are only marked."""
    _turn: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def writing(self, *, durable: bool = False) -> Iterator[Session]:
        """`inboxcrm.model.database.writing`, in turn."""
        with self._turn, writing(self.engine, durable=durable) as session:
            yield session

    def write_down(self, write: Callable[[Session], _T]) -> _T:
        """Does `write` in a durable transaction. A busy database is asked again: what isn't written down becomes unclear."""
        for attempt in range(_WRITES):
            try:
                with self.writing(durable=True) as session:
                    return write(session)
            except OperationalError:
                if attempt == _WRITES - 1:
                    raise
                log.warning("the database is busy", action="trying again")
                time.sleep(0.2 * 2**attempt)
        raise AssertionError

    def judge(self, session: Session) -> None:
        """Judges those whom this transaction concerns. A mistake in it is told, and keeps no mail away: they stay marked."""
        if self.bench is None:
            return
        try:
            with session.begin_nested():
                judge_marked(session, self.bench.judge(), self.clock())
        except Exception as error:  # a mistake of ours, or in the rules, must not keep mail away
            log.exception("judging failed", error=str(error), action="tried again later")


def take(
    store: Store, desk: Desk, batch: Batch, before: Cursor, after: Cursor, *, live: bool, history_left: int | None
) -> Counts:
    """Takes a batch and moves its folder from `before` to `after`. `live`: it is new mail, whose way here is worth measuring.

    1. Wait until it has been read.
    2. Move the cursor, on condition that nobody else has: raises Overtaken.
    3. Take the mails; note those that the server refuses.
    4. Note what this tells of the account.
    5. Judge the customers whom new mail concerns; history is judged in larger portions (`inboxcrm.service.judgement`).
    6. Commit, then tell whoever looks.
    """
    arrivals = _arrivals(batch)
    place = batch.place
    with store.writing() as session:
        now = store.clock()
        counted: dict[str, Any] = {} if history_left is None else {"history_left": history_left}
        folders.move(session, place.id, before, after, now, **counted)
        taken = intake.take(
            session, session.get_one(model.Folder, place.id), arrivals, desk.own, now, signing=desk.signing
        )
        note_troubles(session, place.id, after.uidvalidity, batch.refused, now)
        _note_account(session, desk, arrivals, now, live=live)
        if live:
            store.judge(session)
    _tell(store.events, desk, batch, taken, history_left)
    return counts_of(batch, taken)


def take_again(store: Store, desk: Desk, batch: Batch, uidvalidity: int) -> Counts:
    """Takes mails that the cursor has passed without them because the server refused them; those that it still refuses are put off
    further.

    Raises Overtaken when the folder has got another UIDVALIDITY meanwhile.
    """
    arrivals = _arrivals(batch)
    with store.writing() as session:
        now = store.clock()
        _still(session, batch, uidvalidity)
        _note_refusals(session, batch, uidvalidity, now)
        taken = intake.take(
            session, session.get_one(model.Folder, batch.place.id), arrivals, desk.own, now, signing=desk.signing
        )
        store.judge(session)
    _tell(store.events, desk, batch, taken, None)
    return counts_of(batch, taken)


def fill_texts(store: Store, desk: Desk, batch: Batch, uidvalidity: int, messages: Mapping[int, int]) -> Counts:
    """Gives texts that were wanted later to their `messages` (by UID). A message that lies nowhere any more gets none.

    Raises Overtaken when the folder has got another UIDVALIDITY meanwhile.
    """
    arrivals = _arrivals(batch)
    filled = Taken()
    texts = 0
    with store.writing() as session:
        now = store.clock()
        _still(session, batch, uidvalidity)
        _note_refusals(session, batch, uidvalidity, now)
        for arrival in arrivals:
            if arrival.has_text:
                texts += 1
                filled.entries += intake.fill_text(session, messages[arrival.uid], arrival.reading, arrival.signals)
        for uid in batch.gone:
            _lies_there_no_more(session, batch.place.id, uidvalidity, uid, messages[uid])
        store.judge(session)
    _tell(store.events, desk, batch, filled, None)
    return Counts(texts=texts, trouble=len(batch.refused))


def give_up_texts(store: Store, messages: list[int]) -> None:
    """These messages lie nowhere any more: nobody waits for their texts."""
    with store.writing() as session:
        for message in messages:
            intake.text_gone(session, message)


def _still(session: Session, batch: Batch, uidvalidity: int) -> None:
    if session.get_one(model.Folder, batch.place.id).uidvalidity != uidvalidity:
        raise folders.Overtaken(batch.place.id)


def _note_refusals(session: Session, batch: Batch, uidvalidity: int, now: datetime) -> None:
    forget_troubles(session, batch.place.id, [uid for uid in batch.uids if uid not in batch.refused])
    note_troubles(session, batch.place.id, uidvalidity, batch.refused, now)


def _lies_there_no_more(session: Session, folder_id: int, uidvalidity: int, uid: int, message_id: int) -> None:
    session.execute(
        delete(model.Location).where(
            model.Location.folder_id == folder_id,
            model.Location.uidvalidity == uidvalidity,
            model.Location.uid == uid,
        )
    )
    if session.scalar(select(model.Location.id).where(model.Location.message_id == message_id).limit(1)) is None:
        intake.text_gone(session, message_id)


def counts_of(batch: Batch, taken: Taken) -> Counts:
    """The figures of one batch."""
    return Counts(
        taken=len(batch.items) + batch.excluded,
        new=taken.new,
        known=taken.known,
        logged=taken.logged,
        unmatched=taken.unmatched,
        excluded=batch.excluded,
        trouble=len(batch.refused),
    )


def note_troubles(
    session: Session, folder_id: int, uidvalidity: int | None, refused: Mapping[int, str], now: datetime
) -> None:
    """Notes mails that the server refuses (UID → its words), and how often it has done so."""
    if not refused:
        return
    rows = {
        row.uid: row
        for row in session.scalars(
            select(model.Trouble).where(
                model.Trouble.folder_id == folder_id,
                model.Trouble.uidvalidity == uidvalidity,
                model.Trouble.uid.in_(refused),
            )
        )
    }
    for uid, words in refused.items():
        row = rows.get(uid)
        if row is None:
            session.add(
                model.Trouble(
                    folder_id=folder_id,
                    uidvalidity=uidvalidity,
                    uid=uid,
                    error=words,
                    attempts=1,
                    first_at=now,
                    last_at=now,
                )
            )
        else:
            row.error, row.attempts, row.last_at = words, row.attempts + 1, now


def forget_troubles(session: Session, folder_id: int, uids: list[int] | None = None) -> None:
    """These mails are here, or have gone; None for all of the folder."""
    gone = delete(model.Trouble).where(model.Trouble.folder_id == folder_id)
    session.execute(gone if uids is None else gone.where(model.Trouble.uid.in_(uids)))


def is_due(trouble: model.Trouble, now: datetime, tried_before: datetime | None = None) -> bool:
    """Whether it is time to ask for a troubled mail again: the pauses double, from minutes to a day. With `tried_before` it is time
    when it was last tried before that instant.
    """
    if tried_before is not None:
        return bool(trouble.last_at < tried_before)
    pause = min(_FIRST_PAUSE * 2 ** min(trouble.attempts - 1, 20), _LONGEST_PAUSE)
    due_at: datetime = trouble.last_at + pause
    return due_at <= now


def _arrivals(batch: Batch) -> list[Arrival]:
    return [
        Arrival(item.uid, item.received_at, item.size, reading, item.has_text, signals if item.has_text else None)
        for item, (reading, signals) in zip(batch.items, batch.readings.result(), strict=True)
    ]


def _note_account(session: Session, desk: Desk, arrivals: list[Arrival], now: datetime, *, live: bool) -> None:
    if not arrivals:
        return
    newest = max(one.received_at for one in arrivals)
    row = session.get_one(model.Account, desk.account_id)
    if live and row.passed_at is not None and newest > row.passed_at:
        # Mail that lay there before the last pass, or was moved here, says nothing about how quick we are.
        row.lag_seconds = max(0.0, (now - newest).total_seconds())
    if row.last_mail_at is None or row.last_mail_at < newest:
        row.last_mail_at = newest


def _tell(events: Events, desk: Desk, batch: Batch, taken: Taken, history_left: int | None) -> None:
    address, place = desk.account.address, batch.place
    if taken.new or taken.entries:
        events.publish(
            Topic.MAIL,
            {
                "account": address,
                "folder": place.name,
                "new": taken.new,
                "logged": taken.logged,
                "unmatched": taken.unmatched,
                "customers": sorted(taken.customers),
            },
        )
    if taken.issues:
        events.publish(Topic.NEWSLETTERS, {"issues": sorted(taken.issues)})
    if history_left is not None:
        events.publish(
            Topic.HISTORY,
            {"account": address, "folder": place.name, "left": history_left, "total": place.history_total},
        )
