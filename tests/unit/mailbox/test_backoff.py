"""Patience with a server grows, has an end, and is never the same for all."""

from __future__ import annotations

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from inboxcrm.mailbox.backoff import FIRST_SECONDS, LONGEST_SECONDS, delay


@given(failures=st.integers(0, 10_000), seed=st.integers())
def test_the_wait_stays_within_its_limits(failures: int, seed: int) -> None:
    assert FIRST_SECONDS / 2 <= delay(failures, Random(seed)) <= LONGEST_SECONDS  # noqa: S311


def test_the_wait_doubles_until_its_longest() -> None:
    same = [delay(failures, Random(1)) / delay(1, Random(1)) for failures in (1, 2, 3, 7, 9, 90)]  # noqa: S311
    assert same == [1, 2, 4, 64, 150, 150]


def test_accounts_that_failed_together_do_not_come_back_together() -> None:
    assert len({delay(5, Random(seed)) for seed in range(20)}) == 20  # noqa: S311
