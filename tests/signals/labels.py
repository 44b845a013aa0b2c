"""The labelled mails `tests/signals/<language>.toml`, and what the rules find in them.

[[mail]]
id = "en-017"
part = "develop"            # or "report": never looked at while rules are written, nor trained on; "check": the same, and nothing at
                            # all was chosen by them
side = "customer"           # or "us"
subject = "…"               # where the mail begins a conversation
text = "…"                  # what was newly written
signals = ["quote_request"] # none: []
note = "what is hard"
"""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from inboxcrm.engagement.finder import Letter
from inboxcrm.engagement.rulebook import Rulebook
from inboxcrm.engagement.signals import THRESHOLD, Kind, Side, Signal
from inboxcrm.reading.automatic import begins_as_auto_reply
from inboxcrm.reading.language import detect

FOLDER = Path(__file__).parent
PARTS = ("develop", "report", "check")


@dataclass(frozen=True, slots=True)
class Mail:
    """One labelled mail."""

    id: str
    part: str
    side: Side
    text: str
    signals: frozenset[Kind]
    subject: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the rules found in one mail: the signals that count, all of them, and the wanted kinds."""

    mail: Mail
    found: tuple[Signal, ...]

    @property
    def kinds(self) -> frozenset[Kind]:
        """The kinds that count."""
        return frozenset(one.kind for one in self.found if one.confidence >= THRESHOLD)

    @property
    def right(self) -> bool:
        """Whether exactly the wanted kinds were found."""
        return self.kinds == self.mail.signals


@dataclass(slots=True)
class Figures:
    """Right, false and missed findings, in all or of one kind."""

    right: int = 0
    false: int = 0
    missed: int = 0

    @property
    def precision(self) -> float:
        """Of what was found, how much is right; 1 when nothing was found."""
        return self.right / (self.right + self.false) if self.right + self.false else 1.0

    @property
    def recall(self) -> float:
        """Of what was to be found, how much was; 1 when nothing was to be found."""
        return self.right / (self.right + self.missed) if self.right + self.missed else 1.0

    @property
    def f1(self) -> float:
        """The harmonic mean of both."""
        total = 2 * self.right + self.false + self.missed
        return 2 * self.right / total if total else 1.0


@dataclass(slots=True)
class Score:
    """The figures of many mails."""

    kinds: dict[Kind, Figures] = field(default_factory=dict)

    @property
    def all(self) -> Figures:
        """All kinds together (micro average)."""
        total: Counter[str] = Counter()
        for one in self.kinds.values():
            total.update(right=one.right, false=one.false, missed=one.missed)
        return Figures(total["right"], total["false"], total["missed"])


def languages() -> list[str]:
    """The languages that have labelled mails."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


def load(language: str, part: str | None = None) -> list[Mail]:
    """The labelled mails of a language, of one part or of all. Raises ValueError naming the mail that is labelled wrongly."""
    path = FOLDER / f"{language}.toml"
    mails = []
    for row in tomllib.loads(path.read_text(encoding="utf-8"))["mail"]:
        try:
            mail = Mail(**{**row, "side": Side(row["side"]), "signals": frozenset(map(Kind, row["signals"]))})
        except (TypeError, ValueError, KeyError) as error:
            msg = f"{path}: mail {row.get('id')!r}: {error}"
            raise ValueError(msg) from error
        if mail.part not in PARTS:
            msg = f"{path}: mail {mail.id!r}: part is one of {', '.join(PARTS)}"
            raise ValueError(msg)
        mails.append(mail)
    return [mail for mail in mails if part in (None, mail.part)]


def judge(mails: Iterable[Mail], rules: Rulebook, *, sides_told: bool = True) -> list[Outcome]:
    """What `rules` find in `mails`; `sides_told`: they know whose mail it is."""
    outcomes = []
    for mail in mails:
        if begins_as_auto_reply(mail.subject):  # as `Rulebook.signals_of` does
            outcomes.append(Outcome(mail, ()))
            continue
        language = detect(mail.text)
        side = mail.side if sides_told else rules.side_of(mail.subject, mail.text, language)
        found = rules.finder.find(Letter(mail.subject, mail.text, language, side), opinion=rules.opinion)
        outcomes.append(Outcome(mail, tuple(found)))
    return outcomes


def score(outcomes: Iterable[Outcome]) -> Score:
    """The figures of `outcomes`."""
    result = Score()
    for one in outcomes:
        for kind in one.kinds | one.mail.signals:
            figures = result.kinds.setdefault(kind, Figures())
            if kind not in one.kinds:
                figures.missed += 1
            elif kind in one.mail.signals:
                figures.right += 1
            else:
                figures.false += 1
    return result
