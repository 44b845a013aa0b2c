"""Unmatched: mail that is nobody's yet, by who wrote it. One click says whose it is, and one takes that back."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Form, HTTPException, Query, Request
from fastapi.responses import Response
from sqlalchemy import select

from inboxcrm.customers import triage
from inboxcrm.i18n import _, ngettext
from inboxcrm.matching.domains import is_shared, registrable
from inboxcrm.matching.lookalike import look_alikes
from inboxcrm.matching.lookup import customers_of_domains
from inboxcrm.matching.words import doubt
from inboxcrm.model import Customer
from inboxcrm.model.database import writing
from inboxcrm.reading.addresses import normal
from inboxcrm.web import choosing, flash, news
from inboxcrm.web.flash import Notice
from inboxcrm.web.rendering import page
from inboxcrm.web.site import Looking, TheSite, origin_of

router = APIRouter(include_in_schema=False)

PAGE = 40
"""Companies (or single people) on one page."""
MOST_OF_ONE = 8
"""Addresses of one company that are listed; the company's own page has the mails of all."""
Value = Annotated[str, Form(max_length=400)]


@router.get("/unmatched")
def show_unmatched(
    request: Request,
    *,
    session: Looking,
    tab: Literal["people", "machines"] = "people",
    number: Annotated[int, Query(alias="page", ge=1, le=1000)] = 1,
) -> Response:
    """One page of the list; people first, lists and robots behind the second tab."""
    offset = (number - 1) * PAGE
    found = triage.by_domain(session, noise=tab == "machines", limit=PAGE + 1, offset=offset)
    shown = found[:PAGE]
    candidates = {number for some in shown for one in some.groups for number in one.candidates}
    rows = session.execute(select(Customer.id, Customer.name).where(Customer.id.in_(candidates)))
    names = {row.id: row.name for row in rows}
    return page(
        request,
        "unmatched.html",
        tab=tab,
        companies=shown,
        names=names,
        number=number,
        has_more=len(found) > PAGE,
        most=MOST_OF_ONE,
        suggested=suggested_name,
        warning=_warning,
    )


@router.get("/unmatched/sender")
def show_sender(request: Request, session: Looking, value: Annotated[str, Query(max_length=400)]) -> Response:
    """What an address, or everybody at a domain, wrote; and every way to say whose it is."""
    mails = triage.mails_of(session, value)
    if not mails:
        raise HTTPException(404, _("Nothing is waiting from there any more."))
    address = normal(value) if "@" in value else ""
    name = next((one.sender_name for one in mails if one.sender_address == address), "")
    imitated = look_alikes(session, [address]).get(address) if address else None
    domain = _own_domain(value)
    owners = customers_of_domains(session, [domain]).get(domain, ()) if domain else ()
    return page(
        request,
        "unmatched_sender.html",
        value=value,
        name=name,
        mails=mails,
        suggestion=suggested_name(value, name),
        warning=doubt({"kind": "look_alike", "address": address, **imitated}) if imitated else "",
        candidates=session.scalars(select(Customer).where(Customer.id.in_(owners))).all(),
        domain=domain,
    )


@router.post("/unmatched/new")
def make_customer(
    request: Request,
    *,
    site: TheSite,
    value: Value,
    name: Annotated[str, Form(max_length=300)],
    contact_name: Annotated[str, Form(max_length=200)] = "",
) -> Response:
    """Makes a customer of a sender or a domain; the older mails enter its log."""
    with writing(site.engine) as session:
        done = triage.assign(session, value, origin_of(request), new_customer=name, contact_name=contact_name)
    return _assigned(request, value, name, done)


@router.post("/unmatched/assign")
def assign(
    request: Request,
    site: TheSite,
    value: Value,
    customer: Annotated[str, Form(max_length=300)],
) -> Response:
    """Adds a sender or a domain to the customer that was named, or asks which one is meant."""
    with writing(site.engine) as session:
        chosen = choosing.named(session, customer)
        if not isinstance(chosen, Customer):
            return choosing.ask(request, chosen, customer, fields={"value": value}, back="/unmatched")
        done = triage.assign(session, value, origin_of(request), customer_id=chosen.id)
    return _assigned(request, value, chosen.name, done)


@router.post("/unmatched/ignore")
def ignore(request: Request, site: TheSite, value: Value) -> Response:
    """Says that a sender or a domain is nobody's."""
    with writing(site.engine) as session:
        triage.ignore(session, value, origin_of(request))
    news.changed(site.events)
    text = _("Mail from {value} is ignored from now on.").format(value=value)
    notice = Notice(text, undo_path="/unmatched/undo", undo_fields={"value": value})
    return flash.redirect(request, "/unmatched", notice)


@router.post("/unmatched/undo")
def undo(request: Request, site: TheSite, value: Annotated[str, Form(max_length=400)] = "") -> Response:
    """Takes back what was said last (about `value`)."""
    with writing(site.engine) as session:
        undone = triage.undo(session, origin_of(request), value)
    news.changed(site.events)
    return flash.redirect(
        request, "/unmatched", Notice(_("Taken back: {value} waits for a decision again.").format(value=undone))
    )


def suggested_name(value: str, person: str = "") -> str:
    """What a company with this address or domain may be called: the domain's own word; for free mail the person's name. Pure."""
    domain = value.rpartition("@")[2]
    if "@" in value and is_shared(domain):
        return person or value.partition("@")[0]
    word = (registrable(domain) or domain).partition(".")[0]
    return " ".join(part[:1].upper() + part[1:] for part in word.replace("_", "-").split("-") if part) or domain


def _own_domain(value: str) -> str:
    domain = value.rpartition("@")[2]
    return "" if is_shared(domain) else registrable(domain) or domain


def _warning(group: triage.Group) -> str:
    if group.look_alike is None:
        return ""
    return doubt({"kind": "look_alike", "address": group.address, **group.look_alike})


def _assigned(request: Request, value: str, name: str, done: triage.Assigned) -> Response:
    news.changed(request.app.state.site.events, [done.customer_id], done.recorded)
    count = len(done.recorded.entries)
    text = ngettext(
        "{value} belongs to {name} now; {count} mail is in the log.",
        "{value} belongs to {name} now; {count} mails are in the log.",
        count,
    ).format(value=value, name=name, count=count)
    notice = Notice(
        text, link=f"/customers/{done.customer_id}", undo_path="/unmatched/undo", undo_fields={"value": value}
    )
    return flash.redirect(request, "/unmatched", notice)
