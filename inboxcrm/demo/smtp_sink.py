"""The demo's outgoing server: takes every mail that is handed to it, on this machine only, and sends it nowhere."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

_LOCAL = "127.0.0.1"


class SmtpSink:
    """An SMTP server in the running event loop. What it takes lies in `folder` as numbered files."""

    def __init__(self, folder: Path, user: str, password: str) -> None:
        self._folder = folder
        self._login = LoginPassword(user.encode(), password.encode())
        self.on_mail: Callable[[bytes], None] = lambda _data: None
        """Told each mail that was taken, in the thread of the server; it must not take long."""
        self._server: asyncio.Server | None = None

    async def start(self, port: int = 0) -> int:
        """Begins to listen. Returns the port; 0 takes a free one.

        Raises OSError when it can't listen there.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        self._server = await asyncio.get_running_loop().create_server(self._conversation, _LOCAL, port)
        return int(self._server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        """Stops listening."""
        if self._server is not None:
            self._server.close()

    def _conversation(self) -> SMTP:
        return SMTP(self, hostname="localhost", authenticator=self._authenticate, auth_require_tls=False)

    def _authenticate(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, given: object
    ) -> AuthResult:
        return AuthResult(success=given == self._login, handled=False)

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802  aiosmtpd calls it so
        """Keeps a mail."""
        number = sum(1 for _ in self._folder.glob("*.eml")) + 1
        content = envelope.content or b""
        data = content.encode() if isinstance(content, str) else content
        (self._folder / f"{number:05d}.eml").write_bytes(data)
        self.on_mail(data)
        return "250 OK"
