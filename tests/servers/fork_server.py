"""Processes that are killed and started again many times: forked from one parent that has imported everything and is warm.

Each has a life and a memory of its own, and dies of SIGKILL like any other; only its start is cheap. The parent has no lock, no
database and no connection that they could inherit, and a single thread.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import IO, Any

_PROJECT = Path(__file__).resolve().parents[2]
_MESSAGE = 1 << 16


class Forked:
    """One process, killed at the end of its block at the latest; `stdout` is what it says. Any thread may call any method."""

    def __init__(self, server: ForkServer, pid: int, stdout: IO[str]) -> None:
        self.pid = pid
        self.stdout = stdout
        self._server = server
        # The server reaps it only when told to, so that the number is still its own.
        self._handle = os.pidfd_open(pid)
        self._lock = threading.Lock()
        self._code: int | None = None

    def __enter__(self) -> Forked:
        return self

    def __exit__(self, *_error: object) -> None:
        self.kill()
        self.wait()
        self.stdout.close()
        os.close(self._handle)

    def poll(self) -> int | None:
        """What it ended with, -9 after SIGKILL; None while it lives."""
        return self._ended(0)

    def wait(self) -> int:
        """What it ended with; waits for that."""
        code = self._ended(None)
        assert code is not None
        return code

    def kill(self) -> None:
        """Sends SIGKILL, unless it has ended."""
        with self._lock, contextlib.suppress(ProcessLookupError):
            if self._code is None:
                signal.pidfd_send_signal(self._handle, signal.SIGKILL)

    def _ended(self, seconds: float | None) -> int | None:
        if self._code is None:
            gone = select.poll()
            gone.register(self._handle, select.POLLIN)
            if gone.poll(seconds):
                with self._lock:
                    if self._code is None:
                        self._code = self._server.reap(self.pid)
        return self._code


class ForkServer:
    """The parent of such processes: a process of its own, with the variables `environment` from its beginning.

    `module` names what they do: its `warm_up()` is called once, in the parent; its `main(*arguments)` in each of them.
    """

    def __init__(self, module: str, environment: Mapping[str, str] | None = None) -> None:
        self._ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._lock = threading.Lock()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.servers.fork_server", str(theirs.fileno()), module],
                cwd=_PROJECT,
                env={**os.environ, **(environment or {})},
                pass_fds=(theirs.fileno(),),
            )

    def start(self, *arguments: str, environment: Mapping[str, str], stderr: IO[Any]) -> Forked:
        """A new process with exactly these variables in its environment."""
        reader, writer = os.pipe()
        asked = {"arguments": arguments, "environment": dict(environment)}
        try:
            pid = self._ask(asked, [writer, stderr.fileno()])
        finally:
            os.close(writer)
        return Forked(self, pid, os.fdopen(reader, encoding="utf-8"))

    def reap(self, pid: int) -> int:
        """What a process has ended with."""
        return self._ask({"reap": pid}, [])

    def close(self) -> None:
        """Ends the parent; the processes must have ended."""
        self._ours.close()
        self._process.wait()

    def _ask(self, asked: Mapping[str, Any], files: list[int]) -> int:
        with self._lock:
            socket.send_fds(self._ours, [json.dumps(asked).encode()], files)
            answer = self._ours.recv(_MESSAGE)
        if not answer:
            msg = f"the fork server has ended with {self._process.wait()}"
            raise RuntimeError(msg)
        return int(answer)


@contextmanager
def serving(module: str, environment: Mapping[str, str] | None = None) -> Iterator[ForkServer]:
    """A fork server for the length of a block."""
    server = ForkServer(module, environment)
    try:
        yield server
    finally:
        server.close()


# What runs in the parent, and in what it forks.


def _serve(channel: socket.socket, module: ModuleType) -> None:
    module.warm_up()
    assert threading.active_count() == 1, "to fork among threads is to copy locks that nobody opens any more"
    gc.collect()
    gc.freeze()  # what all have in common stays in common
    while True:
        message, files, _, _ = socket.recv_fds(channel, _MESSAGE, 2)
        if not message:
            return
        asked = json.loads(message)
        if "reap" in asked:
            _, status = os.waitpid(asked["reap"], 0)
            channel.send(b"%d" % os.waitstatus_to_exitcode(status))
            continue
        pid = os.fork()
        if pid == 0:
            channel.close()
            os._exit(_live(module, asked["arguments"], asked["environment"], files))
        for file in files:
            os.close(file)
        channel.send(b"%d" % pid)


def _live(module: ModuleType, arguments: list[str], environment: dict[str, str], files: list[int]) -> int:
    for file, place in zip(files, (1, 2), strict=True):
        os.dup2(file, place)
        os.close(file)
    os.environ.clear()
    os.environ.update(environment)
    try:
        module.main(*arguments)
    except SystemExit as end:
        return int(end.code or 0)
    except BaseException:  # noqa: BLE001  as the interpreter does with what nobody has caught
        traceback.print_exc()
        return 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
    return 0


if __name__ == "__main__":
    with socket.socket(fileno=int(sys.argv[1])) as _channel:
        _serve(_channel, importlib.import_module(sys.argv[2]))
