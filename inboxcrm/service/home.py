"""One service to one home folder: a lock that the system releases by itself when its holder ends, however it ends."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from inboxcrm.errors import InboxcrmError
from inboxcrm.i18n import _

_NAME = "inboxcrm.lock"


class HomeInUseError(InboxcrmError):
    """Another process of inboxcrm reads mail into this home folder."""


@contextmanager
def held(home: Path) -> Iterator[None]:
    """Holds the home folder, which must exist, for this process inside the block.

    Raises HomeInUseError when another process holds it.
    """
    with (home / _NAME).open("a+", encoding="ascii") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            file.seek(0)
            msg = _(
                "inboxcrm already runs on {home} (process {process}) and reads its mailboxes by itself. "
                "Stop that one first, or look at its health page."
            ).format(home=home, process=file.read().strip() or "?")
            raise HomeInUseError(msg) from error
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        yield


def holder(home: Path) -> int | None:
    """The process that holds the home folder; None when nobody does."""
    try:
        file = (home / _NAME).open("r", encoding="ascii")
    except FileNotFoundError:
        return None
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return int(file.read().strip() or 0)
    return None
