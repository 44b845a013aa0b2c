"""What was put off and is fetched later: texts of mails that found their customer later, and mails that the server refused.

Queries only; the sync fetches, `inboxcrm.service.taking` writes.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from inboxcrm.model import Folder, Location, Message, TextState, Trouble
from inboxcrm.service.folders import Place
from inboxcrm.service.taking import is_due

_MANY = 5_000


def wanted_texts(
    session: Session, place: Place, now: datetime, *, limit: int, tried_before: datetime | None
) -> dict[int, int]:
    """UID → message of up to `limit` mails in this folder whose text a log entry waits for; without those that the server refused and
    whose time has not come (`is_due`).
    """
    undue = _undue(session, place, now, tried_before)
    rows = session.execute(
        select(Location.uid, Location.message_id)
        .join(Message, Message.id == Location.message_id)
        .where(
            Message.text_state == TextState.WANTED,
            Location.folder_id == place.id,
            Location.uidvalidity == place.cursor.uidvalidity,
        )
        .order_by(Message.at.desc())
        .limit(limit + len(undue))
    )
    return dict([(row.uid, row.message_id) for row in rows if row.uid not in undue][:limit])


def troubled(session: Session, place: Place, now: datetime, *, limit: int, tried_before: datetime | None) -> list[int]:
    """Up to `limit` UIDs of this folder that the server refused and whose time has come (`is_due`), ascending; without those whose
    header is here, which wait among the texts.
    """
    here = select(Location.uid).where(
        Location.folder_id == place.id, Location.uidvalidity == place.cursor.uidvalidity, Location.uid == Trouble.uid
    )
    rows = session.scalars(
        select(Trouble)
        .where(Trouble.folder_id == place.id, Trouble.uidvalidity == place.cursor.uidvalidity, ~here.exists())
        .order_by(Trouble.last_at)
    )
    return sorted([row.uid for row in rows if is_due(row, now, tried_before)][:limit])


def _undue(session: Session, place: Place, now: datetime, tried_before: datetime | None) -> set[int]:
    rows = session.scalars(
        select(Trouble).where(Trouble.folder_id == place.id, Trouble.uidvalidity == place.cursor.uidvalidity)
    )
    return {row.uid for row in rows if not is_due(row, now, tried_before)}


def unreachable_texts(session: Session) -> list[int]:
    """Messages whose text is wanted but which lie nowhere any more, as far as all folders are known to their end."""
    if session.scalar(select(exists().where(Folder.watched, Folder.history_left.is_distinct_from(0)))):
        return []
    now_there = (
        select(Location.id)
        .join(Folder, Folder.id == Location.folder_id)
        .where(Location.message_id == Message.id, Folder.watched, Folder.uidvalidity == Location.uidvalidity)
    )
    return list(session.scalars(select(Message.id).where(Message.text_state == TextState.WANTED, ~now_there.exists())))


def wanted_messages(session: Session) -> frozenset[int]:
    """The messages whose texts log entries wait for; of very many, the latest."""
    latest = select(Message.id).where(Message.text_state == TextState.WANTED).order_by(Message.id.desc()).limit(_MANY)
    return frozenset(session.scalars(latest))
