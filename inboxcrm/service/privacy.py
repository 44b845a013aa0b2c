"""What of a mailbox is none of the customer file's business: decided by the header alone, before anything of a mail is kept.

Pure. It knows addresses and domains; which folders are left alone is decided in `inboxcrm.service.folders`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from inboxcrm.reading import Envelope
from inboxcrm.reading.addresses import domain_of, normal
from inboxcrm.settings import Privacy


@dataclass(frozen=True, slots=True)
class Private:
    """Who is private: addresses in comparison form, and domains, which stand for their subdomains too."""

    addresses: frozenset[str]
    domains: frozenset[str]
    own: frozenset[str]
    """Our own addresses, in comparison form: they never make a mail private or not."""

    @classmethod
    def of(cls, privacy: Privacy, own: Iterable[str]) -> Private:
        """As set for an account whose person has the addresses `own`."""
        return cls(
            addresses=frozenset(normal(address) for address in privacy.exclude_senders),
            domains=frozenset(domain.strip().lstrip("@.").lower() for domain in privacy.exclude_domains),
            own=frozenset(normal(address) for address in own),
        )

    def __bool__(self) -> bool:
        return bool(self.addresses or self.domains)

    def excludes(self, envelope: Envelope) -> bool:
        """Whether this mail leaves no trace: a private sender wrote it, or we wrote it to private people only.

        A mail that also goes to others concerns them as well and is kept.
        """
        sender = normal(envelope.sender.address)
        if sender not in self.own:
            return self.covers(sender)
        others = {normal(one.address) for one in (*envelope.to, *envelope.cc, *envelope.bcc)} - self.own
        return bool(others) and all(self.covers(other) for other in others)

    def covers(self, address: str) -> bool:
        """Whether this address, in comparison form, is private."""
        if address in self.addresses:
            return True
        domain = domain_of(address)
        while domain:
            if domain in self.domains:
                return True
            domain = domain.partition(".")[2]
        return False
