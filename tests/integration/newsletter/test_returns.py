"""What comes back of newsletters, through intake as the service has it, on either database."""

from __future__ import annotations

import tomllib
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from inboxcrm.customers.file import clear_health
from inboxcrm.customers.suppression import suppressed
from inboxcrm.engagement import corrections
from inboxcrm.engagement.signals import Kind
from inboxcrm.intake import Arrival
from inboxcrm.intake import take as take_in
from inboxcrm.journal import entries
from inboxcrm.journal.entries import Written
from inboxcrm.judging import Bench, judge_waiting
from inboxcrm.model import (
    AddressHealth,
    Channel,
    ContactAddress,
    Direction,
    Issue,
    IssueState,
    Recipient,
    RecipientState,
    Signal,
    Suppression,
    SuppressionReason,
    SuppressionScope,
)
from inboxcrm.model.database import looking, writing
from inboxcrm.newsletter import returns
from inboxcrm.newsletter.leaving import Leave, Signing
from inboxcrm.reading import Automatic, BounceKind, Reading, read
from inboxcrm.settings import Settings
from tests.cast import ANNA, BY_LINA, CARLOS, LINA, NOW, UNKNOWN, Office, bounce_of, mail
from tests.newsletters import KEY

SIGNING = Signing(KEY)
SENT_AT = NOW - timedelta(days=3)


