"""The service judges whoever waits for it; one file that can't be judged keeps nobody else waiting, and is not forgotten."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from inboxcrm.engagement import log
from inboxcrm.engagement.stages import Event
from inboxcrm.journal import unjudged
from inboxcrm.judging import Bench
from inboxcrm.model import Unjudged
from inboxcrm.model.database import looking, writing
from inboxcrm.service.events import Events
from inboxcrm.service.judgement import Judgement
from inboxcrm.service.taking import Store
from inboxcrm.settings import Settings
from tests.cast import NOW, Office


class Rounds:
    """Three customers wait; the second can't be judged while `broken`."""

    def __init__(self, office: Office, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.office, self.now, self.broken = office, NOW, True
        self.customers = [office.customer(f"C{one}", [f"c{one}@c{one}.example"]) for one in range(3)]
        self.tried: list[int] = []
        real = log.settle

        def settle(session: Session, customers: Collection[int], threshold: float) -> dict[int, list[Event]]:
            self.tried += customers
            if self.broken and self.customers[1] in customers:
                raise ZeroDivisionError
            return real(session, customers, threshold)

        monkeypatch.setattr(log, "settle", settle)
        self.settings = Settings(home=home)
        self.store = Store(office.engine, Events(), lambda: self.now)
        self.begin()
        self.mark(*self.customers)

    def begin(self) -> None:
        """The service starts."""
        self.service = Judgement(self.store, Bench(self.settings))

    def mark(self, *customers: int) -> None:
        with writing(self.office.engine) as session:
            unjudged.mark(session, customers)

    def work(self) -> list[int]:
        """Whom it tries to judge, until there is nothing to do."""
        self.tried.clear()
        while self.service.step():
            pass
        return self.tried

    def failed(self) -> list[int]:
        with looking(self.office.engine) as session:
            return list(session.scalars(select(Unjudged.customer_id).where(Unjudged.failed_at.is_not(None))))

    def waiting(self) -> list[int]:
        with looking(self.office.engine) as session:
            return list(unjudged.waiting(session, 9))


@pytest.fixture
def rounds(engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Rounds:
    return Rounds(Office(engine), tmp_path, monkeypatch)


def test_who_cant_be_judged_keeps_nobody_waiting_and_stays_noted(rounds: Rounds) -> None:
    assert set(rounds.work()) == set(rounds.customers)
    assert (rounds.waiting(), rounds.failed()) == ([], [rounds.customers[1]])
    assert rounds.work() == []


def test_what_is_new_there_has_it_tried_again(rounds: Rounds) -> None:
    rounds.work()
    rounds.mark(rounds.customers[1])
    assert (rounds.failed(), rounds.waiting()) == ([], [rounds.customers[1]])
    rounds.broken = False
    assert rounds.work() == [rounds.customers[1]]
    assert (rounds.failed(), rounds.waiting()) == ([], [])


def test_it_is_tried_again_by_the_next_start_and_on_the_next_day(rounds: Rounds) -> None:
    bad = rounds.customers[1]
    rounds.work()
    rounds.begin()
    assert set(rounds.work()) == {bad}
    rounds.now += timedelta(days=1)
    assert set(rounds.work()) == {bad}
    rounds.broken = False
    rounds.now += timedelta(days=1)
    rounds.work()
    assert (rounds.failed(), rounds.waiting()) == ([], [])
