"""Suppressions: addresses and domains that get no mail, each with its reason and proof. No request switches them off as a whole."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query
from pydantic import BaseModel

from inboxcrm.customers import suppression
from inboxcrm.customers.suppression import SuppressionError
from inboxcrm.i18n import _
from inboxcrm.model import Suppression, SuppressionKind, SuppressionReason, SuppressionScope
from inboxcrm.model.database import writing
from inboxcrm.newsletter.as_json import suppression_json
from inboxcrm.web.queries import suppressions as queries
from inboxcrm.web.site import Looking, TheSite, TheVisitor

router = APIRouter(
    prefix="/suppressions",
    tags=["suppressions"],
    responses={404: {"description": "No such suppression"}, 409: {"description": "It can't be set or taken off so"}},
)


class NewSuppression(BaseModel):
    """An address, or a domain with all below it. `scope` "bulk": no newsletters; "all": no mail at all."""

    value: str
    kind: SuppressionKind = SuppressionKind.ADDRESS
    scope: SuppressionScope = SuppressionScope.BULK
    note: str = ""


class Lifted(BaseModel):
    """Where and when they asked for mail again; needed where somebody had asked to stop or complained."""

    consent: str = ""


@router.get("")
def show_all(
    session: Looking,
    *,
    text: Annotated[str, Query(max_length=320)] = "",
    reason: SuppressionReason | None = None,
    lifted: Annotated[bool, Query(description="Those that were taken off instead")] = False,
    limit: Annotated[int, Query(ge=1, le=1000)] = 50,
    offset: Annotated[int, Query(ge=0)] = 0,
) -> list[dict[str, Any]]:
    """Those in force, the newest first."""
    rows = queries.suppressions(session, text=text, reason=reason, lifted=lifted, limit=limit, offset=offset)
    return [suppression_json(one.row, one.customers) for one in rows]


@router.get("/check")
def check(session: Looking, address: Annotated[str, Query(max_length=320)]) -> dict[str, Any]:
    """What stands against newsletters ("bulk") and against all mail ("all") to an address; null: nothing."""
    try:
        against = suppression.checked(session, address)
    except SuppressionError as error:
        raise HTTPException(409, str(error)) from error
    told = {scope.value: suppression_json(row) if row is not None else None for scope, row in against.items()}
    return {"address": address, **told}


@router.post("", status_code=201)
def add(site: TheSite, visitor: TheVisitor, new: NewSuppression) -> dict[str, Any]:
    """Lets an address or a domain get no more mail."""
    try:
        with writing(site.engine) as session:
            made = suppression.suppress(
                session,
                new.value,
                reason=SuppressionReason.PERSON,
                now=site.clock(),
                scope=new.scope,
                kind=new.kind,
                by=visitor.name,
                note=new.note,
            )
            return suppression_json(made)
    except SuppressionError as error:
        raise HTTPException(409, str(error)) from error


@router.post("/{suppression_id}/lift")
def lift(site: TheSite, visitor: TheVisitor, suppression_id: int, lifted: Lifted) -> dict[str, Any]:
    """Takes a suppression off."""
    with writing(site.engine) as session:
        if session.get(Suppression, suppression_id) is None:
            message = _("There is no suppression with the number {id}.")
            raise HTTPException(404, message.format(id=suppression_id))
        try:
            made = suppression.lift(session, suppression_id, now=site.clock(), by=visitor.name, consent=lifted.consent)
        except SuppressionError as error:
            raise HTTPException(409, str(error)) from error
        return suppression_json(made)
