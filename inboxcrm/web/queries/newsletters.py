"""What the pages of newsletters show: the list of issues, and what an audience can be chosen by."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Text, cast, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session, selectinload

from inboxcrm.customers import listing
from inboxcrm.followup.variables import LANGUAGES
from inboxcrm.model import Contact, Customer, Issue, IssueState, Newsletter, Recipient, RecipientState

_MOST_ISSUES = 300
_COUNTED_AT_ONCE = 20_000
"""Contacts whom going through takes less than a second."""
_THROUGH = (RecipientState.SENT, RecipientState.REFUSED, RecipientState.UNKNOWN, RecipientState.DROPPED)


@dataclass(frozen=True, slots=True)
class IssueRow:
    """An issue in the list. `recipients`: 0 before the approval; `sent`: how many of them it has gone to; `through`: to how many it has
    gone or never will; `unknown`: of how many nobody knows whether it has.
    """

    issue: Issue
    series: str
    languages: tuple[str, ...]
    recipients: int
    sent: int
    through: int
    unknown: int


def issues(session: Session, states: Sequence[IssueState]) -> list[IssueRow]:
    """The issues in these states, the newest first."""
    found = session.scalars(
        select(Issue)
        .where(Issue.state.in_(states))
        .options(selectinload(Issue.texts))
        .order_by(func.coalesce(Issue.ended_at, Issue.send_at, Issue.created_at).desc(), Issue.id.desc())
        .limit(_MOST_ISSUES)
    ).all()
    names = {row.id: row.name for row in session.execute(select(Newsletter.id, Newsletter.name))}
    counts: dict[int, Counter[RecipientState]] = {}
    rows = session.execute(
        select(Recipient.issue_id, Recipient.state, func.count())
        .where(Recipient.issue_id.in_([one.id for one in found]))
        .group_by(Recipient.issue_id, Recipient.state)
    )
    for issue_id, state, count in rows:
        counts.setdefault(issue_id, Counter())[state] = count
    none: Counter[RecipientState] = Counter()
    return [
        IssueRow(
            one,
            names.get(one.newsletter_id, "") if one.newsletter_id is not None else "",
            tuple(text.language for text in one.texts),
            counts.get(one.id, none).total(),
            counts.get(one.id, none)[RecipientState.SENT],
            sum(counts.get(one.id, none)[state] for state in _THROUGH),
            counts.get(one.id, none)[RecipientState.UNKNOWN],
        )
        for one in found
    ]


# --- audience ---------------------------------------------------------------------------------------------------------


def are_many(session: Session) -> bool:
    """Whether there are so many contacts that a page should be shown before all of them are looked at."""
    return (session.scalar(select(func.count()).select_from(Contact)) or 0) > _COUNTED_AT_ONCE


@dataclass(frozen=True, slots=True)
class Filters:
    """What an audience can be chosen by: (value, customers or contacts that have it), the most frequent first."""

    countries: Sequence[tuple[str, int]]
    languages: Sequence[tuple[str, int]]
    products: Sequence[tuple[str, int]]
    tags: Sequence[tuple[str, int]]
    sources: Sequence[tuple[str, int]]


def filters(session: Session) -> Filters:
    """What is there in the file."""
    written = select(Contact.language, func.count()).where(Contact.language != "").group_by(Contact.language)
    spoken: Counter[str] = Counter()
    for code, count in session.execute(written):
        spoken[code] = count
    for code in LANGUAGES:
        spoken.setdefault(code, 0)
    countries = [(code, count) for code, count in listing.countries(session) if code]
    products, tags = _words(session, Customer.products), _words(session, Customer.tags)
    sources: Counter[str] = Counter()
    for source, count in session.execute(select(Customer.source, func.count()).group_by(Customer.source)):
        sources.update({source.strip(): count} if source.strip() else {})
    return Filters(countries, _ranked(spoken), _ranked(products), _ranked(tags), _ranked(sources))


def _words(session: Session, lists: InstrumentedAttribute[list[str]]) -> Counter[str]:
    """How many customers have each word in their list. Many have the same list; each is taken apart once."""
    found: Counter[str] = Counter()
    as_text = cast(lists, Text)
    for written, count in session.execute(select(as_text, func.count()).group_by(as_text)):
        for word in {one.strip() for one in json.loads(written)} - {""}:
            found[word] += count
    return found


def _ranked(counted: Counter[str]) -> list[tuple[str, int]]:
    return sorted(counted.items(), key=lambda one: (-one[1], one[0].casefold(), one[0]))
