"""What the terminal shows of the demo."""

import io
from datetime import UTC, datetime

import pytest
from rich.console import Console

from inboxcrm.demo.news import Counts, Line, Moved
from inboxcrm.demo.screen import Screen
from inboxcrm.i18n import speaking
from inboxcrm.model import Direction, Grade

AT = datetime(2026, 11, 25, 9, 21, tzinfo=UTC)


@pytest.fixture
def said():
    return io.StringIO()


@pytest.fixture
def screen(said):
    return Screen(Console(file=said))


def line(**changes):
    values = {
        "at": AT,
        "customer": "Rossi Idraulica",
        "country": "IT",
        "direction": Direction.IN,
        "text": "Va bene [bold]così",
        "automatic": "",
        "warned": False,
    }
    return Line(**{**values, **changes})


def test_an_entry_is_one_line_with_customer_country_and_text(screen, said):
    screen.line(line())
    assert said.getvalue().rstrip().endswith("← Rossi Idraulica (Italy): Va bene [bold]così")
    assert said.getvalue().count("\n") == 1


def test_a_long_text_is_cut_to_the_line(screen, said):
    screen.line(line(text="word " * 200))
    assert said.getvalue().count("\n") == 1


def test_countries_are_named_in_the_language_of_the_person(screen, said):
    with speaking("zh"):
        screen.line(line())
    assert "意大利" in said.getvalue()


def test_automatic_mail_and_doubtful_senders_are_marked(screen, said):
    screen.line(line(automatic="auto_reply", warned=True))
    assert "automatic" in said.getvalue()
    assert "sender doubtful" in said.getvalue()


def test_a_stranger_waits_under_unmatched(screen, said):
    screen.line(line(customer="", text="Mads Hjelm: Need price"))
    assert "Unmatched: Mads Hjelm: Need price" in said.getvalue()


def test_the_counts_are_told_when_the_mailbox_is_read(screen, said):
    screen.read(Counts(mails=708, entries=620, customers=59, unmatched=71, left=0))
    assert all(number in said.getvalue() for number in ("708", "620", "59", "71"))


def test_a_move_is_told_with_the_reason_and_the_sentence(screen, said):
    screen.moved(Moved(AT, "Malabar", Grade.C, Grade.B, "Asked for samples on 2026-11-25", "Can u send 2 pcs"))
    assert said.getvalue().rstrip().endswith("Malabar C → B Asked for samples on 2026-11-25 “Can u send 2 pcs”")
