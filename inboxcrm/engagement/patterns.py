"""The little language of phrases in the rule files, and how a phrase becomes a regular expression.

    send us samples     these words in this order
    price|cost          one of these
    (a few|some)        one of these, which may be of several words
    {sample}            one of a word list of the file
    cotiz~              this beginning, any ending
    [us]                may be left out
    *   **              up to five, up to twelve words between
    #                   a number
    #%                  a number with a percent sign ("5 %", "5%"); also written "# %"
    $#                  a number with a sign of currency before or behind it ("$2.60", "2.60 €")
    ^   $               beginning (also behind a salutation with its comma), end of the sentence
    ?                   the sentence ends in a question mark, here or further on
    ?$                  the sentence ends here, in a question mark

Every phrase has anchors: groups of words, of each of which one must stand in a sentence for the phrase to be found there at all.
They are looked up word by word (`inboxcrm.engagement.index`), so that the cost of a mail hardly grows with the number of rules.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import product

from inboxcrm.engagement.folding import plain
from inboxcrm.engagement.sentences import Sentence


class Writing(StrEnum):
    """SPACED: words stand apart. UNSPACED: they don't (Chinese, Japanese, Thai). PREFIXING: articles and conjunctions are written
    at the beginning of the word (Arabic).
    """

    SPACED = "spaced"
    UNSPACED = "unspaced"
    PREFIXING = "prefixing"


class PatternError(ValueError):
    """A phrase can't be read; the message says why and what is expected."""


class Expression:
    """A regular expression over folded text, compiled when it is first looked for: most are never needed in one run. One of
    `anchors` (see `Phrase`) must stand in a sentence for `source` to be found there; without any, nobody can tell beforehand.
    """

    __slots__ = ("_beginnings", "_compiled", "_words", "anchors", "source")

    def __init__(self, source: str, anchors: tuple[str, ...] = ()) -> None:
        self.source = source
        self.anchors = anchors
        self._compiled: re.Pattern[str] | None = None
        self._words = frozenset(anchor for anchor in anchors if not anchor.endswith("~"))
        self._beginnings = tuple(anchor[:-1] for anchor in anchors if anchor.endswith("~"))

    @property
    def pattern(self) -> re.Pattern[str]:
        """The compiled expression."""
        if self._compiled is None:
            self._compiled = re.compile(self.source)
        return self._compiled

    def may_stand_among(self, words: frozenset[str]) -> bool:
        """Whether it is worth looking in a sentence of `words`."""
        return (
            not self.anchors
            or not self._words.isdisjoint(words)
            or (bool(self._beginnings) and any(word.startswith(self._beginnings) for word in words))
        )

    @classmethod
    def any_of(cls, expressions: Iterable[Expression]) -> Expression | None:
        """What finds whatever one of `expressions` finds; None when there are none."""
        parts = list(expressions)
        if not parts:
            return None
        anchors = tuple(dict.fromkeys(anchor for one in parts for anchor in one.anchors))
        return cls(either(one.source for one in parts), anchors if all(one.anchors for one in parts) else ())


_BEGINS, _ENDS = r"(?<!\w)", r"(?!\w)"


def either(expressions: Iterable[str]) -> str:
    """One of `expressions`. Where a word begins is asked once for all: then the engine tells them apart by their first letter."""
    forms = sorted(set(expressions), key=lambda form: (-len(form), form))
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
class Heads:
    """With which words, or beginnings of words, every match of a phrase begins."""

    words: frozenset[str]
    beginnings: tuple[str, ...]

    def places(self, sentence: Sentence) -> list[int]:
        """Where a match may begin in `sentence`, in its order; a few places too many do no harm."""
        text = sentence.text
        heads = self.words & sentence.words
        if self.beginnings:
            heads = heads.union(word for word in sentence.words if word.startswith(self.beginnings))
        places = []
        for head in heads:
            place = text.find(head)
            while place >= 0:
                places.append(place)
                place = text.find(head, place + 1)
        return sorted(places) if len(places) > 1 else places


class Phrase(Expression):
    """A phrase ready to be looked for. `written` is how the file writes it; of each of the `groups` of anchors one must occur, the
    rarest group stands first. An anchor is one word, folded; with "~" at its end, the beginning of one. `heads` is None where a
    match may begin with anything.
    """

    __slots__ = ("groups", "heads", "written")

    def __init__(self, written: str, source: str, groups: tuple[tuple[str, ...], ...], heads: Heads | None) -> None:
        super().__init__(source, groups[0])
        self.written = written
        self.groups = groups
        self.heads = heads

    def matches(self, sentence: Sentence) -> Iterator[re.Match[str]]:
        """Where the phrase stands in `sentence`, from its beginning on; matches may overlap."""
        if self.heads is not None:
            for place in self.heads.places(sentence):
                if match := self.pattern.match(sentence.text, place):
                    yield match
            return
        match = self.pattern.search(sentence.text)
        while match:
            yield match
            match = self.pattern.search(sentence.text, match.start() + 1)


