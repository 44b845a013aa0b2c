"""The Sent folder of one account, as those who send need it: does a mail lie there, and does the server put it there by itself?"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import structlog
from sqlalchemy.orm import Session

from inboxcrm import model
from inboxcrm.mailbox import providers, sent
from inboxcrm.model import FolderRole
from inboxcrm.model.database import looking
from inboxcrm.service.batch import Desk
from inboxcrm.service.lines import Lines
from inboxcrm.service.taking import Store

log = structlog.get_logger(__name__)


class SentFolder:
    """It belongs to the thread of its `lines`. Every method raises MailboxError when the mailbox can't be asked."""

    def __init__(self, store: Store, desk: Desk, lines: Lines, home: Path) -> None:
        """Asks nothing yet."""
        self._store, self._desk, self._lines, self._home = store, desk, lines, home

    def holds(self, message_id: str) -> bool:
        """Whether a mail with this Message-ID (without brackets) lies there."""
        found = sent.lies_in(self._lines.mailbox(), self._lines.folder(FolderRole.SENT), message_id)
        self._lines.worked()
        return found

    def latest_ids(self, most: int) -> set[str]:
        """The Message-IDs, without brackets, of the newest mails there."""
        mailbox = self._lines.mailbox()
        mailbox.examine(self._lines.folder(FolderRole.SENT))
        found = sent.ids_of(mailbox, mailbox.latest(most))
        self._lines.worked()
        return found

    def file(self, message_id: str, data: bytes, at: datetime) -> None:
        """Puts a mail there, unless it lies there already."""
        sent.file(self._lines.mailbox(), self._lines.folder(FolderRole.SENT), message_id, data, at)
        self._lines.worked()

    def saves(self) -> bool | None:
        """Whether the server files by itself what goes through it: as set, as known of the provider, as found out; None: not known."""
        account = self._desk.account
        if account.saves_sent_mail is not None:
            return account.saves_sent_mail
        provider = providers.load(self._home).of_account(account)
        if provider is not None and provider.saves_sent_mail is not None:
            return provider.saves_sent_mail
        with looking(self._store.engine) as session:
            return session.get_one(model.Account, self._desk.account_id).saves_sent_mail

    def remember(self, session: Session, *, saves: bool) -> None:
        """It has been found out."""
        session.get_one(model.Account, self._desk.account_id).saves_sent_mail = saves
        log.info("how sent mail gets into Sent is known now", account=self._desk.account.address, by_server=saves)
