"""What is due next: the rhythm of the trade, stopped by every answer, never in the night, never too close together."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

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
    """What the cadence asks for, without tasks and the call beside it."""
    return [
        planned
        for planned in plan(one, CADENCE, CALENDAR, now)
        if planned.action != "task" and planned.stage != "personal"
    ]


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
    both = (Reach(5, BERLIN), Reach(6, BERLIN, NOW - DAY, threads=frozenset({9})))
    assert the_step(facts(spoken=SENT, business=(sample(0.5),), reaches=both)).contact_id == 5
    assert the_step(facts(spoken=SENT, business=(sample(0.5),), reaches=both[1:])).contact_id == 6


def test_when_the_person_of_the_record_is_lost_only_who_knows_the_matter_or_decides_is_written_to() -> None:
    one = facts(spoken=SENT, business=(sample(0.5),), bounced=(Bounced(5, NOW - DAY),))
    stranger = Reach(6, BERLIN, NOW - DAY, threads=frozenset({77}))
    decides = Reach(7, BERLIN, decides=True)
    [task] = plan(replace(one, reaches=(stranger,)), CADENCE, CALENDAR, NOW)
    assert (task.action, task.contact_id) == ("task", 5)
    assert the_step(replace(one, reaches=(stranger, decides))).contact_id == 7
    assert steps(replace(one, reaches=(stranger, decides, Reach(8, BERLIN, decides=True)))) == []


def test_who_has_left_is_a_task_to_find_the_successor() -> None:
    [task] = plan(facts(reaches=(), bounced=(Bounced(5, NOW - DAY, left=True),)), CADENCE, CALENDAR, NOW)
    assert (task.action, task.stage) == ("task", "left")


def test_an_absence_holds_for_the_one_who_is_away() -> None:
    colleague = Absence(NOW - 0.2 * DAY, date(2026, 6, 14), contact_id=6)
    one = facts(spoken=SENT, business=(sample(0.5),))
    assert the_step(replace(one, absences=(colleague,))) == the_step(one)
    assert the_step(replace(one, absences=(replace(colleague, contact_id=5),))).due_at > NOW + 13 * DAY


INQUIRY = Business(30, "inquiry", "open", NOW - 0.1 * DAY, contact_id=5, thread_id=9)
ASKED = Spoken(NOW - 0.1 * DAY, True, 7, contact_id=5, thread_id=9)


@pytest.mark.parametrize(("grade", "hours"), [("A", 4), ("B", 8), ("C", 24)])
def test_an_inquiry_that_has_come_in_is_answered_within_our_limit(grade: str, hours: float) -> None:
    planned = the_step(facts(grade=grade, spoken=(ASKED,), business=(INQUIRY,)))
    assert (planned.stage, planned.template, planned.step) == ("first_answer", "first_answer", 1)
    assert (planned.contact_id, planned.thread_id, planned.anchor) == (5, 9, "first_answer:30:7")
    assert CALENDAR.working_hours(ASKED.at, planned.due_at, CALENDAR.home) == pytest.approx(hours)


def test_the_answer_to_an_inquiry_does_not_wait_for_the_minimum_gap() -> None:
    spoken = (said(0.2, inbound=False, entry=6), ASKED)
    assert the_step(facts(spoken=spoken, business=(INQUIRY,))).due_at < NOW + DAY


def test_an_answered_inquiry_goes_on_with_the_next_steps() -> None:
    answered = replace(INQUIRY, stage="answered", changed_at=NOW)
    spoken = (ASKED, Spoken(NOW, False, 8, contact_id=5, thread_id=9))
    done = Step("first_answer:30:7", 1, "done", NOW)
    planned = the_step(facts(spoken=spoken, business=(answered,), steps=(done,)), NOW + timedelta(minutes=5))
    assert (planned.stage, planned.step) == ("new_inquiry", 1)


def test_an_inquiry_is_answered_once_and_late_but_not_months_late() -> None:
    one = facts(spoken=(ASKED,), business=(INQUIRY,))
    planned = the_step(one)
    skipped = replace(one, steps=(Step(planned.anchor, 1, "skipped", NOW),))
    assert steps(skipped) == []
    there = replace(one, steps=(Step(planned.anchor, 1, "drafted", planned.due_at),))
    assert the_step(there, NOW + 20 * DAY).due_at == planned.due_at
    assert [one.stage for one in steps(there, NOW + 40 * DAY)] != ["first_answer"]


def test_a_mail_that_asks_for_nothing_is_left_to_the_person() -> None:
    assert steps(facts(spoken=(ASKED,))) == []
    called = (said(3, inbound=False, entry=5), ASKED)
    old = replace(INQUIRY, changed_at=NOW - 9 * DAY)
    assert steps(facts(spoken=called, business=(old,))) == []


def test_a_file_from_a_fair_begins_with_a_mail_for_which_nobody_waits() -> None:
    new = facts(grade="watch", met_at=NOW - DAY)
    planned = the_step(new)
    assert (planned.stage, planned.step, planned.paced) == ("fair_contact", 1, True)
    assert steps(replace(new, met_at=NOW - 300 * DAY)) == []
    assert steps(replace(new, spoken=(said(0.5, inbound=True, entry=1), said(0.2, inbound=False, entry=2)))) == []
    wrote = replace(new, spoken=(Spoken(NOW, False, 2),), steps=(Step(planned.anchor, 1, "done", NOW),))
    second = the_step(wrote)
    assert (second.step, second.paced) == (2, False)


def test_what_was_written_about_the_quotation_is_no_step_of_the_silence_after_it() -> None:
    spoken = (
        said(60, inbound=True, entry=1),
        *(said(days, inbound=False, entry=60 - days) for days in (59, 55, 48, 33)),
    )
    quote = Business(8, "quote", "sent", NOW - 59 * DAY, contact_id=5)
    ended = tuple(Step("quoted:8:1", number, "done", NOW - days * DAY) for number, days in enumerate((55, 48, 33), 1))
    planned = the_step(facts(spoken=spoken, business=(quote,), steps=ended))
    assert (planned.stage, planned.step) == ("silent", 1)


def test_a_customers_are_spoken_to_each_quarter_also_while_business_runs() -> None:
    one = facts(grade="A", spoken=(said(100, inbound=True, entry=9), *SENT), business=(sample(0.5),))
    mail, call = plan(one, CADENCE, CALENDAR, NOW)
    assert (mail.stage, call.stage, call.action) == ("sample_sent", "personal", "call")
    assert (call.due_at.date() - mail.due_at.date()).days >= 1
    spoke = replace(said(50, inbound=False, entry=8), personal=True)
    one = facts(grade="A", spoken=(said(100, inbound=True, entry=9), spoke, *SENT), business=(sample(0.5),))
    [call] = [planned for planned in plan(one, CADENCE, CALENDAR, NOW) if planned.stage == "personal"]
    assert call.due_at >= NOW + 39 * DAY
    skipped = replace(one, steps=(Step(call.anchor, 1, "skipped", call.due_at),))
    [visit] = [one for one in plan(skipped, CADENCE, CALENDAR, call.due_at + DAY) if one.stage == "personal"]
    assert (visit.action, visit.due_at > call.due_at + 85 * DAY) == ("visit", True)


def test_an_approval_that_comes_minutes_later_costs_no_day() -> None:
    approved = datetime(2026, 6, 2, 13, 40, tzinfo=UTC)  # Tuesday afternoon in Berlin
    spoken = (said(3, inbound=True, entry=1), Spoken(approved, False, 2, contact_id=5))
    planned = the_step(facts(spoken=spoken, business=(replace(sample(0), changed_at=approved),)), approved)
    assert planned.due_at.astimezone(BERLIN.zone) == datetime(2026, 6, 3, 9, tzinfo=BERLIN.zone)


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
    assert 90 * DAY <= second.due_at - first.due_at <= 95 * DAY
    done = replace(woken, steps=(*woken.steps, Step(first.anchor, 2, "skipped", second.due_at)))
    assert steps(done, second.due_at + DAY) == []


def test_an_old_mailbox_wakes_nobody_of_years_ago() -> None:
    quiet = (said(1000, inbound=True, entry=1), said(999, inbound=False, entry=2))
    assert steps(facts(status="dormant", spoken=quiet)) == []
    assert steps(facts(spoken=quiet, business=(sample(999),))) == []


def test_steps_that_run_go_on_to_the_end_however_long_ago_they_began() -> None:
    said_then = (said(52, inbound=True, entry=1), said(50, inbound=False, entry=2))
    one = facts(spoken=said_then, business=(sample(50),))
    assert steps(one)[0].stage == "silent"
    before = Step("sample_sent:12:1", 6, "done", NOW - 20 * DAY)
    assert (the_step(replace(one, steps=(before,))).stage, the_step(replace(one, steps=(before,))).step) == (
        "sample_sent",
        7,
    )


def test_a_paused_plan_waits_and_goes_on_afterwards() -> None:
    one = facts(spoken=SENT, business=(sample(0.5),))
    assert steps(replace(one, held=True)) == []
    until = NOW + 20 * DAY
    assert the_step(replace(one, held=True, held_until=until)).due_at >= until
    assert the_step(replace(one, held_until=NOW - DAY)) == the_step(one)


@pytest.mark.parametrize("kind", ["not_interested", "unsubscribe", "complaint"])
def test_a_refusal_stops_a_paused_plan_as_well(kind: str) -> None:
    no = (*SENT, said(0.1, inbound=True, entry=3), said(0.05, inbound=False, entry=4))
    stopping = (Stopping(kind, NOW - 0.1 * DAY, 3),)
    one = facts(spoken=no, business=(sample(0.5),), stopping=stopping, held=True, held_until=NOW + 9 * DAY)
    assert steps(one) == []
    assert stopped_by(one, NOW) == kind


def test_a_pause_of_a_customer_whom_no_mail_reaches_plans_nothing() -> None:
    one = facts(spoken=SENT, business=(sample(0.5),), reaches=(), held=True, held_until=NOW + 9 * DAY)
    assert plan(one, CADENCE, CALENDAR, NOW) == ()
    assert stopped_by(one, NOW) == "unreachable"


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
