"""What stands against sending a draft that was approved: asked in the moment before it goes, in the transaction that lets it go.

An approval is for the world as it was. What a person could see when approving doesn't hold a mail back; what never may get mail does.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from inboxcrm.followup.review import forbidden
from inboxcrm.i18n import _
from inboxcrm.model import Direction, Draft, FollowUp, FollowUpState, LogEntry, PlanHold

_BEFORE = timedelta(days=1)
"""A mail that came so long before the draft was written may have been read in after the approval and still be news."""


def words_against(session: Session, draft: Draft, now: datetime) -> str:
    """Why this draft must not go now, in words for the person who approved it; "" when nothing stands against it."""
    if draft.approved_at is None or not (draft.approved_by or draft.by_rule):
        return _("Nobody has approved it.")
    # A rule has seen nothing but the draft.
    seen_at = draft.created_at if draft.by_rule else draft.approved_at
    return (
        _hold(session, draft, seen_at, now)
        or _no_longer_called_for(session, draft, seen_at)
        or _answer(session, draft, seen_at)
        or "\n".join(forbidden(session, [one["address"] for one in (*draft.to, *draft.cc, *draft.bcc)]).values())
    )


def _hold(session: Session, draft: Draft, seen_at: datetime, now: datetime) -> str:
    hold = session.get(PlanHold, draft.customer_id)
    if hold is None or (hold.until is not None and hold.until <= now) or (hold.at <= seen_at and not draft.by_rule):
        return ""
    return _("The plan of this customer was paused by {person}: {reason}").format(person=hold.by, reason=hold.reason)


def _no_longer_called_for(session: Session, draft: Draft, seen_at: datetime) -> str:
    follow_up = session.get(FollowUp, draft.follow_up_id) if draft.follow_up_id is not None else None
    if follow_up is None or follow_up.state in (FollowUpState.PLANNED, FollowUpState.DRAFTED):
        return ""
    if follow_up.decided_at is not None and follow_up.decided_at <= seen_at:
        return ""
    return _("Its follow-up is no longer called for.")


def _answer(session: Session, draft: Draft, seen_at: datetime) -> str:
    """Whether the customer has written, or called, since."""
    came = session.scalar(
        select(LogEntry.at)
        .where(
            LogEntry.customer_id == draft.customer_id,
            LogEntry.direction == Direction.IN,
            LogEntry.automatic == "",
            LogEntry.created_at > seen_at,
            LogEntry.at > draft.created_at - _BEFORE,
        )
        .limit(1)
    )
    return _("The customer has written since it was approved: look at it once more.") if came is not None else ""
