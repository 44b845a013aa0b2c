"""Which messages are one conversation: tied by Message-ID, In-Reply-To and References, whatever the order of arrival.

Threads are the connected parts of a graph whose links are kept in `ThreadLink`, for ids that were seen and ids that were only
referred to. The subject ties only a reply that names no earlier mail, with the same people, within 30 days.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.orm import Session

from inboxcrm.matching.domains import is_relay
from inboxcrm.matching.lookup import chunks
from inboxcrm.matching.mail import RECIPIENTS, Heading, Mail
from inboxcrm.model import Direction, Message, Party, PartyRole, Thread, ThreadLink
from inboxcrm.reading.identity import usable

SUBJECT_WINDOW = timedelta(days=30)
MOST_REFERENCES = 60
"""Longer chains are cut in the middle: the first mail and the latest ones tie the thread."""

_PEOPLE = ("", "auto_reply")
"""Values of `automatic` for mails that belong to a conversation between people."""

_PREFIX = re.compile(
    r"""\s*(?:\[[^\]]{1,40}\]\s*)?
    (?:re|aw|antw|antwort|sv|vs|vá|odp|rif|r|res|ref|ynt|cevap|bls|ång|回复|回覆|答复|答覆|返信|回信|отв|на|отг|rép|resp|respuesta|رد|الرد)
    \s*(?:\[\d{1,3}\]|\(\d{1,3}\)|\*\d{1,3}|\^\d{1,3}|\d{1,3})?\s*[:：]""",
    re.IGNORECASE | re.VERBOSE,
)
"""What mail programs put before the subject of an answer."""
_FORWARD = re.compile(
    r"\s*(?:fwd?|wg|tr|enc|i|rv|vl|vb|doorst|转发|轉寄|转寄|転送|пересл|fs|pd|İlt|ilt|تحويل)\s*[:：]", re.IGNORECASE
)


def base_subject(subject: str) -> tuple[str, bool]:
    """The subject without the prefixes of answers and forwards, folded; and whether it was an answer's."""
    rest, answers = _without_prefixes(subject)
    return " ".join(rest.casefold().split()), answers


def bare_subject(subject: str) -> str:
    """The subject without the prefixes of answers and forwards, as it was written."""
    return " ".join(_without_prefixes(subject)[0].split())


def _without_prefixes(subject: str) -> tuple[str, bool]:
    rest, answers = subject, False
    for _ in range(20):
        if found := _PREFIX.match(rest):
            answers = True
        elif not (found := _FORWARD.match(rest)):
            break
        rest = rest[found.end() :]
    return rest, answers


@dataclass(frozen=True, slots=True)
class Ties:
    """What ties one mail to others. `ids`: its own Message-ID and those it refers to. `subject_keys`: one a counterpart, for
    mails of the same subject. `seeks`: whether it is an answer that names no earlier mail.
    """

    ids: tuple[str, ...]
    subject: str
    subject_keys: tuple[str, ...]
    counterparts: frozenset[str]
    seeks: bool
    at: datetime


def ties_of(heading: Heading, mail: Mail, at: datetime, original: str = "", *, by_subject: bool = True) -> Ties:
    """The ties of a mail written `at`; `original` is the id of our mail that a bounce returned. Without `by_subject` only ids tie."""
    references = heading.references
    if len(references) > MOST_REFERENCES:
        references = (references[0], *references[1 - MOST_REFERENCES :])
    named = [one for one in dict.fromkeys((*references, heading.in_reply_to, original)) if one and usable(one)]
    own = [heading.message_id] if usable(heading.message_id) else []
    if not by_subject:
        return Ties(tuple(dict.fromkeys([*own, *named])), "", (), frozenset(), False, at)
    subject, answers = base_subject(heading.subject)
    counterparts = frozenset(mail.counterparts) if mail.automatic in _PEOPLE else frozenset()
    keys = tuple(_subject_key(subject, one) for one in counterparts) if subject else ()
    return Ties(tuple(dict.fromkeys([*own, *named])), subject, keys, counterparts, answers and not named, at)


