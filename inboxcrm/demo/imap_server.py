"""The demo's mail server: IMAP on this machine only, with every mail as a file in one folder.

pymap speaks the protocol; here is what it lacks: mailboxes that are the same after a restart, with the same UIDs. It serves one
person and is no server for anything but the demo.
"""

from __future__ import annotations

import asyncio
import logging
import os
from argparse import Namespace
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from proxyprotocol.reader import ProxyProtocolReader
from pymap.backend.dict import DictBackend
from pymap.backend.dict.filter import FilterSet
from pymap.backend.dict.mailbox import MailboxData, MailboxSet, Message
from pymap.imap import IMAPServer
from pymap.parsing.message import AppendMessage
from pymap.parsing.specials.flag import Flag, Seen

from inboxcrm.demo.letters import INBOX, SENT, Letter

_LOCAL = "127.0.0.1"

logging.getLogger("pymap").setLevel(logging.ERROR)


class KeptMailbox(MailboxData):
    """A mailbox whose mails are files `<uid>.eml` in a folder; the file's time is the INTERNALDATE."""

    def __init__(self, mailboxes: MailboxSet, folder: Path, uidvalidity: int) -> None:
        super().__init__(mailboxes._content_cache, mailboxes._thread_cache)
        self._folder = folder
        self._kept_uidvalidity = uidvalidity
        folder.mkdir(parents=True, exist_ok=True)

    @property
    def uid_validity(self) -> int:
        """The UIDVALIDITY (RFC 3501 section 2.3.1.1), the same after a restart."""
        return self._kept_uidvalidity

    async def load(self) -> None:
        """Takes in the files that are there, under their UIDs."""
        for path in sorted(self._folder.glob("*.eml"), key=lambda one: int(one.stem)):
            self._max_uid = int(path.stem) - 1
            when = datetime.fromtimestamp(path.stat().st_mtime, UTC)
            await super().append(AppendMessage(path.read_bytes(), when, frozenset({Seen})))

    async def append(self, append_msg: AppendMessage, *, recent: bool = False) -> Message:
        """Keeps a new mail, as a file first."""
        when = append_msg.when or datetime.now(UTC)
        path = self._folder / f"{self._max_uid + 1}.eml"
        path.write_bytes(append_msg.literal)
        _set_time(path, when)
        return await super().append(AppendMessage(append_msg.literal, when, append_msg.flag_set), recent=recent)

    async def delete(self, uids: Iterable[int]) -> None:
        """Forgets mails, and their files."""
        gone = list(uids)
        for uid in gone:
            (self._folder / f"{uid}.eml").unlink(missing_ok=True)
        await super().delete(gone)


class KeptMailboxes(MailboxSet):
    """The mailboxes of the one user, each in its folder."""

    def __init__(self, home: Path, uidvalidity: int) -> None:
        super().__init__()
        self._kept = {name: KeptMailbox(self, home / name, uidvalidity) for name in (INBOX, SENT, "Drafts")}
        self._inbox = self._kept[INBOX]
        self._set = {name: mailbox for name, mailbox in self._kept.items() if name != INBOX}

    async def load(self) -> None:
        """Takes in what lies in the folder already."""
        for mailbox in self._kept.values():
            await mailbox.load()


class ImapServer:
    """An IMAP server in the running event loop: `start`, `deliver`, `stop`."""

    def __init__(self, home: Path, user: str, password: str) -> None:
        """`home` is the folder of the mails."""
        self._home = home
        self._user, self._password = user, password
        self._mailboxes: KeptMailboxes | None = None
        self._server: asyncio.Server | None = None

    async def start(self, port: int = 0) -> int:
        """1. Make pymap's configuration. 2. Take in what lies in the folder. 3. Listen. Returns the port; 0 takes a free one.

        Raises OSError when it can't listen there.
        """
        arguments = Namespace(
            host=_LOCAL, port=port, debug=False, cert=None, key=None, tls=False, passlib_cfg=None, proxy_protocol=None,
            inherited_sockets=None, demo_data=False, demo_user=self._user, demo_password=self._password,
        )  # fmt: skip
        backend, config = await DictBackend.init(arguments, invalid_user_sleep=0.0)
        config.apply_context()
        self._mailboxes = KeptMailboxes(self._home, _uidvalidity(self._home))
        await self._mailboxes.load()
        config.set_cache[self._user] = (self._mailboxes, FilterSet())
        answer: Any = ProxyProtocolReader(config.proxy_protocol).get_callback(IMAPServer(backend.login, config))

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await answer(reader, _WholeAnswers(writer))

        self._server = await asyncio.start_server(serve, host=_LOCAL, port=port)
        return int(self._server.sockets[0].getsockname()[1])

    async def deliver(self, letters: Iterable[Letter]) -> None:
        """Puts mails where they belong, in their order; whoever waits there (IDLE, RFC 2177) is told."""
        if self._mailboxes is None:
            msg = "the server is not started"
            raise RuntimeError(msg)
        for letter in letters:
            mailbox = await self._mailboxes.get_mailbox(letter.folder)
            flags: frozenset[Flag] = frozenset({Seen}) if letter.folder == SENT else frozenset()
            await mailbox.append(AppendMessage(letter.raw, letter.at, flags), recent=letter.folder != SENT)

    async def stop(self) -> None:
        """Stops listening; connections that are open end with their tasks."""
        if self._server is not None:
            self._server.close()


class _WholeAnswers:
    """A writer that hands on an answer in one piece, where pymap writes it word by word: a client that looks at the wrong
    moment would find half a line.
    """

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        self._waiting = bytearray()

    def write(self, data: bytes) -> None:
        """Keeps a part of an answer."""
        self._waiting += data

    async def drain(self) -> None:
        """Hands on what is waiting."""
        data = bytes(self._waiting)
        self._waiting.clear()
        self._writer.write(data)
        await self._writer.drain()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._writer, name)


def _uidvalidity(home: Path) -> int:
    """The number that this folder of mails was given when it was made."""
    path = home / "uidvalidity"
    if not path.is_file():
        home.mkdir(parents=True, exist_ok=True)
        path.write_text(str(int(datetime.now(UTC).timestamp())), encoding="ascii")
    return int(path.read_text(encoding="ascii"))


def _set_time(path: Path, when: datetime) -> None:
    os.utime(path, (when.timestamp(), when.timestamp()))
