"""Drafts lie in the mail program too, and what is done with them there means the same as in the browser."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest

from inboxcrm.followup import review
from inboxcrm.model import DRAFT_FIELD, DraftState, FollowUpState
from inboxcrm.model.database import writing
from tests.integration.followup.mailroom import ANNA, Mailroom, opened
from tests.servers.dovecot import Dovecot, running


@pytest.fixture
def room(dovecot: Dovecot, user: str, tmp_path: Path) -> Iterator[Mailroom]:
    with opened(dovecot, user, tmp_path / "home") as room:
        yield room


class MailProgram:
    """Edits, sends and deletes drafts as mail programs do it, over IMAP from outside."""

    def __init__(self, room: Mailroom) -> None:
        self.room = room

    def only(self) -> tuple[int, EmailMessage]:
        """The only draft there."""
        ((uid, raw),) = self.room.lying("Drafts").items()
        mail = message_from_bytes(raw, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        return uid, mail

    def save(self, text: str, *, keep: bool = False, delete_old: bool = True, subject: str = "", to: str = ANNA) -> int:
        """Saves the only draft anew with another text. Unless it may `keep` header fields, ours is lost and the Message-ID another."""
        uid, old = self.only()
        new = EmailMessage(policy=policy.SMTP)
        new["From"], new["To"] = str(old["From"]), to
        new["Subject"] = subject or str(old["Subject"])
        if old["In-Reply-To"]:
            new["In-Reply-To"] = str(old["In-Reply-To"])
        new["Message-ID"] = str(old["Message-ID"]) if keep else "<edited@mailprogram.example>"
        if keep:
            new[DRAFT_FIELD] = str(old[DRAFT_FIELD])
        new.set_content(text)
        with self.room.dovecot.client(self.room.user) as client:
            client.append("Drafts", new.as_bytes(), (b"\\Draft", b"\\Seen"))
        if delete_old:
            self.delete(uid)
        return uid

    def delete(self, uid: int) -> None:
        self.room.dovecot.expunge(self.room.user, [uid], "Drafts")

    def send(
        self, text: str = "Sent from my program.", *, own_id: bool = True, delete: bool = True, subject: str = ""
    ) -> str:
        """Sends the only draft: into Sent, then out of Drafts. Returns the Message-ID."""
        uid, old = self.only()
        message_id = "<sent@mailprogram.example>" if own_id else str(old["Message-ID"])
        mail = EmailMessage(policy=policy.SMTP)
        mail["From"], mail["To"], mail["Message-ID"] = str(old["From"]), ANNA, message_id
        mail["Subject"] = subject or str(old["Subject"])
        mail["Date"] = self.room.now
        if old["In-Reply-To"]:
            mail["In-Reply-To"] = str(old["In-Reply-To"])
        mail.set_content(text)
        self.room.dovecot.append(self.room.user, mail.as_bytes(), "Sent")
        if delete:
            self.delete(uid)
        return message_id.strip("<>")


@pytest.fixture
def program(room: Mailroom) -> MailProgram:
    return MailProgram(room)


def look(room: Mailroom) -> None:
    room.later(seconds=20)
    room.work()


def text_of(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n").rstrip("\n")


def test_an_open_draft_lies_there_whole_and_named(room: Mailroom, program: MailProgram) -> None:
    one = room.draft(bcc=[{"name": "", "address": "boss@brightvalve.example"}])
    room.work()
    draft = room.get(one)
    uid, mail = program.only()
    assert (draft.uid, draft.placed_revision) == (uid, draft.revision)
    assert mail[DRAFT_FIELD] == draft.message_id
    assert mail["Bcc"] == "boss@brightvalve.example"
    assert text_of(mail) == f"{draft.body}\n\n{draft.quoted}"
    assert room.dovecot.flags(room.user, "Drafts") == {uid: frozenset({"\\Draft", "\\Seen"})}
    for _ in range(3):
        look(room)
        room.begin()
    assert list(room.lying("Drafts")) == [uid]
    assert (room.get(one).revision, room.get(one).edited) == (1, False)


def test_switched_off_nothing_is_put_there_and_what_lies_there_is_taken_out(
    dovecot: Dovecot, user: str, tmp_path: Path
) -> None:
    with opened(dovecot, user, tmp_path / "home") as room:
        room.draft()
        room.work()
        assert len(room.lying("Drafts")) == 1
        room.place.settings = room.place.settings.model_copy(
            update={"sending": room.place.settings.sending.model_copy(update={"put_in_drafts": False})}
        )
        room.begin()
        room.draft()
        room.work()
        assert room.lying("Drafts") == {}


def test_an_edit_in_the_browser_replaces_the_copy(room: Mailroom, program: MailProgram) -> None:
    one = room.draft()
    room.work()
    first, _mail = program.only()
    with writing(room.place.engine) as session:
        review.edit(session, one, now=room.now, by="lina", body="Another text.")
    room.work()
    uid, mail = program.only()
    assert uid > first
    assert text_of(mail).startswith("Another text.")


@pytest.mark.parametrize("how", [review.skip, review.withdraw])
def test_what_waits_no_more_is_taken_out(room: Mailroom, how: object) -> None:
    one = room.draft()
    room.work()
    with writing(room.place.engine) as session:
        if how is review.skip:
            review.skip(session, one, now=room.now, by="lina")
        else:
            review.withdraw(session, one, "The customer has written.", now=room.now)
    room.work()
    assert room.lying("Drafts") == {}


def test_what_is_sent_from_here_leaves_the_drafts_before_it_goes(room: Mailroom) -> None:
    seen: list[int] = []
    room.smtp.on_step = lambda step: seen.append(len(room.lying("Drafts"))) if step == "MAIL" else None
    one = room.draft()
    room.work()
    room.approve(one)
    room.work()
    assert (room.state(one), seen) == (DraftState.SENT, [0])
    assert room.lying("Drafts") == {}


@pytest.mark.parametrize("keep", [True, False])
@pytest.mark.parametrize("subject", ["", "Re: Other words"])
def test_an_edit_in_the_mail_program_is_taken_over(
    room: Mailroom, program: MailProgram, keep: bool, subject: str
) -> None:
    one = room.draft()
    room.work()
    draft = room.get(one)
    program.save(f"Dear Anna,\n\nnew words.\n\n{draft.quoted}\n", keep=keep, subject=subject)
    look(room)
    after = room.get(one)
    assert (after.body, after.quoted, after.edited) == ("Dear Anna,\n\nnew words.", draft.quoted, True)
    assert after.subject == (subject or draft.subject)
    assert after.state is DraftState.OPEN
    assert list(room.lying("Drafts")) == [after.uid]
    look(room)
    assert room.get(one).revision == after.revision


def test_an_edit_that_is_saved_before_the_old_copy_goes_is_taken_over_once(
    room: Mailroom, program: MailProgram
) -> None:
    one = room.draft()
    room.work()
    old = program.save("New words.", delete_old=False)
    look(room)
    assert not room.get(one).edited  # it may be a draft of her own
    program.delete(old)
    look(room)
    assert room.get(one).body == "New words."


def test_saving_without_a_change_changes_nothing(room: Mailroom, program: MailProgram) -> None:
    one = room.draft()
    room.work()
    room.approve(one, delay=timedelta(hours=1))
    _uid, mail = program.only()
    program.save(text_of(mail).replace("\n\n", "\n \n"))
    look(room)
    assert (room.get(one).edited, room.state(one)) == (False, DraftState.APPROVED)


def test_an_edit_after_the_approval_brings_it_back_for_review(room: Mailroom, program: MailProgram) -> None:
    one = room.draft()
    room.work()
    room.approve(one, delay=timedelta(seconds=60))
    program.save("Wait, other words.")
    room.later(seconds=61)
    room.work()
    assert room.smtp.taken == []
    assert (room.state(one), room.get(one).body) == (DraftState.OPEN, "Wait, other words.")


@pytest.mark.parametrize("own_id", [True, False])
@pytest.mark.parametrize("delete", [True, False])
def test_sending_in_the_mail_program_means_sent(
    room: Mailroom, program: MailProgram, own_id: bool, delete: bool
) -> None:
    one = room.draft()
    room.work()
    room.later(seconds=30)
    sent_id = program.send(own_id=own_id, delete=delete)
    room.place.sync(judging=False)
    look(room)
    draft = room.get(one)
    assert (draft.state, draft.filed) == (DraftState.SENT, True)
    assert room.follow_up(one).state is FollowUpState.DONE
    assert room.follow_up(one).entry_id is not None
    assert room.place.log() == {(sent_id, "Ahlers"): 1}
    assert room.lying("Drafts") == {}
    room.later(hours=2)
    room.work()
    assert room.sent_ids() == [sent_id]
    assert room.smtp.taken == []


def test_an_approved_draft_that_the_mail_program_sends_does_not_go_from_here_too(
    room: Mailroom, program: MailProgram
) -> None:
    one = room.draft()
    room.work()
    room.approve(one, delay=timedelta(seconds=60))
    room.later(seconds=59)
    program.send()
    room.later(seconds=1)
    room.work()
    assert room.smtp.taken == []
    assert room.state(one) is DraftState.SENT


def test_a_new_mail_that_is_no_answer_is_known_by_its_subject(room: Mailroom, program: MailProgram) -> None:
    one = room.draft(in_reply_to="", references=[], subject="Spring catalogue")
    room.work()
    program.send(subject="Another matter", delete=False)
    room.place.sync(judging=False)
    assert room.state(one) is DraftState.OPEN
    program.send(own_id=False)
    room.place.sync(judging=False)
    assert room.state(one) is DraftState.SENT


def test_deleting_in_the_mail_program_means_skipping(room: Mailroom, program: MailProgram) -> None:
    one = room.draft()
    room.work()
    uid, _mail = program.only()
    program.delete(uid)
    look(room)
    assert room.state(one) is DraftState.OPEN  # it may be on its way to Sent
    room.later(seconds=61)
    room.work()
    assert room.state(one) is DraftState.SKIPPED
    assert room.follow_up(one).state is FollowUpState.SKIPPED
    assert room.lying("Drafts") == {}


def test_a_deleted_draft_is_not_sent_while_it_is_unclear_what_that_means(room: Mailroom, program: MailProgram) -> None:
    one = room.draft()
    room.work()
    room.approve(one)
    uid, _mail = program.only()
    program.delete(uid)
    room.work()
    assert room.smtp.taken == []
    room.later(seconds=90)
    room.work()
    assert room.smtp.taken == []
    assert room.state(one) is DraftState.SKIPPED


def test_an_unreachable_mailbox_deletes_nothing_and_sends_nothing_that_might_have_gone(tmp_path: Path) -> None:
    with running() as server, opened(server, "lina@away.example", tmp_path / "home") as room:
        one = room.draft()
        room.work()
        room.approve(one)
        server.stop()
        for _ in range(3):
            room.later(minutes=30)
            room.work()
        assert room.state(one) is DraftState.APPROVED
        assert "Drafts" in room.get(one).error
        assert room.smtp.taken == []
        server.start()
        room.work()
        assert room.state(one) is DraftState.SENT
        assert len(room.smtp.taken) == 1


def test_a_changed_uidvalidity_deletes_nothing(room: Mailroom, program: MailProgram) -> None:
    one = room.draft()
    room.work()
    room.dovecot.change_uidvalidity(room.user, "Drafts")
    room.begin()
    look(room)
    look(room)
    draft = room.get(one)
    uid, _mail = program.only()
    assert (draft.state, draft.uid, draft.edited) == (DraftState.OPEN, uid, False)


def test_a_folder_restored_without_its_drafts_gets_them_again(room: Mailroom, program: MailProgram) -> None:
    one = room.draft()
    room.work()
    uid, _mail = program.only()
    program.delete(uid)
    room.dovecot.change_uidvalidity(room.user, "Drafts")
    room.begin()
    look(room)
    room.later(minutes=10)
    room.work()
    assert room.state(one) is DraftState.OPEN
    assert program.only()[1][DRAFT_FIELD] == room.get(one).message_id


def test_a_copy_that_a_crash_has_left_is_found_again_and_not_doubled(room: Mailroom) -> None:
    one = room.draft()
    room.work()
    with writing(room.place.engine) as session:  # as if the crash had come before this was written down
        draft = session.merge(room.get(one))
        draft.uid = draft.uidvalidity = draft.folder_id = None
        draft.placed_revision = 0
    room.begin()
    look(room)
    assert list(room.lying("Drafts")) == [room.get(one).uid]
    assert not room.get(one).edited


def test_drafts_of_the_persons_own_are_left_alone(room: Mailroom) -> None:
    mine = b"From: lina\r\nTo: anna@ahlers.example\r\nSubject: Re: Ball valves\r\nMessage-ID: <mine@x.example>\r\n\r\nHi\r\n"
    room.dovecot.append(room.user, mine, "Drafts")
    one = room.draft()
    room.work()
    with writing(room.place.engine) as session:
        review.skip(session, one, now=room.now, by="lina")
    look(room)
    assert list(room.lying("Drafts").values()) == [mine]


def test_a_file_that_was_attached_in_the_mail_program_is_not_lost_silently(
    room: Mailroom, program: MailProgram
) -> None:
    one = room.draft()
    room.work()
    uid, old = program.only()
    old.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="hers.pdf")
    room.dovecot.append(room.user, old.as_bytes(policy=policy.SMTP), "Drafts")
    program.delete(uid)
    look(room)
    assert room.get(one).attachments == ["hers.pdf"]


def test_mails_in_drafts_are_never_logged(room: Mailroom) -> None:
    room.draft()
    room.work()
    room.place.sync(judging=False)
    assert room.place.messages() == []


def test_what_is_flagged_as_a_draft_in_another_folder_is_not_logged(room: Mailroom) -> None:
    """As in Gmail's “All Mail”."""
    mine = b"From: anna@ahlers.example\r\nTo: lina@x.example\r\nSubject: Hi\r\nMessage-ID: <d@x.example>\r\n\r\nHi\r\n"
    with room.dovecot.client(room.user) as client:
        client.append("INBOX", mine, (b"\\Draft",))
        client.append("INBOX", mine.replace(b"d@x", b"m@x"), ())
    room.place.sync(judging=False)
    assert room.place.messages() == ["m@x.example"]
