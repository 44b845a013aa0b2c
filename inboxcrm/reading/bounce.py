"""stub"""

from __future__ import annotations

from inboxcrm.reading.headers import Header
from inboxcrm.reading.mime import Mail
from inboxcrm.reading.reading import Address, Bounce


def likely(header: Header, sender: Address, subject: str) -> bool:
    return sender.address.lower().startswith(("mailer-daemon", "postmaster"))


def of(mail: Mail, sender: Address, subject: str, text: str) -> Bounce | None:
    return None
