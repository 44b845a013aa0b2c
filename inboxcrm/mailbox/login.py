"""Opens and secures a connection to an IMAP server, logs in, and puts what imapclient raises into MailboxErrors.

Only this module and `inboxcrm.mailbox.connection` touch imapclient. No password and nothing of a mail gets into a
message.
"""

from __future__ import annotations

import logging
import re
import socket
import ssl
from typing import Any

import structlog
from imapclient import IMAPClient, SocketTimeout  # type: ignore[import-untyped]  # it has no py.typed
from imapclient.exceptions import (  # type: ignore[import-untyped]  # it has no py.typed
    CapabilityError,
    IMAPClientAbortError,
    IMAPClientError,
    LoginError,
    ProtocolError,
)

from inboxcrm.i18n import _
from inboxcrm.mailbox.answers import Refusal, refusal, words_of
from inboxcrm.mailbox.errors import (
    AnswerGarbled,
    CommandRefused,
    ConnectionLost,
    FolderMissing,
    LoginImpossible,
    LoginRefused,
    MailboxError,
)
from inboxcrm.mailbox.network import busy, no_connection, password_refused, place_of
from inboxcrm.settings import Account, Server

log = structlog.get_logger(__name__)

_KEEP_ALIVE = (
    # After a minute of silence, every 20 s, give up after 4: a dead peer is noticed in about two minutes.
    (socket.SOL_SOCKET, "SO_KEEPALIVE", 1),
    (socket.IPPROTO_TCP, "TCP_KEEPIDLE", 60),
    (socket.IPPROTO_TCP, "TCP_KEEPINTVL", 20),
    (socket.IPPROTO_TCP, "TCP_KEEPCNT", 4),
)

RAISED = (
    IMAPClientError,
    OSError,
    # What imapclient's parser and imaplib raise on an answer that they don't understand.
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    AssertionError,
    RecursionError,
)


def connected(server: Server, timeout: float) -> Any:
    """An imapclient connection, encrypted as the settings say, not logged in yet.

    `timeout`: seconds of silence that are borne, now and in every later answer.
    """
    # imapclient logs what is said at DEBUG; mails must not get into a log by somebody's switching that on.
    logging.getLogger("imapclient").setLevel(logging.WARNING)
    place = place_of(server)
    context = None if server.security == "none" else ssl.create_default_context()
    client = None
    try:
        client = IMAPClient(
            server.host,
            server.port,
            ssl=server.security == "tls",
            ssl_context=context,
            timeout=SocketTimeout(timeout, timeout),
        )
        client.normalise_times = False
        client.folder_encode = False  # one folder with a wrongly encoded name would spoil the whole list
        for level, name, value in _KEEP_ALIVE:
            if hasattr(socket, name):
                client.socket().setsockopt(level, getattr(socket, name), value)
        if server.security == "starttls":
            client.starttls(context)
    except CapabilityError as error:
        message = _(
            "{server} offers no encryption (STARTTLS), so it was not told the password. Check port and security."
        )
        _shut(client)
        raise LoginImpossible(message.format(server=place)) from error
    except RAISED as error:
        if client is None and isinstance(error, IMAPClientError) and not isinstance(error, IMAPClientAbortError):
            # A greeting that isn't OK can only be BYE: the server has no room now (RFC 3501 7.1.5).
            raise busy(place, words_of(error)) from error
        _shut(client)
        raise translated(error, place) from error
    return client


def _shut(client: Any) -> None:
    if client is not None:
        try:
            client.shutdown()
        except RAISED as error:
            log.debug("a connection could not be closed", error=repr(error))


def log_in(client: Any, account: Account, password: str) -> None:
    """LOGIN, or AUTHENTICATE PLAIN (RFC 4616) where LOGIN is switched off or can't carry the letters of the
    password.
    """
    place = place_of(account.imap)
    try:
        offered = {text_of(one).upper() for one in client.capabilities()}
        simple = all(text.isascii() and text.isprintable() for text in (account.login, password))
        if simple and "LOGINDISABLED" not in offered:
            client.login(account.login, password)
        elif "AUTH=PLAIN" in offered and not ("LOGINDISABLED" in offered and account.imap.security == "none"):
            client.plain_login(account.login, password)
        elif offered & {"AUTH=XOAUTH2", "AUTH=OAUTHBEARER"} and "LOGINDISABLED" in offered:
            raise LoginImpossible(
                _("{server} accepts OAuth 2.0 only, which inboxcrm doesn't speak yet.").format(server=place)
            )
        elif "LOGINDISABLED" in offered:
            message = _("{server} accepts no password on this connection. Set its security to 'tls' or 'starttls'.")
            raise LoginImpossible(message.format(server=place))
        else:
            message = _("{server} can't take a password with letters like these. Choose one of plain Latin letters.")
            raise LoginImpossible(message.format(server=place))
    except LoginError as error:
        cause = error.__context__
        if isinstance(cause, IMAPClientAbortError):
            raise translated(cause, place) from error
        words = words_of(error)
        if refusal(words) is Refusal.BUSY:
            raise busy(place, words) from error
        raise password_refused(place, account.login, words) from error
    except RAISED as error:
        raise translated(error, place) from error


_QUOTING = re.compile("unexpected|unterminated|more than|literal")
"""In errors of imaplib that quote what was received, which may be a piece of a mail."""


def translated(error: BaseException, place: str, folder: str = "") -> MailboxError:
    """The MailboxError for something that imapclient, imaplib, ssl or the network raised."""
    words = words_of(error)
    if isinstance(error, OSError):
        return no_connection(error, place)
    if isinstance(error, IMAPClientAbortError):
        if _QUOTING.search(words):
            return ConnectionLost(_("{server} sent something that can't be understood.").format(server=place))
        return ConnectionLost(_("{server} broke off: {words}").format(server=place, words=words))
    if isinstance(error, IMAPClientError) and not isinstance(error, ProtocolError):
        return _refused(words, place, folder)
    # The error's own text may quote a mail.
    message = _("{server} gave an answer that can't be understood ({error}).")
    return AnswerGarbled(message.format(server=place, error=type(error).__name__))


def _refused(words: str, place: str, folder: str) -> MailboxError:
    kind = refusal(words)
    if kind is Refusal.BUSY:
        return busy(place, words)
    if kind is Refusal.UNSAFE:
        message = _(
            "{server} opens no folder for us: {words}. Switch IMAP on in its web mail and use an authorization code as password."
        )
        return LoginRefused(message.format(server=place, words=words))
    if folder and kind in (Refusal.MISSING, Refusal.LOGIN):
        message = _("The folder {folder} can't be opened at {server}: {words}")
        return FolderMissing(message.format(folder=folder, server=place, words=words))
    return CommandRefused(_("{server} refuses: {words}").format(server=place, words=words), words)


def text_of(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
