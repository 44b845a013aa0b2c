"""The plan in the database, on either one: an inquiry to the end, answers, refusals, bounces, absences, promises, and nothing twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine, select

from inboxcrm import settings
from inboxcrm.engagement.rereading import look_through
from inboxcrm.followup import by_hand, drafting, promises, review, unplanned
from inboxcrm.followup.drafting import Workshop
from inboxcrm.followup.planning import Planner, PlanningRules, plan_customers, plan_due, plan_waiting
from inboxcrm.followup.queries import best_first, facts_of
from inboxcrm.followup.templates import Templates
from inboxcrm.followup.unanswered import needs_no_answer, unanswered
from inboxcrm.grading.by_hand import pin
from inboxcrm.journal import entries
from inboxcrm.journal.entries import Written
from inboxcrm.judging import Bench, judge_waiting
from inboxcrm.model import (
    AddressHealth,
    Channel,
    Contact,
    ContactAddress,
    Customer,
    Direction,
    Draft,
    DraftState,
    FollowUp,
    FollowUpState,
    Grade,
    LogEntry,
    Promise,
    PromiseState,
)
from inboxcrm.model.database import looking, writing
from inboxcrm.reading import Automatic, Reading
from inboxcrm.settings import Server, Settings
from tests.cast import ANNA, CARLOS, LINA, NOW, Office, bounce_of, mail

DAY = timedelta(days=1)
PETER = "peter@nordlicht.de"
SHANGHAI = ZoneInfo("Asia/Shanghai")


class Desk(Office):
    """Lina's office, where what comes in is judged, planned and drafted; its clock stands at `now`."""

    def __init__(self, engine: Engine, home: Path) -> None:
        super().__init__(engine)
        self.now = NOW
        place = Server(host="127.0.0.1", port=1, security="none")
        lina = settings.Account(address=LINA, name="Lina Chen", imap=place)
        self.settings = Settings(home=home, accounts=(lina,))
        self.bench = Bench(self.settings)
        self.planner: Planner = PlanningRules(self.settings).planner()
        self.workshop = Workshop(self.settings, Templates(home))

    def receive(self, *mails: Reading, folder: str = "INBOX") -> None:
        """Mails come in (or are found in Sent), and the service does what it does soon after."""
        self.take(*mails, folder=folder)
        self.fetch_texts()
        self.go_on()

    def send(self, text: str, subject: str = "Re: Ball valves", **fields: Any) -> Reading:
        """Lina writes a mail by hand, now."""
        sent = mail(LINA, fields.pop("to", ANNA), subject, text, at=self.now, **fields)
        self.receive(sent, folder="Sent")
        return sent

    def go_on(self) -> None:
        """Judges, plans and drafts until nothing is left to do."""
        while self._judge() or self._plan():
            pass
        with writing(self.engine) as session:
            drafting.draft_due(session, self.workshop, self.now)

    def night(self) -> None:
        """The nightly round."""
        with writing(self.engine) as session:
            plan_due(session, best_first(session), self.planner, self.now)
        self.go_on()

    def _judge(self) -> bool:
        with writing(self.engine) as session:
            looked = look_through(session, self.bench.look)
            return bool(judge_waiting(session, self.bench.judge(), self.now)) or bool(looked)

    def _plan(self) -> bool:
        with writing(self.engine) as session:
            return bool(plan_waiting(session, self.planner, self.now))

    def follow_ups(self, *states: FollowUpState) -> list[FollowUp]:
        with looking(self.engine) as session:
            chosen = select(FollowUp).order_by(FollowUp.id)
            return list(session.scalars(chosen.where(FollowUp.state.in_(states)) if states else chosen))

    def waiting(self) -> list[FollowUp]:
        return self.follow_ups(FollowUpState.PLANNED, FollowUpState.DRAFTED)

    def drafts(self, *states: DraftState) -> list[Draft]:
        with looking(self.engine) as session:
            return list(session.scalars(select(Draft).where(Draft.state.in_(states)).order_by(Draft.id)))

    def grade(self, customer: int, grade: Grade) -> None:
        """Lina holds a customer's grade fast."""
        with writing(self.engine) as session:
            found = session.get_one(Customer, customer)
            found.grade = grade
            pin(session, found, grade, reason="a test", until=None, by="lina", now=self.now)

    def do(self, act: Any, *arguments: Any, **fields: Any) -> Any:
        """A use case in a transaction of its own, and what follows from it."""
        with writing(self.engine) as session:
            done = act(session, *arguments, **fields)
        self.go_on()
        return done

    def promises(self) -> list[Promise]:
        with looking(self.engine) as session:
            return list(session.scalars(select(Promise).order_by(Promise.id)))


