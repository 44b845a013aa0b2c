"""What comes back of newsletters in ways that nobody planned: from other addresses, with changed subjects, with old keys."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, delete, select

from inboxcrm.customers.suppression import lift, suppressed
from inboxcrm.model import Contact, Customer, Suppression, SuppressionReason, SuppressionScope
from inboxcrm.model.database import looking, writing
from inboxcrm.newsletter.leaving import Leave, Signing
from inboxcrm.reading import Automatic, BounceKind, read
from tests.cast import ANNA, CARLOS, LINA, NOW, UNKNOWN, bounce_of, mail
from tests.integration.newsletter.test_returns import _ARF, SENT_AT, NewsOffice, _Judged, _token

PRIVATE = "anna.private@web.de"
LOST_KEY = Signing(b"j" * 32)


@pytest.fixture
def office(either_engine: Engine) -> NewsOffice:
    return NewsOffice(either_engine)


@pytest.mark.parametrize(
    "subject",
    [
        "unsubscribe {token}.",
        "[EXTERN] unsubscribe {token}",
        "unsubscribe%20{token}",
        "unsubscribe {token} [Ticket#2026-1]",
        "Please stop! {token}",
        "AW: <unsubscribe {token}>",
    ],
)
def test_a_changed_subject_that_still_holds_the_token_leaves(office: NewsOffice, subject: str) -> None:
    issue = office.issue()
    office.came(mail(UNKNOWN, subject=subject.format(token=_token(office, issue)), text=""))
    assert office.suppressions() == {ANNA: SuppressionReason.LEFT}


@pytest.mark.parametrize("subject", ["unsubscribe", "Unsubscribe.", "unsubscribe {lost}", "unsubscribe {cut}"])
def test_the_word_alone_or_with_a_token_of_a_lost_key_leaves_its_writer(office: NewsOffice, subject: str) -> None:
    issue = office.issue()
    lost = LOST_KEY.token(Leave(issue, office.row(issue).id, "de", ANNA))
    with writing(office.engine) as session:  # nobody knows the contact any more
        session.execute(delete(Contact))
        session.execute(delete(Customer))
    office.came(mail(ANNA, subject=subject.format(lost=lost, cut=_token(office, issue)[:50]), text=""))
    assert office.suppressions() == {ANNA: SuppressionReason.LEFT}
    assert office.row(issue).left_at is not None


@pytest.mark.parametrize("sender", [UNKNOWN, LINA, CARLOS])
def test_a_forged_token_never_leaves_for_the_one_it_names(office: NewsOffice, sender: str) -> None:
    issue = office.issue(ANNA)
    forged = LOST_KEY.token(Leave(issue, office.row(issue).id, "de", ANNA))
    office.came(mail(sender, subject=f"unsubscribe {forged}", text=""))
    assert office.suppressions() == {}


@pytest.mark.parametrize("subject", ["unsubscribed customers of yours", "Re: unsubscribe", "unsubscribe rates of 2026"])
def test_a_subject_that_only_speaks_of_it_leaves_nobody(office: NewsOffice, subject: str) -> None:
    office.issue()
    office.came(mail(ANNA, subject=subject, text=""))
    assert office.suppressions() == {}


def test_a_token_of_one_issue_leaves_by_that_issue(office: NewsOffice) -> None:
    first, second = office.issue(at=NOW - timedelta(days=40)), office.issue()
    assert office.came(mail(ANNA, subject=f"unsubscribe {_token(office, first)}", text="")) == {first}
    assert office.row(first).left_at is not None
    assert office.row(second).left_at is None


def test_a_token_put_together_from_two_leaves_nobody(office: NewsOffice) -> None:
    first, second = office.issue(), office.issue()
    data, _, sign = _token(office, first).rpartition(".")
    other, _, other_sign = _token(office, second, CARLOS).rpartition(".")
    for token in (f"{data}.{other_sign}", f"{other}.{sign}"):
        office.came(mail(UNKNOWN, subject=f"unsubscribe {token}", text=""))
    assert office.suppressions() == {}


def test_another_copy_of_a_mail_that_left_doesnt_undo_a_consent_given_since(office: NewsOffice) -> None:
    issue = office.issue()
    subject = f"unsubscribe {_token(office, issue)}"
    office.came(mail(ANNA, subject=subject, text="", at=NOW - timedelta(days=1)))
    with writing(office.engine) as session:
        (row,) = session.scalars(select(Suppression))
        lift(session, row.id, now=NOW, by="lina", consent="She asked for the news at the fair.")
    office.came(mail(ANNA, subject=subject, text="", at=NOW - timedelta(days=1)))
    assert office.suppressions() == {}
    office.came(mail(ANNA, subject=subject, text="", at=NOW + timedelta(days=1)))
    assert office.suppressions() == {ANNA: SuppressionReason.LEFT}


def test_who_leaves_is_out_when_the_list_is_imported_again(office: NewsOffice) -> None:
    issue = office.issue()
    token = _token(office, issue)
    with writing(office.engine) as session:
        session.execute(delete(Contact))
        session.execute(delete(Customer))
    office.came(mail(PRIVATE, subject=f"unsubscribe {token}", text=""))
    office.customer("Nordlicht", ("Anna.Ahlers@NORDLICHT.de", ANNA.upper()))
    with looking(office.engine) as session:
        assert set(suppressed(session, [ANNA, ANNA.upper()], SuppressionScope.BULK)) == {ANNA, ANNA.upper()}


def test_plain_words_from_another_address_in_answer_to_an_issue_leave_for_whom_it_went_to(office: NewsOffice) -> None:
    judged, issue = _Judged(office), office.issue()
    ours = mail(
        LINA, ANNA, "Three new valves", message_id=office.row(issue).message_id, at=SENT_AT, automatic=Automatic.LIST
    )
    office.came(ours, folder="Sent")
    judged.says("Please remove me from your list.", PRIVATE, answers=ours.message_id)
    assert office.suppressions() == {ANNA: SuppressionReason.ASKED, PRIVATE: SuppressionReason.ASKED}


def test_a_complaint_is_told_at_the_issue_that_it_is_about(office: NewsOffice) -> None:
    first, second = office.issue(at=NOW - timedelta(days=25)), office.issue()
    raw = _ARF.format(number=1, rcpt="", kind="message/rfc822", original=office.row(first).message_id)
    assert office.came(read(raw.replace("\n", "\r\n").encode())) == {first}
    assert office.row(first).left_at is not None
    assert office.row(second).left_at is None


@pytest.mark.parametrize("kind", ["auth-failure", "not-spam"])
def test_a_report_about_authentication_is_no_complaint_of_the_reader(office: NewsOffice, kind: str) -> None:
    issue = office.issue()
    raw = _ARF.format(
        number=1, rcpt=f"Original-Rcpt-To: {ANNA}\n", kind="message/rfc822", original=office.row(issue).message_id
    ).replace("Feedback-Type: abuse", f"Feedback-Type: {kind}")
    office.came(read(raw.replace("\n", "\r\n").encode()))
    assert office.suppressions() == {}


@pytest.mark.parametrize(
    ("name", "who"),
    [
        ("arf-11", "reader@example.net"),
        ("arf-14", "kijitora@y.example.com"),
        ("arf-16", "kijitora@example.com"),
        ("arf-22", "kijitora@example.com"),
    ],
)
def test_complaints_of_the_corpus_suppress_who_complained(
    office: NewsOffice, corpora: Path, name: str, who: str
) -> None:
    reading = read((corpora / "bounces" / f"{name}.eml").read_bytes())
    issue = office.issue(who, CARLOS)
    with writing(office.engine) as session:
        row = office.row(issue, who)
        if reading.reported_id:
            session.merge(row).message_id = reading.reported_id
    office.came(reading)
    assert office.suppressions() == {who: SuppressionReason.COMPLAINT}


def test_soft_bounces_under_another_name_count_for_the_address_that_we_wrote_to(office: NewsOffice) -> None:
    issues = [office.issue(at=NOW - timedelta(days=days)) for days in (29, 10, 5)]
    for issue, days in zip(issues, (28, 9, 4), strict=True):
        at = NOW - timedelta(days=days)
        office.came(
            bounce_of("a.ahlers@mx7.intern.de", original=office.row(issue).message_id, kind=BounceKind.SOFT, at=at)
        )
    assert office.suppressions() == {ANNA: SuppressionReason.SOFT_BOUNCES}


def test_a_phone_that_leaves_in_its_own_words_complains_of_nothing(office: NewsOffice, corpora: Path) -> None:
    reading = read((corpora / "bounces" / "arf-26.eml").read_bytes())
    issue = office.issue("example@icloud.com")
    assert office.came(reading) == {issue}
    assert office.suppressions() == {"example@icloud.com": SuppressionReason.LEFT}
    assert office.row(issue, "example@icloud.com").left_at is not None
