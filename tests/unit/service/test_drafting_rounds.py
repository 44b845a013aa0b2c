"""The service writes drafts as their time comes near and has them polished where a writer is switched on; none holds up the rest."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select

from inboxcrm import settings
from inboxcrm.followup import drafting
from inboxcrm.followup.writer import WriterError
from inboxcrm.model import Draft, FollowUp, Unplanned
from inboxcrm.model.database import looking, writing
from inboxcrm.model.followup import Action
from inboxcrm.service.drafting import Drafting
from inboxcrm.service.events import Events, Topic
from inboxcrm.service.taking import Store
from inboxcrm.settings import Server, Settings
from tests.cast import LINA, NOW, Office


class Stand:
    """A writer that stands in for a model."""

    name = "stand-in"

    def __init__(self, answer: str | None) -> None:
        self.answer = answer

    def polish(self, text: str, language: str) -> str:
        assert language == "en"
        if self.answer is None:
            raise WriterError("it didn't answer")
        return f"{text.partition(chr(10))[0]}\n\n{self.answer}"


@pytest.fixture
def office(engine: Engine) -> Office:
    return Office(engine)


def service_of(office: Office, home: Path, writer: Stand | None = None, events: Events | None = None) -> Drafting:
    place = Server(host="127.0.0.1", port=1, security="none")
    lina = settings.Account(address=LINA, name="Lina Chen", imap=place)
    configured = Settings(home=home, accounts=(lina,))
    store = Store(office.engine, events or Events(), lambda: NOW)
    return Drafting(store, configured, lambda: timedelta(hours=12), lambda _settings: writer)


def prepare(office: Office, count: int) -> list[int]:
    """So many customers, each with a follow-up due now; the numbers of the follow-ups."""
    customers = [office.customer(f"C{one}", [f"c{one}@c{one}.example"]) for one in range(count)]
    with writing(office.engine) as session:
        session.query(Unplanned).delete()
        made = [
            FollowUp(
                customer_id=customer,
                anchor="hand:1",
                stage="quoted",
                step=1,
                action=Action.MAIL,
                template="quoted",
                due_at=NOW,
                reasons=[],
                created_at=NOW,
            )
            for customer in customers
        ]
        session.add_all(made)
        session.flush()
        return [one.id for one in made]


def drafts(office: Office) -> list[Draft]:
    with looking(office.engine) as session:
        return list(session.scalars(select(Draft).order_by(Draft.id)))


def test_a_round_writes_all_that_is_due_and_tells_of_it(office: Office, tmp_path: Path) -> None:
    prepare(office, 25)
    events = Events()
    service = service_of(office, tmp_path, events=events)
    with events.subscribe() as heard:
        service.round()
        news = heard.get(timeout=1)
    assert news is not None
    assert news.topic == Topic.DRAFTS
    assert len(drafts(office)) == 25
    service.round()
    assert len(drafts(office)) == 25


def test_a_mistake_in_one_keeps_no_other_back(office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, *_others = prepare(office, 3)
    real = drafting.draft_for

    def failing(session: Any, follow_up: FollowUp, *rest: Any) -> Draft:
        if follow_up.id == first:
            msg = "a mistake of ours"
            raise RuntimeError(msg)
        return real(session, follow_up, *rest)

    monkeypatch.setattr(drafting, "draft_for", failing)
    service_of(office, tmp_path).round()
    assert len(drafts(office)) == 2
    with looking(office.engine) as session:
        assert "a mistake of ours" in drafting.problem_of(session.get_one(FollowUp, first))


def test_a_writer_polishes_new_drafts(office: Office, tmp_path: Path) -> None:
    prepare(office, 2)
    service_of(office, tmp_path, Stand("Better.")).round()
    assert all(one.body.endswith("\n\nBetter.\nLina Chen") for one in drafts(office))
    assert {one.polished_by for one in drafts(office)} == {"stand-in"}


def test_a_failing_writer_is_told_on_the_draft(office: Office, tmp_path: Path) -> None:
    prepare(office, 1)
    service_of(office, tmp_path, Stand(None)).round()
    (draft,) = drafts(office)
    assert draft.polished_by == ""
    assert draft.body.endswith("Best regards\nLina Chen")
    assert draft.reasons[-1]["why"] == "it didn't answer"


def test_a_stopped_service_begins_nothing_new(office: Office, tmp_path: Path) -> None:
    prepare(office, 1)
    service = service_of(office, tmp_path)
    service.stop()
    service.round()
    assert drafts(office) == []
