"""How customers are graded: the last assessment of each, and every change of grade with its reasons."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from inboxcrm.model.base import Base, words
from inboxcrm.model.customer import Grade


class Assessment(Base):
    """What the rules last said of a customer: the four dimensions (0 to 100), the reasons and what is missing to know more."""

    __tablename__ = "assessment"

    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"), primary_key=True)
    at: Mapped[datetime]
    current_value: Mapped[int]
    potential_value: Mapped[int]
    willingness: Mapped[int]
    risk: Mapped[int]
    suggested: Mapped[Grade] = mapped_column(words(Grade))
    """The grade by the numbers alone, before minimum stay and hysteresis."""
    reasons: Mapped[list[dict[str, Any]]]
    missing: Mapped[list[str]]
    rules_version: Mapped[str] = mapped_column(String(16))


class ChangedBy(StrEnum):
    """RULES: judged by the service. PIN: a person set the grade for a time. UNDO: a person took a change back. IMPORT: from a list."""

    RULES = "rules"
    PIN = "pin"
    UNDO = "undo"
    IMPORT = "import"


class GradeChange(Base):
    """One change of grade, explained: the dimensions and reasons of that moment."""

    __tablename__ = "grade_change"
    __table_args__ = (Index("ix_grade_change_customer_id_at", "customer_id", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"))
    at: Mapped[datetime] = mapped_column(index=True)
    from_grade: Mapped[Grade] = mapped_column(words(Grade))
    to_grade: Mapped[Grade] = mapped_column(words(Grade))
    changed_by: Mapped[ChangedBy] = mapped_column(words(ChangedBy))
    dimensions: Mapped[dict[str, Any]]
    reasons: Mapped[list[dict[str, Any]]]
    rules_version: Mapped[str] = mapped_column(String(16), default="")
    by: Mapped[str] = mapped_column(String(200), default="")
    note: Mapped[str] = mapped_column(Text, default="")
    wrong_at: Mapped[datetime | None]
    """When a person called this change wrong."""


class GradePin(Base):
    """A grade that a person holds fast, for a reason, until a day (None: until it is taken off)."""

    __tablename__ = "grade_pin"

    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"), primary_key=True)
    grade: Mapped[Grade] = mapped_column(words(Grade))
    reason: Mapped[str] = mapped_column(Text)
    until: Mapped[datetime | None]
    by: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime]
