"""The business records: inquiries, quotes, samples and orders, each with its stages and the mails that prove them."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, Numeric, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from inboxcrm.model.base import Base, words


class RecordKind(StrEnum):
    """What kind of business."""

    INQUIRY = "inquiry"
    QUOTE = "quote"
    SAMPLE = "sample"
    ORDER = "order"


class Stage(StrEnum):
    """How far a record has come. Each kind has its own stages, in this order; `inboxcrm.engagement.stages` says which."""

    OPEN = "open"
    ANSWERED = "answered"
    SENT = "sent"
    NEGOTIATED = "negotiated"
    REQUESTED = "requested"
    RECEIVED = "received"
    JUDGED = "judged"
    PLACED = "placed"
    CONFIRMED = "confirmed"
    PAID = "paid"
    SHIPPED = "shipped"
    DONE = "done"
    CLOSED = "closed"
    """Ended without result."""


class BusinessRecord(Base):
    """One inquiry, quote, sample or order of a customer. `amount`, in `currency` (ISO 4217), is what the whole comes to."""

    __tablename__ = "business_record"
    __table_args__ = (Index("ix_business_record_customer_id_kind", "customer_id", "kind", "stage"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[RecordKind] = mapped_column(words(RecordKind))
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"))
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contact.id", ondelete="SET NULL"))
    thread_id: Mapped[int | None] = mapped_column(ForeignKey("thread.id", ondelete="SET NULL"), index=True)
    stage: Mapped[Stage] = mapped_column(words(Stage))
    opened_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    products: Mapped[list[str]]
    quantity: Mapped[Decimal | None] = mapped_column(Numeric(18, 3))
    unit: Mapped[str] = mapped_column(String(20), default="")
    amount: Mapped[Decimal | None] = mapped_column(Numeric(18, 4))
    currency: Mapped[str] = mapped_column(String(3), default="")
    incoterm: Mapped[str] = mapped_column(String(3), default="")
    port: Mapped[str] = mapped_column(String(80), default="")
    due_on: Mapped[date | None]
    number: Mapped[str] = mapped_column(String(60), default="")
    """The customer's order number, or ours."""
    opened_by: Mapped[str] = mapped_column(String(200), default="", server_default="")
    """The person who opened it by hand; "" when a mail did."""
    note: Mapped[str] = mapped_column(Text, default="")

    steps: Mapped[list[RecordStep]] = relationship(
        back_populates="record",
        order_by="RecordStep.at, RecordStep.id",
        cascade="all, delete-orphan",
        passive_deletes=True,
    )


class RecordStep(Base):
    """One step of a record to a stage, with its proof: the log entry, or the person who said so (`by`). A mail makes a step once."""

    __tablename__ = "record_step"
    __table_args__ = (UniqueConstraint("record_id", "stage", "entry_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    record_id: Mapped[int] = mapped_column(ForeignKey("business_record.id", ondelete="CASCADE"))
    stage: Mapped[Stage] = mapped_column(words(Stage))
    at: Mapped[datetime]
    entry_id: Mapped[int | None] = mapped_column(ForeignKey("log_entry.id", ondelete="CASCADE"), index=True)
    by: Mapped[str] = mapped_column(String(200), default="")

    record: Mapped[BusinessRecord] = relationship(back_populates="steps")
