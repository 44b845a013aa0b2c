"""The plan of a customer as a person changes it: follow-ups, promises, pauses, mails that need no answer, drafts by hand.

Each button goes back to where it was pressed, with a way to take it back.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from inboxcrm.errors import InboxcrmError
from inboxcrm.followup import by_hand, drafting, promises
from inboxcrm.followup.by_hand import PlanError
from inboxcrm.followup.unanswered import needs_an_answer, needs_no_answer
from inboxcrm.i18n import _
from inboxcrm.model import Action, LogEntry
from inboxcrm.model.database import writing
from inboxcrm.web import flash, news
from inboxcrm.web.flash import Notice
from inboxcrm.web.site import Site, TheForm, TheSite, TheVisitor

router = APIRouter(include_in_schema=False)

Next = Annotated[str, Form()]
_MORNING = time(9)
"""When something is due for which only a day was chosen, on the person's clock."""

_Done = tuple[int, Notice]
"""Whose customer it was, and what the next page says."""


@router.post("/follow-ups/{follow_up_id}/{what}")
def decide(
    request: Request, *, site: TheSite, visitor: TheVisitor, follow_up_id: int, what: str, form: TheForm
) -> Response:
    """Done, left out, moved; and taken back."""
    path = f"/follow-ups/{follow_up_id}/reopen"

    def act(session: Session, now: datetime) -> _Done:
        if what == "done":
            row = by_hand.done(session, follow_up_id, now=now, by=visitor.name)
            return row.customer_id, _undoable(_("Done."), path, form)
        if what == "skip":
            row = by_hand.skip(session, follow_up_id, now=now, by=visitor.name)
            return row.customer_id, _undoable(_("Left out; the next step is planned."), path, form)
        if what == "reopen":
            return by_hand.reopen(session, follow_up_id).customer_id, Notice(_("Taken back."))
        if what == "move":
            due_at = _day(site, form.get("day", ""))
            return by_hand.move(session, follow_up_id, due_at, now=now, by=visitor.name).customer_id, Notice(
                _("Moved.")
            )
        raise PlanError(_("There is no such button any more; load the page anew."))

    return _changed(request, site, form.get("next", "/"), act)


@router.post("/promises/{promise_id}/{what}")
def decide_promise(
    request: Request, *, site: TheSite, visitor: TheVisitor, promise_id: int, what: str, form: TheForm
) -> Response:
    """Kept, none at all, moved; and taken back."""
    path = f"/promises/{promise_id}/reopen"

    def act(session: Session, now: datetime) -> _Done:
        if what == "keep":
            row = promises.keep(session, promise_id, now=now, by=visitor.name)
            return row.customer_id, _undoable(_("Noted as kept."), path, form)
        if what == "drop":
            row = promises.drop(session, promise_id, now=now, by=visitor.name)
            return row.customer_id, _undoable(_("Taken off the list."), path, form)
        if what == "reopen":
            return promises.reopen(session, promise_id).customer_id, Notice(_("Taken back."))
        if what == "move":
            return promises.move(session, promise_id, _date(form.get("day", ""))).customer_id, Notice(_("Moved."))
        raise PlanError(_("There is no such button any more; load the page anew."))

    return _changed(request, site, form.get("next", "/"), act)


@router.post("/entries/{entry_id}/{what}-answer")
def decide_answer(
    request: Request, *, site: TheSite, visitor: TheVisitor, entry_id: int, what: str, form: TheForm
) -> Response:
    """Whether a mail of a customer needs an answer: "no" or "needs"."""

    def act(session: Session, now: datetime) -> _Done:
        entry = session.get(LogEntry, entry_id)
        if entry is None:
            raise PlanError(_("This entry is no longer in the log."))
        if what == "no":
            needs_no_answer(session, entry, now=now, by=visitor.name)
            notice = _undoable(_("It needs no answer."), f"/entries/{entry_id}/needs-answer", form)
        else:
            needs_an_answer(session, entry)
            notice = Notice(_("Taken back."))
        return entry.customer_id, notice

    return _changed(request, site, form.get("next", "/"), act)