# A sentence may begin with a salutation ("Hi Lina, best price?").
_EDGES = {"^": r"^(?:[^,.!?;:\n]{0,30}[,，،]\s{0,2})?\W{0,4}", "$": r"\W{0,4}$", "?": r"(?=[^?？؟]*[?？؟]\W{0,4}$)",
          "?$": r"\W{0,2}[?？؟]\W{0,4}$"}  # fmt: skip
_NUMBER = r"\d[\d.,' ]{0,14}(?:k|m)?"
_AMOUNT = rf"(?:[$€£¥₽]\s?{_NUMBER}|{_NUMBER}\s?[$€£¥₽])"
_NUMBERS = {"#": _NUMBER, "$#": _AMOUNT, "#%": rf"{_NUMBER}\s{{0,2}}%"}
_GAPS = {
    Writing.SPACED: {"*": r"(?:\W{1,4}\w+){0,5}?", "**": r"(?:\W{1,4}\w+){0,12}?"},
    Writing.PREFIXING: {"*": r"(?:\W{1,4}\w+){0,5}?", "**": r"(?:\W{1,4}\w+){0,12}?"},
    Writing.UNSPACED: {"*": r"[^,，;；]{0,10}?", "**": r".{0,24}?"},
}
_SEPARATOR = {Writing.SPACED: r"\W{1,3}", Writing.PREFIXING: r"\W{1,3}", Writing.UNSPACED: r"\s{0,2}"}
_ARABIC_PREFIX = "(?:[وف]?(?:[بلك]|ال|لل|بال|وال|كال)?)"
_TOKEN = re.compile(r"\[[^\]]*\]|\([^)]*\)|\{[^}]*\}\S*|\S+")
_LETTERS = re.compile(r"\w+~?")
_HEAD = re.compile(r"\w+~?")
_GAP = re.compile(r"\*+")
_NESTED = re.compile(r"[(\[][^)\]]*[(\[]")
_LIST = re.compile(r"\{([a-z_]+)\}")
_PERCENT = re.compile(r"#\s+%")
# What has a meaning in the language of phrases, and was glued to a word where it can't have it.
_GLUED = re.compile(r"[#^{}()\[\]*~]")

# How people write a word with these letters when they don't have, or don't use, the key.
_SPELLINGS = {"ä": ("ä", "ae", "a"), "ö": ("ö", "oe", "o"), "ü": ("ü", "ue", "u")}
_DOTTED = re.compile("[äöü]")
# German words that are others without the dots: tenses ("wurde", "würde") and the goods ("wäre", "Ware").
_OTHER_WITHOUT = re.compile("würde|hätte|könnt|wär|müsst|dürft|käm|gäb|läg")


def compile_neighbour(written: str, words: Mapping[str, tuple[str, ...]], writing: Writing) -> Expression:
    """The phrase `written` over the word lists `words`, for looking around a match: a `Phrase` unless it has no anchor.

    Raises PatternError when a word list isn't there.
    """
    builder = _Builder(words, writing)
    expression = builder.expression(written)
    return builder.phrase(written, expression) if builder.anchors else Expression(expression)


def compile_phrase(written: str, words: Mapping[str, tuple[str, ...]], writing: Writing) -> Phrase:
    """The phrase `written` over the word lists `words`.

    Raises PatternError when a word list isn't there, or when nothing in the phrase can serve as an anchor.
    """
    builder = _Builder(words, writing)
    expression = builder.expression(written)
    if not builder.anchors:
        msg = f"{written!r} has no word that must stand in the text; write at least one outside of [ ] and without only * or #"
        raise PatternError(msg)
    return builder.phrase(written, expression)


def _cost(anchors: tuple[str, ...]) -> tuple[int, int]:
    """The best anchor is long and has few variants."""
    return -min(*map(len, anchors), 5), len(anchors)


