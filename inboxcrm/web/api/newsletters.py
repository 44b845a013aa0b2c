"""Newsletters: the issues, one issue with its texts, and what a person does with it up to its approval.

Nothing goes out without that.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Body, HTTPException, Query
from pydantic import AwareDatetime, BaseModel, Field
from sqlalchemy.orm import Session

from inboxcrm.errors import InboxcrmError
from inboxcrm.i18n import _
from inboxcrm.model import Issue, IssueState
from inboxcrm.model.database import looking, writing
from inboxcrm.newsletter import approving, checks, files, issues, used_files
from inboxcrm.newsletter.as_json import issue_head, issue_json
from inboxcrm.newsletter.audience import Audience
from inboxcrm.web.issue_steps import told
from inboxcrm.web.queries import newsletters as queries
from inboxcrm.web.site import Looking, Site, TheSite, TheVisitor

router = APIRouter(
    prefix="/newsletters",
    tags=["newsletters"],
    responses={404: {"description": "No such issue"}, 409: {"description": "Not in the state that it is in"}},
)


class NewIssue(BaseModel):
    """A new issue. `account`: the address that it goes from, "" for the first that can send; `audience`: what is left out is as usual;
    `fallback_language`: for everybody without a text in their own, "" leaves them out.
    """

    name: str
    account: str = ""
    layout: str = "letter"
    fallback_language: str = "en"
    audience: dict[str, Any] = {}


class ChangedIssue(BaseModel):
    """What is to be different; what is left out stays. `audience` takes the place of the whole audience; `images`: names of files."""

    name: str | None = None
    account: str | None = None
    layout: str | None = None
    fallback_language: str | None = None
    audience: dict[str, Any] | None = None
    images: list[str] | None = Field(None, max_length=100)
    variables: dict[str, Any] | None = None
    test_share: int | None = None
    test_hours: int | None = None
    count_clicks: bool | None = None
    working_hours: bool | None = None


class TextJson(BaseModel):
    """A text; several subjects are the variants of a test."""

    subjects: list[str] = Field(max_length=10)
    body: str
    format: Literal["markdown", "html"] = "markdown"


class Named(BaseModel):
    """What the copy is called."""

    name: str


class Approval(BaseModel):
    """`recipients`: how many the person was shown; when clearly more would get it by now, they must look again. `send_at`: null for the
    issue's own time, else now.
    """

    recipients: int = Field(ge=0)
    send_at: AwareDatetime | None = None


class FileJson(BaseModel):
    """A picture or another file that can go with issues."""

    name: str
    size: int
    type: str


@router.get("")
def show_issues(
    session: Looking,
    *,
    state: Annotated[list[IssueState] | None, Query(description="Only issues in these states")] = None,
) -> list[dict[str, Any]]:
    """The issues, the newest first."""
    rows = queries.issues(session, state or list(IssueState))
    return [
        {**issue_head(session, row.issue), "recipients": row.recipients, "sent": row.sent, "series_name": row.series}
        for row in rows
    ]


@router.post("", status_code=201)
def make(site: TheSite, visitor: TheVisitor, new: NewIssue) -> dict[str, Any]:
    """A new issue without texts."""
    press = site.press()

    def act(session: Session) -> Issue:
        return issues.create(
            session,
            press,
            name=new.name,
            account_id=issues.account_id_of(session, press, new.account),
            now=site.clock(),
            by=visitor.name,
            layout=new.layout,
            fallback_language=new.fallback_language,
            audience=Audience.unpacked({**issues.usual_audience(press).packed(), **new.audience}),
        )

    return done(site, None, act)


@router.get("/files")
def show_files(site: TheSite) -> list[FileJson]:
    """The files that can go with issues."""
    found = files.all_of(site.settings.home)
    return [FileJson(name=one.name, size=one.size, type=one.type) for one in found]


@router.put("/files/{name}", status_code=201)
def keep_file(
    site: TheSite, name: str, data: Annotated[bytes, Body(media_type="application/octet-stream")]
) -> FileJson:
    """Keeps the body as a file. What is there is never changed: another content under the same name gets a number."""
    try:
        kept = files.keep(site.settings.home, name, data, site.settings.newsletter.kilobytes_of_files)
    except InboxcrmError as error:
        raise HTTPException(409, str(error)) from error
    return FileJson(name=kept.name, size=kept.size, type=kept.type)


@router.delete("/files/{name}", status_code=204)
def remove_file(site: TheSite, session: Looking, name: str) -> None:
    """Removes a file that no issue needs any more."""
    try:
        used_files.remove(session, site.press(), name)
    except InboxcrmError as error:
        raise HTTPException(409, str(error)) from error


@router.get("/{issue_id:int}")
def show_issue(session: Looking, issue_id: int) -> dict[str, Any]:
    """One issue with its texts, what is wrong in them, and how far it is."""
    return issue_json(session, found(session, issue_id))


@router.patch("/{issue_id:int}")
def edit(site: TheSite, issue_id: int, changed: ChangedIssue) -> dict[str, Any]:
    """Changes an issue that is not approved; one that waited for approval is a draft again."""
    press = site.press()
    values = {name: value for name, value in changed.model_dump(exclude_unset=True).items() if value is not None}

    def act(session: Session) -> Issue:
        if "account" in values:
            values["account_id"] = issues.account_id_of(session, press, values.pop("account"))
        return issues.edit(session, press, issue_id, **values)

    return done(site, issue_id, act)


@router.delete("/{issue_id:int}", status_code=204)
def remove(site: TheSite, issue_id: int) -> None:
    """Deletes an issue that was never approved."""
    with writing(site.engine) as session:
        found(session, issue_id)
        try:
            issues.remove(session, issue_id)
        except InboxcrmError as error:
            raise HTTPException(409, str(error)) from error
    told(site, issue_id)


@router.put("/{issue_id:int}/texts/{language}")
def write_text(site: TheSite, issue_id: int, language: str, text: TextJson) -> dict[str, Any]:
    """Writes the text in a language, or another in its place."""

    def act(session: Session) -> Issue:
        issues.write_text(session, issue_id, language, subjects=text.subjects, body=text.body, written_in=text.format)
        return issues.get(session, issue_id)

    return done(site, issue_id, act)


@router.delete("/{issue_id:int}/texts/{language}")
def drop_text(site: TheSite, issue_id: int, language: str) -> dict[str, Any]:
    """Takes the text in a language out."""

    def act(session: Session) -> Issue:
        issues.drop_text(session, issue_id, language)
        return issues.get(session, issue_id)

    return done(site, issue_id, act)


@router.post("/{issue_id:int}/submit")
def submit(site: TheSite, issue_id: int) -> dict[str, Any]:
    """Puts a draft up for review, once the checks find nothing that keeps it."""

    def act(session: Session) -> Issue:
        report = checks.check(session, issues.editable(session, issue_id), site.press(), site.clock())
        if not report.may_go:
            raise approving.NotReadyError(report)
        return issues.submit(session, issue_id)

    return done(site, issue_id, act)


@router.post("/{issue_id:int}/take-back")
def take_back(site: TheSite, issue_id: int) -> dict[str, Any]:
    """Makes an issue a draft again that waits for approval, or is approved and hasn't begun; its recipients are chosen anew then."""
    return done(site, issue_id, lambda session: approving.take_back(session, issue_id))


