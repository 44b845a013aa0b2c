"""The outbox: approved → sending → sent, failed or unknown. What may go, what became of it, and what a crash has left unclear.

Every step is a conditional UPDATE whose row count is looked at, and is committed before the server is spoken to: so a draft is in the
hands of one sender only, and goes once or is shown to a person. It speaks to no server; it never makes an unclear draft go again.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import CursorResult, func, or_, select, update
from sqlalchemy.orm import Session

from inboxcrm.followup import hindrances, unplanned
from inboxcrm.followup.composing import Document, Letter, Person
from inboxcrm.model import Draft, DraftChange, DraftState, FollowUp, FollowUpState, LogEntry, Message
from inboxcrm.settings import Account, Sending

OPEN_STATES = (DraftState.OPEN, DraftState.SNOOZED, DraftState.APPROVED)
"""What still waits for a person or for its time."""
DAY = timedelta(days=1)
_UNDONE = (FollowUpState.PLANNED, FollowUpState.DRAFTED)


def letter_of(draft: Draft, account: Account, documents: Sequence[Document], at: datetime) -> Letter:
    """What the draft says, as a mail of this account of this instant: the account alone decides whom it is from."""
    return Letter(
        message_id=bare(draft.message_id),
        at=at,
        sender=Person(account.name, account.address),
        to=_people(draft.to),
        cc=_people(draft.cc),
        bcc=_people(draft.bcc),
        subject=draft.subject,
        body=draft.body,
        in_reply_to=bare(draft.in_reply_to),
        references=tuple(bare(one) for one in draft.references),
        quoted=draft.quoted,
        language=draft.language,
        documents=tuple(documents),
    )


def bare(message_id: str) -> str:
    """A Message-ID without its angle brackets."""
    return message_id.strip().removeprefix("<").removesuffix(">")


def _people(people: Sequence[dict[str, Any]]) -> tuple[Person, ...]:
    return tuple(Person(str(one.get("name") or ""), str(one["address"])) for one in people)


# --- what may go ------------------------------------------------------------------------------------------------------


def due(session: Session, account_id: int, now: datetime, limit: int = 100) -> Sequence[int]:
    """Approved drafts of this account whose time has come, the longest waiting first."""
    return session.scalars(
        select(Draft.id)
        .where(Draft.account_id == account_id, Draft.state == DraftState.APPROVED, Draft.send_at <= now)
        .order_by(Draft.send_at, Draft.id)
        .limit(limit)
    ).all()


def gone_lately(session: Session, account_id: int, since: datetime) -> int:
    """How many drafts of this account were handed to its server since then, as far as they may have gone."""
    counted = select(func.count()).where(
        Draft.account_id == account_id,
        Draft.state.in_((DraftState.SENT, DraftState.SENDING, DraftState.UNKNOWN)),
        func.coalesce(Draft.sending_at, Draft.sent_at) > since,
    )
    return session.scalar(counted) or 0


def claim(session: Session, draft_id: int, revision: int, now: datetime) -> bool:
    """Takes a due draft in hand: approved → sending, for the text of this `revision`. Commit it, durably, before the server hears a
    word of the mail. False: it is not to go now; where something stands against it, it has gone back to review with the reason.

    1. Look at it once more: still approved, still that text, its time still come.
    2. Ask what stands against it (`inboxcrm.followup.hindrances`).
    3. Move it, unless somebody else has meanwhile.
    """
    draft = session.get(Draft, draft_id, with_for_update=True, populate_existing=True)
    if draft is None or draft.state is not DraftState.APPROVED or draft.revision != revision:
        return False
    if draft.send_at is None or draft.send_at > now:
        return False
    if words := hindrances.words_against(session, draft, now):
        hold_back(session, draft_id, words, now)
        return False
    return _move(
        session,
        draft,
        (DraftState.APPROVED,),
        "begin",
        now,
        state=DraftState.SENDING,
        sending_at=instant_of(now),
        attempts=draft.attempts + 1,
        error="",
    )


def instant_of(now: datetime) -> datetime:
    """The instant of a mail that is sent now: what a Date field can say, so that the copy filed later is the same mail."""
    return now.replace(microsecond=0)


def hold_back(session: Session, draft_id: int, words: str, now: datetime) -> bool:
    """An approved draft goes back to review: `words` say what stands against it. False when it is no longer approved."""
    draft = session.get_one(Draft, draft_id, populate_existing=True)
    return _move(
        session,
        draft,
        (DraftState.APPROVED,),
        "hold_back",
        now,
        state=DraftState.OPEN,
        error=words,
        send_at=None,
        approved_at=None,
        approved_by="",
        by_rule=False,
    )


def note_waiting(session: Session, draft_ids: Collection[int], words: str) -> None:
    """Says at approved drafts why they don't go yet, "" that nothing keeps them; they go by themselves as soon as they can."""
    session.execute(
        update(Draft)
        .where(Draft.id.in_(draft_ids), Draft.state == DraftState.APPROVED, Draft.error != words)
        .values(error=words)
    )


# --- what became of it ------------------------------------------------------------------------------------------------


