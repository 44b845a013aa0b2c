"""The triage list: who is nobody's yet, and the one step that changes it, forth and back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Engine

from inboxcrm.customers import triage
from inboxcrm.customers.fields import FieldError
from inboxcrm.customers.file import NotThereError
from inboxcrm.journal.search import search
from inboxcrm.model import Customer, Standing, TextState
from inboxcrm.model.database import looking, writing
from inboxcrm.reading import Automatic
from tests.cast import BY_LINA, LINA, NOW, UNKNOWN, Office, mail


@pytest.fixture
def office(engine: Engine) -> Office:
    return Office(engine)


def groups(office: Office, *, noise: bool | None = False) -> list[triage.Group]:
    with looking(office.engine) as session:
        return triage.groups(session, noise=noise)


def assign(office: Office, value: str, **said: object) -> triage.Assigned:
    with writing(office.engine) as session:
        return triage.assign(session, value, BY_LINA, **said)  # type: ignore[arg-type]


def ignore(office: Office, value: str) -> None:
    with writing(office.engine) as session:
        triage.ignore(session, value, BY_LINA)


def undo(office: Office, value: str = "") -> str:
    with writing(office.engine) as session:
        return triage.undo(session, BY_LINA, value)


def test_unknown_mail_is_grouped_by_its_other_side_with_count_and_last_subject(office: Office) -> None:
    office.take(
        mail(f"Sam <{UNKNOWN}>", subject="First", at=NOW - timedelta(days=3)),
        mail(f"Sam <{UNKNOWN}>", subject="Second", at=NOW - timedelta(days=1)),
    )
    office.take(mail(LINA, [UNKNOWN, "pia@other.fr"], subject="Between", at=NOW - timedelta(days=2)), folder="Sent")
    first, second = groups(office)
    assert (first.address, first.name, first.mails, first.sent, first.last_subject) == (UNKNOWN, "Sam", 3, 1, "Second")
    assert (second.address, second.mails, second.sent) == ("pia@other.fr", 1, 1)


def test_machines_are_told_apart_from_people(office: Office) -> None:
    office.take(mail("news@shop.com", automatic=Automatic.LIST), mail("no-reply@bank.com"), mail(UNKNOWN))
    assert [one.address for one in groups(office)] == [UNKNOWN]
    assert {one.address for one in groups(office, noise=True)} == {"news@shop.com", "no-reply@bank.com"}
    with looking(office.engine) as session:
        assert triage.counts(session) == (1, 2)


def test_buyers_behind_a_marketplace_stand_by_themselves(office: Office) -> None:
    office.take(
        mail("notify@service.alibaba.com", reply_to="Bo <bo@buyer.se>"),
        mail("notify@service.alibaba.com", reply_to="al@kaufer.at"),
    )
    assert {one.address for one in groups(office)} == {"bo@buyer.se", "al@kaufer.at"}


def test_people_of_one_company_stand_together_and_free_mail_stands_alone(office: Office) -> None:
    office.take(mail("a@big.com"), mail("b@mail.big.com"), mail("c@gmail.com"), mail("d@gmail.com"))
    with looking(office.engine) as session:
        found = triage.by_domain(session)
    assert {some.domain: len(some.groups) for some in found if some.domain} == {"big.com": 2}
    assert sum(not some.domain for some in found) == 2


def test_one_step_makes_a_customer_and_the_older_mails_enter_the_log_at_their_own_dates(office: Office) -> None:
    old, new = mail(UNKNOWN, text="Old words", at=NOW - timedelta(days=300)), mail(UNKNOWN, subject="New")
    office.take(old, new)
    office.take(mail(LINA, UNKNOWN, subject="Answer"), folder="Sent")
    done = assign(office, UNKNOWN, new_customer="Newcomer Ltd", contact_name="Sam")
    assert [entry.at for entry in office.entries(done.customer_id)][:2] == [old.date, new.date]
    assert len(done.recorded.entries) == 3
    assert groups(office, noise=None) == []
    assert office.message(old).text_state is TextState.WANTED
    assert office.fetch_texts() == 3
    with looking(office.engine) as session:
        assert search(session, "old words").entries
    customer = office.get(done.customer_id)
    assert (customer.name, customer.first_contact_at) == ("Newcomer Ltd", old.date)


def test_a_domain_given_to_a_customer_brings_all_its_people_along(office: Office) -> None:
    nordlicht = office.customer()
    office.take(mail("a@big.com", subject="A"), mail("b@mail.big.com", subject="B"), mail("x@notbig.com", subject="X"))
    assign(office, "big.com", customer_id=nordlicht)
    assert sorted(office.subjects(nordlicht)) == ["A", "B"]


def test_the_answers_of_strangers_in_the_thread_come_along_too(office: Office) -> None:
    first = mail(UNKNOWN, subject="Hello")
    office.take(first, mail("boss@elsewhere.com", subject="Re: Hello", answers=first.message_id))
    done = assign(office, UNKNOWN, new_customer="Newcomer")
    assert sorted(office.subjects(done.customer_id)) == ["Hello", "Re: Hello"]


@pytest.mark.parametrize("value", ["gmail.com", "163.com", "nonsense", "a@b@c.de", "@", "alibaba.com"])
def test_what_can_be_no_customers_address_or_domain_is_refused(office: Office, value: str) -> None:
    with pytest.raises(FieldError):
        assign(office, value, new_customer="Somebody")
    with looking(office.engine) as session:
        assert session.query(Customer).count() == 0


def test_an_ignored_sender_leaves_the_list_and_comes_no_more(office: Office) -> None:
    spam = mail("spam@ads.com")
    office.take(spam, mail("other@ads.com"))
    ignore(office, "SPAM@ads.com")
    office.take(mail("spam@ads.com"))
    assert [one.address for one in groups(office)] == ["other@ads.com"]
    assert office.message(spam).standing is Standing.IGNORED


def test_an_ignored_domain_covers_what_lies_under_it_but_not_what_ends_alike(office: Office) -> None:
    office.take(mail("a@ads.com"), mail("b@mail.ads.com"), mail("c@myads.com"))
    ignore(office, "ads.com")
    assert [one.address for one in groups(office)] == ["c@myads.com"]


def test_a_contacts_address_wins_over_an_ignored_domain(office: Office) -> None:
    ignore(office, "nordlicht.de")
    nordlicht = office.customer()
    office.take(mail())
    assert len(office.entries(nordlicht)) == 1


def test_ignoring_is_undone_in_one_step(office: Office) -> None:
    office.take(mail("a@ads.com"), mail("b@ads.com"))
    ignore(office, "ads.com")
    assert undo(office) == "ads.com"
    assert {one.address for one in groups(office)} == {"a@ads.com", "b@ads.com"}


def test_an_assignment_is_undone_in_one_step_and_its_texts_are_forgotten(office: Office) -> None:
    private = mail(UNKNOWN, text="Private words")
    office.take(private)
    done = assign(office, UNKNOWN, new_customer="Newcomer")
    office.fetch_texts()
    assert undo(office, UNKNOWN) == UNKNOWN
    assert [one.address for one in groups(office)] == [UNKNOWN]
    assert office.message(private).new_text == ""
    with looking(office.engine) as session:
        assert session.get(Customer, done.customer_id) is None
        assert not search(session, "private words").entries
        assert not search(session, "newcomer").customers


def test_undoing_takes_back_the_last_thing_first(office: Office) -> None:
    office.take(mail(UNKNOWN), mail("a@ads.com"))
    assign(office, UNKNOWN, new_customer="Newcomer")
    ignore(office, "ads.com")
    assert [undo(office), undo(office)] == ["ads.com", UNKNOWN]
    with pytest.raises(NotThereError):
        undo(office)


def test_undoing_an_assignment_keeps_what_else_the_customer_has(office: Office) -> None:
    nordlicht = office.customer()
    office.take(mail(subject="Ours"), mail(UNKNOWN, subject="Theirs"))
    assign(office, UNKNOWN, customer_id=nordlicht)
    undo(office)
    assert office.subjects(nordlicht) == ["Ours"]
