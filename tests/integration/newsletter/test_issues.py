"""Issues from the first word to approval, on either database: who gets them, what is refused, what an approval writes."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from inboxcrm.customers.suppression import suppress
from inboxcrm.journal import unjudged
from inboxcrm.model import (
    Channel,
    Direction,
    Grade,
    Issue,
    IssueState,
    LogEntry,
    MatchedBy,
    Recipient,
    RecipientState,
    SuppressionKind,
    SuppressionReason,
)
from inboxcrm.newsletter import issues, mailing, outbox, previews
from inboxcrm.newsletter.addressees import addressees
from inboxcrm.newsletter.approving import NotReadyError, approve
from inboxcrm.newsletter.candidates import Selection, choose, one_contact, seen, still_in
from inboxcrm.newsletter.checks import check
from inboxcrm.newsletter.composing import Composer
from inboxcrm.newsletter.issues import IssueError
from inboxcrm.newsletter.press import Press
from inboxcrm.newsletter.reasons import Why
from tests.newsletters import BODY, LINA, NOW, account_in, customer_in


def _issue(session: Session, press: Press, *languages: str, subjects: tuple[str, ...] = ("Three new valves",)) -> Issue:
    issue = issues.create(session, press, name="Summer", account_id=account_in(session).id, now=NOW, by="lina")
    for language in languages or ("en",):
        issues.write_text(session, issue.id, language, subjects=subjects, body=BODY)
    return issue


def _approved(session: Session, press: Press, issue: Issue) -> list[Recipient]:
    issues.submit(session, issue.id)
    approve(session, press, issue.id, NOW, by="lina")
    return list(session.scalars(select(Recipient).order_by(Recipient.id)))


def _said(session: Session, customer_id: int, direction: Direction, days: int) -> None:
    session.add(
        LogEntry(
            customer_id=customer_id,
            at=NOW - timedelta(days=days),
            channel=Channel.MAIL,
            direction=direction,
            matched_by=MatchedBy.ADDRESS,
            confidence=1.0,
            match_facts={},
            warnings=[],
            created_at=NOW,
        )
    )
    session.flush()


def test_the_page_knows_who_is_in_and_why_the_others_are_not(session: Session, press: Press) -> None:
    customer_in(session, "Andina", "carlos@andina.mx")
    customer_in(session, "Nordlicht", "anna@nordlicht.de", grade=Grade.A)
    written = customer_in(session, "Written", "w@written.example")
    waiting = customer_in(session, "Waiting", "w@waiting.example")
    customer_in(session, "Left", "x@left.example")
    customer_in(session, "Nobody")
    _said(session, written.customer_id, Direction.OUT, 3)
    _said(session, waiting.customer_id, Direction.IN, 3)
    suppress(session, "left.example", kind=SuppressionKind.DOMAIN, reason=SuppressionReason.ASKED, now=NOW)
    selection = Selection.of(_issue(session, press), press.own)
    found = {one.customer: {reason.why for reason in one.reasons} for one in choose(session, selection, NOW)}
    assert found == {
        "Andina": set(),
        "Nordlicht": {Why.GRADE},
        "Written": {Why.WRITTEN},
        "Waiting": {Why.UNANSWERED},
        "Left": {Why.SUPPRESSED},
        "Nobody": {Why.NO_ADDRESS},
    }
    numbers = seen(session, selection, NOW, chosen=True).numbers
    assert (numbers.chosen, numbers.out, numbers.languages) == (1, 5, {"en": 1})
    assert [one.customer for one in seen(session, selection, NOW, chosen=False, why=Why.GRADE).contacts] == [
        "Nordlicht"
    ]


def test_an_address_at_two_customers_gets_one_mail(session: Session, press: Press) -> None:
    customer_in(session, "First", "buyer@trading.example")
    customer_in(session, "Second", "buyer@trading.example")
    rows = _approved(session, press, _issue(session, press))
    assert [one.address for one in rows] == ["buyer@trading.example"]


def test_an_approval_writes_a_row_for_each_with_an_id_that_stays(session: Session, press: Press) -> None:
    customer_in(session, "Andina", "Carlos@andina.mx", person="Carlos", language="es", country="MX")
    customer_in(session, "Nordlicht", "anna@nordlicht.de", language="de", country="DE")
    issue = _issue(session, press, "en", "de")
    rows = _approved(session, press, issue)
    assert [(one.written, one.language, one.state) for one in rows] == [
        ("Carlos@andina.mx", "en", RecipientState.QUEUED),
        ("anna@nordlicht.de", "de", RecipientState.QUEUED),
    ]
    assert len({one.message_id for one in rows}) == 2
    assert (issue.state, issue.approved_by, issue.send_at) == (IssueState.APPROVED, "lina", NOW)
    # 8:00 UTC is 10:00 in Berlin, and 2:00 in Mexico City.
    assert [one.due_at for one in rows] == [NOW + timedelta(hours=7), NOW]
    composer = Composer(issue, LINA, press)
    for one in addressees(session, rows).values():
        assert one.message_id.encode() in composer.compose(one, NOW)


def test_only_an_issue_in_review_can_be_approved_and_only_once(session: Session, press: Press) -> None:
    customer_in(session, "Andina", "carlos@andina.mx")
    issue = _issue(session, press)
    with pytest.raises(IssueError, match="being written"):
        approve(session, press, issue.id, NOW, by="lina")
    _approved(session, press, issue)
    with pytest.raises(IssueError, match="approved"):
        approve(session, press, issue.id, NOW, by="lina")
    with pytest.raises(IssueError, match="approved"):
        issues.edit(session, press, issue.id, name="Other")


def test_what_cant_be_filled_in_for_one_recipient_keeps_the_issue(session: Session, press: Press) -> None:
    customer_in(session, "Andina", "carlos@andina.mx", person="Carlos Gómez")
    customer_in(session, "Unnamed", "info@unnamed.example")
    issue = _issue(session, press)
    issues.write_text(session, issue.id, "en", subjects=["News"], body="Hello\n{{ contact.first_name }}")
    report = check(session, issue, press, NOW)
    (finding,) = report.errors
    assert (finding.kind, finding.line, finding.concerned, finding.count) == (
        "variable",
        2,
        ("info@unnamed.example",),
        1,
    )
    issues.submit(session, issue.id)
    with pytest.raises(NotReadyError, match=r"contact\.first_name"):
        approve(session, press, issue.id, NOW, by="lina")


def test_what_has_changed_since_the_approval_counts_when_the_turn_comes(session: Session, press: Press) -> None:
    promoted = customer_in(session, "Promoted", "a@promoted.example")
    left = customer_in(session, "Left", "b@left.example")
    gone = customer_in(session, "Gone", "c@gone.example")
    customer_in(session, "Andina", "carlos@andina.mx")
    issue = _issue(session, press)
    rows = _approved(session, press, issue)
    selection = Selection.of(issue, press.own)
    assert still_in(session, selection, rows, NOW) == {}
    promoted.customer.grade = Grade.B
    suppress(session, "b@left.example", reason=SuppressionReason.LEFT, now=NOW)
    session.delete(gone.addresses[0])
    session.flush()
    against = still_in(session, selection, rows, NOW)
    assert [rows[number].contact_id in (promoted.id, left.id, gone.id) for number in range(4)] == [
        True,
        True,
        True,
        False,
    ]
    assert sorted(against) == [one.id for one in rows[:3]]
    assert all(all(words) for words in against.values())


def test_subjects_are_tried_on_a_share_and_the_others_wait(session: Session, press: Press) -> None:
    for number in range(60):
        customer_in(session, f"Customer {number}", f"a@c{number}.example")
    issue = _issue(session, press, subjects=("One", "Two"))
    issues.edit(session, press, issue.id, test_share=30, test_hours=24, working_hours=False)
    rows = _approved(session, press, issue)
    tried = [one for one in rows if one.in_test]
    assert 5 < len(tried) < 35
    assert abs(sum(one.subject for one in tried) * 2 - len(tried)) <= 1
    assert {one.due_at for one in tried} == {NOW}
    assert {one.due_at for one in rows if not one.in_test} == {NOW + timedelta(hours=24)}


def test_a_second_issue_leaves_out_who_waits_for_the_first(session: Session, press: Press) -> None:
    customer_in(session, "Andina", "carlos@andina.mx")
    first = _issue(session, press)
    _approved(session, press, first)
    second = issues.copy(session, first.id, name="Again", now=NOW, by="lina")
    assert [one.why for one in next(choose(session, Selection.of(second, press.own), NOW)).reasons] == [Why.QUEUED]


def test_an_issue_is_tried_on_oneself_only(session: Session, press: Press) -> None:
    issue = _issue(session, press)
    handed: list[tuple[object, ...]] = []
    mail = previews.try_out(session, press, issue.id, NOW, to=LINA, send=lambda *what: handed.append(what))
    assert handed == [(LINA, [LINA], mail)]
    with pytest.raises(IssueError, match="carlos"):
        previews.try_out(session, press, issue.id, NOW, to="carlos@andina.mx", send=lambda *what: handed.append(what))
    assert len(handed) == 1


def test_a_link_with_a_variable_is_checked_as_a_reader_sees_it(session: Session, press: Press) -> None:
    customer_in(session, "Andina", "carlos@andina.mx")
    issue = _issue(session, press)
    good = "[write to {{ me.first_name }}](mailto:{{ me.address }})"
    issues.write_text(session, issue.id, "en", subjects=["Valves"], body=good)
    assert not [one for one in check(session, issue, press, NOW).errors if one.kind in ("link", "text")]
    bad = "[write to {{ me.first_name }}](mailto:{{ me.first_name }})"
    issues.write_text(session, issue.id, "en", subjects=["Valves"], body=bad)
    (found,) = [one for one in check(session, issue, press, NOW).errors if one.kind == "link"]
    assert "write to Lina" in found.what
    assert "mailto:Lina" in found.what


def test_a_contact_sees_in_the_preview_what_he_would_get(session: Session, press: Press) -> None:
    contact = customer_in(session, "Andina", "gone@andina.mx", "carlos@andina.mx", language="de")
    suppress(session, "gone@andina.mx", reason=SuppressionReason.HARD_BOUNCE, now=NOW)
    issue = _issue(session, press, "de", "en")
    issues.write_text(session, issue.id, "de", subjects=["Ventile"], body="An {{ contact.address }}")
    shown = previews.preview(session, press, issue.id, NOW, contact_id=contact.id)
    assert (shown.language, shown.subject) == ("de", "Ventile")
    assert "carlos@andina.mx" in shown.text
    assert one_contact(session, Selection.of(issue, press.own), 10_000, NOW) is None


def test_a_mistake_in_one_language_hides_neither_the_others_nor_who_gets_them(session: Session, press: Press) -> None:
    customer_in(session, "Andina", "carlos@andina.mx", language="en")
    issue = _issue(session, press, "en", "de")
    issues.write_text(
        session, issue.id, "de", subjects=["Ventile"], body="{{ produkt }} ![Ventil](https://far.example/v.png)"
    )
    issues.write_text(session, issue.id, "en", subjects=["Valves"], body="[Our page](htp:/valves)")
    assert previews.preview(session, press, issue.id, NOW, language="en").subject == "Valves"
    report = check(session, issue, press, NOW)
    assert report.recipients == 1
    assert {(one.language, one.kind) for one in report.errors} == {("de", "text"), ("de", "image"), ("en", "link")}


def test_several_subjects_without_a_test_are_remarked_on(session: Session, press: Press) -> None:
    customer_in(session, "Andina", "carlos@andina.mx")
    issue = _issue(session, press, subjects=("Three new valves", "New from our bench"))
    words = "everybody gets the first"
    assert [one for one in check(session, issue, press, NOW).findings if words in one.what]
    issues.edit(session, press, issue.id, test_share=20)
    assert not [one for one in check(session, issue, press, NOW).findings if words in one.what]


def test_whose_mail_could_not_be_judged_is_left_out_and_drops_out(session: Session, press: Press) -> None:
    failed = customer_in(session, "Failed", "a@failed.example")
    customer_in(session, "Andina", "carlos@andina.mx")
    issue = _issue(session, press)
    rows = _approved(session, press, issue)
    selection = Selection.of(issue, press.own)
    unjudged.mark(session, [failed.customer_id])
    assert still_in(session, selection, rows, NOW) == {}, "it is judged in a moment"
    unjudged.failed(session, failed.customer_id, NOW)
    assert list(still_in(session, selection, rows, NOW)) == [rows[0].id]
    assert [one.customer for one in seen(session, selection, NOW, chosen=False, why=Why.UNJUDGED).contacts] == [
        "Failed"
    ]


def test_who_has_just_written_waits_until_that_is_judged(session: Session, press: Press) -> None:
    written = customer_in(session, "Written", "a@written.example")
    customer_in(session, "Andina", "carlos@andina.mx")
    issue = _issue(session, press)
    issues.edit(session, press, issue.id, working_hours=False)
    rows = _approved(session, press, issue)
    mailing.begin_due(session, issue.account_id, NOW)
    unjudged.mark(session, [written.customer_id])
    assert [one.id for one in outbox.due(session, issue, NOW, 9)] == [rows[1].id]
    claimed = outbox.claim(session, issue.id, [one.id for one in rows], NOW, lambda *_asked: {})
    assert claimed == [rows[1].id]
    assert not mailing.end(session, issue.id, NOW)
    unjudged.judged(session, [written.customer_id])
    assert outbox.claim(session, issue.id, [rows[0].id], NOW, lambda *_asked: {}) == [rows[0].id]
