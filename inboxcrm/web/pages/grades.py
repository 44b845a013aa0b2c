"""Grades: the latest changes and what other rules would do; holding a grade, taking a change back, calling one wrong."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from inboxcrm import shipped
from inboxcrm.grading import by_hand, trial, whatif
from inboxcrm.grading.by_hand import GradeError
from inboxcrm.grading.regrade import reasons_json
from inboxcrm.grading.rules import GradingFileError, GradingRules, parse
from inboxcrm.grading.words import reason as in_words
from inboxcrm.grading.words import telling
from inboxcrm.i18n import _
from inboxcrm.journal import unjudged
from inboxcrm.judging import judged
from inboxcrm.model import Customer, Grade, GradeChange
from inboxcrm.web import flash, news, words
from inboxcrm.web.flash import Notice
from inboxcrm.web.queries import judging
from inboxcrm.web.rendering import page
from inboxcrm.web.site import Looking, Site, TheSite, TheVisitor

router = APIRouter(include_in_schema=False)

_DAYS = 30
_MOST_MOVES = 200


@router.get("/grades")
def show_grades(request: Request, site: TheSite, session: Looking) -> Response:
    """The changes of the last days, and the rules in force, to be tried with other numbers."""
    return _grades_page(request, site, session, _file(site))


@router.post("/grades/whatif")
def try_rules(request: Request, site: TheSite, session: Looking, rules: Annotated[str, Form()]) -> Response:
    """Who would move under these rules, and how well they would have foretold orders. Nothing is changed."""
    try:
        other = parse(rules.replace("\r\n", "\n"), "grading.toml")
    except GradingFileError as error:
        return _grades_page(request, site, session, rules, problem=str(error))
    return _grades_page(request, site, session, rules, other=other)


@router.post("/customers/{customer_id}/pin")
def pin(
    request: Request,
    *,
    site: TheSite,
    visitor: TheVisitor,
    customer_id: int,
    grade: Annotated[str, Form()],
    reason: Annotated[str, Form()] = "",
    until: Annotated[str, Form()] = "",
) -> Response:
    """Holds the grade of a customer."""
    try:
        with judged(site.engine, site.bench, site.clock) as session:
            customer = session.get_one(Customer, customer_id)
            end = _end_of(until, site)
            by_hand.pin(session, customer, Grade(grade), reason=reason, until=end, by=visitor.name, now=site.clock())
            unjudged.mark(session, [customer_id])
    except (GradeError, ValueError) as error:
        said = str(error) if isinstance(error, GradeError) else _("Choose a grade, and write the day like 2026-12-31.")
        return flash.redirect(request, f"/customers/{customer_id}", Notice(said, kind="error"))
    news.changed(site.events, [customer_id])
    return flash.redirect(request, f"/customers/{customer_id}", Notice(_("The grade stays as you set it.")))


@router.post("/customers/{customer_id}/unpin")
def unpin(request: Request, site: TheSite, customer_id: int) -> Response:
    """Lets the grade follow the rules again."""
    with judged(site.engine, site.bench, site.clock) as session:
        by_hand.unpin(session, session.get_one(Customer, customer_id), now=site.clock())
        unjudged.mark(session, [customer_id])
    news.changed(site.events, [customer_id])
    return flash.redirect(request, f"/customers/{customer_id}", Notice(_("The grade follows the rules again.")))


@router.post("/grade-changes/{change_id}/undo")
def undo(request: Request, site: TheSite, visitor: TheVisitor, change_id: int) -> Response:
    """Takes the last change of a grade back."""
    try:
        with judged(site.engine, site.bench, site.clock) as session:
            customer_id = by_hand.undo(session, change_id, by=visitor.name, now=site.clock()).customer_id
            unjudged.mark(session, [customer_id])
    except GradeError as error:
        return flash.redirect(request, "/grades", Notice(str(error), kind="error"))
    news.changed(site.events, [customer_id])
    return flash.redirect(request, f"/customers/{customer_id}", Notice(_("The former grade holds again.")))


@router.post("/grade-changes/{change_id}/wrong")
def call_wrong(request: Request, site: TheSite, change_id: int) -> Response:
    """Notes that a change was wrong; it is counted for whoever adjusts the rules."""
    try:
        with judged(site.engine, site.bench, site.clock) as session:
            change: GradeChange = by_hand.call_wrong(session, change_id, now=site.clock())
            customer_id = change.customer_id
    except GradeError as error:
        return flash.redirect(request, "/grades", Notice(str(error), kind="error"))
    return flash.redirect(
        request, f"/customers/{customer_id}", Notice(_("Noted as wrong. It is counted on the grades page."))
    )


def _grades_page(
    request: Request,
    site: Site,
    session: Session,
    rules: str,
    *,
    other: GradingRules | None = None,
    problem: str = "",
) -> Response:
    now = site.clock()
    automatic, wrong = by_hand.score(session)
    moves: list[tuple[str, whatif.Move, str]] = []
    foresight: list[tuple[whatif.Foresight, whatif.Foresight]] = []
    if other is not None:
        judge = site.bench.judge()
        found = trial.tried(session, judge.grading, other, judge.in_base, now)
        moves = [(found.names[one.customer_id], one, _why(one)) for one in found.moves]
        foresight = list(zip(found.before, found.after, strict=True))
    return page(
        request,
        "grades.html",
        status=422 if problem else 200,
        changes=judging.changes(session, since=now - timedelta(days=_DAYS), limit=100),
        automatic=automatic,
        wrong=wrong,
        rules=rules,
        problem=problem,
        tried=other is not None,
        moves=moves[:_MOST_MOVES],
        moving=len(moves),
        foresight=foresight,
        grades=words.choices(words.GRADES),
    )


def _why(move: whatif.Move) -> str:
    return "; ".join(in_words(kept) for kept in telling(reasons_json(move.judged), move.now, move.then))


def _file(site: Site) -> str:
    return shipped.find(site.settings.home, "config", "grading.toml").read_text(encoding="utf-8")


def _end_of(day: str, site: Site) -> datetime | None:
    if not day.strip():
        return None
    return by_hand.end_of(date.fromisoformat(day.strip()), site.zone)
