"""Phrases that can be read, but probably don't mean what their writer thought; `inboxcrm rules check` warns of them.

It refuses nothing: what can't be read at all, `inboxcrm.engagement.rules` refuses.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass

from inboxcrm.engagement.rules import Language
from inboxcrm.toml_lines import line_of

_BRACKETED = re.compile(r"\[[^\]]*\]|\([^)]*\)")
_TWO_CHOICES = re.compile(r"[^\s|()]\|[^\s|()]+ [^\s|()]+\|[^\s|()]")
_KEYS = ("any", "near", "unless", "unless_mail")


@dataclass(frozen=True, slots=True)
class Doubt:
    """A phrase that may be misunderstood; `line` is where its list stands in the file."""

    line: int
    rule: str
    phrase: str


def doubts(language: Language) -> Iterator[Doubt]:
    """Phrases of the rule file where "|" stands between words of several alternatives without ( ) around them."""
    for number, rule in enumerate(tomllib.loads(language.text).get("rule", ())):
        for key in _KEYS:
            for phrase in rule.get(key, ()):
                if _is_doubtful(phrase):
                    yield Doubt(line_of(language.text, ("rule", number, key)), f"{language.code}.{rule['id']}", phrase)


def _is_doubtful(phrase: str) -> bool:
    """Whether two bare choices stand side by side: "a|b c|d" is (a|b)(c|d), however it was meant."""
    return _TWO_CHOICES.search(_BRACKETED.sub("()", phrase)) is not None
