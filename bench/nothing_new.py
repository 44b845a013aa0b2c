"""One pass over a mailbox that has nothing new, against a bare imapclient that logs in and asks both folders for their STATUS.

Both are processes of their own, started anew each time: that is what a person waits for who types the command.
"""

from __future__ import annotations

import sys
from statistics import median

from bench.processes import measured
from bench.stage import PASSWORD, USER, Stage
from bench.table import Line

_BARE = """
from imapclient import IMAPClient
client = IMAPClient({host!r}, {port}, ssl=False)
client.plain_login({user!r}, {password!r})
for folder in ("INBOX", "Sent"):
    client.folder_status(folder, ["UIDNEXT", "UIDVALIDITY", "HIGHESTMODSEQ"])
client.logout()
"""


def lines(stage: Stage, rounds: int) -> list[Line]:
    """Time of one pass with nothing new."""
    home = stage.new_home()
    stage.import_customers(home)
    stage.inboxcrm(home, "sync", "--once")
    server = stage.dovecot
    bare = _BARE.format(host=server.host, port=server.port, user=USER, password=PASSWORD)
    ours: list[float] = []
    peer: list[float] = []
    for _ in range(max(rounds, 5)):
        ours.append(stage.inboxcrm(home, "sync", "--once").seconds)
        peer.append(measured([sys.executable, "-c", bare]).seconds)
    ratio = median(mine / other for mine, other in zip(ours, peer, strict=True))
    return [
        Line(
            "a pass with nothing new, against bare imapclient",
            f"{median(ours):.2f} s",
            f"{median(peer):.2f} s",
            ratio,
            None,
        )
    ]
