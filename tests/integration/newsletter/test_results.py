"""What became of issues, on either database: what counts as a result, for whom, and for how long."""

from __future__ import annotations

import re
from collections import Counter
from datetime import datetime, timedelta
from xml.etree import ElementTree as Xml

import pytest
from sqlalchemy.orm import Session

from inboxcrm.engagement.signals import Kind
from inboxcrm.model import (
    ChangedBy,
    Channel,
    Click,
    Contact,
    Direction,
    Grade,
    GradeChange,
    Issue,
    IssueState,
    LogEntry,
    MatchedBy,
    Newsletter,
    Recipient,
    RecipientState,
    Signal,
    SignalState,
)
from inboxcrm.newsletter import charts
from inboxcrm.newsletter.audience import Audience
from inboxcrm.newsletter.issues import IssueError
from inboxcrm.newsletter.results import AFTERWARDS, over_time, results
from tests.newsletters import NOW, account_in, customer_in, issue_of

LATER = NOW + timedelta(days=40)
_DAY = timedelta(days=1)


def _issue(session: Session, *, at: datetime = NOW, state: IssueState = IssueState.DONE, **fields: object) -> Issue:
    account = account_in(session) if "account_id" not in fields else None
    values = {"account_id": account.id if account else 0, **fields}
    issue = issue_of(id=None, state=state, started_at=at, created_at=at, **values)
    session.add(issue)
    session.flush()
    return issue


def _recipient(session: Session, issue: Issue, contact: Contact, *, at: datetime = NOW, **fields: object) -> Recipient:
    address = contact.addresses[0].address
    values = {
        "contact_id": contact.id,
        "customer_id": contact.customer_id,
        "address": address,
        "written": address,
        "language": "en",
        "message_id": f"{issue.id}.{address}",
        "state": RecipientState.SENT,
        "due_at": at,
        "sent_at": at,
    }
    row = Recipient(issue_id=issue.id, **{**values, **fields})
    session.add(row)
    session.flush()
    return row


def _signal(
    session: Session, contact: Contact, kind: Kind, at: datetime, state: SignalState = SignalState.COUNTED
) -> None:
    entry = LogEntry(
        customer_id=contact.customer_id, contact_id=contact.id, at=at, channel=Channel.CALL, direction=Direction.IN,
        subject="", content="Please quote.", matched_by=MatchedBy.PERSON, confidence=1.0, match_facts={}, warnings=[],
        created_at=at,
    )  # fmt: skip
    session.add(entry)
    session.flush()
    session.add(
        Signal(
            entry_id=entry.id, customer_id=contact.customer_id, kind=kind.value, at=at, state=state,
            evidence="Please quote.", place="content", start=0, confidence=0.9, rule="x", details={},
        )
    )  # fmt: skip
    session.flush()


def _move(session: Session, contact: Contact, at: datetime, **fields: object) -> None:
    values = {"from_grade": Grade.C, "to_grade": Grade.B, "changed_by": ChangedBy.RULES}
    session.add(GradeChange(customer_id=contact.customer_id, at=at, dimensions={}, reasons=[], **{**values, **fields}))
    session.flush()


def test_what_came_back_is_sent_but_not_delivered(session: Session) -> None:
    issue = _issue(session)
    people = [customer_in(session, f"C{number}", f"a{number}@c{number}.example") for number in range(6)]
    _recipient(session, issue, people[0], answered_at=NOW + _DAY)
    _recipient(session, issue, people[1], bounced="hard", bounced_at=NOW)
    _recipient(session, issue, people[2], bounced="soft", bounced_at=NOW)
    _recipient(session, issue, people[3], left_at=NOW + _DAY)
    _recipient(session, issue, people[4], state=RecipientState.REFUSED, sent_at=None, error="550 no")
    _recipient(session, issue, people[5], state=RecipientState.UNKNOWN, sent_at=None)
    found = results(session, issue.id, LATER)
    assert (found.sent, found.delivered, found.progress.failed) == (4, 2, 1)
    assert (found.progress.answered, found.progress.left, found.progress.hard, found.progress.soft) == (1, 1, 1, 1)
    told = found.as_json()
    assert (told["delivered"], told["clicks"], told["settled"]) == (2, None, True)


def test_interest_counts_from_the_mail_on_for_thirty_days(session: Session) -> None:
    issue = _issue(session)
    inside, before, after, last = (customer_in(session, name, f"x@{name}.example") for name in ("in", "be", "af", "la"))
    for one in (inside, before, after):
        _recipient(session, issue, one)
    _recipient(session, issue, last, at=NOW + 5 * _DAY)
    _signal(session, inside, Kind.INQUIRY, NOW + 29 * _DAY)
    _signal(session, before, Kind.INQUIRY, NOW - _DAY)
    _signal(session, after, Kind.INQUIRY, NOW + 31 * _DAY)
    _signal(session, last, Kind.SAMPLE_REQUEST, NOW + 33 * _DAY)
    found = results(session, issue.id, LATER)
    assert found.signals == Counter({Kind.INQUIRY: 1, Kind.SAMPLE_REQUEST: 1})
    assert found.interested == 2


def test_a_customer_counts_once_for_each_kind_however_many_of_its_people_got_the_mail(session: Session) -> None:
    issue = _issue(session)
    buyer = customer_in(session, "Nordlicht", "anna@nordlicht.example")
    _recipient(session, issue, buyer)
    _recipient(session, issue, buyer, at=NOW + _DAY, address="b@nordlicht.example", message_id="second")
    for days in (2, 3):
        _signal(session, buyer, Kind.INQUIRY, NOW + days * _DAY)
    _signal(session, buyer, Kind.ORDER, NOW + 4 * _DAY)
    found = results(session, issue.id, LATER)
    assert found.signals == Counter({Kind.INQUIRY: 1, Kind.ORDER: 1})
    assert found.interested == 1


