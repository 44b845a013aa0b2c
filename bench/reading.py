"""How fast mails are understood, in one process: `read()` against bare mail-parser and against the standard library's parser.

The peers only take the mail apart; ours also finds new text, quotes, signature, language and what is automatic. So there is no limit to
keep here, only a figure to watch: it is what bounds the first import on a fast server.
"""

from __future__ import annotations

import email
import email.policy
import time
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import islice
from statistics import median

import mailparser  # type: ignore[import-untyped]  # it ships no types

from bench.stage import Stage
from bench.table import Line
from inboxcrm.reading import read

_MAILS = 2000
_RECEIVED = datetime(2026, 3, 3, tzinfo=UTC)


def lines(stage: Stage, rounds: int) -> list[Line]:
    """Time a mail, as a ratio to each peer."""
    paths = (stage.generated / "Maildir" / "cur").iterdir()
    mails = [path.read_bytes() for path in islice(paths, _MAILS)]
    readers: dict[str, Callable[[bytes], object]] = {
        "ours": lambda raw: read(raw, received_at=_RECEIVED),
        "mail-parser": mailparser.parse_from_bytes,
        "email (standard library)": lambda raw: email.message_from_bytes(raw, policy=email.policy.default),
    }
    taken: dict[str, list[float]] = {name: [] for name in readers}
    for number in range(rounds):
        for name in list(readers)[:: 1 if number % 2 == 0 else -1]:
            begin = time.perf_counter()
            for raw in mails:
                readers[name](raw)
            taken[name].append((time.perf_counter() - begin) / len(mails) * 1000)
    ours = median(taken["ours"])
    return [
        Line(f"reading a mail, against {name}", f"{ours:.2f} ms", f"{median(peer):.2f} ms", ours / median(peer), None)
        for name, peer in taken.items()
        if name != "ours"
    ]
