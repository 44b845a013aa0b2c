"""Follow-ups: what is due with whom, what we promised, and the drafts that wait for a person or for sending."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from inboxcrm.model.base import Base, words


class Action(StrEnum):
    """MAIL: a draft is written. CALL, VISIT: suggested to the person. TASK: only a person can do it (a complaint, a bounce)."""

    MAIL = "mail"
    CALL = "call"
    VISIT = "visit"
    TASK = "task"


class FollowUpState(StrEnum):
    """PLANNED: comes at its time. DRAFTED: its draft waits for review. DONE: written or spoken to. SKIPPED: a person left it out.
    STOPPED: no longer called for (an answer came, the stage changed, a stop was asked for).
    """

    PLANNED = "planned"
    DRAFTED = "drafted"
    DONE = "done"
    SKIPPED = "skipped"
    STOPPED = "stopped"


class FollowUp(Base):
    """One due contact with a customer. At most one of an `anchor` and `step`, so that planning again never plans it twice."""

    __tablename__ = "follow_up"
    __table_args__ = (
        UniqueConstraint("customer_id", "anchor", "step"),
        Index("ix_follow_up_state_due_at", "state", "due_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"))
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contact.id", ondelete="SET NULL"))
    thread_id: Mapped[int | None] = mapped_column(ForeignKey("thread.id", ondelete="SET NULL"))
    anchor: Mapped[str] = mapped_column(String(80))
    """What the steps are counted from: "record:12", "silence:2026-03-01", "hand:7" …"""
    stage: Mapped[str] = mapped_column(String(40))
    """A stage of `config/cadence.toml`."""
    step: Mapped[int]
    """Counted from 1."""
    action: Mapped[Action] = mapped_column(words(Action))
    template: Mapped[str] = mapped_column(String(80), default="")
    """A folder of `templates/followup`; "" where no mail is written."""
    goal: Mapped[str] = mapped_column(Text, default="")
    due_at: Mapped[datetime]
    moved_by: Mapped[str] = mapped_column(String(200), default="")
    """Who set `due_at` by hand; planning leaves it alone then."""
    state: Mapped[FollowUpState] = mapped_column(words(FollowUpState), default=FollowUpState.PLANNED)
    reasons: Mapped[list[dict[str, Any]]]
    """Why, and why then, as facts that `inboxcrm.followup.words` puts into words."""
    created_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str] = mapped_column(String(200), default="")
    """Who ended it; "" for the service."""
    entry_id: Mapped[int | None] = mapped_column(ForeignKey("log_entry.id", ondelete="SET NULL"))
    """The log entry that did or stopped it."""


class PlanHold(Base):
    """A customer's plan as a person changed it: paused until an instant (None: until it is taken off)."""

    __tablename__ = "plan_hold"

    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"), primary_key=True)
    until: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(Text, default="")
    by: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime]


class Unplanned(Base):
    """A customer about whom something changed that the plan may hang on. Written with the change, taken out by planning."""

    __tablename__ = "unplanned"

    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"), primary_key=True)


class PromiseState(StrEnum):
    """OPEN: to be kept. KEPT: a sent mail, or a person, says so. DROPPED: a person called it off, or it was none."""

    OPEN = "open"
    KEPT = "kept"
    DROPPED = "dropped"


class Promise(Base):
    """What we said we would do, found in sent mail (one an entry) or written by hand (`entry_id` None)."""

    __tablename__ = "promise"
    __table_args__ = (UniqueConstraint("entry_id"), Index("ix_promise_state_due_on", "state", "due_on"))

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"), index=True)
    entry_id: Mapped[int | None] = mapped_column(ForeignKey("log_entry.id", ondelete="CASCADE"))
    text: Mapped[str] = mapped_column(Text)
    """Our words."""
    made_at: Mapped[datetime]
    due_on: Mapped[date | None]
    """A day in the person's time zone; None: no day was named."""
    about: Mapped[str] = mapped_column(String(24), default="")
    """What keeps it: a signal kind of our mail (`quote_sent` …), "attachment", or "" for any answer."""
    state: Mapped[PromiseState] = mapped_column(words(PromiseState), default=PromiseState.OPEN)
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[str] = mapped_column(String(200), default="")
    """The person; "" for the service."""
    kept_entry_id: Mapped[int | None] = mapped_column(ForeignKey("log_entry.id", ondelete="SET NULL"))
    """The mail that kept it; of one that is open again the mail of which a person said that it did not."""


class NoAnswerNeeded(Base):
    """A person said that this mail of a customer needs no answer."""

    __tablename__ = "no_answer_needed"

    entry_id: Mapped[int] = mapped_column(ForeignKey("log_entry.id", ondelete="CASCADE"), primary_key=True)
    by: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime]


