"""Which folders are read: INBOX and Sent by role, more by choice, the private ones never; nothing is guessed between two."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine, select

from inboxcrm import model
from inboxcrm.mailbox.folders import FolderState, ListedFolder
from inboxcrm.model import FolderRole
from inboxcrm.model.database import writing
from inboxcrm.service import folders
from inboxcrm.service.folders import Choice, Overtaken, chosen
from inboxcrm.settings import Account

INBOX = ListedFolder("INBOX", FolderRole.INBOX, selectable=True)
SENT = ListedFolder("已发送", FolderRole.SENT, selectable=True)
DRAFTS = ListedFolder("Drafts", FolderRole.DRAFTS, selectable=True)
PROJECTS = ListedFolder("Projects", FolderRole.OTHER, selectable=True)
PARENT = ListedFolder("Archive", FolderRole.OTHER, selectable=False)
ALL = [INBOX, SENT, DRAFTS, PROJECTS, PARENT]


NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
OPENED = FolderState(uidvalidity=7, uid_next=11, exists=10)


def account(**changes: object) -> Account:
    return Account.model_validate(
        {"address": "lina@brightvalve.example", "imap": {"host": "mail.example", "port": 993}, **changes}
    )


def names(choice: Choice) -> list[str]:
    return [name for name, _role in choice.folders]


def test_inbox_and_sent_are_read_by_role_and_nothing_else() -> None:
    choice = chosen(ALL, account())

    assert choice.folders == (("INBOX", FolderRole.INBOX), ("已发送", FolderRole.SENT))
    assert choice.problems == ()


def test_more_folders_are_read_by_choice_and_private_ones_never() -> None:
    choice = chosen(ALL, account(folders=["Projects", "Drafts"], privacy={"exclude_folders": ["Drafts", "已发送"]}))

    assert names(choice) == ["INBOX", "Projects"]
    assert choice.problems == ()


@pytest.mark.parametrize("choice", [{"folders": ["Drafts"]}, {"privacy": {"only_folder": "Drafts"}}])
def test_drafts_are_never_read_as_mails(choice: dict[str, object]) -> None:
    chose = chosen(ALL, account(**choice))

    assert "Drafts" not in names(chose)
    assert "Drafts" in chose.problems[0]


def test_a_folder_named_twice_is_read_once() -> None:
    assert names(chosen(ALL, account(folders=["Projects", "INBOX", "Projects"]))) == ["INBOX", "已发送", "Projects"]


@pytest.mark.parametrize("name", ["Nowhere", "Archive"])
def test_a_folder_that_can_not_be_opened_is_told_and_the_others_are_read(name: str) -> None:
    choice = chosen(ALL, account(folders=[name]))

    assert names(choice) == ["INBOX", "已发送"]
    assert len(choice.problems) == 1
    assert name in choice.problems[0]


def test_without_a_sent_folder_a_person_is_asked() -> None:
    choice = chosen([INBOX], account())

    assert names(choice) == ["INBOX"]
    assert "sent_folder" in choice.problems[0]


def test_between_two_sent_folders_nothing_is_guessed() -> None:
    other = ListedFolder("Sent Items", FolderRole.SENT, selectable=True)

    choice = chosen([INBOX, SENT, other], account())

    assert names(choice) == ["INBOX"]
    assert "Sent Items" in choice.problems[0]
    assert "已发送" in choice.problems[0]


def test_only_folder_is_read_alone() -> None:
    choice = chosen(ALL, account(folders=["Drafts"], privacy={"only_folder": "Projects"}))

    assert names(choice) == ["Projects"]
    assert choice.problems == ()


def _account(engine: Engine) -> int:
    with writing(engine) as session:
        row = model.Account(address="lina@brightvalve.example")
        session.add(row)
        session.flush()
        return row.id


def test_a_folder_that_has_gone_is_marked_and_kept(engine: Engine) -> None:
    owner = _account(engine)
    for choice in (chosen(ALL, account(folders=["Projects"])), chosen(ALL, account())):
        with writing(engine) as session:
            folders.settle(session, owner, choice)

    with writing(engine) as session:
        rows = {row.name: (row.watched, bool(row.error)) for row in session.scalars(select(model.Folder))}
    assert rows == {"INBOX": (True, False), "已发送": (True, False), "Projects": (False, True)}


def test_of_two_processes_only_one_moves_a_folder_on(engine: Engine) -> None:
    owner = _account(engine)
    with writing(engine) as session:
        (place,) = folders.settle(session, owner, Choice((("INBOX", FolderRole.INBOX),), ()))
    opened = place.cursor.opened(OPENED)
    with writing(engine) as session:
        folders.move(session, place.id, place.cursor, opened, NOW, history_left=10)
    after = opened.taken([9, 10])
    with writing(engine) as session:
        folders.move(session, place.id, opened, after, NOW, history_left=8)

    with pytest.raises(Overtaken), writing(engine) as session:
        folders.move(session, place.id, opened, opened.taken([8, 9, 10]), NOW)
    with writing(engine) as session:
        found = folders.place(session, place.id)
    assert (found.cursor, found.history_left) == (after, 8)


def test_new_mail_and_history_move_the_same_folder_independently(engine: Engine) -> None:
    owner = _account(engine)
    with writing(engine) as session:
        (place,) = folders.settle(session, owner, Choice((("INBOX", FolderRole.INBOX),), ()))
    opened = place.cursor.opened(OPENED)
    with writing(engine) as session:
        folders.move(session, place.id, place.cursor, opened, NOW)
        folders.move(session, place.id, opened, opened.taken([11, 12]), NOW)
        folders.move(session, place.id, opened, opened.taken([9, 10]), NOW)
        found = folders.place(session, place.id).cursor

    assert (found.low_uid, found.high_uid) == (9, 12)
