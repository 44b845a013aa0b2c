"""The steps in which an issue is made, as pages: text, look, recipients, preview, check. What all of them share stands here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from urllib.parse import urlencode

from fastapi import HTTPException, Request
from fastapi.responses import Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from inboxcrm.errors import InboxcrmError
from inboxcrm.i18n import _, mark
from inboxcrm.model import Account, Issue, IssueState, IssueText
from inboxcrm.model.database import writing
from inboxcrm.newsletter.issues import IssueError
from inboxcrm.newsletter.states import EDITABLE, has_not_begun
from inboxcrm.reading.addresses import normal
from inboxcrm.service.events import Topic
from inboxcrm.web import flash
from inboxcrm.web.flash import Notice
from inboxcrm.web.queries import newsletters as queries
from inboxcrm.web.rendering import page
from inboxcrm.web.site import Site, site_of

STEPS: Mapping[str, str] = {
    "edit": mark("Text"),
    "look": mark("Look"),
    "audience": mark("Recipients"),
    "preview": mark("Preview"),
    "": mark("Check and send"),
}
"""Last part of the address → what the step is called, in the order in which one goes through them."""


class Numbers(StrEnum):
    """When a page goes through all contacts. SOON: once it is shown, if they are many; NOW: before, and so do its links, for a browser
    without JavaScript; PART: before, for the script of a page that is shown.
    """

    SOON = ""
    NOW = "now"
    PART = "part"

    def are_put_off(self, session: Session) -> bool:
        """Whether the page is to be shown without them."""
        return self is Numbers.SOON and queries.are_many(session)


@dataclass(frozen=True, slots=True)
class Step:
    """A step in the bar above an issue."""

    path: str
    text: str
    here: bool


def found(session: Session, issue_id: int) -> Issue:
    """The issue; a page that says so when there is none."""
    issue = session.get(Issue, issue_id)
    if issue is None:
        raise HTTPException(404, _("There is no such newsletter; perhaps it was removed."))
    return issue


def ordered(issue: Issue) -> list[IssueText]:
    """The texts of an issue; the one for everybody else comes first."""
    return sorted(issue.texts, key=lambda one: (one.language != issue.fallback_language, one.language))


def accounts(site: Site, session: Session, issue: Issue | None = None) -> list[tuple[str, str]]:
    """The accounts that an issue can go from: those of the settings that can send come first. The one of `issue`, if the settings name
    it no longer, stands at the end and says so.
    """
    rows = {normal(one.address): one.id for one in session.scalars(select(Account))}
    known = [one for one in site.accounts.all() if normal(one.address) in rows]
    known.sort(key=lambda one: one.smtp is None)
    found = [(str(rows[normal(one.address)]), one.address) for one in known]
    if issue is not None and all(number != str(issue.account_id) for number, _address in found):
        gone = session.get_one(Account, issue.account_id).address
        found.append((str(issue.account_id), _("{address} – not in the settings any more").format(address=gone)))
    return found


def path_of(issue_id: int, step: str = "") -> str:
    """The address of a step."""
    return f"/newsletters/{issue_id}/{step}" if step else f"/newsletters/{issue_id}"


def later(path: str, **query: str) -> Mapping[str, str]:
    """Where a page that was shown without its numbers gets them: "now" for a person, "part" for its script."""
    return {one.value: f"{path}?{urlencode({**query, 'numbers': one.value})}" for one in (Numbers.NOW, Numbers.PART)}


def following(step: str) -> str:
    """The step after this one."""
    names = list(STEPS)
    return names[min(names.index(step) + 1, len(names) - 1)]


def step_page(request: Request, issue: Issue, step: str, *, status: int = 200, **values: Any) -> Response:
    """The page of a step; the template is called after it."""
    steps = [Step(path_of(issue.id, one), _(text), one == step) for one, text in STEPS.items()]
    return page(
        request,
        f"newsletter_{step or 'check'}.html",
        status=status,
        issue=issue,
        texts=ordered(issue),
        steps=steps,
        may_edit=issue.state in EDITABLE,
        in_review=issue.state is IssueState.REVIEW,
        **values,
    )


def locked(request: Request, issue: Issue) -> Response | None:
    """Where to go instead when an issue can't be changed any more."""
    if issue.state in EDITABLE:
        return None
    if has_not_begun(issue):
        text = _("“{name}” is approved. Take it back to change it.")
    else:
        text = _("“{name}” is approved: it can't be changed any more. Copy it to write another.")
    return flash.redirect(request, path_of(issue.id), Notice(text.format(name=issue.name), kind="error"))


def told(site: Site, issue_id: int) -> None:
    """Open pages learn that an issue has changed. Call it after the commit."""
    site.events.publish(Topic.NEWSLETTERS, {"issues": [issue_id]})


def changed(
    request: Request, issue_id: int, act: Callable[[Session], str | Notice], *, then: str, otherwise: str = ""
) -> Response:
    """Does something to an issue in a transaction, tells it, and goes to `then`; where it can't be done, to `otherwise`, with the
    reason. `act` returns what the next page says.
    """
    site = site_of(request)
    try:
        with writing(site.engine) as session:
            notice = act(session)
    except InboxcrmError as error:
        return flash.redirect(request, otherwise or then, Notice(str(error), kind="error"))
    told(site, issue_id)
    return flash.redirect(request, then, Notice(notice) if isinstance(notice, str) else notice)


def typed_time(written: str, site: Site, now: datetime) -> datetime:
    """A day and time as a browser sends it, in the person's zone. Raises IssueError."""
    try:
        at = datetime.fromisoformat(written)
    except ValueError:
        raise IssueError(_("Choose a day and a time.")) from None
    at = (at if at.tzinfo else at.replace(tzinfo=site.zone)).astimezone(UTC)
    if at <= now:
        raise IssueError(_("Choose a time that lies ahead."))
    return at


def typed_number(written: str, what: str, least: int, most: int) -> int:
    """A whole number of a form. `what`: how the field is called. Raises IssueError."""
    text = written.strip()
    if not text.isascii() or not text.isdecimal() or len(text) > 9 or not least <= int(text) <= most:
        message = _("{field}: write a whole number from {least} to {most}.")
        raise IssueError(message.format(field=what, least=least, most=most))
    return int(text)
