"""What became of a mail is told surely: sent, refused, surely not sent, or unsure; over connections that prove who they lead to."""

from __future__ import annotations

from pathlib import Path

import pytest

from inboxcrm.mailbox.errors import CertificateRefused, ConnectionLost, LoginImpossible, LoginRefused, ServerBusy
from inboxcrm.mailbox.submission import NotSent, Refused, Submission, Unsure, check_login
from tests.servers.dovecot import PASSWORD
from tests.servers.smtp import DROP, HANG, TAKE_AND_DROP, TAKE_AND_HANG, SmtpServer

LINA, ANNA, BEN = "lina@brightvalve.example", "anna@nordlicht.example", "ben@nordlicht.example"
MAIL = b"Message-ID: <1@brightvalve.example>\r\nSubject: Hi\r\n\r\nHello\r\n.dot\nbare\rend\r\n"


def opened(server: SmtpServer, **times: float) -> Submission:
    return Submission(
        server.server(), LINA, PASSWORD, timeout=times.get("timeout", 10), answer_timeout=times.get("answer", 10)
    )


def test_a_mail_arrives_as_it_was_with_all_its_recipients_after_a_log_in() -> None:
    with SmtpServer() as server, opened(server) as submission:
        assert "queued" in submission.send(LINA, [ANNA, BEN], MAIL).words
        (taken,) = server.taken
    assert (taken.sender, taken.recipients, taken.user) == (LINA, (ANNA, BEN), LINA)
    assert taken.data == b"Message-ID: <1@brightvalve.example>\r\nSubject: Hi\r\n\r\nHello\r\n.dot\r\nbare\r\nend\r\n"


def test_several_mails_go_over_one_connection() -> None:
    with SmtpServer() as server, opened(server) as submission:
        for _ in range(3):
            submission.send(LINA, [ANNA], MAIL)
            assert submission.still_listens()
        assert len(server.taken) == 3
        assert server.connections == 1


@pytest.mark.parametrize("step", ["MAIL", "RCPT", "DATA", "end"])
@pytest.mark.parametrize(("reply", "permanent"), [("450 4.2.1 come later", False), ("550 5.1.1 no such user", True)])
def test_a_refusal_is_told_in_the_servers_words_and_the_connection_goes_on(
    step: str, reply: str, permanent: bool
) -> None:
    with SmtpServer(script={step: [reply]}) as server, opened(server) as submission:
        with pytest.raises(Refused) as refused:
            submission.send(LINA, [ANNA], MAIL)
        assert refused.value.permanent is permanent
        assert f"{refused.value.code} {refused.value.words}" == reply
        assert reply in str(refused.value)
        assert server.taken == []
        submission.send(LINA, [ANNA], MAIL)
        assert server.connections == 1


def test_a_mail_goes_to_all_of_its_recipients_or_to_none() -> None:
    def no_ben(line: str) -> str | None:
        return "550 no Ben here" if BEN in line else None

    with SmtpServer(script={"RCPT": no_ben}) as server, opened(server) as submission:
        with pytest.raises(Refused) as refused:
            submission.send(LINA, [ANNA, BEN], MAIL)
        assert refused.value.recipients == {BEN: "no Ben here"}
        assert server.taken == []


@pytest.mark.parametrize("step", ["MAIL", "RCPT", "DATA", "body"])
@pytest.mark.parametrize("how", [DROP, HANG])
def test_a_connection_lost_before_the_end_of_the_mail_means_surely_not_sent(step: str, how: str) -> None:
    with SmtpServer(script={step: how}) as server, opened(server, timeout=0.5, answer=0.5) as submission:
        # The system takes a short mail whole before it notices that nobody reads it; a long one it does not.
        with pytest.raises(NotSent):
            submission.send(LINA, [ANNA], MAIL + (b"x" * 998 + b"\r\n") * 16_000)
        assert not submission.is_usable
        assert server.taken == []


@pytest.mark.parametrize(
    ("how", "taken"), [(DROP, 0), (HANG, 0), (TAKE_AND_DROP, 1), (TAKE_AND_HANG, 1), ("xyz", 0), ("999 what", 0)]
)
def test_no_clear_answer_after_the_end_of_the_mail_means_unsure(how: str, taken: int) -> None:
    with SmtpServer(script={"end": how}) as server, opened(server, timeout=0.5, answer=0.5) as submission:
        with pytest.raises(Unsure):
            submission.send(LINA, [ANNA], MAIL)
        assert not submission.is_usable
        assert len(server.taken) == taken


def test_a_short_mail_lost_while_it_is_sent_is_never_called_sent() -> None:
    with SmtpServer(script={"body": DROP}) as server, opened(server, timeout=1, answer=1) as submission:
        with pytest.raises((NotSent, Unsure)):
            submission.send(LINA, [ANNA], MAIL)
        assert server.taken == []


