"""Sends the daily digest to the person's own mailbox: on working days, from the chosen hour on, once.

The row of the day is written before the server is spoken to. When its answer was lost, or the process died, the mailbox is asked for
the Message-ID, which is the same all day, before anything is sent again.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from inboxcrm import model
from inboxcrm.errors import InboxcrmError
from inboxcrm.followup.composing import Letter, Person, compose
from inboxcrm.followup.digest import digest_of, message_id, written
from inboxcrm.followup.planning import PlanningRules
from inboxcrm.mailbox import sent
from inboxcrm.mailbox.errors import MailboxError
from inboxcrm.mailbox.filing import FilingMailbox
from inboxcrm.mailbox.secrets import read_password
from inboxcrm.mailbox.submission import Refused, Submission, Unsure
from inboxcrm.model import DigestMail, DigestState
from inboxcrm.model.database import looking
from inboxcrm.reading.addresses import normal
from inboxcrm.service.taking import Store
from inboxcrm.settings import Account, Settings

log = structlog.get_logger(__name__)

_TOO_LATE = 12
"""So many hours after its hour a morning's digest is of no use."""
_AGAIN = timedelta(minutes=10)
"""How soon it is tried again, and how long a server may take to deliver before the mailbox is believed not to have it."""
_ATTEMPTS = 5


class DigestSending:
    """The work of one service; `round` is called by its clockwork, in one thread at a time."""

    def __init__(
        self,
        store: Store,
        rules: PlanningRules,
        settings: Settings,
        password: Callable[[Account, Path], str] = read_password,
    ) -> None:
        """Does nothing yet."""
        self._store, self._rules, self._password = store, rules, password
        self._stopped = threading.Event()
        self.employ(settings)

    def employ(self, settings: Settings) -> None:
        """Puts changed settings in force."""
        self._settings = settings

    def stop(self) -> None:
        """Nothing more is sent."""
        self._stopped.set()

    def round(self) -> None:
        """1. Is one due, and not sent today? 2. Claim the day. 3. Write it and send it. 4. Say what became of it."""
        account = self._account()
        if account is None or not self._settings.digest.enabled or self._stopped.is_set():
            return
        now = self._store.clock()
        day = self._due_on(now)
        if day is None:
            return
        with looking(self._store.engine) as session:
            known = self._row(session, account, day)
        if known is not None and not self._is_to_be_tried(known, account, now):
            return
        try:
            mail = self._mail(account, day, now)
        except InboxcrmError as error:
            log.warning("the digest can't be written", error=str(error))
            return
        if self._claim(account, day, known, now):
            self._send(account, day, mail)

    def _account(self) -> Account | None:
        wanted = normal(self._settings.digest.account)
        accounts = self._settings.accounts
        return next((one for one in accounts if not wanted or normal(one.address) == wanted), None)

    def _due_on(self, now: datetime) -> date | None:
        """The day whose digest may be sent now."""
        calendar = self._rules.planner().calendar
        local = now.astimezone(calendar.home.zone)
        hour = self._settings.digest.hour
        if not hour <= local.hour < hour + _TOO_LATE or not calendar.sends(local.date(), calendar.home):
            return None
        return local.date()

    def _row(self, session: Session, account: Account, day: date) -> DigestMail | None:
        return session.scalars(
            select(DigestMail)
            .join(model.Account, model.Account.id == DigestMail.account_id)
            .where(model.Account.address == normal(account.address), DigestMail.day == day)
        ).first()

    def _is_to_be_tried(self, row: DigestMail, account: Account, now: datetime) -> bool:
        """Whether the digest of a day that has a row is to be sent (again): put off before, or surely not delivered."""
        if row.state in (DigestState.SENT, DigestState.FAILED) or now - row.at < _AGAIN:
            return False
        if row.state is DigestState.WAITING:
            return True
        try:
            with FilingMailbox.open(account, self._password(account, self._settings.home), timeout=30) as mailbox:
                if not sent.lies_in(mailbox, "INBOX", row.message_id):
                    return True
        except MailboxError as error:
            log.info("whether the digest arrived can't be told yet", error=str(error))
            return False
        self._note(account, row.day, DigestState.SENT)
        return False

    def _claim(self, account: Account, day: date, known: DigestMail | None, now: datetime) -> bool:
        """Writes that it is on its way; False when somebody else was quicker."""
        with self._store.writing() as session:
            row = self._row(session, account, day)
            if (row is None) != (known is None) or (row is not None and known is not None and row.at != known.at):
                return False
            if row is None:
                owner = session.scalars(
                    select(model.Account.id).where(model.Account.address == normal(account.address))
                ).first()
                if owner is None:
                    return False
                row = DigestMail(account_id=owner, day=day, message_id=message_id(account.address, day), attempts=0)
                session.add(row)
            row.state, row.at, row.attempts, row.error = DigestState.SENDING, now, (row.attempts or 0) + 1, ""
        return True

    def _mail(self, account: Account, day: date, now: datetime) -> bytes:
        language = self._settings.person.language
        with looking(self._store.engine) as session:
            facts = digest_of(session, self._rules.planner(), account.name, language, now)
        subject, body = written(facts, self._settings.home, language)
        me = Person(account.name, account.address)
        letter = Letter(message_id(account.address, day), now, me, (me,), subject, body, language=language)
        return b"Auto-Submitted: auto-generated\r\n" + compose(letter).data

    def _send(self, account: Account, day: date, mail: bytes) -> None:
        try:
            password = self._password(account, self._settings.home)
            with Submission.open(account, password, timeout=self._settings.sync.timeout_seconds) as submission:
                submission.send(account.address, [account.address], mail)
        except Unsure as error:
            log.info("whether the digest went out can't be told", error=str(error), action="the mailbox is asked")
            return
        except Refused as error:
            state = DigestState.FAILED if error.permanent else DigestState.WAITING
            self._note(account, day, state, str(error))
            return
        except MailboxError as error:
            self._note(account, day, DigestState.WAITING, str(error))
            return
        self._note(account, day, DigestState.SENT)

    def _note(self, account: Account, day: date, state: DigestState, error: str = "") -> None:
        with self._store.writing() as session:
            row = self._row(session, account, day)
            if row is None:
                return
            if state is DigestState.WAITING and row.attempts >= _ATTEMPTS:
                state = DigestState.FAILED
            row.state, row.at, row.error = state, self._store.clock(), error
        if error:
            log.warning("the digest was not sent", error=error, state=state.value)
