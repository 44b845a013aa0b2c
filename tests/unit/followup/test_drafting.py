"""A follow-up becomes a draft in the right thread, language and account, to the right people; or it says why it can't."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select, update

from inboxcrm import settings
from inboxcrm.customers.suppression import suppress
from inboxcrm.followup import drafting, polishing, review
from inboxcrm.followup.conversation import THREAD_LIVES
from inboxcrm.followup.drafting import DraftingError, Workshop
from inboxcrm.followup.polishing import Result
from inboxcrm.followup.templates import Templates, save
from inboxcrm.model import (
    AddressHealth,
    BusinessRecord,
    Contact,
    ContactAddress,
    Customer,
    Draft,
    DraftState,
    FollowUp,
    FollowUpState,
    Message,
    PlanHold,
    RecordKind,
    RecordStep,
    Stage,
    SuppressionReason,
    SuppressionScope,
    Unplanned,
)
from inboxcrm.model.database import looking, writing
from inboxcrm.model.followup import Action
from inboxcrm.settings import Server, Settings
from tests.cast import ANNA, CARLOS, LINA, NOW, TOM, Office, mail

PETER = "peter@nordlicht.de"
AHEAD = timedelta(hours=12)
SIGNATURE = "Lina Chen\nBright Valve Co., Ltd.\n+86 574 0000"


@pytest.fixture
def house(engine: Engine, tmp_path: Path) -> House:
    return House(Office(engine), tmp_path)


class House:
    """Lina's customer files, her settings, and what is planned."""

    def __init__(self, office: Office, home: Path) -> None:
        self.office, self.home = office, home
        self.customer = office.customer(addresses=[ANNA, PETER])
        self.configure()
        self._ids = count(1)
        with writing(office.engine) as session:  # nobody waits to be planned anew
            session.query(Unplanned).delete()

    def configure(self, **account: Any) -> None:
        place = Server(host="127.0.0.1", port=1, security="none")
        lina = settings.Account(**({"address": LINA, "name": "Lina Chen", "imap": place} | account))
        self.settings = Settings(home=self.home, accounts=(lina,))
        self.workshop = Workshop(
            self.settings, Templates(self.home), AHEAD, lambda domain: f"{next(self._ids)}.draft@{domain}"
        )

    def planned(self, stage: str = "quoted", step: int = 1, **fields: Any) -> int:
        values: dict[str, Any] = {
            "customer_id": self.customer,
            "anchor": f"silence:{step}",
            "stage": stage,
            "step": step,
            "action": Action.MAIL,
            "template": stage,
            "due_at": NOW + timedelta(hours=1),
            "reasons": [{"kind": "step"}],
            "created_at": NOW,
        }
        with writing(self.office.engine) as session:
            session.query(Unplanned).delete()
            one = FollowUp(**(values | fields))
            session.add(one)
            session.flush()
            return one.id

    def draft_due(self, now: datetime = NOW) -> list[Draft]:
        with writing(self.office.engine) as session:
            return drafting.draft_due(session, self.workshop, now)

    def draft(self, stage: str = "quoted", step: int = 1, **fields: Any) -> Draft:
        """The draft of a new follow-up."""
        follow_up = self.planned(stage, step, **fields)
        with writing(self.office.engine) as session:
            return drafting.draft_for(session, session.get_one(FollowUp, follow_up), self.workshop, NOW)

    def problem(self, follow_up: int) -> str:
        with looking(self.office.engine) as session:
            return drafting.problem_of(session.get_one(FollowUp, follow_up))

    def set(self, table: Any, where: Any, **values: Any) -> None:
        with writing(self.office.engine) as session:
            session.execute(update(table).where(where).values(**values))

    def thread(self, *mails: Any, sent: Sequence[int] = ()) -> None:
        """Mails arrive; those numbered in `sent` are Lina's."""
        for number, one in enumerate(mails):
            self.office.take(one, folder="Sent" if number in sent else "INBOX")
            self.office.fetch_texts()


