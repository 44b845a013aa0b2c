"""The table of providers: found by address, by mail exchanger and by key; a mistake in a person's copy is named with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from inboxcrm import i18n
from inboxcrm.mailbox.errors import ProvidersInvalid
from inboxcrm.mailbox.providers import load
from inboxcrm.settings import Account, Server

NEEDED = (
    ("lina@gmail.com", "gmail"),
    ("lina@hotmail.fr", "outlook"),
    ("lina@outlook.com", "outlook"),
    ("lina@yahoo.co.uk", "yahoo"),
    ("lina@yahoo.co.jp", "yahoo_japan"),
    ("lina@icloud.com", "icloud"),
    ("lina@gmx.de", "gmx"),
    ("lina@yandex.ru", "yandex"),
    ("lina@mail.ru", "mailru"),
    ("lina@zoho.com", "zoho"),
    ("lina@163.com", "163"),
    ("lina@126.com", "126"),
    ("lina@yeah.net", "yeah"),
    ("lina@QQ.com", "qq"),
    ("lina@foxmail.com", "qq"),
    ("lina@sina.com", "sina"),
    ("lina@139.com", "139"),
    ("lina@fastmail.com", "fastmail"),
    ("lina@naver.com", "naver"),
    ("lina@uol.com.br", "uol"),
    ("lina@t-online.de", "t_online"),
)

HOSTED = (
    ("mxbiz1.qq.com.", "exmail"),
    ("mx1.qiye.aliyun.com", "aliyun_qiye"),
    ("mxn.mxhichina.com", "aliyun_qiye"),
    ("qiye163mx01.mxmail.netease.com", "netease_qiye"),
    ("ASPMX.L.GOOGLE.COM", "gmail"),
    ("brightvalve-com.mail.protection.outlook.com", "outlook"),
    ("mx.zoho.com", "zoho"),
    ("mx.zoho.eu", "zoho_eu"),
    ("mx.yandex.net", "yandex"),
    ("emx.mail.ru", "mailru"),
    ("mx00.kundenserver.de", "ionos_de"),
    ("mx1.mail.ovh.net", "ovh"),
    ("mx.pec.aruba.it", "aruba_pec"),
    ("mx.aruba.it", "aruba"),
)


@pytest.mark.parametrize(("address", "key"), NEEDED)
def test_an_address_names_its_provider(address: str, key: str) -> None:
    found = load().of_domain(address.rpartition("@")[2])
    assert found is not None
    assert found.key == key


@pytest.mark.parametrize(("exchanger", "key"), HOSTED)
def test_a_company_domain_names_its_provider_by_its_mail_exchanger(exchanger: str, key: str) -> None:
    found = load().of_exchangers(["unknown.example", exchanger])
    assert found is not None
    assert found.key == key


def test_a_company_domain_of_its_own_has_no_provider() -> None:
    providers = load()
    assert providers.of_domain("brightvalve.example") is None
    assert providers.of_exchangers(["mail.brightvalve.example", "notgoogle.com"]) is None


def test_every_provider_is_encrypted_and_can_be_found() -> None:
    for provider in load().by_key.values():
        assert provider.imap.security != "none", provider.key
        assert provider.smtp.security != "none", provider.key
        assert provider.domains or provider.mx, provider.key


def test_every_provider_that_wants_an_app_password_says_where_to_get_it_or_what_to_do() -> None:
    for provider in load().by_key.values():
        if provider.auth != "password":
            assert provider.words, provider.key


def test_advice_comes_in_the_language_of_the_person() -> None:
    provider = load().by_key["163"]
    with i18n.speaking("zh"):
        assert "授权码" in provider.words
        assert not provider.words.startswith("In the web mail")


def test_the_settings_name_goes_before_the_domain() -> None:
    account = Account(address="lina@gmail.com", provider="fastmail", imap=Server(host="x.example", port=993))
    found = load().of_account(account)
    assert found is not None
    assert found.key == "fastmail"


def test_some_log_in_with_the_local_part() -> None:
    assert load().by_key["naver"].username("lina@naver.com") == "lina"
    assert load().by_key["gmail"].username("lina@gmail.com") == "lina@gmail.com"


def own_file(home: Path, text: str) -> None:
    (home / "config").mkdir()
    (home / "config" / "providers.toml").write_text(text, encoding="utf-8")


def test_a_persons_own_file_replaces_the_shipped_one(tmp_path: Path) -> None:
    own_file(
        tmp_path,
        '[folder_names]\nsent = ["Raus"]\ndrafts = []\n[providers.eigen]\nname = "Eigen"\ndomains = ["eigen.example"]\n'
        'imap = { host = "imap.eigen.example", port = 993 }\nsmtp = { host = "smtp.eigen.example", port = 465 }\n',
    )
    providers = load(tmp_path)
    assert list(providers.by_key) == ["eigen"]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ('imap = { host = "x", port = 993, security = "ssl" }', r"line 6: .*imap"),
        ("max_connections = 0", r"line 6: .*max_connections"),
        ('colour = "red"', r"line 6: .*there is no such field"),
        ("oops", r"line 6"),
    ],
)
def test_a_mistake_is_named_with_file_and_line(tmp_path: Path, line: str, expected: str) -> None:
    own_file(
        tmp_path,
        '[folder_names]\nsent = []\ndrafts = []\n[providers.eigen]\nname = "Eigen"\n'
        f'{line}\nsmtp = {{ host = "smtp.eigen.example", port = 465 }}\n',
    )
    with pytest.raises(ProvidersInvalid, match=rf"(?s)providers\.toml.*{expected}"):
        load(tmp_path)
