"""From mails in the log to signals, records and status, on either database: late mails, corrections, moves, and nothing twice."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, func, select

from inboxcrm.customers.file import edit_customer, release_status
from inboxcrm.engagement import corrections, records_by_hand
from inboxcrm.engagement.corrections import SignalError
from inboxcrm.engagement.records_by_hand import RecordError
from inboxcrm.engagement.rereading import forget_found, look_through
from inboxcrm.engagement.signals import Kind
from inboxcrm.journal import entries
from inboxcrm.judging import Bench, judge, judge_waiting, statuses_due
from inboxcrm.model import (
    BusinessRecord,
    Channel,
    Customer,
    Direction,
    FieldChange,
    LogEntry,
    RecordKind,
    RecordStep,
    Signal,
    SignalState,
    Stage,
    Status,
    Unjudged,
)
from inboxcrm.model.database import looking, writing
from inboxcrm.reading import Automatic, Reading
from inboxcrm.settings import Settings
from tests.cast import ANNA, BY_LINA, CARLOS, LINA, NOW, Office, mail

HOME = Path(__file__).parent / "home"
"""An installation with a few plain rules of its own, so that these tests don't change with the shipped ones."""


class Desk(Office):
    """Lina's office, where what mails mean is judged."""

    def __init__(self, engine: Engine, **settings: Any) -> None:
        super().__init__(engine)
        self.bench = Bench(Settings(home=HOME, **settings))

    def judge(self) -> None:
        """What the service does soon after."""
        while True:
            with writing(self.engine) as session:
                if not look_through(session, self.bench.look) and not judge_waiting(session, self.bench.judge(), NOW):
                    return

    def receive(self, *mails: Reading, folder: str = "INBOX") -> None:
        """Takes mails in and judges."""
        self.take(*mails, folder=folder)
        self.fetch_texts()
        self.judge()

    def signals(self, customer_id: int) -> list[tuple[str, str]]:
        """(kind, state) of a customer's signals, oldest first."""
        with looking(self.engine) as session:
            return [
                (one.kind, one.state.value)
                for one in session.scalars(
                    select(Signal).where(Signal.customer_id == customer_id).order_by(Signal.at, Signal.kind)
                )
            ]

    def signal(self, customer_id: int, kind: Kind) -> Signal:
        with looking(self.engine) as session:
            return session.scalars(select(Signal).where(Signal.customer_id == customer_id, Signal.kind == kind)).one()

    def records(self, customer_id: int) -> list[tuple[str, str]]:
        """(kind, stage) of a customer's records, in the order in which they were opened."""
        with looking(self.engine) as session:
            return [
                (one.kind.value, one.stage.value)
                for one in session.scalars(
                    select(BusinessRecord)
                    .where(BusinessRecord.customer_id == customer_id)
                    .order_by(BusinessRecord.opened_at, BusinessRecord.kind)
                )
            ]

    def record(self, customer_id: int, kind: RecordKind) -> BusinessRecord:
        with looking(self.engine) as session:
            return session.scalars(
                select(BusinessRecord).where(BusinessRecord.customer_id == customer_id, BusinessRecord.kind == kind)
            ).one()

    def everything(self, customer_id: int) -> list[tuple[Any, ...]]:
        """The records with their steps and details: what must not depend on the order of arrival."""
        with looking(self.engine) as session:
            return sorted(
                (
                    one.kind,
                    one.stage,
                    one.opened_at,
                    one.changed_at,
                    tuple(one.products),
                    one.quantity,
                    one.amount,
                    one.currency,
                    one.number,
                    tuple((step.stage, step.at) for step in one.steps),
                )
                for one in session.scalars(select(BusinessRecord).where(BusinessRecord.customer_id == customer_id))
            )


@pytest.fixture
def desk(either_engine: Engine) -> Desk:
    return Desk(either_engine)


def at(day: float) -> Any:
    return NOW - timedelta(days=30 - day)


ASK = mail(
    subject="Ball valves",
    text="Please send us your best price for 500 pcs of valve DN25.",
    at=at(0),
    message_id="ask@x",
)
OFFER = mail(
    LINA,
    ANNA,
    "Re: Ball valves",
    "Dear Anna,\nplease find attached our quotation: USD 1.90/pc FOB Ningbo.",
    at=at(1),
    message_id="offer@x",
    answers="ask@x",
)
BUY = mail(
    subject="Re: Ball valves",
    text="Please find attached our PO 4711 for 500 pcs of valve DN25.",
    at=at(3),
    message_id="buy@x",
    answers="offer@x",
)


