"""A clean stop when the system asks for one: Ctrl-C (SIGINT) and SIGTERM, once or many times in a row."""

from __future__ import annotations

import signal
import threading
from queue import SimpleQueue


def stop_on_signals() -> threading.Event:
    """An event that is set by SIGINT and SIGTERM from now on. Call it in the main thread.

    The handler only puts into a SimpleQueue, which may be done at any point of the program: an Event's own lock may not be taken
    twice, and a second Ctrl-C may interrupt the handler of the first.
    """
    stop = threading.Event()
    asked: SimpleQueue[int] = SimpleQueue()

    def wait() -> None:
        asked.get()
        stop.set()

    threading.Thread(target=wait, name="signals", daemon=True).start()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda number, _frame: asked.put(number))
    return stop
