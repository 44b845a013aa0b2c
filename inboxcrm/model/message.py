"""Mails: each once, with the places where it lies, the addresses it names, and the thread it belongs to."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from inboxcrm.model.base import Base, words


class Direction(StrEnum):
    """IN: from the customer's side. OUT: from ours."""

    IN = "in"
    OUT = "out"


class Standing(StrEnum):
    """LOGGED: in a customer's log. UNMATCHED: waits in the triage list. IGNORED: a person said that it is nobody's.
    INTERNAL: between our own addresses.
    """

    LOGGED = "logged"
    UNMATCHED = "unmatched"
    IGNORED = "ignored"
    INTERNAL = "internal"


class TextState(StrEnum):
    """ABSENT: only the header is kept. WANTED: a log entry waits for the text to be fetched. PRESENT: the text is here.
    GONE: it was wanted, but the mail is no longer on the server.
    """

    ABSENT = "absent"
    WANTED = "wanted"
    PRESENT = "present"
    GONE = "gone"


class PartyRole(StrEnum):
    """The header field that names an address; FAILED: a bounce reports it."""

    FROM = "from"
    TO = "to"
    CC = "cc"
    BCC = "bcc"
    REPLY_TO = "reply_to"
    FAILED = "failed"


class Thread(Base):
    """Messages tied by References and In-Reply-To, subject only as the last resort."""

    __tablename__ = "thread"

    id: Mapped[int] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(Text, default="")


class ThreadLink(Base):
    """Which thread a Message-ID belongs to, whether its mail has been seen or only been referred to.

    That is what ties a thread whatever the order in which its mails arrive (history is taken from newest to oldest).
    """

    __tablename__ = "thread_link"

    message_id: Mapped[str] = mapped_column(String(998), primary_key=True)
    thread_id: Mapped[int] = mapped_column(ForeignKey("thread.id", ondelete="CASCADE"), index=True)


class Message(Base):
    """One mail, once, however many folders or accounts hold it. The fields are those of `inboxcrm.reading.Reading`."""

    __tablename__ = "message"
    __table_args__ = (
        Index("ix_message_standing_sender_address", "standing", "sender_address"),
        Index("ix_message_text_state", "text_state"),
        Index(
            "ix_message_without_signals",
            "text_state",
            sqlite_where=text("signals IS NULL"),
            postgresql_where=text("signals IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(1100), unique=True)
    """See `inboxcrm.intake.identify`: one value a mail, forever."""
    message_id: Mapped[str] = mapped_column(String(998), index=True)
    in_reply_to: Mapped[str] = mapped_column(Text)
    thread_id: Mapped[int] = mapped_column(ForeignKey("thread.id"), index=True)
    direction: Mapped[Direction] = mapped_column(words(Direction))
    standing: Mapped[Standing] = mapped_column(words(Standing))
    at: Mapped[datetime] = mapped_column(index=True)
    """When it was written, by the date rule."""
    date_header: Mapped[datetime | None]
    """What its Date header says, believed or not: by it two mails with one Message-ID are told apart."""
    utc_offset: Mapped[int | None]
    """How far the clock of its Date header is from UTC, in minutes east: it tells where its writer sits."""
    received_at: Mapped[datetime]
    """When it arrived at the server (INTERNALDATE)."""
    sender_name: Mapped[str] = mapped_column(Text)
    sender_address: Mapped[str] = mapped_column(String(320))
    """Comparison form."""
    recipients: Mapped[list[dict[str, Any]]]
    """To and Cc as [{"role", "name", "address"}]."""
    subject: Mapped[str] = mapped_column(Text)
    language: Mapped[str] = mapped_column(String(8), default="")
    text_state: Mapped[TextState] = mapped_column(words(TextState))
    new_text: Mapped[str] = mapped_column(Text, default="")
    own_text: Mapped[str] = mapped_column(Text, default="", server_default="")
    """What the sender wrote himself, when the new text passes another mail on; else ""."""
    quoted_text: Mapped[str] = mapped_column(Text, default="")
    signature: Mapped[str] = mapped_column(Text, default="")
    forwarded: Mapped[bool] = mapped_column(default=False)
    automatic: Mapped[str] = mapped_column(String(16), default="")
    """A value of `inboxcrm.reading.Automatic`, or "" for a person's mail."""
    back_on: Mapped[date | None]
    bounce: Mapped[dict[str, Any] | None]
    attachments: Mapped[list[dict[str, Any]]]
    sender_verified: Mapped[bool | None]
    body_digest: Mapped[str] = mapped_column(String(64), default="")
    size: Mapped[int] = mapped_column(BigInteger, default=0)
    problems: Mapped[list[str]]
    signals: Mapped[list[dict[str, Any]] | None] = mapped_column(JSON(none_as_null=True))
    """What the rules find in the new text (`inboxcrm.engagement.stored`), whatever people say of it; None: not looked for yet."""
    taken_at: Mapped[datetime]
    """When the service took it in."""


class Location(Base):
    """One place where a message lies: a UID in one generation of a folder."""

    __tablename__ = "location"
    __table_args__ = (UniqueConstraint("folder_id", "uidvalidity", "uid"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("message.id", ondelete="CASCADE"), index=True)
    folder_id: Mapped[int] = mapped_column(ForeignKey("folder.id", ondelete="CASCADE"))
    uidvalidity: Mapped[int] = mapped_column(BigInteger)
    uid: Mapped[int] = mapped_column(BigInteger)


class Party(Base):
    """An address that a message names, other than our own, in its comparison form: what matching and triage look up."""

    __tablename__ = "party"
    __table_args__ = (Index("ix_party_domain_message_id", "domain", "message_id"),)

    address: Mapped[str] = mapped_column(String(320), primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("message.id", ondelete="CASCADE"), primary_key=True, index=True)
    role: Mapped[PartyRole] = mapped_column(words(PartyRole), primary_key=True)
    domain: Mapped[str] = mapped_column(String(255))
    name: Mapped[str] = mapped_column(Text, default="")


class ExclusionKind(StrEnum):
    """What an exclusion names."""

    SENDER = "sender"
    DOMAIN = "domain"


class Exclusion(Base):
    """A sender or a domain that a person ignored in the triage list. Its mail keeps its headers, so that this can be undone."""

    __tablename__ = "exclusion"
    __table_args__ = (UniqueConstraint("kind", "value"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[ExclusionKind] = mapped_column(words(ExclusionKind))
    value: Mapped[str] = mapped_column(String(320))
    created_at: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(String(200), default="")