@pytest.fixture
def desk(either_engine: Engine, tmp_path: Path) -> Desk:
    desk = Desk(either_engine, tmp_path)
    assert desk.customer(addresses=[ANNA, PETER]) == 1
    desk.grade(1, Grade.B)
    return desk


INQUIRY = "Dear Lina,\nwe need 500 pcs of ball valves DN50. Please send us your quotation.\nAnna"
QUOTATION = "Dear Anna,\nplease find attached our quotation no. Q-77: USD 4.20 per piece FOB Ningbo.\nLina"


def asks(desk: Desk, text: str = INQUIRY, **fields: Any) -> Reading:
    """Anna writes, now."""
    written = mail(text=text, at=desk.now, **fields)
    desk.receive(written)
    return written


def test_from_the_inquiry_to_the_next_step_and_to_the_answer_that_stops_it(desk: Desk) -> None:
    inquiry = asks(desk)
    [answer] = desk.waiting()
    assert (answer.stage, answer.state) == ("first_answer", FollowUpState.DRAFTED)
    [draft] = desk.drafts(DraftState.OPEN)
    assert (draft.in_reply_to, draft.to[0]["address"]) == (inquiry.message_id, ANNA)
    with looking(desk.engine) as session:
        [open_mail] = unanswered(session, desk.planner.cadence, desk.planner.calendar, desk.now)
    assert (open_mail.entry_id, open_mail.due_at) == (desk.entries(1)[0].id, answer.due_at)

    desk.now += timedelta(hours=1)
    quotation = desk.send(QUOTATION, answers=inquiry.message_id, attachments=["Q-77.pdf"])
    assert [one.state for one in desk.drafts(DraftState.WITHDRAWN)] == [DraftState.WITHDRAWN]
    [step] = desk.waiting()
    assert (step.stage, step.step, step.state) == ("quoted", 1, FollowUpState.PLANNED)

    desk.now = step.due_at - timedelta(hours=20)
    desk.go_on()
    [draft] = desk.drafts(DraftState.OPEN)
    assert draft.in_reply_to == quotation.message_id
    desk.now += timedelta(hours=1)
    asks(desk, "Thank you, we will look at it with our boss.", answers=quotation.message_id)
    assert desk.drafts(DraftState.OPEN) == []
    assert desk.waiting() == []
    desk.now += timedelta(hours=1)
    desk.send("Fine, thank you.", answers=quotation.message_id)
    [again] = desk.waiting()
    assert (again.stage, again.step, again.anchor != step.anchor) == ("quoted", 1, True)


def test_planning_again_and_again_changes_nothing(desk: Desk) -> None:
    asks(desk)
    desk.now += timedelta(hours=1)
    desk.send(QUOTATION, attachments=["Q-77.pdf"])

    def everything() -> list[Any]:
        return [
            (one.id, one.anchor, one.step, one.state, one.due_at, one.reasons, one.decided_at)
            for one in desk.follow_ups()
        ]

    before = everything()
    for _ in range(3):
        desk.night()
        with writing(desk.engine) as session:
            plan_customers(session, [1], desk.planner, desk.now + timedelta(minutes=3))
    assert everything() == before


