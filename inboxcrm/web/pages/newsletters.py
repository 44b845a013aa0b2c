"""Newsletters: the list of issues, a new one, a copy, and taking one away that nobody has approved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from inboxcrm.errors import InboxcrmError
from inboxcrm.followup.variables import LANGUAGES
from inboxcrm.i18n import _
from inboxcrm.model import Account, IssueState
from inboxcrm.model.database import writing
from inboxcrm.newsletter import issues, series_texts, starting
from inboxcrm.web import flash, words
from inboxcrm.web.flash import Notice
from inboxcrm.web.issue_steps import accounts, changed, found, path_of, told
from inboxcrm.web.queries import newsletters as queries
from inboxcrm.web.rendering import page
from inboxcrm.web.site import Looking, Site, TheForm, TheSite, TheVisitor

router = APIRouter(include_in_schema=False)

_BEING_MADE = (IssueState.REVIEW, IssueState.DRAFT)
_UNDER_WAY = (IssueState.APPROVED, IssueState.SENDING, IssueState.PAUSED)
_GONE = (IssueState.DONE, IssueState.CANCELLED)


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
    # Whoever reads none of them most likely reads English.
    fallback = "en" if "en" in languages else languages[0]
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
                fallback_language=fallback,
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
    return flash.redirect(
        request, path_of(made, "edit") + ("" if fallback == languages[0] else f"?language={languages[0]}")
    )


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
        accounts=accounts(site, session),
        layouts=site.press().layouts.names(),
        mail_languages=LANGUAGES,
        also=also,
        templates=[(one, words.series_template(one)) for one in series_texts.templates(site.settings.home)],
    )
