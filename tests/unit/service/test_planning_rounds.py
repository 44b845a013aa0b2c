"""The service plans whoever waits for it, and everybody once a day; one bad file keeps nobody else from being planned."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from inboxcrm.followup import unplanned
from inboxcrm.followup.facts import Facts
from inboxcrm.followup.plan import Planned
from inboxcrm.followup.planning import Planner, PlanningRules
from inboxcrm.journal import unjudged
from inboxcrm.model import Account, AccountState, Customer, Folder, FollowUp, Unjudged
from inboxcrm.model.database import looking, writing
from inboxcrm.service.events import Events, Topic
from inboxcrm.service.planning import Planning
from inboxcrm.service.taking import Store
from inboxcrm.settings import Settings
from tests.cast import NOW, Office


class Rounds:
    """The planning of a house with a few files that come from a fair: each is due a first mail."""

    def __init__(self, office: Office, home: Path) -> None:
        self.office, self.now, self.events = office, NOW, Events()
        self.customers = [office.customer(f"C{one}", [f"c{one}@c{one}.example"]) for one in range(3)]
        with writing(office.engine) as session:
            for customer in session.scalars(select(Customer)):
                customer.source = "Canton Fair"
            session.query(Unjudged).delete()
            unplanned.mark(session, self.customers)
        store = Store(office.engine, self.events, lambda: self.now)
        self.service = Planning(store, PlanningRules(Settings(home=home)))

    def planned(self) -> list[int]:
        with looking(self.office.engine) as session:
            return sorted(session.scalars(select(FollowUp.customer_id)))

    def waiting(self) -> list[int]:
        with looking(self.office.engine) as session:
            return list(unplanned.waiting(session, 9))


@pytest.fixture
def rounds(engine: Engine, tmp_path: Path) -> Rounds:
    return Rounds(Office(engine), tmp_path)


def break_one(rounds: Rounds, monkeypatch: pytest.MonkeyPatch) -> int:
    """From now on the second customer can't be planned."""
    bad, real = rounds.customers[1], Planner.next_of

    def next_of(self: Planner, facts: Facts, now: datetime) -> tuple[Planned, ...]:
        if facts.customer_id == bad:
            raise ZeroDivisionError
        return real(self, facts, now)

    monkeypatch.setattr(Planner, "next_of", next_of)
    return bad


def test_a_round_plans_who_waits_and_tells_of_it(rounds: Rounds) -> None:
    with rounds.events.subscribe() as heard:
        rounds.service.round()
        news = heard.get(timeout=1)
    assert news is not None
    assert (news.topic, news.data) == (Topic.JUDGED, {"customers": rounds.customers})
    assert rounds.waiting() == []
    assert rounds.planned() == []  # places among what nobody waits for are given at night


def test_a_night_plans_everybody_once_a_day(rounds: Rounds) -> None:
    rounds.service.night()
    assert rounds.planned() == rounds.customers
    with writing(rounds.office.engine) as session:
        session.query(FollowUp).delete()
    rounds.service.night()
    assert rounds.planned() == []
    rounds.now += timedelta(days=1)
    rounds.service.night()
    assert rounds.planned() == rounds.customers


def test_a_night_waits_until_all_is_judged(rounds: Rounds) -> None:
    with writing(rounds.office.engine) as session:
        unjudged.mark(session, rounds.customers[:1])
    rounds.service.night()
    assert rounds.planned() == []
    with writing(rounds.office.engine) as session:
        session.query(Unjudged).delete()
    rounds.service.night()
    assert rounds.planned() == rounds.customers


def test_nothing_is_planned_while_history_is_being_filled(rounds: Rounds) -> None:
    folder = rounds.office.folder("INBOX")
    with writing(rounds.office.engine) as session:
        session.get_one(Folder, folder.id).history_left = 7
        session.get_one(Folder, folder.id).watched = True
        session.get_one(Account, rounds.office.account_id).state = AccountState.OK
    rounds.service.round()
    rounds.service.night()
    assert (rounds.waiting(), rounds.planned()) == (rounds.customers, [])


def test_one_bad_file_keeps_nobody_else_from_being_planned(rounds: Rounds, monkeypatch: pytest.MonkeyPatch) -> None:
    bad = break_one(rounds, monkeypatch)
    rounds.service.round()
    assert rounds.waiting() == []
    rounds.service.night()
    assert rounds.planned() == [one for one in rounds.customers if one != bad]


def test_a_stop_is_heard_between_two_units_of_work(rounds: Rounds) -> None:
    rounds.service.stop()
    rounds.service.round()
    rounds.service.night()
    assert (rounds.waiting(), rounds.planned()) == (rounds.customers, [])
