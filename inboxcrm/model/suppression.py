"""Addresses and domains that mail must not go to, each with its reason and proof."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from inboxcrm.model.base import Base, words


class SuppressionKind(StrEnum):
    """What is named."""

    ADDRESS = "address"
    DOMAIN = "domain"


class SuppressionScope(StrEnum):
    """BULK: no newsletters. ALL: no mail at all."""

    BULK = "bulk"
    ALL = "all"


class SuppressionReason(StrEnum):
    """LEFT: asked by link or mail to the leaving address. ASKED: asked in plain words. COMPLAINT: reported as spam (ARF, RFC 5965).
    HARD_BOUNCE: the address doesn't exist. SOFT_BOUNCES: three in thirty days. PERSON: set by hand.
    """

    LEFT = "left"
    ASKED = "asked"
    COMPLAINT = "complaint"
    HARD_BOUNCE = "hard_bounce"
    SOFT_BOUNCES = "soft_bounces"
    PERSON = "person"


class Suppression(Base):
    """It belongs to the address, not to a contact: it outlives every deletion and import of customers."""

    __tablename__ = "suppression"
    __table_args__ = (Index("ix_suppression_value", "value", "kind"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[SuppressionKind] = mapped_column(words(SuppressionKind))
    value: Mapped[str] = mapped_column(String(320))
    """Comparison form (`inboxcrm.reading.addresses.normal`); a domain covers its subdomains."""
    scope: Mapped[SuppressionScope] = mapped_column(words(SuppressionScope))
    reason: Mapped[SuppressionReason] = mapped_column(words(SuppressionReason))
    proof: Mapped[dict[str, Any]]
    """What shows it: {"message_id", "evidence", "request", "issue_id" …}."""
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(String(200), default="")
    note: Mapped[str] = mapped_column(Text, default="")
    lifted_at: Mapped[datetime | None]
    """When a person took it off; None: in force. Somebody who asked to stop stays suppressed (`inboxcrm.customers.suppression`)."""
    lifted_by: Mapped[str] = mapped_column(String(200), default="")
