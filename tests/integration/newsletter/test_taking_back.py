"""An approval is taken back, on either database: while the issue hasn't begun, whole or not at all, and never for what has gone; and
a paused issue goes on.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from inboxcrm.model import Account, Issue, IssueState, Recipient, RecipientState
from inboxcrm.model.database import looking, open_engine, upgrade, writing
from inboxcrm.newsletter import issues, mailing
from inboxcrm.newsletter.approving import approve, go_on, take_back
from inboxcrm.newsletter.issues import IssueError
from inboxcrm.newsletter.press import Press
from inboxcrm.settings import Account as AccountSettings
from tests.newsletters import BODY, LINA, NOW, account_in, customer_in, press_in, settings_in

LATER = NOW + timedelta(days=2)


def approved(session: Session, press: Press) -> Issue:
    """An issue that goes to two customers in two days."""
    for name in ("andina", "nordlicht"):
        customer_in(session, name.title(), f"info@{name}.example")
    issue = issues.create(session, press, name="Summer", account_id=account_in(session).id, now=NOW, by="lina")
    issues.write_text(session, issue.id, "en", subjects=["Three new valves"], body=BODY)
    issues.submit(session, issue.id)
    approve(session, press, issue.id, NOW, by="lina", send_at=LATER)
    return issue


def recipients(session: Session) -> list[str]:
    return list(session.scalars(select(Recipient.address).order_by(Recipient.address)))


def test_what_was_approved_can_be_changed_and_approved_again(session: Session, press: Press) -> None:
    issue = approved(session, press)
    first = set(session.scalars(select(Recipient.message_id)))
    take_back(session, issue.id)
    assert (issue.state, issue.send_at, issue.approved_at, issue.approved_by) == (IssueState.DRAFT, None, None, "")
    assert recipients(session) == []
    issues.edit(session, press, issue.id, name="Late summer")
    customer_in(session, "Third", "info@third.example")
    issues.submit(session, issue.id)
    approve(session, press, issue.id, LATER, by="wei")
    assert (issue.state, issue.send_at, issue.approved_by) == (IssueState.APPROVED, LATER, "wei")
    assert recipients(session) == ["info@andina.example", "info@nordlicht.example", "info@third.example"]
    assert first.isdisjoint(session.scalars(select(Recipient.message_id)))


def test_who_waited_for_it_can_get_another_issue(session: Session, press: Press) -> None:
    issue = approved(session, press)
    other = issues.copy(session, issue.id, name="Other", now=NOW, by="lina")
    issues.submit(session, other.id)
    take_back(session, issue.id)
    assert approve(session, press, other.id, NOW, by="lina").recipients == 2


def test_an_issue_paused_before_it_began_is_taken_back_too(session: Session, press: Press) -> None:
    issue = approved(session, press)
    mailing.pause(session, issue.id, by="lina")
    take_back(session, issue.id)
    assert (issue.state, issue.paused_because) == (IssueState.DRAFT, "")
    assert recipients(session) == []


def test_an_issue_whose_account_is_gone_is_taken_back_and_goes_from_another(session: Session, press: Press) -> None:
    issue = approved(session, press)
    other = Account(address="wei@brightvalve.example")
    session.add(other)
    session.flush()
    mailing.strand(session, [other.id], "gone")
    assert issue.state is IssueState.PAUSED
    take_back(session, issue.id)
    settings = settings_in(press.settings.home)
    wei = AccountSettings(address=other.address, imap=settings.accounts[0].imap, smtp=settings.accounts[0].smtp)
    only_wei = press_in(press.settings.home, accounts=(wei,))
    issues.submit(session, issue.id)
    with pytest.raises(IssueError, match=LINA), session.begin_nested():
        approve(session, only_wei, issue.id, NOW, by="lina")
    issues.edit(session, only_wei, issue.id, account_id=other.id)
    issues.submit(session, issue.id)
    assert approve(session, only_wei, issue.id, NOW, by="lina").recipients == 2
    assert all(one.endswith("@brightvalve.example") for one in session.scalars(select(Recipient.message_id)))


@pytest.mark.parametrize("state", [IssueState.SENDING, IssueState.PAUSED])
def test_what_has_begun_is_not_taken_back(session: Session, press: Press, state: IssueState) -> None:
    issue = approved(session, press)
    assert mailing.begin_due(session, issue.account_id, LATER) == [issue.id]
    if state is IssueState.PAUSED:
        mailing.pause(session, issue.id, by="lina")
    with pytest.raises(IssueError, match="can't be taken back any more"):
        take_back(session, issue.id)
    assert (issue.state, len(recipients(session))) == (state, 2)


def test_a_paused_issue_goes_on_only_from_an_account_that_can_send(session: Session, press: Press) -> None:
    issue = approved(session, press)
    mailing.strand(session, [], "gone")
    nobody = press_in(press.settings.home, accounts=())
    with pytest.raises(IssueError, match=rf"{LINA} isn't in the settings any more.* take “Summer” back"):
        go_on(session, nobody, issue.id, NOW)
    mute = press.settings.accounts[0].model_copy(update={"smtp": None})
    with pytest.raises(IssueError, match="no server to send through"):
        go_on(session, press_in(press.settings.home, accounts=(mute,)), issue.id, NOW)
    assert issue.state is IssueState.PAUSED
    assert go_on(session, press, issue.id, NOW).state is IssueState.APPROVED
    mailing.begin_due(session, issue.account_id, LATER)
    mailing.pause(session, issue.id, by="lina")
    with pytest.raises(IssueError, match="cancel “Summer” and copy it"):
        go_on(session, nobody, issue.id, LATER)
    assert go_on(session, press, issue.id, LATER).state is IssueState.SENDING
    with pytest.raises(IssueError, match="being sent"):
        go_on(session, nobody, issue.id, LATER)


def test_what_somebody_has_answered_is_not_taken_back(session: Session, press: Press) -> None:
    issue = approved(session, press)
    session.scalars(select(Recipient)).first().state = RecipientState.SENT  # type: ignore[union-attr]
    session.flush()
    with pytest.raises(IssueError, match="can't be taken back any more"):
        take_back(session, issue.id)
    assert len(recipients(session)) == 2


def test_a_text_that_is_open_elsewhere_changes_nothing_once_it_is_approved(postgresql_url: str, press: Press) -> None:
    engine = open_engine(postgresql_url)
    upgrade(engine)
    with writing(engine) as writer:
        issue = approved(writer, press)
        take_back(writer, issue.id)
        issues.submit(writer, issue.id)
    with looking(engine) as editing:
        assert issues.get(editing, issue.id).state is IssueState.REVIEW
        with writing(engine) as writer:
            approve(writer, press, issue.id, NOW, by="lina", send_at=LATER)
        with pytest.raises(IssueError, match="Take it back first"):
            issues.write_text(editing, issue.id, "en", subjects=["Other"], body="Other")
    engine.dispose()
