"""The life of an approved issue: it begins at its time, can be paused, resumed and cancelled at any moment, and ends when every
recipient's mail has gone or never will.

It speaks to no server and takes no recipient in hand (`inboxcrm.newsletter.outbox` does). Every step is a conditional UPDATE, so that
a click and the service can't undo each other's work.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, CursorResult, func, literal, or_, select, update
from sqlalchemy.orm import Session, selectinload

from inboxcrm.i18n import _
from inboxcrm.model import Issue, IssueState, Recipient, RecipientState
from inboxcrm.model.base import UtcDateTime
from inboxcrm.newsletter.issues import IssueError, get
from inboxcrm.newsletter.states import said

UNDER_WAY = (IssueState.APPROVED, IssueState.SENDING, IssueState.PAUSED)
"""The states of an issue that is on its way."""
_OPEN = (RecipientState.QUEUED, RecipientState.SENDING)


@dataclass(frozen=True, slots=True)
class Progress:
    """Where an issue is. `states`: how many recipients are in each; `hard`, `soft`: bounced; `next_at`: when the next one's turn is, at
    the earliest; `paused_because`, `resume_at` as in the issue.
    """

    state: IssueState
    states: Counter[RecipientState] = field(default_factory=Counter)
    hard: int = 0
    soft: int = 0
    answered: int = 0
    left: int = 0
    next_at: datetime | None = None
    paused_because: str = ""
    resume_at: datetime | None = None

    @property
    def recipients(self) -> int:
        """All of them."""
        return self.states.total()

    @property
    def failed(self) -> int:
        """Refused by the server, or given up."""
        return self.states[RecipientState.REFUSED]

    @property
    def bounced(self) -> int:
        """Sent, and come back."""
        return self.hard + self.soft

    def as_json(self) -> dict[str, Any]:
        """The public form."""
        return {
            "state": self.state.value,
            "recipients": self.recipients,
            **{state.value: self.states[state] for state in RecipientState},
            "bounced": {"hard": self.hard, "soft": self.soft},
            "answered": self.answered,
            "left": self.left,
            "next_at": self.next_at.isoformat() if self.next_at else None,
            "paused_because": self.paused_because,
            "resume_at": self.resume_at.isoformat() if self.resume_at else None,
        }


def progress(session: Session, issue_id: int) -> Progress:
    """Where an issue is. Raises IssueError when there is none."""
    issue = get(session, issue_id)
    session.refresh(issue)
    states: Counter[RecipientState] = Counter()
    bounced: Counter[str] = Counter()
    answered = left = 0
    rows = session.execute(
        select(
            Recipient.state,
            Recipient.bounced,
            func.count(),
            func.count(Recipient.answered_at),
            func.count(Recipient.left_at),
        )
        .where(Recipient.issue_id == issue_id)
        .group_by(Recipient.state, Recipient.bounced)
    )
    for state, kind, count, answers, leaves in rows:
        states[state] += count
        bounced[kind] += count
        answered += answers
        left += leaves
    next_at = session.scalar(
        select(func.min(Recipient.due_at)).where(
            Recipient.issue_id == issue_id, Recipient.state == RecipientState.QUEUED
        )
    )
    return Progress(
        issue.state,
        states,
        bounced["hard"],
        bounced["soft"],
        answered,
        left,
        next_at if issue.state in UNDER_WAY else None,
        issue.paused_because,
        issue.resume_at,
    )


# --- what a person does -----------------------------------------------------------------------------------------------


def pause(session: Session, issue_id: int, *, by: str) -> Issue:
    """No further mail of the issue goes until it is resumed. Raises IssueError."""
    words = _("Paused by {person}.").format(person=by)
    states = (IssueState.APPROVED, IssueState.SENDING, IssueState.PAUSED)
    return _changed(session, issue_id, states, state=IssueState.PAUSED, paused_because=words, resume_at=None)


def resume(session: Session, issue_id: int, *, now: datetime) -> Issue:
    """A paused issue goes on, whoever paused it. Raises IssueError."""
    issue = get(session, issue_id)
    begun = issue.started_at is not None or (issue.send_at is not None and issue.send_at <= now)
    return _changed(
        session,
        issue_id,
        (IssueState.PAUSED,),
        state=IssueState.SENDING if begun else IssueState.APPROVED,
        started_at=issue.started_at or (now if begun else None),
        paused_because="",
        resume_at=None,
    )


def cancel(session: Session, issue_id: int, *, now: datetime, by: str) -> Issue:
    """What hasn't gone yet never goes. A mail that is being sent at this moment can't be called back. Raises IssueError."""
    words = _("Cancelled by {person}.").format(person=by)
    issue = _changed(
        session, issue_id, UNDER_WAY, state=IssueState.CANCELLED, ended_at=now, paused_because=words, resume_at=None
    )
    drop_queued(session, issue_id)
    return issue


def schedule(session: Session, issue_id: int, send_at: datetime) -> Issue:
    """Another time for an approved issue that hasn't begun. Raises IssueError."""
    if send_at.tzinfo is None:
        raise IssueError(_("The time of sending needs a time zone."))
    issue = _changed(session, issue_id, (IssueState.APPROVED,), send_at=send_at)
    # Working hours, and the test of subjects, are looked at again when a turn has come.
    waiting = (Recipient.issue_id == issue_id, Recipient.state == RecipientState.QUEUED)
    session.execute(
        update(Recipient).where(*waiting).values(due_at=send_at), execution_options={"synchronize_session": False}
    )
    return issue


