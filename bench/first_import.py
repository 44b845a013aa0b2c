"""The first import: customers and a whole mailbox, to a log that can be searched, against `mbsync` + `notmuch new`.

Both read the same mailbox from the same Dovecot, in turns, each time as if nobody had ever read it. Ours fetches, reads, matches, logs
and indexes; the peer fetches and indexes. What ours has logged must be what the generator says.
"""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path
from statistics import median

from bench.processes import Run, measured
from bench.stage import PASSWORD, USER, Stage
from bench.table import Line

_MBSYNC = """\
IMAPAccount far
Host {host}
Port {port}
User {user}
Pass {password}
SSLType None
AuthMechs LOGIN

IMAPStore far
Account far

MaildirStore near
Path {folder}/mail/
Inbox {folder}/mail/INBOX
SubFolders Verbatim

Channel all
Far :far:
Near :near:
Patterns INBOX Sent
Create Near
Sync Pull
SyncState *
"""

_NOTMUCH = """\
[database]
path={folder}/mail
[user]
name=Lina
primary_email={user}
[new]
ignore=.uidvalidity;.mbsyncstate
"""


def lines(stage: Stage, rounds: int) -> list[Line]:
    """Time and memory of the first import."""
    ours: list[Run] = []
    peer: list[float] = []
    for number in range(rounds):
        # In turns, and not always in the same order: what warms or tires the machine hits both.
        for side in ("ours", "peer") if number % 2 == 0 else ("peer", "ours"):
            stage.forget_indexes()
            if side == "ours":
                ours.append(_ours(stage))
            else:
                peer.append(_peer(stage))
    seconds = median(run.seconds for run in ours)
    memory = max(run.megabytes for run in ours)
    return [
        Line(
            f"first import of {stage.mails:,} mails, against mbsync + notmuch",
            f"{seconds:.1f} s",
            f"{median(peer):.1f} s",
            median(run.seconds / other for run, other in zip(ours, peer, strict=True)),
            0.8,
        ),
        Line("memory of the first import, all processes", f"{memory:.0f} MB", "–", memory, 300, "MB"),
    ]


def _ours(stage: Stage) -> Run:
    home = stage.new_home()
    customers = stage.import_customers(home)
    mails = stage.inboxcrm(home, "sync", "--once", "--log-only")
    with sqlite3.connect(home / "inboxcrm.db") as database:
        ((logged,),) = database.execute("SELECT count(*) FROM log_entry")
    if logged != stage.expected_log():
        msg = f"{logged} log entries, expected {stage.expected_log()}\n{mails.output}"
        raise RuntimeError(msg)
    return Run(customers.seconds + mails.seconds, max(customers.megabytes, mails.megabytes), mails.output)


def _peer(stage: Stage) -> float:
    folder = stage.folder / "peer"
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "mail").mkdir(parents=True)
    mbsync, notmuch = folder / "mbsyncrc", folder / "notmuch"
    mbsync.write_text(_filled(_MBSYNC, stage, folder), encoding="utf-8")
    notmuch.write_text(_filled(_NOTMUCH, stage, folder), encoding="utf-8")
    configured = {"NOTMUCH_CONFIG": str(notmuch)}
    seconds = measured(["mbsync", "-q", "-c", mbsync, "-a"]).seconds
    seconds += measured(["notmuch", "new", "--quiet"], configured).seconds
    if (found := int(measured(["notmuch", "count"], configured).output)) != stage.mails:
        msg = f"notmuch found {found} mails, expected {stage.mails}"
        raise RuntimeError(msg)
    return seconds


def _filled(text: str, stage: Stage, folder: Path) -> str:
    server = stage.dovecot
    return text.format(host=server.host, port=server.port, user=USER, password=PASSWORD, folder=folder)
