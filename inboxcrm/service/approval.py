"""Lets the rules of the cadence approve drafts, where a person has switched that on. Without rules it does nothing at all."""

from __future__ import annotations

from datetime import timedelta

import structlog

from inboxcrm.followup import approving
from inboxcrm.followup.planning import PlanningRules
from inboxcrm.model.database import looking
from inboxcrm.service.events import Topic
from inboxcrm.service.taking import Store
from inboxcrm.settings import Settings

log = structlog.get_logger(__name__)


class Approval:
    """The work of one service; `round` is called by its clockwork, in one thread at a time."""

    def __init__(self, store: Store, rules: PlanningRules, settings: Settings) -> None:
        """Does nothing yet."""
        self._store, self._rules = store, rules
        self.employ(settings)

    def employ(self, settings: Settings) -> None:
        """Puts changed settings in force."""
        self._delay = timedelta(seconds=settings.sending.undo_seconds)

    def round(self) -> None:
        """Approves what the rules allow now."""
        planner = self._rules.planner()
        if not planner.cadence.approve:
            return
        with looking(self._store.engine) as session:
            if not approving.waiting(session, planner, self._store.clock()):
                return
        with self._store.writing() as session:
            approved = approving.auto_approve(session, planner, self._store.clock(), self._delay)
        if approved:
            log.info("drafts were approved by rule", drafts=approved, action="shown on the Today page")
            self._store.events.publish(Topic.DRAFTS, {"drafts": approved})