@router.post("/customers/{customer_id}/hold")
def hold(request: Request, *, site: TheSite, visitor: TheVisitor, customer_id: int, form: TheForm) -> Response:
    """Pauses the plan, until a day or until it is taken off."""

    def act(session: Session, now: datetime) -> _Done:
        until = _day(site, form["until"]) if form.get("until") else None
        reason = form.get("reason", "").strip()
        by_hand.hold(session, customer_id, now=now, by=visitor.name, until=until, reason=reason)
        return customer_id, _undoable(_("Paused: nothing is drafted or sent."), f"/customers/{customer_id}/release", {})

    return _changed(request, site, _plan_of(customer_id), act)


@router.post("/customers/{customer_id}/release")
def release(request: Request, site: TheSite, customer_id: int) -> Response:
    """Lets the plan go on."""

    def act(session: Session, _now: datetime) -> _Done:
        by_hand.release(session, customer_id)
        return customer_id, Notice(_("The plan goes on."))

    return _changed(request, site, _plan_of(customer_id), act)


@router.post("/customers/{customer_id}/follow-ups")
def add(request: Request, *, site: TheSite, visitor: TheVisitor, customer_id: int, form: TheForm) -> Response:
    """A follow-up that a person plans."""

    def act(session: Session, now: datetime) -> _Done:
        try:
            action = Action(form.get("action", ""))
        except ValueError:
            raise PlanError(_("Choose what is to be done.")) from None
        row = by_hand.add(
            session,
            customer_id,
            max(_day(site, form.get("day", "")), now),
            now=now,
            by=visitor.name,
            action=action,
            goal=form.get("note", "").strip(),
            contact_id=_number(form.get("contact", "")),
        )
        return customer_id, _undoable(_("Planned."), f"/follow-ups/{row.id}/skip", {"next": _plan_of(customer_id)})

    return _changed(request, site, _plan_of(customer_id), act)


@router.post("/customers/{customer_id}/promises")
def add_promise(request: Request, *, site: TheSite, customer_id: int, form: TheForm) -> Response:
    """A promise by hand."""

    def act(session: Session, now: datetime) -> _Done:
        row = promises.add(session, customer_id, form.get("text", ""), _date(form.get("day", "")), now=now)
        return customer_id, _undoable(_("Written down."), f"/promises/{row.id}/drop", {"next": _plan_of(customer_id)})

    return _changed(request, site, _plan_of(customer_id), act)


@router.post("/customers/{customer_id}/drafts")
def write(request: Request, *, site: TheSite, customer_id: int, form: TheForm) -> Response:
    """A draft by hand; it is opened at once."""
    try:
        with writing(site.engine) as session:
            draft = drafting.new_draft(
                session,
                site.workshop(),
                customer_id,
                site.clock(),
                contact_id=_number(form.get("contact", "")),
                template=form.get("template", ""),
                language=form.get("language", ""),
            )
    except InboxcrmError as error:
        return flash.redirect(request, _plan_of(customer_id), Notice(str(error), kind="error"))
    news.changed(site.events, [customer_id])
    return flash.redirect(request, f"/drafts/{draft.id}")


def _changed(request: Request, site: Site, path: str, act: Callable[[Session, datetime], _Done]) -> Response:
    try:
        with writing(site.engine) as session:
            customer_id, notice = act(session, site.clock())
    except InboxcrmError as error:
        return flash.redirect(request, path, Notice(str(error), kind="error"))
    news.changed(site.events, [customer_id])
    return flash.redirect(request, path, notice)


def _undoable(text: str, path: str, form: dict[str, str]) -> Notice:
    return Notice(text, undo_path=path, undo_fields={"next": form["next"]} if form.get("next") else {})


def _plan_of(customer_id: int) -> str:
    return f"/customers/{customer_id}#plan"


def _day(site: Site, written: str) -> datetime:
    on = _date(written)
    if on is None:
        raise PlanError(_("Choose a day."))
    return datetime.combine(on, _MORNING, site.zone).astimezone(UTC)


def _date(written: str) -> date | None:
    if not written:
        return None
    try:
        return date.fromisoformat(written)
    except ValueError:
        raise PlanError(_("{text!r} is no day; write it like 2026-03-31.").format(text=written)) from None


def _number(written: str) -> int | None:
    return int(written) if written.isdecimal() else None
