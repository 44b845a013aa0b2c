"""What people decide about a grade: hold it fast for a time, let it go, take a change back, call one wrong."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, tzinfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from inboxcrm.errors import InboxcrmError
from inboxcrm.i18n import _
from inboxcrm.model import ChangedBy, Customer, Grade, GradeChange, GradePin


class GradeError(InboxcrmError):
    """A decision about a grade can't be carried out; the message says why."""


def pin(
    session: Session, customer: Customer, grade: Grade, *, reason: str, until: datetime | None, by: str, now: datetime
) -> GradePin:
    """Holds the grade of a customer fast, until `until` (None: until it is let go). Regrade the customer afterwards.

    Raises GradeError without a reason, or with an end that is past.
    """
    if not reason.strip():
        raise GradeError(_("Say why the grade shall stay, so that it can be understood later."))
    if until is not None and until <= now:
        raise GradeError(_("The end of the pin lies in the past; give a later day, or none."))
    held = session.merge(
        GradePin(customer_id=customer.id, grade=grade, reason=reason.strip(), until=until, by=by, at=now)
    )
    session.add(_change(customer, grade, ChangedBy.PIN, by, now, note=reason.strip()))
    session.flush()
    return held


def pin_of(session: Session, customer_id: int, now: datetime) -> GradePin | None:
    """How the grade of a customer is held just now; None when it follows the rules."""
    held = session.get(GradePin, customer_id)
    return held if held is not None and (held.until is None or held.until > now) else None


def unpin(session: Session, customer: Customer, *, now: datetime) -> bool:
    """Lets the grade of a customer follow the rules again, from now on; False when it wasn't held. Regrade the customer afterwards."""
    held = pin_of(session, customer.id, now)
    if held is None:
        return False
    held.until = now
    session.flush()
    return True


def undo(session: Session, change_id: int, *, by: str, now: datetime) -> GradeChange:
    """Takes the last change of a customer's grade back: the former grade holds again, and the rules go on from there.

    Raises GradeError when there is no such change, or when it isn't the last.
    """
    change = session.get(GradeChange, change_id)
    if change is None:
        raise GradeError(_("There is no such change of grade any more."))
    newest = session.scalar(
        select(GradeChange.id)
        .where(GradeChange.customer_id == change.customer_id)
        .order_by(GradeChange.at.desc(), GradeChange.id.desc())
        .limit(1)
    )
    if newest != change.id:
        raise GradeError(_("Only the last change of grade can be taken back."))
    customer = session.get_one(Customer, change.customer_id)
    unpin(session, customer, now=now)
    taken_back = _change(customer, change.from_grade, ChangedBy.UNDO, by, now, note="")
    session.add(taken_back)
    session.flush()
    return taken_back


def call_wrong(session: Session, change_id: int, *, now: datetime) -> GradeChange:
    """Notes that a person finds a change wrong. Raises GradeError when there is no such change."""
    change = session.get(GradeChange, change_id)
    if change is None:
        raise GradeError(_("There is no such change of grade any more."))
    change.wrong_at = now
    return change


def score(session: Session) -> tuple[int, int]:
    """How many changes the rules have made, and how many of them people called wrong or took back."""
    automatic = session.scalar(select(func.count()).where(GradeChange.changed_by == ChangedBy.RULES)) or 0
    wrong = session.scalar(select(func.count()).where(GradeChange.wrong_at.is_not(None))) or 0
    undone = session.scalar(select(func.count()).where(GradeChange.changed_by == ChangedBy.UNDO)) or 0
    return automatic, wrong + undone


def end_of(day: date, zone: tzinfo) -> datetime:
    """The last instant (aware UTC) of a day in `zone`: until then a grade is held that is held "until" that day."""
    return datetime.combine(day, time.max, zone).astimezone(UTC)


def _change(customer: Customer, grade: Grade, kind: ChangedBy, by: str, now: datetime, *, note: str) -> GradeChange:
    return GradeChange(
        customer_id=customer.id,
        at=now,
        from_grade=customer.grade,
        to_grade=grade,
        changed_by=kind,
        dimensions={},
        reasons=[],
        by=by,
        note=note,
    )
