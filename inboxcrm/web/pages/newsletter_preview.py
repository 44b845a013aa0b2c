"""The fourth step of an issue: the mail as each recipient will see it, on a desk and on a phone, and a try on oneself."""

from __future__ import annotations

import re
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response
from markupsafe import Markup
from sqlalchemy.orm import Session

from inboxcrm.errors import InboxcrmError
from inboxcrm.i18n import _, ngettext
from inboxcrm.model import Account, Issue
from inboxcrm.newsletter import candidates, previews, starting
from inboxcrm.newsletter.candidates import Selection, one_contact
from inboxcrm.newsletter.composing import Shown
from inboxcrm.newsletter.previews import NoSubjectError
from inboxcrm.web import flash
from inboxcrm.web.flash import Notice
from inboxcrm.web.headers import FRAMING_POLICY, mail_policy
from inboxcrm.web.issue_steps import found, path_of, step_page
from inboxcrm.web.site import Looking, Site, TheForm, TheSite

router = APIRouter(include_in_schema=False)

_STEP = "preview"
_OFFERED = 60
_PREFERS_DARK = re.compile(r"\(prefers-color-scheme:\s*dark\)")


@router.get("/newsletters/{issue_id:int}/preview")
def show_preview(
    request: Request,
    *,
    site: TheSite,
    session: Looking,
    issue_id: int,
    contact: Annotated[str, Query()] = "",
    language: Annotated[str, Query()] = "",
    subject: Annotated[int, Query(ge=0, le=9)] = 0,
    q: Annotated[str, Query(max_length=100)] = "",
    dark: bool = False,
) -> Response:
    """The mail for this contact, or for the invented customer of a language."""
    issue = found(session, issue_id)
    press = site.press()
    contact_id = int(contact) if contact.isdecimal() and len(contact) < 19 else None
    shown, problem, subject = _shown(site, session, issue, contact_id, language=language, subject=subject)
    selection, now = Selection.of(issue, press.own), site.clock()
    offered = candidates.first_recipients(session, selection, now, text=q, limit=_OFFERED)
    chosen = one_contact(session, selection, contact_id, now) if contact_id is not None else None
    apart = None
    if chosen is not None and all(one.contact_id != chosen.contact_id for one in offered):
        apart = (str(chosen.contact_id), chosen.name or chosen.address or _("No name"))
    account = session.get_one(Account, issue.account_id)
    answer = step_page(
        request,
        issue,
        _STEP,
        shown=shown,
        problem=problem,
        offered=offered,
        apart=apart,
        left_out=chosen.words if chosen is not None and not chosen.is_in else (),
        contact=str(contact_id or ""),
        chosen_language=language,
        subject=subject,
        q=q,
        dark=dark,
        variants=_variants(issue, shown.language if shown is not None else language),
        query=_query(contact_id, language, subject, dark=dark),
        sender=account.address,
        own_addresses=list(dict.fromkeys(press.settings.own_addresses)),
    )
    answer.headers["content-security-policy"] = FRAMING_POLICY
    return answer


@router.get("/newsletters/{issue_id:int}/mail")
def show_mail(
    *,
    site: TheSite,
    session: Looking,
    issue_id: int,
    contact: Annotated[str, Query()] = "",
    language: Annotated[str, Query()] = "",
    subject: Annotated[int, Query(ge=0, le=9)] = 0,
    dark: bool = False,
) -> Response:
    """The mail's HTML for a frame that can do nothing. `dark`: as programs in dark mode show it, whatever this browser prefers."""
    issue = found(session, issue_id)
    contact_id = int(contact) if contact.isdecimal() and len(contact) < 19 else None
    shown, problem, _subject = _shown(site, session, issue, contact_id, language=language, subject=subject)
    written = next((one for one in issue.texts if one.language == language), None)
    if shown is not None:
        text = _PREFERS_DARK.sub("(min-width: 0)", shown.html) if dark else shown.html
    elif written is not None and starting.untouched(written):
        text = site.templates.get_template("original_body.html").render(body=_("no text yet"), problem="")
    else:
        text = site.templates.get_template("original_body.html").render(body=Markup(""), problem=problem)
    return HTMLResponse(
        text, headers={"content-security-policy": mail_policy(remote_images=False), "x-frame-options": "SAMEORIGIN"}
    )


@router.post("/newsletters/{issue_id:int}/test")
def try_out(request: Request, *, site: TheSite, session: Looking, issue_id: int, form: TheForm) -> Response:
    """Sends the mail to oneself: as it is shown, or in every language."""
    issue = found(session, issue_id)
    contact = form.get("contact", "")
    contact_id = int(contact) if contact.isdecimal() else None
    subject = int(form["subject"]) if form.get("subject", "").isdecimal() else 0
    language = form.get("language", "")
    back = path_of(issue_id, _STEP) + _query(contact_id, language, subject)
    languages = [one.language for one in issue.texts] if form.get("act") == "all" else [language]
    to, press, sent = form.get("to", ""), site.press(), 0
    try:
        account = press.account(session.get_one(Account, issue.account_id).address)
        for one in languages:
            previews.try_out(
                session,
                press,
                issue_id,
                site.clock(),
                to=to,
                send=lambda sender, recipients, data: site.hand(account, sender, recipients, data),
                contact_id=contact_id if form.get("act") != "all" else None,
                language=one,
                subject=subject if form.get("act") != "all" or subject < len(_variants(issue, one)) else 0,
            )
            sent += 1
    except InboxcrmError as error:
        return flash.redirect(request, back, Notice(str(error), kind="error"))
    words = ngettext("{count} mail is on its way to {address}.", "{count} mails are on their way to {address}.", sent)
    return flash.redirect(request, back, Notice(words.format(count=sent, address=to)))


def _shown(
    site: Site, session: Session, issue: Issue, contact_id: int | None, *, language: str, subject: int
) -> tuple[Shown | None, str, int]:
    """The mail, or why there is none; and with which subject: who comes from a language that has more of them sees the first."""
    if not any(one.language == language for one in issue.texts):
        language = ""

    def look(subject: int) -> Shown:
        return previews.preview(
            session, site.press(), issue.id, site.clock(), contact_id=contact_id, language=language, subject=subject
        )

    try:
        try:
            return look(subject), "", subject
        except NoSubjectError:
            return look(0), "", 0
    except InboxcrmError as error:
        return None, str(error), subject


def _variants(issue: Issue, language: str) -> list[str]:
    """The subjects that are tried, in this language."""
    return next((list(one.subjects) for one in issue.texts if one.language == language), [])


def _query(contact_id: int | None, language: str, subject: int, *, dark: bool = False) -> str:
    kept: dict[str, Any] = {"contact": contact_id, "language": language, "subject": subject or None, "dark": int(dark)}
    said = urlencode({name: value for name, value in kept.items() if value})
    return f"?{said}" if said else ""