def test_samples_go_out_and_the_rhythm_runs_until_they_are_judged(desk: Desk) -> None:
    asks(desk, "Please send us a sample of the ball valve.")
    desk.now += timedelta(hours=2)
    desk.send("Dear Anna, we have sent the samples today by DHL, tracking number 1234567890.")
    [step] = desk.waiting()
    assert (step.stage, step.step) == ("sample_sent", 1)
    for number in (1, 2, 3):
        [step] = desk.waiting()
        assert (step.stage, step.step) == ("sample_sent", number)
        desk.now = max(desk.now, step.due_at) + timedelta(minutes=10)
        desk.do(by_hand.done, step.id, now=desk.now, by="lina")
        desk.send(f"Dear Anna, word number {number}.")
    desk.now += DAY
    asks(desk, "The sample is approved, quality is very good.")
    desk.now += timedelta(hours=1)
    desk.send("Wonderful.")
    [step] = desk.waiting()
    assert (step.stage, step.step) == ("sample_judged", 1)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("We are not interested any more, we have bought elsewhere.", "not_interested"),
        ("The valves leak, the quality is very bad. We want our money back.", "complaint"),
    ],
)
def test_a_refusal_or_complaint_stops_all_and_asks_for_a_person(desk: Desk, text: str, kind: str) -> None:
    asks(desk)
    desk.now += timedelta(hours=1)
    desk.send(QUOTATION, attachments=["Q-77.pdf"])
    desk.do(by_hand.hold, 1, now=desk.now, by="lina", until=desk.now + 30 * DAY)
    desk.now += DAY
    asks(desk, text)
    [task] = desk.waiting()
    assert (task.action.value, task.stage) == ("task", kind)
    desk.now += timedelta(hours=1)
    desk.send("Dear Anna, I am sorry to hear that.")
    assert desk.waiting() == []
    assert [one.state for one in desk.follow_ups() if one.stage == kind] == [FollowUpState.DONE]


def test_a_bounce_stops_the_steps_and_asks_for_another_address(desk: Desk) -> None:
    inquiry = asks(desk)
    desk.now += timedelta(hours=1)
    sent = desk.send(QUOTATION, answers=inquiry.message_id, attachments=["Q-77.pdf"])
    desk.now += timedelta(minutes=2)
    desk.receive(bounce_of(ANNA, original=sent.message_id, at=desk.now))
    [task] = desk.waiting()
    assert (task.action.value, task.stage, task.contact_id) == ("task", "bounced", 1)
    with writing(desk.engine) as session:
        session.query(ContactAddress).filter_by(contact_id=1).update({"health": AddressHealth.OK})
        unplanned.mark(session, [1])
    desk.go_on()
    assert [one.stage for one in desk.waiting()] == ["quoted"]


def test_an_automatic_reply_moves_the_steps_of_who_is_away(desk: Desk) -> None:
    asks(desk)
    desk.now += timedelta(hours=1)
    desk.send(QUOTATION, attachments=["Q-77.pdf"])
    away = mail(ANNA, LINA, "Out of office", "I am back on 22 June.", at=desk.now, automatic=Automatic.AUTO_REPLY)
    desk.receive(replace(away, back_on=date(2026, 6, 22)))
    [step] = desk.waiting()
    assert step.due_at.date() == date(2026, 6, 23)
    assert [one["kind"] for one in step.reasons] == ["stage", "step", "away"]
    other = replace(away, message_id="other@test.example", sender=mail(PETER).sender, back_on=date(2026, 7, 22))
    desk.receive(other)
    assert desk.waiting()[0].due_at == step.due_at


