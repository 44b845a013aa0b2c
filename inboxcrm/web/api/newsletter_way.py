"""An issue once it is approved: how far it is, to whom it goes, pause and end, and what became of it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, HTTPException, Query
from pydantic import AwareDatetime, BaseModel
from sqlalchemy.orm import Session

from inboxcrm.errors import InboxcrmError
from inboxcrm.i18n import _
from inboxcrm.model import Issue, Recipient
from inboxcrm.model.database import writing
from inboxcrm.newsletter import approving, issues, mailing, results
from inboxcrm.newsletter.as_json import recipient_json
from inboxcrm.web.api.newsletters import done, found
from inboxcrm.web.issue_steps import told
from inboxcrm.web.queries import mailing as queries
from inboxcrm.web.site import Looking, TheSite, TheVisitor

router = APIRouter(
    prefix="/newsletters",
    tags=["newsletters"],
    responses={404: {"description": "No such issue"}, 409: {"description": "Not in the state that it is in"}},
)
_Kind = Literal["", "sent", "queued", "unknown", "refused", "bounced", "answered", "left", "dropped", "cancelled"]


class Time(BaseModel):
    """When it goes."""

    send_at: AwareDatetime


@router.get("/results")
def show_all_results(
    session: Looking,
    site: TheSite,
    *,
    series: int | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 12,
) -> list[dict[str, Any]]:
    """What became of the last issues, the oldest first."""
    found_results = results.over_time(session, site.clock(), newsletter_id=series, limit=limit)
    return [one.as_json() for one in found_results]


@router.get("/{issue_id:int}/results")
def show_results(session: Looking, site: TheSite, issue_id: int) -> dict[str, Any]:
    """What became of an issue, and what followed within thirty days."""
    found(session, issue_id)
    return results.results(session, issue_id, site.clock()).as_json()


@router.get("/{issue_id:int}/status")
def show_status(session: Looking, issue_id: int) -> dict[str, Any]:
    """How many are sent, queued, refused, bounced, have answered, have left."""
    issue = found(session, issue_id)
    return {"id": issue.id, "name": issue.name, **mailing.progress(session, issue_id).as_json()}


@router.get("/{issue_id:int}/recipients")
def show_recipients(
    session: Looking,
    issue_id: int,
    *,
    kind: _Kind = "",
    text: Annotated[str, Query(max_length=200)] = "",
    limit: Annotated[int, Query(ge=1, le=1000)] = 50,
    offset: Annotated[int, Query(ge=0)] = 0,
) -> list[dict[str, Any]]:
    """To whom it goes, with the server's words."""
    found(session, issue_id)
    rows = queries.recipients(session, issue_id, kind=kind, text=text, limit=limit, offset=offset)
    return [recipient_json(one.row, one.customer) for one in rows]


@router.post("/{issue_id:int}/pause")
def pause(site: TheSite, visitor: TheVisitor, issue_id: int) -> dict[str, Any]:
    """No further mail goes until it is resumed."""
    return done(site, issue_id, lambda session: mailing.pause(session, issue_id, by=visitor.name))


@router.post("/{issue_id:int}/resume")
def resume(site: TheSite, issue_id: int) -> dict[str, Any]:
    """A paused issue goes on, whoever paused it."""
    return done(site, issue_id, lambda session: approving.go_on(session, site.press(), issue_id, site.clock()))


@router.post("/{issue_id:int}/cancel")
def cancel(site: TheSite, visitor: TheVisitor, issue_id: int) -> dict[str, Any]:
    """What hasn't gone yet never goes."""
    return done(site, issue_id, lambda session: mailing.cancel(session, issue_id, now=site.clock(), by=visitor.name))


@router.post("/{issue_id:int}/schedule")
def schedule(site: TheSite, issue_id: int, time: Time) -> dict[str, Any]:
    """Another time for an approved issue that hasn't begun."""

    def act(session: Session) -> Issue:
        return mailing.schedule(session, issue_id, issues.ahead(time.send_at, site.clock()))

    return done(site, issue_id, act)


@router.post("/recipients/{recipient_id:int}/mark-sent")
def mark_sent(site: TheSite, recipient_id: int) -> dict[str, Any]:
    """Says that a mail of which nobody knows it did go out."""
    return _decided(site, recipient_id, went=True)


@router.post("/recipients/{recipient_id:int}/send-again")
def send_again(site: TheSite, recipient_id: int) -> dict[str, Any]:
    """Says that a mail of which nobody knows it did not go out: it is sent again."""
    return _decided(site, recipient_id, went=False)


def _decided(site: TheSite, recipient_id: int, *, went: bool) -> dict[str, Any]:
    with writing(site.engine) as session:
        if session.get(Recipient, recipient_id) is None:
            raise HTTPException(404, _("There is no recipient with the number {id}.").format(id=recipient_id))
        try:
            made = recipient_json(mailing.decide(session, recipient_id, went=went, now=site.clock()))
        except InboxcrmError as error:
            raise HTTPException(409, str(error)) from error
    told(site, made["issue"])
    return made
