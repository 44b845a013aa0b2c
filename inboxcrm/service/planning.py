"""Plans whoever waits for it: one short transaction, then ask again; and everybody once a day, for what only time has changed.

While the history of a mailbox is being filled nothing is planned: who knows half of a correspondence writes nonsense.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from datetime import date, timedelta

import structlog
from sqlalchemy import exists, select

from inboxcrm.followup import unplanned
from inboxcrm.followup.planning import NIGHTLY, PORTION, PlanningRules, plan_customers, plan_due, plan_waiting
from inboxcrm.followup.queries import best_first
from inboxcrm.journal import unjudged
from inboxcrm.matching.lookup import chunks
from inboxcrm.matching.turn import wait_turn
from inboxcrm.model import Account, AccountState, Folder
from inboxcrm.model.database import looking
from inboxcrm.service.events import Topic
from inboxcrm.service.taking import Store

log = structlog.get_logger(__name__)

_ROUND = 1.0
"""Seconds of one round."""


class Planning:
    """The work of one service; `round` and `night` are called by its clockwork, each in one thread at a time."""

    def __init__(self, store: Store, rules: PlanningRules) -> None:
        """Does nothing yet."""
        self._store = store
        self._rules = rules
        self._planned_on: date | None = None
        self._stopped = threading.Event()

    @property
    def drafted_ahead(self) -> timedelta:
        """How long before it is due a draft is written."""
        return timedelta(hours=self._rules.planner().cadence.drafted_ahead_hours)

    def stop(self) -> None:
        """Ends what runs, soon, between two units of work."""
        self._stopped.set()

    def round(self) -> None:
        """Plans for a moment."""
        started = time.monotonic()
        while time.monotonic() - started < _ROUND and not self._stopped.is_set() and self.step():
            pass

    def step(self) -> bool:
        """One unit of work; True while there may be more."""
        with looking(self._store.engine) as session:
            waits = bool(unplanned.waiting(session, 1))
        if not waits or self._is_filling():
            return False
        planner = self._rules.planner()
        try:
            with self._store.writing() as session:
                done = plan_waiting(session, planner, self._store.clock())
        except Exception:  # one customer must not keep the others waiting; which one is found out
            log.exception("planning failed", action="one by one")
            done = self._one_by_one()
        if done:
            self._store.events.publish(Topic.JUDGED, {"customers": sorted(done)})
        return bool(done)

    def night(self) -> None:
        """Everybody, once a day (UTC), the best customers first, so that they get the places of the day. It waits until what came in is
        judged. Breaking off in the middle costs nothing: it begins anew with the next start.
        """
        today = self._store.clock().date()
        if self._planned_on == today or self._is_filling():
            return
        with looking(self._store.engine) as session:
            if unjudged.waiting(session, 1):
                return
            everybody = best_first(session)
        for some in chunks(everybody, NIGHTLY):
            if self._stopped.is_set():
                return
            self._plan(some)
        self._planned_on = today

    def _plan(self, customers: Sequence[int]) -> None:
        """These customers in one transaction; one by one when that fails, so that one bad file keeps nobody from being planned."""
        planner, now = self._rules.planner(), self._store.clock()
        try:
            with self._store.writing() as session:
                plan_due(session, customers, planner, now)
        except Exception:
            log.exception("planning failed", action="one by one")
            self._each(customers, places=True)

    def _one_by_one(self) -> Sequence[int]:
        with looking(self._store.engine) as session:
            waiting = unplanned.waiting(session, PORTION)
        self._each(waiting, places=False)
        return waiting

    def _each(self, customers: Sequence[int], *, places: bool) -> None:
        for customer in customers:
            try:
                with self._store.writing() as session:
                    wait_turn(session)
                    plan_customers(session, [customer], self._rules.planner(), self._store.clock(), places=places)
            except Exception:  # put off before it stops the others
                log.exception("planning failed", customer=customer, action="left until something changes there")
                with self._store.writing() as session:
                    unplanned.planned(session, [customer])

    def _is_filling(self) -> bool:
        with looking(self._store.engine) as session:
            return bool(
                session.scalar(
                    select(
                        exists().where(
                            Folder.watched,
                            Folder.history_left > 0,
                            Account.id == Folder.account_id,
                            Account.state == AccountState.OK,
                        )
                    )
                )
            )
