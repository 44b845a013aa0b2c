"""Writes the drafts of follow-ups whose time comes near, and has them polished where a writer is switched on.

Each round is a short transaction; the writer is asked between two of them. A follow-up whose drafting fails is put off, and says why,
before the others go on.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from datetime import timedelta

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from inboxcrm import model
from inboxcrm.followup import drafting, polishing
from inboxcrm.followup.drafting import Workshop
from inboxcrm.followup.polishing import Order
from inboxcrm.followup.templates import Templates
from inboxcrm.followup.writer import Writer, writer_of
from inboxcrm.i18n import _
from inboxcrm.model import Draft, FollowUp
from inboxcrm.model.database import looking
from inboxcrm.reading.addresses import normal
from inboxcrm.sections import Writer as WriterSettings
from inboxcrm.service.events import Topic
from inboxcrm.service.taking import Store
from inboxcrm.settings import Settings

log = structlog.get_logger(__name__)

_PORTION = 20
"""Drafts that are written in one transaction."""


class Drafting:
    """The work of one service; `round` is called by its clockwork, in one thread at a time."""

    def __init__(
        self,
        store: Store,
        settings: Settings,
        drafted_ahead: Callable[[], timedelta],
        writer: Callable[[WriterSettings], Writer | None] = lambda configured: writer_of(configured, os.environ),
    ) -> None:
        """Does nothing yet. `drafted_ahead`: how long before it is due a draft is written, asked anew each round; `writer`: makes the
        one that the settings ask for.
        """
        self._store = store
        self._writer_of = writer
        self._ahead = drafted_ahead
        self._templates = Templates(settings.home)
        self._stopped = threading.Event()
        self.employ(settings)

    def employ(self, settings: Settings) -> None:
        """Puts changed settings in force."""
        self._settings = settings
        self._writer = self._writer_of(settings.writer)

    def stop(self) -> None:
        """Ends what runs, soon, between two drafts."""
        self._stopped.set()

    def round(self) -> None:
        """Writes what is due now, until nothing is."""
        while not self._stopped.is_set() and self.step():
            pass

    def step(self) -> bool:
        """Writes some drafts; True while there may be more: 1. look whether any is due; 2. write them; 3. have them polished."""
        workshop = Workshop(self._settings, self._templates, self._ahead())
        with looking(self._store.engine) as session:
            waiting = drafting.due(session, workshop, self._store.clock(), _PORTION)
        if not waiting:
            return False
        try:
            with self._store.writing() as session:
                made = drafting.draft_due(session, workshop, self._store.clock(), _PORTION)
                numbers, orders = [one.id for one in made], self._orders(session, made)
        except Exception:  # one follow-up must not keep the others waiting; which one is found out
            log.exception("drafting failed", action="one by one")
            numbers, orders = self._one_by_one(workshop, waiting)
        self._tell(numbers)
        for order in orders:
            if self._stopped.is_set():
                return False
            self._polish(order)
        return True

    def _one_by_one(self, workshop: Workshop, waiting: Sequence[int]) -> tuple[list[int], list[Order]]:
        numbers: list[int] = []
        orders: list[Order] = []
        for number in waiting:
            try:
                with self._store.writing() as session:
                    follow_up = session.get_one(FollowUp, number)
                    made = drafting.draft_for(session, follow_up, workshop, self._store.clock())
                    numbers.append(made.id)
                    orders += self._orders(session, [made])
            except Exception as error:  # put off before it stops the others
                log.exception("drafting failed", follow_up=number, action="shown on the follow-up; tried again later")
                with self._store.writing() as session:
                    why = _("The draft can't be written ({reason}).").format(reason=error)
                    drafting.note_problem(session.get_one(FollowUp, number), why, self._store.clock())
        return numbers, orders

    def _orders(self, session: Session, made: Sequence[Draft]) -> list[Order]:
        """What the writer is to do; nothing without one."""
        if self._writer is None or not made:
            return []
        accounts = {normal(one.address): one for one in self._settings.accounts}
        rows = session.execute(select(model.Account.id, model.Account.address))
        below = {row.id: drafting.signature_below(accounts[row.address]) for row in rows if row.address in accounts}
        found = (polishing.order_of(one, below.get(one.account_id, "")) for one in made)
        return [one for one in found if one is not None]

    def _polish(self, order: Order) -> None:
        if self._writer is None:
            return
        result = polishing.carry_out(order, self._writer)
        if result.why:
            log.warning("a draft wasn't polished", draft=order.draft_id, why=result.why, action="it stays as it was")
        with self._store.writing() as session:
            taken = polishing.put_in(session, result, self._store.clock())
        if taken:
            self._tell([order.draft_id])

    def _tell(self, drafts: Sequence[int]) -> None:
        if drafts:
            self._store.events.publish(Topic.DRAFTS, {"drafts": list(drafts)})
