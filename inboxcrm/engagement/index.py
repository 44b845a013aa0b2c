"""Which phrases can stand in a sentence at all, told from its words: few of thousands, so that few are tried.

It knows words, not grammar: whether a phrase really stands there, its expression decides.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Generic, TypeVar

from ahocorasick_rs import AhoCorasick

from inboxcrm.engagement.patterns import Expression, Phrase
from inboxcrm.engagement.sentences import Sentence
from inboxcrm.engagement.vocabulary import MARKS, Writing
from inboxcrm.engagement.words import Remembered

_SHORT, _SHORT_IS_COMMON = 3, 8

_Owner = TypeVar("_Owner")
_Meaning = tuple[int, tuple[tuple[int, int], ...]]
"""What a word means here: the bits of its groups of anchors, and the phrases looked up by it, each with its place and needed bits."""


class Index(Generic[_Owner]):
    """Phrases by their anchors, each with its owner. Each group of anchors has a bit; a phrase needs all of its bits."""

    def __init__(self, phrases: Iterable[tuple[_Owner, Phrase]], writing: Writing) -> None:
        self._spaced = writing is Writing.SPACED
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
        self._known = {anchor: (mask, tuple(entries[anchor])) for anchor, mask in masks.items()}
        telling = {word for _owner, phrase in owned for words in phrase.telling for word in words}
        self.vocabulary = frozenset(word for word in telling if not word.endswith("~"))
        self.letters = frozenset("".join(telling)) - frozenset(map(chr, range(128)))
        """The letters beyond ASCII in the words of the phrases."""
        self._beginnings = {anchor[:-1]: known for anchor, known in self._known.items() if anchor.endswith("~")}
        self._lengths = sorted({len(beginning) for beginning in self._beginnings})
        self._words = Remembered(self._meaning)
        if not self._spaced:
            self._marks = MARKS & self._known.keys()
            words = self._known.keys() - MARKS
            self._pieces = [self._known[anchor] for anchor in words]
            self._automaton = AhoCorasick([anchor.removesuffix("~") for anchor in words])

    def candidates(self, sentence: Sentence) -> list[tuple[_Owner, Phrase]]:
        """Every phrase whose anchors all stand in `sentence`, once."""
        present = 0
        entries: list[tuple[int, int]] = []
        for mask, more in self._meanings(sentence):
            present |= mask
            entries += more
        # A phrase stands there once for each of its anchors in the sentence. In the order of the file, so that where two are equally
        # sure it is always the same one that speaks.
        there = {number for number, needed in entries if needed & present == needed}
        return [self._owned[number] for number in sorted(there)]

    def _meanings(self, sentence: Sentence) -> Iterable[_Meaning]:
        if self._spaced:
            return map(self._words.__getitem__, sentence.words)
        hits = self._automaton.find_matches_as_indexes(sentence.text, overlapping=True)
        marks = [self._known[mark] for mark in self._marks & sentence.words]
        return [*marks, *(self._pieces[number] for number in {number for number, _start, _end in hits})]

    def _meaning(self, word: str) -> _Meaning:
        mask, entries = self._known.get(word, (0, ()))
        for length in self._lengths:
            if beginning := self._beginnings.get(word[:length]) if length <= len(word) else None:
                mask |= beginning[0]
                entries += beginning[1]
        return mask, entries


class Neighbours:
    """Any of some phrases, looked for around a match. Those without anchors are one expression, tried always."""

    __slots__ = ("_free", "_index", "_phrases", "_writing")

    def __init__(self, expressions: Iterable[Expression], writing: Writing) -> None:
        parts = list(expressions)
        self._phrases = [one for one in parts if isinstance(one, Phrase)]
        self._free = Expression.any_of(one for one in parts if not isinstance(one, Phrase))
        self._writing = writing
        self._index: Index[None] | None = None

    def stand_in(self, sentence: Sentence, start: int = 0, end: int | None = None) -> bool:
        """Whether one of the phrases is found in `sentence` between `start` and `end`."""
        text = sentence.text if end is None else sentence.text[start:end]
        if self._free and self._free.pattern.search(text):
            return True
        if not self._phrases:
            return False
        if self._index is None:  # most are never needed in one run
            self._index = Index(((None, phrase) for phrase in self._phrases), self._writing)
        return any(phrase.stands_in(text) for _owner, phrase in self._index.candidates(sentence))
