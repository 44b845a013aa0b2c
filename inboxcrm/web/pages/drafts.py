"""The review page: the queue by urgency, the draft, beside it the customer; made for going through it with the keyboard."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, Response
from markupsafe import Markup
from sqlalchemy.orm import Session

from inboxcrm.errors import InboxcrmError
from inboxcrm.followup import library, outbox, queue, review
from inboxcrm.followup.composing import UnsendableError, compose
from inboxcrm.followup.review import ReviewError
from inboxcrm.followup.shown import ShownDraft, shown
from inboxcrm.followup.templates import Templates
from inboxcrm.followup.variables import LANGUAGES
from inboxcrm.followup.words import said
from inboxcrm.i18n import _, ngettext
from inboxcrm.model import Draft, DraftState
from inboxcrm.model.database import looking, writing
from inboxcrm.reading.addresses import normal
from inboxcrm.reading.display import safe_html
from inboxcrm.settings import Account
from inboxcrm.web import flash, news
from inboxcrm.web.deciding import ACTS, STAYING, Decision, save
from inboxcrm.web.flash import Notice
from inboxcrm.web.headers import FRAMING_POLICY, mail_policy
from inboxcrm.web.queries.drafts import surroundings, written
from inboxcrm.web.rendering import page
from inboxcrm.web.site import Looking, Site, TheForm, TheSite, TheVisitor

router = APIRouter(include_in_schema=False)

_MOST = 300
_ON_THEIR_WAY = (DraftState.APPROVED, DraftState.SENDING)


@router.get("/drafts")
@router.get("/drafts/{draft_id}")
def show(
    request: Request,
    *,
    session: Looking,
    site: TheSite,
    draft_id: int | None = None,
    stage: Annotated[str, Query()] = "",
    grade: Annotated[str, Query()] = "",
) -> Response:
    """The queue with a draft opened: this one, or the first."""
    everybody = queue.waiting(session, site.clock(), limit=_MOST)
    waiting = _chosen(everybody, stage, grade)
    if draft_id is None:
        draft_id = waiting[0].draft_id if waiting else None
    opened: ShownDraft | None = None
    if draft_id is not None:
        try:
            opened = shown(session, draft_id)
        except ReviewError as error:
            return flash.redirect(request, "/drafts", Notice(str(error), kind="error"))
    answer = page(
        request,
        "drafts.html",
        queue=waiting,
        ids=[one.draft_id for one in waiting],
        total=len(everybody),
        stages=sorted({one.stage for one in everybody if one.stage}),
        stage=stage,
        grade=grade,
        on_their_way=queue.in_state(session, _ON_THEIR_WAY, limit=20),
        opened=opened,
        why=said(opened.draft.reasons, site.zone) if opened else (),
        around=surroundings(session, opened) if opened else None,
        written=written,
        templates=Templates(site.settings.home).names() if opened else (),
        languages_of_mails=LANGUAGES,
        documents=[one.name for one in library.documents(site.settings.home)] if opened else (),
        undo_seconds=site.settings.sending.undo_seconds,
    )
    answer.headers["content-security-policy"] = FRAMING_POLICY
    return answer


@router.get("/drafts/{draft_id}/preview")
def show_preview(site: TheSite, session: Looking, draft_id: int) -> Response:
    """The mail as the customer will see it, for a frame that can do nothing."""
    draft = review.get(session, draft_id)
    try:
        account = _account(site, session, draft)
        raw = compose(outbox.letter_of(draft, account, (), site.clock())).data
        body, problem = Markup(safe_html(raw)), ""  # noqa: S704  made safe
    except InboxcrmError as error:
        body, problem = Markup(""), str(error)
    text = site.templates.get_template("original_body.html").render(body=body, problem=problem)
    return HTMLResponse(
        text, headers={"content-security-policy": mail_policy(remote_images=False), "x-frame-options": "SAMEORIGIN"}
    )


@router.post("/drafts/{draft_id}")
def act(
    request: Request,
    *,
    site: TheSite,
    visitor: TheVisitor,
    draft_id: int,
    form: TheForm,
    document: Annotated[list[str] | None, Form()] = None,
) -> Response:
    """What the buttons below a draft do. What was typed is kept first, whatever follows; then the next draft is shown."""
    what = form.get("act", "save")
    chosen = ACTS.get(what, save)
    query = _query(form)
    with looking(site.engine) as session:
        waiting = queue.waiting(session, site.clock(), limit=_MOST)
    here = f"/drafts/{draft_id}{query}"
    try:
        with writing(site.engine) as session:
            notice = chosen(Decision(site, session, draft_id, form, document or [], site.clock(), visitor.name))
            customer_id = review.get(session, draft_id).customer_id
    except InboxcrmError as error:
        return flash.redirect(request, here, Notice(str(error), kind="error"))
    news.changed(site.events, [customer_id])
    if form.get("then", "").isdecimal():
        return flash.redirect(request, f"/drafts/{form['then']}{query}")
    if what in STAYING or chosen is save:
        return flash.redirect(request, here, notice)
    following = queue.following(_chosen(waiting, form.get("stage", ""), form.get("grade", "")), draft_id)
    return flash.redirect(
        request, f"/drafts/{following}{query}" if following is not None else f"/drafts{query}", notice
    )


@router.post("/drafts")
def approve_all(request: Request, site: TheSite, visitor: TheVisitor, form: TheForm) -> Response:
    """Approves all that wait of one stage and grade, as they were shown: only drafts whose revision is the one on the page."""
    now, delay = site.clock(), timedelta(seconds=site.settings.sending.undo_seconds)
    asked = [one.partition(":") for one in form.get("drafts", "").split()]
    done, refused = 0, []
    for number, _colon, revision in asked:
        try:
            with writing(site.engine) as session:
                if str(review.get(session, int(number)).revision) != revision:
                    raise ReviewError(_("Somebody else has changed this draft meanwhile. Look at it again."))
                review.approve(session, int(number), now=now, by=visitor.name, delay=delay)
            done += 1
        except (ReviewError, ValueError) as error:
            refused.append(str(error))
    news.changed(site.events)
    text = ngettext("{count} draft approved.", "{count} drafts approved.", done).format(count=done)
    if refused:
        text += " " + _("Not approved: {why}").format(why="; ".join(dict.fromkeys(refused)))
    return flash.redirect(request, "/drafts", Notice(text, kind="error" if refused else "done"))


def _chosen(waiting: Sequence[queue.Waiting], stage: str, grade: str) -> list[queue.Waiting]:
    return [one for one in waiting if stage in ("", one.stage) and grade in ("", one.grade)]


def _query(form: Mapping[str, str]) -> str:
    """The choice of stage and grade, as it stands in addresses."""
    kept = {name: form[name] for name in ("stage", "grade") if form.get(name)}
    return f"?{urlencode(kept)}" if kept else ""


def _account(site: Site, session: Session, draft: Draft) -> Account:
    address = normal(shown(session, draft.id).account)
    for one in site.accounts.all():
        if normal(one.address) == address:
            return one
    raise UnsendableError(_("The account {address} is no longer in the settings.").format(address=address))
