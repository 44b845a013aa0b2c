"""Series draft by themselves, put up for review, and never more than one issue at a time."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from inboxcrm.followup.variables import LANGUAGES
from inboxcrm.model import Issue, IssueState, Newsletter, Recipient
from inboxcrm.newsletter import series
from inboxcrm.newsletter.composing import Composer
from inboxcrm.newsletter.press import Press
from inboxcrm.newsletter.series import SeriesError, next_day, series_due
from inboxcrm.settings import Product, TradeFair
from tests.newsletters import LINA, NOW, account_in, press_in

SHANGHAI = ZoneInfo("Asia/Shanghai")
FIRST = datetime(2026, 7, 1, tzinfo=UTC)
"""8:00 in Shanghai on 1 July."""


@pytest.fixture
def press(tmp_path: Path) -> Press:
    """With a new product and a fair."""
    return press_in(
        tmp_path / "home",
        products=(Product(name="Valve {{ x }} *new*", new_since=date(2026, 6, 20), picture="valve.png"),),
        fairs=(TradeFair(name="Canton Fair", starts=date(2026, 10, 15), ends=date(2026, 10, 19)),),
    )


def _series(session: Session, press: Press, **fields: object) -> Newsletter:
    values: dict[str, object] = {"name": "C-level", "template": "news", "languages": list(LANGUAGES), **fields}
    account = account_in(session).id
    return series.create(session, press, account_id=account, now=NOW, by="lina", **values)  # type: ignore[arg-type]


def test_on_its_day_an_issue_waits_for_review_in_all_its_languages(session: Session, press: Press) -> None:
    made = _series(session, press)
    assert made.next_at == FIRST
    assert series_due(session, press, FIRST - timedelta(minutes=1)) == []
    (drafted,) = series_due(session, press, FIRST)
    issue = session.get_one(Issue, drafted.issue_id)
    assert (issue.state, issue.newsletter_id, {one.language for one in issue.texts}) == (
        IssueState.REVIEW,
        made.id,
        set(LANGUAGES),
    )
    assert set(Composer(issue, LINA, press).editions) == set(LANGUAGES)
    assert session.scalars(select(Recipient)).all() == []
    session.refresh(made)
    assert made.next_at == datetime(2026, 8, 1, tzinfo=UTC)
    assert series_due(session, press, FIRST) == []


def test_while_an_issue_waits_for_a_person_there_is_no_other(session: Session, press: Press) -> None:
    made = _series(session, press)
    assert series.draft_next(session, press, made.id, FIRST).issue_id is not None
    again = series.draft_next(session, press, made.id, FIRST)
    assert (again.issue_id, bool(again.why_not)) == (None, True)


def test_without_anything_to_tell_there_is_no_issue(session: Session, tmp_path: Path) -> None:
    press = press_in(tmp_path / "home")
    made = _series(session, press, template="new_products")
    (drafted,) = series_due(session, press, FIRST)
    assert (drafted.newsletter_id, drafted.issue_id, bool(drafted.why_not)) == (made.id, None, True)


def test_a_list_with_a_mistake_is_told_and_the_other_series_go_on(session: Session, press: Press) -> None:
    (press.settings.home / "newsletter" / "products.csv").write_text("name,new_since\nValve,soon\n", encoding="utf-8")
    _series(session, press)
    (drafted,) = series_due(session, press, FIRST)
    assert drafted.issue_id is None
    assert "line 2" in drafted.why_not


@pytest.mark.parametrize(
    "changes", [{"day": 29}, {"every_months": 0}, {"template": "none"}, {"languages": []}, {"x": 1}]
)
def test_what_a_series_cant_be_is_refused(session: Session, press: Press, changes: dict[str, object]) -> None:
    made = _series(session, press)
    with pytest.raises(SeriesError):
        series.edit(session, press, made.id, NOW, **changes)


@pytest.mark.parametrize(
    ("after", "day", "months", "expected"),
    [
        (NOW, 1, 0, datetime(2026, 7, 1, tzinfo=UTC)),
        (NOW, 15, 0, datetime(2026, 6, 15, tzinfo=UTC)),
        (FIRST, 1, 3, datetime(2026, 10, 1, tzinfo=UTC)),
        (datetime(2026, 12, 31, 23, tzinfo=UTC), 28, 1, datetime(2027, 2, 28, tzinfo=UTC)),
    ],
)
def test_the_next_day_is_counted_in_months_of_the_person(
    after: datetime, day: int, months: int, expected: datetime
) -> None:
    assert next_day(after, day, months, SHANGHAI) == expected