DRAFT_FIELD = "X-Inboxcrm-Draft"
"""The header field that names a draft (by its Message-ID) in its copy in the Drafts folder, and only there."""


class DraftState(StrEnum):
    """OPEN: waits for review. SNOOZED: comes back at `wake_at`. APPROVED: goes at `send_at`; until then it can be taken back.
    SENDING: handed to the server, its answer isn't known yet. SENT. FAILED: the server refused. UNKNOWN: whether it went can't be
    told; a person decides. SKIPPED: a person left it out. WITHDRAWN: it was overtaken (the customer wrote first …).
    """

    OPEN = "open"
    SNOOZED = "snoozed"
    APPROVED = "approved"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    UNKNOWN = "unknown"
    SKIPPED = "skipped"
    WITHDRAWN = "withdrawn"


class Draft(Base):
    """A mail waiting for review or for sending. `message_id` is made with the draft and stays, so that it can never go twice."""

    __tablename__ = "draft"
    __table_args__ = (
        Index("ix_draft_state_send_at", "state", "send_at"),
        Index("ix_draft_account_id_sent_at", "account_id", "sent_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"), index=True)
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contact.id", ondelete="SET NULL"))
    follow_up_id: Mapped[int | None] = mapped_column(ForeignKey("follow_up.id", ondelete="SET NULL"), index=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    """The account that it goes from."""
    thread_id: Mapped[int | None] = mapped_column(ForeignKey("thread.id", ondelete="SET NULL"))
    answers_id: Mapped[int | None] = mapped_column(ForeignKey("message.id", ondelete="SET NULL"))
    """The mail that it answers."""
    message_id: Mapped[str] = mapped_column(String(998), unique=True)
    in_reply_to: Mapped[str] = mapped_column(Text, default="")
    references: Mapped[list[str]]
    to: Mapped[list[dict[str, Any]]]
    """[{"name", "address"}], as written; so `cc` and `bcc`."""
    cc: Mapped[list[dict[str, Any]]]
    bcc: Mapped[list[dict[str, Any]]]
    subject: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)
    """The new text with the account's signature, without the quoted history."""
    quoted: Mapped[str] = mapped_column(Text, default="")
    """The quoted history that is sent below it, as plain text; "" for none."""
    attachments: Mapped[list[str]]
    """Files of the library of documents (`documents` in the home folder), by name."""
    language: Mapped[str] = mapped_column(String(8), default="")
    template: Mapped[str] = mapped_column(String(80), default="")
    variant: Mapped[str] = mapped_column(String(40), default="")
    polished_by: Mapped[str] = mapped_column(String(200), default="")
    """The writer that has polished the text; "" for none."""
    edited: Mapped[bool] = mapped_column(default=False)
    """Whether a person has changed it."""
    revision: Mapped[int] = mapped_column(default=1)
    """Goes up with every change of what would be sent."""
    state: Mapped[DraftState] = mapped_column(words(DraftState), default=DraftState.OPEN)
    reasons: Mapped[list[dict[str, Any]]]
    created_at: Mapped[datetime]
    wake_at: Mapped[datetime | None]
    approved_at: Mapped[datetime | None]
    approved_by: Mapped[str] = mapped_column(String(200), default="")
    by_rule: Mapped[bool] = mapped_column(default=False)
    """Whether a rule that a person switched on approved it."""
    send_at: Mapped[datetime | None]
    """When it goes, at the earliest."""
    attempts: Mapped[int] = mapped_column(default=0)
    sending_at: Mapped[datetime | None]
    """When the last attempt began."""
    sent_at: Mapped[datetime | None]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str] = mapped_column(String(200), default="")
    error: Mapped[str] = mapped_column(Text, default="")
    """The server's words, or why it was withdrawn or held back."""
    filed: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Whether, once sent, it is known to lie in Sent."""

    # The copy in the Drafts folder of the mail program.
    folder_id: Mapped[int | None] = mapped_column(ForeignKey("folder.id", ondelete="SET NULL"))
    uidvalidity: Mapped[int | None] = mapped_column(BigInteger)
    uid: Mapped[int | None] = mapped_column(BigInteger)
    placed_revision: Mapped[int] = mapped_column(default=0)
    """The revision that lies there; 0: none."""


class DraftChange(Base):
    """One thing that happened to a draft: what the page shows of it, and what undo needs."""

    __tablename__ = "draft_change"

    id: Mapped[int] = mapped_column(primary_key=True)
    draft_id: Mapped[int] = mapped_column(ForeignKey("draft.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(String(200), default="")
    """The person; "" for the service."""
    what: Mapped[str] = mapped_column(String(24))
    """"edit", "approve", "snooze", "skip", "withdraw", "undo" …"""
    before: Mapped[dict[str, Any]]
    """The columns that changed, as they were."""
