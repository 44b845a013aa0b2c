"""Believes a change only when it brings the session's token, as the form field `csrf` or the header `X-CSRF-Token`.

It is a dependency of the whole application, so no route can forget it.
"""

from __future__ import annotations

import hmac

from fastapi import HTTPException, Request

from inboxcrm.i18n import _
from inboxcrm.web.site import visitor_of

FIELD = "csrf"
HEADER = "X-CSRF-Token"
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


async def check_csrf(request: Request) -> None:
    """Raises HTTPException 403 for a changing request without the right token."""
    if request.method in {"GET", "HEAD", "OPTIONS"}:
        return
    token = request.headers.get(HEADER, "")
    if not token and request.headers.get("content-type", "").startswith(_FORMS):
        value = (await request.form()).get(FIELD, "")
        token = value if isinstance(value, str) else ""
    if not hmac.compare_digest(token.encode(), visitor_of(request).csrf_token.encode()):
        raise HTTPException(403, _("This form has expired. Go back, load the page again, and send it once more."))
