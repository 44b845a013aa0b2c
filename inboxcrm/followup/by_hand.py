"""The plan as a person changes it: pause a customer, move or leave out a step, add one, say that it is done. Each can be taken back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from inboxcrm.errors import InboxcrmError
from inboxcrm.followup import review, unplanned
from inboxcrm.followup.queries import BY_HAND
from inboxcrm.i18n import _
from inboxcrm.model import Action, Contact, Customer, Draft, FollowUp, FollowUpState, PlanHold

_OPEN = (FollowUpState.PLANNED, FollowUpState.DRAFTED)
_ENDED = (FollowUpState.DONE, FollowUpState.SKIPPED)


class PlanError(InboxcrmError):
    """The plan can't be changed so; the message says why and what to do."""


def get(session: Session, follow_up_id: int) -> FollowUp:
    """The follow-up with this number. Raises PlanError."""
    found = session.get(FollowUp, follow_up_id)
    if found is None:
        raise PlanError(_("There is no follow-up with the number {id}.").format(id=follow_up_id))
    return found


def hold(
    session: Session, customer_id: int, *, now: datetime, by: str, until: datetime | None = None, reason: str = ""
) -> PlanHold:
    """Nothing is planned or sent by rote to this customer until an instant; None: until it is taken off. Raises PlanError."""
    if session.get(Customer, customer_id) is None:
        raise PlanError(_("There is no such customer; perhaps it was merged or removed."))
    if until is not None and until <= now:
        raise PlanError(_("Choose a time that lies ahead."))
    found = session.get(PlanHold, customer_id)
    if found is None:
        found = PlanHold(customer_id=customer_id, until=until, reason=reason, by=by, at=now)
        session.add(found)
    else:
        found.until, found.reason, found.by, found.at = until, reason, by, now
    session.flush()
    unplanned.mark(session, [customer_id])
    return found


def release(session: Session, customer_id: int) -> None:
    """The plan goes on."""
    found = session.get(PlanHold, customer_id)
    if found is not None:
        session.delete(found)
        session.flush()
    unplanned.mark(session, [customer_id])


def move(session: Session, follow_up_id: int, due_at: datetime, *, now: datetime, by: str) -> FollowUp:
    """Another time; planning leaves it there. Its draft waits until then. Raises PlanError."""
    follow_up = _held(session, follow_up_id, _OPEN)
    if due_at <= now:
        raise PlanError(_("Choose a time that lies ahead."))
    follow_up.due_at, follow_up.moved_by = due_at, by
    session.flush()
    for draft in _drafts(session, follow_up):
        if draft.state in review.WAITING:
            review.snooze(session, draft.id, due_at, now=now, by=by)
    return follow_up


def skip(session: Session, follow_up_id: int, *, now: datetime, by: str) -> FollowUp:
    """This step is left out; the next one is planned. Raises PlanError."""
    return _end(session, follow_up_id, FollowUpState.SKIPPED, now, by)


def done(session: Session, follow_up_id: int, *, now: datetime, by: str) -> FollowUp:
    """A person has called, visited, or seen to it. Raises PlanError."""
    return _end(session, follow_up_id, FollowUpState.DONE, now, by)


def reopen(session: Session, follow_up_id: int) -> FollowUp:
    """Takes back that it was done or left out. Raises PlanError."""
    follow_up = _held(session, follow_up_id, _ENDED)
    follow_up.state, follow_up.decided_at, follow_up.decided_by = FollowUpState.PLANNED, None, ""
    session.flush()
    unplanned.mark(session, [follow_up.customer_id])
    return follow_up


def add(
    session: Session,
    customer_id: int,
    due_at: datetime,
    *,
    now: datetime,
    by: str,
    action: Action = Action.MAIL,
    template: str = "general",
    goal: str = "",
    contact_id: int | None = None,
) -> FollowUp:
    """A follow-up that a person plans; of a mail the draft is written when it is due. Raises PlanError."""
    if session.get(Customer, customer_id) is None:
        raise PlanError(_("There is no such customer; perhaps it was merged or removed."))
    contact = session.get(Contact, contact_id) if contact_id is not None else None
    if contact_id is not None and (contact is None or contact.customer_id != customer_id):
        raise PlanError(_("This contact belongs to another customer."))
    count = session.scalar(
        select(func.count()).where(FollowUp.customer_id == customer_id, FollowUp.anchor.like(f"{BY_HAND}%"))
    )
    follow_up = FollowUp(
        customer_id=customer_id,
        contact_id=contact_id,
        anchor=f"{BY_HAND}{(count or 0) + 1}",
        stage="general",
        step=1,
        action=action,
        template=template if action is Action.MAIL else "",
        goal=goal,
        due_at=due_at,
        moved_by=by,
        reasons=[{"kind": "by_hand", "by": by}],
        created_at=now,
    )
    session.add(follow_up)
    session.flush()
    return follow_up


def open_follow_ups(
    session: Session, customer_id: int | None = None, *, until: datetime | None = None, limit: int = 200
) -> list[tuple[FollowUp, str]]:
    """Follow-ups that are planned or drafted, with the customer's name, by when they are due; of one customer, or of all (None)."""
    chosen = (
        select(FollowUp, Customer.name)
        .join(Customer, Customer.id == FollowUp.customer_id)
        .where(FollowUp.state.in_(_OPEN))
        .order_by(FollowUp.due_at, FollowUp.id)
        .limit(limit)
    )
    if customer_id is not None:
        chosen = chosen.where(FollowUp.customer_id == customer_id)
    if until is not None:
        chosen = chosen.where(FollowUp.due_at <= until)
    return [(follow_up, name) for follow_up, name in session.execute(chosen)]


def _drafts(session: Session, follow_up: FollowUp) -> Sequence[Draft]:
    return session.scalars(select(Draft).where(Draft.follow_up_id == follow_up.id)).all()


def _held(session: Session, follow_up_id: int, states: Sequence[FollowUpState]) -> FollowUp:
    follow_up = get(session, follow_up_id)
    if follow_up.state not in states:
        raise PlanError(_("This follow-up is in another state now. Look at it again."))
    return follow_up


def _end(session: Session, follow_up_id: int, state: FollowUpState, now: datetime, by: str) -> FollowUp:
    follow_up = _held(session, follow_up_id, _OPEN)
    for draft in _drafts(session, follow_up):
        if draft.state in review.WAITING:
            review.skip(session, draft.id, now=now, by=by)
    follow_up.state, follow_up.decided_at, follow_up.decided_by = state, now, by
    session.flush()
    unplanned.mark(session, [follow_up.customer_id])
    return follow_up
