"""Addresses and domains that mail must not go to. What is kept here belongs to the address: no import and no deletion of a customer
changes it, and nobody can take a request to stop back in somebody else's name.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from inboxcrm.errors import InboxcrmError
from inboxcrm.i18n import _
from inboxcrm.matching.domains import is_shared
from inboxcrm.matching.lookup import chunks
from inboxcrm.model import Suppression, SuppressionKind, SuppressionReason, SuppressionScope
from inboxcrm.reading.addresses import domain_of, normal

FOR_GOOD = frozenset({SuppressionReason.LEFT, SuppressionReason.ASKED, SuppressionReason.COMPLAINT})
"""Taken off only with a proof that the person wants mail again."""

_FEW = 200
"""So many names, or suppressions, are few."""

BOUNCES = (SuppressionReason.HARD_BOUNCE, SuppressionReason.SOFT_BOUNCES)
"""Taken off when a person says that mail arrives again."""


class SuppressionError(InboxcrmError):
    """A suppression can't be set or taken off so; the message says why and what to do."""


def suppress(
    session: Session,
    value: str,
    *,
    reason: SuppressionReason,
    now: datetime,
    scope: SuppressionScope = SuppressionScope.BULK,
    kind: SuppressionKind = SuppressionKind.ADDRESS,
    proof: Mapping[str, Any] | None = None,
    by: str = "",
    note: str = "",
) -> Suppression:
    """No such mail to this address or domain from now on. The same reason again changes nothing: the first proof stays.

    `proof`: what shows it, such as {"message_id": …, "evidence": …}. Raises SuppressionError for what is no address or domain, and
    for the domain of a mail provider.
    """
    value = _comparable(kind, value)
    there = session.scalars(
        select(Suppression).where(
            Suppression.value == value,
            Suppression.kind == kind,
            Suppression.scope == scope,
            Suppression.reason == reason,
            Suppression.lifted_at.is_(None),
        )
    ).first()
    if there is not None:
        return there
    made = Suppression(
        kind=kind, value=value, scope=scope, reason=reason, proof=dict(proof or {}), at=now, by=by, note=note
    )
    session.add(made)
    session.flush()
    return made


def suppressed(session: Session, addresses: Iterable[str], scope: SuppressionScope) -> dict[str, Suppression]:
    """Those of the addresses that mail of this scope must not go to, each with the oldest suppression that says so.

    For BULK, what is suppressed for ALL counts too. A domain covers its subdomains. The keys are the addresses as given.
    """
    given = {address: normal(address) for address in addresses}
    names: dict[str, list[str]] = {}
    for address, comparable in given.items():
        for name in (comparable, *_domains(comparable)):
            names.setdefault(name, []).append(address)
    scopes = [SuppressionScope.ALL] if scope is SuppressionScope.ALL else list(SuppressionScope)
    active = (
        select(Suppression)
        .where(Suppression.scope.in_(scopes), Suppression.lifted_at.is_(None))
        .order_by(Suppression.at, Suppression.id)
    )
    found: dict[str, Suppression] = {}
    for row in _among(session, active, names):
        for address in names[row.value]:
            if (row.kind is SuppressionKind.ADDRESS) == (row.value == given[address]):
                found.setdefault(address, row)
    return found


def _among(session: Session, active: Select[Suppression], names: Collection[str]) -> Iterator[Suppression]:
    """Those about one of the names. Where these are many and the suppressions few, it is quicker to read them all."""
    if len(names) > _FEW:
        rows = session.scalars(active.limit(_FEW + 1)).all()
        if len(rows) <= _FEW:
            yield from (row for row in rows if row.value in names)
            return
    for some in chunks(names):
        yield from session.scalars(active.where(Suppression.value.in_(some)))


def checked(session: Session, address: str) -> dict[SuppressionScope, Suppression | None]:
    """What stands against newsletters (BULK) and against all mail (ALL) to an address. Raises SuppressionError for what is none."""
    value = _comparable(SuppressionKind.ADDRESS, address)
    return {scope: suppressed(session, [value], scope).get(value) for scope in SuppressionScope}


def lift(session: Session, suppression_id: int, *, now: datetime, by: str, consent: str = "") -> Suppression:
    """Takes a suppression off, in the name of the person `by`. Where somebody asked to stop or complained, `consent` must say how they
    asked for mail again; it is kept with the proof.

    Raises SuppressionError.
    """
    found = session.get(Suppression, suppression_id)
    if found is None:
        raise SuppressionError(_("There is no suppression with the number {id}.").format(id=suppression_id))
    if found.reason in FOR_GOOD and not consent.strip():
        message = _("{value} asked for no more mail. Say where and when they asked for it again, or leave it as it is.")
        raise SuppressionError(message.format(value=found.value))
    if found.lifted_at is None:
        found.lifted_at, found.lifted_by = now, by
        if consent.strip():
            found.proof = {**found.proof, "consent": consent.strip()}
        session.flush()
    return found


def restore(session: Session, suppression_id: int) -> Suppression:
    """A suppression that was taken off is in force again, as it was. Raises SuppressionError."""
    found = session.get(Suppression, suppression_id)
    if found is None:
        raise SuppressionError(_("There is no suppression with the number {id}.").format(id=suppression_id))
    found.lifted_at, found.lifted_by = None, ""
    found.proof = {name: value for name, value in found.proof.items() if name != "consent"}
    session.flush()
    return found


def lift_bounces(session: Session, address: str, *, now: datetime, by: str) -> None:
    """A person says that mail to the address (comparison form) arrives again: it is suppressed no more for having come back."""
    found = session.scalars(
        select(Suppression).where(
            Suppression.value == address, Suppression.reason.in_(BOUNCES), Suppression.lifted_at.is_(None)
        )
    )
    for one in found:
        lift(session, one.id, now=now, by=by)


def _comparable(kind: SuppressionKind, value: str) -> str:
    value = value.strip()
    if kind is SuppressionKind.ADDRESS:
        if not domain_of(normal(value)):
            raise SuppressionError(
                _("{value!r} is no mail address; write it like name@firm.example.").format(value=value)
            )
        return normal(value)
    domain = domain_of(normal("x@" + value.removeprefix("@")))
    if "." not in domain:
        raise SuppressionError(_("{value!r} is no domain; write it like firm.example.").format(value=value))
    if is_shared(domain):
        message = _(
            "{domain} belongs to a mail provider: many firms have their addresses there. Name single addresses."
        )
        raise SuppressionError(message.format(domain=domain))
    return domain


def _domains(address: str) -> Collection[str]:
    """The domain of an address and those above it, without the top-level one."""
    labels = domain_of(address).split(".")
    return [".".join(labels[start:]) for start in range(len(labels) - 1)]
