"""Trains the second opinion (`inboxcrm.engagement.opinion`) on the labelled mails to develop on and the examples in the rule files.

python -m tests.signals.training        writes inboxcrm/engagement/opinion.gz; needs the dependency group "training"

The parts "report" and "check" are never trained on. An example of a rule file is a short mail that holds the kind of its rule; a
counter-example is one that doesn't. What else they hold nobody has labelled, so for the other kinds they count little.
"""

from __future__ import annotations

import gzip
import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from inboxcrm import engagement
from inboxcrm.engagement.folding import plain
from inboxcrm.engagement.opinion import UNIT, Weights, features, packed, write
from inboxcrm.engagement.rulebook import codes
from inboxcrm.engagement.rules import Language, load_language
from inboxcrm.engagement.signals import CUSTOMER_KINDS, OUR_KINDS, Kind, Side
from inboxcrm.shipped import find
from tests.signals import labels

PLACE = Path(engagement.__file__).parent / "opinion.gz"
_OFTEN_ENOUGH = 2
"""Mails that a feature must stand in."""
_STRENGTH = 30.0
"""The inverse of the regularisation."""
_EXAMPLE, _EXAMPLE_OF_ANOTHER_KIND = 0.5, 0.2
"""What an example of a rule file counts, next to a mail: for its own kind and for the others."""
_SLIGHT = 0.4
"""Weights below this are left out: they change nothing."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """One text and what is known of it: the kinds that it holds, and of which kind it is an example (None: a mail, of all)."""

    features: Counter[str]
    side: Side
    kinds: frozenset[Kind]
    of: Kind | None = None

    def counts(self, kind: Kind) -> float:
        """How much it counts for `kind`."""
        if self.of is None:
            return 1.0
        return _EXAMPLE if self.of is kind else _EXAMPLE_OF_ANOTHER_KIND


def languages() -> list[Language]:
    """The shipped rules."""
    return [load_language(find(None, "config", f"signals/{code}.toml")) for code in codes()]


def lessons() -> list[Lesson]:
    """Everything that is learnt from."""
    found = []
    for language in labels.languages():
        for mail in labels.load(language, "develop"):
            words = features(plain(f"{mail.subject}\n{mail.text}"))
            found.append(Lesson(words, mail.side, mail.signals))
    for language in languages():
        for rule in language.rules:
            if isinstance(rule.kind, Kind):
                for examples, kinds in ((rule.examples, {rule.kind}), (rule.counterexamples, set())):
                    for example in examples:
                        words = features(plain(example))
                        found.append(Lesson(words, rule.side, frozenset(kinds), rule.kind))
    return found


def train(learnt: Iterable[Lesson]) -> dict[Side, Weights]:
    """What `learnt` teaches, for each side."""
    everything = list(learnt)
    sides = {}
    for side, kinds in ((Side.CUSTOMER, CUSTOMER_KINDS), (Side.US, OUR_KINDS)):
        some = [one for one in everything if one.side is side and one.features]
        often = Counter(feature for one in some for feature in one.features)
        columns = {name: place for place, name in enumerate(sorted(f for f, n in often.items() if n >= _OFTEN_ENOUGH))}
        matrix = _matrix(some, columns)
        bias: list[float] = []
        words: dict[str, list[tuple[int, int]]] = {}
        for place, kind in enumerate(sorted(kinds)):
            holds = np.array([kind in one.kinds for one in some])
            counts = np.array([one.counts(kind) for one in some])
            for half in (holds, ~holds):  # both sides count alike, however rare the kind is
                counts[half] /= 2 * counts[half].sum() / len(some)
            model = LogisticRegression(C=_STRENGTH, solver="liblinear", max_iter=300, random_state=0)
            model.fit(matrix, holds, sample_weight=counts)
            bias.append(float(model.intercept_[0]))
            for feature, weight in zip(columns, model.coef_[0], strict=True):
                if abs(weight) >= _SLIGHT:
                    words.setdefault(feature, []).append((place, round(weight * UNIT)))
        said = {feature: packed(weights) for feature, weights in words.items()}
        sides[side] = Weights(tuple(sorted(kinds)), tuple(bias), said)
    return sides


def _matrix(some: list[Lesson], columns: dict[str, int]) -> csr_matrix:
    values: list[float] = []
    places: list[int] = []
    ends = [0]
    for one in some:
        known = sorted((columns[feature], count) for feature, count in one.features.items() if feature in columns)
        norm = np.sqrt(max(sum(count for _, count in known), 1))
        values += [count / norm for _, count in known]
        places += [place for place, _ in known]
        ends.append(len(places))
    shape = (len(some), len(columns))
    return csr_matrix((values, np.array(places, dtype=np.int32), np.array(ends, dtype=np.int32)), shape=shape)


def main() -> None:
    """Trains and writes."""
    sides = train(lessons())
    ids = (rule.id for language in languages() for rule in language.rules)
    PLACE.write_bytes(gzip.compress(write(sides, ids).encode(), mtime=0))
    print(f"{sum(len(one.said) for one in sides.values())} features, {PLACE.stat().st_size} bytes", file=sys.stderr)


if __name__ == "__main__":
    main()
