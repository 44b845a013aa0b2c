"""Whose turn is next in the newsletters of one account, as mails: who is due, within the pace, in the working hours of his place.

It reads and renders; it writes nothing. Who has to wait, and whose mail can't be made, stands in the `Batch` for the next transaction.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from sqlalchemy.orm import Session

from inboxcrm.errors import InboxcrmError
from inboxcrm.followup import outbox as follow_ups
from inboxcrm.followup.calendar import Calendar
from inboxcrm.followup.composing import wire_address
from inboxcrm.followup.places import Place
from inboxcrm.i18n import _
from inboxcrm.mailbox.throttle import Throttle
from inboxcrm.model import Issue
from inboxcrm.model.database import looking
from inboxcrm.newsletter import mailing, outbox
from inboxcrm.newsletter.addressees import Addressee, addressees
from inboxcrm.newsletter.candidates import Selection, still_in
from inboxcrm.newsletter.composing import Composer
from inboxcrm.newsletter.outbox import Queued
from inboxcrm.newsletter.pacing import Pace
from inboxcrm.newsletter.press import Press
from inboxcrm.newsletter.whereabouts import places
from inboxcrm.reading.addresses import domain_of
from inboxcrm.service.batch import Desk
from inboxcrm.service.handing import Mail
from inboxcrm.service.taking import Store

log = structlog.get_logger(__name__)

_PORTION = 1_000
"""Recipients that are in memory together."""
_COUNT_AGAIN = timedelta(seconds=30)
"""How often the follow-ups of the day are counted."""


@dataclass(slots=True)
class Batch:
    """`mails` of one issue that may go now. `put_off`: recipients that wait, and until when; `unmade`: whose mail can't be made, and
    why.
    """

    issue_id: int = 0
    selection: Selection | None = None
    mails: list[Mail] = field(default_factory=list)
    put_off: dict[int, datetime] = field(default_factory=dict)
    unmade: dict[int, str] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to do or to write."""
        return not (self.mails or self.put_off or self.unmade)

    def left_out(self, session: Session, recipients: Sequence[Queued], now: datetime) -> dict[int, tuple[str, ...]]:
        """Which of these recipients may not get it any more, and why: asked once more at the moment of sending."""
        return still_in(session, self.selection, recipients, now) if self.selection is not None else {}


@dataclass(frozen=True, slots=True)
class _Waiting:
    recipient: Queued
    addressee: Addressee
    place: Place | None
    """Where he works, if he gets it in his working hours: it may be hours until the pace lets it go."""


