"""What can be found in a mail: kinds of engagement, and one finding with its evidence, confidence, rule and details.

Plain frozen values. The JSON form (`Signal.as_json`) is an interface that other programs depend on.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """A sign of engagement. The last five are found in our own mail, the others in the customer's."""

    INQUIRY = "inquiry"
    QUOTE_REQUEST = "quote_request"
    SAMPLE_REQUEST = "sample_request"
    NEGOTIATION = "negotiation"
    ORDER = "order"
    PAYMENT = "payment"
    SHIPPING_QUESTION = "shipping_question"
    TECHNICAL_QUESTION = "technical_question"
    MEETING_REQUEST = "meeting_request"
    COMPLAINT = "complaint"
    POSITIVE_FEEDBACK = "positive_feedback"
    NOT_INTERESTED = "not_interested"
    UNSUBSCRIBE = "unsubscribe"
    PERSONNEL_CHANGE = "personnel_change"
    QUOTE_SENT = "quote_sent"
    SAMPLE_SENT = "sample_sent"
    PROFORMA_SENT = "proforma_sent"
    SHIPMENT_SENT = "shipment_sent"
    PROMISE = "promise"


THRESHOLD = 0.6
"""From this confidence on a signal counts; below it is a suggestion that a person confirms."""

OUR_KINDS = frozenset({Kind.QUOTE_SENT, Kind.SAMPLE_SENT, Kind.PROFORMA_SENT, Kind.SHIPMENT_SENT, Kind.PROMISE})
CUSTOMER_KINDS = frozenset(Kind) - OUR_KINDS


class Trait(StrEnum):
    """What a mail is that a customer's mail is not: someone sells to us, or looks for a job. Signals in such a mail don't count."""

    PITCH = "pitch"
    JOB = "job"


class Side(StrEnum):
    """Who wrote the mail."""

    CUSTOMER = "customer"
    US = "us"


@dataclass(frozen=True, slots=True)
class Money:
    """An amount: `currency` is an ISO 4217 code."""

    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class Quantity:
    """How much: `unit` is a key of the unit table ("pcs", "set", "kg", "m", …)."""

    amount: Decimal
    unit: str


@dataclass(frozen=True, slots=True)
class Details:
    """What stands beside a signal and fills the business record. Whatever isn't said is None or empty."""

    products: tuple[str, ...] = ()
    quantity: Quantity | None = None
    price: Money | None = None
    incoterm: str = ""
    port: str = ""
    on: date | None = None
    """A date that is asked for or promised."""
    courier_account: str = ""
    order_number: str = ""
    is_unit_price: bool = False
    """Whether `price` is that of one piece, as far as its neighbours tell."""

    def as_json(self) -> dict[str, Any]:
        """Only what is said, numbers as text so that no digit is lost."""
        said: dict[str, Any] = {}
        if self.products:
            said["products"] = list(self.products)
        if self.quantity:
            said["quantity"] = {"amount": str(self.quantity.amount), "unit": self.quantity.unit}
        if self.price:
            said["price"] = {"amount": str(self.price.amount), "currency": self.price.currency}
        for name in ("incoterm", "port", "courier_account", "order_number"):
            if value := getattr(self, name):
                said[name] = value
        if self.on:
            said["on"] = self.on.isoformat()
        return said


@dataclass(frozen=True, slots=True)
class Signal:
    """One finding. `evidence` is the exact span of the mail; `confidence` lies between 0 and 1; `rule` is the id of the rule
    that found the evidence, with its language ("en.sample.ask"). `place` is "text" or "subject", `start` the offset in it.
    """

    kind: Kind
    evidence: str
    confidence: float
    rule: str
    place: str
    start: int
    details: Details = field(default_factory=Details)

    def as_json(self) -> dict[str, Any]:
        """The public form."""
        return {
            "kind": self.kind.value,
            "evidence": self.evidence,
            "confidence": round(self.confidence, 2),
            "rule": self.rule,
            "details": self.details.as_json(),
        }
