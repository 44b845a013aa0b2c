"""The little language of phrases in the rule files, and how a phrase becomes a regular expression.

    send us samples     these words in this order
    price|cost          one of these
    {sample}            one of a word list of the file
    cotiz~              this beginning, any ending
    [us]                may be left out
    *   **              up to five, up to twelve words between
    #                   a number
    ^   $               beginning, end of the sentence

Every phrase has an anchor: words of which one must stand in a text for the phrase to be found there at all. All anchors are
looked for at once, so that the cost of a mail doesn't grow with the number of rules.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from inboxcrm.engagement.folding import plain


class Writing(StrEnum):
    """SPACED: words stand apart. UNSPACED: they don't (Chinese, Japanese, Thai). PREFIXING: articles and conjunctions are written
    at the beginning of the word (Arabic).
    """

    SPACED = "spaced"
    UNSPACED = "unspaced"
    PREFIXING = "prefixing"


class PatternError(ValueError):
    """A phrase can't be read; the message says why and what is expected."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """A phrase ready to be looked for: `pattern` over folded text, `anchors` of which one must occur."""

    source: str
    pattern: re.Pattern[str]
    anchors: tuple[str, ...]


_EDGES = {"^": r"^\W{0,4}", "$": r"\W{0,4}$"}
_NUMBER = r"\d[\d.,' ]*(?:k|m)?"
_GAPS = {
    Writing.SPACED: {"*": r"(?:\W{1,4}\w+){0,5}?", "**": r"(?:\W{1,4}\w+){0,12}?"},
    Writing.PREFIXING: {"*": r"(?:\W{1,4}\w+){0,5}?", "**": r"(?:\W{1,4}\w+){0,12}?"},
    Writing.UNSPACED: {"*": r"[^,，;；]{0,10}?", "**": r".{0,24}?"},
}
_SEPARATOR = {Writing.SPACED: r"\W{1,3}", Writing.PREFIXING: r"\W{1,3}", Writing.UNSPACED: r"\s{0,2}"}
_ARABIC_PREFIX = "(?:[وف]?(?:[بلك]|ال|لل|بال|وال|كال)?)"
_TOKEN = re.compile(r"\[[^\]]*\]|\{[^}]*\}|\S+")
_CLASS = re.compile(r"\{([a-z_]+)\}")


def compile_phrase(source: str, words: Mapping[str, tuple[str, ...]], writing: Writing) -> Phrase:
    """The phrase `source` over the word lists `words`.

    Raises PatternError when a word list isn't there, or when nothing in the phrase can serve as an anchor.
    """
    builder = _Builder(words, writing)
    pattern = builder.sequence(_TOKEN.findall(plain(source)))
    if not builder.anchors:
        msg = f"{source!r} has no word that must stand in the text; write at least one outside of [ ] and without only * or #"
        raise PatternError(msg)
    return Phrase(source, re.compile(pattern), min(builder.anchors, key=_cost))


def _cost(anchors: tuple[str, ...]) -> tuple[int, int]:
    """The best anchor is long and has few variants."""
    return -min(*map(len, anchors), 5), len(anchors)


class _Builder:
    def __init__(self, words: Mapping[str, tuple[str, ...]], writing: Writing) -> None:
        self.words = words
        self.writing = writing
        self.anchors: list[tuple[str, ...]] = []

    def sequence(self, tokens: list[str]) -> str:
        out: list[str] = []
        separated = True  # whether what comes next needs no separator before it
        separator = _SEPARATOR[self.writing]
        for token in tokens:
            if edge := _EDGES.get(token):
                out.append(edge)
                separated = True
            elif token in ("*", "**"):
                out.append(_GAPS[self.writing][token])
                separated = False
            elif token.startswith("["):
                inner = self._alternatives(token[1:-1].strip(), optional=True)
                out.append(f"(?:{inner}{separator})?" if separated else f"(?:{separator}{inner})?")
            else:
                out.append(("" if separated else separator) + self._alternatives(token, optional=False))
                separated = False
        return "".join(out)

    def _alternatives(self, token: str, *, optional: bool) -> str:
        variants: list[str] = []
        for one in token.split("|"):
            variants.extend(self._variants(one))
        if not variants:
            msg = f"{token!r} says nothing; remove it"
            raise PatternError(msg)
        if not optional and "#" not in variants:
            self.anchors.append(tuple(_anchor(variant) for variant in variants))
        forms = sorted({self._literal(variant) for variant in variants}, key=len, reverse=True)
        return forms[0] if len(forms) == 1 else f"(?:{'|'.join(forms)})"

    def _variants(self, token: str) -> list[str]:
        found = _CLASS.fullmatch(token)
        if not found:
            return [token] if token else []
        if found[1] not in self.words:
            msg = f"there is no word list {found[1]!r}; the file has {', '.join(sorted(self.words)) or 'none'}"
            raise PatternError(msg)
        return [plain(word) for word in self.words[found[1]]]

    def _literal(self, variant: str) -> str:
        if variant == "#":
            return _NUMBER
        pieces = [self._word(word) for word in variant.split()]
        return _SEPARATOR[self.writing].join(pieces)

    def _word(self, word: str) -> str:
        if word == "*":
            msg = "a word list can't hold '*'; write the gap in the phrase"
            raise PatternError(msg)
        stem = word.removesuffix("~")
        body = re.escape(stem)
        ending = r"\w*" if word.endswith("~") else ""
        if self.writing is Writing.UNSPACED:
            if stem.isascii():
                return rf"(?<![a-z0-9]){body}{ending}(?![a-z0-9])"
            return body + ending
        prefix = _ARABIC_PREFIX if self.writing is Writing.PREFIXING and not stem.isascii() else ""
        first = r"(?<!\w)" if stem[0].isalnum() else ""
        last = r"(?!\w)" if stem[-1].isalnum() else ""
        return f"{first}{prefix}{body}{ending}{last}"


def _anchor(variant: str) -> str:
    """The longest word of a variant, without its open ending."""
    return max((word.removesuffix("~") for word in variant.split()), key=len)
