"""The rule files `config/signals/<language>.toml`: read, checked with file, line and key in every error, and made ready.

One file a language; the words, the rules, and with each rule the examples that it must find and those that it must not.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from inboxcrm.engagement.index import Lexicon, Neighbours
from inboxcrm.engagement.patterns import Expression, Phrase, compile_neighbour, compile_phrase
from inboxcrm.engagement.signals import OUR_KINDS, Kind, Side, Trait
from inboxcrm.engagement.spelling import Spelling
from inboxcrm.engagement.vocabulary import PatternError, Vocabulary, Writing
from inboxcrm.errors import InboxcrmError
from inboxcrm.i18n import _
from inboxcrm.toml_lines import line_of


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
    asks: tuple[str, ...] = ()
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
    near: Neighbours | None
    unless: Neighbours | None
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
    makes a question a request; `asks` ("…, when will it …?") begins a question of its own behind what is stated. The words of `not_…`
    aren't what they look like ("not only", "if possible"). `joints` part clauses.
    """

    negation: Expression | None
    negation_after: Expression | None
    not_negation: Expression | None
    hypothetical: Expression | None
    not_hypothetical: Expression | None
    later: Expression | None
    polite: Expression | None
    asks: Expression | None
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
_Compiled = TypeVar("_Compiled", bound=Expression)
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
    reader = _Reader(file, source, text)
    rules = [reader.rule(index) for index in range(len(file.rule))]
    modifiers = Modifiers(
        **{name: reader.any_of(("modifiers", name), getattr(file.modifiers, name)) for name in _Modifiers.model_fields},
        reach=_REACH[file.writing],
    )
    if reader.faults:
        raise RuleFileError("\n".join(reader.faults))
    version = hashlib.sha256(text.encode()).hexdigest()[:12]
    spelling = Spelling(file.mistyped, known=_LETTERS.findall(text))
    return Language(file.language, file.writing, tuple(rules), modifiers, spelling, text, source, version)


class _Reader:
    """Makes the phrases of a file ready, and keeps what is wrong with them, so that all of it can be told at once."""

    def __init__(self, file: _File, source: str, text: str) -> None:
        self.faults: list[str] = []
        self._file = file
        self._source = source
        self._text = text
        self._seen: set[str] = set()
        examples = (example for rule in file.rule for example in (*rule.examples, *rule.counterexamples))
        self._vocabulary = Vocabulary(file.words, file.writing, examples)
        self._lexicon = Lexicon(file.writing)

    def rule(self, index: int) -> Rule:
        """The rule at `index` of the file; what can't be read of it is a fault and left out."""
        rule = self._file.rule[index]
        here: tuple[str | int, ...] = ("rule", index)
        if rule.id in self._seen:
            self._fault((*here, "id"), f"the id {rule.id!r} stands twice")
        self._seen.add(rule.id)
        kind: Kind | Trait = Kind(rule.kind) if rule.kind in set(Kind) else Trait(rule.kind)
        return Rule(
            id=f"{self._file.language}.{rule.id}",
            language=self._file.language,
            kind=kind,
            weight=rule.weight,
            phrases=tuple(self._read((*here, "any"), rule.any, compile_phrase)),
            near=self._neighbours((*here, "near"), rule.near),
            unless=self._neighbours((*here, "unless"), rule.unless),
            unless_mail=self.any_of((*here, "unless_mail"), rule.unless_mail),
            negatable=rule.negatable,
            firm=kind in _FIRM if rule.firm is None else rule.firm,
            subject=rule.subject,
            examples=rule.examples,
            counterexamples=rule.counterexamples,
        )

    def any_of(self, loc: tuple[str | int, ...], phrases: Iterable[str]) -> Expression | None:
        """What finds any of `phrases`, which stand at `loc` in the file."""
        found = Expression.any_of(self._read(loc, phrases, compile_neighbour))
        # Where words don't stand apart, no word tells what a sentence can't hold.
        return found if found is None or self._file.writing is Writing.SPACED else Expression(found.source)

    def _neighbours(self, loc: tuple[str | int, ...], phrases: Iterable[str]) -> Neighbours | None:
        read = list(self._read(loc, phrases, compile_neighbour))
        return Neighbours(read, self._lexicon) if read else None

    def _read(
        self, loc: tuple[str | int, ...], phrases: Iterable[str], compiled: Callable[..., _Compiled]
    ) -> Iterator[_Compiled]:
        for phrase in phrases:
            try:
                yield compiled(phrase, self._vocabulary)
            except PatternError as error:
                self._fault(loc, str(error))

    def _fault(self, loc: tuple[str | int, ...], what: str) -> None:
        self.faults.append(_at(self._source, self._text, loc, what))


def _told(source: str, text: str, problem: Mapping[str, Any]) -> str:
    return _at(source, text, problem["loc"], problem["msg"].removeprefix("Value error, "))


def _at(source: str, text: str, loc: tuple[str | int, ...], what: str) -> str:
    line = line_of(text, loc)
    key = ".".join(str(part + 1) if isinstance(part, int) else part for part in loc)
    return _("{file}, line {line}: {key}: {what}").format(file=source, line=line, key=key, what=what)
