"""What a person does with a draft: edit, approve, postpone, leave out, take back. One use case a function, in the caller's session.

It sends nothing: an approved draft goes from the outbox (`inboxcrm.followup.outbox`), not before its delay is over. Everything that
happens is written down with what was there before, so that one step takes it back.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from inboxcrm.customers.suppression import suppressed
from inboxcrm.errors import InboxcrmError
from inboxcrm.followup import unplanned
from inboxcrm.i18n import _
from inboxcrm.model import (
    AddressHealth,
    ContactAddress,
    Draft,
    DraftChange,
    DraftState,
    FollowUp,
    FollowUpState,
    SuppressionScope,
)
from inboxcrm.reading.addresses import domain_of, normal

WAITING = frozenset({DraftState.OPEN, DraftState.SNOOZED})
"""Waits for a person."""
STUCK = frozenset({DraftState.FAILED, DraftState.UNKNOWN})
"""Waits for a person because sending it went wrong."""
_STOPPABLE = WAITING | {DraftState.APPROVED, DraftState.FAILED}
"""Nothing has gone out yet, for certain."""
_MOST_RECIPIENTS = 50


class ReviewError(InboxcrmError):
    """A draft can't be changed so; the message says why and what to do."""


class What(StrEnum):
    """What happened to a draft."""

    EDIT = "edit"
    REDRAFT = "redraft"
    APPROVE = "approve"
    SNOOZE = "snooze"
    SKIP = "skip"
    WITHDRAW = "withdraw"
    TAKE_BACK = "take_back"
    SEND_AGAIN = "send_again"
    MARK_SENT = "mark_sent"
    UNDO = "undo"


def get(session: Session, draft_id: int) -> Draft:
    """The draft with this number. Raises ReviewError."""
    found = session.get(Draft, draft_id)
    if found is None:
        raise ReviewError(_("There is no draft with the number {id}.").format(id=draft_id))
    return found


def edit(
    session: Session,
    draft_id: int,
    *,
    now: datetime,
    by: str,
    subject: str | None = None,
    body: str | None = None,
    to: Sequence[Mapping[str, str]] | None = None,
    cc: Sequence[Mapping[str, str]] | None = None,
    bcc: Sequence[Mapping[str, str]] | None = None,
    attachments: Sequence[str] | None = None,
    keep_quoted: bool | None = None,
    quoted: str | None = None,
    revision: int | None = None,
) -> Draft:
    """Changes what would be sent; None leaves a field as it is, `keep_quoted=False` leaves the quoted history out. An approved draft
    comes back for review. `revision`: the one that the person looked at; another one meanwhile is refused.

    Recipients: [{"name", "address"}]. Raises ReviewError.
    """
    draft = _held(session, draft_id, WAITING | {DraftState.APPROVED, DraftState.FAILED})
    if revision is not None and revision != draft.revision:
        raise ReviewError(_("Somebody else has changed this draft meanwhile. Look at it again."))
    changes: dict[str, Any] = {}
    if subject is not None:
        changes["subject"] = _one_line(subject)
    if body is not None:
        changes["body"] = body.replace("\r\n", "\n").replace("\r", "\n")
    for field, people in (("to", to), ("cc", cc), ("bcc", bcc)):
        if people is not None:
            changes[field] = [_recipient(one) for one in people]
    if attachments is not None:
        changes["attachments"] = list(attachments)
    if quoted is not None or keep_quoted is False:
        changes["quoted"] = quoted or ""
    changes = {field: value for field, value in changes.items() if value != getattr(draft, field)}
    if not changes:
        return draft
    if draft.state in (DraftState.APPROVED, DraftState.FAILED):
        changes |= {"state": DraftState.OPEN, "send_at": None, "approved_at": None, "approved_by": "", "by_rule": False}
    _change(session, draft, What.EDIT, now, by, edited=True, revision=draft.revision + 1, error="", **changes)
    return draft


def approve(
    session: Session,
    draft_id: int,
    *,
    now: datetime,
    by: str,
    delay: timedelta,
    send_at: datetime | None = None,
    by_rule: bool = False,
) -> Draft:
    """It may go: at `send_at`, else now, but never before `delay`, in which it can be taken back. Raises ReviewError when something is
    missing or an address must not be written to.
    """
    draft = _held(session, draft_id, WAITING)
    _check(session, draft)
    earliest = now + delay
    _change(
        session,
        draft,
        What.APPROVE,
        now,
        by,
        state=DraftState.APPROVED,
        wake_at=None,
        approved_at=now,
        approved_by=by,
        by_rule=by_rule,
        send_at=max(send_at or earliest, earliest),
        error="",
    )
    return draft


def snooze(session: Session, draft_id: int, until: datetime, *, now: datetime, by: str) -> Draft:
    """It comes back for review at `until`. Raises ReviewError."""
    if until <= now:
        raise ReviewError(_("Choose a time that lies ahead."))
    draft = _held(session, draft_id, _STOPPABLE)
    _change(session, draft, What.SNOOZE, now, by, state=DraftState.SNOOZED, wake_at=until, send_at=None)
    return draft


