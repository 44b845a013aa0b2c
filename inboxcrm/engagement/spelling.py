"""Slips of the finger in the words that matter: "smaple", "quotaion", "catalouge" are read as they were meant.

Only words that a rule file calls `mistyped` are mended, and only one slip in each; nothing is guessed about other words. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from inboxcrm.engagement.folding import Folded, plain

_WORD = re.compile(r"[^\W\d_]{4,}")
_SHORTEST = 5
# In a short word another vowel is often another word ("sample", "simple").
_SHORTEST_FOR_VOWELS = 8
_VOWELS = "aeiou"


class Spelling:
    """The likely slips of some words, each with the word that was meant."""

    __slots__ = ("_meant",)

    def __init__(self, words: Iterable[str], known: Iterable[str] = ()) -> None:
        """`words` may be mistyped; `known` are words that are right as they stand."""
        folded = [plain(word) for word in words]
        right = {*folded, *map(plain, known)}
        self._meant = {slip: word for word in folded for slip in _slips(word) if slip not in right}

    def may_mend(self, words: frozenset[str]) -> bool:
        """Whether one of the folded `words` is a slip."""
        return not self._meant.keys().isdisjoint(words)

    def mended(self, text: Folded) -> Folded:
        """`text` with the slips mended; spans still lead to what was written."""
        pieces: list[str] = []
        offsets: list[int] = []
        done = 0
        for found in _WORD.finditer(text.text):
            meant = self._meant.get(found[0])
            if meant is None:
                continue
            start, end = found.span()
            pieces += (text.text[done:start], meant)
            offsets += (text.span(place, place + 1)[0] for place in range(done, start))
            offsets += (text.span(min(start + i, end - 1), end)[0] for i in range(len(meant)))
            done = end
        pieces.append(text.text[done:])
        offsets += (text.span(place, place + 1)[0] for place in range(done, len(text.text)))
        return Folded("".join(pieces), text.source, tuple(offsets))


def _slips(word: str) -> set[str]:
    """What one slip makes of `word`: neighbours swapped, a letter left out, struck twice, or another vowel. The first
    letter and the last one stay: without them it is often another form of the word.
    """
    if len(word) < _SHORTEST:
        return set()
    inner = range(1, len(word) - 1)
    slips = {word[:i] + word[i + 1 :] for i in inner}
    slips |= {word[:i] + word[i] + word[i:] for i in inner}
    slips |= {word[:i] + word[i + 1] + word[i] + word[i + 2 :] for i in inner}
    if len(word) >= _SHORTEST_FOR_VOWELS:
        slips |= {word[:i] + vowel + word[i + 1 :] for i in inner if word[i] in _VOWELS for vowel in _VOWELS}
    return slips
