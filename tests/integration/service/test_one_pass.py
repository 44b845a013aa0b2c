"""A complete pass against a real Dovecot: every mail once, wherever and however often it lies there; and no trace on the server."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from inboxcrm import model
from inboxcrm.model import AccountState, TextState
from inboxcrm.model.database import looking, writing
from inboxcrm.reading.addresses import normal
from tests.integration.service.installation import SENDERS, STRANGER, Installation, Truth, mail
from tests.servers.dovecot import Dovecot, running


@pytest.fixture
def place(dovecot: Dovecot, user: str, tmp_path: Path) -> Installation:
    """An installation for the one account `user`."""
    return Installation(tmp_path / "home", (dovecot.settings_for(user),))


def fill(dovecot: Dovecot, user: str, truth: Truth, numbers: range) -> None:
    """Received mails from all senders and a stranger, every fourth a mail of ours in Sent."""
    for number in numbers:
        other = (*SENDERS, STRANGER)[number % 5]
        if number % 4 == 3:
            dovecot.deliver(user, mail(number, user, other), "Sent")
        else:
            dovecot.deliver(user, mail(number, other, user))
        truth.add(number, other)


def test_history_and_new_mail_of_both_folders_are_logged_once(place: Installation, dovecot: Dovecot, user: str) -> None:
    truth = Truth()
    fill(dovecot, user, truth, range(60))

    first = place.sync()
    fill(dovecot, user, truth, range(60, 80))
    second = place.sync()
    third = place.sync()

    assert place.log() == truth.log()
    assert place.messages() == sorted(truth.mails)
    assert [result.ok for result in (*first, *second, *third)] == [True, True, True]
    assert [result[0].total.new for result in (first, second, third)] == [60, 20, 0]


def test_batches_of_one_mail_give_the_same_log(dovecot: Dovecot, user: str, tmp_path: Path) -> None:
    truth = Truth()
    fill(dovecot, user, truth, range(25))
    place = Installation(tmp_path / "home", (dovecot.settings_for(user),), changes={"sync": {"batch": 1, "readers": 1}})

    place.sync()

    assert place.log() == truth.log()


def test_the_same_mail_in_two_folders_and_two_accounts_is_one_message_in_four_places(
    dovecot: Dovecot, user: str, tmp_path: Path
) -> None:
    colleague = user.replace("lina", "wang")
    raw = mail("shared", "anna@ahlers.example", f"{user}, {colleague}")
    for one in (user, colleague):
        dovecot.deliver(one, raw)
        dovecot.make_folder(one, "Projects")
        dovecot.deliver(one, raw, "Projects")
    accounts = [dovecot.settings_for(one, folders=["Projects"]) for one in (user, colleague)]
    place = Installation(tmp_path / "home", tuple(accounts))

    place.sync()

    assert place.log() == {("shared@mails.example", "Ahlers"): 1}
    assert sorted(place.locations()) == sorted(
        (one, folder) for one in (user, colleague) for folder in ("INBOX", "Projects")
    )


def test_a_changed_uidvalidity_loses_nothing_and_doubles_nothing(
    place: Installation, dovecot: Dovecot, user: str
) -> None:
    truth = Truth()
    fill(dovecot, user, truth, range(30))
    place.sync()

    dovecot.change_uidvalidity(user)
    fill(dovecot, user, truth, range(30, 40))
    again = place.sync()

    assert place.log() == truth.log()
    assert place.messages() == sorted(truth.mails)
    assert place.locations()[(user, "INBOX")] == dovecot.uids(user)
    assert again[0].folders["INBOX"].counts.known > 0
    with looking(place.engine) as session:
        assert session.scalar(select(model.Folder.generation).where(model.Folder.name == "INBOX")) == 2


def test_reading_leaves_no_trace_on_the_server(place: Installation, dovecot: Dovecot, user: str) -> None:
    fill(dovecot, user, Truth(), range(40))

    def state() -> dict[str, object]:
        return {folder: dovecot.flags(user, folder) for folder in ("INBOX", "Sent")}

    before = state()
    place.sync()

    assert state() == before
    assert not any("\\Seen" in flags for flags in dovecot.flags(user).values())
    names = [path.name for path in dovecot.maildir(user).glob("*/*") if path.parent.name in ("cur", "new")]
    assert not any(name.rpartition(",")[2].strip() == "S" for name in names)


def test_mail_deleted_on_the_server_stays_in_the_log(place: Installation, dovecot: Dovecot, user: str) -> None:
    truth = Truth()
    fill(dovecot, user, truth, range(20))
    place.sync()

    dovecot.expunge(user, dovecot.uids(user)[:7])
    result = place.sync()[0]

    assert place.log() == truth.log()
    assert result.ok
    assert not place.troubles()


def test_mail_that_vanishes_while_it_is_fetched_is_no_trouble(place: Installation, dovecot: Dovecot, user: str) -> None:
    truth = Truth()
    fill(dovecot, user, truth, range(120))
    deleted = dovecot.uids(user)[10:40]
    batches = 0

    def delete_in_the_middle(_address: str, _sync: object) -> None:
        nonlocal batches
        batches += 1
        if batches == 1:
            dovecot.expunge(user, deleted)

    small = place.settings.model_copy(update={"sync": place.settings.sync.model_copy(update={"batch": 20})})
    place.settings = small
    result = place.sync(progress=delete_in_the_middle)[0]

    assert result.ok
    assert not place.troubles()
    assert set(dovecot.uids(user)) <= set(place.locations()[(user, "INBOX")])
    log = place.log()
    assert set(log) <= set(truth.log())
    assert set(log.values()) == {1}


def test_a_mail_without_message_id_is_logged_once_wherever_it_lies(
    place: Installation, dovecot: Dovecot, user: str
) -> None:
    raw = mail(1, "anna@ahlers.example", user, message_id="")
    other = mail(2, "anna@ahlers.example", user, message_id="", text="Another question.")
    for one in (raw, other, raw):
        dovecot.deliver(user, one)

    place.sync()

    assert sum(place.log().values()) == 2


def test_private_mail_leaves_no_trace(dovecot: Dovecot, user: str, tmp_path: Path) -> None:
    privacy = {"exclude_senders": ["anna@ahlers.example"], "exclude_domains": ["bruno.example"]}
    place = Installation(tmp_path / "home", (dovecot.settings_for(user, privacy=privacy),))
    dovecot.deliver(user, mail(1, "Anna <ANNA@ahlers.example>", user))
    dovecot.deliver(user, mail(2, "bruno@bruno.example", user))
    dovecot.deliver(user, mail(3, "carla@carvalho.example", user))
    dovecot.deliver(user, mail(4, user, "anna@ahlers.example"), "Sent")
    dovecot.deliver(user, mail(5, user, "anna@ahlers.example, carla@carvalho.example"), "Sent")

    result = place.sync()[0]

    assert place.messages() == ["3@mails.example", "5@mails.example"]
    assert result.total.excluded == 3


def test_with_only_folder_nothing_else_is_read(dovecot: Dovecot, user: str, tmp_path: Path) -> None:
    dovecot.deliver(user, mail(1, "anna@ahlers.example", user))
    dovecot.deliver(user, mail(2, "anna@ahlers.example", user), "Customers")
    place = Installation(tmp_path / "home", (dovecot.settings_for(user, privacy={"only_folder": "Customers"}),))

    place.sync()

    assert place.messages() == ["2@mails.example"]


def test_a_folder_that_is_missing_is_told_and_the_others_are_read(dovecot: Dovecot, user: str, tmp_path: Path) -> None:
    dovecot.deliver(user, mail(1, "anna@ahlers.example", user))
    place = Installation(tmp_path / "home", (dovecot.settings_for(user, folders=["Nowhere"]),))

    result = place.sync()[0]

    assert place.messages() == ["1@mails.example"]
    assert "Nowhere" in " ".join(result.problems)


def test_a_wrong_password_stops_the_account_and_no_other(dovecot: Dovecot, user: str, tmp_path: Path) -> None:
    colleague = user.replace("lina", "wang")
    good, bad = dovecot.settings_for(user), dovecot.settings_for(colleague)
    dovecot.add_user(colleague, "changed meanwhile")
    dovecot.deliver(user, mail(1, "anna@ahlers.example", user))
    place = Installation(tmp_path / "home", (bad, good))

    refused, read = place.sync()

    assert (refused.ok, read.ok) == (False, True)
    assert place.messages() == ["1@mails.example"]
    with looking(place.engine) as session:
        states = {row.address: row.state for row in session.scalars(select(model.Account))}
    assert states == {normal(colleague): AccountState.STOPPED, normal(user): AccountState.OK}


def test_a_text_that_is_wanted_later_is_fetched(place: Installation, dovecot: Dovecot, user: str) -> None:
    dovecot.deliver(user, mail(1, "anna@ahlers.example", user, text="We need 12 valves."))
    place.sync()
    with writing(place.engine) as session:
        message = session.scalars(select(model.Message)).one()
        message.text_state, message.new_text = TextState.WANTED, ""

    result = place.sync()[0]

    with looking(place.engine) as session:
        message = session.scalars(select(model.Message)).one()
        assert (message.text_state, message.new_text) == (TextState.PRESENT, "We need 12 valves.")
    assert result.total.texts == 1


def test_a_wanted_text_whose_mail_has_gone_is_given_up(place: Installation, dovecot: Dovecot, user: str) -> None:
    dovecot.deliver(user, mail(1, "anna@ahlers.example", user))
    place.sync()
    with writing(place.engine) as session:
        session.scalars(select(model.Message)).one().text_state = TextState.WANTED

    dovecot.expunge(user, dovecot.uids(user))
    place.sync()

    with looking(place.engine) as session:
        assert session.scalars(select(model.Message.text_state)).one() is TextState.GONE


def test_a_mailbox_of_another_language_is_read_with_its_sent_folder(tmp_path: Path) -> None:
    from tests.servers.dovecot import Mailbox

    with running(mailboxes=(Mailbox("已发送"), Mailbox("草稿箱")), special_use=False) as server:
        user = "lina@brightvalve.example"
        server.deliver(user, mail(1, user, "anna@ahlers.example"), "已发送")
        place = Installation(tmp_path / "home", (server.settings_for(user),))

        result = place.sync()[0]

        assert place.log() == {("1@mails.example", "Ahlers"): 1}
        assert not result.problems
