"""So many mails a minute from an account and to a domain, and no more, however they are asked for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from inboxcrm.mailbox.throttle import Throttle

START = datetime(2026, 6, 1, 8, tzinfo=UTC)


def test_the_next_mail_is_free_when_the_first_of_the_last_minute_is_past() -> None:
    throttle = Throttle(2, 10)
    throttle.note("lina", {"a.example"}, START)
    throttle.note("lina", {"b.example"}, START + timedelta(seconds=20))
    now = START + timedelta(seconds=30)
    assert throttle.free_at("lina", {"c.example"}, now) == START + timedelta(seconds=60)
    assert throttle.free_at("tom", {"c.example"}, now) == now


def test_a_domain_is_spared_whoever_writes_to_it() -> None:
    throttle = Throttle(10, 1)
    throttle.note("lina", {"a.example"}, START)
    assert throttle.free_at("tom", {"b.example", "a.example"}, START) == START + timedelta(seconds=60)


@given(
    st.lists(st.tuples(st.sampled_from("xyz"), st.sampled_from("abc"), st.integers(0, 30)), max_size=60),
    st.integers(1, 4),
    st.integers(1, 4),
)
def test_no_minute_ever_holds_more(asked: list[tuple[str, str, int]], by_account: int, by_domain: int) -> None:
    throttle, now, gone = Throttle(by_account, by_domain), START, []
    for account, domain, pause in asked:
        now += timedelta(seconds=pause)
        if throttle.free_at(account, {domain}, now) <= now:
            throttle.note(account, {domain}, now)
            gone.append((account, domain, now))
    for _account, _domain, at in gone:
        minute = [one for one in gone if at <= one[2] < at + timedelta(minutes=1)]
        for key in "xyz":
            assert sum(one[0] == key for one in minute) <= by_account
        for key in "abc":
            assert sum(one[1] == key for one in minute) <= by_domain


def test_a_mail_taken_back_does_not_count() -> None:
    throttle = Throttle(1, 1)
    throttle.note("lina@a.example", {"b.example"}, START)
    throttle.take_back("lina@a.example", {"b.example"})
    assert throttle.free_at("lina@a.example", {"b.example"}, START) <= START