def test_a_pause_is_kept_and_taken_off(desk: Desk) -> None:
    asks(desk)
    desk.now += timedelta(hours=1)
    desk.send(QUOTATION, attachments=["Q-77.pdf"])
    [before] = desk.waiting()
    desk.do(by_hand.hold, 1, now=desk.now, by="lina", until=desk.now + 20 * DAY)
    [step] = desk.waiting()
    assert step.due_at >= desk.now + 20 * DAY
    desk.do(by_hand.release, 1)
    [step] = desk.waiting()
    assert (step.anchor, step.step) == (before.anchor, before.step)
    moved = desk.now + 9 * DAY
    desk.do(by_hand.move, step.id, moved, now=desk.now, by="lina")
    desk.night()
    assert desk.waiting()[0].due_at == moved
    desk.do(by_hand.skip, step.id, now=desk.now, by="lina")
    assert [one.step for one in desk.waiting()] == [2]
    desk.do(by_hand.reopen, step.id)
    assert [one.step for one in desk.waiting()] == [1]


def test_a_mail_that_needs_no_answer_lets_the_steps_go_on(desk: Desk) -> None:
    asks(desk)
    desk.now += timedelta(hours=1)
    desk.send(QUOTATION, attachments=["Q-77.pdf"])
    desk.now += timedelta(hours=1)
    asks(desk, "Thanks!")
    assert desk.waiting() == []
    with writing(desk.engine) as session:
        needs_no_answer(session, session.get_one(LogEntry, desk.entries(1)[-1].id), now=desk.now, by="lina")
    desk.go_on()
    assert [one.stage for one in desk.waiting()] == ["quoted"]


def test_places_among_what_nobody_waits_for_are_given_at_night_to_the_best(desk: Desk) -> None:
    desk.planner = replace(desk.planner, cadence=desk.planner.cadence.model_copy(update={"paced_a_day": 1}))
    files = [
        (Grade.C, desk.customer(name="Andina", addresses=[CARLOS])),
        (Grade.B, desk.customer(name="Old", addresses=["old@firm.example"])),
        (Grade.B, desk.customer(name="Recent", addresses=["recent@firm.example"])),
    ]
    for number, (grade, customer) in enumerate(files):
        desk.grade(customer, grade)
        with writing(desk.engine) as session:
            session.get_one(Customer, customer).source = "Canton Fair 2026"
            session.get_one(Customer, customer).created_at = NOW - DAY + timedelta(hours=number)
            unplanned.mark(session, [customer])
    desk.go_on()
    assert desk.waiting() == []
    desk.night()
    planned = sorted(desk.waiting(), key=lambda one: one.due_at)
    assert [one.customer_id for one in planned] == [files[2][1], files[1][1], files[0][1]]
    days = [one.due_at.astimezone(SHANGHAI).date() for one in planned]
    assert len(set(days)) == 3
    for one in planned:
        assert desk.planner.calendar.is_working(one.due_at, desk.planner.calendar.home)
    before = [(one.id, one.due_at) for one in desk.waiting()]
    desk.night()
    assert [(one.id, one.due_at) for one in desk.waiting()] == before


def test_the_clock_of_their_mails_tells_where_they_sit(desk: Desk) -> None:
    with writing(desk.engine) as session:
        session.get_one(Customer, 1).country = "US"
    desk.receive(replace(mail(at=desk.now, text=INQUIRY), date_offset=-7 * 60))
    with looking(desk.engine) as session:
        [facts] = facts_of(session, [1], desk.planner.calendar.home, desk.now)
    places = {reach.contact_id: reach.place.zone.key for reach in facts.reaches}
    assert places == {1: "America/Los_Angeles", 2: "America/New_York"}


# --- promises -----------------------------------------------------------------------------------------------------------