class NewsOffice(Office):
    """Lina's office, from which issues went to Anna and Carlos."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self.nordlicht = self.customer()
        self.andina = self.customer("Andina", (CARLOS,))

    def issue(self, *addresses: str, at: datetime = SENT_AT, state: RecipientState = RecipientState.SENT) -> int:
        """An issue that went to these addresses."""
        with writing(self.engine) as session:
            issue = Issue(
                name="Summer",
                account_id=self.account_id,
                state=IssueState.DONE,
                audience={},
                layout="letter",
                fallback_language="en",
                images=[],
                variables={},
                created_at=at,
                started_at=at,
            )
            session.add(issue)
            session.flush()
            for address in addresses or (ANNA, CARLOS):
                session.add(
                    Recipient(
                        issue_id=issue.id,
                        address=address,
                        written=address,
                        language="en",
                        message_id=f"{issue.id}.{address.partition('@')[0]}@brightvalve.example",
                        due_at=at,
                        sending_at=at,
                        sent_at=at if state is RecipientState.SENT else None,
                        state=state,
                    )
                )
            return issue.id

    def came(self, *mails: Reading, folder: str = "INBOX", signals: Any = None) -> set[int]:
        """Mails are taken in whole."""
        place = self.folder(folder)
        self._number = getattr(self, "_number", 1000) + len(mails)
        arrivals = [
            Arrival(self._number + place_, one.date or NOW, 1000, one, True, signals)
            for place_, one in enumerate(mails)
        ]
        with writing(self.engine) as session:
            return take_in(session, place, arrivals, self.own, NOW, signing=SIGNING).issues

    def row(self, issue: int, address: str = ANNA) -> Recipient:
        with looking(self.engine) as session:
            return session.scalars(
                select(Recipient).where(Recipient.issue_id == issue, Recipient.address == address)
            ).one()

    def suppressions(self) -> dict[str, SuppressionReason]:
        """Address → why, of those in force."""
        with looking(self.engine) as session:
            rows = session.scalars(select(Suppression).where(Suppression.lifted_at.is_(None)))
            return {one.value: one.reason for one in rows}


@pytest.fixture
def office(either_engine: Engine) -> NewsOffice:
    return NewsOffice(either_engine)


def _token(office: NewsOffice, issue: int, address: str = ANNA) -> str:
    return SIGNING.token(Leave(issue, office.row(issue, address).id, "de", address))


# --- leaving by mail --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sender", [ANNA, UNKNOWN, "anna.private@web.de"])
def test_a_mail_with_the_token_leaves_whoever_sends_it(office: NewsOffice, sender: str) -> None:
    issue = office.issue()
    came = mail(sender, subject=f"unsubscribe {_token(office, issue)}", text="")
    assert office.came(came) == {issue}
    assert office.suppressions() == {ANNA: SuppressionReason.LEFT}
    assert office.row(issue).left_at == NOW
    with looking(office.engine) as session:
        (row,) = session.scalars(select(Suppression))
        assert row.proof["message_id"] == came.message_id
        assert row.proof["sender"] == sender


def test_its_header_alone_is_enough(office: NewsOffice) -> None:
    issue = office.issue()
    place = office.folder("INBOX")
    one = mail(UNKNOWN, subject=f"Unsubscribe {_token(office, issue)}", text="")
    with writing(office.engine) as session:
        take_in(session, place, [Arrival(1, NOW, 100, one, False)], office.own, NOW, signing=SIGNING)
    assert office.suppressions() == {ANNA: SuppressionReason.LEFT}


def test_an_answer_that_quotes_the_link_is_an_answer_and_leaves_nothing(office: NewsOffice) -> None:
    issue = office.issue()
    text = f"Please quote 500 pcs.\n\n> unsubscribe: mailto:{LINA}?subject=unsubscribe%20{_token(office, issue)}"
    office.came(mail(ANNA, subject="Re: Three new valves", text=text, answers=office.row(issue).message_id))
    assert office.suppressions() == {}
    assert office.row(issue).answered_at is not None


def test_a_forged_token_leaves_nobody(office: NewsOffice) -> None:
    issue = office.issue()
    forged = Signing(b"j" * 32).token(Leave(issue, office.row(issue).id, "de", ANNA))
    office.came(mail(UNKNOWN, subject=f"unsubscribe {forged}"))
    assert office.suppressions() == {}


def test_leaving_outlives_the_deletion_of_the_contact(office: NewsOffice) -> None:
    issue = office.issue()
    token = _token(office, issue)
    with writing(office.engine) as session:
        session.delete(session.get_one(Recipient, office.row(issue).id))
    office.came(mail(UNKNOWN, subject=f"unsubscribe {token}"))
    assert office.suppressions() == {ANNA: SuppressionReason.LEFT}


# --- answers and sightings --------------------------------------------------------------------------------------------


def test_an_answer_is_counted_once_and_automatic_ones_are_not(office: NewsOffice) -> None:
    issue = office.issue()
    message_id = office.row(issue).message_id
    office.came(mail(ANNA, subject="Out of office", answers=message_id, automatic=Automatic.AUTO_REPLY))
    assert office.row(issue).answered_at is None
    first = NOW - timedelta(days=1)
    office.came(mail(ANNA, answers="x@nordlicht.de", references=(message_id, "x@nordlicht.de"), at=first))
    office.came(mail(ANNA, answers=message_id, at=NOW))
    assert office.row(issue).answered_at == first


def test_who_answers_only_to_be_left_alone_has_not_answered(office: NewsOffice) -> None:
    issue = office.issue()
    found = [{"kind": "unsubscribe", "evidence": "remove me", "confidence": 0.9, "rule": "en.x", "place": "text"}]
    signals = [{**found[0], "start": 0, "details": {}}]
    office.came(mail(ANNA, answers=office.row(issue).message_id, text="remove me"), signals=signals)
    assert office.row(issue).answered_at is None


@pytest.mark.parametrize("state", [RecipientState.SENDING, RecipientState.UNKNOWN, RecipientState.QUEUED])
def test_what_is_seen_in_sent_or_answered_has_gone(office: NewsOffice, state: RecipientState) -> None:
    issue = office.issue(state=state)
    ours = mail(LINA, ANNA, "Three new valves", message_id=office.row(issue).message_id, at=SENT_AT)
    office.came(ours, folder="Sent")
    assert office.row(issue).state is RecipientState.SENT
    office.came(mail(CARLOS, answers=office.row(issue, CARLOS).message_id))
    assert office.row(issue, CARLOS).state is RecipientState.SENT


# --- bounces ----------------------------------------------------------------------------------------------------------


def test_a_hard_bounce_suppresses_and_is_told_at_its_recipient(office: NewsOffice) -> None:
    issue = office.issue()
    assert office.came(bounce_of(ANNA, original=office.row(issue).message_id)) == {issue}
    assert office.suppressions() == {ANNA: SuppressionReason.HARD_BOUNCE}
    row = office.row(issue)
    assert (row.bounced, row.error) == ("hard", "5.1.1 No such user")
    assert office.row(issue, CARLOS).bounced == ""


def test_the_address_that_we_wrote_to_is_meant_whatever_the_server_behind_it_calls_it(office: NewsOffice) -> None:
    issue = office.issue()
    office.came(bounce_of("a.ahlers@mx7.nordlicht-intern.de", original=office.row(issue).message_id))
    assert office.suppressions() == {ANNA: SuppressionReason.HARD_BOUNCE}


def test_a_bounce_that_hides_its_mail_is_told_by_its_address(office: NewsOffice) -> None:
    issue = office.issue()
    office.came(bounce_of(ANNA))
    assert office.row(issue).bounced == "hard"
    assert office.suppressions() == {ANNA: SuppressionReason.HARD_BOUNCE}


def test_a_bounce_about_nothing_that_we_sent_is_not_believed(office: NewsOffice) -> None:
    office.issue(CARLOS)
    office.came(bounce_of(ANNA, original="forged@nowhere.example"))
    office.came(bounce_of(ANNA))
    assert office.suppressions() == {}


def test_a_personal_mail_that_comes_back_suppresses_too(office: NewsOffice) -> None:
    ours = mail(LINA, ANNA, "Quotation", at=SENT_AT)
    office.came(ours, folder="Sent")
    office.came(bounce_of(ANNA, original=ours.message_id))
    assert office.suppressions() == {ANNA: SuppressionReason.HARD_BOUNCE}


def test_three_soft_bounces_of_different_mails_in_thirty_days_suppress(office: NewsOffice) -> None:
    issues = [office.issue(at=NOW - timedelta(days=days)) for days in (25, 15, 5)]
    for issue, days in zip(issues[:2], (24, 14), strict=True):
        at = NOW - timedelta(days=days)
        original = office.row(issue).message_id
        office.came(bounce_of(ANNA, original=original, kind=BounceKind.SOFT, at=at))
        # The same mail is still delayed: no further failure.
        office.came(bounce_of(ANNA, original=original, kind=BounceKind.SOFT, at=at + timedelta(hours=8)))
    assert office.suppressions() == {}
    last = office.row(issues[2]).message_id
    office.came(bounce_of(ANNA, original=last, kind=BounceKind.SOFT, at=NOW - timedelta(days=4)))
    assert office.suppressions() == {ANNA: SuppressionReason.SOFT_BOUNCES}


def test_soft_bounces_spread_over_months_suppress_nobody(office: NewsOffice) -> None:
    for days in (70, 35, 3):
        issue = office.issue(at=NOW - timedelta(days=days))
        at = NOW - timedelta(days=days - 1)
        office.came(bounce_of(ANNA, original=office.row(issue).message_id, kind=BounceKind.SOFT, at=at))
        assert office.row(issue).bounced == "soft"
    assert office.suppressions() == {}


def test_a_person_who_clears_an_address_lets_newsletters_go_there_again(office: NewsOffice) -> None:
    issue = office.issue()
    office.came(bounce_of(ANNA, original=office.row(issue).message_id))
    with writing(office.engine) as session:
        address = session.scalars(select(ContactAddress).where(ContactAddress.address == ANNA)).one()
        assert address.health is AddressHealth.BOUNCING
        clear_health(session, address, BY_LINA)
    assert office.suppressions() == {}
    office.came(bounce_of(ANNA, original=office.row(issue).message_id))  # another copy of what is settled
    assert office.suppressions() == {}


# --- complaints -------------------------------------------------------------------------------------------------------

_ARF = """\
From: <abuse@isp.example>
To: <lina@brightvalve.example>
Date: Mon, 01 Jun 2026 06:00:00 +0000
Message-ID: <{number}.arf@isp.example>
Subject: FW: Three new valves
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="b1"

