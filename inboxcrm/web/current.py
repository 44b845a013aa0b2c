"""The accounts as the settings file has them now: it may be edited while the pages are open.

A file that can't be used leaves the last good accounts in force, and its error is kept for the health page. Port, language
and time zone are those of the start.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence

from inboxcrm.reading.addresses import normal
from inboxcrm.settings import FILE_NAME, Account, Settings, SettingsError, load


class CurrentAccounts:
    """Reads the settings file again when it has changed since the last look."""

    def __init__(self, settings: Settings) -> None:
        self._home = settings.home
        self._lock = threading.Lock()
        self._accounts: tuple[Account, ...] = settings.accounts
        self._problem = ""
        self._seen = self._stamp()

    def all(self) -> tuple[Account, ...]:
        """The accounts in force, in the order of the file."""
        self._look()
        return self._accounts

    def addresses(self) -> Sequence[str]:
        """Their addresses in comparison form."""
        return [normal(account.address) for account in self.all()]

    def problem(self) -> str:
        """Why the file, as it is now, can't be used; "" when it can."""
        self._look()
        return self._problem

    def _look(self) -> None:
        with self._lock:
            stamp = self._stamp()
            if stamp == self._seen:
                return
            self._seen = stamp
            try:
                self._accounts, self._problem = load(self._home).accounts, ""
            except SettingsError as error:
                self._problem = str(error)

    def _stamp(self) -> tuple[int, int] | None:
        try:
            found = (self._home / FILE_NAME).stat()
        except FileNotFoundError:
            return None
        return found.st_mtime_ns, found.st_size
