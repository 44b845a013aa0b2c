"""Whatever happens in whatever order, a draft is handed to the server only while approved, and a second time only when it surely had
not gone or a person said so.
"""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from sqlalchemy import Engine

from inboxcrm.followup import drafts_folder, outbox, review
from inboxcrm.followup.review import ReviewError
from inboxcrm.model import Account, Customer, Draft, DraftState, FollowUp, FollowUpState
from inboxcrm.model.database import looking, writing
from inboxcrm.model.followup import Action
from inboxcrm.settings import Sending
from tests.servers.tables import new_sqlite

START = datetime(2026, 6, 1, 8, tzinfo=UTC)
RULES = Sending(attempts=3, first_retry_seconds=60)
_NUMBERS = count(1)


def _engine() -> Engine:
    engine = new_sqlite(Path(tempfile.mkdtemp()) / "outbox.db")
    with writing(engine) as session:
        session.add(Account(address="lina@brightvalve.example"))
        session.add(Customer(name="Ahlers", created_at=START))
    return engine


def new_draft(engine: Engine, now: datetime) -> int:
    number = next(_NUMBERS)
    with writing(engine) as session:
        follow_up = FollowUp(
            customer_id=1,
            anchor=f"t:{number}",
            stage="quoted",
            step=1,
            action=Action.MAIL,
            due_at=now,
            state=FollowUpState.DRAFTED,
            reasons=[],
            created_at=now,
        )
        session.add(follow_up)
        session.flush()
        draft = Draft(
            customer_id=1,
            follow_up_id=follow_up.id,
            account_id=1,
            message_id=f"{number}@brightvalve.example",
            references=[],
            to=[{"name": "", "address": "anna@ahlers.example"}],
            cc=[],
            bcc=[],
            subject="Hi",
            body="Hello",
            attachments=[],
            reasons=[],
            created_at=now,
        )
        session.add(draft)
        session.flush()
        return draft.id


def when(*states: DraftState, in_hand: bool = False) -> Any:
    """The rule makes sense for a draft in one of these states."""
    return precondition(lambda self: self.draft.state in states and self.in_hand is in_hand)


