"""What a person may set for themselves: the language of the pages, the link to their calendar feed."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Request
from fastapi.responses import Response

from inboxcrm.i18n import LANGUAGES, _
from inboxcrm.model import User
from inboxcrm.model.database import writing
from inboxcrm.web import calendar_links, flash
from inboxcrm.web.flash import Notice
from inboxcrm.web.rendering import page
from inboxcrm.web.site import Looking, TheSite, TheVisitor

router = APIRouter(include_in_schema=False)


@router.post("/language")
def choose_language(
    request: Request,
    site: TheSite,
    visitor: TheVisitor,
    language: Annotated[str, Form()],
    next: Annotated[str, Form()] = "/",  # noqa: A002  the field's name
) -> Response:
    """Keeps the language with the user; before the log-in, with the browser."""
    if language not in LANGUAGES:
        raise HTTPException(422, _("These pages don't speak that language."))
    answer = flash.redirect(request, next)
    if visitor.user_id is None:
        answer.headers.append("set-cookie", site.booth.cookie(replace(visitor.ticket, language=language)))
    else:
        with writing(site.engine) as session:
            session.get_one(User, visitor.user_id).language = language
    return answer


@router.get("/preferences")
def show(request: Request, session: Looking, visitor: TheVisitor) -> Response:
    """Language and calendar feed."""
    path = calendar_links.path_of(session.get_one(User, visitor.user_id))
    return page(request, "preferences.html", feed=f"{request.base_url}{path[1:]}" if path else "")


@router.post("/preferences/calendar")
def change_feed(request: Request, site: TheSite, visitor: TheVisitor, act: Annotated[str, Form()]) -> Response:
    """Makes a new link, or none."""
    with writing(site.engine) as session:
        user = session.get_one(User, visitor.user_id)
        if act == "off":
            calendar_links.switch_off(user)
        else:
            calendar_links.renew(user)
    words = (
        _("The link leads nowhere now.")
        if act == "off"
        else _("A new link. Whoever has the old one sees nothing more.")
    )
    return flash.redirect(request, "/preferences", Notice(words))
