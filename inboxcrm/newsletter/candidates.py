"""The contacts of the file before the rules of an audience: who gets an issue, who is left out and why, now and in the moment of sending.

It goes through the contacts a portion at a time, with the same few queries for a portion as for one recipient, so memory stays bounded
however many there are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from inboxcrm.matching.own import OwnAddresses
from inboxcrm.model import Issue, Recipient
from inboxcrm.newsletter.audience import Audience
from inboxcrm.newsletter.choosing import Choice
from inboxcrm.newsletter.reasons import Why


@dataclass(frozen=True, slots=True)
class Selection:
    """What decides about an issue's recipients. `texts`: the languages that it is written in; `fallback`: the one for everybody else, ""
    to leave them out; `own`: who we are; `issue_id`: the issue itself, whose own recipients don't count as another issue (None: none
    yet).
    """

    audience: Audience
    texts: tuple[str, ...]
    fallback: str
    own: OwnAddresses
    issue_id: int | None = None

    @classmethod
    def of(cls, issue: Issue, own: OwnAddresses) -> Selection:
        """As an issue has it."""
        texts = tuple(text.language for text in issue.texts)
        return cls(Audience.unpacked(issue.audience), texts, issue.fallback_language, own, issue.id)


@dataclass(frozen=True, slots=True)
class Overview:
    """Numbers of an audience: how many are `chosen`, by `languages`; how many are left out for each reason (`left_out`; who has several
    counts in each) and in all (`out`).
    """

    chosen: int
    out: int
    languages: Counter[str] = field(default_factory=Counter)
    left_out: Counter[Why] = field(default_factory=Counter)


def choose(session: Session, selection: Selection, now: datetime, *, after: int = 0) -> Iterator[Choice]:
    """Every contact of the file with what becomes of him, by contact id, from the one behind `after` on. `now` is aware."""
    raise NotImplementedError


def overview(session: Session, selection: Selection, now: datetime) -> Overview:
    """The numbers of `choose`."""
    raise NotImplementedError


def page(
    session: Session,
    selection: Selection,
    now: datetime,
    *,
    chosen: bool,
    why: Why | None = None,
    after: int = 0,
    limit: int = 50,
) -> list[Choice]:
    """The next contacts that are in (`chosen`), or left out (for `why`; None: whatever the reason), behind contact `after`."""
    raise NotImplementedError


def still_in(
    session: Session, selection: Selection, recipients: Sequence[Recipient], now: datetime
) -> dict[int, tuple[str, ...]]:
    """For the moment of sending, in the transaction that takes them: recipient id → why the issue must no longer go there, in words; who
    may get it is not in the answer. Everything is asked again: grade, filters, suppression, health, what was written meanwhile.
    """
    raise NotImplementedError
