"""The words of phrases: what one word, a choice of words or a word list of a rule file stands for in a text, and how people spell it.

It knows single words and choices; how they follow each other is `inboxcrm.engagement.patterns`' business.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from itertools import product
from typing import NamedTuple

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


# A sentence may begin with a salutation ("Hi Lina, best price?").
EDGES = {"^": r"^(?:[^,.!?;:\n]{0,30}[,，،]\s{0,2})?\W{0,4}", "$": r"\W{0,4}$", "?": r"(?=[^?？؟]*[?？؟]\W{0,4}$)",
          "?$": r"\W{0,2}[?？؟]\W{0,4}$"}  # fmt: skip
_NUMBER = r"\d[\d.,' ]{0,14}(?:k|m)?"
_AMOUNT = rf"(?:[$€£¥₽]\s?{_NUMBER}|{_NUMBER}\s?[$€£¥₽])"
QUESTION_MARKS = ("?", "？", "؟")
DIGIT = "#"
"""Stands for any digit among the words of a sentence."""
MARKS = frozenset({*QUESTION_MARKS, DIGIT, "%"})
"""What may be an anchor, and stands among the words of a sentence, though it is none."""
NUMBERS = {"#": _NUMBER, "$#": _AMOUNT, "#%": rf"{_NUMBER}\s{{0,2}}%"}
SEPARATOR = {Writing.SPACED: r"\W{1,3}", Writing.PREFIXING: r"\W{1,3}", Writing.UNSPACED: r"\s{0,2}"}
_ARABIC_PREFIX = "(?:[وف]?(?:[بلك]|ال|لل|بال|وال|كال)?)"
_WORDS = re.compile(r"\w+")
_LETTERS = re.compile(r"\w+~?")
_LIST = re.compile(r"\{([a-z_]+)\}")
# What has a meaning in the language of phrases, and was glued to a word where it can't have it.
_GLUED = re.compile(r"[#^{}()\[\]*~]")

# The same words stand in many phrases; so many of them are not worked out again.
_REMEMBERED = 50_000

# How people write a word with these letters when they don't have, or don't use, the key.
_SPELLINGS = {"ä": ("ä", "ae", "a"), "ö": ("ö", "oe", "o"), "ü": ("ü", "ue", "u")}
_DOTTED = re.compile("[äöü]")
# German words that are others without the dots: tenses ("wurde", "würde") and the goods ("wäre", "Ware").
_OTHER_WITHOUT = re.compile("würde|hätte|könnt|wär|müsst|dürft|käm|gäb|läg")
_BEGINS, _ENDS = r"(?<!\w)", r"(?!\w)"


def either(expressions: Iterable[str]) -> str:
    """One of `expressions`. Where a word begins is asked once for all: then the engine tells them apart by their first letter."""
    forms = sorted(set(expressions))
    forms.sort(key=len, reverse=True)
    if len(forms) == 1:
        return forms[0]
    words = [form.removeprefix(_BEGINS) for form in forms if form.startswith(_BEGINS)]
    others = [form for form in forms if not form.startswith(_BEGINS)]
    if all(form.endswith(_ENDS) for form in words):
        word = f"(?:{'|'.join(form.removesuffix(_ENDS) for form in words)}){_ENDS}"
    else:
        word = f"(?:{'|'.join(words)})"
    return f"(?:{'|'.join([_BEGINS + word, *others])})" if words else f"(?:{'|'.join(others)})"


@dataclass(frozen=True, slots=True)
class Token:
    """One word or choice of words in a phrase, made ready: it stands in many phrases of a file."""

    edges: tuple[str, ...]
    said: str
    """The expression for its words, without a separator before it; "" when there are only edges."""
    anchors: tuple[str, ...]
    """The words of which one must stand in the text; empty when none must."""
    telling: tuple[str, ...]
    """Words by which a reader would tell the language: the longest of each variant where one must stand in the text."""
    heads: frozenset[str] | None
    """The words, or with "~" the beginnings of words, that it begins with; None when it may be anything."""


class Vocabulary:
    """The word lists of a file and its way to write, with what its phrases have in common."""

    def __init__(self, words: Mapping[str, tuple[str, ...]], writing: Writing, examples: Iterable[str] = ()) -> None:
        """`words` are the lists by their names; in the sentences `examples` words are as common or rare as in mails."""
        self.writing = writing
        self._often = Counter(word for example in examples for word in _WORDS.findall(plain(example)))
        self._words = {name: tuple(map(plain, listed)) for name, listed in words.items()}
        self._tokens: dict[str, Token] = {}

    def token(self, written: str) -> Token:
        """What `written`, alternatives between "|", stands for. Raises PatternError."""
        known = self._tokens.get(written)
        if known is None:
            known = self._tokens[written] = self._read(written)
        return known

    def _read(self, written: str) -> Token:
        variants = [variant for one in written.split("|") for variant in self._variants(one)]
        if not variants:
            msg = f"{written!r} says nothing; remove it"
            raise PatternError(msg)
        edges = tuple(EDGES[variant] for variant in variants if variant in EDGES)
        said = [_variant(variant, self.writing) for variant in variants if variant not in EDGES]
        anchors: tuple[str, ...] = ()
        telling: tuple[str, ...] = ()
        if not edges and all(one.words for one in said):
            anchors = _spelled(one.longest for one in said)
            telling = anchors if MARKS.isdisjoint(anchors) else ()
            if any(len(one.words) > 1 for one in said):
                anchors = _spelled(min(one.words, key=self._commonness) for one in said)
        heads = None if edges or not all(one.head for one in said) else frozenset(_spelled(one.head for one in said))
        return Token(edges, either(one.said for one in said) if said else "", anchors, telling, heads)

    def _commonness(self, word: str) -> tuple[int, int]:
        return self._often[word.removesuffix("~")], -len(word)

    def _variants(self, written: str) -> Iterable[str]:
        """Every way to say one alternative; a word list stands for each of its words."""
        words = written.split()
        if "{" in written:
            return map(" ".join, product(*map(self._listed, words)))
        return [" ".join(words)] if words else []

    def _listed(self, word: str) -> tuple[str, ...]:
        found = _LIST.fullmatch(word)
        if not found:
            return (word,)
        if found[1] not in self._words:
            msg = f"there is no word list {found[1]!r}; the file has {', '.join(sorted(self._words)) or 'none'}"
            raise PatternError(msg)
        return self._words[found[1]]


class _Variant(NamedTuple):
    """One way to say something: its expression, its words (with "~" when the ending is open; a mark when there are none), the longest
    one, and the word that it begins with; "" where it is no word.
    """

    said: str
    words: list[str]
    longest: str
    head: str


@lru_cache(maxsize=_REMEMBERED)
def _variant(written: str, writing: Writing) -> _Variant:
    said = SEPARATOR[writing].join([_word(word, writing) for word in written.split()])
    words = _LETTERS.findall(written)
    if not words:
        marks = [mark for mark in (DIGIT, "%") if mark in written][:1]
        return _Variant(said, marks, "".join(marks), "")
    # "'ll" is a word of its own behind its apostrophe.
    head = words[0] if written.startswith((words[0], f"'{words[0]}")) else ""
    return _Variant(said, words, words[0] if len(words) == 1 else max(words, key=len), head)


@lru_cache(maxsize=_REMEMBERED)
def _word(word: str, writing: Writing) -> str:
    if "*" in word or word in EDGES:
        msg = f"{word!r} can't be part of words; write it between them, with blanks around"
        raise PatternError(msg)
    if word in NUMBERS:
        return NUMBERS[word]
    stem = word.removesuffix("~")
    if not stem:
        msg = "'~' needs the beginning of a word before it"
        raise PatternError(msg)
    if len(stem) > 1 and (glued := _GLUED.search(stem)):
        msg = f"{glued[0]!r} is glued to {word!r}, where it has no meaning; write a blank between them"
        raise PatternError(msg)
    if stem[0] == "'" and len(stem) > 1:  # "we'll" is two words, and its apostrophe parts them
        return "(?<=')" + _word(word[1:], writing)[len(_BEGINS) :]
    body = _any_spelling(stem)
    ending = r"\w*" if word.endswith("~") else ""
    if writing is Writing.UNSPACED:
        if stem.isascii():
            return rf"(?<![a-z0-9]){body}{ending}(?![a-z0-9])"
        return body + ending
    prefix = _ARABIC_PREFIX if writing is Writing.PREFIXING and not stem.isascii() else ""
    first = _BEGINS if stem[0].isalnum() else ""
    last = _ENDS if stem[-1].isalnum() and not ending else ""
    return f"{first}{prefix}{body}{ending}{last}"


def _spelled(words: Iterable[str]) -> tuple[str, ...]:
    """The words in all their spellings, in alphabetical order."""
    found = set(words)
    if _DOTTED.search(" ".join(found)):
        found = {spelling for word in found for spelling in _spellings(word)}
    return tuple(sorted(found))


@lru_cache(maxsize=_REMEMBERED)
def _spellings(word: str) -> tuple[str, ...]:
    letters = _DOTTED.findall(word)
    if not letters:
        return (word,)
    last = 2 if _OTHER_WITHOUT.search(word) else 3
    pieces = _DOTTED.split(word)
    return tuple(
        pieces[0] + "".join(letter + piece for letter, piece in zip(ways, pieces[1:], strict=True))
        for ways in product(*(_SPELLINGS[letter][:last] for letter in letters))
    )


def _any_spelling(word: str) -> str:
    forms = [re.escape(form) for form in _spellings(word)]
    return forms[0] if len(forms) == 1 else f"(?:{'|'.join(forms)})"
