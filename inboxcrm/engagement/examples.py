"""The examples in a rule file are its test: each rule must find its examples, and leave its counter-examples alone.

Only the rule itself counts: that another one finds the example is no merit of this one.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

from inboxcrm.engagement.finder import Finder, Letter
from inboxcrm.engagement.rules import Language, Rule
from inboxcrm.engagement.signals import THRESHOLD
from inboxcrm.reading.language import detect
from inboxcrm.toml_lines import line_of


@dataclass(frozen=True, slots=True)
class Failure:
    """An example that a rule doesn't find (`missed`), or a counter-example that it finds; `line` is where it stands in the file."""

    line: int
    rule: str
    example: str
    missed: bool
    confidence: float


def failures(language: Language) -> Iterator[Failure]:
    """Every failing example of the rule file, in its order."""
    finder = Finder([language], detect)
    for number, rule in enumerate(language.rules):
        wanted = min(THRESHOLD, rule.weight)
        for missed, examples, key in (
            (True, rule.examples, "examples"),
            (False, rule.counterexamples, "counterexamples"),
        ):
            for example in examples:
                sure = _confidence(finder, rule, example, language.code)
                if (sure < wanted) is missed:
                    yield Failure(_line(language.text, number, key, example), rule.id, example, missed, sure)


def _confidence(finder: Finder, rule: Rule, example: str, code: str) -> float:
    letter = Letter("", example, code, rule.side)
    return max((one.confidence for one in finder.findings(letter) if one.rule.id == rule.id), default=0.0)


def _line(text: str, number: int, key: str, example: str) -> int:
    """The line of the example, or of its list when it is written with escapes."""
    begin = line_of(text, ("rule", number, key))
    written = {example, json.dumps(example, ensure_ascii=False)[1:-1]}
    for line, content in enumerate(text.splitlines()[begin - 1 :], begin):
        if any(one in content for one in written):
            return line
    return begin