def skip(session: Session, draft_id: int, *, now: datetime, by: str) -> Draft:
    """This step is left out; the next one is planned. Raises ReviewError."""
    draft = _held(session, draft_id, _STOPPABLE)
    _end(session, draft, What.SKIP, now, by, state=DraftState.SKIPPED, follow_up_state=FollowUpState.SKIPPED)
    return draft


def withdraw(session: Session, draft_id: int, why: str, *, now: datetime, by: str = "") -> bool:
    """The draft is overtaken. `why`: in words, kept on it. False when it has gone out, or may have, or was ended before."""
    draft = _locked(session, draft_id)
    if draft is None or draft.state not in _STOPPABLE:
        return False
    _end(
        session,
        draft,
        What.WITHDRAW,
        now,
        by,
        state=DraftState.WITHDRAWN,
        follow_up_state=FollowUpState.STOPPED,
        error=why,
    )
    return True


def take_back(session: Session, draft_id: int, *, now: datetime, by: str) -> Draft:
    """An approved draft waits for review again. Raises ReviewError when it is on its way already."""
    draft = _held(session, draft_id, {DraftState.APPROVED})
    _change(
        session,
        draft,
        What.TAKE_BACK,
        now,
        by,
        state=DraftState.OPEN,
        send_at=None,
        approved_at=None,
        approved_by="",
        by_rule=False,
    )
    return draft


def send_again(session: Session, draft_id: int, *, now: datetime, by: str, delay: timedelta) -> Draft:
    """A person decides that a mail which failed, or of which nobody knows whether it went, is to be sent (again); its Message-ID stays.

    Raises ReviewError.
    """
    draft = _held(session, draft_id, STUCK)
    _check(session, draft)
    _change(
        session,
        draft,
        What.SEND_AGAIN,
        now,
        by,
        state=DraftState.APPROVED,
        approved_at=now,
        approved_by=by,
        by_rule=False,
        send_at=now + delay,
        attempts=0,
        error="",
    )
    return draft


def mark_sent(session: Session, draft_id: int, *, now: datetime, by: str) -> Draft:
    """A person knows that a mail of which nobody else knows it did go out. Raises ReviewError."""
    draft = _held(session, draft_id, {DraftState.UNKNOWN})
    _end(
        session,
        draft,
        What.MARK_SENT,
        now,
        by,
        state=DraftState.SENT,
        follow_up_state=FollowUpState.DONE,
        sent_at=draft.sending_at or now,
    )
    return draft


def undo(session: Session, draft_id: int, *, now: datetime, by: str) -> Draft:
    """Takes the last thing back that happened to the draft, as long as it has not gone out. Raises ReviewError."""
    draft = _held(session, draft_id, _STOPPABLE | {DraftState.SKIPPED, DraftState.WITHDRAWN})
    last = next(iter(changes_of(session, draft_id)), None)
    if last is None or last.what == What.UNDO:
        raise ReviewError(_("There is nothing to take back."))
    before = _unpacked(last.before)
    ended = draft.state in (DraftState.SKIPPED, DraftState.WITHDRAWN)
    if before.get("state") is DraftState.APPROVED:  # what was to go then must not go by a step back
        before |= {"state": DraftState.OPEN, "send_at": None, "approved_at": None, "approved_by": "", "by_rule": False}
    if "revision" in before:
        before["revision"] = draft.revision + 1
    _change(session, draft, What.UNDO, now, by, **before)
    follow_up = _follow_up(session, draft)
    if ended and follow_up is not None:
        follow_up.state, follow_up.decided_at, follow_up.decided_by = FollowUpState.DRAFTED, None, ""
        session.flush()
        unplanned.mark(session, [draft.customer_id])
    return draft


def redraft(session: Session, draft_id: int, *, now: datetime, by: str, **changes: Any) -> Draft:
    """Another text from a template takes the place of the old one (`inboxcrm.followup.drafting.again` makes it). Raises ReviewError."""
    draft = _held(session, draft_id, WAITING)
    _change(session, draft, What.REDRAFT, now, by, revision=draft.revision + 1, edited=False, **changes)
    return draft


def changes_of(session: Session, draft_id: int) -> Sequence[DraftChange]:
    """What happened to a draft, newest first."""
    return session.scalars(
        select(DraftChange).where(DraftChange.draft_id == draft_id).order_by(DraftChange.id.desc())
    ).all()


