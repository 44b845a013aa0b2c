"""The third step of an issue: who gets it. The page shows who is in, who is left out and why, before anything is sent."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session
from starlette.datastructures import FormData

from inboxcrm.errors import InboxcrmError
from inboxcrm.i18n import _
from inboxcrm.model import Issue
from inboxcrm.model.database import writing
from inboxcrm.newsletter import candidates, issues
from inboxcrm.newsletter.audience import Audience
from inboxcrm.newsletter.candidates import Selection
from inboxcrm.newsletter.reasons import CHOSEN_AWAY, Why
from inboxcrm.web import flash, words
from inboxcrm.web.audience_form import Fields, audience_of, offered
from inboxcrm.web.flash import Notice
from inboxcrm.web.issue_steps import Numbers, following, found, later, locked, path_of, step_page, told
from inboxcrm.web.site import Looking, Site, TheSite

router = APIRouter(include_in_schema=False)

_STEP = "audience"


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
    numbers: Numbers = Numbers.SOON,
) -> Response:
    """The filters, the numbers, and the contacts."""
    issue = found(session, issue_id)
    away = locked(request, issue)
    return away or _audience_page(request, site, session, issue, show=show, why=why, text=q, numbers=numbers)


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
        return _audience_page(
            request, site, session, issue, form=form, audience=audience, fallback=fallback, numbers=Numbers.PART
        )
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
    numbers: Numbers = Numbers.SOON,
) -> Response:
    kept = Audience.unpacked(issue.audience)
    audience = audience or kept
    fallback = issue.fallback_language if fallback is None else fallback
    texts = tuple(one.language for one in issue.texts)
    selection = Selection(audience, texts, fallback, site.press().own, issue.id)
    reason = Why(why) if why in set(Why) else None
    show = "out" if show == "out" else "in"
    asked = {"show": show, "why": reason.value if reason is not None else "", "q": text}
    seen = None
    if not numbers.are_put_off(session):
        seen = candidates.seen(session, selection, site.clock(), chosen=show == "in", why=reason, text=text)
    reasons = seen.numbers.left_out.most_common() if seen is not None else []
    left_out = [(one, words.label(one), count) for one, count in reasons]
    return step_page(
        request,
        issue,
        _STEP,
        status=422 if problem else 200,
        problem=problem,
        audience=audience,
        fallback=fallback,
        filters=offered(session, audience),
        typed={
            name: str(form.get(name, "")) if form is not None else "" for name in ("not_written_days", "min_gap_days")
        },
        counted=form is not None and not problem and (audience != kept or fallback != issue.fallback_language),
        seen=seen,
        protected=[one for one in left_out if one[0] not in CHOSEN_AWAY],
        chosen_away=[one for one in left_out if one[0] in CHOSEN_AWAY],
        show=show,
        why=asked["why"],
        later=later(path_of(issue.id, _STEP), **asked),
        keeps_numbers="&numbers=now" if numbers is Numbers.NOW else "",
        why_text=words.label(reason) if reason is not None else "",
        asked=text,
    )
