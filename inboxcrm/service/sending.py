"""The outgoing mail of one account, in units of work: what is unclear is settled, what was sent is filed, what is approved is sent.

One thread has it. Nothing is said to a server about a mail before the database durably knows that it may have been said.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog
from sqlalchemy.exc import SQLAlchemyError

from inboxcrm.errors import InboxcrmError
from inboxcrm.followup import drafts_folder as folder_rules
from inboxcrm.followup import outbox
from inboxcrm.followup.composing import Composed, Document, compose
from inboxcrm.followup.outbox import bare
from inboxcrm.i18n import _
from inboxcrm.mailbox.errors import ConnectionLost, FolderMissing, FolderUnclear, MailboxError
from inboxcrm.mailbox.submission import NotSent, Refused, Unsure
from inboxcrm.mailbox.throttle import Throttle
from inboxcrm.model import Draft
from inboxcrm.model.database import looking
from inboxcrm.reading.addresses import domain_of
from inboxcrm.service.batch import Desk
from inboxcrm.service.drafts_folder import Documents, DraftsFolder
from inboxcrm.service.events import Topic
from inboxcrm.service.lines import Lines
from inboxcrm.service.sent_folder import SentFolder
from inboxcrm.service.taking import Store
from inboxcrm.settings import Settings

log = structlog.get_logger(__name__)

_ASK_AGAIN = timedelta(seconds=5)
"""How often the Sent folder is asked about one mail."""
_ASK_LONGEST = timedelta(minutes=15)
"""After so long without a Sent folder to ask, a person is asked."""
_UNFILABLE_PAUSE = timedelta(minutes=5)
"""How soon it is tried again to file a mail that the mailbox doesn't take."""
_FILE_ANYWAY = timedelta(hours=1)
"""After so long a mail that the server should have filed by itself is filed from here."""