class NextMails:
    """Of one account; it belongs to one thread."""

    def __init__(self, store: Store, desk: Desk, press: Callable[[], Press], pace: Pace, throttle: Throttle) -> None:
        """`throttle`: shared with the follow-ups of the account."""
        self._store, self._desk, self._press = store, desk, press
        self._pace, self._throttle = pace, throttle
        self._composers: dict[int, tuple[Composer, Selection]] = {}
        self._waiting: deque[_Waiting] = deque()
        self._filled_at = store.clock()
        self._calendar: Calendar | None = None
        self.issue_id = 0
        """The issue that is going out."""
        self._others = (datetime.min.replace(tzinfo=store.clock().tzinfo), 0)

    def forget(self) -> None:
        """The issues or their recipients have changed: nobody waits in memory."""
        self._waiting.clear()

    def is_anybody_due(self, now: datetime) -> bool:
        """Whether anybody's turn has come. Raises IssueTextError, LayoutError, FileError or NoAccountError when no mail of the issue
        (`issue_id`) can be made at all.
        """
        if now < self._filled_at:  # the clock was set back: what was reckoned by it isn't true
            self.forget()
        if not self._waiting:
            self._refill(now)
            self._filled_at = now
        return bool(self._waiting)

    def next_batch(self, most: int, now: datetime) -> Batch:
        """Up to `most` mails that may go now; each of them counts from now on, for the pace of the account.

        Raises as `is_anybody_due`.
        """
        if not self.is_anybody_due(now):
            return Batch()
        batch = Batch(self.issue_id)
        composer, batch.selection = self._composers[self.issue_id]
        while self._waiting and len(batch.mails) < most and self._account_is_free(now):
            one = self._waiting.popleft()
            recipient, domain = one.recipient, domain_of(one.recipient.address)
            if (due_at := self._due_at(one, now)) > now:
                batch.put_off[recipient.id] = due_at
            elif not self._pace.takes(domain, now):
                batch.put_off[recipient.id] = self._pace.slot(domain, now)
            elif (free_at := self._throttle.free_at(self._desk.account.address, [domain], now)) > now:
                batch.put_off[recipient.id] = free_at
            else:
                self._make(batch, composer, one, domain, now)
        return batch

    def take_back(self, mails: Sequence[Mail]) -> None:
        """These mails of a batch have not gone: they don't count for the pace."""
        for one in mails:
            self._pace.take_back(one.domain)
            self._throttle.take_back(self._desk.account.address, [one.domain])

    def composer(self, session: Session, issue_id: int) -> Composer:
        """Of any issue of the account, to make a mail once more. Raises as `is_anybody_due`."""
        return self._made(session.get_one(Issue, issue_id))[0]

    def wait_seconds(self, now: datetime) -> float:
        """How long the pace of the account lets nothing go, as far as it knows."""
        return max(0.0, (self._pace.free_at(now, self._others[1]) - now).total_seconds())

    def _make(self, batch: Batch, composer: Composer, one: _Waiting, domain: str, now: datetime) -> None:
        recipient = one.recipient
        try:
            data = composer.compose(one.addressee, outbox.instant_of(now))
            to = wire_address(recipient.written)
        except InboxcrmError as error:
            batch.unmade[recipient.id] = str(error)
            return
        except Exception as error:  # it must not keep the others from going
            log.exception("a newsletter can't be made a mail", recipient=recipient.id, action="left out")
            batch.unmade[recipient.id] = _("A mistake in inboxcrm: {reason}").format(reason=repr(error))
            return
        self._pace.note(domain, now)
        self._throttle.note(self._desk.account.address, [domain], now)
        batch.mails.append(Mail(recipient.id, composer.envelope_from, to, data, domain, recipient.attempts))

    def _due_at(self, one: _Waiting, now: datetime) -> datetime:
        if self._calendar is None or one.place is None:
            return now
        return self._calendar.next_morning(now, one.place)

    def _account_is_free(self, now: datetime) -> bool:
        return self._pace.free_at(now, self._others[1]) <= now and (
            self._throttle.free_at(self._desk.account.address, [], now) <= now
        )

    def _refill(self, now: datetime) -> None:
        with looking(self._store.engine) as session:
            if not self._others[0] <= now < self._others[0] + _COUNT_AGAIN:
                others = follow_ups.gone_lately(session, self._desk.account_id, now - follow_ups.DAY)
                self._others = (now, others)
            issues = mailing.being_sent(session, self._desk.account_id)
            self._composers = {one.id: self._composers[one.id] for one in issues if one.id in self._composers}
            for issue in issues:
                if rows := outbox.due(session, issue, now, _PORTION):
                    self.issue_id = issue.id
                    self._made(issue)
                    who, where = addressees(session, rows), self._places(session, issue, rows)
                    self._waiting.extend(_Waiting(one, who[one.id], where.get(one.contact_id or 0)) for one in rows)
                    return

    def _made(self, issue: Issue) -> tuple[Composer, Selection]:
        if issue.id not in self._composers:
            press = self._press()
            made = Composer(issue, self._desk.account.address, press)
            self._composers[issue.id] = (made, Selection.of(issue, press.own))
        return self._composers[issue.id]

    def _places(self, session: Session, issue: Issue, rows: Sequence[Queued]) -> dict[int, Place]:
        """Contact → where he works; nobody when the issue goes at any time."""
        if not issue.working_hours:
            return {}
        self._calendar = self._press().office_calendar()
        contacts = {one.contact_id for one in rows if one.contact_id is not None}
        return places(session, contacts, self._calendar.home)
