"""The test of subjects: some recipients try the variants, and the one that is answered most often goes to the rest.

Opening mails is not counted, for that would need pictures that spy; an answer is what we want anyway.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from inboxcrm.model import Issue, Recipient, RecipientState

_OPEN = (RecipientState.QUEUED, RecipientState.SENDING)


@dataclass(frozen=True, slots=True)
class Tried:
    """What became of a variant of the subject."""

    subject: int
    sent: int
    answered: int
    left: int

    @property
    def rate(self) -> float:
        """Answers for each mail."""
        return self.answered / self.sent if self.sent else 0.0


def tested_languages(issue: Issue) -> tuple[str, ...]:
    """The languages of an issue in which several subjects are tried."""
    if not issue.test_share:
        return ()
    return tuple(text.language for text in issue.texts if len(text.subjects) > 1)


def tried(session: Session, issue_id: int) -> list[Tried]:
    """What became of each variant so far."""
    rows = session.execute(
        select(Recipient.subject, func.count(), func.count(Recipient.answered_at), func.count(Recipient.left_at))
        .where(Recipient.issue_id == issue_id, Recipient.in_test, Recipient.state == RecipientState.SENT)
        .group_by(Recipient.subject)
        .order_by(Recipient.subject)
    )
    return [Tried(*row) for row in rows]


def best(some: list[Tried]) -> int:
    """The winner: most answers for each mail; then the one after which fewer left; then the first."""
    ranked = sorted(some, key=lambda one: (-one.rate, one.left / one.sent if one.sent else 0.0, one.subject))
    return ranked[0].subject if ranked else 0


def settle(session: Session, issue: Issue, now: datetime) -> int | None:
    """Chooses the winner when the test is over, and gives its subject to all who wait for it. The test is over `test_hours` after its
    last mail went. Returns the winner; None when there is no test, or not yet.
    """
    languages = tested_languages(issue)
    if not languages:
        return None
    if issue.winner is not None:
        return issue.winner
    in_test = (Recipient.issue_id == issue.id, Recipient.in_test)
    if session.scalar(select(Recipient.id).where(*in_test, Recipient.state.in_(_OPEN)).limit(1)) is not None:
        return None
    last = session.scalar(select(func.max(Recipient.sent_at)).where(*in_test))
    if last is not None and last + timedelta(hours=issue.test_hours) > now:
        return None
    winner = best(tried(session, issue.id))
    session.execute(update(Issue).where(Issue.id == issue.id).values(winner=winner))
    known = [text.language for text in issue.texts if len(text.subjects) > winner]
    session.execute(
        update(Recipient)
        .where(
            Recipient.issue_id == issue.id,
            Recipient.state == RecipientState.QUEUED,
            ~Recipient.in_test,
            Recipient.language.in_(known),
        )
        .values(subject=winner),
        execution_options={"synchronize_session": False},
    )
    session.flush()
    return winner
