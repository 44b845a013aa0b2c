"""The grades of a customer through time, replayed from what happened. Pure: living through it and replaying it give the same.

A customer is judged at each event and at each midnight (UTC) after the first one; nothing else ever changes a grade by rules.
Midnights at which nothing can have changed are passed over: the score moves by fading alone, and how fast at most is known.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from inboxcrm.grading.assess import RANKED, Assessment, assess, by_score, held, mark_of, rank
from inboxcrm.grading.course import NEVER, Course, instant, midnight_after, moment
from inboxcrm.grading.facts import Event, Timeline, facts_at
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
    course = Course(timeline.profile, rules)
    end = instant(until)
    story = _Story(timeline, end)
    deadline = NEVER
    if after is not None and story.tell_to(instant(after), course):
        deadline = midnight_after(instant(after))
    if after is not None and at_once:
        deadline = instant(after)
    grade, since = rank(start.grade), instant(start.since) if start.since is not None else -NEVER
    marks = [mark_of(one, rules) for one in range(len(RANKED) + 1)]
    near = [mark - rules.grades.hysteresis for mark in marks]
    stay = timedelta(days=rules.grades.minimum_stay_days) // timedelta(microseconds=1)
    turns: list[tuple[int, int, int]] = []
    while True:
        at = story.pass_over(course, deadline)
        if at == NEVER:
            wake = min(deadline, midnight_after(course.quiet_until))
            at = min(story.next_at, wake)
            if at > end:
                break
            if not story.tell(at, course) and at < wake:
                continue
        course.look(at)
        before, by_numbers = grade, by_score(course.score, course.known, rules)
        grade = held(
            by_numbers,
            before,
            near=course.score >= near[before],
            stayed=at - since >= stay,
            floor=course.floor,
            ceiling=course.ceiling,
        )
        if grade != before:
            turns.append((at, before, grade))
            since = at
        holds_until = course.next_deadline(at)
        if by_numbers < grade and since + stay > at:
            holds_until = min(holds_until, since + stay - 1)
        deadline = midnight_after(holds_until)
        course.watch(
            at,
            holds_until=holds_until,
            # Out of the nearness of the grade's own mark, up to that of a better one; a ceiling keeps it from that one.
            down_to=near[grade] if course.score >= near[grade] else None,
            up_to=marks[grade + 1] if by_numbers <= grade else None,
        )
    changes = [Change(moment(then), RANKED[old], RANKED[new]) for then, old, new in turns]
    return changes, Standing(changes[-1].after, changes[-1].at) if changes else start


class _Story:
    """The events of a timeline up to an instant, to be told to a course in the order of time."""

    __slots__ = ("_contacts", "_others", "_others_at")

    def __init__(self, timeline: Timeline, end: int) -> None:
        # Both lists end with the first event, so that events are taken off their ends.
        contacts = [(instant(one.at), one.inbound) for one in reversed(timeline.contacts)]
        self._contacts = (
            contacts if not contacts or contacts[0][0] <= end else [one for one in contacts if one[0] <= end]
        )
        self._others = [(at, event) for at, event in map(_timed, reversed(timeline.others())) if at <= end]
        self._others_at = self._others[-1][0] if self._others else NEVER

    @property
    def next_at(self) -> int:
        """When the next thing happened; NEVER when all is told."""
        return min(self._contacts[-1][0] if self._contacts else NEVER, self._others_at)

    def pass_over(self, course: Course, deadline: int) -> int:
        """Tells contacts as long as nothing else comes between. When one matters, its instant; else NEVER: then `next_at` or a
        midnight is to be looked at.
        """
        contacts, tell = self._contacts, course.contact
        before = min(deadline, self._others_at)
        while contacts:
            at, inbound = contacts[-1]
            if at >= before or at >= course.quiet_until:
                return NEVER
            contacts.pop()
            if tell(at, inbound=inbound):
                self.tell(at, course)
                return at
        return NEVER

    def tell(self, at: int, course: Course) -> bool:
        """Tells what (else) happened at `at`; True when the course should be looked at."""
        matters = False
        while self._others and self._others[-1][0] == at:
            course.tell(*self._others.pop())
            matters = True
        self._others_at = self._others[-1][0] if self._others else NEVER
        while self._contacts and self._contacts[-1][0] == at:
            matters |= course.contact(at, inbound=self._contacts.pop()[1])
        return matters

    def tell_to(self, end: int, course: Course) -> bool:
        """Tells what happened up to `end`; True when there was anything."""
        any_told = self.next_at <= end
        while (at := self.next_at) <= end:
            self.tell(at, course)
        return any_told


def _timed(one: tuple[datetime, Event]) -> tuple[int, Event]:
    return instant(one[0]), one[1]
