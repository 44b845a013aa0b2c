"""Which mails are one conversation."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Engine

from inboxcrm.matching.threads import base_subject
from inboxcrm.model.database import looking
from inboxcrm.reading import Reading
from tests.cast import ANNA, CARLOS, LINA, NOW, UNKNOWN, Office, conversations, mail


@pytest.fixture
def office(engine: Engine) -> Office:
    return Office(engine)


def together(office: Office, *mails: Reading) -> bool:
    with looking(office.engine) as session:
        return frozenset(one.message_id for one in mails) in conversations(session)


def test_a_mail_that_ties_two_threads_makes_them_one(office: Office) -> None:
    one, two = mail(ANNA, subject="1"), mail(ANNA, subject="2")
    office.take(one, two)
    both = mail(CARLOS, subject="3", references=[one.message_id, two.message_id])
    later = mail(CARLOS, subject="4", answers=two.message_id)
    office.take(both)
    office.take(later)
    assert together(office, one, two, both, later)


def test_two_answers_to_a_mail_that_never_came_are_one_thread(office: Office) -> None:
    one, two = (
        mail(ANNA, subject="1", answers="lost-mail@x.test"),
        mail(CARLOS, subject="2", references=["lost-mail@x.test"]),
    )
    office.take(one)
    office.take(two)
    assert together(office, one, two)


@pytest.mark.parametrize(
    "subject",
    ["Re: Ball valves", "AW: ball  VALVES", "回复：Ball valves", "Antw: RE[2]: Ball valves", "RES: Ball valves"],
)
@pytest.mark.parametrize("first_arrives_first", [True, False])
def test_an_answer_without_references_joins_the_mail_of_the_same_subject_and_people(
    office: Office, subject: str, first_arrives_first: bool
) -> None:
    offer = mail(LINA, ANNA, subject="Ball valves", at=NOW - timedelta(days=9))
    answer = mail(ANNA, LINA, subject=subject, at=NOW - timedelta(days=2))
    for one, folder in sorted(
        [(offer, "Sent"), (answer, "INBOX")], key=lambda pair: pair[1], reverse=first_arrives_first
    ):
        office.take(one, folder=folder)
    assert together(office, offer, answer)


@pytest.mark.parametrize(
    "other",
    [
        mail(ANNA, subject="Ball valves", at=NOW - timedelta(days=40)),  # too long ago
        mail(CARLOS, subject="Ball valves"),  # other people
        mail(ANNA, subject="Gate valves"),  # another subject
    ],
)
def test_the_subject_alone_is_not_enough(office: Office, other: Reading) -> None:
    answer = mail(ANNA, subject="Re: Ball valves")
    office.take(other)
    office.take(answer)
    assert together(office, answer)


def test_two_new_mails_of_one_subject_are_two_conversations(office: Office) -> None:
    one, two = mail(UNKNOWN, subject="Inquiry"), mail(UNKNOWN, subject="Inquiry")
    office.take(one, two)
    assert together(office, one)
    assert together(office, two)


def test_a_mail_that_refers_to_useless_ids_stands_alone(office: Office) -> None:
    one, two = mail(ANNA, subject="1", references=["", "@", "x"]), mail(ANNA, subject="2", references=["x", " "])
    office.take(one, two)
    assert together(office, one)


def test_endless_references_are_no_burden(office: Office) -> None:
    first = mail(ANNA, message_id="first-of-all@x.test")
    last = mail(ANNA, references=["first-of-all@x.test", *[f"number-{n}@x.test" for n in range(5000)]])
    office.take(first)
    office.take(last)
    assert together(office, first, last)


@pytest.mark.parametrize(
    ("subject", "base", "answers"),
    [
        ("Re: Fwd: Offer", "offer", True),
        ("Fwd: Offer", "offer", False),
        ("Offer", "offer", False),
        ("[list] RE : Offer", "offer", True),
        ("回复: 答复: 报价", "报价", True),
        ("Regarding: Offer", "regarding: offer", False),
        ("Red: 5 pcs", "red: 5 pcs", False),
        ("", "", False),
    ],
)
def test_prefixes_of_answers_and_forwards_are_told_from_words(subject: str, base: str, answers: bool) -> None:
    assert base_subject(subject) == (base, answers)
