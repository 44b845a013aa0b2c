"""A mail that somebody tries on themselves goes over the account's own server, once, and what the server says is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from inboxcrm.mailbox.errors import MailboxError
from inboxcrm.settings import Account
from inboxcrm.web.own_mail import to_server
from tests.servers.smtp import SmtpServer

LINA = "lina@brightvalve.example"
MAIL = b"From: lina@brightvalve.example\r\nMessage-ID: <1@brightvalve.example>\r\nSubject: News\r\n\r\nHi\r\n"


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Account:
    """Lina's, without a server to send through."""
    monkeypatch.setenv("OWN_MAIL_SECRET", SmtpServer.password)
    return Account.model_validate(
        {"address": LINA, "secret": "env:OWN_MAIL_SECRET", "imap": {"host": "mail.invalid", "port": 993}}
    )


def test_it_goes_once_to_oneself(tmp_path: Path, account: Account) -> None:
    with SmtpServer() as server:
        to_server(tmp_path, 10)(account.model_copy(update={"smtp": server.server()}), LINA, [LINA], MAIL)
        assert [one.message_id for one in server.taken] == ["1@brightvalve.example"]


def test_what_the_server_says_is_told(tmp_path: Path, account: Account) -> None:
    with SmtpServer(script={"RCPT": "550 5.7.1 not from here"}) as server:
        with pytest.raises(MailboxError, match="not from here"):
            to_server(tmp_path, 10)(account.model_copy(update={"smtp": server.server()}), LINA, [LINA], MAIL)
        assert server.taken == []


def test_an_account_that_cannot_send_says_what_to_do(tmp_path: Path, account: Account) -> None:
    with pytest.raises(MailboxError, match="smtp"):
        to_server(tmp_path, 10)(account, LINA, [LINA], MAIL)
