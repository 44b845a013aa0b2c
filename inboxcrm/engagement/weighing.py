"""How sure a matched phrase is, where it stands: its neighbours, a "not", an "if", a question, a "next year". Pure.

It looks at one sentence; what several findings of a mail mean together is decided in `inboxcrm.engagement.finder`.
"""

from __future__ import annotations

import re

from inboxcrm.engagement.rules import Modifiers, Rule
from inboxcrm.engagement.sentences import Sentence, clause, statement
from inboxcrm.engagement.signals import Kind, Trait

# How much is left of a phrase's weight …
_AFTER_IF = 0.45  # … when it is said with an "if", and its kind has to be meant;
_PUT_OFF = 0.45  # … when a request is put off;
_IN_QUESTION = 0.6  # … when it is asked.

_QUESTION_MARKS = ("?", "？", "؟")
_REQUESTS = frozenset({Kind.INQUIRY, Kind.QUOTE_REQUEST, Kind.SAMPLE_REQUEST, Kind.ORDER})
# "Our quotation is attached; if you have questions …": what is done is done.
_DONE = frozenset({Kind.QUOTE_SENT, Kind.SAMPLE_SENT, Kind.PROFORMA_SENT, Kind.SHIPMENT_SENT})


def applies(rule: Rule, sentence: Sentence, match: tuple[int, int], whole: str, modifiers: Modifiers) -> bool:
    """Whether the neighbours of `match` in `sentence`, and in the `whole` text, are those that `rule` wants.

    Who sells to us is told by the whole sentence; other excluded neighbours take back what is said together with them.
    """
    if rule.near and not rule.near.stands_in(sentence.text, sentence.words):
        return False
    if rule.unless and rule.unless.stands_in(sentence.text, sentence.words):
        if isinstance(rule.kind, Trait):
            return False
        start, end = statement(sentence.text, match, _joints(modifiers))
        if end - start == len(sentence.text) or rule.unless.pattern.search(sentence.text[start:end]):
            return False
    return not (rule.unless_mail and rule.unless_mail.pattern.search(whole))


def confidence(rule: Rule, sentence: Sentence, match: tuple[int, int], modifiers: Modifiers) -> float:
    """How sure a match of `rule` at the span `match` of `sentence` is; 0 when it is taken back."""
    if rule.negatable and _negated(sentence, match, modifiers):
        return 0
    sure = rule.weight
    if rule.kind in _REQUESTS and modifiers.later and modifiers.later.may_stand_among(sentence.words):
        start, end = _clause(sentence, match, modifiers)
        if modifiers.later.pattern.search(sentence.text, start, end):
            sure *= _PUT_OFF
    if rule.firm:
        start, end = statement(sentence.text, match, _joints(modifiers))
        if rule.kind not in _DONE and _hypothetical(sentence, (start, end), modifiers):
            sure *= _AFTER_IF
        elif end == len(sentence.text) and _asked(sentence, match, modifiers):
            sure *= _IN_QUESTION
    return sure


def _asked(sentence: Sentence, match: tuple[int, int], modifiers: Modifiers) -> bool:
    if not sentence.text.endswith(_QUESTION_MARKS) or (
        modifiers.polite and modifiers.polite.stands_in(sentence.text, sentence.words)
    ):
        return False
    return not (modifiers.asks and modifiers.asks.pattern.search(sentence.text, match[1]))


def _joints(modifiers: Modifiers) -> re.Pattern[str] | None:
    return modifiers.joints.pattern if modifiers.joints else None


def _clause(sentence: Sentence, match: tuple[int, int], modifiers: Modifiers) -> tuple[int, int]:
    return clause(sentence.text, match, _joints(modifiers))


def _negated(sentence: Sentence, match: tuple[int, int], modifiers: Modifiers) -> bool:
    before_it, after_it = modifiers.negation, modifiers.negation_after
    before_it = before_it if before_it and before_it.may_stand_among(sentence.words) else None
    after_it = after_it if after_it and after_it.may_stand_among(sentence.words) else None
    if before_it is None and after_it is None:
        return False
    clause_span = _clause(sentence, match, modifiers)
    start = max(clause_span[0], match[0] - modifiers.reach)
    end = min(clause_span[1], match[1] + modifiers.reach)
    # A word cut in two could look like another one.
    while start > clause_span[0] and sentence.text[start - 1].isalnum() and sentence.text[start].isalnum():
        start -= 1
    while end < clause_span[1] and sentence.text[end - 1].isalnum() and sentence.text[end].isalnum():
        end += 1
    before, after = sentence.text[start : match[1]], sentence.text[match[0] : end]
    if modifiers.not_negation:
        # The exceptions may begin before the match and end behind it ("not only … but").
        around = modifiers.not_negation.pattern.sub(_blank, sentence.text[start:end])
        before, after = around[: match[1] - start], around[match[0] - start :]
    return bool((before_it and before_it.pattern.search(before)) or (after_it and after_it.pattern.search(after)))


def _hypothetical(sentence: Sentence, statement_span: tuple[int, int], modifiers: Modifiers) -> bool:
    if modifiers.hypothetical is None or not modifiers.hypothetical.may_stand_among(sentence.words):
        return False
    said = sentence.text[slice(*statement_span)]
    if modifiers.not_hypothetical:
        said = modifiers.not_hypothetical.pattern.sub(_blank, said)
    return modifiers.hypothetical.pattern.search(said) is not None


def _blank(match: re.Match[str]) -> str:
    return " " * len(match[0])
