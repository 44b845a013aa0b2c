"""What people do with an issue before it goes: write it, choose whom it is for, put it up for review.

Nothing goes out from here. `inboxcrm.newsletter.previews` shows it, `inboxcrm.newsletter.approving` lets it go.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from inboxcrm import model
from inboxcrm.errors import InboxcrmError
from inboxcrm.i18n import _
from inboxcrm.model import Issue, IssueState, IssueText
from inboxcrm.newsletter import files, markup
from inboxcrm.newsletter.audience import Audience
from inboxcrm.newsletter.editions import Text, TextProblem, further_values, text_problems
from inboxcrm.newsletter.files import FileError
from inboxcrm.newsletter.press import NoAccountError, Press
from inboxcrm.newsletter.states import EDITABLE, has_not_begun, said
from inboxcrm.reading.addresses import normal

_LANGUAGE = re.compile(r"^[a-z]{2,3}$")
_MOST_SUBJECTS = 5
_NUMBERS = {"test_share": (0, 90), "test_hours": (1, 240)}


class IssueError(InboxcrmError):
    """It can't be done with this issue; the message says why and what to do."""


def get(session: Session, issue_id: int) -> Issue:
    """The issue. Raises IssueError."""
    issue = session.get(Issue, issue_id)
    if issue is None:
        raise IssueError(_("There is no issue with the number {id}.").format(id=issue_id))
    return issue


def ahead(send_at: datetime, now: datetime) -> datetime:
    """A time of sending, which must not be over. Raises IssueError."""
    if send_at < now:
        raise IssueError(_("Choose a time that lies ahead."))
    return send_at


def editable(session: Session, issue_id: int) -> Issue:
    """The issue, if it may still be changed; nobody approves it before the end of this transaction. Raises IssueError."""
    issue = get(session, issue_id)
    session.refresh(issue, ["state"], with_for_update=True)
    if issue.state not in EDITABLE:
        if has_not_begun(issue):
            message = _("“{name}” can't be changed now ({state}). Take it back first.")
        else:
            message = _("“{name}” can't be changed any more ({state}). Copy it to write another.")
        raise IssueError(message.format(name=issue.name, state=said(issue.state)))
    return issue


def usual_audience(press: Press) -> Audience:
    """Grade C, with the days of the settings."""
    rules = press.settings.newsletter
    return Audience(not_written_days=rules.not_written_days, min_gap_days=rules.min_gap_days)


def account_id_of(session: Session, press: Press, address: str = "") -> int:
    """The number of our account with this address; "": the first of the settings that can send. Raises IssueError, NoAccountError."""
    if address:
        address = press.account(address).address
    else:
        able = [one.address for one in press.settings.accounts if one.smtp is not None]
        if not able:
            raise IssueError(_("The settings name no server to send through; add [accounts.smtp]."))
        address = able[0]
    found = session.scalar(select(model.Account.id).where(model.Account.address == normal(address)))
    if found is None:
        message = _("The mailbox {address} hasn't been read yet; start 'inboxcrm run' or 'inboxcrm sync' first.")
        raise IssueError(message.format(address=address))
    return found


def create(
    session: Session,
    press: Press,
    *,
    name: str,
    account_id: int,
    now: datetime,
    by: str,
    layout: str = "letter",
    audience: Audience | None = None,
    fallback_language: str = "en",
    newsletter_id: int | None = None,
) -> Issue:
    """A new issue in state DRAFT, without texts. `audience` None: `usual_audience`. Raises IssueError."""
    issue = Issue(
        newsletter_id=newsletter_id,
        state=IssueState.DRAFT,
        images=[],
        variables={},
        created_at=now,
        created_by=by,
        **_checked(
            session,
            press,
            name=name,
            account_id=account_id,
            layout=layout,
            audience=audience or usual_audience(press),
            fallback_language=fallback_language,
        ),
    )
    session.add(issue)
    session.flush()
    return issue


def edit(session: Session, press: Press, issue_id: int, **changes: Any) -> Issue:
    """Changes an issue that is not approved yet: any of name, account_id, layout, audience (an Audience, or what it is unpacked from),
    fallback_language, images, variables, test_share, test_hours, count_clicks, working_hours, send_at. An issue in REVIEW becomes a
    DRAFT again. Raises IssueError, AudienceError.
    """
    issue = editable(session, issue_id)
    for field, value in _checked(session, press, **changes).items():
        setattr(issue, field, value)
    issue.state = IssueState.DRAFT
    session.flush()
    return issue


