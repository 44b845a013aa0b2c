"""Small rule files for tests, and what they find."""

from __future__ import annotations

from inboxcrm.engagement.finder import Finder, Letter
from inboxcrm.engagement.rules import Language, parse_language
from inboxcrm.engagement.signals import Side, Signal

HEAD = """
language = "en"
mistyped = ["sample", "quotation"]
[words]
ask = ["please", "could you"]
sample = ["sample", "samples", "test piece"]
[modifiers]
negation = ["not", "don't", "no"]
not_negation = ["not only"]
hypothetical = ["if"]
not_hypothetical = ["if possible"]
later = ["next year we"]
polite = ["could you"]
asks = [", when|how"]
joints = ["but"]
"""


def language(rules: str, head: str = HEAD) -> Language:
    """The rules in TOML, behind a small head of words and modifiers."""
    return parse_language(head + rules, "en.toml")


def rule(phrase: str, kind: str = "sample_request", more: str = "") -> str:
    """One rule with one phrase."""
    return f'[[rule]]\nid = "one"\nkind = "{kind}"\nany = ["{phrase}"]\nexamples = ["-"]\n{more}\n'


def found(rules: str, text: str, *, subject: str = "", side: Side = Side.CUSTOMER) -> list[Signal]:
    """The signals in `text`, by these rules alone."""
    return Finder([language(rules)], lambda _text: "en").find(Letter(subject, text, "en", side))