def test_what_is_only_suggested_or_called_wrong_is_no_result(session: Session) -> None:
    issue = _issue(session)
    buyer = customer_in(session, "Nordlicht", "anna@nordlicht.example")
    _recipient(session, issue, buyer)
    _signal(session, buyer, Kind.INQUIRY, NOW + _DAY, SignalState.SUGGESTED)
    _signal(session, buyer, Kind.ORDER, NOW + _DAY, SignalState.REJECTED)
    _signal(session, buyer, Kind.COMPLAINT, NOW + _DAY)
    assert results(session, issue.id, LATER).interested == 0


def test_customers_who_did_not_get_it_are_no_result(session: Session) -> None:
    issue = _issue(session)
    got, dropped, stranger = (customer_in(session, name, f"x@{name}.example") for name in ("got", "dropped", "other"))
    _recipient(session, issue, got)
    _recipient(session, issue, dropped, state=RecipientState.DROPPED, sent_at=None)
    for one in (dropped, stranger):
        _signal(session, one, Kind.INQUIRY, NOW + _DAY)
        _move(session, one, NOW + _DAY)
    found = results(session, issue.id, LATER)
    assert (found.interested, found.moves) == (0, Counter())


def test_grade_changes_count_when_rules_made_them_and_nobody_called_them_wrong(session: Session) -> None:
    issue = _issue(session)
    people = [customer_in(session, f"C{number}", f"a{number}@c{number}.example") for number in range(4)]
    for one in people:
        _recipient(session, issue, one)
    _move(session, people[0], NOW + _DAY)
    _move(session, people[1], NOW + _DAY, changed_by=ChangedBy.PIN)
    _move(session, people[2], NOW + _DAY, wrong_at=NOW + 2 * _DAY)
    _move(session, people[3], NOW + _DAY, to_grade=Grade.WATCH)
    assert results(session, issue.id, LATER).moves == Counter({(Grade.C, Grade.B): 1, (Grade.C, Grade.WATCH): 1})


def test_clicks_are_told_only_of_issues_that_count_them(session: Session) -> None:
    silent = _issue(session)
    counting = _issue(session, account_id=silent.account_id, count_clicks=True)
    buyer = customer_in(session, "Nordlicht", "anna@nordlicht.example")
    for issue in (silent, counting):
        row = _recipient(session, issue, buyer)
        session.add_all(
            Click(recipient_id=row.id, url=url, at=NOW) for url in ("https://a.example", "https://a.example")
        )
    session.flush()
    assert results(session, silent.id, LATER).as_json()["clicks"] is None
    told = results(session, counting.id, LATER)
    assert (told.clicks, told.clickers, told.links) == (2, 1, (("https://a.example", 1),))


@pytest.mark.parametrize(
    ("state", "days", "settled"),
    [(IssueState.DONE, 30, True), (IssueState.DONE, 29, False), (IssueState.SENDING, 60, False)],
)
def test_results_are_settled_thirty_days_after_the_last_mail_of_an_ended_issue(
    session: Session, state: IssueState, days: int, settled: bool
) -> None:
    issue = _issue(session, state=state)
    _recipient(session, issue, customer_in(session, "Nordlicht", "anna@nordlicht.example"))
    assert results(session, issue.id, NOW + days * _DAY).settled is settled
    assert AFTERWARDS == 30 * _DAY


def test_an_issue_that_has_not_begun_has_no_results_and_an_unknown_one_is_an_error(session: Session) -> None:
    issue = _issue(session, state=IssueState.APPROVED)
    issue.started_at = None
    found = results(session, issue.id, NOW)
    assert (found.sent, found.interested, found.settled, found.as_json()["started_at"]) == (0, 0, False, None)
    with pytest.raises(IssueError, match="4711"):
        results(session, 4711, NOW)


def test_over_time_the_oldest_comes_first_and_a_series_stands_by_itself(session: Session) -> None:
    first = _issue(session, at=NOW - 60 * _DAY)
    series = Newsletter(
        name="Monthly", account_id=first.account_id, template="news", layout="letter", languages=["en"],
        fallback_language="en", audience=Audience().packed(), created_at=NOW,
    )  # fmt: skip
    session.add(series)
    session.flush()
    second = _issue(session, at=NOW - 30 * _DAY, account_id=first.account_id, newsletter_id=series.id)
    third = _issue(session, at=NOW, account_id=first.account_id)
    waiting = _issue(session, account_id=first.account_id, state=IssueState.REVIEW)
    waiting.started_at = None
    session.flush()
    assert [one.issue_id for one in over_time(session, LATER)] == [first.id, second.id, third.id]
    assert [one.issue_id for one in over_time(session, LATER, limit=2)] == [second.id, third.id]
    assert [one.issue_id for one in over_time(session, LATER, newsletter_id=series.id)] == [second.id]


def test_the_chart_is_a_picture_that_can_do_nothing(session: Session) -> None:
    issue = _issue(session, name="<script>alert(1)</script>", count_clicks=True)
    _recipient(session, issue, customer_in(session, "Nordlicht", "anna@nordlicht.example"), answered_at=NOW)
    for some in ([], over_time(session, LATER)):
        svg = charts.over_time(some)
        root = Xml.fromstring(svg)  # noqa: S314  made here
        assert root.tag == "{http://www.w3.org/2000/svg}svg"
        assert not any(one.tag.endswith("}script") for one in root.iter())
        assert "http" not in re.sub(r"<!--.*?-->", "", svg).replace("http://www.w3.org", "")
        assert charts.as_picture(svg).startswith("data:image/svg+xml;base64,")
