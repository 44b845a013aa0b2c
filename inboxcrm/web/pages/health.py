"""Health: is every account read, how far, and what to do where it isn't."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from inboxcrm.reading.addresses import normal
from inboxcrm.web.queries.health import account_healths
from inboxcrm.web.rendering import page
from inboxcrm.web.site import Looking, TheSite

router = APIRouter(include_in_schema=False)


@router.get("/health")
def show_health(request: Request, site: TheSite, session: Looking) -> Response:
    """Each account with its folders, its last error in plain words, and the mails that could not be fetched."""
    accounts = account_healths(session, [normal(account.address) for account in site.settings.accounts])
    return page(request, "health.html", accounts=accounts)
