"""Newsletter series: each drafts its next issue when its day has come, and puts it up for review. Nothing is ever sent here."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from inboxcrm.errors import InboxcrmError
from inboxcrm.i18n import _
from inboxcrm.model import Account, Issue, IssueState, Newsletter
from inboxcrm.newsletter import issues, series_texts, starting
from inboxcrm.newsletter.audience import Audience
from inboxcrm.newsletter.composing import house_of
from inboxcrm.newsletter.issues import IssueError
from inboxcrm.newsletter.press import Press
from inboxcrm.newsletter.series_texts import Occasions, SeriesTextError
from inboxcrm.newsletter.states import EDITABLE

_AT = time(8)
"""On the salesperson's clock: before the day's work, so that the issue waits on his desk."""
_FIELDS = frozenset(
    "name account_id template languages every_months day layout fallback_language audience active".split()
)
_ABOUT_A_MONTH = timedelta(days=31)


class SeriesError(InboxcrmError):
    """A series can't be so, or can't draft its issue; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Drafted:
    """What became of a series whose day had come: the issue in REVIEW, or None and why there is none, in words."""

    newsletter_id: int
    name: str
    issue_id: int | None
    why_not: str = ""


def get(session: Session, newsletter_id: int) -> Newsletter:
    """The series. Raises SeriesError."""
    found = session.get(Newsletter, newsletter_id)
    if found is None:
        raise SeriesError(_("There is no newsletter with the number {id}.").format(id=newsletter_id))
    return found


def create(
    session: Session,
    press: Press,
    *,
    name: str,
    account_id: int,
    template: str,
    languages: Sequence[str],
    now: datetime,
    by: str,
    every_months: int = 1,
    day: int = 1,
    layout: str = "products",
    fallback_language: str = "en",
    audience: Audience | None = None,
) -> Newsletter:
    """A new series; its first issue is drafted on the next `day` of a month. Raises SeriesError, AudienceError."""
    values: dict[str, Any] = {
        "name": name,
        "account_id": account_id,
        "template": template,
        "languages": languages,
        "every_months": every_months,
        "day": day,
        "layout": layout,
        "fallback_language": fallback_language,
        "audience": audience or issues.usual_audience(press),
    }
    made = Newsletter(created_at=now, created_by=by, **_checked(session, press, None, values))
    made.next_at = next_day(now, made.day, 0, press.zone)
    session.add(made)
    session.flush()
    return made


def edit(session: Session, press: Press, newsletter_id: int, now: datetime, **changes: Any) -> Newsletter:
    """Changes any field of `create`, or `active`; with its day or interval the day of its next issue moves. Raises SeriesError."""
    found = get(session, newsletter_id)
    before = (found.day, found.every_months, found.active)
    for field, value in _checked(session, press, found, changes).items():
        setattr(found, field, value)
    if (found.day, found.every_months, found.active) != before:
        found.next_at = next_day(now, found.day, 0, press.zone) if found.active else None
    session.flush()
    return found


def remove(session: Session, newsletter_id: int) -> None:
    """Ends a series; its issues stay. Raises SeriesError."""
    session.delete(get(session, newsletter_id))
    session.flush()


def draft_next(session: Session, press: Press, newsletter_id: int, now: datetime, *, by: str = "") -> Drafted:
    """Drafts the next issue now, whatever its day, and puts it in REVIEW. `by`: who asked; "" for the service.

    1. One issue at a time: while one of the series waits for a person, there is no other.
    2. What is new since the last one, what fairs and holidays come.
    3. Each language whose template is there gets its text; the template says when there is nothing to tell.
    Raises SeriesError for a series whose template, list or account can't be used.
    """
    series = get(session, newsletter_id)
    waiting = session.scalars(
        select(Issue).where(Issue.newsletter_id == series.id, Issue.state.in_(EDITABLE)).limit(1)
    ).first()
    if waiting is not None:
        return Drafted(series.id, series.name, None, _("“{name}” still waits for you.").format(name=waiting.name))
    today = now.astimezone(press.zone).date()
    try:
        occasions = _occasions(session, press, series, now)
        texts = _texts(session, press, series, occasions, now)
    except IssueError as error:
        raise SeriesError(str(error)) from error
    if not texts:
        why = _("There is nothing to tell: no new product, fair or holiday.")
        return Drafted(series.id, series.name, None, why)
    issue = issues.create(
        session,
        press,
        name=f"{series.name} {today.isoformat()}",
        account_id=series.account_id,
        now=now,
        by=by,
        layout=series.layout,
        audience=Audience.unpacked(series.audience),
        fallback_language=series.fallback_language if series.fallback_language in texts else "",
        newsletter_id=series.id,
    )
    issue.variables = {"products": [one.as_json() for one in occasions.products]}
    for language, (subjects, body) in texts.items():
        issues.write_text(session, issue.id, language, subjects=subjects, body=body)
    issues.submit(session, issue.id)
    return Drafted(series.id, series.name, issue.id)


