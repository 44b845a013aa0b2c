"""The recipients of issues on their way out: queued → sending → sent, refused, queued again, unknown or dropped.

A recipient is taken in hand in one transaction in which it is asked once more whether the mail may go, and which is committed before
the server hears a word of it: so nobody gets it twice, and who asked to stop a moment before doesn't get it. It speaks to no server.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Select, bindparam, case, exists, func, literal, or_, select, update
from sqlalchemy.orm import Session

from inboxcrm.customers.suppression import suppress, suppressed
from inboxcrm.i18n import _
from inboxcrm.matching.lookup import chunks
from inboxcrm.model import (
    Issue,
    IssueState,
    Recipient,
    RecipientState,
    SuppressionReason,
    SuppressionScope,
    Unjudged,
)
from inboxcrm.model.base import UtcDateTime
from inboxcrm.newsletter.reasons import Reason, Why, in_words
from inboxcrm.newsletter.subjects import tested_languages

_QUIET = {"synchronize_session": False}
_HANDED = (RecipientState.SENT, RecipientState.SENDING, RecipientState.UNKNOWN)
_MAY_HAVE_GONE = (RecipientState.SENDING, RecipientState.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Queued:
    """A recipient whose turn has come: the columns of `Recipient` that a mail needs."""

    id: int
    issue_id: int
    contact_id: int | None
    address: str
    written: str
    name: str
    language: str
    subject: int
    message_id: str
    attempts: int


StillIn = Callable[[Session, Sequence[Queued], datetime], Mapping[int, Sequence[str]]]
"""Recipient → why the issue must no longer go there, in words (`inboxcrm.newsletter.candidates.still_in`)."""


class Fate(StrEnum):
    """SENT: the server has taken it. REFUSED: for good. AGAIN: surely not sent, to be tried again later. SPARED: the same, but nobody's
    fault, so that it doesn't count as a try. UNSURE: only Sent can tell.
    """

    SENT = "sent"
    REFUSED = "refused"
    AGAIN = "again"
    SPARED = "spared"
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a mail: the server's `words`; for AGAIN and SPARED the next try is not before `due_at`. `nobody_there`: refused
    because there is no such address.
    """

    recipient_id: int
    fate: Fate
    words: str = ""
    due_at: datetime | None = None
    nobody_there: bool = False


# --- what may go ------------------------------------------------------------------------------------------------------

_QUEUED = select(*(getattr(Recipient, one.name) for one in fields(Queued)))
# Who has just written is judged within seconds; till then nobody knows whether the issue is still meant for him.
_IS_JUDGED = ~exists().where(Unjudged.customer_id == Recipient.customer_id, Unjudged.failed_at.is_(None))
_DUE = (
    _QUEUED.where(
        Recipient.issue_id == bindparam("issue"),
        Recipient.state == RecipientState.QUEUED,
        Recipient.due_at <= bindparam("now", type_=UtcDateTime()),
        _IS_JUDGED,
    )
    .order_by(Recipient.due_at, Recipient.id)
    .limit(bindparam("limit"))
)

_STATE = select(Issue.state).where(Issue.id == bindparam("issue")).with_for_update(read=True)
_OF_THESE = _QUEUED.where(
    Recipient.id.in_(bindparam("ids", expanding=True)),
    Recipient.issue_id == bindparam("issue"),
    Recipient.state == RecipientState.QUEUED,
    _IS_JUDGED,
).with_for_update()


def due(session: Session, issue: Issue, now: datetime, limit: int) -> list[Queued]:
    """Queued recipients of an issue whose turn has come, the longest waiting first. Who waits to be judged, or for the result of a
    test of subjects, is not among them.
    """
    asked: Select[Any] = _DUE
    if issue.winner is None and (languages := tested_languages(issue)):
        asked = asked.where(or_(Recipient.in_test, Recipient.language.not_in(languages)))
    return [Queued(*row) for row in session.execute(asked, {"issue": issue.id, "now": now, "limit": limit})]


def put_off(session: Session, until: Mapping[int, datetime]) -> None:
    """These queued recipients (by id) wait until then."""
    table = Recipient.__table__
    if until:
        session.connection().execute(
            update(table)  # type: ignore[arg-type]  # a mapped class has a table
            .where(table.c.id == bindparam("row"), table.c.state == RecipientState.QUEUED)
            .values(due_at=bindparam("until")),
            [{"row": one, "until": at} for one, at in until.items()],
        )


