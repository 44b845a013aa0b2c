"""The server that mail is sent through (SMTP submission, RFC 6409): one connection, secured and logged in, over which mails go out.

After each mail it says surely what became of it, or says that nobody can tell. It never tries anything a second time: whether to
send again is decided by whoever keeps the drafts.
"""

from __future__ import annotations

import base64
import re
import smtplib
import socket
import ssl
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

import structlog

from inboxcrm.i18n import _
from inboxcrm.mailbox.answers import Refusal, refusal
from inboxcrm.mailbox.errors import ConnectionLost, LoginImpossible, MailboxError
from inboxcrm.mailbox.network import busy, no_connection, password_refused, place_of
from inboxcrm.mailbox.wire import on_the_wire
from inboxcrm.settings import Account, Server

log = structlog.get_logger(__name__)

ANSWER_SECONDS = 600.0
"""RFC 5321 4.5.3.2.6: a server that has the whole mail may take ten minutes to answer; who leaves earlier makes doubles."""

_RAISED = (smtplib.SMTPException, OSError, UnicodeError, ValueError)
_NO_ADDRESS = re.compile(r"[\s<>\x00-\x1f\x7f]|^[^@]*$|@$|^@")
_LAST_PART = 16_000
"""Bytes of a mail that are said together with its end: one sending for most."""
_HERE = "[127.0.0.1]"
"""How we greet (RFC 5321 4.1.3): the name of a person's machine is nobody's business, and to find it out may take long."""


@dataclass(frozen=True, slots=True)
class Sent:
    """The server has taken the mail and is answerable for it from now on; `words` is its answer."""

    words: str


class Refused(MailboxError):  # noqa: N818  it says what happened
    """The server has not taken the mail, and says so: surely not sent, to nobody. `code` and `words` are its answer (0: it was not even
    asked), `recipients` the addresses that it refuses, each with its words. `permanent`: the same mail will be refused again;
    `of_sender`: it was the sender that was refused, before a recipient was named.
    """

    def __init__(
        self,
        message: str,
        *,
        permanent: bool,
        code: int,
        words: str,
        recipients: Mapping[str, str] | None = None,
        of_sender: bool = False,
    ) -> None:
        super().__init__(message)
        self.permanent = permanent
        self.code = code
        self.words = words
        self.recipients = dict(recipients or {})
        self.of_sender = of_sender


class NotSent(ConnectionLost):
    """The connection broke before the server had the whole mail: surely not sent, to nobody."""


class Unsure(ConnectionLost):
    """The connection broke between the end of the mail and the server's answer: whether it was sent, only the Sent folder can tell."""


@dataclass(frozen=True, slots=True)
class Offered:
    """What a server that accepted the log-in offers: its extensions (RFC 5321 4.1.1.1), names in upper case, with their parameters."""

    extensions: Mapping[str, str] = field(default_factory=dict)

    @property
    def takes_utf8_addresses(self) -> bool:
        """Whether mail can go to addresses with letters beyond ASCII before the @ (SMTPUTF8, RFC 6531)."""
        return "SMTPUTF8" in self.extensions

    @property
    def largest(self) -> int | None:
        """The size in bytes of the largest mail that it takes (RFC 1870); None when it doesn't say."""
        limit = self.extensions.get("SIZE", "").strip()
        return int(limit) if limit.isdecimal() and int(limit) > 0 else None


def check_login(server: Server, login: str, password: str, *, timeout: float) -> Offered:
    """Connects, secures the connection, logs in and leaves. `timeout`: seconds of silence that are borne.

    Raises ConnectionLost, CertificateRefused, LoginImpossible, LoginRefused or ServerBusy.
    """
    with Submission(server, login, password, timeout=timeout) as submission:
        return submission.offered


