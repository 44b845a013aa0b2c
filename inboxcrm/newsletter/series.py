"""Newsletter series: each drafts its next issue by itself when its day has come, and puts it up for review. Nothing is ever sent here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from inboxcrm.errors import InboxcrmError
from inboxcrm.model import Newsletter
from inboxcrm.newsletter.audience import Audience
from inboxcrm.newsletter.press import Press


class SeriesError(InboxcrmError):
    """A series can't be so, or can't draft its issue; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Drafted:
    """What became of a series whose day had come: the issue in REVIEW, or None and why there is none, in words."""

    newsletter_id: int
    name: str
    issue_id: int | None
    why_not: str = ""


def create(
    session: Session,
    press: Press,
    *,
    name: str,
    account_id: int,
    template: str,
    languages: list[str],
    now: datetime,
    by: str,
    every_months: int = 1,
    day: int = 1,
    layout: str = "products",
    fallback_language: str = "en",
    audience: Audience | None = None,
) -> Newsletter:
    """A new series; its first issue is drafted on the next `day` of a month. Raises SeriesError."""
    raise NotImplementedError


def edit(session: Session, press: Press, newsletter_id: int, now: datetime, **changes: Any) -> Newsletter:
    """Changes any field of `create`, or `active`; `next_at` follows. Raises SeriesError."""
    raise NotImplementedError


def draft_next(session: Session, press: Press, newsletter_id: int, now: datetime) -> Drafted:
    """Drafts the next issue now, whatever its day, and puts it in REVIEW. Raises SeriesError."""
    raise NotImplementedError


def series_due(session: Session, press: Press, now: datetime) -> list[Drafted]:
    """Drafts an issue for each active series whose `next_at` has come, and moves that on. A series that can't says why; the others go on."""
    raise NotImplementedError
