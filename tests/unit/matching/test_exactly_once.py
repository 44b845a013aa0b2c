"""One mail is logged exactly once, and the same log comes out whatever the order of arrival."""

# ruff: noqa: E501  the story is a table with one mail a row

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, func, select

from inboxcrm.journal.rematch import rematch
from inboxcrm.model import (
    Contact,
    ContactAddress,
    Customer,
    Location,
    LogEntry,
    Message,
    Party,
    SearchDocument,
    Thread,
    ThreadLink,
)
from inboxcrm.model.base import Base
from inboxcrm.model.database import looking, open_engine, upgrade, writing
from inboxcrm.reading import Automatic, Reading
from tests.cast import ANNA, CARLOS, LINA, NOW, UNKNOWN, Office, bounce_of, conversations, mail, truth


@pytest.fixture
def office(engine: Engine) -> Office:
    return Office(engine)


def number(office: Office, table: type[Base]) -> int:
    with looking(office.engine) as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_the_same_batch_again_changes_nothing(office: Office) -> None:
    office.customer()
    batch = [mail(ANNA), mail(UNKNOWN), mail(LINA, ANNA)]
    first = office.take(*batch, uids=[1, 2, 3])
    before = [
        number(office, table) for table in (Message, Location, LogEntry, SearchDocument, Party, Thread, ThreadLink)
    ]
    again = office.take(*batch, uids=[1, 2, 3])
    assert (first.new, again.new, again.known, again.entries) == (3, 0, 3, [])
    assert before == [
        number(office, table) for table in (Message, Location, LogEntry, SearchDocument, Party, Thread, ThreadLink)
    ]


def test_a_mail_in_two_folders_is_one_message_with_two_locations(office: Office) -> None:
    nordlicht = office.customer()
    one = mail(ANNA)
    office.take(one, folder="INBOX")
    office.take(one, folder="Archive")
    office.take(one, one, folder="INBOX")
    assert (number(office, Message), number(office, Location), len(office.entries(nordlicht))) == (1, 4, 1)


def test_a_reused_message_id_with_other_content_is_another_message(office: Office) -> None:
    nordlicht = office.customer()
    one = mail(ANNA, subject="Order 1", message_id="same@robot.example")
    two = mail(ANNA, subject="Order 2", message_id="same@robot.example")
    three = mail(ANNA, subject="Order 2", text="Other words", message_id="same@robot.example")
    for _ in range(2):
        office.take(one)
        office.take(three, two)
    assert sorted(office.subjects(nordlicht)) == ["Order 1", "Order 2", "Order 2"]


def test_mails_without_message_id_are_told_apart_by_what_they_say(office: Office) -> None:
    nordlicht = office.customer()
    one, two = mail(ANNA, message_id="", text="First"), mail(ANNA, message_id="", text="Second")
    for _ in range(2):
        office.take(one, two)
        office.take(two)
    assert len(office.entries(nordlicht)) == 2


def test_a_header_without_its_text_is_the_same_mail(office: Office) -> None:
    unknown = mail(UNKNOWN, text="Hello")
    office.take(unknown)
    customer = office.customer("Newcomer", [UNKNOWN])
    office.take(unknown, folder="Archive")
    assert number(office, Message) == 1
    assert office.entries(customer) == []  # what is known stays as it is until someone says whose it is


def test_an_address_of_several_customers_is_decided_again_when_its_thread_becomes_anothers(office: Office) -> None:
    nordlicht = office.customer()
    andina = office.customer("Andina", [CARLOS, "agent@trade.com"])
    office.customer("Third", ["agent@trade.com"])
    with writing(office.engine) as session:
        contact = session.scalars(select(Contact).where(Contact.customer_id == nordlicht)).first()
        assert contact is not None
        session.add(ContactAddress(contact_id=contact.id, address="agent@trade.com", written="agent@trade.com"))
    to_both = mail(LINA, [CARLOS, "agent@trade.com"], subject="Offer", references=["first@x.test"])
    office.take(to_both, folder="Sent")
    assert office.entries(nordlicht) == []
    office.take(mail(ANNA, subject="Valves", message_id="first@x.test"))
    assert (len(office.entries(nordlicht)), len(office.entries(andina))) == (2, 1)


_AT = NOW - timedelta(days=20)


