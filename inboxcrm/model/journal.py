"""The communication log, and the words by which it and the customer file are searched."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from inboxcrm.model.base import Base, words
from inboxcrm.model.message import Direction


class Channel(StrEnum):
    """How the contact took place."""

    MAIL = "mail"
    CALL = "call"
    WECHAT = "wechat"
    WHATSAPP = "whatsapp"
    MEETING = "meeting"
    FAIR = "fair"
    VISIT = "visit"
    OTHER = "other"


class MatchedBy(StrEnum):
    """Why an entry stands in this customer's log."""

    ADDRESS = "address"
    THREAD = "thread"
    DOMAIN = "domain"
    BOUNCE = "bounce"
    PERSON = "person"


class LogEntry(Base):
    """One line of the communication log. A mail stands once in the log of each customer it concerns."""

    __tablename__ = "log_entry"
    __table_args__ = (
        UniqueConstraint("message_id", "customer_id"),
        Index("ix_log_entry_customer_id_at", "customer_id", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"))
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contact.id", ondelete="SET NULL"), index=True)
    message_id: Mapped[int | None] = mapped_column(ForeignKey("message.id", ondelete="CASCADE"))
    """None for entries by hand."""
    at: Mapped[datetime] = mapped_column(index=True)
    channel: Mapped[Channel] = mapped_column(words(Channel))
    direction: Mapped[Direction] = mapped_column(words(Direction))
    subject: Mapped[str] = mapped_column(Text, default="")
    content: Mapped[str] = mapped_column(Text, default="")
    """Main content: the new text, shortened at a sentence boundary; or what a person wrote."""
    feedback: Mapped[str] = mapped_column(Text, default="")
    """What the customer thinks, written by hand."""
    next_follow_up: Mapped[date | None]
    automatic: Mapped[str] = mapped_column(String(16), default="")
    matched_by: Mapped[MatchedBy] = mapped_column(words(MatchedBy))
    confidence: Mapped[float]
    """How sure the match is, 0 to 1."""
    match_facts: Mapped[dict[str, Any]]
    """What the match rests on, put into words by `inboxcrm.matching.words`."""
    warnings: Mapped[list[dict[str, Any]]]
    """Doubts about the sender: [{"kind": "unverified" | "look_alike", …}]."""
    created_at: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(String(200), default="")
    """The person who wrote or moved it; "" for the service."""


class SearchKind(StrEnum):
    """What a search document stands for."""

    ENTRY = "entry"
    CUSTOMER = "customer"


class SearchDocument(Base):
    """The tokens of one log entry or customer (`inboxcrm.journal.tokens`).

    SQLite keeps an FTS5 index over `tokens`, PostgreSQL a GIN index over its tsvector; the migration makes them.
    """

    __tablename__ = "search_document"
    __table_args__ = (UniqueConstraint("kind", "ref_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[SearchKind] = mapped_column(words(SearchKind))
    ref_id: Mapped[int]
    """The log entry's or the customer's id."""
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"), index=True)
    tokens: Mapped[str] = mapped_column(Text)
