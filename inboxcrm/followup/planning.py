"""Brings the planned follow-ups of customers up to date with what is known: the plan is made (`inboxcrm.followup.plan`), compared with
what stands in the database, and the difference written. Making it again changes nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from inboxcrm import shipped
from inboxcrm.followup import promises, review, unplanned
from inboxcrm.followup.cadence import Cadence, CadenceFileError, load
from inboxcrm.followup.calendar import Calendar
from inboxcrm.followup.facts import Facts
from inboxcrm.followup.plan import Planned, plan, stopped_by
from inboxcrm.followup.queries import BY_HAND, facts_of
from inboxcrm.followup.situations import FROM_SOURCE
from inboxcrm.i18n import _
from inboxcrm.matching.lookup import chunks
from inboxcrm.matching.turn import wait_turn
from inboxcrm.model import Action, Draft, FollowUp, FollowUpState
from inboxcrm.settings import Settings

PORTION = 50
"""Customers that are planned in one transaction."""
NIGHTLY = 200
"""The same in the nightly round."""
HORIZON = timedelta(days=14)
"""What is due later is found again by the nightly round."""
_OPEN = (FollowUpState.PLANNED, FollowUpState.DRAFTED)


@dataclass(frozen=True, slots=True)
class Planner:
    """What plans are made by."""

    cadence: Cadence
    calendar: Calendar

    def next_of(self, facts: Facts, now: datetime) -> tuple[Planned, ...]:
        """The plan of a customer."""
        return plan(facts, self.cadence, self.calendar, now)


class PlanningRules:
    """The cadence of one installation, read again when a person changes its file."""

    def __init__(self, settings: Settings) -> None:
        """Reads nothing yet."""
        self._zone = ZoneInfo(settings.person.time_zone)
        home = settings.home

        def path() -> Path:
            return shipped.find(home, "config", "cadence.toml")

        self._cadence = shipped.InForce(
            lambda: [path()],
            lambda: load(path()),
            mistakes=CadenceFileError,
            instead=lambda: load(shipped.shipped_folder("config") / "cadence.toml"),
        )

    def planner(self) -> Planner:
        """The rules in force."""
        cadence = self._cadence.get()
        return Planner(cadence, cadence.calendar(self._zone))

    @property
    def errors(self) -> list[str]:
        """What is wrong with the file, in words; the last good version is in force."""
        return [self._cadence.error] if self._cadence.error else []


def plan_waiting(session: Session, planner: Planner, now: datetime, limit: int = PORTION) -> Sequence[int]:
    """Plans customers that wait for it, at most `limit`; returns them. None left: an empty sequence. Places among what nobody waits for
    (`Cadence.paced_a_day`) are not given here, but once a night to the best customers.
    """
    session.flush()
    wait_turn(session)
    waiting = unplanned.waiting(session, limit)
    plan_customers(session, waiting, planner, now, places=False)
    return waiting


def plan_due(session: Session, customers: Sequence[int], planner: Planner, now: datetime) -> None:
    """Plans some of those that `inboxcrm.followup.queries.best_first` names, for what only time has changed."""
    wait_turn(session)
    plan_customers(session, customers, planner, now)


def plan_customers(
    session: Session, customers: Collection[int], planner: Planner, now: datetime, *, places: bool = True
) -> None:
    """Brings the follow-ups and promises of these customers up to date, and takes them off the list of those who wait. `places`:
    whether new follow-ups for which nobody waits are planned as well, those of the first customers first.
    """
    pace = _Pace(session, planner, now, given=places)
    for some in chunks(customers, PORTION):
        promises.settle(session, some, planner.calendar.home.zone, now)
        rows: dict[int, list[FollowUp]] = {}
        for row in session.scalars(
            select(FollowUp).where(FollowUp.customer_id.in_(some), FollowUp.anchor.not_like(f"{BY_HAND}%"))
        ):
            rows.setdefault(row.customer_id, []).append(row)
        known = {one.customer_id: one for one in facts_of(session, some, planner.calendar.home, now)}
        for facts in (known[customer] for customer in some if customer in known):
            _settle(session, facts, rows.get(facts.customer_id, []), planner, pace)
        session.flush()
        unplanned.planned(session, some)


class _Pace:
    """How full the next days are with follow-ups that nobody waits for."""

    def __init__(self, session: Session, planner: Planner, now: datetime, *, given: bool) -> None:
        self._session, self._planner, self.now, self._given = session, planner, now, given
        self._days: Counter[date] | None = None

    def day_for(self, planned: Planned) -> datetime | None:
        """The instant for a new paced follow-up: its own, or the next morning there with room; None within the horizon, or when no
        places are given.
        """
        if not self._given:
            return None
        most, calendar = self._planner.cadence.paced_a_day, self._planner.calendar
        days, due, place = self._counts(), planned.due_at, planned.place or calendar.home
        while due <= self.now + HORIZON:
            if days[self._day(due)] < most:
                days[self._day(due)] += 1
                return due
            due = calendar.morning_from(due.astimezone(place.zone).date() + timedelta(days=1), place)
        return None

    def _day(self, due: datetime) -> date:
        return due.astimezone(self._planner.calendar.home.zone).date()

    def _counts(self) -> Counter[date]:
        if self._days is None:
            paced = {one.stage for one in self._planner.cadence.stages if one.paced}
            rows = self._session.execute(
                select(FollowUp.due_at).where(
                    FollowUp.state.in_(_OPEN),
                    FollowUp.due_at >= self.now - timedelta(days=1),
                    FollowUp.due_at <= self.now + HORIZON,
                    FollowUp.stage.in_(paced) | (FollowUp.anchor == FROM_SOURCE),
                )
            )
            self._days = Counter(self._day(due) for (due,) in rows)
        return self._days


def _settle(session: Session, facts: Facts, rows: Sequence[FollowUp], planner: Planner, pace: _Pace) -> None:
    """Writes the difference between what stands there and what is wanted."""
    now = pace.now
    by_step = {(row.anchor, row.step): row for row in rows}
    held = stopped_by(facts, now) == "held"
    kept: set[tuple[str, int]] = set()
    for one in planner.next_of(facts, now):
        key = (one.anchor, one.step)
        row = by_step.get(key)
        kept.add(key)
        if row is None:
            _add(session, facts, one, pace)
        elif row.state in _OPEN or row.state is FollowUpState.STOPPED:
            _renew(row, one)
    for key, row in by_step.items():
        if row.state in _OPEN and key not in kept and not (held and row.action is not Action.TASK):
            _stop(session, facts, row, now)


def _add(session: Session, facts: Facts, wanted: Planned, pace: _Pace) -> None:
    due, now = wanted.due_at, pace.now
    if due > now + HORIZON:
        return
    if wanted.paced:
        room = pace.day_for(wanted)
        if room is None:
            return
        due = room
    session.add(
        FollowUp(
            customer_id=facts.customer_id,
            contact_id=wanted.contact_id,
            thread_id=wanted.thread_id,
            anchor=wanted.anchor,
            stage=wanted.stage,
            step=wanted.step,
            action=Action(wanted.action),
            template=wanted.template,
            goal=wanted.goal,
            due_at=due,
            state=FollowUpState.PLANNED,
            reasons=list(wanted.reasons),
            created_at=now,
        )
    )


def _renew(row: FollowUp, wanted: Planned) -> None:
    if row.state is FollowUpState.STOPPED:
        row.state, row.decided_at, row.decided_by, row.entry_id = FollowUpState.PLANNED, None, "", None
        row.due_at = wanted.due_at
    if row.state is FollowUpState.PLANNED and not row.moved_by and wanted.due_at > row.due_at:
        row.due_at = wanted.due_at
    if row.state is FollowUpState.PLANNED:
        kinds = {one["kind"] for one in wanted.reasons}
        others = [one for one in row.reasons if one.get("kind") not in kinds and one.get("kind") in _NOTED]
        reasons = [*wanted.reasons, *others]
        if reasons != row.reasons:
            row.reasons = reasons
        row.contact_id, row.thread_id = wanted.contact_id, wanted.thread_id
        row.action, row.template, row.goal = Action(wanted.action), wanted.template, wanted.goal


_NOTED = frozenset({"not_drafted"})
"""Reasons that others write on a follow-up, to be kept."""


def _stop(session: Session, facts: Facts, row: FollowUp, now: datetime) -> None:
    """A follow-up that is no longer called for: a task that was answered is done, anything else is stopped, with its draft."""
    answered = row.action is Action.TASK and any(not one.inbound and one.at >= row.created_at for one in facts.spoken)
    heard = next((one for one in reversed(facts.spoken) if one.inbound and one.at >= row.created_at), None)
    row.state = FollowUpState.DONE if answered else FollowUpState.STOPPED
    row.decided_at, row.entry_id = now, heard.entry_id if heard else None
    session.flush()
    why = _why(facts, heard is not None, now)
    drafts = session.scalars(select(Draft.id).where(Draft.follow_up_id == row.id)).all()
    for draft in drafts:
        review.withdraw(session, draft, why, now=now)


def _why(facts: Facts, heard: bool, now: datetime) -> str:
    told: dict[str, Callable[[], str]] = {
        "not_interested": lambda: _("The customer is not interested."),
        "unsubscribe": lambda: _("The customer asked for no more mail."),
        "complaint": lambda: _("The customer complained: answer that first."),
        "unreachable": lambda: _("No address of the customer may get mail."),
    }
    stop = stopped_by(facts, now)
    if stop in told:
        return told[stop]()
    return _("The customer has written.") if heard else _("The state of the business has changed.")


def count_due(session: Session, until: datetime) -> int:
    """How many follow-ups are due until an instant and not done yet."""
    chosen = select(func.count()).where(FollowUp.state.in_(_OPEN), FollowUp.due_at <= until)
    return session.scalar(chosen) or 0
