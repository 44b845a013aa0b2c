"""Runs a command and says how long it took and how much memory it and its children held at the most.

Memory is the sum of the proportional set sizes (PSS) from /proc, twenty times a second: a page that several processes share
counts once.
"""

from __future__ import annotations

import os
import re
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_EVERY = 0.05
_PSS = re.compile(r"^Pss:\s+(\d+) kB", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a command: `seconds` on the clock, `megabytes` at its peak (1 MB = 1,000,000 bytes), and what it printed."""

    seconds: float
    megabytes: float
    output: str


class MemoryWatch:
    """Watches a process and its descendants inside a `with` block; `megabytes` is the highest sum seen."""

    def __init__(self, process: int) -> None:
        self.megabytes = 0.0
        self._process = process
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> MemoryWatch:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._end.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._end.wait(_EVERY):
            self.megabytes = max(self.megabytes, sum(map(_held, family(self._process))) / 1e6)


def family(process: int) -> list[int]:
    """The process and all its descendants that are alive."""
    found = [process]
    for one in found:  # grows while it is walked
        for children in Path(f"/proc/{one}/task").glob("*/children"):
            try:
                found += map(int, children.read_text().split())
            except OSError:
                continue  # it ended while we looked
    return found


def _held(process: int) -> int:
    """Bytes that one process holds."""
    try:
        found = _PSS.search(Path(f"/proc/{process}/smaps_rollup").read_text())
    except OSError:
        return 0  # it ended while we looked
    return int(found[1]) * 1024 if found else 0


def measured(command: Sequence[str | Path], environment: Mapping[str, str] | None = None) -> Run:
    """Runs a command to its end. Raises RuntimeError with what it printed when it fails."""
    begin = time.perf_counter()
    process = subprocess.Popen(
        [str(part) for part in command],
        env={**os.environ, **(environment or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    with MemoryWatch(process.pid) as memory:
        output, _ = process.communicate()
    seconds = time.perf_counter() - begin
    if process.returncode:
        msg = f"{' '.join(map(str, command))} ended with {process.returncode}:\n{output}"
        raise RuntimeError(msg)
    return Run(seconds, memory.megabytes, output)
