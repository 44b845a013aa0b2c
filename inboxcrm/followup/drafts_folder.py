"""What was done with a draft in the mail program: edited, sent or deleted there means the same as in the browser.

It only understands and writes down; it speaks to no server. Which mail is which draft, `inboxcrm.followup.draft_marks` tells.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import exists, or_, select, update
from sqlalchemy.orm import Session, load_only

from inboxcrm.followup import outbox, review
from inboxcrm.followup.draft_marks import Mark, mark_of
from inboxcrm.followup.outbox import OPEN_STATES, bare
from inboxcrm.followup.review import ReviewError
from inboxcrm.i18n import _
from inboxcrm.mailbox.filing import Spot
from inboxcrm.matching.lookup import chunks
from inboxcrm.model import Direction, Draft, DraftChange, DraftState, FollowUpState, LogEntry, Message
from inboxcrm.reading import body, mime, newtext
from inboxcrm.reading import read as read_mail
from inboxcrm.reading.addresses import normal
from inboxcrm.reading.identity import folded_subject

_EARLIER = timedelta(minutes=10)
"""How far the clocks of a mail program and of ours may differ."""
_MAY_HAVE_GONE = (DraftState.SENDING, DraftState.UNKNOWN, DraftState.SENT)


# --- the copy in the Drafts folder ------------------------------------------------------------------------------------


def placed(session: Session, account_id: int) -> Sequence[Draft]:
    """Drafts of this account that have a copy in the Drafts folder, as far as is known."""
    return session.scalars(
        select(Draft).where(Draft.account_id == account_id, Draft.uid.is_not(None)).order_by(Draft.id)
    ).all()


def to_place(session: Session, account_id: int, limit: int = 20) -> Sequence[Draft]:
    """Drafts of this account that wait for a person and whose present text doesn't lie in the Drafts folder yet."""
    return session.scalars(
        select(Draft)
        .where(
            Draft.account_id == account_id,
            Draft.state.in_((DraftState.OPEN, DraftState.SNOOZED)),
            Draft.placed_revision != Draft.revision,
        )
        .order_by(Draft.id)
        .limit(limit)
    ).all()


def note_place(session: Session, draft_id: int, folder_id: int, spot: Spot, revision: int) -> None:
    """Where the copy lies now, and which revision it is."""
    place = {"folder_id": folder_id, "uidvalidity": spot.uidvalidity, "uid": spot.uid, "placed_revision": revision}
    session.execute(update(Draft).where(Draft.id == draft_id).values(place))


def note_no_place(session: Session, draft_id: int) -> None:
    """There is no copy any more; while the draft waits for its time, a new one is put there."""
    place: dict[str, int | None] = {"folder_id": None, "uidvalidity": None, "uid": None, "placed_revision": 0}
    session.execute(update(Draft).where(Draft.id == draft_id).values(place))


def by_names(session: Session, account_id: int, names: Collection[str]) -> Sequence[Draft]:
    """The drafts of this account with these Message-IDs."""
    ids = [one for name in names for one in (name, f"<{name}>")]
    return session.scalars(select(Draft).where(Draft.account_id == account_id, Draft.message_id.in_(ids))).all()


_MARKING = (Message.message_id, Message.in_reply_to, Message.recipients, Message.subject, Message.at)


@dataclass(frozen=True, slots=True)
class Edited:
    """A draft as it was saved in the mail program."""

    subject: str
    text: str
    to: tuple[dict[str, str], ...]
    cc: tuple[dict[str, str], ...]
    bcc: tuple[dict[str, str], ...]
    attachments: tuple[str, ...]


def edited(raw: bytes) -> Edited:
    """What the mail program has saved. Never raises."""
    mail = read_mail(raw, outgoing=True)

    def people(found: Iterable[Any]) -> tuple[dict[str, str], ...]:
        return tuple({"name": one.name, "address": one.address} for one in found)

    return Edited(
        mail.subject,
        body.gather(mime.parse(raw).root).text(),
        people(mail.to),
        people(mail.cc),
        people(mail.bcc),
        tuple(one.name for one in mail.attachments if one.name),
    )


def take_edit(session: Session, draft_id: int, new: Edited, *, by: str, now: datetime) -> bool:
    """Takes over what a person (`by`) changed in the mail program: as in the browser, an approved draft comes back for review. What
    only breaks lines elsewhere is no change. False when nothing has changed, or the draft can't be changed any more.
    """
    draft = session.get(Draft, draft_id, with_for_update=True, populate_existing=True)
    if draft is None or draft.state not in OPEN_STATES:
        return False
    text, quoted = _parted(new, draft)
    before = draft.revision
    try:
        review.edit(
            session,
            draft_id,
            now=now,
            by=by,
            subject=new.subject if _differs(new.subject, draft.subject) else None,
            body=text if _differs(text, draft.body) else None,
            quoted=quoted if _differs(quoted, draft.quoted) else None,
            to=_people(new.to, draft.to),
            cc=_people(new.cc, draft.cc),
            bcc=_people(new.bcc, draft.bcc),
            attachments=new.attachments if set(new.attachments) != set(draft.attachments) else None,
        )
    except ReviewError as error:
        # It isn't sent as it was either: the person wanted something else.
        words = _("It was changed in the mail program in a way that can't be taken over: {reason}")
        outbox.hold_back(session, draft_id, words.format(reason=error), now)
        draft.error = words.format(reason=error)
        session.flush()
        return True
    return draft.revision != before


