"""The communication log: read, append, move, take out; and search."""

from __future__ import annotations

from datetime import UTC, date
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query
from pydantic import AwareDatetime, BaseModel

from inboxcrm.i18n import _
from inboxcrm.journal import entries
from inboxcrm.journal.entries import Written
from inboxcrm.journal.search import search
from inboxcrm.journal.timeline import lines, timeline
from inboxcrm.model import Channel, Customer, Direction, LogEntry
from inboxcrm.model.database import writing
from inboxcrm.web import news
from inboxcrm.web.queries.customer import Place
from inboxcrm.web.site import Looking, TheSite, TheVisitor

router = APIRouter(tags=["log"])


class LogJson(BaseModel):
    """Entries, newest first; `next` is where the next page begins ("" at the end)."""

    entries: list[dict[str, Any]]
    next: str


class NewEntry(BaseModel):
    """An entry by hand. `at` has a time zone; without it, now. Dates of what is planned have none."""

    channel: Channel
    content: str
    direction: Direction = Direction.IN
    at: AwareDatetime | None = None
    contact_id: int | None = None
    feedback: str = ""
    next_follow_up: date | None = None
    subject: str = ""


class Move(BaseModel):
    """The customer whose entry it really is."""

    customer_id: int


class FoundJson(BaseModel):
    """What a search found."""

    customers: list[dict[str, Any]]
    entries: list[dict[str, Any]]


@router.get("/customers/{customer_id}/log", responses={404: {"description": "No such customer"}})
def show_log(
    session: Looking,
    customer_id: int,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
    before: Annotated[str, Query(description="`next` of the page before")] = "",
    channel: Channel | None = None,
) -> LogJson:
    """The log of a customer, newest first, a page at a time."""
    if session.get(Customer, customer_id) is None:
        raise HTTPException(404, _("There is no such customer; perhaps it was merged or removed."))
    place = Place.of(before)
    found = timeline(
        session, customer_id, limit=limit + 1, before=(place.at, place.id) if place else None, channel=channel
    )
    shown = found[:limit]
    following = Place(shown[-1].at, shown[-1].id).text if len(found) > limit else ""
    return LogJson(entries=[line.as_json() for line in shown], next=following)


@router.post("/customers/{customer_id}/entries", status_code=201)
def add_entry(site: TheSite, visitor: TheVisitor, customer_id: int, new: NewEntry) -> dict[str, Any]:
    """Appends an entry by hand."""
    now = site.clock()
    written = Written(
        channel=new.channel,
        at=(new.at or now).astimezone(UTC),
        direction=new.direction,
        content=new.content,
        feedback=new.feedback,
        next_follow_up=new.next_follow_up,
        contact_id=new.contact_id,
        subject=new.subject,
    )
    with writing(site.engine) as session:
        entry = entries.append(session, customer_id, written, now=now, by=visitor.name)
        (line,) = lines(session, [entry.id])
    news.changed(site.events, [customer_id])
    return line.as_json()


@router.post("/entries/{entry_id}/move", responses={404: {"description": "No such entry"}})
def move_entry(site: TheSite, visitor: TheVisitor, entry_id: int, move: Move) -> dict[str, Any]:
    """Moves an entry to another customer; no rule moves it back."""
    with writing(site.engine) as session:
        entry = _entry(session.get(LogEntry, entry_id))
        origin = entry.customer_id
        moved = entries.move(session, entry, move.customer_id, now=site.clock(), by=visitor.name)
        (line,) = lines(session, [moved.id])
    news.changed(site.events, [origin, move.customer_id])
    return line.as_json()


@router.post("/entries/{entry_id}/take-out", status_code=204, responses={404: {"description": "No such entry"}})
def take_out(site: TheSite, visitor: TheVisitor, entry_id: int) -> None:
    """Says that a mail is not this customer's."""
    with writing(site.engine) as session:
        entry = _entry(session.get(LogEntry, entry_id))
        customer_id = entry.customer_id
        entries.take_out(session, entry, by=visitor.name)
    news.changed(site.events, [customer_id])


@router.get("/search")
def find(
    session: Looking,
    text: Annotated[str, Query(min_length=1, max_length=200)],
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> FoundJson:
    """Customers and log entries that contain every word of `text`."""
    hits = search(session, text, limit)
    return FoundJson(
        customers=[
            {"id": one.id, "name": one.name, "local_name": one.local_name, "country": one.country}
            for one in hits.customers
        ],
        entries=[{**hit.line.as_json(), "snippet": hit.snippet} for hit in hits.entries],
    )


def _entry(entry: LogEntry | None) -> LogEntry:
    if entry is None:
        raise HTTPException(404, _("There is no such entry; perhaps it was moved or taken out."))
    return entry
