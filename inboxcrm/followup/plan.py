"""What is due with a customer next, when and why: a pure function of the facts, the cadence and the calendar.

At most one step of the cadence at a time, and beside it a call or visit that keeps its distance, so that no two rules can write to one
customer at once; and the tasks that only a person can do. A mail written by hand is a step as well.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from inboxcrm.followup.cadence import Cadence, StageSteps
from inboxcrm.followup.cadence import Step as CadenceStep
from inboxcrm.followup.calendar import Calendar
from inboxcrm.followup.facts import Facts, Reach
from inboxcrm.followup.places import Place
from inboxcrm.followup.situations import (
    ANSWER,
    OPEN,
    PERSONAL,
    Situation,
    heard_last,
    personal,
    situations,
    taken,
    unanswered_inquiry,
)

_TASKS_FOR = timedelta(days=30)
"""So long a complaint, a refusal or a bounce raises a task; older ones are history."""
_COMPLAINT_RESTS = timedelta(days=30)
"""So long after our answer to a complaint nothing is written by rote, unless the customer writes again."""
_LONGEST_ABSENCE = timedelta(days=120)
_UNHURRIED = 24.0
"""Our working hours within which an inquiry is answered where its grade has no limit."""


@dataclass(frozen=True, slots=True)
class Planned:
    """One follow-up that is due at `due_at` (UTC). `action`: "mail", "call", "visit" or "task". `paced`: nobody waits for it, so it may
    be put off when a day is full, at its `place`. `reasons`: facts that `inboxcrm.followup.words` puts into words.
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
    place: Place | None = None


def plan(facts: Facts, cadence: Cadence, calendar: Calendar, now: datetime) -> tuple[Planned, ...]:
    """The tasks for a person, what was noted by hand, the next step of the cadence, and a call or visit beside it. The same arguments
    give the same plan.
    """
    steps = _Steps(facts, cadence, calendar, now)
    return (*_tasks(facts, now), *_noted(facts, calendar, now), *steps.wanted())


def stopped_by(facts: Facts, now: datetime) -> str:
    """What keeps the service from writing to this customer by rote: a kind of `Stopping`, "unreachable" or "held"; "" for nothing.
    A refusal counts whether the plan is paused or not.
    """
    last_in = max((one.at for one in facts.spoken if one.inbound), default=None)
    for one in facts.stopping:
        if one.kind == "complaint":
            answer = min((said.at for said in facts.spoken if not said.inbound and said.at > one.at), default=None)
            again = answer is not None and last_in is not None and last_in > answer
            if answer is None or not (again or now - answer > _COMPLAINT_RESTS):
                return one.kind
        elif last_in is None or last_in <= one.at:
            return one.kind
    if not facts.reaches:
        return "unreachable"
    return "held" if facts.held and (facts.held_until is None or facts.held_until > now) else ""


def _tasks(facts: Facts, now: datetime) -> Iterator[Planned]:
    """What only a person can do: answer a complaint or a refusal, find another address or whoever took over."""
    for one in facts.stopping:
        answered = any(not said.inbound and said.at > one.at for said in facts.spoken)
        if now - one.at <= _TASKS_FOR and not answered:
            reason = {"kind": one.kind, "entry": one.entry_id}
            yield _task(facts, f"{one.kind}:{one.entry_id}", one.at, reason)
    for lost in facts.bounced:
        if now - lost.since <= _TASKS_FOR:
            kind = "left" if lost.left else "bounced"
            reason = {"kind": kind, "contact": lost.contact_id}
            anchor = f"{kind}:{lost.contact_id}:{lost.since.date()}"
            yield replace(_task(facts, anchor, lost.since, reason), contact_id=lost.contact_id)


def _task(facts: Facts, anchor: str, since: datetime, reason: dict[str, Any]) -> Planned:
    due = next((one.at for one in facts.steps if one.anchor == anchor and one.state in OPEN), since)
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


