"""Finds the signals in one mail. Pure: the same text and rules give the same signals.

Candidate phrases are found all at once (Aho-Corasick over the anchors of all languages); only these are looked at closely, in the
sentence where their anchor stands (`inboxcrm.engagement.weighing`).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from ahocorasick_rs import AhoCorasick

from inboxcrm.engagement.folding import Folded, fold
from inboxcrm.engagement.patterns import Phrase
from inboxcrm.engagement.rules import Language, Modifiers, Rule
from inboxcrm.engagement.sentences import sentences, telling
from inboxcrm.engagement.signals import THRESHOLD, Details, Kind, Side, Signal, Trait
from inboxcrm.engagement.weighing import applies, confidence

# How much is left of a finding's confidence …
_IN_SUBJECT = 0.9  # … when only the subject says it;
_FOREIGN = 0.85  # … when its sentence is in another language than the mail;
_IN_PITCH = 0.2  # … when the mail sells to us, or asks for a job.
_LEAST = 0.2  # below that a finding isn't worth a person's look
_MOST = 0.99

# Nobody reads further; a mail of a megabyte is no letter.
_LONGEST = 20_000
# A phrase may stand several times in a sentence ("we don't need samples of A, but send samples of B").
_MATCHES = 4


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
class Finding:
    """One rule that matched: the span `start`–`end` of its words in `text` (folded), the sentence around, and how sure it is."""

    rule: Rule
    text: Folded
    place: str
    sentence: tuple[int, int]
    start: int
    end: int
    confidence: float


class Finder:
    """The rules of all languages, ready to be applied. Building one takes a moment; using it doesn't change it."""

    def __init__(self, languages: Sequence[Language], detect: Callable[[str], str]) -> None:
        """`detect` tells the language of a sentence; it is asked only where a rule of another language than the mail's might apply."""
        self._modifiers: Mapping[str, Modifiers] = {one.code: one.modifiers for one in languages}
        self._spelling = {one.code: one.spelling for one in languages}
        self._detect = detect
        rules = [rule for one in languages for rule in one.rules]
        self._indexes = {side: _Index(rule for rule in rules if rule.side is side) for side in Side}

    def find(self, letter: Letter, details: Callable[[str, str], Details] | None = None) -> list[Signal]:
        """The signals of `letter`, the surest first: of each kind one, with the clearest evidence, the surer the more rules agree.

        `details` takes the sentence that holds the evidence and the whole text (as written), and tells what stands beside it.
        """
        findings = self.findings(letter)
        pitched = pitching(findings)
        by_kind: dict[Kind, list[Finding]] = {}
        for one in findings:
            if isinstance(one.rule.kind, Kind):
                by_kind.setdefault(one.rule.kind, []).append(one)
        signals = []
        for kind, group in by_kind.items():
            best = max(group, key=lambda one: (one.confidence, one.place == "text", -one.start))
            sure = _together(best, group) * (_IN_PITCH if pitched and kind is not Kind.UNSUBSCRIBE else 1)
            if sure >= _LEAST:
                signals.append(_signal(kind, best, sure, details, letter.text))
        return sorted(signals, key=lambda one: (-one.confidence, one.kind))

    def findings(self, letter: Letter) -> list[Finding]:
        """Every rule that matches `letter`, also those of traits, once a sentence."""
        text = fold(letter.text[:_LONGEST])
        subject = fold(letter.subject[:_LONGEST])
        spelling = self._spelling.get(letter.language or "en")
        if spelling:
            text, subject = spelling.mended(text), spelling.mended(subject)
        return [*self._look(text, letter, "text"), *self._look(subject, letter, "subject")]

    def _look(self, text: Folded, letter: Letter, place: str) -> Iterator[Finding]:
        if not text.text:
            return
        index = self._indexes[letter.side]
        spans = sentences(text.text)
        starts = [start for start, _ in spans]
        spoken: dict[int, str] = {}
        looked: set[tuple[int, int]] = set()
        for rule, phrase, at in index.candidates(text.text):
            number = bisect_right(starts, at) - 1
            if number < 0 or at >= spans[number][1] or (number, id(phrase)) in looked:
                continue
            looked.add((number, id(phrase)))
            if place == "subject" and not rule.subject:
                continue
            start, end = spans[number]
            sentence = text.text[start:end]
            found = self._surest(rule, phrase, sentence, text.text)
            if found is None:
                continue
            sure, match = found
            if letter.language and rule.language != letter.language:
                if number not in spoken:
                    spoken[number] = self._detect(sentence)
                if spoken[number] != rule.language and spoken[number] in self._modifiers:
                    continue
                sure *= _FOREIGN
            if place == "subject":
                sure *= _IN_SUBJECT
            yield Finding(rule, text, place, spans[number], start + match[0], start + match[1], sure)

    def _surest(self, rule: Rule, phrase: Phrase, sentence: str, whole: str) -> tuple[float, tuple[int, int]] | None:
        """The surest match of `phrase` in `sentence` with its confidence; None when there is none that counts."""
        best = None
        for match in islice(phrase.pattern.finditer(sentence), _MATCHES):
            if best is None and not applies(rule, sentence, whole):
                return None
            sure = confidence(rule, sentence, match.span(), self._modifiers[rule.language])
            if best is None or sure > best[0]:
                best = sure, match.span()
            if sure >= rule.weight:
                break
        return best if best and best[0] else None


