"""What we promised, and the mails that wait for our answer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query
from pydantic import BaseModel, Field
from sqlalchemy.orm import Session

from inboxcrm.followup import promises
from inboxcrm.followup.promises import PromiseError
from inboxcrm.followup.unanswered import needs_an_answer, needs_no_answer, unanswered
from inboxcrm.i18n import _
from inboxcrm.model import Customer, LogEntry, Promise, PromiseState
from inboxcrm.model.database import writing
from inboxcrm.web import news
from inboxcrm.web.site import Looking, Site, TheSite, TheVisitor

router = APIRouter(tags=["promises"], responses={404: {"description": "No such promise, entry or customer"}})


class PromiseJson(BaseModel):
    """What we said we would do. `due_on`: a day in the person's time zone; null: no day was named."""

    id: int
    customer_id: int
    customer: str
    entry_id: int | None
    text: str
    made_at: datetime
    due_on: date | None
    about: str
    state: PromiseState
    closed_at: datetime | None
    closed_by: str


class NewPromise(BaseModel):
    """A promise by hand."""

    text: str = Field(min_length=1, max_length=2000)
    due_on: date | None = None


class Day(BaseModel):
    """Another day, or none."""

    due_on: date | None


class UnansweredJson(BaseModel):
    """Mails that wait for our answer; `due_at`: when the limit of the grade ends, `waited_hours`: our working hours since it came."""

    unanswered: list[dict[str, Any]]


@router.get("/promises")
def list_promises(
    session: Looking, customer_id: int | None = None, limit: Annotated[int, Query(ge=1, le=1000)] = 200
) -> list[PromiseJson]:
    """What is to be kept, by its day: of one customer, or of all."""
    return [_json(row, name) for row, name in promises.open_promises(session, customer_id, limit=limit)]


@router.post("/customers/{customer_id}/promises", status_code=201)
def add(site: TheSite, customer_id: int, new: NewPromise) -> PromiseJson:
    """Writes one down by hand."""

    def act(session: Session, now: datetime) -> Promise:
        if session.get(Customer, customer_id) is None:
            raise HTTPException(404, _("There is no such customer; perhaps it was merged or removed."))
        return promises.add(session, customer_id, new.text, new.due_on, now=now)

    return _done(site, act)


@router.post("/promises/{promise_id}/keep")
def keep(site: TheSite, visitor: TheVisitor, promise_id: int) -> PromiseJson:
    """It was kept."""
    return _done(
        site, lambda session, now: promises.keep(session, _there(session, promise_id), now=now, by=visitor.name)
    )


@router.post("/promises/{promise_id}/drop")
def drop(site: TheSite, visitor: TheVisitor, promise_id: int) -> PromiseJson:
    """It is called off, or was none."""
    return _done(
        site, lambda session, now: promises.drop(session, _there(session, promise_id), now=now, by=visitor.name)
    )


@router.post("/promises/{promise_id}/reopen")
def reopen(site: TheSite, promise_id: int) -> PromiseJson:
    """Takes either back."""
    return _done(site, lambda session, _now: promises.reopen(session, _there(session, promise_id)))


@router.post("/promises/{promise_id}/move")
def move(site: TheSite, promise_id: int, day: Day) -> PromiseJson:
    """Another day, or none."""
    return _done(site, lambda session, _now: promises.move(session, _there(session, promise_id), day.due_on))


@router.get("/unanswered")
def list_unanswered(
    session: Looking, site: TheSite, limit: Annotated[int, Query(ge=1, le=1000)] = 200
) -> UnansweredJson:
    """The last mails of customers that nobody has answered, grade A first."""
    planner = site.planning.planner()
    rows = unanswered(session, planner.cadence, planner.calendar, site.clock(), limit=limit)
    return UnansweredJson(unanswered=[row.as_json() for row in rows])


@router.post("/entries/{entry_id}/no-answer", status_code=204)
def say_no_answer(site: TheSite, visitor: TheVisitor, entry_id: int) -> None:
    """This mail needs no answer."""
    _answer(site, entry_id, lambda session, entry: needs_no_answer(session, entry, now=site.clock(), by=visitor.name))


@router.delete("/entries/{entry_id}/no-answer", status_code=204)
def take_no_answer_back(site: TheSite, entry_id: int) -> None:
    """It needs one after all."""
    _answer(site, entry_id, needs_an_answer)


def _answer(site: Site, entry_id: int, act: Callable[[Session, LogEntry], None]) -> None:
    with writing(site.engine) as session:
        entry = session.get(LogEntry, entry_id)
        if entry is None:
            raise HTTPException(404, _("This entry is no longer in the log."))
        act(session, entry)
        customer_id = entry.customer_id
    news.changed(site.events, [customer_id])


def _done(site: Site, act: Callable[[Session, datetime], Promise]) -> PromiseJson:
    with writing(site.engine) as session:
        try:
            row = act(session, site.clock())
        except PromiseError as error:
            raise HTTPException(409, str(error)) from error
        answer = _json(row, session.get_one(Customer, row.customer_id).name)
    news.changed(site.events, [answer.customer_id])
    return answer


def _there(session: Session, promise_id: int) -> int:
    if session.get(Promise, promise_id) is None:
        raise HTTPException(404, _("There is no promise with the number {id}.").format(id=promise_id))
    return promise_id


def _json(row: Promise, customer: str) -> PromiseJson:
    return PromiseJson(
        id=row.id,
        customer_id=row.customer_id,
        customer=customer,
        entry_id=row.entry_id,
        text=row.text,
        made_at=row.made_at,
        due_on=row.due_on,
        about=row.about,
        state=row.state,
        closed_at=row.closed_at,
        closed_by=row.closed_by,
    )
