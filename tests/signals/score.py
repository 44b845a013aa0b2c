"""Prints how well the rules find the labelled signals, kind by kind, and every mail that they misjudge.

python -m tests.signals.score [LANGUAGE…] [--part develop|report|check] [--alone] [--without-opinion] [--side-unknown] [--quiet]

`--alone` applies only the language's own rules; else those of all languages whose file can be read.
"""

from __future__ import annotations

import argparse
import sys

from inboxcrm import shipped
from inboxcrm.engagement.finder import Finder
from inboxcrm.engagement.opinion import Opinion, second_opinion
from inboxcrm.engagement.rulebook import Rulebook, codes
from inboxcrm.engagement.rules import RuleFileError, load_language
from inboxcrm.engagement.signals import THRESHOLD, Kind
from inboxcrm.reading.language import detect
from tests.signals import labels


def main() -> None:
    """Prints the figures that were asked for."""
    parser = argparse.ArgumentParser(description="Scores the signal rules on the labelled mails.")
    parser.add_argument("languages", nargs="*", help="all that have labelled mails when none is named")
    parser.add_argument("--part", choices=labels.PARTS)
    parser.add_argument("--alone", action="store_true")
    parser.add_argument("--without-opinion", action="store_true", help="the rules by themselves")
    parser.add_argument("--side-unknown", action="store_true", help="the text must tell whose mail it is")
    parser.add_argument("--quiet", action="store_true", help="no misjudged mails")
    given = parser.parse_args()
    everything: list[labels.Outcome] = []
    for language in given.languages or labels.languages():
        opinion = None if given.without_opinion else second_opinion()
        rules = _rules([language] if given.alone else codes(), needed=language, opinion=opinion)
        outcomes = labels.judge(labels.load(language, given.part), rules, sides_told=not given.side_unknown)
        everything += outcomes
        if not given.quiet:
            _misjudged(outcomes)
        _table(language, outcomes)
    if len(given.languages) != 1:
        _table("all", everything)


def _rules(names: list[str], needed: str, opinion: Opinion | None = None) -> Rulebook:
    languages = []
    for name in names:
        try:
            languages.append(load_language(shipped.find(None, "config", f"signals/{name}.toml")))
        except RuleFileError as error:
            if name == needed:
                sys.exit(str(error))
            print(f"left out: {error}", file=sys.stderr)
    return Rulebook(tuple(languages), Finder(languages, detect), "", opinion)


def _misjudged(outcomes: list[labels.Outcome]) -> None:
    for one in outcomes:
        if one.right:
            continue
        missed = ", ".join(sorted(one.mail.signals - one.kinds))
        print(f"\n{one.mail.id} [{one.mail.side}] {one.mail.subject!r}\n  {one.mail.text}")
        if missed:
            print(f"  MISSED {missed}")
        for signal in one.found:
            sign = "false " if signal.confidence >= THRESHOLD and signal.kind not in one.mail.signals else ""
            print(f"  {sign}{signal.kind} {signal.confidence:.2f} {signal.rule} {signal.evidence!r}")


def _table(title: str, outcomes: list[labels.Outcome]) -> None:
    result = labels.score(outcomes)
    print(f"\n{title}: {len(outcomes)} mails, {sum(one.right for one in outcomes)} judged exactly right")
    print(f"{'':20} {'right':>6} {'false':>6} {'missed':>6} {'prec.':>6} {'recall':>6} {'F1':>6}")
    rows = [(kind.value, result.kinds[kind]) for kind in Kind if kind in result.kinds]
    for name, one in [*rows, ("all", result.all)]:
        print(
            f"{name:20} {one.right:6} {one.false:6} {one.missed:6} {one.precision:6.3f} {one.recall:6.3f} {one.f1:6.3f}"
        )


if __name__ == "__main__":
    main()
