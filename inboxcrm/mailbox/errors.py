"""What can go wrong at a mail server, sorted by what the caller should do about it: try again later, or stop and tell.

The message of each is in the person's language, names the server, and carries the server's own words where it gave
some.
"""

# ruff: noqa: N818  each name says what happened ("connection lost"), which the suffix would only blur
from __future__ import annotations

from inboxcrm.errors import InboxcrmError


class MailboxError(InboxcrmError):
    """Something went wrong at a mail server.

    `permanent`: trying again by itself is useless or harmful (accounts get locked); a person must do something first.
    """

    permanent = False


class ConnectionLost(MailboxError):
    """The server could not be reached, went silent, or broke the connection off. Trying again later helps."""


class ServerBusy(MailboxError):
    """The server asks for patience: too many connections, throttled, in maintenance. Trying again later helps."""


class LoginRefused(MailboxError):
    """The server does not accept this name with this password. Trying again would lock the account."""

    permanent = True


class LoginImpossible(MailboxError):
    """The server offers no way to log in that inboxcrm knows or that is safe."""

    permanent = True


class CertificateRefused(MailboxError):
    """The server could not prove who it is, so it was not told the password."""

    permanent = True


class FolderMissing(MailboxError):
    """There is no such folder, or it can't be opened."""

    permanent = True


class FolderUnclear(MailboxError):
    """Several folders could be the one that is meant, or none; a person must say which. `candidates` are their
    names.
    """

    permanent = True

    def __init__(self, message: str, candidates: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.candidates = candidates


class CommandRefused(MailboxError):
    """The server answered NO or BAD to a command that it should have carried out; `words` is its answer."""

    def __init__(self, message: str, words: str = "") -> None:
        super().__init__(message)
        self.words = words


class AnswerGarbled(MailboxError):
    """The server's answer can't be understood, though the connection still stands."""


class SecretMissing(MailboxError):
    """The password is not where the settings say, or lies where others can read it."""

    permanent = True


class ProvidersInvalid(MailboxError):
    """The file providers.toml can't be used; the message names file, line and key."""

    permanent = True
