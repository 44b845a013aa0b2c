"""kill -9 at random moments of an issue: counted at the outgoing server, everybody gets it once; what can't be told is shown, at most
one mail for each kill and connection.

By default with few recipients; TEST_RECIPIENTS and TEST_KILLS make it as large as one likes, TEST_SEED repeats a run.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from sqlalchemy import func, select

from inboxcrm.model import IssueState, Recipient, RecipientState
from inboxcrm.model.database import looking
from tests.integration.newsletter.mailing_room import MailingRoom, opened
from tests.servers.dovecot import Dovecot
from tests.servers.smtp import DROP, TAKE_AND_DROP

PROCESS = Path(__file__).parents[1] / "followup" / "sender_process.py"
RECIPIENTS = int(os.environ.get("TEST_RECIPIENTS", "300"))
KILLS = int(os.environ.get("TEST_KILLS", "8"))


def _settings(room: MailingRoom, *, connections: int, file_in_sent: bool) -> None:
    account = room.desk.account
    assert account.smtp is not None
    (room.home / "inboxcrm.toml").write_text(
        f"""
[sync]
timeout_seconds = 5
[sending]
settle_seconds = 1
first_retry_seconds = 1
longest_retry_seconds = 1
attempts = 100
answer_seconds = 5
put_in_drafts = false
account_per_minute = 1000
domain_per_minute = 1000
[newsletter]
company = "Bright Valve"
postal_address = "8 Yongjiang Road"
per_hour = 0
per_day = 0
per_domain_per_hour = 0
connections = {connections}
file_in_sent = {str(file_in_sent).lower()}
[[accounts]]
address = "{account.address}"
secret = "{account.secret}"
saves_sent_mail = false
imap = {{host = "{account.imap.host}", port = {account.imap.port}, security = "none"}}
smtp = {{host = "{account.smtp.host}", port = {account.smtp.port}, security = "none"}}
""",
        encoding="utf-8",
    )


class _Sender:
    """The senders in a process of their own, killed at the end of the block at the latest."""

    def __init__(self, room: MailingRoom) -> None:
        self._log = (room.home / "sender.log").open("a")
        self._process = subprocess.Popen(
            [sys.executable, str(PROCESS), str(room.home)],
            env={**os.environ, "PYTHONPATH": str(PROCESS.parents[3])},
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
        )

    def __enter__(self) -> _Sender:
        return self

    def __exit__(self, *_error: object) -> None:
        self.kill()
        self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()
        self._log.close()

    def wait_until_it_runs(self) -> None:
        assert self._process.stdout is not None
        self._process.stdout.readline()

    def kill(self) -> None:
        self._process.send_signal(signal.SIGKILL)


def _at_rest(room: MailingRoom, issue: int) -> bool:
    with looking(room.engine) as session:
        moving = select(func.count()).where(
            Recipient.issue_id == issue, Recipient.state.in_((RecipientState.QUEUED, RecipientState.SENDING))
        )
        return session.scalar(moving) == 0 and room.get(issue).state is IssueState.DONE


def _wait_for_rest(room: MailingRoom, issue: int) -> None:
    deadline = time.monotonic() + 60 + RECIPIENTS / 20
    while not _at_rest(room, issue):
        assert time.monotonic() < deadline, (room.home / "sender.log").read_text()[-4000:]
        time.sleep(0.2)


@pytest.mark.parametrize(("connections", "file_in_sent"), [(1, True), (1, False), (4, False)])
def test_killed_again_and_again_everybody_gets_it_once(
    dovecot: Dovecot, user: str, tmp_path: Path, connections: int, file_in_sent: bool
) -> None:
    seed = int(os.environ.get("TEST_SEED", "0")) or random.SystemRandom().randrange(1, 1_000_000)
    chance = random.Random(seed)  # noqa: S311  nothing is guarded by it
    with opened(dovecot, user, tmp_path / "home") as room:
        _settings(room, connections=connections, file_in_sent=file_in_sent)
        room.many_customers(RECIPIENTS)
        issue = room.issue()
        kills = 0
        left = threading.Event()
        steps = [0]

        def at(_step: str) -> None:
            steps[0] -= 1
            if steps[0] == 0:
                left.set()

        room.smtp.on_step = at
        for _ in range(KILLS):
            # Steps of the conversation with the server: five for a mail.
            steps[0] = chance.randrange(1, max(2, 10 * RECIPIENTS // max(1, KILLS)))
            left.clear()
            with _Sender(room) as sender:
                sender.wait_until_it_runs()
                left.wait(20)
                time.sleep(chance.random() * 0.01)
                sender.kill()
                kills += 1
        with _Sender(room):
            _wait_for_rest(room, issue)
        counts, rows = room.smtp.counts(), room.recipients(issue)
        states = room.states(issue)
        print(f"TEST_SEED={seed}", dict(states), f"mails at the server: {len(room.smtp.taken)}, kills: {kills}")
        assert max(counts.values()) == 1
        for row in rows.values():
            went = counts.get(row.message_id, 0)
            assert went == 1 if row.state is RecipientState.SENT else row.state is RecipientState.UNKNOWN
        assert states[RecipientState.SENT] + states[RecipientState.UNKNOWN] == RECIPIENTS
        assert states[RecipientState.UNKNOWN] <= kills * connections


def test_a_server_that_refuses_greylists_limits_and_drops_sends_nobody_a_second_mail(
    dovecot: Dovecot, user: str, tmp_path: Path
) -> None:
    chance = random.Random(7)  # noqa: S311
    number = 60
    with opened(dovecot, user, tmp_path / "home", sending={"attempts": 50}) as room:
        room.many_customers(number)
        issue = room.issue()
        at_rcpt = [None] * 30 + [
            "450 4.7.1 Greylisted",
            "550 5.1.1 no such user",
            DROP,
            "421 4.7.0 Too many connections",
        ]
        at_end = [None] * 30 + ["451 4.3.0 later", "550 5.4.5 Daily limit exceeded", TAKE_AND_DROP, DROP]
        room.smtp.script["RCPT"] = lambda _line: chance.choice(at_rcpt)
        room.smtp.script["end"] = lambda _line: chance.choice(at_end)
        for _ in range(200):
            room.work(rounds=200)
            if room.get(issue).state is IssueState.DONE:
                break
            room.later(hours=3)
        states, counts = room.states(issue), room.smtp.counts()
        assert room.get(issue).state is IssueState.DONE
        assert max(counts.values()) == 1
        assert states.total() == number
        assert set(states) <= {RecipientState.SENT, RecipientState.REFUSED, RecipientState.UNKNOWN}
        for row in room.recipients(issue).values():
            went = counts.get(row.message_id, 0)
            assert (row.state, went) in {
                (RecipientState.SENT, 1),
                (RecipientState.REFUSED, 0),
                (RecipientState.UNKNOWN, 0),
                (RecipientState.UNKNOWN, 1),
            }
