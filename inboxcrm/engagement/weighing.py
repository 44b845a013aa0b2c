"""How sure a matched phrase is, where it stands: its neighbours, a "not", an "if", a question, a "next year". Pure.

It looks at one sentence; what several findings of a mail mean together is decided in `inboxcrm.engagement.finder`.
"""

from __future__ import annotations

import re

from inboxcrm.engagement.index import Neighbours
from inboxcrm.engagement.patterns import Expression
from inboxcrm.engagement.rules import Modifiers, Rule
from inboxcrm.engagement.sentences import Sentence, between, boundaries
from inboxcrm.engagement.signals import Kind, Trait
from inboxcrm.engagement.vocabulary import QUESTION_MARKS

# How much is left of a phrase's weight …
_AFTER_IF = 0.45  # … when it is said with an "if", and its kind has to be meant;
_PUT_OFF = 0.45  # … when a request is put off;
_IN_QUESTION = 0.6  # … when it is asked.

_REQUESTS = frozenset({Kind.INQUIRY, Kind.QUOTE_REQUEST, Kind.SAMPLE_REQUEST, Kind.ORDER})
# "Our quotation is attached; if you have questions …": what is done is done.
_DONE = frozenset({Kind.QUOTE_SENT, Kind.SAMPLE_SENT, Kind.PROFORMA_SENT, Kind.SHIPMENT_SENT})


class Scales:
    """Weighs matches in one `sentence` of the folded `whole` text, by the words of its language that change what a phrase means."""

    __slots__ = (
        "_clauses",
        "_joints",
        "_modifiers",
        "_out",
        "_present",
        "_sentence",
        "_split",
        "_statements",
        "_whole",
    )

    def __init__(self, sentence: Sentence, whole: str, modifiers: Modifiers) -> None:
        self._sentence = sentence
        self._whole = whole
        self._modifiers = modifiers
        self._joints = modifiers.joints.pattern if modifiers.joints else None
        self._statements: list[tuple[int, int]] | None = None
        self._clauses: list[tuple[int, int]] | None = None
        self._present: int | None = None  # what the lexicon of the language says of the sentence
        self._out: dict[str, bool] = {}  # whether the rule with this id can't apply anywhere in the sentence
        self._split: set[str] = set()  # the rules that are kept out of a part of the sentence

    def weigh(self, rule: Rule, match: tuple[int, int]) -> float:
        """How sure a match of `rule` at the span `match` of the sentence is; 0 where its neighbours or a "not" take it back."""
        if self.kept_out(rule):
            return 0
        if rule.id in self._split and rule.unless and self._stand(rule.unless, *self._statement(match)):
            return 0
        return self._sure(rule, match)

    def kept_out(self, rule: Rule) -> bool:
        """Whether the neighbours that `rule` wants are missing, or excluded ones take all of the sentence back.

        Who sells to us is told by the whole sentence; other excluded neighbours take back what is said together with them.
        """
        known = self._out.get(rule.id)
        if known is None:
            known = self._out[rule.id] = self._keeps_out(rule)
        return known

    def _keeps_out(self, rule: Rule) -> bool:
        if rule.near and not self._stand(rule.near):
            return True
        if rule.unless and self._stand(rule.unless):
            if isinstance(rule.kind, Trait) or not self._boundaries(statements=True):
                return True
            self._split.add(rule.id)
        return bool(rule.unless_mail and rule.unless_mail.pattern.search(self._whole))

    def _stand(self, neighbours: Neighbours, start: int = 0, end: int | None = None) -> bool:
        if self._present is None:
            self._present = neighbours.lexicon.present(self._sentence)
        return neighbours.stand_in(self._sentence, self._present, start, end)

    def _sure(self, rule: Rule, match: tuple[int, int]) -> float:
        if rule.negatable and self._negated(match):
            return 0
        sure = rule.weight
        later = self._modifiers.later
        if rule.kind in _REQUESTS and later and later.may_stand_among(self._sentence.words):
            start, end = self._clause(match)
            if later.pattern.search(self._sentence.text, start, end):
                sure *= _PUT_OFF
        if rule.firm:
            start, end = self._statement(match)
            if rule.kind not in _DONE and self._hypothetical(start, end):
                sure *= _AFTER_IF
            elif end == len(self._sentence.text) and self._asked(match):
                sure *= _IN_QUESTION
        return sure

    def _boundaries(self, *, statements: bool) -> list[tuple[int, int]]:
        known = self._statements if statements else self._clauses
        if known is None:
            known = boundaries(self._sentence.text, self._joints, statements=statements)
            if statements:
                self._statements = known
            else:
                self._clauses = known
        return known

    def _statement(self, match: tuple[int, int]) -> tuple[int, int]:
        return between(self._sentence.text, match, self._boundaries(statements=True))

    def _clause(self, match: tuple[int, int]) -> tuple[int, int]:
        return between(self._sentence.text, match, self._boundaries(statements=False))

    def _asked(self, match: tuple[int, int]) -> bool:
        polite, asks = self._modifiers.polite, self._modifiers.asks
        if not self._sentence.text.endswith(QUESTION_MARKS) or (polite and self._stands(polite)):
            return False
        return not (asks and asks.pattern.search(self._sentence.text, match[1]))

    def _stands(self, expression: Expression) -> bool:
        return (
            expression.may_stand_among(self._sentence.words)
            and expression.pattern.search(self._sentence.text) is not None
        )

    def _negated(self, match: tuple[int, int]) -> bool:
        text, words = self._sentence
        modifiers = self._modifiers
        before_it, after_it = modifiers.negation, modifiers.negation_after
        before_it = before_it if before_it and before_it.may_stand_among(words) else None
        after_it = after_it if after_it and after_it.may_stand_among(words) else None
        if before_it is None and after_it is None:
            return False
        first, last = self._clause(match)
        start = max(first, match[0] - modifiers.reach)
        end = min(last, match[1] + modifiers.reach)
        # A word cut in two could look like another one.
        while start > first and text[start - 1].isalnum() and text[start].isalnum():
            start -= 1
        while end < last and text[end - 1].isalnum() and text[end].isalnum():
            end += 1
        before, after = text[start : match[1]], text[match[0] : end]
        if modifiers.not_negation:
            # The exceptions may begin before the match and end behind it ("not only … but").
            around = modifiers.not_negation.pattern.sub(_blank, text[start:end])
            before, after = around[: match[1] - start], around[match[0] - start :]
        return bool((before_it and before_it.pattern.search(before)) or (after_it and after_it.pattern.search(after)))

    def _hypothetical(self, start: int, end: int) -> bool:
        modifiers = self._modifiers
        if modifiers.hypothetical is None or not modifiers.hypothetical.may_stand_among(self._sentence.words):
            return False
        said = self._sentence.text[start:end]
        if modifiers.not_hypothetical:
            said = modifiers.not_hypothetical.pattern.sub(_blank, said)
        return modifiers.hypothetical.pattern.search(said) is not None


def _blank(match: re.Match[str]) -> str:
    return " " * len(match[0])
