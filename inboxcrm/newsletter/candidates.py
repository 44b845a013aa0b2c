"""The contacts of the file before the rules of an audience: who gets an issue, who is left out and why, now and when it is sent.

It goes through the contacts a portion at a time, with the same few queries for a portion as for one recipient, so memory stays bounded
however many there are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy.orm import Session

from inboxcrm.matching.lookup import chunks
from inboxcrm.matching.own import OwnAddresses
from inboxcrm.model import Issue, Recipient
from inboxcrm.newsletter import candidate_facts
from inboxcrm.newsletter.audience import Audience
from inboxcrm.newsletter.choosing import Candidate, Choice, judge
from inboxcrm.newsletter.outbox import Queued
from inboxcrm.newsletter.reasons import Reason, Why, in_words

_PORTION = 500
"""Contacts that are in memory together."""


@dataclass(frozen=True, slots=True)
class Selection:
    """What decides about an issue's recipients. `texts`: the languages that it is written in; `fallback`: the one for everybody else,
    "" to leave them out; `own`: who we are; `issue_id`: the issue itself, whose own recipients don't count as another issue (None:
    none yet).
    """

    audience: Audience
    texts: tuple[str, ...]
    fallback: str
    own: OwnAddresses
    issue_id: int | None = None

    @classmethod
    def of(cls, issue: Issue, own: OwnAddresses) -> Selection:
        """As an issue has it."""
        texts = tuple(text.language for text in issue.texts)
        return cls(Audience.unpacked(issue.audience), texts, issue.fallback_language, own, issue.id)


@dataclass(frozen=True, slots=True)
class Overview:
    """Numbers of an audience: how many are `chosen`, by `languages`; how many are left out for each reason (`left_out`; who has several
    counts in each) and in all (`out`).
    """

    chosen: int
    out: int
    languages: Counter[str] = field(default_factory=Counter)
    left_out: Counter[Why] = field(default_factory=Counter)


def choose(session: Session, selection: Selection, now: datetime) -> Iterator[Choice]:
    """Every contact of the file with what becomes of him, by contact id. `now` is aware."""
    shared: dict[str, str] = {}
    after = 0
    while rows := candidate_facts.after(session, after, _PORTION):
        after = rows[-1].id
        for one in candidate_facts.candidates(session, rows, selection.audience, selection.issue_id, now):
            choice = _judged(one, selection, now)
            if choice.is_in and any(facts.others for facts in one.addresses if facts.address == choice.address):
                if choice.address in shared:
                    choice = replace(choice, reasons=(Reason(Why.TWICE, shared[choice.address]),))
                else:
                    shared[choice.address] = choice.customer
            yield choice


def _judged(candidate: Candidate, selection: Selection, now: datetime) -> Choice:
    return judge(
        candidate,
        selection.audience,
        texts=selection.texts,
        fallback=selection.fallback,
        is_ours=selection.own.is_ours,
        now=now,
    )


@dataclass(frozen=True, slots=True)
class Seen:
    """An audience at an instant: its numbers, and those `contacts` that were asked for; `more`: there are others like them."""

    numbers: Overview
    contacts: Sequence[Choice]
    more: bool


def seen(
    session: Session,
    selection: Selection,
    now: datetime,
    *,
    chosen: bool,
    why: Why | None = None,
    text: str = "",
    after: int = 0,
    limit: int = 50,
) -> Seen:
    """Goes through the contacts once for the numbers and the first `limit`, behind contact `after`, who are in (`chosen`) or left out
    (for `why`), whose name, company or address holds `text`.
    """
    came = gone = 0
    spoken: Counter[str] = Counter()
    left_out: Counter[Why] = Counter()
    contacts: list[Choice] = []
    more = False
    folded = text.strip().casefold()
    for one in choose(session, selection, now):
        whys = {reason.why for reason in one.reasons}
        if one.is_in:
            came += 1
            spoken[one.language] += 1
        else:
            gone += 1
            left_out.update(whys)
        if one.contact_id <= after or one.is_in is not chosen:
            continue
        if (why is not None and why not in whys) or not _holds(one, folded):
            continue
        if len(contacts) < limit:
            contacts.append(one)
        else:
            more = True
    return Seen(Overview(came, gone, spoken, left_out), contacts, more)


def first_recipients(
    session: Session, selection: Selection, now: datetime, *, text: str = "", limit: int = 50
) -> list[Choice]:
    """The first contacts who get the issue and whose name, company or address holds `text`."""
    found: list[Choice] = []
    folded = text.strip().casefold()
    for one in choose(session, selection, now):
        if one.is_in and _holds(one, folded):
            found.append(one)
            if len(found) == limit:
                break
    return found


def _holds(one: Choice, folded: str) -> bool:
    return not folded or any(folded in value.casefold() for value in (one.name, one.customer, one.address))


def one_contact(session: Session, selection: Selection, contact_id: int, now: datetime) -> Choice | None:
    """What becomes of one contact; None when there is none. That another contact has taken his address isn't seen here."""
    rows = candidate_facts.of(session, [contact_id])
    if not rows:
        return None
    (candidate,) = candidate_facts.candidates(session, rows, selection.audience, selection.issue_id, now)
    choice = _judged(candidate, selection, now)
    if choice.address or not candidate.addresses:
        return choice
    return replace(choice, address=candidate.addresses[0].address, written=candidate.addresses[0].written)


def still_in(
    session: Session, selection: Selection, recipients: Sequence[Recipient | Queued], now: datetime
) -> dict[int, tuple[str, ...]]:
    """For the moment of sending, in the transaction that takes them: recipient id → why the issue must no longer go there, in words;
    who may get it is not in the answer. Everything is asked again: grade, filters, suppression, health, what was written meanwhile;
    only the language stays as it was approved.
    """
    audience = replace(selection.audience, languages=())
    against: dict[int, tuple[str, ...]] = {}
    for some in chunks(recipients, _PORTION):
        rows = candidate_facts.of(session, {one.contact_id for one in some if one.contact_id is not None})
        known = {
            one.contact_id: one
            for one in candidate_facts.candidates(session, rows, audience, selection.issue_id, now, heard=False)
        }
        for recipient in some:
            candidate = known.get(recipient.contact_id or 0)
            there = candidate is not None and any(one.address == recipient.address for one in candidate.addresses)
            if candidate is None or not there:
                against[recipient.id] = (in_words(Reason(Why.GONE)),)
                continue
            choice = judge(
                candidate,
                audience,
                texts=(recipient.language,),
                fallback=recipient.language,
                is_ours=selection.own.is_ours,
                now=now,
                only=recipient.address,
            )
            if not choice.is_in:
                against[recipient.id] = choice.words
    return against