def write_text(
    session: Session,
    issue_id: int,
    language: str,
    *,
    subjects: Sequence[str],
    body: str,
    written_in: str = markup.MARKDOWN,
) -> IssueText:
    """Writes or replaces the text in a language; several subjects are the variants of a test. `written_in`: "markdown" or "html".

    A text with mistakes is kept all the same, so that nothing typed is lost; `problems` and the checks tell them. Raises IssueError.
    """
    issue = editable(session, issue_id)
    if not _LANGUAGE.match(language):
        raise IssueError(_("{code!r} is no language code; write it like “de”.").format(code=language))
    if written_in not in markup.FORMATS:
        raise IssueError(_("A text is written in markdown or html, not in {format!r}.").format(format=written_in))
    subjects = [" ".join(one.split()) for one in subjects if one.strip()]
    if len(subjects) > _MOST_SUBJECTS:
        raise IssueError(_("At most {most} subjects can be tried against each other.").format(most=_MOST_SUBJECTS))
    text = next((one for one in issue.texts if one.language == language), None)
    if text is None:
        text = IssueText(language=language)
        issue.texts.append(text)
    text.subjects, text.body, text.format = subjects, body.replace("\r\n", "\n"), written_in
    issue.state = IssueState.DRAFT
    session.flush()
    return text


def problems(issue: Issue, language: str) -> list[TextProblem]:
    """What is wrong with the text in a language by itself; nothing for a good one."""
    text = next((one for one in issue.texts if one.language == language), None)
    if text is None:
        return []
    further = further_values(issue.variables, language, issue.fallback_language)
    return text_problems(Text(language, tuple(text.subjects), text.body, text.format), further)


def drop_text(session: Session, issue_id: int, language: str) -> None:
    """Takes the text in a language out. Raises IssueError."""
    issue = editable(session, issue_id)
    text = next((one for one in issue.texts if one.language == language), None)
    if text is None:
        raise IssueError(_("The issue has no text in “{language}”.").format(language=language))
    issue.texts.remove(text)
    issue.state = IssueState.DRAFT
    session.flush()


def submit(session: Session, issue_id: int) -> Issue:
    """Puts a DRAFT up for review. Raises IssueError."""
    issue = editable(session, issue_id)
    if not issue.texts:
        raise IssueError(_("“{name}” has no text yet.").format(name=issue.name))
    issue.state = IssueState.REVIEW
    session.flush()
    return issue


def copy(session: Session, issue_id: int, *, name: str, now: datetime, by: str) -> Issue:
    """A new DRAFT with the texts, pictures and audience of an issue; it belongs to no series. Raises IssueError."""
    issue = get(session, issue_id)
    made = Issue(
        name=_name(name),
        account_id=issue.account_id,
        state=IssueState.DRAFT,
        audience=dict(issue.audience),
        layout=issue.layout,
        fallback_language=issue.fallback_language,
        images=list(issue.images),
        variables=dict(issue.variables),
        test_share=issue.test_share,
        test_hours=issue.test_hours,
        count_clicks=issue.count_clicks,
        working_hours=issue.working_hours,
        created_at=now,
        created_by=by,
    )
    made.texts = [
        IssueText(language=one.language, subjects=list(one.subjects), format=one.format, body=one.body)
        for one in issue.texts
    ]
    session.add(made)
    session.flush()
    return made


def remove(session: Session, issue_id: int) -> None:
    """Deletes an issue that was never approved. Raises IssueError."""
    session.delete(editable(session, issue_id))
    session.flush()


# --- inside -----------------------------------------------------------------------------------------------------------


def _checked(session: Session, press: Press, **changes: Any) -> dict[str, Any]:
    """The values of columns for these changes. Raises IssueError, AudienceError."""
    return {field: checked(session, press, field, value) for field, value in changes.items()}


def checked(session: Session, press: Press, field: str, value: Any) -> Any:
    """The value of a column for what somebody gives. Raises IssueError, AudienceError."""
    match field:
        case "name":
            return _name(value)
        case "account_id":
            account = session.get(model.Account, value)
            if account is None:
                raise IssueError(_("There is no account with the number {id}.").format(id=value))
            try:
                press.account(account.address)
            except NoAccountError as error:
                raise IssueError(str(error)) from error
            return value
        case "layout":
            if value not in press.layouts.names():
                known = ", ".join(press.layouts.names())
                raise IssueError(_("There is no layout {name!r}; there are: {known}.").format(name=value, known=known))
            return value
        case "audience":
            return (value if isinstance(value, Audience) else Audience.unpacked(value)).packed()
        case "fallback_language":
            if value and not _LANGUAGE.match(value):
                raise IssueError(_("{code!r} is no language code; write it like “de”.").format(code=value))
            return value
        case "images":
            names = list(dict.fromkeys(value))
            try:
                files.check_size(
                    [files.find(press.settings.home, one).size for one in names],
                    press.settings.newsletter.kilobytes_of_files,
                )
            except FileError as error:
                raise IssueError(str(error)) from error
            return names
        case "variables":
            return dict(value)
        case "send_at":
            if value is not None and value.tzinfo is None:
                raise IssueError(_("The time of sending needs a time zone."))
            return value
        case "test_share" | "test_hours":
            least, most = _NUMBERS[field]
            if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
                message = _("{field}: a whole number from {least} to {most}.")
                raise IssueError(message.format(field=field, least=least, most=most))
            return value
        case "count_clicks" | "working_hours":
            return bool(value)
        case _:
            raise IssueError(_("An issue has no field {field!r} that can be changed.").format(field=field))


def _name(value: str) -> str:
    name = " ".join(str(value).split())[:200]
    if not name:
        raise IssueError(_("An issue needs a name."))
    return name
