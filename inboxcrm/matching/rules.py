"""Whose mail it is, and how sure that is. Pure: everything known about addresses, domains and threads is handed in.

The order: the address decides; else the thread that the mail stands in; else the company's domain; else who is named beside.
What arrives later can only add to what is known, and the rules look at all of it at once, so the order of arrival
decides nothing. A mail that matches nobody gets no match: nothing is guessed from names or texts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from inboxcrm.matching.domains import is_shared, parents
from inboxcrm.matching.mail import RECIPIENTS, Mail, Named
from inboxcrm.model import Direction, MatchedBy, PartyRole

ADDRESS = 1.0
"""The address is a contact's."""
RELAYED = 0.9
"""A marketplace or web form wrote in the name of a contact's address."""
SHARED_ADDRESS_IN_THREAD = 0.9
"""The address is a contact's at several customers, and the thread belongs to this one."""
THREAD = 0.8
"""The mail answers in a customer's thread."""
DOMAIN = 0.7
"""The mail comes from, or goes to, the customer's domain."""
BESIDE = 0.6
"""A contact's address stands in Cc, To or Reply-To of a stranger's mail; or the thread belongs to several customers."""
SHARED_ADDRESS = 0.5
"""The address is a contact's at several customers."""
LIKELY_THREAD = 0.65
"""The mail answers in a thread that is itself only likely to be the customer's."""
LOOK_ALIKE = 0.4
"""The mail stands in the customer's thread, but its sender only looks like the customer."""

SURE = 0.9
"""From here on a match makes the whole thread the customer's."""
SPEAKS = 0.65
"""From here on the mail counts as the customer's own word (last contact dates, signals)."""

MOST_BESIDE = 3
"""A stranger's mail that names more customers than this is a mass mail, and nobody's."""


@dataclass(frozen=True, slots=True)
class Match:
    """One customer whose mail it is. `facts` is what the match rests on, for `inboxcrm.matching.words`."""

    customer_id: int
    contact_id: int | None
    by: MatchedBy
    confidence: float
    facts: Mapping[str, Any]
    warnings: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Known:
    """What the customer files know of the addresses and domains in a batch, and what a person told us to ignore.

    `contacts`: address → (customer, contact) pairs. `domains`: domain → customers. `look_alikes`: address → what it imitates.
    """

    contacts: Mapping[str, tuple[tuple[int, int], ...]] = field(default_factory=dict)
    domains: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    ignored: frozenset[str] = frozenset()
    """Addresses and domains of exclusions."""
    look_alikes: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def owners(self, domain: str) -> tuple[str, tuple[int, ...]]:
        """The longest customer domain that `domain` is or lies under, and its customers; ("", ()) for none or for a shared domain."""
        if not self.domains or is_shared(domain):
            return "", ()
        return next(((name, self.domains[name]) for name in parents(domain) if name in self.domains), ("", ()))

    def is_ignored(self, address: str) -> bool:
        """Whether a person ignored this address or its domain."""
        return bool(self.ignored) and (
            address in self.ignored or any(name in self.ignored for name in parents(address.rpartition("@")[2]))
        )


@dataclass(frozen=True, slots=True)
class ThreadFacts:
    """Whose thread it is: `sure` by contacts' addresses or a person's word, `likely` by domains and addresses beside."""

    sure: frozenset[int] = frozenset()
    likely: frozenset[int] = frozenset()

    def __or__(self, other: ThreadFacts) -> ThreadFacts:
        return ThreadFacts(self.sure | other.sure, self.likely | other.likely)


NO_THREAD = ThreadFacts()


def trusted(mail: Mail, known: Known) -> bool:
    """Whether the sender is believed: not reported as forged, and not an imitation of a customer."""
    return mail.verified is not False and not _imitation(mail, known)


def thread_facts(mail: Mail, known: Known) -> ThreadFacts:
    """What one mail by itself tells of its thread. Mail that is not trusted, and bounces, tell nothing."""
    if mail.automatic == "bounce" or not trusted(mail, known):
        return NO_THREAD
    direct = _by_address(mail, known, NO_THREAD)
    sure = frozenset(match.customer_id for match in direct if match.confidence >= SURE)
    if sure:
        return ThreadFacts(sure)
    likely = direct or _by_domain(mail, known) or _by_address_beside(mail, known)
    return ThreadFacts(likely=frozenset(match.customer_id for match in likely))


def match(mail: Mail, known: Known, thread: ThreadFacts = NO_THREAD) -> list[Match]:
    """The customers whose mail it is, each once, surest first. `thread` is what all mails of its thread tell together."""
    if mail.is_internal:
        return []
    if mail.automatic in ("bounce", "complaint"):
        found = _by_bounce(mail, known, thread)
    else:
        found = _by_address(mail, known, thread)
        if mail.direction is Direction.OUT or not found:
            found += [one for one in _weaker(mail, known, thread, found) if one.customer_id not in _ids(found)]
    return _warned(found, mail, known)


def proposals(mail: Mail, known: Known, found: Iterable[Match]) -> list[tuple[int, Named]]:
    """Unknown addresses that are perhaps a new contact, with the customer: of a person's trusted mail that was matched by
    thread or domain.
    """
    if mail.automatic or not trusted(mail, known):
        return []
    strangers = [one for one in mail.people if one.address not in known.contacts and not known.is_ignored(one.address)]
    return [
        (one.customer_id, person)
        for one in found
        if one.by in (MatchedBy.THREAD, MatchedBy.DOMAIN)
        for person in strangers
        if mail.direction is Direction.IN
        or one.by is MatchedBy.THREAD
        or one.customer_id in known.owners(person.domain)[1]
    ]


