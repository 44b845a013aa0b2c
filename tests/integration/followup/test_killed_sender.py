"""kill -9 at every step of sending: no mail goes twice, none is lost, and what can't be told is shown."""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from inboxcrm.model import DraftState
from tests.integration.followup.mailroom import Mailroom, opened
from tests.servers.dovecot import Dovecot
from tests.servers.fork_server import Forked, serving
from tests.servers.smtp import STEPS, TAKE_AND_DROP

KILLS = int(os.environ.get("TEST_KILLS", "20"))
AT_REST = (DraftState.SENT, DraftState.FAILED, DraftState.UNKNOWN)


def write_settings(room: Mailroom, *, saves: bool) -> None:
    account = room.account
    assert account.smtp is not None
    (room.home / "inboxcrm.toml").write_text(
        f"""
[sync]
timeout_seconds = 5
[sending]
settle_seconds = 1
first_retry_seconds = 1
answer_seconds = 5
drafts_seconds = 1
account_per_minute = 1000
domain_per_minute = 1000
[[accounts]]
address = "{account.address}"
secret = "{account.secret}"
saves_sent_mail = {str(saves).lower()}
imap = {{host = "{account.imap.host}", port = {account.imap.port}, security = "none"}}
smtp = {{host = "{account.smtp.host}", port = {account.smtp.port}, security = "none"}}
""",
        encoding="utf-8",
    )


Sender = Callable[[Mailroom], AbstractContextManager[Forked]]


@pytest.fixture(scope="module")
def sender() -> Iterator[Sender]:
    """The senders of a room in a process of their own, killed at the end of the block at the latest."""

    @contextmanager
    def alive(room: Mailroom) -> Iterator[Forked]:
        environment = room.place.environment()
        with (
            (room.home / "sender.log").open("a") as log,
            parent.start(str(room.home), environment=environment, stderr=log) as process,
        ):
            yield process

    with serving("tests.integration.followup.sender_process") as parent:
        yield alive


def wait_for(what: Callable[[], bool], room: Mailroom) -> None:
    deadline = time.monotonic() + 40
    while not what():
        assert time.monotonic() < deadline, (room.home / "sender.log").read_text()
        time.sleep(0.01)


def kill(process: Forked) -> None:
    process.kill()
    assert process.wait() == -signal.SIGKILL