def forbidden(session: Session, addresses: Collection[str]) -> dict[str, str]:
    """Those of the addresses (as written) that no mail must go to, each with the reason in words."""
    found = {
        address: _("{address} is blocked for all mail.").format(address=address)
        for address in suppressed(session, addresses, SuppressionScope.ALL)
    }
    by_normal = {normal(address): address for address in addresses}
    rows = session.execute(
        select(ContactAddress.address, ContactAddress.health).where(
            ContactAddress.address.in_(by_normal), ContactAddress.health != AddressHealth.OK
        )
    )
    for comparable, health in rows:
        address = by_normal[comparable]
        if health is AddressHealth.BOUNCING:
            words = _("Mail to {address} comes back. Choose another address, or clear it in the customer file.")
        else:
            words = _("{address} belongs to somebody who has left. Choose another address.")
        found.setdefault(address, words.format(address=address))
    return found


def _check(session: Session, draft: Draft) -> None:
    """Raises ReviewError for a draft that must not go out as it is."""
    recipients = [str(one["address"]) for one in (*draft.to, *draft.cc, *draft.bcc)]
    if not draft.to:
        raise ReviewError(_("The draft has no recipient. Write an address into To."))
    if len(recipients) > _MOST_RECIPIENTS:
        raise ReviewError(_("A personal mail goes to at most {most} addresses.").format(most=_MOST_RECIPIENTS))
    if not draft.subject.strip():
        raise ReviewError(_("The draft has no subject."))
    if not draft.body.strip():
        raise ReviewError(_("The draft has no text."))
    if refused := forbidden(session, recipients):
        raise ReviewError("\n".join(refused.values()))


def _held(session: Session, draft_id: int, states: Iterable[DraftState]) -> Draft:
    """The draft, locked until the end of the transaction, when it is in one of these states. Raises ReviewError."""
    draft = _locked(session, draft_id)
    if draft is None:
        raise ReviewError(_("There is no draft with the number {id}.").format(id=draft_id))
    if draft.state not in states:
        raise ReviewError(_NOT_SO[draft.state]())
    return draft


def _locked(session: Session, draft_id: int) -> Draft | None:
    session.flush()
    return session.get(Draft, draft_id, with_for_update=True, populate_existing=True)


_NOT_SO = {
    DraftState.OPEN: lambda: _("This draft waits for review."),
    DraftState.SNOOZED: lambda: _("This draft is postponed."),
    DraftState.APPROVED: lambda: _("This draft is approved already. Take it back first."),
    DraftState.SENDING: lambda: _("This mail is on its way; it can't be changed any more."),
    DraftState.SENT: lambda: _("This mail has been sent."),
    DraftState.FAILED: lambda: _("The server refused this mail. Edit it, or send it again."),
    DraftState.UNKNOWN: lambda: _("Nobody knows whether this mail went out. Say whether it did, or send it again."),
    DraftState.SKIPPED: lambda: _("This draft was left out. Undo that first."),
    DraftState.WITHDRAWN: lambda: _("This draft was withdrawn. Undo that first."),
}


def _end(
    session: Session,
    draft: Draft,
    what: What,
    now: datetime,
    by: str,
    *,
    state: DraftState,
    follow_up_state: FollowUpState,
    **changes: Any,
) -> None:
    _change(
        session, draft, what, now, by, state=state, wake_at=None, send_at=None, decided_at=now, decided_by=by, **changes
    )
    follow_up = _follow_up(session, draft)
    if follow_up is not None and follow_up.state in (FollowUpState.PLANNED, FollowUpState.DRAFTED):
        follow_up.state, follow_up.decided_at, follow_up.decided_by = follow_up_state, now, by
        session.flush()
    unplanned.mark(session, [draft.customer_id])


def _follow_up(session: Session, draft: Draft) -> FollowUp | None:
    return session.get(FollowUp, draft.follow_up_id) if draft.follow_up_id is not None else None


def _change(session: Session, draft: Draft, what: What, now: datetime, by: str, **changes: Any) -> None:
    before = {field: getattr(draft, field) for field in changes}
    for field, value in changes.items():
        setattr(draft, field, value)
    session.add(DraftChange(draft_id=draft.id, at=now, by=by, what=what.value, before=_packed(before)))
    session.flush()


def _packed(values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        field: {"at": value.isoformat()} if isinstance(value, datetime) else value for field, value in values.items()
    }


def _unpacked(values: Mapping[str, Any]) -> dict[str, Any]:
    def one(field: str, value: Any) -> Any:
        if isinstance(value, dict) and set(value) == {"at"}:
            return datetime.fromisoformat(value["at"])
        return DraftState(value) if field == "state" else value

    return {field: one(field, value) for field, value in values.items()}


def _one_line(text: str) -> str:
    if any(ord(letter) < 0x20 and letter != "\t" for letter in text):
        raise ReviewError(_("The subject must be one line."))
    return text.strip()


def _recipient(given: Mapping[str, str]) -> dict[str, str]:
    name, address = given.get("name", "").strip(), given.get("address", "").strip()
    if any(ord(letter) < 0x20 for letter in name + address):
        raise ReviewError(_("A name or address must be one line."))
    if " " in address or not domain_of(normal(address)):
        raise ReviewError(_("{address!r} is no mail address; write it like name@firm.example.").format(address=address))
    return {"name": name, "address": address}
