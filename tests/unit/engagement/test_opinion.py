"""The second opinion: what it doubts, what it backs, what it finds alone, and whose word it doesn't touch."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inboxcrm.engagement.finder import Finder, Letter
from inboxcrm.engagement.opinion import (
    RULE,
    Opinion,
    Weights,
    alone,
    backed,
    features,
    packed,
    parse,
    second_opinion,
    tokens,
    unpacked,
    write,
)
from inboxcrm.engagement.rules import parse_language
from inboxcrm.engagement.signals import THRESHOLD, Kind, Side

RULES = """
language = "en"
[[rule]]
id = "banana"
kind = "order"
weight = 0.8
any = ["one banana"]
examples = ["One banana."]
"""
ABOUT_ORDERS = "Thank you, one banana please, we confirm and you may start the production."
SMALL_TALK = "My son ate one banana at the fair while we waited for the bus to the hotel."


def opinion(said: Mapping[str, float], *, rules: frozenset[str] = frozenset({"en.banana"})) -> Opinion:
    """An opinion of orders only."""
    weights = Weights(
        [Kind.ORDER], [-1.0], {feature: packed([(0, round(weight * 100))]) for feature, weight in said.items()}
    )
    return Opinion({Side.CUSTOMER: weights, Side.US: Weights([Kind.PROMISE], [-5.0], {})}, rules, "1")


def found(text: str, heard: Opinion | None) -> dict[Kind, float]:
    """What the rules find with this opinion: kind → confidence."""
    finder = Finder([parse_language(RULES, "en.toml")], lambda _text: "en")
    signals = finder.find(Letter("", text, "en", Side.CUSTOMER), opinion=heard)
    return {one.kind: one.confidence for one in signals}


LEARNT = opinion({"confirm": 4.0, "production": 4.0, "start the": 3.0, "fair": -4.0, "bus": -4.0, "hotel": -4.0})


def test_what_the_whole_mail_speaks_for_counts_and_what_nothing_else_speaks_for_does_not() -> None:
    assert found(SMALL_TALK, None)[Kind.ORDER] >= THRESHOLD
    assert found(SMALL_TALK, LEARNT).get(Kind.ORDER, 0) < THRESHOLD
    assert found(ABOUT_ORDERS, LEARNT)[Kind.ORDER] > found(ABOUT_ORDERS, None)[Kind.ORDER]


def test_a_rule_of_ones_own_keeps_its_word() -> None:
    others = opinion({"fair": -4.0, "bus": -4.0}, rules=frozenset({"en.apple"}))
    assert found(SMALL_TALK, others) == found(SMALL_TALK, None)


def test_where_no_rule_knows_the_phrase_the_tellingest_sentence_is_the_evidence() -> None:
    text = "Hello dear Lina, how are you?\n We confirm, start the production.  Best wishes from all of us here"
    finder = Finder([parse_language(RULES, "en.toml")], lambda _text: "en")
    [signal] = finder.find(Letter("", text, "en", Side.CUSTOMER), opinion=LEARNT)
    assert (signal.kind, signal.rule) == (Kind.ORDER, RULE)
    assert signal.evidence.strip() == signal.evidence == text[signal.start : signal.start + len(signal.evidence)]
    assert "start the production" in signal.evidence
    assert "Lina" not in signal.evidence


def test_a_few_words_are_no_ground_for_an_opinion() -> None:
    assert found("Confirm production", LEARNT) == {}


@given(st.floats(-40, 40), st.floats(-40, 40), st.floats(0, 1), st.floats(0, 1))
def test_more_for_it_is_never_less_sure(one: float, other: float, finding: float, surer: float) -> None:
    low, high = sorted((one, other))
    assert backed(Kind.ORDER, finding, low, one) <= backed(Kind.ORDER, finding, high, one)
    assert backed(Kind.ORDER, finding, one, low) <= backed(Kind.ORDER, finding, one, high)
    assert alone(Kind.ORDER, low, one) <= alone(Kind.ORDER, high, one)
    assert alone(Kind.ORDER, one, low) <= alone(Kind.ORDER, one, high)
    weak, strong = sorted((finding, surer))
    assert backed(Kind.ORDER, weak, one, other) <= backed(Kind.ORDER, strong, one, other)
    assert 0 < backed(Kind.ORDER, finding, one, other) < backed(Kind.INQUIRY, finding, one, other) < 1


@given(
    st.dictionaries(
        st.text(min_size=1, max_size=40).map(lambda text: next(iter(features(text)), "")).filter(bool),
        st.integers(-2000, 2000).filter(bool).map(lambda hundredths: hundredths / 100),
        max_size=8,
    )
)
def test_what_is_written_is_read_back(said: dict[str, float]) -> None:
    before = opinion(said)
    after = parse(write(before.sides, before.rules))
    assert after.rules == before.rules
    for side, learnt in before.sides.items():
        assert (after.sides[side].kinds, after.sides[side].bias) == (learnt.kinds, learnt.bias)
        assert after.sides[side].said == learnt.said


@given(st.lists(st.lists(st.integers(-5000, 5000), min_size=14, max_size=14), max_size=60))
def test_what_many_features_say_is_the_sum_of_what_each_says(features_say: list[list[int]]) -> None:
    total = sum(packed(enumerate(said)) for said in features_say)
    sums = [sum(said[place] for said in features_say) for place in range(14)]
    assert unpacked(total, 14) == (len(features_say), *sums)


@given(st.text(max_size=300), st.sampled_from(Side))
def test_any_text_has_an_opinion_of_every_kind_of_its_side(text: str, side: Side) -> None:
    thought = second_opinion().of(tokens(text.casefold()), side)
    assert set(thought) == set(second_opinion().sides[side].kinds)
    assert all(isfinite(speaking) for speaking in thought.values())


@pytest.mark.parametrize("code", ["en", "zh", "ar"])
def test_the_opinion_has_been_trained_along_with_the_rules(code: str) -> None:
    path = Path(__file__).parents[3] / "config" / "signals" / f"{code}.toml"
    ids = {rule.id for rule in parse_language(path.read_text(encoding="utf-8"), str(path)).rules}
    assert ids <= second_opinion().rules, "train it again: make opinion"
