"""The newsletters of one account on their way out, in units of work: what is unclear is settled, what was sent is filed, issues begin
and end, mails are sent.

One thread has it. Nothing is said to a server about a mail before the database durably knows that it is in hand, and no mail is brought
to its end before the file of the mails in hand says so; so a crash leaves at most one mail of each connection unclear.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from random import Random

import structlog
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from inboxcrm.errors import InboxcrmError
from inboxcrm.i18n import _
from inboxcrm.mailbox.errors import MailboxError
from inboxcrm.mailbox.submission import Submission
from inboxcrm.mailbox.throttle import Throttle
from inboxcrm.model import Issue
from inboxcrm.model.database import Others, looking
from inboxcrm.newsletter import mailing, outbox, subjects
from inboxcrm.newsletter.limits import OUT_OF_ORDER
from inboxcrm.newsletter.outbox import Fate, Outcome
from inboxcrm.newsletter.pacing import Handful, Pace
from inboxcrm.newsletter.press import Press
from inboxcrm.reading.addresses import domain_of
from inboxcrm.service.batch import Desk
from inboxcrm.service.breaker import Breaker, Rest
from inboxcrm.service.events import Topic
from inboxcrm.service.handing import Connections, Handed, Mail
from inboxcrm.service.in_hand import InHand, Left
from inboxcrm.service.lines import Lines
from inboxcrm.service.next_mails import Batch, NextMails
from inboxcrm.service.sent_folder import SentFolder
from inboxcrm.service.sent_mails import SentMails
from inboxcrm.service.taking import Store
from inboxcrm.settings import Settings

log = structlog.get_logger(__name__)

_BURST_SECONDS = 2.0
"""How long mails go before the other units have their turn."""
_MOMENT_SECONDS = 1.0
_LOOK_AGAIN = timedelta(seconds=60)
"""How often it is looked for what is left of issues that have ended."""
_LOOKED_BACK = 5_000
"""Mails in Sent that are looked at for what went before this database knew it."""


class AccountMailing:
    """Use `step` in one thread, and `close` at the end."""

    def __init__(
        self,
        store: Store,
        desk: Desk,
        settings: Settings,
        lines: Sequence[Lines],
        *,
        throttle: Throttle,
        press: Callable[[], Press],
        rng: Random,
        stopped: Callable[[], bool] = lambda: False,
        wait: Callable[[float], object] = time.sleep,
    ) -> None:
        """Does nothing yet. `lines`: as many as connections are wanted; the first one's mailbox is used. `stopped`: asked between two
        mails; `wait`: lets some seconds (less than one) pass.
        """
        self._store, self._desk, self._stopped, self._wait = store, desk, stopped, wait
        self._rules, self._pacing = settings.sending, settings.newsletter
        self._sent = SentFolder(store, desk, lines[0], settings.home)
        self._in_hand = InHand(settings.home / f"in-hand-{desk.account_id}.jsonl")
        self._mailbox, self._connections = lines[0], Connections(lines, settings.sending, self._in_hand)
        # Who asks to stop meanwhile must be heard: where the database doesn't tell, each mail is taken in hand by itself.
        self._others = Others(store.engine)
        self._handful = Handful(len(lines)) if self._others.can_tell else Handful(len(lines), len(lines))
        self._pace = Pace(settings.newsletter, rng)
        self._next = NextMails(store, desk, press, self._pace, throttle)
        self._sent_mails = SentMails(
            store, desk, settings, self._sent, composer=self._next.composer, stopped=stopped, tell=self._tell
        )
        self._ready: list[tuple[Lines, Submission]] = []
        self._remembered = self._recovered = False
        self._looked_at: datetime | None = None
        self._looked_back: set[int] = set()
        self._breaker = Breaker()
        self._unwritten: list[Outcome] = []
        self._told_at = 0.0

    def step(self) -> bool:
        """One round of units of work; True while there is more.

        0. Write down what a busy database could not take before: otherwise it would be unclear.
        1. Settle what a crash or a lost connection has left unclear.
        2. File in Sent what was sent, where the server doesn't.
        3. Begin issues whose time has come, choose winners, end what is through.
        4. Send for a while.
        """
        if self._unwritten:
            self._write(Batch(), self._store.clock())
        if not self._has_work():
            self._connections.rest()
            return False
        more = False
        for unit in (self._settle, self._sent_mails.file, self._begin_and_end, self._send):
            try:
                more = unit() or more
            except MailboxError as error:
                self._mailbox.broke(error)
                log.info("newsletters have to wait", account=self._desk.account.address, error=str(error))
            except SQLAlchemyError:
                raise
            except Exception:  # a mistake in one unit must not keep the others from their work
                log.exception("a mistake in inboxcrm", account=self._desk.account.address, action="the rest goes on")
        self._connections.rest()
        return more

    def again(self) -> None:
        """A person asks to try again what was given up; from any thread."""
        self._connections.again()

    def close(self) -> None:
        """Closes the connections."""
        self._connections.close()
        self._in_hand.close()
        self._others.close()

    def _has_work(self) -> bool:
        now = self._store.clock()
        under_way = select(Issue.id).where(
            Issue.account_id == self._desk.account_id, Issue.state.in_(mailing.UNDER_WAY)
        )
        with looking(self._store.engine) as session:
            if session.scalar(under_way.limit(1)) is not None:
                self._looked_at = None
                return True
        # An issue that has ended may still have mails to settle or to file.
        if self._looked_at is not None and self._looked_at <= now < self._looked_at + _LOOK_AGAIN:
            return False
        self._looked_at = now
        return True

    # --- what is unclear ----------------------------------------------------------------------------------------------

    def _settle(self) -> bool:
        self._recover(self._store.clock())
        self._sent_mails.settle()
        return False

    def _recover(self, now: datetime) -> None:
        """Of the mails that the last process had in hand, those of which its file tells what became of them. Once."""
        if self._recovered:
            return
        try:
            left = self._in_hand.left()
        except OSError as error:
            log.warning("what the last process had in hand can't be read", error=str(error), action="Sent is asked")
            left = Left()
        with looking(self._store.engine) as session:
            waiting = [
                one.id
                for one in outbox.unclear(session, self._desk.account_id)
                if left.taken_at.get(one.id) == one.sending_at
            ]
        outcomes = [left.answered[one] for one in waiting if one in left.answered]
        outcomes += [Outcome(one, Fate.SPARED, due_at=now) for one in waiting if one in left.untouched]
        if outcomes:
            self._store.write_down(partial(self._note, outcomes=outcomes, now=now))
            log.info("mails that the last process had in hand are settled", count=len(outcomes))
        self._recovered = True

    # --- beginning and ending -----------------------------------------------------------------------------------------

    def _begin_and_end(self) -> bool:
        now = self._store.clock()
        changed: list[int] = []
        with self._store.writing() as session:
            changed += mailing.begin_due(session, self._desk.account_id, now)
            for issue in mailing.being_sent(session, self._desk.account_id):
                if issue.winner is None and subjects.settle(session, issue, now) is not None:
                    changed.append(issue.id)
                if mailing.end(session, issue.id, now):
                    log.info("an issue is through", issue=issue.id)
                    changed.append(issue.id)
        if changed:
            self._next.forget()
        for one in changed:
            self._tell(one, at_once=True)
        return bool(changed)

    # --- sending ------------------------------------------------------------------------------------------------------

    def _send(self) -> bool:
        """Sends mails until there is nothing more to send for now, or other units want their turn; True while there is more.

        1. Learn what went before this start.
        2. Choose whose turn it is, and make their mails: a handful.
        3. In one durable transaction: write down what became of the last mails, and take the next in hand.
        4. Hand them to the server, each once.
        """
        self._remember()
        end = time.monotonic() + _BURST_SECONDS
        handed = Handed([], [])
        while True:
            now = self._store.clock()
            answered, rest_because = self._breaker.judge(handed.answered, now)
            outcomes = [one.outcome for one in answered]
            outcomes += [Outcome(one.recipient_id, Fate.SPARED, due_at=now) for one in handed.untouched]
            go_on = rest_because is None and not self._stopped() and time.monotonic() < end
            batch = self._batch(now) if go_on else Batch()
            if batch.is_empty and not outcomes:
                return not go_on or self._waits_a_moment(now)
            self._unwritten = outcomes
            try:
                if batch.mails:
                    self._in_hand.take([one.recipient_id for one in batch.mails], outbox.instant_of(now))
            except OSError as error:
                self._next.take_back(batch.mails)
                batch, rest_because = Batch(), _no_file(error, now)
            taken = self._write(batch, now)
            self._tell(self._next.issue_id)
            if rest_because is not None:
                self._rest(rest_because.words, rest_because.until)
                return True
            handed = self._hand_over([one for one in batch.mails if one.recipient_id in taken], now)

    def _hand_over(self, mails: list[Mail], now: datetime) -> Handed:
        if not mails:
            return Handed([], [])
        begin = time.monotonic()
        handed = self._connections.hand_over(
            self._ready, mails, now, lambda: self._stopped() or self._others.have_written()
        )
        if any(one.outcome.fate is not Fate.SENT for one in handed.answered):
            self._handful.stumbled()
        elif handed.untouched:
            self._handful.broke_off(len(handed.answered))
        else:
            self._handful.went(len(handed.answered), time.monotonic() - begin)
        self._next.take_back(handed.untouched)
        return handed

    def _write(self, batch: Batch, now: datetime) -> set[int]:
        """Writes down what became of the last mails, and takes the next in hand; returns those that may go."""
        taken = self._store.write_down(partial(self._take, outcomes=self._unwritten, batch=batch, now=now))
        self._unwritten = []
        self._others.mark()
        return taken

    def _batch(self, now: datetime) -> Batch:
        """The next mails, a handful."""
        if self._next.wait_seconds(now) > 0:
            return Batch()
        try:
            if not self._next.is_anybody_due(now):
                return Batch()
            self._ready = self._connections.open(len(self._connections))
            self._look_back(self._next.issue_id, now)
            return self._next.next_batch(self._handful.size, now)
        except MailboxError as error:
            log.info("newsletters have to wait", account=self._desk.account.address, error=str(error))
            if error.permanent:
                self._rest(str(error), None)
        except InboxcrmError as error:  # no mail of this issue can be made
            self._rest_one(self._next.issue_id, str(error), None)
        return Batch()

    def _waits_a_moment(self, now: datetime) -> bool:
        """Waits for the next turn when it comes in no time."""
        seconds = self._next.wait_seconds(now)
        if not 0 < seconds < _MOMENT_SECONDS:
            return False
        self._wait(seconds)
        return True

    def _take(self, session: Session, *, outcomes: Sequence[Outcome], batch: Batch, now: datetime) -> set[int]:
        self._note(session, outcomes=outcomes, now=now)
        outbox.put_off(session, batch.put_off)
        for one, words in batch.unmade.items():
            outbox.drop(session, one, words)
        if not batch.mails or batch.selection is None:
            return set()
        ids = [one.recipient_id for one in batch.mails]
        return set(outbox.claim(session, batch.issue_id, ids, now, batch.left_out))

    def _note(self, session: Session, *, outcomes: Sequence[Outcome], now: datetime) -> None:
        if not outcomes:
            return
        filed = not self._pacing.file_in_sent or bool(self._desk.account.saves_sent_mail)
        outbox.settle(session, outcomes, now, filed=filed)
        if any(one.fate in (Fate.AGAIN, Fate.SPARED) for one in outcomes):
            outbox.cancel_with_their_issue(session, self._desk.account_id)

    def _rest(self, words: str, until: datetime | None) -> None:
        """All issues of the account rest: what is said of it is said of all."""
        with looking(self._store.engine) as session:
            issues = [one.id for one in mailing.being_sent(session, self._desk.account_id)]
        for one in issues:
            self._rest_one(one, words, until)

    def _rest_one(self, issue_id: int, words: str, until: datetime | None) -> None:
        with self._store.writing() as session:
            mailing.rest(session, issue_id, words, until)
        self._next.forget()
        log.warning("an issue rests", issue=issue_id, because=words, until=until.isoformat() if until else "")
        self._tell(issue_id, at_once=True)

    def _remember(self) -> None:
        if self._remembered:
            return
        with looking(self._store.engine) as session:
            since = self._store.clock() - timedelta(days=1)
            for at, address in outbox.gone_since(session, self._desk.account_id, since):
                self._pace.remember(domain_of(address), at)
        self._remembered = True

    def _look_back(self, issue_id: int, now: datetime) -> None:
        """What lies in Sent already has gone, even if this database, put back from a backup, doesn't know it. Once for each issue."""
        if issue_id in self._looked_back:
            return
        self._looked_back.add(issue_id)
        try:
            there = self._sent.latest_ids(_LOOKED_BACK)
        except MailboxError as error:  # then the database alone knows, as nearly always it does
            self._mailbox.broke(error)
            log.info("the Sent folder can't be asked", account=self._desk.account.address, error=str(error))
            return
        with self._store.writing() as session:
            gone = outbox.queued_ids(session, issue_id, there)
            for one in gone:
                outbox.was_sent(session, one, now)
        if gone:
            log.warning("newsletter mails lie in Sent already", count=len(gone), action="they are not sent again")
            self._next.forget()

    def _tell(self, issue_id: int, *, at_once: bool = False) -> None:
        """Tells whoever looks; not more than once a second."""
        if issue_id and (at_once or time.monotonic() > self._told_at + 1.0):
            self._told_at = time.monotonic()
            self._store.events.publish(Topic.NEWSLETTERS, {"issues": [issue_id]})


def _no_file(error: OSError, now: datetime) -> Rest:
    words = _("What is being sent can't be noted in {file}: {reason}. Free some space there, or mend its rights.")
    return Rest(words.format(file=error.filename or "", reason=error.strerror or error), now + OUT_OF_ORDER)
