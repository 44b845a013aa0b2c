"""The customer file: companies, the people there, and from where each field is known."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from inboxcrm.model.base import Base, words


class Status(StrEnum):
    """How far the business with a customer has come."""

    PROSPECT = "prospect"
    FOLLOWING = "following"
    WON = "won"
    DORMANT = "dormant"


class Grade(StrEnum):
    """How much attention a customer gets. WATCH: too little known, or a poor fit."""

    A = "A"
    B = "B"
    C = "C"
    WATCH = "watch"


class DecisionRole(StrEnum):
    """What a contact has to say in a purchase."""

    DECISION_MAKER = "decision_maker"
    INFLUENCER = "influencer"
    USER = "user"
    UNKNOWN = "unknown"


class AddressHealth(StrEnum):
    """Whether mail to an address arrives."""

    OK = "ok"
    BOUNCING = "bouncing"
    LEFT = "left"


class Customer(Base):
    """A company. `status` and `grade` as a person or an import set them, until they are judged."""

    __tablename__ = "customer"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(300), index=True)
    local_name: Mapped[str] = mapped_column(String(300), default="")
    """The name in Chinese or the customer's own script."""
    website: Mapped[str] = mapped_column(String(300), default="")
    founded: Mapped[str] = mapped_column(String(40), default="")
    industry: Mapped[str] = mapped_column(String(200), default="")
    size: Mapped[str] = mapped_column(String(100), default="")
    markets: Mapped[list[str]] = mapped_column(default=list)
    address: Mapped[str] = mapped_column(Text, default="")
    country: Mapped[str] = mapped_column(String(2), default="", index=True)
    """ISO 3166-1 alpha-2, upper case."""
    phones: Mapped[list[str]] = mapped_column(default=list)
    social: Mapped[dict[str, Any]] = mapped_column(default=dict)
    source: Mapped[str] = mapped_column(String(100), default="")
    tags: Mapped[list[str]] = mapped_column(default=list)
    custom: Mapped[dict[str, Any]] = mapped_column(default=dict)
    products: Mapped[list[str]] = mapped_column(default=list)
    payment_terms: Mapped[str] = mapped_column(String(200), default="")
    competitors: Mapped[str] = mapped_column(Text, default="")
    news: Mapped[str] = mapped_column(Text, default="")
    opinions: Mapped[str] = mapped_column(Text, default="")
    objections: Mapped[str] = mapped_column(Text, default="")
    notes: Mapped[str] = mapped_column(Text, default="")
    status: Mapped[Status] = mapped_column(words(Status), default=Status.PROSPECT, index=True)
    status_pinned: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Whether a person set the status and the rules leave it alone."""
    grade: Mapped[Grade] = mapped_column(words(Grade), default=Grade.WATCH, index=True)
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"), index=True)
    """The salesperson who owns the customer; None: the pool."""
    created_at: Mapped[datetime]
    first_contact_at: Mapped[datetime | None]
    first_channel: Mapped[str] = mapped_column(String(24), default="")
    last_in_at: Mapped[datetime | None]
    """The last time that the customer wrote or spoke to us; automatic mail doesn't count."""
    last_out_at: Mapped[datetime | None]
    last_entry_at: Mapped[datetime | None] = mapped_column(index=True)

    contacts: Mapped[list[Contact]] = relationship(back_populates="customer", order_by="Contact.id")
    domains: Mapped[list[CustomerDomain]] = relationship(order_by="CustomerDomain.domain")


class CustomerDomain(Base):
    """A mail domain of a customer. A domain may be shared (group companies); then it alone decides nothing."""

    __tablename__ = "customer_domain"

    domain: Mapped[str] = mapped_column(String(255), primary_key=True)
    """Lower-case ASCII (A-labels)."""
    customer_id: Mapped[int] = mapped_column(
        ForeignKey("customer.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class Contact(Base):
    """A person at a customer."""

    __tablename__ = "contact"

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(200), default="")
    title: Mapped[str] = mapped_column(String(200), default="")
    phones: Mapped[list[str]] = mapped_column(default=list)
    social: Mapped[dict[str, Any]] = mapped_column(default=dict)
    sex: Mapped[str] = mapped_column(String(10), default="")
    born: Mapped[date | None]
    language: Mapped[str] = mapped_column(String(8), default="")
    time_zone: Mapped[str] = mapped_column(String(60), default="")
    preferred_channel: Mapped[str] = mapped_column(String(24), default="")
    character: Mapped[str] = mapped_column(Text, default="")
    concerns: Mapped[str] = mapped_column(Text, default="")
    interests: Mapped[str] = mapped_column(Text, default="")
    decision_role: Mapped[DecisionRole] = mapped_column(words(DecisionRole), default=DecisionRole.UNKNOWN)
    created_at: Mapped[datetime]

    customer: Mapped[Customer] = relationship(back_populates="contacts")
    addresses: Mapped[list[ContactAddress]] = relationship(back_populates="contact", order_by="ContactAddress.id")


class ContactAddress(Base):
    """One mail address of a contact. The same address may stand at two customers (a trading company that buys for both)."""

    __tablename__ = "contact_address"
    __table_args__ = (UniqueConstraint("contact_id", "address"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"))
    address: Mapped[str] = mapped_column(String(320), index=True)
    """Comparison form (`inboxcrm.reading.addresses.normal`)."""
    written: Mapped[str] = mapped_column(String(320))
    """As the person writes it; this is where mail goes."""
    health: Mapped[AddressHealth] = mapped_column(words(AddressHealth), default=AddressHealth.OK)
    health_at: Mapped[datetime | None]
    health_reason: Mapped[str] = mapped_column(Text, default="")

    contact: Mapped[Contact] = relationship(back_populates="addresses")


class FieldSource(StrEnum):
    """From where a field's value came."""

    MAIL = "mail"
    IMPORT = "import"
    PERSON = "person"


CREATED = "created"
"""As the field of a change: the whole row is new, and `new` holds its values by field."""


class FieldChange(Base):
    """One change of one field of a customer or contact: what keeps the file trustworthy, and what undo needs."""

    __tablename__ = "field_change"
    __table_args__ = (Index("ix_field_change_entity_entity_id", "entity", "entity_id", "field"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    entity: Mapped[str] = mapped_column(String(16))
    """"customer" or "contact"."""
    entity_id: Mapped[int]
    field: Mapped[str] = mapped_column(String(40))
    old: Mapped[Any] = mapped_column(JSON)
    new: Mapped[Any] = mapped_column(JSON)
    source: Mapped[FieldSource] = mapped_column(words(FieldSource))
    by: Mapped[str] = mapped_column(String(200), default="")
    message_id: Mapped[int | None] = mapped_column(ForeignKey("message.id", ondelete="SET NULL"))
    at: Mapped[datetime]


class ProposalState(StrEnum):
    """OPEN until a person decides."""

    OPEN = "open"
    ACCEPTED = "accepted"
    DISMISSED = "dismissed"


class ContactProposal(Base):
    """An unknown address that wrote in a customer's thread, or from its domain: perhaps a new contact; a person decides."""

    __tablename__ = "contact_proposal"
    __table_args__ = (UniqueConstraint("customer_id", "address"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"), index=True)
    address: Mapped[str] = mapped_column(String(320))
    written: Mapped[str] = mapped_column(String(320))
    name: Mapped[str] = mapped_column(String(200), default="")
    message_id: Mapped[int] = mapped_column(ForeignKey("message.id", ondelete="CASCADE"))
    state: Mapped[ProposalState] = mapped_column(words(ProposalState), default=ProposalState.OPEN)
    created_at: Mapped[datetime]
