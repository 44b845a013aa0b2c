"""An approved issue that gets another time, on either database: it goes then, neither before nor later."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from inboxcrm.model import Issue, IssueState, Recipient
from inboxcrm.newsletter import issues, mailing, outbox
from inboxcrm.newsletter.approving import approve
from inboxcrm.newsletter.issues import IssueError
from tests.newsletters import BODY, NOW, account_in, customer_in, press_in

_DAY = timedelta(days=1)


def _approved(session: Session, tmp_path: Path, *, subjects: tuple[str, ...] = ("News",), test_share: int = 0) -> Issue:
    """For tomorrow, to six customers."""
    press = press_in(tmp_path / "home")
    issue = issues.create(session, press, name="Summer", account_id=account_in(session).id, now=NOW, by="lina")
    issues.write_text(session, issue.id, "en", subjects=subjects, body=BODY.replace("{{ products }}\n\n", ""))
    issues.edit(session, press, issue.id, test_share=test_share, test_hours=24)
    for number in range(6):
        customer_in(session, f"C{number}", f"a{number}@c{number}.example", language="en", country="DE")
    issues.submit(session, issue.id)
    approve(session, press, issue.id, NOW, by="lina", send_at=NOW + _DAY)
    return issue


def _due(session: Session, issue: Issue) -> set[datetime]:
    """When their turns are, at the earliest."""
    asked = select(Recipient).where(Recipient.issue_id == issue.id)
    return {row.due_at for row in session.scalars(asked, execution_options={"populate_existing": True})}


@pytest.mark.parametrize("days", [3, 0.5])
def test_it_goes_at_the_new_time_be_that_later_or_earlier(session: Session, tmp_path: Path, days: float) -> None:
    issue = _approved(session, tmp_path)
    at = NOW + days * _DAY
    assert mailing.schedule(session, issue.id, at).send_at == at
    assert _due(session, issue) == {at}
    assert mailing.begin_due(session, issue.account_id, at - timedelta(seconds=1)) == []
    assert mailing.begin_due(session, issue.account_id, at) == [issue.id]


def test_who_waits_for_the_test_of_subjects_goes_on_waiting(session: Session, tmp_path: Path) -> None:
    issue = _approved(session, tmp_path, subjects=("One", "Two"), test_share=30)
    at = NOW + 5 * _DAY
    mailing.schedule(session, issue.id, at)
    mailing.begin_due(session, issue.account_id, at)
    turns = outbox.due(session, issue, at, 100)
    assert {session.get_one(Recipient, one.id).in_test for one in turns} == {True}
    assert len(turns) < 6


def test_an_issue_that_has_begun_has_its_time(session: Session, tmp_path: Path) -> None:
    issue = _approved(session, tmp_path)
    mailing.begin_due(session, issue.account_id, NOW + _DAY)
    assert issue.state is IssueState.SENDING
    with pytest.raises(IssueError):
        mailing.schedule(session, issue.id, NOW + 2 * _DAY)
