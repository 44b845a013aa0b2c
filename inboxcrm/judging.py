"""Judges customers: signals → business records → status → grade; the only place that knows this order.

Whoever changes a log, a file or a record marks the customer (`inboxcrm.journal.unjudged`) in the same transaction; `judge_waiting`
takes the marked ones up, at the end of that transaction or soon after it, in portions of bounded memory.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from inboxcrm import shipped
from inboxcrm.customers.provenance import Origin, note
from inboxcrm.engagement import log, rates, record_rules, records
from inboxcrm.engagement.look import Look
from inboxcrm.engagement.rates import Rates
from inboxcrm.engagement.record_rules import RecordRules
from inboxcrm.engagement.rules import load_language
from inboxcrm.engagement.signals import Money
from inboxcrm.engagement.status import Business, status_of
from inboxcrm.errors import InboxcrmError
from inboxcrm.followup import unplanned
from inboxcrm.grading import rules as grading
from inboxcrm.grading.regrade import regrade
from inboxcrm.grading.rules import GradingRules
from inboxcrm.journal import unjudged
from inboxcrm.matching.lookup import chunks
from inboxcrm.matching.turn import wait_turn
from inboxcrm.model import Assessment, BusinessRecord, Customer, FieldChange, FieldSource, Status
from inboxcrm.model.customer import CREATED
from inboxcrm.model.database import writing
from inboxcrm.newsletter import asked
from inboxcrm.settings import Settings

PORTION = 50
"""Customers that are held in memory together."""
_AT_ONCE = 200
"""So many customers are judged in the transaction that concerns them; more would keep everybody else waiting."""


@dataclass(frozen=True, slots=True)
class Judge:
    """What customers are judged by."""

    threshold: float
    records: RecordRules
    rates: Rates
    grading: GradingRules

    def in_base(self, amount: Decimal, currency: str, on: date) -> Decimal | None:
        """The amount in the base currency at that day's rate; None when there is no rate."""
        return self.rates.in_base(Money(amount, currency), on)


class Bench:
    """The rules of one installation, read again when a person changes their files."""

    def __init__(self, settings: Settings) -> None:
        """Reads nothing yet."""
        home, self._threshold = settings.home, settings.engagement.threshold
        self._records = _in_force(home, "records.toml", record_rules.load)
        self._rates = _in_force(home, "rates.toml", rates.load)
        self._grading = _in_force(home, "grading.toml", grading.load)
        # Only the person's own rule files of signals can be wrong; to load all of them to find that out would take a second.
        self._own_signals = shipped.InForce(
            lambda: sorted((home / "config" / "signals").glob("*.toml")),
            lambda: [load_language(path) for path in sorted((home / "config" / "signals").glob("*.toml"))],
            mistakes=InboxcrmError,
        )
        self.look = look_of(settings)

    def judge(self) -> Judge:
        """The rules in force. Raises an InboxcrmError that names file and line when a file can't be used and never could."""
        return Judge(self._threshold, self._records.get(), self._rates.get(), self._grading.get())

    def problems(self) -> list[str]:
        """What is wrong with the files as they are now, in words that name file, line and key. The rules of before stay in force
        meanwhile, or for signals those that are shipped; without either nobody is judged.
        """
        return [
            said for one in (self._records, self._rates, self._grading, self._own_signals) if (said := one.problem())
        ]


def look_of(settings: Settings) -> Look:
    """How mails are looked into by these settings."""
    return Look(settings.home, tuple((one.name, one.also) for one in settings.products))


def judge(session: Session, customers: Collection[int], by: Judge, now: datetime) -> None:
    """Judges these customers by all that this transaction knows. Judging twice changes nothing.

    For each portion: 1. settle the signals; 2. who asks for no more mail gets no bulk mail; 3. the records; 4. the status; 5. the
    grade; 6. take the mark off and note that the plan is to be looked at.
    """
    for some in chunks(customers, PORTION):
        happened = log.settle(session, some, by.threshold)
        asked.settle(session, some, now)
        settle_status(session, records.settle(session, happened, by.records), by, now)
        regrade(session, some, by.grading, by.in_base, now)
        unjudged.judged(session, some)
        unplanned.mark(session, some)


