"""The calendar feed, for whoever has its secret link."""

from __future__ import annotations

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response

from inboxcrm import i18n
from inboxcrm.followup.feed import feed
from inboxcrm.i18n import _
from inboxcrm.web.calendar_links import owner_of
from inboxcrm.web.site import Looking, TheSite

router = APIRouter(include_in_schema=False)


@router.get("/calendar/{secret}.ics")
def show_feed(request: Request, site: TheSite, session: Looking, secret: str) -> Response:
    """What is due in the next weeks."""
    owner = owner_of(session, secret)
    if owner is None:
        raise HTTPException(404, _("There is no such calendar; make a new link on the page of your settings."))
    language = i18n.choose(owner.language or site.settings.person.language)
    with i18n.speaking(language):
        text = feed(session, site.zone, lambda one: f"{request.base_url}customers/{one}#plan", site.clock())
    return Response(
        text,
        media_type="text/calendar; charset=utf-8",
        headers={"content-disposition": 'inline; filename="inboxcrm.ics"'},
    )