def was_sent(session: Session, draft_id: int, now: datetime) -> bool:
    """The server has taken it, or it lies in Sent: sending or unknown → sent; its follow-up is done. False when that was known."""
    draft = session.get_one(Draft, draft_id, populate_existing=True)
    states = (DraftState.SENDING, DraftState.UNKNOWN)
    if not _move(session, draft, states, "send", now, state=DraftState.SENT, sent_at=draft.sending_at or now, error=""):
        return False
    settle_follow_up(session, draft, FollowUpState.DONE, now, by=draft.approved_by)
    return True


def was_not_sent(
    session: Session, draft_id: int, words: str, rules: Sending, now: datetime, *, permanent: bool = False
) -> DraftState | None:
    """It has surely not gone. It is tried again, later each time; after a `permanent` refusal or too many attempts it has failed, with
    the server's words. Returns what it is now; None when it wasn't in hand.
    """
    draft = session.get_one(Draft, draft_id, populate_existing=True)
    changed: dict[str, Any]
    if permanent or draft.attempts >= rules.attempts:
        changed = {"state": DraftState.FAILED, "error": words}
    else:
        changed = {"state": DraftState.APPROVED, "error": words, "send_at": now + pause(draft.attempts, rules)}
    if not _move(session, draft, (DraftState.SENDING,), "refuse", now, **changed):
        return None
    return DraftState(changed["state"])


def pause(attempts: int, rules: Sending) -> timedelta:
    """How long to wait after so many attempts (≥ 1): doubling from the first pause to the longest."""
    seconds = rules.first_retry_seconds * 2 ** min(max(attempts, 1) - 1, 20)
    return timedelta(seconds=min(seconds, rules.longest_retry_seconds))


def note_unclear(session: Session, draft_id: int, words: str) -> None:
    """The server has not said whether it took it: it stays in sending, until the Sent folder has been asked."""
    session.execute(update(Draft).where(Draft.id == draft_id, Draft.state == DraftState.SENDING).values(error=words))


def unclear(session: Session, account_id: int) -> Sequence[int]:
    """Drafts in sending, oldest first: to the one sender of this account, between two mails, what a crash or a lost connection left."""
    return session.scalars(
        select(Draft.id)
        .where(Draft.account_id == account_id, Draft.state == DraftState.SENDING)
        .order_by(Draft.sending_at, Draft.id)
    ).all()


def cannot_be_told(session: Session, draft_id: int, words: str, now: datetime) -> bool:
    """Nobody can tell whether it went: sending → unknown. A person decides; it never goes again by itself."""
    draft = session.get_one(Draft, draft_id, populate_existing=True)
    said = " ".join(filter(None, (draft.error, words)))
    return _move(session, draft, (DraftState.SENDING,), "unknown", now, state=DraftState.UNKNOWN, error=said)


def unfiled(session: Session, account_id: int) -> Sequence[int]:
    """Sent drafts that aren't known to lie in Sent, oldest first."""
    return session.scalars(
        select(Draft.id)
        .where(Draft.account_id == account_id, Draft.state == DraftState.SENT, Draft.filed.is_(False))
        .order_by(Draft.sent_at, Draft.id)
    ).all()


def note_filed(session: Session, draft_id: int) -> None:
    """It lies in Sent."""
    session.execute(update(Draft).where(Draft.id == draft_id).values(filed=True))


def settle_follow_up(
    session: Session, draft: Draft, state: FollowUpState, now: datetime, *, by: str, entry_id: int | None = None
) -> None:
    """The draft's follow-up is done or skipped, and the customer's plan is to be looked at anew. An ended one only learns its entry."""
    unplanned.mark(session, [draft.customer_id])
    if draft.follow_up_id is None:
        return
    follow_up = session.get_one(FollowUp, draft.follow_up_id, populate_existing=True)
    if follow_up.state in _UNDONE:
        follow_up.state, follow_up.decided_at, follow_up.decided_by = state, now, by
    if entry_id is not None and follow_up.state is FollowUpState.DONE:
        follow_up.entry_id = entry_id
    elif follow_up.state is FollowUpState.DONE and follow_up.entry_id is None:
        follow_up.entry_id = _entry_of(session, draft)
    session.flush()


def _entry_of(session: Session, draft: Draft) -> int | None:
    """The log entry of the draft's mail in its customer's log, when it has been read back already."""
    return session.scalar(
        select(LogEntry.id)
        .join(Message, Message.id == LogEntry.message_id)
        .where(
            LogEntry.customer_id == draft.customer_id,
            or_(Message.message_id == draft.message_id, Message.message_id == bare(draft.message_id)),
        )
        .limit(1)
    )


def _move(
    session: Session, draft: Draft, states: Sequence[DraftState], what: str, now: datetime, **values: Any
) -> bool:
    """Changes the draft on condition that it is in one of `states`, and writes that down; False when it is in none."""
    session.flush()
    moved = session.execute(
        update(Draft).where(Draft.id == draft.id, Draft.state.in_(states)).values(**values),
        execution_options={"synchronize_session": False},
    )
    assert isinstance(moved, CursorResult)  # noqa: S101  for the type checker: an UPDATE has a row count
    session.refresh(draft)
    if moved.rowcount != 1:
        return False
    # Nothing in `before`: no step back may bring a draft into sending again.
    session.add(DraftChange(draft_id=draft.id, at=now, what=what, before={}))
    session.flush()
    return True
