"""What a person may set for themselves: the language of the pages."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Request
from fastapi.responses import Response

from inboxcrm.i18n import LANGUAGES, _
from inboxcrm.model import User
from inboxcrm.model.database import writing
from inboxcrm.web import flash
from inboxcrm.web.site import TheSite, TheVisitor

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
