"""Looks into one mail for signals by the rules in force, with our own products; the form in which reading processes take it along.

The rule files are read again when they have changed. A file of the person that can't be used is told of by `problem`; until it is
mended the last good rules hold, or those that are shipped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from inboxcrm import shipped
from inboxcrm.engagement.finder import Finder
from inboxcrm.engagement.rulebook import Rulebook, codes, rulebook
from inboxcrm.engagement.rules import RuleFileError, load_language
from inboxcrm.engagement.signals import Side, Signal
from inboxcrm.reading.language import detect
from inboxcrm.reading.reading import Reading

Find = Callable[[Reading, Side | None], Sequence[Signal]]
"""Finds the signals in a mail, told who wrote it."""


@dataclass(frozen=True, slots=True)
class Look:
    """The rules of the home folder `home` (None: those shipped), and our products: each name with the other ways to write it."""

    home: Path | None = None
    products: tuple[tuple[str, tuple[str, ...]], ...] = ()

    def __call__(self, reading: Reading, side: Side | None) -> Sequence[Signal]:
        """The signals in `reading`, as `Rulebook.signals_of` gives them, our products under their own names."""
        return self.current()(reading, side)

    def current(self) -> Find:
        """The look by the rules as they are now: for many mails, for it looks at the rule files' dates."""
        return self.by(in_force(self.home))

    def by(self, rules: Rulebook) -> Find:
        """The same look by other rules."""
        written = {way: name for name, ways in self.products for way in (name, *ways)}

        def find(reading: Reading, side: Side | None) -> Sequence[Signal]:
            signals = rules.signals_of(reading, side=side, products=tuple(written))
            return [_named(one, written) for one in signals] if written else signals

        return find

    def with_file(self, path: Path) -> Find:
        """The same look by the rules in force, with those of one language out of the rule file `path`. Raises RuleFileError."""
        now, changed = in_force(self.home), load_language(path)
        languages = (*(one for one in now.languages if one.code != changed.code), changed)
        return self.by(replace(now, languages=languages, finder=Finder(languages, detect)))

    def ready(self) -> None:
        """Loads the rules now, so that the first mail needn't wait."""
        in_force(self.home)


def in_force(home: Path | None) -> Rulebook:
    """The rules in force for the home folder."""
    return _kept(home).get()


def problem(home: Path | None) -> str:
    """What is wrong with the person's rule files, in words; "" when they are good. The rules must have been used before."""
    return _kept(home).error


@cache
def _kept(home: Path | None) -> shipped.InForce[Rulebook]:
    def paths() -> Iterable[Path]:
        return (shipped.find(home, "config", f"signals/{code}.toml") for code in codes(home))

    return shipped.InForce(paths, lambda: rulebook(home), instead=lambda: rulebook(None), mistakes=RuleFileError)


def _named(signal: Signal, names: dict[str, str]) -> Signal:
    products = tuple(dict.fromkeys(names[one] for one in signal.details.products))
    return replace(signal, details=replace(signal.details, products=products))
