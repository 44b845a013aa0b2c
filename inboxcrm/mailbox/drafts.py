"""The Drafts folder of the mail program: the service's drafts are put there, replaced there and taken out again, and nothing else.

A draft is known there by a header field of ours that holds its Message-ID, or by the UID at which it was last seen. What a person's
change there means is not decided here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from inboxcrm.i18n import _
from inboxcrm.mailbox.errors import AnswerGarbled
from inboxcrm.mailbox.filing import FilingMailbox, Spot
from inboxcrm.model import DRAFT_FIELD

_FIELDS = (DRAFT_FIELD, "Message-ID", "In-Reply-To", "References", "From", "To", "Cc", "Bcc", "Subject", "Date")
_MOST = 500
"""Of a folder with more drafts only the latest are looked at."""


@dataclass(frozen=True, slots=True)
class Lying:
    """What lies in the folder now: the UIDs, ascending, in this generation of it."""

    uidvalidity: int
    uids: frozenset[int]


def look(mailbox: FilingMailbox, folder: str) -> Lying:
    """Opens the folder for reading and lists what lies there. Raises FolderMissing."""
    state = mailbox.examine(folder)
    return Lying(state.uidvalidity, frozenset(mailbox.latest(_MOST)) if state.exists else frozenset())


def headers(mailbox: FilingMailbox, uids: Sequence[int]) -> dict[int, bytes]:
    """UID → the header fields by which a draft in the opened folder can be recognised."""
    return mailbox.fields(sorted(uids), _FIELDS)


def place(mailbox: FilingMailbox, folder: str, message_id: str, data: bytes, at: datetime) -> Spot:
    """Puts a draft into the folder, marked as a draft and as read. Returns where it lies. Raises FolderMissing."""
    told = mailbox.append(folder, data, ["\\Draft", "\\Seen"], at)
    if told is not None:
        return told
    uidvalidity = mailbox.examine(folder).uidvalidity
    uids = named(mailbox, message_id)
    if not uids:
        raise AnswerGarbled(_("The draft was put into {folder}, but doesn't lie there.").format(folder=folder))
    return Spot(uidvalidity, uids[-1])


def named(mailbox: FilingMailbox, message_id: str) -> list[int]:
    """The UIDs in the opened folder of drafts that name this one, ascending."""
    uids = mailbox.with_field(DRAFT_FIELD, message_id)
    return [uid for uid, raw in sorted(mailbox.fields(uids, [DRAFT_FIELD]).items()) if _value(raw) == message_id]


def take_out(mailbox: FilingMailbox, folder: str, spot: Spot) -> bool:
    """Deletes the draft at a UID for good; False when it doesn't lie there any more, or the folder's UIDs mean other mails now.
    Raises FolderMissing.
    """
    if mailbox.open_for_writing(folder) != spot.uidvalidity:
        return False
    if spot.uid not in mailbox.fields([spot.uid], _FIELDS):
        return False
    mailbox.remove(spot.uid)
    return True


def _value(raw: bytes) -> str:
    return "".join(raw.decode("utf-8", "replace").partition(":")[2].split())
