"""The JSON API under `/api/v1`: the same use cases as the pages, for programs. One module a noun.

It asks for the same log-in as the pages; what changes something brings the token of `GET /api/v1/session` in the header
`X-CSRF-Token`. Field names are an interface: add to them, never rename.
"""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel

from inboxcrm.web.api import (
    customers,
    drafts,
    follow_ups,
    grades,
    health,
    log,
    newsletter_looking,
    newsletter_way,
    newsletters,
    promises,
    records,
    series,
    signals,
    suppressions,
    unmatched,
)
from inboxcrm.web.site import TheVisitor

router = APIRouter(prefix="/api/v1", responses={401: {"description": "Not logged in"}})
for one in (
    customers,
    log,
    signals,
    records,
    grades,
    follow_ups,
    promises,
    drafts,
    series,
    newsletter_way,
    newsletter_looking,
    newsletters,
    suppressions,
    unmatched,
    health,
):
    router.include_router(one.router)


class SessionJson(BaseModel):
    """Who is logged in, and the token that changes must bring."""

    name: str
    language: str
    csrf_token: str


@router.get("/session", tags=["session"])
def show_session(visitor: TheVisitor) -> SessionJson:
    """Who is logged in here."""
    return SessionJson(name=visitor.name, language=visitor.language, csrf_token=visitor.csrf_token)
