"""The planner on any history: always in working time, never too close, never after a stop, always an end."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from inboxcrm import shipped
from inboxcrm.followup.cadence import load
from inboxcrm.followup.facts import Absence, Bounced, Business, Facts, Reach, Spoken, Step, Stopping
from inboxcrm.followup.places import Place
from inboxcrm.followup.plan import Planned, plan, stopped_by
from inboxcrm.followup.situations import STAGES_OF_RECORDS

CADENCE = load(shipped.find(None, "config", "cadence.toml"))
PATIENT = CADENCE.model_copy(update={"look_back_days": 400})
SHANGHAI = ZoneInfo("Asia/Shanghai")
CALENDAR = CADENCE.calendar(SHANGHAI)
PLACES = st.sampled_from(
    [
        Place(ZoneInfo(zone), country)
        for zone, country in (
            ("Asia/Shanghai", "CN"),
            ("America/New_York", "US"),
            ("Europe/Berlin", "DE"),
            ("Asia/Riyadh", "SA"),
            ("Africa/Cairo", "EG"),
            ("Africa/Casablanca", "MA"),
            ("Australia/Lord_Howe", "AU"),
            ("America/Sao_Paulo", "BR"),
            ("Asia/Kathmandu", "NP"),
            ("Asia/Tehran", "IR"),
            ("Pacific/Apia", "WS"),
            ("UTC", ""),
        )
    ]
)
INSTANTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
CADENCES = st.sampled_from([CADENCE, PATIENT])


@st.composite
def histories(draw: st.DrawFn) -> tuple[Facts, datetime]:
    """Any customer at any instant."""
    now = draw(INSTANTS)
    ago = st.sampled_from([3, 40, 500]).flatmap(lambda most: st.floats(0, most)).map(lambda days: now - timedelta(days))
    who = st.sampled_from([None, 1, 2, 3])
    lines = sorted(draw(st.lists(st.tuples(ago, st.booleans(), st.booleans(), st.booleans()), max_size=10)))
    spoken = tuple(
        Spoken(at, inbound, number, draw(who), draw(st.sampled_from([None, 9])), fair=fair, personal=fair or personal)
        for number, (at, inbound, fair, personal) in enumerate(lines, 1)
    )
    when = st.sampled_from([one.at for one in spoken]) if spoken else ago
    business = []
    for number in range(draw(st.integers(0, 3))):
        kind, stages = draw(st.sampled_from(sorted(STAGES_OF_RECORDS.values(), key=str)))
        business.append(Business(number, kind, draw(st.sampled_from(sorted(stages))), draw(when), draw(who), 9))
    kinds = st.sampled_from(["complaint", "not_interested", "unsubscribe"])
    held = draw(st.sampled_from([(False, None), (False, None), (True, None), (True, now + timedelta(20))]))
    return (
        Facts(
            1,
            draw(st.sampled_from(["A", "B", "C", "watch"])),
            draw(st.sampled_from(["prospect", "following", "won", "dormant"])),
            SHANGHAI,
            reaches=tuple(
                Reach(number, draw(PLACES), threads=draw(st.sampled_from([frozenset(), frozenset({9})])))
                for number in range(1, draw(st.integers(0, 3)) + 1)
            ),
            spoken=spoken,
            business=tuple(sorted(business, key=lambda one: one.changed_at)),
            stopping=tuple(
                Stopping(draw(kinds), one.at, one.entry_id)
                for one in spoken
                if one.inbound and draw(st.integers(0, 5)) == 0
            ),
            absences=tuple(
                Absence(at, at.date() + timedelta(days=draw(st.integers(0, 30))), draw(who))
                for at in draw(st.lists(ago, max_size=2))
            ),
            bounced=tuple(Bounced(3, at) for at in draw(st.lists(ago, max_size=1))),
            held=held[0],
            held_until=held[1],
            met_at=draw(st.none() | ago),
        ),
        now,
    )


def steps(facts: Facts, now: datetime, cadence: object = CADENCE) -> list[Planned]:
    return [one for one in plan(facts, cadence, CALENDAR, now) if one.action != "task"]  # type: ignore[arg-type]


def place_of(facts: Facts, planned: Planned) -> Place:
    return next(reach.place for reach in facts.reaches if reach.contact_id == planned.contact_id)


def days_between(one: datetime, other: datetime, place: Place) -> int:
    """Days of the calendar at the place."""
    return abs((one.astimezone(place.zone).date() - other.astimezone(place.zone).date()).days)


@settings(max_examples=400, deadline=None)
@given(histories(), CADENCES)
def test_it_is_always_ahead_in_the_morning_of_a_working_day_and_never_within_the_minimum_gap(
    given_: tuple[Facts, datetime], cadence: object
) -> None:
    facts, now = given_
    for planned in steps(facts, now, cadence):
        assert planned.due_at >= now
        if planned.stage == "first_answer":
            assert (
                facts.held
                or CALENDAR.is_working(planned.due_at - timedelta(seconds=1), CALENDAR.home)
                or (CALENDAR.is_working(planned.due_at, CALENDAR.home))
            )
            continue
        place = place_of(facts, planned)
        local = planned.due_at.astimezone(place.zone)
        assert CALENDAR.sends(local.date(), place)
        assert CALENDAR.morning.start <= local.time() < CALENDAR.morning.end
        last_out = max((said.at for said in facts.spoken if not said.inbound), default=None)
        assert last_out is None or days_between(planned.due_at, last_out, place) >= CADENCE.minimum_gap_days


@settings(max_examples=400, deadline=None)
@given(histories(), CADENCES)
def test_the_same_facts_give_the_same_plan_one_step_and_a_call_that_keeps_its_distance(
    given_: tuple[Facts, datetime], cadence: object
) -> None:
    facts, now = given_
    found = steps(facts, now, cadence)
    assert found == steps(facts, now, cadence)
    assert len([one for one in found if one.stage != "personal"]) <= 1
    if len(found) == 2:
        step, call = found
        assert (call.stage, call.action in ("call", "visit")) == ("personal", True)
        assert days_between(step.due_at, call.due_at, place_of(facts, call)) >= CADENCE.minimum_gap_days


@settings(max_examples=400, deadline=None)
@given(histories())
def test_after_a_stop_nothing_is_written_and_a_pause_is_kept(given_: tuple[Facts, datetime]) -> None:
    facts, now = given_
    stop = stopped_by(facts, now)
    if stop not in ("", "held") or (stop == "held" and facts.held_until is None):
        assert steps(facts, now) == []
    for planned in steps(facts, now):
        assert facts.held_until is None or planned.due_at >= facts.held_until


@settings(max_examples=150, deadline=None)
@given(histories(), CADENCES)
def test_whoever_never_answers_is_left_alone_in_the_end_and_no_step_comes_twice(
    given_: tuple[Facts, datetime], cadence: object
) -> None:
    facts, now = given_
    facts = replace(facts, held=False, held_until=None)
    seen: set[tuple[str, int]] = set()
    while found := steps(facts, now, cadence):
        planned = min(found, key=lambda one: one.due_at)
        key = (planned.anchor, planned.step)
        assert key not in seen
        seen.add(key)
        there = Step(planned.anchor, planned.step, "planned", planned.due_at, planned_at=now)
        waiting = replace(facts, steps=(*facts.steps, there))
        for later in (now, planned.due_at, planned.due_at + timedelta(hours=7)):
            [again] = [one for one in steps(waiting, later, cadence) if (one.anchor, one.step) == key]
            # A call gives way to a mail that comes up meanwhile.
            assert again.due_at == planned.due_at or (planned.stage == "personal" and again.due_at > planned.due_at)
        now = planned.due_at + timedelta(minutes=5)
        facts = replace(
            facts,
            steps=(*facts.steps, replace(there, state="done", at=now)),
            spoken=(*facts.spoken, Spoken(now, False, 1000 + len(seen), planned.contact_id)),
        )
        assert len(seen) < 80


@settings(max_examples=200, deadline=None)
@given(histories(), st.integers(0, 600))
def test_an_answer_ends_every_step_that_ran(given_: tuple[Facts, datetime], minutes: int) -> None:
    facts, now = given_
    before = {one.anchor for one in steps(facts, now) if one.stage != "personal"}
    answered = replace(facts, spoken=(*facts.spoken, Spoken(now, True, 9999, 1)))
    for planned in steps(answered, now + timedelta(minutes=minutes)):
        assert planned.anchor not in before
