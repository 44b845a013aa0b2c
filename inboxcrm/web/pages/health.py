"""Health: is every account read, how far, and what to do where it isn't."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from inboxcrm.followup.templates import Templates
from inboxcrm.i18n import _
from inboxcrm.service.events import Topic
from inboxcrm.web import flash
from inboxcrm.web.flash import Notice
from inboxcrm.web.queries.health import account_healths, not_judged
from inboxcrm.web.rendering import page
from inboxcrm.web.site import Looking, TheSite

router = APIRouter(include_in_schema=False)


@router.get("/health")
def show_health(request: Request, site: TheSite, session: Looking) -> Response:
    """Each account with its folders, its last error in plain words, and the mails that could not be fetched."""
    accounts = account_healths(session, site.accounts.addresses())
    site.planning.planner()  # reads the file again when it has changed
    return page(
        request,
        "health.html",
        accounts=accounts,
        settings_problem=site.accounts.problem(),
        rule_problems=[*site.bench.problems(), *site.planning.errors],
        not_judged=not_judged(session),
        template_problems=Templates(site.settings.home).problems(),
    )


@router.post("/health/retry")
def try_again(request: Request, site: TheSite, account: Annotated[str, Form()]) -> Response:
    """Asks the service to try a stopped account once more."""
    site.events.publish(Topic.RETRY, {"account": account})
    return flash.redirect(request, "/health", Notice(_("{account} is tried again now.").format(account=account)))
