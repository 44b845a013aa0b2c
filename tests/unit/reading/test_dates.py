"""When a mail was written: every syntax met, and the rule about dates that can't be true."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from inboxcrm.reading import read
from inboxcrm.reading.dates import chosen, offset, parse


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("Mon, 04 May 2026 10:11:12 +0200", "2026-05-04T08:11:12"),
        ("4 May 2026 10:11 -0700", "2026-05-04T17:11:00"),
        ("Mon, 4 May 26 10:11:12 GMT", "2026-05-04T10:11:12"),
        ("Fri, 21 Nov 97 09:55:06 EST", "1997-11-21T14:55:06"),
        ("Fri, 21 Nov 108 09:55:06 +0000", "2008-11-21T09:55:06"),
        ("Mon, 04 May 2026 10:11:12", "2026-05-04T10:11:12"),
        ("Mon, 04 May 2026 10:11:12 -0000", "2026-05-04T10:11:12"),
        ("Mon, 04 May 2026 18:11:12 +0800 (CST)", "2026-05-04T10:11:12"),
        ("Mon, 04 May 2026 18:11:12 GMT+0800", "2026-05-04T10:11:12"),
        ("Mon, 04 May 2026 18:11:12 GMT+08:00 (中国标准时间)", "2026-05-04T10:11:12"),
        ("Mon, 04 May 2026 18:11:12 UTC+8", "2026-05-04T10:11:12"),
        ("Mon, 04 May 2026 12:11:12 (MESZ)", "2026-05-04T10:11:12"),
        ("Mon, 04 May 2026 10:11:12 Z", "2026-05-04T10:11:12"),
        ("Mon, 04 May 2026 10:11:12 XYZ", "2026-05-04T10:11:12"),
        ("Mon, 04 May 2026 10:11:12 +9900", "2026-05-04T10:11:12"),
        ("Mon May  4 10:11:12 2026", "2026-05-04T10:11:12"),
        ("Mon May  4 10:11:12 CEST 2026", "2026-05-04T08:11:12"),
        ("2026-05-04T10:11:12+02:00", "2026-05-04T08:11:12"),
        ("2026-05-04 10:11:12", "2026-05-04T10:11:12"),
        ("2026年5月4日 下午6:11", "2026-05-04T18:11:00"),
        ("2026年5月4日 18:11", "2026-05-04T18:11:00"),
        ("Mo, 4. Mai 2026 10:11:12 +0200", "2026-05-04T08:11:12"),
        ("lun, 4 mai 2026 10:11:12 +0200", "2026-05-04T08:11:12"),
        ("Пн, 4 мая 2026 10:11:12 +0300", "2026-05-04T07:11:12"),
        ("lunes, 4 de mayo de 2026 10:11", "2026-05-04T10:11:00"),
        ("04/05/2026 10:11", "2026-05-04T10:11:00"),
        ("5/31/2026 10:11:12 PM", "2026-05-31T22:11:12"),
        ("May 4, 2026 10:11 AM", "2026-05-04T10:11:00"),
        ("Mon, 04-May-2026 10:11:12 +0000", "2026-05-04T10:11:12"),
        ("Fri, 21 Nov 1997 09(comment):   55  :  06 -0600", "1997-11-21T15:55:06"),
        ("Mon, 04 May 2026 10.11.12 +0000", "2026-05-04T10:11:12"),
        ("Mon, 04 May 2026 23:59:60 +0000", "2026-05-04T23:59:59"),
        ("Mon, 04 May 2026", "2026-05-04T00:00:00"),
        ("Mon, 31 Feb 2026 10:11:12 +0000", None),
        ("Mon, 04 May 2026 25:11:12 +0000", None),
        ("yesterday", None),
        ("", None),
    ],
)
def test_a_date_field_names_an_instant(value: str, expected: str | None) -> None:
    found = parse(value)
    assert (found and found.replace(tzinfo=None).isoformat()) == expected
    assert found is None or found.tzinfo is UTC


ARRIVED = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("age", "outgoing", "believed"),
    [
        (timedelta(0), False, True),
        (timedelta(days=29), False, True),
        (timedelta(days=31), False, False),
        (timedelta(days=31), True, True),
        (timedelta(days=4000), True, True),
        (timedelta(hours=-23), False, True),
        (timedelta(hours=-25), False, False),
        (timedelta(hours=-25), True, False),
    ],
)
def test_a_date_is_believed_when_it_is_sane(age: timedelta, outgoing: bool, believed: bool) -> None:
    written = ARRIVED - age
    assert chosen(written, ARRIVED, outgoing=outgoing) == (written if believed else ARRIVED)


def test_without_arrival_the_header_is_believed_between_1990_and_2100() -> None:
    for year, believed in ((1970, False), (1989, False), (1990, True), (2036, True), (2100, True), (2101, False)):
        written = datetime(year, 5, 4, tzinfo=UTC)
        assert chosen(written, None, outgoing=False) == (written if believed else None)
    assert chosen(None, None, outgoing=False) is None
    assert chosen(None, ARRIVED, outgoing=False) == ARRIVED


def test_the_topmost_received_field_stands_in_for_the_arrival() -> None:
    raw = (
        b"Received: from a by b; Mon, 4 May 2026 14:00:00 +0200\nReceived: from c by a; Thu, 1 Jan 1970 00:00:00 +0000\n"
        b"From: a@b.example\nDate: Thu, 01 Jan 1970 00:00:00 +0000\n\nhello"
    )
    reading = read(raw)
    assert reading.date == ARRIVED
    assert reading.date_header == datetime(1970, 1, 1, tzinfo=UTC)
    assert reading.problems


def test_a_mail_that_was_copied_from_another_mailbox_keeps_its_date() -> None:
    raw = b"Received: from a by b; Tue, 5 May 2020 14:00:03 +0200\nFrom: a@b.example\nDate: Tue, 05 May 2020 12:00:00 +0000\n\nhello"
    assert read(raw, received_at=ARRIVED).date == datetime(2020, 5, 5, 12, 0, tzinfo=UTC)
    assert read(raw.partition(b"\n")[2], received_at=ARRIVED).date == ARRIVED


@pytest.mark.parametrize(
    ("written", "minutes"),
    [
        ("Mon, 4 May 2026 10:00:00 +0200", 120),
        ("Mon, 4 May 2026 10:00:00 -0330 (NDT)", -210),
        ("Mon, 4 May 2026 10:00:00 +0000", 0),
        ("Mon, 4 May 2026 10:00:00 -0000", None),
        ("Mon, 4 May 2026 10:00:00 GMT", 0),
        ("4 May 2026 10:00 PDT", -420),
        ("Mon, 4 May 2026 10:00:00", None),
        ("Mon, 4 May 2026 10:00:00 +9900", None),
        ("yesterday", None),
        ("", None),
    ],
)
def test_the_clock_of_the_writer_is_kept_where_it_is_named(written: str, minutes: int | None) -> None:
    assert offset(written) == minutes
