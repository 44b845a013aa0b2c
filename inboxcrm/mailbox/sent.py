"""The Sent folder as a witness: whether a mail lies there, and putting it there once where the server doesn't by itself."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from inboxcrm.mailbox.filing import FilingMailbox

_ID = re.compile(rb"<\s*([^<>\s]+)\s*>")


def lies_in(mailbox: FilingMailbox, folder: str, message_id: str) -> bool:
    """Whether the folder holds a mail with exactly this Message-ID (without brackets). Raises FolderMissing."""
    mailbox.examine(folder)
    return bool(found(mailbox, message_id))


def file(mailbox: FilingMailbox, folder: str, message_id: str, data: bytes, at: datetime) -> bool:
    """Puts a sent mail into the folder as read, with the instant at which it was sent, unless it lies there already: False then.
    Whoever asks twice, after a crash for instance, has it there once.
    """
    if lies_in(mailbox, folder, message_id):
        return False
    mailbox.append(folder, data, ["\\Seen"], at)
    return True


def found(mailbox: FilingMailbox, message_id: str) -> list[int]:
    """The UIDs in the opened folder of mails with exactly this Message-ID: a search finds parts of ids too."""
    uids = mailbox.with_field("Message-ID", message_id)
    fields = mailbox.fields(uids, ["Message-ID"])
    return [uid for uid, raw in fields.items() if message_id.encode() in _ID.findall(raw)]


def ids_of(mailbox: FilingMailbox, uids: Sequence[int]) -> set[str]:
    """The Message-IDs, without brackets, of these mails of the opened folder."""
    fields = mailbox.fields(uids, ["Message-ID"])
    return {one.decode("ascii", "replace") for raw in fields.values() for one in _ID.findall(raw)}
