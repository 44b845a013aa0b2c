"""Every match can be put into words, in both languages, without leaving a hole."""

# ruff: noqa: E501  a table with a sentence a row

from __future__ import annotations

import pytest

from inboxcrm.i18n import speaking
from inboxcrm.matching.words import doubt, reason, sureness
from inboxcrm.model import MatchedBy

CASES = [
    (MatchedBy.ADDRESS, 1.0, {"address": "a@b.de", "role": "from"}, "a@b.de is a contact of this customer."),
    (MatchedBy.ADDRESS, 0.9, {"address": "a@b.de", "role": "reply_to"}, "Sent by a platform in the name of the contact a@b.de."),
    (MatchedBy.ADDRESS, 0.6, {"address": "a@b.de", "role": "cc", "writer": "x@y.de"}, "x@y.de is unknown, but the contact a@b.de is named beside."),
    (MatchedBy.ADDRESS, 0.6, {"address": "a@b.de", "role": "reply_to", "writer": "x@y.de"}, "x@y.de is unknown, but asks to answer to the contact a@b.de."),
    (MatchedBy.ADDRESS, 0.5, {"address": "a@b.de", "role": "from", "customers": 2}, "a@b.de is a contact of 2 customers; it may be any of them."),
    (MatchedBy.THREAD, 0.8, {"address": "x@y.de", "customers": 1}, "x@y.de is unknown, but takes part in a conversation with this customer."),
    (MatchedBy.THREAD, 0.6, {"address": "x@y.de", "customers": 3}, "x@y.de is unknown, but answers in a conversation with 3 customers."),
    (MatchedBy.DOMAIN, 0.7, {"address": "x@b.de", "domain": "b.de"}, "x@b.de is unknown, but its domain b.de is this customer's."),
    (MatchedBy.BOUNCE, 1.0, {"address": "a@b.de", "role": "bounce"}, "Our mail to a@b.de could not be delivered."),
    (MatchedBy.BOUNCE, 0.8, {"address": "", "role": "bounce", "thread": True}, "The mail that could not be delivered belongs to a conversation with this customer."),
    (MatchedBy.BOUNCE, 1.0, {"address": "a@b.de", "role": "complaint"}, "a@b.de reported our mail as spam."),
    (MatchedBy.PERSON, 1.0, {}, "lina said so."),
]  # fmt: skip


@pytest.mark.parametrize(("by", "confidence", "facts", "words"), CASES)
def test_a_match_says_why(by: MatchedBy, confidence: float, facts: dict[str, object], words: str) -> None:
    assert reason(by, confidence, facts, by="lina") == words
    with speaking("zh"):
        assert "{" not in reason(by, confidence, facts, by="lina")


def test_a_doubt_says_what_to_do() -> None:
    assert "nordlicht.de" in doubt({"kind": "look_alike", "of": "nordlicht.de", "address": "a@nordlicnt.de"})
    assert "forged" in doubt({"kind": "unverified"})


def test_sureness_has_three_steps() -> None:
    assert [sureness(value) for value in (1.0, 0.9, 0.8, 0.7, 0.6, 0.4)] == ["certain"] * 2 + ["likely"] * 2 + [
        "uncertain"
    ] * 2
