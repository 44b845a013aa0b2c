"""What grading knows of a customer, as plain frozen values: the profile, and everything that happened, each with its instant.

`facts_at` cuts a timeline at an instant: what came later is not known yet, so that the past can be judged as it was then.
All times are aware UTC; amounts are in the base currency of the rates file.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from operator import itemgetter


@dataclass(frozen=True, slots=True)
class Contacted:
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
    """One order placed: its amount where known, and whether its payment is overdue."""

    at: datetime
    amount: Decimal | None = None
    margin: Decimal | None = None
    record_id: int = 0


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
    last = max((one.at for one in timeline.contacts if one.at <= at), default=at)
    return Facts(
        at=at,
        profile=timeline.profile,
        exchange=exchange(timeline.contacts, last, days=days),
        signals=tuple(one for one in timeline.signals if one.at <= at),
        orders=tuple(one for one in timeline.orders if one.at <= at),
        asked=tuple(one for one in timeline.asked if one.at <= at),
        doubts=tuple(one for one in timeline.doubts if one.at <= at),
        unreachable=timeline.unreachable_since is not None and timeline.unreachable_since <= at,
    )


IN_TIME_HOURS = 14 * 24.0
"""An answer after more than two weeks is no answer to that mail."""


def exchange(contacts: Iterable[Contacted], at: datetime, *, days: int) -> Exchange:
    """The correspondence up to `at`; several mails of ours in a row count once, with the last one's time."""
    inbound = outbound = answered = 0
    hours: list[float] = []
    last_in = last_out = waiting = None
    first: bool | None = None
    for one in contacts:
        if one.at > at:
            break
        recent = (at - one.at).days < days
        if first is None:
            first = one.inbound
        if one.inbound:
            last_in = one.at
            inbound += recent
            if waiting is not None:
                took = (one.at - waiting).total_seconds() / 3600
                if took <= IN_TIME_HOURS and recent:
                    answered += 1
                    hours.append(took)
                waiting = None
        else:
            last_out = one.at
            if waiting is None or (one.at - waiting).total_seconds() > IN_TIME_HOURS * 3600:
                outbound += recent
            waiting = one.at
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
