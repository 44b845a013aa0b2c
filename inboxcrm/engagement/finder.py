"""Finds the signals in one mail. Pure: the same text and rules give the same signals.

Sentence by sentence: which phrases can stand there (`inboxcrm.engagement.index`), which do, and how much they count there
(`inboxcrm.engagement.weighing`). Only those languages are tried that a sentence has words of.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from inboxcrm.engagement.folding import Folded, fold
from inboxcrm.engagement.index import Index
from inboxcrm.engagement.opinion import RULE, Hearing, Opinion, alone, backed
from inboxcrm.engagement.rules import Language, Modifiers, Rule
from inboxcrm.engagement.sentences import Sentence, listed, sentences, telling
from inboxcrm.engagement.signals import THRESHOLD, Details, Kind, Side, Signal, Trait
from inboxcrm.engagement.vocabulary import Writing
from inboxcrm.engagement.weighing import Scales

# How much is left of a finding's confidence …
_IN_SUBJECT = 0.9  # … when only the subject says it;
_FOREIGN = 0.85  # … when its sentence is in another language than the mail;
_IN_PITCH = 0.2  # … when the mail sells to us, or asks for a job.
_LEAST = 0.2  # below that a finding isn't worth a person's look
_MOST = 0.99

# Nobody reads further; a mail of a megabyte is no letter.
_LONGEST = 20_000
_MAY_LIST = re.compile(r":|：|\n\s*(?:[-*•·●○▪>–]|\(?\d{1,2}[.)、])")
_ADDRESS_SIGNS = ("@", "://", "www.")
_ADDRESS = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+|(?:https?://|www\.)[^\s<>\"']+[^\s<>\"'.,;:!?)]")
# So many words of another language show that a sentence may be written in it.
_FOREIGN_WORDS = 2
# What a mail is tried in when nobody can tell its language.
_LINGUA_FRANCA = frozenset({"en"})
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
    """One rule that matched: the span `start`–`end` of its words in `text` (folded), the span of the sentence around, and how sure
    it is.
    """

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
        self._indexes = {
            (one.code, side): Index(
                ((rule, phrase) for rule in one.rules if rule.side is side for phrase in rule.phrases), one.writing
            )
            for one in languages
            for side in Side
        }
        # Kinds that a person has struck out of a rule file aren't wanted from anybody; "": a language that nobody can tell.
        self._kinds: dict[str, frozenset[Kind | Trait]] = {
            one.code: frozenset(rule.kind for rule in one.rules) for one in languages
        }
        self._kinds[""] = frozenset().union(*self._kinds.values())
        self._vocabulary = _telling_words(self._indexes)
        self._letters = {
            one.code: self._indexes[one.code, Side.CUSTOMER].letters
            for one in languages
            if one.writing is not Writing.SPACED
        }

    def find(
        self, letter: Letter, details: Callable[[str, str], Details] | None = None, opinion: Opinion | None = None
    ) -> list[Signal]:
        """The signals of `letter`, the surest first: of each kind one, with the clearest evidence, the surer the more rules agree.

        `details` takes the sentence that holds the evidence and the whole text (as written), and tells what stands beside it. `opinion`
        is heard on each kind when given.
        """
        text, subject = _folded(letter)
        findings = self._findings(letter, text, subject)
        pitched = pitching(findings)
        hearing = Hearing(opinion, subject.text, text.text, letter.side) if opinion else None
        by_kind: dict[Kind, list[Finding]] = {}
        for one in findings:
            if isinstance(one.rule.kind, Kind):
                by_kind.setdefault(one.rule.kind, []).append(one)
        signals = []
        for kind, group in by_kind.items():
            best = max(group, key=lambda one: (one.confidence, one.place == "text", -one.start))
            sure = _together(best, group)
            if hearing and best.rule.id in hearing.opinion.rules:
                sure = min(
                    backed(kind, sure, hearing.mail[kind], hearing.of(best.text.text[slice(*best.sentence)])[kind]),
                    _MOST,
                )
            sure *= _IN_PITCH if pitched and kind is not Kind.UNSUBSCRIBE else 1
            if sure >= _LEAST:
                signals.append(_signal(kind, best, sure, details, letter.text))
        if hearing and hearing.says_enough and not pitched:
            wanted = self._kinds.get(letter.language, self._kinds[""]) - by_kind.keys()
            place, said = ("text", text) if text.text.strip() else ("subject", subject)
            may_be = [(kind, speaking) for kind, speaking in hearing.mail.items() if speaking > 0 and kind in wanted]
            spans = sentences(said.text) if may_be else []
            for kind, speaking in may_be:
                span, most = _tellingest(hearing, kind, said, spans)
                if (sure := alone(kind, speaking, most)) >= THRESHOLD:
                    start, end = said.span(*span)
                    beside = details(said.source[start:end], letter.text) if details else Details()
                    signals.append(Signal(kind, said.source[start:end], sure, RULE, place, start, beside))
        return sorted(signals, key=lambda one: (-one.confidence, one.kind))

    def findings(self, letter: Letter) -> list[Finding]:
        """Every rule that matches `letter`, also those of traits, once a sentence."""
        return self._findings(letter, *_folded(letter))

    def _findings(self, letter: Letter, text: Folded, subject: Folded) -> list[Finding]:
        if not letter.language and not letter.text.strip():
            letter = replace(letter, language=self._detect(letter.subject))
        return [*self._look(text, letter, "text"), *self._look(subject, letter, "subject")]

    def _look(self, text: Folded, letter: Letter, place: str) -> Iterator[Finding]:
        read = _read(text)
        words: frozenset[str] = frozenset().union(*(sentence.words for _span, sentence in read))
        spelling = self._spelling.get(letter.language or "en")
        if spelling and spelling.may_mend(words):
            text = spelling.mended(text)
            read = _read(text)
            words = frozenset().union(*(sentence.words for _span, sentence in read))
        letters = frozenset() if text.text.isascii() else frozenset(text.text)
        other_scripts = [code for code, own in self._letters.items() if not own.isdisjoint(letters)]
        spoken = partial(self._spoken, letter.language, self._foreign(words, letter.language), other_scripts)
        for span, sentence in read:
            for rule, sure, (start, end) in self._said(sentence, text, letter, spoken(sentence.words)):
                if place == "text" or rule.subject:
                    left = _IN_SUBJECT if place == "subject" and letter.text else 1
                    yield Finding(rule, text, place, span, span[0] + start, span[0] + end, sure * left)
        if place == "text" and _MAY_LIST.search(text.text):
            for first, last, start, end in listed(text.text, [span for span, _sentence in read]):
                together = Sentence.of(f"{text.text[first:last].rstrip()} {text.text[start:end]}")
                for rule, sure, match in self._said(together, text, letter, spoken(together.words)):
                    if match[0] <= last - first < match[1]:
                        yield Finding(rule, text, place, (start, end), start, end, sure)

    def _said(
        self, said: Sentence, text: Folded, letter: Letter, codes: Iterable[str]
    ) -> Iterator[tuple[Rule, float, tuple[int, int]]]:
        """Each rule that matches the sentence `said` of `text`, in the languages `codes` that it may be written in."""
        spoken: str | None = None
        for code in codes:
            foreign = letter.language not in ("", code)
            for rule, sure, match in self._matches(code, letter.side, said, text.text):
                if foreign:
                    spoken = self._detect(said.text) if spoken is None else spoken
                    if spoken != code and spoken in self._modifiers:
                        break
                yield rule, sure * (_FOREIGN if foreign else 1), match

    def _foreign(self, words: frozenset[str], language: str) -> dict[str, str]:
        """Those of `words` that tell another language than `language`, each with that language."""
        told = zip(words, map(self._vocabulary.get, words), strict=True)
        return {word: code for word, code in told if code is not None and code != language}

    def _spoken(
        self, language: str, foreign: Mapping[str, str], other_scripts: Collection[str], words: frozenset[str]
    ) -> list[str]:
        """The languages whose rules are applied to a sentence of `words`: the mail's own, and those that it has words of."""
        known = language in self._modifiers
        if known and len(foreign) < _FOREIGN_WORDS and not other_scripts:
            return [language]
        told = [foreign[word] for word in foreign.keys() & words]
        if known:
            codes = {language, *(code for code in told if told.count(code) >= _FOREIGN_WORDS)}
        elif told or other_scripts:
            codes = {*told, *(_LINGUA_FRANCA & self._modifiers.keys())}
        else:
            codes = set(self._modifiers)
        return sorted(codes.union(other_scripts))

    def _matches(
        self, code: str, side: Side, sentence: Sentence, whole: str
    ) -> Iterable[tuple[Rule, float, tuple[int, int]]]:
        """Each rule of a language that matches `sentence`, with its surest match."""
        candidates = self._indexes[code, side].candidates(sentence)
        if not candidates:
            return ()
        best: dict[str, tuple[Rule, float, tuple[int, int]]] = {}
        scales = Scales(sentence, whole, self._modifiers[code])
        for rule, phrase in candidates:
            found = best.get(rule.id)
            if found and (found[1] >= rule.weight or scales.kept_out(rule)):
                continue
            for match in phrase.matches(sentence, _MATCHES):
                sure = scales.weigh(rule, match.span())
                if found is None or sure > found[1]:
                    found = best[rule.id] = rule, sure, match.span()
                if sure >= rule.weight or scales.kept_out(rule):
                    break
        return [one for one in best.values() if one[1]]


