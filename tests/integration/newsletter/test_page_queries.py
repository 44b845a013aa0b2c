"""What the pages of newsletters ask the database for, on either database."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from inboxcrm.customers.suppression import lift, suppress
from inboxcrm.matching.own import OwnAddresses
from inboxcrm.model import Issue, IssueState, Newsletter, Recipient, RecipientState, SuppressionReason
from inboxcrm.newsletter import candidates
from inboxcrm.newsletter.audience import Audience
from inboxcrm.newsletter.candidates import Selection
from inboxcrm.newsletter.mailing import progress
from inboxcrm.newsletter.reasons import Why
from inboxcrm.web.navigation import WaitingCounts, counts
from inboxcrm.web.queries import newsletters as newsletter_queries
from inboxcrm.web.queries import suppressions as suppression_queries
from inboxcrm.web.queries.mailing import KINDS, counted, recipients, unknown, variants
from inboxcrm.web.queries.series import all_series
from tests.newsletters import NOW, account_in, customer_in, issue_of

_STATES = (
    RecipientState.SENT,
    RecipientState.SENT,
    RecipientState.QUEUED,
    RecipientState.SENDING,
    RecipientState.REFUSED,
    RecipientState.UNKNOWN,
    RecipientState.DROPPED,
)


@pytest.fixture
def issue(session: Session) -> Issue:
    """On its way, with a recipient in nearly every state."""
    made = issue_of(
        id=None, account_id=account_in(session).id, state=IssueState.SENDING, started_at=NOW, created_at=NOW,
        subjects=("One", "Two"), test_share=20,
    )  # fmt: skip
    session.add(made)
    session.flush()
    for number, state in enumerate(_STATES):
        contact = customer_in(session, f"Firm {number}", f"Buyer{number}@firm{number}.example", person=f"Jane_{number}")
        gone = state not in (RecipientState.QUEUED, RecipientState.DROPPED)
        session.add(
            Recipient(
                issue_id=made.id, contact_id=contact.id, customer_id=contact.customer_id, name=contact.name,
                address=contact.addresses[0].address, written=contact.addresses[0].written, language="en",
                message_id=f"{number}.issue@brightvalve.example", state=state, due_at=NOW + timedelta(minutes=number),
                sending_at=NOW + timedelta(minutes=number) if gone else None,
            )
        )  # fmt: skip
    session.flush()
    return made


def test_every_recipient_is_found_under_its_kind_as_often_as_the_tabs_say(session: Session, issue: Issue) -> None:
    told = counted(progress(session, issue.id))
    assert {kind: len(recipients(session, issue.id, kind=kind)) for kind in KINDS} == told
    assert told["sent"] == told["queued"] == 2
    assert Counter(one.row.state for one in recipients(session, issue.id)) == Counter(_STATES)


def test_the_last_that_went_stands_first_and_pages_follow_each_other(session: Session, issue: Issue) -> None:
    sent = recipients(session, issue.id, kind="sent")
    assert [one.row.written for one in sent] == ["Buyer1@firm1.example", "Buyer0@firm0.example"]
    pages = [recipients(session, issue.id, limit=3, offset=offset) for offset in (0, 3, 6)]
    assert [one.row.id for some in pages for one in some] == [one.row.id for one in recipients(session, issue.id)]


@pytest.mark.parametrize(
    ("text", "found"), [("BUYER3", 1), ("jane_", 7), ("firm 2", 1), ("%", 0), ("nobody", 0), ("  ", 7)]
)
def test_recipients_are_found_by_address_person_or_company(
    session: Session, issue: Issue, text: str, found: int
) -> None:
    assert len(recipients(session, issue.id, text=text)) == found


def test_what_nobody_knows_counts_among_what_waits_for_a_person(session: Session, issue: Issue) -> None:
    assert [one.customer for one in unknown(session, issue.id)] == ["Firm 5"]
    assert counts(session, WaitingCounts(), NOW).issues == 1
    unknown(session, issue.id)[0].row.state = RecipientState.SENT
    assert counts(session, WaitingCounts(), NOW).issues == 0
    issue.state = IssueState.PAUSED
    assert counts(session, WaitingCounts(), NOW).issues == 1
    issue.resume_at = NOW + timedelta(hours=1)  # it goes on by itself
    assert counts(session, WaitingCounts(), NOW).issues == 0


def test_subjects_that_are_tried_are_told_with_what_became_of_them(session: Session, issue: Issue) -> None:
    assert [(one.number, one.subjects, one.tried) for one in variants(issue, [])] == [
        (0, ["One"], None),
        (1, ["Two"], None),
    ]
    issue.test_share = 0
    assert variants(issue, []) == []


def test_series_tell_their_last_issue_and_whether_one_waits(session: Session, issue: Issue) -> None:
    series = Newsletter(
        name="Monthly", account_id=issue.account_id, template="news", layout="letter", languages=["en"],
        fallback_language="en", audience=Audience().packed(), created_at=NOW,
    )  # fmt: skip
    session.add(series)
    session.flush()
    (one,) = all_series(session)
    assert (one.issues, one.last, one.waits) == (0, None, None)
    issue.newsletter_id = series.id
    (one,) = all_series(session)
    assert (one.issues, one.last, one.waits) == (1, issue, None)
    issue.state = IssueState.REVIEW
    assert all_series(session)[0].waits is issue


def test_suppressions_stand_with_their_proof_and_whose_they_are(session: Session, issue: Issue) -> None:
    contact = customer_in(session, "Nordlicht", "anna@nordlicht.example")
    proof = {"request": "one-click", "client": "203.0.113.9", "issue_id": issue.id, "recipient_id": 1}
    left = suppress(session, "anna@nordlicht.example", reason=SuppressionReason.LEFT, now=NOW, proof=proof)
    bounced = suppress(
        session, "gone@firm.example", reason=SuppressionReason.HARD_BOUNCE, now=NOW + timedelta(days=1),
        proof={"status": "5.1.1", "evidence": "User unknown", "mail": 4711, "message_id": "b@x.example", "issue_id": 815},
    )  # fmt: skip
    found = suppression_queries.suppressions(session)
    assert [one.row.id for one in found] == [bounced.id, left.id]
    assert [one.text for one in found[0].proof] == [
        "“5.1.1 User unknown”",
        "mail b@x.example",
        "newsletter 815, deleted since",
    ]
    assert [(one.text, one.link) for one in found[1].proof] == [
        ("by one click in the mail program, from 203.0.113.9", ""),
        ("newsletter “Summer”", f"/newsletters/{issue.id}"),
    ]
    assert found[1].customers == [(contact.customer_id, "Nordlicht")]
    assert suppression_queries.counts(session) == {SuppressionReason.LEFT: 1, SuppressionReason.HARD_BOUNCE: 1}
    lift(session, bounced.id, now=NOW + timedelta(days=2), by="lina")
    assert [one.row.id for one in suppression_queries.suppressions(session)] == [left.id]
    assert [one.row.id for one in suppression_queries.suppressions(session, lifted=True)] == [bounced.id]
    assert suppression_queries.suppressions(session, text="NORDlicht")[0].row.id == left.id
    assert suppression_queries.suppressions(session, reason=SuppressionReason.COMPLAINT) == []


def test_the_numbers_are_those_of_all_whoever_is_named(session: Session) -> None:
    people = [customer_in(session, name, f"a@{name}.example") for name in ("first", "second", "third")]
    shared = customer_in(session, "fourth", "a@first.example")
    selection = Selection(Audience(), ("en",), "en", OwnAddresses.of([]))
    seen = candidates.seen(session, selection, NOW, chosen=True, after=people[0].id, limit=1)
    assert (seen.numbers.chosen, seen.numbers.out, seen.more) == (3, 1, True)
    assert [one.contact_id for one in seen.contacts] == [people[1].id]
    seen = candidates.seen(session, selection, NOW, chosen=False, why=Why.TWICE, after=people[2].id)
    assert [one.contact_id for one in seen.contacts] == [shared.id], "whom he shares the address with stands before"


def test_what_an_audience_can_be_chosen_by_is_counted_in_customers(session: Session) -> None:
    customer_in(
        session, "First", "a@first.example", tags=["hotel", " fair ", "hotel"], products=["lamps"], source="web"
    )
    customer_in(session, "Second", "a@second.example", tags=["fair"], products=["lamps", "кабель"], source=" web ")
    customer_in(session, "Third", tags=["", "fair"], country="DE", language="de")
    found = newsletter_queries.filters(session)
    assert list(found.tags) == [("fair", 3), ("hotel", 1)]
    assert list(found.products) == [("lamps", 2), ("кабель", 1)]
    assert (list(found.sources), list(found.countries)) == ([("web", 2)], [("DE", 1)])
    assert found.languages[0] == ("de", 1)
