"""Customers of the demo answer what is sent to them, in their language and thread; strangers answer nothing."""

from __future__ import annotations

from datetime import UTC, datetime
from email.message import EmailMessage

import pytest

from inboxcrm.demo.answering import answer
from inboxcrm.demo.cast import cast, content, dice
from inboxcrm.demo.stories import LANGUAGES
from inboxcrm.reading.read import read

NOW = datetime(2026, 11, 25, 9, tzinfo=UTC)


def sent(to: str) -> bytes:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "Lina Chen <lina@lanting-valve.example>", to, "Re: Angebot 4711"
    mail["Message-ID"], mail["References"] = "<ours@lanting-valve.example>", "<first@elsewhere.example>"
    mail.set_content("Dear friend,\n\nhave you looked at our offer?\n\nLina")
    return mail.as_bytes()


def test_every_language_has_answers() -> None:
    assert set(content("answers.toml")) == set(LANGUAGES)


@pytest.mark.parametrize("company", [one for one in cast().companies if one.listed][::6], ids=lambda one: one.key)
def test_a_customer_answers_in_their_language_and_thread(company) -> None:
    letter = answer(cast(), sent(company.people[0].address), NOW, dice("test", company.key))
    assert letter is not None
    assert letter.company == company.key
    reading = read(letter.raw)
    assert reading.in_reply_to == "ours@lanting-valve.example"
    assert letter.subject == "Re: Angebot 4711"
    assert "".join(letter.said.split()) in "".join(reading.new_text.split())
    assert "have you looked" not in reading.new_text


def test_a_stranger_answers_nothing() -> None:
    assert answer(cast(), sent("nobody@elsewhere.example"), NOW, dice("test")) is None
