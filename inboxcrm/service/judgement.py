"""Judges whoever waits for it: the history that was filled, corrections from elsewhere, texts that no rules have looked through yet.

One unit of work, then ask again: each is one transaction, so that mail never waits for long. A customer whose judging fails is put
off before the others go on, and tried again with the next start and the next day.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from datetime import date

import structlog
from sqlalchemy import exists, select

from inboxcrm.engagement.rereading import any_unread, look_through
from inboxcrm.engagement.rules import RuleFileError
from inboxcrm.errors import InboxcrmError
from inboxcrm.journal import unjudged
from inboxcrm.judging import PORTION, Bench, grades_due, judge, judge_waiting, statuses_due
from inboxcrm.model import Folder
from inboxcrm.model.database import looking
from inboxcrm.service.events import Topic
from inboxcrm.service.taking import Store

log = structlog.get_logger(__name__)

_BUSY_PAUSE = 30.0
"""Seconds between two rounds while history is filled: most customers would only be judged again."""
_ROUND = 1.0
"""Seconds of one round."""


class Judgement:
    """The work of one service; `round` is called by its clockwork, in one thread at a time."""

    def __init__(self, store: Store, bench: Bench) -> None:
        """Does nothing yet."""
        self._store = store
        self._bench = bench
        self._last = 0.0
        self._silence_on: date | None = None
        self._tried_again_on: date | None = None
        self._stopped = threading.Event()

    def stop(self) -> None:
        """Ends what runs, soon, between two units of work."""
        self._stopped.set()

    def round(self) -> None:
        """Judges for a moment, unless history is being filled and the last round was only just."""
        if time.monotonic() - self._last < _BUSY_PAUSE and self._is_filling():
            return
        started = self._last = time.monotonic()
        while time.monotonic() - started < _ROUND and not self._stopped.is_set() and self.step():
            pass

    def finish(self, stop: threading.Event) -> None:
        """Judges until nobody waits, or `stop` is set."""
        while not stop.is_set() and self.step():
            pass

    def step(self) -> bool:
        """One unit of work; True while there may be more: 1. look through stored texts, else 2. judge some customers."""
        self._try_again()
        with looking(self._store.engine) as session:
            waits, unread = bool(unjudged.waiting(session, 1)), any_unread(session)
        if unread and self._look_through():
            return True
        if not waits:
            return False
        try:
            by = self._bench.judge()
        except InboxcrmError as error:
            log.warning("customers can't be judged", error=str(error), action="mend the file; mail is logged meanwhile")
            return False
        try:
            with self._store.writing() as session:
                done = judge_waiting(session, by, self._store.clock())
        except Exception:  # one customer must not keep the others waiting; which one is found out
            log.exception("judging failed", action="one by one")
            done = self._one_by_one()
        if done:
            self._store.events.publish(Topic.JUDGED, {"customers": sorted(done)})
        return bool(done)

    def night(self) -> None:
        """What silence says of customers, once a day: 1. their status; 2. their grade, of those not graded since midnight (UTC).

        Breaking off in the middle costs nothing: what is left is found again.
        """
        by = self._bench.judge()
        today = self._store.clock().date()
        after: int | None = 0 if self._silence_on != today else None
        while after is not None and not self._stopped.is_set():
            with self._store.writing() as session:
                after = statuses_due(session, by, self._store.clock(), after)
        self._silence_on = today
        graded = True
        while graded and not self._stopped.is_set():
            with self._store.writing() as session:
                graded = grades_due(session, by, self._store.clock())

    def _look_through(self) -> bool:
        try:
            with self._store.writing() as session:
                return look_through(session, self._bench.look.current()) > 0
        except RuleFileError as error:
            log.warning("mails can't be looked through", error=str(error), action="mend the file")
            return False

    def _one_by_one(self) -> Sequence[int]:
        with looking(self._store.engine) as session:
            waiting = unjudged.waiting(session, PORTION)
        for customer in waiting:
            try:
                with self._store.writing() as session:
                    judge(session, [customer], self._bench.judge(), self._store.clock())
            except Exception:  # put off before it stops the others
                log.exception("judging failed", customer=customer, action="left until something changes there")
                with self._store.writing() as session:
                    unjudged.failed(session, customer, self._store.clock())
        return waiting

    def _try_again(self) -> None:
        """Once a day, and first of all: a newer version, or another day, may judge what failed."""
        today = self._store.clock().date()
        if self._tried_again_on != today:
            with self._store.writing() as session:
                unjudged.try_again(session)
            self._tried_again_on = today

    def _is_filling(self) -> bool:
        with looking(self._store.engine) as session:
            return bool(session.scalar(select(exists().where(Folder.watched, Folder.history_left > 0))))
