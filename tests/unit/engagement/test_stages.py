"""How signals become inquiries, quotes, samples and orders: short stories, in any order of arrival."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inboxcrm import shipped
from inboxcrm.engagement import record_rules
from inboxcrm.engagement.record_rules import RecordFileError
from inboxcrm.engagement.signals import OUR_KINDS, Details, Kind, Money, Quantity
from inboxcrm.engagement.stages import STAGES, Event, HandRecord, HandStep, Record, Said, derive
from inboxcrm.model import RecordKind, Stage

RULES = record_rules.load(shipped.find(None, "config", "records.toml"))
START = datetime(2026, 3, 2, 9, tzinfo=UTC)


def event(
    day: float, *kinds: Kind, thread: int | None = 1, ours: bool | None = None, rule: str = "", **said: object
) -> Event:
    """What is said on a day of the story; by us when the kinds are ours."""
    by_us = all(kind in OUR_KINDS for kind in kinds) if ours is None else ours
    number = int(day * 100)
    return Event(
        number,
        f"{number:08}",
        START + timedelta(days=day),
        by_us,
        thread,
        None,
        tuple(Said(kind, Details(**said), rule) for kind in kinds),  # type: ignore[arg-type]
    )


def answer(day: float, thread: int = 1) -> Event:
    """A mail of ours without any signal."""
    return event(day, thread=thread, ours=True)


def told(records: list[Record]) -> list[tuple[str, str]]:
    return [(one.kind.value, one.stage.value) for one in records]


def test_an_inquiry_without_our_answer_is_open() -> None:
    assert told(derive([event(0, Kind.INQUIRY)], RULES)) == [("inquiry", "open")]


def test_any_word_of_ours_in_its_conversation_answers_an_inquiry() -> None:
    [inquiry] = derive([event(0, Kind.INQUIRY), answer(1)], RULES)
    assert inquiry.stage is Stage.ANSWERED
    assert [(step.stage, step.entry) for step in inquiry.steps] == [(Stage.OPEN, 0), (Stage.ANSWERED, 100)]


def test_a_word_in_another_conversation_does_not_answer_it() -> None:
    assert told(derive([event(0, Kind.INQUIRY), answer(1, thread=2)], RULES)) == [("inquiry", "open")]


def test_a_quote_closes_the_inquiry_even_in_another_conversation_and_knows_what_was_asked() -> None:
    asked = event(0, Kind.QUOTE_REQUEST, products=("DN25",), quantity=Quantity(Decimal(500), "pcs"))
    inquiry, quote = derive(
        [asked, event(2, Kind.QUOTE_SENT, thread=2, price=Money(Decimal("1.90"), "USD"), is_unit_price=True)], RULES
    )
    assert (inquiry.stage, quote.stage) == (Stage.ANSWERED, Stage.SENT)
    assert (quote.products, quote.quantity, quote.unit) == (("DN25",), Decimal(500), "pcs")
    assert (quote.amount, quote.currency) == (Decimal("950.00"), "USD")


def test_a_second_mail_in_the_conversation_opens_no_second_record() -> None:
    story = [event(0, Kind.INQUIRY), event(1, Kind.INQUIRY, Kind.QUOTE_REQUEST), event(2, Kind.INQUIRY)]
    assert told(derive(story, RULES)) == [("inquiry", "open")]


def test_who_asks_again_after_our_answer_waits_for_us_again() -> None:
    assert told(derive([event(0, Kind.INQUIRY), answer(1), event(2, Kind.QUOTE_REQUEST)], RULES)) == [
        ("inquiry", "open")
    ]


def test_a_new_conversation_soon_after_belongs_to_the_open_inquiry_and_much_later_is_new_business() -> None:
    soon = derive([event(0, Kind.INQUIRY), event(5, Kind.INQUIRY, thread=2)], RULES)
    later = derive([event(0, Kind.INQUIRY), event(120, Kind.INQUIRY, thread=2)], RULES)
    assert (len(soon), len(later)) == (1, 2)


def test_a_quote_is_negotiated_and_done_by_the_order_that_follows() -> None:
    story = [event(0, Kind.QUOTE_SENT), event(1, Kind.NEGOTIATION), event(3, Kind.ORDER)]
    assert told(derive(story, RULES)) == [("quote", "done"), ("order", "placed")]


def test_a_sample_goes_from_the_request_to_the_judgement() -> None:
    story = [event(0, Kind.SAMPLE_REQUEST), event(2, Kind.SAMPLE_SENT)]
    assert told(derive(story, RULES)) == [("sample", "sent")]
    assert told(derive([*story, event(9, Kind.POSITIVE_FEEDBACK)], RULES)) == [("sample", "judged")]
    assert told(derive([*story, event(9, Kind.COMPLAINT)], RULES)) == [("sample", "judged")]


def test_an_order_goes_from_placed_to_done() -> None:
    story = [
        event(
            0, Kind.ORDER, quantity=Quantity(Decimal(500), "pcs"), price=Money(Decimal(950), "USD"), order_number="4711"
        ),
        event(1, Kind.PROFORMA_SENT),
        event(3, Kind.PAYMENT, rule="en.payment.done"),
        event(20, Kind.SHIPMENT_SENT),
        event(50, Kind.POSITIVE_FEEDBACK),
    ]
    stages = [derive(story[: number + 1], RULES)[0].stage for number in range(len(story))]
    assert stages == [Stage.PLACED, Stage.CONFIRMED, Stage.PAID, Stage.SHIPPED, Stage.DONE]
    [order] = derive(story, RULES)
    assert (order.amount, order.currency, order.number) == (Decimal(950), "USD", "4711")


def test_asking_for_the_bank_details_is_not_paying() -> None:
    assert told(derive([event(0, Kind.ORDER), event(1, Kind.PAYMENT, rule="en.payment.bank_details")], RULES)) == [
        ("order", "placed")
    ]


@pytest.mark.parametrize(
    "file", sorted((shipped.shipped_folder("config") / "signals").glob("*.toml")), ids=lambda one: one.stem
)
def test_every_language_can_say_that_money_was_paid(file: Path) -> None:
    rules = tomllib.loads(file.read_text(encoding="utf-8"))["rule"]
    ids = [f"{file.stem}.{one['id']}" for one in rules if one["kind"] == Kind.PAYMENT]
    assert not ids or any(RULES.payment.says_paid(one) for one in ids), ids


def test_an_order_in_another_conversation_is_another_order_unless_it_has_the_same_number() -> None:
    first = event(0, Kind.ORDER, order_number="4711")
    assert len(derive([first, event(5, Kind.ORDER, thread=2)], RULES)) == 2
    assert len(derive([first, event(5, Kind.ORDER, thread=2, order_number="4711")], RULES)) == 1
    assert len(derive([first, event(5, Kind.ORDER, order_number="4712")], RULES)) == 2


def test_who_declines_ends_what_was_offered_in_that_conversation_only() -> None:
    story = [event(0, Kind.QUOTE_SENT), event(1, Kind.QUOTE_SENT, thread=2), event(200, Kind.QUOTE_SENT, thread=3)]
    assert told(derive([*story, event(210, Kind.NOT_INTERESTED, thread=3)], RULES))[-1] == ("quote", "closed")
    assert ("quote", "sent") in told(derive([*story, event(210, Kind.NOT_INTERESTED, thread=3)], RULES))


def test_later_details_refine_earlier_ones() -> None:
    story = [
        event(0, Kind.INQUIRY, products=("DN25",), quantity=Quantity(Decimal(500), "pcs")),
        event(
            1,
            Kind.QUOTE_REQUEST,
            products=("DN50",),
            quantity=Quantity(Decimal(800), "pcs"),
            incoterm="CIF",
            port="Hamburg",
        ),
    ]
    [inquiry] = derive(story, RULES)
    assert (inquiry.products, inquiry.quantity) == (("DN25", "DN50"), Decimal(800))
    assert (inquiry.incoterm, inquiry.port) == ("CIF", "Hamburg")


def test_a_record_by_hand_is_advanced_by_mails() -> None:
    by_phone = HandRecord(7, RecordKind.ORDER, START)
    [order] = derive([event(2, Kind.SHIPMENT_SENT)], RULES, [by_phone])
    assert (order.row, order.stage) == (7, Stage.SHIPPED)


def test_what_a_person_closed_takes_up_no_more_mails() -> None:
    closed = HandStep(1, RecordKind.INQUIRY, Stage.CLOSED, START + timedelta(days=1), row=7, anchor=0)
    assert told(derive([event(0, Kind.INQUIRY), event(2, Kind.INQUIRY)], RULES, steps=[closed])) == [
        ("inquiry", "closed"),
        ("inquiry", "open"),
    ]


_KINDS = st.sampled_from(sorted(Kind))
_DETAILS = st.builds(
    dict,
    quantity=st.none() | st.builds(Quantity, st.integers(1, 1000).map(Decimal), st.just("pcs")),
    price=st.none() | st.builds(Money, st.integers(1, 1000).map(Decimal), st.sampled_from(["USD", "EUR"])),
    order_number=st.sampled_from(["", "4711", "4712"]),
)


@st.composite
def _stories(draw: st.DrawFn) -> list[Event]:
    days = draw(st.lists(st.integers(0, 400), max_size=12))
    story = []
    for number, day in enumerate(days):
        kinds = draw(st.lists(_KINDS, max_size=3, unique=True))
        said = tuple(
            Said(kind, Details(**draw(_DETAILS)), draw(st.sampled_from(["", "en.payment.done"]))) for kind in kinds
        )
        thread = draw(st.none() | st.integers(1, 3))
        # Several entries of one instant are common: mails that a machine sends, entries by hand at midnight.
        story.append(
            Event(number, f"{number:04}", START + timedelta(days=day), draw(st.booleans()), thread, None, said)
        )
    return story


@given(_stories(), st.randoms(use_true_random=False))
def test_any_order_of_arrival_gives_the_same_records(story: list[Event], chance: object) -> None:
    shuffled = list(story)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert derive(shuffled, RULES) == derive(story, RULES)


@given(_stories())
def test_every_record_is_proved_by_what_happened_and_keeps_to_its_stages(story: list[Event]) -> None:
    entries = {one.entry for one in story}
    opened: set[tuple[RecordKind, int]] = set()
    for record in derive(story, RULES):
        assert record.stage in STAGES[record.kind]
        assert record.stage is record.steps[-1].stage
        assert {step.entry for step in record.steps} <= entries
        assert len({(step.stage, step.entry) for step in record.steps}) == len(record.steps)
        assert record.opened_at <= record.changed_at
        assert (record.kind, record.entries[0]) not in opened, "one mail opens a record of a kind once"
        opened.add((record.kind, record.entries[0]))


def test_a_mistake_in_the_file_is_named_with_its_line() -> None:
    text = Path(shipped.find(None, "config", "records.toml")).read_text(encoding="utf-8")
    with pytest.raises(RecordFileError, match=r"mine\.toml, line \d+: status\.won_months"):
        record_rules.parse(text.replace("won_months = 24", "won_months = 0"), "mine.toml")
