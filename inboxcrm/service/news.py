"""What an account's worker has been told and not yet looked into: told often, looked into once."""

from __future__ import annotations

import threading
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class News:
    """What to look into: `folders` with new mail; `texts` that log entries wait for; `everything`, with the list of folders itself.
    `again`: a person asks to try a stopped account once more. `log_in`: the server has refused another connection of this account, so
    it is to be found out whether it still lets us in.
    """

    folders: frozenset[str] = frozenset()
    texts: bool = False
    everything: bool = False
    again: bool = False
    log_in: bool = False

    def __bool__(self) -> bool:
        return self != News()

    def __or__(self, other: News) -> News:
        return News(
            self.folders | other.folders,
            self.texts or other.texts,
            self.everything or other.everything,
            self.again or other.again,
            self.log_in or other.log_in,
        )


class Inbox:
    """Where news for one worker is left. All methods may be called from any thread."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._news = News()
        self._closed = False

    def tell(self, news: News) -> None:
        """Leaves news here."""
        with self._changed:
            self._news |= news
            self._changed.notify_all()

    def close(self) -> None:
        """Releases whoever waits, now and later."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    @property
    def waiting(self) -> bool:
        """Whether there is news, or the end."""
        with self._changed:
            return self._closed or bool(self._news)

    @property
    def closed(self) -> bool:
        """Whether this is the end."""
        return self._closed

    def take(self, timeout: float | None) -> News:
        """The news since the last call; waits for some up to `timeout` seconds (None: as long as it takes)."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._news, timeout)
            news, self._news = self._news, News()
            return news
