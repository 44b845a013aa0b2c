"""Mailboxes and their folders: what has been taken from each, and how each is doing.

How to reach an account is in the settings file; here stands only what the service learns by itself.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from inboxcrm.model.base import Base, words


class AccountState(StrEnum):
    """NEW: never connected. OK: the last pass went well. RETRYING: unreachable or busy, tried again by itself.
    STOPPED: needs a person (a wrong password, a refused log-in) and isn't tried again until then.
    """

    NEW = "new"
    OK = "ok"
    RETRYING = "retrying"
    STOPPED = "stopped"


class FolderRole(StrEnum):
    """What a folder is for. Mail in SENT is outgoing; OTHER folders take both directions, told by the sender."""

    INBOX = "inbox"
    SENT = "sent"
    DRAFTS = "drafts"
    OTHER = "other"


class Account(Base):
    """One mailbox. `address` is the comparison form and ties it to the settings."""

    __tablename__ = "account"

    id: Mapped[int] = mapped_column(primary_key=True)
    address: Mapped[str] = mapped_column(String(320), unique=True)
    state: Mapped[AccountState] = mapped_column(words(AccountState), default=AccountState.NEW)
    error: Mapped[str] = mapped_column(Text, default="")
    error_at: Mapped[datetime | None]
    connected_at: Mapped[datetime | None]
    """When the log-in last succeeded."""
    passed_at: Mapped[datetime | None]
    """When the last complete pass ended."""
    last_mail_at: Mapped[datetime | None]
    """Arrival of the newest mail taken."""
    lag_seconds: Mapped[float | None]
    """From arrival at the server to the log, of the last new mail."""
    watching: Mapped[bool] = mapped_column(default=False)
    """Whether the server pushes news (IDLE) now; else it is polled."""
    capabilities: Mapped[str] = mapped_column(Text, default="")
    saves_sent_mail: Mapped[bool | None]
    """Whether the server files by itself what is sent through it, as found out by sending; None: not known yet."""


class Folder(Base):
    """One IMAP folder and how far it has been taken.

    The UIDs from `low_uid` to `high_uid`, both included, have been taken (they, or what stood there, are in the database); new mail
    lies above, history below. Nothing taken yet: `low_uid` = `high_uid` + 1. `generation` counts the UIDVALIDITY values seen.
    """

    __tablename__ = "folder"
    __table_args__ = (UniqueConstraint("account_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(1000))
    role: Mapped[FolderRole] = mapped_column(words(FolderRole))
    watched: Mapped[bool] = mapped_column(default=True)
    """Whether mail is taken from it."""
    uidvalidity: Mapped[int | None] = mapped_column(BigInteger)
    generation: Mapped[int] = mapped_column(default=0)
    low_uid: Mapped[int] = mapped_column(BigInteger, default=1)
    high_uid: Mapped[int] = mapped_column(BigInteger, default=0)
    highest_modseq: Mapped[int] = mapped_column(BigInteger, default=0)
    history_left: Mapped[int | None]
    """Mails below `low_uid` still to take, as last counted; None before the first count."""
    history_total: Mapped[int] = mapped_column(default=0)
    """Mails that lay in the folder when it was first opened."""
    checked_at: Mapped[datetime | None]
    error: Mapped[str] = mapped_column(Text, default="")


class Trouble(Base):
    """A mail that the server lists but that couldn't be fetched: kept, shown, and tried again, while the rest goes on."""

    __tablename__ = "trouble"
    __table_args__ = (UniqueConstraint("folder_id", "uidvalidity", "uid"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    folder_id: Mapped[int] = mapped_column(ForeignKey("folder.id", ondelete="CASCADE"))
    uidvalidity: Mapped[int] = mapped_column(BigInteger)
    uid: Mapped[int] = mapped_column(BigInteger)
    error: Mapped[str] = mapped_column(Text)
    attempts: Mapped[int] = mapped_column(default=1)
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]
