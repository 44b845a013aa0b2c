"""The numbers beside the navigation: what waits for a person. Each query reads an index and stops at a bound."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from inboxcrm.model import Account, AccountState, Direction, Message, Standing

MOST = 99
"""More than this is shown as "99+", and not counted."""


@dataclass(frozen=True, slots=True)
class Counts:
    """`unmatched`: people whose mail waits in triage, at most `MOST` + 1. `failing`: accounts that need a look."""

    unmatched: int
    failing: int

    @property
    def unmatched_text(self) -> str:
        """The number as it is shown."""
        return f"{MOST}+" if self.unmatched > MOST else str(self.unmatched)


def counts(session: Session) -> Counts:
    """What waits now."""
    waiting = (
        select(Message.sender_address)
        .where(
            Message.standing == Standing.UNMATCHED,
            Message.direction == Direction.IN,
            Message.automatic == "",
        )
        .distinct()
        .limit(MOST + 1)
    )
    unmatched = session.scalar(select(func.count()).select_from(waiting.subquery())) or 0
    failing = session.scalar(
        select(func.count())
        .select_from(Account)
        .where(Account.state.in_([AccountState.RETRYING, AccountState.STOPPED]))
    )
    return Counts(unmatched=unmatched, failing=failing or 0)