def claim(session: Session, issue_id: int, ids: Sequence[int], now: datetime, still_in: StillIn) -> list[int]:
    """Takes queued recipients of an issue in hand; returns those that may be sent to, in the given order. Commit it, durably, before
    the server hears a word.

    1. The issue must be going out, and stays so until the end of this transaction.
    2. Those are left that are still queued, and of whom nothing is known that isn't judged yet: the others wait.
    3. Nobody who is suppressed, or whom the issue isn't meant for any more: those are dropped, with the reason.
    4. The others are in sending.
    """
    state = session.scalar(_STATE, {"issue": issue_id})
    if state is not IssueState.SENDING:
        return []
    rows = [Queued(*row) for row in session.execute(_OF_THESE, {"ids": list(ids), "issue": issue_id})]
    if not rows:
        return []
    against: dict[int, str] = {one: " ".join(words) for one, words in still_in(session, rows, now).items()}
    blocked = suppressed(session, [row.address for row in rows], SuppressionScope.BULK)
    for row in rows:
        if row.address in blocked and row.id not in against:
            reason = blocked[row.address].reason.value
            against[row.id] = in_words(Reason(Why.SUPPRESSED, f"{row.address} {reason}"))
    for one, words in against.items():
        _set(session, [one], state=RecipientState.DROPPED, error=words)
    taken = {row.id for row in rows} - set(against)
    if taken:
        _set(
            session,
            taken,
            state=RecipientState.SENDING,
            sending_at=instant_of(now),
            attempts=Recipient.attempts + 1,
            error="",
        )
    return [one for one in ids if one in taken]


def drop(session: Session, recipient_id: int, words: str) -> None:
    """The mail to a queued recipient can't be made: `words` say why."""
    session.execute(
        update(Recipient)
        .where(Recipient.id == recipient_id, Recipient.state == RecipientState.QUEUED)
        .values(state=RecipientState.DROPPED, error=words),
        execution_options=_QUIET,
    )


def instant_of(now: datetime) -> datetime:
    """The instant of a mail that is sent now: what a Date field can say, so that the copy filed later is the same mail."""
    return now.replace(microsecond=0)


def gone_since(session: Session, account_id: int, since: datetime) -> Sequence[tuple[datetime, str]]:
    """(when, address) of the mails that may have gone from this account since then, in the order of time."""
    at = func.coalesce(Recipient.sending_at, Recipient.sent_at, type_=UtcDateTime())
    rows = session.execute(
        select(at, Recipient.address)
        .join(Issue, Issue.id == Recipient.issue_id)
        .where(Issue.account_id == account_id, Recipient.state.in_(_HANDED), at > since)
        .order_by(at)
    )
    return [(row[0], row[1]) for row in rows]


# --- what became of it ------------------------------------------------------------------------------------------------


def settle(session: Session, outcomes: Collection[Outcome], now: datetime, *, filed: bool) -> None:
    """Writes down what became of mails in hand. `filed`: the server files them itself, or nobody need. An address that doesn't exist
    gets no further issue: its refusal is a hard bounce that needed no mail.
    """
    sent = [one.recipient_id for one in outcomes if one.fate is Fate.SENT]
    if sent:
        _set(
            session,
            sent,
            _MAY_HAVE_GONE,
            state=RecipientState.SENT,
            sent_at=func.coalesce(Recipient.sending_at, Recipient.due_at),
            error="",
            filed=filed,
        )
    for one in outcomes:
        id_, in_hand = [one.recipient_id], (RecipientState.SENDING,)
        if one.fate is Fate.REFUSED:
            _set(session, id_, in_hand, state=RecipientState.REFUSED, error=one.words)
            if one.nobody_there:
                _nobody_there(session, one, now)
        elif one.fate is Fate.UNSURE:
            _set(session, id_, in_hand, error=one.words)
        elif one.fate in (Fate.AGAIN, Fate.SPARED):
            spared = case((Recipient.attempts > 0, Recipient.attempts - 1), else_=0)
            _set(
                session,
                id_,
                in_hand,
                state=RecipientState.QUEUED,
                due_at=one.due_at,
                error=one.words,
                **({"attempts": spared} if one.fate is Fate.SPARED else {}),
            )


def _nobody_there(session: Session, one: Outcome, now: datetime) -> None:
    row = session.get_one(Recipient, one.recipient_id)
    proof = {"issue_id": row.issue_id, "recipient_id": row.id, "evidence": one.words}
    suppress(session, row.address, reason=SuppressionReason.HARD_BOUNCE, now=now, proof=proof)


