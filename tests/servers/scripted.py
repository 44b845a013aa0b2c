"""A scripted IMAP server for tests: it says what a test tells it to say, however wrong, and keeps what it was told.

Real servers behave too well to show how inboxcrm meets refusals, noise and sudden ends.
"""

from __future__ import annotations

import contextlib
import re
import socket
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

from inboxcrm.settings import Account, Server

Reply = str | bytes | Callable[["Session", str], "str | bytes | None"]
"""What is sent for a command. `{tag}` becomes the tag. A function gets the session and the command line; None:
nothing is sent.
"""

HANG_UP = "\0hang up\0"
"""As a reply: close the connection without a word."""

USUAL: dict[str, Reply] = {
    "CAPABILITY": "* CAPABILITY IMAP4rev1 IDLE ID UIDPLUS\r\n{tag} OK done\r\n",
    "LOGIN": "{tag} OK logged in\r\n",
    "ID": '* ID ("name" "scripted")\r\n{tag} OK done\r\n',
    "LIST": '* LIST () "/" INBOX\r\n* LIST (\\Sent) "/" Sent\r\n{tag} OK done\r\n',
    "EXAMINE": "* 3 EXISTS\r\n* OK [UIDVALIDITY 7] ok\r\n* OK [UIDNEXT 4] ok\r\n{tag} OK [READ-ONLY] done\r\n",
    "IDLE": "+ idling\r\n",
    "DONE": "{tag} OK done\r\n",
    "NOOP": "{tag} OK done\r\n",
    "LOGOUT": "* BYE bye\r\n{tag} OK done\r\n",
}


class Session:
    """One connection to the scripted server."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self.tag = ""

    def send(self, data: str | bytes) -> None:
        """Sends at once."""
        self._connection.sendall(data.encode("utf-8") if isinstance(data, str) else data)


class ScriptedServer:
    """Answers each command with the first reply whose key begins it ("UID FETCH 3" before "UID FETCH"); the usual
    ones where the script says nothing. A list of replies is used up one by one, the last stays. `lines` holds every
    line received, `sessions` the connections.
    """

    def __init__(
        self, script: dict[str, Reply | list[Reply]] | None = None, *, greeting: str = "* OK hello\r\n"
    ) -> None:
        self.script: dict[str, Reply | list[Reply]] = {**USUAL, **(script or {})}
        self.greeting = greeting
        self.lines: list[str] = []
        self.sessions: list[Session] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._closing = False
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing = True
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def account(self, **changes: object) -> Account:
        """The settings of an account at this server."""
        values: dict[str, object] = {
            "address": "lina@scripted.example",
            "imap": Server(host="127.0.0.1", port=self.port, security="none"),
        }
        return Account.model_validate({**values, **changes})

    def commands(self) -> list[str]:
        """The commands received, without their tags, in upper case up to the first space after the name."""
        return [line.partition(" ")[2] for line in self.lines]

    def _accept(self) -> None:
        while not self._closing:
            try:
                connection, _address = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        session = Session(connection)
        self.sessions.append(session)
        try:
            if self.greeting == HANG_UP:
                return
            session.send(self.greeting)
            with connection.makefile("rb") as source:
                for raw in source:
                    line = raw.decode("utf-8", "replace").rstrip("\r\n")
                    self.lines.append(line)
                    if not self._reply(session, line):
                        return
        except OSError:
            return
        finally:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()

    def _reply(self, session: Session, line: str) -> bool:
        """Answers one line; False when the connection is to be closed."""
        if re.fullmatch(r"[A-Za-z]+\d+ .*", line):
            session.tag, _, command = line.partition(" ")
        else:
            command = line  # DONE, or the continuation of an AUTHENTICATE
        keys = [key for key in self.script if command.upper().startswith(key.upper())]
        if not keys:
            session.send(f"{session.tag} BAD unknown command\r\n")
            return True
        key = max(keys, key=len)
        entry = self.script[key]
        reply = (entry.pop(0) if len(entry) > 1 else entry[0]) if isinstance(entry, list) else entry
        if callable(reply):
            reply = reply(session, command)
        if reply == HANG_UP:
            return False
        if reply is not None:
            tag = session.tag
            session.send(
                reply.replace("{tag}", tag) if isinstance(reply, str) else reply.replace(b"{tag}", tag.encode())
            )
        return not command.upper().startswith("LOGOUT")
