"""Drafts: the review queue, one draft, and what a person does with it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal

from fastapi import APIRouter, HTTPException, Query
from pydantic import AwareDatetime, BaseModel, Field
from sqlalchemy.orm import Session

from inboxcrm.errors import InboxcrmError
from inboxcrm.followup import drafting, queue, review
from inboxcrm.followup.mornings import next_morning
from inboxcrm.followup.review import ReviewError
from inboxcrm.followup.shown import shown
from inboxcrm.i18n import _
from inboxcrm.model import Draft, DraftState, Grade
from inboxcrm.model.database import writing
from inboxcrm.web import news
from inboxcrm.web.site import Looking, Site, TheSite, TheVisitor

router = APIRouter(
    tags=["drafts"],
    responses={404: {"description": "No such draft"}, 409: {"description": "Not in the state that it is in"}},
)


class Person(BaseModel):
    """A recipient."""

    address: str
    name: str = ""


class DraftsJson(BaseModel):
    """Drafts, the most urgent first."""

    drafts: list[dict[str, Any]]


class Changed(BaseModel):
    """What is to be different; what is left out stays. `revision`: the one that was looked at."""

    subject: str | None = None
    body: str | None = None
    to: list[Person] | None = Field(None, max_length=50)
    cc: list[Person] | None = Field(None, max_length=50)
    bcc: list[Person] | None = Field(None, max_length=50)
    attachments: list[str] | None = None
    keep_quoted: bool | None = None
    revision: int | None = None


class Approval(BaseModel):
    """When it goes: at an instant, in the "morning" of the reader; left out: after the time in which it can be taken back."""

    send_at: AwareDatetime | Literal["morning"] | None = None


class NewDraft(BaseModel):
    """A mail that a person begins. `template` "": an empty one; `language` "": the customer's; `contact_id` null: whoever fits."""

    contact_id: int | None = None
    template: str = ""
    language: str = ""


class Anew(BaseModel):
    """Another template or language; without either the next text in turn."""

    template: str | None = None
    language: str | None = None


class Postponed(BaseModel):
    """When it comes back for review."""

    until: AwareDatetime


@router.get("/drafts")
def show_queue(
    session: Looking,
    site: TheSite,
    *,
    stage: str = "",
    grade: Grade | None = None,
    state: Annotated[
        list[DraftState] | None, Query(description="Drafts in these states instead of those waiting")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> DraftsJson:
    """What waits for review."""
    if state:
        rows = queue.in_state(session, state, limit=limit)
    else:
        rows = queue.waiting(session, site.clock(), stage=stage, grade=grade, limit=limit)
    return DraftsJson(drafts=[row.as_json() for row in rows])


@router.get("/drafts/{draft_id}")
def show_draft(session: Looking, draft_id: int) -> dict[str, Any]:
    """One draft, with its text and what happened to it."""
    try:
        return shown(session, draft_id).as_json()
    except ReviewError as error:
        raise HTTPException(404, str(error)) from error


@router.post("/customers/{customer_id}/drafts", status_code=201)
def write(site: TheSite, customer_id: int, new: NewDraft) -> dict[str, Any]:
    """Begins a mail; it waits for review like any other."""
    try:
        with writing(site.engine) as session:
            draft = drafting.new_draft(session, site.workshop(), customer_id, site.clock(), **new.model_dump())
            made = shown(session, draft.id).as_json()
    except InboxcrmError as error:
        raise HTTPException(409, str(error)) from error
    news.changed(site.events, [customer_id])
    return made


@router.post("/drafts/{draft_id}/again")
def write_anew(site: TheSite, visitor: TheVisitor, draft_id: int, anew: Anew) -> dict[str, Any]:
    """Another text in the place of the old one; undo brings that back."""
    return _done(
        site,
        draft_id,
        lambda session, now: drafting.again(
            session, site.workshop(), draft_id, now, by=visitor.name, **anew.model_dump()
        ),
    )


@router.patch("/drafts/{draft_id}")
def edit(site: TheSite, visitor: TheVisitor, draft_id: int, changed: Changed) -> dict[str, Any]:
    """Changes what would be sent; an approved draft waits for review again."""
    values = changed.model_dump(exclude_unset=True)
    return _done(
        site, draft_id, lambda session, now: review.edit(session, draft_id, now=now, by=visitor.name, **values)
    )


@router.post("/drafts/{draft_id}/approve")
def approve(site: TheSite, visitor: TheVisitor, draft_id: int, approval: Approval) -> dict[str, Any]:
    """Lets it go."""
    delay, asked = _delay(site), approval.send_at

    def act(session: Session, now: datetime) -> Draft:
        if isinstance(asked, datetime):
            send_at: datetime | None = asked.astimezone(UTC)
        elif asked == "morning":
            send_at = next_morning(session, review.get(session, draft_id), site.planning.planner().calendar, now)
        else:
            send_at = None
        return review.approve(session, draft_id, now=now, by=visitor.name, delay=delay, send_at=send_at)

    return _done(site, draft_id, act)


@router.post("/drafts/{draft_id}/snooze")
def snooze(site: TheSite, visitor: TheVisitor, draft_id: int, postponed: Postponed) -> dict[str, Any]:
    """Has it come back later."""
    until = postponed.until.astimezone(UTC)
    return _done(site, draft_id, lambda session, now: review.snooze(session, draft_id, until, now=now, by=visitor.name))


@router.post("/drafts/{draft_id}/skip")
def skip(site: TheSite, visitor: TheVisitor, draft_id: int) -> dict[str, Any]:
    """Leaves the step out."""
    return _done(site, draft_id, lambda session, now: review.skip(session, draft_id, now=now, by=visitor.name))


@router.post("/drafts/{draft_id}/take-back")
def take_back(site: TheSite, visitor: TheVisitor, draft_id: int) -> dict[str, Any]:
    """Has an approved draft wait for review again."""
    return _done(site, draft_id, lambda session, now: review.take_back(session, draft_id, now=now, by=visitor.name))


@router.post("/drafts/{draft_id}/undo")
def undo(site: TheSite, visitor: TheVisitor, draft_id: int) -> dict[str, Any]:
    """Takes the last thing back that was done to it."""
    return _done(site, draft_id, lambda session, now: review.undo(session, draft_id, now=now, by=visitor.name))


@router.post("/drafts/{draft_id}/send-again")
def send_again(site: TheSite, visitor: TheVisitor, draft_id: int) -> dict[str, Any]:
    """Sends what failed, or of what nobody knows whether it went, once more."""
    delay = _delay(site)
    return _done(
        site,
        draft_id,
        lambda session, now: review.send_again(session, draft_id, now=now, by=visitor.name, delay=delay),
    )


@router.post("/drafts/{draft_id}/mark-sent")
def mark_sent(site: TheSite, visitor: TheVisitor, draft_id: int) -> dict[str, Any]:
    """Says that it did go out."""
    return _done(site, draft_id, lambda session, now: review.mark_sent(session, draft_id, now=now, by=visitor.name))


def _delay(site: Site) -> timedelta:
    return timedelta(seconds=site.settings.sending.undo_seconds)


def _done(site: Site, draft_id: int, act: Callable[[Session, datetime], Draft]) -> dict[str, Any]:
    with writing(site.engine) as session:
        if session.get(Draft, draft_id) is None:
            raise HTTPException(404, _("There is no draft with the number {id}.").format(id=draft_id))
        try:
            draft = act(session, site.clock())
        except InboxcrmError as error:
            raise HTTPException(409, str(error)) from error
        made = shown(session, draft_id).as_json()
    news.changed(site.events, [draft.customer_id])
    return made
