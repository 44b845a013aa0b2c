"""What is due next: the rhythm of the trade, stopped by every answer, never in the night, never too close together."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inboxcrm import shipped
from inboxcrm.followup.cadence import Cadence, load
from inboxcrm.followup.facts import Absence, Bounced, Business, Facts, Reach, Spoken, Step, Stopping
from inboxcrm.followup.places import Place
from inboxcrm.followup.plan import Planned, plan, stopped_by

CADENCE: Cadence = load(shipped.find(None, "config", "cadence.toml"))
SHANGHAI = ZoneInfo("Asia/Shanghai")
CALENDAR = CADENCE.calendar(SHANGHAI)
BERLIN = Place(ZoneInfo("Europe/Berlin"), "DE")
NOW = datetime(2026, 6, 1, 6, tzinfo=UTC)  # a Monday, eight o'clock in Berlin
DAY = timedelta(days=1)


def facts(**values: object) -> Facts:
    """A customer of grade B in Berlin with one contact."""
    return replace(Facts(1, "B", "following", SHANGHAI, reaches=(Reach(5, BERLIN),)), **values)  # type: ignore[arg-type]


def said(days_ago: float, *, inbound: bool, entry: int) -> Spoken:
    return Spoken(NOW - days_ago * DAY, inbound, entry, contact_id=5)


def sample(days_ago: float, stage: str = "sent") -> Business:
    return Business(12, "sample", stage, NOW - days_ago * DAY, contact_id=5, thread_id=9)


def steps(one: Facts, now: datetime = NOW) -> list[Planned]:
    return [planned for planned in plan(one, CADENCE, CALENDAR, now) if planned.action != "task"]


def the_step(one: Facts, now: datetime = NOW) -> Planned:
    [planned] = steps(one, now)
    return planned


SENT = (said(3, inbound=True, entry=1), said(0.5, inbound=False, entry=2))
"""They asked, we have sent the samples."""


def test_samples_are_followed_in_the_rhythm_of_the_trade() -> None:
    one, now, gaps, before = facts(spoken=SENT, business=(sample(0.5),)), NOW, [], NOW - 0.5 * DAY
    for number in range(1, 8):
        planned = the_step(one, now)
        assert (planned.stage, planned.step, planned.contact_id, planned.thread_id) == ("sample_sent", number, 5, 9)
        gaps.append(round((planned.due_at - before) / DAY))
        before = now = planned.due_at + timedelta(minutes=5)
        one = replace(
            one,
            steps=(*one.steps, Step(planned.anchor, number, "done", now)),
            spoken=(*one.spoken, Spoken(now, False, 100 + number)),
        )
    assert [abs(gap - wanted) <= 3 for gap, wanted in zip(gaps, (1, 1, 2, 3, 7, 7, 15), strict=True)] == [True] * 7
    assert [planned.stage for planned in steps(one, now + DAY)] in ([], ["silent"])


def test_a_mail_written_by_hand_is_a_step_as_well() -> None:
    by_hand = (said(9, inbound=True, entry=1), said(6, inbound=False, entry=2), said(3, inbound=False, entry=3))
    planned = the_step(facts(spoken=by_hand, business=(sample(6),)))
    assert planned.step == 2


def test_an_answer_stops_the_steps_until_we_have_answered_it() -> None:
    answered = (*SENT, said(0.1, inbound=True, entry=3))
    assert steps(facts(spoken=answered, business=(sample(0.5),))) == []
    ours = (*answered, said(0.05, inbound=False, entry=4))
    again = the_step(facts(spoken=ours, business=(sample(0.5),)))
    assert (again.step, again.anchor) == (1, "sample_sent:12:3")


def test_a_mail_that_needed_no_answer_does_not_stop_them() -> None:
    thanks = replace(said(0.1, inbound=True, entry=3), settled=True)
    assert the_step(facts(spoken=(*SENT, thanks), business=(sample(0.5),))).step == 1


def test_an_automatic_reply_moves_the_step_behind_the_return() -> None:
    away = Absence(NOW - 0.2 * DAY, date(2026, 6, 14))
    planned = the_step(facts(spoken=SENT, business=(sample(0.5),), absences=(away,)))
    assert planned.due_at.astimezone(BERLIN.zone).date() == date(2026, 6, 15)
    assert {"kind": "away", "until": "2026-06-14"} in planned.reasons


@pytest.mark.parametrize("kind", ["not_interested", "unsubscribe", "complaint"])
def test_a_refusal_or_a_complaint_stops_everything_and_is_a_task(kind: str) -> None:
    no = (*SENT, said(0.1, inbound=True, entry=3))
    one = facts(spoken=no, business=(sample(0.5),), stopping=(Stopping(kind, NOW - 0.1 * DAY, 3),))
    [task] = plan(one, CADENCE, CALENDAR, NOW)
    assert (task.action, task.stage, task.anchor) == ("task", kind, f"{kind}:3")
    assert plan(one, CADENCE, CALENDAR, NOW + 90 * DAY) == ()


def test_who_says_no_and_writes_again_is_a_customer_again() -> None:
    no = (said(40, inbound=True, entry=1), said(5, inbound=True, entry=2), said(4, inbound=False, entry=3))
    one = facts(spoken=no, business=(sample(4),), stopping=(Stopping("not_interested", NOW - 40 * DAY, 1),))
    assert stopped_by(one, NOW) == ""
    assert the_step(one).stage == "sample_sent"


def test_a_bounce_asks_for_another_address_and_nothing_is_written_to_the_old_one() -> None:
    one = facts(spoken=SENT, business=(sample(0.5),), reaches=(), bounced=(Bounced(5, NOW - DAY),))
    [task] = plan(one, CADENCE, CALENDAR, NOW)
    assert (task.action, task.stage, task.contact_id) == ("task", "bounced", 5)


def test_the_person_of_the_record_is_written_to_and_another_one_when_that_is_impossible() -> None:
    both = (Reach(5, BERLIN), Reach(6, BERLIN, NOW - DAY))
    assert the_step(facts(spoken=SENT, business=(sample(0.5),), reaches=both)).contact_id == 5
    assert the_step(facts(spoken=SENT, business=(sample(0.5),), reaches=both[1:])).contact_id == 6


def test_grade_c_gets_a_yearly_check_and_watch_gets_nothing() -> None:
    quiet = (said(400, inbound=True, entry=1), said(399, inbound=False, entry=2))
    assert the_step(facts(grade="C", spoken=quiet)).stage == "yearly_check"
    assert steps(facts(grade="watch", spoken=quiet)) == []


def test_who_sleeps_is_woken_twice_and_then_left_alone() -> None:
    quiet = (said(200, inbound=True, entry=1), said(199, inbound=False, entry=2))
    one = facts(status="dormant", spoken=quiet)
    first = the_step(one)
    assert (first.stage, first.step) == ("dormant", 1)
    woken = replace(
        one, spoken=(*quiet, Spoken(first.due_at, False, 3)), steps=(Step(first.anchor, 1, "done", first.due_at),)
    )
    second = the_step(woken, first.due_at + DAY)
    assert second.step == 2
    assert second.due_at - first.due_at >= 180 * DAY
    done = replace(woken, steps=(*woken.steps, Step(first.anchor, 2, "skipped", second.due_at)))
    assert steps(done, second.due_at + DAY) == []


def test_an_old_mailbox_wakes_nobody_of_years_ago() -> None:
    quiet = (said(1000, inbound=True, entry=1), said(999, inbound=False, entry=2))
    assert steps(facts(status="dormant", spoken=quiet)) == []
    assert steps(facts(spoken=quiet, business=(sample(999),))) == []


def test_a_paused_plan_waits_and_goes_on_afterwards() -> None:
    one = facts(spoken=SENT, business=(sample(0.5),))
    assert steps(replace(one, held=True)) == []
    until = NOW + 20 * DAY
    assert the_step(replace(one, held=True, held_until=until)).due_at >= until


def test_what_a_person_moved_stays_where_it_is() -> None:
    moved = NOW + timedelta(days=9, hours=3)
    one = facts(spoken=SENT, business=(sample(0.5),))
    step = the_step(one)
    assert the_step(replace(one, steps=(Step(step.anchor, 1, "planned", moved, moved=True),))).due_at == moved


def test_a_day_noted_by_hand_is_a_task_until_something_was_said_then() -> None:
    noted = replace(said(5, inbound=False, entry=7), wish=date(2026, 6, 1))
    [task] = [
        one for one in plan(facts(grade="watch", spoken=(noted,)), CADENCE, CALENDAR, NOW) if one.action == "task"
    ]
    assert (task.stage, task.due_at.astimezone(SHANGHAI).date()) == ("noted", date(2026, 6, 1))
    called = said(0, inbound=False, entry=8)
    assert not [
        one
        for one in plan(facts(grade="watch", spoken=(noted, called)), CADENCE, CALENDAR, NOW)
        if one.action == "task"
    ]


# --- whatever comes ---------------------------------------------------------------------------------------------------

PLACES = st.sampled_from(
    [
        BERLIN,
        Place(ZoneInfo("America/Los_Angeles"), "US"),
        Place(ZoneInfo("Asia/Riyadh"), "SA"),
        Place(ZoneInfo("America/Sao_Paulo"), "BR"),
        Place(ZoneInfo("Pacific/Auckland"), "NZ"),
        Place(ZoneInfo("Africa/Casablanca"), "MA"),
    ]
)
INSTANTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
RECORDS = [
    ("order", "placed"),
    ("order", "done"),
    ("sample", "sent"),
    ("sample", "judged"),
    ("quote", "sent"),
    ("inquiry", "answered"),
]
GRADES = st.sampled_from(["A", "B", "C", "watch"])


@st.composite
def histories(draw: st.DrawFn) -> tuple[Facts, datetime]:
    """Any customer at any instant."""
    now = draw(INSTANTS)
    ago = st.floats(0, 500).map(lambda days: now - timedelta(days=days))
    spoken = sorted(draw(st.lists(st.tuples(ago, st.booleans()), max_size=12)))
    records = draw(
        st.lists(
            st.tuples(
                st.sampled_from(
                    [
                        ("order", "placed"),
                        ("order", "done"),
                        ("sample", "sent"),
                        ("sample", "judged"),
                        ("quote", "sent"),
                        ("inquiry", "answered"),
                    ]
                ),
                ago,
            ),
            max_size=3,
        )
    )
    return (
        Facts(
            1,
            draw(GRADES),
            draw(st.sampled_from(["prospect", "following", "won", "dormant"])),
            SHANGHAI,
            reaches=tuple(Reach(number, draw(PLACES)) for number in range(1, draw(st.integers(1, 3)) + 1)),
            spoken=tuple(Spoken(at, inbound, number) for number, (at, inbound) in enumerate(spoken, 1)),
            business=tuple(Business(number, kind, stage, at) for number, ((kind, stage), at) in enumerate(records, 1)),
            stopping=tuple(
                Stopping(draw(st.sampled_from(["complaint", "not_interested", "unsubscribe"])), at, number)
                for number, at in enumerate(draw(st.lists(ago, max_size=1)), 1)
            ),
            absences=tuple(
                Absence(at, at.date() + timedelta(days=draw(st.integers(0, 30))))
                for at in draw(st.lists(ago, max_size=2))
            ),
        ),
        now,
    )


@given(histories())
def test_it_is_always_in_the_morning_of_a_working_day_and_never_within_the_minimum_gap(
    given_: tuple[Facts, datetime],
) -> None:
    one, now = given_
    for planned in steps(one, now):
        place = next(reach.place for reach in one.reaches if reach.contact_id == planned.contact_id)
        local = planned.due_at.astimezone(place.zone)
        assert CALENDAR.sends(local.date(), place)
        assert CALENDAR.morning.start <= local.time() <= CALENDAR.morning.end
        last_out = max((said.at for said in one.spoken if not said.inbound), default=None)
        assert last_out is None or planned.due_at - last_out >= timedelta(days=CADENCE.minimum_gap_days)


@given(histories())
def test_the_same_facts_give_the_same_plan_and_at_most_one_step(given_: tuple[Facts, datetime]) -> None:
    one, now = given_
    assert plan(one, CADENCE, CALENDAR, now) == plan(one, CADENCE, CALENDAR, now)
    assert len(steps(one, now)) <= 1


@given(histories())
def test_after_a_stop_nothing_is_written(given_: tuple[Facts, datetime]) -> None:
    one, now = given_
    if stopped_by(one, now):
        assert steps(one, now) == []


@given(histories())
def test_whoever_never_answers_is_left_alone_in_the_end(given_: tuple[Facts, datetime]) -> None:
    one, now = given_
    written = 0
    while found := steps(one, now):
        [planned] = found
        written += 1
        now = max(now, planned.due_at) + timedelta(minutes=1)
        one = replace(
            one,
            steps=(*one.steps, Step(planned.anchor, planned.step, "done", now)),
            spoken=(*one.spoken, Spoken(now, False, 1000 + written)),
        )
        assert written < 60


@given(histories())
def test_planning_again_leaves_what_is_planned_where_it_is(given_: tuple[Facts, datetime]) -> None:
    one, now = given_
    for planned in steps(one, now):
        there = replace(one, steps=(Step(planned.anchor, planned.step, "planned", planned.due_at),))
        assert the_step(there, now).due_at == planned.due_at