class _Builder:
    def __init__(self, words: Mapping[str, tuple[str, ...]], writing: Writing) -> None:
        self.words = words
        self.writing = writing
        self.separator = _SEPARATOR[writing]
        self.anchors: list[tuple[str, ...]] = []
        self._heads: set[str] | None = set()

    def phrase(self, written: str, expression: str) -> Phrase:
        """The phrase `written`, whose `expression` was built."""
        heads = None
        if self._heads and self.writing is Writing.SPACED:
            heads = Heads(
                frozenset(head for head in self._heads if not head.endswith("~")),
                tuple(head[:-1] for head in self._heads if head.endswith("~")),
            )
        return Phrase(written, expression, tuple(sorted(self.anchors, key=_cost)), heads)

    def expression(self, written: str) -> str:
        """The regular expression for the phrase `written`. Raises PatternError naming it."""
        try:
            if _NESTED.search(written):
                msg = "( ) and [ ] can't stand inside of others; write two phrases"
                raise PatternError(msg)
            folded = _PERCENT.sub("#%", plain(written))
            if self.writing is Writing.UNSPACED:
                folded = _GAP.sub(r" \g<0> ", folded)
            return self._sequence(_TOKEN.findall(folded))
        except PatternError as error:
            msg = f"{written!r}: {error}"
            raise PatternError(msg) from error

    def _sequence(self, tokens: list[str]) -> str:
        out: list[str] = []
        separated = True  # whether what comes next needs no separator before it
        self._heads = self._beginning(tokens)
        for token in tokens:
            if edge := _EDGES.get(token):
                out.append(edge)
                separated = True
            elif token in ("*", "**"):
                out.append(_GAPS[self.writing][token])
                separated = False
            elif token.startswith("["):
                inner = self._alternatives(token[1:-1].strip(), "" if separated else self.separator, optional=True)
                out.append(f"(?:{inner}{self.separator if separated else ''})?")
            else:
                out.append(self._alternatives(token.strip("()"), "" if separated else self.separator, optional=False))
                separated = False
        return "".join(out)

    def _alternatives(self, token: str, separator: str, *, optional: bool) -> str:
        """One of the words of `token`, behind `separator`. An edge among them stands right there, without one."""
        variants: list[str] = []
        for one in token.split("|"):
            variants.extend(self._variants(one))
        if not variants:
            msg = f"{token!r} says nothing; remove it"
            raise PatternError(msg)
        edges = [_EDGES[variant] for variant in variants if variant in _EDGES]
        words = [variant for variant in variants if variant not in _EDGES]
        if not optional and not edges and _NUMBERS.keys().isdisjoint(words):
            found = {spelling for variant in words for spelling in _anchors(variant)}
            if "" not in found:
                self.anchors.append(tuple(sorted(found)))
        said = [separator + either(self._literal(variant) for variant in words)] if words else []
        return f"(?:{'|'.join([*said, *edges])})" if edges else said[0]

    def _beginning(self, tokens: list[str]) -> set[str] | None:
        """The words, or with "~" the beginnings of words, that a match begins with; None when it may be anything."""
        heads: set[str] = set()
        for token in tokens:
            for one in token.strip("[]()").split("|"):
                for variant in self._variants(one):
                    head = _HEAD.match(variant)
                    if head is None or variant in _NUMBERS:
                        return None
                    heads.update(_spellings(head[0]))
            if not token.startswith("["):
                return heads
        return None

    def _variants(self, written: str) -> list[str]:
        """Every way to say one alternative; a word list stands for each of its words."""
        choices = [self._listed(word) for word in written.split()]
        return [" ".join(words) for words in product(*choices)] if choices else []

    def _listed(self, word: str) -> list[str]:
        found = _LIST.fullmatch(word)
        if not found:
            return [word]
        if found[1] not in self.words:
            msg = f"there is no word list {found[1]!r}; the file has {', '.join(sorted(self.words)) or 'none'}"
            raise PatternError(msg)
        return [plain(one) for one in self.words[found[1]]]

    def _literal(self, variant: str) -> str:
        pieces = [self._word(word) for word in variant.split()]
        return self.separator.join(pieces)

    def _word(self, word: str) -> str:
        if "*" in word or word in _EDGES:
            msg = f"{word!r} can't be part of words; write it between them, with blanks around"
            raise PatternError(msg)
        if word in _NUMBERS:
            return _NUMBERS[word]
        stem = word.removesuffix("~")
        if not stem:
            msg = "'~' needs the beginning of a word before it"
            raise PatternError(msg)
        if len(stem) > 1 and (glued := _GLUED.search(stem)):
            msg = f"{glued[0]!r} is glued to {word!r}, where it has no meaning; write a blank between them"
            raise PatternError(msg)
        if stem[0] == "'" and len(stem) > 1:  # "we'll" is two words, and its apostrophe parts them
            return "(?<=')" + self._word(word[1:])[len(_BEGINS) :]
        body = _any_spelling(stem)
        ending = r"\w*" if word.endswith("~") else ""
        if self.writing is Writing.UNSPACED:
            if stem.isascii():
                return rf"(?<![a-z0-9]){body}{ending}(?![a-z0-9])"
            return body + ending
        prefix = _ARABIC_PREFIX if self.writing is Writing.PREFIXING and not stem.isascii() else ""
        first = _BEGINS if stem[0].isalnum() else ""
        last = _ENDS if stem[-1].isalnum() and not ending else ""
        return f"{first}{prefix}{body}{ending}{last}"


def _anchors(variant: str) -> tuple[str, ...]:
    """The longest word of a variant in all its spellings, with "~" when its ending is open; "" when it has no letters."""
    return _spellings(max(_LETTERS.findall(variant), key=len, default=""))


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
