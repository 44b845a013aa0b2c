"""The log-in and the log-out. Guessing is slowed down before a password is looked at."""

from __future__ import annotations

import math
import threading
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from inboxcrm.i18n import _, ngettext
from inboxcrm.web import tickets, users
from inboxcrm.web.flash import is_own_path
from inboxcrm.web.rendering import page
from inboxcrm.web.site import Looking, TheSite, TheVisitor

router = APIRouter(include_in_schema=False)

_hashing = threading.Semaphore(2)  # argon2 takes 64 MB a time; a crowd at the door must not take all memory


@router.get("/log-in")
def show_log_in(request: Request, session: Looking, visitor: TheVisitor, next: str = "/") -> Response:  # noqa: A002  the query's name
    """The form; or, before there is any user, what to do."""
    if visitor.user_id is not None:
        return RedirectResponse(_target(next), status_code=303)
    return page(request, "log_in.html", anybody=users.anybody(session), problem="", name="", next=_target(next))


@router.post("/log-in")
def log_in(
    request: Request,
    *,
    site: TheSite,
    session: Looking,
    name: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    next: Annotated[str, Form()] = "/",  # noqa: A002  the field's name
) -> Response:
    """Checks the password and gives the browser its ticket."""
    now = site.clock()
    address = request.client.host if request.client else ""

    def refused(status: int, problem: str) -> Response:
        return page(request, "log_in.html", status=status, anybody=True, problem=problem, name=name, next=_target(next))

    if wait := site.throttle.wait(name, address, now):
        seconds = math.ceil(wait.total_seconds())
        response = refused(429, _too_often(seconds))
        response.headers["retry-after"] = str(seconds)
        return response
    with _hashing:
        user = users.verify(session, name, password)
    if user is None:
        site.throttle.failed(name, address, now)
        return refused(401, _("Name and password don't fit together."))
    site.throttle.succeeded(name, address)
    answer = RedirectResponse(_target(next), status_code=303)
    answer.headers.append("set-cookie", site.booth.cookie(tickets.for_user(user.id, user.session_key, now)))
    return answer


@router.post("/log-out")
def log_out(site: TheSite, visitor: TheVisitor) -> Response:
    """Forgets the browser's ticket."""
    answer = RedirectResponse("/log-in", status_code=303)
    answer.headers.append("set-cookie", site.booth.cookie(tickets.fresh(site.clock(), visitor.language)))
    return answer


def _target(path: str) -> str:
    return path if is_own_path(path) and not path.startswith("/log-") else "/"


def _too_often(seconds: int) -> str:
    if seconds < 60:
        return ngettext(
            "Too many attempts. Try again in {count} second.",
            "Too many attempts. Try again in {count} seconds.",
            seconds,
        ).format(count=seconds)
    minutes = math.ceil(seconds / 60)
    return ngettext(
        "Too many attempts. Try again in {count} minute.", "Too many attempts. Try again in {count} minutes.", minutes
    ).format(count=minutes)
