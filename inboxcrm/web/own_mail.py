"""Hands a mail that somebody tries on themselves to the outgoing server, over a connection of its own.

It sends once and at once, and is for mails to oneself only: what goes to customers is the service's work.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from inboxcrm.mailbox.secrets import read_password
from inboxcrm.mailbox.submission import Submission
from inboxcrm.settings import Account

Hand = Callable[[Account, str, Sequence[str], bytes], object]
"""Hands over a mail: from which account, envelope sender, recipients, bytes. Raises MailboxError."""


def to_server(home: Path, timeout: float) -> Hand:
    """Over the outgoing servers of the accounts; `timeout` in seconds."""

    def hand(account: Account, envelope_from: str, to: Sequence[str], data: bytes) -> object:
        with Submission.open(account, read_password(account, home), timeout=timeout) as submission:
            return submission.send(envelope_from, to, data)

    return hand
