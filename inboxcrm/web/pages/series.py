"""Newsletter series: each drafts its next issue by itself and puts it up for review. Made, changed, paused and ended here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Path, Request
from fastapi.responses import Response
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.datastructures import FormData

from inboxcrm.errors import InboxcrmError
from inboxcrm.followup.variables import LANGUAGES
from inboxcrm.i18n import _
from inboxcrm.model import Account, Newsletter
from inboxcrm.model.database import writing
from inboxcrm.newsletter import issues, series, series_texts
from inboxcrm.newsletter.audience import Audience
from inboxcrm.newsletter.press import Press
from inboxcrm.reading.addresses import normal
from inboxcrm.service.events import Topic
from inboxcrm.web import flash, formats, words
from inboxcrm.web.audience_form import Fields, audience_of, offered
from inboxcrm.web.flash import Notice
from inboxcrm.web.issue_steps import path_of, typed_number
from inboxcrm.web.queries.series import all_series, issues_of
from inboxcrm.web.rendering import page
from inboxcrm.web.site import Looking, Site, TheForm, TheSite, TheVisitor

router = APIRouter(include_in_schema=False)

_LIST = "/newsletters/series"
_LONGEST_MONTHS, _LAST_DAY = 24, 28
Number = Annotated[int, Path(ge=1, le=2**53)]


@dataclass(frozen=True, slots=True)
class _Typed:
    """A series as it stands in the form. The numbers are as typed."""

    name: str
    account: str
    template: str
    languages: Sequence[str]
    every_months: str
    day: str
    layout: str
    fallback: str
    audience: Audience


@router.get(_LIST)
def show_all(request: Request, session: Looking) -> Response:
    """Every series: when its next issue is drafted, and what waits."""
    return page(request, "newsletter_series.html", series=all_series(session))


@router.get(f"{_LIST}/new")
def new(request: Request, site: TheSite, session: Looking) -> Response:
    """The form for a new series."""
    accounts = _accounts(site, session)
    known = series_texts.templates(site.settings.home)
    typed = _Typed(
        name="",
        account=accounts[0][0] if accounts else "",
        template="news" if "news" in known else next(iter(known), ""),
        languages=("en",),
        every_months="1",
        day="1",
        layout="products",
        fallback="en",
        audience=issues.usual_audience(site.press()),
    )
    return _form_page(request, site, session, typed)


@router.post(f"{_LIST}/new")
def make(request: Request, site: TheSite, visitor: TheVisitor, session: Looking, form: Fields) -> Response:
    """Makes a series."""
    press = site.press()
    try:
        with writing(site.engine) as writer:
            made = series.create(writer, press, **_values(form), now=site.clock(), by=visitor.name)
    except InboxcrmError as error:
        return _form_page(request, site, session, _typed(form, issues.usual_audience(press)), problem=str(error))
    _told(site)
    return flash.redirect(request, _path(made.id), Notice(_("Made. Its first issue is drafted on the chosen day.")))


@router.get(f"{_LIST}/{{series_id:int}}")
def show(request: Request, site: TheSite, session: Looking, series_id: Number) -> Response:
    """A series: its next day, its issues, and everything that can be changed."""
    return _form_page(request, site, session, _kept(_found(session, series_id)), series_id)


@router.post(f"{_LIST}/{{series_id:int}}")
def change(request: Request, site: TheSite, session: Looking, series_id: Number, form: Fields) -> Response:
    """Changes a series; issues that are drafted already stay as they are."""
    found = _found(session, series_id)
    try:
        with writing(site.engine) as writer:
            series.edit(writer, site.press(), series_id, site.clock(), **_values(form))
    except InboxcrmError as error:
        typed = _typed(form, Audience.unpacked(found.audience))
        return _form_page(request, site, session, typed, series_id, problem=str(error))
    _told(site)
    return flash.redirect(request, _path(series_id), Notice(_("Saved.")))


@router.post(f"{_LIST}/{{series_id:int}}/draft")
def draft(request: Request, site: TheSite, visitor: TheVisitor, series_id: Number) -> Response:
    """Drafts the next issue now; nothing goes out."""
    try:
        with writing(site.engine) as session:
            made = series.draft_next(session, site.press(), series_id, site.clock(), by=visitor.name)
    except InboxcrmError as error:
        return flash.redirect(request, _path(series_id), Notice(str(error), kind="error"))
    if made.issue_id is None:
        return flash.redirect(request, _path(series_id), Notice(made.why_not, kind="error"))
    _told(site)
    notice = Notice(_("The issue is drafted. Look at it; nothing goes out before you approve it."))
    return flash.redirect(request, path_of(made.issue_id), notice)


@router.post(f"{_LIST}/{{series_id:int}}/active")
def switch(request: Request, site: TheSite, series_id: Number, form: TheForm) -> Response:
    """Pauses a series, or lets it go on."""
    active = form.get("active") == "1"
    try:
        with writing(site.engine) as session:
            series.edit(session, site.press(), series_id, site.clock(), active=active)
    except InboxcrmError as error:
        return flash.redirect(request, _LIST, Notice(str(error), kind="error"))
    _told(site)
    said = _("It goes on: it drafts its next issue on its day.") if active else _("Paused: it drafts no issue.")
    undo = {"active": "" if active else "1"}
    notice = Notice(said, undo_path=f"{_path(series_id)}/active", undo_fields=undo)
    return flash.redirect(request, _path(series_id), notice)


@router.post(f"{_LIST}/{{series_id:int}}/remove")
def remove(request: Request, site: TheSite, series_id: Number) -> Response:
    """Ends a series for good; its issues stay."""
    try:
        with writing(site.engine) as session:
            series.remove(session, series_id)
    except InboxcrmError as error:
        return flash.redirect(request, _LIST, Notice(str(error), kind="error"))
    _told(site)
    return flash.redirect(request, _LIST, Notice(_("The series is ended. Its issues stay.")))


# --- the form ---------------------------------------------------------------------------------------------------------


def _values(form: FormData) -> dict[str, Any]:
    """The fields of `series.create`. Raises IssueError, AudienceError."""
    account = _text(form, "account")
    return {
        "name": _text(form, "name"),
        "account_id": int(account) if account.isascii() and account.isdecimal() else 0,
        "template": _text(form, "template"),
        "languages": _languages(form),
        "every_months": typed_number(_text(form, "every_months"), _("Months between two issues"), 1, _LONGEST_MONTHS),
        "day": typed_number(_text(form, "day"), _("Day of the month"), 1, _LAST_DAY),
        "layout": _text(form, "layout"),
        "fallback_language": _text(form, "fallback_language"),
        "audience": audience_of(form),
    }


def _typed(form: FormData, otherwise: Audience) -> _Typed:
    """What was typed, for the form that is shown once more; an audience that can't be so gives way to `otherwise`."""
    try:
        audience = audience_of(form)
    except InboxcrmError:
        audience = otherwise
    return _Typed(
        _text(form, "name"),
        _text(form, "account"),
        _text(form, "template"),
        _languages(form),
        _text(form, "every_months"),
        _text(form, "day"),
        _text(form, "layout"),
        _text(form, "fallback_language"),
        audience,
    )


