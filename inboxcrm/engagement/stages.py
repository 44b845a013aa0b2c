"""From signals to business records: which inquiry, quote, sample or order a mail opens or advances. Pure.

Everything is derived anew from the whole log of a customer, in the order of time; so it doesn't matter in which order mails arrive,
and a mail that turns up late changes what it would have changed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal

from inboxcrm.engagement.record_rules import RecordRules
from inboxcrm.engagement.signals import Details, Kind, Money
from inboxcrm.model import RecordKind, Stage

STAGES: dict[RecordKind, tuple[Stage, ...]] = {
    RecordKind.INQUIRY: (Stage.OPEN, Stage.ANSWERED, Stage.CLOSED),
    RecordKind.QUOTE: (Stage.SENT, Stage.NEGOTIATED, Stage.DONE, Stage.CLOSED),
    RecordKind.SAMPLE: (Stage.REQUESTED, Stage.SENT, Stage.RECEIVED, Stage.JUDGED, Stage.CLOSED),
    RecordKind.ORDER: (Stage.PLACED, Stage.CONFIRMED, Stage.PAID, Stage.SHIPPED, Stage.DONE, Stage.CLOSED),
}
"""The stages of each kind, in order; a quote that became an order is done."""

FINISHED = frozenset({Stage.DONE, Stage.CLOSED, Stage.JUDGED})
"""Nothing is under way any more."""

_OPENING = {
    Kind.INQUIRY: RecordKind.INQUIRY,
    Kind.QUOTE_REQUEST: RecordKind.INQUIRY,
    Kind.QUOTE_SENT: RecordKind.QUOTE,
    Kind.SAMPLE_REQUEST: RecordKind.SAMPLE,
    Kind.SAMPLE_SENT: RecordKind.SAMPLE,
    Kind.ORDER: RecordKind.ORDER,
}
_OPENED_AT = {Kind.QUOTE_SENT: Stage.SENT, Kind.SAMPLE_SENT: Stage.SENT}


@dataclass(frozen=True, slots=True)
class Said:
    """One signal that counts, in an entry."""

    kind: Kind
    details: Details = field(default_factory=Details)
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """One log entry: its signals that count, none for a plain one. `at` aware UTC. `key` puts entries of one instant in an order that
    doesn't depend on when they arrived. `thread` is None for a call or a visit.
    """

    entry: int
    key: str
    at: datetime
    ours: bool
    thread: int | None = None
    contact: int | None = None
    said: tuple[Said, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """One step to a stage: proved by an entry, or said by a person (`by_hand`: the id of the stored step)."""

    stage: Stage
    at: datetime
    entry: int | None = None
    by_hand: int | None = None


@dataclass(frozen=True, slots=True)
class HandStep:
    """A step that a person made: in the record `row`, or, when mails opened that, in the one that the entry `anchor` belongs to."""

    id: int
    kind: RecordKind
    stage: Stage
    at: datetime
    row: int
    anchor: int | None = None


@dataclass(frozen=True, slots=True)
class HandRecord:
    """A record that a person opened: the stored row."""

    row: int
    kind: RecordKind
    at: datetime


@dataclass(slots=True)
class Record:
    """One business record as derived. `row` names the stored row of a record opened by hand. The fields below `steps` are what the
    mails say, the latest word last.
    """

    kind: RecordKind
    opened_at: datetime
    changed_at: datetime
    stage: Stage
    row: int | None = None
    thread: int | None = None
    contact: int | None = None
    steps: list[Step] = field(default_factory=list)
    entries: list[int] = field(default_factory=list)
    """Every entry that belongs to it, the opening one first."""
    threads: set[int] = field(default_factory=set)
    products: tuple[str, ...] = ()
    quantity: Decimal | None = None
    unit: str = ""
    price: Money | None = None
    is_unit_price: bool = False
    incoterm: str = ""
    port: str = ""
    due_on: date | None = None
    number: str = ""

    @property
    def amount(self) -> Decimal | None:
        """What the whole comes to, in the currency of `price`."""
        if self.price is None:
            return None
        return self.price.amount * (self.quantity or 1) if self.is_unit_price else self.price.amount

    @property
    def currency(self) -> str:
        """The currency of the amount; "" without one."""
        return self.price.currency if self.price else ""

    @property
    def is_finished(self) -> bool:
        """Whether nothing is under way any more."""
        return self.stage in FINISHED

    def reached(self, stage: Stage) -> bool:
        """Whether it is at `stage` or beyond."""
        order = STAGES[self.kind]
        return order.index(self.stage) >= order.index(stage)

    def touch(self, event: Event) -> None:
        """Notes that an entry belongs to it."""
        self.changed_at = max(self.changed_at, event.at)
        if event.entry not in self.entries:
            self.entries.append(event.entry)
        if event.thread is not None:
            self.threads.add(event.thread)
            self.thread = self.thread or event.thread
        self.contact = self.contact or event.contact

    def step(self, stage: Stage, at: datetime, entry: int | None = None, by_hand: int | None = None) -> None:
        """Moves to `stage`; one entry makes a step once."""
        if entry is None or all((one.stage, one.entry) != (stage, entry) for one in self.steps):
            self.steps.append(Step(stage, at, entry, by_hand))
        self.stage = stage
        self.changed_at = max(self.changed_at, at)

    def fill(self, said: Details, *, with_price: bool) -> None:
        """Takes details over: what is said later refines what was said before."""
        self.products = tuple(dict.fromkeys((*self.products, *said.products)))
        if said.quantity is not None:
            self.quantity, self.unit = said.quantity.amount, said.quantity.unit
        if with_price and said.price is not None:
            self.price, self.is_unit_price = said.price, said.is_unit_price
        self.incoterm, self.port = said.incoterm or self.incoterm, said.port or self.port
        self.due_on, self.number = said.on or self.due_on, said.order_number or self.number

    def follow(self, other: Record) -> None:
        """Takes over what an earlier record of the same business says and this one doesn't."""
        self.products = self.products or other.products
        if self.quantity is None:
            self.quantity, self.unit = other.quantity, other.unit
        if self.price is None:
            self.price, self.is_unit_price = other.price, other.is_unit_price
        self.incoterm, self.port = self.incoterm or other.incoterm, self.port or other.port


