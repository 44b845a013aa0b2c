"""Writers that decide about mails take turns: two at once could store the same mail twice, or tear a thread apart."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.orm import Session

_TURN = 0x1B0C
"""Names the lock on PostgreSQL; any number will do that nobody else uses in the same database."""


def wait_turn(session: Session) -> None:
    """Waits until no other transaction decides about mails, and keeps the turn to the end of this one.

    On SQLite `inboxcrm.model.database.writing` has seen to that already.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:turn)"), {"turn": _TURN})