class Outbox(RuleBasedStateMachine):
    """One draft, one sender that may crash at any moment, a server, and a person."""

    engine: Engine

    def __init__(self) -> None:
        super().__init__()
        self.now = START
        self.draft_id = new_draft(self.engine, self.now)
        self.in_hand = False
        """Whether the sender has claimed it and lives."""
        self.went = 0
        """How often the server has taken it."""
        self.allowed = 1
        """How often it may go at the most: a person may ask for more."""
        self.sworn = False
        """Whether a person has said that it went."""
        self.in_sent = False

    @property
    def draft(self) -> Draft:
        with looking(self.engine) as session:
            return session.get_one(Draft, self.draft_id)

    def _person(self, act: object, **options: object) -> bool:
        assert callable(act)
        try:
            with writing(self.engine) as session:
                act(session, self.draft_id, now=self.now, by="lina", **options)
        except ReviewError:
            return False
        return True

    @when(DraftState.APPROVED)
    @rule(seconds=st.sampled_from([30, 60, 3600]))
    def time_passes(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @when(DraftState.OPEN)
    @rule(delay=st.sampled_from([0, 0, 60]))
    def approve(self, delay: int) -> None:
        self._person(review.approve, delay=timedelta(seconds=delay))

    @rule(what=st.sampled_from(["take back", "edit", "undo", "undo", "skip"]))
    def change_ones_mind(self, what: str) -> None:
        if what == "edit":
            self._person(review.edit, body=f"Words of {self.now} {next(_NUMBERS)}")
        else:
            self._person({"take back": review.take_back, "undo": review.undo, "skip": review.skip}[what])

    @when(DraftState.APPROVED)
    @rule(meanwhile=st.sampled_from(["", "", "", "take back", "edit", "edit and approve"]))
    def claim(self, meanwhile: str) -> None:
        """The sender makes a mail of it, and claims it; a person may be quicker."""
        seen = self.draft
        if meanwhile == "take back":
            self._person(review.take_back)
        elif meanwhile:
            self._person(review.edit, body=f"Words {next(_NUMBERS)}")
        if meanwhile == "edit and approve":
            self._person(review.approve, delay=timedelta(0))
        before = self.draft
        with writing(self.engine) as session:
            self.in_hand = outbox.claim(session, self.draft_id, seen.revision, self.now)
        if self.in_hand:
            assert before.state is DraftState.APPROVED
            assert before.approved_by
            assert before.send_at is not None
            assert before.send_at <= self.now
            assert before.body == seen.body

    @precondition(lambda self: self.in_hand)
    @rule()
    def crash_before_the_mail_is_there(self) -> None:
        self.in_hand = False

    @precondition(lambda self: self.in_hand)
    @rule(answered=st.booleans(), filed=st.booleans())
    def the_server_takes_it(self, answered: bool, filed: bool) -> None:
        """Without an answer the sender crashes, or its connection breaks."""
        self.went += 1
        self.in_hand = False
        self.in_sent = self.in_sent or filed
        if answered:
            with writing(self.engine) as session:
                assert outbox.was_sent(session, self.draft_id, self.now)

    @precondition(lambda self: self.in_hand)
    @rule(permanent=st.booleans())
    def the_server_refuses_it(self, permanent: bool) -> None:
        self.in_hand = False
        with writing(self.engine) as session:
            state = outbox.was_not_sent(session, self.draft_id, "no", RULES, self.now, permanent=permanent)
        assert state in (DraftState.FAILED, DraftState.APPROVED)
        assert state is DraftState.FAILED or not permanent
        if state is DraftState.APPROVED:
            assert self.draft.send_at > self.now  # type: ignore[operator]

    @when(DraftState.SENDING)
    @rule()
    def recover(self) -> None:
        """The sender is there again, and asks Sent about what lies in sending."""
        with writing(self.engine) as session:
            for one in outbox.unclear(session, 1):
                if one != self.draft_id:
                    continue
                if self.in_sent:
                    drafts_folder.take_sent(session, one, self.now, self.now)
                else:
                    outbox.cannot_be_told(session, one, "?", self.now)

    @when(DraftState.UNKNOWN, DraftState.FAILED)
    @rule()
    def send_again(self) -> None:
        before = self.draft.state
        if self._person(review.send_again, delay=timedelta(0)) and before is DraftState.UNKNOWN:
            self.allowed += 1

    @when(DraftState.UNKNOWN, DraftState.FAILED)
    @rule()
    def mark_sent(self) -> None:
        self.sworn = self._person(review.mark_sent) or self.sworn

    @invariant()
    def it_never_goes_more_often_than_it_may(self) -> None:
        assert self.went <= self.allowed

    @invariant()
    def sent_means_that_it_went(self) -> None:
        if self.draft.state is DraftState.SENT:
            assert self.went or self.sworn

    @invariant()
    def failed_and_waiting_mean_that_it_did_not_go_since(self) -> None:
        if self.draft.state in (DraftState.FAILED, DraftState.APPROVED, DraftState.OPEN):
            assert self.went < self.allowed

    @invariant()
    def what_is_in_hand_is_in_sending(self) -> None:
        if self.in_hand:
            assert self.draft.state is DraftState.SENDING


class TestOutbox(Outbox.TestCase):  # type: ignore[misc]
    settings = settings(max_examples=60, stateful_step_count=25)

    @classmethod
    def setUpClass(cls) -> None:
        Outbox.engine = _engine()

    @classmethod
    def tearDownClass(cls) -> None:
        Outbox.engine.dispose()


def test_pauses_double_up_to_the_longest() -> None:
    rules = Sending(first_retry_seconds=60, longest_retry_seconds=3600)
    assert [outbox.pause(one, rules).total_seconds() for one in (1, 2, 3, 7, 100)] == [60, 120, 240, 3600, 3600]


def test_two_senders_never_have_one_draft_in_hand(either_engine: Engine) -> None:
    with writing(either_engine) as session:
        session.add(Account(address="lina@brightvalve.example"))
        session.add(Customer(name="Ahlers", created_at=START))
    one = new_draft(either_engine, START)
    with writing(either_engine) as session:
        review.approve(session, one, now=START, by="lina", delay=timedelta(0))
    claims = []
    for _ in range(2):
        with writing(either_engine, durable=True) as session:
            claims.append(outbox.claim(session, one, 1, START))
    assert claims == [True, False]
    with writing(either_engine) as session, pytest.raises(ReviewError):
        review.take_back(session, one, now=START, by="lina")