class Submission:
    """A logged-in connection. It belongs to one thread. After NotSent and Unsure it is of no more use (`is_usable`)."""

    def __init__(
        self, server: Server, login: str, password: str, *, timeout: float, answer_timeout: float = ANSWER_SECONDS
    ) -> None:
        """Connects, secures the connection and logs in. `timeout`: seconds of silence that are borne; `answer_timeout`: the same after
        the end of a mail. Raises ConnectionLost, CertificateRefused, LoginImpossible, LoginRefused or ServerBusy.
        """
        self._place = place_of(server)
        self._timeout, self._answer_timeout = timeout, max(timeout, answer_timeout)
        # Verifies the certificate and the name in it.
        context = ssl.create_default_context() if server.security != "none" else None
        smtp: smtplib.SMTP | None = None
        try:
            smtp = _connected(server, context, timeout)
            smtp.ehlo_or_helo_if_needed()
            if server.security == "starttls":
                smtp.starttls(context=context)
                smtp.ehlo()
            _log_in(smtp, login, password)
        except _RAISED as error:
            if smtp is not None:
                smtp.close()
            raise _translated(error, self._place, login) from error
        self._smtp = smtp
        self._usable = True
        self.offered = Offered({name.upper(): value for name, value in smtp.esmtp_features.items()})

    @classmethod
    def open(cls, account: Account, password: str, *, timeout: float, answer_timeout: float = ANSWER_SECONDS) -> Self:
        """A connection to the outgoing server of an account; errors and time-outs as for the class. Raises LoginImpossible too when the
        settings name no such server.
        """
        if account.smtp is None:
            message = _("The settings name no server to send through for {address}; add [accounts.smtp].")
            raise LoginImpossible(message.format(address=account.address))
        return cls(account.smtp, account.login, password, timeout=timeout, answer_timeout=answer_timeout)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def is_usable(self) -> bool:
        """Whether a mail can go over this connection, as far as is known."""
        return self._usable

    def still_listens(self) -> bool:
        """Asks the server whether it still listens (NOOP), for a connection that has not been used for a while."""
        try:
            self._usable = self._usable and self._smtp.noop()[0] == 250
        except _RAISED:
            self._usable = False
        return self._usable

    def close(self) -> None:
        """Says goodbye and closes the connection; never raises."""
        usable, self._usable = self._usable, False
        try:
            if usable:
                self._smtp.quit()
        except _RAISED as error:
            log.debug("a connection could not be ended politely", server=self._place, error=repr(error))
        self._smtp.close()

    def send(
        self,
        envelope_from: str,
        recipients: Sequence[str],
        data: bytes,
        before_end: Callable[[], object] = lambda: None,
    ) -> Sent:
        """Hands over one mail, to all of the recipients or to none. `data` is the whole mail; line ends are made CRLF. `before_end` is
        called when everything but the end has been said: a process that dies before has surely sent nothing. What it raises comes
        out, and nothing is sent.

        1. What this server can't take is refused before a word of it is said.
        2. MAIL, RCPT, DATA. A refusal of any recipient is one of the mail. Lost here: NotSent.
        3. The mail without its last part. Lost here: NotSent, for a server may do nothing with a mail that has no end (RFC 5321
           4.1.1.4).
        4. The last part with the end, which the system takes last: what it doesn't take whole is NotSent, too.
        5. From here on only the server's answer tells; without one it is Unsure.

        Raises Refused, NotSent or Unsure.
        """
        options = self._options(envelope_from, recipients, data)
        body = on_the_wire(data)
        try:
            self._begin(envelope_from, recipients, options)
            if len(body) > _LAST_PART:
                self._smtp.send(body[:-_LAST_PART])
        except _RAISED as error:
            raise self._broke_off(error) from error
        except Refused:
            raise
        except BaseException:
            self._abandon()
            raise
        try:
            before_end()
        except BaseException:
            self._abandon()
            raise
        try:
            self._smtp.send(body[-_LAST_PART:] + b".\r\n")
        except _RAISED as error:
            raise self._broke_off(error) from error
        except BaseException:
            self._abandon()
            raise
        try:
            if self._smtp.sock is not None:
                self._smtp.sock.settimeout(self._answer_timeout)
            code, raw = self._smtp.getreply()
            if self._smtp.sock is not None:
                self._smtp.sock.settimeout(self._timeout)
        except BaseException as error:  # whatever it was, the end of the mail may have arrived
            self._abandon()
            if not isinstance(error, Exception):
                raise
            message = _("{server} broke off after it had the whole mail, without an answer: {words}")
            raise Unsure(message.format(server=self._place, words=_said(error, self._place))) from error
        words = _words(raw)
        if 200 <= code < 300:
            return Sent(words)
        if 400 <= code < 600:
            raise self._refused(code, words)
        self._abandon()
        message = _("{server} gave an answer to the mail that can't be understood: {words}")
        raise Unsure(message.format(server=self._place, words=f"{code} {words}"))

    # --- inside -------------------------------------------------------------------------------------------------------

    def _options(self, envelope_from: str, recipients: Sequence[str], data: bytes) -> list[str]:
        """The parameters of MAIL; raises Refused for what this server can't take at all."""
        for address in (envelope_from, *recipients):
            if _NO_ADDRESS.search(address):
                named = {address: "no mail address"} if address in recipients else None
                raise _impossible(_("{address} is no mail address.").format(address=ascii(address)), named)
        if not recipients:
            raise _impossible(_("The mail goes to nobody."))
        options = []
        beyond = [address for address in (envelope_from, *recipients) if not address.isascii()]
        if beyond:
            if not self.offered.takes_utf8_addresses:
                message = _(
                    "{server} can't send to or from {addresses}: it doesn't take addresses with letters beyond ASCII before the @ "
                    "(SMTPUTF8). Use another address of that person."
                )
                raise _impossible(
                    message.format(server=self._place, addresses=", ".join(beyond)), dict.fromkeys(beyond, "SMTPUTF8")
                )
            options += ["BODY=8BITMIME", "SMTPUTF8"]
        if "SIZE" in self.offered.extensions:
            if self.offered.largest is not None and len(data) > self.offered.largest:
                message = _("{server} takes mails of at most {most} MB; this one has {size} MB. Attach less.")
                raise _impossible(
                    message.format(
                        server=self._place, most=_megabytes(self.offered.largest), size=_megabytes(len(data))
                    )
                )
            options.append(f"SIZE={len(data)}")
        return options

    def _begin(self, envelope_from: str, recipients: Sequence[str], options: Sequence[str]) -> None:
        # smtplib would parse the addresses once more, at the price of half a mail.
        self._smtp.command_encoding = "utf-8" if "SMTPUTF8" in options else "ascii"
        code, raw = self._smtp.docmd("MAIL", " ".join([f"FROM:<{envelope_from}>", *options]))
        if code != 250:
            refusal = self._refusal(code, raw)
            if isinstance(refusal, Refused):
                refusal.of_sender = True
            raise refusal
        refused: dict[str, tuple[int, str]] = {}
        for address in recipients:
            code, raw = self._smtp.docmd("RCPT", f"TO:<{address}>")
            if code == 421:
                raise self._refusal(code, raw)
            if code not in (250, 251):
                refused[address] = (code, _words(raw))
        if refused:
            # One that is refused for good decides: to try again would not help.
            worst = max(refused.values())
            raise self._refused(*worst, recipients={address: words for address, (_code, words) in refused.items()})
        code, raw = self._smtp.docmd("DATA")
        if code != 354:
            raise self._refusal(code, raw)

    def _refusal(self, code: int, raw: bytes) -> MailboxError | smtplib.SMTPException:
        if 400 <= code < 600:
            return self._refused(code, _words(raw))
        return smtplib.SMTPServerDisconnected(f"{code} {_words(raw)}")

    def _refused(self, code: int, words: str, recipients: Mapping[str, str] | None = None) -> Refused:
        """The refusal, and the connection made ready for the next mail."""
        try:
            if code == 421 or self._smtp.rset()[0] != 250:
                self._abandon()
        except _RAISED:
            self._abandon()
        if recipients:
            message = _("{server} refuses {addresses}: {words}").format(
                server=self._place, addresses=", ".join(recipients), words=f"{code} {words}"
            )
        else:
            message = _("{server} refuses the mail: {words}").format(server=self._place, words=f"{code} {words}")
        return Refused(message, permanent=code >= 500, code=code, words=words, recipients=recipients)

    def _broke_off(self, error: Exception) -> NotSent:
        self._abandon()
        message = _("{server} broke off before it had the mail: {words}")
        return NotSent(message.format(server=self._place, words=_said(error, self._place)))

    def _abandon(self) -> None:
        self._usable = False
        self._smtp.close()


