"""Has newsletter series draft their next issues when their day has come, for a person to review. It approves and sends nothing."""

from __future__ import annotations

import structlog
from sqlalchemy import select

from inboxcrm.followup.planning import PlanningRules
from inboxcrm.model import Newsletter
from inboxcrm.model.database import looking
from inboxcrm.newsletter.press import Press
from inboxcrm.newsletter.series import series_due
from inboxcrm.service.events import Topic
from inboxcrm.service.taking import Store
from inboxcrm.settings import Settings

log = structlog.get_logger(__name__)


class SeriesDrafting:
    """The work of one service; `round` is called by its clockwork, in one thread at a time."""

    def __init__(self, store: Store, rules: PlanningRules, settings: Settings) -> None:
        """Does nothing yet."""
        self._store, self._rules = store, rules
        self.employ(settings)

    def employ(self, settings: Settings) -> None:
        """Puts changed settings in force."""
        self._settings = settings

    def round(self) -> None:
        """Drafts an issue for each series whose day has come. One that can't be drafted says why in the service's log, and has its next
        try on its next day.
        """
        now = self._store.clock()
        with looking(self._store.engine) as session:
            waits = select(Newsletter.id).where(Newsletter.active, Newsletter.next_at <= now).limit(1)
            if session.scalar(waits) is None:
                return
        press = Press.of(self._settings, self._rules.planner().calendar)
        with self._store.writing() as session:
            drafted = series_due(session, press, now)
        for one in drafted:
            if one.issue_id is None:
                log.warning("a newsletter has no new issue", newsletter=one.name, why=one.why_not, action="next time")
            else:
                log.info("a newsletter's next issue waits for review", newsletter=one.name, issue=one.issue_id)
        if issues := [one.issue_id for one in drafted if one.issue_id is not None]:
            self._store.events.publish(Topic.NEWSLETTERS, {"issues": issues})