--b1
Content-Type: text/plain

This is an email abuse report for an email message.
--b1
Content-Type: message/feedback-report

Feedback-Type: abuse
User-Agent: SomeGenerator/1.0
Version: 1
{rcpt}
--b1
Content-Type: {kind}

From: <lina@brightvalve.example>
To: <redacted@isp.example>
Subject: Three new valves
Message-ID: <{original}>

--b1--
"""


@pytest.mark.parametrize("kind", ["message/rfc822", "text/rfc822-headers"])
@pytest.mark.parametrize("rcpt", ["", f"Original-Rcpt-To: {ANNA}\n"])
def test_a_complaint_suppresses_who_complained_even_if_the_report_hides_it(
    office: NewsOffice, kind: str, rcpt: str
) -> None:
    issue = office.issue()
    raw = _ARF.format(number=1, rcpt=rcpt, kind=kind, original=office.row(issue).message_id)
    office.came(read(raw.replace("\n", "\r\n").encode()))
    assert office.suppressions() == {ANNA: SuppressionReason.COMPLAINT}
    assert office.row(issue).left_at is not None


def test_a_complaint_names_its_address_where_the_mail_is_not_ours_to_know(office: NewsOffice) -> None:
    office.issue()
    raw = _ARF.format(number=2, rcpt=f"Original-Rcpt-To: {ANNA}\n", kind="message/rfc822", original="x@y.example")
    office.came(read(raw.replace("\n", "\r\n").encode()))
    assert office.suppressions() == {ANNA: SuppressionReason.COMPLAINT}


def test_a_complaint_about_somebody_whom_we_never_wrote_to_is_not_believed(office: NewsOffice) -> None:
    office.issue(CARLOS)
    raw = _ARF.format(number=3, rcpt=f"Original-Rcpt-To: {ANNA}\n", kind="message/rfc822", original="x@y.example")
    office.came(read(raw.replace("\n", "\r\n").encode()))
    assert office.suppressions() == {}


# --- plain words ------------------------------------------------------------------------------------------------------

HOME = Path(__file__).parent / "home"


class _Judged:
    """What mails mean is judged, by the shipped rules."""

    def __init__(self, office: NewsOffice) -> None:
        self.office, self.bench = office, Bench(Settings(home=HOME))

    def says(self, text: str, sender: str = ANNA, *, confidence: float = 0.9, **more: Any) -> None:
        signal = {"kind": "unsubscribe", "evidence": text, "confidence": confidence, "rule": "en.unsubscribe.ask"}
        signals = [{**signal, "place": "text", "start": 0, "details": {}}]
        self.office.came(mail(sender, text=text, **more), signals=signals)
        self.judge()

    def judge(self) -> None:
        while True:
            with writing(self.office.engine) as session:
                if not judge_waiting(session, self.bench.judge(), NOW):
                    return

    def signals(self) -> list[Signal]:
        with looking(self.office.engine) as session:
            kind = Signal.kind == Kind.UNSUBSCRIBE.value
            return list(session.scalars(select(Signal).where(kind).order_by(Signal.id)))

    def correct(self, change: Any, number: int = 0) -> None:
        with writing(self.office.engine) as session:
            change(session, self.signals()[number].id, now=NOW, by="lina")
        self.judge()


@pytest.fixture
def judged(office: NewsOffice) -> _Judged:
    return _Judged(office)


def test_who_asks_in_plain_words_gets_no_more_newsletters_with_the_words_as_proof(judged: _Judged) -> None:
    issue = judged.office.issue()
    judged.says("Please remove me from your list.")
    assert judged.office.suppressions() == {ANNA: SuppressionReason.ASKED}
    assert judged.office.row(issue).left_at is not None
    with looking(judged.office.engine) as session:
        (row,) = session.scalars(select(Suppression))
        assert (row.scope, row.proof["evidence"]) == (SuppressionScope.BULK, "Please remove me from your list.")
        assert suppressed(session, [ANNA], SuppressionScope.ALL) == {}


def test_a_mail_that_leaves_by_its_token_is_one_proof(judged: _Judged) -> None:
    issue = judged.office.issue()
    judged.says("unsubscribe", subject=f"unsubscribe {_token(judged.office, issue)}")
    with looking(judged.office.engine) as session:
        assert [one.reason for one in session.scalars(select(Suppression))] == [SuppressionReason.LEFT]


def test_all_addresses_of_the_contact_are_meant(judged: _Judged) -> None:
    with writing(judged.office.engine) as session:
        contact = session.scalars(select(ContactAddress).where(ContactAddress.address == ANNA)).one()
        session.add(ContactAddress(contact_id=contact.contact_id, address="anna@web.de", written="anna@web.de"))
    judged.says("Please remove me.")
    assert set(judged.office.suppressions()) == {ANNA, "anna@web.de"}


def test_an_unsure_signal_is_a_suggestion_until_a_person_confirms_it(judged: _Judged) -> None:
    judged.says("Perhaps no more news.", confidence=0.4)
    assert judged.office.suppressions() == {}
    judged.correct(corrections.confirm)
    assert judged.office.suppressions() == {ANNA: SuppressionReason.ASKED}


def test_a_signal_called_wrong_lets_newsletters_go_again_if_nothing_else_stands(judged: _Judged) -> None:
    judged.says("Remove the burr.")
    judged.correct(corrections.reject)
    assert judged.office.suppressions() == {}


def test_a_signal_called_wrong_changes_nothing_while_another_stands(judged: _Judged) -> None:
    judged.says("Remove the burr.", at=NOW - timedelta(days=2))
    judged.says("And remove me from your list.", at=NOW - timedelta(days=1))
    judged.correct(corrections.reject, 0)
    assert judged.office.suppressions() == {ANNA: SuppressionReason.ASKED}
    judged.correct(corrections.reject, 1)
    assert judged.office.suppressions() == {}


def test_who_left_by_link_stays_out_when_a_signal_is_called_wrong(judged: _Judged) -> None:
    issue = judged.office.issue()
    judged.says("Remove the burr.")
    judged.office.came(mail(ANNA, subject=f"unsubscribe {_token(judged.office, issue)}", text=""))
    judged.correct(corrections.reject)
    assert judged.office.suppressions() == {ANNA: SuppressionReason.LEFT}


def test_who_asked_for_mail_again_is_not_suppressed_for_what_he_said_before(judged: _Judged) -> None:
    from inboxcrm.customers.suppression import lift

    judged.says("Please remove me.")
    with writing(judged.office.engine) as session:
        (row,) = session.scalars(select(Suppression))
        lift(session, row.id, now=NOW, by="lina", consent="He asked for the news again at the fair.")
    with writing(judged.office.engine) as session:
        corrections.undo(session, judged.signals()[0].id)
    judged.judge()
    assert judged.office.suppressions() == {}


def test_asked_on_the_phone_all_of_the_customer_are_left_alone(judged: _Judged) -> None:
    with writing(judged.office.engine) as session:
        call = entries.append(
            session,
            judged.office.nordlicht,
            Written(at=NOW, channel=Channel.CALL, direction=Direction.IN, content="They want no more circulars."),
            now=NOW,
            by="lina",
        )
        entry_id = call.id
    with writing(judged.office.engine) as session:
        corrections.add(session, entry_id, Kind.UNSUBSCRIBE, now=NOW, by="lina")
    judged.judge()
    assert judged.office.suppressions() == {ANNA: SuppressionReason.ASKED}


def test_judging_again_changes_nothing(judged: _Judged) -> None:
    judged.says("Please remove me.")
    with looking(judged.office.engine) as session:
        before = [(one.id, one.at) for one in session.scalars(select(Suppression))]
    with writing(judged.office.engine) as session:
        corrections.undo(session, judged.signals()[0].id)
    judged.judge()
    with looking(judged.office.engine) as session:
        assert [(one.id, one.at) for one in session.scalars(select(Suppression))] == before


# --- the corpus -------------------------------------------------------------------------------------------------------

LABELS = tomllib.loads((Path(__file__).parents[2] / "corpus" / "bounce_labels.toml").read_text(encoding="utf-8"))


def test_bounces_of_the_corpus_come_back_for_sent_mails_and_suppress_the_right_address(
    engine: Engine, corpora: Path
) -> None:
    office = NewsOffice(engine)
    checked = 0
    for name, labels in LABELS["recipients"].items():
        if len(labels) != 1 or "" in labels.values():
            continue
        ((address, kind),) = labels.items()
        reading = read((corpora / "bounces" / f"{name}.eml").read_bytes())
        if reading.bounce is None or [one.address for one in reading.bounce.recipients] != [address]:
            continue
        if reading.bounce.recipients[0].kind.value != kind:
            continue
        with Session(engine) as session:
            _sent_to(session, office, address.lower(), reading.bounce.original_message_id or "hidden@x")
            _sent_to(session, office, "bystander@example.jp", "other@brightvalve.example")
            at = NOW
            returns.note(session, [returns.Came(1, reading, False, at)], NOW)
            rows = session.scalars(select(Suppression)).all()
            assert [(one.value, one.reason) for one in rows] == (
                [(address.lower(), SuppressionReason.HARD_BOUNCE)] if kind == "hard" else []
            ), name
            marked = {one.address: one.bounced for one in session.scalars(select(Recipient))}
            assert marked == {address.lower(): kind, "bystander@example.jp": ""}, name
            session.rollback()
        checked += 1
    assert checked > 200


def _sent_to(session: Session, office: NewsOffice, address: str, message_id: str) -> None:
    issue = session.scalars(select(Issue)).first()
    if issue is None:
        issue = Issue(
            name="Summer",
            account_id=office.account_id,
            state=IssueState.DONE,
            audience={},
            layout="letter",
            fallback_language="en",
            images=[],
            variables={},
            created_at=SENT_AT,
        )
        session.add(issue)
        session.flush()
    row = Recipient(issue_id=issue.id, address=address, written=address, language="en", message_id=message_id)
    row.due_at = row.sending_at = row.sent_at = SENT_AT
    row.state = RecipientState.SENT
    session.add(row)
    session.flush()
