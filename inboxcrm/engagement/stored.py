"""Signals as the database keeps them: plain values out of findings and back, no digit lost. It decides nothing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from inboxcrm.engagement.signals import Details, Kind, Money, Quantity, Signal


def packed(signal: Signal) -> dict[str, Any]:
    """A signal as one row of `Message.signals`."""
    return {
        "kind": signal.kind.value,
        "evidence": _storable(signal.evidence),
        "confidence": round(signal.confidence, 4),
        "rule": signal.rule,
        "place": signal.place,
        "start": signal.start,
        "details": packed_details(signal.details),
    }


def packed_details(said: Details) -> dict[str, Any]:
    """Details as they are kept: the public form, and whether the price is that of one piece."""
    values = said.as_json()
    if said.price is not None and said.is_unit_price:
        values["unit_price"] = True
    return values


def details_of(values: Mapping[str, Any]) -> Details:
    """The details behind their stored form."""
    quantity, price, on = values.get("quantity"), values.get("price"), values.get("on")
    return Details(
        products=tuple(values.get("products", ())),
        quantity=Quantity(Decimal(quantity["amount"]), quantity["unit"]) if quantity else None,
        price=Money(Decimal(price["amount"]), price["currency"]) if price else None,
        incoterm=values.get("incoterm", ""),
        port=values.get("port", ""),
        on=date.fromisoformat(on) if on else None,
        courier_account=values.get("courier_account", ""),
        order_number=values.get("order_number", ""),
        is_unit_price=bool(values.get("unit_price")),
    )


def unpacked(row: Mapping[str, Any]) -> Signal:
    """The signal behind its stored form."""
    return Signal(
        kind=Kind(row["kind"]),
        evidence=row["evidence"],
        confidence=row["confidence"],
        rule=row["rule"],
        place=row["place"],
        start=row["start"],
        details=details_of(row["details"]),
    )


def _storable(text: str) -> str:
    """Without what no database takes (NUL, lone surrogates)."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()