def _impossible(message: str, recipients: Mapping[str, str] | None = None) -> Refused:
    return Refused(message, permanent=True, code=0, words=message, recipients=recipients)


def _megabytes(size: int) -> str:
    return f"{size / 1_000_000:.1f}"


def _connected(server: Server, context: ssl.SSLContext | None, timeout: float) -> smtplib.SMTP:
    smtp = (
        smtplib.SMTP_SSL(server.host, server.port, local_hostname=_HERE, timeout=timeout, context=context)
        if server.security == "tls"
        else smtplib.SMTP(server.host, server.port, local_hostname=_HERE, timeout=timeout)
    )
    if smtp.sock is not None:
        # A mail and its end are two sendings: without this the second waits for the first to be acknowledged, 40 ms a mail.
        smtp.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return smtp


def _log_in(smtp: smtplib.SMTP, login: str, password: str) -> None:
    """AUTH with the best mechanism that both sides know; PLAIN in UTF-8 (RFC 4616) for names and passwords beyond ASCII."""
    if login.isascii() and password.isascii():
        smtp.login(login, password)
        return
    if "PLAIN" not in smtp.esmtp_features.get("auth", "").upper().split():
        msg = "no mechanism for letters beyond ASCII"
        raise ValueError(msg)
    response = base64.b64encode(f"\0{login}\0{password}".encode()).decode("ascii")
    code, raw = smtp.docmd("AUTH", f"PLAIN {response}")
    if code != 235:
        raise smtplib.SMTPAuthenticationError(code, raw)


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


def _said(error: Exception, place: str) -> str:
    return str(no_connection(error, place)) if isinstance(error, OSError) else str(error) or type(error).__name__


def _words(raw: bytes | str) -> str:
    text = raw.decode("utf-8", "replace") if isinstance(raw, bytes) else raw
    return " ".join(text.split())