@router.post("/{issue_id:int}/copy", status_code=201)
def copy(site: TheSite, visitor: TheVisitor, issue_id: int, named: Named) -> dict[str, Any]:
    """Another issue with the same texts and audience."""
    return done(
        site,
        issue_id,
        lambda session: issues.copy(session, issue_id, name=named.name, now=site.clock(), by=visitor.name),
    )


@router.post("/{issue_id:int}/approve")
def approve(site: TheSite, visitor: TheVisitor, issue_id: int, approval: Approval) -> dict[str, Any]:
    """Lets an issue in review go."""
    send_at = approval.send_at.astimezone(UTC) if approval.send_at is not None else None

    def act(session: Session) -> Issue:
        now: datetime = site.clock()
        approving.approve(
            session, site.press(), issue_id, now, by=visitor.name, send_at=send_at, seen=approval.recipients
        )
        return issues.get(session, issue_id)

    return done(site, issue_id, act)


# --- what the modules of newsletters share ----------------------------------------------------------------------------


def found(session: Session, issue_id: int) -> Issue:
    """The issue. Raises HTTPException with 404."""
    issue = session.get(Issue, issue_id)
    if issue is None:
        raise HTTPException(404, _("There is no issue with the number {id}.").format(id=issue_id))
    return issue


def done(site: Site, issue_id: int | None, act: Callable[[Session], Issue]) -> dict[str, Any]:
    """Does `act` to the issue in a transaction and returns the issue that it returns, as it is then; 404 and 409 for what can't be."""
    with writing(site.engine) as session:
        if issue_id is not None:
            found(session, issue_id)
        try:
            made = act(session).id
        except InboxcrmError as error:
            raise HTTPException(409, str(error)) from error
    told(site, made)
    with looking(site.engine) as session:
        return issue_json(session, found(session, made))
