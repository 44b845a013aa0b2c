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

from inboxcrm.customers.suppression import suppressed
from inboxcrm.engagement.signals import CUSTOMER_KINDS, OUR_KINDS, Kind
from inboxcrm.followup.templates import Templates
from inboxcrm.followup.variables import LANGUAGES
from inboxcrm.i18n import _
from inboxcrm.journal.timeline import Line, timeline
from inboxcrm.matching.words import sureness
from inboxcrm.model import Channel, Direction, FieldChange, SuppressionScope
from inboxcrm.web import file_fields, words
from inboxcrm.web.queries import customer as queries
from inboxcrm.web.queries import judging
from inboxcrm.web.queries.plan import plan_of
from inboxcrm.web.rendering import page
from inboxcrm.web.site import Looking, Site, site_of
from inboxcrm.web.words import label

router = APIRouter(include_in_schema=False)

PAGE = 40
"""Log entries on one page."""


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
    request: Request,
    session: Looking,
    customer_id: int,
    before: Annotated[str, Query()] = "",
    at: Annotated[int, Query()] = 0,
) -> Response:
    """The page; `before` is a place in the log from which older entries are shown, `at` an entry that must be among them."""
    place = queries.Place.of(before) or queries.place_to_see(session, customer_id, at, PAGE)
    return customer_page(request, session, customer_id, before=place)


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
    lines = timeline(session, customer_id, limit=PAGE + 1, before=(before.at, before.id) if before else None)
    entries, has_older = lines[:PAGE], len(lines) > PAGE
    contacts = [one.id for one in customer.contacts]
    return page(
        request,
        "customer.html",
        status=422 if problem else 200,
        customer=customer,
        owner=queries.owner_name(session, customer),
        blocked=suppressed(
            session, [one.address for contact in customer.contacts for one in contact.addresses], SuppressionScope.BULK
        ),
        proposals=queries.open_proposals_of(session, customer_id),
        changes=queries.last_changes(session, "customer", [customer_id])[customer_id],
        contact_changes=queries.last_changes(session, "contact", contacts),
        groups=_side_groups(),
        filled_fields={field.name for field in file_fields.CUSTOMER_FORM if file_fields.shown(field, customer)},
        contact_fields=file_fields.CONTACT_FORM,
        shown=file_fields.shown,
        before=_before,
        days=by_day(entries, site.zone),
        texts=queries.texts_of(session, [line.message_id for line in entries if line.message_id is not None]),
        older=queries.Place(entries[-1].at, entries[-1].id).text if has_older else "",
        newer=before is not None,
        draft=draft or EntryDraft(at=local_now(site)),
        problem=problem,
        partner=partner,
        sureness=sureness,
        why=judging.why(session, customer, site.clock()),
        plan=plan_of(session, customer_id, site.zone, site.clock()),
        now=site.clock(),
        templates=Templates(site.settings.home).names(),
        mail_languages=LANGUAGES,
        records=judging.records(session, customer_id),
        signals=judging.signals_of(session, [line.id for line in entries]),
        kind_of=Kind,
        kinds={
            Direction.IN: [(kind.value, label(kind)) for kind in Kind if kind in CUSTOMER_KINDS],
            Direction.OUT: [(kind.value, label(kind)) for kind in Kind if kind in OUR_KINDS],
        },
        grades=words.choices(words.GRADES),
    )


def by_day(lines: Iterable[Line], zone: ZoneInfo) -> list[tuple[date, list[Line]]]:
    """The entries by the day on which they happened in `zone`, in their order."""
    grouped = groupby(lines, key=lambda line: line.at.astimezone(zone).date())
    return [(day, list(of_day)) for day, of_day in grouped]


def partner(line: Line) -> str:
    """Who spoke or was spoken to at the customer's."""
    if line.contact:
        return line.contact
    if line.direction is Direction.IN:
        return line.sender_name or line.sender_address
    first = line.recipients[0] if line.recipients else {}
    return str(first.get("name") or first.get("address") or "")


def local_now(site: Site) -> str:
    """The present as a form writes it."""
    return site.clock().astimezone(site.zone).strftime("%Y-%m-%dT%H:%M")


def _side_groups() -> list[tuple[str, tuple[file_fields.FormField, ...]]]:
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
