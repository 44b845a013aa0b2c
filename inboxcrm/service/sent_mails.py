"""Mails of newsletters that went, or may have gone, and the Sent folder: it settles what is unclear, and gets what was sent.

Nothing is sent here.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from sqlalchemy.orm import Session

from inboxcrm.errors import InboxcrmError
from inboxcrm.followup.outbox import bare
from inboxcrm.i18n import _
from inboxcrm.mailbox.errors import FolderMissing, FolderUnclear, MailboxError
from inboxcrm.model import Recipient
from inboxcrm.model.database import looking
from inboxcrm.newsletter import outbox
from inboxcrm.newsletter.addressees import addressees
from inboxcrm.newsletter.composing import Composer
from inboxcrm.service.batch import Desk
from inboxcrm.service.sent_folder import SentFolder
from inboxcrm.service.taking import Store
from inboxcrm.settings import Settings

log = structlog.get_logger(__name__)

_ASK_AGAIN = timedelta(seconds=5)
_ASK_LONGEST = timedelta(minutes=15)
"""After so long without a Sent folder to ask, a person is asked."""
_UNKNOWN_AGAIN = timedelta(minutes=10)
_UNKNOWN_LONGEST = timedelta(days=2)
"""So long Sent is asked about mails of which nothing is known."""
_FILED_AT_ONCE = 20


class SentMails:
    """Of one account; it belongs to the thread of its mailbox. `settle` and `file` raise MailboxError."""

    def __init__(
        self,
        store: Store,
        desk: Desk,
        settings: Settings,
        sent: SentFolder,
        *,
        composer: Callable[[Session, int], Composer],
        stopped: Callable[[], bool],
        tell: Callable[[int], None],
    ) -> None:
        """Asks nothing yet. `composer`: of an issue, to make a mail once more; `tell`: that something has changed in an issue."""
        self._store, self._desk, self._sent = store, desk, sent
        self._rules, self._pacing = settings.sending, settings.newsletter
        self._composer, self._stopped, self._tell = composer, stopped, tell
        self._asked: dict[int, datetime] = {}

    def settle(self) -> None:
        """Asks Sent for the mails in sending, and now and then for those that nobody could tell before."""
        now = self._store.clock()
        with looking(self._store.engine) as session:
            waiting = outbox.unclear(session, self._desk.account_id)
            unknown = outbox.unknown(session, self._desk.account_id, now - _UNKNOWN_LONGEST)
        for one in waiting:
            if self._time_to_ask(one.id, _ASK_AGAIN):
                self._settle_one(one, now)
        for one in unknown:
            if self._time_to_ask(one.id, _UNKNOWN_AGAIN) and self._sent.holds(bare(one.message_id)):
                self._went(one, now)

    def _settle_one(self, one: Recipient, now: datetime) -> None:
        age = abs(now - (one.sending_at or now))  # a clock may be set back
        try:
            lies_there = self._sent.holds(bare(one.message_id))
        except (FolderMissing, FolderUnclear) as error:
            self._cannot_be_told(one, str(error))
            return
        except MailboxError as error:
            if age >= _ASK_LONGEST:
                words = _("The Sent folder can't be asked whether the mail went out: {reason}")
                self._cannot_be_told(one, words.format(reason=error))
            raise
        if lies_there:
            self._went(one, now)
        elif self._sent.saves() is False or age >= timedelta(seconds=self._rules.settle_seconds):
            words = _(
                "Whether this mail went out can't be told: it isn't in the Sent folder. It is not sent again by itself."
            )
            self._cannot_be_told(one, words)

    def _went(self, one: Recipient, now: datetime) -> None:
        with self._store.writing() as session:
            outbox.was_sent(session, one.id, now)
        log.info("a newsletter mail that was unclear lies in Sent", recipient=one.id)
        self._tell(one.issue_id)

    def _cannot_be_told(self, one: Recipient, words: str) -> None:
        with self._store.writing() as session:
            outbox.cannot_be_told(session, one.id, words)
        self._asked[one.id] = self._store.clock()
        log.warning(
            "whether a newsletter mail went out can't be told", recipient=one.id, action="a person has to decide"
        )
        self._tell(one.issue_id)

    def _time_to_ask(self, recipient_id: int, pause: timedelta) -> bool:
        now = self._store.clock()
        asked = self._asked.get(recipient_id)
        if asked is not None and asked <= now < asked + pause:
            return False
        self._asked[recipient_id] = now
        return True

    def file(self) -> bool:
        """Sees to it that sent mails lie in Sent, exactly once each; True while there is more to file. A server that isn't known is
        watched with the first mail.
        """
        if not self._pacing.file_in_sent:
            return False
        now = self._store.clock()
        with looking(self._store.engine) as session:
            rows = outbox.unfiled(session, self._desk.account_id, _FILED_AT_ONCE)
            if not rows:
                return False
            who = addressees(session, rows)
        saves = self._sent.saves()
        if saves is None:
            saves = self._find_out(rows[0], now)
        if saves is None:
            return False
        if saves:
            with self._store.writing() as session:
                outbox.note_filed(session, self._desk.account_id)
            return False
        for one in rows:
            if self._stopped():
                break
            try:
                with looking(self._store.engine) as session:
                    composer = self._composer(session, one.issue_id)
                at = one.sending_at or one.sent_at or now
                self._sent.file(bare(one.message_id), composer.compose(who[one.id], at), at)
            except MailboxError:
                raise
            except InboxcrmError as error:  # its contact is gone, for instance: it can't be made once more
                log.warning("a newsletter mail can't be filed", recipient=one.id, error=str(error))
            with self._store.writing() as session:
                outbox.note_filed(session, self._desk.account_id, one.id)
        return len(rows) == _FILED_AT_ONCE

    def _find_out(self, one: Recipient, now: datetime) -> bool | None:
        """Whether the server files by itself, from one mail; None while it may still do so."""
        if not self._time_to_ask(one.id, _ASK_AGAIN):
            return None
        saves = self._sent.holds(bare(one.message_id))
        if not saves and abs(now - (one.sent_at or now)) < timedelta(seconds=self._rules.settle_seconds):
            return None
        with self._store.writing() as session:
            self._sent.remember(session, saves=saves)
        return saves
