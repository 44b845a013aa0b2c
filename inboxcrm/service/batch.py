"""Some mails of one folder on their way from the server to the reading pool, in bounded memory.

It asks the database whose text is worth fetching, and writes nothing: what became of each mail stands in the `Batch`, for the one
transaction that takes it all (`inboxcrm.service.taking`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from sqlalchemy import Engine

from inboxcrm import intake
from inboxcrm.engagement.signals import Side
from inboxcrm.mailbox.fetch import Head, Heads, Mails, portions
from inboxcrm.matching.mail import mail_of
from inboxcrm.matching.own import OwnAddresses
from inboxcrm.model import Direction, FolderRole
from inboxcrm.model.database import looking
from inboxcrm.newsletter.leaving import Signing
from inboxcrm.reading import Envelope, envelope
from inboxcrm.reading.addresses import normal
from inboxcrm.service.folders import Place
from inboxcrm.service.privacy import Private
from inboxcrm.service.reader import RawMail, Read
from inboxcrm.settings import Account

_URGENT = 3
"""So few mails are news, not history: they are read before all others."""


class Source(Protocol):
    """The open folder (`inboxcrm.mailbox.connection.Mailbox`)."""

    def heads(self, uids: Sequence[int]) -> Heads: ...
    def mails(self, heads: Sequence[Head]) -> Mails: ...


class Readings(Protocol):
    """Readings that are being made (`inboxcrm.service.reader.Job`)."""

    def result(self) -> list[Read]: ...


class Reader(Protocol):
    """What reads mails (`inboxcrm.service.reader.ReadingPool`)."""

    def read(self, mails: Sequence[RawMail], *, urgent: bool = False) -> Readings: ...


@dataclass(frozen=True, slots=True)
class Desk:
    """What the sync of one account needs to know of it. `authserv_ids`: who may vouch for senders (RFC 8601). `folder_names`: usual
    names of the Sent and Drafts folders. `watchable`: how many of its folders may be watched. `signing`: reads the tokens of mails that
    leave newsletters.
    """

    account: Account
    account_id: int
    own: OwnAddresses
    private: Private
    authserv_ids: tuple[str, ...]
    folder_names: Mapping[FolderRole, Iterable[str]]
    watchable: int
    signing: Signing | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """One mail of a batch. `has_text`: its text was fetched, not only its header."""

    uid: int
    received_at: datetime
    size: int
    has_text: bool


@dataclass(frozen=True, slots=True)
class Batch:
    """Mails of one folder. `uids`, ascending, are all that it settles: the `items`, what privacy excludes, what has `gone` from the
    server, and what it refuses (`refused`: UID → its words; a refused mail is an item too when at least its header came).
    """

    place: Place
    uids: tuple[int, ...]
    items: tuple[Item, ...]
    readings: Readings
    excluded: int = 0
    gone: frozenset[int] = frozenset()
    refused: Mapping[int, str] = field(default_factory=dict)


def fetch(
    source: Source,
    place: Place,
    uids: Sequence[int],
    *,
    desk: Desk,
    engine: Engine,
    pool: Reader,
    newest_first: bool = True,
    ours: bool = False,
) -> Batch:
    """Fetches the mails `uids` (ascending) of the open folder `place` and hands them to the reading pool.

    1. Fetch the heads; cut the batch short, at its later end, where its texts would be too large to hold.
    2. Leave out what privacy excludes, and drafts: Gmail shows them in “All Mail” too.
    3. Ask whose text is worth fetching.
    4. Fetch those texts; of the others the header will do.
    5. Begin to read them all.

    `newest_first`: the later end is that of the oldest mails. `ours`: the mails are in the log already, so steps 2 and 3 let all
    through. Raises MailboxError when the server fails as a whole.
    """
    heads = source.heads(uids)
    found, settled = _portion(heads, uids, newest_first=newest_first)
    refused = {one.uid: one.error for one in heads.refused if one.uid in settled}

    envelopes = {head.uid: envelope(head.header, own_domains=desk.own.domains) for head in found}
    kept = [
        head
        for head in found
        if ours or not (_is_draft(head) or (desk.private and desk.private.excludes(envelopes[head.uid])))
    ]

    wanted = {head.uid for head in kept} if ours else _worth_fetching(engine, desk, place, kept, envelopes)

    texts = source.mails([head for head in kept if head.uid in wanted])
    refused |= {one.uid: one.error for one in texts.refused}

    outgoing = place.role is FolderRole.SENT
    # What a backlog or history means for the business is found when its log is complete.
    urgent = len(kept) <= _URGENT
    mails = [
        RawMail(
            texts.found.get(head.uid, head.header),
            head.received_at,
            outgoing,
            desk.authserv_ids,
            _side(desk, place, envelopes[head.uid]) if urgent and head.uid in texts.found else None,
            desk.own.domains,
        )
        for head in kept
    ]
    return Batch(
        place,
        uids=tuple(settled),
        items=tuple(Item(head.uid, head.received_at, head.size, head.uid in texts.found) for head in kept),
        readings=pool.read(mails, urgent=urgent),
        excluded=len(found) - len(kept),
        gone=(heads.gone | texts.gone) & set(settled),
        refused=refused,
    )


def _is_draft(head: Head) -> bool:
    return "\\Draft" in head.flags


def _worth_fetching(
    engine: Engine, desk: Desk, place: Place, heads: Sequence[Head], envelopes: Mapping[int, Envelope]
) -> set[int]:
    with looking(engine) as session:
        return intake.wanted(
            session,
            desk.own,
            place.role,
            [(head.uid, envelopes[head.uid]) for head in heads],
            {head.uid: head.size for head in heads},
        )


def _side(desk: Desk, place: Place, head: Envelope) -> Side:
    """Who wrote a mail, as matching sees it."""
    if place.role is not FolderRole.SENT and not desk.own.is_ours(normal(head.sender.address)):
        return Side.CUSTOMER
    return Side.US if mail_of(head, place.role, desk.own).direction is Direction.OUT else Side.CUSTOMER


def _portion(heads: Heads, uids: Sequence[int], *, newest_first: bool) -> tuple[list[Head], list[int]]:
    """The heads whose texts may be held together, ascending, and all UIDs that are settled with them."""
    found = list(reversed(heads.found)) if newest_first else list(heads.found)
    first = next(portions(found), [])
    if len(first) == len(found):
        return list(heads.found), list(uids)
    last = first[-1].uid
    if newest_first:
        return first[::-1], [uid for uid in uids if uid >= last]
    return first, [uid for uid in uids if uid <= last]