def _kept(row: Newsletter) -> _Typed:
    return _Typed(
        row.name,
        str(row.account_id),
        row.template,
        row.languages,
        str(row.every_months),
        str(row.day),
        row.layout,
        row.fallback_language,
        Audience.unpacked(row.audience),
    )


def _text(form: FormData, name: str) -> str:
    value = form.get(name, "")
    return value.strip() if isinstance(value, str) else ""


def _languages(form: FormData) -> list[str]:
    return [str(one) for one in form.getlist("series_languages")]


def _form_page(
    request: Request, site: Site, session: Session, typed: _Typed, series_id: int | None = None, *, problem: str = ""
) -> Response:
    press: Press = site.press()
    row = _found(session, series_id) if series_id is not None else None
    home = site.settings.home
    there = series_texts.languages(home, typed.template)
    return page(
        request,
        "newsletter_series_form.html",
        status=422 if problem else 200,
        problem=problem,
        typed=typed,
        row=row,
        issues=issues_of(session, row.id) if row is not None else (),
        accounts=_accounts(site, session),
        templates=[(one, words.series_template(one)) for one in series_texts.templates(home)],
        series_languages=[(one, formats.language_name(one)) for one in dict.fromkeys((*LANGUAGES, *typed.languages))],
        missing=[formats.language_name(one) for one in typed.languages if one not in there],
        layouts=press.layouts.names(),
        filters=offered(session, typed.audience),
        days=_NOTHING_TYPED,
    )


_NOTHING_TYPED: Mapping[str, str] = {"not_written_days": "", "min_gap_days": ""}


def _found(session: Session, series_id: int) -> Newsletter:
    found = session.get(Newsletter, series_id)
    if found is None:
        raise HTTPException(404, _("There is no such series; perhaps it was ended."))
    return found


def _accounts(site: Site, session: Session) -> list[tuple[str, str]]:
    rows = {normal(one.address): one.id for one in session.scalars(select(Account))}
    return [(str(rows[normal(one.address)]), one.address) for one in site.accounts.all() if normal(one.address) in rows]


def _path(series_id: int) -> str:
    return f"{_LIST}/{series_id}"


def _told(site: Site) -> None:
    site.events.publish(Topic.NEWSLETTERS, {"issues": []})
