"""Waiting for what services and servers do by themselves."""

from __future__ import annotations

import time
from collections.abc import Callable

PATIENCE = 60.0
"""Seconds; only a failing test takes so long."""


def eventually(true: Callable[[], object]) -> None:
    """Waits until it is true; fails after a minute."""
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.05)
