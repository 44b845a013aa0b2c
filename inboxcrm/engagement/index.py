"""Which phrases can stand in a sentence at all, told from its words: few of thousands, so that few are tried.

It knows words, not grammar: whether a phrase really stands there, its expression decides.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from functools import cached_property, reduce
from operator import or_
from typing import Generic, TypeVar

from ahocorasick_rs import AhoCorasick

from inboxcrm.engagement.patterns import Expression, Phrase
from inboxcrm.engagement.sentences import Sentence
from inboxcrm.engagement.vocabulary import MARKS, Writing
from inboxcrm.engagement.words import Remembered

_SHORT, _SHORT_IS_COMMON = 3, 8

_Owner = TypeVar("_Owner")
_What = TypeVar("_What")
_Entries = tuple[tuple[int, int], ...]
"""Phrases that are looked up by a word: the place and the needed bits of each."""


class _Lookup(Generic[_What]):
    """What is known by anchors, and what of it the words of a sentence stand for."""

    def __init__(
        self, known: dict[str, _What], nothing: _What, add: Callable[[_What, _What], _What], writing: Writing
    ) -> None:
        self._known, self._nothing, self._add = known, nothing, add
        self._beginnings = {anchor[:-1]: what for anchor, what in known.items() if anchor.endswith("~")}
        self._lengths = sorted({len(beginning) for beginning in self._beginnings})
        self._words = Remembered(self._of_word)
        self._spaced = writing is Writing.SPACED
        if not self._spaced:
            self._marks = MARKS & known.keys()
            words = known.keys() - MARKS
            self._pieces = [known[anchor] for anchor in words]
            self._automaton = AhoCorasick([anchor.removesuffix("~") for anchor in words])

    def found_in(self, sentence: Sentence) -> Iterable[_What]:
        """What is known by anything that stands in `sentence`."""
        if self._spaced:
            return map(self._words.__getitem__, sentence.words)
        hits = self._automaton.find_matches_as_indexes(sentence.text, overlapping=True)
        marks = [self._known[mark] for mark in self._marks & sentence.words]
        return [*marks, *(self._pieces[number] for number in {number for number, _start, _end in hits})]

    def _of_word(self, word: str) -> _What:
        found = self._known.get(word, self._nothing)
        for length in self._lengths:
            if length <= len(word) and (more := self._beginnings.get(word[:length])) is not None:
                found = self._add(found, more)
        return found


class Index(Generic[_Owner]):
    """Phrases by their anchors, each with its owner. Each group of anchors has a bit; a phrase needs all of its bits."""

    def __init__(self, phrases: Iterable[tuple[_Owner, Phrase]], writing: Writing) -> None:
        owned = self._owned = list(phrases)
        # A word that many phrases have is common in mails, too; a short one is common even where few phrases have it.
        common = Counter(anchor for _owner, phrase in owned for anchors in phrase.groups for anchor in anchors)
        for anchor in common:
            common[anchor] *= _SHORT_IS_COMMON if len(anchor) <= _SHORT else 1
        numbers: dict[tuple[str, ...], int] = {}
        needs = [[numbers.setdefault(anchors, len(numbers)) for anchors in phrase.groups] for _owner, phrase in owned]
        groups = list(numbers)
        cost = [sum(common[anchor] for anchor in anchors) for anchors in groups]
        # A phrase is looked up by its rarest group. The others have bits; those asked for most have the lowest, so that numbers stay
        # small.
        keys = [min(some, key=cost.__getitem__) for some in needs]
        asked = Counter(number for some, key in zip(needs, keys, strict=True) for number in some if number != key)
        bits = {number: 1 << place for place, (number, _times) in enumerate(asked.most_common())}
        entries: dict[str, list[tuple[int, int]]] = {anchor: [] for anchor in common}
        masks = dict.fromkeys(common, 0)
        for place, (some, key) in enumerate(zip(needs, keys, strict=True)):
            entry = place, sum(bits[number] for number in {*some} - {key})
            for anchor in groups[key]:
                entries[anchor].append(entry)
        for number, bit in bits.items():
            for anchor in groups[number]:
                masks[anchor] |= bit
        known: dict[str, tuple[int, _Entries]] = {
            anchor: (mask, tuple(entries[anchor])) for anchor, mask in masks.items()
        }
        self._lookup = _Lookup(known, (0, ()), lambda one, other: (one[0] | other[0], one[1] + other[1]), writing)
        telling = {word for _owner, phrase in owned for words in phrase.telling for word in words}
        self.vocabulary = frozenset(word for word in telling if not word.endswith("~"))
        self.letters = frozenset("".join(telling)) - frozenset(map(chr, range(128)))
        """The letters beyond ASCII in the words of the phrases."""

    def candidates(self, sentence: Sentence) -> list[tuple[_Owner, Phrase]]:
        """Every phrase whose anchors all stand in `sentence`, once."""
        present = 0
        entries: list[tuple[int, int]] = []
        for mask, more in self._lookup.found_in(sentence):
            if mask:
                present |= mask
            if more:
                entries += more
        # A phrase stands there once for each of its anchors in the sentence. In the order of the file, so that where two are equally
        # sure it is always the same one that speaks.
        there = {number for number, needed in entries if needed & present == needed}
        return [self._owned[number] for number in sorted(there)]


class Lexicon:
    """Which groups of anchors stand in a sentence, for all neighbours of a language at once. Each group has a bit."""

    def __init__(self, writing: Writing) -> None:
        self._writing = writing
        self._phrases: list[Phrase] = []

    def take_up(self, phrases: Iterable[Phrase]) -> None:
        """`phrases` will be asked for; all must be taken up before the first question."""
        self._phrases += phrases

    @cached_property
    def _bits(self) -> dict[tuple[str, ...], int]:
        asked = Counter(anchors for phrase in self._phrases for anchors in phrase.groups)
        return {anchors: 1 << number for number, (anchors, _times) in enumerate(asked.most_common())}

    @cached_property
    def _lookup(self) -> _Lookup[int]:
        masks: dict[str, int] = {}
        for anchors, bit in self._bits.items():
            for anchor in anchors:
                masks[anchor] = masks.get(anchor, 0) | bit
        return _Lookup(masks, 0, or_, self._writing)

    def needed(self, phrase: Phrase) -> int:
        """The bits of the groups of a phrase that was taken up."""
        return reduce(or_, map(self._bits.__getitem__, phrase.groups))

    def present(self, sentence: Sentence) -> int:
        """The bits of the groups that stand in `sentence`."""
        return reduce(or_, self._lookup.found_in(sentence), 0)


class Neighbours:
    """Any of some phrases, looked for around a match. Those without anchors are one expression, tried always."""

    __slots__ = ("_free", "_needed", "_phrases", "lexicon")

    def __init__(self, expressions: Iterable[Expression], lexicon: Lexicon) -> None:
        """`lexicon` is that of the language; it hasn't been asked anything yet."""
        parts = list(expressions)
        self._phrases = [one for one in parts if isinstance(one, Phrase)]
        self._free = Expression.any_of(one for one in parts if not isinstance(one, Phrase))
        self._needed: list[int] | None = None
        self.lexicon = lexicon
        lexicon.take_up(self._phrases)

    def stand_in(self, sentence: Sentence, present: int, start: int = 0, end: int | None = None) -> bool:
        """Whether one of the phrases is found in `sentence` between `start` and `end`; `present` is what the lexicon says of it."""
        text = sentence.text if end is None else sentence.text[start:end]
        if self._free and self._free.pattern.search(text):
            return True
        if self._needed is None:  # most are never needed in one run
            self._needed = [self.lexicon.needed(phrase) for phrase in self._phrases]
        for needed, phrase in zip(self._needed, self._phrases, strict=True):
            if needed & present == needed and phrase.stands_in(text):
                return True
        return False
