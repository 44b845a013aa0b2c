"""Grades, their reasons and their changes for other programs: one shape for the command line and the API. Add to it, never rename."""

from __future__ import annotations

from typing import Any

from inboxcrm.grading import words
from inboxcrm.grading.assess import Assessment
from inboxcrm.grading.regrade import dimensions_json, reasons_json
from inboxcrm.grading.trial import Trial
from inboxcrm.grading.whatif import Foresight
from inboxcrm.model import Customer, Grade, GradeChange


def grade(customer: Customer, head: Any, grade: Grade, judged: Assessment) -> dict[str, Any]:
    """A judgement; `head` says who the customer is."""
    return {
        "customer": head,
        "grade": grade.value,
        "status": customer.status.value,
        "dimensions": dimensions_json(judged),
        "reasons": reasons(judged),
        "missing": list(judged.missing),
        "rules_version": judged.rules_version,
        "at": judged.at.isoformat(),
    }


def reasons(judged: Assessment) -> list[dict[str, Any]]:
    """Floors, ceilings and reasons in words, each with its points, its sentence and its log entry."""
    return [_reason(one) for one in reasons_json(judged)]


def change(row: GradeChange) -> dict[str, Any]:
    """One change of grade, as it was then."""
    return {
        "id": row.id,
        "at": row.at.isoformat(),
        "from": row.from_grade.value,
        "to": row.to_grade.value,
        "changed_by": row.changed_by.value,
        "by": row.by,
        "note": row.note,
        "dimensions": row.dimensions,
        "reasons": [_reason(one) for one in row.reasons],
        "rules_version": row.rules_version,
        "wrong": row.wrong_at is not None,
    }


def foresight(one: Foresight) -> dict[str, Any]:
    """How well one grade foretold orders."""
    return {
        "grade": one.grade.value,
        "looks": one.looks,
        "ordered": one.ordered,
        "precision": round(one.precision, 3),
        "lift": one.lift and round(one.lift, 2),
    }


def trial(found: Trial) -> dict[str, Any]:
    """What other rules would do."""
    return {
        "moves": [
            {
                "customer": found.names[one.customer_id],
                "customer_id": one.customer_id,
                "from": one.now.value,
                "to": one.then.value,
                "reasons": reasons(one.judged),
            }
            for one in found.moves
        ],
        "foresight": {
            "now": [foresight(one) for one in found.before],
            "then": [foresight(one) for one in found.after],
        },
    }


def _reason(kept: dict[str, Any]) -> dict[str, Any]:
    return {
        "text": words.reason(kept),
        "dimension": kept["dimension"],
        "points": kept["points"],
        "evidence": kept["evidence"],
        "entry": kept["entry_id"] or None,
    }