def series_due(session: Session, press: Press, now: datetime) -> list[Drafted]:
    """Drafts an issue for each active series whose `next_at` has come, and moves that on. A series that can't says why, and has its
    next try on its next day; the others go on.
    """
    found = []
    due = session.execute(
        select(Newsletter.id, Newsletter.name, Newsletter.next_at, Newsletter.day, Newsletter.every_months)
        .where(Newsletter.active, Newsletter.next_at <= now)
        .order_by(Newsletter.next_at, Newsletter.id)
    ).all()
    for row in due:
        following = next_day(max(now, row.next_at), row.day, row.every_months, press.zone)
        taken = session.execute(
            update(Newsletter)
            .where(Newsletter.id == row.id, Newsletter.next_at == row.next_at)
            .values(next_at=following)
        )
        if taken.rowcount != 1:  # type: ignore[attr-defined]  # an UPDATE has one
            continue
        try:
            with session.begin_nested():
                found.append(draft_next(session, press, row.id, now))
        except InboxcrmError as error:
            found.append(Drafted(row.id, row.name, None, str(error)))
    return found


def next_day(after: datetime, day: int, months: int, zone: ZoneInfo) -> datetime:
    """The next `day` of a month after an instant, in the morning of `zone`, at least `months` months after that instant's month."""
    local = after.astimezone(zone)
    while True:
        year, month = divmod(local.year * 12 + local.month - 1 + months, 12)
        found = datetime.combine(local.date().replace(year=year, month=month + 1, day=day), _AT, zone)
        if found > after:
            return found
        months += 1


# --- inside -----------------------------------------------------------------------------------------------------------


def _occasions(session: Session, press: Press, series: Newsletter, now: datetime) -> Occasions:
    last = session.scalar(
        select(func.max(Issue.created_at)).where(Issue.newsletter_id == series.id, Issue.state != IssueState.CANCELLED)
    )
    since = last or now - _ABOUT_A_MONTH * series.every_months
    return starting.occasions(press, since.astimezone(press.zone).date(), now.astimezone(press.zone).date())


def _texts(
    session: Session, press: Press, series: Newsletter, occasions: Occasions, now: datetime
) -> dict[str, tuple[list[str], str]]:
    home = press.settings.home
    account = press.account(session.get_one(Account, series.account_id).address)
    company = house_of(press.settings, account).company
    today = now.astimezone(press.zone).date()
    there = series_texts.languages(home, series.template)
    texts = {}
    for language in series.languages:
        if language not in there:
            continue
        text = series_texts.load(home, series.template, language)
        if occasions.has(text.needs):
            texts[language] = series_texts.fill(text, occasions, language, company, today)
    if not there:
        raise SeriesTextError(_("There is no template {name!r} any more.").format(name=series.template))
    return texts


def _checked(session: Session, press: Press, series: Newsletter | None, values: dict[str, Any]) -> dict[str, Any]:
    if unknown := sorted(set(values) - _FIELDS):
        raise SeriesError(_("A newsletter has no field {field!r} that can be changed.").format(field=unknown[0]))
    return {field: _value(session, press, series, field, value) for field, value in values.items()}


def _value(session: Session, press: Press, series: Newsletter | None, field: str, value: Any) -> Any:
    match field:
        case "name":
            name = " ".join(str(value).split())[:200]
            there = session.scalar(select(Newsletter.id).where(Newsletter.name == name))
            if not name or (there is not None and (series is None or there != series.id)):
                raise SeriesError(_("A newsletter needs a name of its own."))
            return name
        case "template":
            known = series_texts.templates(press.settings.home)
            if value not in known:
                message = _("There is no template {name!r}; there are: {known}.")
                raise SeriesError(message.format(name=value, known=", ".join(known)))
            return value
        case "languages":
            codes = list(dict.fromkeys(value))
            if not codes or not all(re.fullmatch("[a-z]{2,3}", one) for one in codes):
                raise SeriesError(_("languages: one or more codes like “en”."))
            return codes
        case "every_months" | "day":
            most = 24 if field == "every_months" else 28
            if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= most:
                raise SeriesError(_("{field}: a whole number from 1 to {most}.").format(field=field, most=most))
            return value
        case "active":
            return bool(value)
        case _:
            try:
                return issues.checked(session, press, field, value)
            except IssueError as error:
                raise SeriesError(str(error)) from error
