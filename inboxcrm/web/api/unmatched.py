"""The triage list: read it, and say whose the mail is."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, model_validator

from inboxcrm.customers import triage
from inboxcrm.model.database import writing
from inboxcrm.web import news
from inboxcrm.web.site import Looking, TheSite, origin_of

router = APIRouter(tags=["unmatched"])


class GroupJson(BaseModel):
    """The unmatched mail of one address; `candidates` are customers with the same domain."""

    model_config = ConfigDict(from_attributes=True)

    address: str
    name: str
    domain: str
    mails: int
    sent: int
    last_at: datetime
    last_subject: str
    last_message_id: int
    is_noise: bool
    look_alike: dict[str, Any] | None
    candidates: list[int]


class Assignment(BaseModel):
    """An address or a domain, and either an existing customer's id or the name of a new one."""

    value: str
    customer_id: int | None = None
    new_customer: str = ""
    contact_name: str = ""

    @model_validator(mode="after")
    def _one_of_two(self) -> Assignment:
        if (self.customer_id is None) == (not self.new_customer.strip()):
            msg = "give either customer_id or new_customer"
            raise ValueError(msg)
        return self


class AssignedJson(BaseModel):
    """The customer, and how many older mails entered its log."""

    customer_id: int
    entries: int


class Value(BaseModel):
    """An address or a domain."""

    value: str


@router.get("/unmatched")
def list_unmatched(
    session: Looking,
    machines: Annotated[bool, Query(description="lists and robots instead of people")] = False,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
) -> list[GroupJson]:
    """Who waits for a decision, newest first."""
    found = triage.groups(session, noise=machines, limit=limit, offset=offset)
    return [GroupJson.model_validate(one) for one in found]


@router.post("/unmatched/assign")
def assign(request: Request, site: TheSite, asked: Assignment) -> AssignedJson:
    """Says whose an address or a domain is; its older mails enter the log."""
    with writing(site.engine) as session:
        done = triage.assign(
            session,
            asked.value,
            origin_of(request),
            customer_id=asked.customer_id,
            new_customer=asked.new_customer.strip(),
            contact_name=asked.contact_name,
        )
    news.changed(site.events, [done.customer_id], done.recorded)
    return AssignedJson(customer_id=done.customer_id, entries=len(done.recorded.entries))


@router.post("/unmatched/ignore", status_code=204)
def ignore(request: Request, site: TheSite, asked: Value) -> None:
    """Says that an address or a domain is nobody's."""
    with writing(site.engine) as session:
        triage.ignore(session, asked.value, origin_of(request))
    news.changed(site.events)


@router.post("/unmatched/undo")
def undo(request: Request, site: TheSite, asked: Value) -> Value:
    """Takes back what was said last about an address or a domain ("" for anything)."""
    with writing(site.engine) as session:
        undone = triage.undo(session, origin_of(request), asked.value)
    news.changed(site.events)
    return Value(value=undone)
