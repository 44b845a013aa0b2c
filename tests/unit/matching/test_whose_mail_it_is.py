"""Whose mail it is: by address, thread, domain, and who is named beside; and what is never matched."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Engine, select

from inboxcrm.model import ContactProposal, Direction, MatchedBy, Message, Standing, TextState
from inboxcrm.model.database import looking
from inboxcrm.reading import Automatic
from tests.cast import ANNA, CARLOS, LINA, NOW, TOM, UNKNOWN, Office, mail


@pytest.fixture
def office(engine: Engine) -> Office:
    return Office(engine)


def proposals(office: Office) -> list[tuple[int, str, str]]:
    with looking(office.engine) as session:
        return [(one.customer_id, one.address, one.name) for one in session.scalars(select(ContactProposal))]


@pytest.mark.parametrize(
    "sender",
    ["anna@nordlicht.de", "Anna <ANNA@Nordlicht.DE>", "anna+orders@nordlicht.de", "anna@NORDLICHT.de"],
)
def test_a_contacts_address_decides_whatever_its_case_and_tag(office: Office, sender: str) -> None:
    nordlicht = office.customer()
    office.take(mail(sender))
    [entry] = office.entries(nordlicht)
    assert (entry.matched_by, entry.confidence, entry.direction) == (MatchedBy.ADDRESS, 1.0, Direction.IN)
    assert entry.contact_id is not None


def test_a_domain_with_umlauts_is_the_same_in_both_spellings(office: Office) -> None:
    customer = office.customer("Möbel", ["eva@möbelhaus.de"])
    office.take(mail("eva@xn--mbelhaus-n4a.de", subject="Chairs"))
    assert office.subjects(customer) == ["Chairs"]


def test_a_mail_to_two_customers_stands_in_both_logs(office: Office) -> None:
    nordlicht, andina = office.customer(), office.customer("Andina", [CARLOS])
    office.take(mail(LINA, [ANNA, TOM], subject="New prices", cc=CARLOS), folder="Sent")
    assert office.subjects(nordlicht) == office.subjects(andina) == ["New prices"]
    assert office.entries(nordlicht)[0].direction is Direction.OUT


def test_a_blind_copy_counts_as_recipient_of_sent_mail(office: Office) -> None:
    nordlicht = office.customer()
    office.take(mail(LINA, LINA, subject="Holidays", bcc=[ANNA]), folder="Sent")
    assert office.subjects(nordlicht) == ["Holidays"]


def test_mail_between_ourselves_is_nobodys_even_when_a_customer_has_our_domain(office: Office) -> None:
    customer = office.customer("Ourselves", [TOM], ["brightvalve.example"])
    taken = office.take(mail(LINA, TOM, subject="Lunch?"), mail(TOM, LINA, subject="Re: Lunch?"))
    assert (taken.logged, taken.unmatched) == (0, 0)
    assert office.subjects(customer) == []


def test_a_colleagues_mail_to_a_customer_goes_out(office: Office) -> None:
    nordlicht = office.customer()
    office.take(mail(TOM, ANNA, subject="Drawing", cc=LINA))
    [entry] = office.entries(nordlicht)
    assert entry.direction is Direction.OUT


def test_what_lies_in_sent_is_outgoing_whatever_alias_wrote_it(office: Office) -> None:
    nordlicht = office.customer()
    office.take(mail("sales@othername.com", ANNA, subject="Offer"), folder="Sent")
    assert office.entries(nordlicht)[0].direction is Direction.OUT


def test_a_mail_met_elsewhere_first_is_outgoing_once_it_is_found_in_sent(office: Office) -> None:
    nordlicht = office.customer()
    offer = mail("sales@othername.com", ANNA, subject="Offer")
    office.take(offer, folder="All Mail")
    office.take(offer, folder="Sent")
    [entry] = office.entries(nordlicht)
    assert (entry.direction, entry.confidence) == (Direction.OUT, 1.0)
    assert office.get(nordlicht).last_out_at == offer.date


def test_a_reply_from_an_unknown_address_in_a_customers_thread_is_proposed_as_contact(office: Office) -> None:
    nordlicht = office.customer()
    question = mail(ANNA)
    office.take(question, mail("Bernd Kurz <bernd@gmail.com>", subject="Re: Ball valves", answers=question.message_id))
    entry = office.entries(nordlicht)[1]
    assert (entry.matched_by, entry.confidence) == (MatchedBy.THREAD, 0.8)
    assert proposals(office) == [(nordlicht, "bernd@gmail.com", "Bernd Kurz")]


def test_a_list_in_a_customers_thread_is_not_the_customer(office: Office) -> None:
    nordlicht = office.customer()
    question = mail(ANNA)
    office.take(question, mail(UNKNOWN, answers=question.message_id, automatic=Automatic.LIST))
    assert len(office.entries(nordlicht)) == 1
    assert proposals(office) == []


def test_an_absence_note_in_a_customers_thread_is_logged_but_proposes_nobody(office: Office) -> None:
    nordlicht = office.customer()
    offer = mail(LINA, ANNA)
    office.take(offer, folder="Sent")
    office.take(mail("reception@holding.de", answers=offer.message_id, automatic=Automatic.AUTO_REPLY))
    assert [entry.automatic for entry in office.entries(nordlicht)] == ["", "auto_reply"]
    assert proposals(office) == []
    assert office.get(nordlicht).last_in_at is None


def test_the_company_domain_and_those_under_it_decide_when_the_address_is_unknown(office: Office) -> None:
    nordlicht = office.customer(domains=["nordlicht.de"])
    office.take(mail("Max <max@nordlicht.de>", subject="1"), mail("eva@mail.nordlicht.de", subject="2"))
    assert {(entry.matched_by, entry.confidence) for entry in office.entries(nordlicht)} == {(MatchedBy.DOMAIN, 0.7)}
    assert proposals(office) == [(nordlicht, "max@nordlicht.de", "Max"), (nordlicht, "eva@mail.nordlicht.de", "")]


@pytest.mark.parametrize("stranger", ["eva@notnordlicht.de", "eva@nordlicht.de.evil.com", "eva@de"])
def test_a_domain_that_only_ends_alike_is_not_the_customers(office: Office, stranger: str) -> None:
    nordlicht = office.customer(domains=["nordlicht.de"])
    office.take(mail(stranger))
    assert office.entries(nordlicht) == []


@pytest.mark.parametrize(
    "domain",
    [
        "gmail.com",
        "163.com",
        "vip.163.com",
        "yahoo.co.jp",
        "web.de",
        "mail.ru",
        "t-online.de",
        "etisalat.ae",
        "mailinator.com",
        "alibaba.com",
    ],
)
def test_a_domain_that_strangers_share_says_nothing(office: Office, domain: str) -> None:
    customer = office.customer("Somebody", [f"known@{domain}"], [domain])
    taken = office.take(mail(f"other@{domain}"))
    assert (office.entries(customer), taken.unmatched) == ([], 1)


def test_a_domain_of_two_customers_decides_nothing(office: Office) -> None:
    one, two = office.customer("One", ["a@group.com"], ["group.com"]), office.customer("Two", [], ["group.com"])
    taken = office.take(mail("c@group.com"))
    assert (office.entries(one), office.entries(two), taken.unmatched) == ([], [], 1)


def test_in_a_customers_thread_a_shared_domain_is_that_customers(office: Office) -> None:
    one, two = (
        office.customer("One", ["a@group.com"], ["group.com"]),
        office.customer("Two", ["b@two.com"], ["group.com"]),
    )
    first = mail("a@group.com")
    office.take(
        first,
        mail("b@two.com", answers=first.message_id, subject="Me too"),
        mail("c@group.com", answers=first.message_id, subject="And I"),
    )
    assert "And I" in office.subjects(one)
    assert "And I" in office.subjects(two)


def test_an_address_of_two_customers_is_narrowed_by_the_thread(office: Office) -> None:
    one = office.customer("One", ["agent@trading.com", "a@one.com"])
    two = office.customer("Two", ["agent@trading.com"])
    office.take(mail("agent@trading.com", subject="Which?"))
    assert [entry.confidence for entry in office.entries(one) + office.entries(two)] == [0.5, 0.5]
    first = mail("a@one.com", subject="Ours")
    office.take(first, mail("agent@trading.com", subject="Re: Ours", answers=first.message_id))
    assert office.subjects(one)[-1] == "Re: Ours"
    assert office.subjects(two) == ["Which?"]


def test_a_forwarder_who_copies_a_contact_writes_about_that_customer(office: Office) -> None:
    nordlicht = office.customer()
    office.take(mail("ops@seafreight.com", LINA, subject="Arrival notice", cc=ANNA))
    [entry] = office.entries(nordlicht)
    assert (entry.matched_by, entry.confidence) == (MatchedBy.ADDRESS, 0.6)
    assert office.get(nordlicht).last_in_at is None


def test_a_marketplace_writes_in_the_name_of_the_buyer(office: Office) -> None:
    nordlicht = office.customer()
    office.take(mail("feedback@service.alibaba.com", subject="Inquiry", reply_to=ANNA))
    [entry] = office.entries(nordlicht)
    assert entry.confidence == 0.9
    assert office.get(nordlicht).last_in_at == entry.at


def test_our_own_web_form_brings_mail_in(office: Office) -> None:
    nordlicht = office.customer()
    office.take(mail("website@brightvalve.example", LINA, subject="Contact form", reply_to=ANNA))
    assert [(entry.subject, entry.direction) for entry in office.entries(nordlicht)] == [("Contact form", Direction.IN)]


def test_what_matches_nobody_keeps_its_header_only(office: Office) -> None:
    unknown = mail(UNKNOWN, text="Private words", attachments=["secret.pdf"])
    assert office.take(unknown).unmatched == 1
    message = office.message(unknown)
    assert (message.standing, message.text_state) == (Standing.UNMATCHED, TextState.ABSENT)
    assert (message.new_text, message.attachments) == ("", [])


def test_a_thread_that_becomes_a_customers_brings_its_older_mails_along(office: Office) -> None:
    nordlicht = office.customer()
    first = mail(UNKNOWN, subject="Hello", text="I ask for Anna.", at=NOW - timedelta(days=9))
    office.take(first)
    taken = office.take(mail(ANNA, answers=first.message_id, subject="Re: Hello"))
    assert office.subjects(nordlicht) == ["Hello", "Re: Hello"]
    assert len(taken.entries) == 2
    assert taken.wanted == [office.message(first).id]
    assert office.fetch_texts() == 1
    assert office.entries(nordlicht)[0].content == "I ask for Anna."


def test_an_unverified_sender_is_logged_with_a_doubt_and_changes_nothing(office: Office) -> None:
    nordlicht = office.customer(domains=["nordlicht.de"])
    office.take(
        mail(ANNA, verified=False, subject="New bank account", reply_to="thief@gmail.com"),
        mail("new@nordlicht.de", verified=False),
    )
    assert all(entry.warnings == [{"kind": "unverified"}] for entry in office.entries(nordlicht))
    assert office.get(nordlicht).last_in_at is None
    assert proposals(office) == []


def test_a_forged_mail_does_not_make_its_thread_the_customers(office: Office) -> None:
    nordlicht = office.customer()
    forged = mail(ANNA, verified=False, subject="New bank account")
    office.take(forged)
    office.take(mail(LINA, "thief@gmail.com", subject="Re: New bank account", answers=forged.message_id), folder="Sent")
    assert office.subjects(nordlicht) == ["New bank account"]
    assert proposals(office) == []


def test_a_mail_without_sender_and_recipient_is_unmatched_and_no_trouble(office: Office) -> None:
    assert office.take(mail("", ())).unmatched == 1
    with looking(office.engine) as session:
        assert session.scalars(select(Message.standing)).one() is Standing.UNMATCHED
