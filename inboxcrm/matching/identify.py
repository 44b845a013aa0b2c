"""Which mails of a batch are known already: exactly one stored message for each mail, however often and wherever it is met.

The key of a mail is its Message-ID where that is usable and not taken by another mail; else a digest of what it says.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from inboxcrm.matching.lookup import chunks
from inboxcrm.model import Direction, Message, Standing, TextState
from inboxcrm.reading.addresses import normal
from inboxcrm.reading.identity import Identity, message_key, same_mail, usable
from inboxcrm.reading.reading import Reading


@dataclass(frozen=True, slots=True)
class Stored:
    """A message that the database has, as far as recognising it needs."""

    id: int
    key: str
    identity: Identity
    text_state: TextState
    standing: Standing
    direction: Direction


@dataclass(frozen=True, slots=True)
class Found:
    """What one arrival is: `stored` when the database has it; else `first` is the place in the batch where it is met first
    (its own place when it is new), and `key` what to store it under.
    """

    key: str
    stored: Stored | None
    first: int


def identity_of(reading: Reading, *, has_text: bool) -> Identity:
    """The identity of a reading; without its text the body says nothing."""
    recipients = frozenset(normal(one.address) for one in (*reading.to, *reading.cc))
    digest = reading.body_digest if has_text else ""
    return Identity(normal(reading.sender.address), recipients, reading.subject, reading.date_header, digest or None)


def identify(session: Session, readings: Sequence[tuple[Reading, bool]]) -> list[Found]:
    """For each (reading, has text) of a batch what it is. Writes nothing.

    Same key and same identity: the same mail. A Message-ID that another mail took: the key is the id, "#" and a digest of
    what tells the two apart, so that the set of messages is the same in any order of arrival.
    """
    keys = [message_key(reading) for reading, _has_text in readings]
    stored = _stored(session, set(keys))
    by_key: dict[str, list[tuple[Identity, Stored | None, int, str]]] = defaultdict(list)
    for base, rows in stored.items():
        by_key[base] = [(row.identity, row, -1, row.key) for row in rows]
    found: list[Found] = []
    for place, ((reading, has_text), key) in enumerate(zip(readings, keys, strict=True)):
        identity = identity_of(reading, has_text=has_text)
        others = by_key[key]
        same = next((one for one in others if not usable(reading.message_id) or same_mail(identity, one[0])), None)
        if same is None:
            taken = {one[3] for one in others}
            own_key = key if key not in taken else _variant(key, identity, taken)
            others.append((identity, None, place, own_key))
            found.append(Found(own_key, None, place))
        else:
            found.append(Found(same[3], same[1], same[2] if same[1] is None else place))
    return found


def _variant(key: str, identity: Identity, taken: set[str]) -> str:
    facts = (
        identity.sender,
        " ".join(sorted(identity.recipients)),
        identity.subject,
        identity.date.isoformat() if identity.date else "",
        identity.body_digest or "",
    )
    digest = sha256("\x1f".join(facts).encode("utf-8", "replace")).hexdigest()[:24]
    variant = f"{key}#{digest}"
    while variant in taken:
        variant += "'"
    return variant


def _stored(session: Session, keys: set[str]) -> dict[str, list[Stored]]:
    """Key without "#…" → the stored messages under it."""
    found: dict[str, list[Stored]] = defaultdict(list)
    for some in chunks(keys):
        for row in session.execute(
            select(
                Message.id,
                Message.key,
                Message.message_id,
                Message.sender_address,
                Message.recipients,
                Message.subject,
                Message.date_header,
                Message.body_digest,
                Message.text_state,
                Message.standing,
                Message.direction,
            ).where(or_(Message.key.in_(some), Message.message_id.in_(some)))
        ):
            base = row.message_id if row.message_id in keys and row.key.startswith(row.message_id) else row.key
            found[base].append(Stored(row.id, row.key, _identity(row), row.text_state, row.standing, row.direction))
    return found


def _identity(row: Any) -> Identity:
    recipients = frozenset(normal(one["address"]) for one in row.recipients if one["role"] in ("to", "cc"))
    return Identity(row.sender_address, recipients, row.subject, row.date_header, row.body_digest or None)
