"""How sure a matched phrase is, where it stands: its neighbours, a "not", an "if", a question, a "next year". Pure.

It looks at one sentence; what several findings of a mail mean together is decided in `inboxcrm.engagement.finder`.
"""

from __future__ import annotations

import re

from inboxcrm.engagement.rules import Modifiers, Rule
from inboxcrm.engagement.sentences import clause
from inboxcrm.engagement.signals import Kind

# How much is left of a phrase's weight …
_AFTER_IF = 0.45  # … when it is said with an "if", and its kind has to be meant;
_PUT_OFF = 0.45  # … when a request is put off;
_IN_QUESTION = 0.6  # … when it is asked.

_QUESTION_MARKS = ("?", "？", "؟")
_REQUESTS = frozenset({Kind.INQUIRY, Kind.QUOTE_REQUEST, Kind.SAMPLE_REQUEST, Kind.ORDER})
# "Our quotation is attached; if you have questions …": what is done is done.
_DONE = frozenset({Kind.QUOTE_SENT, Kind.SAMPLE_SENT, Kind.PROFORMA_SENT, Kind.SHIPMENT_SENT})


def applies(rule: Rule, sentence: str, whole: str) -> bool:
    """Whether the neighbours in the folded `sentence`, and in the `whole` text, are those that `rule` wants."""
    return not (
        (rule.near and not rule.near.pattern.search(sentence))
        or (rule.unless and rule.unless.pattern.search(sentence))
        or (rule.unless_mail and rule.unless_mail.pattern.search(whole))
    )


def confidence(rule: Rule, sentence: str, match: tuple[int, int], modifiers: Modifiers) -> float:
    """How sure a match of `rule` at the span `match` of the folded `sentence` is; 0 when it is taken back."""
    start, end = clause(sentence, match, modifiers.joints.pattern if modifiers.joints else None)
    if rule.negatable and _negated(sentence, match, (start, end), modifiers):
        return 0
    sure = rule.weight
    if rule.kind in _REQUESTS and modifiers.later and modifiers.later.pattern.search(sentence, start, end):
        sure *= _PUT_OFF
    if rule.firm:
        if rule.kind not in _DONE and _hypothetical(sentence, modifiers):
            sure *= _AFTER_IF
        elif sentence.endswith(_QUESTION_MARKS) and not (
            modifiers.polite and modifiers.polite.pattern.search(sentence)
        ):
            sure *= _IN_QUESTION
    return sure


def _negated(sentence: str, match: tuple[int, int], clause_span: tuple[int, int], modifiers: Modifiers) -> bool:
    start = max(clause_span[0], match[0] - modifiers.reach)
    end = min(clause_span[1], match[1] + modifiers.reach)
    # A word cut in two could look like another one.
    while start > clause_span[0] and sentence[start - 1].isalnum() and sentence[start].isalnum():
        start -= 1
    while end < clause_span[1] and sentence[end - 1].isalnum() and sentence[end].isalnum():
        end += 1
    before, after = sentence[start : match[1]], sentence[match[0] : end]
    if modifiers.not_negation:
        # The exceptions may begin before the match and end behind it ("not only … but").
        around = modifiers.not_negation.pattern.sub(_blank, sentence[start:end])
        before, after = around[: match[1] - start], around[match[0] - start :]
    return bool(
        (modifiers.negation and modifiers.negation.pattern.search(before))
        or (modifiers.negation_after and modifiers.negation_after.pattern.search(after))
    )


def _hypothetical(sentence: str, modifiers: Modifiers) -> bool:
    if modifiers.hypothetical is None:
        return False
    if modifiers.not_hypothetical:
        sentence = modifiers.not_hypothetical.pattern.sub(_blank, sentence)
    return modifiers.hypothetical.pattern.search(sentence) is not None


def _blank(match: re.Match[str]) -> str:
    return " " * len(match[0])
