"""The Drafts folder of one account: the drafts that wait for a person lie there, and what is done with them there is noticed.

The person's own changes go first: before anything is put there or taken away, it is looked at. A folder that can't be read, or whose
UIDs mean other mails now, deletes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from inboxcrm import model
from inboxcrm.errors import InboxcrmError
from inboxcrm.followup import drafts_folder, outbox
from inboxcrm.followup.composing import Document, draft_copy
from inboxcrm.followup.draft_marks import Mark, mark_in, mark_of, successor
from inboxcrm.followup.outbox import OPEN_STATES, bare
from inboxcrm.mailbox import drafts, sent
from inboxcrm.mailbox.drafts import Lying
from inboxcrm.mailbox.errors import AnswerGarbled, CommandRefused, FolderMissing, FolderUnclear
from inboxcrm.mailbox.filing import FilingMailbox, Spot
from inboxcrm.model import Draft, DraftState, FolderRole
from inboxcrm.model.database import looking
from inboxcrm.reading import envelope
from inboxcrm.service.batch import Desk
from inboxcrm.service.events import Topic
from inboxcrm.service.lines import Lines
from inboxcrm.service.taking import Store
from inboxcrm.settings import Sending

log = structlog.get_logger(__name__)

_REFUSED_PAUSE = timedelta(minutes=5)
"""How long a Drafts folder that takes nothing, or isn't there, is left alone."""
_LATEST_SENT = 50
"""Among so many of the latest sent mails a draft is looked for that has gone from the Drafts folder."""

Documents = Callable[[Sequence[str]], tuple[Document, ...]]
"""Reads files of the library of documents. Raises InboxcrmError when one can't be had."""


@dataclass(frozen=True, slots=True)
class _Sight:
    """What lies in the folder now."""

    name: str
    folder_id: int
    lying: Lying

    def holds(self, draft: Draft) -> bool:
        return (draft.folder_id, draft.uidvalidity) == (self.folder_id, self.lying.uidvalidity)


