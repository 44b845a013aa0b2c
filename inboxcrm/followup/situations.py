"""Which stages of the cadence a customer is in, and how many of their steps have been taken. Pure; it plans nothing.

A stage that hangs on a business record or on a meeting begins with it, and what we wrote or said since counts as its steps, whoever
planned it. A stage of silence begins with its first planned step: what was written before it belonged to something else.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from inboxcrm.followup.cadence import Cadence, StageSteps
from inboxcrm.followup.facts import Business, Facts, Spoken

DECIDED = frozenset({"done", "skipped"})
OPEN = frozenset({"planned", "drafted"})
ANSWER = "first_answer"
"""The stage in which an inquiry waits for our answer."""
PERSONAL = "personal"
"""The stage beside all others: a call or visit now and then."""
FROM_SOURCE = "fair_contact:source"
"""The anchor of steps that only the source in the file calls for."""
STAGES_OF_RECORDS: Mapping[str, tuple[str, frozenset[str]]] = {
    ANSWER: ("inquiry", frozenset({"open"})),
    "order_running": ("order", frozenset({"placed", "confirmed", "paid"})),
    "after_delivery": ("order", frozenset({"shipped", "done"})),
    "sample_judged": ("sample", frozenset({"judged"})),
    "sample_sent": ("sample", frozenset({"sent", "received"})),
    "quoted": ("quote", frozenset({"sent", "negotiated"})),
    "new_inquiry": ("inquiry", frozenset({"open", "answered"})),
}
"""Which records, at which of their stages, put a customer into a stage of the cadence."""
_SAME_CONTACT = timedelta(hours=12)
"""Contacts closer together than this are one: a mail and the call that announces it, a mail and its correction."""
_ANSWER_LIVES = timedelta(days=30)
"""An inquiry that nobody has answered for so long is not answered by rote any more."""


@dataclass(frozen=True, slots=True)
class Situation:
    """A stage that a customer is in: since when, by which record or entry, and what names this waiting for an answer. `counts_all`:
    every contact of ours since then is a step of it. `paced`: nobody waits for its first step.
    """

    stage: str
    since: datetime
    anchor: str
    record: Business | None = None
    entry: Spoken | None = None
    counts_all: bool = True
    paced: bool = False

    @property
    def contact_id(self) -> int | None:
        """The person whom it is about."""
        if self.record is not None and self.record.contact_id is not None and self.stage != ANSWER:
            return self.record.contact_id
        return self.entry.contact_id if self.entry is not None else None

    @property
    def thread_id(self) -> int | None:
        """The conversation in which it goes on."""
        if self.stage == ANSWER and self.entry is not None and self.entry.thread_id is not None:
            return self.entry.thread_id
        return self.record.thread_id if self.record is not None else None


def heard_last(facts: Facts) -> Spoken | None:
    """The last word of the customer."""
    return next((one for one in reversed(facts.spoken) if one.inbound), None)


def situations(facts: Facts, cadence: Cadence, now: datetime) -> Iterator[Situation]:
    """The stages that the customer is in, in the order of the cadence file, without those that stand apart (ANSWER, PERSONAL).

    A stage that began longer ago than `look_back_days` is left out, unless steps of it were planned in time.
    """
    heard = heard_last(facts)
    mark = heard.entry_id if heard else 0
    for stage in cadence.order:
        if stage in (ANSWER, PERSONAL):
            continue
        if stage in STAGES_OF_RECORDS:
            found = _of_record(facts, stage, heard, mark)
        elif stage == "fair_contact":
            found = _after_fair(facts, heard, mark)
        else:
            found = _of_silence(facts, cadence, stage, heard, now)
        if found is not None and (not found.counts_all or _is_in_time(facts, cadence, found, now)):
            yield found


def unanswered_inquiry(facts: Facts, cadence: Cadence, now: datetime) -> Situation | None:
    """The inquiry to which nobody has said anything yet; None when there is none, or a person said that it needs no answer.

    It is begun within `answer_patience_days`; what was planned then is kept for a month.
    """
    last = facts.spoken[-1] if facts.spoken else None
    if last is None or not last.inbound or last.settled:
        return None
    found = _of_record(facts, ANSWER, last, last.entry_id)
    if found is None or found.record is None:
        return None
    opened = found.record.changed_at
    if any(not one.inbound and one.at >= opened for one in facts.spoken):
        return None
    begun = any(one.anchor == found.anchor for one in facts.steps)
    patience = _ANSWER_LIVES if begun else timedelta(days=cadence.answer_patience_days)
    return Situation(ANSWER, last.at, found.anchor, found.record, last) if now - last.at < patience else None


def personal(facts: Facts) -> Situation | None:
    """The time since somebody spoke to the customer last, by telephone or face to face; since the first contact when nobody has."""
    if not facts.spoken:
        return None
    met = next((one for one in reversed(facts.spoken) if one.personal), None)
    since = met if met is not None else facts.spoken[0]
    return Situation(
        PERSONAL, since.at, f"{PERSONAL}:{met.entry_id if met else 0}", entry=met, counts_all=False, paced=True
    )


def taken(facts: Facts, situation: Situation) -> tuple[int, datetime]:
    """How many steps of a stage have been taken, and the instant from which the next one is counted."""
    rows = [one for one in facts.steps if one.anchor == situation.anchor]
    decided = max((one for one in rows if one.state in DECIDED), key=lambda one: one.step, default=None)
    ours, last = _ours(facts, situation, min((one.since for one in rows), default=None))
    count = 0
    if decided is not None:
        count, last = decided.step, max(last, decided.at)
    for at in ours:
        if at - last > _SAME_CONTACT:
            count, last = count + 1, at
    return count, last


def _ours(facts: Facts, situation: Situation, planned: datetime | None) -> tuple[list[datetime], datetime]:
    """Our contacts that may be steps of a stage, and what the first step is counted from. `planned`: when steps were first planned."""
    said = [one.at for one in facts.spoken if not one.inbound]
    if situation.stage == PERSONAL:
        return [], situation.since
    if not situation.counts_all:
        began = planned if planned is not None else datetime.max.replace(tzinfo=situation.since.tzinfo)
        before = [one.at for one in facts.spoken if one.at <= began]
        return [at for at in said if at > began], max(before, default=situation.since)
    if situation.stage == "fair_contact":
        return [at for at in said if at > situation.since + _SAME_CONTACT], situation.since
    ours = [at for at in said if at >= situation.since]
    # What opened the stage, or answered the customer, is not a step yet.
    return ours, ours[0] if ours else situation.since


def _of_record(facts: Facts, stage: str, heard: Spoken | None, mark: int) -> Situation | None:
    kind, stages = STAGES_OF_RECORDS[stage]
    records = [one for one in facts.business if one.kind == kind and one.stage in stages]
    if not records:
        return None
    record = max(records, key=lambda one: (one.changed_at, one.record_id))
    since = max(record.changed_at, heard.at) if heard else record.changed_at
    return Situation(stage, since, f"{stage}:{record.record_id}:{mark}", record)


def _after_fair(facts: Facts, heard: Spoken | None, mark: int) -> Situation | None:
    """Met at a fair, by the log or, where nobody has written anything into it yet, by the source that the file names."""
    met = next((one for one in reversed(facts.spoken) if one.fair), None)
    if met is not None and (heard is None or heard.at <= met.at):
        return Situation("fair_contact", met.at, f"fair_contact:{met.entry_id}:{mark}", entry=met)
    if met is None and heard is None and facts.met_at is not None:
        return Situation("fair_contact", facts.met_at, FROM_SOURCE, paced=True)
    return None


def _of_silence(facts: Facts, cadence: Cadence, stage: str, heard: Spoken | None, now: datetime) -> Situation | None:
    if not facts.spoken or (stage == "dormant") != (facts.status == "dormant"):
        return None
    if now - facts.spoken[-1].at > timedelta(days=cadence.wake_within_days):
        return None
    since = heard.at if heard else facts.spoken[0].at
    return Situation(stage, since, f"{stage}:{heard.entry_id if heard else 0}", counts_all=False)


def _is_in_time(facts: Facts, cadence: Cadence, situation: Situation, now: datetime) -> bool:
    if any(one.anchor == situation.anchor for one in facts.steps):
        return True
    steps = cadence.steps(situation.stage, facts.grade)
    wait = timedelta(days=_first_days(steps))
    return now - situation.since <= timedelta(days=cadence.look_back_days) + wait


def _first_days(steps: StageSteps | None) -> float:
    return steps.steps[0].after if steps is not None else 0.0
