"""Who gets an issue and who is left out: the rules alone, on plain facts. Pure; it reads nothing and sends nothing.

A person chooses grades, countries, tags and so on. What protects people from mail they don't want (suppressed, bouncing, written to a
moment ago, in a conversation with us) can't be chosen away.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from inboxcrm.followup.composing import UnsendableError, wire_address
from inboxcrm.model import AddressHealth, Grade, Status, SuppressionReason
from inboxcrm.newsletter.audience import Audience
from inboxcrm.newsletter.reasons import Reason, Why, in_words


@dataclass(frozen=True, slots=True)
class Owner:
    """Another contact with the same address, and what is known of his customer."""

    contact_id: int
    customer: str
    grade: Grade


@dataclass(frozen=True, slots=True)
class AddressFacts:
    """One address of a contact. `suppressed`: why it must get no bulk mail, None for nothing; `last_issue_at`: when it last got an
    issue (other than this one); `queued_in`: the name of another issue in which its turn is still to come; `others`: who else has it.
    """

    address: str
    written: str
    health: AddressHealth = AddressHealth.OK
    suppressed: SuppressionReason | None = None
    last_issue_at: datetime | None = None
    queued_in: str = ""
    others: tuple[Owner, ...] = ()


@dataclass(frozen=True, slots=True)
class Candidate:
    """A contact and his customer at an instant. `language`: as far as is known, else "". `heard_at`: the last contact of any kind;
    `written_at`: when we last wrote or spoke to them personally; `unanswered_since`: of a mail of theirs that waits for us;
    `follow_up_at`: when the next step of a running cadence is due (or now, when a draft waits); `refused_at`: when they said no;
    `unjudged`: that judging failed, so that nobody knows whether the grade is right, or what they asked for.
    """

    contact_id: int
    customer_id: int
    name: str
    customer: str
    grade: Grade
    status: Status
    country: str = ""
    language: str = ""
    source: str = ""
    tags: tuple[str, ...] = ()
    products: tuple[str, ...] = ()
    addresses: tuple[AddressFacts, ...] = ()
    heard_at: datetime | None = None
    written_at: datetime | None = None
    unanswered_since: datetime | None = None
    follow_up_at: datetime | None = None
    refused_at: datetime | None = None
    held: bool = False
    unjudged: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """What became of a contact: in, with `address`, `written` and `language`; or left out, with every reason."""

    contact_id: int
    customer_id: int
    name: str
    customer: str
    country: str
    grade: Grade
    address: str = ""
    written: str = ""
    language: str = ""
    reasons: tuple[Reason, ...] = field(default=())

    @property
    def is_in(self) -> bool:
        """Whether the issue goes there."""
        return not self.reasons

    @property
    def words(self) -> tuple[str, ...]:
        """The reasons in words, in the language of this context."""
        return tuple(in_words(one) for one in self.reasons)


FOR_THE_PERSON = frozenset(
    {SuppressionReason.LEFT, SuppressionReason.ASKED, SuppressionReason.COMPLAINT, SuppressionReason.PERSON}
)
"""Suppressions that are meant for the person, whatever address the mail would go to; the others are about one address only."""

_NOBODY_READS = frozenset(
    "mailer-daemon postmaster abuse noreply no-reply donotreply do-not-reply no_reply bounce bounces nobody".split()
)


def judge(
    candidate: Candidate,
    audience: Audience,
    *,
    texts: Collection[str],
    fallback: str,
    is_ours: Callable[[str], bool] = lambda _address: False,
    now: datetime,
    only: str = "",
) -> Choice:
    """Whether a contact gets an issue. `texts`: the languages that it is written in; `fallback`: the one for contacts whose language
    isn't among them, "" to leave them out; `is_ours`: whether an address (comparison form) is our own; `only`: the one address that it
    may go to, "" for whichever is good. `now` is aware.
    """
    reasons = [*_chosen_away(candidate, audience), *_protected(candidate, audience, now)]
    address, found = _address(candidate, audience, is_ours, now, only)
    reasons += found
    language = candidate.language if candidate.language in texts else fallback
    if language not in texts:
        reasons.append(Reason(Why.NO_TEXT, candidate.language))
    return Choice(
        candidate.contact_id,
        candidate.customer_id,
        candidate.name,
        candidate.customer,
        candidate.country,
        candidate.grade,
        address.address if address is not None else "",
        address.written if address is not None else "",
        language,
        tuple(reasons),
    )


def _chosen_away(one: Candidate, audience: Audience) -> Iterator[Reason]:
    if one.grade not in audience.grades:
        yield Reason(Why.GRADE, one.grade.value)
    if audience.statuses and one.status not in audience.statuses:
        yield Reason(Why.STATUS, one.status.value)
    if audience.countries and one.country not in audience.countries:
        yield Reason(Why.COUNTRY, one.country)
    if audience.languages and one.language not in audience.languages:
        yield Reason(Why.LANGUAGE, one.language)
    if audience.products and not _shares(audience.products, one.products):
        yield Reason(Why.PRODUCT)
    if audience.tags and not _shares(audience.tags, one.tags):
        yield Reason(Why.TAG)
    if audience.sources and not _shares(audience.sources, (one.source,)):
        yield Reason(Why.SOURCE, one.source)
    heard = one.heard_at.date() if one.heard_at is not None else None
    too_early = audience.heard_after is not None and (heard is None or heard < audience.heard_after)
    too_late = audience.heard_before is not None and heard is not None and heard > audience.heard_before
    if too_early or too_late:
        yield Reason(Why.LAST_CONTACT, heard.isoformat() if heard is not None else "")


def _protected(one: Candidate, audience: Audience, now: datetime) -> Iterator[Reason]:
    if one.refused_at is not None:
        yield Reason(Why.REFUSED, _day(one.refused_at))
    if one.held:
        yield Reason(Why.HELD)
    if one.unjudged:
        yield Reason(Why.UNJUDGED)
    if one.unanswered_since is not None:
        yield Reason(Why.UNANSWERED, _day(one.unanswered_since))
    if one.follow_up_at is not None:
        yield Reason(Why.CADENCE, _day(one.follow_up_at))
    if one.written_at is not None and one.written_at > now - timedelta(days=audience.not_written_days):
        yield Reason(Why.WRITTEN, _day(one.written_at))


def _address(
    one: Candidate, audience: Audience, is_ours: Callable[[str], bool], now: datetime, only: str
) -> tuple[AddressFacts | None, list[Reason]]:
    """The first address that an issue may go to; where there is none, why not, for each of them."""
    if not one.addresses:
        return None, [Reason(Why.NO_ADDRESS)]
    for address in one.addresses:
        if address.suppressed in FOR_THE_PERSON:
            return None, [Reason(Why.SUPPRESSED, f"{address.address} {address.suppressed.value}")]
        if address.queued_in:
            return None, [Reason(Why.QUEUED, address.queued_in)]
        if address.last_issue_at is not None and address.last_issue_at > now - timedelta(days=audience.min_gap_days):
            return None, [Reason(Why.ISSUE, _day(address.last_issue_at))]
    against: dict[Reason, None] = {}
    for address in one.addresses:
        if only and address.address != only:
            continue
        reason = _against(address, audience, is_ours)
        if reason is None:
            return address, []
        against[reason] = None
    return None, list(against)


def _against(address: AddressFacts, audience: Audience, is_ours: Callable[[str], bool]) -> Reason | None:
    if is_ours(address.address):
        return Reason(Why.OURS, address.address)
    if not _is_usable(address.written):
        return Reason(Why.UNUSABLE, address.written)
    if address.address.partition("@")[0] in _NOBODY_READS:
        return Reason(Why.NOBODY_READS, address.address)
    if address.suppressed is not None:
        return Reason(Why.SUPPRESSED, f"{address.address} {address.suppressed.value}")
    if address.health is AddressHealth.BOUNCING:
        return Reason(Why.BOUNCING, address.address)
    if address.health is AddressHealth.LEFT:
        return Reason(Why.LEFT_COMPANY, address.address)
    for other in address.others:
        if other.grade not in audience.grades:
            return Reason(Why.SHARED, f"{other.customer} {other.grade.value}")
    return None


def _is_usable(address: str) -> bool:
    try:
        wire_address(address)
    except UnsendableError:
        return False
    return True


def _shares(wanted: Collection[str], there: Collection[str]) -> bool:
    folded = {one.strip().casefold() for one in there}
    return any(one.strip().casefold() in folded for one in wanted)


def _day(at: datetime) -> str:
    return at.astimezone(UTC).date().isoformat()
