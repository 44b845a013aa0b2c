"""Opening a mailbox at a real server: secured, logged in, read-only; and errors that say what to do."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from inboxcrm.mailbox import connection
from inboxcrm.mailbox.connection import Mailbox
from inboxcrm.mailbox.errors import (
    CertificateRefused,
    ConnectionLost,
    FolderMissing,
    LoginImpossible,
    LoginRefused,
)
from inboxcrm.model import FolderRole
from inboxcrm.settings import Account, Server
from tests.servers.dovecot import Dovecot, running
from tests.servers.dovecot import Mailbox as Folder
from tests.servers.proxy import Proxy


def opened(dovecot: Dovecot, user: str, **changes: object) -> Mailbox:
    account = dovecot.settings_for(user, **changes)
    return Mailbox.open(account, dovecot.password_of(user), timeout=20)


@pytest.fixture(scope="module")
def secure() -> Iterator[Dovecot]:
    with running(tls=True, settings="ssl = required\ndisable_plaintext_auth = yes\n") as server:
        server.add_user("lina@brightvalve.example")
        yield server


def secure_account(secure: Dovecot, port: int, security: str, host: str = "localhost") -> Account:
    imap = Server.model_validate({"host": host, "port": port, "security": security})
    return secure.settings_for("lina@brightvalve.example", imap=imap)


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_certificate_that_is_trusted_opens_the_way(
    secure: Dovecot, security: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(secure.ca_file))
    account = secure_account(secure, secure.tls_port if security == "tls" else secure.port, security)
    with Mailbox.open(account, secure.password_of(account.address), timeout=20) as mailbox:
        assert mailbox.examine("INBOX").exists == 0
        mailbox.begin_idle()
        mailbox.end_idle()


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_an_unknown_certificate_is_refused_before_the_password_is_told(secure: Dovecot, security: str) -> None:
    account = secure_account(secure, secure.tls_port if security == "tls" else secure.port, security)
    with pytest.raises(CertificateRefused) as caught:
        Mailbox.open(account, secure.password_of(account.address), timeout=20)
    assert caught.value.permanent


def test_a_certificate_of_another_host_is_refused(secure: Dovecot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(secure.ca_file))
    account = secure_account(secure, secure.tls_port, "tls", host="127.0.0.2")
    with pytest.raises((CertificateRefused, ConnectionLost)):
        Mailbox.open(account, secure.password_of(account.address), timeout=20)


def test_a_server_without_starttls_is_told_no_password(dovecot: Dovecot, user: str) -> None:
    server = Server(host=dovecot.host, port=dovecot.port, security="starttls")
    with pytest.raises(LoginImpossible, match="STARTTLS"):
        opened(dovecot, user, imap=server)


def test_speaking_tls_to_a_plain_port_says_to_check_port_and_security(dovecot: Dovecot, user: str) -> None:
    server = Server(host=dovecot.host, port=dovecot.port, security="tls")
    with pytest.raises(ConnectionLost, match="port and security"):
        opened(dovecot, user, imap=server)


@pytest.mark.parametrize("password", ["wrong", "fälschlich", 'with "quotes" and \\', ""])
def test_a_wrong_password_is_permanent(dovecot: Dovecot, user: str, password: str) -> None:
    with pytest.raises(LoginRefused) as caught:
        Mailbox.open(dovecot.settings_for(user), password, timeout=20)
    assert caught.value.permanent
    assert user in str(caught.value)


@pytest.mark.parametrize("password", ["plain", "Pässwörd", "密码", 'a"b\\c d', "{5}", "%n*"])
def test_any_password_can_be_used(dovecot: Dovecot, user: str, password: str) -> None:
    other = f"{sum(map(ord, password))}.{user}"
    dovecot.add_user(other, password)
    with Mailbox.open(dovecot.settings_for(other), password, timeout=20) as mailbox:
        assert mailbox.pushes


def test_a_name_that_does_not_exist_in_the_dns_is_told() -> None:
    server = Server(host="imap.invalid", port=993)
    with pytest.raises(ConnectionLost, match=r"imap\.invalid:993"):
        Mailbox.open(Account(address="a@b.example", imap=server), "x", timeout=20)


def test_a_port_where_nobody_listens_is_told() -> None:
    server = Server(host="127.0.0.1", port=1, security="none")
    with pytest.raises(ConnectionLost) as caught:
        Mailbox.open(Account(address="a@b.example", imap=server), "x", timeout=20)
    assert not caught.value.permanent


def test_folders_come_with_roles_and_decoded_names(dovecot: Dovecot, user: str) -> None:
    dovecot.make_folder(user, "询价/Käufer")
    with opened(dovecot, user) as mailbox:
        roles = {folder.name: folder.role for folder in mailbox.folders()}
        assert roles["INBOX"] is FolderRole.INBOX
        assert roles["Sent"] is FolderRole.SENT
        assert roles["Drafts"] is FolderRole.DRAFTS
        assert roles["询价/Käufer"] is FolderRole.OTHER
        assert mailbox.examine("询价/Käufer").exists == 0


@pytest.mark.parametrize("name", ["已发送", "Éléments envoyés", "Отправленные", "Gesendete Objekte"])
def test_a_localised_sent_folder_without_special_use_is_found(name: str) -> None:
    with running(mailboxes=[Folder(name), Folder("Archiv")], special_use=False) as server:
        user = "lina@brightvalve.example"
        server.deliver(user, b"Subject: x\n\nx\n", name)
        with opened(server, user) as mailbox:
            [sent] = [folder for folder in mailbox.folders() if folder.role is FolderRole.SENT]
            assert sent.name == name
            assert mailbox.examine(name).exists == 1


def test_a_missing_folder_is_told_and_the_connection_lives_on(dovecot: Dovecot, user: str) -> None:
    with opened(dovecot, user) as mailbox:
        for ask in (mailbox.examine, mailbox.status):
            with pytest.raises(FolderMissing, match="Nirgends") as caught:
                ask("Nirgends")
            assert caught.value.permanent
        assert mailbox.examine("INBOX").exists == 0


def test_status_and_examine_agree_and_move_with_the_folder(dovecot: Dovecot, user: str) -> None:
    with opened(dovecot, user) as mailbox:
        before = mailbox.examine("INBOX")
        dovecot.deliver(user, b"Subject: x\n\nx\n")
        after = mailbox.examine("INBOX")
        assert after == mailbox.status("INBOX")
        assert (after.exists, after.uid_next) == (before.exists + 1, before.uid_next + 1)
        assert after.uidvalidity == before.uidvalidity
        assert after.highest_modseq > before.highest_modseq


def test_a_changed_uidvalidity_is_seen(dovecot: Dovecot, user: str) -> None:
    dovecot.deliver(user, b"Subject: x\n\nx\n")
    with opened(dovecot, user) as mailbox:
        before = mailbox.examine("INBOX")
        new = dovecot.change_uidvalidity(user)
        assert mailbox.examine("INBOX").uidvalidity == new != before.uidvalidity


def test_uids_are_those_inside_the_limits(dovecot: Dovecot, user: str) -> None:
    for _number in range(5):
        dovecot.deliver(user, b"Subject: x\n\nx\n")
    dovecot.expunge(user, [2])
    with opened(dovecot, user) as mailbox:
        mailbox.examine("INBOX")
        assert mailbox.uids() == [1, 3, 4, 5]
        assert mailbox.uids(3) == [3, 4, 5]
        assert mailbox.uids(2, 4) == [3, 4]
        assert mailbox.uids(6) == []  # "6:*" names 5, the last one
        assert mailbox.uids(5, 3) == []


def test_a_folder_larger_than_one_answer_is_asked_in_windows(
    dovecot: Dovecot, user: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "_SEARCH_WINDOW", 3)
    for _number in range(10):
        dovecot.deliver(user, b"Subject: x\n\nx\n")
    with opened(dovecot, user) as mailbox:
        mailbox.examine("INBOX")
        dovecot.deliver(user, b"Subject: x\n\nx\n")
        mailbox.noop()
        assert mailbox.uids() == list(range(1, 12))
        assert mailbox.uids(4, 8) == [4, 5, 6, 7, 8]


@pytest.mark.parametrize("count", [0, 60, 200, 600, 1_000])
def test_a_connection_that_is_cut_anywhere_is_a_lost_connection(dovecot: Dovecot, user: str, count: int) -> None:
    for _number in range(3):
        dovecot.deliver(user, b"Subject: x\n\n" + b"text\n" * 50)
    with Proxy(dovecot.host, dovecot.port) as proxy:
        proxy.cut_after(count)
        server = Server(host=proxy.host, port=proxy.port, security="none")
        with pytest.raises(ConnectionLost) as caught:
            look_through(dovecot, user, server)
        assert not caught.value.permanent


def look_through(dovecot: Dovecot, user: str, server: Server) -> None:
    with opened(dovecot, user, imap=server) as mailbox:
        mailbox.folders()
        mailbox.examine("INBOX")
        mailbox.mails(mailbox.heads(mailbox.uids()))


def test_a_server_that_falls_silent_is_given_up_after_the_time_out(dovecot: Dovecot, user: str) -> None:
    with Proxy(dovecot.host, dovecot.port) as proxy:
        server = Server(host=proxy.host, port=proxy.port, security="none")
        account = dovecot.settings_for(user, imap=server)
        with Mailbox.open(account, dovecot.password_of(user), timeout=0.5) as mailbox:
            proxy.stall_after(0)
            with pytest.raises(ConnectionLost, match="doesn't answer"):
                mailbox.examine("INBOX")


def test_after_closing_everything_is_a_lost_connection(dovecot: Dovecot, user: str) -> None:
    mailbox = opened(dovecot, user)
    mailbox.close()
    mailbox.close()
    with pytest.raises(ConnectionLost):
        mailbox.examine("INBOX")


def test_neither_passwords_nor_mails_get_into_the_log(
    dovecot: Dovecot, user: str, caplog: pytest.LogCaptureFixture
) -> None:
    dovecot.deliver(user, b"Subject: top secret offer\n\nthe price is 7 dollars\n")
    with caplog.at_level(logging.DEBUG), opened(dovecot, user) as mailbox:
        mailbox.examine("INBOX")
        mailbox.mails(mailbox.heads(mailbox.uids()))
    assert dovecot.password_of(user) not in caplog.text
    assert "secret offer" not in caplog.text
    assert "7 dollars" not in caplog.text
