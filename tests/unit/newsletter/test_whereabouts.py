"""Where recipients sit: what a person set, then the phone, then the country told apart by the clock of their last mail."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine, select

from inboxcrm.followup.places import Place
from inboxcrm.model import Contact, Customer
from inboxcrm.model.database import looking, writing
from inboxcrm.newsletter.whereabouts import places
from tests.cast import NOW, Office, mail

_HOME = Place(ZoneInfo("Asia/Shanghai"), "CN")
_BOB, _SUE = "bob@texas.example", "sue@nowhere.example"


class _Customers:
    def __init__(self, engine: Engine) -> None:
        self.office = Office(engine)
        self.ids = {address: self.office.customer(address, [address]) for address in (_BOB, _SUE)}
        with writing(engine) as session:
            session.get_one(Customer, self.ids[_BOB]).country = "US"

    def wrote(self, address: str, minutes: int | None, *, days_ago: int) -> None:
        """A mail whose Date header shows this clock."""
        self.office.take(replace(mail(address, at=NOW - timedelta(days=days_ago)), date_offset=minutes))

    def zone_of(self, address: str) -> str:
        with looking(self.office.engine) as session:
            contact = session.scalars(select(Contact.id).where(Contact.customer_id == self.ids[address])).one()
            return places(session, [contact], _HOME)[contact].zone.key


@pytest.fixture
def customers(engine: Engine) -> _Customers:
    return _Customers(engine)


def test_without_any_mail_the_country_tells_and_who_is_nowhere_sits_with_us(customers: _Customers) -> None:
    assert (customers.zone_of(_BOB), customers.zone_of(_SUE)) == ("America/New_York", "Asia/Shanghai")


def test_the_clock_of_the_last_mail_tells_the_zones_of_a_country_apart(customers: _Customers) -> None:
    customers.wrote(_BOB, -240, days_ago=9)
    customers.wrote(_BOB, -420, days_ago=3)
    customers.wrote(_BOB, None, days_ago=1)
    assert customers.zone_of(_BOB) in ("America/Los_Angeles", "America/Phoenix")


def test_the_clock_alone_tells_where_nothing_else_is_known(customers: _Customers) -> None:
    customers.wrote(_SUE, 120, days_ago=3)
    assert customers.zone_of(_SUE) == "Etc/GMT-2"


def test_a_zone_that_a_person_set_wins(customers: _Customers) -> None:
    customers.wrote(_BOB, -420, days_ago=3)
    with writing(customers.office.engine) as session:
        session.scalars(
            select(Contact).where(Contact.customer_id == customers.ids[_BOB])
        ).one().time_zone = "America/Chicago"
    assert customers.zone_of(_BOB) == "America/Chicago"


def test_a_contact_that_is_gone_is_nowhere(customers: _Customers) -> None:
    with looking(customers.office.engine) as session:
        assert places(session, [10_000], _HOME) == {}
