"""Real bounces of many servers: the failed address and its kind, against labels read from the mails one by one."""

from __future__ import annotations

import tomllib
from pathlib import Path

from inboxcrm.reading import read
from inboxcrm.reading.addresses import normal

LABELS = tomllib.loads((Path(__file__).parents[2] / "corpus" / "bounce_labels.toml").read_text(encoding="utf-8"))


def test_every_bounce_has_a_label(corpora: Path) -> None:
    names = {path.stem for path in (corpora / "bounces").glob("*.eml")}
    assert names == {*LABELS["recipients"], *LABELS["others"]}


def test_the_failed_recipients_are_right_on_at_least_97_of_100_bounces(corpora: Path) -> None:
    wrong = {}
    for name, expected in LABELS["recipients"].items():
        bounce = read((corpora / "bounces" / f"{name}.eml").read_bytes()).bounce
        found = {normal(one.address): one.kind.value for one in bounce.recipients} if bounce else {}
        if {normal(address) for address in expected} != set(found):
            wrong[name] = found
    print(f"{len(LABELS['recipients']) - len(wrong)} of {len(LABELS['recipients'])} bounces name the right recipients")
    assert len(wrong) <= 0.03 * len(LABELS["recipients"]), wrong


def test_failures_are_hard_or_soft_as_their_codes_say(corpora: Path) -> None:
    wrong = {}
    for name, expected in LABELS["recipients"].items():
        bounce = read((corpora / "bounces" / f"{name}.eml").read_bytes()).bounce
        for one in bounce.recipients if bounce else ():
            if (kind := expected.get(normal(one.address))) and kind != one.kind.value:
                wrong[name] = (one.kind.value, one.reason)
    assert len(wrong) <= 0.03 * len(LABELS["recipients"]), wrong


def test_complaints_and_automatic_replies_are_no_bounces(corpora: Path) -> None:
    for name, expected in LABELS["others"].items():
        reading = read((corpora / "bounces" / f"{name}.eml").read_bytes())
        assert (reading.automatic or "", reading.bounce) == (expected, None), name


def test_most_bounces_that_return_our_mail_say_which(corpora: Path) -> None:
    found = [read((corpora / "bounces" / f"{name}.eml").read_bytes()).bounce for name in LABELS["recipients"]]
    assert sum(bool(bounce and bounce.original_message_id) for bounce in found) > 0.8 * len(found)
