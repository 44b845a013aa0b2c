"""A mail that breaks every connection is found among its neighbours and put off; random breaks cost nothing but time."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from inboxcrm.service.stumbling import Stumbling


def test_all_is_well() -> None:
    stumbling = Stumbling()
    stumbling.passed("INBOX", range(200))

    assert stumbling.size("INBOX", 200) == 200


@given(st.integers(1, 500), st.integers(1, 300), st.data())
def test_one_bad_mail_among_many_is_put_off_and_all_others_come(count: int, batch: int, data: st.DataObject) -> None:
    bad = data.draw(st.integers(0, count - 1))
    stumbling = Stumbling()
    waiting, came, put_off, broken = list(range(count)), [], [], 0
    while waiting:
        some = waiting[: stumbling.size("INBOX", batch)]
        if bad in some:
            broken += 1
            if stumbling.stumbled("INBOX", some):
                put_off += some
                waiting = waiting[len(some) :]
        else:
            stumbling.passed("INBOX", some)
            came += some
            waiting = waiting[len(some) :]

    assert put_off == [bad]
    assert came == [number for number in range(count) if number != bad]
    assert broken < 12


def test_one_break_by_chance_is_forgotten_when_its_mails_have_come() -> None:
    stumbling = Stumbling()

    assert not stumbling.stumbled("INBOX", range(100))
    assert 0 < stumbling.size("INBOX", 100) < 100
    assert stumbling.size("Sent", 100) == 100
    stumbling.passed("INBOX", range(100))
    assert stumbling.size("INBOX", 100) == 100