def test_a_mail_becomes_signals_and_a_record_that_it_proves(desk: Desk) -> None:
    anna = desk.customer()
    desk.receive(ASK)
    assert desk.signals(anna) == [("quote_request", "counted")]
    assert desk.records(anna) == [("inquiry", "open")]
    inquiry = desk.record(anna, RecordKind.INQUIRY)
    assert inquiry.quantity == Decimal(500)
    with looking(desk.engine) as session:
        [step] = session.scalars(select(RecordStep))
        assert (step.stage, step.entry_id) == (Stage.OPEN, desk.entries(anna)[0].id)
    assert desk.get(anna).status is Status.FOLLOWING


def test_our_offer_and_their_order_carry_it_on(desk: Desk) -> None:
    anna = desk.customer()
    desk.receive(ASK)
    desk.receive(OFFER, folder="Sent")
    assert desk.records(anna) == [("inquiry", "answered"), ("quote", "sent")]
    desk.receive(BUY)
    assert desk.records(anna) == [("inquiry", "answered"), ("quote", "done"), ("order", "placed")]
    assert desk.get(anna).status is Status.WON


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_any_order_of_arrival_gives_the_same(engine: Engine, tmp_path: Path, order: Sequence[int]) -> None:
    desk = Desk(engine)
    anna = desk.customer()
    story = [(ASK, "INBOX"), (OFFER, "Sent"), (BUY, "INBOX")]
    for number in order:
        one, folder = story[number]
        desk.receive(one, folder=folder)
    late = desk.everything(anna)
    with writing(engine) as session:
        session.query(BusinessRecord).delete()
        judge(session, [anna], desk.bench.judge(), NOW)
    assert late == desk.everything(anna)
    assert desk.records(anna) == [("inquiry", "answered"), ("quote", "done"), ("order", "placed")]


def test_judging_again_changes_nothing(desk: Desk) -> None:
    anna = desk.customer()
    desk.receive(ASK)
    desk.receive(OFFER, folder="Sent")

    def ids() -> list[list[int]]:
        with looking(desk.engine) as session:
            return [sorted(session.scalars(select(table.id))) for table in (Signal, BusinessRecord, RecordStep)]

    before = ids()
    with writing(desk.engine) as session:
        judge(session, [anna], desk.bench.judge(), NOW)
    assert ids() == before
    with looking(desk.engine) as session:
        assert session.scalar(select(func.count()).select_from(Unjudged)) == 0


def test_automatic_mail_has_no_signals(desk: Desk) -> None:
    anna = desk.customer()
    desk.receive(mail(text="Please send us your best price.", automatic=Automatic.LIST))
    assert desk.signals(anna) == []


def test_the_word_of_a_doubtful_sender_waits_until_a_person_believes_it(desk: Desk) -> None:
    anna = desk.customer()
    desk.receive(mail(text="Please send us your best price for 500 pcs.", verified=False))
    assert desk.signals(anna) == [("quote_request", "suggested")]
    assert desk.records(anna) == []
    with writing(desk.engine) as session:
        entries.confirm(session, session.scalars(select(LogEntry)).one(), by="lina")
    desk.judge()
    assert desk.signals(anna) == [("quote_request", "counted")]
    assert desk.records(anna) == [("inquiry", "open")]


def test_a_mail_of_nobody_has_no_signals_until_it_is_a_customers(desk: Desk) -> None:
    desk.receive(mail("sam@newcomer.co.uk", text="Please send us your best price for 500 pcs."))
    with looking(desk.engine) as session:
        assert session.scalars(select(Signal)).all() == []


def test_a_rejected_signal_takes_its_record_along_and_no_rule_brings_it_back(desk: Desk) -> None:
    anna = desk.customer()
    desk.receive(ASK)
    with writing(desk.engine) as session:
        corrections.reject(session, desk.signal(anna, Kind.QUOTE_REQUEST).id, now=NOW, by="lina")
    desk.judge()
    assert desk.records(anna) == []
    with writing(desk.engine) as session:
        assert forget_found(session) == 1
    desk.judge()
    assert desk.signals(anna) == [("quote_request", "rejected")]
    with writing(desk.engine) as session:
        corrections.undo(session, desk.signal(anna, Kind.QUOTE_REQUEST).id)
    desk.judge()
    assert desk.signals(anna) == [("quote_request", "counted")]
    assert desk.records(anna) == [("inquiry", "open")]


