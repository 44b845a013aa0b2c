"""Reasons, floors and ceilings, and what is missing, in the words of the trade and the language of the context."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from inboxcrm.grading.assess import rank
from inboxcrm.i18n import _, day, mark
from inboxcrm.model import Grade

_REASONS = {
    "order": mark("Ordered on {on}"),
    "further_order": mark("Ordered before, on {on}"),
    "order_amount": mark("Orders of {amount} in all"),
    "margin": mark("Good margin: {percent} %"),
    "size": mark("Company size: {size}"),
    "market": mark("One of our main markets: {country}"),
    "other_market": mark("Market: {country}"),
    "asked_amount": mark("Asked for goods worth {amount}"),
    "asked_quantity": mark("Asked for a quantity of {quantity}"),
    "decision_maker": mark("We know the decision maker"),
    "influencer": mark("We know somebody with influence"),
    "product_fit": mark("Wants what we make: {products}"),
    "signal_inquiry": mark("Inquiry on {on}"),
    "signal_quote_request": mark("Asked for a quotation on {on}"),
    "signal_sample_request": mark("Asked for samples on {on}"),
    "signal_negotiation": mark("Negotiated on {on}"),
    "signal_order": mark("Placed an order on {on}"),
    "signal_payment": mark("Wrote about payment on {on}"),
    "signal_shipping_question": mark("Asked about shipping on {on}"),
    "signal_technical_question": mark("Asked a technical question on {on}"),
    "signal_meeting_request": mark("Wanted to meet, on {on}"),
    "signal_positive_feedback": mark("Was pleased, on {on}"),
    "answer_rate": mark("Answers {percent} % of our mails"),
    "quick_answer": mark("Usually answers within {hours} hours"),
    "wrote_first": mark("Wrote to us first"),
    "risk_complaint": mark("Complained on {on}"),
    "risk_not_interested": mark("Was not interested on {on}"),
    "risk_unsubscribe": mark("Asked us to stop writing, on {on}"),
    "risk_overdue": mark("Payment overdue since {on}"),
    "risk_unverified": mark("A mail of {on} may be forged"),
    "risk_look_alike": mark("A mail of {on} came from a look-alike address"),
    "risk_mark": mark("Marked as a risk on {on}"),
    "unreachable": mark("No address works any more"),
    "order_within_days": mark("An order not long ago: never under {grade}"),
    "sample_within_days": mark("Samples asked for not long ago: never under {grade}"),
    "all_addresses_bounce": mark("All addresses bounce: {grade} at most"),
    "asked_to_stop": mark("Asked us to stop writing: {grade} at most"),
    "not_interested_within_days": mark("Not interested at the moment: {grade} at most"),
    "silence": mark("No new sign of interest since {on}"),
    "faded": mark("Hardly any sign of interest is left"),
}
_FLOORS = {"order_within_days", "sample_within_days"}

_MISSING = {
    "country": mark("the country"),
    "products": mark("the products wanted"),
    "size": mark("the size of the company"),
    "website": mark("the website"),
    "decision_role": mark("who decides there"),
    "inbound": mark("any mail or call from them"),
    "signal": mark("any sign of interest"),
}

_DIMENSIONS = {
    "current_value": mark("Current value"),
    "potential_value": mark("Potential value"),
    "willingness": mark("Willingness"),
    "risk": mark("Risk"),
}


def reason(kept: Mapping[str, Any]) -> str:
    """One kept reason (`inboxcrm.grading.regrade.reasons_json`) as a sentence."""
    facts = {name: _number(value) if name in _NUMBERS else value for name, value in kept["facts"].items()}
    if "on" in facts:
        facts["on"] = day(date.fromisoformat(facts["on"]))
    if facts.get("grade") == "watch":
        facts["grade"] = _("watch")
    return _(_REASONS[kept["code"]]).format(**facts)


def telling(reasons: Sequence[Mapping[str, Any]], before: Grade, after: Grade) -> list[Mapping[str, Any]]:
    """What tells best why a grade moved, two reasons at most, out of the kept ones of that moment.

    For a rise the floor that lifted it and what the customer said; for a fall the ceilings and what speaks against the customer, else
    since when there was no sign of interest.
    """
    bounds = [one for one in reasons if not one["dimension"]]
    if rank(after) > rank(before):
        lifting = [one for one in bounds if one["code"] in _FLOORS and one["facts"]["grade"] == after]
        speaking = [one for one in reasons if one["points"] > 0]
        return [*lifting, *sorted(speaking, key=lambda one: not one["evidence"])][:2]
    against = [one for one in bounds if one["code"] not in _FLOORS] + [one for one in reasons if one["points"] < 0]
    if against:
        return against[:2]
    heard = [one["facts"]["on"] for one in reasons if one["dimension"] == "willingness" and "on" in one["facts"]]
    silence = {"code": "silence", "facts": {"on": max(heard)}} if heard else {"code": "faded", "facts": {}}
    return [{"dimension": "willingness", "points": 0, "evidence": "", "entry_id": 0, **silence}]


_NUMBERS = {"amount", "quantity"}


def _number(value: str) -> str:
    """7,500 for what is kept as 7500 or 7500.000."""
    return f"{Decimal(value).normalize():,f}"


def missing(code: str) -> str:
    """What the file should say, as it stands after "Not known: "."""
    return _(_MISSING[code])


def dimension(name: str) -> str:
    """The name of a dimension; "" for floors and ceilings, which stand above them."""
    return _(_DIMENSIONS[name]) if name else ""
