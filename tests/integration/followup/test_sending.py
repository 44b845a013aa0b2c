"""An approved draft goes once: whatever the server does, it is sent, refused in words, tried again later, or shown as unknown."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from inboxcrm.customers.suppression import suppress
from inboxcrm.followup import review
from inboxcrm.model import (
    AddressHealth,
    Channel,
    ContactAddress,
    Direction,
    DraftState,
    FollowUpState,
    LogEntry,
    MatchedBy,
    PlanHold,
    SuppressionReason,
    SuppressionScope,
)
from inboxcrm.model.database import writing
from tests.integration.followup.mailroom import ANNA, Mailroom, opened
from tests.servers.dovecot import Dovecot
from tests.servers.smtp import DROP, HANG, TAKE_AND_DROP, TAKE_AND_HANG


@pytest.fixture
def room(dovecot: Dovecot, user: str, tmp_path: Path) -> Iterator[Mailroom]:
    with opened(dovecot, user, tmp_path / "home", sending_settings={"put_in_drafts": False}) as room:
        yield room


def test_an_approved_draft_goes_as_it_is_and_is_filed_and_done(room: Mailroom) -> None:
    one = room.draft(approved=True)
    room.work()
    draft = room.get(one)
    (taken,) = room.smtp.taken
    assert (taken.sender, taken.recipients, taken.message_id) == (room.user, (ANNA,), draft.message_id)
    assert taken.mail["From"] == f"Lina Chen <{room.user}>"
    assert (draft.state, draft.filed, draft.sent_at, draft.error) == (DraftState.SENT, True, room.now, "")
    assert list(room.lying("Sent").values()) == [taken.data]
    assert room.dovecot.flags(room.user, "Sent") == {1: frozenset({"\\Seen"})}
    assert room.follow_up(one).state is FollowUpState.DONE
    room.begin()
    room.work()
    assert len(room.smtp.taken) == 1
    assert room.sent_ids() == [draft.message_id]


def test_nothing_goes_without_approval_or_before_its_time_or_after_it_was_taken_back(room: Mailroom) -> None:
    never, later, back = room.draft(), room.draft(), room.draft()
    room.approve(later, delay=timedelta(seconds=60))
    room.approve(back, delay=timedelta(seconds=60))
    room.work()
    assert room.smtp.taken == []
    room.later(seconds=59)
    room.work()
    with writing(room.place.engine) as session:
        review.take_back(session, back, now=room.now, by="lina")
    assert room.smtp.taken == []
    room.later(seconds=1)
    room.work()
    assert list(room.smtp.counts()) == [room.get(later).message_id]
    assert [room.state(one) for one in (never, later, back)] == [DraftState.OPEN, DraftState.SENT, DraftState.OPEN]


def test_several_drafts_go_over_one_connection(room: Mailroom) -> None:
    for _ in range(4):
        room.draft(approved=True)
    room.work()
    assert len(room.smtp.taken) == 4
    assert room.smtp.connections == 1


@pytest.mark.parametrize("step", ["MAIL", "RCPT", "DATA", "end"])
def test_what_is_put_off_is_tried_again_later_and_later_with_the_same_id(room: Mailroom, step: str) -> None:
    room.smtp.script[step] = ["451 4.7.1 come later"] * 2
    one = room.draft(approved=True)
    room.work()
    assert (room.state(one), room.get(one).attempts) == (DraftState.APPROVED, 1)
    assert "451 4.7.1 come later" in room.get(one).error
    room.later(seconds=59)
    room.work()
    assert room.get(one).attempts == 1
    room.later(seconds=1)
    room.work()
    assert room.get(one).attempts == 2
    room.later(seconds=119)
    room.work()
    assert room.get(one).attempts == 2
    room.later(seconds=1)
    room.work()
    assert (room.state(one), room.get(one).error) == (DraftState.SENT, "")
    assert room.smtp.counts() == {room.get(one).message_id: 1}


def test_what_is_put_off_too_often_is_shown(room: Mailroom) -> None:
    room.smtp.script["RCPT"] = "450 greylisted"
    one = room.draft(approved=True)
    for _ in range(8):
        room.work()
        room.later(hours=1)
    assert (room.state(one), room.get(one).attempts) == (DraftState.FAILED, 8)
    assert "450 greylisted" in room.get(one).error


@pytest.mark.parametrize("step", ["MAIL", "RCPT", "DATA", "end"])
def test_what_is_refused_for_good_fails_with_the_servers_words_and_is_not_tried_again(
    room: Mailroom, step: str
) -> None:
    room.smtp.script[step] = ["550 5.1.1 no such user here"]
    one, other = room.draft(approved=True), room.draft(approved=True)
    room.work()
    assert room.state(one) is DraftState.FAILED
    assert "550 5.1.1 no such user here" in room.get(one).error
    assert room.follow_up(one).state is FollowUpState.DRAFTED
    room.later(hours=5)
    room.work()
    assert room.smtp.counts() == {room.get(other).message_id: 1}
    assert room.sent_ids() == [room.get(other).message_id]


@pytest.mark.parametrize("step", ["MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize("how", [DROP, HANG])
def test_a_connection_lost_before_the_mail_is_there_means_another_attempt(
    dovecot: Dovecot, user: str, tmp_path: Path, step: str, how: str
) -> None:
    with opened(dovecot, user, tmp_path / "home", sending_settings={"put_in_drafts": False}) as room:
        room.place.settings = room.place.settings.model_copy(
            update={"sync": room.place.settings.sync.model_copy(update={"timeout_seconds": 0.5})}
        )
        room.begin()
        room.smtp.script[step] = [how]
        one = room.draft(approved=True)
        room.work()
        assert room.state(one) is DraftState.APPROVED
        room.later(seconds=60)
        room.work()
        assert room.state(one) is DraftState.SENT
        assert room.smtp.counts() == {room.get(one).message_id: 1}


@pytest.mark.parametrize("how", [DROP, HANG, TAKE_AND_DROP, TAKE_AND_HANG, "xyz"])
def test_no_answer_after_the_mail_means_unknown_and_it_never_goes_again_by_itself(room: Mailroom, how: str) -> None:
    room.smtp.script["end"] = [how]
    one = room.draft(approved=True)
    room.work()
    room.later(seconds=6)
    room.work()
    assert room.state(one) is DraftState.UNKNOWN
    assert "can't be told" in room.get(one).error
    went = len(room.smtp.taken)
    for _ in range(5):
        room.later(hours=1)
        room.begin()
        room.work()
    assert len(room.smtp.taken) == went
    assert room.follow_up(one).state is FollowUpState.DRAFTED


def test_a_mail_without_an_answer_that_lies_in_sent_was_sent(dovecot: Dovecot, user: str, tmp_path: Path) -> None:
    values = {"account_settings": {"saves_sent_mail": True}, "sending_settings": {"put_in_drafts": False}}
    with opened(dovecot, user, tmp_path / "home", **values) as room:
        room.smtp.script["end"] = [TAKE_AND_DROP]
        one = room.draft(approved=True)
        room.work()
        room.later(seconds=30)
        room.work()
        assert room.state(one) is DraftState.SENDING  # the server may still be about to file it
        dovecot.append(user, room.smtp.taken[0].data, "Sent")
        room.later(seconds=6)
        room.work()
        assert (room.state(one), room.get(one).filed) == (DraftState.SENT, True)
        assert room.follow_up(one).state is FollowUpState.DONE
        assert room.sent_ids() == [room.get(one).message_id]


def test_a_person_may_send_an_unknown_one_again_or_say_that_it_went(room: Mailroom) -> None:
    room.smtp.script["end"] = [DROP, DROP]
    again, went = room.draft(approved=True), room.draft(approved=True)
    room.work()
    room.later(seconds=61)
    room.work()
    assert {room.state(again), room.state(went)} == {DraftState.UNKNOWN}
    with writing(room.place.engine) as session:
        review.send_again(session, again, now=room.now, by="lina", delay=timedelta(0))
        review.mark_sent(session, went, now=room.now, by="lina")
    room.work()
    assert room.smtp.counts() == {room.get(again).message_id: 1}
    assert room.sent_ids() == sorted(room.get(one).message_id for one in (again, went))


def test_an_outgoing_server_that_is_away_keeps_drafts_waiting_in_words(room: Mailroom) -> None:
    room.smtp.stop()
    one = room.draft(approved=True)
    room.work()
    assert (room.state(one), room.get(one).attempts) == (DraftState.APPROVED, 0)
    assert str(room.smtp.port) in room.get(one).error
    room.smtp.start_again()
    room.work()
    assert (room.state(one), room.get(one).error) == (DraftState.SENT, "")


def test_a_refused_password_is_tried_once_until_a_person_asks(room: Mailroom) -> None:
    room.smtp.password = "other"
    one = room.draft(approved=True)
    room.work()
    for _ in range(5):
        room.later(hours=1)
        room.sending.step()
    assert sum(line.startswith("AUTH") for line in room.smtp.lines) <= 2  # PLAIN, then LOGIN, once each
    assert "password" in room.get(one).error
    room.smtp.password = room.dovecot.password_of(room.user)
    room.work()
    assert room.state(one) is DraftState.SENT


def test_only_so_many_go_within_a_minute_and_a_day(dovecot: Dovecot, user: str, tmp_path: Path) -> None:
    limits = {"put_in_drafts": False, "account_per_minute": 3, "domain_per_minute": 2, "daily_cap": 5}
    with opened(dovecot, user, tmp_path / "home", sending_settings=limits) as room:
        drafts = [room.draft(approved=True) for _ in range(4)]
        drafts += [room.draft(approved=True, customer="Bruno", to="bruno@bruno.example") for _ in range(3)]
        room.work()
        assert [taken.recipients[0].partition("@")[2] for taken in room.smtp.taken] == [
            "ahlers.example",
            "ahlers.example",
            "bruno.example",
        ]
        room.later(seconds=60)
        room.work()
        assert len(room.smtp.taken) == 5
        room.later(minutes=10)
        room.work()
        assert len(room.smtp.taken) == 5
        assert "24" in next(room.get(one).error for one in drafts if room.state(one) is DraftState.APPROVED)
        room.later(hours=24)
        room.work()
        assert len(room.smtp.taken) == 7


def _held(room: Mailroom) -> None:
    with writing(room.place.engine) as session:
        customer_id = session.get_one(type(room.get(1)), 1).customer_id
        session.add(PlanHold(customer_id=customer_id, reason="at the fair", by="lina", at=room.now, until=None))


def _suppressed(room: Mailroom) -> None:
    with writing(room.place.engine) as session:
        suppress(session, ANNA, reason=SuppressionReason.ASKED, scope=SuppressionScope.ALL, now=room.now)


def _bouncing(room: Mailroom) -> None:
    with writing(room.place.engine) as session:
        session.query(ContactAddress).filter_by(address=ANNA).update({"health": AddressHealth.BOUNCING})


def _answered(room: Mailroom) -> None:
    with writing(room.place.engine) as session:
        session.add(
            LogEntry(
                customer_id=room.get(1).customer_id,
                at=room.now,
                created_at=room.now,
                channel=Channel.MAIL,
                direction=Direction.IN,
                matched_by=MatchedBy.ADDRESS,
                confidence=1.0,
                match_facts={},
                warnings=[],
            )
        )


def _stopped(room: Mailroom) -> None:
    with writing(room.place.engine) as session:
        follow_up = session.merge(room.follow_up(1))
        follow_up.state, follow_up.decided_at = FollowUpState.STOPPED, room.now


@pytest.mark.parametrize("change", [_held, _suppressed, _bouncing, _answered, _stopped])
def test_what_has_changed_since_the_approval_brings_it_back_for_review(room: Mailroom, change: object) -> None:
    one = room.draft()
    room.approve(one, delay=timedelta(seconds=60))
    room.later(seconds=30)
    assert callable(change)
    change(room)
    room.later(seconds=30)
    room.work()
    draft = room.get(one)
    assert room.smtp.taken == []
    assert (draft.state, draft.approved_at, draft.send_at) == (DraftState.OPEN, None, None)
    assert draft.error


def test_a_file_that_is_missing_from_the_library_brings_it_back_for_review(room: Mailroom) -> None:
    room.documents["catalogue.pdf"] = b"%PDF"
    one = room.draft(approved=True, attachments=["catalogue.pdf"])
    room.work()
    assert [part.get_filename() for part in room.smtp.taken[0].mail.iter_attachments()] == ["catalogue.pdf"]
    assert room.state(one) is DraftState.SENT


def test_a_forged_header_never_leaves(room: Mailroom) -> None:
    one = room.draft(approved=True)
    with writing(room.place.engine) as session:
        session.merge(room.get(one)).subject = "Hi\r\nBcc: all@evil.example"
    room.work()
    assert room.smtp.taken == []
    assert room.state(one) is DraftState.OPEN
    assert "Subject" in room.get(one).error


def test_a_server_that_nobody_knows_is_watched_once_and_remembered(dovecot: Dovecot, user: str, tmp_path: Path) -> None:
    values = {"account_settings": {"saves_sent_mail": None}, "sending_settings": {"put_in_drafts": False}}
    with opened(dovecot, user, tmp_path / "home", **values) as room:
        first = room.draft(approved=True)
        room.work()
        assert room.sent_ids() == []  # the server may do it
        room.later(seconds=61)
        room.work()
        assert room.sent_ids() == [room.get(first).message_id]
        second = room.draft(approved=True)
        room.work()
        room.later(seconds=6)
        room.work()
        assert room.sent_ids() == sorted(room.get(one).message_id for one in (first, second))


def test_a_server_that_files_by_itself_is_found_out_and_nothing_is_doubled(
    dovecot: Dovecot, user: str, tmp_path: Path
) -> None:
    values = {"account_settings": {"saves_sent_mail": None}, "sending_settings": {"put_in_drafts": False}}
    with opened(dovecot, user, tmp_path / "home", **values) as room:
        for _ in range(2):
            room.draft(approved=True)
            room.work()
            dovecot.append(user, room.smtp.taken[-1].data, "Sent")
            room.later(seconds=90)
            room.work()
        room.later(hours=2)
        room.work()
        assert room.sent_ids() == sorted(room.smtp.counts())


def test_the_sent_mail_is_logged_once_and_its_entry_stands_at_the_follow_up(room: Mailroom) -> None:
    one = room.draft(approved=True)
    room.work()
    room.place.sync(judging=False)
    room.place.sync(judging=False)
    assert room.place.log() == {(room.get(one).message_id, "Ahlers"): 1}
    follow_up = room.follow_up(one)
    assert follow_up.state is FollowUpState.DONE
    assert follow_up.entry_id is not None


@pytest.mark.parametrize("files", [True, False])
def test_a_server_that_gives_mails_other_ids_or_forgets_to_file_one(
    dovecot: Dovecot, user: str, tmp_path: Path, files: bool
) -> None:
    values = {"account_settings": {"saves_sent_mail": True}, "sending_settings": {"put_in_drafts": False}}
    with opened(dovecot, user, tmp_path / "home", **values) as room:
        one = room.draft(approved=True)
        room.work()
        message_id = room.get(one).message_id
        if files:
            renamed = room.smtp.taken[0].data.replace(message_id.encode(), b"renamed@outlook.example")
            dovecot.append(user, renamed, "Sent")
        room.place.sync(judging=False)
        assert room.get(one).filed is files
        room.later(hours=2)
        room.work()
        assert room.sent_ids() == ["renamed@outlook.example" if files else message_id]
        room.place.sync(judging=False)
        assert sum(room.place.log().values()) == 1
        assert room.follow_up(one).entry_id is not None


def test_an_address_beyond_ascii_fails_in_words_where_the_server_lacks_smtputf8(room: Mailroom) -> None:
    room.smtp.extensions = ("8BITMIME",)
    one = room.draft(approved=True, to="用户@ahlers.example")
    room.work()
    assert room.state(one) is DraftState.FAILED
    assert "SMTPUTF8" in room.get(one).error
    assert room.smtp.taken == []


def test_one_bad_draft_keeps_no_other_from_going(room: Mailroom) -> None:
    bad, good = room.draft(approved=True), room.draft(approved=True)
    with writing(room.place.engine) as session:
        session.merge(room.get(bad)).attachments = ["not in the library.pdf"]
    room.work()
    assert [room.state(one) for one in (bad, good)] == [DraftState.OPEN, DraftState.SENT]
    assert room.get(bad).error


def test_a_database_put_back_from_a_backup_sends_nothing_that_has_gone(room: Mailroom) -> None:
    one = room.draft(approved=True)
    room.work()
    with writing(room.place.engine) as session:
        draft = session.merge(room.get(one))
        draft.state, draft.filed, draft.sent_at, draft.sending_at = DraftState.APPROVED, False, None, None
    room.begin()
    room.work()
    assert len(room.smtp.taken) == 1
    assert (room.state(one), room.sent_ids()) == (DraftState.SENT, [room.get(one).message_id])
