"""Senders that look like a customer are marked, whatever the trick, and ordinary strangers are not."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from inboxcrm.customers.triage import groups
from inboxcrm.matching.lookalike import Index
from inboxcrm.model import MatchedBy
from inboxcrm.model.database import looking
from tests.cast import ANNA, Office, mail

INDEX = Index(
    {"nordlicht.de": 1, "millerpumps.com": 2, "acme.com": 3, "buyer00012.fr": 4, "mondialtrade.com": 5, "olimp.pl": 6},
    {"anna.schmidt@gmail.com": 7, "j.li@163.com": 8, "trade2020@qq.com": 9},
)


@pytest.mark.parametrize(
    ("sender", "of"),
    [
        ("anna@nordlicnt.de", "nordlicht.de"),  # another letter
        ("anna@nordlich.de", "nordlicht.de"),  # one missing
        ("anna@nordliicht.de", "nordlicht.de"),  # one more
        ("anna@nordlihct.de", "nordlicht.de"),  # two swapped
        ("anna@nordl1cht.de", "nordlicht.de"),  # a digit for a letter
        ("anna@nordlicht.com", "nordlicht.de"),  # another ending
        ("anna@nordlicht.co.uk", "nordlicht.de"),
        ("anna@nord-licht.de", "nordlicht.de"),  # a hyphen
        ("anna@nordlicht-group.com", "nordlicht.de"),  # a word behind
        ("anna@nordlichtpayments.com", "nordlicht.de"),
        ("anna@nordlicht.de.secure-mail.com", "nordlicht.de"),  # all of it in front
        ("joe@rnillerpumps.com", "millerpumps.com"),  # rn for m
        ("joe@mi11erpumps.com", "millerpumps.com"),
        ("joe@millerpurnps.com", "millerpumps.com"),
        ("joe@" + "millerрumps.com".encode("idna").decode(), "millerpumps.com"),  # a Cyrillic letter
        ("joe@acrne.com", "acme.com"),
        ("anna.schmldt@gmail.com", "anna.schmidt@gmail.com"),
        ("annaschmidt@gmail.com", "anna.schmidt@gmail.com"),
        ("anna.schmitd@gmail.com", "anna.schmidt@gmail.com"),
    ],
)
def test_an_imitation_is_marked_with_what_it_imitates(sender: str, of: str) -> None:
    imitated = INDEX.imitated(sender)
    assert imitated is not None
    assert imitated["of"] == of


@pytest.mark.parametrize(
    "sender",
    [
        "max@nordlicht.de",  # the domain itself
        "max@mail.nordlicht.de",
        "max@suedlicht.de",
        "joe@acne.com",  # four letters are too few for a guess
        "joe@acme.de",
        "joe@amce.org",
        "x@buyer00013.fr",  # numbers are meant to differ
        "anna.schmidt@hotmail.com",
        "hans.schmidt@gmail.com",
        "j.lu@163.com",
        "trade2021@qq.com",
        "news@dhl.com",
        "x@localhost",
        "nobody",
        "",
    ],
)
def test_an_ordinary_stranger_is_not_marked(sender: str) -> None:
    assert INDEX.imitated(sender) is None


def test_a_look_alike_in_a_customers_thread_is_logged_with_a_warning_and_nothing_else(engine: Engine) -> None:
    office = Office(engine)
    nordlicht = office.customer(domains=["nordlicht.de"])
    question = mail(ANNA)
    office.take(question, mail("anna@nordlicnt.de", subject="New bank account", answers=question.message_id))
    entry = office.entries(nordlicht)[1]
    assert (entry.matched_by, entry.confidence) == (MatchedBy.THREAD, 0.4)
    assert entry.warnings == [
        {"kind": "look_alike", "of": "nordlicht.de", "customer_id": nordlicht, "address": "anna@nordlicnt.de"}
    ]
    assert office.get(nordlicht).last_in_at == question.date


def test_a_look_alike_outside_any_thread_waits_in_triage_with_its_mark(engine: Engine) -> None:
    office = Office(engine)
    nordlicht = office.customer(domains=["nordlicht.de"])
    office.take(mail("anna@nordlicnt.de", subject="New bank account"))
    assert office.entries(nordlicht) == []
    with looking(engine) as session:
        [group] = groups(session)
    assert group.look_alike == {"of": "nordlicht.de", "customer_id": nordlicht, "address": "anna@nordlicnt.de"}


def test_an_answer_address_that_imitates_a_customer_is_marked_too(engine: Engine) -> None:
    office = Office(engine)
    nordlicht = office.customer(domains=["nordlicht.de"])
    office.take(mail(ANNA, reply_to="anna@nordlicnt.de", subject="Pay here"))
    assert office.entries(nordlicht)[0].warnings[0]["kind"] == "look_alike"


def test_a_new_customer_is_known_to_the_index_at_once(engine: Engine) -> None:
    office = Office(engine)
    office.take(mail("joe@millerpurnps.com"))
    office.customer("Miller", ["joe@millerpumps.com"])
    with looking(engine) as session:
        [group] = groups(session)
    assert group.look_alike is not None
