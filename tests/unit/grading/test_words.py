"""Reasons in words: what tells why a grade moved, and numbers as people write them."""

from __future__ import annotations

from typing import Any

import pytest

from inboxcrm.grading import words
from inboxcrm.model import Grade


def kept(code: str, dimension: str = "", points: float = 0, evidence: str = "", **facts: str) -> dict[str, Any]:
    return {
        "code": code,
        "dimension": dimension,
        "points": points,
        "facts": facts,
        "entry_id": 0,
        "evidence": evidence,
    }


FLOOR = kept("order_within_days", grade="B")
CEILING = kept("asked_to_stop", grade="C")
ORDERED = kept("order", "current_value", 45, on="2026-05-01")
ASKED = kept("signal_sample_request", "willingness", 30, "send two samples", on="2026-05-30")
COMPLAINED = kept("risk_complaint", "risk", -20, "they leak", on="2026-05-20")


def told(reasons: list[dict[str, Any]], before: Grade, after: Grade) -> list[str]:
    return [one["code"] for one in words.telling(reasons, before, after)]


def test_a_rise_is_told_by_the_floor_that_lifted_it_and_the_customers_words() -> None:
    assert told([FLOOR, ORDERED, ASKED], Grade.C, Grade.B) == ["order_within_days", "signal_sample_request"]
    assert told([FLOOR, ORDERED, ASKED], Grade.B, Grade.A) == ["signal_sample_request", "order"]


def test_a_fall_is_told_by_what_speaks_against_the_customer() -> None:
    assert told([FLOOR, CEILING, ASKED, COMPLAINED], Grade.B, Grade.C) == ["asked_to_stop", "risk_complaint"]


def test_a_fall_for_which_nobody_did_anything_is_told_by_the_silence() -> None:
    (silence,) = words.telling([FLOOR, ORDERED, ASKED], Grade.A, Grade.B)
    assert words.reason(silence) == "No new sign of interest since 30 May 2026"
    assert told([], Grade.B, Grade.C) == ["faded"]


@pytest.mark.parametrize(
    ("number", "said"), [("7500.000", "7,500"), ("7500", "7,500"), ("0.5000", "0.5"), ("1234567.25", "1,234,567.25")]
)
def test_numbers_are_said_without_empty_decimals(number: str, said: str) -> None:
    assert words.reason(kept("asked_quantity", quantity=number)) == f"Asked for a quantity of {said}"