def test_a_server_that_closes_for_now_is_left_alone() -> None:
    with SmtpServer(script={"MAIL": "421 4.3.2 shutting down"}) as server, opened(server) as submission:
        with pytest.raises(Refused) as refused:
            submission.send(LINA, [ANNA], MAIL)
        assert not refused.value.permanent
        assert not submission.is_usable


def test_an_idle_connection_that_the_server_has_closed_is_noticed() -> None:
    with SmtpServer() as server, opened(server) as submission:
        server.cut()
        assert not submission.still_listens()
        assert not submission.is_usable


def test_a_server_without_smtputf8_is_named_before_a_word_is_said() -> None:
    with SmtpServer(extensions=("8BITMIME",)) as server, opened(server) as submission:
        with pytest.raises(Refused, match="SMTPUTF8") as refused:
            submission.send(LINA, [ANNA, "用户@nordlicht.example"], MAIL)
        assert refused.value.permanent
        assert "用户@nordlicht.example" in str(refused.value)
        assert not any(line.startswith("MAIL") for line in server.lines)


def test_addresses_beyond_ascii_go_with_smtputf8_where_the_server_takes_them() -> None:
    with SmtpServer() as server, opened(server) as submission:
        submission.send(LINA, ["用户@nordlicht.example"], "To: 用户@nordlicht.example\r\n\r\nHi\r\n".encode())
        (taken,) = server.taken
        assert "SMTPUTF8" in taken.options
        assert taken.recipients == ("用户@nordlicht.example",)
        submission.send(LINA, [ANNA], MAIL)
        assert "SMTPUTF8" not in server.taken[1].options


def test_a_mail_larger_than_the_server_takes_is_refused_with_both_sizes() -> None:
    with SmtpServer(extensions=("SIZE 1000000",)) as server, opened(server) as submission:
        with pytest.raises(Refused, match=r"1\.0 MB.*2\.0 MB"):
            submission.send(LINA, [ANNA], b"x" * 2_000_000)
        assert server.taken == []


@pytest.mark.parametrize("address", ["", "anna", "a@b\r\nRCPT TO:<x@y>", "a b@c", "<a@b>", "a@b\0", "a@", "@b"])
def test_what_is_no_address_never_reaches_the_server(address: str) -> None:
    with SmtpServer() as server, opened(server) as submission:
        before = len(server.lines)
        with pytest.raises(Refused):
            submission.send(LINA, [ANNA, address], MAIL)
        with pytest.raises(Refused):
            submission.send(address, [ANNA], MAIL)
        assert len(server.lines) == before


@pytest.mark.parametrize("tls", ["starttls", "tls"])
def test_nothing_is_said_to_a_server_that_cannot_prove_who_it_is(tls: str, tmp_path: Path) -> None:
    with SmtpServer(folder=tmp_path, tls=tls) as server:
        with pytest.raises(CertificateRefused):
            opened(server)
        assert not any("AUTH" in line for line in server.lines)


@pytest.mark.parametrize("tls", ["starttls", "tls"])
def test_a_certified_server_gets_password_and_mail_encrypted(
    tls: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with SmtpServer(folder=tmp_path, tls=tls) as server:
        monkeypatch.setenv("SSL_CERT_FILE", str(server.ca_file))
        with opened(server) as submission:
            submission.send(LINA, [ANNA], MAIL)
        assert server.taken[0].secured
        with pytest.raises(CertificateRefused):
            Submission(server.server(host="127.1"), LINA, PASSWORD, timeout=5)


def test_the_password_is_not_told_to_a_server_without_starttls() -> None:
    with SmtpServer() as server:
        with pytest.raises(LoginImpossible):
            Submission(server.server("starttls"), LINA, PASSWORD, timeout=5)
        assert not any("AUTH" in line for line in server.lines)


def test_a_refused_password_is_told_from_a_busy_server() -> None:
    with SmtpServer(password="other") as server, pytest.raises(LoginRefused, match="wrong password"):
        opened(server)
    with SmtpServer(script={"AUTH": "454 4.7.0 too many connections"}) as server, pytest.raises(ServerBusy):
        opened(server)
    with SmtpServer(script={"connect": "421 too busy"}) as server, pytest.raises(ServerBusy):
        opened(server)
    with SmtpServer(script={"connect": HANG}) as server, pytest.raises(ConnectionLost):
        opened(server, timeout=0.5)


@pytest.mark.parametrize("mechanisms", ["PLAIN", "LOGIN"])
def test_plain_passwords_go_by_any_usual_mechanism(mechanisms: str) -> None:
    with SmtpServer(mechanisms=mechanisms, password="secret-1") as server:
        assert check_login(server.server(), LINA, "secret-1", timeout=5).takes_utf8_addresses


def test_a_password_that_the_server_cannot_take_is_told() -> None:
    with SmtpServer(mechanisms="LOGIN") as server, pytest.raises(LoginImpossible, match="Latin"):
        opened(server)
