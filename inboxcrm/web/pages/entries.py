"""Writing an entry by hand, and correcting one: to another customer, out of the log, or believed after all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Request
from fastapi.responses import Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from inboxcrm.i18n import _
from inboxcrm.journal import entries
from inboxcrm.journal.entries import EntryError, Written
from inboxcrm.model import Channel, Contact, Customer, Direction, LogEntry
from inboxcrm.model.database import writing
from inboxcrm.service.events import Topic
from inboxcrm.web import choosing, flash, news
from inboxcrm.web.flash import Notice
from inboxcrm.web.pages.customer import EntryDraft, customer_page
from inboxcrm.web.rendering import page
from inboxcrm.web.site import Looking, Site, TheForm, TheSite, TheVisitor

router = APIRouter(include_in_schema=False)


@router.post("/customers/{customer_id}/entries")
def add_entry(
    request: Request, *, site: TheSite, session: Looking, visitor: TheVisitor, customer_id: int, form: TheForm
) -> Response:
    """Appends what was written down to the log."""
    try:
        written = _read(form, site)
        with writing(site.engine) as writer:
            entry = entries.append(writer, customer_id, written, now=site.clock(), by=visitor.name)
    except EntryError as error:
        return customer_page(request, session, customer_id, draft=_draft(form), problem=str(error))
    news.changed(site.events, [customer_id])
    return flash.redirect(request, f"/customers/{customer_id}#e{entry.id}", Notice(_("Added to the log.")))


@router.get("/entries/{entry_id}/edit")
def edit_entry(request: Request, site: TheSite, session: Looking, entry_id: int) -> Response:
    """The form with an entry that was written by hand."""
    entry = _entry(session, entry_id)
    draft = EntryDraft(
        channel=entry.channel.value,
        direction=entry.direction.value,
        at=entry.at.astimezone(site.zone).strftime("%Y-%m-%dT%H:%M"),
        contact=str(entry.contact_id or ""),
        content=entry.content,
        feedback=entry.feedback,
        next_follow_up=entry.next_follow_up.isoformat() if entry.next_follow_up else "",
    )
    return _form_page(request, session, entry, draft)


@router.post("/entries/{entry_id}/edit")
def save_entry(request: Request, site: TheSite, session: Looking, entry_id: int, form: TheForm) -> Response:
    """Keeps the form."""
    try:
        written = _read(form, site)
        with writing(site.engine) as writer:
            entry = entries.edit(writer, _entry(writer, entry_id), written, now=site.clock())
    except EntryError as error:
        return _form_page(request, session, _entry(session, entry_id), _draft(form), str(error))
    news.changed(site.events, [entry.customer_id])
    return flash.redirect(request, f"/customers/{entry.customer_id}#e{entry_id}", Notice(_("Saved.")))


@router.post("/entries/{entry_id}/delete")
def delete_entry(request: Request, site: TheSite, entry_id: int) -> Response:
    """Deletes an entry that was written by hand."""
    with writing(site.engine) as session:
        entry = _entry(session, entry_id)
        customer_id = entry.customer_id
        entries.delete(session, entry)
    news.changed(site.events, [customer_id])
    return flash.redirect(request, f"/customers/{customer_id}", Notice(_("The entry is deleted.")))


@router.post("/entries/{entry_id}/move")
def move_entry(
    request: Request,
    site: TheSite,
    visitor: TheVisitor,
    entry_id: int,
    customer: Annotated[str, Form()],
) -> Response:
    """Moves the entry to the customer that was named, or asks which one is meant."""
    with writing(site.engine) as session:
        entry = _entry(session, entry_id)
        origin = entry.customer_id
        chosen = choosing.named(session, customer)
        if not isinstance(chosen, Customer):
            return choosing.ask(request, chosen, customer, fields={}, back=f"/customers/{origin}#e{entry_id}")
        moved = entries.move(session, entry, chosen.id, now=site.clock(), by=visitor.name)
    news.changed(site.events, [origin, chosen.id])
    notice = Notice(
        _("Moved to {name}.").format(name=chosen.name),
        undo_path=f"/entries/{moved.id}/move",
        undo_fields={"customer": f"#{origin}"},
    )
    return flash.redirect(request, f"/customers/{chosen.id}#e{moved.id}", notice)


@router.post("/entries/{entry_id}/take-out")
def take_out(request: Request, site: TheSite, visitor: TheVisitor, entry_id: int) -> Response:
    """Says that the mail is not this customer's."""
    with writing(site.engine) as session:
        entry = _entry(session, entry_id)
        customer_id, message_id = entry.customer_id, entry.message_id
        entries.take_out(session, entry, by=visitor.name)
    news.changed(site.events, [customer_id])
    notice = Notice(
        _("The mail is out of this log, and no rule brings it back."),
        undo_path=f"/messages/{message_id}/put-in",
        undo_fields={"customer": str(customer_id)},
    )
    return flash.redirect(request, f"/customers/{customer_id}", notice)