def _subject_key(subject: str, counterpart: str) -> str:
    return (
        "subject:" + hashlib.blake2b(f"{counterpart}\0{subject}".encode("utf-8", "replace"), digest_size=16).hexdigest()
    )


class _Parts:
    """Union-find over mails (by position) and existing threads (by id, stored negative)."""

    __slots__ = ("parent",)

    def __init__(self) -> None:
        self.parent: dict[int, int] = {}

    def root(self, node: int) -> int:
        parent = self.parent
        parent.setdefault(node, node)
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    def join(self, a: int, b: int) -> None:
        a, b = self.root(a), self.root(b)
        if a != b:
            # The smaller wins: existing threads (negative) before new mails.
            self.parent[max(a, b)] = min(a, b)


@dataclass(frozen=True, slots=True)
class Grouping:
    """`threads`: for each mail, the existing threads it is tied to (all to become one) and a label that is equal for mails
    of one thread.
    """

    labels: tuple[int, ...]
    existing: Mapping[int, tuple[int, ...]]
    """Label → existing thread ids."""
    linked: frozenset[str]
    """Names that have a link already."""


def group(session: Session, ties: Sequence[Ties]) -> Grouping:
    """How the mails of a batch hang together with each other and with the stored threads; writes nothing."""
    links = _links(session, {name for one in ties for name in (*one.ids, *one.subject_keys)})
    parts = _Parts()
    owner: dict[str, int] = {}
    seekers: dict[str, list[int]] = defaultdict(list)
    for place, one in enumerate(ties):
        parts.root(place)
        for name in one.ids:
            if name in links:
                parts.join(place, -links[name])
            elif name in owner:
                parts.join(place, owner[name])
            else:
                owner[name] = place
        if one.seeks:
            for key in one.subject_keys:
                seekers[key].append(place)
    for place, one in enumerate(ties):
        for key in one.subject_keys:
            for other in seekers.get(key, ()):
                if other != place and abs(ties[other].at - one.at) <= SUBJECT_WINDOW:
                    parts.join(place, other)
    asking = [
        place
        for place, one in enumerate(ties)
        if one.subject and (one.seeks or any(key in links for key in one.subject_keys))
    ]
    for place, thread in _by_subject(session, ties, asking):
        parts.join(place, -thread)
    labels = tuple(parts.root(place) for place in range(len(ties)))
    existing: dict[int, set[int]] = defaultdict(set)
    for node in parts.parent:
        if node < 0:
            existing[parts.root(node)].add(-node)
    return Grouping(labels, {label: tuple(sorted(threads)) for label, threads in existing.items()}, frozenset(links))


def parent_id(heading: Heading) -> str:
    """The id of the mail that this one answers: In-Reply-To, or the last of References where that is missing or useless."""
    if usable(heading.in_reply_to):
        return heading.in_reply_to
    return next((one for one in reversed(heading.references) if usable(one)), "")


@dataclass(frozen=True, slots=True)
class Assigned:
    """`threads`: the thread of each mail. `old`: those of them that had messages before. `merged`: those of `old` that swallowed
    others.
    """

    threads: list[int]
    old: frozenset[int]
    merged: frozenset[int]


def assign(session: Session, ties: Sequence[Ties], subjects: Sequence[str]) -> Assigned:
    """Puts every mail of a batch into a thread, and writes new threads, merged ones and links."""
    grouping = group(session, ties)
    thread_of = {label: threads[0] for label, threads in grouping.existing.items()}
    old = frozenset(thread_of.values())
    swallowed = {gone: threads[0] for threads in grouping.existing.values() for gone in threads[1:]}
    if swallowed:
        _merge(session, swallowed)
    fresh = {
        label: subjects[place] for place, label in reversed(list(enumerate(grouping.labels))) if label not in thread_of
    }
    if fresh:
        thread_of.update(_new_threads(session, fresh))
    threads = [thread_of[label] for label in grouping.labels]
    _add_links(session, ties, threads, grouping.linked)
    return Assigned(threads, old, frozenset(swallowed.values()))


