"""A running `inboxcrm demo`, read line by line, with a home of the person of its own and a limit to its life."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import threading
from collections.abc import Sequence
from pathlib import Path

_LIFE_SECONDS = 180


class RunningDemo:
    """The process. `said` is what it printed so far; `end` must be called whatever happens."""

    def __init__(self, command: Sequence[str], *, home: Path) -> None:
        """`home` is the person's home folder, where the demo has no business."""
        kept = {key: value for key, value in os.environ.items() if key in {"PATH", "CI", "TMPDIR", "VIRTUAL_ENV"}}
        self.said = ""
        self.process = subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            cwd=home,
            env={**kept, "HOME": str(home), "LANG": "C.UTF-8", "PYTHONUNBUFFERED": "1"},
            start_new_session=True,
        )
        self._limit = threading.Timer(_LIFE_SECONDS, self.process.kill)
        self._limit.start()

    def until(self, pattern: str) -> re.Match[str]:
        """Reads on until a line has `pattern`; its match."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said += line
            if match := re.search(pattern, line):
                return match
        msg = f"the demo never said {pattern!r}, but:\n{self.said}"
        raise AssertionError(msg)

    def rest(self) -> str:
        """Reads to the end; all that was said."""
        assert self.process.stdout is not None
        self.said += self.process.stdout.read()
        return self.said

    def stop(self) -> int:
        """Ctrl-C, as a terminal sends it: to the whole group of processes; thrice, by somebody impatient. What the process ends
        with.
        """
        for _ in range(3):
            os.killpg(self.process.pid, signal.SIGINT)
        self.rest()
        return self.process.wait(_LIFE_SECONDS)

    def end(self) -> None:
        """Makes sure that nothing of it is left."""
        self._limit.cancel()
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()
