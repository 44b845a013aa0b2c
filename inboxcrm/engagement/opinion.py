"""A second opinion on what a mail's words amount to, learnt from labelled mails, beside what the rules find in them.

A rule knows a phrase and its neighbours; what the whole mail is about it doesn't know. The opinion does: it doubts a finding that
nothing else in the mail speaks for, backs one that all of it speaks for, and where no rule knows the phrase it names the sentence that
says the most. It is a logistic regression over words, pairs of words and beginnings of words (in scripts without blanks: runs of up to
four letters), one for each kind, trained by `python -m tests.signals.training`. Rules that it has not been trained along with, a
person's own, keep their word. Pure.
"""

from __future__ import annotations

import gzip
import hashlib
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from itertools import pairwise
from math import exp, log, sqrt
from struct import unpack

from ahocorasick_rs import AhoCorasick

from inboxcrm.engagement.signals import THRESHOLD, Kind, Side
from inboxcrm.engagement.words import Remembered, Splitter

RULE = "opinion.wording"
"""What is named as the rule of a finding that rests on the opinion alone."""

_NUMBER = re.compile(r"\d[\d.,]*")
_TOKENS = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+|#|[^\W\d_]+|[?？؟]|[!！]")
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")
_LONGEST_RUN = 4
_SHORT_RUN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]{1,4}")
_BEGINNING = 5
"""Letters of a longer word that stand for it, whatever its ending."""

# How the opinions on mail and sentence and the confidence r of the rules are weighed: x = a·mail + b·sentence + c·logit(r) + d, without
# a finding x = a·mail + b·(the sentence that says the most) + d; x = 0 is the threshold. Fitted (logistic regression) on mails that
# neither rules nor opinion had seen.
_MAIL, _SENTENCE, _FINDING, _FOUND = 0.46, 0.34, 0.84, 0.08
_MAIL_ALONE, _SENTENCE_ALONE, _NOT_FOUND = 0.67, 0.45, -0.7
# Kinds that cost trust where they are found falsely, or are often found falsely, must be surer by this.
_CARE = {
    Kind.ORDER: 1.2,
    Kind.NOT_INTERESTED: 1.0,
    Kind.SAMPLE_REQUEST: 0.8,
    Kind.UNSUBSCRIBE: 0.8,
    Kind.MEETING_REQUEST: 0.6,
    Kind.QUOTE_REQUEST: 0.3,
}
_ENOUGH = 7
_SUREST = 5.3
"""No opinion is surer than this, so that it can be outvoted."""

UNIT = 100
"""Weights are kept in hundredths."""


class Weights:
    """How much each word and pair of words in one side's mails speaks for each of its `kinds`.

    What one says for all kinds is a single number (`packed`), so that a mail is weighed by one sum.
    """

    def __init__(self, kinds: Sequence[Kind], bias: Sequence[float], said: Mapping[str, int]) -> None:
        """`bias`: what speaks for each of `kinds` without a word; `said`: feature → what it says, packed."""
        self.kinds, self.bias, self.said = tuple(kinds), tuple(bias), said
        self._pairs = {tuple(feature.split(" ")): what for feature, what in said.items() if " " in feature}
        self._known_pairs = frozenset(self._pairs)
        self._words = Remembered(self._meaning)

    def scores(self, words: Sequence[str]) -> list[float]:
        """For each of `kinds` how much the `words` of a text (`tokens`) speak for it; above 0 it is likelier than not."""
        total = sum(map(self._words.__getitem__, set(words)))
        total += sum(map(self._pairs.__getitem__, self._known_pairs.intersection(pairwise(words))))
        known, *sums = unpacked(total, len(self.kinds))
        norm = (sqrt(known) or 1.0) * UNIT
        return [bias + speaking / norm for bias, speaking in zip(self.bias, sums, strict=True)]

    def _meaning(self, word: str) -> int:
        """What all features of a word say together."""
        if _UNSPACED.match(word):
            found, said = self._short_runs
            return sum(said[number] for number in {number for number, _start, _end in found(word, overlapping=True)})
        return sum(self.said.get(part, 0) for part in parts(word))

    @cached_property
    def _short_runs(self) -> tuple[Callable[..., list[tuple[int, int, int]]], list[int]]:
        """What finds the features in a word without blanks, and what each of them says: a word has four parts for each letter."""
        known = {feature: said for feature, said in self.said.items() if _SHORT_RUN.fullmatch(feature)}
        return AhoCorasick(list(known)).find_matches_as_indexes, list(known.values())


def packed(said: Iterable[tuple[int, int]]) -> int:
    """What a feature says, one number for all kinds: (place of the kind, weight in hundredths) pairs. Such numbers can be added; their
    lowest field counts the features.
    """
    return sum((weight << _FIELD * (place + 1) for place, weight in said), 1)


