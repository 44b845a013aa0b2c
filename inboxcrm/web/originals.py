"""The mail itself, as it lies on the server: fetched when somebody wants to see it, kept for a few minutes in memory only.

Nothing of it is stored. It is asked for from each place where the mail lies, until one still has it.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from inboxcrm.errors import InboxcrmError
from inboxcrm.i18n import _
from inboxcrm.mailbox.connection import Mailbox
from inboxcrm.mailbox.errors import FolderMissing
from inboxcrm.mailbox.secrets import read_password
from inboxcrm.model import Account, Folder, Location
from inboxcrm.reading.addresses import normal
from inboxcrm.settings import Account as AccountSettings
from inboxcrm.web.current import CurrentAccounts

LARGEST = 20_000_000
"""Bytes of one mail that are fetched; what lies behind is left out."""
_KEPT_BYTES = 40_000_000


class OriginalGoneError(InboxcrmError):
    """The mail can't be shown: it is no longer on the server, or its account is no longer in the settings."""


@dataclass(frozen=True, slots=True)
class Spot:
    """One place where a mail lies."""

    account: str
    folder: str
    uidvalidity: int
    uid: int


Fetch = Callable[[AccountSettings, Spot], bytes | None]
"""Gets the mail at a spot of an account; None when it isn't there any more. Raises MailboxError."""


class Originals:
    """Fetches mails by `fetch` and remembers the last few, so that a second look costs no second log-in."""

    def __init__(self, accounts: CurrentAccounts, fetch: Fetch) -> None:
        self._accounts = accounts
        self._fetch = fetch
        self._lock = threading.Lock()
        self._kept: OrderedDict[int, bytes] = OrderedDict()

    def get(self, session: Session, message_id: int) -> bytes:
        """The bytes of a message, at most `LARGEST`. Raises OriginalGoneError or MailboxError."""
        with self._lock:
            if message_id in self._kept:
                self._kept.move_to_end(message_id)
                return self._kept[message_id]
        accounts = {normal(account.address): account for account in self._accounts.all()}
        for spot in _spots(session, message_id):
            account = accounts.get(spot.account)
            raw = self._fetch(account, spot) if account is not None else None
            if raw is not None:
                self._keep(message_id, raw)
                return raw
        raise OriginalGoneError(
            _(
                "The mail is no longer on the server, or its account is no longer in the settings. The log keeps its text."
            )
        )

    def _keep(self, message_id: int, raw: bytes) -> None:
        with self._lock:
            self._kept[message_id] = raw
            while len(self._kept) > 1 and sum(map(len, self._kept.values())) > _KEPT_BYTES:
                self._kept.popitem(last=False)


def _spots(session: Session, message_id: int) -> list[Spot]:
    rows = session.execute(
        select(Account.address, Folder.name, Location.uidvalidity, Location.uid)
        .join(Folder, Folder.id == Location.folder_id)
        .join(Account, Account.id == Folder.account_id)
        .where(Location.message_id == message_id, Location.uidvalidity == Folder.uidvalidity)
        .order_by(Location.id.desc())
        .limit(5)
    )
    return [Spot(row.address, row.name, row.uidvalidity, row.uid) for row in rows]


def from_server(home: Path, timeout: float) -> Fetch:
    """Fetches from the accounts' servers, a connection each; `timeout` in seconds."""

    def fetch(account: AccountSettings, spot: Spot) -> bytes | None:
        password = read_password(account, home)
        with Mailbox.open(account, password, timeout=timeout) as mailbox:
            try:
                state = mailbox.examine(spot.folder)
            except FolderMissing:
                return None
            return mailbox.whole(spot.uid, LARGEST) if state.uidvalidity == spot.uidvalidity else None

    return fetch
