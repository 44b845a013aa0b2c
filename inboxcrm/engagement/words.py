"""Words of a text, taken apart fast: what a single word comes to is remembered, for mails say the same words over and over.

Never more than a word is remembered: where words stand without blanks between them (Chinese, Japanese, Thai), what is taken apart is
forgotten at once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from itertools import chain
from typing import TypeVar

# A vocabulary of this size is no language any more.
_MOST_WORDS = 50_000
_LONGEST_WORD = 30
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")

_Result = TypeVar("_Result")


class Remembered(dict[str, _Result]):
    """What words come to, worked out when a word is first met."""

    def __init__(self, work_out: Callable[[str], _Result]) -> None:
        super().__init__()
        self._work_out = work_out

    def __missing__(self, word: str) -> _Result:
        found = self._work_out(word)
        if len(word) <= _LONGEST_WORD and not _UNSPACED.search(word):
            if len(self) >= _MOST_WORDS:
                self.clear()
            self[word] = found
        return found


class Splitter:
    """Finds what an expression finds in a text, piece by piece between blanks. No match may hold a blank, or look behind one."""

    def __init__(self, find: Callable[[str], Iterable[str]]) -> None:
        """`find` gives what stands in a text, in its order."""
        self._find = find
        self._pieces = Remembered(lambda piece: tuple(find(piece)))

    def split(self, text: str) -> Iterable[str]:
        """All that stands in `text`, in its order."""
        if text.isascii() or not _UNSPACED.search(text):
            return chain.from_iterable(map(self._pieces.__getitem__, text.split()))
        return self._find(text)