def addresses(people: list[dict[str, Any]]) -> list[str]:
    return [one["address"] for one in people]


# --- what is due ------------------------------------------------------------------------------------------------------


def test_a_draft_is_written_when_its_time_comes_near(house: House) -> None:
    follow_up = house.planned(due_at=NOW + timedelta(hours=20))
    assert house.draft_due() == []
    (draft,) = house.draft_due(NOW + timedelta(hours=9))
    assert (draft.follow_up_id, draft.state, draft.reasons) == (follow_up, DraftState.OPEN, [{"kind": "step"}])
    with looking(house.office.engine) as session:
        assert session.get_one(FollowUp, follow_up).state is FollowUpState.DRAFTED
    assert house.draft_due(NOW + timedelta(hours=9)) == []


def test_calls_and_what_is_settled_get_no_draft(house: House) -> None:
    house.planned(step=1, action=Action.CALL)
    house.planned(step=2, state=FollowUpState.STOPPED)
    assert house.draft_due() == []


def test_a_paused_customer_and_one_that_is_planned_anew_wait(house: House) -> None:
    house.planned()
    with writing(house.office.engine) as session:
        session.add(PlanHold(customer_id=house.customer, until=None, by="lina", at=NOW))
    assert house.draft_due() == []
    house.set(PlanHold, PlanHold.customer_id == house.customer, until=NOW - timedelta(hours=1))
    with writing(house.office.engine) as session:
        session.add(Unplanned(customer_id=house.customer))
    assert house.draft_due() == []
    with writing(house.office.engine) as session:
        session.query(Unplanned).delete()
    assert len(house.draft_due()) == 1


def test_what_can_not_be_written_says_why_and_is_tried_again_later(house: House) -> None:
    path = save(house.home, "quoted", "en", "Subject: x\n\n{{ salutation }}\n\nOur quotation of {{ quote.sent }}.\n")
    follow_up = house.planned()
    assert house.draft_due() == []
    assert f"{path}, line 5: quote.sent isn't known here" in house.problem(follow_up)
    with looking(house.office.engine) as session:
        assert session.scalars(select(Draft)).all() == []
        assert session.get_one(FollowUp, follow_up).state is FollowUpState.PLANNED
    path.unlink()
    assert house.draft_due(NOW + timedelta(minutes=5)) == []
    (draft,) = house.draft_due(NOW + timedelta(minutes=61))
    assert draft.reasons == [{"kind": "step"}]
    assert house.problem(follow_up) == ""


def test_one_that_can_not_be_written_keeps_no_other_back(house: House) -> None:
    house.planned(step=1, template="nothing")
    house.planned(step=2)
    assert len(house.draft_due()) == 1


# --- thread and people ------------------------------------------------------------------------------------------------


def test_a_draft_answers_the_last_mail_of_the_thread(house: House) -> None:
    first = mail(ANNA, [LINA], "Ball valves", at=NOW - timedelta(days=9))
    ours = mail(LINA, ANNA, "Re: Ball valves", "Our price.", at=NOW - timedelta(days=8), answers=first.message_id)
    last = mail(
        f"Anna Ahlers <{ANNA}>", [LINA, PETER], "AW: Ball valves", "Thanks, we compare.",
        at=NOW - timedelta(days=7), answers=ours.message_id, cc=[TOM, "boss@nordlicht.de"],
    )  # fmt: skip
    house.thread(first, ours, last, sent=[1])
    draft = house.draft()
    assert draft.subject == "Re: Ball valves"
    assert draft.in_reply_to == last.message_id
    assert draft.references == [first.message_id, ours.message_id, last.message_id]
    assert draft.to == [{"name": "Anna Ahlers", "address": ANNA}]
    assert addresses(draft.cc) == [PETER, TOM, "boss@nordlicht.de"]
    assert draft.quoted == (f"On Mon, 25 May 2026 at 16:00, Anna Ahlers <{ANNA}> wrote:\n> Thanks, we compare.")
    assert draft.message_id.endswith("@brightvalve.example")
    assert draft.account_id == house.office.account_id