def _story() -> list[tuple[str, Reading]]:
    """Threads that cross, a late customer, answers without references, bounces, a domain, an agent; with the folder of each."""

    def at(day: int) -> dict[str, object]:
        return {"at": _AT + timedelta(days=day)}

    return [
        ("INBOX", mail(UNKNOWN, subject="Hello", message_id="story1@x.test", **at(0))),
        ("INBOX", mail(ANNA, subject="Re: Hello", message_id="story2@x.test", answers="story1@x.test", **at(1))),
        ("Sent", mail(LINA, "new@elsewhere.com", subject="Re: Hello", message_id="story3@x.test", references=["story1@x.test", "story2@x.test"], **at(2))),
        ("INBOX", mail("max@andina.mx", subject="Samples", message_id="story4@x.test", **at(3))),
        ("INBOX", mail("otto@gmail.com", subject="Re: Samples", message_id="story5@x.test", answers="story4@x.test", **at(4))),
        ("INBOX", mail("max@andina.mx", subject="Hello again", message_id="story6@x.test", references=["lost@x.test"], **at(5))),
        ("INBOX", mail("eve@elsewhere.com", subject="Fwd: Hello again", message_id="story7@x.test", references=["lost@x.test", "story2@x.test"], **at(6))),
        ("Sent", mail(LINA, "pia@buyers.fr", subject="Prices", message_id="story8@x.test", **at(7))),
        ("INBOX", mail("pia@buyers.fr", subject="RE: prices", message_id="story9@x.test", cc=CARLOS, **at(8))),
        ("INBOX", bounce_of("gone@andina.mx", original="story11@x.test", message_id="story10@x.test", **at(9))),
        ("Sent", mail(LINA, ["gone@andina.mx", CARLOS], subject="Offer", message_id="story11@x.test", **at(8))),
        ("INBOX", mail("agent@trade.com", subject="For both", message_id="story12@x.test", **at(10))),
        ("INBOX", mail("agent@trade.com", subject="Re: For both", message_id="story13@x.test", references=["story12@x.test", "story1@x.test"], **at(11))),
        ("INBOX", mail("list@andina.mx", subject="News", message_id="story14@x.test", automatic=Automatic.LIST, references=["story2@x.test"], **at(12))),
        ("INBOX", mail(ANNA, subject="Bank", message_id="story15@x.test", verified=False, references=["story8@x.test"], **at(13))),
        ("INBOX", mail(UNKNOWN, subject="Re: Offer", message_id="story16@x.test", **at(13))),
        ("INBOX", mail(UNKNOWN, subject="Offer", message_id="story17@x.test", references=["story11@x.test"], **at(12))),
    ]  # fmt: skip


_ADDRESSES = [ANNA, CARLOS, "agent@trade.com", "gone@andina.mx"]


def _played(
    engine: Engine, story: list[tuple[str, Reading]], cuts: list[int], *, customers_first: bool = True
) -> tuple[object, ...]:
    office = Office(engine)
    if customers_first:
        _open_files(office)
    for start, end in zip([0, *cuts], [*cuts, len(story)], strict=True):
        for folder in ("INBOX", "Sent"):
            office.take(*[one for where, one in story[start:end] if where == folder], folder=folder)
    if not customers_first:
        _open_files(office)
        with writing(engine) as session:
            rematch(session, _ADDRESSES, ["andina.mx"], NOW)
    return _ended(engine)


def _open_files(office: Office) -> None:
    office.customer("Nordlicht", [ANNA, "agent@trade.com"])
    office.customer("Andina", [CARLOS, "agent@trade.com", "gone@andina.mx"], ["andina.mx"])


