"""The status of a customer follows from records and silence; amounts are added up at the rate of their day."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from inboxcrm import shipped
from inboxcrm.engagement import rates, record_rules
from inboxcrm.engagement.rates import RatesFileError
from inboxcrm.engagement.signals import Money
from inboxcrm.engagement.status import Business, status_of
from inboxcrm.model import RecordKind, Stage, Status

RULES = record_rules.load(shipped.find(None, "config", "records.toml")).status
NOW = datetime(2026, 6, 1, tzinfo=UTC)


def ago(days: int) -> datetime:
    return NOW - timedelta(days=days)


def business(kind: RecordKind, stage: Stage, days: int) -> Business:
    return Business(kind, stage, ago(days), ago(days))


def status(*records: Business, heard: int | None = None, told: Status | None = None) -> Status | None:
    return status_of(records, None if heard is None else ago(heard), told, RULES, NOW)


def test_of_whom_nothing_is_known_the_file_has_the_last_word() -> None:
    assert status() is None


def test_who_wrote_lately_is_followed() -> None:
    assert status(heard=3) is Status.FOLLOWING


def test_who_has_ordered_is_won_until_the_order_is_old() -> None:
    order = business(RecordKind.ORDER, Stage.DONE, 100)
    assert status(order, heard=100) is Status.WON
    assert status(business(RecordKind.ORDER, Stage.DONE, 900), heard=10) is Status.FOLLOWING


def test_an_order_that_came_to_nothing_wins_nobody() -> None:
    assert status(business(RecordKind.ORDER, Stage.CLOSED, 10), heard=10) is Status.FOLLOWING


def test_silence_makes_dormant_and_a_buyer_may_be_silent_for_longer() -> None:
    assert status(heard=200) is Status.DORMANT
    order = business(RecordKind.ORDER, Stage.DONE, 300)
    assert status(order, heard=300) is Status.WON
    assert status(order, heard=300, told=None) is not Status.DORMANT
    assert status(business(RecordKind.ORDER, Stage.DONE, 400), heard=400) is Status.DORMANT


def test_who_was_won_before_the_log_begins_stays_won() -> None:
    assert status(heard=5, told=Status.WON) is Status.WON
    assert status(heard=5, told=Status.FOLLOWING) is Status.FOLLOWING


RATES = """\
base = "USD"
[[rates]]
from = 2025-01-01
EUR = "1.05"
CNY = "0.14"
[[rates]]
from = 2026-01-01
EUR = "1.20"
"""


def test_an_amount_counts_at_the_rate_of_its_day() -> None:
    table = rates.parse(RATES, "rates.toml")
    hundred = Money(Decimal(100), "EUR")
    assert table.in_base(hundred, date(2025, 12, 31)) == Decimal("105.00")
    assert table.in_base(hundred, date(2026, 1, 1)) == Decimal("120.00")
    assert table.in_base(hundred, date(2020, 1, 1)) == Decimal("105.00")
    assert table.in_base(Money(Decimal(100), "CNY"), date(2026, 1, 1)) == Decimal("14.00")
    assert table.in_base(Money(Decimal("0.1"), "USD"), date(2026, 1, 1)) == Decimal("0.10")


def test_a_currency_without_rate_has_no_sum() -> None:
    assert rates.parse(RATES, "rates.toml").in_base(Money(Decimal(1), "XAF"), date(2026, 1, 1)) is None


@pytest.mark.parametrize(
    ("mistake", "line"),
    [('EUR = "0"', 4), ('EUR = "much"', 4), ('euro = "1"', 4), ("EUR = -1", 4)],
)
def test_a_wrong_rate_is_named_with_its_line(mistake: str, line: int) -> None:
    with pytest.raises(RatesFileError, match=rf"mine\.toml, line {line}:"):
        rates.parse(RATES.replace('EUR = "1.05"', mistake), "mine.toml")


def test_blocks_out_of_order_are_refused() -> None:
    with pytest.raises(RatesFileError, match="order of their days"):
        rates.parse(RATES.replace("2026-01-01", "2024-01-01"), "mine.toml")


def test_the_shipped_rates_can_be_used() -> None:
    assert rates.load(shipped.find(None, "config", "rates.toml")).base == "USD"
