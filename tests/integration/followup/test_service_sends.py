"""The running service: a draft lies in the mail program, is approved, arrives, is filed, and stands in the log at its follow-up."""

from __future__ import annotations

from pathlib import Path

from inboxcrm.model import DraftState, FollowUpState
from inboxcrm.model.database import open_engine, upgrade
from tests.integration.followup.mailroom import opened
from tests.integration.service.test_live_service import eventually, serving
from tests.servers.dovecot import Dovecot


def test_an_approved_draft_goes_out_and_comes_back_as_a_log_entry(dovecot: Dovecot, user: str, tmp_path: Path) -> None:
    with opened(dovecot, user, tmp_path / "home") as room, serving(room.place.settings):
        one = room.draft()
        eventually(lambda: room.get(one).uid is not None)
        room.approve(one)
        eventually(lambda: room.follow_up(one).entry_id is not None)
        draft = room.get(one)
        assert (draft.state, draft.filed, draft.uid) == (DraftState.SENT, True, None)
        assert room.smtp.counts() == {draft.message_id: 1}
        assert room.sent_ids() == [draft.message_id]
        assert room.place.log() == {(draft.message_id, "Ahlers"): 1}
        assert room.follow_up(one).state is FollowUpState.DONE
        assert room.lying("Drafts") == {}


def test_the_outbox_works_on_postgresql_alike(dovecot: Dovecot, user: str, tmp_path: Path, postgresql_url: str) -> None:
    engine = open_engine(postgresql_url)
    upgrade(engine)
    engine.dispose()
    with opened(dovecot, user, tmp_path / "home", url=postgresql_url) as room:
        sent, refused, edited = room.draft(), room.draft(), room.draft()
        room.work()
        assert len(room.lying("Drafts")) == 3
        room.approve(sent)
        room.work()
        room.smtp.script["RCPT"] = ["550 no"]
        room.approve(refused)
        room.work()
        room.place.sync(judging=False)
        assert [room.state(one) for one in (sent, refused, edited)] == [
            DraftState.SENT,
            DraftState.FAILED,
            DraftState.OPEN,
        ]
        assert room.follow_up(sent).entry_id is not None
        assert list(room.lying("Drafts")) == [room.get(edited).uid]


def test_an_account_that_left_the_settings_gives_its_approved_drafts_back(
    dovecot: Dovecot, user: str, tmp_path: Path
) -> None:
    with opened(dovecot, user, tmp_path / "home") as room:
        one = room.draft(approved=True)
        without = room.place.settings.model_copy(update={"accounts": ()})
        with serving(without):
            eventually(lambda: room.state(one) is DraftState.OPEN)
        assert "account" in room.get(one).error
        assert room.smtp.taken == []
