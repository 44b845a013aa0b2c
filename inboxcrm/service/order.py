"""In what order the units of an account's sync are done: new mail before everything, history when nothing else is to do.

It knows neither servers nor tables, only the units of `AccountSync`. A folder that fails is left out and told, the others go on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from inboxcrm.mailbox.errors import AnswerGarbled, CommandRefused, FolderMissing
from inboxcrm.service.sync import AccountSync

_TURN = 10
"""Batches of history that one folder gets before the next one's turn: recent mail of all folders comes before old mail of any."""

Interrupted = Callable[[], bool]


def take_news(sync: AccountSync, names: Iterable[str]) -> None:
    """Takes all new mail of these folders."""
    for name in names:
        while name in sync.names and _unit(sync, name, sync.take_new):
            pass


def work_through(
    sync: AccountSync, *, interrupted: Interrupted = lambda: False, tried_before: datetime | None = None
) -> bool:
    """Works through everything there is to do in all folders; False when it was `interrupted`, True when nothing is left.

    1. New mail of every folder.
    2. Texts that log entries wait for.
    3. History, in turns; it asks `interrupted` after every batch.
    4. Mails that the server refused, whose time has come or that were last tried before `tried_before`; texts that can't come any more.
    """
    take_news(sync, sync.names)

    if not _repeat(sync, lambda name: sync.fetch_texts(name, tried_before=tried_before), interrupted):
        return False

    unfinished = sync.names
    while unfinished:
        unfinished = [name for name in unfinished if _history_turn(sync, name, interrupted)]
        if interrupted():
            return False
    sync.settle()

    if not _repeat(sync, lambda name: sync.retry_troubled(name, tried_before=tried_before), interrupted):
        return False
    if not _repeat(sync, lambda name: sync.fetch_texts(name, tried_before=tried_before), interrupted):
        return False
    sync.give_up_texts()
    return True


def _history_turn(sync: AccountSync, name: str, interrupted: Interrupted) -> bool:
    """One folder's turn; True while it has more."""
    for _batch in range(_TURN):
        if name not in sync.names or not _unit(sync, name, sync.take_history):
            return False
        if interrupted():
            return True
    return True


def _repeat(sync: AccountSync, unit: Callable[[str], bool], interrupted: Interrupted) -> bool:
    for name in sync.names:
        while name in sync.names and _unit(sync, name, unit):
            if interrupted():
                return False
    return True


def _unit(sync: AccountSync, name: str, unit: Callable[[str], bool]) -> bool:
    try:
        return unit(name)
    except (FolderMissing, CommandRefused, AnswerGarbled) as error:
        sync.leave_out(name, error)
        return False
