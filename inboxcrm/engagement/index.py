"""Which phrases of a language can stand in a sentence at all, told from its words: few of thousands, so that few are tried.

It knows words, not grammar: whether a phrase really stands there, its expression decides.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ahocorasick_rs import AhoCorasick

from inboxcrm.engagement.patterns import Phrase, Writing
from inboxcrm.engagement.rules import Rule

# Words of mails are remembered with what they mean here; a vocabulary of this size is no language any more.
_MOST_WORDS = 50_000

_Entry = tuple[Rule, Phrase, int]
_NOTHING: tuple[int, tuple[_Entry, ...]] = (0, ())


class Index:
    """The phrases of one language's rules by their anchors. Each group of anchors has a bit; a phrase needs all of its bits."""

    def __init__(self, rules: Iterable[Rule], writing: Writing) -> None:
        self._spaced = writing is Writing.SPACED
        groups: dict[tuple[str, ...], int] = {}
        bits: dict[str, int] = {}
        entries: dict[str, list[_Entry]] = {}
        for rule in rules:
            for phrase in rule.phrases:
                needed = 0
                for anchors in phrase.groups:
                    needed |= 1 << groups.setdefault(anchors, len(groups))
                for anchor in phrase.groups[0]:
                    entries.setdefault(anchor, []).append((rule, phrase, needed))
        for anchors, number in groups.items():
            for anchor in anchors:
                bits[anchor] = bits.get(anchor, 0) | 1 << number
        self._known = {anchor: (mask, tuple(entries.get(anchor, ()))) for anchor, mask in bits.items()}
        self.vocabulary = frozenset(anchor for anchor in bits if not anchor.endswith("~"))
        self.letters = frozenset("".join(bits)) - frozenset(map(chr, range(128)))
        """The letters beyond ASCII in the words of the rules."""
        self._beginnings = {anchor[:-1]: known for anchor, known in self._known.items() if anchor.endswith("~")}
        self._shortest = min(map(len, self._beginnings), default=0)
        self._met: dict[str, tuple[int, tuple[_Entry, ...]]] = {}
        if not self._spaced:
            self._pieces = list(self._known.values())
            self._automaton = AhoCorasick([anchor.removesuffix("~") for anchor in self._known])

    def candidates(self, sentence: str, words: frozenset[str]) -> Iterator[tuple[Rule, Phrase]]:
        """Every phrase whose anchors all stand in the folded `sentence`, once. `words` are those of the sentence."""
        present = 0
        lists: list[tuple[_Entry, ...]] = []
        for mask, entries in self._meanings(sentence, words):
            present |= mask
            if entries:
                lists.append(entries)
        seen: set[int] = set()
        for entries in lists:
            for rule, phrase, needed in entries:
                if needed & present == needed and id(phrase) not in seen:
                    seen.add(id(phrase))
                    yield rule, phrase

    def _meanings(self, sentence: str, words: frozenset[str]) -> Iterable[tuple[int, tuple[_Entry, ...]]]:
        if self._spaced:
            met = self._met
            return [met.get(word) or self._meaning(word) for word in words]
        hits = self._automaton.find_matches_as_indexes(sentence, overlapping=True)
        return [self._pieces[number] for number in {number for number, _start, _end in hits}]

    def _meaning(self, word: str) -> tuple[int, tuple[_Entry, ...]]:
        mask, entries = self._known.get(word, _NOTHING)
        for length in range(self._shortest, len(word) + 1):
            if beginning := self._beginnings.get(word[:length]):
                mask |= beginning[0]
                entries += beginning[1]
        if len(self._met) >= _MOST_WORDS:
            self._met.clear()
        self._met[word] = mask, entries
        return mask, entries
