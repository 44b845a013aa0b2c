"""What the pages of newsletter series show: the series with their last issue, and the issues of one. It reads only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from inboxcrm.model import Issue, IssueState, Newsletter

_MOST_ISSUES = 20


@dataclass(frozen=True, slots=True)
class Listed:
    """A series; `issues`: how many it has made; `last`: the newest one; `waits`: one that waits for a person."""

    row: Newsletter
    issues: int
    last: Issue | None
    waits: Issue | None


def all_series(session: Session) -> list[Listed]:
    """Every series, by name."""
    counted = session.execute(
        select(Issue.newsletter_id, func.count()).where(Issue.newsletter_id.is_not(None)).group_by(Issue.newsletter_id)
    )
    counts = {row[0]: row[1] for row in counted}
    found = []
    for row in session.scalars(select(Newsletter).order_by(Newsletter.name)):
        newest = issues_of(session, row.id, limit=5)
        waits = next((one for one in newest if one.state in (IssueState.DRAFT, IssueState.REVIEW)), None)
        found.append(Listed(row, counts.get(row.id, 0), newest[0] if newest else None, waits))
    return found


def issues_of(session: Session, newsletter_id: int, *, limit: int = _MOST_ISSUES) -> Sequence[Issue]:
    """The issues of a series, the newest first."""
    return session.scalars(
        select(Issue)
        .where(Issue.newsletter_id == newsletter_id)
        .order_by(Issue.created_at.desc(), Issue.id.desc())
        .limit(limit)
    ).all()
