"""Business records by hand: opened and written in a form, moved on with a click, and each of that taken back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Form, HTTPException, Request
from fastapi.responses import Response

from inboxcrm.engagement import records_by_hand
from inboxcrm.engagement.records_by_hand import RecordError
from inboxcrm.i18n import _, mark
from inboxcrm.judging import judged
from inboxcrm.model import BusinessRecord, Customer, RecordKind, Stage
from inboxcrm.web import file_fields, flash, news, words
from inboxcrm.web.file_fields import FormField
from inboxcrm.web.flash import Notice
from inboxcrm.web.rendering import page
from inboxcrm.web.site import Looking, Site, TheForm, TheSite, TheVisitor
from inboxcrm.web.words import label

router = APIRouter(include_in_schema=False)

_KIND = FormField("kind", mark("What"), "choice", choices=words.RECORDS)
_FIELDS = (
    FormField("products", mark("Products"), "list"),
    FormField("quantity", mark("Quantity")),
    FormField("unit", mark("Unit"), hint=mark("like pcs")),
    FormField("amount", mark("Amount of the whole")),
    FormField("currency", mark("Currency"), hint=mark("three letters, like USD")),
    FormField("incoterm", mark("Incoterm"), hint=mark("like FOB")),
    FormField("port", mark("Port or place")),
    FormField("due_on", mark("Due on"), "date"),
    FormField("number", mark("Number"), hint=mark("the customer's order number, or ours")),
    FormField("note", mark("Note"), "text"),
)


@router.get("/customers/{customer_id}/records/new")
def new_record(request: Request, session: Looking, customer_id: int) -> Response:
    """The form for a record that no mail has opened."""
    return _form(request, _there(session.get(Customer, customer_id)), None, {"kind": RecordKind.ORDER.value})


@router.post("/customers/{customer_id}/records/new")
def add_record(
    request: Request, *, site: TheSite, session: Looking, visitor: TheVisitor, customer_id: int, form: TheForm
) -> Response:
    """Opens a record."""
    customer, now = _there(session.get(Customer, customer_id)), site.clock()
    try:
        kind = RecordKind(form.get("kind", ""))
        values = file_fields.read_form(_FIELDS, form)
        with judged(site.engine, site.bench, site.clock) as writer:
            record = records_by_hand.add(writer, customer_id, kind, values, at=now, now=now, by=visitor.name)
            step_id = record.steps[0].id
    except (RecordError, ValueError) as error:
        said = str(error) if isinstance(error, RecordError) else _("There is no such kind of record.")
        return _form(request, customer, None, form, said)
    return _done(request, site, customer_id, Notice(_("Noted."), undo_path=f"/record-steps/{step_id}/undo"))


@router.get("/records/{record_id}/edit")
def edit_record(request: Request, session: Looking, record_id: int) -> Response:
    """The form of a record."""
    record = _there(session.get(BusinessRecord, record_id))
    return _form(request, _there(session.get(Customer, record.customer_id)), record, {})


@router.post("/records/{record_id}/edit")
def save_record(
    request: Request, *, site: TheSite, session: Looking, visitor: TheVisitor, record_id: int, form: TheForm
) -> Response:
    """Keeps what the form says; mails don't overwrite what was changed in it."""
    known = _there(session.get(BusinessRecord, record_id))
    try:
        values = {
            name: value
            for name, value in file_fields.read_form(_FIELDS, form).items()
            if form[name].strip() != _written(known)[name].strip()
        }
        with judged(site.engine, site.bench, site.clock) as writer:
            record = _there(writer.get(BusinessRecord, record_id))
            changes = records_by_hand.edit(writer, record, values, now=site.clock(), by=visitor.name)
    except RecordError as error:
        return _form(request, _there(session.get(Customer, known.customer_id)), known, form, str(error))
    said = _("Saved.") if changes else _("Saved; nothing was different.")
    return _done(request, site, known.customer_id, Notice(said))


@router.post("/records/{record_id}/advance")
def advance(
    request: Request, site: TheSite, visitor: TheVisitor, record_id: int, stage: Annotated[str, Form()]
) -> Response:
    """Moves a record on to a stage."""
    now = site.clock()
    try:
        with judged(site.engine, site.bench, site.clock) as session:
            record = records_by_hand.get(session, record_id)
            customer_id = record.customer_id
            step = records_by_hand.advance(session, record, Stage(stage), at=now, now=now, by=visitor.name)
            undo_path = f"/record-steps/{step.id}/undo"
    except (RecordError, ValueError) as error:
        said = str(error) if isinstance(error, RecordError) else _("There is no such stage.")
        return flash.redirect(request, "/customers", Notice(said, kind="error"))
    said = _("{record}: {stage}.").format(record=label(record.kind), stage=label(Stage(stage)))
    return _done(request, site, customer_id, Notice(said, undo_path=undo_path))


@router.post("/record-steps/{step_id}/undo")
def undo(request: Request, site: TheSite, step_id: int) -> Response:
    """Takes back a step that a person made."""
    try:
        with judged(site.engine, site.bench, site.clock) as session:
            customer_id = records_by_hand.undo_step(session, step_id).customer_id
    except RecordError as error:
        return flash.redirect(request, "/customers", Notice(str(error), kind="error"))
    return _done(request, site, customer_id, Notice(_("The step is taken back.")))


def _form(
    request: Request,
    customer: Customer,
    record: BusinessRecord | None,
    form: Mapping[str, str],
    problem: str = "",
) -> Response:
    fields = _FIELDS if record is not None else (_KIND, *_FIELDS)
    known = _written(record)
    return page(
        request,
        "file_form.html",
        status=422 if problem else 200,
        title=label(record.kind) if record is not None else _("New record"),
        back=f"/customers/{customer.id}#records",
        back_text=customer.name,
        action=request.url.path,
        groups=(("", fields),),
        values={field.name: form.get(field.name, known.get(field.name, "")) for field in fields},
        name_required=False,
        addresses=None,
        domains=None,
        owners=None,
        owner="",
        countries=(),
        field_options=file_fields.options,
        problem=problem,
    )


def _written(record: BusinessRecord | None) -> dict[str, str]:
    """A record as its form shows it: numbers as people write them."""
    if record is None:
        return {}
    plain: dict[str, Any] = records_by_hand.as_json(record)
    return {
        field.name: "\n".join(plain["products"]) if field.kind == "list" else str(plain[field.name] or "")
        for field in _FIELDS
    }


def _done(request: Request, site: Site, customer_id: int, notice: Notice) -> Response:
    news.changed(site.events, [customer_id])
    return flash.redirect(request, f"/customers/{customer_id}#records", notice)


_T = TypeVar("_T")


def _there(row: _T | None) -> _T:
    if row is None:
        raise HTTPException(404, _("There is no such record or customer; perhaps it was removed."))
    return row
