"""An account is written into inboxcrm.toml without touching anything else that stands in it."""

from __future__ import annotations

import tomllib

import pytest

from inboxcrm.cli.account_file import account_block, with_account, with_secret
from inboxcrm.settings import Account, Server

LINA = Account(
    address="lina@brightvalve.example",
    name='Lina "Li" Wang',
    provider="exmail",
    secret="file",
    sent_folder="已发送",
    folders=("Käufer", "a\\b"),
    imap=Server(host="imap.exmail.qq.com", port=993),
    smtp=Server(host="smtp.exmail.qq.com", port=465),
)

FILE = """\
# my settings
[web]  # the pages
port = 8100

[[accounts]]  # the first
address = "wang@brightvalve.example"
secret = "keyring" # kept by the desktop
imap = { host = "imap.example", port = 993 }

[accounts.privacy]
exclude_domains = ["bank.example"]

[[accounts]]
address = "mei@brightvalve.example"
[accounts.imap]
host = "imap.example"
port = 993
"""


def test_an_account_reads_back_as_it_was() -> None:
    [read] = tomllib.loads(account_block(LINA))["accounts"]
    assert Account.model_validate(read) == LINA


def test_a_new_account_stands_at_the_end_and_the_rest_stays() -> None:
    text = with_account(FILE, LINA)
    assert text.startswith(FILE)
    assert [one["address"] for one in tomllib.loads(text)["accounts"]][-1] == LINA.address


def test_a_new_file_begins_with_what_it_is() -> None:
    assert with_account("", LINA).startswith("# ")


def test_only_the_secret_of_the_one_account_changes() -> None:
    changed = with_secret(FILE, 0, "env:NAME")
    assert tomllib.loads(changed)["accounts"][0]["secret"] == "env:NAME"
    assert [line for line in changed.splitlines() if line not in FILE.splitlines()] == ['secret = "env:NAME"']


def test_a_secret_that_was_not_set_is_put_into_its_table() -> None:
    accounts = tomllib.loads(with_secret(FILE, 1, "file"))["accounts"]
    assert [one.get("secret") for one in accounts] == ["keyring", "file"]
    assert accounts[0]["privacy"] == {"exclude_domains": ["bank.example"]}


def test_accounts_written_inline_cannot_be_edited() -> None:
    with pytest.raises(ValueError, match="accounts"):
        with_secret('accounts = [{ address = "a@b.example" }]', 0, "file")
