"""Follow-ups: what is planned and why, and what a person changes about it; the pause of a customer's plan."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query
from pydantic import AwareDatetime, BaseModel, Field
from sqlalchemy.orm import Session

from inboxcrm.followup import by_hand
from inboxcrm.followup.by_hand import PlanError
from inboxcrm.followup.words import goal, said
from inboxcrm.i18n import _
from inboxcrm.model import Action, Customer, FollowUp, FollowUpState, PlanHold
from inboxcrm.model.database import writing
from inboxcrm.web import news
from inboxcrm.web.site import Looking, Site, TheSite, TheVisitor

router = APIRouter(
    tags=["follow-ups"],
    responses={404: {"description": "No such follow-up or customer"}, 409: {"description": "Can't be changed so"}},
)


class FollowUpJson(BaseModel):
    """One due contact with a customer. `reasons` are facts, `why` says them in the language of the log-in."""

    id: int
    customer_id: int
    customer: str
    contact_id: int | None
    stage: str
    step: int
    action: Action
    template: str
    goal: str
    due_at: datetime
    state: FollowUpState
    moved_by: str
    reasons: list[dict[str, Any]]
    why: list[str]


class NewFollowUp(BaseModel):
    """A follow-up by hand. Of a mail the draft is written from `template` when it is due."""

    due_at: AwareDatetime
    action: Action = Action.MAIL
    template: str = Field("general", pattern=r"^[a-z][a-z0-9_]{0,60}$")
    goal: str = Field("", max_length=300)
    contact_id: int | None = None


class Moved(BaseModel):
    """When it is due instead."""

    due_at: AwareDatetime


class Hold(BaseModel):
    """Until when nothing is planned, drafted or sent by rote; left out: until it is taken off."""

    until: AwareDatetime | None = None
    reason: str = Field("", max_length=300)


class HoldJson(BaseModel):
    """The pause of a customer's plan."""

    customer_id: int
    until: datetime | None
    reason: str
    by: str
    at: datetime


@router.get("/follow-ups")
def list_follow_ups(
    session: Looking,
    site: TheSite,
    customer_id: int | None = None,
    until: Annotated[AwareDatetime | None, Query(description="Only what is due until then")] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
) -> list[FollowUpJson]:
    """What is planned or drafted, by when it is due: of one customer, or of all."""
    rows = by_hand.open_follow_ups(
        session, customer_id, until=until.astimezone(UTC) if until is not None else None, limit=limit
    )
    return [_json(site, row, name) for row, name in rows]


@router.get("/follow-ups/{follow_up_id}")
def show_follow_up(session: Looking, site: TheSite, follow_up_id: int) -> FollowUpJson:
    """One of them, in whatever state."""
    return _shown(session, site, _there(session, follow_up_id))


@router.post("/customers/{customer_id}/follow-ups", status_code=201)
def add(site: TheSite, visitor: TheVisitor, customer_id: int, new: NewFollowUp) -> FollowUpJson:
    """Plans one by hand."""
    values = new.model_dump() | {"due_at": new.due_at.astimezone(UTC)}
    due_at = values.pop("due_at")
    return _done(
        site,
        lambda session, now: by_hand.add(
            session, _customer(session, customer_id), due_at, now=now, by=visitor.name, **values
        ),
    )


@router.post("/follow-ups/{follow_up_id}/move")
def move(site: TheSite, visitor: TheVisitor, follow_up_id: int, moved: Moved) -> FollowUpJson:
    """Another time; planning leaves it there, and its draft waits until then."""
    due_at = moved.due_at.astimezone(UTC)
    return _done(
        site,
        lambda session, now: by_hand.move(session, _there(session, follow_up_id).id, due_at, now=now, by=visitor.name),
    )


@router.post("/follow-ups/{follow_up_id}/done")
def done(site: TheSite, visitor: TheVisitor, follow_up_id: int) -> FollowUpJson:
    """A person has seen to it."""
    return _done(
        site, lambda session, now: by_hand.done(session, _there(session, follow_up_id).id, now=now, by=visitor.name)
    )


@router.post("/follow-ups/{follow_up_id}/skip")
def skip(site: TheSite, visitor: TheVisitor, follow_up_id: int) -> FollowUpJson:
    """This step is left out."""
    return _done(
        site, lambda session, now: by_hand.skip(session, _there(session, follow_up_id).id, now=now, by=visitor.name)
    )


@router.post("/follow-ups/{follow_up_id}/reopen")
def reopen(site: TheSite, follow_up_id: int) -> FollowUpJson:
    """Takes back that it was done or left out."""
    return _done(site, lambda session, _now: by_hand.reopen(session, _there(session, follow_up_id).id))


@router.get("/customers/{customer_id}/hold")
def show_hold(session: Looking, customer_id: int) -> HoldJson | None:
    """Whether the plan of a customer is paused; null when it is not."""
    found = session.get(PlanHold, _customer(session, customer_id))
    return _hold_json(found) if found is not None else None


@router.post("/customers/{customer_id}/hold")
def hold(site: TheSite, visitor: TheVisitor, customer_id: int, wanted: Hold) -> HoldJson:
    """Pauses the plan of a customer."""
    until = wanted.until.astimezone(UTC) if wanted.until is not None else None
    with writing(site.engine) as session:
        try:
            made = by_hand.hold(
                session,
                _customer(session, customer_id),
                now=site.clock(),
                by=visitor.name,
                until=until,
                reason=wanted.reason,
            )
        except PlanError as error:
            raise HTTPException(409, str(error)) from error
        answer = _hold_json(made)
    news.changed(site.events, [customer_id])
    return answer


@router.delete("/customers/{customer_id}/hold", status_code=204)
def release(site: TheSite, customer_id: int) -> None:
    """Lets the plan go on."""
    with writing(site.engine) as session:
        by_hand.release(session, _customer(session, customer_id))
    news.changed(site.events, [customer_id])


def _done(site: Site, act: Callable[[Session, datetime], FollowUp]) -> FollowUpJson:
    with writing(site.engine) as session:
        try:
            row = act(session, site.clock())
        except PlanError as error:
            raise HTTPException(409, str(error)) from error
        answer = _shown(session, site, row)
    news.changed(site.events, [answer.customer_id])
    return answer


def _there(session: Session, follow_up_id: int) -> FollowUp:
    found = session.get(FollowUp, follow_up_id)
    if found is None:
        raise HTTPException(404, _("There is no follow-up with the number {id}.").format(id=follow_up_id))
    return found


def _customer(session: Session, customer_id: int) -> int:
    if session.get(Customer, customer_id) is None:
        raise HTTPException(404, _("There is no such customer; perhaps it was merged or removed."))
    return customer_id


def _shown(session: Session, site: Site, row: FollowUp) -> FollowUpJson:
    return _json(site, row, session.get_one(Customer, row.customer_id).name)


def _json(site: Site, row: FollowUp, customer: str) -> FollowUpJson:
    return FollowUpJson(
        id=row.id,
        customer_id=row.customer_id,
        customer=customer,
        contact_id=row.contact_id,
        stage=row.stage,
        step=row.step,
        action=row.action,
        template=row.template,
        goal=goal(row.goal),
        due_at=row.due_at,
        state=row.state,
        moved_by=row.moved_by,
        reasons=row.reasons,
        why=said(row.reasons, site.zone),
    )


def _hold_json(row: PlanHold) -> HoldJson:
    return HoldJson(customer_id=row.customer_id, until=row.until, reason=row.reason, by=row.by, at=row.at)
