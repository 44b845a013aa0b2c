"""Which mail a mail is: once logged, always known; two mails under one Message-ID told apart."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from inboxcrm.reading import read
from inboxcrm.reading.identity import Identity, body_digest, message_key, same_mail, usable


def raw(
    message_id: str = "",
    text: str = "Please quote 500 pcs.",
    subject: str = "Offer",
    date: str = "Mon, 4 May 2026 10:00:00 +0000",
) -> bytes:
    field = f"Message-ID: {message_id}\n" if message_id else ""
    return f"{field}From: Anna <Anna@Buyer.example>\nTo: lina@us.example\nSubject: {subject}\nDate: {date}\n\n{text}".encode()


@pytest.mark.parametrize(
    ("message_id", "expected"),
    [
        ("<1.2@buyer.example>", True),
        ("<CAF=abc+def@mail.gmail.com>", True),
        ("<tencent_1234ABCD@qq.com>", True),
        ("<abc12345>", True),
        ("", False),
        ("<>", False),
        ("<@buyer.example>", False),
        ("<a@b>", False),
        ("<.@buyer.example>", False),
        ("<buyer.example>", False),
        ("<" + "x" * 2000 + "@b.example>", False),
    ],
)
def test_a_message_id_is_usable_when_it_can_name_a_mail(message_id: str, expected: bool) -> None:
    reading = read(raw(message_id))
    assert usable(reading.message_id) is expected
    assert message_key(reading).startswith("sha256:") is not expected
    if expected:
        assert message_key(reading) == message_id.strip("<>")


def test_without_an_id_the_same_mail_has_the_same_key_and_another_mail_another() -> None:
    key = message_key(read(raw()))
    assert message_key(read(raw().replace(b"\n", b"\r\n"))) == key
    assert message_key(read(raw(), received_at=datetime(2026, 5, 4, 11, tzinfo=UTC))) == key
    assert message_key(read(raw(date="Mon, 4 May 2026 12:00:00 +0200"))) == key
    assert message_key(read(raw(subject="OFFER "))) == key
    for other in (raw(text="Please quote 600 pcs."), raw(subject="Order"), raw(date="Mon, 4 May 2026 10:00:01 +0000")):
        assert message_key(read(other)) != key


def test_the_digest_of_a_body_does_not_depend_on_layout_case_or_what_follows_500_letters() -> None:
    assert body_digest("Hello, World 1") == body_digest("HELLO\n\n> world (1)")
    assert body_digest("a" * 500 + "b") == body_digest("a" * 500 + "c")
    assert body_digest("a" * 499 + "b") != body_digest("a" * 499 + "c")
    assert body_digest("询盘 黄铜") == body_digest("询盘黄铜")
    assert body_digest("") == body_digest(" \n-- ")


def test_the_digest_is_of_the_whole_visible_text_not_of_the_new_part() -> None:
    quoted = raw(text="Yes.\n\nOn Monday Lina wrote:\n> our offer of 500 pcs\n")
    assert read(quoted).body_digest != read(raw(text="Yes.")).body_digest


SOME = Identity(
    "anna@buyer.example", frozenset({"lina@us.example"}), "Re: Offer", datetime(2026, 5, 4, 10, tzinfo=UTC), "d1"
)


@pytest.mark.parametrize(
    ("changes", "same"),
    [
        ({}, True),
        ({"subject": "re: offer"}, True),
        ({"subject": "[Sales] Re: Offer"}, True),
        ({"subject": "Re: [Sales] Offer"}, False),
        ({"body_digest": None}, True),
        ({"body_digest": "d2"}, False),
        ({"subject": "Re: Other"}, False),
        ({"sender": "bob@buyer.example"}, False),
        ({"date": None}, False),
        ({"date": datetime(2026, 5, 4, 11, tzinfo=UTC)}, False),
        ({"recipients": frozenset({"lina@us.example", "boss@us.example"})}, False),
    ],
)
def test_two_mails_under_one_id_are_one_when_all_that_both_know_agrees(changes: dict[str, object], same: bool) -> None:
    other = replace(SOME, **changes)  # type: ignore[arg-type]
    assert same_mail(SOME, other) is same
    assert same_mail(other, SOME) is same
