"""What people do with an issue before it goes: write it, look at it, try it on themselves, put it up for review, approve it.

Nothing goes out from here. Approval writes a row for each recipient with its fixed Message-ID; `inboxcrm.newsletter.mailing` sends.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from inboxcrm.errors import InboxcrmError
from inboxcrm.model import Issue, IssueText
from inboxcrm.newsletter.audience import Audience
from inboxcrm.newsletter.checks import Report
from inboxcrm.newsletter.composing import Shown
from inboxcrm.newsletter.press import Press

Send = Callable[[str, Sequence[str], bytes], object]
"""Hands one mail over: envelope sender, recipients, bytes (`inboxcrm.mailbox.submission.Submission.send`)."""


class IssueError(InboxcrmError):
    """It can't be done with this issue; the message says why and what to do."""


class NotReadyError(IssueError):
    """The checks found errors; `report` has them all."""

    def __init__(self, report: Report, message: str) -> None:
        super().__init__(message)
        self.report = report


@dataclass(frozen=True, slots=True)
class Approved:
    """What an approval wrote: how many recipients, how many of them in the test of subjects."""

    recipients: int
    in_test: int


def get(session: Session, issue_id: int) -> Issue:
    """The issue. Raises IssueError."""
    raise NotImplementedError


def create(
    session: Session,
    press: Press,
    *,
    name: str,
    account_id: int,
    now: datetime,
    by: str,
    layout: str = "letter",
    audience: Audience | None = None,
    fallback_language: str = "en",
    newsletter_id: int | None = None,
) -> Issue:
    """A new issue in state DRAFT, without texts. `audience` None: grade C, with the days of the settings. Raises IssueError."""
    raise NotImplementedError


def edit(session: Session, press: Press, issue_id: int, **changes: Any) -> Issue:
    """Changes an issue that is not approved yet: any of name, account_id, layout, audience (Audience), fallback_language, images,
    variables, test_share, test_hours, count_clicks, working_hours, send_at. An issue in REVIEW goes back to DRAFT. Raises IssueError.
    """
    raise NotImplementedError


def write_text(
    session: Session,
    press: Press,
    issue_id: int,
    language: str,
    *,
    subjects: Sequence[str],
    body: str,
    format: str = "markdown",  # noqa: A002  the column's name
) -> IssueText:
    """Writes or replaces the text in a language; several subjects are the variants of a test. Raises IssueError naming line and variable."""
    raise NotImplementedError


def drop_text(session: Session, issue_id: int, language: str) -> None:
    """Takes the text in a language out. Raises IssueError."""
    raise NotImplementedError


def preview(
    session: Session,
    press: Press,
    issue_id: int,
    now: datetime,
    *,
    contact_id: int | None = None,
    language: str = "",
    subject: int = 0,
) -> Shown:
    """The mail as this contact would see it; None: the invented customer of the language. Raises IssueError, TextError."""
    raise NotImplementedError


def test_send(
    session: Session,
    press: Press,
    issue_id: int,
    to: str,
    send: Send,
    now: datetime,
    *,
    contact_id: int | None = None,
    language: str = "",
    subject: int = 0,
) -> bytes:
    """Sends the mail of `preview` to oneself: only to an address of our own. Its way out leads nowhere. Returns the bytes.

    Raises IssueError for an address that isn't ours, TextError, and what `send` raises.
    """
    raise NotImplementedError


def submit(session: Session, issue_id: int, now: datetime) -> Issue:
    """Puts a DRAFT up for review. Raises IssueError."""
    raise NotImplementedError


def take_back(session: Session, issue_id: int) -> Issue:
    """Makes an issue in REVIEW a DRAFT again. Raises IssueError."""
    raise NotImplementedError


def approve(
    session: Session,
    press: Press,
    issue_id: int,
    now: datetime,
    *,
    by: str,
    send_at: datetime | None = None,
) -> Approved:
    """Approves an issue in REVIEW: it becomes APPROVED and goes from `send_at` (None: now) on.

    1. The checks are made again; errors refuse it (NotReadyError).
    2. The audience is chosen again; each contact who is in becomes a Recipient, QUEUED, with a new Message-ID that stays.
    3. `due_at`: `send_at`, or the next working hour of the recipient's place; who isn't in the test of subjects waits until it ends.
    Raises IssueError, NotReadyError.
    """
    raise NotImplementedError


def copy(session: Session, issue_id: int, *, name: str, now: datetime, by: str) -> Issue:
    """A new DRAFT with the texts and the audience of an issue. Raises IssueError."""
    raise NotImplementedError


def remove(session: Session, issue_id: int) -> None:
    """Deletes an issue that was never approved. Raises IssueError."""
    raise NotImplementedError
