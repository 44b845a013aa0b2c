"""Senders that look like a customer but are not: the trade's plague, payment fraud by a domain one letter away.

It only marks; nobody is matched or refused by it. The index over the known domains is built once and again when they change, so
that asking costs the same for fifty customers and for a hundred thousand.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from itertools import pairwise
from threading import Lock
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from sqlalchemy.pool import Pool

from inboxcrm.matching.domains import is_free_mail, is_shared, registrable
from inboxcrm.matching.skeleton import core, digits, skeleton
from inboxcrm.model import Contact, ContactAddress, CustomerDomain

_SHORTEST = 5
"""Letters of a name from which on one more or less, or another ending, is no chance."""
_LONG = 10
"""From here on two letters may differ."""
_SHORTEST_LOCAL = 6


@dataclass(frozen=True, slots=True)
class _Known:
    """A domain or address of a customer."""

    written: str
    customer_id: int


class _Near:
    """Finds known texts within an edit distance (optimal string alignment) without comparing all.

    A text within distance k of another shares one of its k + 1 pieces with it, shifted by at most k: so each known text is filed
    under its pieces (the idea of Pass-Join, Li et al. 2011).
    """

    def __init__(self) -> None:
        self._filed: dict[int, list[int]] = defaultdict(list)
        self._texts: list[str] = []
        self._known: list[_Known] = []

    def add(self, text: str, known: _Known) -> None:
        """Files a text."""
        if not text or not self._reach(len(text)):
            return
        number = len(self._texts)
        self._texts.append(text)
        self._known.append(known)
        for piece, (start, end) in enumerate(_pieces(len(text), self._reach(len(text)) + 1)):
            self._filed[hash((len(text), piece, text[start:end]))].append(number)

    def find(self, text: str) -> list[_Known]:
        """What was filed under a text within reach, not the same."""
        met: set[int] = set()
        for length in range(len(text) - 2, len(text) + 3):
            reach = self._reach(length)
            if not reach or abs(length - len(text)) > reach:
                continue
            for piece, (start, end) in enumerate(_pieces(length, reach + 1)):
                for shifted in range(max(0, start - reach), min(len(text) - (end - start), start + reach) + 1):
                    met.update(self._filed.get(hash((length, piece, text[shifted : shifted + end - start])), ()))
        return [
            self._known[number]
            for number in sorted(met)
            if 0 < _distance(text, self._texts[number]) <= self._reach(len(self._texts[number]))
        ]

    @staticmethod
    def _reach(length: int) -> int:
        return 0 if length < _SHORTEST else 1 if length < _LONG else 2


class Index:
    """The domains and free-mail addresses of all customers, by how they look."""

    def __init__(self, domains: Mapping[str, int], addresses: Mapping[str, int]) -> None:
        self._domains: dict[str, int] = {}
        self._addresses: dict[str, int] = {}
        self._by_core: dict[str, list[_Known]] = defaultdict(list)
        self._near = _Near()
        self._by_shape: dict[str, list[_Known]] = defaultdict(list)
        self._near_addresses = _Near()
        self.add(domains, addresses)

    def add(self, domains: Mapping[str, int], addresses: Mapping[str, int]) -> bool:
        """Takes in what is new in these (all there are now, each with its customer); False when something is gone from them."""
        if not (self._domains.keys() <= domains.keys() and self._addresses.keys() <= addresses.keys()):
            return False
        for domain in domains.keys() - self._domains.keys():
            name, known = _name(domain), _Known(domain, domains[domain])
            self._by_core[core(name)].append(known)
            self._near.add(skeleton(name), known)
        for address in addresses.keys() - self._addresses.keys():
            known = _Known(address, addresses[address])
            self._by_shape[_shape(address)].append(known)
            self._near_addresses.add(address, known)
        self._domains.update(domains)
        self._addresses.update(addresses)
        return True

    def imitated(self, address: str) -> Mapping[str, Any] | None:
        """What an unknown address imitates: {"of", "customer_id", "address"}, or None."""
        domain = address.rpartition("@")[2]
        found = self._like_address(address) if is_shared(domain) else self._like_domain(domain)
        if found is None:
            return None
        return {"of": found.written, "customer_id": found.customer_id, "address": address}

    def _like_domain(self, domain: str) -> _Known | None:
        own = registrable(domain)
        if not own or own in self._domains:
            return None
        labels = domain.split(".")
        for end in range(2, len(labels)):
            # The customer's whole domain in front of the sender's: "nordlicht.de.mail-secure.com".
            inside = ".".join(labels[:end])
            if inside != domain and inside in self._domains:
                return _Known(inside, self._domains[inside])
        name = _name(own)
        for known in self._by_core.get(core(name), []):
            if len(core(name)) >= _SHORTEST or skeleton(name) == skeleton(_name(known.written)) != name:
                return known
        near = self._near.find(skeleton(name))
        return next((known for known in near if digits(name) == digits(_name(known.written))), None)

    def _like_address(self, address: str) -> _Known | None:
        if address in self._addresses:
            return None
        local, _at, domain = address.rpartition("@")
        if len(local) < _SHORTEST_LOCAL:
            return None
        candidates = [*self._by_shape.get(_shape(address), []), *self._near_addresses.find(address)]
        for known in candidates:
            other, _at, provider = known.written.rpartition("@")
            is_near = _distance(local, other) <= 1 or _shape(address) == _shape(known.written)
            if provider == domain and is_near and digits(local) == digits(other):
                return known
        return None


def look_alikes(session: Session, addresses: Collection[str]) -> dict[str, Mapping[str, Any]]:
    """Address → what it imitates, for those of `addresses` (comparison form, not a contact's) that imitate a customer."""
    if not addresses:
        return {}
    index = index_of(session)
    found = ((address, index.imitated(address)) for address in addresses)
    return {address: imitated for address, imitated in found if imitated is not None}


_indices: WeakKeyDictionary[Pool, tuple[tuple[int, ...], Index]] = WeakKeyDictionary()
_building = Lock()


def index_of(session: Session) -> Index:
    """The index of this database, built anew when domains or addresses came or went."""
    pool = session.get_bind().engine.pool
    state = _state(session)
    with _building:
        there = _indices.get(pool)
        if there is None or there[0] != state:
            domains, addresses = _all_known(session)
            index = there[1] if there is not None and there[1].add(domains, addresses) else Index(domains, addresses)
            there = _indices[pool] = (state, index)
        return there[1]


def _state(session: Session) -> tuple[int, ...]:
    row = session.execute(
        select(
            select(func.count()).select_from(CustomerDomain).scalar_subquery(),
            select(func.count()).select_from(ContactAddress).scalar_subquery(),
            select(func.coalesce(func.max(ContactAddress.id), 0)).scalar_subquery(),
        )
    ).one()
    return tuple(row)


def _all_known(session: Session) -> tuple[dict[str, int], dict[str, int]]:
    """All company domains and all free-mail addresses of customers, each with (one of) its customers."""
    domains: dict[str, int] = {}
    free: dict[str, int] = {}
    for domain, customer in session.execute(select(CustomerDomain.domain, CustomerDomain.customer_id)):
        if not is_shared(domain):
            domains.setdefault(registrable(domain) or domain, customer)
    for address, customer in session.execute(
        select(ContactAddress.address, Contact.customer_id).join(Contact, Contact.id == ContactAddress.contact_id)
    ):
        domain = address.rpartition("@")[2]
        if not is_shared(domain):
            domains.setdefault(registrable(domain) or domain, customer)
        elif is_free_mail(domain):
            free.setdefault(address, customer)
    return domains, free


def _distance(one: str, other: str) -> int:
    """Letters to change, add, leave out or swap; 3 stands for more than two."""
    from rapidfuzz.distance import OSA  # noqa: PLC0415  0.1 s that start-up needn't wait for

    distance: int = OSA.distance(one, other, score_cutoff=2)
    return distance


def _name(domain: str) -> str:
    """The part of a registrable domain that its owner chose: "acme" of "acme.co.uk"."""
    return domain.partition(".")[0]


def _shape(address: str) -> str:
    """How an address looks: dots, dashes and underscores of its local part are easily overlooked."""
    local, _at, domain = address.rpartition("@")
    return skeleton(local).translate(_MARKS) + "@" + domain


_MARKS = str.maketrans("", "", ".-_")


def _pieces(length: int, number: int) -> list[tuple[int, int]]:
    """`length` cut into `number` nearly equal pieces, as (start, end)."""
    cuts = [length * place // number for place in range(number + 1)]
    return list(pairwise(cuts))
