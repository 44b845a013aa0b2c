"""The senders of a home folder alone in a process of their own, so that a test can kill it: `python sender_process.py HOME`, or begun
by a fork server (`tests.servers.fork_server`).
"""

from __future__ import annotations

import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

from inboxcrm.model.database import open_engine
from inboxcrm.service.events import Events
from inboxcrm.service.outgoing import Outgoing
from inboxcrm.service.taking import Store
from inboxcrm.settings import load


def warm_up() -> None:
    """Nothing more than what this module imports."""


def main(home: str) -> None:
    """Sends until killed."""
    settings = load(Path(home))
    outgoing = Outgoing(Store(open_engine(settings.database_url), Events(), lambda: datetime.now(UTC)))
    outgoing.employ(settings)
    print("runs", flush=True)
    threading.Event().wait()


if __name__ == "__main__":
    main(sys.argv[1])
