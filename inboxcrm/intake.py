"""One mail through reading → matching → journal; the only place that knows the order. What it means for the customer is judged
afterwards (`inboxcrm.judging`).

It works on whole batches, with a handful of queries each, inside the caller's transaction: the caller moves the folder's
cursors in it too, so that a crash repeats at most one batch, and the repeat changes nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Protocol

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from inboxcrm.customers.health import note_bounces
from inboxcrm.followup.drafts_folder import seen_in_sent
from inboxcrm.journal.dates import recount
from inboxcrm.journal.record import (
    Candidate,
    Recorded,
    decide,
    forget,
    reconsider,
    record,
    rewrite,
    standing_of,
)
from inboxcrm.journal.unjudged import mark
from inboxcrm.matching import rules, threads
from inboxcrm.matching.identify import Found, identify
from inboxcrm.matching.lookup import chunks, known_of, thread_facts_of, unsettled
from inboxcrm.matching.mail import Heading, Mail, mail_of
from inboxcrm.matching.own import OwnAddresses
from inboxcrm.matching.store import NewMessage, locate, storable, store, store_text, text_gone
from inboxcrm.matching.turn import wait_turn
from inboxcrm.model import (
    Direction,
    Folder,
    FolderRole,
    LogEntry,
    Message,
    Party,
    PartyRole,
    Standing,
    TextState,
)
from inboxcrm.newsletter import returns
from inboxcrm.newsletter.leaving import Signing
from inboxcrm.reading.identity import usable
from inboxcrm.reading.reading import Automatic, Reading

__all__ = ["Arrival", "OwnAddresses", "Taken", "fill_text", "take", "text_gone", "wanted"]


class Head(Heading, Protocol):
    """What the header alone tells (`inboxcrm.reading.Envelope`)."""

    @property
    def likely_automatic(self) -> bool: ...
    @property
    def likely_bounce(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Arrival:
    """One mail of a batch, read. `has_text` says whether `reading` was made from the text too or from the header alone; `signals` what
    was found in the text (`inboxcrm.engagement.stored.packed`), None when nobody has looked.
    """

    uid: int
    received_at: datetime
    size: int
    reading: Reading
    has_text: bool
    signals: list[dict[str, Any]] | None = None


@dataclass(frozen=True, slots=True)
class _Batch:
    """The mails of one folder, and what each of them is found to be."""

    folder: Folder
    arrivals: Sequence[Arrival]
    found: Sequence[Found]
    own: OwnAddresses
    now: datetime

    def __iter__(self) -> Iterator[tuple[Arrival, Found]]:
        return zip(self.arrivals, self.found, strict=True)

    @property
    def fresh(self) -> list[int]:
        """The places of the new mails, each mail once."""
        return [place for place, one in enumerate(self.found) if one.stored is None and one.first == place]


@dataclass(slots=True)
class Taken:
    """What a batch has become. `entries`: (entry, customer) of new log entries, of older mails too when this batch told whose they
    are. `wanted`: stored messages whose text must be fetched now.
    """

    new: int = 0
    known: int = 0
    logged: int = 0
    """New mails that stand in a log."""
    unmatched: int = 0
    """New mails that match nobody."""
    entries: list[tuple[int, int]] = field(default_factory=list)
    wanted: list[int] = field(default_factory=list)
    issues: set[int] = field(default_factory=set)
    """Issues of newsletters of which the batch tells something."""

    @property
    def customers(self) -> frozenset[int]:
        """The customers whose logs have grown."""
        return frozenset(customer for _entry, customer in self.entries)

    def add(self, done: Recorded) -> None:
        """Counts in what a recording changed."""
        self.entries += done.entries
        self.wanted += done.wanted


def wanted(
    session: Session,
    own: OwnAddresses,
    folder_role: FolderRole,
    heads: Sequence[tuple[int, Head]],
    sizes: Mapping[int, int] | None = None,
) -> set[int]:
    """The UIDs of those (uid, Envelope) whose text is worth fetching: matched, in a customer's thread, probably a bounce, or
    without a Message-ID (only its text tells such a mail from others).

    With `sizes` (UID → RFC822.SIZE) a copy of a mail whose text is here already is not fetched again: the same Message-ID and
    the same size.
    """
    complete = _complete(session, [head.message_id for _uid, head in heads]) if sizes else set()
    chosen: set[int] = set()
    asked: list[tuple[int, Head, Mail]] = []
    for uid, head in heads:
        if not usable(head.message_id) or head.likely_bounce:
            chosen.add(uid)
        elif not sizes or (head.message_id, sizes.get(uid)) not in complete:
            kind = Automatic.LIST.value if head.likely_automatic else ""
            asked.append((uid, head, mail_of(head, folder_role, own, automatic=kind)))
    known = known_of(session, [mail for _uid, _head, mail in asked])
    undecided: set[int] = set()
    for uid, _head, mail in asked:
        if rules.match(mail, known):
            chosen.add(uid)
        elif not mail.is_internal:
            undecided.add(uid)
    return chosen | _in_customers_threads(session, asked, undecided, known) if undecided else chosen


def _complete(session: Session, ids: Collection[str]) -> set[tuple[str, int]]:
    found: set[tuple[str, int]] = set()
    for some in chunks({one for one in ids if usable(one)}):
        found.update(
            session.execute(
                select(Message.message_id, Message.size).where(
                    Message.message_id.in_(some), Message.text_state == TextState.PRESENT
                )
            )
        )
    return found


def _in_customers_threads(
    session: Session, asked: Sequence[tuple[int, Head, Mail]], undecided: set[int], known: rules.Known
) -> set[int]:
    """Those of `undecided` that stand in a thread which belongs to a customer, by the log or by this batch."""
    # Not by subject: that needs the date, and a mail that only its subject ties gets its text a little later.
    anytime = datetime.min.replace(tzinfo=UTC)
    ties = [threads.ties_of(head, mail, anytime, by_subject=False) for _uid, head, mail in asked]
    grouping = threads.group(session, ties)
    facts: dict[int, rules.ThreadFacts] = {}
    for (_uid, _head, mail), label in zip(asked, grouping.labels, strict=True):
        facts[label] = facts.get(label, rules.NO_THREAD) | rules.thread_facts(mail, known)
    labels = {label for (uid, _head, _mail), label in zip(asked, grouping.labels, strict=True) if uid in undecided}
    stored = thread_facts_of(session, {thread for label in labels for thread in grouping.existing.get(label, ())})
    for label in labels:
        for thread in grouping.existing.get(label, ()):
            facts[label] |= stored.get(thread, rules.NO_THREAD)
    return {
        uid
        for (uid, _head, mail), label in zip(asked, grouping.labels, strict=True)
        if uid in undecided and rules.match(mail, known, facts[label])
    }


def take(
    session: Session,
    folder: Folder,
    arrivals: Sequence[Arrival],
    own: OwnAddresses,
    now: datetime,
    *,
    signing: Signing | None = None,
) -> Taken:
    """Takes a batch of one folder into the database; the same batch again changes nothing. `signing`: reads the tokens of mails that
    leave newsletters (None: there are none).

    1. Wait for the turn, so that two writers never decide about the same mail at once. 2. Recognise known mails. 3. Take the new
    ones (`_take_new`). 4. Note where all of them lie. 5. Decide anew about older mails about which this batch tells more. 6. Settle
    the drafts that are found in Sent.
    """
    taken = Taken()
    if not arrivals:
        return taken
    wait_turn(session)
    arrivals = [_clean(one) for one in arrivals]
    batch = _Batch(folder, arrivals, identify(session, [(one.reading, one.has_text) for one in arrivals]), own, now)
    again = _meet_known(session, batch, taken)
    ids, affected = _take_new(session, batch, taken, signing)
    places = [(mail.uid, one.stored.id if one.stored else ids[one.first]) for mail, one in batch]
    locate(session, folder, places)
    again |= affected
    if again:
        taken.add(reconsider(session, again, now))
    if folder.role is FolderRole.SENT:
        seen_in_sent(session, {message for _uid, message in places}, now)
    taken.known = len(arrivals) - taken.new
    return taken


def _clean(arrival: Arrival) -> Arrival:
    reading = storable(arrival.reading)
    return arrival if reading is arrival.reading else replace(arrival, reading=reading)


def _take_new(
    session: Session, batch: _Batch, taken: Taken, signing: Signing | None
) -> tuple[dict[int, int], set[int]]:
    """Takes the new mails of a batch: 1. puts them into threads; 2. decides whose they are; 3. stores them; 4. writes the log; 5. notes
    bounced addresses, and what comes back of newsletters. Returns place in the batch → message id, and the older messages to decide
    about anew.
    """
    fresh, own, now = batch.fresh, batch.own, batch.now
    if not fresh:
        return {}, set()
    chosen = _fullest(batch)
    mails = [_mail(one.reading, batch.folder.role, own) for one in chosen]
    instants = [one.reading.date or one.received_at for one in chosen]
    ties = [
        threads.ties_of(one.reading, mail, at, one.reading.bounce.original_message_id if one.reading.bounce else "")
        for one, mail, at in zip(chosen, mails, instants, strict=True)
    ]
    assigned = threads.assign(session, ties, [one.reading.subject for one in chosen])
    known = known_of(session, mails)
    facts = thread_facts_of(session, assigned.old)
    decided = decide(list(zip(mails, assigned.threads, strict=True)), known, facts)
    standings = [standing_of(mail, matches, known) for mail, matches in zip(mails, decided, strict=True)]
    ids = store(
        session,
        [
            NewMessage(
                batch.found[place].key,
                thread,
                mail,
                one.reading,
                standing,
                _text_state(standing, has_text=one.has_text),
                at,
                one.received_at,
                one.size,
                one.has_text,
                one.signals,
            )
            for place, one, mail, thread, standing, at in zip(
                fresh, chosen, mails, assigned.threads, standings, instants, strict=True
            )
        ],
        now,
    )
    candidates = [
        Candidate(
            message,
            thread,
            mail,
            at,
            one.reading.subject,
            one.reading.new_text if one.has_text else "",
            " ".join(attachment.name for attachment in one.reading.attachments) if one.has_text else "",
            TextState.PRESENT if one.has_text else TextState.ABSENT,
            Standing.UNMATCHED,
        )
        for message, one, mail, thread, at in zip(ids, chosen, mails, assigned.threads, instants, strict=True)
    ]
    taken.add(record(session, candidates, decided, known, now))
    taken.new = len(fresh)
    taken.logged = standings.count(Standing.LOGGED)
    taken.unmatched = standings.count(Standing.UNMATCHED)
    note_bounces(session, mails, now)
    came = [
        returns.Came.of(message, one.reading, mail, at, one.signals)
        for message, one, mail, at in zip(ids, chosen, mails, instants, strict=True)
    ]
    taken.issues |= returns.note(session, came, now, signing)
    return dict(zip(fresh, ids, strict=True)), _affected(session, candidates, known, facts, assigned) - set(ids)


def _fullest(batch: _Batch) -> list[Arrival]:
    """For each new mail its arrival; where a batch holds several copies, the first one that has the text."""
    copies: dict[int, list[Arrival]] = {place: [] for place in batch.fresh}
    for arrival, one in batch:
        if one.stored is None:
            copies[one.first].append(arrival)
    return [next((one for one in several if one.has_text), several[0]) for several in copies.values()]


def _mail(reading: Reading, role: FolderRole, own: OwnAddresses) -> Mail:
    return mail_of(
        reading,
        role,
        own,
        automatic=reading.automatic.value if reading.automatic else "",
        verified=None if role is FolderRole.SENT else reading.sender_verified,
        failed=[one.address for one in reading.bounce.recipients] if reading.bounce else reading.complainers,
    )


def _text_state(standing: Standing, *, has_text: bool) -> TextState:
    if standing is not Standing.LOGGED:
        return TextState.ABSENT
    return TextState.PRESENT if has_text else TextState.WANTED


def _meet_known(session: Session, batch: _Batch, taken: Taken) -> set[int]:
    """What copies add to known messages: a text that was wanted; and that a mail is outgoing, when it lies in Sent.

    Returns the messages to decide about anew.
    """
    again: set[int] = set()
    for arrival, one in batch:
        stored = one.stored
        if stored is None:
            continue
        if arrival.has_text and stored.standing is Standing.LOGGED and stored.text_state is not TextState.PRESENT:
            taken.entries += fill_text(session, stored.id, arrival.reading, arrival.signals)
        in_sent = batch.folder.role is FolderRole.SENT
        if in_sent and stored.direction is Direction.IN and arrival.reading.automatic is not Automatic.BOUNCE:
            _turn_round(session, stored.id)
            again.add(stored.id)
    return again


def _turn_round(session: Session, message_id: int) -> None:
    """Makes a stored message outgoing: it was met elsewhere first, and its sender is an alias that we didn't know of."""
    session.execute(
        update(Message)
        .where(Message.id == message_id)
        .values(direction=Direction.OUT, sender_verified=None, standing=Standing.UNMATCHED, signals=None)
    )
    session.execute(
        delete(Party).where(Party.message_id == message_id, Party.role.in_((PartyRole.FROM, PartyRole.REPLY_TO)))
    )
    entries = session.execute(
        select(LogEntry.id, LogEntry.customer_id).where(LogEntry.message_id == message_id, LogEntry.created_by == "")
    ).all()
    forget(session, [entry for entry, _customer in entries])
    recount(session, {customer for _entry, customer in entries})
    mark(session, {customer for _entry, customer in entries})


def _affected(
    session: Session,
    candidates: Sequence[Candidate],
    known: rules.Known,
    before: Mapping[int, rules.ThreadFacts],
    assigned: threads.Assigned,
) -> set[int]:
    """The stored messages, not matched by address, of the threads about whose customers a batch tells more."""
    after: dict[int, rules.ThreadFacts] = {}
    for one in candidates:
        there = after.get(one.thread_id) or before.get(one.thread_id, rules.NO_THREAD)
        after[one.thread_id] = there | rules.thread_facts(one.mail, known)
    changed = {thread for thread in assigned.old if after[thread] != before.get(thread, rules.NO_THREAD)}
    found: set[int] = set()
    for some in chunks(changed | assigned.merged):
        found.update(session.scalars(unsettled(some)))
    return found


def fill_text(
    session: Session, message_id: int, reading: Reading, signals: list[dict[str, Any]] | None = None
) -> list[tuple[int, int]]:
    """A text that was wanted has been fetched: the message and its entries get it, and the `signals` found in it. Returns
    (entry, customer) of the entries.
    """
    reading = storable(reading)
    store_text(session, message_id, reading, signals)
    return rewrite(
        session, message_id, reading.subject, reading.new_text, " ".join(one.name for one in reading.attachments)
    )
