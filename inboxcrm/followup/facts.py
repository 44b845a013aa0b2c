"""What planning knows of a customer, as plain frozen values; `inboxcrm.followup.queries` reads them from the database.

All times are aware UTC. Sequences are in the order of time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from inboxcrm.followup.places import Place


@dataclass(frozen=True, slots=True)
class Reach:
    """A contact who may be written to: where he sits, when he last wrote, in which threads, and whether he decides. Whose addresses all
    bounce, are blocked or belong to somebody who has left is not among them.
    """

    contact_id: int
    place: Place
    last_in: datetime | None = None
    threads: frozenset[int] = frozenset()
    decides: bool = False


@dataclass(frozen=True, slots=True)
class Spoken:
    """One contact of the log, by whatever channel; automatic mail isn't among them. `fair`: at a fair. `personal`: by
    telephone or face to face. `settled`: a person said that it needs no answer. `wish`: the day of the next follow-up, as a person
    noted it.
    """

    at: datetime
    inbound: bool
    entry_id: int
    contact_id: int | None = None
    thread_id: int | None = None
    fair: bool = False
    settled: bool = False
    wish: date | None = None
    personal: bool = False


@dataclass(frozen=True, slots=True)
class Business:
    """One business record: `kind` and `stage` as in `inboxcrm.model.records`; `changed_at`: when it came to that stage."""

    record_id: int
    kind: str
    stage: str
    changed_at: datetime
    contact_id: int | None = None
    thread_id: int | None = None


@dataclass(frozen=True, slots=True)
class Stopping:
    """Something after which nobody is written to by rote: "not_interested", "unsubscribe" or "complaint"."""

    kind: str
    at: datetime
    entry_id: int


@dataclass(frozen=True, slots=True)
class Absence:
    """An automatic reply that names the day of return. `contact_id`: who is away, None when that isn't known: then it holds for all."""

    at: datetime
    back_on: date
    contact_id: int | None = None


@dataclass(frozen=True, slots=True)
class Bounced:
    """A contact to whom no mail arrives any more, since an instant. `left`: somebody who has left the company."""

    contact_id: int
    since: datetime
    left: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """A follow-up that was planned before: what became of it (`state` as in `inboxcrm.model.followup`). `at`: when it was decided, else
    when it is due. `moved`: a person set its time. `planned_at`: when it was planned.
    """

    anchor: str
    step: int
    state: str
    at: datetime
    moved: bool = False
    planned_at: datetime | None = None

    @property
    def since(self) -> datetime:
        """When it was planned; the time it was due when that isn't known."""
        return self.planned_at or self.at


@dataclass(frozen=True, slots=True)
class Facts:
    """A customer, as far as planning needs it. `held_until`: the plan is paused; `held` alone: until it is taken off. `zone`: ours.
    `met_at`: when a file whose source is a fair was written.
    """

    customer_id: int
    grade: str
    status: str
    zone: ZoneInfo
    reaches: tuple[Reach, ...] = ()
    spoken: tuple[Spoken, ...] = ()
    business: tuple[Business, ...] = ()
    stopping: tuple[Stopping, ...] = ()
    absences: tuple[Absence, ...] = ()
    bounced: tuple[Bounced, ...] = ()
    steps: tuple[Step, ...] = ()
    held: bool = False
    held_until: datetime | None = None
    met_at: datetime | None = None
