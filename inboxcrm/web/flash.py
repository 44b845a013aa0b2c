"""One sentence that the next page shows after a change, with an undo button where the change can be undone.

It travels in a short-lived signed cookie, so it needs no table and can't be made up by a link.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from fastapi import Request
from fastapi.responses import RedirectResponse, Response
from itsdangerous import BadData, URLSafeTimedSerializer

from inboxcrm.web.site import site_of

COOKIE = "inboxcrm-notice"
_SECONDS = 120
_LONGEST = 2000  # letters; a cookie holds 4 kB


@dataclass(frozen=True, slots=True)
class Notice:
    """`text` is already in the reader's language. `undo_path` with `undo_fields` is the form that takes the change back."""

    text: str
    kind: str = "done"
    """"done" or "error"."""
    link: str = ""
    """A path of ours where the result can be seen."""
    undo_path: str = ""
    undo_fields: Mapping[str, str] = field(default_factory=dict)


def redirect(request: Request, path: str, notice: Notice | None = None) -> RedirectResponse:
    """Sends the browser on to `path` (a path of ours) after a change, where `notice` is shown once."""
    response = RedirectResponse(path if is_own_path(path) else "/", status_code=303)
    if notice is not None:
        site = site_of(request)
        value = _serializer(request).dumps(asdict(notice) | {"text": notice.text[:_LONGEST]})
        response.set_cookie(
            COOKIE, str(value), max_age=_SECONDS, httponly=True, samesite="lax", secure=site.booth.secure, path="/"
        )
    return response


def take(request: Request) -> Notice | None:
    """The notice that waits for this browser."""
    value = request.cookies.get(COOKIE)
    if not value:
        return None
    try:
        return Notice(**_serializer(request).loads(value, max_age=_SECONDS))
    except (BadData, TypeError):
        return None


def clear(request: Request, response: Response) -> None:
    """Forgets the notice once a page has shown it."""
    if COOKIE in request.cookies:
        response.delete_cookie(COOKIE, path="/", httponly=True, samesite="lax")


def is_own_path(path: str) -> bool:
    """Whether `path` stays on these pages: redirects must not lead elsewhere."""
    return path.startswith("/") and not path.startswith(("//", "/\\")) and not any(ord(letter) < 32 for letter in path)


def _serializer(request: Request) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(site_of(request).booth.key, salt="inboxcrm.notice")
