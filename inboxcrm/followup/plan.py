"""What is due with a customer next, when and why: a pure function of the facts, the cadence and the calendar.

At most one step at a time, so that no two rules can write to one customer at once; and the tasks that only a person can do. The steps
of a stage are counted from our last contact in it, however that was made: a mail written by hand is a step as well.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

from inboxcrm.followup.cadence import Cadence, StageSteps
from inboxcrm.followup.cadence import Step as CadenceStep
from inboxcrm.followup.calendar import Calendar
from inboxcrm.followup.facts import Business, Facts, Reach, Spoken

_DECIDED = frozenset({"done", "skipped"})
_OPEN = frozenset({"planned", "drafted"})
_SAME_CONTACT = timedelta(hours=12)
"""Contacts closer together than this are one: a mail and the call that announces it, a mail and its correction."""
_TASKS_FOR = timedelta(days=30)
"""So long a complaint, a refusal or a bounce raises a task; older ones are history."""
_COMPLAINT_RESTS = timedelta(days=30)
"""So long after our answer to a complaint nothing is written by rote, unless the customer writes again."""
_LONGEST_ABSENCE = timedelta(days=120)

STAGES_OF_RECORDS = {
    "order_running": ("order", frozenset({"placed", "confirmed", "paid"})),
    "after_delivery": ("order", frozenset({"shipped", "done"})),
    "sample_judged": ("sample", frozenset({"judged"})),
    "sample_sent": ("sample", frozenset({"sent", "received"})),
    "quoted": ("quote", frozenset({"sent", "negotiated"})),
    "new_inquiry": ("inquiry", frozenset({"open", "answered"})),
}
"""Which records, at which of their stages, put a customer into a stage of the cadence."""


@dataclass(frozen=True, slots=True)
class Planned:
    """One follow-up that is due at `due_at` (UTC). `action`: "mail", "call", "visit" or "task". `paced`: nobody waits for it, so it may
    be put off when a day is full. `reasons`: facts that `inboxcrm.followup.words` puts into words.
    """

    anchor: str
    stage: str
    step: int
    action: str
    due_at: datetime
    reasons: tuple[dict[str, Any], ...]
    template: str = ""
    goal: str = ""
    contact_id: int | None = None
    thread_id: int | None = None
    paced: bool = False


@dataclass(frozen=True, slots=True)
class _Situation:
    """A stage that a customer is in: since when, by which record, and what names this waiting for an answer."""

    stage: str
    since: datetime
    anchor: str
    record: Business | None = None
    entry: Spoken | None = None


def plan(facts: Facts, cadence: Cadence, calendar: Calendar, now: datetime) -> tuple[Planned, ...]:
    """The tasks for a person, what was noted by hand, and the next step of the cadence. The same arguments give the same plan."""
    tasks = (*_tasks(facts, now), *_noted(facts, calendar, now))
    step = _next_step(facts, cadence, calendar, now)
    return (*tasks, step) if step is not None else tasks


def stopped_by(facts: Facts, now: datetime) -> str:
    """What keeps the service from writing to this customer by rote: "held", "unreachable", or a kind of `Stopping`; "" for nothing."""
    if facts.held and (facts.held_until is None or facts.held_until > now):
        return "held"
    if not facts.reaches:
        return "unreachable"
    last_in = max((one.at for one in facts.spoken if one.inbound), default=None)
    for one in facts.stopping:
        if one.kind == "complaint":
            answer = min((said.at for said in facts.spoken if not said.inbound and said.at > one.at), default=None)
            again = answer is not None and last_in is not None and last_in > answer
            if answer is None or not (again or now - answer > _COMPLAINT_RESTS):
                return one.kind
        elif last_in is None or last_in <= one.at:
            return one.kind
    return ""


def _tasks(facts: Facts, now: datetime) -> Iterator[Planned]:
    """What only a person can do: answer a complaint or a refusal, find another address."""
    for one in facts.stopping:
        answered = any(not said.inbound and said.at > one.at for said in facts.spoken)
        if now - one.at <= _TASKS_FOR and not answered:
            reason = {"kind": one.kind, "entry": one.entry_id}
            yield _task(facts, f"{one.kind}:{one.entry_id}", one.at, reason)
    for lost in facts.bounced:
        if now - lost.since <= _TASKS_FOR:
            reason = {"kind": "bounced", "contact": lost.contact_id}
            anchor = f"bounced:{lost.contact_id}:{lost.since.date()}"
            yield replace(_task(facts, anchor, lost.since, reason), contact_id=lost.contact_id)


def _task(facts: Facts, anchor: str, since: datetime, reason: dict[str, Any]) -> Planned:
    due = next((one.at for one in facts.steps if one.anchor == anchor and one.state in _OPEN), since)
    return Planned(anchor, str(reason["kind"]), 1, "task", due, (reason,))


def _noted(facts: Facts, calendar: Calendar, now: datetime) -> Iterator[Planned]:
    """The next follow-up that a person wrote into the log, until something was said to the customer on or after that day."""
    wishes = [one for one in facts.spoken if one.wish is not None]
    if not wishes:
        return
    last = wishes[-1]
    assert last.wish is not None  # noqa: S101  they were chosen so
    due = datetime.combine(last.wish, calendar.morning.start, facts.zone).astimezone(UTC)
    day = datetime.combine(last.wish, time(), facts.zone)
    done = any(one.at >= day and one.entry_id != last.entry_id for one in facts.spoken)
    if not done and now - due <= _TASKS_FOR:
        reason = {"kind": "noted", "entry": last.entry_id, "on": last.wish.isoformat()}
        yield Planned(f"noted:{last.entry_id}", "noted", 1, "task", due, (reason,), contact_id=last.contact_id)


# --- the steps --------------------------------------------------------------------------------------------------------


def _next_step(facts: Facts, cadence: Cadence, calendar: Calendar, now: datetime) -> Planned | None:
    if stopped_by(facts, now) in ("unreachable", "not_interested", "unsubscribe", "complaint"):
        return None
    if facts.held and facts.held_until is None:
        return None
    if _is_our_turn(facts, cadence, now):
        return None
    for situation in _situations(facts, cadence, now):
        steps = cadence.steps(situation.stage, facts.grade)
        if steps is None:
            continue
        found = _step(facts, cadence, calendar, now, situation, steps)
        if found is not None:
            return found
    return None


def _is_our_turn(facts: Facts, cadence: Cadence, now: datetime) -> bool:
    """Whether the customer waits for our answer: then an answer is due, not a follow-up."""
    last = facts.spoken[-1] if facts.spoken else None
    if last is None or not last.inbound or last.settled:
        return False
    return now - last.at < timedelta(days=cadence.answer_patience_days)


def _situations(facts: Facts, cadence: Cadence, now: datetime) -> Iterator[_Situation]:
    """The stages that the customer is in, in the order of the cadence file."""
    heard = next((one for one in reversed(facts.spoken) if one.inbound), None)
    mark = heard.entry_id if heard else 0
    last = facts.spoken[-1].at if facts.spoken else None
    fresh = timedelta(days=cadence.look_back_days)
    for stage in cadence.order:
        if stage in STAGES_OF_RECORDS:
            kind, stages = STAGES_OF_RECORDS[stage]
            records = [one for one in facts.business if one.kind == kind and one.stage in stages]
            if not records:
                continue
            record = max(records, key=lambda one: (one.changed_at, one.record_id))
            since = max(record.changed_at, heard.at) if heard else record.changed_at
            if now - since <= fresh:
                yield _Situation(stage, since, f"{stage}:{record.record_id}:{mark}", record)
        elif stage == "fair_contact":
            met = next((one for one in reversed(facts.spoken) if one.fair), None)
            if met is not None and now - met.at <= fresh and (heard is None or heard.at <= met.at):
                yield _Situation(stage, met.at, f"{stage}:{met.entry_id}:{mark}", entry=met)
        elif last is not None and (stage == "dormant") == (facts.status == "dormant"):
            since = heard.at if heard else facts.spoken[0].at
            if now - last <= timedelta(days=cadence.wake_within_days):
                yield _Situation(stage, since, f"{stage}:{mark}")


def _step(  # noqa: PLR0917  the five arguments of planning, and the situation
    facts: Facts, cadence: Cadence, calendar: Calendar, now: datetime, situation: _Situation, steps: StageSteps
) -> Planned | None:
    """The next step of a stage; None when all have been taken."""
    taken, last = _taken(facts, situation)
    if taken >= len(steps.steps):
        return None
    number, step = taken + 1, steps.steps[taken]
    reach = _whom(facts, situation)
    raw = (
        calendar.after_days(last, int(step.after), reach.place, working=True)
        if step.working
        else last + timedelta(days=step.after)
    )
    due, pushed = _not_before(facts, cadence, calendar, reach, raw)
    due = calendar.next_morning(due, reach.place)
    there = next((one for one in facts.steps if (one.anchor, one.step) == (situation.anchor, number)), None)
    if there is not None and there.state in _OPEN and (there.moved or there.at >= due):
        due = there.at
    elif due < now:
        due = calendar.next_morning(now, reach.place)
    record = situation.record
    return Planned(
        anchor=situation.anchor,
        stage=situation.stage,
        step=number,
        action=step.action,
        due_at=due,
        reasons=(*_reasons(situation, steps, number, step, last), *pushed),
        template=step.template,
        goal=step.goal,
        contact_id=reach.contact_id,
        thread_id=record.thread_id if record else None,
        paced=steps.paced,
    )


def _taken(facts: Facts, situation: _Situation) -> tuple[int, datetime]:
    """How many steps of a stage have been taken, and the instant from which the next one is counted."""
    ours = [one.at for one in facts.spoken if not one.inbound and one.at >= situation.since]
    if situation.entry is not None:
        ours = [one.at for one in facts.spoken if not one.inbound and one.at > situation.entry.at + _SAME_CONTACT]
        last = situation.entry.at
    else:
        # What opened the stage, or answered the customer, is not a step yet.
        last = ours[0] if ours else situation.since
    taken = 0
    decided = [one for one in facts.steps if one.anchor == situation.anchor and one.state in _DECIDED]
    if decided:
        latest = max(decided, key=lambda one: one.step)
        taken, last = latest.step, max(last, latest.at)
    for at in ours:
        if at - last > _SAME_CONTACT:
            taken, last = taken + 1, at
    return taken, last


def _whom(facts: Facts, situation: _Situation) -> Reach:
    """The person to write to: of the record, else who wrote last, else the first."""
    wanted = (
        situation.record.contact_id if situation.record else (situation.entry.contact_id if situation.entry else None)
    )
    for one in facts.reaches:
        if one.contact_id == wanted:
            return one
    never = datetime.min.replace(tzinfo=UTC)
    return max(facts.reaches, key=lambda one: (one.last_in or never, -one.contact_id))


def _not_before(
    facts: Facts, cadence: Cadence, calendar: Calendar, reach: Reach, due: datetime
) -> tuple[datetime, Sequence[dict[str, Any]]]:
    """The instant put off as long as the minimum gap, an absence or a pause of the plan asks, and what asked for it."""
    pushed: list[dict[str, Any]] = []
    last_out = max((one.at for one in facts.spoken if not one.inbound), default=None)
    if last_out is not None and due < (gap := last_out + timedelta(days=cadence.minimum_gap_days)):
        due = gap
        pushed.append({"kind": "gap", "days": cadence.minimum_gap_days})
    for one in facts.absences:
        back = datetime.combine(one.back_on + timedelta(days=1), calendar.morning.start, reach.place.zone).astimezone(
            UTC
        )
        if one.at < due < back and back - one.at <= _LONGEST_ABSENCE:
            due = back
            pushed.append({"kind": "away", "until": one.back_on.isoformat()})
    if facts.held_until is not None and due < facts.held_until:
        due = facts.held_until
        pushed.append({"kind": "held", "until": facts.held_until.isoformat()})
    return due, pushed


def _reasons(
    situation: _Situation, steps: StageSteps, number: int, step: CadenceStep, last: datetime
) -> Iterator[dict[str, Any]]:
    record = situation.record
    yield {
        "kind": "stage",
        "stage": situation.stage,
        "since": situation.since.isoformat(),
        "record": record.record_id if record else None,
    }
    yield {
        "kind": "step",
        "step": number,
        "of": len(steps.steps),
        "days": step.after,
        "working": step.working,
        "last": last.isoformat(),
        "goal": step.goal,
    }
