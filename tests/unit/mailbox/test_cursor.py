"""The cursor takes every mail exactly once: new ones first, history from the newest to the oldest, through crashes and restores."""

from __future__ import annotations

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from inboxcrm.mailbox.cursor import Cursor
from inboxcrm.mailbox.folders import FolderState


def state(uidvalidity: int = 7, uid_next: int = 11, exists: int = 10) -> FolderState:
    return FolderState(uidvalidity, uid_next, exists)


def test_at_the_first_opening_everything_is_history_and_nothing_is_taken() -> None:
    cursor = Cursor().opened(state(uid_next=11))
    assert cursor == Cursor(uidvalidity=7, generation=1, low_uid=11, high_uid=10)
    assert cursor.next_new(range(1, 11), 100) == []
    assert cursor.next_history(range(1, 11), 3) == [8, 9, 10]


def test_history_is_taken_from_the_newest_to_the_oldest() -> None:
    cursor = Cursor().opened(state(uid_next=11)).taken([8, 9, 10])
    assert cursor.next_history(range(1, 11), 3) == [5, 6, 7]


def test_new_mail_is_taken_from_the_oldest_so_that_no_gap_is_left() -> None:
    cursor = Cursor(7, 1, 1, 10)
    assert cursor.next_new([3, 11, 12, 13, 14], 2) == [11, 12]
    assert cursor.taken([11, 12]).next_new([3, 11, 12, 13, 14], 2) == [13, 14]


def test_opening_again_with_the_same_uidvalidity_changes_nothing() -> None:
    cursor = Cursor(7, 1, 5, 10)
    assert cursor.opened(state(uidvalidity=7, uid_next=99)) is cursor


def test_a_new_uidvalidity_begins_a_new_generation_with_nothing_taken() -> None:
    cursor = Cursor(7, 1, 5, 10).opened(state(uidvalidity=8, uid_next=4))
    assert cursor == Cursor(uidvalidity=8, generation=2, low_uid=4, high_uid=3)


def test_an_empty_folder_has_neither_new_mail_nor_history() -> None:
    cursor = Cursor().opened(state(uid_next=1, exists=0))
    assert cursor.next_new([], 10) == cursor.next_history([], 10) == []
    assert cursor.taken([1]).next_new([1, 2], 10) == [2]


def test_a_server_that_gives_no_uidnext_still_gets_a_sound_cursor() -> None:
    assert Cursor().opened(state(uid_next=0)) == Cursor(7, 1, 1, 0)


@pytest.mark.parametrize("uids", [[4, 11], [6], [10]])
def test_uids_that_are_not_beside_what_has_been_taken_are_refused(uids: list[int]) -> None:
    with pytest.raises(ValueError, match="not beside"):
        Cursor(7, 1, 5, 10).taken(uids)


class Sync(RuleBasedStateMachine):
    """A folder, a database with a cursor, and a sync that may crash between fetching and committing."""

    def __init__(self) -> None:
        super().__init__()
        self.mails: dict[int, str] = {}  # UID → identity of the mail
        self.uid_next = 1
        self.uidvalidity = 1
        self.born = 0
        self.vanished: set[str] = set()
        self.cursor = Cursor()
        self.log: list[str] = []  # what the database holds: identities, each once by its key
        self.takes: list[tuple[int, int]] = []  # (generation, UID) of everything ever taken

    def _open(self) -> None:
        self.cursor = self.cursor.opened(FolderState(self.uidvalidity, self.uid_next, len(self.mails)))

    @rule(count=st.integers(1, 5), gap=st.integers(0, 3))
    def mails_arrive(self, count: int, gap: int) -> None:
        for _ in range(count):
            self.born += 1
            self.mails[self.uid_next + gap] = f"mail {self.born}"
            self.uid_next += gap + 1

    @rule(data=st.data())
    def a_mail_vanishes(self, data: st.DataObject) -> None:
        if self.mails:
            self.vanished.add(self.mails.pop(data.draw(st.sampled_from(sorted(self.mails)))))

    @rule(jump=st.integers(1, 1000))
    def the_server_is_restored(self, jump: int) -> None:
        self.uidvalidity += jump
        self.mails = dict(enumerate(self.mails.values(), 1))
        self.uid_next = len(self.mails) + 1

    @rule(batch=st.integers(1, 4), crash=st.booleans(), history=st.booleans())
    def a_batch_is_taken(self, batch: int, crash: bool, history: bool) -> None:
        self._open()
        new = self.cursor.next_new(self.mails, batch)
        uids = self.cursor.next_history(self.mails, batch) if history and not new else new
        if crash:
            return
        self.takes += [(self.cursor.generation, uid) for uid in uids]
        self.log += [self.mails[uid] for uid in uids if self.mails[uid] not in self.log]
        self.cursor = self.cursor.taken(uids)

    @rule(batch=st.integers(1, 4))
    def a_complete_pass(self, batch: int) -> None:
        self._open()
        while uids := self.cursor.next_new(self.mails, batch) or self.cursor.next_history(self.mails, batch):
            self.takes += [(self.cursor.generation, uid) for uid in uids]
            self.log += [self.mails[uid] for uid in uids if self.mails[uid] not in self.log]
            self.cursor = self.cursor.taken(uids)
        assert set(self.mails.values()) <= set(self.log)

    @invariant()
    def nothing_is_taken_twice_from_one_generation(self) -> None:
        assert len(self.takes) == len(set(self.takes))

    @invariant()
    def what_was_taken_is_one_stretch(self) -> None:
        assert self.cursor.low_uid <= self.cursor.high_uid + 1

    @invariant()
    def everything_inside_the_stretch_is_in_the_log(self) -> None:
        if self.cursor.uidvalidity == self.uidvalidity:
            inside = {mail for uid, mail in self.mails.items() if self.cursor.low_uid <= uid <= self.cursor.high_uid}
            assert inside <= set(self.log)


TestSync = Sync.TestCase
TestSync.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