class DraftsFolder:
    """Of one account, for the thread that has its `Lines`. Methods raise MailboxError when the mailbox fails as a whole."""

    def __init__(self, store: Store, desk: Desk, lines: Lines, rules: Sending, documents: Documents) -> None:
        """Does nothing yet."""
        self._store, self._desk, self._lines, self._rules, self._documents = store, desk, lines, rules, documents
        self._look_at: datetime | None = None
        self._not_before: datetime | None = None
        self._foreign: set[tuple[int, int]] = set()
        """(UIDVALIDITY, UID) of drafts that are none of ours."""
        self._missing: dict[int, datetime] = {}
        """Drafts that have gone from the folder, and since when, until it is clear what that means."""
        self._unplaceable: dict[int, int] = {}
        """Draft → the revision that can't be made into a mail."""

    def step(self) -> bool:
        """One unit of work; True while there is more.

        1. Nothing lies there and nothing is to be put there: nothing to do.
        2. Look, when it is time, or before anything is changed there.
        3. Take out what waits no more.
        4. Put one draft there, or its new text in the place of the old.
        """
        now = self._store.clock()
        if self._not_before is not None and now < self._not_before:
            return False
        with looking(self._store.engine) as session:
            placed = drafts_folder.placed(session, self._desk.account_id)
            waiting = self._waiting(session)
        over = [draft for draft in placed if draft.state not in OPEN_STATES or not self._rules.put_in_drafts]
        if not placed and not waiting:
            return False
        if not over and not waiting and self._look_at is not None and now < self._look_at:
            return False
        try:
            sight = self.look()
            self._look_at = now + timedelta(seconds=self._rules.drafts_seconds)
            for draft in over:
                self._take_out(draft.id, sight)
            return bool(waiting) and self._place(sight)
        except (FolderMissing, FolderUnclear, CommandRefused, AnswerGarbled) as error:
            self._not_before = now + _REFUSED_PAUSE
            log.warning(
                "drafts can't be put into the Drafts folder",
                account=self._desk.account.address,
                error=str(error),
                action="they wait for review all the same",
            )
            return False

    def release(self, draft_id: int) -> bool:
        """Takes the copy of an approved draft out of the folder, so that nobody sends it from there while it goes from here. False when
        that isn't sure: what the person has done with it there must be understood first.
        """
        sight = self.look()
        with looking(self._store.engine) as session:
            if session.get_one(Draft, draft_id).state is not DraftState.APPROVED:
                return False
        return self._take_out(draft_id, sight)

    def look(self) -> _Sight:
        """Looks into the folder and takes over what was done there.

        1. Find drafts again whose folder was made anew (another UIDVALIDITY).
        2. Recognise new versions of drafts, and what a crash of ours has left.
        3. Find out what became of drafts that are there no more.
        """
        mailbox = self._lines.mailbox()
        name = self._lines.folder(FolderRole.DRAFTS)
        lying = drafts.look(mailbox, name)
        sight = _Sight(name, self._folder_id(name), lying)
        with looking(self._store.engine) as session:
            placed = list(drafts_folder.placed(session, self._desk.account_id))
        strayed = [draft for draft in placed if not sight.holds(draft)]
        missing = [draft for draft in placed if sight.holds(draft) and draft.uid not in lying.uids]
        tracked = {draft.uid for draft in placed if sight.holds(draft)}
        new = {
            uid for uid in lying.uids - tracked if strayed or missing or (lying.uidvalidity, uid) not in self._foreign
        }
        marks = {uid: mark_in(raw) for uid, raw in drafts.headers(mailbox, sorted(new)).items()} if new else {}
        self._foreign.update((lying.uidvalidity, uid) for uid in marks)
        with looking(self._store.engine) as session:
            named = drafts_folder.by_names(
                session,
                self._desk.account_id,
                {one for mark in marks.values() for one in (mark.names, mark.message_id)},
            )
        there = {draft.id: draft for draft in (*named, *placed)}
        for draft in there.values():
            gone = draft in strayed or draft in missing
            uid = successor(draft, marks, missing=gone)
            if uid is not None:
                self._succeed(mailbox, sight, draft, uid, marks.pop(uid))
                self._missing.pop(draft.id, None)
            elif draft in strayed:
                with self._store.writing() as session:
                    drafts_folder.note_no_place(session, draft.id)
            elif draft in missing:
                self._has_gone(mailbox, draft)
                mailbox.examine(name)
            else:
                self._missing.pop(draft.id, None)
        self._lines.worked()
        return sight

    # --- inside -------------------------------------------------------------------------------------------------------

    def _waiting(self, session: Session) -> Sequence[Draft]:
        if not self._rules.put_in_drafts:
            return ()
        found = drafts_folder.to_place(session, self._desk.account_id)
        return [draft for draft in found if self._unplaceable.get(draft.id) != draft.revision]

    def _folder_id(self, name: str) -> int:
        with looking(self._store.engine) as session:
            found = session.scalar(
                select(model.Folder.id).where(
                    model.Folder.account_id == self._desk.account_id, model.Folder.name == name
                )
            )
        if found is not None:
            return found
        with self._store.writing() as session:
            row = model.Folder(
                account_id=self._desk.account_id, name=name, role=FolderRole.DRAFTS, watched=False, history_left=0
            )
            session.add(row)
            session.flush()
            return row.id

    def _succeed(self, mailbox: FilingMailbox, sight: _Sight, draft: Draft, uid: int, mark: Mark) -> None:
        """The mail at `uid` has taken the draft's place: its text is taken over, and the old copy taken out, if it still lies there."""
        spot = Spot(sight.lying.uidvalidity, uid)
        if draft.state not in OPEN_STATES:
            if mark_of(draft).message_id == mark.names:  # a crash has left it there
                drafts.take_out(mailbox, sight.name, spot)
                mailbox.examine(sight.name)
            return
        if draft.uid is not None and sight.holds(draft) and uid < draft.uid:
            return
        heads = mailbox.heads([uid])
        found = mailbox.mails(heads.found).found.get(uid)
        if found is None:
            return
        now = self._store.clock()
        with self._store.writing() as session:
            changed = drafts_folder.take_edit(
                session, draft.id, drafts_folder.edited(found), by=self._desk.account.address, now=now
            )
            revision = session.get_one(Draft, draft.id).revision
            drafts_folder.note_place(session, draft.id, sight.folder_id, spot, revision)
        if draft.uid is not None and sight.holds(draft) and draft.uid in sight.lying.uids:
            drafts.take_out(mailbox, sight.name, Spot(sight.lying.uidvalidity, draft.uid))
            mailbox.examine(sight.name)
        if changed:
            log.info("a draft was edited in the mail program", account=self._desk.account.address, draft=draft.id)
        self._tell(draft.id)

    def _has_gone(self, mailbox: FilingMailbox, draft: Draft) -> None:
        """A draft lies there no more: 1. it lies in Sent: it was sent; 2. it is not there after a while: it was deleted."""
        now = self._store.clock()
        since = self._missing.setdefault(draft.id, now)
        sent_at = self._sent_at(mailbox, draft)
        with self._store.writing() as session:
            if sent_at is not None:
                drafts_folder.take_sent(session, draft.id, sent_at, now)
            elif now - since < timedelta(seconds=self._rules.settle_seconds):
                return
            else:
                drafts_folder.take_deletion(session, draft.id, by=self._desk.account.address, now=now)
            drafts_folder.note_no_place(session, draft.id)
        del self._missing[draft.id]
        what = "sent" if sent_at is not None else "deleted"
        log.info(f"a draft was {what} in the mail program", account=self._desk.account.address, draft=draft.id)
        self._tell(draft.id)

    def _sent_at(self, mailbox: FilingMailbox, draft: Draft) -> datetime | None:
        """When the mail program sent it, by the Sent folder; None when it doesn't lie there."""
        mailbox.examine(self._lines.folder(FolderRole.SENT))
        uids = {*sent.found(mailbox, bare(draft.message_id)), *mailbox.latest(_LATEST_SENT)}
        own = mark_of(draft)
        for raw in reversed(drafts.headers(mailbox, sorted(uids)).values()):
            mark, written = mark_in(raw), envelope(raw).date_header
            if own.is_same(mark):
                return written or self._store.clock()
            if own.is_like(mark) and written is not None and written >= draft.created_at:
                return written
        return None

    def _take_out(self, draft_id: int, sight: _Sight) -> bool:
        """Takes a draft's copy out of the folder; False when it isn't the one that lies there."""
        with looking(self._store.engine) as session:
            draft = session.get_one(Draft, draft_id)
        if draft.uid is None or draft.uidvalidity is None:
            return draft.id not in self._missing
        gone = sight.holds(draft) and drafts.take_out(
            self._lines.mailbox(), sight.name, Spot(draft.uidvalidity, draft.uid)
        )
        if gone or draft.state not in OPEN_STATES:
            with self._store.writing() as session:
                drafts_folder.note_no_place(session, draft_id)
        return gone

    def _place(self, sight: _Sight) -> bool:
        """Puts one draft there: the new text first, then the old one is taken out. True while there is more."""
        with looking(self._store.engine) as session:
            waiting = self._waiting(session)
        if not waiting:
            return False
        draft, now = waiting[0], self._store.clock()
        try:
            letter = outbox.letter_of(draft, self._desk.account, self._documents(draft.attachments), now)
            data = draft_copy(letter)
        except InboxcrmError as error:
            self._unplaceable[draft.id] = draft.revision
            log.warning(
                "a draft can't be put into the Drafts folder", draft=draft.id, error=str(error), action="left out"
            )
            return len(waiting) > 1
        mailbox = self._lines.mailbox()
        spot = drafts.place(mailbox, sight.name, bare(draft.message_id), data, now)
        with self._store.writing() as session:
            drafts_folder.note_place(session, draft.id, sight.folder_id, spot, draft.revision)
        if draft.uid is not None and sight.holds(draft):
            drafts.take_out(mailbox, sight.name, Spot(sight.lying.uidvalidity, draft.uid))
        self._tell(draft.id)
        return len(waiting) > 1

    def _tell(self, draft_id: int) -> None:
        self._store.events.publish(Topic.DRAFTS, {"drafts": [draft_id]})
