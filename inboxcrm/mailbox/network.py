"""What the network and the TLS layer raise, put into words that name the server: the same for reading (IMAP) and
sending (SMTP).
"""

from __future__ import annotations

import socket
import ssl

from inboxcrm.i18n import _
from inboxcrm.mailbox.errors import CertificateRefused, ConnectionLost, LoginRefused, MailboxError, ServerBusy
from inboxcrm.settings import Server


def place_of(server: Server) -> str:
    """How a server is called in messages: "host:port"."""
    return f"{server.host}:{server.port}"


def no_connection(error: OSError, place: str) -> MailboxError:
    """The MailboxError for what connecting, TLS, reading or writing raised."""
    if isinstance(error, ssl.SSLCertVerificationError):
        message = _(
            "{server} can't prove that it is this server ({words}), so it was not told the password. Check its name."
        )
        return CertificateRefused(message.format(server=place, words=error.verify_message))
    if isinstance(error, ssl.SSLError):
        message = _("No secure connection to {server} ({words}). Check port and security ('tls' or 'starttls').")
        return ConnectionLost(message.format(server=place, words=error.reason or error))
    if isinstance(error, socket.gaierror):
        return ConnectionLost(_("There is no server {server}; check its name and the network.").format(server=place))
    if isinstance(error, TimeoutError):
        return ConnectionLost(_("{server} doesn't answer.").format(server=place))
    reason = error.strerror or str(error)
    return ConnectionLost(_("No connection to {server}: {reason}").format(server=place, reason=reason))


def busy(place: str, words: str) -> ServerBusy:
    """The server asks for patience, in its words."""
    return ServerBusy(_("{server} has no time now: {words}").format(server=place, words=words))


def password_refused(place: str, login: str, words: str) -> LoginRefused:
    """The server doesn't accept the password, in its words."""
    message = _("{server} doesn't accept the password of {login}: {words}")
    return LoginRefused(message.format(server=place, login=login, words=words))
