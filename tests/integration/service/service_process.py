"""`inboxcrm run --no-web` as a process that a fork server begins (`tests.servers.fork_server`) and a test kills.

What takes seconds of every other start, and touches neither mailbox nor database, was done before: imports and rule files.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from unittest import mock

from inboxcrm import cli
from inboxcrm.judging import look_of
from inboxcrm.reading import read
from inboxcrm.service import daemon
from inboxcrm.service.reader import ReadingPool
from inboxcrm.settings import Settings, load

MAIL = b"Subject: Order\r\n\r\nWe would like to order your products. Thank you for the quotation.\r\n"


def warm_up() -> None:
    """Loads all that the service and its reading process need."""
    cli.loaded("run")
    look_of(Settings(home=Path("/nowhere")))(read(MAIL, received_at=datetime.now(UTC), outgoing=False), None)


def main() -> None:
    """Runs the command on the home folder that the environment names."""
    settings = load(Path(os.environ["INBOXCRM_HOME"]))
    pool = ReadingPool(settings.sync.readers, look=look_of(settings))
    # The reading process is a warm one, too. It is forked while there is neither a thread nor a lock that it would inherit.
    fork = multiprocessing.get_context("fork")
    with mock.patch.object(multiprocessing, "get_context", return_value=fork):
        pool.warm_up()
    sys.argv = ["inboxcrm", "run", "--no-web"]
    with mock.patch.object(daemon, "ReadingPool", return_value=pool):
        cli.main()
