"""From matched mails to log entries: writes what is missing, takes back what no longer holds, and keeps what hangs on an entry
(search document, contact dates, standing, proposals) right in the same transaction.

What a person decided about a mail is never changed here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from inboxcrm.journal import dates
from inboxcrm.journal.content import shorten
from inboxcrm.journal.tokens import document
from inboxcrm.journal.unjudged import mark
from inboxcrm.matching import rules
from inboxcrm.matching.lookup import chunks, known_of, mail_of_stored, parties_of, thread_facts_of
from inboxcrm.matching.mail import Mail
from inboxcrm.model import (
    Channel,
    ContactProposal,
    LogEntry,
    MatchedBy,
    Message,
    ProposalState,
    SearchDocument,
    SearchKind,
    Standing,
    TextState,
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A message whose place in the logs is to be decided, with the text that its entries will have."""

    message_id: int
    thread_id: int
    mail: Mail
    at: datetime
    subject: str
    new_text: str
    attachments: str
    """The names of its attachments."""
    text_state: TextState
    standing: Standing
    entries: tuple[tuple[int, int, MatchedBy, float], ...] = ()
    """(id, customer, by, confidence) of the entries it has."""
    decided: bool = False
    """A person said whose it is: then no rule is asked."""


@dataclass(slots=True)
class Recorded:
    """What was changed. `entries`: (entry, customer) of new log entries; `wanted`: messages whose text must be fetched now."""

    entries: list[tuple[int, int]] = field(default_factory=list)
    removed: int = 0
    wanted: list[int] = field(default_factory=list)
    standings: dict[int, Standing] = field(default_factory=dict)
    """Message → where it stands now."""

    @property
    def customers(self) -> frozenset[int]:
        """The customers whose logs have grown."""
        return frozenset(customer for _entry, customer in self.entries)

    def add(self, other: Recorded) -> None:
        """Counts in what another portion changed."""
        self.entries += other.entries
        self.removed += other.removed
        self.wanted += other.wanted
        self.standings |= other.standings


def decide(
    mails: Sequence[tuple[Mail, int]], known: rules.Known, threads: Mapping[int, rules.ThreadFacts]
) -> list[list[rules.Match]]:
    """The matches of each (mail, thread). `threads` is what the other stored messages of each thread tell. Pure."""
    whole = dict(threads)
    for mail, thread in mails:
        facts = rules.thread_facts(mail, known)
        whole[thread] = whole[thread] | facts if thread in whole else facts
    return [rules.match(mail, known, whole[thread]) for mail, thread in mails]


def record(
    session: Session,
    candidates: Sequence[Candidate],
    decided: Sequence[Sequence[rules.Match]],
    known: rules.Known,
    now: datetime,
) -> Recorded:
    """Brings the logs in line with what was decided about these messages (`decide`); see the module's head."""
    done = Recorded()
    fresh: list[tuple[Candidate, rules.Match]] = []
    stale: list[int] = []
    touched: set[int] = set()
    for one, matches in zip(candidates, decided, strict=True):
        there = {customer: (entry, by, confidence) for entry, customer, by, confidence in one.entries}
        for match in matches:
            entry = there.pop(match.customer_id, None)
            if entry is None:
                fresh.append((one, match))
            elif entry[1:] != (match.by, match.confidence):
                _relabel(session, entry[0], match)
                touched.add(match.customer_id)
        stale += [entry for entry, _by, _confidence in there.values()]
        touched |= there.keys()
        done.standings[one.message_id] = standing_of(one.mail, matches, known)
        if matches and one.text_state is TextState.ABSENT:
            done.wanted.append(one.message_id)
    forget(session, stale)
    done.removed = len(stale)
    done.entries = _append(session, fresh, now)
    mark(session, touched | {match.customer_id for _one, match in fresh})
    dates.recount(session, touched)
    _propose(session, fresh, known, now)
    return done


