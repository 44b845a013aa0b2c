"""What the file of the mails in hand tells after a crash, wherever it happens."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inboxcrm.newsletter.outbox import Fate, Outcome
from inboxcrm.service.in_hand import InHand, Left, read

AT = datetime(2026, 6, 1, 8, tzinfo=UTC)
BOOT = "0b5e-one"


def _taken(*ids: int, boot: str = BOOT, at: datetime = AT) -> bytes:
    return f'["boot", "{boot}"]\n["taken", "{at.isoformat()}", {", ".join(map(str, ids))}]\n'.encode()


def test_what_was_taken_and_not_ended_is_untouched(tmp_path: Path) -> None:
    hand = InHand(tmp_path / "in-hand.jsonl")
    hand.take([1, 2, 3], AT)
    hand.ending(1)
    hand.answered(Outcome(1, Fate.SENT, "250 taken"))
    hand.ending(2)
    left = InHand(tmp_path / "in-hand.jsonl").left()
    assert left.answered == {1: Outcome(1, Fate.SENT)}  # nobody asks for the words
    assert left.untouched == {3}
    assert left.taken_at == {1: AT, 2: AT, 3: AT}


def test_answers_come_back_whole(tmp_path: Path) -> None:
    outcomes = [
        Outcome(1, Fate.REFUSED, "550 5.1.1 kein “Nutzer”\nzweite Zeile", nobody_there=True),
        Outcome(2, Fate.AGAIN, "451 später", AT + timedelta(minutes=5)),
    ]
    hand = InHand(tmp_path / "in-hand.jsonl")
    hand.take([1, 2], AT)
    for one in outcomes:
        hand.ending(one.recipient_id)
        hand.answered(one)
    hand.close()
    assert list(InHand(tmp_path / "in-hand.jsonl").left().answered.values()) == outcomes


def test_until_the_next_are_taken_the_last_are_not_forgotten(tmp_path: Path) -> None:
    # The transaction that writes the first down and takes the second may not come to its end.
    hand = InHand(tmp_path / "in-hand.jsonl")
    hand.take([1, 2], AT)
    hand.ending(1)
    hand.answered(Outcome(1, Fate.SENT, "ok"))
    hand.take([3], AT + timedelta(seconds=1))
    left = InHand(tmp_path / "in-hand.jsonl").left()
    assert set(left.answered) == {1}
    assert left.untouched == {2, 3}
    hand.take([4], AT + timedelta(seconds=2))
    assert InHand(tmp_path / "in-hand.jsonl").left().untouched == {3, 4}


def test_one_taken_again_has_no_answer_yet(tmp_path: Path) -> None:
    hand = InHand(tmp_path / "in-hand.jsonl")
    hand.take([1], AT)
    hand.ending(1)
    hand.answered(Outcome(1, Fate.AGAIN, "later", AT))
    hand.take([1], AT + timedelta(minutes=1))
    left = InHand(tmp_path / "in-hand.jsonl").left()
    assert left.answered == {}
    assert left.untouched == {1}
    assert left.taken_at == {1: AT + timedelta(minutes=1)}


def test_after_a_restart_of_the_machine_only_what_stands_there_is_believed() -> None:
    written = _taken(1, 2, 3) + b'["ending", 1]\n["answer", 1, "sent", "ok", null, false]\n["ending", 2]\n'
    left = read(written, "another boot")
    assert set(left.answered) == {1}
    assert left.untouched == frozenset()


def test_without_a_file_nothing_is_known(tmp_path: Path) -> None:
    assert InHand(tmp_path / "in-hand.jsonl").left() == Left()


def test_nothing_is_ended_that_was_not_taken(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="no mail"):
        InHand(tmp_path / "in-hand.jsonl").ending(1)


def test_a_file_that_can_t_be_written_keeps_mails_from_being_taken(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="nowhere"):
        InHand(tmp_path / "nowhere" / "in-hand.jsonl").take([1], AT)


@pytest.mark.parametrize("broken", [b"nonsense\n", b'["ending"]\n', b'["answer", 1]\n', b"\x00\xff\n", b"7\n"])
def test_behind_a_line_that_can_t_be_read_nothing_is_believed(broken: bytes) -> None:
    left = read(_taken(1, 2) + broken + b'["ending", 2]\n["answer", 2, "sent", "ok", null, false]\n', BOOT)
    assert left.untouched == frozenset()
    assert left.answered == {}


@given(
    st.lists(
        st.tuples(st.integers(1, 8), st.sampled_from(Fate), st.text(max_size=20)),
        max_size=8,
        unique_by=lambda one: one[0],
    ),
    st.data(),
)
def test_cut_anywhere_it_never_says_of_a_mail_that_was_ended_that_it_is_untouched(
    answers: list[tuple[int, Fate, str]], data: st.DataObject
) -> None:
    """The bytes up to any place: a process dies between two writings, or in the middle of one."""
    written = _taken(*range(1, 9))
    ended_by: dict[int, int] = {}
    answered_by: dict[int, int] = {}
    for recipient, fate, words in answers:
        written += json.dumps(["ending", recipient]).encode() + b"\n"
        ended_by[recipient] = len(written)
        written += json.dumps(["answer", recipient, fate, words, None, False]).encode() + b"\n"
        answered_by[recipient] = len(written)
    cut = data.draw(st.integers(0, len(written)))
    left = read(written[:cut], BOOT)
    assert left.untouched.isdisjoint(one for one, at in ended_by.items() if at <= cut)
    assert set(left.answered) == {one for one, at in answered_by.items() if at <= cut}
    if cut >= len(_taken(*range(1, 9))):
        assert left.untouched >= {one for one in range(1, 9) if ended_by.get(one, cut + 1) > cut}