def shared_with(mail: Mail, known: Known) -> tuple[int, ...]:
    """The customers that share the writer's domain, when that is why the mail matched nobody."""
    return next((owners for one in mail.people if len(owners := known.owners(one.domain)[1]) > 1), ())


def _by_address(mail: Mail, known: Known, thread: ThreadFacts) -> list[Match]:
    found: dict[int, Match] = {}
    for person in mail.people:
        owners = known.contacts.get(person.address, ())
        customers = {customer for customer, _contact in owners}
        narrowed = customers & thread.sure if len(customers) > 1 else customers
        for customer, contact in owners:
            if len(customers) == 1:
                confidence = RELAYED if mail.is_relayed else ADDRESS
            elif not narrowed:
                confidence = SHARED_ADDRESS
            elif customer in narrowed:
                confidence = SHARED_ADDRESS_IN_THREAD
            else:
                continue
            facts = {"address": person.address, "role": person.role.value}
            if len(customers) > 1:
                facts["customers"] = len(customers)  # type: ignore[assignment]  # JSON
            new = Match(customer, contact, MatchedBy.ADDRESS, confidence, facts)
            if customer not in found or found[customer].confidence < confidence:
                found[customer] = new
    return list(found.values())


def _weaker(mail: Mail, known: Known, thread: ThreadFacts, found: list[Match]) -> list[Match]:
    by_domain = _by_domain(mail, known)
    if found:
        return by_domain
    if mail.automatic != "list" and not _ignores(mail, known):
        if thread.sure:
            here = thread.sure & {customer for one in _candidates(mail, known) for customer in one[1]}
            return _by_thread(mail, here or thread.sure)
        if by_domain:
            return by_domain
        if beside := _by_address_beside(mail, known):
            return beside
        if thread.likely:
            return _by_thread(mail, thread.likely, LIKELY_THREAD)
    return by_domain


def _by_thread(mail: Mail, customers: frozenset[int], confidence: float = THREAD) -> list[Match]:
    address = (mail.counterparts or [""])[0]
    confidence = confidence if len(customers) == 1 else BESIDE
    facts = {"address": address, "customers": len(customers)}
    return [Match(customer, None, MatchedBy.THREAD, confidence, facts) for customer in sorted(customers)]


def _candidates(mail: Mail, known: Known) -> list[tuple[str, tuple[int, ...], Named]]:
    return [
        (domain, owners, one)
        for one in mail.people
        if one.address not in known.contacts and not known.is_ignored(one.address)
        for domain, owners in (known.owners(one.domain),)
        if owners
    ]


def _by_domain(mail: Mail, known: Known) -> list[Match]:
    found: dict[int, Match] = {}
    for domain, owners, person in _candidates(mail, known):
        if len(owners) == 1:
            facts = {"domain": domain, "address": person.address, "role": person.role.value}
            found.setdefault(owners[0], Match(owners[0], None, MatchedBy.DOMAIN, DOMAIN, facts))
    return list(found.values())


def _by_address_beside(mail: Mail, known: Known) -> list[Match]:
    """Contacts named beside a stranger: in Reply-To, else in To or Cc of a person's mail (a forwarder, an agent)."""
    if mail.direction is Direction.OUT or mail.automatic or _ignores(mail, known):
        return []
    for roles in ((PartyRole.REPLY_TO,), RECIPIENTS):
        found = {
            customer: Match(
                customer,
                contact,
                MatchedBy.ADDRESS,
                BESIDE,
                {"address": person.address, "role": person.role.value, "writer": (mail.counterparts or [""])[0]},
            )
            for person in mail.of(*roles)
            for customer, contact in known.contacts.get(person.address, ())
        }
        if 0 < len(found) <= MOST_BESIDE:
            return list(found.values())
    return []


def _by_bounce(mail: Mail, known: Known, thread: ThreadFacts) -> list[Match]:
    """A bounce or complaint belongs to whom we wrote: by the address it reports, else by the thread of the mail that came back."""
    found: dict[int, Match] = {}
    for failed in mail.of(PartyRole.FAILED):
        for customer, contact in known.contacts.get(failed.address, ()):
            facts = {"address": failed.address, "role": mail.automatic}
            found.setdefault(customer, Match(customer, contact, MatchedBy.BOUNCE, ADDRESS, facts))
    if not found:
        for customer in sorted(thread.sure or thread.likely):
            facts = {
                "address": next((one.address for one in mail.of(PartyRole.FAILED)), ""),
                "role": mail.automatic,
                "thread": "1",
            }
            found[customer] = Match(customer, None, MatchedBy.BOUNCE, THREAD, facts)
    return list(found.values())


def _imitation(mail: Mail, known: Known) -> Mapping[str, Any] | None:
    if mail.direction is Direction.OUT or not known.look_alikes:
        return None
    people = mail.of(PartyRole.FROM, PartyRole.REPLY_TO)
    return next((known.look_alikes[one.address] for one in people if one.address in known.look_alikes), None)


def _warned(found: list[Match], mail: Mail, known: Known) -> list[Match]:
    warnings: list[Mapping[str, Any]] = []
    if mail.verified is False:
        warnings.append({"kind": "unverified"})
    imitation = _imitation(mail, known)
    if imitation is not None:
        warnings.append({"kind": "look_alike", **imitation})
    if not warnings:
        return found
    return [
        Match(
            one.customer_id,
            one.contact_id,
            one.by,
            LOOK_ALIKE if imitation is not None and one.by is MatchedBy.THREAD else one.confidence,
            one.facts,
            tuple(warnings),
        )
        for one in found
    ]


def _ignores(mail: Mail, known: Known) -> bool:
    return any(known.is_ignored(address) for address in mail.counterparts)


def _ids(found: list[Match]) -> set[int]:
    return {one.customer_id for one in found}
