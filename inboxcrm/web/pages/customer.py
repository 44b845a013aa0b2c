"""The customer's page: the log, newest first, and the file beside it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from inboxcrm.i18n import _
from inboxcrm.model import Channel, Direction, FieldChange
from inboxcrm.web import explaining, file_fields
from inboxcrm.web.queries import customer as queries
from inboxcrm.web.rendering import page
from inboxcrm.web.site import Looking, Site, TheSite, site_of

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class EntryDraft:
    """What stands in the form for an entry by hand, as it was typed."""

    channel: str = Channel.CALL.value
    direction: str = Direction.IN.value
    at: str = ""
    """Local time of the person, without a zone: 2026-11-25T14:05."""
    contact: str = ""
    content: str = ""
    feedback: str = ""
    next_follow_up: str = ""


@router.get("/customers/{customer_id}")
def show_customer(
    request: Request, site: TheSite, session: Looking, customer_id: int, before: Annotated[str, Query()] = ""
) -> Response:
    """The page; `before` is a place in the log from which older entries are shown."""
    return customer_page(request, session, customer_id, before=queries.Place.of(before))


def customer_page(
    request: Request,
    session: Session,
    customer_id: int,
    *,
    before: queries.Place | None = None,
    draft: EntryDraft | None = None,
    problem: str = "",
) -> Response:
    """The page of a customer; `draft` and `problem` bring back a form that could not be accepted. Raises HTTPException 404."""
    site = site_of(request)
    customer = queries.find_customer(session, customer_id)
    if customer is None:
        raise HTTPException(404, _("There is no such customer; perhaps it was merged or removed."))
    entries, older = queries.log_page(session, customer_id, before=before)
    return page(
        request,
        "customer.html",
        status=422 if problem else 200,
        customer=customer,
        owner=queries.owner_name(session, customer),
        proposals=queries.open_proposals_of(session, customer_id),
        changes=queries.last_changes(session, "customer", customer_id),
        contact_changes={one.id: queries.last_changes(session, "contact", one.id) for one in customer.contacts},
        groups=_side_groups(),
        filled_fields={field.name for field in file_fields.CUSTOMER_FIELDS if file_fields.shown(field, customer)},
        contact_fields=file_fields.CONTACT_FIELDS,
        shown=file_fields.shown,
        before=_before,
        days=by_day(entries, site.zone),
        older=older.text if older else "",
        newer=before is not None,
        draft=draft or EntryDraft(at=local_now(site)),
        problem=problem,
        why=explaining.why,
        explain_warning=explaining.warning,
    )


def by_day(entries: Iterable[queries.ShownEntry], zone: ZoneInfo) -> list[tuple[date, list[queries.ShownEntry]]]:
    """The entries by the day on which they happened in `zone`, in their order."""
    grouped = groupby(entries, key=lambda entry: entry.at.astimezone(zone).date())
    return [(day, list(of_day)) for day, of_day in grouped]


def local_now(site: Site) -> str:
    """The present as a form writes it."""
    return site.clock().astimezone(site.zone).strftime("%Y-%m-%dT%H:%M")


def _side_groups() -> list[tuple[str, tuple[file_fields.FileField, ...]]]:
    """The groups without what stands in the head of the page already."""
    in_head = {"name", "local_name", "status", "grade", "tags"}
    return [
        (title, tuple(field for field in fields if field.name not in in_head))
        for title, fields in file_fields.CUSTOMER_GROUPS
    ]


def _before(change: FieldChange) -> str:
    old: Any = change.old
    if isinstance(old, list):
        return ", ".join(str(one) for one in old) or "–"
    if isinstance(old, dict):
        return ", ".join(f"{key}: {value}" for key, value in old.items()) or "–"
    return str(old) if old not in (None, "") else "–"