class _Index:
    """The phrases of one side's rules by their anchors."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        by_anchor: dict[str, list[tuple[Rule, Phrase]]] = {}
        for rule in rules:
            for phrase in rule.phrases:
                for anchor in phrase.anchors:
                    by_anchor.setdefault(anchor, []).append((rule, phrase))
        self._automaton = AhoCorasick(list(by_anchor))
        entries = by_anchor.values()
        # For each anchor: all its phrases, and those that don't ask for the beginning of a word.
        self._phrases = [(entry, [one for one in entry if not one[1].whole_words]) for entry in entries]

    def candidates(self, text: str) -> Iterator[tuple[Rule, Phrase, int]]:
        """Every phrase of which an anchor stands in the folded `text`, and where."""
        for anchor, at, _end in self._automaton.find_matches_as_indexes(text, overlapping=True):
            begins = at == 0 or not (text[at - 1].isalnum() and text[at].isalnum())
            for rule, phrase in self._phrases[anchor][0 if begins else 1]:
                yield rule, phrase, at


def pitching(findings: Iterable[Finding]) -> bool:
    """Whether the findings say together that the mail sells to us or asks for a job."""
    left = 1.0
    rules = set()
    for one in findings:
        if isinstance(one.rule.kind, Trait) and one.rule.id not in rules:
            rules.add(one.rule.id)
            left *= 1 - one.confidence
    return 1 - left >= THRESHOLD


def _together(best: Finding, group: Iterable[Finding]) -> float:
    """How sure the findings of one kind are together: two phrases of one writer are no independent witnesses."""
    others: dict[str, float] = {}
    for one in group:
        if one.rule is not best.rule:
            others[one.rule.id] = max(one.confidence, others.get(one.rule.id, 0))
    left = 1 - best.confidence
    for sure in others.values():
        left *= 1 - sure / 2
    return min(1 - left, _MOST)


def _signal(
    kind: Kind, best: Finding, sure: float, details: Callable[[str, str], Details] | None, whole: str
) -> Signal:
    first, last = best.sentence
    words = telling(best.text.text[first:last], (best.start - first, best.end - first))
    start, end = best.text.span(first + words[0], first + words[1])
    said = Details()
    if details is not None:
        said = details(best.text.source[slice(*best.text.span(first, last))], whole)
    return Signal(kind, best.text.source[start:end], sure, best.rule.id, best.place, start, said)
