"""Errors as friendly pages, or as JSON for programs. Our own mistakes are caught by `inboxcrm.web.gate` and shown by this too."""

from __future__ import annotations

import http

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, Response
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from inboxcrm.customers.file import NotThereError
from inboxcrm.errors import InboxcrmError
from inboxcrm.i18n import _, mark
from inboxcrm.web.rendering import page

_TITLES = {
    400: mark("That didn't work"),
    403: mark("Not allowed"),
    404: mark("There is nothing here"),
    405: mark("Not that way"),
    413: mark("Too much at once"),
    422: mark("Something is missing"),
    429: mark("Please wait a moment"),
    500: mark("Something went wrong here"),
}
_TEXTS = {
    403: mark("This page or change isn't open to you."),
    404: mark("The page has moved, or the customer, contact or mail no longer exists."),
    405: mark("This address is for forms only. Go back and use the button."),
    413: mark("The form is larger than these pages accept."),
    422: mark("The form was not filled in as expected. Go back and look at its fields."),
    500: mark("The error has been written to the log. Nothing was changed; please try again."),
}


def add_handlers(app: FastAPI) -> None:
    """Registers the handlers below with the application."""
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(InboxcrmError, _our_error)


def error_page(request: Request, status: int, text: str = "") -> Response:
    """The page, or the JSON answer, for `status`; `text` says what happened where that is known."""
    title = _(_TITLES.get(status, "")) or http.HTTPStatus(status).phrase
    text = text or (_(_TEXTS[status]) if status in _TEXTS else "")
    if request.url.path.startswith("/api/"):
        return JSONResponse({"detail": text or title}, status_code=status)
    if not hasattr(request.state, "visitor"):  # before the gate has let anyone in
        return HTMLResponse(title, status_code=status)
    return page(request, "error.html", status=status, code=status, title=title, text=text)


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101  Starlette's types say less than it promises
    spoken = error.detail if error.detail != http.HTTPStatus(error.status_code).phrase else ""
    response = await run_in_threadpool(error_page, request, error.status_code, spoken)
    response.headers.update(error.headers or {})
    return response


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101
    if request.url.path.startswith("/api/"):
        problems = [
            {"field": ".".join(str(part) for part in one["loc"][1:]), "expected": one["msg"]} for one in error.errors()
        ]
        return JSONResponse({"detail": problems}, status_code=422)
    status = 404 if any(one["loc"][0] == "path" for one in error.errors()) else 422
    return await run_in_threadpool(error_page, request, status)


async def _our_error(request: Request, error: Exception) -> Response:
    status = 404 if isinstance(error, NotThereError) else 400
    return await run_in_threadpool(error_page, request, status, str(error))
