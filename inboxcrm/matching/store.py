"""Writes messages: a batch at once, each with the outside addresses that it names and the place where it lies.

Of mail that is nobody's only the header is kept; its text enters when someone says whose it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from inboxcrm.matching.lookup import chunks
from inboxcrm.matching.mail import LONGEST_ADDRESS, Mail
from inboxcrm.matching.threads import parent_id
from inboxcrm.model import Folder, Location, Message, Party, Standing, TextState
from inboxcrm.reading.addresses import normal
from inboxcrm.reading.reading import Bounce, Reading


@dataclass(frozen=True, slots=True)
class NewMessage:
    """One message to be written. `has_text`: the reading was made from the text too; `text_state` says whether it is kept."""

    key: str
    thread_id: int
    mail: Mail
    reading: Reading
    standing: Standing
    text_state: TextState
    at: datetime
    received_at: datetime
    size: int
    has_text: bool
    signals: list[dict[str, Any]] | None = None
    """What was found in the text (`inboxcrm.engagement.stored`); None: not looked for."""


def storable(reading: Reading) -> Reading:
    """The reading itself, or, in the rare case that it holds what no database takes (NUL, lone surrogates), one without that."""
    people = (reading.sender, *reading.to, *reading.cc, *reading.bcc, *reading.reply_to)
    texts = [reading.message_id, reading.in_reply_to, reading.subject, reading.new_text, reading.quoted_text]
    texts += [reading.signature, *reading.references, *reading.problems]
    texts += [text for one in people for text in (one.name, one.address)]
    texts += [text for one in reading.attachments for text in (one.name, one.type)]
    if reading.bounce is not None:
        texts += [text for one in reading.bounce.recipients for text in (one.address, one.status, one.reason)]
    whole = "".join(texts)
    if "\0" not in whole and (whole.isascii() or whole.encode("utf-8", "replace").decode() == whole):
        return reading
    cleaned: Reading = _without_dirt(reading)
    return cleaned


def _without_dirt(value: Any) -> Any:
    """A value, or the fields of a dataclass and the parts of a tuple, with clean texts."""
    if isinstance(value, StrEnum):
        return value
    if isinstance(value, str):
        return value.replace("\0", "").encode("utf-8", "replace").decode()
    if isinstance(value, tuple):
        return tuple(_without_dirt(one) for one in value)
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{one.name: _without_dirt(getattr(value, one.name)) for one in fields(value)})
    return value


def store(session: Session, messages: Sequence[NewMessage], now: datetime) -> list[int]:
    """Writes new messages and their parties; returns their ids in order."""
    table = Message.__table__
    # By key, and not in order: to keep the order the database would insert one by one.
    id_of: dict[str, int] = dict(
        session.connection()
        .execute(
            insert(table).returning(table.c.key, table.c.id),  # type: ignore[arg-type]
            [_row(one, now) for one in messages],
        )
        .all()
    )
    ids = [id_of[one.key] for one in messages]
    parties = [
        {
            "address": party.address,
            "message_id": message_id,
            "role": party.role,
            "domain": party.domain[:255],
            "name": party.name,
        }
        for message_id, one in zip(ids, messages, strict=True)
        for party in one.mail.parties
    ]
    if parties:
        session.connection().execute(insert(Party.__table__), parties)  # type: ignore[arg-type]
    return ids


def locate(session: Session, folder: Folder, places: Iterable[tuple[int, int]]) -> None:
    """Notes that the message lies at the UID of the folder's present generation, for each (uid, message) not yet noted."""
    wanted = dict(places)
    there: set[int] = set()
    for some in chunks(wanted):
        there.update(
            session.scalars(
                select(Location.uid).where(
                    Location.folder_id == folder.id,
                    Location.uidvalidity == (folder.uidvalidity or 0),
                    Location.uid.in_(some),
                )
            )
        )
    rows = [
        {"message_id": message, "folder_id": folder.id, "uidvalidity": folder.uidvalidity or 0, "uid": uid}
        for uid, message in wanted.items()
        if uid not in there
    ]
    if rows:
        session.connection().execute(insert(Location.__table__), rows)  # type: ignore[arg-type]


def store_text(
    session: Session, message_id: int, reading: Reading, signals: list[dict[str, Any]] | None = None
) -> None:
    """Gives a stored message its text and what only the text tells."""
    values = {
        **_text_columns(reading, signals),
        "body_digest": reading.body_digest,
        "text_state": TextState.PRESENT,
    }
    session.execute(update(Message).where(Message.id == message_id).values(**values))


def _row(one: NewMessage, now: datetime) -> dict[str, Any]:
    reading = one.reading
    return {
        "key": one.key,
        "message_id": reading.message_id[:998],
        "in_reply_to": parent_id(reading),
        "thread_id": one.thread_id,
        "direction": one.mail.direction,
        "standing": one.standing,
        "at": one.at,
        "date_header": reading.date_header,
        "utc_offset": reading.date_offset,
        "received_at": one.received_at,
        "sender_name": reading.sender.name,
        "sender_address": normal(reading.sender.address)[:LONGEST_ADDRESS],
        "recipients": [
            {"role": role, "name": person.name, "address": person.address}
            for role, people in (("to", reading.to), ("cc", reading.cc), ("bcc", reading.bcc))
            for person in people
        ],
        "subject": reading.subject,
        "text_state": one.text_state,
        "automatic": one.mail.automatic,
        "bounce": _bounce(reading.bounce),
        "sender_verified": one.mail.verified,
        "body_digest": reading.body_digest if one.has_text else "",
        "size": one.size,
        "problems": list(reading.problems),
        "taken_at": now,
        **(_text_columns(reading, one.signals) if one.text_state is TextState.PRESENT else NO_TEXT),
    }


NO_TEXT: dict[str, Any] = {
    "new_text": "",
    "own_text": "",
    "signals": None,
    "quoted_text": "",
    "signature": "",
    "language": "",
    "forwarded": False,
    "back_on": None,
    "attachments": [],
}


def _text_columns(reading: Reading, signals: list[dict[str, Any]] | None) -> dict[str, Any]:
    return {
        "new_text": reading.new_text,
        "own_text": reading.own_text if reading.forwarded else "",
        "signals": signals,
        "quoted_text": reading.quoted_text,
        "signature": reading.signature,
        "language": reading.language,
        "forwarded": reading.forwarded,
        "back_on": reading.back_on,
        "attachments": [{"name": one.name, "type": one.type, "size": one.size} for one in reading.attachments],
    }


def _bounce(bounce: Bounce | None) -> dict[str, Any] | None:
    if bounce is None:
        return None
    return {
        "recipients": [
            {"address": one.address, "kind": one.kind.value, "status": one.status, "reason": one.reason}
            for one in bounce.recipients
        ],
        "original_message_id": bounce.original_message_id,
    }


def text_gone(session: Session, message_id: int) -> None:
    """The server has the mail no more: its entries stay with their subject, and nobody asks for its text again."""
    session.execute(
        update(Message)
        .where(Message.id == message_id, Message.text_state == TextState.WANTED)
        .values(text_state=TextState.GONE)
    )