def test_a_missed_signal_is_added_with_the_words_that_show_it(desk: Desk) -> None:
    anna = desk.customer()
    desk.receive(mail(text="We met in Cologne. The valves on your table were lovely."))
    entry = desk.entries(anna)[0].id
    with writing(desk.engine) as session:
        with pytest.raises(SignalError, match="don't stand"):
            corrections.add(session, entry, Kind.INQUIRY, now=NOW, by="lina", evidence="no such words")
        with pytest.raises(SignalError, match="can't be in this entry"):
            corrections.add(session, entry, Kind.QUOTE_SENT, now=NOW, by="lina")
        added = corrections.add(session, entry, Kind.INQUIRY, now=NOW, by="lina", evidence="The valves on your table")
    assert (added.state, added.start) == (SignalState.ADDED, 19)
    desk.judge()
    assert desk.records(anna) == [("inquiry", "open")]


def test_a_signal_may_be_set_in_a_call(desk: Desk) -> None:
    anna = desk.customer()
    with writing(desk.engine) as session:
        call = entries.append(
            session, anna, entries.Written(Channel.CALL, at(5), Direction.IN, "Wants two samples."), now=NOW, by="lina"
        )
        corrections.add(session, call.id, Kind.SAMPLE_REQUEST, now=NOW, by="lina")
    desk.judge()
    assert desk.records(anna) == [("sample", "requested")]


def test_a_moved_entry_takes_signals_and_record_along_with_what_a_person_did(desk: Desk) -> None:
    anna, carlos = desk.customer(), desk.customer("Andina", [CARLOS])
    desk.receive(ASK)
    with writing(desk.engine) as session:
        record = session.scalars(select(BusinessRecord)).one()
        records_by_hand.edit(session, record, {"number": "Q-7"}, now=NOW, by="lina")
        records_by_hand.close(session, record, at=at(2), now=NOW, by="lina")
        entries.move(session, session.scalars(select(LogEntry)).one(), carlos, now=NOW, by="lina")
    desk.judge()
    assert (desk.signals(anna), desk.records(anna)) == ([], [])
    assert desk.signals(carlos) == [("quote_request", "counted")]
    assert desk.records(carlos) == [("inquiry", "closed")]
    assert desk.record(carlos, RecordKind.INQUIRY).number == "Q-7"


def test_an_entry_taken_out_loses_its_signals_and_steps(desk: Desk) -> None:
    anna = desk.customer()
    desk.receive(ASK)
    desk.receive(BUY)
    with writing(desk.engine) as session:
        buy = session.scalars(select(LogEntry).where(LogEntry.at == at(3))).one()
        entries.take_out(session, buy, by="lina")
    desk.judge()
    assert desk.records(anna) == [("inquiry", "open")]
    with writing(desk.engine) as session:
        entries.put_in(session, desk.message(BUY).id, anna, now=NOW, by="lina")
    desk.judge()
    assert desk.records(anna) == [("inquiry", "open"), ("order", "placed")]


def test_what_a_person_wrote_into_a_record_no_mail_overwrites(desk: Desk) -> None:
    anna = desk.customer()
    desk.receive(ASK)
    with writing(desk.engine) as session:
        record = session.scalars(select(BusinessRecord)).one()
        records_by_hand.edit(session, record, {"quantity": "800", "currency": "eur"}, now=NOW, by="lina")
        with pytest.raises(RecordError, match="currency"):
            records_by_hand.edit(session, record, {"currency": "euros"}, now=NOW, by="lina")
    desk.receive(mail(text="Please quote also for 300 pcs.", at=at(2), answers="ask@x", message_id="more@x"))
    inquiry = desk.record(anna, RecordKind.INQUIRY)
    assert (inquiry.quantity, inquiry.currency) == (Decimal(800), "EUR")
    with writing(desk.engine) as session:
        records_by_hand.release(session, session.get_one(BusinessRecord, inquiry.id), "quantity", now=NOW, by="lina")
    desk.judge()
    assert desk.record(anna, RecordKind.INQUIRY).quantity == Decimal(300)


