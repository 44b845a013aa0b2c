"""The first step of an issue: its name, and its texts, one for each language, with the subjects that are tried against each other.

What is typed is kept whatever is wrong with it; two people can't overwrite each other unseen.
"""

from __future__ import annotations

import hashlib
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from inboxcrm.errors import InboxcrmError
from inboxcrm.followup.variables import LANGUAGES, MEANINGS
from inboxcrm.i18n import _
from inboxcrm.model import Issue, IssueText
from inboxcrm.model.database import writing
from inboxcrm.newsletter import files, issues, starting
from inboxcrm.newsletter.addressees import known_names
from inboxcrm.newsletter.issues import IssueError
from inboxcrm.newsletter.markup import MARKDOWN
from inboxcrm.web import flash, formats
from inboxcrm.web.flash import Notice
from inboxcrm.web.headers import FRAMING_POLICY
from inboxcrm.web.issue_steps import following, found, locked, path_of, step_page, told, typed_number
from inboxcrm.web.site import Looking, Site, TheForm, TheSite

router = APIRouter(include_in_schema=False)

_STEP = "edit"


@router.get("/newsletters/{issue_id:int}/edit")
def show_text(
    request: Request, *, site: TheSite, session: Looking, issue_id: int, language: Annotated[str, Query()] = ""
) -> Response:
    """The text in this language, or the first."""
    issue = found(session, issue_id)
    return locked(request, issue) or _text_page(request, site, issue, language)


@router.post("/newsletters/{issue_id:int}/edit")
def keep_text(
    request: Request,
    *,
    site: TheSite,
    session: Looking,
    issue_id: int,
    form: TheForm,
    subject: Annotated[list[str] | None, Form()] = None,
) -> Response:
    """Keeps what was typed, then does what the button says: goes on, opens another language, takes this one out."""
    what, language = form.get("act", "save"), form.get("language", "")
    try:
        with writing(site.engine) as writer:
            _keep(site, writer, issue_id, form, subject or [])
            shown, words = _act(site, writer, issue_id, what, form)
    except InboxcrmError as error:
        issue = found(session, issue_id)
        return locked(request, issue) or _text_page(
            request, site, issue, language, form=form, subjects=subject, problem=str(error)
        )
    told(site, issue_id)
    if what == "next":
        return flash.redirect(request, path_of(issue_id, following(_STEP)))
    query = f"?language={shown}" if shown else ""
    return flash.redirect(request, path_of(issue_id, _STEP) + query, Notice(words))


def _keep(site: Site, session: Session, issue_id: int, form: TheForm, subjects: list[str]) -> None:
    issue = issues.editable(session, issue_id)
    language = form.get("language", "")
    values: dict[str, object] = {}
    if (name := form.get("name", issue.name)) != issue.name:
        values["name"] = name
    if "test_share" in form:
        share = typed_number(form["test_share"] or "0", _("Share of recipients"), 0, 90)
        hours = typed_number(form.get("test_hours") or "48", _("Hours of the test"), 1, 240)
        several = sum(bool(one.strip()) for one in subjects) > 1 or any(
            len(one.subjects) > 1 for one in issue.texts if one.language != language
        )
        share = share if several else 0
        if (share, hours) != (issue.test_share, issue.test_hours):
            values |= {"test_share": share, "test_hours": hours}
    if values:
        issues.edit(session, site.press(), issue_id, **values)
    if not language:
        return
    there = _text_in(issue, language)
    if there is not None and form.get("seen") != digest(there):
        raise IssueError(
            _("Somebody else has changed this text meanwhile. Yours stands below; theirs is on the page anew.")
        )
    if there is None and form.get("seen"):
        raise IssueError(_("Somebody else has taken this language out meanwhile. Copy your text before you go on."))
    format_ = form.get("format", MARKDOWN)
    body = form.get("body", "").replace("\r\n", "\n")
    cleaned = [" ".join(one.split()) for one in subjects if one.strip()]
    if there is None or (there.subjects, there.body, there.format) != (cleaned, body, format_):
        issues.write_text(session, issue_id, language, subjects=cleaned, body=body, written_in=format_)


def _act(site: Site, session: Session, issue_id: int, what: str, form: TheForm) -> tuple[str, str]:
    """(which language is shown next, what is said)."""
    language = form.get("language", "")
    if what == "add":
        new = form.get("new_language", "")
        if not new:
            raise IssueError(_("Choose the language that you want to add."))
        issue = issues.editable(session, issue_id)
        if _text_in(issue, new) is None:
            issues.write_text(session, issue_id, new, subjects=[], body=starting.EMPTY)
        return new, _("Write the text in {language}; what there is already stands beside it.").format(
            language=formats.language_name(new)
        )
    if what == "drop":
        issues.drop_text(session, issue_id, language)
        words = _("The text in {language} is taken out.").format(language=formats.language_name(language))
        return "", words + _other_fallback(site, session, issue_id, language)
    return language, _("Saved.")


def _other_fallback(site: Site, session: Session, issue_id: int, dropped: str) -> str:
    """When the text for everybody else is taken out, another takes its place; what is said of it."""
    issue = issues.get(session, issue_id)
    if issue.fallback_language != dropped or not issue.texts:
        return ""
    instead = issue.texts[0].language
    issues.edit(session, site.press(), issue_id, fallback_language=instead)
    words = _("Who has no text in their language gets the one in {language} now.")
    return " " + words.format(language=formats.language_name(instead))


def digest(text: IssueText) -> str:
    """What a text looked like when a page showed it."""
    whole = "\0".join([text.language, text.format, text.body, *text.subjects])
    return hashlib.sha256(whole.encode()).hexdigest()[:16]


def _text_in(issue: Issue, language: str) -> IssueText | None:
    return next((one for one in issue.texts if one.language == language), None)


def _text_page(
    request: Request,
    site: Site,
    issue: Issue,
    language: str,
    *,
    form: TheForm | None = None,
    subjects: list[str] | None = None,
    problem: str = "",
) -> Response:
    text = _text_in(issue, language)
    if text is None:
        text = _text_in(issue, issue.fallback_language) or (issue.texts[0] if issue.texts else None)
    language = text.language if text is not None else ""
    others = [one for one in issue.texts if one is not text]
    first = _text_in(issue, issue.fallback_language)
    typed = form or {}
    answer = step_page(
        request,
        issue,
        _STEP,
        status=422 if problem else 200,
        problem=problem,
        text=text,
        written_in=language,
        seen=digest(text) if text is not None else "",
        subjects=subjects if subjects is not None else (list(text.subjects) if text is not None else []),
        body=typed.get("body", text.body if text is not None else ""),
        markup=typed.get("format", text.format if text is not None else MARKDOWN),
        name=typed.get("name", issue.name),
        problems=issues.problems(issue, language) if text is not None and not starting.untouched(text) else [],
        beside=first if first is not None and first is not text else next(iter(others), None),
        further=[code for code in LANGUAGES if _text_in(issue, code) is None],
        variables=[(one, _(MEANINGS[one])) for one in known_names() if one in MEANINGS],
        pictures=[one.name for one in files.all_of(site.settings.home) if one.type in files.SHOWN],
        several=any(len(one.subjects) > 1 for one in issue.texts),
    )
    answer.headers["content-security-policy"] = FRAMING_POLICY
    return answer
