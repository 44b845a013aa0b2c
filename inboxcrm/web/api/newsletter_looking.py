"""What is looked at before an issue may go: who gets it and who is left out, the mail, the checks, a try on oneself."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query
from pydantic import BaseModel, Field
from sqlalchemy.orm import Session

from inboxcrm.errors import InboxcrmError
from inboxcrm.model import Account
from inboxcrm.newsletter import candidates, checks, previews
from inboxcrm.newsletter.as_json import choice_json, overview_json, report_json, shown_json
from inboxcrm.newsletter.audience import Audience
from inboxcrm.newsletter.candidates import Selection
from inboxcrm.newsletter.reasons import Why
from inboxcrm.web.api.newsletters import found
from inboxcrm.web.site import Looking, Site, TheSite

router = APIRouter(
    prefix="/newsletters/{issue_id:int}",
    tags=["newsletters"],
    responses={404: {"description": "No such issue"}, 409: {"description": "It can't be made into a mail"}},
)


class Tried(BaseModel):
    """Whom to name: those who get it (`chosen`), or those left out, perhaps for one reason; behind the contact `after`. `audience`: in
    the place of the issue's own, without keeping it; what it leaves out is as by default.
    """

    audience: dict[str, Any] | None = None
    chosen: bool = True
    why: Why | None = None
    after: int = 0
    limit: int = Field(50, ge=1, le=1000)


class TestMail(BaseModel):
    """To which address of ours ("": the account's), and as whom: a contact by number or address, "" for the invented customer."""

    __test__ = False  # no test of pytest's

    to: str = ""
    contact: str = ""
    language: str = ""
    subject: int = Field(0, ge=0)


@router.get("/audience")
def show_audience(
    session: Looking,
    site: TheSite,
    *,
    issue_id: int,
    chosen: bool = True,
    why: Why | None = None,
    after: int = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 50,
) -> dict[str, Any]:
    """The numbers, and the first who get it, or who are left out with every reason."""
    return _audience(session, site, issue_id, Tried(chosen=chosen, why=why, after=after, limit=limit))


@router.post("/audience")
def try_audience(session: Looking, site: TheSite, issue_id: int, tried: Tried) -> dict[str, Any]:
    """The same with another audience, which is not kept."""
    return _audience(session, site, issue_id, tried)


@router.get("/check")
def check(session: Looking, site: TheSite, issue_id: int) -> dict[str, Any]:
    """What the checks find; errors keep an issue from being approved."""
    return report_json(checks.check(session, found(session, issue_id), site.press(), site.clock()))


@router.get("/preview")
def preview(
    session: Looking,
    site: TheSite,
    *,
    issue_id: int,
    contact: Annotated[str, Query(description="Number or address of a contact; else an invented customer")] = "",
    language: str = "",
    subject: Annotated[int, Query(ge=0)] = 0,
) -> dict[str, Any]:
    """The mail as a contact would see it."""
    found(session, issue_id)
    try:
        shown = previews.preview(
            session,
            site.press(),
            issue_id,
            site.clock(),
            contact_id=previews.contact_of(session, contact),
            language=language,
            subject=subject,
        )
    except InboxcrmError as error:
        raise HTTPException(409, str(error)) from error
    return shown_json(shown)


@router.post("/test-send")
def try_out(session: Looking, site: TheSite, issue_id: int, mail: TestMail) -> dict[str, Any]:
    """Sends the mail to oneself, once and at once."""
    press = site.press()
    issue = found(session, issue_id)
    try:
        account = press.account(session.get_one(Account, issue.account_id).address)
        to = mail.to or account.address
        data = previews.try_out(
            session,
            press,
            issue_id,
            site.clock(),
            to=to,
            send=lambda sender, recipients, raw: site.hand(account, sender, recipients, raw),
            contact_id=previews.contact_of(session, mail.contact),
            language=mail.language,
            subject=mail.subject,
        )
    except InboxcrmError as error:
        raise HTTPException(409, str(error)) from error
    return {"to": to, "bytes": len(data)}


def _audience(session: Session, site: Site, issue_id: int, tried: Tried) -> dict[str, Any]:
    issue, now = found(session, issue_id), site.clock()
    selection = Selection.of(issue, site.press().own)
    if tried.audience is not None:
        try:
            selection = replace(selection, audience=Audience.unpacked(tried.audience))
        except InboxcrmError as error:
            raise HTTPException(409, str(error)) from error
    seen = candidates.seen(
        session, selection, now, chosen=tried.chosen, why=tried.why, after=tried.after, limit=tried.limit
    )
    return {
        "audience": selection.audience.packed(),
        **overview_json(seen.numbers),
        "contacts": [choice_json(one) for one in seen.contacts],
    }
