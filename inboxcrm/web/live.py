"""Server-sent events: tells open pages what kind of thing has changed, so that they fetch what they show anew.

It sends no content, only topics and the ids of customers; a page asks for its own content with its own rights.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

from fastapi import APIRouter, Request
from sse_starlette import EventSourceResponse, ServerSentEvent

from inboxcrm.service.events import Events
from inboxcrm.web.site import TheSite

router = APIRouter(include_in_schema=False)

_PING_SECONDS = 20


@router.get("/live")
async def live(request: Request, site: TheSite) -> EventSourceResponse:
    """The stream of news, until the browser leaves or the service stops."""
    return EventSourceResponse(_news(site.events), ping=_PING_SECONDS, send_timeout=30)


async def _news(events: Events) -> AsyncIterator[ServerSentEvent]:
    with events.subscribe() as subscription:
        yield ServerSentEvent(event="hello", data="{}", retry=3000)
        async for event in subscription:
            topic = "all" if event.missed else str(event.topic)
            data = {"topic": topic, "customers": list(event.data.get("customers", ()))}
            yield ServerSentEvent(event="news", data=json.dumps(data))