def _parted(new: Edited, draft: Draft) -> tuple[str, str]:
    """The text without, and the quoted history: parted where our quotation began, if that still stands there."""
    text = new.text.replace("\r\n", "\n").strip("\n")
    first = next((line for line in draft.quoted.split("\n") if line.strip()), "")
    if first and (at := text.rfind("\n" + first)) >= 0:
        return text[:at].rstrip(), text[at:].strip("\n")
    if not draft.quoted:
        return text, ""
    parts = newtext.split(text, subject=new.subject)
    if not parts.quoted_text:
        return text, ""
    return "\n\n".join(filter(None, (parts.new_text, parts.signature))), parts.quoted_text


def _differs(new: str, old: str) -> bool:
    return new.split() != old.split()


def _people(new: Sequence[dict[str, str]], old: Sequence[dict[str, Any]]) -> Sequence[dict[str, str]] | None:
    """The people, when others are named than before; names alone are no change."""
    same = [normal(one["address"]) for one in new] == [normal(one["address"]) for one in old]
    return None if same else new


def take_deletion(session: Session, draft_id: int, *, by: str, now: datetime) -> bool:
    """A person (`by`) has deleted it in the mail program: this step is left out. False when it can't be left out any more."""
    draft = session.get(Draft, draft_id, with_for_update=True, populate_existing=True)
    if draft is None or draft.state not in OPEN_STATES:
        return False
    review.skip(session, draft_id, now=now, by=by)
    return True


# --- the Sent folder --------------------------------------------------------------------------------------------------


def take_sent(session: Session, draft_id: int, at: datetime, now: datetime, entry_id: int | None = None) -> bool:
    """The draft lies in Sent, whoever has put it there, sent at `at`: it is sent, filed, and its follow-up done. True when that is
    news; a draft that was known to be sent only learns its log entry.
    """
    draft = session.get_one(Draft, draft_id, with_for_update=True, populate_existing=True)
    was = draft.state
    if was is not DraftState.SENT:
        draft.state, draft.error, draft.send_at, draft.wake_at = DraftState.SENT, "", None, None
        what = "send" if was in _MAY_HAVE_GONE else "sent_elsewhere"
        session.add(DraftChange(draft_id=draft_id, at=now, what=what, before={}))
    draft.sent_at = draft.sent_at or (draft.sending_at if was in _MAY_HAVE_GONE else None) or at
    draft.filed = True
    session.flush()
    outbox.settle_follow_up(session, draft, FollowUpState.DONE, now, by=draft.approved_by, entry_id=entry_id)
    return was is not DraftState.SENT


def seen_in_sent(session: Session, messages: Collection[int], now: datetime) -> frozenset[int]:
    """Mails of ours have been read in: those that are drafts settle them, with the log entry. Returns the drafts that were settled.

    A mail with a draft's Message-ID is that draft. A mail that is merely like a draft is it when the draft lay in the mail program to
    be sent there, or was sent through a server that gives mails other Message-IDs.
    """
    settled: set[int] = set()
    if not messages or not session.scalar(select(exists().select_from(Draft))):
        return frozenset()
    for some in chunks(messages):
        mails = session.scalars(
            select(Message)
            .options(load_only(*_MARKING))
            .where(Message.id.in_(some), Message.direction == Direction.OUT)
        ).all()
        found = dict(_by_id(session, mails))
        rest = [mail for mail in mails if mail.id not in found]
        found |= dict(_by_likeness(session, rest)) if rest else {}
        for mail in mails:
            if mail.id in found and found[mail.id] not in settled:
                draft_id = found[mail.id]
                take_sent(session, draft_id, mail.at, now, _entry_in(session, mail.id, draft_id))
                settled.add(draft_id)
    return frozenset(settled)


def _by_id(session: Session, mails: Sequence[Message]) -> Iterable[tuple[int, int]]:
    """(message, draft) with one Message-ID, whatever the draft's state."""
    by_id = {mail.message_id: mail.id for mail in mails if mail.message_id}
    rows = session.execute(
        select(Draft.id, Draft.message_id).where(
            or_(Draft.message_id.in_(by_id), Draft.message_id.in_([f"<{one}>" for one in by_id]))
        )
    )
    return ((by_id[bare(row.message_id)], row.id) for row in rows)


def _by_likeness(session: Session, mails: Sequence[Message]) -> Iterable[tuple[int, int]]:
    """(message, draft) where the mail was written after the draft and has taken its place."""
    latest = max(mail.at for mail in mails)
    waiting = session.scalars(
        select(Draft)
        .where(
            or_(
                Draft.state.in_(OPEN_STATES) & (Draft.placed_revision > 0),
                Draft.state.in_((DraftState.SENDING, DraftState.UNKNOWN)),
                (Draft.state == DraftState.SENT) & Draft.filed.is_(False),
            ),
            Draft.created_at <= latest + _EARLIER,
        )
        .order_by(Draft.id.desc())
    ).all()
    if not waiting:
        return
    for mail in mails:
        mark = Mark(
            "",
            mail.message_id,
            mail.in_reply_to,
            frozenset(normal(one["address"]) for one in mail.recipients),
            folded_subject(mail.subject),
        )
        for draft in waiting:
            if _in_its_time(draft, mail.at) and mark_of(draft).is_like(mark):
                if draft.state in _MAY_HAVE_GONE and mark_of(draft).subject != mark.subject:
                    continue  # only a server's new Message-ID is overlooked here
                yield mail.id, draft.id
                break


def _in_its_time(draft: Draft, at: datetime) -> bool:
    """Whether a mail of that instant may be this draft."""
    if draft.state not in _MAY_HAVE_GONE:
        return at >= draft.created_at - _EARLIER
    return draft.sending_at is not None and abs(at - draft.sending_at) <= _EARLIER


def _entry_in(session: Session, message_id: int, draft_id: int) -> int | None:
    return session.scalar(
        select(LogEntry.id)
        .join(Draft, Draft.customer_id == LogEntry.customer_id)
        .where(LogEntry.message_id == message_id, Draft.id == draft_id)
    )
