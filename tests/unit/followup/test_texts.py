"""Every shipped text in every language, filled in for one of whom all is known, the same one earlier, and one of whom nothing is.

What comes out is kept in `golden/` beside this file, to be read by people before it changes. After a change of a text:
`RENEW_GOLDEN=1 pytest tests/unit/followup/test_texts.py`, then read the difference.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from inboxcrm import shipped
from inboxcrm.followup.cadence import load
from inboxcrm.followup.samples import early, samples
from inboxcrm.followup.templates import GENERAL, Templates, Text
from inboxcrm.followup.turns import Had, pick
from inboxcrm.followup.variables import LANGUAGES

GOLDEN = Path(__file__).parent / "golden"
STAGES = (
    "new_inquiry quoted sample_sent sample_judged order_running after_delivery silent dormant fair_contact yearly_check"
).split()
REPEATED = {"sample_sent": 7, "quoted": 4, "silent": 4}
CLICHES = re.compile(
    r"(?i)hope (?:this|you)|finds you well|just (?:following|checking)|follow(?:ing)? up|touch(?:ing)? base|kindly|dear friend|"
    r"espero que|esper[ao] que .{0,20}bem|j'espère que|ich hoffe|spero che|надеюсь|أتمنى أن تكون|希望您一切"
)
TEMPLATES = Templates(None)
BY_HAND = ("first_answer", GENERAL)
ALL = [(name, language) for name in (*STAGES, *BY_HAND) for language in LANGUAGES]


def rendered(name: str, language: str) -> str:
    """All texts of a file with the samples that they are for."""
    parts = []
    for text in TEMPLATES.texts(name, language):
        for who, variables in samples(language).items():
            if not text.applies(variables):
                continue
            head = f"##### {text.variant}, {who}\nSubject: {text.subject_of(variables, language)}"
            parts.append(f"{head}\n\n{text.body_of(variables, language)}\n")
    return "\n".join(parts)


@pytest.mark.parametrize(("name", "language"), ALL)
def test_the_texts_are_those_that_were_read_and_found_good(name: str, language: str) -> None:
    path, now = GOLDEN / name / f"{language}.txt", rendered(name, language)
    if os.environ.get("RENEW_GOLDEN"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(now, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == now


@pytest.mark.parametrize(("name", "language"), ALL)
def test_each_stage_has_several_short_texts_without_cliches(name: str, language: str) -> None:
    texts = TEMPLATES.texts(name, language)
    assert len(texts) >= REPEATED.get(name, 2)
    bodies = [
        [one.body_of(variables, language) for one in texts if one.applies(variables)]
        for variables in samples(language).values()
    ]
    for read in bodies:
        assert len({body.partition("\n\n")[2] for body in read}) == len(read) >= 2, "two texts read the same"
        for body in read:
            lines = [line for line in body.split("\n") if line.strip()]
            assert 3 <= len(lines) <= 8, body
            assert len(body) <= 700, body
            assert not CLICHES.search(body), body
            assert not re.search(r" [,.?;:)]|\( |\(\)|  |,\.|None", body) or language == "fr", body


@pytest.mark.parametrize("name", STAGES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_each_step_has_its_text_and_the_first_differs_from_the_last(name: str, language: str) -> None:
    texts = TEMPLATES.texts(name, language)
    for step in range(1, len(texts) + 1):
        assert any(one.fits(step) for one in texts), step
    assert [one.variant for one in texts if one.fits(1)] != [one.variant for one in texts if one.fits(9)]


@pytest.mark.parametrize(("name", "language"), ALL)
def test_every_language_has_the_same_texts_for_the_same_steps(name: str, language: str) -> None:
    ours, english = TEMPLATES.texts(name, language), TEMPLATES.texts(name, "en")
    assert [_for(one) for one in ours] == [_for(one) for one in english]


def _for(text: Text) -> tuple[object, ...]:
    return (text.first, text.last, text.needs, text.unless)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_for_somebody(language: str) -> None:
    for name in (*STAGES, *BY_HAND):
        for text in TEMPLATES.texts(name, language):
            assert any(text.applies(variables) for variables in samples(language).values())


def test_every_step_of_the_shipped_cadence_has_a_text_of_its_own() -> None:
    cadence = load(shipped.shipped_folder("config") / "cadence.toml")
    for block in cadence.stages:
        mails = [number for number, step in enumerate(block.steps, 1) if step.action == "mail"]
        had: list[Had] = []
        for number in mails:
            texts = TEMPLATES.texts(block.steps[number - 1].template, "en")
            chosen = pick(texts, early("en"), "en", had, step=number, anchor=f"{block.stage}:1:2")
            had.append(Had(chosen.variant, f"{block.stage}:1:2", chosen.body))
        assert len({one.variant for one in had}) == len(mails)


def test_a_record_that_is_known_is_told(subtests: pytest.Subtests) -> None:
    for language in LANGUAGES:
        with subtests.test(language=language):
            assert "12" in rendered("quoted", language)
            assert "PO-2291" in rendered("order_running", language)
            assert "Canton Fair" in rendered("fair_contact", language)
