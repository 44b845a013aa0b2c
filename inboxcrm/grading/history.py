"""The grades of a customer through time, replayed from what happened. Pure: living through it and replaying it give the same.

A customer is judged at each event and at each midnight (UTC) after the first one; nothing else ever changes a grade by rules.
Midnights at which nothing can have changed are passed over: the score moves by fading alone, and how fast at most is known.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import inf

from inboxcrm.grading.assess import RANKED, Assessment, assess, by_score, held, mark_of, rank
from inboxcrm.grading.course import NEVER, Course, instant, midnight_after, moment
from inboxcrm.grading.facts import Timeline, facts_at
from inboxcrm.grading.rules import GradingRules
from inboxcrm.model import ChangedBy, Grade


@dataclass(frozen=True, slots=True)
class Change:
    """One change of grade."""

    at: datetime
    before: Grade
    after: Grade
    changed_by: ChangedBy = ChangedBy.RULES
    person: str = ""
    """Who set the grade, where a person did."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a customer stands: the grade, and since when (None: since always)."""

    grade: Grade = Grade.WATCH
    since: datetime | None = None


def judged_at(timeline: Timeline, rules: GradingRules, at: datetime) -> Assessment:
    """What the rules say of the customer at `at`, with the reasons."""
    return assess(facts_at(timeline, at, days=rules.willingness.exchange.days), rules)


def replay(
    timeline: Timeline,
    rules: GradingRules,
    until: datetime,
    start: Standing = Standing(),
    after: datetime | None = None,
    *,
    at_once: bool = False,
) -> tuple[list[Change], Standing]:
    """Every change of grade up to `until`, and where it leads.

    With `start` and `after` only what comes after that instant is replayed, from that standing; `at_once`: with a look right then.

    1. Tell the course what happened up to `after`. 2. Go to the next event or midnight that may matter: a floor, a ceiling, an order's
    weight or a minimum stay ends, or the score may have faded to a mark. 3. Decide.
    """
    course, wake = Course(timeline.profile, rules), NEVER
    story = _Story(timeline)
    if after is not None and story.tell_to(instant(after), course):
        wake = midnight_after(instant(after))
    if after is not None and at_once:
        wake = instant(after)
    grade, since = rank(start.grade), instant(start.since) if start.since is not None else -NEVER
    stay = timedelta(days=rules.grades.minimum_stay_days) // timedelta(microseconds=1)
    turns: list[tuple[int, int, int]] = []
    end, deadline = instant(until), wake
    while True:
        at = wake if wake < story.next_at else story.next_at
        if at > end:
            break
        if not story.tell(at, course) and at < wake:
            wake = min(deadline, midnight_after(course.quiet_until))
            continue
        course.look(at)
        before, near = grade, mark_of(grade, rules) - rules.grades.hysteresis
        by_numbers = by_score(course.score, course.known, rules)
        grade = held(
            by_numbers,
            before,
            near=course.score >= near,
            stayed=at - since >= stay,
            floor=course.floor,
            ceiling=course.ceiling,
        )
        if grade != before:
            turns.append((at, before, grade))
            since = at
        deadline = midnight_after(course.next_deadline(at))
        if by_numbers < grade and since + stay > at:
            deadline = min(deadline, midnight_after(since + stay - 1))
        _watch(course, rules, at, by_numbers, grade)
        wake = min(deadline, midnight_after(course.quiet_until))
    changes = [Change(moment(then), RANKED[old], RANKED[new]) for then, old, new in turns]
    return changes, Standing(changes[-1].after, changes[-1].at) if changes else start


class _Story:
    """The events of a timeline, to be told to a course in the order of time."""

    __slots__ = ("_contacts", "_others", "next_at")

    def __init__(self, timeline: Timeline) -> None:
        # Both lists end with the first event, so that events are taken off their ends.
        self._contacts = [(instant(one.at), one.inbound) for one in reversed(timeline.contacts)]
        self._others = [(instant(at), event) for at, event in reversed(timeline.others())]
        self._see_next()

    def tell(self, at: int, course: Course) -> bool:
        """Tells what happened at `at`; True when the course should be looked at."""
        matters = False
        while self._others and self._others[-1][0] == at:
            course.tell(*self._others.pop())
            matters = True
        while self._contacts and self._contacts[-1][0] == at:
            matters |= course.contact(at, inbound=self._contacts.pop()[1])
        self._see_next()
        return matters

    def tell_to(self, end: int, course: Course) -> bool:
        """Tells what happened up to `end`; True when there was anything."""
        any_told = self.next_at <= end
        while self.next_at <= end:
            self.tell(self.next_at, course)
        return any_told

    def _see_next(self) -> None:
        contact = self._contacts[-1][0] if self._contacts else NEVER
        other = self._others[-1][0] if self._others else NEVER
        self.next_at = contact if contact < other else other


def _watch(course: Course, rules: GradingRules, at: int, by_numbers: int, grade: int) -> None:
    """Lets the course watch the marks that matter: out of the nearness of the grade's own, up to that of a better one."""
    near = mark_of(grade, rules) - rules.grades.hysteresis
    better = mark_of(grade + 1, rules) if by_numbers <= grade < len(RANKED) - 1 else inf
    course.watch(at, near if course.score >= near else None, better if better < inf else None)
