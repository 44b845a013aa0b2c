"""The web server in a thread of the service: starts on a given or a free port, and ends when told. It knows nothing of the pages."""

from __future__ import annotations

import socket
import threading
from typing import Any

import uvicorn

from inboxcrm.errors import InboxcrmError
from inboxcrm.i18n import _


class PortTakenError(InboxcrmError):
    """The pages can't be served at the address of the settings."""


class PagesServer:
    """Serves one ASGI application. `start` returns when the port is open; `address` is where to point a browser."""

    def __init__(self, app: Any, host: str, port: int) -> None:
        """`port` 0 takes a free one. Raises PortTakenError when the address can't be had."""
        self._socket = _bound(host, port)
        shown = f"[{host}]" if ":" in host else host
        self.address = f"http://{shown}:{self._socket.getsockname()[1]}/"
        self._server = uvicorn.Server(
            uvicorn.Config(
                app,
                log_config=None,
                log_level="warning",
                access_log=False,
                lifespan="off",
                timeout_graceful_shutdown=2,
                server_header=False,
            )
        )
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [self._socket]}, name="pages", daemon=True
        )

    def start(self) -> None:
        """Begins to serve."""
        self._thread.start()

    def stop(self) -> None:
        """Ends the server; open pages get two seconds."""
        self._server.should_exit = True
        self._thread.join(4.0)
        self._socket.close()


def _bound(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        msg = _("The pages can't be served at {host}, port {port} ({reason}). Choose another port with --port.").format(
            host=host, port=port, reason=error.strerror
        )
        raise PortTakenError(msg) from error
    listener.listen(128)
    return listener
