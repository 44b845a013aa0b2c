"""The two connections that an account's outgoing mail needs, each opened when it is needed and used again: to the server that sends,
and to the mailbox for its Drafts and Sent folders.

A server that fails is left alone for a while, longer each time; one that refuses the password until a person has done something:
accounts get locked otherwise.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from random import Random
from typing import Generic, Protocol, TypeVar

from inboxcrm.i18n import _
from inboxcrm.mailbox.backoff import delay
from inboxcrm.mailbox.errors import FolderMissing, FolderUnclear, MailboxError
from inboxcrm.mailbox.filing import FilingMailbox
from inboxcrm.mailbox.folders import the_one
from inboxcrm.mailbox.submission import Submission
from inboxcrm.model import FolderRole
from inboxcrm.settings import Account, Settings

_IDLE_SECONDS = 60.0
"""How long a connection that nobody uses is kept; before it is used again after a while, the server is asked whether it listens."""
_FRESH_SECONDS = 5.0


class _Connection(Protocol):
    def close(self) -> None: ...


_C = TypeVar("_C", bound=_Connection)


@dataclass(slots=True)
class _Line(Generic[_C]):
    """One connection, or why there is none."""

    open: Callable[[], _C]
    listens: Callable[[_C], bool]
    connection: _C | None = None
    used_at: float = 0.0
    error: MailboxError | None = None
    again_at: float = 0.0
    failures: int = 0

    def get(self, rng: Random) -> _C:
        now = time.monotonic()
        if self.connection is not None and now - self.used_at > _FRESH_SECONDS and not self.listens(self.connection):
            self.drop()
        if self.connection is None:
            if self.error is not None and (self.error.permanent or now < self.again_at):
                raise self.error
            try:
                self.connection = self.open()
            except MailboxError as error:
                self.failed(error, rng)
                raise
            self.error = None
        self.used_at = time.monotonic()
        return self.connection

    def failed(self, error: MailboxError, rng: Random) -> None:
        self.failures += 1
        self.error, self.again_at = error, time.monotonic() + delay(self.failures, rng)
        self.drop()

    def drop(self) -> None:
        if self.connection is not None:
            self.connection.close()
            self.connection = None


class Lines:
    """One account's connections. They belong to one thread; `again` may be called from any."""

    def __init__(
        self,
        account: Account,
        folder_names: Mapping[FolderRole, Iterable[str]],
        settings: Settings,
        password: Callable[[Account], str],
    ) -> None:
        """Opens nothing yet. `password` reads the account's password or raises MailboxError."""
        timeout, answer = settings.sync.timeout_seconds, settings.sending.answer_seconds
        self._account, self._names = account, folder_names
        self._rng = Random()  # noqa: S311  it spreads waiting times
        self._folders: dict[FolderRole, str] = {}
        self._mailbox = _Line(lambda: FilingMailbox.open(account, password(account), timeout=timeout), _mailbox_listens)
        self._submission = _Line(
            lambda: Submission.open(account, password(account), timeout=timeout, answer_timeout=answer),
            Submission.still_listens,
        )

    def mailbox(self) -> FilingMailbox:
        """The connection to the mailbox. Raises MailboxError, the last one while it is too early to try again."""
        return self._mailbox.get(self._rng)

    def submission(self) -> Submission:
        """The connection to the outgoing server. Raises MailboxError as `mailbox` does."""
        line = self._submission
        if line.connection is not None and not line.connection.is_usable:
            line.drop()
        return line.get(self._rng)

    def worked(self) -> None:
        """What was to be done over the mailbox has been done."""
        self._mailbox.failures = 0

    def sent(self) -> None:
        """The outgoing server has answered."""
        self._submission.failures = 0

    def broke(self, error: MailboxError) -> None:
        """The mailbox failed: its connection is left alone for a while, unless only a folder is missing."""
        self._folders = {}
        if self._mailbox.connection is not None and not isinstance(error, FolderMissing | FolderUnclear):
            self._mailbox.failed(error, self._rng)

    def submission_broke(self, error: MailboxError) -> None:
        """The connection to the outgoing server broke."""
        self._submission.failed(error, self._rng)

    def folder(self, role: FolderRole) -> str:
        """The name of the Sent or Drafts folder. Raises FolderMissing or FolderUnclear when it can't be told which one it is."""
        if role not in self._folders:
            mailbox = self.mailbox()
            if role is FolderRole.DRAFTS and self._account.drafts_folder:
                self._folders[role] = self._account.drafts_folder
                return self._account.drafts_folder
            found = the_one(mailbox.folders(self._names), role)
            if found is None:
                raise FolderMissing(_MISSING[role]())
            self._folders[role] = found.name
        return self._folders[role]

    def again(self) -> None:
        """A person asks to try again what was given up."""
        for line in (self._mailbox, self._submission):
            line.error, line.again_at, line.failures = None, 0.0, 0

    def rest(self) -> None:
        """Closes what has not been used for a while."""
        for line in (self._mailbox, self._submission):
            if line.connection is not None and time.monotonic() - line.used_at > _IDLE_SECONDS:
                line.drop()

    def close(self) -> None:
        """Closes both connections; never raises."""
        self._mailbox.drop()
        self._submission.drop()


_MISSING = {
    FolderRole.SENT: lambda: _("No Sent folder was found; name it as 'sent_folder' in the settings."),
    FolderRole.DRAFTS: lambda: _("No Drafts folder was found; name it as 'drafts_folder' in the settings."),
}


def _mailbox_listens(mailbox: FilingMailbox) -> bool:
    try:
        mailbox.noop()
    except MailboxError:
        mailbox.abandon()
        return False
    return True
