"""Signals found in the log, and what people say of them: the corrections that rules are measured against; and who is to be judged."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from inboxcrm.model.base import Base, words


class SignalState(StrEnum):
    """COUNTED: sure enough to act on. SUGGESTED: waits for a person. CONFIRMED, REJECTED: a person decided. ADDED: a person set it."""

    COUNTED = "counted"
    SUGGESTED = "suggested"
    CONFIRMED = "confirmed"
    REJECTED = "rejected"
    ADDED = "added"


class Signal(Base):
    """One engagement event in one log entry; at most one of a kind. The fields are those of `inboxcrm.engagement.signals.Signal`."""

    __tablename__ = "signal"
    __table_args__ = (
        UniqueConstraint("entry_id", "kind"),
        Index("ix_signal_customer_id_at", "customer_id", "at"),
        Index("ix_signal_state", "state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("log_entry.id", ondelete="CASCADE"))
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(24))
    """A value of `inboxcrm.engagement.signals.Kind`."""
    at: Mapped[datetime]
    """When the mail was written."""
    state: Mapped[SignalState] = mapped_column(words(SignalState))
    evidence: Mapped[str] = mapped_column(Text)
    place: Mapped[str] = mapped_column(String(8))
    start: Mapped[int]
    confidence: Mapped[float]
    rule: Mapped[str] = mapped_column(String(80))
    """The rule's id; "" when a person set the signal."""
    details: Mapped[dict[str, Any]]
    decided_by: Mapped[str] = mapped_column(String(200), default="")
    decided_at: Mapped[datetime | None]


class Unjudged(Base):
    """A customer of whom more is known than was judged: signals, records, status and grade are to be brought up to date.

    Written in the transaction that changes the log, taken out in the one that judges; so no crash and no caller can forget it.
    """

    __tablename__ = "unjudged"

    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"), primary_key=True)
    failed_at: Mapped[datetime | None] = mapped_column(index=True)
    """When judging failed by a mistake of ours: tried again when something changes there, with the next start, and the next day."""
