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
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import pairwise
from math import exp, log, sqrt

from inboxcrm.engagement.signals import THRESHOLD, Kind, Side

RULE = "opinion.wording"
"""What is named as the rule of a finding that rests on the opinion alone."""

_NUMBER = re.compile(r"\d[\d.,]*")
_TOKENS = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+|#|[^\W\d_]+|[?？؟]|[!！]")
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")
_LONGEST_RUN = 4
_BEGINNING = 5
"""Letters of a longer word that stand for it, whatever its ending."""
# Words of mails are remembered with what they say; a vocabulary of this size is no language any more.
_MOST_WORDS = 50_000

# How the opinions on mail and sentence and the confidence r of the rules are weighed: x = a·mail + b·sentence + c·logit(r) + d, without
# a finding x = a·mail + d; x = 0 is the threshold. Fitted (logistic regression) on mails that neither rules nor opinion had seen.
_MAIL, _SENTENCE, _FINDING, _FOUND = 0.6, 0.6, 1.1, 0.4
_ALONE, _NOT_FOUND = 1.05, -1.6
# Kinds that cost trust where they are found falsely must be surer by this.
_CARE = {Kind.ORDER: 1.5, Kind.SAMPLE_REQUEST: 0.6, Kind.UNSUBSCRIBE: 0.6, Kind.NOT_INTERESTED: 0.6}
_ENOUGH = 7
_SUREST = 5.3
"""No opinion is surer than this, so that it can be outvoted."""

Said = tuple[tuple[int, float], ...]
"""How much something speaks for kinds: (place of the kind, weight) pairs."""


class Weights:
    """How much each word and pair of words in one side's mails speaks for each of its `kinds`."""

    def __init__(self, kinds: Sequence[Kind], bias: Sequence[float], said: Mapping[str, Said]) -> None:
        """`bias`: what speaks for each of `kinds` without a word; `said`: feature → what it says."""
        self.kinds, self.bias, self.said = tuple(kinds), tuple(bias), said
        self._pairs = {tuple(feature.split(" ")): weights for feature, weights in said.items() if " " in feature}
        self._met: dict[str, tuple[int, Said]] = {}

    def scores(self, text: str) -> list[float]:
        """For each of `kinds` how much the folded `text` speaks for it; above 0 it is likelier than not."""
        words = tokens(text)
        sums = [0.0] * len(self.kinds)
        known, met = 0, self._met
        for word in set(words):
            count, said = met.get(word) or self._meet(word)
            known += count
            for place, weight in said:
                sums[place] += weight
        for pair in self._pairs.keys() & set(pairwise(words)):
            known += 1
            for place, weight in self._pairs[pair]:
                sums[place] += weight
        norm = sqrt(known) or 1.0
        return [bias + total / norm for bias, total in zip(self.bias, sums, strict=True)]

    def _meet(self, word: str) -> tuple[int, Said]:
        """How many of the features of a word are known, and what they say together."""
        known = [self.said[part] for part in parts(word) if part in self.said]
        sums: dict[int, float] = {}
        for said in known:
            for place, weight in said:
                sums[place] = sums.get(place, 0) + weight
        if len(self._met) >= _MOST_WORDS:
            self._met.clear()
        found = self._met[word] = len(known), tuple(sums.items())
        return found


@dataclass(frozen=True, slots=True)
class Opinion:
    """What has been learnt of either side's mails, along with the rules of the ids `rules`; `version` changes with any of it."""

    sides: Mapping[Side, Weights]
    rules: frozenset[str]
    version: str

    def of(self, text: str, side: Side) -> dict[Kind, float]:
        """How much the folded `text`, subject and all, speaks for each kind of signal of its `side`: the logarithm of the odds."""
        learnt = self.sides[side]
        return dict(zip(learnt.kinds, learnt.scores(text), strict=True))

    def tellingest(self, kind: Kind, sentences: Sequence[str], side: Side) -> int:
        """Which of the folded `sentences` speaks most for `kind`."""
        learnt = self.sides[side]
        place = learnt.kinds.index(kind)
        return max(range(len(sentences)), key=lambda number: learnt.scores(sentences[number])[place])


def backed(kind: Kind, finding: float, mail: float, sentence: float) -> float:
    """The confidence in `kind`, which the rules found with the confidence `finding` in a sentence, by the opinion on the whole mail and
    on that sentence (as `Opinion.of` gives it): a long mail speaks of many things, and little of each.
    """
    return _confidence(
        kind, _MAIL * _bounded(mail) + _SENTENCE * _bounded(sentence) + _FINDING * _logit(finding) + _FOUND
    )


def alone(kind: Kind, mail: float) -> float:
    """The confidence in `kind`, which the rules didn't find, by the opinion on the mail."""
    return _confidence(kind, _ALONE * _bounded(mail) + _NOT_FOUND)


def _confidence(kind: Kind, x: float) -> float:
    return 1 / (1 + exp(_CARE.get(kind, 0) - x - _COUNTS))


def _bounded(opinion: float) -> float:
    return min(max(opinion, -_SUREST), _SUREST)


def says_enough(text: str) -> bool:
    """Whether a folded text has words enough for an opinion of its own: a name and a number may mean anything."""
    words = tokens(text)
    return len(words) + sum(len(word) for word in words if _UNSPACED.match(word)) >= _ENOUGH


def _logit(value: float) -> float:
    value = min(max(value, 0.005), 0.995)
    return log(value / (1 - value))


_COUNTS = _logit(THRESHOLD)


def tokens(text: str) -> list[str]:
    """The words and telling marks of a folded text, in their order; every number is "#"."""
    return _TOKENS.findall(_NUMBER.sub("#", text))


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
            said[feature] = tuple((ord(one[0]) - _FIRST, int(one[1:]) / _UNIT) for one in weights)
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
            said = (f"{chr(_FIRST + place)}{round(weight * _UNIT)}" for place, weight in learnt.said[feature])
            lines.append("\t".join([feature, *said]))
    return "\n".join(lines) + "\n"


_SIDES = {f"{side}:": side for side in Side}
_FIRST = ord("a")
_UNIT = 100