def reconsider(session: Session, messages: Collection[int], now: datetime) -> Recorded:
    """Decides anew about stored messages, and what hangs on it: when a thread or a customer file has grown or changed.

    1. load the messages with their parties and entries; 2. find what is known of them; 3. record; 4. set their standing and
    ask for the texts that are missing.
    """
    candidates = load_candidates(session, messages)
    if not candidates:
        return Recorded()
    known = known_of(session, [one.mail for one in candidates])
    candidates = [replace(one, decided=True) if _set_aside(one, known) else one for one in candidates]
    threads = thread_facts_of(
        session,
        {one.thread_id for one in candidates},
        without=[one.message_id for one in candidates if not one.decided],
    )
    candidates = [one for one in candidates if not one.decided]
    decided = decide([(one.mail, one.thread_id) for one in candidates], known, threads)
    done = record(session, candidates, decided, known, now)
    set_standings(session, candidates, done)
    return done


def set_standings(session: Session, candidates: Iterable[Candidate], done: Recorded) -> None:
    """Writes the standings that changed, and marks the texts that are wanted, of stored messages."""
    changed: dict[Standing, list[int]] = defaultdict(list)
    for one in candidates:
        standing = done.standings.get(one.message_id, one.standing)
        if standing is not one.standing:
            changed[standing].append(one.message_id)
    for standing, ids in changed.items():
        for some in chunks(ids):
            session.execute(update(Message).where(Message.id.in_(some)).values(standing=standing))
    for some in chunks(done.wanted):
        session.execute(update(Message).where(Message.id.in_(some)).values(text_state=TextState.WANTED))


def load_candidates(session: Session, messages: Collection[int]) -> list[Candidate]:
    """The stored messages of these ids, ready to be decided about; internal mail is left out."""
    rows: list[Any] = []
    entries: dict[int | None, list[tuple[int, int, MatchedBy, float]]] = defaultdict(list)
    decided: set[int | None] = set()
    for some in chunks(messages):
        rows += session.execute(
            select(
                Message.id,
                Message.thread_id,
                Message.direction,
                Message.automatic,
                Message.sender_verified,
                Message.at,
                Message.subject,
                Message.new_text,
                Message.attachments,
                Message.text_state,
                Message.standing,
                Message.sender_address,
            ).where(Message.id.in_(some), Message.standing != Standing.INTERNAL)
        ).all()
        for entry, message, customer, by, confidence, person in session.execute(
            select(
                LogEntry.id,
                LogEntry.message_id,
                LogEntry.customer_id,
                LogEntry.matched_by,
                LogEntry.confidence,
                LogEntry.created_by,
            ).where(LogEntry.message_id.in_(some))
        ):
            entries[message].append((entry, customer, by, confidence))
            if person:
                decided.add(message)
    parties = parties_of(session, [row.id for row in rows])
    return [
        Candidate(
            row.id,
            row.thread_id,
            mail_of_stored(row, parties.get(row.id, ())),
            row.at,
            row.subject,
            row.new_text,
            " ".join(one["name"] for one in row.attachments),
            row.text_state,
            row.standing,
            tuple(entries.get(row.id, ())),
            row.id in decided,
        )
        for row in rows
    ]


def rewrite(session: Session, message_id: int, subject: str, new_text: str, attachments: str) -> list[tuple[int, int]]:
    """Gives the entries of a message their content when its text has come. Returns (entry, customer) of each."""
    entries = session.execute(select(LogEntry.id, LogEntry.customer_id).where(LogEntry.message_id == message_id)).all()
    if not entries:
        return []
    session.execute(update(LogEntry).where(LogEntry.message_id == message_id).values(content=shorten(new_text)))
    session.execute(
        update(SearchDocument)
        .where(SearchDocument.kind == SearchKind.ENTRY, SearchDocument.ref_id.in_([entry for entry, _ in entries]))
        .values(tokens=document(subject, new_text, attachments))
    )
    mark(session, {customer for _entry, customer in entries})
    return [(entry, customer) for entry, customer in entries]


def _set_aside(one: Candidate, known: rules.Known) -> bool:
    """Whether a person took this one mail out of a log; a mail of an ignored sender is decided about like any other."""
    people = one.mail.counterparts
    return one.standing is Standing.IGNORED and not (people and all(known.is_ignored(address) for address in people))


def standing_of(mail: Mail, matches: Sequence[rules.Match], known: rules.Known) -> Standing:
    """Where a mail stands that was decided so."""
    if mail.is_internal:
        return Standing.INTERNAL
    if matches:
        return Standing.LOGGED
    people = mail.counterparts
    if people and all(known.is_ignored(address) for address in people):
        return Standing.IGNORED
    return Standing.UNMATCHED


