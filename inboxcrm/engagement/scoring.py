"""How right the rules are by what people said: each confirmed, rejected or added signal is a labelled example. It changes nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from inboxcrm.engagement.log import DECIDED
from inboxcrm.engagement.look import Find
from inboxcrm.engagement.rereading import KEPT, found_in
from inboxcrm.engagement.signals import Kind
from inboxcrm.matching.lookup import chunks
from inboxcrm.model import LogEntry, Message, Signal, SignalState, TextState


@dataclass(slots=True)
class Score:
    """One kind: how many signals people call right and the rules count (`right`), wrong and still counted, right and not counted."""

    right: int = 0
    wrong: int = 0
    missed: int = 0

    @property
    def precision(self) -> float | None:
        """The share of what the rules count that is right; None when they count nothing."""
        counted = self.right + self.wrong
        return self.right / counted if counted else None

    @property
    def recall(self) -> float | None:
        """The share of what is there that the rules count; None when nothing is there."""
        there = self.right + self.missed
        return self.right / there if there else None

    def as_json(self) -> dict[str, Any]:
        """The public form."""
        return {
            "right": self.right,
            "wrong": self.wrong,
            "missed": self.missed,
            "precision": None if self.precision is None else round(self.precision, 3),
            "recall": None if self.recall is None else round(self.recall, 3),
        }


def scores(session: Session, find: Find, threshold: float) -> dict[Kind, Score]:
    """Kind → how the rules that `find` stands for do on the mails about which people said something. What stands in a call or
    a visit is no example: no rule reads those.
    """
    labels: dict[int, dict[Kind, bool]] = defaultdict(dict)
    for message, kind, state in session.execute(
        select(LogEntry.message_id, Signal.kind, Signal.state)
        .join(LogEntry, LogEntry.id == Signal.entry_id)
        .where(Signal.state.in_(DECIDED), LogEntry.message_id.is_not(None))
    ):
        labels[message or 0][Kind(kind)] = state is not SignalState.REJECTED
    found: dict[Kind, Score] = defaultdict(Score)
    for some in chunks(labels):
        rows: Sequence[Any] = session.execute(
            select(*KEPT).where(Message.id.in_(some), Message.text_state == TextState.PRESENT)
        ).all()
        for row in rows:
            counted = {one.kind for one in found_in(row, find) if one.confidence >= threshold}
            for kind, is_right in labels[row.id].items():
                score = found[kind]
                score.right += is_right and kind in counted
                score.missed += is_right and kind not in counted
                score.wrong += not is_right and kind in counted
    return dict(sorted(found.items()))
