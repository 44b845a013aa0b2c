"""The rows of accounts: how each is doing, for the health page. What to do about it is decided by who asks the servers."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from inboxcrm import model
from inboxcrm.mailbox import providers
from inboxcrm.matching.own import OwnAddresses
from inboxcrm.model import AccountState
from inboxcrm.newsletter.keys import leaving_key
from inboxcrm.newsletter.leaving import Signing
from inboxcrm.reading.addresses import normal
from inboxcrm.service.batch import Desk
from inboxcrm.service.privacy import Private
from inboxcrm.settings import Account, Settings

_WATCHABLE = 3
"""Folders that are watched at a server of which nothing is known, each on a connection of its own."""


def desk_of(session: Session, settings: Settings, account: Account) -> Desk:
    """What the sync of this account needs to know; makes the account's row when it is new.

    Raises ProvidersInvalid when the person's own providers.toml can't be used, OSError when the home folder can't be written.
    """
    address = normal(account.address)
    row = session.scalar(select(model.Account).where(model.Account.address == address))
    if row is None:
        row = model.Account(address=address)
        session.add(row)
        session.flush()
    known = providers.load(settings.home)
    provider = known.of_account(account)
    return Desk(
        account=account,
        account_id=row.id,
        own=OwnAddresses.of(settings.own_addresses),
        private=Private.of(account.privacy, settings.own_addresses),
        authserv_ids=account.authserv_ids or (provider.authserv_ids if provider else ()),
        folder_names=known.folder_names,
        watchable=provider.watchable if provider else _WATCHABLE,
        signing=Signing(leaving_key(settings.home)),
    )


def note(session: Session, account_id: int, **facts: Any) -> None:
    """Keeps facts of an account, by the names of its columns."""
    session.execute(update(model.Account).where(model.Account.id == account_id).values(**facts))


def connected(session: Session, account_id: int, capabilities: frozenset[str], now: datetime) -> None:
    """The log-in has succeeded."""
    note(
        session,
        account_id,
        state=AccountState.OK,
        error="",
        error_at=None,
        connected_at=now,
        capabilities=" ".join(sorted(capabilities)),
    )


def passed(session: Session, account_id: int, words: str, now: datetime) -> None:
    """A complete pass has ended; `words` tell what was left out, "" when nothing was."""
    note(session, account_id, state=AccountState.OK, passed_at=now, error=words, error_at=now if words else None)


def failed(session: Session, account_id: int, words: str, now: datetime, *, permanent: bool) -> None:
    """The account can't be read: for now, or `permanent`ly, until a person has done something."""
    state = AccountState.STOPPED if permanent else AccountState.RETRYING
    note(session, account_id, state=state, error=words, error_at=now)
