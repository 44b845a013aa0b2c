"""Newsletters: the list of issues, a new one, and the last step of making one, where it is checked, put up for review and approved.

Nothing goes out from here but what a person approves; how an approved issue gets on is in `newsletter_progress`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from inboxcrm.errors import InboxcrmError
from inboxcrm.followup.variables import LANGUAGES
from inboxcrm.i18n import _, ngettext
from inboxcrm.model import Account, Issue, IssueState
from inboxcrm.model.database import writing
from inboxcrm.newsletter import approving, issues, series_texts, starting
from inboxcrm.newsletter.checks import Finding, check
from inboxcrm.newsletter.issues import IssueError
from inboxcrm.reading.addresses import normal
from inboxcrm.web import flash, formats, words
from inboxcrm.web.flash import Notice
from inboxcrm.web.issue_steps import changed, found, path_of, step_page, told, typed_time
from inboxcrm.web.pages import newsletter_progress
from inboxcrm.web.queries import newsletters as queries
from inboxcrm.web.rendering import page
from inboxcrm.web.site import Looking, Site, TheForm, TheSite, TheVisitor

router = APIRouter(include_in_schema=False)

_BEING_MADE = (IssueState.REVIEW, IssueState.DRAFT)
_UNDER_WAY = (IssueState.APPROVED, IssueState.SENDING, IssueState.PAUSED)
_GONE = (IssueState.DONE, IssueState.CANCELLED)
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


@router.get("/newsletters")
def show_issues(request: Request, session: Looking) -> Response:
    """The issues: those that wait for a person first."""
    making = queries.issues(session, _BEING_MADE)
    return page(
        request,
        "newsletters.html",
        waiting=[one for one in making if one.issue.state is IssueState.REVIEW],
        drafts=[one for one in making if one.issue.state is IssueState.DRAFT],
        under_way=queries.issues(session, _UNDER_WAY),
        gone=queries.issues(session, _GONE),
    )


@router.get("/newsletters/new")
def new_issue(request: Request, site: TheSite, session: Looking) -> Response:
    """The form for a new issue."""
    return _new_form(request, site, session, {})


@router.post("/newsletters/new")
def make_issue(
    request: Request,
    *,
    site: TheSite,
    visitor: TheVisitor,
    session: Looking,
    form: TheForm,
    also: Annotated[list[str] | None, Form()] = None,
) -> Response:
    """Makes an issue whose texts begin empty, or with a template."""
    press, now = site.press(), site.clock()
    languages = list(dict.fromkeys([form.get("language", "en"), *(also or [])]))
    try:
        with writing(site.engine) as writer:
            account = form.get("account", "")
            issue = issues.create(
                writer,
                press,
                name=form.get("name", ""),
                account_id=int(account) if account.isdecimal() else 0,
                now=now,
                by=visitor.name,
                layout=form.get("layout", "letter"),
                fallback_language=languages[0],
            )
            sender = writer.get_one(Account, issue.account_id).address
            beginning = starting.begin(press, sender, form.get("template", ""), languages, now)
            for language, (subjects, body) in beginning.texts.items():
                issues.write_text(writer, issue.id, language, subjects=subjects, body=body)
            if beginning.products:
                issues.edit(writer, press, issue.id, variables={"products": beginning.products})
            made = issue.id
    except InboxcrmError as error:
        return _new_form(request, site, session, form, also=also or [], problem=str(error))
    told(site, made)
    return flash.redirect(request, path_of(made, "edit"))


@router.get("/newsletters/{issue_id:int}")
def show_issue(request: Request, *, site: TheSite, session: Looking, issue_id: int) -> Response:
    """The last step of an issue that is being made; how it gets on, once it is approved."""
    issue = found(session, issue_id)
    if issue.state not in issues.EDITABLE:
        return newsletter_progress.show(request, site, session, issue)
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
    """Has it be written again."""

    def act(session: Session) -> str:
        issues.take_back(session, issue_id)
        return _("Taken back: it can be changed again.")

    return changed(request, issue_id, act, then=path_of(issue_id))


@router.post("/newsletters/{issue_id:int}/copy")
def copy(request: Request, site: TheSite, visitor: TheVisitor, issue_id: int) -> Response:
    """Another issue with the same texts and audience."""
    try:
        with writing(site.engine) as session:
            name = _("{name} (copy)").format(name=found(session, issue_id).name[:190])
            made = issues.copy(session, issue_id, name=name, now=site.clock(), by=visitor.name).id
    except InboxcrmError as error:
        return flash.redirect(request, path_of(issue_id), Notice(str(error), kind="error"))
    told(site, made)
    return flash.redirect(request, path_of(made, "edit"), Notice(_("Copied. Give it a name of its own.")))


@router.post("/newsletters/{issue_id:int}/remove")
def remove(request: Request, issue_id: int) -> Response:
    """Deletes an issue that nobody has approved."""

    def act(session: Session) -> str:
        name = found(session, issue_id).name
        issues.remove(session, issue_id)
        return _("“{name}” is removed.").format(name=name)

    return changed(request, issue_id, act, then="/newsletters", otherwise=path_of(issue_id))


# --- inside -----------------------------------------------------------------------------------------------------------


def _accounts(site: Site, session: Session) -> list[tuple[str, str]]:
    """The accounts that an issue can go from: those of the settings that can send come first."""
    rows = {normal(one.address): one.id for one in session.scalars(select(Account))}
    known = [one for one in site.accounts.all() if normal(one.address) in rows]
    known.sort(key=lambda one: one.smtp is None)
    return [(str(rows[normal(one.address)]), one.address) for one in known]


def _new_form(
    request: Request,
    site: Site,
    session: Session,
    form: Mapping[str, str],
    *,
    also: Sequence[str] = (),
    problem: str = "",
) -> Response:
    return page(
        request,
        "newsletter_new.html",
        status=422 if problem else 200,
        problem=problem,
        form=form,
        accounts=_accounts(site, session),
        layouts=site.press().layouts.names(),
        mail_languages=LANGUAGES,
        also=also,
        templates=[(one, words.series_template(one)) for one in series_texts.templates(site.settings.home)],
    )


def _check_page(request: Request, site: Site, session: Session, issue: Issue) -> Response:
    press, now = site.press(), site.clock()
    report = check(session, issue, press, now)
    return step_page(
        request,
        issue,
        "",
        report=report,
        accounts=_accounts(site, session),
        step_of=lambda one: _mended_at(issue, one),
        account_address=session.get_one(Account, issue.account_id).address,
        pace_words=_pace_words(site, report.recipients),
        counts_possible=bool(press.settings.public.base_url),
        soonest=now.astimezone(site.zone).strftime("%Y-%m-%dT%H:%M"),
    )


def _pace_words(site: Site, recipients: int) -> str:
    """How long the mailing takes at the least, by the limits of the settings."""
    rules = site.settings.newsletter
    said = []
    if rules.per_hour:
        said.append(_("at most {count} an hour").format(count=formats.number(rules.per_hour)))
    if rules.per_day:
        said.append(_("at most {count} a day").format(count=formats.number(rules.per_day)))
    if not said:
        return _("As fast as the server takes it.")
    limits = ", ".join(said)
    if recipients < 2:
        return _("So that your mailbox survives: {limits}.").format(limits=limits)
    hours = recipients / rules.per_hour if rules.per_hour else 0.0
    days = recipients / rules.per_day if rules.per_day else 0.0
    if days > 1:
        whole = math.ceil(days)
        text = ngettext("about {count} day in all", "about {count} days in all", whole).format(
            count=formats.number(whole)
        )
    else:
        text = _("about {time} in all").format(time=formats.duration(hours * 3600))
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
