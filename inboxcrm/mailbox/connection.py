"""One connection to one mailbox: opened safely, logged in, and spoken to in typed values. It never changes anything
on the server.

Folders are opened read-only, mails are only peeked at, and every exception that leaves this module is a `MailboxError`.
A connection belongs to one thread at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Self

import structlog

from inboxcrm import __version__
from inboxcrm.i18n import _
from inboxcrm.mailbox.errors import AnswerGarbled, CommandRefused, ConnectionLost
from inboxcrm.mailbox.fetch import Answer, Head, Heads, Mails, fetch_heads, fetch_mails, fetch_whole
from inboxcrm.mailbox.folders import FolderState, ListedFolder, raw_folder, raw_name, settled, with_roles
from inboxcrm.mailbox.login import RAISED, connected, log_in, text_of, translated
from inboxcrm.mailbox.network import place_of
from inboxcrm.mailbox.providers import folder_names
from inboxcrm.model import FolderRole
from inboxcrm.settings import Account

log = structlog.get_logger(__name__)

_IDENTITY = {"name": "inboxcrm", "version": __version__, "vendor": "inboxcrm"}

_SEARCH_WINDOW = 50_000
"""Mails asked for in one SEARCH: its answer is one line, and imaplib refuses lines of more than a million bytes."""

_FETCH_WINDOW = 500
"""Mails asked for in one FETCH: servers take command lines of some thousand bytes (RFC 2683 3.2.1.5)."""


class Mailbox:
    """A logged-in connection. Use `open` to make one, and close it, best with a `with` block."""

    def __init__(self, client: Any, account: Account, place: str) -> None:
        """Used by `open`."""
        self._client = client
        self._account = account
        self._place = place
        self._exists = 0
        self._closed = False
        self.capabilities: frozenset[str] = frozenset()
        self.server: dict[str, str] = {}
        """What the server says of itself (RFC 2971): "name", "version" …"""

    @classmethod
    def open(cls, account: Account, password: str, *, timeout: float) -> Self:
        """Connects, secures the connection, logs in and names itself where the server wants to know (RFC 2971).

        `timeout`: seconds of silence that are borne, in connecting and in every later answer. Raises ConnectionLost,
        CertificateRefused, ServerBusy, LoginRefused or LoginImpossible.
        """
        place = place_of(account.imap)
        client = connected(account.imap, timeout)
        mailbox = cls(client, account, place)
        try:
            log_in(client, account, password)
            mailbox._introduce()
        except BaseException:
            mailbox.close()
            raise
        return mailbox

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Says goodbye and closes the connection; never raises, never waits longer than one time-out."""
        if self._closed:
            return
        self._closed = True
        try:
            self._client.logout()
        except RAISED:
            self.abandon()

    def abandon(self) -> None:
        """Closes the connection without a word, for one that is dead or in the middle of something; never raises."""
        self._closed = True
        try:
            self._client.shutdown()
        except RAISED as error:
            log.debug("a dead connection could not be closed", account=self._account.address, error=repr(error))

    # --- what the server can do ---------------------------------------------------------------------------------------

    @property
    def pushes(self) -> bool:
        """Whether the server tells news by itself (IDLE, RFC 2177)."""
        return "IDLE" in self.capabilities

    @property
    def is_gmail(self) -> bool:
        """Whether it is Gmail, where every label is a folder and X-GM-MSGID names a mail in all of them."""
        return "X-GM-EXT-1" in self.capabilities

    # --- folders ------------------------------------------------------------------------------------------------------

    def folders(self, names: Mapping[FolderRole, Iterable[str]] | None = None) -> list[ListedFolder]:
        """All folders with their roles, INBOX first. The account's `sent_folder` decides which one is Sent.

        `names`: usual names of the roles (`Providers.folder_names`); None for the shipped ones.

        Raises FolderUnclear when the folder that the settings name isn't there.
        """
        with self._speaking():
            listed = self._client.list_folders()
        raw = [raw_folder(flags, delimiter, name) for flags, delimiter, name in listed]
        return settled(with_roles(raw, folder_names() if names is None else names), self._account.sent_folder)

    def examine(self, name: str) -> FolderState:
        """Opens a folder for reading only (EXAMINE). Raises FolderMissing."""
        with self._speaking(name):
            answer = self._client.select_folder(raw_name(name), readonly=True)
        uidvalidity, exists = answer.get(b"UIDVALIDITY"), answer.get(b"EXISTS", 0)
        self._exists = exists
        if uidvalidity is None:
            raise AnswerGarbled(
                _("{server} gives no UIDVALIDITY for {folder}.").format(server=self._place, folder=name)
            )
        uid_next = answer.get(b"UIDNEXT")
        if uid_next is None:
            # RFC 3501 6.3.1 lets a server leave it out.
            with self._speaking():
                highest = self._client.search(["UID", "*"]) if exists else [0]
            uid_next = max(highest, default=0) + 1
        return FolderState(uidvalidity, uid_next, exists, answer.get(b"HIGHESTMODSEQ", 0))

    def status(self, name: str) -> FolderState:
        """How a folder stands, without opening it (STATUS). Raises FolderMissing."""
        items = ["MESSAGES", "UIDNEXT", "UIDVALIDITY"]
        if "CONDSTORE" in self.capabilities:
            items.append("HIGHESTMODSEQ")
        with self._speaking(name):
            answer = self._client.folder_status(raw_name(name), items)
        try:
            return FolderState(
                int(answer[b"UIDVALIDITY"]),
                int(answer[b"UIDNEXT"]),
                int(answer[b"MESSAGES"]),
                int(answer.get(b"HIGHESTMODSEQ", 0)),
            )
        except (KeyError, TypeError, ValueError) as error:
            message = _("{server} says too little about {folder}.").format(server=self._place, folder=name)
            raise AnswerGarbled(message) from error

    def uids(self, low: int = 1, high: int | None = None) -> list[int]:
        """The UIDs in the opened folder from `low` to `high` (None: no limit), ascending.

        `n:*` would name the last mail even below n (RFC 3501 6.4.8), so what lies outside is dropped. Large folders
        are asked in windows of sequence numbers, from the end: a mail that is deleted meanwhile moves the others
        down, into windows still to come.
        """
        if high is not None and high < low:
            return []
        criteria = ["UID", f"{low}:{'*' if high is None else high}"]
        found: set[int] = set()
        with self._speaking():
            if self._exists <= _SEARCH_WINDOW:
                found.update(self._client.search(criteria))
            else:
                last = "*"  # what has arrived since the folder was opened, too
                for first in range((self._exists - 1) // _SEARCH_WINDOW * _SEARCH_WINDOW + 1, 0, -_SEARCH_WINDOW):
                    found.update(self._client.search([f"{first}:{last}", *criteria]))
                    last = str(first - 1)
        return sorted(uid for uid in found if uid >= low and (high is None or uid <= high))

    # --- mails --------------------------------------------------------------------------------------------------------

    def heads(self, uids: Sequence[int]) -> Heads:
        """The heads of these mails of the opened folder; see `Heads` for those that did not come."""
        return fetch_heads(self._ask, self._still_listed, uids, gmail=self.is_gmail)

    def mails(self, heads: Sequence[Head]) -> Mails:
        """The reduced mails (`inboxcrm.mailbox.reduced`) of these heads: header and texts, attachments only
        described.
        """
        return fetch_mails(self._ask, self._still_listed, heads)

    def whole(self, uid: int, limit: int) -> bytes | None:
        """One mail of the opened folder as it is, cut off after `limit` bytes; None when it is gone."""
        return fetch_whole(self._ask, uid, limit)

    def noop(self) -> None:
        """Asks whether the server still listens."""
        with self._speaking():
            self._client.noop()

    # --- news ---------------------------------------------------------------------------------------------------------

    def fileno(self) -> int:
        """For a selector; see `news`."""
        number: int = self._client.socket().fileno()
        return number

    def begin_idle(self) -> None:
        """Asks the server to tell news of the opened folder by itself (RFC 2177).

        News that the server sends together with its answer may lie unseen in a buffer until the next; so look into
        the folder once after this has returned.
        """
        with self._speaking():
            self._client.idle()

    def news(self) -> bool:
        """Whether mails have come or gone since the last call. Call it when the selector says that there is something
        to read.

        It reads until nothing is left, in the socket and inside the TLS layer. Raises ConnectionLost when there was
        nothing, which means that the server has closed the connection.
        """
        with self._speaking():
            answers = self._client.idle_check(timeout=0)
        if not answers:
            raise ConnectionLost(_("{server} closed the connection.").format(server=self._place))
        for answer in answers:
            if answer and answer[0] == b"BYE":
                raise ConnectionLost(
                    _("{server} closed the connection: {words}").format(server=self._place, words=_words(answer[1:]))
                )
        return any(len(answer) > 1 and answer[1] in (b"EXISTS", b"EXPUNGE", b"VANISHED") for answer in answers)

    def end_idle(self) -> None:
        """Ends what `begin_idle` began; the connection can be used for other commands again."""
        with self._speaking():
            self._client.idle_done()

    # --- inside -------------------------------------------------------------------------------------------------------

    def _introduce(self) -> None:
        with self._speaking():
            self.capabilities = frozenset(text_of(one).upper() for one in self._client.capabilities())
        if "ID" in self.capabilities:
            # 163.com and its sisters open no folder for a client that has not said who it is.
            self.server = _identity(self._extra("ID", lambda: self._client.id_(_IDENTITY)))
        if {"ENABLE", "CONDSTORE"} <= self.capabilities:
            self._extra("ENABLE", lambda: self._client.enable("CONDSTORE"))

    def _extra(self, command: str, send: Callable[[], Any]) -> Any:
        """The answer to a command that inboxcrm can do without; None when the server refuses it or garbles the
        answer.
        """
        try:
            with self._speaking():
                return send()
        except (CommandRefused, AnswerGarbled) as error:
            log.info("the server refuses a command", account=self._account.address, command=command, error=str(error))
            return None

    def _ask(self, uids: Sequence[int], items: Sequence[str]) -> dict[int, Answer]:
        answers: dict[int, Answer] = {}
        for start in range(0, len(uids), _FETCH_WINDOW):
            with self._speaking():
                answers.update(self._client.fetch(list(uids[start : start + _FETCH_WINDOW]), list(items)))
        return answers

    def _still_listed(self, uids: Sequence[int]) -> list[int]:
        with self._speaking():
            found: list[int] = self._client.search(["UID", ",".join(map(str, uids))])
        return found

    @contextmanager
    def _speaking(self, folder: str = "") -> Iterator[None]:
        """Turns whatever imapclient raises into a MailboxError."""
        try:
            yield
        except RAISED as error:
            if self._closed:
                raise ConnectionLost(_("The connection to {server} is closed.").format(server=self._place)) from error
            raise translated(error, self._place, folder) from error


def _words(answer: Sequence[Any]) -> str:
    """What the server said, put together again from the words into which the library has cut it."""
    return " ".join(f"({_words(part)})" if isinstance(part, tuple) else text_of(part) for part in answer)


def _identity(answer: Any) -> dict[str, str]:
    """The server's ID as a dict; {} when it told nothing."""
    flat = answer[0] if answer and isinstance(answer[0], tuple) else ()
    return {text_of(key).lower(): text_of(value or b"") for key, value in zip(flat[::2], flat[1::2], strict=False)}
