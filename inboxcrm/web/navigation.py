"""The numbers beside the navigation: what waits for a person."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from inboxcrm.customers import triage
from inboxcrm.followup import queue
from inboxcrm.model import Account, AccountState, Issue, IssueState, Message, Recipient, RecipientState, Standing

_MOST = 99
"""More than this is shown as "99+"."""
_LATELY = timedelta(days=60)
"""How long after its beginning an issue with unknown mails is reminded of."""


@dataclass(frozen=True, slots=True)
class Counts:
    """`unmatched`: addresses of people whose mail waits in triage; `noise`: of machines. `failing`: accounts that need a look.
    `drafts`: what waits for review. `issues`: newsletters that wait for a person.
    """

    unmatched: int
    noise: int
    failing: int
    drafts: int
    issues: int = 0

    @property
    def unmatched_text(self) -> str:
        """The number as it is shown."""
        return _text(self.unmatched)

    @property
    def drafts_text(self) -> str:
        """The number as it is shown."""
        return _text(self.drafts)


def _text(count: int) -> str:
    return f"{_MOST}+" if count > _MOST else str(count)


class WaitingCounts:
    """Remembers the counts of the triage list for as long as the list stays the same: every page shows them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seen: tuple[int, int, int] | None = None
        self._counts = (0, 0)

    def get(self, session: Session) -> tuple[int, int]:
        """Addresses that wait: (of people, of machines)."""
        row = session.execute(
            select(func.count(), func.max(Message.id), func.sum(Message.id)).where(
                Message.standing == Standing.UNMATCHED
            )
        ).one()
        seen = (row[0] or 0, row[1] or 0, int(row[2] or 0))
        with self._lock:
            if seen == self._seen:
                return self._counts
        counts = triage.counts(session)
        with self._lock:
            self._seen, self._counts = seen, counts
        return counts


def counts(session: Session, waiting: WaitingCounts, now: datetime) -> Counts:
    """What waits now."""
    people, machines = waiting.get(session)
    failing = session.scalar(
        select(func.count())
        .select_from(Account)
        .where(Account.state.in_([AccountState.RETRYING, AccountState.STOPPED]))
    )
    drafts = queue.count_waiting(session, now)
    issues = _issues_that_wait(session, now)
    return Counts(unmatched=people, noise=machines, failing=failing or 0, drafts=drafts, issues=issues)


def _issues_that_wait(session: Session, now: datetime) -> int:
    """Newsletters that don't go on without a person: to be approved, paused with no end, or with mails that nobody knows about."""
    unknown = (
        select(Recipient.id).where(Recipient.issue_id == Issue.id, Recipient.state == RecipientState.UNKNOWN).exists()
    )
    found = session.scalar(
        select(func.count())
        .select_from(Issue)
        .where(
            or_(
                Issue.state == IssueState.REVIEW,
                and_(Issue.state == IssueState.PAUSED, Issue.resume_at.is_(None)),
                and_(Issue.started_at > now - _LATELY, unknown),
            )
        )
    )
    return found or 0