def test_a_promise_is_found_in_the_whole_mail_and_closed_by_the_mail_that_keeps_it(desk: Desk) -> None:
    asks(desk)
    desk.now += timedelta(hours=1)
    desk.send("Dear Anna,\n" + "We make valves since 1990. " * 200 + "\nI will send you the quotation by Friday.\nLina")
    [promise] = desk.promises()
    assert promise.text == "I will send you the quotation by Friday"
    assert (promise.due_on, promise.about) == (date(2026, 6, 5), "quote_sent")
    desk.now += timedelta(hours=1)
    desk.send("Thank you for your patience.")
    assert desk.promises()[0].state is PromiseState.OPEN
    desk.now += timedelta(hours=1)
    kept = desk.send(QUOTATION, attachments=["Q-77.pdf"])
    assert desk.promises()[0].state is PromiseState.KEPT
    assert desk.promises()[0].kept_entry_id == desk.entries(1)[-1].id
    assert desk.message(kept).id == desk.entries(1)[-1].message_id


def test_a_promise_that_a_person_opens_again_is_not_closed_by_the_same_mail(desk: Desk) -> None:
    asks(desk)
    desk.now += timedelta(hours=1)
    desk.send("I will send you the quotation by Friday.")
    desk.now += timedelta(hours=1)
    desk.send(QUOTATION, attachments=["Q-77.pdf"])
    desk.do(promises.reopen, desk.promises()[0].id)
    desk.night()
    assert desk.promises()[0].state is PromiseState.OPEN
    desk.now += timedelta(hours=1)
    desk.send(QUOTATION, attachments=["Q-78.pdf"])
    assert desk.promises()[0].state is PromiseState.KEPT


def test_a_promise_by_hand_is_closed_by_a_mail_that_does_what_it_is_about(desk: Desk) -> None:
    asks(desk)
    desk.do(promises.add, 1, "Told him on the phone: the quotation comes tomorrow", None, now=desk.now)
    desk.do(promises.add, 1, "Ask the boss about agency", None, now=desk.now)
    desk.now += timedelta(hours=1)
    desk.send(QUOTATION, attachments=["Q-77.pdf"])
    assert [one.state for one in desk.promises()] == [PromiseState.KEPT, PromiseState.OPEN]


# --- by hand ------------------------------------------------------------------------------------------------------------


def test_a_call_in_the_log_counts_as_a_step(desk: Desk) -> None:
    asks(desk)
    desk.now += timedelta(hours=1)
    desk.send(QUOTATION, attachments=["Q-77.pdf"])
    desk.now += 4 * DAY
    with writing(desk.engine) as session:
        called = Written(Channel.CALL, desk.now - timedelta(hours=1), Direction.OUT, "They compare offers.")
        entries.append(session, 1, called, now=desk.now, by="lina")
    desk.go_on()
    assert [(one.stage, one.step) for one in desk.waiting()] == [("quoted", 2)]


def test_who_has_left_the_company_gets_nothing_and_the_only_decision_maker_does(desk: Desk) -> None:
    asks(desk)
    desk.now += timedelta(hours=1)
    desk.send(QUOTATION, attachments=["Q-77.pdf"])
    with writing(desk.engine) as session:
        left = session.query(ContactAddress).filter_by(contact_id=1).one()
        left.health, left.health_at = AddressHealth.LEFT, desk.now
        unplanned.mark(session, [1])
    desk.go_on()
    assert [(one.stage, one.action.value) for one in desk.waiting()] == [("left", "task")]
    with writing(desk.engine) as session:
        session.get_one(Contact, 2).decision_role = "decision_maker"  # type: ignore[assignment]
        unplanned.mark(session, [1])
    desk.go_on()
    assert {(one.stage, one.contact_id) for one in desk.waiting()} == {("left", 1), ("quoted", 2)}


def test_a_draft_that_was_skipped_lets_the_next_step_come(desk: Desk) -> None:
    asks(desk)
    [draft] = desk.drafts(DraftState.OPEN)
    desk.do(review.skip, draft.id, now=desk.now, by="lina")
    assert desk.waiting() == []
    assert [one.state for one in desk.follow_ups()] == [FollowUpState.SKIPPED]
