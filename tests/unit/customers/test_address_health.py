"""A hard bounce marks the address it is about, when it is believable, whatever comes first."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, select

from inboxcrm.customers.file import clear_health
from inboxcrm.customers.triage import assign
from inboxcrm.model import AddressHealth, ContactAddress, FieldChange, FieldSource, MatchedBy
from inboxcrm.model.database import looking, writing
from inboxcrm.reading import BounceKind
from tests.cast import ANNA, BY_LINA, LINA, Office, bounce_of, mail


@pytest.fixture
def office(engine: Engine) -> Office:
    return Office(engine)


def health(office: Office) -> AddressHealth:
    with looking(office.engine) as session:
        return session.scalars(select(ContactAddress)).one().health


def test_a_hard_bounce_of_our_mail_marks_the_address_and_stands_in_the_log(office: Office) -> None:
    nordlicht = office.customer()
    offer = mail(LINA, ANNA)
    office.take(offer, folder="Sent")
    office.take(bounce_of(ANNA, original=offer.message_id))
    with looking(office.engine) as session:
        address = session.scalars(select(ContactAddress)).one()
        change = session.scalars(select(FieldChange).where(FieldChange.field == "health")).one()
    assert (address.health, address.health_reason) == (AddressHealth.BOUNCING, "5.1.1 No such user")
    assert change.source is FieldSource.MAIL
    assert [entry.matched_by for entry in office.entries(nordlicht)] == [MatchedBy.ADDRESS, MatchedBy.BOUNCE]
    assert office.get(nordlicht).last_in_at is None


def test_the_bounce_may_be_taken_before_the_mail_it_is_about(office: Office) -> None:
    office.customer()
    offer = mail(LINA, ANNA)
    office.take(bounce_of(ANNA, original=offer.message_id))
    assert health(office) is AddressHealth.OK
    office.take(offer, folder="Sent")
    assert health(office) is AddressHealth.BOUNCING


def test_a_bounce_about_nothing_that_we_sent_marks_nobody(office: Office) -> None:
    office.customer()
    office.take(bounce_of(ANNA), bounce_of(ANNA, original="never.sent@by.us"), mail(ANNA))
    assert health(office) is AddressHealth.OK


def test_a_soft_bounce_marks_nobody(office: Office) -> None:
    office.customer()
    office.take(mail(LINA, ANNA), folder="Sent")
    office.take(bounce_of(ANNA, kind=BounceKind.SOFT))
    assert health(office) is AddressHealth.OK


def test_a_bounce_without_a_known_address_belongs_to_the_thread_of_our_mail(office: Office) -> None:
    nordlicht = office.customer()
    offer = mail(LINA, ANNA)
    office.take(offer, folder="Sent")
    office.take(bounce_of("relay-target@internal.nordlicht.de", original=offer.message_id))
    assert [entry.matched_by for entry in office.entries(nordlicht)][-1] is MatchedBy.BOUNCE


def test_what_a_person_cleared_stays_clear_until_a_newer_bounce(office: Office) -> None:
    office.customer()
    office.take(mail(LINA, ANNA), folder="Sent")
    office.take(bounce_of(ANNA))
    with writing(office.engine) as session:
        clear_health(session, session.scalars(select(ContactAddress)).one(), BY_LINA)
    office.take(mail(LINA, ANNA), folder="Sent")
    assert health(office) is AddressHealth.OK
    office.take(bounce_of(ANNA, at=BY_LINA.now.replace(hour=20)))
    assert health(office) is AddressHealth.BOUNCING


def test_an_address_that_becomes_a_contacts_late_is_marked_at_once(office: Office) -> None:
    office.take(mail(LINA, ANNA), folder="Sent")
    office.take(bounce_of(ANNA))
    with writing(office.engine) as session:
        assign(session, ANNA, BY_LINA, new_customer="Nordlicht")
    assert health(office) is AddressHealth.BOUNCING
