"""Entries by hand, and corrections that no rule undoes."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Engine, select

from inboxcrm.journal import entries
from inboxcrm.journal.entries import EntryError, Written
from inboxcrm.journal.search import search
from inboxcrm.journal.timeline import recent, timeline
from inboxcrm.model import Channel, Direction, LogEntry, MatchedBy, Standing, TextState
from inboxcrm.model.database import looking, writing
from tests.cast import ANNA, CARLOS, LINA, NOW, UNKNOWN, Office, mail

CALL = Written(Channel.CALL, NOW - timedelta(hours=2), Direction.IN, "Wants samples of DN25", feedback="too dear")


@pytest.fixture
def office(engine: Engine) -> Office:
    return Office(engine)


def found(office: Office, text: str) -> set[int]:
    with looking(office.engine) as session:
        return {hit.line.customer_id for hit in search(session, text).entries}


def test_a_call_stands_in_the_log_counts_as_contact_and_is_found(office: Office) -> None:
    nordlicht = office.customer()
    with writing(office.engine) as session:
        entries.append(session, nordlicht, CALL, now=NOW, by="lina")
    customer = office.get(nordlicht)
    assert (customer.last_in_at, customer.first_contact_at, customer.first_channel) == (CALL.at, CALL.at, "call")
    assert found(office, "dear DN25") == {nordlicht}
    with looking(office.engine) as session:
        [line] = timeline(session, nordlicht)
    assert line.why == "Written by lina."


@pytest.mark.parametrize(
    "wrong",
    [
        Written(Channel.MAIL, NOW, Direction.IN, "x"),
        Written(Channel.CALL, NOW, Direction.IN, "  "),
        Written(Channel.CALL, NOW + timedelta(minutes=1), Direction.IN, "x"),
        Written(Channel.CALL, NOW, Direction.IN, "x", contact_id=999),
    ],
)
def test_an_entry_that_cannot_be_is_refused(office: Office, wrong: Written) -> None:
    nordlicht = office.customer()
    with pytest.raises(EntryError), writing(office.engine) as session:
        entries.append(session, nordlicht, wrong, now=NOW, by="lina")
    assert office.entries(nordlicht) == []


def test_an_entry_by_hand_can_be_changed_and_deleted(office: Office) -> None:
    nordlicht = office.customer()
    with writing(office.engine) as session:
        entry = entries.append(session, nordlicht, CALL, now=NOW, by="lina")
    with writing(office.engine) as session:
        entry = session.get_one(LogEntry, entry.id)
        entries.edit(session, entry, Written(Channel.FAIR, NOW, Direction.OUT, "Canton fair"), now=NOW)
    assert found(office, "canton") == {nordlicht}
    assert found(office, "samples") == set()
    with writing(office.engine) as session:
        entries.delete(session, session.get_one(LogEntry, entry.id))
    assert office.get(nordlicht).last_entry_at is None
    assert found(office, "canton") == set()


def test_a_mails_entry_takes_feedback_but_is_not_deleted(office: Office) -> None:
    nordlicht = office.customer()
    office.take(mail(ANNA))
    with writing(office.engine) as session:
        entry = session.scalars(select(LogEntry)).one()
        entries.edit(session, entry, Written(Channel.MAIL, NOW, Direction.IN, "", feedback="friendly"), now=NOW)
        with pytest.raises(EntryError):
            entries.delete(session, entry)
    assert found(office, "friendly") == found(office, "quote") == {nordlicht}


def test_moving_an_entry_moves_its_search_document_and_the_dates(office: Office) -> None:
    nordlicht, andina = office.customer(), office.customer("Andina", [CARLOS])
    office.take(mail(ANNA, text="Flanges"))
    with writing(office.engine) as session:
        entries.move(session, session.scalars(select(LogEntry)).one(), andina, now=NOW, by="lina")
    assert found(office, "flanges") == {andina}
    assert office.get(nordlicht).last_in_at is None
    assert office.get(andina).last_in_at is not None


def test_no_rule_takes_back_what_a_person_said(office: Office) -> None:
    nordlicht, andina = office.customer(), office.customer("Andina", [CARLOS])
    wrong = mail(ANNA, subject="Wrong")
    office.take(wrong)
    with writing(office.engine) as session:
        entries.move(session, session.scalars(select(LogEntry)).one(), andina, now=NOW, by="lina")
    office.take(wrong, folder="Archive")
    office.take(mail(ANNA, subject="Right", answers=wrong.message_id))
    assert office.subjects(nordlicht) == ["Right"]
    assert office.subjects(andina) == ["Wrong"]


def test_moving_to_a_customer_who_has_the_mail_joins_the_two(office: Office) -> None:
    nordlicht, andina = office.customer(), office.customer("Andina", [CARLOS])
    office.take(mail(LINA, [ANNA, CARLOS]), folder="Sent")
    with writing(office.engine) as session:
        entry = session.scalars(select(LogEntry).where(LogEntry.customer_id == nordlicht)).one()
        entries.move(session, entry, andina, now=NOW, by="lina")
    assert (len(office.entries(nordlicht)), len(office.entries(andina))) == (0, 1)


def test_a_mail_taken_out_stays_out_and_can_be_put_in_again(office: Office) -> None:
    nordlicht = office.customer()
    private = mail(ANNA, subject="Birthday")
    office.take(private)
    with writing(office.engine) as session:
        entries.take_out(session, session.scalars(select(LogEntry)).one(), by="lina")
    office.take(private, mail(ANNA, subject="Order", answers=private.message_id))
    assert office.subjects(nordlicht) == ["Order"]
    assert office.message(private).standing is Standing.IGNORED
    with writing(office.engine) as session:
        entries.put_in(session, office.message(private).id, nordlicht, now=NOW, by="lina")
    assert sorted(office.subjects(nordlicht)) == ["Birthday", "Order"]


def test_a_mail_put_in_by_hand_gets_its_text_fetched(office: Office) -> None:
    nordlicht = office.customer()
    agent = mail(UNKNOWN, text="For Nordlicht")
    office.take(agent)
    with writing(office.engine) as session:
        entry = entries.put_in(session, office.message(agent).id, nordlicht, now=NOW, by="lina")
        assert entry.matched_by is MatchedBy.PERSON
    assert office.message(agent).text_state is TextState.WANTED
    office.fetch_texts()
    assert office.entries(nordlicht)[0].content == "For Nordlicht"


def test_a_confirmed_sender_counts_like_any_other(office: Office) -> None:
    nordlicht = office.customer()
    office.take(mail(ANNA, verified=False))
    with writing(office.engine) as session:
        entries.confirm(session, session.scalars(select(LogEntry)).one(), by="lina")
    assert office.get(nordlicht).last_in_at is not None
    assert office.entries(nordlicht)[0].warnings == []


def test_the_timeline_comes_in_pages_newest_first(office: Office) -> None:
    nordlicht = office.customer()
    office.take(*[mail(ANNA, subject=str(day), at=NOW - timedelta(days=day)) for day in range(1, 6)])
    with looking(office.engine) as session:
        first = timeline(session, nordlicht, limit=3)
        rest = timeline(session, nordlicht, limit=3, before=(first[-1].at, first[-1].id))
        assert [line.subject for line in first + rest] == ["1", "2", "3", "4", "5"]
        assert [line.subject for line in recent(session, NOW - timedelta(days=2, hours=1))] == ["1", "2"]


def test_a_long_mail_says_that_it_is_shortened(office: Office) -> None:
    nordlicht = office.customer()
    office.take(
        mail(ANNA, text="A sentence of the mail. " * 100), mail(ANNA, text="Short.", at=NOW - timedelta(days=3))
    )
    with looking(office.engine) as session:
        assert [line.is_shortened for line in timeline(session, nordlicht)] == [True, False]
