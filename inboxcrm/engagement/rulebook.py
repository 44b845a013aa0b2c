"""The rules in force, from the shipped files and those that a user changed, and the signals that they find in a mail that was read.

A file `config/signals/<language>.toml` in the home folder stands in for the shipped one. Machines' mail holds no signals, quoted
history and signatures neither; what a mail passes on is not its sender's word.
"""

from __future__ import annotations

import gc
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from pathlib import Path

from inboxcrm import shipped
from inboxcrm.engagement.details import details
from inboxcrm.engagement.finder import Finder, Letter, pitching
from inboxcrm.engagement.named_products import interest
from inboxcrm.engagement.opinion import Opinion, second_opinion
from inboxcrm.engagement.rules import Language, load_language
from inboxcrm.engagement.signals import THRESHOLD, Kind, Side, Signal
from inboxcrm.reading.language import detect
from inboxcrm.reading.newtext import subject_kind
from inboxcrm.reading.reading import Reading

# A promise as sure as this only a seller gives; the rule files weigh what anybody promises less.
_SURELY_OURS = 0.93
_COLON = re.compile("[:：]")
# What is left of a finding's confidence that the mail's writer didn't write now: a forward without a word, an empty answer.
_NOT_SAID = 0.55


@dataclass(frozen=True, slots=True)
class Rulebook:
    """The rules of all languages. `version` changes with any change of any file."""

    languages: tuple[Language, ...]
    finder: Finder
    version: str
    opinion: Opinion | None = None
    """What is heard beside the rules."""

    def signals_of(self, reading: Reading, *, side: Side | None, products: Sequence[str] = ()) -> list[Signal]:
        """The signals in `reading`, the surest first; those below `THRESHOLD` are suggestions. Automatic mail has none.

        `side` says who wrote the mail; None: nobody knows (a file without an account), the text itself must tell. `products` are
        names to look for.
        """
        if reading.automatic is not None:
            return []
        subject, text, said = _said(reading)
        written = reading.date.date() if reading.date else None
        language = detect(text) if reading.forwarded else reading.language

        letter = Letter(subject, text, language, side or self.side_of(subject, text, language))
        beside = partial(details, products=products, written=written)
        signals = self.finder.find(letter, beside, self.opinion)
        named = interest(letter, signals, products, beside) if products else None
        if named and not pitching(self.finder.findings(letter)):
            signals = [named, *(one for one in signals if one.kind is not named.kind)]
        if not said:
            signals = [replace(one, confidence=one.confidence * _NOT_SAID) for one in signals]
        return [_placed(one, reading) for one in signals]

    def side_of(self, subject: str, text: str, language: str) -> Side:
        """Who wrote a mail, as far as its words tell. In doubt the customer: buyers, too, write "I will"."""
        theirs = Letter(subject, text, language, Side.CUSTOMER)
        if pitching(self.finder.findings(theirs)):
            return Side.CUSTOMER
        sure = {one.kind: one.confidence for one in self.finder.find(theirs)}
        ours = {one.kind: one.confidence for one in self.finder.find(replace(theirs, side=Side.US))}
        promised = ours.pop(Kind.PROMISE, 0)
        most = max(sure.values(), default=0)
        if max(ours.values(), default=0) > most or (promised >= _SURELY_OURS and most < THRESHOLD):
            return Side.US
        return Side.CUSTOMER


def rulebook(home: Path | None = None) -> Rulebook:
    """The rules in force for the home folder `home`; None: those that are shipped. Homes with the same files share what was read.

    Raises RuleFileError when a file can't be used.
    """
    files = [shipped.find(home, "config", f"signals/{code}.toml") for code in codes(home)]
    return _of(tuple((path, path.stat().st_mtime_ns, path.stat().st_size) for path in files))


@lru_cache(maxsize=2)
def _of(files: tuple[tuple[Path, int, int], ...]) -> Rulebook:
    """The rulebook of files as they were changed last, each with time in ns and size: to read them takes a second."""
    collecting = gc.isenabled()
    gc.disable()  # hundreds of thousands of objects that all stay: to look for rubbish among them takes a quarter of the time
    try:
        languages = tuple(load_language(path) for path, _, _ in files)
        opinion, versions = second_opinion(), [one.version for one in languages]
        version = hashlib.sha256(" ".join([*versions, opinion.version]).encode()).hexdigest()[:12]
        return Rulebook(languages, Finder(languages, detect), version, opinion)
    finally:
        if collecting:
            gc.enable()


def codes(home: Path | None = None) -> list[str]:
    """The languages that there are rules for, shipped or in the home folder, in alphabetical order."""
    folders = [shipped.shipped_folder("config") / "signals"]
    if home is not None:
        folders.append(home / "config" / "signals")
    return sorted({path.stem for folder in folders for path in folder.glob("*.toml")})


def signals_of(
    reading: Reading, *, side: Side | None, home: Path | None = None, products: Sequence[str] = ()
) -> list[Signal]:
    """The signals in `reading` by the rules in force for `home`; see `Rulebook.signals_of`. Raises RuleFileError."""
    return rulebook(home).signals_of(reading, side=side, products=products)


def _said(reading: Reading) -> tuple[str, str, bool]:
    """Subject and text that are looked at, and whether the mail's writer wrote them now.

    The subject of an answer is history, and speaks only where nothing else does; so does a mail that is passed on.
    """
    begins = not reading.in_reply_to and not reading.references and subject_kind(reading.subject) is None
    if reading.forwarded:
        return ("", reading.own_text, True) if reading.own_text.strip() else ("", reading.new_text, False)
    if reading.new_text.strip():
        return reading.subject if begins else "", reading.new_text, True
    subject = reading.subject
    while subject_kind(subject) is not None:
        subject = _COLON.split(subject, maxsplit=1)[1]
    return subject, "", begins


def _placed(signal: Signal, reading: Reading) -> Signal:
    """`signal` with its place in the whole new text."""
    if not reading.forwarded or signal.place != "text":
        return signal
    return replace(signal, start=max(reading.new_text.find(signal.evidence), 0))
