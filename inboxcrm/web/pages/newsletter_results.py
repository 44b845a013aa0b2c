"""Results over time: the last issues side by side, as a chart and in numbers."""

from __future__ import annotations

from collections import Counter
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from sqlalchemy import select

from inboxcrm.model import Grade, Newsletter
from inboxcrm.newsletter import charts
from inboxcrm.newsletter.results import AFTERWARDS, over_time
from inboxcrm.web.rendering import page
from inboxcrm.web.site import Looking, TheSite

router = APIRouter(include_in_schema=False)

_MOST = 12
"""Issues side by side."""


@router.get("/newsletters/results")
def show_results(
    request: Request, *, site: TheSite, session: Looking, series: Annotated[str, Query(max_length=12)] = ""
) -> Response:
    """The last issues that have begun, of a series or of all."""
    chosen = session.get(Newsletter, int(series)) if series.isascii() and series.isdecimal() else None
    found = over_time(session, site.clock(), newsletter_id=chosen.id if chosen else None, limit=_MOST)
    moves: Counter[tuple[Grade, Grade]] = Counter()
    for one in found:
        moves.update(one.moves)
    return page(
        request,
        "newsletter_results.html",
        results=list(reversed(found)),
        chart=charts.as_picture(charts.over_time(found)) if found else "",
        moves=moves,
        sent=sum(one.sent for one in found),
        answered=sum(one.progress.answered for one in found),
        interested=sum(one.interested for one in found),
        left=sum(one.progress.left for one in found),
        clicks=any(one.counts_clicks for one in found),
        all_series=session.scalars(select(Newsletter).order_by(Newsletter.name)).all(),
        series=chosen,
        most=_MOST,
        afterwards=AFTERWARDS.days,
        share=charts.percent,
    )
