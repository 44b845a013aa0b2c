"""The server that mail is sent through (SMTP submission, RFC 6409): checks whether a log-in works. It sends nothing."""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass

from inboxcrm.i18n import _
from inboxcrm.mailbox.answers import Refusal, refusal
from inboxcrm.mailbox.errors import ConnectionLost, LoginImpossible, MailboxError
from inboxcrm.mailbox.network import busy, no_connection, password_refused, place_of
from inboxcrm.settings import Server


@dataclass(frozen=True, slots=True)
class Submission:
    """What a server that accepted the log-in offers: the names of its extensions (RFC 5321 4.1.1.1) in upper case."""

    extensions: frozenset[str]

    @property
    def takes_utf8_addresses(self) -> bool:
        """Whether mail can go to addresses with letters beyond ASCII before the @ (SMTPUTF8, RFC 6531)."""
        return "SMTPUTF8" in self.extensions


def check_login(server: Server, login: str, password: str, *, timeout: float) -> Submission:
    """Connects, secures the connection, logs in and leaves. `timeout`: seconds of silence that are borne.

    Raises ConnectionLost, CertificateRefused, LoginImpossible, LoginRefused or ServerBusy.
    """
    place = place_of(server)
    context = ssl.create_default_context()
    try:
        with _connected(server, context, timeout) as smtp:
            smtp.ehlo_or_helo_if_needed()
            if server.security == "starttls":
                smtp.starttls(context=context)
                smtp.ehlo()
            smtp.login(login, password)
            return Submission(frozenset(name.upper() for name in smtp.esmtp_features))
    except (smtplib.SMTPException, OSError, UnicodeError, ValueError) as error:
        raise _translated(error, place, login) from error


def _connected(server: Server, context: ssl.SSLContext, timeout: float) -> smtplib.SMTP:
    if server.security == "tls":
        return smtplib.SMTP_SSL(server.host, server.port, timeout=timeout, context=context)
    return smtplib.SMTP(server.host, server.port, timeout=timeout)


def _translated(error: Exception, place: str, login: str) -> MailboxError:
    if isinstance(error, smtplib.SMTPAuthenticationError):
        words = _words(error.smtp_error)
        # RFC 4954 6: 454 is a temporary failure, 535 a refused password, 534 a mechanism that is too weak.
        if error.smtp_code // 100 == 4 or refusal(words) is Refusal.BUSY:
            return busy(place, words)
        return password_refused(place, login, words)
    if isinstance(error, smtplib.SMTPNotSupportedError):
        message = _("{server} offers no encryption (STARTTLS) or no log-in on this port. Check port and security.")
        return LoginImpossible(message.format(server=place))
    if isinstance(error, smtplib.SMTPResponseException):
        words = _words(error.smtp_error)
        if error.smtp_code // 100 == 4:
            return busy(place, words)
        return LoginImpossible(_("{server} refuses: {words}").format(server=place, words=words))
    if isinstance(error, smtplib.SMTPException):
        return ConnectionLost(_("{server} broke off: {words}").format(server=place, words=str(error)))
    if isinstance(error, OSError):
        return no_connection(error, place)
    message = _("{server} can't take a password with letters like these. Choose one of plain Latin letters.")
    return LoginImpossible(message.format(server=place))


def _words(raw: bytes | str) -> str:
    return raw.decode("utf-8", "replace").strip() if isinstance(raw, bytes) else raw.strip()
