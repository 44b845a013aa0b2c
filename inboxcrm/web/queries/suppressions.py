"""What the page of suppressions shows: the rows, whose addresses they are, and what proves them, in words. It reads only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from inboxcrm.i18n import _
from inboxcrm.model import Contact, ContactAddress, Customer, Issue, Message, Suppression, SuppressionReason

_REQUESTS = ("one-click", "confirmed")


@dataclass(frozen=True, slots=True)
class Proof:
    """A piece of the proof, in words; `link`: where it can be seen."""

    text: str
    link: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """A suppression with its proof; `customers`: (id, name) of those whose contact has the address."""

    row: Suppression
    proof: Sequence[Proof]
    customers: Sequence[tuple[int, str]]


def counts(session: Session) -> dict[SuppressionReason, int]:
    """How many are in force, by reason."""
    rows = session.execute(
        select(Suppression.reason, func.count()).where(Suppression.lifted_at.is_(None)).group_by(Suppression.reason)
    )
    return {row[0]: row[1] for row in rows}


def suppressions(
    session: Session,
    *,
    text: str = "",
    reason: SuppressionReason | None = None,
    lifted: bool = False,
    limit: int = 50,
    offset: int = 0,
) -> list[Shown]:
    """Those in force, or those `lifted`, the newest first."""
    at = Suppression.lifted_at if lifted else Suppression.at
    asked = select(Suppression).where(Suppression.lifted_at.is_not(None) if lifted else Suppression.lifted_at.is_(None))
    if reason is not None:
        asked = asked.where(Suppression.reason == reason)
    if text.strip():
        asked = asked.where(Suppression.value.contains(text.strip().lower(), autoescape=True))
    rows = session.scalars(asked.order_by(at.desc(), Suppression.id.desc()).limit(limit).offset(offset)).all()
    owners = _owners(session, [one.value for one in rows])
    mails = set(
        session.scalars(select(Message.id).where(Message.id.in_(_numbers(one.proof.get("mail") for one in rows))))
    )
    named = select(Issue.id, Issue.name).where(Issue.id.in_(_numbers(one.proof.get("issue_id") for one in rows)))
    issues = {row[0]: row[1] for row in session.execute(named)}
    return [Shown(one, _proof(one, mails, issues), owners.get(one.value, ())) for one in rows]


def _proof(row: Suppression, mails: set[int], issues: Mapping[int, str]) -> list[Proof]:
    proof, said = row.proof, []
    evidence = str(proof.get("evidence", "") or "")
    status = str(proof.get("status", "") or "")
    if evidence or status:
        said.append(Proof(f"“{evidence if status in evidence else f'{status} {evidence}'.strip()}”"))
    if proof.get("request") in _REQUESTS:
        by_link = (
            _("by one click in the mail program") if proof["request"] == "one-click" else _("by the link in the mail")
        )
        client = str(proof.get("client", "") or "")
        said.append(Proof(_("{way}, from {client}").format(way=by_link, client=client) if client else by_link))
    if proof.get("mail") in mails:
        said.append(Proof(_("the mail that shows it"), f"/messages/{proof['mail']}"))
    elif proof.get("message_id"):
        said.append(Proof(_("mail {id}").format(id=proof["message_id"])))
    if proof.get("entry_id") and proof.get("customer_id"):
        entry, customer = proof["entry_id"], proof["customer_id"]
        said.append(Proof(_("the entry in the log"), f"/customers/{customer}?at={entry}#e{entry}"))
    if proof.get("issue_id"):
        name = issues.get(proof["issue_id"])
        said.append(
            Proof(_("newsletter “{name}”").format(name=name), f"/newsletters/{proof['issue_id']}")
            if name is not None
            else Proof(_("newsletter {id}, deleted since").format(id=proof["issue_id"]))
        )
    if proof.get("consent"):
        said.append(Proof(_("asked for mail again: {consent}").format(consent=proof["consent"])))
    if row.note:
        said.append(Proof(row.note))
    if row.by and row.reason is SuppressionReason.PERSON:
        said.append(Proof(_("by {name}").format(name=row.by)))
    return said


def _owners(session: Session, values: Sequence[str]) -> dict[str, list[tuple[int, str]]]:
    found: dict[str, list[tuple[int, str]]] = {}
    rows = session.execute(
        select(ContactAddress.address, Customer.id, Customer.name)
        .join(Contact, Contact.id == ContactAddress.contact_id)
        .join(Customer, Customer.id == Contact.customer_id)
        .where(ContactAddress.address.in_(values))
        .order_by(Customer.id)
    )
    for address, customer_id, name in rows:
        found.setdefault(address, []).append((customer_id, name))
    return found


def _numbers(some: Iterable[Any]) -> list[int]:
    return [one for one in some if isinstance(one, int)]