@dataclass(frozen=True, slots=True)
class _Steps:
    """The steps of the cadence for one customer."""

    facts: Facts
    cadence: Cadence
    calendar: Calendar
    now: datetime

    def wanted(self) -> tuple[Planned, ...]:
        """The next step, and the call or visit beside it."""
        stop = stopped_by(self.facts, self.now)
        if stop not in ("", "held") or (stop == "held" and self.facts.held_until is None):
            return ()
        answer = self._first_answer()
        if answer is not None or self._is_our_turn():
            return (answer,) if answer is not None else ()
        ahead = (one for one in situations(self.facts, self.cadence, self.now) if self._has_steps(one))
        situation = next(ahead, None)
        step = self._step(situation) if situation is not None else None
        return tuple(one for one in (step, self._personal(step)) if one is not None)

    def _is_our_turn(self) -> bool:
        """Whether the customer waits for our answer: then an answer is due, not a follow-up."""
        last = self.facts.spoken[-1] if self.facts.spoken else None
        if last is None or not last.inbound or last.settled:
            return False
        return self.now - last.at < timedelta(days=self.cadence.answer_patience_days)

    def _first_answer(self) -> Planned | None:
        """The answer to an inquiry that has come in: due within our limit, on our clock, and not held up by the minimum gap."""
        situation = unanswered_inquiry(self.facts, self.cadence, self.now)
        steps = self.cadence.steps(ANSWER, self.facts.grade)
        reach = _whom(self.facts, situation) if situation is not None else None
        if situation is None or steps is None or reach is None or taken(self.facts, situation)[0] >= len(steps.steps):
            return None
        hours = self.cadence.answer_within_hours.of(self.facts.grade) or _UNHURRIED
        home = self.calendar.home
        due = self.calendar.after_hours(situation.since, hours, home)
        if self.facts.held_until is not None:
            due = max(due, self.facts.held_until)
        due = self._kept(situation, 1, due)
        if due < self.now and not self._stands(situation, 1):
            due = self.calendar.after_hours(self.now, 0, home)
        reasons = ({"kind": "answer", "hours": hours, "goal": steps.steps[0].goal},)
        return self._planned(situation, steps, 1, reach, due=due, reasons=reasons)

    def _has_steps(self, situation: Situation) -> bool:
        """Whether not all steps of a stage have been taken."""
        steps = self.cadence.steps(situation.stage, self.facts.grade)
        return steps is not None and taken(self.facts, situation)[0] < steps.length

    def _step(self, situation: Situation) -> Planned | None:
        """The next step of a stage; None when all have been taken, or nobody can be written to about it."""
        steps = self.cadence.steps(situation.stage, self.facts.grade)
        reach = _whom(self.facts, situation)
        if steps is None or reach is None:
            return None
        count, last = taken(self.facts, situation)
        if count >= steps.length:
            return None
        step = steps.step(count + 1)
        due = self.calendar.after_days(last, step.after, reach.place, working=step.working)
        due, pushed = self._not_before(reach, self.calendar.next_morning_of(due, reach.place))
        due = self._kept(situation, count + 1, self.calendar.next_morning(due, reach.place))
        if due < self.now and not self._stands(situation, count + 1):
            due = self.calendar.next_morning(self.now, reach.place)
        reasons = (*_reasons(situation, steps, count + 1, step, last), *pushed)
        return self._planned(situation, steps, count + 1, reach, due=due, reasons=reasons)

    def _personal(self, step: Planned | None) -> Planned | None:
        """A call or visit when nobody has spoken to them for long; never within the minimum gap of the other step."""
        situation = personal(self.facts)
        found = self._step(situation) if situation is not None else None
        if found is None or step is None or found.place is None or step.place is None:
            return found
        there, other = _day(found.due_at, found.place), _day(step.due_at, found.place)
        if abs((there - other).days) >= self._gap:
            return found
        return replace(found, due_at=self.calendar.morning_from(other + timedelta(days=self._gap), found.place))

    def _planned(
        self,
        situation: Situation,
        steps: StageSteps,
        number: int,
        reach: Reach,
        *,
        due: datetime,
        reasons: tuple[dict[str, Any], ...],
    ) -> Planned:
        step, record = steps.step(number), situation.record
        opening = {
            "kind": "stage",
            "stage": situation.stage,
            "since": situation.since.isoformat(),
            "record": record.record_id if record else None,
        }
        return Planned(
            anchor=situation.anchor,
            stage=situation.stage,
            step=number,
            action=step.action,
            due_at=due,
            reasons=(opening, *reasons),
            template=step.template,
            goal=step.goal,
            contact_id=reach.contact_id,
            thread_id=situation.thread_id,
            paced=steps.paced or (situation.paced and number == 1),
            place=reach.place,
        )

    @property
    def _gap(self) -> int:
        """Days of the customer's calendar between two contacts."""
        return max(self.cadence.minimum_gap_days, 1 if self.cadence.one_contact_a_day else 0)

    def _stands(self, situation: Situation, number: int) -> bool:
        """Whether this step is planned already."""
        key = (situation.anchor, number)
        return any((one.anchor, one.step) == key and one.state in OPEN for one in self.facts.steps)

    def _kept(self, situation: Situation, number: int, due: datetime) -> datetime:
        """The time of a step that is planned already, when a person chose it or it is late enough; else `due`."""
        for one in self.facts.steps:
            if (one.anchor, one.step) == (situation.anchor, number) and one.state in OPEN:
                return one.at if one.moved or one.at >= due else due
        return due

    def _not_before(self, reach: Reach, due: datetime) -> tuple[datetime, Sequence[dict[str, Any]]]:
        """The instant put off as long as the minimum gap, an absence or a pause of the plan asks, and what asked for it."""
        pushed: list[dict[str, Any]] = []
        last_out = max((one.at for one in self.facts.spoken if not one.inbound), default=None)
        if last_out is not None:
            first = self.calendar.morning_from(_day(last_out, reach.place) + timedelta(days=self._gap), reach.place)
            if due < first:
                due = first
                pushed.append({"kind": "gap", "days": self._gap})
        for one in self.facts.absences:
            if one.contact_id not in (None, reach.contact_id):
                continue
            back = self.calendar.morning_from(one.back_on + timedelta(days=1), reach.place)
            if one.at < due < back and back - one.at <= _LONGEST_ABSENCE:
                due = back
                pushed.append({"kind": "away", "until": one.back_on.isoformat()})
        until = self.facts.held_until
        if until is not None and until > self.now and due < until:
            due = until
            pushed.append({"kind": "held", "until": until.isoformat()})
        return due, pushed


