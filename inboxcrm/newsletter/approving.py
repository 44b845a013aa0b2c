"""The one step after which an issue may go: a person approves it, and each recipient gets a row with a Message-ID that stays. Until it
begins the approval can be taken back; a paused issue goes on only from an account that can send.

It sends nothing. What has been approved is asked once more when its turn comes (`inboxcrm.newsletter.candidates.still_in`).
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import islice
from typing import Any

from sqlalchemy import and_, delete, exists, insert, or_, update
from sqlalchemy.orm import Session

from inboxcrm.followup.places import Place
from inboxcrm.i18n import _
from inboxcrm.model import Account, Issue, IssueState, Recipient, RecipientState
from inboxcrm.newsletter.candidates import Selection, choose
from inboxcrm.newsletter.checks import Report, check
from inboxcrm.newsletter.choosing import Choice
from inboxcrm.newsletter.issues import IssueError, ahead, get
from inboxcrm.newsletter.mailing import moved, resume
from inboxcrm.newsletter.press import NoAccountError, Press
from inboxcrm.newsletter.states import EDITABLE, WAITING, has_not_begun, said
from inboxcrm.newsletter.whereabouts import places
from inboxcrm.reading.addresses import domain_of

_PORTION = 500
_MORE = 3
"""So many more recipients than a person has seen, or a twentieth, are life going on."""


class NotReadyError(IssueError):
    """The checks found errors; `report` has them all."""

    def __init__(self, report: Report) -> None:
        self.report = report
        told = "\n".join(f"- {one.what}" for one in report.errors)
        super().__init__(_("The issue can't go like this:\n{errors}").format(errors=told))


@dataclass(frozen=True, slots=True)
class Approved:
    """What an approval wrote: how many recipients, how many of them in the test of subjects."""

    recipients: int
    in_test: int


def approve(
    session: Session,
    press: Press,
    issue_id: int,
    now: datetime,
    *,
    by: str,
    send_at: datetime | None = None,
    seen: int | None = None,
) -> Approved:
    """Approves an issue in REVIEW: it becomes APPROVED and goes from `send_at` on (None: the issue's own, else now). `seen`: how many
    recipients the person was shown; when clearly more would get it by now, they must look again (None: whoever it is).

    1. Only one approval can take it out of REVIEW.
    2. The checks are made again; errors refuse it (NotReadyError; roll back then).
    3. The audience is chosen again; each contact who is in becomes a Recipient, QUEUED, with a new Message-ID.
    4. `due_at`: the time of sending, or the next working hour of the recipient's place after it; who isn't in the test of subjects
       waits until it is over.
    Raises IssueError, NotReadyError; roll back then.
    """
    issue = get(session, issue_id)
    if not by.strip():
        raise IssueError(_("An approval needs the name of who approves."))
    if send_at is not None:
        ahead(send_at, now)
    taken = session.execute(
        update(Issue).where(Issue.id == issue_id, Issue.state == IssueState.REVIEW).values(state=IssueState.APPROVED)
    )
    if taken.rowcount != 1:  # type: ignore[attr-defined]  # an UPDATE has one
        session.refresh(issue)
        message = _("“{name}” can't be approved now ({state}): only an issue in review can.")
        raise IssueError(message.format(name=issue.name, state=said(issue.state)))
    session.refresh(issue)
    report = check(session, issue, press, now)
    if not report.may_go:
        raise NotReadyError(report)
    if seen is not None and report.recipients > seen + max(_MORE, seen // 20):
        message = _("It would go to {now} recipients by now; you were shown {seen}. Look at it again, then approve it.")
        raise IssueError(message.format(now=report.recipients, seen=seen))
    issue.send_at = send_at or issue.send_at or now
    issue.approved_at, issue.approved_by = now, by
    tried = _Test(issue)
    written = 0
    chosen = (one for one in choose(session, Selection.of(issue, press.own), now) if one.is_in)
    times = _Times(issue, press, now)
    new_id = partial(press.message_id, domain_of(session.get_one(Account, issue.account_id).address))
    while portion := list(islice(chosen, _PORTION)):
        rows = list(_rows(session, issue_id, portion, tried=tried, times=times, new_id=new_id))
        session.execute(insert(Recipient), rows)
        written += len(rows)
    session.flush()
    return Approved(written, tried.count)


def take_back(session: Session, issue_id: int) -> Issue:
    """Makes an issue in REVIEW, or an approved one that hasn't begun, a DRAFT again: with its approval go its time and its recipients,
    none of whom has been written to. Raises IssueError.
    """
    issue = get(session, issue_id)
    # An old copy of the database may not know that it has begun; somebody's answer shows it.
    gone = exists().where(Recipient.issue_id == issue_id, Recipient.state != RecipientState.QUEUED)
    taken = moved(
        session,
        issue_id,
        EDITABLE | WAITING,
        or_(Issue.state.in_(EDITABLE), and_(Issue.started_at.is_(None), ~gone)),
        state=IssueState.DRAFT,
        send_at=None,
        approved_at=None,
        approved_by="",
        paused_because="",
        resume_at=None,
    )
    if not taken:
        message = _("“{name}” can't be taken back any more ({state}). Copy it to write another.")
        raise IssueError(message.format(name=issue.name, state=said(issue.state)))
    session.execute(delete(Recipient).where(Recipient.issue_id == issue_id))
    return issue


def go_on(session: Session, press: Press, issue_id: int, now: datetime) -> Issue:
    """A person lets a paused issue go on, whoever paused it. Raises IssueError, also when its account can't send any more."""
    issue = get(session, issue_id)
    if issue.state is IssueState.PAUSED:
        _can_send(session, press, issue)
    return resume(session, issue_id, now=now)


def _can_send(session: Session, press: Press, issue: Issue) -> None:
    address = session.get_one(Account, issue.account_id).address
    try:
        if press.account(address).smtp is not None:
            return
        reason = _("The settings name no server to send through for {address}; add [accounts.smtp].")
    except NoAccountError:
        reason = _("The account {address} isn't in the settings any more; put it back there.")
    if has_not_begun(issue):
        otherwise = _("Or take “{name}” back, and choose another account for it.")
    else:
        otherwise = _("Or cancel “{name}” and copy it; the copy can go from another account.")
    raise IssueError(" ".join([reason.format(address=address), otherwise.format(name=issue.name)]))


def _rows(
    session: Session,
    issue_id: int,
    choices: Sequence[Choice],
    *,
    tried: _Test,
    times: _Times,
    new_id: Callable[[], str],
) -> Iterator[dict[str, Any]]:
    where = times.places(session, [one.contact_id for one in choices])
    for one in choices:
        subject, in_test = tried.of(one)
        yield {
            "issue_id": issue_id,
            "contact_id": one.contact_id,
            "customer_id": one.customer_id,
            "address": one.address,
            "written": one.written,
            "name": one.name,
            "language": one.language,
            "subject": subject,
            "in_test": in_test,
            "message_id": new_id(),
            "state": RecipientState.QUEUED,
            "due_at": times.due(where.get(one.contact_id), waits=tried.is_on(one.language) and not in_test),
        }


class _Test:
    """Who tries which subject. By the address alone, so that it can be told again; each subject is tried on somebody."""

    def __init__(self, issue: Issue) -> None:
        self._issue_id, self._share = issue.id, issue.test_share
        self._subjects = {text.language: len(text.subjects) for text in issue.texts}
        self._tried: Counter[str] = Counter()

    @property
    def count(self) -> int:
        """How many try one."""
        return self._tried.total()

    def is_on(self, language: str) -> bool:
        """Whether there is something to try in this language."""
        return self._share > 0 and self._subjects.get(language, 0) > 1

    def of(self, choice: Choice) -> tuple[int, bool]:
        """(which subject, whether it is a try)."""
        language = choice.language
        if not self.is_on(language):
            return 0, False
        drawn = int(hashlib.sha256(f"{self._issue_id} {choice.address}".encode()).hexdigest()[:8], 16) % 100
        if drawn >= self._share and self._tried[language] >= self._subjects[language]:
            return 0, False
        subject = self._tried[language] % self._subjects[language]
        self._tried[language] += 1
        return subject, True


class _Times:
    """When each recipient's turn is, at the earliest."""

    def __init__(self, issue: Issue, press: Press, now: datetime) -> None:
        start = max(issue.send_at or now, now)
        self._starts = (start, start + timedelta(hours=issue.test_hours))
        self._working_hours = issue.working_hours
        self._calendar = press.office_calendar()
        self._known: dict[tuple[Place, bool], datetime] = {}

    def places(self, session: Session, contacts: Collection[int]) -> dict[int, Place]:
        """Where they sit; nothing when it doesn't matter."""
        return places(session, contacts, self._calendar.home) if self._working_hours else {}

    def due(self, place: Place | None, *, waits: bool) -> datetime:
        """For who sits there (None: it doesn't matter); `waits`: until the test is over."""
        start = self._starts[waits]
        if place is None:
            return start
        key = (place, waits)
        if key not in self._known:
            self._known[key] = self._calendar.next_morning(start, place)
        return self._known[key]
