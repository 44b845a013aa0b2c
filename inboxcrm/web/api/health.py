"""How the accounts are doing."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict

from inboxcrm.model import AccountState, FolderRole
from inboxcrm.web.queries.health import account_healths
from inboxcrm.web.site import Looking, TheSite

router = APIRouter(tags=["health"])


class FolderJson(BaseModel):
    """A folder; `left` of `total` mails of its history are still to be read (null: not counted yet)."""

    model_config = ConfigDict(from_attributes=True)

    name: str
    role: FolderRole
    left: int | None
    total: int
    checked_at: datetime | None
    error: str


class AccountJson(BaseModel):
    """An account. `watching`: the server tells of new mail at once; `lag_seconds`: from server to log, of the last mail."""

    model_config = ConfigDict(from_attributes=True)

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
    trouble_count: int
    folders: list[FolderJson]


@router.get("/health")
def show_health(site: TheSite, session: Looking) -> list[AccountJson]:
    """Every account with its folders."""
    return [AccountJson.model_validate(one) for one in account_healths(session, site.accounts.addresses())]
