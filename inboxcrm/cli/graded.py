"""How `inboxcrm grade` shows grades, their reasons and their changes, for people and as JSON."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from inboxcrm.cli.context import print_json
from inboxcrm.i18n import _

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from inboxcrm.grading.assess import Assessment
    from inboxcrm.grading.whatif import Foresight
    from inboxcrm.model import Customer, Grade, GradeChange


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


def grade_json(customer: Customer, grade: Grade, judged: Assessment) -> dict[str, Any]:
    """A judgement as other programs get it; add to it, never rename in it."""
    from inboxcrm.cli.shown import customer_json  # noqa: PLC0415
    from inboxcrm.grading.regrade import dimensions_json  # noqa: PLC0415

    return {
        "customer": customer_json(customer),
        "grade": grade.value,
        "status": customer.status.value,
        "dimensions": dimensions_json(judged),
        "reasons": reasons_of(judged),
        "missing": list(judged.missing),
        "rules_version": judged.rules_version,
        "at": judged.at.isoformat(),
    }


def reasons_of(judged: Assessment) -> list[dict[str, Any]]:
    """Floors, ceilings and reasons in words, each with its points, its sentence and its log entry."""
    from inboxcrm.grading import words  # noqa: PLC0415
    from inboxcrm.grading.regrade import reasons_json  # noqa: PLC0415

    return [
        {
            "text": words.reason(one),
            "dimension": one["dimension"],
            "points": one["points"],
            "evidence": one["evidence"],
            "entry": one["entry_id"] or None,
        }
        for one in reasons_json(judged)
    ]


def dimension_name(name: str) -> str:
    """The name of a dimension in the language of the context."""
    from inboxcrm.grading import words  # noqa: PLC0415

    return words.dimension(name)


def say_reasons(judged: Assessment, *, full: bool) -> None:
    """Prints the reasons, with their sentences when `full`, and what is not known."""
    from inboxcrm.cli.shown import say  # noqa: PLC0415
    from inboxcrm.grading import words  # noqa: PLC0415

    for one in reasons_of(judged):
        points = f"{one['points']:+.0f}" if one["points"] else "!"
        say(f"  {points:>4}  {one['text']}")
        if full and one["evidence"]:
            say(f"        “{' '.join(one['evidence'].split())}”")
    if judged.missing:
        say("  " + _("Not known: {what}.").format(what=", ".join(words.missing(one) for one in judged.missing)))


def because(change: GradeChange) -> str:
    """Why a grade changed, in one line."""
    from inboxcrm.grading import words  # noqa: PLC0415

    said = change.note or "; ".join(words.reason(one) for one in change.reasons[:2]) or _("set by a person")
    return f"{said} ({change.by})" if change.by else said


def change_json(change: GradeChange) -> dict[str, Any]:
    """One change as other programs get it."""
    from inboxcrm.grading import words  # noqa: PLC0415

    return {
        "id": change.id,
        "at": change.at.isoformat(),
        "from": change.from_grade.value,
        "to": change.to_grade.value,
        "changed_by": change.changed_by.value,
        "by": change.by,
        "note": change.note,
        "dimensions": change.dimensions,
        "reasons": [
            {
                "text": words.reason(one),
                "dimension": one["dimension"],
                "points": one["points"],
                "evidence": one["evidence"],
            }
            for one in change.reasons
        ],
        "rules_version": change.rules_version,
        "wrong": change.wrong_at is not None,
    }


def foresight_json(one: Foresight) -> dict[str, Any]:
    """One grade's foresight as other programs get it."""
    return {
        "grade": one.grade.value,
        "looks": one.looks,
        "ordered": one.ordered,
        "precision": round(one.precision, 3),
        "lift": one.lift and round(one.lift, 2),
    }
