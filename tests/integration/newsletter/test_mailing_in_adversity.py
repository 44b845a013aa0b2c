"""Issues on their way out while servers, clocks, databases and settings misbehave: no address pays for what isn't its fault."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from inboxcrm.customers.suppression import suppress, suppressed
from inboxcrm.followup.places import Place
from inboxcrm.model import (
    Contact,
    ContactAddress,
    Customer,
    Grade,
    Issue,
    IssueState,
    Recipient,
    RecipientState,
    SuppressionKind,
    SuppressionReason,
    SuppressionScope,
)
from inboxcrm.model.database import looking, writing
from inboxcrm.newsletter import mailing
from inboxcrm.service.outgoing import Outgoing
from inboxcrm.service.taking import Store
from tests.integration.newsletter.mailing_room import ANNA, BRUNO, CARLA, FREE, MailingRoom, opened
from tests.newsletters import NOW, account_in, issue_of
from tests.servers.dovecot import Dovecot
from tests.servers.smtp import DROP

# --- a server that is out of order ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("step", "reply"),
    [
        ("MAIL", "421 4.3.2 Service not available, closing"),
        ("MAIL", "451 4.3.0 Temporary local problem"),
        ("end", "451 4.3.0 Queue file write error"),
        ("MAIL", DROP),
        ("RCPT", DROP),
        ("DATA", "451 4.3.5 Server configuration problem"),
    ],
)
def test_a_server_that_is_out_of_order_for_two_days_burns_no_address(room: MailingRoom, step: str, reply: str) -> None:
    room.customers(*(f"buyer{one}@firm{one}.example" for one in range(7)))
    issue = room.issue()
    room.smtp.script[step] = lambda _line: reply
    for _ in range(96):
        room.work(rounds=100)
        room.later(minutes=30)
    assert not room.smtp.taken
    assert room.states(issue) == {RecipientState.QUEUED: 10}
    room.smtp.script.clear()
    for _ in range(6):
        room.later(hours=1)
        room.work()
    assert len(room.smtp.taken) == 10
    assert set(room.went_to().values()) == {1}
    assert room.get(issue).state is IssueState.DONE


def test_a_person_sees_why_an_issue_rests_while_the_server_is_out_of_order(room: MailingRoom) -> None:
    room.customers(*(f"buyer{one}@firm{one}.example" for one in range(7)))
    issue = room.issue()
    room.smtp.script["MAIL"] = lambda _line: "451 4.3.0 Temporary local problem"
    room.work(rounds=100)
    row = room.get(issue)
    assert row.state is IssueState.PAUSED
    assert "Temporary local problem" in row.paused_because
    assert row.resume_at is not None


def test_greylisting_of_everybody_rests_nothing(room: MailingRoom) -> None:
    room.customers(*(f"buyer{one}@firm{one}.example" for one in range(12)))
    issue = room.issue()
    room.smtp.script["RCPT"] = lambda _line: "450 4.7.1 Greylisted, come back in five minutes"
    room.work()
    assert room.get(issue).state is IssueState.SENDING
    assert {one.attempts for one in room.recipients(issue).values()} == {1}
    room.smtp.script.clear()
    room.later(minutes=2)
    room.work()
    assert len(room.smtp.taken) == 15


def test_an_address_that_the_server_says_does_not_exist_gets_no_further_issue(room: MailingRoom) -> None:
    issue = room.issue()
    refusals = {ANNA: "550 5.1.1 no such user here", BRUNO: "550 5.7.1 access denied by policy"}
    room.smtp.script["RCPT"] = lambda line: next((words for one, words in refusals.items() if one in line), None)
    room.work()
    assert room.states(issue) == {RecipientState.SENT: 1, RecipientState.REFUSED: 2}
    with looking(room.engine) as session:
        found = suppressed(session, [ANNA, BRUNO, CARLA], SuppressionScope.BULK)
        assert {one: row.reason for one, row in found.items()} == {ANNA: SuppressionReason.HARD_BOUNCE}
        assert "no such user here" in found[ANNA].proof["evidence"]
        assert found[ANNA].proof["issue_id"] == issue


# --- the database -----------------------------------------------------------------------------------------------------


def test_an_answer_that_a_locked_database_could_not_keep_is_kept_in_the_next_round(
    room: MailingRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    issue = room.issue()
    write_down = Store.write_down
    locked = [True, True]

    def busy(store: Store, write: Callable[[Session], Any]) -> Any:
        if room.smtp.taken and locked:
            locked.pop()
            raise OperationalError("UPDATE", {}, Exception("database is locked"))
        return write_down(store, write)

    monkeypatch.setattr(Store, "write_down", busy)
    for _ in range(2):
        with pytest.raises(OperationalError):
            room.work()
    room.work()
    assert room.states(issue) == {RecipientState.SENT: 3}
    assert room.went_to() == {ANNA: 1, BRUNO: 1, CARLA: 1}


# --- the clock --------------------------------------------------------------------------------------------------------


def test_a_clock_that_was_far_ahead_holds_nothing_up(dovecot: Dovecot, user: str, tmp_path: Path) -> None:
    limits = {"per_hour": 4, "per_day": 4, "per_domain_per_hour": 2}
    with opened(dovecot, user, tmp_path / "home", newsletter=limits) as room:
        room.customers(*(f"buyer{one}@firm{one}.example" for one in range(8)))
        room.later(days=365)
        room.issue()
        for _ in range(8):
            room.work()
            room.later(minutes=30)
        assert len(room.smtp.taken) == 4
        room.later(days=-365)
        with writing(room.engine) as session:
            for row in session.scalars(select(Recipient)):
                row.due_at = room.now
            session.scalars(select(Issue)).one().send_at = room.now
        for _ in range(60):
            room.work()
            room.later(minutes=30)
        assert len(room.smtp.taken) == 8


def test_a_clock_set_back_an_hour_sends_nothing_twice_and_forgets_nobody(room: MailingRoom) -> None:
    issue = room.issue()
    room.smtp.on_step = lambda step: room.later(hours=-1) if step == "answered" else None
    room.work()
    room.smtp.on_step = lambda _step: None
    for _ in range(4):
        room.later(hours=1)
        room.work()
    assert room.went_to() == {ANNA: 1, BRUNO: 1, CARLA: 1}
    assert room.get(issue).state is IssueState.DONE


def test_nobody_gets_it_after_his_working_hours_however_slow_the_pace(
    dovecot: Dovecot, user: str, tmp_path: Path
) -> None:
    limits = {"per_hour": 12, "per_day": 0, "per_domain_per_hour": 0}
    with opened(dovecot, user, tmp_path / "home", newsletter=limits) as room:
        room.customers(*(f"buyer{one}@firm{one}.example" for one in range(40)))
        place = Place(ZoneInfo("Asia/Shanghai"), "CN")
        with writing(room.engine) as session:
            for contact in session.scalars(select(Contact)):
                contact.time_zone = "Asia/Shanghai"
        room.issue(working_hours=True)
        for _ in range(30 * 12):
            room.work()
            room.later(minutes=5)
        assert len(room.smtp.taken) == 40
        calendar = room.press.office_calendar()
        for one in room.smtp.taken:
            at = parsedate_to_datetime(one.mail["Date"])
            assert calendar.next_morning(at, place) == at


# --- people and settings ----------------------------------------------------------------------------------------------


def test_an_issue_whose_account_leaves_the_settings_rests_and_says_so(room: MailingRoom) -> None:
    issue, planned = room.issue(), room.issue(send_at=room.now + timedelta(days=1))
    outgoing = Outgoing(room.store)
    try:
        outgoing.employ(room.settings.model_copy(update={"accounts": ()}))
        for one in (issue, planned):
            row = room.get(one)
            assert row.state is IssueState.PAUSED
            assert row.resume_at is None
            assert "settings" in row.paused_because
    finally:
        outgoing.dismiss(5)
    with writing(room.engine) as session:
        mailing.cancel(session, planned, now=room.now, by="lina")
        mailing.resume(session, issue, now=room.now)
    room.work()
    assert room.went_to() == {ANNA: 1, BRUNO: 1, CARLA: 1}


def test_two_contacts_of_one_customer_both_get_it(room: MailingRoom) -> None:
    with writing(room.engine) as session:
        customer = session.scalars(select(Customer).where(Customer.name == "Anna Ltd")).one()
        other = Contact(customer_id=customer.id, name="Axel", language="en", created_at=room.now)
        other.addresses = [ContactAddress(address="axel@ahlers.example", written="axel@ahlers.example")]
        session.add(other)
    room.issue()
    room.work()
    assert room.went_to() == {ANNA: 1, BRUNO: 1, CARLA: 1, "axel@ahlers.example": 1}


def test_an_address_that_belongs_to_a_customer_graded_up_since_drops_out_at_both(room: MailingRoom) -> None:
    issue = room.issue()
    with writing(room.engine) as session:
        bruno = session.scalars(select(Contact).where(Contact.name == "Bruno")).one()
        bruno.addresses.append(ContactAddress(address=ANNA, written=ANNA.upper()))
        session.get_one(Customer, bruno.customer_id).grade = Grade.A
    room.work()
    assert room.went_to() == {CARLA: 1}
    assert room.states(issue)[RecipientState.DROPPED] == 2


def test_a_domain_blocked_while_its_mails_are_going_out_gets_no_more(room: MailingRoom) -> None:
    room.customers(*(f"buyer{one}@big.example" for one in range(5)))
    issue = room.issue()

    def block(step: str) -> None:
        if step == "end" and len(room.smtp.taken) == 3:
            with writing(room.engine) as session:
                suppress(
                    session, "Big.Example", reason=SuppressionReason.PERSON, now=room.now, kind=SuppressionKind.DOMAIN
                )

    room.smtp.on_step = block
    room.work()
    assert len(room.smtp.taken) == 4  # the one in hand can't be called back
    assert room.states(issue)[RecipientState.DROPPED] == 4


def test_paused_with_several_connections_only_what_is_in_hand_still_goes(
    dovecot: Dovecot, user: str, tmp_path: Path
) -> None:
    with opened(dovecot, user, tmp_path / "home", newsletter={**FREE, "connections": 3}) as room:
        room.many_customers(12)
        issue = room.issue()

        def pause(step: str) -> None:
            if step == "end" and room.get(issue).state is IssueState.SENDING:
                with writing(room.engine) as session:
                    mailing.pause(session, issue, by="lina")

        room.smtp.on_step = pause
        room.work()
        states = room.states(issue)
        assert 1 <= states[RecipientState.SENT] <= 3
        assert states[RecipientState.SENT] + states[RecipientState.QUEUED] == 12
        room.smtp.on_step = lambda _step: None
        with writing(room.engine) as session:
            mailing.resume(session, issue, now=room.now)
        room.work()
        assert set(room.went_to().values()) == {1}
        assert len(room.smtp.taken) == 12


def test_a_limit_met_on_one_of_several_connections_spares_all_that_it_touched(
    dovecot: Dovecot, user: str, tmp_path: Path
) -> None:
    with opened(dovecot, user, tmp_path / "home", newsletter={**FREE, "connections": 3}) as room:
        room.many_customers(12)
        issue = room.issue()
        room.smtp.script["MAIL"] = lambda _line: "450 4.7.1 Error: too much mail" if room.smtp.taken else None
        room.work()
        assert room.get(issue).state is IssueState.PAUSED
        waiting = [one for one in room.recipients(issue).values() if one.state is RecipientState.QUEUED]
        assert {one.attempts for one in waiting} == {0}
        room.smtp.script.clear()
        room.later(hours=2)
        room.work()
        assert set(room.went_to().values()) == {1}
        assert len(room.smtp.taken) == 12


def test_a_pause_of_a_person_is_not_ended_by_the_end_of_a_pause_of_the_service(room: MailingRoom) -> None:
    issue = room.issue()
    room.smtp.script["MAIL"] = ["450 4.7.0 Too many messages, slow down"]
    room.work()
    assert room.get(issue).resume_at is not None
    with writing(room.engine) as session:
        mailing.pause(session, issue, by="lina")
    room.later(days=2)
    room.work()
    assert not room.smtp.taken


def test_a_mail_larger_than_the_server_takes_stops_the_issue_before_anybody_is_refused(room: MailingRoom) -> None:
    issue = room.issue()
    room.smtp.extensions = ("SIZE 1000", "8BITMIME")
    room.work()
    assert room.get(issue).state is IssueState.PAUSED
    assert room.states(issue) == {RecipientState.QUEUED: 3}
    assert "at most" in room.get(issue).paused_because


def test_a_sender_that_the_server_refuses_stops_the_issue_before_anybody_is_refused(room: MailingRoom) -> None:
    issue = room.issue()
    room.smtp.script["MAIL"] = lambda _line: "553 5.7.1 Sender address rejected: not owned by user"
    room.work()
    assert room.states(issue) == {RecipientState.QUEUED: 3}
    assert room.get(issue).state is IssueState.PAUSED
    assert "not owned by user" in room.get(issue).paused_because


def test_an_address_that_this_server_cannot_write_to_stops_nothing(room: MailingRoom) -> None:
    room.customers("jürgen@jansen.example")
    issue = room.issue()
    room.smtp.extensions = ("8BITMIME",)
    room.work()
    assert room.states(issue) == {RecipientState.SENT: 3, RecipientState.REFUSED: 1}
    assert room.get(issue).state is IssueState.DONE


def test_what_the_service_begins_and_strands_leaves_a_persons_pause_alone(either_engine: Engine) -> None:
    issues = {
        "begins": {"state": IssueState.APPROVED},
        "goes on": {"state": IssueState.PAUSED, "resume_at": NOW, "paused_because": "limit"},
        "paused by lina": {"state": IssueState.PAUSED, "paused_because": "lina"},
        "over": {"state": IssueState.DONE},
    }
    with writing(either_engine) as session:
        account = account_in(session).id
        common = {"id": None, "account_id": account, "send_at": NOW - timedelta(days=1), "created_at": NOW}
        for name, fields in issues.items():
            session.add(issue_of(**{"name": name, **common, **fields}))
        session.flush()
        assert len(mailing.begin_due(session, account, NOW)) == 2
        mailing.strand(session, [account], "not these")
        mailing.strand(session, [], "gone")
    with looking(either_engine) as session:
        found = {one.name: (one.state, one.paused_because) for one in session.scalars(select(Issue))}
    assert found == {
        "begins": (IssueState.PAUSED, "gone"),
        "goes on": (IssueState.PAUSED, "gone"),
        "paused by lina": (IssueState.PAUSED, "lina"),
        "over": (IssueState.DONE, found["over"][1]),
    }
