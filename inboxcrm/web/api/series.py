"""Series of newsletters: each drafts its next issue on its day and puts it up for review."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, HTTPException
from pydantic import BaseModel, Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from inboxcrm.errors import InboxcrmError
from inboxcrm.i18n import _
from inboxcrm.model import Newsletter
from inboxcrm.model.database import writing
from inboxcrm.newsletter import issues, series
from inboxcrm.newsletter.as_json import drafted_json, series_json
from inboxcrm.newsletter.audience import Audience
from inboxcrm.web.issue_steps import told
from inboxcrm.web.site import Looking, Site, TheSite, TheVisitor

router = APIRouter(
    prefix="/newsletters/series",
    tags=["newsletters"],
    responses={404: {"description": "No such series"}, 409: {"description": "A series can't be so"}},
)


class NewSeries(BaseModel):
    """A new series. `account`: the address that it goes from, "" for the first that can send; `audience`: what is left out is as usual;
    `day`: of the month.
    """

    name: str
    template: str
    languages: list[str] = Field(min_length=1)
    account: str = ""
    every_months: int = 1
    day: int = 1
    layout: str = "products"
    fallback_language: str = "en"
    audience: dict[str, Any] = {}


class ChangedSeries(BaseModel):
    """What is to be different; what is left out stays. `audience` takes the place of the whole audience."""

    name: str | None = None
    template: str | None = None
    languages: list[str] | None = None
    account: str | None = None
    every_months: int | None = None
    day: int | None = None
    layout: str | None = None
    fallback_language: str | None = None
    audience: dict[str, Any] | None = None
    active: bool | None = None


@router.get("")
def show_all(session: Looking) -> list[dict[str, Any]]:
    """The series, by name."""
    return [series_json(session, one) for one in session.scalars(select(Newsletter).order_by(Newsletter.name))]


@router.post("", status_code=201)
def make(site: TheSite, visitor: TheVisitor, new: NewSeries) -> dict[str, Any]:
    """Begins a series."""
    press = site.press()

    def act(session: Session) -> Newsletter:
        values = new.model_dump(exclude={"account", "audience"})
        return series.create(
            session,
            press,
            account_id=issues.account_id_of(session, press, new.account),
            audience=Audience.unpacked({**issues.usual_audience(press).packed(), **new.audience}),
            now=site.clock(),
            by=visitor.name,
            **values,
        )

    return _done(site, None, act)


@router.get("/{series_id:int}")
def show(session: Looking, series_id: int) -> dict[str, Any]:
    """One series."""
    return series_json(session, _found(session, series_id))


@router.patch("/{series_id:int}")
def edit(site: TheSite, series_id: int, changed: ChangedSeries) -> dict[str, Any]:
    """Changes a series; its issues stay as they are."""
    press = site.press()
    values = {name: value for name, value in changed.model_dump(exclude_unset=True).items() if value is not None}

    def act(session: Session) -> Newsletter:
        if "account" in values:
            values["account_id"] = issues.account_id_of(session, press, values.pop("account"))
        return series.edit(session, press, series_id, site.clock(), **values)

    return _done(site, series_id, act)


@router.delete("/{series_id:int}", status_code=204)
def remove(site: TheSite, series_id: int) -> None:
    """Ends a series; its issues stay."""
    with writing(site.engine) as session:
        _found(session, series_id)
        series.remove(session, series_id)


@router.post("/{series_id:int}/draft")
def draft(site: TheSite, visitor: TheVisitor, series_id: int) -> dict[str, Any]:
    """Drafts the next issue now; `issue` null: there is none, and `why_not`."""
    with writing(site.engine) as session:
        _found(session, series_id)
        try:
            drafted = series.draft_next(session, site.press(), series_id, site.clock(), by=visitor.name)
        except InboxcrmError as error:
            raise HTTPException(409, str(error)) from error
    if drafted.issue_id is not None:
        told(site, drafted.issue_id)
    return drafted_json(drafted)


def _found(session: Session, series_id: int) -> Newsletter:
    one = session.get(Newsletter, series_id)
    if one is None:
        raise HTTPException(404, _("There is no newsletter with the number {id}.").format(id=series_id))
    return one


def _done(site: Site, series_id: int | None, act: Callable[[Session], Newsletter]) -> dict[str, Any]:
    with writing(site.engine) as session:
        if series_id is not None:
            _found(session, series_id)
        try:
            return series_json(session, act(session))
        except InboxcrmError as error:
            raise HTTPException(409, str(error)) from error
