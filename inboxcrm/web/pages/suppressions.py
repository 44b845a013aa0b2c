"""Who gets no mail: addresses and domains with the reason and its proof; set by hand, and taken off where a person may."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from inboxcrm.customers.file import clear_health
from inboxcrm.customers.suppression import BOUNCES, FOR_GOOD, SuppressionError, lift, restore, suppress
from inboxcrm.i18n import _
from inboxcrm.model import (
    AddressHealth,
    ContactAddress,
    Suppression,
    SuppressionKind,
    SuppressionReason,
    SuppressionScope,
)
from inboxcrm.model.database import looking, writing
from inboxcrm.service.events import Topic
from inboxcrm.web import flash
from inboxcrm.web.flash import Notice
from inboxcrm.web.queries.suppressions import counts, suppressions
from inboxcrm.web.rendering import page
from inboxcrm.web.site import Looking, Site, TheForm, TheSite, origin_of

router = APIRouter(include_in_schema=False)

PAGE = 50
Number = Annotated[int, Path(ge=1, le=2**53)]


@router.get("/suppressions")
def show(
    request: Request,
    *,
    session: Looking,
    q: Annotated[str, Query(max_length=320)] = "",
    reason: Annotated[str, Query(max_length=20)] = "",
    lifted: Annotated[str, Query(max_length=1)] = "",
    number: Annotated[int, Query(alias="page", ge=1, le=10_000)] = 1,
) -> Response:
    """Those in force, the newest first; or those that were taken off."""
    asked = {"q": q, "reason": reason if reason in list(SuppressionReason) else "", "lifted": lifted}
    return _page(request, session, asked, number)


@router.post("/suppressions")
def add(request: Request, site: TheSite, form: TheForm) -> Response:
    """No more mail to an address or a domain, by hand."""
    value, origin = form.get("value", "").strip(), origin_of(request)
    try:
        with writing(site.engine) as session:
            row = suppress(
                session,
                value,
                kind=_kind(value),
                reason=SuppressionReason.PERSON,
                scope=SuppressionScope.ALL if form.get("scope") == "all" else SuppressionScope.BULK,
                now=origin.now,
                by=origin.by,
                note=" ".join(form.get("note", "").split())[:500],
            )
    except SuppressionError as error:
        with looking(site.engine) as session:
            return _page(request, session, {}, 1, typed=form, problem=str(error))
    _told(site)
    said = _("{value} gets no mail at all.") if row.scope is SuppressionScope.ALL else _("{value} gets no newsletters.")
    notice = Notice(said.format(value=row.value), undo_path=f"/suppressions/{row.id}/lift")
    return flash.redirect(request, "/suppressions", notice)


@router.post("/suppressions/{suppression_id:int}/lift")
def take_off(request: Request, site: TheSite, suppression_id: Number, form: TheForm) -> Response:
    """Takes one off. Who asked for no more mail comes back only with a word on how they asked for it again."""
    origin = origin_of(request)
    try:
        with writing(site.engine) as session:
            row = lift(
                session, suppression_id, now=origin.now, by=origin.by, consent=form.get("consent", "").strip()[:1000]
            )
            if row.reason in BOUNCES:
                bouncing = select(ContactAddress).where(
                    ContactAddress.address == row.value, ContactAddress.health == AddressHealth.BOUNCING
                )
                for address in session.scalars(bouncing).all():
                    clear_health(session, address, origin)
    except SuppressionError as error:
        with looking(site.engine) as session:
            found = session.get(Suppression, suppression_id)
            asked = {"q": found.value} if found is not None else {}
            return _page(request, session, asked, 1, lifting=suppression_id, problem=str(error))
    _told(site)
    notice = Notice(
        _("{value} may get mail again.").format(value=row.value), undo_path=f"/suppressions/{suppression_id}/restore"
    )
    return flash.redirect(request, "/suppressions", notice)


@router.post("/suppressions/{suppression_id:int}/restore")
def put_back(request: Request, site: TheSite, suppression_id: Number) -> Response:
    """Takes the taking off back."""
    with writing(site.engine) as session:
        row = restore(session, suppression_id)
    _told(site)
    return flash.redirect(request, "/suppressions", Notice(_("{value} gets none, as before.").format(value=row.value)))


def _page(
    request: Request,
    session: Session,
    asked: Mapping[str, str],
    number: int,
    *,
    typed: Mapping[str, str] | None = None,
    problem: str = "",
    lifting: int = 0,
) -> Response:
    reason = SuppressionReason(asked["reason"]) if asked.get("reason") else None
    found = suppressions(
        session,
        text=asked.get("q", ""),
        reason=reason,
        lifted=bool(asked.get("lifted")),
        limit=PAGE + 1,
        offset=(number - 1) * PAGE,
    )

    def address(**changes: str | int) -> str:
        """This page with other filters."""
        kept = {name: value for name, value in {**asked, **changes}.items() if value}
        return "/suppressions" + (f"?{urlencode(kept)}" if kept else "")

    by_reason = counts(session)
    return page(
        request,
        "suppressions.html",
        status=400 if problem else 200,
        rows=found[:PAGE],
        has_more=len(found) > PAGE,
        number=number,
        asked=asked,
        by_reason=by_reason,
        total=sum(by_reason.values()),
        for_good=FOR_GOOD,
        typed=typed or {},
        problem=problem,
        lifting=lifting,
        address=address,
    )


def _kind(value: str) -> SuppressionKind:
    """An address, or a domain (which may be written with an @ before it)."""
    return SuppressionKind.ADDRESS if "@" in value.removeprefix("@") else SuppressionKind.DOMAIN


def _told(site: Site) -> None:
    site.events.publish(Topic.NEWSLETTERS, {"issues": []})