def test_a_reminder_of_our_own_mail_goes_to_the_same_people(house: House) -> None:
    ours = mail(LINA, [ANNA], "Offer", "Our price.", at=NOW - timedelta(days=3), cc=[PETER])
    house.thread(ours, sent=[0])
    draft = house.draft()
    assert (addresses(draft.to), addresses(draft.cc), draft.subject) == ([ANNA], [PETER], "Re: Offer")
    assert draft.quoted.endswith("> Our price.")


def test_an_answer_goes_where_the_writer_wants_it(house: House) -> None:
    house.thread(mail(ANNA, LINA, "Valves", at=NOW - timedelta(days=2), reply_to="office@nordlicht.de", cc=[PETER]))
    draft = house.draft()
    assert (addresses(draft.to), addresses(draft.cc)) == (["office@nordlicht.de"], [PETER])
    assert draft.body.startswith("Dear Anna,")


def test_an_answer_is_not_led_to_a_stranger(house: House) -> None:
    house.thread(mail(ANNA, LINA, "Our new bank", at=NOW - timedelta(days=2), reply_to="anna@n0rdlicht.de"))
    assert addresses(house.draft().to) == [ANNA]


def test_nobody_of_another_customer_reads_along(house: House) -> None:
    house.office.customer("Andina", [CARLOS], ["andina.mx"])
    house.thread(mail(ANNA, [LINA, CARLOS], "Valves", at=NOW - timedelta(days=2), cc=["other@andina.mx", PETER]))
    assert addresses(house.draft().cc) == [PETER]


def test_an_old_thread_is_not_taken_up_again(house: House) -> None:
    house.thread(mail(ANNA, LINA, "Valves", at=NOW - THREAD_LIVES - timedelta(days=1)))
    draft = house.draft()
    assert (draft.in_reply_to, draft.references, draft.quoted, draft.thread_id) == ("", [], "", None)
    assert draft.subject == "Our quotation"
    assert draft.to == [{"name": "Anna", "address": ANNA}]


def test_the_thread_of_the_record_comes_before_a_newer_one(house: House) -> None:
    about = mail(ANNA, LINA, "Valves", at=NOW - timedelta(days=20))
    house.thread(about, mail(ANNA, LINA, "Invoice copy", at=NOW - timedelta(days=1)))
    thread = house.office.message(about).thread_id
    assert house.draft(thread_id=thread).subject == "Re: Valves"
    assert house.draft(step=2).subject == "Re: Invoice copy"


def test_a_contact_who_has_no_part_in_the_thread_gets_a_new_one(house: House) -> None:
    house.thread(mail(ANNA, LINA, "Valves", at=NOW - timedelta(days=2)))
    with writing(house.office.engine) as session:
        peter = session.scalars(select(ContactAddress.contact_id).where(ContactAddress.address == PETER)).one()
        draft = drafting.new_draft(session, house.workshop, house.customer, NOW, contact_id=peter)
    assert (addresses(draft.to), draft.in_reply_to) == ([PETER], "")


def test_automatic_mail_is_never_answered(house: House) -> None:
    from inboxcrm.reading import Automatic

    inquiry = mail(ANNA, LINA, "Valves", at=NOW - timedelta(days=4))
    away = mail(ANNA, LINA, "Out of office", at=NOW - timedelta(days=3), automatic=Automatic.AUTO_REPLY)
    house.thread(inquiry, away)
    assert house.draft().in_reply_to == inquiry.message_id


def test_addresses_that_bounce_or_are_blocked_get_no_mail(house: House) -> None:
    house.thread(mail(ANNA, [LINA, PETER], "Valves", at=NOW - timedelta(days=2)))
    house.set(ContactAddress, ContactAddress.address == ANNA, health=AddressHealth.BOUNCING)
    draft = house.draft()
    assert addresses(draft.to + draft.cc) == [PETER]
    with writing(house.office.engine) as session:
        suppress(session, PETER, reason=SuppressionReason.ASKED, now=NOW, scope=SuppressionScope.ALL)
    follow_up = house.planned(step=2)
    assert house.draft_due() == []
    assert "another address" in house.problem(follow_up)


