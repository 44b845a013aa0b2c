"""Today: the desk with what waits for a person, the most urgent first; then what came in, by customer."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from inboxcrm.engagement.signals import Kind
from inboxcrm.followup.desk import desk
from inboxcrm.followup.words import goal, said
from inboxcrm.model import AccountState
from inboxcrm.web.queries import judging
from inboxcrm.web.queries.health import account_healths
from inboxcrm.web.queries.today import news_since, open_proposals, tally_since
from inboxcrm.web.rendering import page
from inboxcrm.web.site import Looking, TheSite, TheVisitor

router = APIRouter(include_in_schema=False)

_LONGEST_LOOK_BACK = timedelta(days=31)


@router.get("/")
def show_today(
    request: Request,
    site: TheSite,
    session: Looking,
    visitor: TheVisitor,
    since: Annotated[Literal["today", "visit", ""], Query()] = "",
) -> Response:
    """The desk. After a longer absence it begins with what came since the last visit."""
    now = site.clock()
    midnight = datetime.combine(now.astimezone(site.zone).date(), time(), site.zone)
    last_visit = visitor.ticket.last_visit
    if last_visit is not None:
        last_visit = max(last_visit, now - _LONGEST_LOOK_BACK)
    if since == "":
        since = "visit" if last_visit is not None and last_visit < midnight else "today"
    start = last_visit if since == "visit" and last_visit is not None else midnight
    news = news_since(session, start)
    accounts = account_healths(session, site.accounts.addresses())
    return page(
        request,
        "today.html",
        since=since if last_visit is not None else "today",
        last_visit=last_visit,
        heard=[one for one in news if one.heard],
        others=[one for one in news if not one.heard],
        tally=tally_since(session, start),
        proposals=open_proposals(session, 5),
        suggestions=judging.suggestions(session, 5),
        waiting=judging.count_suggestions(session),
        grade_changes=judging.changes(session, since=start, limit=12),
        kind_of=Kind,
        accounts=accounts,
        failing=[one for one in accounts if one.state in (AccountState.RETRYING, AccountState.STOPPED)],
        desk=desk(session, site.planning.planner(), now),
        now=now,
        said=lambda reasons: said(reasons, site.zone),
        goal=goal,
    )
