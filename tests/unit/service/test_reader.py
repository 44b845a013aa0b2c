"""The reading pool: every mail comes back in order, whatever another mail does to the process that reads it."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from concurrent.futures import CancelledError
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from inboxcrm.engagement.look import Look
from inboxcrm.engagement.signals import Side, Signal
from inboxcrm.reading import Reading
from inboxcrm.service import reader
from inboxcrm.service.reader import RawMail, ReadingPool

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def mail(number: int, text: str = "Please quote 500 pieces.") -> RawMail:
    raw = (
        f"Message-ID: <{number}@buyer.example>\r\nFrom: anna@buyer.example\r\nSubject: Order {number}\r\n\r\n{text}\r\n"
    )
    return RawMail(raw.encode(), NOON, outgoing=False)


@pytest.fixture
def pool() -> Iterator[ReadingPool]:
    pool = ReadingPool(2)
    yield pool
    pool.close()


def test_readings_come_in_the_order_of_the_mails(pool: ReadingPool) -> None:
    mails = [mail(number) for number in range(101)]

    readings = pool.read(mails).result()

    assert [one.reading.message_id for one in readings] == [f"{number}@buyer.example" for number in range(101)]
    assert readings[7].reading.new_text == "Please quote 500 pieces."


def test_nothing_to_read_is_no_work(pool: ReadingPool) -> None:
    assert pool.read([]).result() == []


def deadly(mail: RawMail) -> Reading:
    """Reads a mail, but dies or hangs of a certain text: a stand-in for a crash in a library and for a runaway pattern."""
    if b"DEADLY" in mail.raw:
        os.kill(os.getpid(), signal.SIGKILL)
    while b"ENDLESS" in mail.raw:
        pass
    if b"MISTAKE" in mail.raw:
        raise KeyError("a mistake")
    return reader._read(mail)


@pytest.mark.parametrize("harm", ["DEADLY", "ENDLESS"])
def test_a_mail_that_breaks_its_process_is_kept_with_its_header_and_the_others_are_read(harm: str) -> None:
    pool = ReadingPool(2, read=deadly, seconds_a_mail=2)
    mails = [mail(number, harm if number == 13 else "Hello, please quote.") for number in range(50)]

    readings = pool.read(mails).result()

    assert [one.reading.message_id for one in readings] == [f"{number}@buyer.example" for number in range(50)]
    assert [number for number, one in enumerate(readings) if reader._HEADER_ONLY in one.reading.problems] == [13]
    assert readings[13].reading.subject == "Order 13"
    assert pool.read([mail(1)]).result()[0].reading.new_text == "Please quote 500 pieces."
    pool.close()


def test_two_mails_that_break_even_with_their_header_stay_two_mails() -> None:
    pool = ReadingPool(1, read=deadly)
    deadly_header = [
        RawMail(f"X-Number: {n}\r\nSubject: DEADLY\r\n\r\nHello\r\n".encode(), NOON, outgoing=False) for n in (1, 2)
    ]

    first, second = (one.reading for one in pool.read(deadly_header).result())

    assert first.problems == second.problems == (reader._NOT_EVEN_THE_HEADER,)
    assert first.body_digest != second.body_digest
    pool.close()


def test_a_mistake_in_reading_becomes_a_problem_of_that_mail() -> None:
    pool = ReadingPool(1, read=deadly)

    good, bad = (one.reading for one in pool.read([mail(1), mail(2, "MISTAKE")]).result())

    assert good.new_text == "Please quote 500 pieces."
    assert bad.problems == ("Reading this mail failed: KeyError: 'a mistake'",)
    pool.close()


def test_only_a_mail_whose_side_is_told_is_looked_into_for_signals() -> None:
    pool = ReadingPool(1, look=Look())
    asked = replace(mail(1, "Please quote your best price for 500 pcs."), side=Side.CUSTOMER)

    found, unasked = pool.read([asked, mail(2)]).result()

    assert "quote_request" in {one["kind"] for one in found.signals or []}
    assert unasked.signals is None
    pool.close()


def broken_rules(reading: Reading, side: Side | None) -> list[Signal]:
    """Stands for a mistake in what finds signals."""
    raise KeyError("a mistake")


def test_a_mistake_in_the_rules_costs_the_signals_of_that_mail_and_nothing_else() -> None:
    found = reader._looked_into(reader._read(mail(1)), Side.CUSTOMER, broken_rules)

    assert found.signals == []
    assert found.reading.new_text == "Please quote 500 pieces."
    assert found.reading.problems[-1] == "Looking for signals failed: KeyError: 'a mistake'"


def test_urgent_mail_is_read_before_all_that_waits(pool: ReadingPool) -> None:
    history = [pool.read([mail(number) for number in range(100)]) for _ in range(10)]

    pool.read([mail(1)], urgent=True).result()

    assert not history[-1].done()
    for job in history:
        job.result()


def test_a_closed_pool_leaves_nobody_waiting() -> None:
    pool = ReadingPool(1)
    job = pool.read([mail(number) for number in range(2000)])

    pool.close()

    with pytest.raises(CancelledError):
        job.result()
