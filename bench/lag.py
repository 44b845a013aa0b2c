"""From delivery to log entry, against a bare IDLE client on the same folder.

Each mail is timed on both sides: the bare client when it hears of the mail, ours when another process can read the log entry in the
database. What is judged is what ours adds, at the 95th percentile.
"""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import threading
import time
from pathlib import Path
from statistics import quantiles

from bench.stage import USER, Stage, command, environment
from bench.table import Line

_MAILS = 60
_PATIENCE = 60.0


def lines(stage: Stage, rounds: int) -> list[Line]:
    """What ours adds to the bare client's lag, in milliseconds, at p50 and p95."""
    del rounds  # the mails are many enough
    home = stage.new_home()
    stage.import_customers(home)
    stage.inboxcrm(home, "sync", "--once")
    service = subprocess.Popen(
        [str(part) for part in [*command(home), "run"]],
        env={**os.environ, **environment(USER)},
        stdin=subprocess.DEVNULL,
        stdout=(home / "run.log").open("wb"),
        stderr=subprocess.STDOUT,
    )
    bare = _BareClient(stage)
    try:
        log = _Log(home / "inboxcrm.db")
        _deliver(stage, "warm-up")
        log.wait_for("warm-up", time.monotonic() + _PATIENCE)
        ours, peer = _race(stage, log, bare, _MAILS)
    finally:
        bare.stop()
        service.send_signal(signal.SIGTERM)
        service.wait(timeout=20)
    return [
        Line(
            f"lag to the log, {name}, beyond a bare IDLE client",
            f"{mine:.0f} ms",
            f"{other:.0f} ms",
            mine - other,
            limit,
            "ms",
        )
        for name, mine, other, limit in (
            ("p50", _percentile(ours, 50), _percentile(peer, 50), None),
            ("p95", _percentile(ours, 95), _percentile(peer, 95), 150),
        )
    ]


def _race(stage: Stage, log: _Log, bare: _BareClient, mails: int) -> tuple[list[float], list[float]]:
    chance = random.Random(7)
    ours: list[float] = []
    peer: list[float] = []
    for number in range(mails):
        time.sleep(chance.uniform(0.1, 1.2))  # at any moment of the server's own rhythm
        bare.heard.clear()
        begin = time.monotonic()
        _deliver(stage, f"race-{number}")
        ours.append((log.wait_for(f"race-{number}", begin + _PATIENCE) - begin) * 1000)
        bare.heard.wait(_PATIENCE)
        peer.append((bare.heard_at - begin) * 1000)
    return ours, peer


def _percentile(values: list[float], percent: int) -> float:
    return quantiles(values, n=100, method="inclusive")[percent - 1]


def _deliver(stage: Stage, name: str) -> None:
    raw = (
        f"From: {stage.a_customer()}\r\nTo: {USER}\r\nSubject: Ball valves\r\n"
        f"Date: {time.strftime('%a, %d %b %Y %H:%M:%S +0000', time.gmtime())}\r\nMessage-ID: <{name}@bench.example>\r\n"
        "Content-Type: text/plain; charset=utf-8\r\n\r\nPlease quote 500 pcs of DN25.\r\n\r\nBest regards\r\nAnna\r\n"
    )
    stage.dovecot.deliver(USER, raw.encode())


class _Log:
    """Looks at the log as any other program would."""

    def __init__(self, path: Path) -> None:
        self._database = sqlite3.connect(f"file:{path}?mode=ro", uri=True)

    def wait_for(self, name: str, until: float) -> float:
        """When the mail `<name@bench.example>` was first seen in the log (monotonic seconds). Raises TimeoutError."""
        query = "SELECT 1 FROM message JOIN log_entry ON log_entry.message_id = message.id WHERE message.message_id = ?"
        while not self._database.execute(query, (f"{name}@bench.example",)).fetchone():
            if time.monotonic() > until:
                msg = f"the mail {name} did not reach the log within {_PATIENCE:.0f} s"
                raise TimeoutError(msg)
            time.sleep(0.002)
        return time.monotonic()


class _BareClient:
    """An IDLE on INBOX and nothing else; `heard_at` is the moment of the last news."""

    def __init__(self, stage: Stage) -> None:
        self.heard = threading.Event()
        self.heard_at = 0.0
        self._client = stage.dovecot.client(USER)
        self._client.select_folder("INBOX", readonly=True)
        self._client.idle()
        self._end = False
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def _listen(self) -> None:
        while not self._end:
            if any(b"EXISTS" in answer for answer in self._client.idle_check(timeout=0.5)):
                self.heard_at = time.monotonic()
                self.heard.set()

    def stop(self) -> None:
        """Ends the connection."""
        self._end = True
        self._thread.join()
        self._client.idle_done()
        self._client.logout()
