"""The clockwork: what happens because time has passed. Each job says how often it runs; none does the work itself for long."""

from __future__ import annotations

from typing import Any

import structlog
from apscheduler.schedulers.background import BackgroundScheduler  # type: ignore[import-untyped]  # it has no py.typed
from sqlalchemy import Engine

from inboxcrm.mailbox.errors import ProvidersInvalid
from inboxcrm.service.approval import Approval
from inboxcrm.service.crew import Crew
from inboxcrm.service.digest import DigestSending
from inboxcrm.service.drafting import Drafting
from inboxcrm.service.events import Topic
from inboxcrm.service.judgement import Judgement
from inboxcrm.service.planning import Planning
from inboxcrm.service.series import SeriesDrafting
from inboxcrm.service.taking import Store
from inboxcrm.settings import FILE_NAME, Settings, SettingsError, load

log = structlog.get_logger(__name__)

_SETTINGS_SECONDS = 2
_TEXTS_SECONDS = 2
_JUDGE_SECONDS = 2
_PLAN_SECONDS = 2
_DRAFT_SECONDS = 2
_APPROVE_SECONDS = 5
_DIGEST_SECONDS = 30
_SERIES_SECONDS = 60
_NIGHT_SECONDS = 600
"""How often it is looked whether a day has begun."""
_TIDY_SECONDS = 6 * 3600


class Schedule:
    """The jobs, from `start` to `stop`.

    - poll: has mailboxes looked into that nobody watches (`sync.poll_seconds`, jittered).
    - texts: has texts fetched that somebody's click, here or in another process, made wanted.
    - settings: reads the settings file when it has changed; a broken edit keeps the last good version in force and is told.
    - judge: judges customers of whom more is known than was judged, apart from new mail, which is judged at once.
    - plan: brings plans up to date of which something has changed.
    - draft: writes the drafts of follow-ups whose time comes near.
    - approve: approves drafts by the rules of the cadence; there are none by default.
    - digest: sends the person the digest of a working day, where it is switched on.
    - series: has newsletter series draft the issues whose day has come, for review.
    - night: once a day, what silence says of customers, and the plans of all.
    - tidy: lets SQLite put its files in order.
    """

    def __init__(
        self,
        crew: Crew,
        store: Store,
        settings: Settings,
        *,
        judgement: Judgement,
        planning: Planning,
        drafting: Drafting,
        approval: Approval,
        digest: DigestSending,
        series: SeriesDrafting,
    ) -> None:
        self._crew = crew
        self._judgement = judgement
        self._planning = planning
        self._drafting = drafting
        self._approval = approval
        self._digest = digest
        self._series = series
        self._store = store
        self._settings = settings
        self._file = settings.home / FILE_NAME
        self._read_at = self._changed_at()
        self._clockwork = BackgroundScheduler(
            timezone="UTC", job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        )

    def start(self) -> None:
        """Starts the clockwork."""
        self._add("poll", self._crew.poll, self._settings.sync.poll_seconds)
        self._add("texts", self._crew.fetch_wanted_texts, _TEXTS_SECONDS)
        self._add("settings", self.read_settings, _SETTINGS_SECONDS)
        self._add("judge", self._judgement.round, _JUDGE_SECONDS)
        self._add("plan", self._planning.round, _PLAN_SECONDS)
        self._add("draft", self._drafting.round, _DRAFT_SECONDS)
        self._add("approve", self._approval.round, _APPROVE_SECONDS)
        self._add("digest", self._digest.round, _DIGEST_SECONDS)
        self._add("series", self._series.round, _SERIES_SECONDS)
        self._add("night", self._judgement.night, _NIGHT_SECONDS)
        self._add("plans", self._planning.night, _NIGHT_SECONDS)
        self._add("tidy", self.tidy, _TIDY_SECONDS)
        self._clockwork.start()

    def stop(self) -> None:
        """Ends it; a job that runs is not waited for."""
        self._judgement.stop()
        self._planning.stop()
        self._drafting.stop()
        self._digest.stop()
        self._clockwork.shutdown(wait=False)

    def read_settings(self) -> None:
        """Puts changed settings in force. The file is looked at by its date: editors replace it, its folder changes all the time."""
        self._crew.look_for_new_secrets()
        changed_at = self._changed_at()
        if changed_at == self._read_at:
            return
        self._read_at = changed_at
        try:
            settings = load(self._settings.home)
            self._crew.employ(settings)
            self._drafting.employ(settings)
            self._approval.employ(settings)
            self._digest.employ(settings)
            self._series.employ(settings)
        except (SettingsError, ProvidersInvalid) as error:
            log.warning("the settings can't be used", error=str(error), action="the last good ones stay in force")
            self._store.events.publish(Topic.SETTINGS, {"error": str(error)})
            return
        log.info("the settings have changed", action="they are in force")
        if (settings.database, settings.web) != (self._settings.database, self._settings.web):
            log.warning("database or pages are set anew", action="start the service again for that")
        if settings.sync.poll_seconds != self._settings.sync.poll_seconds:
            self._add("poll", self._crew.poll, settings.sync.poll_seconds)
        self._settings = settings
        self._store.events.publish(Topic.SETTINGS, {"error": ""})

    def tidy(self) -> None:
        """Lets SQLite refresh its statistics and empty its write-ahead log."""
        tidy(self._store.engine)

    def _add(self, name: str, job: Any, seconds: int) -> None:
        jitter = seconds / 10 if seconds >= 10 else None
        self._clockwork.add_job(job, "interval", seconds=seconds, jitter=jitter, id=name, replace_existing=True)

    def _changed_at(self) -> tuple[int, int]:
        try:
            found = self._file.stat()
        except FileNotFoundError:
            return (0, 0)
        return (found.st_mtime_ns, found.st_ino)


def tidy(engine: Engine) -> None:
    """See `Schedule.tidy`."""
    if engine.dialect.name != "sqlite":
        return
    with engine.connect() as connection:
        for pragma in ("optimize", "wal_checkpoint(TRUNCATE)"):
            connection.exec_driver_sql(f"PRAGMA {pragma}")
