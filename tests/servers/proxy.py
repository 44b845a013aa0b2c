"""A TCP proxy for tests: it stands before a real server and cuts, stalls or resets connections at chosen bytes."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from types import TracebackType
from typing import Self


class Proxy:
    """Listens on 127.0.0.1:`port` and passes everything on to a server.

    `cut_after(n)`: each connection that is open or comes later is closed when n more bytes have come from the server
    (the n-th byte still passes). `reset_after(n)`: the same with a TCP reset. `stall_after(n)`: nothing more passes
    in either direction, but the connection stays. `heal()`: connections that come later pass again. `cut()` closes
    all that are open now.
    """

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.host = "127.0.0.1"
        self.port: int = self._listener.getsockname()[1]
        self.connections = 0
        """Connections accepted so far."""
        self._fault: tuple[str, int] | None = None
        self._refusing = False
        self._lock = threading.Lock()
        self._pairs: list[_Pair] = []
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stops listening and cuts all connections."""
        self._refusing = True
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut()

    def cut_after(self, count: int) -> None:
        """See the class."""
        self._set("cut", count)

    def reset_after(self, count: int) -> None:
        """See the class."""
        self._set("reset", count)

    def stall_after(self, count: int) -> None:
        """See the class."""
        self._set("stall", count)

    def heal(self) -> None:
        """See the class."""
        with self._lock:
            self._fault, self._refusing = None, False

    def refuse(self) -> None:
        """Connections that come later are closed at once."""
        with self._lock:
            self._refusing = True

    def cut(self) -> None:
        """See the class."""
        with self._lock:
            pairs, self._pairs = self._pairs, []
        for pair in pairs:
            pair.close()

    def _set(self, kind: str, count: int) -> None:
        with self._lock:
            self._fault = (kind, count)
            for pair in self._pairs:
                pair.fault, pair.left = kind, count

    def _accept(self) -> None:
        while True:
            try:
                near, _address = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            if self._refusing:
                near.close()
                continue
            try:
                far = socket.create_connection(self._target, timeout=10)
            except OSError:
                near.close()
                continue
            far.settimeout(None)
            with self._lock:
                pair = _Pair(near, far)
                if self._fault:
                    pair.fault, pair.left = self._fault
                self._pairs.append(pair)
            pair.start()


class _Pair:
    def __init__(self, near: socket.socket, far: socket.socket) -> None:
        self.near, self.far = near, far
        self.fault, self.left = "", 0
        self._stalled = threading.Event()
        self._closed = threading.Event()

    def start(self) -> None:
        threading.Thread(target=self._to_server, daemon=True).start()
        threading.Thread(target=self._to_client, daemon=True).start()

    def close(self, *, reset: bool = False) -> None:
        self._closed.set()
        if reset:
            with contextlib.suppress(OSError):
                self.near.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.near.shutdown(socket.SHUT_RD)  # wakes the other thread, which holds the socket open
                self.near.close()
            self.far.close()
            return
        for one in (self.near, self.far):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def _to_server(self) -> None:
        try:
            while data := self.near.recv(65536):
                if self._stalled.is_set():
                    self._closed.wait()
                self.far.sendall(data)
        except OSError:
            pass
        self.close()

    def _to_client(self) -> None:
        try:
            while data := self.far.recv(65536):
                if self._stalled.is_set():
                    self._closed.wait()
                fault, passing = self.fault, data
                if fault:
                    passing = data[: self.left]
                    self.left -= len(passing)
                if passing:
                    self.near.sendall(passing)
                if fault and self.left <= 0:
                    if fault == "stall":
                        self._stalled.set()
                        self._closed.wait()
                    self.close(reset=fault == "reset")
                    return
        except OSError:
            pass
        self.close()