def test_a_customer_without_contacts_is_told(house: House) -> None:
    customer = house.office.customer("Nobody", [])
    follow_up = house.planned(customer_id=customer)
    assert house.draft_due() == []
    assert "no contact" in house.problem(follow_up)


def test_two_hosts_of_one_person_do_not_read_along_but_colleagues_do(house: House) -> None:
    place = Server(host="127.0.0.1", port=1, security="none")
    second = settings.Account(address="lina@mail.example", name="Lina Chen", imap=place)
    colleague = settings.Account(address=TOM, name="Tom", imap=place)
    house.settings = Settings(home=house.home, accounts=(*house.settings.accounts, second, colleague))
    house.workshop = Workshop(house.settings, Templates(house.home), AHEAD)
    house.thread(mail(ANNA, [LINA, "lina@mail.example"], "Valves", at=NOW - timedelta(days=2), cc=[TOM]))
    assert addresses(house.draft().cc) == [TOM]


# --- language and text ------------------------------------------------------------------------------------------------


def test_the_language_is_the_contacts_else_that_of_the_mails_else_the_countrys(house: House) -> None:
    assert house.draft(step=1).language == "en"
    house.set(Customer, Customer.id == house.customer, country="MX")
    assert house.draft(step=2).language == "es"
    house.thread(mail(ANNA, LINA, "Ventile", at=NOW - timedelta(days=2)))
    house.set(Message, Message.subject == "Ventile", language="fr")
    assert house.draft(step=3).language == "fr"
    house.set(Contact, Contact.customer_id == house.customer, language="de", sex="female", name="Anna Ahlers")
    draft = house.draft(step=4)
    assert draft.language == "de"
    assert draft.body.startswith("Sehr geehrte Frau Ahlers,\n\n")
    assert draft.quoted.startswith("Am Sa., 30. Mai 2026")


def test_somebody_is_greeted_as_lina_greets_them(house: House) -> None:
    house.set(Contact, Contact.customer_id == house.customer, language="en", sex="female", name="Anna Ahlers")
    assert house.draft(step=1).body.startswith("Dear Ms Ahlers,")
    house.thread(
        mail(LINA, ANNA, "Valves", "Hi Anna,\n\nhere is our price.", at=NOW - timedelta(days=2)),
        mail(LINA, PETER, "Valves", "Dear Peter,\n\nhere is our price.", at=NOW - timedelta(days=1)),
        sent=[0, 1],
    )
    assert house.draft(step=2).body.startswith("Hi Anna,\n\n")


def test_the_text_speaks_of_the_record_that_it_is_about(house: House) -> None:
    with writing(house.office.engine) as session:
        for number, product in ((1, "ball valves"), (2, "gate valves")):
            record = BusinessRecord(
                customer_id=house.customer,
                kind=RecordKind.QUOTE,
                stage=Stage.SENT,
                opened_at=NOW - timedelta(days=30 * number),
                changed_at=NOW,
                products=[product],
                steps=[RecordStep(stage=Stage.SENT, at=datetime(2026, 5, number, 20, tzinfo=UTC))],
            )
            session.add(record)
            session.flush()
            asked = record.id
    draft = house.draft(anchor=f"quoted:{asked}:0")
    # 20:00 UTC is the next day where Lina sits.
    assert "quotation of 3 May for gate valves" in draft.body
    assert "ball" not in draft.body


def test_no_step_repeats_a_text(house: House) -> None:
    bodies = [house.draft("sample_sent", step, anchor="sample_sent:1:0").body for step in range(1, 8)]
    assert len(set(bodies)) == 7
    follow_up = house.planned("sample_sent", 8, anchor="sample_sent:1:0")
    assert house.draft_due() == []
    assert "has had every text" in house.problem(follow_up)


