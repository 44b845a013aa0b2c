"""How each account is doing, in facts and in plain words: what the service wrote down, beside what the settings say.

It asks no server; `inboxcrm doctor` does that.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from inboxcrm.model import Account, AccountState, Customer, Folder, FolderRole, Trouble, Unjudged

_MOST_TROUBLES = 20


@dataclass(frozen=True, slots=True)
class FolderHealth:
    """One folder: `total` and `left` of its history in mails (`left` None while uncounted)."""

    name: str
    role: FolderRole
    left: int | None
    total: int
    checked_at: datetime | None
    error: str

    @property
    def taken(self) -> int:
        """Mails of the history that are done."""
        return max(self.total - (self.left if self.left is not None else self.total), 0)


@dataclass(frozen=True, slots=True)
class TroubledMail:
    """A mail that could not be fetched."""

    folder: str
    uid: int
    error: str
    attempts: int
    last_at: datetime


@dataclass(frozen=True, slots=True)
class AccountHealth:
    """One account. `configured` is False for one that is no longer in the settings."""

    address: str
    configured: bool
    state: AccountState
    error: str
    error_at: datetime | None
    connected_at: datetime | None
    passed_at: datetime | None
    last_mail_at: datetime | None
    lag_seconds: float | None
    watching: bool
    folders: Sequence[FolderHealth] = ()
    troubles: Sequence[TroubledMail] = ()
    trouble_count: int = 0

    @property
    def history_left(self) -> int:
        """Mails of the history still to take, in all folders."""
        return sum(folder.left or 0 for folder in self.folders)

    @property
    def history_total(self) -> int:
        """Mails of the history, in all folders."""
        return sum(folder.total for folder in self.folders)


def account_healths(session: Session, configured: Sequence[str]) -> list[AccountHealth]:
    """Every account of the settings in their order (addresses in comparison form), then any other that the database knows."""
    known = {account.address: account for account in session.scalars(select(Account).order_by(Account.id))}
    found = [
        _health(session, known[address], configured=True) if address in known else _unseen(address)
        for address in configured
    ]
    rest = [account for address, account in known.items() if address not in set(configured)]
    return found + [_health(session, account, configured=False) for account in rest]


def not_judged(session: Session) -> Sequence[tuple[int, str]]:
    """The first customers (number, name) whose judging failed by a mistake of ours."""
    rows = session.execute(
        select(Customer.id, Customer.name)
        .join(Unjudged, Unjudged.customer_id == Customer.id)
        .where(Unjudged.failed_at.is_not(None))
        .order_by(Unjudged.failed_at.desc())
        .limit(_MOST_TROUBLES)
    )
    return [(row[0], row[1]) for row in rows]


def _unseen(address: str) -> AccountHealth:
    return AccountHealth(address, True, AccountState.NEW, "", None, None, None, None, None, False)


def _health(session: Session, account: Account, *, configured: bool) -> AccountHealth:
    folders = session.scalars(
        select(Folder).where(Folder.account_id == account.id, Folder.watched).order_by(Folder.role, Folder.name)
    ).all()
    of_account = select(Folder.id).where(Folder.account_id == account.id)
    troubles = session.execute(
        select(Folder.name, Trouble.uid, Trouble.error, Trouble.attempts, Trouble.last_at)
        .join(Folder, Folder.id == Trouble.folder_id)
        .where(Folder.account_id == account.id)
        .order_by(Trouble.last_at.desc())
        .limit(_MOST_TROUBLES)
    )
    count = session.scalar(select(func.count()).select_from(Trouble).where(Trouble.folder_id.in_(of_account)))
    return AccountHealth(
        address=account.address,
        configured=configured,
        state=account.state,
        error=account.error,
        error_at=account.error_at,
        connected_at=account.connected_at,
        passed_at=account.passed_at,
        last_mail_at=account.last_mail_at,
        lag_seconds=account.lag_seconds,
        watching=account.watching,
        folders=tuple(
            FolderHealth(one.name, one.role, one.history_left, one.history_total, one.checked_at, one.error)
            for one in folders
        ),
        troubles=tuple(TroubledMail(row.name, row.uid, row.error, row.attempts, row.last_at) for row in troubles),
        trouble_count=count or 0,
    )
