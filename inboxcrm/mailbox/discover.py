"""Finds the servers of a mail address: a known provider, else the domain's own announcement in the DNS, else likely
names that answer.

Used by `inboxcrm init` only. It asks the DNS about the domain of the address, and at the end tries to connect to
hosts in that domain; nothing else. No password is involved.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any, Protocol

import dns.exception
import dns.resolver
from dns.rdatatype import RdataType

from inboxcrm.mailbox.providers import Provider, Providers
from inboxcrm.settings import Server


class Source(Enum):
    """How the servers were found: DOMAIN: the provider's own domain; EXCHANGER: a provider hosts the domain (MX);
    ANNOUNCED: the domain says so itself (SRV, RFC 6186 and RFC 8314); GUESSED: a likely name answers.
    """

    DOMAIN = auto()
    EXCHANGER = auto()
    ANNOUNCED = auto()
    GUESSED = auto()


@dataclass(frozen=True, slots=True)
class Servers:
    """Where to read and send for an address. `provider` is None where none is known; `smtp` is None where none was
    found.
    """

    imap: Server
    smtp: Server | None
    username: str
    source: Source
    provider: Provider | None = None


class Lookup(Protocol):
    """The DNS questions that are asked; answers are empty when there is none."""

    def exchangers(self, domain: str) -> list[str]:
        """Host names of the MX records, best first."""

    def services(self, name: str) -> list[tuple[str, int]]:
        """(host, port) of the SRV records, best first."""


class Dns:
    """`Lookup` by this machine's resolver. `seconds`: patience for each question."""

    def __init__(self, seconds: float = 5.0) -> None:
        self._seconds = seconds
        self._resolver: dns.resolver.Resolver | None = None
        self._silent = False
        """A question stayed without any answer, so the next ones would only take time."""

    def exchangers(self, domain: str) -> list[str]:
        """See `Lookup`."""
        records = sorted(self._ask(domain, RdataType.MX), key=lambda one: one.preference)
        return [name for one in records if (name := one.exchange.to_text(omit_final_dot=True)) and name != "."]

    def services(self, name: str) -> list[tuple[str, int]]:
        """See `Lookup`. A target of "." says that the service is not offered (RFC 2782)."""
        records = sorted(self._ask(name, RdataType.SRV), key=lambda one: (one.priority, -one.weight))
        return [
            (host, one.port) for one in records if (host := one.target.to_text(omit_final_dot=True)) not in {"", "."}
        ]

    def _ask(self, name: str, kind: RdataType) -> list[Any]:
        if self._silent:
            return []
        try:
            if self._resolver is None:
                self._resolver = dns.resolver.Resolver()
                self._resolver.lifetime = self._seconds
            return list(self._resolver.resolve(name, kind))
        except (dns.resolver.LifetimeTimeout, dns.resolver.NoResolverConfiguration):
            self._silent = True
            return []
        except (dns.exception.DNSException, UnicodeError):
            return []


Answers = Callable[[str, int], bool]
"""(host, port): whether something accepts a connection there."""


def answers(host: str, port: int, seconds: float = 4.0) -> bool:
    """Whether `host` accepts a connection on `port` within `seconds`."""
    try:
        socket.create_connection((host, port), timeout=seconds).close()
    except (OSError, UnicodeError):
        return False
    return True


def find_servers(address: str, providers: Providers, lookup: Lookup, *, answering: Answers = answers) -> Servers | None:
    """The servers for `address`, None when nothing was found.

    1. A provider that owns the domain. 2. A provider whose mail exchangers the domain names. 3. What the domain
    announces, encrypted services first. 4. imap.DOMAIN and mail.DOMAIN, where they answer.
    """
    domain = address.rpartition("@")[2].strip().rstrip(".")
    try:
        domain = domain.encode("idna").decode("ascii").lower()
    except UnicodeError:
        return None
    if (provider := providers.of_domain(domain)) is not None:
        return _at(provider, address, Source.DOMAIN)
    exchangers = lookup.exchangers(domain)
    if (provider := providers.of_exchangers(exchangers)) is not None:
        return _at(provider, address, Source.EXCHANGER)
    imap = _first(lookup, domain, _IMAP_SERVICES)
    if imap is not None:
        return Servers(imap, _first(lookup, domain, _SUBMISSION_SERVICES), address, Source.ANNOUNCED)
    hosts = _likely_hosts(domain, exchangers)
    imap = _answering(hosts("imap"), _IMAP_PORTS, answering)
    if imap is None:
        return None
    return Servers(imap, _answering(hosts("smtp"), _SMTP_PORTS, answering), address, Source.GUESSED)


_IMAP_SERVICES = (("_imaps._tcp", "tls"), ("_imap._tcp", "starttls"))
_SUBMISSION_SERVICES = (("_submissions._tcp", "tls"), ("_submission._tcp", "starttls"))
_IMAP_PORTS = ((993, "tls"), (143, "starttls"))
_SMTP_PORTS = ((465, "tls"), (587, "starttls"))


def _at(provider: Provider, address: str, source: Source) -> Servers:
    return Servers(provider.imap, provider.smtp, provider.username(address), source, provider)


def _first(lookup: Lookup, domain: str, services: Sequence[tuple[str, str]]) -> Server | None:
    for service, security in services:
        for host, port in lookup.services(f"{service}.{domain}"):
            return Server.model_validate({"host": host, "port": port, "security": security})
    return None


def _likely_hosts(domain: str, exchangers: Sequence[str]) -> Callable[[str], Iterator[str]]:
    def hosts(service: str) -> Iterator[str]:
        yield f"{service}.{domain}"
        yield f"mail.{domain}"
        # Small hosts receive, serve and submit mail on one machine.
        yield from (host.rstrip(".") for host in exchangers[:1] if host.rstrip(".").endswith(f".{domain}"))

    return hosts


def _answering(hosts: Iterator[str], ports: Sequence[tuple[int, str]], answering: Answers) -> Server | None:
    for host in dict.fromkeys(hosts):
        for port, security in ports:
            if answering(host, port):
                return Server.model_validate({"host": host, "port": port, "security": security})
    return None
