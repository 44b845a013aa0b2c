"""The customer file knows where each field is from, and the machine never overwrites a person."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, select

from inboxcrm.customers import file
from inboxcrm.customers.fields import FieldError
from inboxcrm.customers.file import NotThereError
from inboxcrm.customers.listing import CustomerUnclearError, Filter, Sort, count, countries, customers, find_customer
from inboxcrm.customers.provenance import Origin, sources
from inboxcrm.model import Contact, ContactAddress, ContactProposal, Customer, FieldSource, Grade, Status
from inboxcrm.model.database import looking, writing
from tests.cast import ANNA, BY_LINA, NOW, UNKNOWN, Office, mail

BY_MACHINE = Origin(NOW, by="rules", source=FieldSource.MAIL)


@pytest.fixture
def office(engine: Engine) -> Office:
    return Office(engine)


def test_every_field_knows_from_where_it_is(office: Office) -> None:
    with writing(office.engine) as session:
        customer = file.create_customer(session, " Nordlicht  GmbH ", BY_LINA, {"country": "德国", "grade": "a"})
        file.edit_customer(session, customer, {"industry": "Lighting"}, BY_MACHINE)
        known = sources(session, customer)
        assert (customer.name, customer.country, customer.grade) == ("Nordlicht GmbH", "DE", Grade.A)
        assert (known["country"].by, known["industry"].source) == ("lina", FieldSource.MAIL)


def test_the_machine_does_not_overwrite_what_a_person_wrote(office: Office) -> None:
    with writing(office.engine) as session:
        customer = file.create_customer(session, "Nordlicht", BY_LINA, {"industry": "Lamps"})
        changes = file.edit_customer(session, customer, {"industry": "Shoes", "size": "50"}, BY_MACHINE)
        assert [change.field for change in changes] == ["size"]
        assert customer.industry == "Lamps"


@pytest.mark.parametrize(
    ("field", "value"),
    [("country", "Atlantis"), ("grade", "Z"), ("status", "?"), ("name", " "), ("nonsense", "x"), ("size", "x" * 101)],
)
def test_a_value_that_a_field_cannot_take_is_refused_by_name_and_nothing_is_changed(
    office: Office, field: str, value: str
) -> None:
    nordlicht = office.customer()
    with writing(office.engine) as session:
        customer = session.get_one(Customer, nordlicht)
        with pytest.raises(FieldError) as refused:
            file.edit_customer(session, customer, {"notes": "x", field: value}, BY_LINA)
        assert refused.value.field == field
        assert customer.notes == ""


def test_a_change_is_undone_unless_the_field_was_changed_again(office: Office) -> None:
    nordlicht = office.customer()
    with writing(office.engine) as session:
        customer = session.get_one(Customer, nordlicht)
        [first] = file.edit_customer(session, customer, {"status": "won"}, BY_LINA)
        session.flush()
        file.undo_change(session, first.id, BY_LINA)
        assert customer.status is Status.PROSPECT
        with pytest.raises(FieldError):
            file.undo_change(session, first.id, BY_LINA)
        with pytest.raises(NotThereError):
            file.undo_change(session, 999, BY_LINA)


def test_a_new_address_brings_its_older_mails_and_takes_them_along_when_it_goes(office: Office) -> None:
    nordlicht = office.customer()
    office.take(mail(UNKNOWN, subject="Old"))
    with writing(office.engine) as session:
        contact = session.scalars(select(Contact)).one()
        file.add_address(session, contact, UNKNOWN, BY_LINA)
    assert office.subjects(nordlicht) == ["Old"]
    with writing(office.engine) as session:
        address = session.scalars(select(ContactAddress).where(ContactAddress.address == UNKNOWN)).one()
        file.remove_address(session, address, BY_LINA)
    assert office.subjects(nordlicht) == []


def test_a_domain_comes_and_goes_with_the_mails_it_tied(office: Office) -> None:
    nordlicht = office.customer()
    office.take(mail("max@nordlicht.de", subject="Max"))
    with writing(office.engine) as session:
        file.add_domain(session, session.get_one(Customer, nordlicht), "https://www.Nordlicht.de/", BY_LINA)
    assert office.subjects(nordlicht) == ["Max"]
    with writing(office.engine) as session:
        file.remove_domain(session, session.get_one(Customer, nordlicht), "nordlicht.de", BY_LINA)
    assert office.subjects(nordlicht) == []


def test_an_accepted_proposal_is_a_contact_and_surer_from_then_on(office: Office) -> None:
    nordlicht = office.customer()
    question = mail(ANNA)
    office.take(question, mail("Bernd <bernd@gmail.com>", answers=question.message_id))
    with writing(office.engine) as session:
        proposal = session.scalars(select(ContactProposal)).one()
        contact, _recorded = file.accept_proposal(session, proposal.id, BY_LINA)
        assert (contact.name, contact.customer_id) == ("Bernd", nordlicht)
        with pytest.raises(NotThereError):
            file.dismiss_proposal(session, proposal.id)
    assert [entry.confidence for entry in office.entries(nordlicht)] == [1.0, 1.0]


def test_a_dismissed_proposal_is_not_made_again(office: Office) -> None:
    office.customer()
    question = mail(ANNA)
    office.take(question, mail("bernd@gmail.com", answers=question.message_id))
    with writing(office.engine) as session:
        file.dismiss_proposal(session, session.scalars(select(ContactProposal.id)).one())
    office.take(mail("bernd@gmail.com", answers=question.message_id))
    with looking(office.engine) as session:
        assert len(session.scalars(select(ContactProposal)).all()) == 1


def test_a_customer_is_found_by_number_name_part_address_and_domain(office: Office) -> None:
    with writing(office.engine) as session:
        nordlicht = file.create_customer(session, "Nordlicht GmbH", BY_LINA, {"local_name": "北光照明"})
        other = file.create_customer(session, "Nordwind AG", BY_LINA)
        file.create_customer(session, "Möbel Müller", BY_LINA)
        contact = file.add_contact(session, nordlicht.id, "Anna", BY_LINA)
        file.add_address(session, contact, ANNA, BY_LINA)
        file.add_domain(session, nordlicht, "nordlicht.de", BY_LINA)
        for named in (str(nordlicht.id), "nordlicht gmbh", "北光", "lich", "ANNA@nordlicht.de", "nordlicht.de"):
            assert find_customer(session, named).id == nordlicht.id
        assert find_customer(session, "mobel muller").name == "Möbel Müller"
        with pytest.raises(CustomerUnclearError) as unclear:
            find_customer(session, "nord")
        assert f"{other.id}  Nordwind AG" in str(unclear.value)
        with pytest.raises(CustomerUnclearError):
            find_customer(session, "nobody%")


def test_the_list_is_filtered_and_sorted(office: Office) -> None:
    with writing(office.engine) as session:
        one = file.create_customer(session, "alpha", BY_LINA, {"grade": "C", "country": "DE", "tags": "fair, VIP"})
        two = file.create_customer(session, "Beta", BY_LINA, {"grade": "A", "country": "FR", "status": "won"})
        three = file.create_customer(session, "Gamma", BY_LINA, {"country": "FR", "notes": "likes 球阀"})
        session.flush()

        def names(chosen: Filter, sort: Sort = Sort.NAME) -> list[str]:
            return [customer.name for customer in customers(session, chosen, sort=sort)]

        assert names(Filter()) == [one.name, two.name, three.name]
        assert names(Filter(), Sort.GRADE)[0] == "Beta"
        assert names(Filter(tag="VIP")) == ["alpha"]
        assert names(Filter(countries=["fr"], statuses=[Status.WON])) == ["Beta"]
        assert names(Filter(text="球阀")) == ["Gamma"]
        assert names(Filter(owner_id=0)) == ["alpha", "Beta", "Gamma"]
        assert count(session, Filter(grades=[Grade.A, Grade.C])) == 2
        assert countries(session) == [("FR", 2), ("DE", 1)]
