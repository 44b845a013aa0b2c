"""How `inboxcrm grade` shows grades, their reasons and their changes, for people."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from inboxcrm.cli.context import print_json
from inboxcrm.i18n import _

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from inboxcrm.grading.assess import Assessment
    from inboxcrm.model import GradeChange


def say_counts(session: Session, *, json: bool) -> None:
    """Prints how many customers have which grade."""
    from sqlalchemy import select  # noqa: PLC0415

    from inboxcrm.cli.shown import say  # noqa: PLC0415  rich takes a moment to load
    from inboxcrm.model import Customer, Grade  # noqa: PLC0415

    counts = Counter(session.scalars(select(Customer.grade)))
    if json:
        print_json({grade.value: counts[grade] for grade in Grade})
        return
    for grade in Grade:
        say(f"{grade.value:<6} {counts[grade]:>6}")


def dimension_name(name: str) -> str:
    """The name of a dimension in the language of the context."""
    from inboxcrm.grading import words  # noqa: PLC0415

    return words.dimension(name)


def say_reasons(judged: Assessment, *, full: bool) -> None:
    """Prints the reasons, with their sentences when `full`, and what is not known."""
    from inboxcrm.cli.shown import say  # noqa: PLC0415
    from inboxcrm.grading import as_json, words  # noqa: PLC0415

    for one in as_json.reasons(judged):
        points = f"{one['points']:+.0f}" if one["points"] else "!"
        say(f"  {points:>4}  {one['text']}")
        if full and one["evidence"]:
            say(f"        “{' '.join(one['evidence'].split())}”")
    if judged.missing:
        say("  " + _("Not known: {what}.").format(what=", ".join(words.missing(one) for one in judged.missing)))


def because(change: GradeChange) -> str:
    """Why a grade changed, in one line."""
    from inboxcrm.grading import words  # noqa: PLC0415

    said = (
        change.note
        or "; ".join(
            words.reason(one)
            for one in words.telling(change.reasons, change.from_grade, change.to_grade)
            if change.reasons
        )
        or _("set by a person")
    )
    return f"{said} ({change.by})" if change.by else said
