"""What a person does with a draft: only what is possible, with the reason when not, and one step takes it back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select

from inboxcrm.customers.suppression import suppress
from inboxcrm.followup import queue, review, unplanned
from inboxcrm.followup.review import ReviewError
from inboxcrm.model import (
    Account,
    Action,
    AddressHealth,
    ContactAddress,
    Customer,
    Draft,
    DraftState,
    FollowUp,
    FollowUpState,
    Grade,
    SuppressionReason,
    SuppressionScope,
)
from inboxcrm.model.database import looking, writing
from tests.cast import ANNA, NOW, Office

DELAY = timedelta(seconds=60)
BY: dict[str, Any] = {"now": NOW, "by": "lina"}


@pytest.fixture
def office(engine: Engine) -> Office:
    return Office(engine)


def draft(office: Office, customer: int, *, state: DraftState = DraftState.OPEN, due_in: int = 0, **values: Any) -> int:
    """A draft to Anna with its follow-up, due in so many hours."""
    with writing(office.engine) as session:
        account = session.scalars(select(Account)).first()
        if account is None:
            account = Account(address="lina@brightvalve.example")
            session.add(account)
            session.flush()
        number = len(session.scalars(select(FollowUp.id)).all()) + 1
        follow_up = FollowUp(
            customer_id=customer,
            anchor="record:1",
            stage=values.pop("stage", "quoted"),
            step=number,
            action=Action.MAIL,
            due_at=NOW + timedelta(hours=due_in),
            state=FollowUpState.DRAFTED,
            reasons=[],
            created_at=NOW,
        )
        session.add(follow_up)
        session.flush()
        made = Draft(
            **{
                "customer_id": customer,
                "follow_up_id": follow_up.id,
                "account_id": account.id,
                "message_id": f"<{number}@brightvalve.example>",
                "references": [],
                "to": [{"name": "Anna", "address": ANNA}],
                "cc": [],
                "bcc": [],
                "subject": "Re: Ball valves",
                "body": "Dear Anna",
                "quoted": "> old",
                "attachments": [],
                "reasons": [],
                "created_at": NOW,
                "state": state,
                **values,
            }
        )
        session.add(made)
        session.flush()
        return made.id


def shown(office: Office, draft_id: int) -> Draft:
    with looking(office.engine) as session:
        return review.get(session, draft_id)


def follow_up(office: Office, draft_id: int) -> FollowUp:
    with looking(office.engine) as session:
        return session.get_one(FollowUp, review.get(session, draft_id).follow_up_id)


def test_an_approved_draft_goes_after_the_delay_and_never_before(office: Office) -> None:
    one = draft(office, office.customer())
    with writing(office.engine) as session:
        review.approve(session, one, delay=DELAY, send_at=NOW, **BY)
    approved = shown(office, one)
    assert (approved.state, approved.approved_by, approved.send_at) == (DraftState.APPROVED, "lina", NOW + DELAY)


def test_a_chosen_time_is_kept(office: Office) -> None:
    one = draft(office, office.customer())
    morning = NOW + timedelta(hours=15)
    with writing(office.engine) as session:
        review.approve(session, one, delay=DELAY, send_at=morning, **BY)
    assert shown(office, one).send_at == morning


def test_what_is_approved_can_be_taken_back_until_it_is_on_its_way(office: Office) -> None:
    one = draft(office, office.customer())
    with writing(office.engine) as session:
        review.approve(session, one, delay=DELAY, **BY)
        review.take_back(session, one, **BY)
    assert (shown(office, one).state, shown(office, one).send_at) == (DraftState.OPEN, None)
    with writing(office.engine) as session:
        review.get(session, one).state = DraftState.SENDING
    with writing(office.engine) as session, pytest.raises(ReviewError, match="on its way"):
        review.take_back(session, one, **BY)


def test_editing_what_is_approved_asks_for_a_new_approval(office: Office) -> None:
    one = draft(office, office.customer())
    with writing(office.engine) as session:
        review.approve(session, one, delay=DELAY, **BY)
        review.edit(session, one, body="Dear Anna,\r\nnew", **BY)
    edited = shown(office, one)
    assert (edited.state, edited.body, edited.edited, edited.revision) == (DraftState.OPEN, "Dear Anna,\nnew", True, 2)
    assert edited.approved_by == ""


def test_an_edit_that_changes_nothing_leaves_an_approval_alone(office: Office) -> None:
    one = draft(office, office.customer())
    with writing(office.engine) as session:
        review.approve(session, one, delay=DELAY, **BY)
        review.edit(session, one, body="Dear Anna", **BY)
    assert shown(office, one).state is DraftState.APPROVED


def test_two_people_do_not_overwrite_each_other(office: Office) -> None:
    one = draft(office, office.customer())
    with writing(office.engine) as session:
        review.edit(session, one, subject="First", revision=1, **BY)
    with writing(office.engine) as session, pytest.raises(ReviewError, match="Somebody else"):
        review.edit(session, one, subject="Second", revision=1, **BY)
    assert shown(office, one).subject == "First"


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"subject": "Offer\nBcc: all@x.example"}, "one line"),
        ({"to": [{"name": "A\r\nBcc: b@c.example", "address": ANNA}]}, "one line"),
        ({"to": [{"name": "", "address": "anna"}]}, "no mail address"),
        ({"cc": [{"name": "", "address": "a b@c.example"}]}, "no mail address"),
    ],
)
def test_no_field_can_carry_a_header_or_a_broken_address(office: Office, change: dict[str, Any], says: str) -> None:
    one = draft(office, office.customer())
    with writing(office.engine) as session, pytest.raises(ReviewError, match=says):
        review.edit(session, one, **change, **BY)


@pytest.mark.parametrize(
    ("missing", "says"), [({"to": []}, "no recipient"), ({"subject": " "}, "no subject"), ({"body": "\n"}, "no text")]
)
def test_an_incomplete_draft_is_not_approved(office: Office, missing: dict[str, Any], says: str) -> None:
    one = draft(office, office.customer(), **missing)
    with writing(office.engine) as session, pytest.raises(ReviewError, match=says):
        review.approve(session, one, delay=DELAY, **BY)


def test_nothing_is_approved_to_an_address_that_bounces_or_is_blocked(office: Office) -> None:
    one = draft(office, office.customer())
    with writing(office.engine) as session:
        session.scalars(select(ContactAddress)).one().health = AddressHealth.BOUNCING
    with writing(office.engine) as session, pytest.raises(ReviewError, match="comes back"):
        review.approve(session, one, delay=DELAY, **BY)
    with writing(office.engine) as session:
        session.scalars(select(ContactAddress)).one().health = AddressHealth.OK
        suppress(session, ANNA, reason=SuppressionReason.PERSON, scope=SuppressionScope.ALL, now=NOW)
    with writing(office.engine) as session, pytest.raises(ReviewError, match="blocked"):
        review.approve(session, one, delay=DELAY, **BY)


def test_leaving_a_step_out_ends_it_and_asks_for_the_next(office: Office) -> None:
    customer = office.customer()
    one = draft(office, customer)
    with writing(office.engine) as session:
        review.skip(session, one, **BY)
        assert customer in unplanned.waiting(session, 10)
    assert (shown(office, one).state, follow_up(office, one).state) == (DraftState.SKIPPED, FollowUpState.SKIPPED)


def test_one_step_takes_back_what_was_left_out(office: Office) -> None:
    one = draft(office, office.customer())
    with writing(office.engine) as session:
        review.skip(session, one, **BY)
        review.undo(session, one, **BY)
    assert (shown(office, one).state, follow_up(office, one).state) == (DraftState.OPEN, FollowUpState.DRAFTED)


def test_taking_back_never_sends(office: Office) -> None:
    one = draft(office, office.customer())
    with writing(office.engine) as session:
        review.approve(session, one, delay=DELAY, **BY)
        review.snooze(session, one, NOW + timedelta(days=1), **BY)
        review.undo(session, one, **BY)
    assert (shown(office, one).state, shown(office, one).send_at) == (DraftState.OPEN, None)


def test_an_undone_edit_is_a_new_revision_so_that_the_copy_in_the_mail_program_follows(office: Office) -> None:
    one = draft(office, office.customer())
    with writing(office.engine) as session:
        review.edit(session, one, body="Nonsense", **BY)
        review.undo(session, one, **BY)
    assert (shown(office, one).body, shown(office, one).revision) == ("Dear Anna", 3)


@pytest.mark.parametrize("state", [DraftState.SENDING, DraftState.SENT, DraftState.UNKNOWN])
def test_what_has_gone_or_may_have_gone_is_not_withdrawn(office: Office, state: DraftState) -> None:
    one = draft(office, office.customer(), state=state)
    with writing(office.engine) as session:
        assert not review.withdraw(session, one, "The customer wrote first.", now=NOW)
    assert shown(office, one).state is state


def test_a_withdrawn_draft_says_why(office: Office) -> None:
    one = draft(office, office.customer(), state=DraftState.APPROVED)
    with writing(office.engine) as session:
        assert review.withdraw(session, one, "The customer wrote first.", now=NOW)
    assert (shown(office, one).state, shown(office, one).error) == (DraftState.WITHDRAWN, "The customer wrote first.")
    assert follow_up(office, one).state is FollowUpState.STOPPED


def test_of_a_mail_that_nobody_knows_of_a_person_decides(office: Office) -> None:
    customer = office.customer()
    went, again = (draft(office, customer, state=DraftState.UNKNOWN, sending_at=NOW) for _ in range(2))
    with writing(office.engine) as session:
        review.mark_sent(session, went, **BY)
        review.send_again(session, again, delay=DELAY, **BY)
    assert (shown(office, went).state, shown(office, went).sent_at) == (DraftState.SENT, NOW)
    assert follow_up(office, went).state is FollowUpState.DONE
    assert shown(office, again).state is DraftState.APPROVED


def test_the_queue_begins_with_what_went_wrong_then_with_what_is_due_first(office: Office) -> None:
    customer, other = office.customer(), office.customer("Andina")
    with writing(office.engine) as session:
        session.get_one(Customer, other).grade = Grade.C
    later, first, failed = (
        draft(office, customer, due_in=5),
        draft(office, other, due_in=-5),
        draft(office, customer, due_in=9, state=DraftState.FAILED),
    )
    asleep = draft(office, customer, state=DraftState.SNOOZED, wake_at=NOW + timedelta(hours=1))
    draft(office, customer, state=DraftState.SENT)
    with looking(office.engine) as session:
        now = queue.waiting(session, NOW)
        assert [one.draft_id for one in now] == [failed, first, later]
        assert queue.count_waiting(session, NOW) == 3
        assert asleep in [one.draft_id for one in queue.waiting(session, NOW + timedelta(hours=1))]
        assert [one.draft_id for one in queue.waiting(session, NOW, grade=Grade.C)] == [first]
    assert queue.following(now, first) == later
    assert queue.following(now, later) == first
    assert queue.following(now[:1], failed) is None
