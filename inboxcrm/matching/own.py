"""Who we are: the salesperson's addresses and the company's domains, none of which is ever a customer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from inboxcrm.matching.domains import is_shared, parents
from inboxcrm.reading.addresses import normal


@dataclass(frozen=True, slots=True)
class OwnAddresses:
    """`addresses` in comparison form; `domains` are those that are ours as a whole (colleagues), never free-mail."""

    addresses: frozenset[str]
    domains: frozenset[str]

    @classmethod
    def of(cls, written: Iterable[str]) -> OwnAddresses:
        """From addresses as the settings have them."""
        addresses = frozenset(normal(address) for address in written)
        domains = {address.rpartition("@")[2] for address in addresses}
        return cls(addresses, frozenset(domain for domain in domains if domain and not is_shared(domain)))

    def is_person(self, address: str) -> bool:
        """Whether `address` (comparison form) is one of the salesperson's own."""
        return address in self.addresses

    def is_ours(self, address: str) -> bool:
        """Whether `address` (comparison form) is the salesperson's or a colleague's."""
        if address in self.addresses:
            return True
        domain = address.rpartition("@")[2]
        # Which part of it somebody bought is asked only where the answer matters: that takes longer than all the rest.
        return domain.endswith(tuple(self.domains)) and any(parent in self.domains for parent in parents(domain))