class AccountSending:
    """Use `step` in one thread, and `close` at the end."""

    def __init__(
        self, store: Store, desk: Desk, settings: Settings, lines: Lines, *, throttle: Throttle, documents: Documents
    ) -> None:
        """Does nothing yet."""
        self._store, self._desk, self._lines, self._throttle = store, desk, lines, throttle
        self._rules, self._documents = settings.sending, documents
        self._sent = SentFolder(store, desk, lines, settings.home)
        self._drafts = DraftsFolder(store, desk, lines, settings.sending, documents)
        self._asked: dict[int, datetime] = {}
        """Drafts about which the Sent folder was asked, and when."""

    def step(self) -> bool:
        """One round of units of work; True while there is more.

        1. Settle what a crash or a lost connection has left unclear.
        2. File in Sent what was sent.
        3. Look after the Drafts folder.
        4. Send one mail.
        """
        more = False
        for unit in (self._settle, self._file, self._drafts.step, self._send):
            try:
                more = unit() or more
            except MailboxError as error:
                self._lines.broke(error)
                log.info("outgoing mail has to wait", account=self._desk.account.address, error=str(error))
            except SQLAlchemyError:
                raise
            except Exception:  # a mistake in one unit must not keep the others from their work
                log.exception("a mistake in inboxcrm", account=self._desk.account.address, action="the rest goes on")
        self._lines.rest()
        return more

    def again(self) -> None:
        """A person asks to try again what was given up; from any thread."""
        self._lines.again()

    def close(self) -> None:
        """Closes the connections."""
        self._lines.close()

    # --- what is unclear ----------------------------------------------------------------------------------------------

    def _settle(self) -> bool:
        with looking(self._store.engine) as session:
            waiting = [session.get_one(Draft, one) for one in outbox.unclear(session, self._desk.account_id)]
        for draft in waiting:
            if self._time_to_ask(draft.id):
                self._settle_one(draft)
        return False

    def _settle_one(self, draft: Draft) -> None:
        """Asks the Sent folder for the Message-ID: there, it was sent. Not there, though the server has had time to put it there by
        itself, or never does: a person is asked.
        """
        now = self._store.clock()
        age = now - (draft.sending_at or now)
        try:
            lies_there = self._lies_in_sent(draft)
        except (FolderMissing, FolderUnclear) as error:
            self._cannot_be_told(draft.id, str(error))
            return
        except MailboxError as error:
            if age >= _ASK_LONGEST:
                words = _("The Sent folder can't be asked whether the mail went out: {reason}")
                self._cannot_be_told(draft.id, words.format(reason=error))
            raise
        if lies_there:
            with self._store.writing() as session:
                folder_rules.take_sent(session, draft.id, draft.sending_at or now, now)
            log.info("a mail that was unclear lies in Sent", account=self._desk.account.address, draft=draft.id)
            self._tell(draft.id)
        elif self._sent.saves() is False or age >= timedelta(seconds=self._rules.settle_seconds):
            words = _(
                "Whether this mail went out can't be told: it isn't in the Sent folder. It is not sent again by itself; ask the "
                "customer or look at the server's web mail, then decide."
            )
            self._cannot_be_told(draft.id, words)

    def _cannot_be_told(self, draft_id: int, words: str) -> None:
        with self._store.writing() as session:
            outbox.cannot_be_told(session, draft_id, words, self._store.clock())
        self._asked.pop(draft_id, None)
        log.warning("whether a mail went out can't be told", draft=draft_id, action="a person has to decide")
        self._tell(draft_id)

    def _lies_in_sent(self, draft: Draft) -> bool:
        return self._sent.holds(bare(draft.message_id))

    def _time_to_ask(self, draft_id: int) -> bool:
        now = self._store.clock()
        if draft_id in self._asked and now < self._asked[draft_id] + _ASK_AGAIN:
            return False
        self._asked[draft_id] = now
        return True

    # --- filing -------------------------------------------------------------------------------------------------------

    def _file(self) -> bool:
        with looking(self._store.engine) as session:
            waiting = [session.get_one(Draft, one) for one in outbox.unfiled(session, self._desk.account_id)]
        for draft in waiting:
            if self._time_to_ask(draft.id):
                try:
                    self._file_one(draft)
                except InboxcrmError as error:
                    if isinstance(error, ConnectionLost):
                        raise
                    self._asked[draft.id] = self._store.clock() + _UNFILABLE_PAUSE
                    log.warning("a sent mail can't be filed", draft=draft.id, error=str(error), action="tried again")
        return False

    def _file_one(self, draft: Draft) -> None:
        """Sees to it that a sent mail lies in Sent exactly once. A server that isn't known is watched: when the mail turns up there by
        itself, so will others; when it doesn't after a while, this one and later ones are put there from here.
        """
        now = self._store.clock()
        age = now - (draft.sent_at or now)
        saves = self._sent.saves()
        if self._lies_in_sent(draft):
            with self._store.writing() as session:
                outbox.note_filed(session, draft.id)
                if saves is None:
                    self._sent.remember(session, saves=True)
        elif saves is False or age >= (_FILE_ANYWAY if saves else timedelta(seconds=self._rules.settle_seconds)):
            data = self._recomposed(draft).filed
            self._sent.file(bare(draft.message_id), data, draft.sent_at or now)
            with self._store.writing() as session:
                outbox.note_filed(session, draft.id)
                if saves is None:
                    self._sent.remember(session, saves=False)
        else:
            return
        self._asked.pop(draft.id, None)
        self._tell(draft.id)

    def _recomposed(self, draft: Draft) -> Composed:
        """The same mail once more, from the draft: the same bytes, as long as its documents are the same."""
        at = draft.sending_at or draft.sent_at or self._store.clock()
        try:
            documents = self._documents(draft.attachments)
        except InboxcrmError as error:
            log.warning("a sent mail is filed without its documents", draft=draft.id, error=str(error))
            documents = ()
        return self._composed(draft, at, documents)

    # --- sending ------------------------------------------------------------------------------------------------------

    def _send(self) -> bool:
        """Sends one mail; True while there may be more.

        1. Choose a due draft that the limits let go now.
        2. Make it a mail. What can't be one goes back to review.
        3. Have a connection to the server.
        4. See that it doesn't lie in Sent already: this database may be older than the mailbox, put back from a backup.
        5. Take its copy out of the Drafts folder, so that it can't be sent from there too.
        6. Claim it, durably.
        7. Hand it to the server, once.
        8. Write down what became of it.
        """
        now = self._store.clock()
        with looking(self._store.engine) as session:
            due = [session.get_one(Draft, one) for one in outbox.due(session, self._desk.account_id, now)]
            if not due:
                return False
            gone = outbox.gone_lately(session, self._desk.account_id, now - outbox.DAY)
        if gone >= self._rules.daily_cap:
            words = _("{count} mails have gone from this account within 24 hours, as many as may; the others wait.")
            self._wait(due, words.format(count=gone))
            return False
        draft = next((one for one in due if self._may_go(one, now)), None)
        if draft is None:
            return False
        try:
            mail = self._composed(draft, outbox.instant_of(now), self._documents(draft.attachments))
        except InboxcrmError as error:
            return self._give_back(draft, str(error))
        except Exception as error:  # it must not keep the others from going
            log.exception("a draft can't be made a mail", draft=draft.id, action="back for review")
            return self._give_back(draft, _("A mistake in inboxcrm: {reason}").format(reason=repr(error)))
        try:
            submission = self._lines.submission()
        except MailboxError as error:
            self._wait(due, str(error))
            return False
        if self._went_before(draft):
            return True
        if draft.uid is not None and not self._released(draft):
            return False
        with self._store.writing(durable=True) as session:
            claimed = outbox.claim(session, draft.id, draft.revision, now)
        if not claimed:
            self._tell(draft.id)
            return True
        self._throttle.note(self._desk.account.address, _domains(draft), now)
        try:
            words = submission.send(mail.envelope_from, mail.recipients, mail.data).words
        except Refused as error:
            self._lines.sent()
            self._was_not_sent(draft.id, error, permanent=error.permanent)
        except NotSent as error:
            self._lines.submission_broke(error)
            self._was_not_sent(draft.id, error, permanent=False)
        except Unsure as error:
            self._lines.submission_broke(error)
            said = str(error)
            self._store.write_down(lambda session: outbox.note_unclear(session, draft.id, said))
        else:
            self._lines.sent()
            self._store.write_down(lambda session: outbox.was_sent(session, draft.id, self._store.clock()))
            log.info("a mail was sent", account=self._desk.account.address, draft=draft.id, words=words)
        self._tell(draft.id)
        return True

    def _give_back(self, draft: Draft, words: str) -> bool:
        with self._store.writing() as session:
            outbox.hold_back(session, draft.id, words, self._store.clock())
        self._tell(draft.id)
        return True

    def _may_go(self, draft: Draft, now: datetime) -> bool:
        return self._throttle.free_at(self._desk.account.address, _domains(draft), now) <= now

    def _composed(self, draft: Draft, at: datetime, documents: Sequence[Document]) -> Composed:
        return compose(outbox.letter_of(draft, self._desk.account, documents, at))

    def _went_before(self, draft: Draft) -> bool:
        try:
            if not self._lies_in_sent(draft):
                return False
        except MailboxError as error:  # then the database alone knows, as nearly always it does
            self._lines.broke(error)
            log.info("the Sent folder can't be asked", account=self._desk.account.address, error=str(error))
            return False
        now = self._store.clock()
        with self._store.writing() as session:
            folder_rules.take_sent(session, draft.id, now, now)
        log.warning("an approved mail lies in Sent already", draft=draft.id, action="it is not sent again")
        self._tell(draft.id)
        return True

    def _released(self, draft: Draft) -> bool:
        try:
            return self._drafts.release(draft.id)
        except MailboxError as error:
            words = _(
                "It waits until the Drafts folder can be looked into, where it might have been sent already: {reason}"
            )
            self._wait([draft], words.format(reason=error))
            self._lines.broke(error)
            return False

    def _wait(self, due: Sequence[Draft], words: str) -> None:
        if any(draft.error != words for draft in due):
            with self._store.writing() as session:
                outbox.note_waiting(session, [draft.id for draft in due], words)

    def _was_not_sent(self, draft_id: int, error: MailboxError, *, permanent: bool) -> None:
        words, now = str(error), self._store.clock()
        self._store.write_down(
            lambda session: outbox.was_not_sent(session, draft_id, words, self._rules, now, permanent=permanent)
        )
        log.warning("a mail was not sent", account=self._desk.account.address, draft=draft_id, error=words)

    def _tell(self, draft_id: int) -> None:
        self._store.events.publish(Topic.DRAFTS, {"drafts": [draft_id]})


def _domains(draft: Draft) -> frozenset[str]:
    return frozenset(domain_of(str(one["address"])) for one in (*draft.to, *draft.cc, *draft.bcc))
