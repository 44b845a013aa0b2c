"""Whatever the bytes, there is a Reading: it can be stored and sent as JSON, and it is the same each time."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inboxcrm.reading import Reading, envelope, read
from inboxcrm.reading.display import safe_html

ARRIVAL = datetime(2026, 5, 4, 10, 0, tzinfo=UTC)
PIECES = (
    b"From: Anna <anna@buyer.example>\r\n", b"To: a@b.example, (x <y>\r\n", b"Subject: =?utf-8?B?5Lit\r\n", b"Subject: =?gb2312?Q?=D6=D0?=\r\n",
    b"Content-Type: multipart/mixed; boundary=x\r\n", b"Content-Type: multipart/report; report-type=delivery-status; boundary=\"x\"\r\n",
    b"Content-Type: text/html; charset=utf-7\r\n", b"Content-Type: message/rfc822\r\n", b"Content-Type: message/delivery-status\r\n",
    b"Content-Type: text/calendar; method=REQUEST\r\n", b"Content-Transfer-Encoding: base64\r\n", b"Content-Transfer-Encoding: x-uuencode\r\n",
    b"Content-Disposition: attachment; filename*0*=utf-8''%e4; size=9\r\n", b"Date: Mon, 99 Foo 2026 25:61 +9999\r\n", b"Return-Path: <>\r\n",
    b"Authentication-Results: x; dkim=pass (\r\n", b"Final-Recipient: rfc822; a@b\r\n", b"Status: 5.1.1\r\n", b"\r\n", b"--x\r\n", b"--x--\r\n", b"\n",
    b"begin 644 f\n#0V%T\nend\n", b"<div><p>caf\xe9</p>", b"=E4=BD=A0\r\n", b"+AOk-", b"\x1b$B\x24\x22\x1b(B", b"\x00\xff\xfe", b"> quoted\r\n", b"I am away until 5 May\r\n",
)  # fmt: skip


def check(raw: bytes) -> Reading:
    reading = read(raw, received_at=ARRIVAL)
    public = json.dumps(reading.as_json(), ensure_ascii=False)
    public.encode("utf-8")
    assert "\\u0000" not in public
    for one in (
        reading.subject,
        reading.message_id,
        reading.sender.name,
        reading.sender.address,
        *(a.name for a in reading.attachments),
    ):
        assert "\n" not in one
        assert "\r" not in one
    assert reading.date is not None
    assert reading.date.utcoffset() is not None
    envelope(raw)
    return reading


@given(st.binary(max_size=2000))
def test_any_bytes_give_a_reading(raw: bytes) -> None:
    check(raw)


@given(st.lists(st.sampled_from(PIECES), max_size=40))
def test_any_order_of_the_pieces_of_mails_gives_a_reading(pieces: list[bytes]) -> None:
    raw = b"".join(pieces)
    assert check(raw) == check(raw)
    safe_html(raw, remote_images=True)


@settings(max_examples=300)
@given(data=st.data())
def test_real_mails_with_broken_bytes_give_a_reading(corpora: Path, data: st.DataObject) -> None:
    files = sorted((corpora / "malformed").glob("*.eml")) + sorted((corpora / "bounces").glob("*.eml"))
    raw = bytearray(data.draw(st.sampled_from(files)).read_bytes()[:20_000])
    for _ in range(data.draw(st.integers(0, 8))):
        place = data.draw(st.integers(0, max(len(raw) - 1, 0)))
        length = data.draw(st.integers(0, 30))
        raw[place : place + length] = data.draw(st.binary(max_size=length))
    check(bytes(raw))


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\n",
        b"no header at all, only a line",
        b"From: a@b.example\n\n" + b"x" * 3_000_000,
        b"From: a@b.example\nSubject: " + b"=?utf-8?q?x" * 20_000 + b"\n\nbody",
        b"To: " + b'"' * 50_000 + b"\n\nbody",
        b"To: " + b"(" * 50_000 + b"\n\nbody",
        b"To: " + b"<a@" * 50_000 + b"\n\nbody",
        b"To: " + b"a@b.example," * 20_000 + b"\n\nbody",
        b"Content-Type: text/plain" + b"; x" * 30_000 + b"\n\nbody",
        b'Content-Type: text/plain; name="' + b"\\" * 60_000 + b"\n\nbody",
        b"X: y\n" * 30_000 + b"\nbody",
        b"Content-Type: multipart/mixed; boundary=x\n\n" + b"--x\n\n" * 20_000,
        b"Content-Transfer-Encoding: base64\n\n" + b"=" * 100_000,
        b"Content-Transfer-Encoding: base64\n\n" + b"QUJD=\n" * 20_000,
        b"Subject: Automatic reply\n\n" + b"back on 1 May " * 5_000,
        b"From: MAILER-DAEMON\nSubject: failure notice\n\n" + b"<a@b.example>: 550 no\n" * 5_000,
        b"From: MAILER-DAEMON\nSubject: failure notice\n\n" + b"a@b." * 50_000,
        b"From: MAILER-DAEMON\nSubject: failure notice\n\n" + b"a" * 100_000 + b"@",
        b"Content-Type: text/html\n\n" + b"<div>" * 50_000 + b"deep",
        b"Content-Type: text/plain; format=flowed\n\n" + b"word \n" * 50_000,
        b"Date: " + b"(" * 50_000 + b"\n\nbody",
        b"Message-ID: " + b"<" * 100_000 + b"\n\nbody",
        b"References: " + b"<a@b> " * 20_000 + b"\n\nbody",
        b"Authentication-Results: x; " + b"dkim=pass (" * 10_000 + b"\n\nbody",
    ],
    ids=lambda raw: raw[:40].decode("latin-1").replace("\n", " "),
)
def test_hostile_sizes_end(raw: bytes) -> None:
    check(raw)
    safe_html(raw, remote_images=False)


def nested(levels: int) -> bytes:
    head = b"From: a@b.example\nSubject: deep\nDate: Mon, 4 May 2026 10:00:00 +0000\n"
    opened = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (level, level) for level in range(levels)
    )
    return (
        head
        + opened
        + b"Content-Type: text/plain\n\nthe innermost text\n"
        + b"".join(b"--b%d--\n" % level for level in reversed(range(levels)))
    )


@pytest.mark.parametrize("levels", [1, 30, 99, 101, 1000, 5000])
def test_the_text_inside_any_number_of_levels_comes_out(levels: int) -> None:
    assert check(nested(levels)).new_text == "the innermost text"


@pytest.mark.parametrize("levels", [1, 30, 99, 101, 1000])
def test_the_text_inside_any_number_of_attached_mails_comes_out(levels: int) -> None:
    head = b"From: a@b.example\nSubject: deep\n"
    raw = (head + b"Content-Type: message/rfc822\n\n") * levels + head + b"\nthe innermost text\n"
    reading = check(raw)
    assert "the innermost text" in reading.new_text