def test_a_record_by_hand_is_kept_and_goes_on_with_the_mails(desk: Desk) -> None:
    anna = desk.customer()
    with writing(desk.engine) as session:
        order = records_by_hand.add(
            session, anna, RecordKind.ORDER, {"amount": "12500", "currency": "USD"}, at=at(1), now=NOW, by="lina"
        )
        step = records_by_hand.advance(session, order, Stage.PAID, at=at(2), now=NOW, by="lina")
    desk.judge()
    assert desk.records(anna) == [("order", "paid")]
    assert desk.get(anna).status is Status.WON
    with writing(desk.engine) as session:
        records_by_hand.undo_step(session, step.id)
    desk.judge()
    assert desk.records(anna) == [("order", "placed")]
    with writing(desk.engine) as session:
        records_by_hand.undo_step(session, session.scalars(select(RecordStep.id)).one())
    desk.judge()
    assert desk.records(anna) == []


def test_an_older_mail_that_arrives_late_keeps_the_row_and_what_a_person_did(desk: Desk) -> None:
    anna = desk.customer()
    desk.receive(mail(text="Please quote also for 300 pcs.", at=at(2), answers="ask@x", message_id="more@x"))
    with writing(desk.engine) as session:
        record = session.scalars(select(BusinessRecord)).one()
        records_by_hand.close(session, record, at=at(4), now=NOW, by="lina")
    desk.receive(ASK)
    assert desk.record(anna, RecordKind.INQUIRY).id == record.id
    assert desk.records(anna) == [("inquiry", "closed")]


def test_a_pinned_status_stays(desk: Desk) -> None:
    anna = desk.customer()
    with writing(desk.engine) as session:
        customer = session.get_one(Customer, anna)
        customer.status, customer.status_pinned = Status.DORMANT, True
    desk.receive(ASK)
    assert desk.get(anna).status is Status.DORMANT


def test_our_products_are_known_by_their_other_names(either_engine: Engine) -> None:
    desk = Desk(either_engine, products=[{"name": "Ball valve DN25", "also": ["valve DN25", "шаровой кран"]}])
    anna = desk.customer()
    desk.receive(ASK)
    assert desk.record(anna, RecordKind.INQUIRY).products == ["Ball valve DN25"]


def test_the_products_of_a_customers_file_are_known_in_their_mails(desk: Desk) -> None:
    anna = desk.customer()
    desk.receive(ASK)
    with writing(desk.engine) as session:
        edit_customer(session, session.get_one(Customer, anna), {"products": ["Valve DN25", "Gasket"]}, BY_LINA)
    desk.judge()
    assert desk.record(anna, RecordKind.INQUIRY).products == ["Valve DN25"]


def test_a_status_that_a_person_writes_is_pinned_until_released(desk: Desk) -> None:
    anna = desk.customer()
    with writing(desk.engine) as session:
        edit_customer(session, session.get_one(Customer, anna), {"status": "won"}, BY_LINA)
    desk.receive(ASK)
    assert desk.get(anna).status is Status.WON
    with writing(desk.engine) as session:
        release_status(session, session.get_one(Customer, anna))
    desk.judge()
    assert desk.get(anna).status is Status.FOLLOWING


def test_silence_makes_a_customer_dormant_by_the_clock_alone(desk: Desk) -> None:
    anna = desk.customer()
    desk.receive(ASK)
    later = NOW + timedelta(days=400)
    with writing(desk.engine) as session:
        while (after := statuses_due(session, desk.bench.judge(), later)) is not None:
            assert after == anna
    assert desk.get(anna).status is Status.DORMANT
    with looking(desk.engine) as session:
        changes = session.scalars(
            select(FieldChange.new).where(FieldChange.field == "status").order_by(FieldChange.id)
        ).all()
    assert changes == ["following", "dormant"]


def test_a_number_that_no_business_comes_to_is_left_out(desk: Desk) -> None:
    anna = desk.customer()
    desk.receive(mail(text=f"We place the order for {'9' * 25} pcs at USD {'9' * 20} per piece."))
    order = desk.record(anna, RecordKind.ORDER)
    assert (order.quantity, order.amount) == (None, None)
