"""Finds the signals in one mail. Pure: the same text and rules give the same signals.

Candidate phrases are found all at once (Aho-Corasick over the anchors of all languages); only these are looked at closely, in the
sentence where their anchor stands: neighbours, negation, "if", questions.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from ahocorasick_rs import AhoCorasick

from inboxcrm.engagement.folding import Folded, fold
from inboxcrm.engagement.patterns import Phrase
from inboxcrm.engagement.rules import Language, Modifiers, Rule
from inboxcrm.engagement.sentences import clause, sentences
from inboxcrm.engagement.signals import Details, Kind, Side, Signal, Trait

# How much is left of a phrase's weight …
_AFTER_IF = 0.45  # … when it is said with an "if", and its kind has to be meant;
_IN_QUESTION = 0.6  # … when it is asked;
_IN_SUBJECT = 0.9  # … when only the subject says it;
_FOREIGN = 0.85  # … when its sentence is in another language than the mail.
_IN_PITCH = 0.2  # … when the mail sells to us, or asks for a job.
_TRAIT_COUNTS = 0.6
_LEAST = 0.2  # below that a finding isn't worth a person's look
_MOST = 0.99

_QUESTION_MARKS = ("?", "？", "؟")

# Nobody reads further; a mail of a megabyte is no letter.
_LONGEST = 20_000


@dataclass(frozen=True, slots=True)
class Letter:
    """What of a mail is looked at: what its writer wrote now. `language` is the mail's ("" when unknown). `subject` counts only
    for a mail that begins a conversation (a reply's subject is history); give "" otherwise.
    """

    subject: str
    text: str
    language: str
    side: Side


@dataclass(frozen=True, slots=True)
class _Found:
    rule: Rule
    sentence: _Sentence
    start: int  # in the sentence
    end: int
    confidence: float


class Finder:
    """The rules of all languages, ready to be applied. Building one takes a moment; using it doesn't change it."""

    def __init__(self, languages: Sequence[Language], detect: Callable[[str], str]) -> None:
        """`detect` tells the language of a sentence; it is asked only where a rule of another language than the mail's might apply."""
        self._modifiers: Mapping[str, Modifiers] = {one.code: one.modifiers for one in languages}
        self._detect = detect
        by_anchor: dict[str, list[tuple[Rule, Phrase]]] = {}
        for one in languages:
            for rule in one.rules:
                for phrase in rule.phrases:
                    for anchor in phrase.anchors:
                        by_anchor.setdefault(anchor, []).append((rule, phrase))
        self._anchors = AhoCorasick(list(by_anchor))
        self._phrases = list(by_anchor.values())

    def find(self, letter: Letter, details: Callable[[str, str], Details] | None = None) -> list[Signal]:
        """The signals of `letter`, the surest first: of each kind one, with the clearest evidence, the surer the more rules agree.

        `details` takes the sentence that holds the evidence and the whole text (as written), and tells what stands beside it.
        """
        text = fold(letter.text[:_LONGEST])
        subject = fold(letter.subject)
        in_text = self._look(text, letter, in_subject=False)
        in_subject = self._look(subject, letter, in_subject=True)
        pitched = _pitched([*in_text, *in_subject])
        signals = {
            one.kind: one
            for one in _signals(in_subject, "subject", subject, pitched=pitched, details=details, whole=letter.text)
        }
        signals |= {
            one.kind: one
            for one in _signals(in_text, "text", text, pitched=pitched, details=details, whole=letter.text)
        }
        return sorted(signals.values(), key=lambda one: (-one.confidence, one.kind))

    def _look(self, text: Folded, letter: Letter, *, in_subject: bool) -> list[_Found]:
        spans = sentences(text.text)
        starts = [start for start, _ in spans]
        looked: set[tuple[int, int]] = set()
        seen: dict[int, _Sentence] = {}
        found: list[_Found] = []
        for anchor, at, _end in self._anchors.find_matches_as_indexes(text.text, overlapping=True):
            number = bisect_right(starts, at) - 1
            if number < 0 or at >= spans[number][1]:
                continue
            for rule, phrase in self._phrases[anchor]:
                if (number, id(phrase)) in looked or (in_subject and not rule.subject):
                    continue
                looked.add((number, id(phrase)))
                if isinstance(rule.kind, Kind) and rule.side is not letter.side:
                    continue
                if number not in seen:
                    seen[number] = _Sentence(text.text, *spans[number])
                sentence = seen[number]
                match = phrase.pattern.search(sentence.text)
                if match is None:
                    continue
                confidence = self._confidence(sentence, rule, match, letter)
                if confidence:
                    confidence *= _IN_SUBJECT if in_subject else 1
                    found.append(_Found(rule, sentence, match.start(), match.end(), confidence))
        return found

    def _confidence(self, sentence: _Sentence, rule: Rule, match: re.Match[str], letter: Letter) -> float:
        """How sure the match is; 0 when its neighbours or the sentence take it back."""
        if rule.near and not rule.near.search(sentence.text):
            return 0
        if rule.unless and rule.unless.search(sentence.text):
            return 0
        if rule.unless_mail and rule.unless_mail.search(sentence.whole):
            return 0
        modifiers = self._modifiers[rule.language]
        if rule.negatable and _negated(sentence.text, match.span(), modifiers):
            return 0
        confidence = rule.weight
        if letter.language and rule.language != letter.language:
            if sentence.language is None:
                sentence.language = self._detect(sentence.text)
            if sentence.language not in ("", rule.language):
                return 0
            confidence *= _FOREIGN
        if rule.firm:
            if _hypothetical(sentence.text, match, modifiers):
                confidence *= _AFTER_IF
            elif sentence.text.endswith(_QUESTION_MARKS):
                confidence *= _IN_QUESTION
        return confidence


class _Sentence:
    """A sentence of a text; its language is asked for only when needed."""

    __slots__ = ("end", "language", "start", "text", "whole")

    def __init__(self, whole: str, start: int, end: int) -> None:
        self.whole, self.start, self.end = whole, start, end
        self.text = whole[start:end]
        self.language: str | None = None


def _negated(sentence: str, match: tuple[int, int], modifiers: Modifiers) -> bool:
    start, end = clause(sentence, match, modifiers.joints)
    start, end = max(start, match[0] - modifiers.reach), min(end, match[1] + modifiers.reach)
    before, after = sentence[start : match[1]], sentence[match[0] : end]
    if modifiers.not_negation:
        before = modifiers.not_negation.sub(_blank, before)
        after = modifiers.not_negation.sub(_blank, after)
    return bool(
        (modifiers.negation and modifiers.negation.search(before))
        or (modifiers.negation_after and modifiers.negation_after.search(after))
    )


def _hypothetical(sentence: str, match: re.Match[str], modifiers: Modifiers) -> bool:
    if modifiers.hypothetical is None:
        return False
    if modifiers.not_hypothetical:
        sentence = modifiers.not_hypothetical.sub(_blank, sentence)
    return modifiers.hypothetical.search(sentence) is not None


def _blank(match: re.Match[str]) -> str:
    return " " * len(match[0])


def _pitched(found: Iterable[_Found]) -> bool:
    left = 1.0
    rules = set()
    for one in found:
        if isinstance(one.rule.kind, Trait) and one.rule.id not in rules:
            rules.add(one.rule.id)
            left *= 1 - one.confidence
    return 1 - left >= _TRAIT_COUNTS


def _signals(
    found: Iterable[_Found],
    place: str,
    text: Folded,
    *,
    pitched: bool,
    details: Callable[[str, str], Details] | None,
    whole: str,
) -> list[Signal]:
    by_kind: dict[Kind, list[_Found]] = {}
    for one in found:
        if isinstance(one.rule.kind, Kind):
            by_kind.setdefault(one.rule.kind, []).append(one)
    signals = []
    for kind, all_of_kind in by_kind.items():
        best = max(all_of_kind, key=lambda one: (one.confidence, -one.sentence.start))
        left = 1 - best.confidence
        for other in {one.rule.id: one for one in all_of_kind if one.rule is not best.rule}.values():
            left *= 1 - other.confidence / 2  # two phrases of one writer are no independent witnesses
        confidence = min(1 - left, _MOST)
        if pitched and kind is not Kind.UNSUBSCRIBE:
            confidence *= _IN_PITCH
        if confidence < _LEAST:
            continue
        start, end = text.span(best.sentence.start + best.start, best.sentence.start + best.end)
        said = Details()
        if details is not None:
            said = details(text.source[slice(*text.span(best.sentence.start, best.sentence.end))], whole)
        signals.append(Signal(kind, text.source[start:end], confidence, best.rule.id, place, start, said))
    return signals