def _whom(facts: Facts, situation: Situation) -> Reach | None:
    """The person to write to: whom it is about, else who wrote last. When that one can't be reached, somebody who has written in the
    same conversation, or the only one left who decides; else nobody: strangers are not told what we wrote to others.
    """
    if situation.contact_id is not None or situation.record is not None:
        wanted = situation.contact_id
    else:
        heard = heard_last(facts)
        wanted = heard.contact_id if heard is not None else None
    there = {one.contact_id: one for one in facts.reaches}
    if wanted in there:
        return there[wanted]
    if wanted is None:
        return max(facts.reaches, key=_latest, default=None)
    thread = situation.thread_id
    wrote = [one for one in facts.reaches if (thread in one.threads if thread is not None else one.last_in is not None)]
    if wrote:
        return max(wrote, key=_latest)
    deciding = [one for one in facts.reaches if one.decides]
    return deciding[0] if len(deciding) == 1 else None


def _latest(reach: Reach) -> tuple[datetime, int]:
    return reach.last_in or datetime.min.replace(tzinfo=UTC), -reach.contact_id


def _day(at: datetime, place: Place) -> date:
    return at.astimezone(place.zone).date()


def _reasons(
    situation: Situation, steps: StageSteps, number: int, step: CadenceStep, last: datetime
) -> Iterator[dict[str, Any]]:
    if situation.stage == PERSONAL:
        yield {"kind": "personal", "days": step.after, "goal": step.goal}
        return
    yield {
        "kind": "step",
        "step": number,
        "of": steps.length,
        "days": step.after,
        "working": step.working,
        "last": last.isoformat(),
        "goal": step.goal,
    }