@pytest.fixture(params=[True, False], ids=["server files sent mail", "we file sent mail"])
def saves(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.fixture
def room(dovecot: Dovecot, user: str, tmp_path: Path, saves: bool) -> Iterator[Mailroom]:
    with opened(dovecot, user, tmp_path / "home") as room:
        write_settings(room, saves=saves)
        if saves:
            take = room.smtp.take

            def take_and_file(mail: object) -> None:
                take(mail)  # type: ignore[arg-type]
                dovecot.append(user, mail.data, "Sent")  # type: ignore[attr-defined]

            room.smtp.take = take_and_file  # type: ignore[method-assign]
        yield room


@pytest.mark.parametrize("step", [*STEPS, "answered"])
def test_killed_at_any_step_it_goes_once_or_is_shown(room: Mailroom, sender: Sender, saves: bool, step: str) -> None:
    # The system takes a short mail whole at once, so that it would be no kill in its middle.
    text = ("words " * 12 + "\n") * (80_000 if step == "body" else 1)
    one = room.draft(approved=True, body=text)
    message_id = room.get(one).message_id
    with sender(room) as process:
        reached = threading.Event()

        def at(now: str) -> None:
            if now == step and not reached.is_set():
                kill(process)
                reached.set()

        room.smtp.on_step = at
        wait_for(reached.is_set, room)
    room.smtp.on_step = lambda _step: None
    before = room.state(one)
    with sender(room):
        wait_for(lambda: room.state(one) in AT_REST, room)
        if room.state(one) is DraftState.SENT:
            wait_for(lambda: room.get(one).filed, room)
    went = room.smtp.counts().get(message_id, 0)
    if step in ("connect", "EHLO", "AUTH"):
        assert before is DraftState.APPROVED  # nothing was said of it yet
        assert (room.state(one), went) == (DraftState.SENT, 1)
    elif step in ("MAIL", "RCPT", "DATA", "body"):
        assert before is DraftState.SENDING
        assert (room.state(one), went) == (DraftState.UNKNOWN, 0)
    else:
        assert went == 1
        told = saves or before is DraftState.SENT
        assert room.state(one) is (DraftState.SENT if told else DraftState.UNKNOWN)
    assert room.sent_ids() == [message_id] * (room.state(one) is DraftState.SENT)
    assert room.lying("Drafts") == {}


@pytest.mark.parametrize("round_", range(3))
def test_killed_while_it_files_the_mail_lies_in_sent_once(room: Mailroom, sender: Sender, round_: int) -> None:
    one = room.draft(approved=True)
    with sender(room) as process:
        wait_for(lambda: room.state(one) is DraftState.SENT, room)
        time.sleep(round_ * 0.008)
        kill(process)
    with sender(room):
        wait_for(lambda: room.get(one).filed, room)
    assert room.smtp.counts() == {room.get(one).message_id: 1}
    assert room.sent_ids() == [room.get(one).message_id]


def _killed_after(room: Mailroom, process: Forked, steps: int, seconds: float) -> threading.Event:
    """Kills the process after so many steps of conversations with the outgoing server, or so many seconds of its life."""
    dead, left = threading.Event(), [steps]

    def at(_step: str) -> None:
        left[0] -= 1
        if left[0] <= 0 and not dead.is_set():
            kill(process)
            dead.set()

    def watch() -> None:
        process.stdout.readline()
        if not dead.wait(seconds):
            kill(process)
            dead.set()

    room.smtp.on_step = at
    threading.Thread(target=watch, daemon=True).start()
    return dead


def test_killed_again_and_again_among_failing_answers_every_mail_goes_once_or_is_shown(
    room: Mailroom, sender: Sender, saves: bool
) -> None:
    seed = int(os.environ.get("TEST_SEED", "0")) or random.SystemRandom().randrange(1, 1_000_000)
    print(f"TEST_SEED={seed}")
    chance = random.Random(seed)  # noqa: S311  nothing is guarded by it
    answers = [None] * 12 + ["451 later", "550 never", TAKE_AND_DROP, "\0drop"]
    room.smtp.script["end"] = lambda _line: chance.choice(answers)
    room.smtp.script["RCPT"] = lambda _line: chance.choice([None] * 19 + ["450 later"])
    drafts = [room.draft(approved=chance.random() < 0.8) for _ in range(25)]
    for _ in range(KILLS):
        with sender(room) as process:
            dead = _killed_after(room, process, chance.randrange(1, 30), chance.uniform(0.5, 2.0))
            dead.wait()
        for one in drafts:
            if room.state(one) is DraftState.OPEN and chance.random() < 0.2:
                room.approve(one)
    for one in drafts:
        if room.state(one) is DraftState.OPEN:
            room.approve(one)
    room.smtp.on_step = lambda _step: None
    with sender(room):
        wait_for(
            lambda: all(
                room.get(one).state in AT_REST and (room.get(one).filed or room.state(one) is not DraftState.SENT)
                for one in drafts
            ),
            room,
        )
        wait_for(lambda: room.lying("Drafts") == {}, room)
    counts, filed = room.smtp.counts(), room.sent_ids()
    assert max(counts.values(), default=0) <= 1
    assert len(filed) == len(set(filed))
    states = [room.state(one) for one in drafts]
    print({state.value: states.count(state) for state in AT_REST})
    for one in drafts:
        draft = room.get(one)
        went = counts.get(draft.message_id, 0)
        if draft.state is DraftState.SENT:
            assert went == 1
            assert draft.message_id in filed
        elif draft.state is DraftState.FAILED:
            assert went == 0
        else:
            assert draft.message_id not in filed
    assert states.count(DraftState.SENT) >= 5
