"""What a domain says about a company, and who we are."""

from __future__ import annotations

import pytest

from inboxcrm.matching.domains import is_relay, is_shared, parents, registrable
from inboxcrm.matching.own import OwnAddresses


@pytest.mark.parametrize(
    ("domain", "bought"),
    [
        ("acme.com", "acme.com"),
        ("a.b.acme.co.uk", "acme.co.uk"),
        ("acme.com.cn", "acme.com.cn"),
        ("shop.acme.example", "acme.example"),
        ("acme.github.io", "acme.github.io"),
        ("co.uk", ""),
        ("localhost", ""),
        ("", ""),
    ],
)
def test_the_registrable_domain_is_what_its_owner_bought(domain: str, bought: str) -> None:
    assert registrable(domain) == bought


def test_a_domain_lies_under_its_parents_down_to_the_registrable_one() -> None:
    assert parents("a.b.acme.co.uk") == ("a.b.acme.co.uk", "b.acme.co.uk", "acme.co.uk")
    assert parents("co.uk") == ()


@pytest.mark.parametrize(
    "domain",
    [
        "gmail.com",
        "vip.163.com",
        "outlook.com.br",
        "hotmail.co.uk",
        "t-online.de",
        "yopmail.com",
        "service.alibaba.com",
    ],
)
def test_strangers_share_it(domain: str) -> None:
    assert is_shared(domain)


@pytest.mark.parametrize("domain", ["nordlicht.de", "livebox-lamps.com", "mygmail.com.evil.com", "brightvalve.example"])
def test_a_company_has_it_alone(domain: str) -> None:
    assert not is_shared(domain)


@pytest.mark.parametrize(
    ("address", "relay"),
    [("no-reply@x.de", True), ("donotreply@x.de", True), ("feedback@service.alibaba.com", True), ("notifications@x.de", True),
     ("anna@x.de", False), ("norep@x.de", False), ("info@x.de", False)],
)  # fmt: skip
def test_who_writes_for_others(address: str, relay: bool) -> None:
    assert is_relay(address) is relay


def test_our_own_addresses_and_our_companys_domain_are_ours_but_free_mail_is_not() -> None:
    own = OwnAddresses.of(["Lina@BrightValve.example", "lina.wang@gmail.com"])
    assert own.is_ours("lina@brightvalve.example")
    assert own.is_ours("tom@mail.brightvalve.example")
    assert own.is_ours("lina.wang@gmail.com")
    assert not own.is_ours("other@gmail.com")
    assert not own.is_person("tom@brightvalve.example")