def _read(text: Folded) -> list[tuple[tuple[int, int], Sentence]]:
    return [(span, Sentence.of(text.text[slice(*span)])) for span in sentences(text.text)]


def _folded(letter: Letter) -> tuple[Folded, Folded]:
    """Text and subject of `letter` as they are looked at."""
    text, subject = (_without_addresses(fold(one[:_LONGEST])) for one in (letter.text, letter.subject))
    return text, subject


def _without_addresses(text: Folded) -> Folded:
    """`text` with every mail address and link as one word that says nothing: their parts aren't the writer's words."""
    if not any(sign in text.text for sign in _ADDRESS_SIGNS):
        return text
    return replace(text, text=_ADDRESS.sub(lambda found: "_" * len(found[0]), text.text))


def _telling_words(indexes: Mapping[tuple[str, Side], Index[Rule]]) -> dict[str, str]:
    """The words that stand in the rules of one language only, with that language."""
    spoken: dict[str, set[str]] = {}
    for (code, _side), index in indexes.items():
        for word in index.vocabulary:
            spoken.setdefault(word, set()).add(code)
    return {word: next(iter(codes)) for word, codes in spoken.items() if len(codes) == 1}


def _tellingest(
    hearing: Hearing, kind: Kind, text: Folded, spans: Sequence[tuple[int, int]]
) -> tuple[tuple[int, int], float]:
    """Which of the sentences `spans` of `text` speaks most for `kind`, and how much it does."""
    speaking = [hearing.of(text.text[slice(*span)])[kind] for span in spans]
    most = max(speaking)
    return spans[speaking.index(most)], most


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
