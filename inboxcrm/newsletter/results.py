"""What became of issues: who got them, what came back, and what followed with those customers within thirty days. Numbers only; that
something followed is no proof that the issue was the cause, so the words say "after".
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from inboxcrm.engagement.log import COUNTING
from inboxcrm.engagement.signals import Kind
from inboxcrm.model import (
    ChangedBy,
    Click,
    Grade,
    GradeChange,
    Issue,
    IssueState,
    Recipient,
    RecipientState,
    Signal,
)
from inboxcrm.newsletter import subjects
from inboxcrm.newsletter.issues import get
from inboxcrm.newsletter.mailing import Progress, progress
from inboxcrm.newsletter.subjects import Tried

AFTERWARDS = timedelta(days=30)
INTEREST = (Kind.INQUIRY, Kind.QUOTE_REQUEST, Kind.SAMPLE_REQUEST, Kind.ORDER)
"""The signals that are counted after an issue."""


@dataclass(frozen=True, slots=True)
class Results:
    """Of one issue. `signals`: kind → how many customers showed it within thirty days after their mail; `interested`: customers who
    showed any; `moves`: (from, to) → grade changes by the rules in that time that nobody has called wrong; `clickers`: recipients who
    followed a counted link; `links`: (link, recipients who followed it); `settled`: whether the thirty days of all recipients are over.
    """

    issue_id: int
    name: str
    started_at: datetime | None
    progress: Progress
    signals: Counter[Kind] = field(default_factory=Counter)
    interested: int = 0
    moves: Counter[tuple[Grade, Grade]] = field(default_factory=Counter)
    counts_clicks: bool = False
    clicks: int = 0
    clickers: int = 0
    links: tuple[tuple[str, int], ...] = ()
    subjects: tuple[Tried, ...] = ()
    settled: bool = False

    @property
    def sent(self) -> int:
        """Taken by the server."""
        return self.progress.states[RecipientState.SENT]

    @property
    def delivered(self) -> int:
        """Sent, and not come back so far."""
        return self.sent - self.progress.bounced

    def as_json(self) -> dict[str, Any]:
        """The public form."""
        return {
            "issue": self.issue_id,
            "name": self.name,
            "started_at": self.started_at.isoformat() if self.started_at else None,
            **self.progress.as_json(),
            "delivered": self.delivered,
            "signals": {kind.value: self.signals[kind] for kind in INTEREST},
            "interested": self.interested,
            "grade_changes": [
                {"from": before.value, "to": after.value, "count": count}
                for (before, after), count in sorted(self.moves.items())
            ],
            "clicks": {"count": self.clicks, "recipients": self.clickers, "links": [list(one) for one in self.links]}
            if self.counts_clicks
            else None,
            "subjects": [
                {"subject": one.subject, "sent": one.sent, "answered": one.answered, "left": one.left}
                for one in self.subjects
            ],
            "settled": self.settled,
        }


def results(session: Session, issue_id: int, now: datetime) -> Results:
    """What became of an issue up to `now`. Raises IssueError when there is none."""
    issue = get(session, issue_id)
    span = _span(session, issue_id)
    signals, interested = _signals(session, issue_id, span, now)
    clicks, clickers, links = _clicks(session, issue_id) if issue.count_clicks else (0, 0, ())
    return Results(
        issue_id,
        issue.name,
        issue.started_at,
        progress(session, issue_id),
        signals,
        interested,
        _moves(session, issue_id, span, now),
        issue.count_clicks,
        clicks,
        clickers,
        links,
        tuple(subjects.tried(session, issue_id)),
        span is not None and span[1] + AFTERWARDS <= now and issue.state in (IssueState.DONE, IssueState.CANCELLED),
    )


def over_time(session: Session, now: datetime, *, newsletter_id: int | None = None, limit: int = 12) -> list[Results]:
    """The last issues that began, of a series or of all, the oldest first."""
    asked = select(Issue.id).where(Issue.started_at.is_not(None)).order_by(Issue.started_at.desc()).limit(limit)
    if newsletter_id is not None:
        asked = asked.where(Issue.newsletter_id == newsletter_id)
    return [results(session, one, now) for one in reversed(session.scalars(asked).all())]


# --- inside -----------------------------------------------------------------------------------------------------------


def _span(session: Session, issue_id: int) -> tuple[datetime, datetime] | None:
    """When the first and the last mail went."""
    first, last = session.execute(
        select(func.min(Recipient.sent_at), func.max(Recipient.sent_at)).where(
            Recipient.issue_id == issue_id, Recipient.state == RecipientState.SENT
        )
    ).one()
    return (first, last) if first is not None and last is not None else None


def _got(issue_id: int) -> Any:
    """Customer → when the first mail of the issue went there, as a subquery."""
    return (
        select(Recipient.customer_id, func.min(Recipient.sent_at).label("sent_at"))
        .where(
            Recipient.issue_id == issue_id,
            Recipient.state == RecipientState.SENT,
            Recipient.customer_id.is_not(None),
        )
        .group_by(Recipient.customer_id)
        .subquery()
    )


def _after(
    session: Session, asked: Select[Any], at: Any, span: tuple[datetime, datetime], now: datetime
) -> Iterator[Sequence[Any]]:
    """The rows (…, when, when the mail went) that lie within the thirty days."""
    asked = asked.where(at > span[0], at <= min(now, span[1] + AFTERWARDS))
    for *facts, happened, sent_at in session.execute(asked):
        if sent_at < happened <= sent_at + AFTERWARDS:
            yield facts


def _signals(
    session: Session, issue_id: int, span: tuple[datetime, datetime] | None, now: datetime
) -> tuple[Counter[Kind], int]:
    if span is None:
        return Counter(), 0
    got = _got(issue_id)
    asked = (
        select(Signal.kind, Signal.customer_id, Signal.at, got.c.sent_at)
        .join(got, got.c.customer_id == Signal.customer_id)
        .where(Signal.kind.in_([one.value for one in INTEREST]), Signal.state.in_(COUNTING))
    )
    found = {(kind, customer) for kind, customer in _after(session, asked, Signal.at, span, now)}
    return Counter(Kind(kind) for kind, _customer in found), len({customer for _kind, customer in found})


def _moves(
    session: Session, issue_id: int, span: tuple[datetime, datetime] | None, now: datetime
) -> Counter[tuple[Grade, Grade]]:
    if span is None:
        return Counter()
    got = _got(issue_id)
    asked = (
        select(GradeChange.from_grade, GradeChange.to_grade, GradeChange.at, got.c.sent_at)
        .join(got, got.c.customer_id == GradeChange.customer_id)
        .where(GradeChange.changed_by == ChangedBy.RULES, GradeChange.wrong_at.is_(None))
    )
    return Counter((before, after) for before, after in _after(session, asked, GradeChange.at, span, now))


def _clicks(session: Session, issue_id: int) -> tuple[int, int, tuple[tuple[str, int], ...]]:
    of_issue = (
        select(func.count(), func.count(Click.recipient_id.distinct()))
        .join(Recipient, Recipient.id == Click.recipient_id)
        .where(Recipient.issue_id == issue_id)
    )
    clicks, clickers = session.execute(of_issue).one()
    links = session.execute(
        select(Click.url, func.count(Click.recipient_id.distinct()).label("people"))
        .join(Recipient, Recipient.id == Click.recipient_id)
        .where(Recipient.issue_id == issue_id)
        .group_by(Click.url)
        .order_by(func.count(Click.recipient_id.distinct()).desc(), Click.url)
        .limit(20)
    )
    return clicks, clickers, tuple((url, count) for url, count in links)
