"""Senders that imitate a customer (stub until the index is here)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy.orm import Session


def look_alikes(session: Session, addresses: Collection[str]) -> dict[str, Mapping[str, Any]]:
    """Address → {"of", "customer_id"} for those of `addresses` that imitate a customer's domain or contact."""
    return {}