def test_the_signature_of_the_account_stands_below(house: House) -> None:
    assert house.draft().body.endswith("\n\nBest regards\nLina Chen")
    house.configure(signature=f"\n{SIGNATURE}\n")
    assert house.draft(step=2).body.endswith(f"\n\nBest regards\n\n{SIGNATURE}")


# --- by hand ----------------------------------------------------------------------------------------------------------


def test_a_draft_by_hand_may_have_no_template(house: House) -> None:
    with writing(house.office.engine) as session:
        draft = drafting.new_draft(session, house.workshop, house.customer, NOW, template="", language="de")
    assert draft.body == "Guten Tag Anna,\n\n\n\nMit freundlichen Grüßen\nLina Chen"
    with writing(house.office.engine) as session, pytest.raises(DraftingError):
        drafting.new_draft(session, house.workshop, house.customer, NOW, contact_id=999)


def test_another_text_another_language_and_back(house: House) -> None:
    house.thread(mail(ANNA, LINA, "Valves", at=NOW - timedelta(days=2)))
    first = house.draft(step=2)
    with writing(house.office.engine) as session:
        second = drafting.again(session, house.workshop, first.id, NOW, by="lina")
        assert (second.variant, second.message_id, second.revision) != (first.variant, first.message_id, 1)
        assert (second.message_id, second.subject, second.template) == (first.message_id, "Re: Valves", "quoted")
        assert second.body != first.body
    with writing(house.office.engine) as session:
        german = drafting.again(session, house.workshop, first.id, NOW, by="lina", language="de")
        assert german.body.startswith("Guten Tag Anna,")
        assert german.quoted.startswith("Am ")
    with writing(house.office.engine) as session:
        assert drafting.again(session, house.workshop, first.id, NOW, by="lina", template="silent").template == "silent"
    with writing(house.office.engine) as session:
        back = review.undo(session, first.id, now=NOW, by="lina")
        assert (back.template, back.language) == ("quoted", "de")


# --- the writer -------------------------------------------------------------------------------------------------------


def test_a_polished_draft_says_by_whom_and_can_be_undone(house: House) -> None:
    draft = house.draft()
    order = polishing.order_of(draft, drafting.signature_below(house.settings.accounts[0]))
    assert order is not None
    assert order.text + order.below == draft.body
    assert order.text.endswith("Best regards")
    with writing(house.office.engine) as session:
        assert polishing.put_in(session, Result(order, "some-model at example.com", text="Better."), NOW)
    with looking(house.office.engine) as session:
        now = session.get_one(Draft, draft.id)
        assert (now.body, now.polished_by, now.revision) == ("Better.\nLina Chen", "some-model at example.com", 2)
    with writing(house.office.engine) as session:
        assert review.undo(session, draft.id, now=NOW, by="lina").body == draft.body


def test_a_failing_writer_leaves_the_draft_as_it_was_and_says_so(house: House) -> None:
    draft = house.draft()
    order = polishing.order_of(draft, "")
    assert order is not None
    with writing(house.office.engine) as session:
        assert polishing.put_in(session, Result(order, "m", why="it didn't answer"), NOW)
    with looking(house.office.engine) as session:
        now = session.get_one(Draft, draft.id)
        assert (now.body, now.polished_by, now.revision) == (draft.body, "", 1)
        assert now.reasons[-1] == {"kind": polishing.NOT_POLISHED, "writer": "m", "why": "it didn't answer"}


def test_what_a_person_changed_meanwhile_is_not_overwritten(house: House) -> None:
    draft = house.draft()
    order = polishing.order_of(draft, "")
    assert order is not None
    with writing(house.office.engine) as session:
        review.edit(session, draft.id, now=NOW, by="lina", body="Mine.")
    with writing(house.office.engine) as session:
        assert not polishing.put_in(session, Result(order, "m", text="Better."), NOW)
        assert polishing.order_of(session.get_one(Draft, draft.id), "") is None