def _new_threads(session: Session, subjects: Mapping[int, str]) -> dict[int, int]:
    """Label → id of a new thread, for each label with its subject."""
    table = Thread.__table__
    ids: dict[str, list[int]] = defaultdict(list)
    rows = [{"subject": subject} for subject in subjects.values()]
    # Any order will do among equal subjects; asking the database to keep the order would make it insert one by one.
    for thread, subject in session.connection().execute(insert(table).returning(table.c.id, table.c.subject), rows):  # type: ignore[arg-type]
        ids[subject].append(thread)
    return {label: ids[subject].pop() for label, subject in subjects.items()}


def _links(session: Session, names: Collection[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for some in chunks(names):
        rows = session.execute(
            select(ThreadLink.message_id, ThreadLink.thread_id).where(ThreadLink.message_id.in_(some))
        )
        found.update((name, thread) for name, thread in rows)
    return found


def _add_links(session: Session, ties: Sequence[Ties], threads: Sequence[int], linked: Collection[str]) -> None:
    wanted: dict[str, int] = {}
    for one, thread in zip(ties, threads, strict=True):
        for name in one.ids if not one.seeks else (*one.ids, *one.subject_keys):
            wanted[name] = thread
    rows = [{"message_id": name, "thread_id": thread} for name, thread in wanted.items() if name not in linked]
    if rows:
        session.execute(insert(ThreadLink.__table__), rows)  # type: ignore[arg-type]


def _merge(session: Session, swallowed: Mapping[int, int]) -> None:
    """Lets each thread (key) go up in another (value)."""
    rows = [{"gone": gone, "stays": stays} for gone, stays in swallowed.items()]
    connection = session.connection()
    for table in (Message.__table__, ThreadLink.__table__):
        connection.execute(
            update(table)  # type: ignore[arg-type]
            .where(table.c.thread_id == bindparam("gone"))
            .values(thread_id=bindparam("stays")),
            rows,
        )
    for some in chunks(swallowed):
        session.execute(delete(Thread).where(Thread.id.in_(some)))


def _by_subject(session: Session, ties: Sequence[Ties], asking: Sequence[int]) -> list[tuple[int, int]]:
    """(place, thread) of the stored messages that the asking mails are tied to by their subject."""
    if not asking:
        return []
    people = {person for place in asking for person in ties[place].counterparts}
    first = min(ties[place].at for place in asking) - SUBJECT_WINDOW
    last = max(ties[place].at for place in asking) + SUBJECT_WINDOW
    found: list[tuple[int, int]] = []
    by_person: dict[str, list[int]] = defaultdict(list)
    for place in asking:
        for person in ties[place].counterparts:
            by_person[person].append(place)
    for some in chunks(people):
        for person, role, thread, subject, at, in_reply_to, direction, sender in session.execute(
            select(
                Party.address,
                Party.role,
                Message.thread_id,
                Message.subject,
                Message.at,
                Message.in_reply_to,
                Message.direction,
                Message.sender_address,
            )
            .join(Message, Message.id == Party.message_id)
            .where(
                Party.address.in_(some),
                Message.at >= first,
                Message.at <= last,
                Message.automatic.in_(_PEOPLE),
            )
        ):
            if not _is_counterpart(role, direction, sender):
                continue
            base, answers = base_subject(subject)
            seeks = answers and not in_reply_to
            found += [
                (place, thread)
                for place in by_person[person]
                if ties[place].subject == base
                and (seeks or ties[place].seeks)
                and abs(ties[place].at - at) <= SUBJECT_WINDOW
            ]
    return found


def _is_counterpart(role: PartyRole, direction: Direction, sender: str) -> bool:
    """The same as `Mail.counterparts`, for one stored party."""
    if direction is Direction.OUT:
        return role in RECIPIENTS
    return role is (PartyRole.REPLY_TO if not sender or is_relay(sender) else PartyRole.FROM) or role is PartyRole.FROM
