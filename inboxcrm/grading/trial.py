"""Other grading rules tried on all customers of the database: who would move, and how well either rules would have foretold orders."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from inboxcrm.grading.queries import InBase, timelines
from inboxcrm.grading.rules import GradingRules
from inboxcrm.grading.whatif import Foresight, Move, foresight, moves
from inboxcrm.model import Customer


@dataclass(frozen=True, slots=True)
class Trial:
    """What came out. `names`: of all customers, by number; `before`, `after`: foresight of the rules in force and of the others."""

    names: Mapping[int, str]
    moves: Sequence[Move]
    before: Sequence[Foresight]
    after: Sequence[Foresight]


def tried(session: Session, rules: GradingRules, other: GradingRules, in_base: InBase, now: datetime) -> Trial:
    """Tries `other` beside `rules`. Changes nothing."""
    rows = list(session.execute(select(Customer.id, Customer.name, Customer.grade)))
    grades = {row.id: row.grade for row in rows}
    ids = sorted(grades)
    return Trial(
        {row.id: row.name for row in rows},
        list(moves(timelines(session, ids, in_base), grades, other, now)),
        foresight(timelines(session, ids, in_base), rules, now),
        foresight(timelines(session, ids, in_base), other, now),
    )