def decide(session: Session, recipient_id: int, *, went: bool, now: datetime) -> Recipient:
    """A person says whether an unknown mail went out: it is sent, or it is queued again. Raises IssueError."""
    recipient = session.get(Recipient, recipient_id, populate_existing=True, with_for_update=True)
    if recipient is None:
        raise IssueError(_("There is no recipient with the number {id}.").format(id=recipient_id))
    if recipient.state is not RecipientState.UNKNOWN:
        raise IssueError(_("It is already known whether this mail went out."))
    if went:
        recipient.state, recipient.sent_at, recipient.error = RecipientState.SENT, recipient.sending_at or now, ""
        return recipient
    issue = get(session, recipient.issue_id)
    if issue.state is IssueState.CANCELLED:
        recipient.state = RecipientState.CANCELLED
    else:
        recipient.state, recipient.due_at, recipient.error = RecipientState.QUEUED, now, ""
        if issue.state is IssueState.DONE:
            issue.state, issue.ended_at = IssueState.SENDING, None
    session.flush()
    return recipient


def _changed(session: Session, issue_id: int, states: Collection[IssueState], **values: Any) -> Issue:
    issue = get(session, issue_id)
    if not moved(session, issue_id, states, **values):
        message = _("That can't be done with “{name}” now ({state}).")
        raise IssueError(message.format(name=issue.name, state=said(issue.state)))
    return issue


# --- what the service does --------------------------------------------------------------------------------------------


def moved(
    session: Session, issue_id: int, states: Collection[IssueState], *further: ColumnElement[bool], **values: Any
) -> bool:
    """Changes an issue on condition that it is in one of `states` (and what is true `further`); False when it isn't."""
    session.flush()
    done = session.execute(
        update(Issue).where(Issue.id == issue_id, Issue.state.in_(states), *further).values(**values),
        execution_options={"synchronize_session": False},
    )
    assert isinstance(done, CursorResult)  # noqa: S101  for the type checker: an UPDATE has a row count
    if (held := session.get(Issue, issue_id)) is not None:
        session.refresh(held)
    return done.rowcount == 1


def begin_due(session: Session, account_id: int, now: datetime) -> list[int]:
    """Approved issues whose time has come begin, and pauses end that were the service's own. Returns which issues."""
    begun = Issue.state == IssueState.APPROVED, Issue.send_at <= now
    rested = Issue.state == IssueState.PAUSED, Issue.resume_at <= now
    due = session.scalars(
        select(Issue.id).where(Issue.account_id == account_id, or_(*(one[0] & one[1] for one in (begun, rested))))
    ).all()
    started = func.coalesce(Issue.started_at, literal(now, UtcDateTime()))
    still = or_(*(one[0] & one[1] for one in (begun, rested)))  # a person may have paused it this moment
    return [
        one
        for one in due
        if moved(
            session,
            one,
            (IssueState.APPROVED, IssueState.PAUSED),
            still,
            state=IssueState.SENDING,
            started_at=started,
            paused_because="",
            resume_at=None,
        )
    ]


def rest(session: Session, issue_id: int, words: str, until: datetime | None) -> bool:
    """The account's limits pause an issue, `until` an instant or until a person resumes it; `words` are the server's. False when it
    isn't being sent any more.
    """
    return moved(
        session, issue_id, (IssueState.SENDING,), state=IssueState.PAUSED, paused_because=words, resume_at=until
    )


def strand(session: Session, account_ids: Collection[int], words: str) -> None:
    """Issues on their way from none of these accounts rest until a person resumes them; `words` say why."""
    stranded = session.scalars(select(Issue.id).where(Issue.state.in_(UNDER_WAY), Issue.account_id.not_in(account_ids)))
    by_itself = (Issue.state != IssueState.PAUSED) | Issue.resume_at.is_not(None)
    for one in stranded.all():
        moved(session, one, UNDER_WAY, by_itself, state=IssueState.PAUSED, paused_because=words, resume_at=None)


def end(session: Session, issue_id: int, now: datetime) -> bool:
    """The issue is done when nobody's turn is still to come; False when it isn't."""
    left = select(Recipient.id).where(Recipient.issue_id == issue_id, Recipient.state.in_(_OPEN)).limit(1)
    if session.scalar(left) is not None:
        return False
    return moved(session, issue_id, (IssueState.SENDING,), state=IssueState.DONE, ended_at=now)


def being_sent(session: Session, account_id: int) -> Sequence[Issue]:
    """The issues of this account that go out now, with their texts, the one that began first in front."""
    return session.scalars(
        select(Issue)
        .where(Issue.account_id == account_id, Issue.state == IssueState.SENDING)
        .order_by(Issue.started_at, Issue.id)
        .options(selectinload(Issue.texts))
    ).all()


def drop_queued(session: Session, issue_id: int) -> None:
    """The queued recipients of a cancelled issue are cancelled with it."""
    session.execute(
        update(Recipient)
        .where(Recipient.issue_id == issue_id, Recipient.state == RecipientState.QUEUED)
        .values(state=RecipientState.CANCELLED),
        execution_options={"synchronize_session": False},
    )
