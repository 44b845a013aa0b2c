"""The people who may log in."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from inboxcrm.model.base import Base


class User(Base):
    """A salesperson with a log-in."""

    __tablename__ = "user"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200), unique=True)
    password_hash: Mapped[str] = mapped_column(String(200))
    """argon2id."""
    language: Mapped[str] = mapped_column(String(8), default="")
    """A key of `inboxcrm.i18n.LANGUAGES`; "" for what the browser asks."""
    session_key: Mapped[str] = mapped_column(String(64), default="")
    """Changes with the password, which ends all sessions."""
    calendar_key: Mapped[str] = mapped_column(String(64), default="", server_default="")
    """The secret in the link to the person's calendar feed; "" for none."""
    created_at: Mapped[datetime]
