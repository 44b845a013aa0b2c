"""Signals: what was found, and what people say of it: right, wrong, missed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query
from pydantic import BaseModel, Field
from sqlalchemy.orm import Session

from inboxcrm.engagement import corrections
from inboxcrm.engagement.signals import Kind
from inboxcrm.i18n import _
from inboxcrm.judging import judged
from inboxcrm.model import Direction, LogEntry, Signal, SignalState
from inboxcrm.model.database import looking
from inboxcrm.web import news
from inboxcrm.web.site import Looking, Site, TheSite, TheVisitor

router = APIRouter(tags=["signals"])

_NOT_THERE: dict[int | str, dict[str, Any]] = {404: {"description": "No such signal"}}


class SignalJson(BaseModel):
    """A signal in an entry of the log. `confidence` from 0 to 1; `rule` is "" when a person added it; `details` as far as said."""

    id: int
    customer_id: int
    customer: str
    entry_id: int
    at: datetime
    kind: Kind
    state: SignalState
    evidence: str
    confidence: float
    rule: str
    details: dict[str, Any]
    subject: str
    direction: Direction
    decided_by: str
    decided_at: datetime | None


class Missed(BaseModel):
    """A signal that the rules missed; `evidence` are words of the entry, as they stand there, or ""."""

    kind: Kind
    evidence: str = Field(default="", max_length=2000)


@router.get("/signals")
def list_signals(
    session: Looking,
    *,
    customer_id: Annotated[int | None, Query(ge=1, lt=2**63)] = None,
    state: Annotated[Sequence[SignalState], Query(description="any when left out")] = (),
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    offset: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
) -> list[SignalJson]:
    """Signals, newest first, of a customer or of all; those that are "suggested" wait for a yes or no."""
    found = corrections.shown(session, customer_id, states=state, limit=limit, offset=offset)
    return [SignalJson.model_validate(one.as_json()) for one in found]


@router.post("/signals/{signal_id}/confirm", responses=_NOT_THERE)
def confirm(site: TheSite, visitor: TheVisitor, signal_id: int) -> SignalJson | None:
    """Says that a signal is right: it counts, however unsure it was."""
    return _decided(
        site, signal_id, lambda session: corrections.confirm(session, signal_id, now=site.clock(), by=visitor.name)
    )


@router.post("/signals/{signal_id}/reject", responses=_NOT_THERE)
def reject(site: TheSite, visitor: TheVisitor, signal_id: int) -> SignalJson | None:
    """Says that a signal is wrong: it counts no more, and no rule brings it back. Null when a person had added it: it is gone."""
    return _decided(
        site, signal_id, lambda session: corrections.reject(session, signal_id, now=site.clock(), by=visitor.name)
    )


@router.post("/signals/{signal_id}/undo", responses=_NOT_THERE)
def undo(site: TheSite, signal_id: int) -> SignalJson | None:
    """Takes back what was said of a signal: the word of the rules holds again. Null when a person had added it: it is gone."""
    return _decided(site, signal_id, lambda session: corrections.undo(session, signal_id))


@router.post("/entries/{entry_id}/signals", status_code=201, responses={404: {"description": "No such entry"}})
def add(site: TheSite, visitor: TheVisitor, entry_id: int, missed: Missed) -> SignalJson:
    """Adds a signal that was missed in an entry; one that was found there already is confirmed."""
    with judged(site.engine, site.bench, site.clock) as session:
        if not 0 < entry_id < 2**63 or session.get(LogEntry, entry_id) is None:
            raise HTTPException(404, _("There is no such entry; perhaps it was moved or taken out."))
        added = corrections.add(
            session, entry_id, missed.kind, now=site.clock(), by=visitor.name, evidence=missed.evidence
        )
    news.changed(site.events, [added.customer_id])
    return _shown(site, added.id)[0]


def _decided(site: Site, signal_id: int, decide: Callable[[Session], object]) -> SignalJson | None:
    with judged(site.engine, site.bench, site.clock) as session:
        signal = session.get(Signal, signal_id) if 0 < signal_id < 2**63 else None
        if signal is None:
            raise HTTPException(404, _("There is no such signal any more."))
        customer_id = signal.customer_id
        decide(session)
    news.changed(site.events, [customer_id])
    return next(iter(_shown(site, signal_id)), None)


def _shown(site: Site, signal_id: int) -> list[SignalJson]:
    with looking(site.engine) as session:
        return [SignalJson.model_validate(one.as_json()) for one in corrections.of_ids(session, [signal_id])]
