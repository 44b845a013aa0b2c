"""How fast mails may leave: so many a minute from an account, and so many a minute to one domain, whoever sends them. Pure: it is told
the time and waits for nobody.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Collection
from datetime import datetime, timedelta

_SPAN = timedelta(minutes=1)


class Throttle:
    """One for all senders of a service; all methods may be called from any thread."""

    def __init__(self, account_per_minute: int, domain_per_minute: int) -> None:
        self._account_limit, self._domain_limit = account_per_minute, domain_per_minute
        self._gone: dict[tuple[str, str], deque[datetime]] = {}
        self._lock = threading.Lock()

    def free_at(self, account: str, domains: Collection[str], now: datetime) -> datetime:
        """When the next mail from this account to these domains may leave, at the earliest; `now` or before: at once."""
        with self._lock:
            return max(self._free_at(key, limit, now) for key, limit in self._keys(account, domains))

    def note(self, account: str, domains: Collection[str], now: datetime) -> None:
        """A mail leaves."""
        with self._lock:
            for key, _limit in self._keys(account, domains):
                self._gone.setdefault(key, deque()).append(now)

    def take_back(self, account: str, domains: Collection[str]) -> None:
        """A mail that was noted has not left after all."""
        with self._lock:
            for key, _limit in self._keys(account, domains):
                if gone := self._gone.get(key):
                    gone.pop()

    def _keys(self, account: str, domains: Collection[str]) -> list[tuple[tuple[str, str], int]]:
        return [
            (("account", account), self._account_limit),
            *((("domain", domain), self._domain_limit) for domain in set(domains)),
        ]

    def _free_at(self, key: tuple[str, str], limit: int, now: datetime) -> datetime:
        gone = self._gone.get(key)
        while gone and gone[0] <= now - _SPAN:
            gone.popleft()
        if not gone:
            self._gone.pop(key, None)
            return now
        return now if len(gone) < limit else gone[-limit] + _SPAN
