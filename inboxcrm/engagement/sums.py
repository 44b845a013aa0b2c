"""What orders come to, in the base currency of the rates file, each at the rate of its day. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from inboxcrm.engagement.rates import Rates
from inboxcrm.engagement.signals import Money
from inboxcrm.model import BusinessRecord, RecordKind, Stage


@dataclass(frozen=True, slots=True)
class Sum:
    """A sum in `currency`; `unknown` are currencies that it leaves out, for they have no rate."""

    amount: Decimal
    currency: str
    unknown: tuple[str, ...] = ()


def order_sum(records: Iterable[BusinessRecord], rates: Rates) -> Sum:
    """The sum of the orders among `records` that came to something."""
    total, unknown = Decimal(0), set()
    for one in records:
        if one.kind is not RecordKind.ORDER or one.stage is Stage.CLOSED or one.amount is None:
            continue
        amount = rates.in_base(Money(one.amount, one.currency), one.opened_at.date())
        if amount is None:
            unknown.add(one.currency or "?")
        else:
            total += amount
    return Sum(total, rates.base, tuple(sorted(unknown)))
