"""The rule files `config/signals/<language>.toml`: read, checked with file, line and key in every error, and made ready.

One file a language; the words, the rules, and with each rule the examples that it must find and those that it must not.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from inboxcrm.engagement.patterns import Expression, PatternError, Phrase, Writing, compile_neighbour, compile_phrase
from inboxcrm.engagement.signals import OUR_KINDS, Kind, Side, Trait
from inboxcrm.engagement.spelling import Spelling
from inboxcrm.errors import InboxcrmError
from inboxcrm.i18n import _
from inboxcrm.settings import line_of


class RuleFileError(InboxcrmError):
    """A rule file can't be used; the message names file, line and key, and what was expected."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Modifiers(_Part):
    negation: tuple[str, ...] = ()
    negation_after: tuple[str, ...] = ()
    not_negation: tuple[str, ...] = ()
    hypothetical: tuple[str, ...] = ()
    not_hypothetical: tuple[str, ...] = ()
    later: tuple[str, ...] = ()
    polite: tuple[str, ...] = ()
    joints: tuple[str, ...] = ()


class _Rule(_Part):
    id: str = Field(pattern=r"^[a-z0-9_]+(\.[a-z0-9_]+)*$")
    kind: str
    weight: float = Field(0.9, gt=0, le=1)
    any: tuple[str, ...] = Field(min_length=1)
    near: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    unless_mail: tuple[str, ...] = ()
    negatable: bool = True
    firm: bool | None = None
    subject: bool = True
    examples: tuple[str, ...] = Field(min_length=1)
    counterexamples: tuple[str, ...] = ()

    @field_validator("kind")
    @classmethod
    def _known(cls, value: str) -> str:
        known = [*map(str, Kind), *map(str, Trait)]
        if value not in known:
            msg = f"{value!r} is no kind; expected one of {', '.join(known)}"
            raise ValueError(msg)
        return value


class _File(_Part):
    language: str = Field(pattern=r"^[a-z]{2}$")
    writing: Writing = Writing.SPACED
    mistyped: tuple[str, ...] = ()
    words: dict[str, tuple[str, ...]] = {}
    modifiers: _Modifiers = _Modifiers()
    rule: tuple[_Rule, ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule, ready. `firm`: counts less in a question or after an "if". `id` begins with the language."""

    id: str
    language: str
    kind: Kind | Trait
    weight: float
    phrases: tuple[Phrase, ...]
    near: Expression | None
    unless: Expression | None
    unless_mail: Expression | None
    negatable: bool
    firm: bool
    subject: bool
    examples: tuple[str, ...]
    counterexamples: tuple[str, ...]

    @property
    def side(self) -> Side:
        """Whose mail the rule is for."""
        return Side.US if self.kind in OUR_KINDS else Side.CUSTOMER


@dataclass(frozen=True, slots=True)
class Modifiers:
    """The words of a language that change what a phrase means; each None where the file has none.

    `negation` takes back what follows it, `negation_after` what stands before it, over `reach` characters of one clause;
    `hypothetical` ("if") weakens what has to be meant, `later` ("next year", "when we need") also a request; `polite` ("could you")
    makes a question a request. The words of `not_…` aren't what they look like ("not only", "if possible"). `joints` part clauses.
    """

    negation: Expression | None
    negation_after: Expression | None
    not_negation: Expression | None
    hypothetical: Expression | None
    not_hypothetical: Expression | None
    later: Expression | None
    polite: Expression | None
    joints: Expression | None
    reach: int


@dataclass(frozen=True, slots=True)
class Language:
    """The rules of one language. `spelling` mends the words that are often mistyped; `text` is the file, `source` its name; `version`
    changes with any change of the file.
    """

    code: str
    writing: Writing
    rules: tuple[Rule, ...]
    modifiers: Modifiers
    spelling: Spelling
    text: str
    source: str
    version: str


_LETTERS = re.compile(r"[^\W\d_]+")
_REACH = {Writing.SPACED: 45, Writing.PREFIXING: 40, Writing.UNSPACED: 14}

# Kinds that a person has to mean: "if you order", "shall I pay?" don't count fully. A rule may say otherwise.
_FIRM = frozenset({Kind.ORDER, Kind.PAYMENT, Kind.NOT_INTERESTED, Kind.POSITIVE_FEEDBACK, Kind.PERSONNEL_CHANGE,
                   Kind.QUOTE_SENT, Kind.SAMPLE_SENT, Kind.PROFORMA_SENT, Kind.SHIPMENT_SENT, Kind.COMPLAINT})  # fmt: skip


def load_language(path: Path) -> Language:
    """The rule file `path`.

    Raises RuleFileError naming file, line, key and what was expected.
    """
    return parse_language(path.read_text(encoding="utf-8"), str(path))


def parse_language(text: str, source: str) -> Language:
    """The rule file `text`; `source` names it in errors. Raises RuleFileError."""
    try:
        file = _File(**tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise RuleFileError(_("{file}: {error}").format(file=source, error=error)) from error
    except ValidationError as error:
        raise RuleFileError("\n".join(_told(source, text, problem) for problem in error.errors())) from error
    seen: set[str] = set()
    rules: list[Rule] = []
    for index, rule in enumerate(file.rule):
        if rule.id in seen:
            raise RuleFileError(_at(source, text, ("rule", index, "id"), f"the id {rule.id!r} stands twice"))
        seen.add(rule.id)
        rules.append(_ready(file, rule, source, text, index))
    try:
        modifiers = Modifiers(
            **{name: _any_of(getattr(file.modifiers, name), file) for name in _Modifiers.model_fields},
            reach=_REACH[file.writing],
        )
    except PatternError as error:
        raise RuleFileError(_at(source, text, ("modifiers",), str(error))) from error
    version = hashlib.sha256(text.encode()).hexdigest()[:12]
    spelling = Spelling(file.mistyped, known=_LETTERS.findall(text))
    return Language(file.language, file.writing, tuple(rules), modifiers, spelling, text, source, version)


def _ready(file: _File, rule: _Rule, source: str, text: str, index: int) -> Rule:
    kind: Kind | Trait = Kind(rule.kind) if rule.kind in set(Kind) else Trait(rule.kind)
    key = "any"
    try:
        phrases = tuple(compile_phrase(phrase, file.words, file.writing) for phrase in rule.any)
        patterns = {}
        for key in ("near", "unless", "unless_mail"):
            patterns[key] = _any_of(getattr(rule, key), file)
    except PatternError as error:
        raise RuleFileError(_at(source, text, ("rule", index, key), str(error))) from error
    return Rule(
        id=f"{file.language}.{rule.id}",
        language=file.language,
        kind=kind,
        weight=rule.weight,
        phrases=phrases,
        negatable=rule.negatable,
        firm=kind in _FIRM if rule.firm is None else rule.firm,
        subject=rule.subject,
        examples=rule.examples,
        counterexamples=rule.counterexamples,
        **patterns,
    )


def _any_of(phrases: Iterable[str], file: _File) -> Expression | None:
    return Expression.any_of(compile_neighbour(phrase, file.words, file.writing) for phrase in phrases)


def _told(source: str, text: str, problem: Mapping[str, Any]) -> str:
    return _at(source, text, problem["loc"], problem["msg"].removeprefix("Value error, "))


def _at(source: str, text: str, loc: tuple[str | int, ...], what: str) -> str:
    line = line_of(text, loc)
    key = ".".join(str(part + 1) if isinstance(part, int) else part for part in loc)
    return _("{file}, line {line}: {key}: {what}").format(file=source, line=line, key=key, what=what)
