"""How fast one account's newsletters go: so many an hour and a day, so many an hour to one domain, spread evenly but not regularly.

Pure: it is told the time and waits for nobody. Its memory is bounded whatever the limits are; what went before a start is told to it.
"""

from __future__ import annotations

from collections import deque
from datetime import datetime, timedelta
from random import Random

from inboxcrm import sections

_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
_PARTS = 60
"""A span is counted in so many parts; what was counted leaves at the end of its part, so that no true span ever holds too many."""
_MOST_DOMAINS = 2_000
_MOMENT_SECONDS = 0.25
_MOST_IN_HAND = 500


class Pace:
    """Of one account; it belongs to one thread."""

    def __init__(self, rules: sections.Newsletter, rng: Random) -> None:
        """`rng` spreads the gaps; nothing has gone yet."""
        self._rng = rng
        self._hour, self._day = Window(rules.per_hour, _HOUR), Window(rules.per_day, _DAY)
        self._per_domain = rules.per_domain_per_hour
        self._domains: dict[str, Window] = {}
        self._gap = _HOUR / rules.per_hour if rules.per_hour else timedelta()
        self._next: datetime | None = None
        self._slots: dict[str, datetime] = {}
        self._latest: datetime | None = None

    def free_at(self, now: datetime, others: int = 0) -> datetime:
        """When the next mail may go, at the earliest; `now` or before: at once. `others`: mails of the account within 24 hours that
        aren't newsletters.
        """
        self._notice(now)
        free = max(self._hour.free_at(now), self._day.free_at(now, others))
        return free if self._next is None else max(free, self._next)

    def takes(self, domain: str, now: datetime) -> bool:
        """Whether a mail may go to this domain now."""
        window = self._domains.get(domain)
        return window is None or window.free_at(now) <= now

    def slot(self, domain: str, now: datetime) -> datetime:
        """When to look again at a mail that must wait for its domain: each of many gets an hour's share of its own."""
        self._notice(now)
        window = self._domains.get(domain)
        free = window.free_at(now) if window is not None else now
        slot = max(free, self._slots.get(domain, free))
        self._slots[domain] = slot + _HOUR / max(1, self._per_domain)
        return slot

    def note(self, domain: str, now: datetime) -> None:
        """A mail goes."""
        self._hour.add(now)
        self._day.add(now)
        if self._gap:
            begins = now if self._next is None else max(self._next, now - self._gap)
            self._next = begins + self._gap * self._rng.uniform(0.5, 1.5)
        if self._per_domain:
            self._domains.setdefault(domain, Window(self._per_domain, _HOUR)).add(now)
            if len(self._domains) > _MOST_DOMAINS:
                self._forget(now)

    def take_back(self, domain: str) -> None:
        """The mail that was noted last, or one like it, has not gone after all."""
        self._hour.take_back()
        self._day.take_back()
        if domain in self._domains:
            self._domains[domain].take_back()

    def remember(self, domain: str, at: datetime) -> None:
        """A mail went before this start, in the order of time."""
        self._hour.add(at)
        self._day.add(at)
        if self._per_domain:
            self._domains.setdefault(domain, Window(self._per_domain, _HOUR)).add(at)

    def _notice(self, now: datetime) -> None:
        """A clock that was set back: what was reckoned by it would hold up everything until it is there again."""
        if self._latest is not None and now < self._latest - _HOUR / _PARTS:
            self._next = None
            self._slots.clear()
        self._latest = now

    def _forget(self, now: datetime) -> None:
        self._domains = {domain: one for domain, one in self._domains.items() if one.count(now)}
        self._slots = {domain: at for domain, at in self._slots.items() if at > now}


class Handful:
    """How many mails are taken in hand together: one for each connection at first, twice as many each time that all of them were taken,
    but not more than go out within a moment.
    """

    def __init__(self, least: int, most: int = _MOST_IN_HAND) -> None:
        """`least`: one for each connection."""
        self.size = self._least = least
        self._most = max(least, most)

    def went(self, mails: int, seconds: float) -> None:
        """So many mails were taken by the server, one after the other, within so many seconds."""
        if mails >= self.size:
            within_a_moment = mails * _MOMENT_SECONDS / seconds if seconds > 0 else self._most
            self.size = max(self._least, int(min(2 * self.size, within_a_moment, self._most)))

    def broke_off(self, mails: int) -> None:
        """After so many no further one was begun: whatever came between may come again."""
        self.size = min(self.size, max(self._least, mails))

    def stumbled(self) -> None:
        """One wasn't taken."""
        self.size = self._least


class Window:
    """How many went within a span that ends now."""

    def __init__(self, most: int, span: timedelta) -> None:
        """`most` 0: no limit, and nothing is counted."""
        self._most, self._span, self._part = most, span, span / _PARTS
        self._counts: deque[tuple[datetime, int]] = deque()
        self._total = 0

    def count(self, now: datetime) -> int:
        """How many. What a clock that was ahead dated later counts as of now."""
        ahead = 0
        while self._counts and self._counts[-1][0] > now + self._part:
            ahead += self._counts.pop()[1]
        if ahead:
            self._counts.append((now + self._part, ahead))
        while self._counts and self._counts[0][0] <= now - self._span:
            self._total -= self._counts.popleft()[1]
        return self._total

    def add(self, at: datetime) -> None:
        """One more, not before the last."""
        if not self._most:
            return
        if self._counts and at < self._counts[-1][0]:
            end, count = self._counts.pop()
            self._counts.append((end, count + 1))
        else:
            self._counts.append((at + self._part, 1))
        self._total += 1

    def take_back(self) -> None:
        """One of the latest was none."""
        if self._counts:
            end, count = self._counts.pop()
            self._total -= 1
            if count > 1:
                self._counts.append((end, count - 1))

    def free_at(self, now: datetime, others: int = 0) -> datetime:
        """When one more may go, if `others` count too; with too many others alone, a part of the span later."""
        if not self._most:
            return now
        over = self.count(now) + others - self._most
        if over < 0:
            return now
        for end, count in self._counts:
            over -= count
            if over < 0:
                return max(now, end + self._span)
        return now + self._part
