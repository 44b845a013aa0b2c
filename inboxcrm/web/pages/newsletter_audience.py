"""The third step of an issue: who gets it. The page shows who is in, who is left out and why, before anything is sent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session
from starlette.datastructures import FormData

from inboxcrm.errors import InboxcrmError
from inboxcrm.i18n import _, language
from inboxcrm.model import Issue
from inboxcrm.model.database import writing
from inboxcrm.newsletter import issues
from inboxcrm.newsletter.audience import LONGEST_DAYS, Audience
from inboxcrm.newsletter.candidates import Selection
from inboxcrm.newsletter.reasons import CHOSEN_AWAY, Why
from inboxcrm.web import flash, formats, words
from inboxcrm.web.flash import Notice
from inboxcrm.web.issue_steps import following, found, locked, path_of, step_page, told, typed_number
from inboxcrm.web.queries import newsletters as queries
from inboxcrm.web.site import Looking, Site, TheSite

router = APIRouter(include_in_schema=False)

_STEP = "audience"
_MANY = ("grades", "statuses", "countries", "languages", "products", "tags", "sources")
_TYPED = ("products", "tags", "sources")
"""Of these further values may be typed."""
_DAYS = ("heard_after", "heard_before")
_MOST_OFFERED = 40


async def _fields(request: Request) -> FormData:
    return await request.form()


Fields = Annotated[FormData, Depends(_fields)]
"""The form with all its values: of a filter several may be ticked."""


@router.get("/newsletters/{issue_id:int}/audience")
def show_audience(
    request: Request,
    *,
    site: TheSite,
    session: Looking,
    issue_id: int,
    show: Annotated[str, Query()] = "in",
    why: Annotated[str, Query()] = "",
    q: Annotated[str, Query(max_length=100)] = "",
) -> Response:
    """The filters, the numbers, and the contacts."""
    issue = found(session, issue_id)
    away = locked(request, issue)
    return away or _audience_page(request, site, session, issue, show=show, why=why, text=q)


@router.post("/newsletters/{issue_id:int}/audience")
def keep_audience(request: Request, *, site: TheSite, session: Looking, issue_id: int, form: Fields) -> Response:
    """Keeps the audience, or only counts it as it stands in the form."""
    issue = found(session, issue_id)
    if (away := locked(request, issue)) is not None:
        return away
    try:
        audience = audience_of(form)
    except InboxcrmError as error:
        return _audience_page(request, site, session, issue, form=form, problem=str(error))
    fallback = str(form.get("fallback_language", issue.fallback_language))
    if form.get("act") == "count":
        return _audience_page(request, site, session, issue, form=form, audience=audience, fallback=fallback)
    try:
        with writing(site.engine) as writer:
            if audience.packed() != issue.audience or fallback != issue.fallback_language:
                issues.edit(writer, site.press(), issue_id, audience=audience, fallback_language=fallback)
    except InboxcrmError as error:
        return _audience_page(request, site, session, issue, form=form, problem=str(error))
    told(site, issue_id)
    if form.get("act") == "next":
        return flash.redirect(request, path_of(issue_id, following(_STEP)))
    return flash.redirect(request, path_of(issue_id, _STEP), Notice(_("Saved.")))


def audience_of(form: FormData) -> Audience:
    """The audience as it stands in the form. Raises IssueError, AudienceError."""
    values: dict[str, Any] = {name: [str(one) for one in form.getlist(name)] for name in _MANY}
    for name in _TYPED:
        typed = str(form.get(f"{name}_typed", "")).replace("，", ",").replace("、", ",")
        values[name] += [one.strip() for one in typed.split(",") if one.strip()]
    if not values["grades"]:
        raise issues.IssueError(_("Choose at least one grade."))
    values |= {name: str(form.get(name, "")) or None for name in _DAYS}
    if values["heard_after"] and values["heard_before"] and values["heard_after"] > values["heard_before"]:
        raise issues.IssueError(_("Last contact: the first day must not lie behind the second."))
    for name, what in (
        ("not_written_days", _("Days since a personal mail")),
        ("min_gap_days", _("Days since the last newsletter")),
    ):
        values[name] = typed_number(str(form.get(name, "")), what, 0, LONGEST_DAYS)
    return Audience.unpacked(values)


def _audience_page(
    request: Request,
    site: Site,
    session: Session,
    issue: Issue,
    *,
    show: str = "in",
    why: str = "",
    text: str = "",
    form: FormData | None = None,
    audience: Audience | None = None,
    fallback: str | None = None,
    problem: str = "",
) -> Response:
    kept = Audience.unpacked(issue.audience)
    audience = audience or kept
    fallback = issue.fallback_language if fallback is None else fallback
    texts = tuple(one.language for one in issue.texts)
    selection = Selection(audience, texts, fallback, site.press().own, issue.id)
    reason = Why(why) if why in set(Why) else None
    seen = queries.seen(session, selection, site.clock(), chosen=show != "out", why=reason, text=text)
    left_out = [(one, words.label(one), count) for one, count in seen.numbers.left_out.most_common()]
    return step_page(
        request,
        issue,
        _STEP,
        status=422 if problem else 200,
        problem=problem,
        audience=audience,
        fallback=fallback,
        texts=texts,
        filters=_filters(session, audience),
        typed={
            name: str(form.get(name, "")) if form is not None else "" for name in ("not_written_days", "min_gap_days")
        },
        counted=form is not None and not problem and (audience != kept or fallback != issue.fallback_language),
        seen=seen,
        protected=[one for one in left_out if one[0] not in CHOSEN_AWAY],
        chosen_away=[one for one in left_out if one[0] in CHOSEN_AWAY],
        show="out" if show == "out" else "in",
        why=reason.value if reason is not None else "",
        why_text=words.label(reason) if reason is not None else "",
        asked=text,
    )


def _filters(
    session: Session, audience: Audience
) -> Sequence[tuple[str, str, Sequence[tuple[str, str, int]], Sequence[str]]]:
    """The filters: (field, what it is called, what can be ticked, what is ticked). What is ticked but no longer there stays."""
    there = queries.filters(session)
    names = dict(formats.countries(language()))
    return [
        ("countries", _("Country"), _options(there.countries, audience.countries, names.get), audience.countries),
        (
            "languages",
            _("Language"),
            _options(there.languages, audience.languages, formats.language_name),
            audience.languages,
        ),
        ("products", _("Wants one of these products"), _options(there.products, audience.products), audience.products),
        ("tags", _("Has one of these tags"), _options(there.tags, audience.tags), audience.tags),
        ("sources", _("Source"), _options(there.sources, audience.sources), audience.sources),
    ]


def _options(
    there: Sequence[tuple[str, int]], ticked: Sequence[str], name_of: Any = None
) -> list[tuple[str, str, int]]:
    """(value, text, count): the ticked ones first, then the most frequent."""
    counts = dict(there)
    order = [*ticked, *[one for one, _count in there[:_MOST_OFFERED] if one not in ticked]]
    return [(one, (name_of(one) if name_of is not None else None) or one, counts.get(one, 0)) for one in order]
