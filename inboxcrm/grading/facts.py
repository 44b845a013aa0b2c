"""What grading knows of a customer, as plain frozen values: the profile, and everything that happened, each with its instant.

`facts_at` cuts a timeline at an instant: what came later is not known yet, so that the past can be judged as it was then.
All times are aware UTC; amounts are in the base currency of the rates file.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from operator import attrgetter, itemgetter
from typing import NamedTuple, TypeVar


class Contacted(NamedTuple):  # made by the million, and so a tuple: three times as fast as a frozen dataclass
    """One contact in the log. `inbound`: from the customer. Automatic mail isn't among them."""

    at: datetime
    inbound: bool
    entry_id: int = 0


@dataclass(frozen=True, slots=True)
class Signalled:
    """One signal that counts: found with confidence, confirmed, or set by hand. `kind` is a `inboxcrm.engagement.signals.Kind`."""

    at: datetime
    kind: str
    entry_id: int = 0
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class Ordered:
    """One order placed: its amount where known. `entry_id`: the log entry that placed it; 0 when a person wrote it down."""

    at: datetime
    amount: Decimal | None = None
    margin: Decimal | None = None
    entry_id: int = 0


@dataclass(frozen=True, slots=True)
class Asked:
    """How much was asked for in an inquiry or a quote, in pieces or the like, and for how much money."""

    at: datetime
    quantity: Decimal | None = None
    amount: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Doubted:
    """Something that speaks against the customer: "unverified", "look_alike", "overdue" or "mark" (set by hand)."""

    at: datetime
    kind: str
    entry_id: int = 0


Event = Signalled | Ordered | Asked | Doubted | None


@dataclass(frozen=True, slots=True)
class Profile:
    """What the customer file says, whenever it was learnt. Empty where nothing is known."""

    country: str = ""
    size: str = ""
    industry: str = ""
    website: bool = False
    products: tuple[str, ...] = ()
    decision_roles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Timeline:
    """Everything of one customer, each sequence in the order of time."""

    customer_id: int
    profile: Profile
    contacts: tuple[Contacted, ...] = ()
    signals: tuple[Signalled, ...] = ()
    orders: tuple[Ordered, ...] = ()
    asked: tuple[Asked, ...] = ()
    doubts: tuple[Doubted, ...] = ()
    unreachable_since: datetime | None = None
    """Since when every address bounces; None: some mail arrives, or there is no address."""

    def others(self) -> list[tuple[datetime, Event]]:
        """What happened besides the contacts, in the order of time; None: since then every address bounces."""
        events: list[tuple[datetime, Event]] = [
            (one.at, one) for group in (self.signals, self.orders, self.asked, self.doubts) for one in group
        ]
        if self.unreachable_since is not None:
            events.append((self.unreachable_since, None))
        return sorted(events, key=itemgetter(0))

    def instants(self) -> list[datetime]:
        """When something happened, ascending, each instant once."""
        return sorted({one.at for one in self.contacts} | {at for at, _event in self.others()})


@dataclass(frozen=True, slots=True)
class Exchange:
    """How the correspondence goes: counts of the time that the rules look at, and the last contact in each direction ever."""

    inbound: int = 0
    outbound: int = 0
    answered: int = 0
    """Our mails that the customer answered in time."""
    answer_hours: float | None = None
    """Median time that the customer takes to answer."""
    last_in: datetime | None = None
    last_out: datetime | None = None
    first_inbound: bool = False
    """Whether the customer wrote first."""


@dataclass(frozen=True, slots=True)
class Facts:
    """A customer at the instant `at`."""

    at: datetime
    profile: Profile
    exchange: Exchange
    signals: tuple[Signalled, ...] = ()
    orders: tuple[Ordered, ...] = ()
    asked: tuple[Asked, ...] = ()
    doubts: tuple[Doubted, ...] = ()
    unreachable: bool = False


def facts_at(timeline: Timeline, at: datetime, *, days: int) -> Facts:
    """What was known at `at`. The exchange counts the `days` days before the last contact: silence doesn't improve it."""
    contacts = _until(timeline.contacts, at)
    last = contacts[-1].at if contacts else at
    return Facts(
        at=at,
        profile=timeline.profile,
        exchange=exchange(contacts, last, days=days),
        signals=_until(timeline.signals, at),
        orders=_until(timeline.orders, at),
        asked=_until(timeline.asked, at),
        doubts=_until(timeline.doubts, at),
        unreachable=timeline.unreachable_since is not None and timeline.unreachable_since <= at,
    )


_T = TypeVar("_T", Contacted, Signalled, Ordered, Asked, Doubted)


def _until(events: tuple[_T, ...], at: datetime) -> tuple[_T, ...]:
    """Those of events in the order of time that had happened at `at`."""
    if not events or events[-1].at <= at:
        return events
    return events[: bisect_right(events, at, key=attrgetter("at"))]


IN_TIME_HOURS = 14 * 24.0
"""An answer after more than two weeks is no answer to that mail."""
_HOUR = timedelta(hours=1)
_IN_TIME = timedelta(hours=IN_TIME_HOURS)


def exchange(contacts: Iterable[Contacted], at: datetime, *, days: int) -> Exchange:
    """The correspondence up to `at`; several mails of ours in a row count once, with the last one's time."""
    inbound = outbound = answered = 0
    hours: list[float] = []
    last_in = last_out = waiting = None
    first: bool | None = None
    begin = at - timedelta(days=days)
    for one in contacts:
        then = one.at
        if then > at:
            break
        recent = then > begin
        if first is None:
            first = one.inbound
        if one.inbound:
            last_in = then
            inbound += recent
            if waiting is not None:
                took = then - waiting
                if recent and took <= _IN_TIME:
                    answered += 1
                    hours.append(took / _HOUR)
                waiting = None
        else:
            last_out = then
            if waiting is None or then - waiting > _IN_TIME:
                outbound += recent
            waiting = then
    hours.sort()
    return Exchange(
        inbound=inbound,
        outbound=outbound,
        answered=min(answered, outbound),
        answer_hours=hours[len(hours) // 2] if hours else None,
        last_in=last_in,
        last_out=last_out,
        first_inbound=bool(first),
    )