def judge_waiting(session: Session, by: Judge, now: datetime, limit: int = PORTION) -> Sequence[int]:
    """Judges customers that wait, at most `limit`; returns them. None left: an empty sequence."""
    session.flush()
    wait_turn(session)
    waiting = unjudged.waiting(session, limit)
    judge(session, waiting, by, now)
    return waiting


def judge_marked(session: Session, by: Judge, now: datetime) -> None:
    """Judges those whom this transaction has marked, at once. When it has marked very many (an import), the service judges them."""
    session.flush()
    marked = unjudged.marked(session)
    if marked and len(marked) <= _AT_ONCE:
        wait_turn(session)
        judge(session, sorted(marked), by, now)


@contextmanager
def judged(engine: Engine, bench: Bench, clock: Callable[[], datetime]) -> Iterator[Session]:
    """`inboxcrm.model.database.writing`, and at the end of the transaction those whom it concerns are judged. `clock`: aware UTC."""
    with writing(engine) as session:
        yield session
        judge_marked(session, bench.judge(), clock())


def settle_status(session: Session, business: Mapping[int, Sequence[Business]], by: Judge, now: datetime) -> None:
    """Sets the status that follows from the records and from silence, save where a person pinned it."""
    told = _told(session, business)
    for customer in session.scalars(
        select(Customer).where(Customer.id.in_(business), Customer.status_pinned.is_(False))
    ):
        status = status_of(business[customer.id], customer.last_in_at, told.get(customer.id), by.records.status, now)
        if status is not None and status is not customer.status:
            origin = Origin(now, source=FieldSource.MAIL)
            note(session, customer, "status", old=customer.status, new=status, origin=origin)
            customer.status = status
    session.flush()


def statuses_due(session: Session, by: Judge, now: datetime, after: int = 0, limit: int = 500) -> int | None:
    """The clockwork: silence changes the status of customers whom nothing new is heard of. Looks at `limit` customers from number
    `after` on; returns where to go on, None at the end.
    """
    rules = by.records.status
    silent = now - timedelta(days=min(rules.following_days, rules.dormant_days, rules.dormant_won_days))
    ids = session.scalars(
        select(Customer.id)
        .where(
            Customer.id > after,
            Customer.status.in_((Status.FOLLOWING, Status.WON)),
            Customer.last_in_at < silent,
        )
        .order_by(Customer.id)
        .limit(limit)
    ).all()
    if not ids:
        return None
    business: dict[int, list[Business]] = {customer: [] for customer in ids}
    for customer, kind, stage, opened_at, changed_at in session.execute(
        select(
            BusinessRecord.customer_id,
            BusinessRecord.kind,
            BusinessRecord.stage,
            BusinessRecord.opened_at,
            BusinessRecord.changed_at,
        ).where(BusinessRecord.customer_id.in_(ids))
    ):
        business[customer].append(Business(kind, stage, opened_at, changed_at))
    settle_status(session, business, by, now)
    return ids[-1]


def grades_due(session: Session, by: Judge, now: datetime, limit: int = 200) -> bool:
    """The clockwork: time alone changes grades at midnight (UTC). Grades `limit` customers anew who were not since; True while there
    may be more.
    """
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    due = session.scalars(
        select(Assessment.customer_id).where(Assessment.at < midnight).order_by(Assessment.customer_id).limit(limit)
    ).all()
    regrade(session, due, by.grading, by.in_base, now)
    return len(due) == limit


def _told(session: Session, customers: Collection[int]) -> dict[int, Status]:
    """Customer → the status that an import gave last."""
    found: dict[int, Status] = {}
    for customer, name, new in session.execute(
        select(FieldChange.entity_id, FieldChange.field, FieldChange.new)
        .where(
            FieldChange.entity == "customer",
            FieldChange.entity_id.in_(customers),
            FieldChange.field.in_(("status", CREATED)),
            FieldChange.source == FieldSource.IMPORT,
        )
        .order_by(FieldChange.id)
    ):
        value = new.get("status") if name == CREATED else new
        if value:
            found[customer] = Status(value)
    return found


_T = TypeVar("_T")


def _in_force(home: Path, name: str, load: Callable[[Path], _T]) -> shipped.InForce[_T]:
    def path() -> Path:
        return shipped.find(home, "config", name)

    return shipped.InForce(lambda: [path()], lambda: load(path()), mistakes=InboxcrmError)
