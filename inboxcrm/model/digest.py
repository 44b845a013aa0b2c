"""The daily digest mails: which day's went out, so that none goes twice."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from inboxcrm.model.base import Base, words


class DigestState(StrEnum):
    """SENDING: handed to the server, its answer isn't known (yet). SENT. WAITING: put off, tried again. FAILED: given up."""

    SENDING = "sending"
    SENT = "sent"
    WAITING = "waiting"
    FAILED = "failed"


class DigestMail(Base):
    """The digest of one day (the person's) for one account. `message_id` is made with the row and stays."""

    __tablename__ = "digest_mail"

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    message_id: Mapped[str] = mapped_column(String(998))
    state: Mapped[DigestState] = mapped_column(words(DigestState))
    attempts: Mapped[int] = mapped_column(default=0)
    at: Mapped[datetime]
    """When `state` came to be."""
    error: Mapped[str] = mapped_column(Text, default="")