def unpacked(total: int, kinds: int) -> tuple[int, ...]:
    """How many features there are in a sum of `packed` numbers, and then the sum of their weights for each of so many `kinds`."""
    raised = total + sum(_HALF << _FIELD * place for place in range(kinds + 1))
    fields = raised.to_bytes((kinds + 1) * _FIELD // 8, "little")
    return tuple(field - _HALF for field in unpack(f"<{kinds + 1}I", fields))


@dataclass(frozen=True, slots=True)
class Opinion:
    """What has been learnt of either side's mails, along with the rules of the ids `rules`; `version` changes with any of it."""

    sides: Mapping[Side, Weights]
    rules: frozenset[str]
    version: str

    def of(self, words: Sequence[str], side: Side) -> dict[Kind, float]:
        """How much the `words` of a text (`tokens`) speak for each kind of signal of its `side`: the logarithm of the odds."""
        learnt = self.sides[side]
        return dict(zip(learnt.kinds, learnt.scores(words), strict=True))


class Hearing:
    """What an `opinion` makes of one mail, and of its sentences, each heard once."""

    __slots__ = ("_heard", "_side", "mail", "opinion", "says_enough")

    def __init__(self, opinion: Opinion, subject: str, text: str, side: Side) -> None:
        """`subject` and `text` are folded."""
        title, words = tokens(subject), tokens(text)
        self.opinion, self._side = opinion, side
        self.mail = opinion.of([*title, *words], side)
        """How much all of it speaks for each kind (see `Opinion.of`)."""
        self.says_enough = says_enough(words if text.strip() else title)
        """Whether it has words enough for an opinion of its own."""
        self._heard: dict[str, dict[Kind, float]] = {}

    def of(self, sentence: str) -> dict[Kind, float]:
        """How much the folded `sentence` speaks for each kind."""
        known = self._heard.get(sentence)
        if known is None:
            known = self._heard[sentence] = self.opinion.of(tokens(sentence), self._side)
        return known


def backed(kind: Kind, finding: float, mail: float, sentence: float) -> float:
    """The confidence in `kind`, which the rules found with the confidence `finding` in a sentence, by the opinion on the whole mail and
    on that sentence (as `Opinion.of` gives it): a long mail speaks of many things, and little of each.
    """
    return _confidence(
        kind, _MAIL * _bounded(mail) + _SENTENCE * _bounded(sentence) + _FINDING * _logit(finding) + _FOUND
    )


def alone(kind: Kind, mail: float, sentence: float) -> float:
    """The confidence in `kind`, which the rules didn't find, by the opinion on the mail and on the sentence that says the most."""
    return _confidence(kind, _MAIL_ALONE * _bounded(mail) + _SENTENCE_ALONE * _bounded(sentence) + _NOT_FOUND)


def _confidence(kind: Kind, x: float) -> float:
    return 1 / (1 + exp(_CARE.get(kind, 0) - x - _COUNTS))


def _bounded(opinion: float) -> float:
    return min(max(opinion, -_SUREST), _SUREST)


def says_enough(words: Sequence[str]) -> bool:
    """Whether the `words` of a text (`tokens`) are enough for an opinion of its own: a name and a number may mean anything."""
    return len(words) >= _ENOUGH or len(words) + sum(len(word) for word in words if _UNSPACED.match(word)) >= _ENOUGH


def _logit(value: float) -> float:
    value = min(max(value, 0.005), 0.995)
    return log(value / (1 - value))


_COUNTS = _logit(THRESHOLD)


_PIECES = Splitter(lambda piece: _TOKENS.findall(_NUMBER.sub("#", piece)))


def tokens(text: str) -> list[str]:
    """The words and telling marks of a folded text, in their order; every number is "#"."""
    return list(_PIECES.split(text))


def parts(word: str) -> Collection[str]:
    """The features of one word: itself and its beginning; of a script without blanks every short run of letters."""
    if _UNSPACED.match(word):
        return {
            word[start : start + length]
            for length in range(1, _LONGEST_RUN + 1)
            for start in range(len(word) - length + 1)
        }
    return (word, f"{word[:_BEGINNING]}~") if len(word) > _BEGINNING else (word,)


def features(text: str) -> Counter[str]:
    """All features of a folded text, as `Weights.scores` counts them: those of each word that stands in it, and its pairs of words."""
    words = tokens(text)
    found = Counter(part for word in set(words) for part in parts(word))
    found.update({f"{one} {other}" for one, other in pairwise(words)})
    return found


@cache
def second_opinion() -> Opinion:
    """The opinion that comes with inboxcrm."""
    return parse(gzip.decompress((files("inboxcrm.engagement") / "opinion.gz").read_bytes()).decode())


def parse(written: str) -> Opinion:
    """The opinion that `write` has written."""
    rules, *lines = written.splitlines()
    begins = [number for number, line in enumerate(lines) if line.partition("\t")[0] in _SIDES] + [len(lines)]
    sides = {}
    for begin, end in pairwise(begins):
        side, *kinds = lines[begin].split("\t")
        said = {}
        for line in lines[begin + 1 : end]:
            feature, *weights = line.split("\t")
            said[feature] = packed((ord(one[0]) - _FIRST, int(one[1:])) for one in weights)
        named = [one.split(" ") for one in kinds]
        sides[_SIDES[side]] = Weights([Kind(kind) for kind, _ in named], [float(bias) for _, bias in named], said)
    version = hashlib.sha256(written.encode()).hexdigest()[:12]
    return Opinion(sides, frozenset(rules.split("\t")), version)


def write(sides: Mapping[Side, Weights], rules: Iterable[str]) -> str:
    """The text form: the ids of the rules; for each side a line with its kinds and their bias, then one for each feature with its
    weights in hundredths, each behind the letter of its kind.
    """
    lines = ["\t".join(sorted(rules))]
    for side, learnt in sides.items():
        lines.append("\t".join([f"{side}:", *map("{} {:.4f}".format, learnt.kinds, learnt.bias)]))
        for feature in sorted(learnt.said):
            _one, *weights = unpacked(learnt.said[feature], len(learnt.kinds))
            said = (f"{chr(_FIRST + place)}{weight}" for place, weight in enumerate(weights) if weight)
            lines.append("\t".join([feature, *said]))
    return "\n".join(lines) + "\n"


_SIDES = {f"{side}:": side for side in Side}
_FIRST = ord("a")
_FIELD = 32
_HALF = 1 << _FIELD - 1
"""A packed number has so many bits for each kind; more than a million words would have to speak for one until they overflow."""
