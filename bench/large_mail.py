"""One mail of 100 MB: it is logged like any other, and its attachment never comes into memory.

The figure is the peak of all processes while a mailbox with this one mail is read for the first time.
"""

from __future__ import annotations

import base64
import random

from bench.stage import PASSWORD, Stage
from bench.table import Line

_USER = "large@brightvalve.example"
_SIZE = 100_000_000


def lines(stage: Stage, rounds: int) -> list[Line]:
    """Memory of one large mail."""
    del rounds  # memory is the same each time
    stage.dovecot.add_user(_USER, PASSWORD)
    stage.dovecot.deliver(_USER, _mail(stage.a_customer()))
    home = stage.new_home(_USER)
    stage.import_customers(home)
    run = stage.inboxcrm(home, "sync", "--once", user=_USER)
    return [
        Line("memory for one mail of 100 MB, all processes", f"{run.megabytes:.0f} MB", "–", run.megabytes, 200, "MB")
    ]


def _mail(sender: str) -> bytes:
    attached = base64.encodebytes(random.Random(7).randbytes(_SIZE * 3 // 4))
    head = (
        f"From: {sender}\r\nTo: {_USER}\r\nSubject: Drawings\r\nDate: Tue, 03 Mar 2026 09:00:00 +0100\r\n"
        "Message-ID: <large@bench.example>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=edge\r\n\r\n"
        "--edge\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nPlease quote as per the drawings.\r\n"
        "--edge\r\nContent-Type: application/zip\r\nContent-Transfer-Encoding: base64\r\n"
        'Content-Disposition: attachment; filename="drawings.zip"\r\n\r\n'
    )
    return head.encode() + attached.replace(b"\n", b"\r\n") + b"--edge--\r\n"