def _ended(engine: Engine) -> tuple[object, ...]:
    """What stands in the end: entries, threads, contact dates, reasons of the matches, address health."""
    with looking(engine) as session:
        dates = set(
            session.execute(
                select(
                    Customer.name,
                    Customer.first_contact_at,
                    Customer.last_in_at,
                    Customer.last_out_at,
                    Customer.last_entry_at,
                )
            )
        )
        labels = set(
            session.execute(
                select(Message.message_id, LogEntry.customer_id, LogEntry.matched_by, LogEntry.confidence).join(
                    LogEntry, LogEntry.message_id == Message.id
                )
            )
        )
        health = set(session.execute(select(ContactAddress.address, ContactAddress.health)))
        return truth(session), conversations(session), dates, labels, health


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file with its tables, to be copied: quicker than to make one each time."""
    path = tmp_path_factory.mktemp("empty") / "inboxcrm.db"
    engine = open_engine(f"sqlite:///{path}")
    upgrade(engine)
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    return path


@contextmanager
def copied(empty: Path) -> Iterator[Engine]:
    with TemporaryDirectory() as folder:
        copy = Path(folder) / "inboxcrm.db"
        shutil.copy(empty, copy)
        engine = open_engine(f"sqlite:///{copy}")
        yield engine
        engine.dispose()


@pytest.fixture(scope="module")
def in_order(empty: Path) -> tuple[object, ...]:
    with copied(empty) as engine:
        story = _story()
        return _played(engine, story, list(range(1, len(story))))


def test_the_story_ends_as_a_person_would_file_it(in_order: tuple[object, ...]) -> None:
    entries = in_order[0]
    assert isinstance(entries, set)
    assert {name for name, customer in entries if customer == "Nordlicht"} >= {
        "story1@x.test",
        "story2@x.test",
        "story3@x.test",
        "story15@x.test",
    }
    assert {name for name, customer in entries if customer == "Andina"} >= {
        "story9@x.test",
        "story10@x.test",
        "story11@x.test",
        "story14@x.test",
    }


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    order=st.permutations(range(17)),
    cuts=st.sets(st.integers(1, 16)),
    repeated=st.lists(st.integers(0, 16), max_size=6),
)
def test_any_order_of_arrival_gives_the_same_log_and_threads(
    empty: Path, in_order: tuple[object, ...], order: list[int], cuts: set[int], repeated: list[int]
) -> None:
    story = _story()
    with copied(empty) as engine:
        assert _played(engine, [story[place] for place in [*order, *repeated]], sorted(cuts)) == in_order


def test_what_no_database_can_hold_does_not_stop_a_batch(office: Office) -> None:
    nordlicht = office.customer()
    odd = mail(f"An\0na \ud800 <{ANNA}>", subject="Odd \udfff", text="a\0b", attachments=["x\0.pdf"])
    long = mail("x" * 400 + "@" + "y" * 300 + ".de", subject="z" * 20_000, references=["r" * 5000])
    assert office.take(odd, long).new == 2
    assert [entry.content for entry in office.entries(nordlicht)] == ["ab"]


_PEOPLE = (
    ANNA,
    CARLOS,
    UNKNOWN,
    "max@andina.mx",
    "agent@trade.com",
    "otto@gmail.com",
    "anna@nordlicnt.de",
    "relay@service.alibaba.com",
)


@st.composite
def _any_mail(draw: st.DrawFn, number: int) -> tuple[str, Reading]:
    """One of a few people writes, or is written to; it answers to any other mail of the story, or to a lost one."""
    refers = draw(st.lists(st.integers(0, 7), max_size=2))
    references = [f"story-{one}@x.test" for one in refers]
    common: dict[str, object] = {
        "subject": draw(st.sampled_from(["Valves", "Re: Valves", "Prices", "AW: Prices"])),
        "message_id": f"story-{number}@x.test",
        "references": references,
        "at": NOW - timedelta(days=draw(st.integers(0, 50))),
    }
    kind = draw(st.sampled_from(["in", "in", "out", "list", "bounce", "forged"]))
    people = draw(st.lists(st.sampled_from(_PEOPLE), min_size=1, max_size=3, unique=True))
    if kind == "out":
        return "Sent", mail(LINA, people, **common)  # type: ignore[arg-type]
    if kind == "bounce":
        common.pop("subject"), common.pop("references")
        return "INBOX", bounce_of(people[0], original=(references or [""])[0], **common)
    return "INBOX", mail(
        people[0],
        LINA,
        cc=people[1:2],
        reply_to=people[2:3],
        automatic=Automatic.LIST if kind == "list" else None,
        verified=False if kind == "forged" else None,
        **common,  # type: ignore[arg-type]
    )


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    story=st.tuples(*(_any_mail(number) for number in range(7))),
    order=st.permutations(range(7)),
    cuts=st.sets(st.integers(1, 6)),
)
def test_any_story_gives_the_same_log_in_any_order(
    empty: Path, story: tuple[tuple[str, Reading], ...], order: list[int], cuts: set[int]
) -> None:
    with copied(empty) as one, copied(empty) as other:
        in_order = _played(one, list(story), [])
        assert _played(other, [story[place] for place in order], sorted(cuts)) == in_order


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(story=st.tuples(*(_any_mail(number) for number in range(7))))
def test_customers_who_become_known_late_get_the_same_log(empty: Path, story: tuple[tuple[str, Reading], ...]) -> None:
    with copied(empty) as one, copied(empty) as other:
        early = _played(one, list(story), [3])
        late = _played(other, list(story), [3], customers_first=False)
        assert late[:4] == early[:4]
