"""Servers are found by provider, then by mail exchanger, then by what the domain announces, then by names that answer."""

from __future__ import annotations

from dataclasses import dataclass, field

from inboxcrm.mailbox.discover import Servers, Source, find_servers
from inboxcrm.mailbox.providers import load
from inboxcrm.settings import Server


@dataclass
class Zone:
    """A little DNS."""

    mx: dict[str, list[str]] = field(default_factory=dict)
    srv: dict[str, list[tuple[str, int]]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def exchangers(self, domain: str) -> list[str]:
        self.asked.append(domain)
        return self.mx.get(domain, [])

    def services(self, name: str) -> list[tuple[str, int]]:
        self.asked.append(name)
        return self.srv.get(name, [])


def find(address: str, zone: Zone, *open_ports: tuple[str, int]) -> Servers | None:
    return find_servers(address, load(), zone, answering=lambda host, port: (host, port) in open_ports)


def test_a_known_providers_address_asks_nobody() -> None:
    zone = Zone()
    found = find("lina@163.com", zone)
    assert found is not None
    assert (found.imap.host, found.source, zone.asked) == ("imap.163.com", Source.DOMAIN, [])


def test_a_company_domain_at_a_provider_is_found_by_its_mail_exchanger() -> None:
    found = find("lina@brightvalve.example", Zone(mx={"brightvalve.example": ["mxbiz1.qq.com"]}))
    assert found is not None
    assert (found.imap.host, found.source) == ("imap.exmail.qq.com", Source.EXCHANGER)
    assert found.username == "lina@brightvalve.example"


def test_what_the_domain_announces_is_believed_encrypted_services_first() -> None:
    zone = Zone(
        srv={
            "_imap._tcp.brightvalve.example": [("old.brightvalve.example", 143)],
            "_imaps._tcp.brightvalve.example": [("imap.host.example", 993)],
            "_submission._tcp.brightvalve.example": [("smtp.host.example", 587)],
        }
    )
    found = find("lina@brightvalve.example", zone)
    assert found is not None
    assert found.imap == Server(host="imap.host.example", port=993, security="tls")
    assert found.smtp == Server(host="smtp.host.example", port=587, security="starttls")
    assert found.source is Source.ANNOUNCED


def test_likely_names_are_taken_only_when_they_answer() -> None:
    found = find(
        "lina@brightvalve.example",
        Zone(),
        ("mail.brightvalve.example", 993),
        ("imap.brightvalve.example", 143),
        ("mail.brightvalve.example", 587),
    )
    assert found is not None
    assert found.imap == Server(host="imap.brightvalve.example", port=143, security="starttls")
    assert found.smtp == Server(host="mail.brightvalve.example", port=587, security="starttls")
    assert found.source is Source.GUESSED


def test_a_mail_exchanger_in_the_own_domain_is_tried_last() -> None:
    zone = Zone(mx={"brightvalve.example": ["server1.brightvalve.example"]})
    found = find("lina@brightvalve.example", zone, ("server1.brightvalve.example", 993))
    assert found is not None
    assert found.imap.host == "server1.brightvalve.example"


def test_hosts_outside_the_domain_are_never_guessed() -> None:
    zone = Zone(mx={"brightvalve.example": ["mx.elsewhere.example"]})
    assert find("lina@brightvalve.example", zone, ("mx.elsewhere.example", 993)) is None


def test_nothing_found_is_none() -> None:
    assert find("lina@brightvalve.example", Zone()) is None


def test_a_domain_in_other_letters_is_asked_in_its_ascii_form() -> None:
    zone = Zone()
    find("lina@bücher.example", zone)
    assert zone.asked[0] == "xn--bcher-kva.example"


def test_nonsense_is_none() -> None:
    assert find("lina@" + "x" * 300 + ".example", Zone()) is None
