"""How far the business with a customer has come, from the records and from silence. Pure; what a person pinned is not asked here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from inboxcrm.engagement.record_rules import StatusRules
from inboxcrm.engagement.stages import FINISHED
from inboxcrm.model import RecordKind, Stage, Status

_DAYS_A_MONTH = 30.44


@dataclass(frozen=True, slots=True)
class Business:
    """One business record, as far as the status needs it."""

    kind: RecordKind
    stage: Stage
    opened_at: datetime
    changed_at: datetime


def status_of(
    records: Iterable[Business],
    last_in: datetime | None,
    told: Status | None,
    rules: StatusRules,
    at: datetime,
) -> Status | None:
    """The status at the instant `at`; None when nothing at all is known, so that what the file says stays.

    `last_in` is when the customer last wrote or spoke. `told` is what an import said: who was a customer of ours before the log
    begins has been won, whatever the log holds. All times aware UTC.
    """
    known = [one for one in records if one.opened_at <= at]
    if not known and last_in is None:
        return None
    orders = [one for one in known if one.kind is RecordKind.ORDER and one.stage is not Stage.CLOSED]
    last_order = max((one.opened_at for one in orders), default=None)
    won = last_order is not None and at - last_order <= timedelta(days=rules.won_months * _DAYS_A_MONTH)
    won = won or (told is Status.WON and not orders)

    heard = max((one for one in (last_in, *(one.changed_at for one in known)) if one is not None), default=at)
    silence = at - heard
    if silence > timedelta(days=rules.dormant_won_days if won else rules.dormant_days):
        return Status.DORMANT
    if won:
        return Status.WON
    under_way = any(one.stage not in FINISHED for one in known)
    if under_way or silence <= timedelta(days=rules.following_days):
        return Status.FOLLOWING
    return Status.PROSPECT