@router.post("/messages/{message_id}/put-in")
def put_in(
    request: Request, site: TheSite, visitor: TheVisitor, message_id: int, customer: Annotated[int, Form()]
) -> Response:
    """Says that the mail is this customer's after all."""
    with writing(site.engine) as session:
        entry = entries.put_in(session, message_id, customer, now=site.clock(), by=visitor.name)
    news.changed(site.events, [customer])
    site.events.publish(Topic.WANTED)
    return flash.redirect(request, f"/customers/{customer}#e{entry.id}", Notice(_("The mail is in the log again.")))


@router.post("/entries/{entry_id}/confirm")
def confirm(request: Request, site: TheSite, visitor: TheVisitor, entry_id: int) -> Response:
    """Believes the sender: the warnings go, and the mail counts like any other."""
    with writing(site.engine) as session:
        entry = entries.confirm(session, _entry(session, entry_id), by=visitor.name)
    news.changed(site.events, [entry.customer_id])
    return flash.redirect(
        request, f"/customers/{entry.customer_id}#e{entry_id}", Notice(_("The sender counts as genuine now."))
    )


def _entry(session: Session, entry_id: int) -> LogEntry:
    entry = session.get(LogEntry, entry_id)
    if entry is None:
        raise HTTPException(404, _("There is no such entry; perhaps it was moved or taken out."))
    return entry


def _read(form: Mapping[str, str], site: Site) -> Written:
    """The form as the journal takes it. Raises EntryError naming what can't be understood."""
    try:
        local = datetime.fromisoformat(form.get("at", "").strip())
        planned = form.get("next_follow_up", "").strip()
        contact = form.get("contact", "").strip()
        return Written(
            channel=Channel(form.get("channel", "")),
            at=local.replace(tzinfo=local.tzinfo or site.zone).astimezone(UTC),
            direction=Direction(form.get("direction", Direction.IN.value)),
            content=form.get("content", "").replace("\r\n", "\n"),
            feedback=form.get("feedback", ""),
            next_follow_up=date.fromisoformat(planned) if planned else None,
            contact_id=int(contact) if contact else None,
        )
    except ValueError as error:
        raise EntryError(_("Choose a channel, and write dates like 2026-11-25 and times like 14:05.")) from error


def _draft(form: Mapping[str, str]) -> EntryDraft:
    return EntryDraft(**{name: form[name] for name in asdict(EntryDraft()) if name in form})


def _form_page(request: Request, session: Session, entry: LogEntry, draft: EntryDraft, problem: str = "") -> Response:
    contacts = session.scalars(select(Contact).where(Contact.customer_id == entry.customer_id).order_by(Contact.id))
    return page(
        request,
        "entry_form.html",
        status=422 if problem else 200,
        entry=entry,
        customer=session.get_one(Customer, entry.customer_id),
        contacts=list(contacts),
        draft=draft,
        problem=problem,
    )
