"""The public pages: the only ones that strangers may reach. They take readers of newsletters out of them, and count clicks where an
issue says that it does.

A small application of its own, on a port of its own, that shows nothing of what is in the database: a signed token is all it believes.
It sets no cookies. To look at a page changes nothing, for programs look at every link of a mail; only a form or a mail program's one
click (RFC 8058) does.
"""

from __future__ import annotations

import hashlib
import re
import threading
from base64 import b64encode
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from html import escape
from typing import Any
from urllib.parse import parse_qs, quote

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from inboxcrm import model
from inboxcrm.model.database import looking, writing
from inboxcrm.newsletter.keys import leaving_key
from inboxcrm.newsletter.leaving import Leave, Signing, has_left, leave
from inboxcrm.service.events import Events, Topic
from inboxcrm.settings import Settings
from inboxcrm.web.public_words import RIGHT_TO_LEFT, WORDS, words

log = structlog.get_logger(__name__)

_LARGEST = 4_096  # bytes of a form that says yes
_WRONG_LINKS = 20
"""Wrong links that one address may try within `_SPAN`."""
_CLICKS = 30
"""Clicks of one recipient that are counted within `_SPAN`."""
_PURPOSE = ("purpose", "sec-purpose", "x-moz")
"""Fields in which browsers say that they only load a page beforehand."""
_IN_URLS = ":/%#?=@[]!$&'()*+,;"
"""What stays as it is in an address (RFC 3986, 2.2); anything else but letters and digits is written with %."""
_SPAN = timedelta(minutes=10)
_REMEMBERED = 10_000
_ONE_CLICK = ("List-Unsubscribe", "One-Click")
_CONFIRMED = ("leave", "yes")
_PART = re.compile(rb'name="([^"\r\n]+)"[^\r\n]*(?:\r\n[^\r\n]+)*\r\n\r\n([^\r\n]*)\r\n')
_STYLE = (
    "body{font:1.05rem/1.6 system-ui,sans-serif;margin:0;padding:3rem 1rem;background:#f6f6f4;color:#222}"
    "main{max-width:32rem;margin:auto;padding:2rem;background:#fff;border-radius:.6rem;overflow-wrap:anywhere}"
    "h1{font-size:1.3rem;margin-top:0}button{font:inherit;padding:.6rem 1.4rem;border:0;border-radius:.4rem;"
    "background:#1e5f8a;color:#fff;cursor:pointer}small{color:#666}"
    "@media(prefers-color-scheme:dark){body{background:#181818;color:#eee}main{background:#242424}small{color:#aaa}}"
)
_STYLE_HASH = b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
HEADERS = {
    "content-security-policy": (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "x-frame-options": "DENY",
    "x-robots-tag": "noindex, nofollow",
    "cache-control": "no-store",
}
"""On every answer."""


class Counted:
    """How often something happened to somebody lately; its memory is bounded, and lost with the process."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._known: OrderedDict[str, tuple[datetime, int]] = OrderedDict()

    def is_too_often(self, who: str, now: datetime) -> bool:
        """Counts once more; whether that was more than `most` times within the span."""
        with self._lock:
            since, count = self._known.pop(who, (now, 0))
            if now - since >= _SPAN:
                since, count = now, 0
            self._known[who] = (since, count + 1)
            while len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)
            return count >= self._most


@dataclass(frozen=True, slots=True)
class _Public:
    """What the requests share."""

    engine: Engine
    events: Events
    signing: Signing
    clock: Callable[[], datetime]
    wrong: Counted = field(default_factory=lambda: Counted(_WRONG_LINKS))
    clicks: Counted = field(default_factory=lambda: Counted(_CLICKS))


def create_public(
    settings: Settings,
    engine: Engine,
    events: Events,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Starlette:
    """The application. Raises OSError when the home folder can't hold the key that signs links."""
    public = _Public(engine, events, Signing(leaving_key(settings.home)), clock)
    app = Starlette(
        routes=[
            Route("/u/{token}", _leaving, methods=["GET", "POST"]),
            Route("/c/{token}", _click, methods=["GET"]),
            Route("/robots.txt", lambda _request: _plain("User-agent: *\nDisallow: /\n")),
        ],
        exception_handlers={404: _nothing, 405: _nothing, 500: _failed},
    )
    app.state.public = public
    return app


async def _leaving(request: Request) -> Response:
    """GET: asks. POST: does it, whether a person pressed the button or a mail program sent its one click."""
    public: _Public = request.app.state.public
    left = public.signing.read_token(request.path_params["token"])
    if left is None:
        return _wrong(request, public)
    said = words(left.language)
    if request.method != "POST":
        return _page(left.language, said.ask.format(address=_shown(left)), form=True)
    fields = await _fields(request)
    if fields is None:
        return _plain("413 Content Too Large\n", 413)
    if _ONE_CLICK not in fields and _CONFIRMED not in fields:
        return _page(left.language, said.ask.format(address=_shown(left)), form=True, status=400)
    way = "one-click" if _ONE_CLICK in fields else "confirmed"
    try:
        await run_in_threadpool(_leave, public, left, {"request": way, "client": _client(request)})
    except OperationalError as error:
        log.warning("somebody could not leave by link yet", error=str(error), action="the mail program tries again")
        return _plain("503 Service Unavailable: please try again in a minute.\n", 503, {"retry-after": "60"})
    return _page(left.language, said.done.format(address=_shown(left)), said.stays)


def _leave(public: _Public, left: Leave, proof: dict[str, Any]) -> None:
    with looking(public.engine) as session:
        if has_left(session, left):
            return
    with writing(public.engine, durable=True) as session:
        leave(session, left, proof, public.clock())
    log.info("somebody left newsletters by link", issue=left.issue_id, recipient=left.recipient_id)
    public.events.publish(Topic.NEWSLETTERS, {"issues": [left.issue_id]})


async def _click(request: Request) -> Response:
    """Leads on to the page that the mail named, and counts that; a count that can't be kept keeps nobody from the page."""
    public: _Public = request.app.state.public
    click = public.signing.read_click(request.path_params["token"])
    if click is None:
        return _wrong(request, public)
    now = public.clock()
    by_a_person = request.method == "GET" and not any("prefetch" in request.headers.get(one, "") for one in _PURPOSE)
    if by_a_person and not public.clicks.is_too_often(str(click.recipient_id), now):
        await run_in_threadpool(_count, public, click.recipient_id, click.url, now)
    return Response(status_code=302, headers={**HEADERS, "location": quote(click.url, safe=_IN_URLS)})


def _count(public: _Public, recipient_id: int, url: str, now: datetime) -> None:
    try:
        with writing(public.engine) as session:
            recipient = session.get(model.Recipient, recipient_id)
            if recipient is None:
                return
            session.add(model.Click(recipient_id=recipient_id, url=url, at=now))
    except OperationalError as error:
        log.warning("a click could not be counted", error=str(error))
        return
    public.events.publish(Topic.NEWSLETTERS, {"issues": [recipient.issue_id]})


def _wrong(request: Request, public: _Public) -> Response:
    """The same for every link that isn't ours: whether there is such a person can't be found out here."""
    too_often = public.wrong.is_too_often(_client(request), public.clock())
    language = _asked_language(request)
    said = words(language)
    if too_often:
        return _page(language, said.wait, status=429, headers={"retry-after": str(int(_SPAN.total_seconds()))})
    return _page(language, said.broken, status=404)


async def _fields(request: Request) -> list[tuple[str, str]] | None:
    """The fields of a form of either kind (RFC 8058, 3.2); None when it is larger than it can be."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > _LARGEST:
            return None
    if request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        return [
            (name.decode("utf-8", "replace"), value.decode("utf-8", "replace")) for name, value in _PART.findall(body)
        ]
    parsed = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True)
    return [(name, value) for name, values in parsed.items() for value in values]


def _shown(left: Leave) -> str:
    return f"<strong dir=ltr>{escape(left.address)}</strong>"


def _page(
    language: str,
    text: str,
    small: str = "",
    *,
    form: bool = False,
    status: int = 200,
    headers: dict[str, str] | None = None,
) -> Response:
    said = words(language)
    language = language if language in WORDS else "en"
    direction = ' dir="rtl"' if language in RIGHT_TO_LEFT else ""
    name, value = _CONFIRMED
    button = (
        f'<form method=post><button name="{name}" value="{value}">{escape(said.button)}</button></form>' if form else ""
    )
    return HTMLResponse(
        f'<!DOCTYPE html>\n<html lang="{language}"{direction}><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width,initial-scale=1"><title>{escape(said.title)}</title>'
        f"<style>{_STYLE}</style></head><body><main><h1>{escape(said.title)}</h1><p>{text}</p>{button}"
        f"{f'<p><small>{escape(small)}</small></p>' if small else ''}</main></body></html>\n",
        status,
        {**HEADERS, **(headers or {})},
    )


def _plain(text: str, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return PlainTextResponse(text, status, {**HEADERS, **(headers or {})})


async def _nothing(_request: Request, error: Exception) -> Response:
    return _plain("There is nothing here.\n", getattr(error, "status_code", 404))


async def _failed(_request: Request, _error: Exception) -> Response:
    return _plain("Something went wrong here. Please try again later, or simply answer the mail.\n", 500)


def _client(request: Request) -> str:
    return request.client.host if request.client is not None else ""


def _asked_language(request: Request) -> str:
    header = request.headers.get("accept-language", "")
    codes = [part.partition(";")[0].strip().split("-")[0].lower() for part in header.split(",")]
    return next((code for code in codes if code in WORDS), "en")
