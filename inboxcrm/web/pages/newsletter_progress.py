"""An issue after its approval: how far it is, live; pause, resume, cancel; what became of each recipient; mails of which nobody knows
whether they went; and the results.
"""

from __future__ import annotations

from typing import Annotated, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from inboxcrm.errors import InboxcrmError
from inboxcrm.i18n import _, ngettext
from inboxcrm.model import Account, Issue, Newsletter
from inboxcrm.model.database import writing
from inboxcrm.newsletter import approving, mailing
from inboxcrm.newsletter.results import AFTERWARDS, INTEREST, results
from inboxcrm.newsletter.states import has_not_begun
from inboxcrm.web import flash
from inboxcrm.web.flash import Notice
from inboxcrm.web.headers import FRAMING_POLICY
from inboxcrm.web.issue_steps import changed, path_of, told, typed_time
from inboxcrm.web.queries.mailing import KINDS, UNKNOWN_MOST, counted, recipients, unknown, variants
from inboxcrm.web.rendering import page
from inboxcrm.web.site import Site, TheForm, TheSite, TheVisitor

router = APIRouter(include_in_schema=False)

PAGE = 50
"""Recipients on one page."""
_MOST_PAGES = 10_000
Number = Annotated[int, Path(ge=1, le=2**53)]


def show(request: Request, site: Site, session: Session, issue: Issue) -> Response:
    """The page of an issue that is neither DRAFT nor REVIEW; the route is that of `inboxcrm.web.pages.newsletters`."""
    now = site.clock()
    query = request.query_params
    kind = query.get("kind", "") if query.get("kind", "") in KINDS else ""
    text = query.get("q", "")[:200]
    written = query.get("page", "1")
    number = min(int(written), _MOST_PAGES) if written.isascii() and written.isdecimal() and len(written) < 9 else 1
    number = max(number, 1)
    found = recipients(session, issue.id, kind=kind, text=text, limit=PAGE + 1, offset=(number - 1) * PAGE)
    outcome = results(session, issue.id, now)
    series = session.get(Newsletter, issue.newsletter_id) if issue.newsletter_id is not None else None

    def address(**changes: str | int) -> str:
        """This page with other filters."""
        asked = {"kind": kind, "q": text, "page": "", **changes}
        kept = {name: value for name, value in asked.items() if value}
        return path_of(issue.id) + (f"?{urlencode(kept)}" if kept else "") + "#recipients"

    answer = page(
        request,
        "newsletter_progress.html",
        issue=issue,
        now=now,
        may_take_back=has_not_begun(issue),
        account=session.get_one(Account, issue.account_id).address,
        series=series,
        outcome=outcome,
        progress=outcome.progress,
        kinds={one: _(text) for one, text in KINDS.items()},
        counted=counted(outcome.progress),
        unknown=unknown(session, issue.id),
        unknown_most=UNKNOWN_MOST,
        variants=variants(issue, outcome.subjects),
        interest=INTEREST,
        afterwards=AFTERWARDS.days,
        recipients=found[:PAGE],
        has_more=len(found) > PAGE,
        kind=kind,
        text=text,
        number=number,
        address=address,
        local_send_at=issue.send_at.astimezone(site.zone).strftime("%Y-%m-%dT%H:%M") if issue.send_at else "",
    )
    answer.headers["content-security-policy"] = FRAMING_POLICY
    return answer


@router.post("/newsletters/{issue_id:int}/pause")
def pause(request: Request, visitor: TheVisitor, issue_id: Number) -> Response:
    """No further mail goes until somebody resumes it."""

    def act(session: Session) -> Notice:
        mailing.pause(session, issue_id, by=visitor.name)
        return Notice(_("Paused: no further mail goes."), undo_path=f"{path_of(issue_id)}/resume")

    return changed(request, issue_id, act, then=path_of(issue_id))


@router.post("/newsletters/{issue_id:int}/resume")
def resume(request: Request, site: TheSite, issue_id: Number) -> Response:
    """It goes on where it stopped."""

    def act(session: Session) -> str:
        approving.go_on(session, site.press(), issue_id, site.clock())
        return _("It goes on.")

    return changed(request, issue_id, act, then=path_of(issue_id))


@router.post("/newsletters/{issue_id:int}/cancel")
def cancel(request: Request, site: TheSite, visitor: TheVisitor, issue_id: Number) -> Response:
    """What hasn't gone never goes."""

    def act(session: Session) -> str:
        mailing.cancel(session, issue_id, now=site.clock(), by=visitor.name)
        return _("Cancelled: what hadn't gone never goes.")

    return changed(request, issue_id, act, then=path_of(issue_id))


@router.post("/newsletters/{issue_id:int}/schedule")
def schedule(request: Request, site: TheSite, issue_id: Number, form: TheForm) -> Response:
    """Another time for an issue that hasn't begun."""

    def act(session: Session) -> str:
        at = typed_time(form.get("send_at", ""), site, site.clock())
        mailing.schedule(session, issue_id, at)
        return _("It goes at the new time.")

    return changed(request, issue_id, act, then=path_of(issue_id))


@router.post("/newsletters/recipients/{recipient_id:int}/{what}")
def decide(request: Request, site: TheSite, recipient_id: Number, what: Literal["went", "again"]) -> Response:
    """A person says whether a mail of which nobody knows went out ("went") or is to go again ("again")."""
    went = what == "went"
    try:
        with writing(site.engine) as session:
            recipient = mailing.decide(session, recipient_id, went=went, now=site.clock())
    except InboxcrmError as error:
        return flash.redirect(request, "/newsletters", Notice(str(error), kind="error"))
    told(site, recipient.issue_id)
    said = _("Noted: {address} has it.") if went else _("{address} gets it when its turn comes.")
    return flash.redirect(request, path_of(recipient.issue_id), Notice(said.format(address=recipient.written)))


@router.post("/newsletters/{issue_id:int}/all-went")
def decide_all(request: Request, site: TheSite, issue_id: Number) -> Response:
    """A person says that all mails of which nobody knows have gone: then certainly nobody gets one twice."""

    def act(session: Session) -> str:
        count = 0
        while rows := unknown(session, issue_id):
            for one in rows:
                mailing.decide(session, one.row.id, went=True, now=site.clock())
                count += 1
            session.flush()
        return ngettext("{count} mail is noted as sent.", "{count} mails are noted as sent.", count).format(count=count)

    return changed(request, issue_id, act, then=path_of(issue_id))
