"""Newsletters: the series, its issues in their languages, and one row for each recipient of an issue."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from inboxcrm.model.base import Base, words


class Newsletter(Base):
    """A series: it drafts its next issue by itself and puts it up for review."""

    __tablename__ = "newsletter"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200), unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    active: Mapped[bool] = mapped_column(default=True)
    every_months: Mapped[int] = mapped_column(default=1)
    """Months between two issues: 1 monthly, 3 quarterly."""
    day: Mapped[int] = mapped_column(default=1)
    """Day of the month on which the next issue is drafted, 1 to 28, in the person's time zone."""
    next_at: Mapped[datetime | None]
    template: Mapped[str] = mapped_column(String(80))
    """A file of `templates/newsletter/series`."""
    layout: Mapped[str] = mapped_column(String(80))
    languages: Mapped[list[str]]
    fallback_language: Mapped[str] = mapped_column(String(8))
    audience: Mapped[dict[str, Any]]
    """As `inboxcrm.newsletter.audience.Audience` packs it."""
    created_at: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(String(200), default="")


class IssueState(StrEnum):
    """DRAFT: being written. REVIEW: waits for approval. APPROVED: goes at `send_at`. SENDING. PAUSED: by a person or by the account's
    limits. DONE. CANCELLED.
    """

    DRAFT = "draft"
    REVIEW = "review"
    APPROVED = "approved"
    SENDING = "sending"
    PAUSED = "paused"
    DONE = "done"
    CANCELLED = "cancelled"


class Issue(Base):
    """One mailing."""

    __tablename__ = "issue"

    id: Mapped[int] = mapped_column(primary_key=True)
    newsletter_id: Mapped[int | None] = mapped_column(ForeignKey("newsletter.id", ondelete="SET NULL"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    state: Mapped[IssueState] = mapped_column(words(IssueState), default=IssueState.DRAFT, index=True)
    audience: Mapped[dict[str, Any]]
    layout: Mapped[str] = mapped_column(String(80))
    fallback_language: Mapped[str] = mapped_column(String(8))
    """The language for contacts whose own the issue hasn't; "" leaves them out."""
    images: Mapped[list[str]]
    """Files of `newsletter` in the home folder, shown inline or attached."""
    variables: Mapped[dict[str, Any]]
    """Further values for the texts (products, fairs …)."""
    test_share: Mapped[int] = mapped_column(default=0)
    """Percent of the recipients on whom subject variants are tried; 0: no test."""
    test_hours: Mapped[int] = mapped_column(default=48)
    winner: Mapped[int | None]
    """The subject variant that the rest gets, once chosen."""
    count_clicks: Mapped[bool] = mapped_column(default=False)
    working_hours: Mapped[bool] = mapped_column(default=True)
    """Whether each recipient gets it in the working hours of his place."""
    send_at: Mapped[datetime | None]
    approved_at: Mapped[datetime | None]
    approved_by: Mapped[str] = mapped_column(String(200), default="")
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    paused_because: Mapped[str] = mapped_column(Text, default="")
    """Whose pause it is, in the server's words where a server caused it."""
    resume_at: Mapped[datetime | None]
    """When a pause that the service made ends by itself; None: a person must resume it."""
    created_at: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(String(200), default="")

    texts: Mapped[list[IssueText]] = relationship(
        back_populates="issue", order_by="IssueText.language", cascade="all, delete-orphan", passive_deletes=True
    )


class IssueText(Base):
    """An issue in one language."""

    __tablename__ = "issue_text"
    __table_args__ = (UniqueConstraint("issue_id", "language"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    issue_id: Mapped[int] = mapped_column(ForeignKey("issue.id", ondelete="CASCADE"))
    language: Mapped[str] = mapped_column(String(8))
    subjects: Mapped[list[str]]
    """One, or the variants of a test."""
    format: Mapped[str] = mapped_column(String(8), default="markdown")
    """"markdown" or "html"."""
    body: Mapped[str] = mapped_column(Text)

    issue: Mapped[Issue] = relationship(back_populates="texts")


class RecipientState(StrEnum):
    """QUEUED: its turn comes. SENDING: handed to the server, its answer isn't known yet. SENT. REFUSED: by the server, for good.
    UNKNOWN: whether it went can't be told yet. DROPPED: no longer to be written to when its turn came. CANCELLED: with the issue.
    """

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    DROPPED = "dropped"
    CANCELLED = "cancelled"


class Recipient(Base):
    """One address of one issue, with its fixed Message-ID. It outlives the contact, as the proof of what was sent to whom."""

    __tablename__ = "recipient"
    __table_args__ = (
        UniqueConstraint("issue_id", "address"),
        Index("ix_recipient_issue_id_state_due_at", "issue_id", "state", "due_at"),
        Index("ix_recipient_address_sent_at", "address", "sent_at"),
        Index("ix_recipient_customer_id_sent_at", "customer_id", "sent_at"),
        Index(
            "ix_recipient_unfiled",
            "issue_id",
            sqlite_where=text("state = 'sent' AND NOT filed"),
            postgresql_where=text("state = 'sent' AND NOT filed"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    issue_id: Mapped[int] = mapped_column(ForeignKey("issue.id", ondelete="CASCADE"))
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contact.id", ondelete="SET NULL"))
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customer.id", ondelete="SET NULL"))
    address: Mapped[str] = mapped_column(String(320))
    """Comparison form."""
    written: Mapped[str] = mapped_column(String(320))
    name: Mapped[str] = mapped_column(String(200), default="")
    language: Mapped[str] = mapped_column(String(8))
    subject: Mapped[int] = mapped_column(default=0)
    """Which of the subjects."""
    in_test: Mapped[bool] = mapped_column(default=False)
    message_id: Mapped[str] = mapped_column(String(998), unique=True)
    state: Mapped[RecipientState] = mapped_column(words(RecipientState), default=RecipientState.QUEUED)
    due_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    sending_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    error: Mapped[str] = mapped_column(Text, default="")
    """The server's words, or why it was dropped."""
    filed: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Whether, once sent, it lies in Sent or needn't."""
    bounced: Mapped[str] = mapped_column(String(8), default="")
    """"hard" or "soft"."""
    bounced_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    left_at: Mapped[datetime | None]


class Click(Base):
    """A link that a recipient followed, where counting is switched on."""

    __tablename__ = "click"

    id: Mapped[int] = mapped_column(primary_key=True)
    recipient_id: Mapped[int] = mapped_column(ForeignKey("recipient.id", ondelete="CASCADE"), index=True)
    url: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]
