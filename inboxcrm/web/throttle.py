"""Slows down who guesses passwords: after a few failures a name from one address has to wait, longer each time.

Pure but for its own memory, which is bounded and lost with the process. It refuses before a password is looked at, so
a locked-out guesser costs nothing; another address is not locked out with it.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta

FREE_ATTEMPTS = 5
"""Failures that cost no waiting: people mistype."""
_FREE_FOR_ADDRESS = 25  # one address trying many names; an office behind one address shares it
_FIRST_WAIT = timedelta(seconds=5)
_LONGEST_WAIT = timedelta(minutes=15)
_FORGOTTEN_AFTER = timedelta(hours=1)
_REMEMBERED = 10_000


@dataclass(frozen=True, slots=True)
class _Failures:
    count: int
    last: datetime


class LoginThrottle:
    """Counts failed log-ins by name and address, and by address alone."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._failures: OrderedDict[tuple[str, str], _Failures] = OrderedDict()

    def wait(self, name: str, address: str, now: datetime) -> timedelta:
        """How long this name from this address must still wait before it may try; zero when it may."""
        with self._lock:
            waits = [self._left(key, free, now) for key, free in _keys(name, address)]
        return max(waits)

    def failed(self, name: str, address: str, now: datetime) -> None:
        """A wrong password was given."""
        with self._lock:
            for key, _free in _keys(name, address):
                known = self._failures.pop(key, None)
                count = known.count if known is not None and now - known.last < _FORGOTTEN_AFTER else 0
                self._failures[key] = _Failures(count + 1, now)
            while len(self._failures) > _REMEMBERED:
                self._failures.popitem(last=False)

    def succeeded(self, name: str, address: str) -> None:
        """The right password was given; this name from this address starts afresh."""
        with self._lock:
            self._failures.pop(_keys(name, address)[0][0], None)

    def _left(self, key: tuple[str, str], free: int, now: datetime) -> timedelta:
        known = self._failures.get(key)
        if known is None or known.count < free or now - known.last >= _FORGOTTEN_AFTER:
            return timedelta(0)
        wait = _FIRST_WAIT * int(2 ** min(known.count - free, 16))
        return max(known.last + min(wait, _LONGEST_WAIT) - now, timedelta(0))


def _keys(name: str, address: str) -> tuple[tuple[tuple[str, str], int], ...]:
    return ((name.strip().casefold(), address), FREE_ATTEMPTS), (("", address), _FREE_FOR_ADDRESS)
