"""The written conversations of the demo, by language: which steps they have, who writes and how long after the step before.

Only reading and choosing; putting a story to a customer is the matter of `inboxcrm.demo.conversation`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from inboxcrm.demo.cast import Company, content

LANGUAGES = ("en", "es", "fr", "de", "pt", "ru", "ar", "it", "zh", "ja", "tr", "pl")
"""The languages that stories are written in, each a file stories/<language>.toml."""

_NOTE_PROGRAMS = {"iphone", "gmail", "apple", "qq", "mailru"}


@dataclass(frozen=True, slots=True)
class Step:
    """One mail of a story.

    `by`: "them", "them2" (their second person), "colleague" (somebody there whom the file doesn't know), "forwarder" or "us".
    `after`: days since the step before. `bare`: no greeting, no signature, as from a telephone. `inline`: answers that stand
    between the quoted paragraphs of the mail before. `subject`: begins a new thread. `language`: where it isn't the story's.
    """

    by: str
    text: str
    after: float = 0.0
    bare: bool = False
    attach: str = ""
    inline: tuple[str, ...] = ()
    subject: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class Story:
    """One conversation. `kind` is what it is about: inquiry, sample, order, reorder, complaint, chat, lost or revive."""

    key: str
    language: str
    kind: str
    subject: str
    steps: tuple[Step, ...]

    @property
    def days(self) -> float:
        """How long it takes from the first mail to the last."""
        return sum(step.after for step in self.steps)

    @property
    def two_products(self) -> bool:
        """Whether it is about two articles; then the amount is that of both."""
        return any("{p2}" in step.text for step in self.steps)

    def fits(self, company: Company) -> bool:
        """Whether the company has the people that write in it; and writes short notes, where it begins with one."""
        if self.steps[0].bare and company.mail_program not in _NOTE_PROGRAMS:
            return False
        writers = {step.by for step in self.steps}
        return not (
            ("colleague" in writers and company.unknown is None) or ("them2" in writers and len(company.people) < 2)
        )


@cache
def stories(language: str) -> tuple[Story, ...]:
    """All stories of one of `LANGUAGES`, in the order of the file."""
    return tuple(
        _story(f"{language}-{number}", language, entry)
        for number, entry in enumerate(content(f"stories/{language}.toml")["story"], 1)
    )


def _story(key: str, language: str, entry: dict[str, Any]) -> Story:
    steps = tuple(
        Step(**{**step, "text": step["text"].strip(), "inline": tuple(step.get("inline", ()))})
        for step in entry["mail"]
    )
    return Story(key, language, entry["kind"], entry["subject"], steps)


def choose(company: Company, kind: str, used: dict[str, int]) -> Story:
    """The story of this kind for this company that was told the least so far; counts it in `used`.

    In the company's language where there is one, else in English. A story with an unknown colleague is preferred where the
    company has one.
    """
    fitting = [
        story
        for language in (company.language, "en")
        for story in stories(language)
        if story.kind == kind and story.fits(company)
    ]
    own = [story for story in fitting if story.language == company.language]
    candidates = own or fitting
    if company.unknown is not None:
        candidates = [one for one in candidates if any(step.by == "colleague" for step in one.steps)] or candidates
    chosen = min(candidates, key=lambda story: used.get(story.key, 0))
    used[chosen.key] = used.get(chosen.key, 0) + 1
    return chosen
