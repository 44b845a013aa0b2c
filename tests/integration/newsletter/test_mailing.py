"""Issues on their way out, against a real mailbox and outgoing servers that refuse, greylist, limit and drop."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, select

from inboxcrm.customers.suppression import suppress
from inboxcrm.mailbox.errors import ConnectionLost
from inboxcrm.model import (
    Contact,
    Customer,
    Grade,
    IssueState,
    Recipient,
    RecipientState,
    SuppressionKind,
    SuppressionReason,
)
from inboxcrm.model.database import writing
from inboxcrm.newsletter import mailing
from inboxcrm.newsletter.issues import IssueError
from inboxcrm.service.events import Topic
from tests.integration.newsletter.mailing_room import ANNA, BRUNO, CARLA, FREE, MailingRoom, opened
from tests.servers.dovecot import Dovecot
from tests.servers.smtp import DROP, TAKE_AND_DROP


def test_every_recipient_gets_the_issue_once_and_it_lies_in_sent(room: MailingRoom) -> None:
    issue = room.issue()
    room.work()
    assert room.went_to() == {ANNA: 1, BRUNO: 1, CARLA: 1}
    assert room.get(issue).state is IssueState.DONE
    assert room.sent_ids() == sorted(one.message_id for one in room.recipients(issue).values())
    assert len({one.connection for one in room.smtp.taken}) == 1
    mail = room.smtp.taken[0].mail
    assert mail["List-Unsubscribe"].startswith(f"<mailto:{room.user}?subject=unsubscribe%20")
    room.begin()
    room.work()
    assert len(room.smtp.taken) == 3


def test_what_is_filed_is_what_was_sent(room: MailingRoom, dovecot: Dovecot, user: str) -> None:
    room.issue()
    room.work()
    from imapclient import IMAPClient

    with IMAPClient(dovecot.host, dovecot.port, ssl=False) as client:
        client.plain_login(user, dovecot.password_of(user))
        client.select_folder("Sent", readonly=True)
        filed = {one[b"BODY[]"] for one in client.fetch(client.search("ALL"), ["BODY.PEEK[]"]).values()}
    assert filed == {one.data for one in room.smtp.taken}


def test_an_issue_waits_for_its_time(room: MailingRoom) -> None:
    issue = room.issue(send_at=room.now + timedelta(hours=2))
    room.work()
    assert not room.smtp.taken
    assert room.get(issue).state is IssueState.APPROVED
    room.later(hours=2)
    room.work()
    assert len(room.smtp.taken) == 3


def test_nothing_goes_without_approval(room: MailingRoom) -> None:
    for state in (IssueState.DRAFT, IssueState.REVIEW, IssueState.CANCELLED, IssueState.DONE):
        room.issue(state=state)
    room.later(days=2)
    room.work()
    assert not room.smtp.taken


def test_who_asks_to_stop_a_moment_before_gets_nothing(room: MailingRoom) -> None:
    issue = room.issue()
    room.smtp.on_step = lambda step: _suppress(room, CARLA) if step == "end" and len(room.smtp.taken) == 0 else None
    room.work()
    assert room.went_to() == {ANNA: 1, BRUNO: 1}
    row = room.recipients(issue)[CARLA]
    assert row.state is RecipientState.DROPPED
    assert CARLA in row.error


def _suppress(room: MailingRoom, value: str, kind: SuppressionKind = SuppressionKind.ADDRESS) -> None:
    with writing(room.engine) as session:
        suppress(session, value, reason=SuppressionReason.LEFT, now=room.now, kind=kind)


def test_a_suppressed_domain_covers_its_addresses(room: MailingRoom) -> None:
    room.issue()
    _suppress(room, "bruno.example", SuppressionKind.DOMAIN)
    room.work()
    assert room.went_to() == {ANNA: 1, CARLA: 1}


def test_suppression_is_asked_for_whatever_the_audience_says(room: MailingRoom) -> None:
    issue = room.issue()
    with writing(room.engine) as session:  # nothing but the address is left of the contact
        session.execute(delete(Contact).where(Contact.name == "Bruno"))
    _suppress(room, BRUNO)
    room.work()
    assert room.recipients(issue)[BRUNO].state is RecipientState.DROPPED
    assert room.went_to() == {ANNA: 1, CARLA: 1}


def test_who_is_no_longer_grade_c_drops_out(room: MailingRoom) -> None:
    issue = room.issue()
    with writing(room.engine) as session:
        session.scalars(select(Customer).where(Customer.name == "Anna Ltd")).one().grade = Grade.A
    room.work()
    assert room.went_to() == {BRUNO: 1, CARLA: 1}
    assert room.recipients(issue)[ANNA].state is RecipientState.DROPPED


def test_nobody_gets_two_issues_within_the_gap(room: MailingRoom) -> None:
    room.issue()
    room.work()
    second = room.issue()
    room.later(days=3)
    room.work()
    assert len(room.smtp.taken) == 3
    assert room.states(second) == {RecipientState.DROPPED: 3}


# --- what servers say -------------------------------------------------------------------------------------------------


def _says(room: MailingRoom, step: str, reply: str, address: str) -> None:
    room.smtp.script[step] = lambda line: reply if address in line else None


def test_a_refused_recipient_is_recorded_with_the_servers_words(room: MailingRoom) -> None:
    issue = room.issue()
    _says(room, "RCPT", "550 5.1.1 no such user here", BRUNO)
    room.work()
    row = room.recipients(issue)[BRUNO]
    assert row.state is RecipientState.REFUSED
    assert "550 5.1.1 no such user here" in row.error
    assert room.get(issue).state is IssueState.DONE
    assert room.went_to() == {ANNA: 1, CARLA: 1}


def test_a_whole_list_of_dead_addresses_is_refused_one_by_one(room: MailingRoom) -> None:
    room.customers(*(f"nobody{one}@gone.example" for one in range(12)))
    issue = room.issue()
    _says(room, "RCPT", "550 5.1.1 user unknown", "gone.example")
    room.work()
    assert room.states(issue) == {RecipientState.SENT: 3, RecipientState.REFUSED: 12}


def test_a_greylisted_recipient_is_tried_again_later(room: MailingRoom) -> None:
    issue = room.issue()
    _says(room, "RCPT", "450 4.7.1 Greylisted, come back in five minutes", BRUNO)
    room.work()
    assert room.recipients(issue)[BRUNO].state is RecipientState.QUEUED
    assert room.recipients(issue)[BRUNO].attempts == 1
    assert room.get(issue).state is IssueState.SENDING
    room.smtp.script.clear()
    room.later(seconds=30)
    room.work()
    assert len(room.smtp.taken) == 2
    room.later(seconds=31)
    room.work()
    assert room.went_to() == {ANNA: 1, BRUNO: 1, CARLA: 1}
    assert room.get(issue).state is IssueState.DONE


def test_who_is_put_off_again_and_again_is_given_up(dovecot: Dovecot, user: str, tmp_path: Path) -> None:
    with opened(dovecot, user, tmp_path / "home", sending={"attempts": 3}) as room:
        room.customers(ANNA, BRUNO)
        issue = room.issue()
        _says(room, "RCPT", "450 4.2.0 later", BRUNO)
        for _ in range(4):
            room.work()
            room.later(hours=2)
        row = room.recipients(issue)[BRUNO]
        assert (row.state, row.attempts) == (RecipientState.REFUSED, 3)
        assert room.get(issue).state is IssueState.DONE


@pytest.mark.parametrize(
    ("step", "reply", "hours"),
    [
        ("end", "550 5.4.5 Daily user sending limit exceeded", 24),
        ("MAIL", "421 4.7.0 Too many messages, slow down", 1),
        ("RCPT", "452 4.5.3 Too many recipients today", 24),
        ("end", "451 4.7.500 Server busy", 1),
        ("end", "550 5.7.1 You have exceeded your sending limit", 1),
        ("end", "554 DT:SPM 163 smtp8", None),
    ],
)
def test_the_accounts_limits_pause_the_issue_and_burn_no_address(
    room: MailingRoom, step: str, reply: str, hours: int | None
) -> None:
    issue = room.issue()
    room.smtp.script[step] = lambda _line: reply if len(room.smtp.taken) == 1 else None
    room.work()
    assert len(room.smtp.taken) == 1
    row = room.get(issue)
    assert row.state is IssueState.PAUSED
    assert reply.partition(" ")[2] in row.paused_because
    assert row.resume_at == (room.now + timedelta(hours=hours) if hours else None)
    assert room.states(issue) == {RecipientState.SENT: 1, RecipientState.QUEUED: 2}
    assert sum(one.attempts for one in room.recipients(issue).values() if one.state is RecipientState.QUEUED) == 0
    room.smtp.script.clear()
    room.later(hours=25)
    room.work()
    if hours is None:
        assert len(room.smtp.taken) == 1
        with writing(room.engine) as session:
            mailing.resume(session, issue, now=room.now)
        room.work()
    assert room.went_to() == {ANNA: 1, BRUNO: 1, CARLA: 1}


def test_a_server_that_refuses_everything_pauses_the_issue(room: MailingRoom) -> None:
    room.customers(*(f"buyer{one}@firm.example" for one in range(20)))
    issue = room.issue()
    room.smtp.script["end"] = lambda _line: "554 transaction failed"
    room.work()
    assert room.get(issue).state is IssueState.PAUSED
    assert room.states(issue)[RecipientState.REFUSED] == 5
    assert "554 transaction failed" in room.get(issue).paused_because


def test_a_connection_dropped_before_the_end_of_a_mail_costs_a_try(room: MailingRoom) -> None:
    issue = room.issue()
    room.smtp.script["RCPT"] = [None, DROP]
    room.work()
    assert room.states(issue) == {RecipientState.SENT: 2, RecipientState.QUEUED: 1}
    assert room.recipients(issue)[BRUNO].attempts == 1
    room.later(minutes=2)
    room.work()
    assert room.went_to() == {ANNA: 1, BRUNO: 1, CARLA: 1}


def test_a_mail_whose_fate_is_unclear_is_shown_and_never_sent_again(room: MailingRoom) -> None:
    issue = room.issue()
    room.smtp.script["end"] = [TAKE_AND_DROP]
    room.work()
    room.later(hours=1)
    room.work()
    assert room.went_to() == {ANNA: 1, BRUNO: 1, CARLA: 1}
    assert room.states(issue) == {RecipientState.SENT: 2, RecipientState.UNKNOWN: 1}
    assert room.get(issue).state is IssueState.DONE


def test_sent_tells_of_an_unclear_mail_at_once_or_later(dovecot: Dovecot, user: str, tmp_path: Path) -> None:
    with opened(dovecot, user, tmp_path / "home", account={"saves_sent_mail": True}) as room:
        room.customers(ANNA, BRUNO)
        issue = room.issue()
        room.smtp.script["end"] = [TAKE_AND_DROP, TAKE_AND_DROP]
        room.work()
        assert room.states(issue) == {RecipientState.SENDING: 2}  # the server may take its time to file them
        _file(room, 0)
        room.later(minutes=2)
        room.work()
        assert room.states(issue) == {RecipientState.SENT: 1, RecipientState.UNKNOWN: 1}
        _file(room, 1)
        room.later(minutes=11)
        room.work()
        assert room.states(issue) == {RecipientState.SENT: 2}
        assert room.went_to() == {ANNA: 1, BRUNO: 1}


def _file(room: MailingRoom, number: int) -> None:
    room.dovecot.append(room.user, room.smtp.taken[number].data, "Sent")


def test_a_person_decides_about_an_unknown_mail(room: MailingRoom) -> None:
    issue = room.issue()
    room.smtp.script["end"] = [DROP]  # not taken, as the person finds out
    room.work()
    room.later(hours=1)
    room.work()
    (unknown,) = [one for one in room.recipients(issue).values() if one.state is RecipientState.UNKNOWN]
    with writing(room.engine) as session:
        mailing.decide(session, unknown.id, went=False, now=room.now)
    with writing(room.engine) as session, pytest.raises(IssueError):
        mailing.decide(session, unknown.id, went=True, now=room.now)
    room.work()
    assert room.went_to() == {ANNA: 1, BRUNO: 1, CARLA: 1}
    assert room.get(issue).state is IssueState.DONE


def test_what_lies_in_sent_isnt_sent_again_by_a_database_put_back_from_a_backup(room: MailingRoom) -> None:
    issue = room.issue()
    room.work()
    with writing(room.engine) as session:  # as it was before
        for one in session.scalars(select(Recipient)):
            one.state, one.sent_at, one.sending_at, one.filed = RecipientState.QUEUED, None, None, False
        session.get_one(type(room.get(issue)), issue).state = IssueState.SENDING
    room.begin()
    room.work()
    room.later(minutes=1)
    room.work()
    assert len(room.smtp.taken) == 3
    assert room.states(issue) == {RecipientState.SENT: 3}


def test_without_a_connection_nobody_is_taken_in_hand(room: MailingRoom) -> None:
    issue = room.issue()
    room.smtp.stop()
    room.work()
    assert room.states(issue) == {RecipientState.QUEUED: 3}
    room.smtp.start_again()
    room.work()
    assert len(room.smtp.taken) == 3


def test_a_refused_password_pauses_the_issue_with_the_servers_words(room: MailingRoom) -> None:
    issue = room.issue()
    room.smtp.script["AUTH"] = lambda _line: "535 5.7.8 wrong password"
    room.work()
    assert room.get(issue).state is IssueState.PAUSED
    assert "wrong password" in room.get(issue).paused_because


# --- what people do ---------------------------------------------------------------------------------------------------


def test_paused_in_its_midst_no_further_mail_goes_until_it_is_resumed(room: MailingRoom) -> None:
    issue = room.issue()

    def pause(step: str) -> None:
        if step == "end" and not room.smtp.taken:
            with writing(room.engine) as session:
                mailing.pause(session, issue, by="lina")

    room.smtp.on_step = pause
    room.work()
    assert len(room.smtp.taken) == 1
    assert room.states(issue) == {RecipientState.SENT: 1, RecipientState.QUEUED: 2}
    assert "lina" in room.get(issue).paused_because
    room.later(days=1)
    room.work()
    assert len(room.smtp.taken) == 1
    room.smtp.on_step = lambda _step: None
    with writing(room.engine) as session:
        mailing.resume(session, issue, now=room.now)
    room.work()
    assert room.went_to() == {ANNA: 1, BRUNO: 1, CARLA: 1}


def test_cancelled_in_its_midst_what_has_not_gone_never_goes(room: MailingRoom) -> None:
    issue = room.issue()
    room.smtp.script["end"] = ["451 4.3.0 later"]

    def cancel(step: str) -> None:
        if step == "end" and room.get(issue).state is IssueState.SENDING:
            with writing(room.engine) as session:
                mailing.cancel(session, issue, now=room.now, by="lina")

    room.smtp.on_step = cancel
    room.work()
    room.later(days=1)
    room.work()
    assert not room.smtp.taken
    assert room.states(issue) == {RecipientState.CANCELLED: 3}
    with writing(room.engine) as session, pytest.raises(IssueError):
        mailing.resume(session, issue, now=room.now)


def test_an_issue_paused_before_its_time_waits_for_it_when_resumed(room: MailingRoom) -> None:
    issue = room.issue(send_at=room.now + timedelta(hours=2))
    with writing(room.engine) as session:
        mailing.pause(session, issue, by="lina")
    with writing(room.engine) as session:
        assert mailing.resume(session, issue, now=room.now).state is IssueState.APPROVED


def test_progress_tells_where_it_is_and_whoever_looks_is_told(room: MailingRoom) -> None:
    issue = room.issue()
    _says(room, "RCPT", "550 5.1.1 no such user", BRUNO)
    with room.events.subscribe() as news:
        room.work()
        assert {one.topic for one in news.waiting()} == {Topic.NEWSLETTERS}
    found = room.progress(issue)
    assert (found.recipients, found.states[RecipientState.SENT], found.failed) == (3, 2, 1)
    assert found.as_json()["sent"] == 2


# --- pace -------------------------------------------------------------------------------------------------------------


def test_mails_are_spread_over_the_hour_and_the_day_has_its_limit(dovecot: Dovecot, user: str, tmp_path: Path) -> None:
    limits = {"per_hour": 6, "per_day": 9, "per_domain_per_hour": 0}
    with opened(dovecot, user, tmp_path / "home", newsletter=limits) as room:
        room.customers(*(f"buyer{one}@firm{one}.example" for one in range(20)))
        room.issue()
        gone = []
        for _minute in range(26 * 60):
            room.work()
            gone.append(len(room.smtp.taken))
            room.later(minutes=1)
        assert gone[4] == 1
        assert all(gone[minute] - gone[minute - 60] <= 6 for minute in range(60, len(gone)))
        assert gone[23 * 60] == 9
        assert 4 <= gone[59] <= 6
        assert gone[-1] > 9


def test_one_domain_doesnt_hold_up_the_others_nor_get_more_than_its_share(
    dovecot: Dovecot, user: str, tmp_path: Path
) -> None:
    limits = {"per_hour": 0, "per_day": 0, "per_domain_per_hour": 2}
    with opened(dovecot, user, tmp_path / "home", newsletter=limits) as room:
        room.customers(*(f"buyer{one}@big.example" for one in range(6)), ANNA, BRUNO)
        room.issue()
        room.work()
        assert room.went_to() == {"buyer0@big.example": 1, "buyer1@big.example": 1, ANNA: 1, BRUNO: 1}
        room.later(minutes=55)
        room.work()
        assert len(room.smtp.taken) == 4
        for _ in range(30):
            room.later(minutes=10)
            room.work()
        assert set(room.went_to().values()) == {1}
        assert len(room.smtp.taken) == 8


def test_the_pace_outlives_a_restart(dovecot: Dovecot, user: str, tmp_path: Path) -> None:
    with opened(dovecot, user, tmp_path / "home", newsletter={**FREE, "per_day": 2}) as room:
        room.customers(ANNA, BRUNO, CARLA)
        room.issue()
        room.work()
        assert len(room.smtp.taken) == 2
        room.later(hours=1)
        room.begin()
        room.work()
        assert len(room.smtp.taken) == 2


def test_the_throttle_of_the_account_is_shared_with_its_follow_ups(dovecot: Dovecot, user: str, tmp_path: Path) -> None:
    with opened(dovecot, user, tmp_path / "home", sending={"account_per_minute": 2}) as room:
        room.customers(ANNA, BRUNO, CARLA)
        room.issue()
        room.throttle.note(room.desk.account.address, ["elsewhere.example"], room.now)
        room.work()
        assert len(room.smtp.taken) == 1
        room.later(seconds=61)
        room.work()
        assert len(room.smtp.taken) == 3


def test_who_is_not_at_work_gets_it_when_he_is(room: MailingRoom) -> None:
    with writing(room.engine) as session:
        zones = {"Anna": "Asia/Shanghai", "Bruno": "America/New_York", "Carla": "Europe/Lisbon"}
        for contact in session.scalars(select(Contact)):
            contact.time_zone = zones[contact.name]
    room.issue(working_hours=True)
    room.work()  # Monday 08:00 UTC: 16:00 in Shanghai, 04:00 in New York, 09:00 in Lisbon
    assert room.went_to() == {ANNA: 1, CARLA: 1}
    room.later(hours=5, minutes=1)
    room.work()
    assert room.went_to()[BRUNO] == 1


def test_several_connections_carry_an_issue_together(dovecot: Dovecot, user: str, tmp_path: Path) -> None:
    with opened(dovecot, user, tmp_path / "home", newsletter={**FREE, "connections": 3}) as room:
        room.many_customers(30)
        issue = room.issue()
        room.work()
        assert set(room.went_to().values()) == {1}
        assert len({one.connection for one in room.smtp.taken}) == 3
        assert room.states(issue) == {RecipientState.SENT: 30}


# --- the test of subjects ---------------------------------------------------------------------------------------------


def test_the_subject_that_is_answered_most_goes_to_the_rest(room: MailingRoom) -> None:
    room.customers(*(f"buyer{one}@firm{one}.example" for one in range(7)))
    issue = room.issue(subjects=("Valves", "News"), in_test=4, test_share=40, test_hours=24)
    room.work()
    assert len(room.smtp.taken) == 4
    with writing(room.engine) as session:
        row = session.get_one(Recipient, room.recipients(issue)[BRUNO].id)
        assert row.subject == 1
        row.answered_at = room.now
    room.later(hours=23)
    room.work()
    assert len(room.smtp.taken) == 4
    room.later(hours=2)
    room.work()
    assert room.get(issue).winner == 1
    assert [str(one.mail["Subject"]) for one in room.smtp.taken[4:]] == ["News"] * 6


def test_a_server_that_breaks_off_is_left_alone_for_a_while(room: MailingRoom) -> None:
    room.issue()
    room.smtp.script["connect"] = DROP
    with pytest.raises(ConnectionLost):
        room.lines[0].submission()
    room.work()
    assert not room.smtp.taken
