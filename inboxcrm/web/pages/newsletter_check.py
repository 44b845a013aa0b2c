"""The last step of an issue: it is checked, put up for review and approved.

Nothing goes out but what a person approves here; how an approved issue gets on is in `newsletter_progress`.
"""

from __future__ import annotations

import math
from datetime import datetime

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from inboxcrm.i18n import _, listed, ngettext
from inboxcrm.model import Account, Issue
from inboxcrm.newsletter import approving, issues
from inboxcrm.newsletter.checks import Finding, check
from inboxcrm.newsletter.issues import IssueError
from inboxcrm.newsletter.states import EDITABLE
from inboxcrm.web import formats
from inboxcrm.web.issue_steps import Numbers, accounts, changed, found, later, path_of, step_page, typed_time
from inboxcrm.web.pages import newsletter_progress
from inboxcrm.web.site import Looking, Site, TheForm, TheSite, TheVisitor

router = APIRouter(include_in_schema=False)

_STEP_OF = {
    "text": "edit",
    "variable": "edit",
    "link": "edit",
    "size": "edit",
    "spam": "edit",
    "image": "look",
    "layout": "look",
    "audience": "audience",
}
"""Kind of a finding → the step in which a person mends it."""


@router.get("/newsletters/{issue_id:int}")
def show_issue(
    request: Request, *, site: TheSite, session: Looking, issue_id: int, numbers: Numbers = Numbers.SOON
) -> Response:
    """The last step of an issue that is being made; how it gets on, once it is approved."""
    issue = found(session, issue_id)
    if issue.state not in EDITABLE:
        return newsletter_progress.show(request, site, session, issue)
    if numbers.are_put_off(session):
        return step_page(request, issue, "", report=None, later=later(path_of(issue.id)))
    return _check_page(request, site, session, issue)


@router.post("/newsletters/{issue_id:int}/submit")
def submit(request: Request, site: TheSite, issue_id: int, form: TheForm) -> Response:
    """Keeps how it is to go, and puts it up for review."""

    def act(session: Session) -> str:
        _keep_sending(site, session, issue_id, form)
        if form.get("act") == "save":
            return _("Saved.")
        report = check(session, issues.get(session, issue_id), site.press(), site.clock())
        if not report.may_go:
            raise approving.NotReadyError(report)
        issues.submit(session, issue_id)
        return _("It waits for approval. Nothing goes out before that.")

    return changed(request, issue_id, act, then=path_of(issue_id))


@router.post("/newsletters/{issue_id:int}/approve")
def approve(request: Request, *, site: TheSite, visitor: TheVisitor, issue_id: int, form: TheForm) -> Response:
    """Lets it go, to no more people than the page has shown."""

    def act(session: Session) -> str:
        now = site.clock()
        if not form.get("looked"):
            raise IssueError(_("Look at the preview and at who gets it, then tick the box."))
        send_at = typed_time(form.get("at", ""), site, now) if form.get("when") == "at" else now
        shown = form.get("recipients", "")
        seen = int(shown) if shown.isdecimal() else 0
        approved = approving.approve(session, site.press(), issue_id, now, by=visitor.name, send_at=send_at, seen=seen)
        return _approved_words(site, approved.recipients, send_at, now)

    return changed(request, issue_id, act, then=path_of(issue_id))


@router.post("/newsletters/{issue_id:int}/take-back")
def take_back(request: Request, issue_id: int) -> Response:
    """Has it be written again, also when it is approved and hasn't begun."""

    def act(session: Session) -> str:
        approving.take_back(session, issue_id)
        return _("Taken back: it can be changed again.")

    return changed(request, issue_id, act, then=path_of(issue_id))


# --- inside -----------------------------------------------------------------------------------------------------------


def _check_page(request: Request, site: Site, session: Session, issue: Issue) -> Response:
    press, now = site.press(), site.clock()
    report = check(session, issue, press, now)
    return step_page(
        request,
        issue,
        "",
        report=report,
        accounts=accounts(site, session, issue),
        step_of=lambda one: _mended_at(issue, one),
        account_address=session.get_one(Account, issue.account_id).address,
        pace_words=_pace_words(site, report.recipients, at_once=not issue.working_hours),
        counts_possible=bool(press.settings.public.base_url),
        soonest=now.astimezone(site.zone).strftime("%Y-%m-%dT%H:%M"),
    )


def _pace_words(site: Site, recipients: int, *, at_once: bool) -> str:
    """How long the mailing takes at the least, by the limits of the settings. Who waits for working hours isn't told seconds."""
    rules = site.settings.newsletter
    said = []
    if rules.per_hour:
        said.append(_("at most {count} an hour").format(count=formats.number(rules.per_hour)))
    if rules.per_day:
        said.append(_("at most {count} a day").format(count=formats.number(rules.per_day)))
    if not said:
        return _("As fast as the server takes it.")
    limits = listed(said)
    whole_days = math.ceil(recipients / rules.per_day) if rules.per_day else 0
    if recipients < 2 or (whole_days < 2 and not (at_once and rules.per_hour)):
        return _("So that your mailbox survives: {limits}.").format(limits=limits)
    if whole_days > 1:
        text = ngettext("about {count} day in all", "about {count} days in all", whole_days).format(
            count=formats.number(whole_days)
        )
    else:
        text = _("about {time} in all").format(time=formats.duration(recipients / rules.per_hour * 3600))
    return _("So that your mailbox survives: {limits}; {time}.").format(limits=limits, time=text)


def _mended_at(issue: Issue, one: Finding) -> str:
    step = _STEP_OF.get(one.kind)
    if step is None:
        return ""
    language = f"?language={one.language}" if one.language and step == "edit" else ""
    return path_of(issue.id, step) + language


def _keep_sending(site: Site, session: Session, issue_id: int, form: TheForm) -> None:
    if "sending" not in form:
        return
    account = form.get("account", "")
    values = {"account_id": int(account)} if account.isdecimal() else {}
    issues.edit(
        session,
        site.press(),
        issue_id,
        working_hours="working_hours" in form,
        count_clicks="count_clicks" in form,
        **values,
    )


def _approved_words(site: Site, recipients: int, send_at: datetime, now: datetime) -> str:
    count = formats.number(recipients)
    if send_at <= now:
        return ngettext(
            "Approved: it goes to {count} recipient now.", "Approved: it goes to {count} recipients now.", recipients
        ).format(count=count)
    return ngettext(
        "Approved: it goes to {count} recipient from {when} on.",
        "Approved: it goes to {count} recipients from {when} on.",
        recipients,
    ).format(count=count, when=formats.full(send_at, site.zone))
