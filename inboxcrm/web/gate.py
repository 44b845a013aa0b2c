"""The gate before every page: the right host, a known person, their language, and the headers on the way out.

Everything behind it may rely on a logged-in user; the few open paths are listed here. It decides nothing about what a
user may do.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from urllib.parse import quote

import structlog
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from inboxcrm import i18n
from inboxcrm.i18n import _
from inboxcrm.model import User
from inboxcrm.model.database import looking
from inboxcrm.web import tickets, users
from inboxcrm.web.calendar_links import is_feed
from inboxcrm.web.errors import error_page
from inboxcrm.web.headers import SECURITY_HEADERS
from inboxcrm.web.site import Site, Visitor

log = structlog.get_logger(__name__)

OPEN_PATHS = frozenset({"/log-in", "/language"})
"""What may be asked for before the log-in, besides `/static/` and calendar feeds, whose links are secrets."""
_PROGRAM_PATHS = ("/api/", "/live")
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True)
class _Known:
    """The facts of a user that a request needs, free of any database session."""

    id: int
    name: str
    language: str
    session_key: str


class Gate:
    """ASGI middleware around the whole application."""

    def __init__(self, app: ASGIApp, site: Site) -> None:
        self._app = app
        self._site = site

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """1. Refuse a foreign host. 2. Let static files pass. 3. Find out who asks, and in which language.
        4. Refuse a change that another site sends. 5. Send strangers to the log-in. 6. Serve, with headers and cookie.
        """
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self._app(scope, receive, send)
            return
        request = Request(scope)
        outgoing = _with_headers(send)
        if not self._host_is_ours(request.headers):
            await _misdirected()(scope, receive, outgoing)
            return
        if scope["path"].startswith("/static/"):
            await self._app(scope, receive, outgoing)
            return
        visitor, cookie = await self._recognise(request)
        i18n.use(visitor.language)
        scope.setdefault("state", {})["visitor"] = visitor
        outgoing = _with_headers(send, self._site.booth.cookie_name, cookie)
        refusal = _refusal(request, visitor)
        if refusal is not None:
            await refusal(scope, receive, outgoing)
        else:
            await self._serve(scope, receive, outgoing)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Runs the application; a mistake of ours becomes a friendly page, unless the answer is already under way."""
        started = False

        async def noting(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, noting)
        except Exception as error:  # the outermost edge: written to the log whole, told to the person
            log.error("a page failed", action="page", method=scope["method"], path=scope["path"], exc_info=error)
            if started:
                raise
            response = await run_in_threadpool(error_page, Request(scope), 500)
            await response(scope, receive, send)

    async def _recognise(self, request: HTTPConnection) -> tuple[Visitor, str]:
        """Who asks, and the Set-Cookie value to send back ("" for none)."""
        booth, now = self._site.booth, self._site.clock()
        value = request.cookies.get(booth.cookie_name, "")
        ticket = booth.read(value, now) if value else None
        known = await run_in_threadpool(self._look_up, ticket, request)
        cookie = ""
        if known is not None and (ticket is None or ticket.user_id != known.id):  # the demo logs in by itself
            ticket = tickets.for_user(known.id, known.session_key, now)
            cookie = booth.cookie(ticket)
        elif ticket is None or (known is None and ticket.user_id is not None):
            ticket = tickets.fresh(now)
            cookie = booth.cookie(ticket)
        elif (newer := tickets.renewed(ticket, now)) is not None:
            ticket = newer
            cookie = booth.cookie(ticket)
        language = self._language(known.language if known else ticket.language, known is not None, request.headers)
        token = booth.csrf_token(ticket)
        if known is None:
            return Visitor(ticket, token, language), cookie
        return Visitor(ticket, token, language, known.id, known.name), cookie

    def _look_up(self, ticket: tickets.Ticket | None, request: HTTPConnection) -> _Known | None:
        with looking(self._site.engine) as session:
            if ticket is not None and ticket.user_id is not None:
                user = session.get(User, ticket.user_id)
                if user is not None and user.session_key == ticket.session_key:
                    return _Known(user.id, user.name, user.language, user.session_key)
            name = self._site.auto_login_user
            if name is not None and _is_loopback(_host_name(request.headers)) and _from_this_machine(request):
                user = users.find_user(session, name)
                if user is not None:
                    return _Known(user.id, user.name, user.language, user.session_key)
        return None

    def _language(self, chosen: str, logged_in: bool, headers: Headers) -> str:
        if chosen:
            return i18n.choose(chosen)
        asked = _asked_language(headers.get("accept-language", "")) if logged_in else ""
        return asked or self._site.settings.person.language

    def _host_is_ours(self, headers: Headers) -> bool:
        """Pages that listen on this machine only answer to its own names: a foreign name that leads here (DNS rebinding) gets
        nothing. Behind a TLS proxy, which sets its own name, cookies are secure and belong to that name alone.
        """
        web = self._site.settings.web
        if web.secure_cookies or not _is_loopback(web.host):
            return True
        return _is_loopback(_host_name(headers))


def _refusal(request: Request, visitor: Visitor) -> Response | None:
    path = request.url.path
    if request.method not in _SAFE_METHODS and request.headers.get("sec-fetch-site") == "cross-site":
        return PlainTextResponse(_("Refused: this change was sent by another site."), status_code=403)
    if visitor.user_id is not None or path in OPEN_PATHS or is_feed(path):
        return None
    if path.startswith(_PROGRAM_PATHS):
        return JSONResponse({"detail": _("Log in first.")}, status_code=401)
    if request.method in _SAFE_METHODS:
        wanted = path + (f"?{request.url.query}" if request.url.query else "")
        target = "/log-in" if wanted == "/" else f"/log-in?next={quote(wanted, safe='')}"
        return RedirectResponse(target, status_code=303)
    return RedirectResponse("/log-in", status_code=303)


def _with_headers(send: Send, cookie_name: str = "", cookie: str = "") -> Send:
    async def outgoing(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in SECURITY_HEADERS.items():
                headers.setdefault(name, value)
            # A log-in or log-out has set the cookie itself.
            if cookie and not any(one.startswith(f"{cookie_name}=") for one in headers.getlist("set-cookie")):
                headers.append("set-cookie", cookie)
        await send(message)

    return outgoing


def _misdirected() -> Response:
    text = "421 Misdirected Request: these pages answer to the names of this machine only, such as 127.0.0.1 or localhost.\n"
    return PlainTextResponse(text, status_code=421)


def _host_name(headers: Headers) -> str:
    host = headers.get("host", "").strip().lower()
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.rpartition(":")[0] if host.count(":") == 1 else host


def _is_loopback(name: str) -> bool:
    if name in {"localhost", "localhost."} or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def _from_this_machine(request: HTTPConnection) -> bool:
    return request.client is not None and _is_loopback(request.client.host)


def _asked_language(header: str) -> str:
    """The first language of an Accept-Language header that the pages speak, by its weights (RFC 9110, 12.5.4); "" for none."""
    wishes: list[tuple[float, str]] = []
    for part in header.split(","):
        tag, _semicolon, parameters = part.strip().partition(";")
        try:
            weight = float(parameters.strip().removeprefix("q=")) if parameters else 1.0
        except ValueError:
            continue
        wishes.append((weight, tag.split("-")[0].lower()))
    for weight, code in sorted(wishes, key=lambda wish: -wish[0]):
        if weight > 0 and code in i18n.LANGUAGES:
            return code
    return ""
