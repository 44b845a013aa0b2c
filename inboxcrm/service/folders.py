"""Which folders of an account are read, and their rows: how far each has been taken.

`chosen` is pure. A row is moved on only by a conditional UPDATE that names where it stood before, so that of two processes
only one can take the same mails; rows of folders that have gone are marked and kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import CursorResult, select, update
from sqlalchemy.orm import Session

from inboxcrm import model
from inboxcrm.i18n import _
from inboxcrm.mailbox.cursor import Cursor
from inboxcrm.mailbox.errors import FolderUnclear
from inboxcrm.mailbox.folders import ListedFolder, the_one
from inboxcrm.model import FolderRole
from inboxcrm.settings import Account


@dataclass(frozen=True, slots=True)
class Choice:
    """The folders to read, INBOX first, and the words about folders that are set but can't be read."""

    folders: tuple[tuple[str, FolderRole], ...]
    problems: tuple[str, ...]


def chosen(listed: Sequence[ListedFolder], account: Account) -> Choice:
    """INBOX, the Sent folder and the account's further `folders`, without the private ones; or `only_folder` alone."""
    known = {folder.name: folder for folder in listed if folder.selectable}
    only = account.privacy.only_folder
    problems: list[str] = []
    if only:
        wanted = [only]
    else:
        by_role: list[str] = []
        for role in (FolderRole.INBOX, FolderRole.SENT):
            try:
                found = the_one(listed, role)
            except FolderUnclear as error:
                problems.append(str(error))
            else:
                by_role += [found.name] if found else []
                if found is None and role is FolderRole.SENT:
                    problems.append(_("No Sent folder was found; name it as 'sent_folder' in the settings."))
        wanted = list(dict.fromkeys([*by_role, *account.folders]))
    private = set(account.privacy.exclude_folders)
    drafts = {folder.name for folder in listed if folder.role is FolderRole.DRAFTS}
    folders = tuple((name, known[name].role) for name in wanted if name in known and name not in private | drafts)
    problems += [
        _("The folder {folder} is not on the server; mend its name in the settings.").format(folder=name)
        for name in wanted
        if name not in known
    ]
    problems += [
        _("The folder {folder} holds drafts, which are no mails yet; take it out of the settings.").format(folder=name)
        for name in wanted
        if name in drafts - private
    ]
    return Choice(folders, tuple(problems))


@dataclass(frozen=True, slots=True)
class Place:
    """A folder as its row stood at one moment."""

    id: int
    name: str
    role: FolderRole
    cursor: Cursor
    history_left: int | None
    history_total: int


class Overtaken(Exception):  # noqa: N818  it tells what happened, not what went wrong
    """Another process moved this folder on in the meantime; what was fetched is dropped, and the pass begins anew."""


def settle(session: Session, account_id: int, choice: Choice) -> list[Place]:
    """Makes and updates the rows of an account's folders and returns the places to read, in the order of `choice`."""
    rows = {row.name: row for row in session.scalars(select(model.Folder).where(model.Folder.account_id == account_id))}
    for name, role in choice.folders:
        row = rows.get(name)
        if row is None:
            row = rows[name] = model.Folder(account_id=account_id, name=name, role=role)
            session.add(row)
        row.role, row.watched, row.error = role, True, ""
    read = {name for name, _role in choice.folders}
    for name, row in rows.items():
        if name not in read and row.watched:
            row.watched, row.error = False, _("Not read any more: it has gone, or the settings leave it out.")
    session.flush()
    return [_place(rows[name]) for name, _role in choice.folders]


def place(session: Session, folder_id: int) -> Place:
    """The folder as it stands now."""
    return _place(session.get_one(model.Folder, folder_id))


def _place(row: model.Folder) -> Place:
    cursor = Cursor(
        uidvalidity=row.uidvalidity,
        generation=row.generation,
        low_uid=row.low_uid,
        high_uid=row.high_uid,
    )
    return Place(row.id, row.name, row.role, cursor, row.history_left, row.history_total)


def move(session: Session, folder_id: int, before: Cursor, after: Cursor, now: datetime, **counts: Any) -> None:
    """Moves the row from `before` to `after`, in what differs between them; further columns come as `counts`.

    Raises Overtaken when the row no longer stands at `before`.
    """
    table = model.Folder
    differing = {
        name: getattr(after, name)
        for name in ("uidvalidity", "generation", "low_uid", "high_uid")
        if getattr(after, name) != getattr(before, name)
    }
    conditions = [getattr(table, name) == getattr(before, name) for name in {"uidvalidity", *differing}]
    moved = session.execute(
        update(table).where(table.id == folder_id, *conditions).values(**differing, checked_at=now, **counts),
        execution_options={"synchronize_session": False},
    )
    assert isinstance(moved, CursorResult)  # noqa: S101  for the type checker: an UPDATE has a row count
    if moved.rowcount != 1:
        raise Overtaken(folder_id)


def note_error(session: Session, folder_id: int, words: str, now: datetime) -> None:
    """Keeps the words of a server that doesn't let this folder be read."""
    row = session.get_one(model.Folder, folder_id)
    row.error, row.checked_at = words, now
