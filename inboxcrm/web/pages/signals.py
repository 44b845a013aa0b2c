"""Signals: what waits for a yes or no, correcting what was found, adding what was missed."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from inboxcrm.engagement import corrections
from inboxcrm.engagement.corrections import SignalError
from inboxcrm.engagement.signals import Kind
from inboxcrm.i18n import _
from inboxcrm.judging import judged
from inboxcrm.model import LogEntry
from inboxcrm.model.database import looking
from inboxcrm.web import flash, news
from inboxcrm.web.flash import Notice
from inboxcrm.web.queries import judging
from inboxcrm.web.rendering import page
from inboxcrm.web.site import Looking, TheSite, TheVisitor
from inboxcrm.web.words import label

router = APIRouter(include_in_schema=False)

_MOST = 100


@router.get("/suggestions")
def show_suggestions(request: Request, session: Looking) -> Response:
    """All signals that the rules are not sure of."""
    waiting = judging.suggestions(session, _MOST)
    return page(
        request, "suggestions.html", suggestions=waiting, waiting=judging.count_suggestions(session), kind_of=Kind
    )


@router.post("/signals/{signal_id}/{decision}")
def decide(
    request: Request,
    *,
    site: TheSite,
    visitor: TheVisitor,
    signal_id: int,
    decision: str,
    next: Annotated[str, Form()] = "",  # noqa: A002  the name of the field in all forms
) -> Response:
    """A person's word about a signal: "confirm", "reject" or "undo"."""
    try:
        with judged(site.engine, site.bench, site.clock) as session:
            if decision == "undo":
                customer_id = corrections.undo(session, signal_id)
                said = _("As the rules found it.")
            elif decision == "confirm":
                signal = corrections.confirm(session, signal_id, now=site.clock(), by=visitor.name)
                customer_id, said = (
                    signal.customer_id,
                    _("Confirmed: {signal}.").format(signal=label(Kind(signal.kind))),
                )
            else:
                signal = corrections.reject(session, signal_id, now=site.clock(), by=visitor.name)
                customer_id, said = (
                    signal.customer_id,
                    _("Called wrong: {signal}.").format(signal=label(Kind(signal.kind))),
                )
    except SignalError as error:
        return flash.redirect(request, next or "/suggestions", Notice(str(error), kind="error"))
    news.changed(site.events, [customer_id])
    undo_path = "" if decision == "undo" else f"/signals/{signal_id}/undo"
    notice = Notice(said, undo_path=undo_path, undo_fields={"next": next})
    return flash.redirect(request, next or f"/customers/{customer_id}", notice)


@router.post("/entries/{entry_id}/signals")
def add(request: Request, site: TheSite, visitor: TheVisitor, entry_id: int, kind: Annotated[str, Form()]) -> Response:
    """A person says that an entry holds a signal that the rules missed."""
    try:
        with judged(site.engine, site.bench, site.clock) as session:
            signal = corrections.add(session, entry_id, Kind(kind), now=site.clock(), by=visitor.name)
            customer_id = signal.customer_id
    except (SignalError, ValueError) as error:
        said = str(error) if isinstance(error, SignalError) else _("There is no such kind of signal.")
        with looking(site.engine) as session:
            entry = session.get(LogEntry, entry_id)
            path = f"/customers/{entry.customer_id}#e{entry_id}" if entry else "/"
        return flash.redirect(request, path, Notice(said, kind="error"))
    news.changed(site.events, [customer_id])
    return flash.redirect(
        request, f"/customers/{customer_id}#e{entry_id}", Notice(_("Added; the grade takes it into account."))
    )
