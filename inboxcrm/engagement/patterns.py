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
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from inboxcrm.engagement.folding import plain
from inboxcrm.engagement.sentences import Sentence
from inboxcrm.engagement.vocabulary import EDGES, QUESTION_MARKS, SEPARATOR, PatternError, Vocabulary, Writing, either


class Expression:
    """A regular expression over folded text, compiled when it is first looked for: most are never needed in one run. One of
    `anchors` (see `Phrase`) must stand in a sentence for `source` to be found there; without any, nobody can tell beforehand.
    """

    __slots__ = ("__dict__", "_beginnings", "_words", "anchors", "source")

    def __init__(self, source: str, anchors: tuple[str, ...] = ()) -> None:
        self.source = source
        self.anchors = anchors
        self._words = frozenset(anchor for anchor in anchors if not anchor.endswith("~"))
        self._beginnings = tuple(anchor[:-1] for anchor in anchors if anchor.endswith("~"))

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """The compiled expression."""
        return re.compile(self.source)

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


@dataclass(frozen=True, slots=True)
class Heads:
    """With which words, or beginnings of words, every match of a phrase begins."""

    words: frozenset[str]
    beginnings: tuple[str, ...]

    def places(self, sentence: Sentence) -> list[int]:
        """Where a match may begin in `sentence`, in its order; a few places too many do no harm."""
        find = sentence.text.find
        places = []
        for heads in (self.words & sentence.words, self.beginnings):
            for head in heads:
                place = find(head)
                while place >= 0:
                    places.append(place)
                    place = find(head, place + 1)
        return sorted(set(places)) if len(places) > 1 else places


class Phrase(Expression):
    """A phrase ready to be looked for. `written` is how the file writes it; of each of the `groups` of anchors one must occur, the
    rarest group stands first. An anchor is one word, folded, or with "~" at its end the beginning of one, or a question mark. `telling`
    are the words by which its language is told. `heads` is None where a match may begin with anything.
    """

    __slots__ = ("groups", "heads", "telling", "written")

    def __init__(
        self,
        written: str,
        source: str,
        groups: tuple[tuple[str, ...], ...],
        telling: tuple[tuple[str, ...], ...] = (),
        heads: Heads | None = None,
    ) -> None:
        super().__init__(source, groups[0])
        self.written = written
        self.groups = groups
        self.telling = telling
        self.heads = heads

    def stands_in(self, text: str) -> bool:
        """Whether the phrase is found in `text`."""
        return (self.pattern.match(text) if self.source[0] == "^" else self.pattern.search(text)) is not None

    def matches(self, sentence: Sentence, most: int) -> Sequence[re.Match[str]]:
        """Where the phrase stands in `sentence`, from its beginning on, but no more than `most` places; matches may overlap."""
        text, pattern = sentence.text, self.pattern
        if self.heads is not None:
            places = self.heads.places(sentence)
            if not places:
                return ()
            found = [match for place in places if (match := pattern.match(text, place))]
            return found[:most] if len(found) > most else found
        match = pattern.match(text) if self.source[0] == "^" else pattern.search(text)
        if match is None:
            return ()
        found = [match]
        if self.source[0] != "^":
            while len(found) < most and (match := pattern.search(text, match.start() + 1)):
                found.append(match)
        return found


_GAPS = {
    Writing.SPACED: {"*": r"(?:\W{1,4}\w+){0,5}?", "**": r"(?:\W{1,4}\w+){0,12}?"},
    Writing.PREFIXING: {"*": r"(?:\W{1,4}\w+){0,5}?", "**": r"(?:\W{1,4}\w+){0,12}?"},
    Writing.UNSPACED: {"*": r"[^,，;；]{0,10}?", "**": r".{0,24}?"},
}
_TOKEN = re.compile(r"\[[^\]]*\]|\([^)]*\)|\{[^}]*\}\S*|\S+")
_GAP = re.compile(r"\*+")
_NESTED = re.compile(r"[(\[][^)\]]*[(\[]")
_PERCENT = re.compile(r"#\s+%")


def compile_neighbour(written: str, vocabulary: Vocabulary) -> Expression:
    """The phrase `written`, for looking around a match: a `Phrase` unless nothing in it can serve as an anchor.

    Raises PatternError when a word list isn't there.
    """
    builder = _Builder(vocabulary)
    expression = builder.expression(written)
    return builder.phrase(written, expression) if builder.anchors or builder.marks else Expression(expression)


def compile_phrase(written: str, vocabulary: Vocabulary) -> Phrase:
    """The phrase `written`.

    Raises PatternError when a word list isn't there, or when nothing in the phrase can serve as an anchor.
    """
    builder = _Builder(vocabulary)
    expression = builder.expression(written)
    if not builder.anchors:
        msg = f"{written!r} has no word that must stand in the text; write at least one outside of [ ] and without only * or #"
        raise PatternError(msg)
    return builder.phrase(written, expression)


def _cost(anchors: tuple[str, ...]) -> tuple[int, int]:
    """The best anchor is long and has few variants."""
    return -min(*map(len, anchors), 5), len(anchors)


class _Builder:
    def __init__(self, vocabulary: Vocabulary) -> None:
        self.token = vocabulary.token
        self.writing = vocabulary.writing
        self.separator = SEPARATOR[self.writing]
        self.anchors: list[tuple[str, ...]] = []
        self._telling: list[tuple[str, ...]] = []
        self.marks: list[tuple[str, ...]] = []
        self._heads: set[str] | None = set()

    def phrase(self, written: str, expression: str) -> Phrase:
        """The phrase `written`, whose `expression` was built."""
        heads = None
        if self._heads and self.writing is Writing.SPACED:
            heads = Heads(
                frozenset(head for head in self._heads if not head.endswith("~")),
                tuple(head[:-1] for head in self._heads if head.endswith("~")),
            )
        groups = sorted(self.anchors, key=_cost)
        return Phrase(written, expression, (*groups, *self.marks), tuple(self._telling), heads)

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
            if edge := EDGES.get(token):
                if "?" in token:
                    self.marks.append(QUESTION_MARKS)
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

    def _alternatives(self, written: str, separator: str, *, optional: bool) -> str:
        """One of the words of `written`, behind `separator`. An edge among them stands right there, without one."""
        token = self.token(written)
        if not optional and token.telling:
            self.anchors.append(token.anchors)
            self._telling.append(token.telling)
        elif not optional and token.anchors:
            self.marks.append(token.anchors)
        said = [separator + token.said] if token.said else []
        return f"(?:{'|'.join([*said, *token.edges])})" if token.edges else said[0]

    def _beginning(self, tokens: list[str]) -> set[str] | None:
        """The words, or with "~" the beginnings of words, that a match begins with; None when it may be anything."""
        heads: set[str] = set()
        for written in tokens:
            if written in EDGES or written in _GAPS[self.writing]:
                return None
            found = self.token(written.strip("[]()").strip()).heads
            if found is None:
                return None
            heads |= found
            if not written.startswith("["):
                return heads
        return None
