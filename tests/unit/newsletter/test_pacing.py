"""The pace: no span of time ever holds more than its limit, whatever the moments at which somebody wants to send."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from inboxcrm import sections
from inboxcrm.newsletter.pacing import Handful, Pace, Window
from tests.newsletters import NOW

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def _most_within(moments: list[datetime], span: timedelta) -> int:
    return max((sum(start <= one < start + span for one in moments) for start in moments), default=0)


@given(st.integers(1, 9), st.lists(st.integers(0, 1200), min_size=1, max_size=120))
def test_a_window_never_lets_more_through_than_its_limit(most: int, gaps: list[int]) -> None:
    window, now, gone = Window(most, HOUR), NOW, []
    for gap in gaps:
        now += timedelta(seconds=gap)
        if window.free_at(now) <= now:
            window.add(now)
            gone.append(now)
    assert _most_within(gone, HOUR) <= most


@given(st.integers(1, 5), st.integers(0, 30), st.integers(0, 7))
def test_a_window_says_when_it_is_free_and_it_is(most: int, count: int, others: int) -> None:
    window = Window(most, HOUR)
    for number in range(count):
        window.add(NOW + timedelta(seconds=number))
    now = NOW + timedelta(minutes=1)
    for _ in range(300):
        free = window.free_at(now, others)
        if free <= now:
            break
        now = free
    assert window.count(now) + others < most or others >= most


@given(st.integers(1, 40), st.integers(1, 60), st.integers(1, 9), st.integers(0, 10_000))
def test_the_limits_of_hour_day_and_domain_hold_together(
    per_hour: int, per_day: int, per_domain: int, seed: int
) -> None:
    rules = sections.Newsletter(per_hour=per_hour, per_day=per_day, per_domain_per_hour=per_domain)
    pace, chance = Pace(rules, Random(seed)), Random(seed)  # noqa: S311
    gone: dict[str, list[datetime]] = {"a.example": [], "b.example": []}
    now = NOW
    for _ in range(400):
        now += timedelta(seconds=chance.randrange(1, 400))
        domain = chance.choice(list(gone))
        if pace.free_at(now) <= now and pace.takes(domain, now):
            pace.note(domain, now)
            gone[domain].append(now)
    together = sorted(gone["a.example"] + gone["b.example"])
    assert _most_within(together, HOUR) <= per_hour
    assert _most_within(together, DAY) <= per_day
    assert all(_most_within(some, HOUR) <= per_domain for some in gone.values())


def test_mails_are_spread_and_not_regular() -> None:
    pace, now, gone = Pace(sections.Newsletter(per_hour=60, per_day=0), Random(3)), NOW, []  # noqa: S311
    while len(gone) < 60:
        if pace.free_at(now) <= now:
            pace.note(f"firm{len(gone)}.example", now)
            gone.append(now)
        now += timedelta(seconds=1)
    gaps = [(later - one).total_seconds() for one, later in pairwise(gone)]
    assert min(gaps) >= 29
    assert max(gaps) <= 92
    assert len(set(gaps)) > 20
    assert timedelta(minutes=50) < gone[-1] - gone[0] < timedelta(minutes=70)


def test_mails_that_wait_for_their_domain_get_turns_one_after_the_other() -> None:
    pace = Pace(sections.Newsletter(per_hour=0, per_day=0, per_domain_per_hour=6), Random(1))  # noqa: S311
    for _ in range(6):
        pace.note("big.example", NOW)
    assert not pace.takes("big.example", NOW)
    assert pace.takes("small.example", NOW)
    slots = [pace.slot("big.example", NOW) for _ in range(12)]
    assert slots == sorted(set(slots))
    assert slots[0] > NOW + timedelta(minutes=59)
    assert slots[11] - slots[0] == timedelta(minutes=110)


def test_no_limit_lets_everything_through() -> None:
    pace = Pace(sections.Newsletter(per_hour=0, per_day=0, per_domain_per_hour=0), Random(1))  # noqa: S311
    for _ in range(10_000):
        assert pace.free_at(NOW) <= NOW
        assert pace.takes("firm.example", NOW)
        pace.note("firm.example", NOW)


def test_a_clock_that_was_set_back_holds_nothing_up() -> None:
    pace = Pace(sections.Newsletter(per_hour=6, per_day=20, per_domain_per_hour=2), Random(1))  # noqa: S311
    ahead = NOW + timedelta(days=365)
    for minutes in range(0, 60, 20):
        pace.note("big.example", ahead + timedelta(minutes=minutes))
        pace.slot("big.example", ahead + timedelta(minutes=minutes))
    assert pace.free_at(NOW) <= NOW + timedelta(hours=1)
    assert pace.slot("big.example", NOW) <= NOW + timedelta(hours=2)


@given(st.lists(st.integers(-400, 400), min_size=1, max_size=60))
def test_whatever_the_clock_does_nothing_waits_longer_than_a_span(jumps: list[int]) -> None:
    window, now = Window(3, timedelta(hours=1)), NOW
    for minutes in jumps:
        now += timedelta(minutes=minutes)
        assert now <= window.free_at(now) <= now + timedelta(minutes=61)
        window.add(now)


def test_a_handful_grows_to_what_goes_within_a_moment() -> None:
    handful = Handful(1)
    sizes = []
    for _ in range(12):
        sizes.append(handful.size)
        handful.went(handful.size, seconds=handful.size * 0.005)
    assert sizes[:5] == [1, 2, 4, 8, 16]
    assert sizes[-1] == 50  # a quarter of a second


def test_a_slow_server_gets_one_mail_at_a_time_over_each_connection() -> None:
    handful = Handful(3)
    handful.went(3, seconds=0.9)
    assert handful.size == 3


def test_a_handful_begins_anew_when_a_mail_is_not_taken() -> None:
    handful = Handful(2)
    for _ in range(4):
        handful.went(handful.size, seconds=0.001)
    handful.stumbled()
    assert handful.size == 2


def test_what_comes_between_makes_a_handful_smaller() -> None:
    handful = Handful(1)
    for _ in range(6):
        handful.went(handful.size, seconds=0.001)
    handful.broke_off(5)
    assert handful.size == 5
    handful.broke_off(0)
    assert handful.size == 1


@given(st.lists(st.tuples(st.sampled_from(["went", "broke_off", "stumbled"]), st.integers(0, 300), st.floats(0, 10))))
def test_a_handful_stays_within_its_bounds(steps: list[tuple[str, int, float]]) -> None:
    handful = Handful(4)
    for what, mails, seconds in steps:
        if what == "went":
            handful.went(mails, seconds)
        elif what == "broke_off":
            handful.broke_off(mails)
        else:
            handful.stumbled()
        assert 4 <= handful.size <= 500


@given(st.lists(st.sampled_from(["note", "take_back"]), max_size=60))
def test_mails_taken_back_do_not_count(steps: list[str]) -> None:
    window = Window(10, timedelta(hours=1))
    gone = 0
    for step in steps:
        if step == "note":
            window.add(NOW)
            gone += 1
        else:
            window.take_back()
            gone = max(0, gone - 1)
        assert window.count(NOW) == gone