def derive(
    events: Iterable[Event],
    rules: RecordRules,
    records: Sequence[HandRecord] = (),
    steps: Sequence[HandStep] = (),
) -> list[Record]:
    """The business records of one customer, in the order in which they were opened. `records` and `steps` are what people did."""
    book = _Book(rules)
    happened: list[tuple[datetime, int, str, Event | HandRecord | HandStep]] = [
        *((one.at, 0, f"{one.row:012}", one) for one in records),
        *((one.at, 1, one.key, one) for one in events),
        *((one.at, 2, f"{one.id:012}", one) for one in steps),
    ]
    late: list[HandStep] = []
    for _at, _rank, _key, one in sorted(happened, key=lambda each: each[:3]):
        if isinstance(one, HandRecord):
            book.opened_by_hand(one)
        elif isinstance(one, Event):
            book.hear(one)
        elif not book.moved_by_hand(one):
            late.append(one)
    for one in late:
        # A person knew of the record before the mails that prove it: what they said still holds.
        book.moved_by_hand(one)
    return book.records


class _Book:
    """The records so far, while the log is read in the order of time."""

    def __init__(self, rules: RecordRules) -> None:
        self._rules = rules
        self.records: list[Record] = []

    def opened_by_hand(self, one: HandRecord) -> None:
        self.records.append(Record(one.kind, one.at, one.at, STAGES[one.kind][0], row=one.row))

    def moved_by_hand(self, one: HandStep) -> bool:
        for record in self.records:
            is_row = record.row == one.row
            if record.kind is one.kind and (is_row or (one.anchor is not None and one.anchor in record.entries)):
                record.step(one.stage, one.at, by_hand=one.id)
                return True
        return False

    def hear(self, event: Event) -> None:
        """What one entry changes: first as an answer, then by each of its signals."""
        if event.ours:
            self._answer(event)
        for said in sorted(event.said, key=lambda one: _ORDER[one.kind]):
            if said.kind in _OPENING:
                self._open(event, said)
            if said.kind in _ADVANCE:
                _ADVANCE[said.kind](self, event, said)

    def _find(
        self, kind: RecordKind, event: Event, fits: Callable[[Record], bool] = lambda record: not record.is_finished
    ) -> Record | None:
        """The record that an entry belongs to: of its own conversation first, else the latest that is open."""
        of_kind = [one for one in self.records if one.kind is kind and fits(one)]
        if event.thread is not None:
            for one in reversed(of_kind):
                if event.thread in one.threads:
                    return one
        days = timedelta(days=self._rules.days_together[kind.value])
        near = [one for one in of_kind if not one.is_finished and event.at - one.changed_at <= days]
        return max(near, key=lambda one: one.changed_at, default=None)

    def _open(self, event: Event, said: Said) -> None:
        kind = _OPENING[said.kind]
        stage = _OPENED_AT.get(said.kind, STAGES[kind][0])
        record = self._find(kind, event, self._takes(kind, event, said))
        if record is None:
            record = Record(kind, event.at, event.at, stage)
            self.records.append(record)
            record.touch(event)
            record.step(stage, event.at, event.entry)
        else:
            record.touch(event)
            if kind is RecordKind.INQUIRY and record.stage is Stage.ANSWERED:
                record.step(Stage.OPEN, event.at, event.entry)  # they ask again: it is our turn
            elif not record.reached(stage):
                record.step(stage, event.at, event.entry)
        record.fill(said.details, with_price=kind in (RecordKind.ORDER, RecordKind.QUOTE))

    def _takes(self, kind: RecordKind, event: Event, said: Said) -> Callable[[Record], bool]:
        """Whether a record takes up a mail that could open one."""

        def takes(record: Record) -> bool:
            if record.is_finished:
                return False
            if kind is RecordKind.SAMPLE and said.kind is Kind.SAMPLE_REQUEST:
                return record.stage in (Stage.REQUESTED, Stage.SENT)
            if kind is RecordKind.ORDER:
                number = said.details.order_number
                if number and record.number:
                    return number == record.number
                # Another conversation about buying is another order; what has been shipped is over.
                return not record.reached(Stage.SHIPPED) and event.thread in record.threads
            return True

        return takes

    def _answer(self, event: Event) -> None:
        """Any word of ours in its conversation answers an inquiry."""
        if event.thread is None:
            return
        for record in self.records:
            if record.stage is Stage.OPEN and event.thread in record.threads:
                record.touch(event)
                record.step(Stage.ANSWERED, event.at, event.entry)

    def _quote_answers(self, event: Event, _said: Said) -> None:
        inquiry = self._find(RecordKind.INQUIRY, event, lambda one: one.stage is Stage.OPEN)
        if inquiry is not None:
            inquiry.touch(event)
            inquiry.step(Stage.ANSWERED, event.at, event.entry)
            quote = self._find(RecordKind.QUOTE, event)
            if quote is not None:
                quote.follow(inquiry)

    def _advance(self, kind: RecordKind, stage: Stage, event: Event, said: Said, *, from_: Stage | None = None) -> None:
        record = self._find(
            kind,
            event,
            lambda one: not one.is_finished and not one.reached(stage) and (from_ is None or one.reached(from_)),
        )
        if record is not None:
            record.touch(event)
            record.step(stage, event.at, event.entry)
            record.fill(said.details, with_price=False)

    def _negotiated(self, event: Event, said: Said) -> None:
        record = self._find(RecordKind.QUOTE, event)
        if record is not None:
            record.touch(event)
            if not record.reached(Stage.NEGOTIATED):
                record.step(Stage.NEGOTIATED, event.at, event.entry)
            record.fill(said.details, with_price=False)

    def _ordered(self, event: Event, said: Said) -> None:
        """An order ends the quote that it follows, and says that the sample was good."""
        order = self._find(RecordKind.ORDER, event)
        quote = self._find(RecordKind.QUOTE, event)
        if quote is not None:
            quote.touch(event)
            quote.step(Stage.DONE, event.at, event.entry)
            if order is not None:
                order.follow(quote)
        for one in self.records:
            tested = one.kind is RecordKind.SAMPLE and one.stage in (Stage.SENT, Stage.RECEIVED)
            if tested and event.thread is not None and event.thread in one.threads:
                one.touch(event)
                one.step(Stage.JUDGED, event.at, event.entry)

    def _confirmed(self, event: Event, said: Said) -> None:
        self._advance(RecordKind.ORDER, Stage.CONFIRMED, event, said)

    def _paid(self, event: Event, said: Said) -> None:
        if self._rules.payment.says_paid(said.rule):
            self._advance(RecordKind.ORDER, Stage.PAID, event, said)

    def _shipped(self, event: Event, said: Said) -> None:
        self._advance(RecordKind.ORDER, Stage.SHIPPED, event, said)

    def _judged(self, event: Event, said: Said) -> None:
        """Praise or complaint is about the sample that is out, or else about the goods that were shipped; praise ends an order."""
        sample = self._find(RecordKind.SAMPLE, event, lambda one: one.stage in (Stage.SENT, Stage.RECEIVED))
        order = self._find(RecordKind.ORDER, event, lambda one: one.stage is Stage.SHIPPED)
        if sample is not None and (order is None or sample.changed_at >= order.changed_at):
            sample.touch(event)
            sample.step(Stage.JUDGED, event.at, event.entry)
        elif order is not None and said.kind is Kind.POSITIVE_FEEDBACK:
            order.touch(event)
            order.step(Stage.DONE, event.at, event.entry)

    def _declined(self, event: Event, _said: Said) -> None:
        """Who declines in a conversation ends what was asked and offered in it."""
        for one in self.records:
            pending = one.stage in (Stage.OPEN, Stage.ANSWERED, Stage.SENT, Stage.NEGOTIATED, Stage.REQUESTED)
            if (
                one.kind is not RecordKind.ORDER
                and pending
                and event.thread is not None
                and event.thread in one.threads
            ):
                one.touch(event)
                one.step(Stage.CLOSED, event.at, event.entry)


_ORDER = {kind: number for number, kind in enumerate(Kind)}

_ADVANCE: dict[Kind, Callable[[_Book, Event, Said], None]] = {
    Kind.NEGOTIATION: _Book._negotiated,
    Kind.ORDER: _Book._ordered,
    Kind.PAYMENT: _Book._paid,
    Kind.COMPLAINT: _Book._judged,
    Kind.POSITIVE_FEEDBACK: _Book._judged,
    Kind.NOT_INTERESTED: _Book._declined,
    Kind.QUOTE_SENT: _Book._quote_answers,
    Kind.PROFORMA_SENT: _Book._confirmed,
    Kind.SHIPMENT_SENT: _Book._shipped,
}
