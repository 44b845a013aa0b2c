"""Puts what a writer made of a draft into it, or says on the draft that the writer failed. The writer is asked between two
transactions: nobody waits for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from inboxcrm.followup.writer import Writer, WriterError
from inboxcrm.model import Draft, DraftChange, DraftState

POLISH = "polish"
"""`DraftChange.what` of a polished draft: undo brings the template's text back."""
NOT_POLISHED = "not_polished"
"""Kind of a reason on a draft: {"kind", "writer", "why"}."""
_WAITING = (DraftState.OPEN, DraftState.SNOOZED)


@dataclass(frozen=True, slots=True)
class Order:
    """What a writer is to polish: the text of a revision of a draft, without what stands `below` it (the signature)."""

    draft_id: int
    revision: int
    text: str
    below: str
    language: str


@dataclass(frozen=True, slots=True)
class Result:
    """What became of an order: the `text`, or why there is none."""

    order: Order
    writer: str
    text: str = ""
    why: str = ""


def order_of(draft: Draft, below: str) -> Order | None:
    """The order for a draft as it is now; None when there is nothing to polish. `below`: the signature that its body ends with."""
    text = draft.body.removesuffix(below).rstrip() if below else draft.body
    if not text.strip() or draft.edited or draft.polished_by or draft.state not in _WAITING:
        return None
    return Order(draft.id, draft.revision, text, draft.body[len(text) :], draft.language)


def carry_out(order: Order, writer: Writer) -> Result:
    """Asks the writer, which may take long. Never raises for what a writer does."""
    try:
        return Result(order, writer.name, text=writer.polish(order.text, order.language))
    except WriterError as error:
        return Result(order, writer.name, why=str(error))


def put_in(session: Session, result: Result, now: datetime) -> bool:
    """Takes a result over, unless the draft has changed meanwhile; True when it did.

    Polished, the draft says by whom. Otherwise its text stays, and its reasons say why.
    """
    draft = session.get(Draft, result.order.draft_id, with_for_update=True, populate_existing=True)
    if draft is None or draft.revision != result.order.revision or draft.state not in _WAITING:
        return False
    if result.why:
        others = [one for one in draft.reasons if one.get("kind") != NOT_POLISHED]
        draft.reasons = [*others, {"kind": NOT_POLISHED, "writer": result.writer, "why": result.why}]
        session.flush()
        return True
    before = {"body": draft.body, "polished_by": draft.polished_by, "revision": draft.revision}
    session.add(DraftChange(draft_id=draft.id, at=now, what=POLISH, before=before))
    draft.body = result.text + result.order.below
    draft.polished_by = result.writer
    draft.revision += 1
    session.flush()
    return True
