"""kill -9 at random moments while mail arrives: afterwards the log equals the truth, each mail once, and nothing is left running."""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import select, text

from inboxcrm import model
from inboxcrm.model.database import looking
from tests.integration.service.installation import SENDERS, STRANGER, Installation, Truth, mail
from tests.servers.dovecot import Dovecot
from tests.servers.fork_server import Forked, ForkServer, serving

KILLS = int(os.environ.get("TEST_KILLS", "50"))
COMMAND = [sys.executable, "-m", "inboxcrm"]
MARK = "TEST_KILLED_SERVICE"
"""A variable in the environment of the killed services, by which what they left running is found."""


class Postman(threading.Thread):
    """Delivers mails at random moments to random folders: some to two folders or two people, some of strangers, some of ours."""

    def __init__(self, dovecot: Dovecot, users: tuple[str, str], truth: Truth, chance: random.Random) -> None:
        super().__init__(daemon=True)
        self._dovecot, self._users, self._truth, self._chance = dovecot, users, truth, chance
        self._number = 0
        self._end = threading.Event()

    def deliver(self, count: int) -> None:
        """Delivers some mails at once."""
        for _ in range(count):
            self._deliver_one()

    def run(self) -> None:
        """Delivers until told to end."""
        while not self._end.wait(self._chance.expovariate(30.0)):
            self._deliver_one()

    def end(self) -> None:
        """Delivers no more."""
        self._end.set()
        self.join()

    def _deliver_one(self) -> None:
        number, self._number = self._number, self._number + 1
        user, colleague = self._chance.sample(self._users, 2)
        other = self._chance.choice((*SENDERS, *SENDERS, STRANGER))
        kind = self._chance.random()
        if kind < 0.3:
            self._dovecot.deliver(user, mail(number, user, other), "Sent")
        elif kind < 0.45:
            raw = mail(number, other, f"{user}, {colleague}")
            self._dovecot.deliver(user, raw)
            self._dovecot.deliver(colleague, raw)
        elif kind < 0.55:
            # We wrote to ourselves too: it lies in Sent and in INBOX.
            raw = mail(number, user, f"{other}, {user}")
            self._dovecot.deliver(user, raw, "Sent")
            self._dovecot.deliver(user, raw)
        else:
            self._dovecot.deliver(user, mail(number, other, user))
        self._truth.add(number, other)


@contextmanager
def service(place: Installation, parent: ForkServer) -> Iterator[Forked]:
    """`inboxcrm run --no-web` in a process of its own; killed at the end of the block."""
    with (
        (place.home / "service.log").open("a") as log,
        parent.start(environment=place.environment(), stderr=log) as process,
    ):
        yield process


def takes_mail(place: Installation, process: Forked) -> bool:
    """Waits until the service has taken mail; False when it ended before."""
    with sqlite3.connect(place.home / "inboxcrm.db", timeout=30) as database:
        (before,) = database.execute("SELECT count(*) FROM message").fetchone()
        deadline = time.monotonic() + 30
        while process.poll() is None and time.monotonic() < deadline:
            if database.execute("SELECT count(*) FROM message").fetchone()[0] > before:
                return True
            time.sleep(0.01)
    return False


def left_running(place: Installation) -> list[int]:
    """Processes that a killed service has left behind."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if f"{MARK}={place.home}".encode() in (entry / "environ").read_bytes().split(b"\0"):
                found.append(int(entry.name))
        except OSError:
            continue
    return found


@pytest.mark.xdist_group("killed_service")
def test_killed_again_and_again_it_logs_every_mail_once(dovecot: Dovecot, user: str, tmp_path: Path) -> None:
    seed = int(os.environ.get("TEST_SEED", "0")) or random.SystemRandom().randrange(1, 1_000_000)
    print(f"TEST_SEED={seed}")
    chance = random.Random(seed)  # noqa: S311  nothing is guarded by it
    truth = Truth()
    users = (user, user.replace("lina", "wang"))
    postman = Postman(dovecot, users, truth, chance)
    for one in users:
        dovecot.add_user(one)
    postman.deliver(400)
    place = Installation(tmp_path / "home", tuple(dovecot.settings_for(one) for one in users))
    place.write_settings()

    postman.start()
    alive = 0
    with serving("tests.integration.service.service_process", {MARK: str(place.home)}) as parent:
        for _ in range(KILLS):
            with service(place, parent) as process:
                if chance.random() < 0.75:
                    alive += takes_mail(place, process)
                    time.sleep(chance.uniform(0.0, 0.3))
                else:
                    time.sleep(chance.uniform(0.0, 2.0))
                process.kill()
                assert process.wait() == -signal.SIGKILL, (place.home / "service.log").read_text()
    postman.end()
    assert alive >= KILLS // 2, (place.home / "service.log").read_text()

    before_the_end = len(place.messages())
    done = subprocess.run(
        [*COMMAND, "sync", "--once", "--json"], env=place.environment(), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["ok"]

    print(f"{len(truth.mails)} mails, {before_the_end} of them taken while the service was killed {KILLS} times")
    assert before_the_end > 100, "the service never lived long enough to take anything"
    assert place.messages() == sorted(truth.mails)
    assert place.log() == truth.log()
    for one in users:
        for folder in ("INBOX", "Sent"):
            assert place.locations()[(one, folder)] == dovecot.uids(one, folder)
    with looking(place.engine) as session:
        assert session.scalars(text("PRAGMA integrity_check")).all() == ["ok"]
        assert session.execute(text("PRAGMA foreign_key_check")).all() == []
        for row in session.scalars(select(model.Folder).where(model.Folder.watched)):
            assert (row.history_left, row.error) == (0, "")
        documents = session.scalars(select(model.SearchDocument.ref_id).where(model.SearchDocument.kind == "entry"))
        entries = session.scalars(select(model.LogEntry.id))
        assert sorted(documents) == sorted(entries)
    assert not left_running(place)