def cancel_with_their_issue(session: Session, account_id: int) -> None:
    """Mails that were in hand when their issue was cancelled, and have come back to the queue, aren't tried again."""
    cancelled = select(Issue.id).where(Issue.account_id == account_id, Issue.state == IssueState.CANCELLED)
    session.execute(
        update(Recipient)
        .where(Recipient.issue_id.in_(cancelled), Recipient.state == RecipientState.QUEUED)
        .values(state=RecipientState.CANCELLED),
        execution_options=_QUIET,
    )


def was_sent(session: Session, recipient_id: int, now: datetime, *, filed: bool = True) -> None:
    """It lies in Sent, or its reader has answered: it has gone, whatever was known of it."""
    states = (*_MAY_HAVE_GONE, RecipientState.QUEUED, RecipientState.CANCELLED)
    at = func.coalesce(Recipient.sending_at, literal(now, UtcDateTime()))
    _set(session, [recipient_id], states, state=RecipientState.SENT, sent_at=at, error="", filed=filed)


def unclear(session: Session, account_id: int) -> Sequence[Recipient]:
    """Recipients in sending: to the one sender of this account, between two mails, what a crash or a lost connection left."""
    return session.scalars(_of_account(account_id, RecipientState.SENDING)).all()


def unknown(session: Session, account_id: int, since: datetime) -> Sequence[Recipient]:
    """Recipients of whom can't be told whether their mail went, since then: Sent may still tell."""
    return session.scalars(_of_account(account_id, RecipientState.UNKNOWN).where(Recipient.sending_at > since)).all()


def _of_account(account_id: int, state: RecipientState) -> Select[Recipient]:
    # By the issues first: the index of recipients begins with them.
    issues = select(Issue.id).where(Issue.account_id == account_id, Issue.started_at.is_not(None))
    return (
        select(Recipient)
        .where(Recipient.issue_id.in_(issues), Recipient.state == state)
        .order_by(Recipient.sending_at, Recipient.id)
    )


def cannot_be_told(session: Session, recipient_id: int, words: str) -> None:
    """Nobody can tell whether it went: sending → unknown. It never goes again by itself."""
    said = func.trim(Recipient.error + " " + words)
    _set(session, [recipient_id], (RecipientState.SENDING,), state=RecipientState.UNKNOWN, error=said)


def unfiled(session: Session, account_id: int, limit: int) -> Sequence[Recipient]:
    """Sent mails that aren't known to lie in Sent."""
    issues = select(Issue.id).where(Issue.account_id == account_id, Issue.started_at.is_not(None))
    return session.scalars(
        select(Recipient)
        .where(Recipient.issue_id.in_(issues), Recipient.state == RecipientState.SENT, ~Recipient.filed)
        .limit(limit)
    ).all()


def note_filed(session: Session, account_id: int, recipient_id: int | None = None) -> None:
    """This mail lies in Sent; None: all mails of the account that have gone do, or needn't."""
    issues = select(Issue.id).where(Issue.account_id == account_id)
    which = Recipient.issue_id.in_(issues) if recipient_id is None else Recipient.id == recipient_id
    session.execute(
        update(Recipient).where(which, Recipient.state == RecipientState.SENT, ~Recipient.filed).values(filed=True),
        execution_options=_QUIET,
    )


def queued_ids(session: Session, issue_id: int, message_ids: Collection[str]) -> list[int]:
    """The queued recipients of an issue whose mail has one of these Message-IDs."""
    found: list[int] = []
    for some in chunks(message_ids):
        found += session.scalars(
            select(Recipient.id).where(
                Recipient.message_id.in_(some),
                Recipient.issue_id == issue_id,
                Recipient.state == RecipientState.QUEUED,
            )
        )
    return found


def pause_after(attempts: int, first: int, longest: int) -> timedelta:
    """How long to wait after so many attempts (≥ 1): doubling from the first pause to the longest, both in seconds."""
    return timedelta(seconds=min(first * 2 ** min(max(attempts, 1) - 1, 20), longest))


def gave_up(words: str, attempts: int) -> str:
    """What is written down of a mail that was put off too often."""
    return _("{words} (given up after {count} attempts)").format(words=words, count=attempts)


def _set(
    session: Session,
    ids: Collection[int],
    states: Collection[RecipientState] = (RecipientState.QUEUED,),
    **values: object,
) -> None:
    session.execute(
        update(Recipient).where(Recipient.id.in_(ids), Recipient.state.in_(states)).values(**values),
        execution_options=_QUIET,
    )