def _append(session: Session, fresh: Sequence[tuple[Candidate, rules.Match]], now: datetime) -> list[tuple[int, int]]:
    if not fresh:
        return []
    spans: dict[int, dates.Span] = {}
    rows = []
    contents: dict[int, str] = {}
    for one, match in fresh:
        content = contents.get(one.message_id)
        if content is None:
            content = contents[one.message_id] = shorten(one.new_text)
        rows.append(
            {
                "customer_id": match.customer_id,
                "contact_id": match.contact_id,
                "message_id": one.message_id,
                "at": one.at,
                "channel": Channel.MAIL,
                "direction": one.mail.direction,
                "subject": one.subject,
                "content": content,
                "feedback": "",
                "next_follow_up": None,
                "automatic": one.mail.automatic,
                "matched_by": match.by,
                "confidence": match.confidence,
                "match_facts": dict(match.facts),
                "warnings": [dict(warning) for warning in match.warnings],
                "created_at": now,
                "created_by": "",
            }
        )
        spans.setdefault(match.customer_id, dates.Span()).include(
            one.at,
            Channel.MAIL,
            one.mail.direction,
            counts=dates.counts(one.mail.automatic, match.confidence, has_warnings=bool(match.warnings)),
        )
    table = LogEntry.__table__
    id_of = {
        (message, customer): entry
        for entry, message, customer in session.connection().execute(
            insert(table).returning(table.c.id, table.c.message_id, table.c.customer_id),  # type: ignore[arg-type]
            rows,
        )
    }
    ids = [id_of[one.message_id, match.customer_id] for one, match in fresh]
    documents: dict[int, str] = {}
    for one, _match in fresh:
        if one.message_id not in documents:
            documents[one.message_id] = document(one.subject, one.new_text, one.attachments)
    session.connection().execute(
        insert(SearchDocument.__table__),  # type: ignore[arg-type]
        [
            {
                "kind": SearchKind.ENTRY,
                "ref_id": entry,
                "customer_id": match.customer_id,
                "tokens": documents[one.message_id],
            }
            for entry, (one, match) in zip(ids, fresh, strict=True)
        ],
    )
    dates.widen(session, spans)
    return [(entry, match.customer_id) for entry, (_one, match) in zip(ids, fresh, strict=True)]


def _relabel(session: Session, entry: int, match: rules.Match) -> None:
    session.execute(
        update(LogEntry)
        .where(LogEntry.id == entry)
        .values(
            matched_by=match.by,
            confidence=match.confidence,
            contact_id=match.contact_id,
            match_facts=dict(match.facts),
            warnings=[dict(warning) for warning in match.warnings],
        )
    )


def forget(session: Session, entries: Collection[int]) -> None:
    """Deletes entries and their search documents; the caller sees to the dates."""
    for some in chunks(entries):
        session.execute(
            delete(SearchDocument).where(SearchDocument.kind == SearchKind.ENTRY, SearchDocument.ref_id.in_(some))
        )
        session.execute(delete(LogEntry).where(LogEntry.id.in_(some)))


def _propose(
    session: Session, fresh: Sequence[tuple[Candidate, rules.Match]], known: rules.Known, now: datetime
) -> None:
    wanted: dict[tuple[int, str], dict[str, Any]] = {}
    for one, match in fresh:
        if match.by not in (MatchedBy.THREAD, MatchedBy.DOMAIN):
            continue
        for customer, person in rules.proposals(one.mail, known, [match]):
            wanted.setdefault(
                (customer, person.address),
                {
                    "customer_id": customer,
                    "address": person.address,
                    "written": person.written or person.address,
                    "name": person.name,
                    "message_id": one.message_id,
                    "state": ProposalState.OPEN,
                    "created_at": now,
                },
            )
    if not wanted:
        return
    there: set[tuple[int, str]] = set()
    for some in chunks({customer for customer, _address in wanted}):
        there.update(
            session.execute(
                select(ContactProposal.customer_id, ContactProposal.address).where(
                    ContactProposal.customer_id.in_(some),
                    ContactProposal.address.in_({address for _customer, address in wanted}),
                )
            )
        )
    rows = [row for key, row in wanted.items() if key not in there]
    if rows:
        session.connection().execute(insert(ContactProposal.__table__), rows)  # type: ignore[arg-type]
