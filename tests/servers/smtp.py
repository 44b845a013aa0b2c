"""A real SMTP server for tests, on a real socket: it takes mails, and fails on request at any step of the conversation.

What it has taken it is answerable for, whether or not it could say so: `taken` is what really went out.
"""

from __future__ import annotations

import base64
import contextlib
import os
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from types import TracebackType
from typing import Self

from inboxcrm.settings import Account, Server
from tests.servers.dovecot import PASSWORD, make_certificates, secret_name

DROP = "\0drop"
"""As a reply: close the connection without a word."""
HANG = "\0hang"
"""As a reply: say nothing and leave the connection open."""
TAKE_AND_DROP = "\0take and drop"
"""As the reply to the end of a mail: take it, and close the connection without a word."""
TAKE_AND_HANG = "\0take and hang"
"""As the reply to the end of a mail: take it, and say nothing."""

STEPS = ("connect", "EHLO", "AUTH", "MAIL", "RCPT", "DATA", "body", "end")
"""Where a script can answer: at the greeting, at a command, after the first bytes of a mail ("body": only DROP and HANG), and after
its end.
"""

Script = str | Callable[[str], "str | None"]
"""A reply, or what makes one from the line received; None: as usual."""


@dataclass(frozen=True, slots=True)
class Taken:
    """One mail that went out."""

    sender: str
    recipients: tuple[str, ...]
    data: bytes
    options: str
    user: str
    secured: bool
    connection: int

    @property
    def mail(self) -> EmailMessage:
        """The mail, parsed."""
        mail = message_from_bytes(self.data, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        return mail

    @property
    def message_id(self) -> str:
        """Its Message-ID, without brackets."""
        return str(self.mail["Message-ID"]).strip("<>")


@dataclass
class SmtpServer:
    """Answers as usual where `script` (by step) says nothing. A list is used up reply by reply; then it is as usual again.

    `tls`: "" for none, "starttls", or "tls" from the first byte on; with a certificate of its own in `folder`
    (`ca_file`; point SSL_CERT_FILE to it).
    """

    folder: Path | None = None
    tls: str = ""
    extensions: Sequence[str] = ("SIZE 20000000", "8BITMIME", "SMTPUTF8")
    mechanisms: str = "PLAIN LOGIN"
    password: str = PASSWORD
    script: dict[str, Script | list[Script]] = field(default_factory=dict)
    taken: list[Taken] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    """Every line received, without mails."""
    connections: int = 0
    on_step: Callable[[str], None] = lambda _step: None
    """Told each step before it is answered, and "answered" after a mail's answer has been sent."""

    def __post_init__(self) -> None:
        self._context: ssl.SSLContext | None = None
        if self.tls:
            assert self.folder is not None
            make_certificates(self.folder)
            self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._context.load_cert_chain(self.folder / "server.pem", self.folder / "server.key")
            self.ca_file = self.folder / "ca.pem"
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._open: set[socket.socket] = set()
        self._listen(0)

    def _listen(self, port: int) -> None:
        self._closing = False
        self._listener = socket.create_server(("127.0.0.1", port))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Stops listening and cuts all connections."""
        self._closing = True
        self._over.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut()

    def start_again(self) -> None:
        """Listens again on the same port."""
        self._over.clear()
        self._listen(self.port)

    def cut(self) -> None:
        """Cuts all connections."""
        for one in tuple(self._open):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def server(self, security: str | None = None, host: str = "127.0.0.1") -> Server:
        """The settings of this server."""
        return Server.model_validate({"host": host, "port": self.port, "security": security or self.tls or "none"})

    def with_smtp(self, account: Account) -> Account:
        """An account that sends through it, with the password that it has anyway."""
        os.environ.setdefault(secret_name(account.address), self.password)
        return account.model_copy(update={"smtp": self.server()})

    def counts(self) -> dict[str, int]:
        """Message-ID → how often that mail went out."""
        found: dict[str, int] = {}
        for one in self.taken:
            found[one.message_id] = found.get(one.message_id, 0) + 1
        return found

    # --- inside -------------------------------------------------------------------------------------------------------

    def _accept(self, listener: socket.socket) -> None:
        while not self._closing:
            try:
                connection, _address = listener.accept()
            except OSError:
                return
            with self._lock:
                self.connections += 1
                number = self.connections
            threading.Thread(target=self._serve, args=(connection, number), daemon=True).start()

    def _serve(self, connection: socket.socket, number: int) -> None:
        if self.tls == "tls":
            assert self._context
            try:
                connection = self._context.wrap_socket(connection, server_side=True)
            except OSError:
                return
        self._open.add(connection)
        conversation = _Conversation(self, connection, number, self._context)
        try:
            conversation.run()
        except (OSError, ValueError, _End):
            pass
        finally:
            self._open.discard(connection)
            conversation.close()

    def reply_to(self, step: str, line: str) -> str | None:
        """What the script says at a step; None: as usual."""
        self.on_step(step)
        with self._lock:
            entry = self.script.get(step)
            if isinstance(entry, list):
                entry = entry.pop(0) if entry else None
        return entry(line) if callable(entry) else entry

    def take(self, mail: Taken) -> None:
        """Takes a mail."""
        with self._lock:
            self.taken.append(mail)


class _End(Exception):  # noqa: N818  nothing went wrong
    """The conversation is over."""


class _Conversation:
    def __init__(self, server: SmtpServer, connection: socket.socket, number: int, context: ssl.SSLContext | None):
        self._server, self._connection, self._number, self._context = server, connection, number, context
        self._source = connection.makefile("rb")
        self._user = ""
        self._secured = server.tls == "tls"
        self._sender, self._options, self._recipients = "", "", list[str]()

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._connection.shutdown(socket.SHUT_RDWR)
        self._connection.close()

    def run(self) -> None:
        self._answer("connect", "", "220 sink.example ESMTP")
        for line in self._lines():
            self._server.lines.append(line)
            command, _, rest = line.partition(" ")
            handler = getattr(self, f"_{command.lower()}", None)
            if handler is None:
                self._say("502 what?")
            else:
                handler(rest)

    def _lines(self) -> Iterator[str]:
        while raw := self._source.readline():
            yield raw.decode("utf-8", "replace").rstrip("\r\n")

    def _say(self, text: str) -> None:
        self._connection.sendall(text.encode() + b"\r\n")

    def _answer(self, step: str, line: str, usual: str) -> bool:
        """Answers a step; True when it was answered with the usual reply."""
        reply = self._server.reply_to(step, line)
        if reply == DROP:
            raise _End
        if reply == HANG:
            self._hang()
        self._say(usual if reply is None else reply)
        return reply is None

    def _hang(self) -> None:
        self._source.read()  # until the other side leaves
        raise _End

    def _ehlo(self, line: str) -> None:
        offered = [*self._server.extensions]
        if self._server.tls == "starttls" and not self._secured:
            offered.append("STARTTLS")
        elif self._server.mechanisms:
            offered.append(f"AUTH {self._server.mechanisms}")
        lines = ["sink.example", *offered]
        self._answer("EHLO", line, "\r\n".join(f"250{'-' if one is not lines[-1] else ' '}{one}" for one in lines))

    def _starttls(self, _line: str) -> None:
        assert self._context
        self._say("220 go on")
        self._connection = self._context.wrap_socket(self._connection, server_side=True)
        self._server._open.add(self._connection)
        self._source = self._connection.makefile("rb")
        self._secured = True

    def _auth(self, line: str) -> None:
        mechanism, _, first = line.partition(" ")
        if mechanism.upper() == "PLAIN":
            _id, user, password = base64.b64decode(first or self._ask("")).decode().split("\0")
        else:
            user = base64.b64decode(first or self._ask("Username:")).decode()
            password = base64.b64decode(self._ask("Password:")).decode()
        good = password == self._server.password
        if self._answer("AUTH", line, "235 welcome" if good else "535 5.7.8 wrong password") and good:
            self._user = user

    def _ask(self, text: str) -> bytes:
        self._say("334 " + base64.b64encode(text.encode()).decode())
        return self._source.readline()

    def _mail(self, line: str) -> None:
        address, _, options = line.partition(">")
        if self._answer("MAIL", line, "250 ok"):
            self._sender, self._options, self._recipients = address.partition("<")[2], options.strip(), []

    def _rcpt(self, line: str) -> None:
        if self._answer("RCPT", line, "250 ok"):
            self._recipients.append(line.partition("<")[2].partition(">")[0])

    def _data(self, line: str) -> None:
        if not self._answer("DATA", line, "354 go on"):
            return
        lines = []
        while True:
            raw = self._source.readline()
            if not raw:
                raise _End  # a mail without an end is no mail
            if not lines and (reply := self._server.reply_to("body", "")) is not None:
                if reply == HANG:
                    self._server._over.wait(60)  # and reads nothing meanwhile
                raise _End
            if raw == b".\r\n":
                break
            lines.append(raw[1:] if raw.startswith(b".") else raw)
        reply = self._server.reply_to("end", "")
        if reply in (None, TAKE_AND_DROP, TAKE_AND_HANG) or reply.startswith("2"):
            self._server.take(
                Taken(
                    self._sender,
                    tuple(self._recipients),
                    b"".join(lines),
                    self._options,
                    self._user,
                    self._secured,
                    self._number,
                )
            )
        if reply in (HANG, TAKE_AND_HANG):
            self._hang()
        if reply in (DROP, TAKE_AND_DROP):
            raise _End
        self._say(reply or f"250 2.0.0 queued as {len(self._server.taken)}")
        self._server.on_step("answered")

    def _rset(self, _line: str) -> None:
        self._say("250 ok")

    def _noop(self, _line: str) -> None:
        self._say("250 ok")

    def _quit(self, _line: str) -> None:
        self._say("221 bye")
        raise _End
