"""A scripted server that misbehaves in the ways real ones do."""

from __future__ import annotations

from typing import Any

import pytest

from inboxcrm.mailbox.connection import Mailbox
from inboxcrm.mailbox.errors import (
    AnswerGarbled,
    CommandRefused,
    ConnectionLost,
    FolderMissing,
    LoginImpossible,
    LoginRefused,
    MailboxError,
    ServerBusy,
)
from tests.servers.scripted import HANG_UP, Reply, ScriptedServer, Session

PASSWORD = "secret"


def opened(server: ScriptedServer, password: str = PASSWORD) -> Mailbox:
    return Mailbox.open(server.account(), password, timeout=5)


def head(uid: int, sequence: int | None = None, **changes: Any) -> str:
    header = changes.get("header", f"Subject: mail {uid}\r\n\r\n")
    return (
        f'* {sequence or uid} FETCH (UID {uid} FLAGS () INTERNALDATE "25-Nov-2026 01:02:03 +0800" '
        f"RFC822.SIZE {changes.get('size', 100)} BODY[HEADER] {{{len(header)}}}\r\n{header})\r\n"
    )


def asked(line: str) -> list[int]:
    """The UIDs of a "UID FETCH 1,2,3 (…)" line."""
    return [int(uid) for uid in line.split(" ")[2].split(",")]


# --- logging in -------------------------------------------------------------------------------------------------------


def test_id_is_sent_after_the_login_and_before_any_folder_is_opened() -> None:
    with ScriptedServer() as server, opened(server) as mailbox:
        mailbox.examine("INBOX")
        names = [command.split(" ")[0] for command in server.commands()]
        assert names.index("LOGIN") < names.index("ID") < names.index("EXAMINE")
        assert mailbox.server == {"name": "scripted"}


def test_id_is_not_sent_where_it_is_not_offered() -> None:
    with ScriptedServer({"CAPABILITY": "* CAPABILITY IMAP4rev1\r\n{tag} OK done\r\n"}) as server, opened(server):
        assert not any(command.startswith("ID ") for command in server.commands())


@pytest.mark.parametrize(
    "reply", ["{tag} BAD what?\r\n", "* ID (\r\n{tag} OK done\r\n", "* ID NIL\r\n{tag} OK done\r\n"]
)
def test_a_server_that_refuses_id_is_used_all_the_same(reply: str) -> None:
    with ScriptedServer({"ID": reply}) as server, opened(server) as mailbox:
        assert mailbox.examine("INBOX").exists == 3


def test_unsafe_login_says_what_to_do_in_the_web_mail() -> None:
    reply = "{tag} NO EXAMINE Unsafe Login. Please contact kefu@188.com for help\r\n"
    with ScriptedServer({"EXAMINE": reply}) as server, opened(server) as mailbox:
        with pytest.raises(LoginRefused, match="authorization code") as caught:
            mailbox.examine("INBOX")
        assert caught.value.permanent


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        ("{tag} NO [AUTHENTICATIONFAILED] no\r\n", LoginRefused),
        ("{tag} NO LOGIN Login error password error\r\n", LoginRefused),
        ("{tag} NO who knows why\r\n", LoginRefused),
        ("{tag} NO [UNAVAILABLE] later\r\n", ServerBusy),
        ("{tag} NO [ALERT] Too many simultaneous connections. (Failure)\r\n", ServerBusy),
        ("{tag} NO [LIMIT] rate limit hit\r\n", ServerBusy),
        ("* BYE closing\r\n" + HANG_UP, ConnectionLost),
        (HANG_UP, ConnectionLost),
        ("\0\0 garbage\r\n", ConnectionLost),
    ],
)
def test_a_wrong_password_is_told_from_a_busy_or_broken_server(reply: str, error: type[MailboxError]) -> None:
    with ScriptedServer({"LOGIN": reply}) as server, pytest.raises(error):
        opened(server)


@pytest.mark.parametrize(
    ("greeting", "error"),
    [
        ("* BYE Too many connections\r\n", ServerBusy),
        (HANG_UP, ConnectionLost),
        ("220 smtp.example ESMTP\r\n", ConnectionLost),
        ("HTTP/1.1 400 Bad Request\r\n\r\n", ConnectionLost),
    ],
)
def test_a_server_that_does_not_welcome_us_is_no_wrong_password(greeting: str, error: type[MailboxError]) -> None:
    with ScriptedServer(greeting=greeting) as server, pytest.raises(error) as caught:
        opened(server)
    assert not caught.value.permanent


@pytest.mark.parametrize("extra", ["", "AUTH=PLAIN"])
def test_a_server_that_takes_passwords_only_when_encrypted_is_not_told_one(extra: str) -> None:
    capability = f"* CAPABILITY IMAP4rev1 LOGINDISABLED {extra}\r\n{{tag}} OK done\r\n"
    with ScriptedServer({"CAPABILITY": capability}) as server, pytest.raises(LoginImpossible, match="tls"):
        opened(server)
    assert not any("secret" in line for line in server.lines)


def test_a_server_that_takes_only_oauth_says_so() -> None:
    capability = "* CAPABILITY IMAP4rev1 LOGINDISABLED AUTH=XOAUTH2\r\n{tag} OK done\r\n"
    with ScriptedServer({"CAPABILITY": capability}) as server, pytest.raises(LoginImpossible, match="OAuth"):
        opened(server)


def test_letters_that_login_cannot_carry_need_authenticate_plain() -> None:
    with ScriptedServer() as server, pytest.raises(LoginImpossible, match="letters"):
        opened(server, "geheim-ß")
    with ScriptedServer(
        {
            "CAPABILITY": "* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n{tag} OK done\r\n",
            "AUTHENTICATE": "+ \r\n",
            "AGxpbmFAc2": "{tag} OK in\r\n",
        }
    ) as server:
        opened(server, "geheim-ß").close()


# --- folders ----------------------------------------------------------------------------------------------------------


def test_a_busy_server_is_told_from_a_missing_folder() -> None:
    replies: list[Reply] = ["{tag} NO [INUSE] locked\r\n", "{tag} NO [NONEXISTENT] none\r\n", "{tag} NO boom\r\n"]
    with ScriptedServer({"EXAMINE": replies}) as server, opened(server) as mailbox:
        for error in (ServerBusy, FolderMissing, CommandRefused):
            with pytest.raises(error):
                mailbox.examine("INBOX")


def test_a_missing_uidnext_is_worked_out() -> None:
    script: dict[str, Reply | list[Reply]] = {
        "EXAMINE": "* 3 EXISTS\r\n* OK [UIDVALIDITY 7] ok\r\n{tag} OK done\r\n",
        "UID SEARCH UID *": "* SEARCH 41\r\n{tag} OK done\r\n",
    }
    with ScriptedServer(script) as server, opened(server) as mailbox:
        assert mailbox.examine("INBOX").uid_next == 42


def test_a_missing_uidvalidity_is_told() -> None:
    with (
        ScriptedServer({"EXAMINE": "* 3 EXISTS\r\n{tag} OK done\r\n"}) as server,
        opened(server) as mailbox,
        pytest.raises(AnswerGarbled, match="UIDVALIDITY"),
    ):
        mailbox.examine("INBOX")


def test_one_folder_with_a_wrong_name_does_not_spoil_the_list() -> None:
    listed = (
        b'* LIST () "/" INBOX\r\n* LIST () "/" "R&D"\r\n* LIST () "/" "Gr\xfc\xdfe"\r\n'
        b"* LIST () NIL 2019\r\n{tag} OK done\r\n"
    )
    with ScriptedServer({"LIST": listed}) as server, opened(server) as mailbox:
        folders = {folder.name: folder.selectable for folder in mailbox.folders()}
        assert folders == {
            "INBOX": True,
            "R&D": False,
            "Grüße": False,
            "2019": True,
        }


def test_folders_are_only_ever_opened_for_reading() -> None:
    with ScriptedServer() as server, opened(server) as mailbox:
        mailbox.examine("INBOX")
        assert not any(command.upper().startswith("SELECT") for command in server.commands())


# --- mails ------------------------------------------------------------------------------------------------------------


def test_one_refused_mail_does_not_hold_up_its_batch() -> None:
    def fetch(_session: Session, line: str) -> str:
        uids = asked(line)
        if 13 in uids:
            return "{tag} NO [SERVERBUG] Internal error occurred.\r\n"
        return "".join(map(head, uids)) + "{tag} OK done\r\n"

    script: dict[str, Reply | list[Reply]] = {"UID FETCH": fetch, "UID SEARCH": "* SEARCH 13\r\n{tag} OK done\r\n"}
    with ScriptedServer(script) as server, opened(server) as mailbox:
        mailbox.examine("INBOX")
        heads = mailbox.heads(range(1, 21))
        assert [one.uid for one in heads] == [uid for uid in range(1, 21) if uid != 13]
        assert [(one.uid, "Internal error" in one.error) for one in heads.refused] == [(13, True)]
        assert heads.gone == frozenset()


def test_a_mail_whose_answer_makes_no_sense_does_not_hold_up_its_batch() -> None:
    def fetch(_session: Session, line: str) -> str:
        broken = "* 3 FETCH (UID 3 FLAGS (unclosed\r\n"
        return "".join(broken if uid == 3 else head(uid) for uid in asked(line)) + "{tag} OK done\r\n"

    script: dict[str, Reply | list[Reply]] = {"UID FETCH": fetch, "UID SEARCH": "* SEARCH 3\r\n{tag} OK done\r\n"}
    with ScriptedServer(script) as server, opened(server) as mailbox:
        mailbox.examine("INBOX")
        heads = mailbox.heads([1, 2, 3, 4])
        assert [one.uid for one in heads] == [1, 2, 4]
        assert [one.uid for one in heads.refused] == [3]


def test_a_mail_that_is_listed_but_never_comes_is_told_as_refused() -> None:
    def fetch(_session: Session, line: str) -> str:
        return "".join(head(uid) for uid in asked(line) if uid not in (2, 3)) + "{tag} OK done\r\n"

    script: dict[str, Reply | list[Reply]] = {"UID FETCH": fetch, "UID SEARCH": "* SEARCH 3\r\n{tag} OK done\r\n"}
    with ScriptedServer(script) as server, opened(server) as mailbox:
        mailbox.examine("INBOX")
        heads = mailbox.heads([1, 2, 3, 4])
        assert heads.gone == {2}
        assert [one.uid for one in heads.refused] == [3]
        fetches = [command for command in server.commands() if command.startswith("UID FETCH")]
        assert [asked(command) for command in fetches] == [[1, 2, 3, 4], [2, 3]]


def test_a_mail_that_is_left_out_once_is_asked_for_again() -> None:
    first: list[Reply] = [head(1) + "{tag} OK done\r\n", head(2) + "{tag} OK done\r\n"]
    with ScriptedServer({"UID FETCH": first}) as server, opened(server) as mailbox:
        mailbox.examine("INBOX")
        assert [one.uid for one in mailbox.heads([1, 2])] == [1, 2]


def test_expunge_during_the_fetch_is_asked_again_and_told_as_gone() -> None:
    replies: list[Reply] = [
        head(1) + "* 2 EXPUNGE\r\n{tag} NO [EXPUNGEISSUED] Some of the requested messages no longer exist\r\n",
        head(1) + "{tag} OK done\r\n",
    ]
    script: dict[str, Reply | list[Reply]] = {"UID FETCH": replies, "UID SEARCH": "* SEARCH\r\n{tag} OK done\r\n"}
    with ScriptedServer(script) as server, opened(server) as mailbox:
        mailbox.examine("INBOX")
        heads = mailbox.heads([1, 2])
        assert ([one.uid for one in heads], heads.gone, heads.refused) == ([1], {2}, ())


def test_unasked_answers_are_not_taken_for_mails() -> None:
    def fetch(_session: Session, line: str) -> str:
        flags = "* 1 FETCH (FLAGS (\\Seen))\r\n* 2 FETCH (UID 2 FLAGS (\\Seen))\r\n* 9 EXISTS\r\n"
        return flags + "".join(map(head, asked(line))) + "* 3 FETCH (FLAGS ())\r\n{tag} OK done\r\n"

    with ScriptedServer({"UID FETCH": fetch}) as server, opened(server) as mailbox:
        mailbox.examine("INBOX")
        assert [(one.uid, one.header) for one in mailbox.heads([1, 2])] == [
            (uid, f"Subject: mail {uid}\r\n\r\n".encode()) for uid in (1, 2)
        ]


def test_a_server_that_refuses_every_mail_is_itself_in_trouble() -> None:
    with ScriptedServer({"UID FETCH": "{tag} NO [SERVERBUG] disk\r\n"}) as server, opened(server) as mailbox:
        mailbox.examine("INBOX")
        with pytest.raises(CommandRefused, match="disk") as caught:
            mailbox.heads(range(1, 201))
        assert not caught.value.permanent
        assert len(server.lines) < 60


def test_a_busy_server_is_not_asked_mail_by_mail() -> None:
    with ScriptedServer({"UID FETCH": "{tag} NO [LIMIT] throttled\r\n"}) as server, opened(server) as mailbox:
        mailbox.examine("INBOX")
        with pytest.raises(ServerBusy):
            mailbox.heads(range(1, 201))
        assert sum(command.startswith("UID FETCH") for command in server.commands()) == 1


def test_goodbye_in_the_middle_is_a_lost_connection() -> None:
    reply = head(1) + "* BYE Disconnected for inactivity.\r\n" + HANG_UP
    with ScriptedServer({"UID FETCH": reply.replace(HANG_UP, "")}) as server, opened(server) as mailbox:
        mailbox.examine("INBOX")
        with pytest.raises(ConnectionLost):
            mailbox.heads([1, 2])


def test_noise_is_a_lost_connection_whose_message_quotes_no_mail() -> None:
    with ScriptedServer({"UID FETCH": "the price is 7 dollars\r\n"}) as server, opened(server) as mailbox:
        mailbox.examine("INBOX")
        with pytest.raises(ConnectionLost) as caught:
            mailbox.heads([1])
        assert "dollars" not in str(caught.value)


LARGE = head(1, size=500_000, header="Content-Type: multipart/mixed; boundary=q\r\n\r\n")
TEXT = b"--q\r\nContent-Type: text/plain\r\n\r\nhello\r\n--q--\r\n".decode()


@pytest.mark.parametrize(
    "description",
    [
        "{tag} NO can't parse\r\n",
        "* 1 FETCH (UID 1 BODYSTRUCTURE NIL)\r\n{tag} OK done\r\n",
        "* 1 FETCH (UID 1 BODYSTRUCTURE (())\r\n{tag} OK done\r\n",
        "* 1 FETCH (UID 1 BODYSTRUCTURE ())\r\n{tag} OK done\r\n",
        "* 1 FETCH (UID 1 BODYSTRUCTURE " + "(" * 3_000 + ")" * 3_000 + ")\r\n{tag} OK done\r\n",
        '* 1 FETCH (UID 1 BODYSTRUCTURE ("TEXT" "PLAIN" NIL NIL NIL "7BIT" 0 0))\r\n{tag} OK done\r\n',
        "{tag} OK done\r\n",
    ],
)
def test_where_the_server_cannot_describe_a_mail_its_beginning_has_to_do(description: str) -> None:
    def fetch(_session: Session, line: str) -> str:
        if "BODYSTRUCTURE" in line:
            return description
        if "TEXT" in line:
            return f"* 1 FETCH (UID 1 BODY[TEXT] {{{len(TEXT)}}}\r\n{TEXT})\r\n{{tag}} OK done\r\n"
        return LARGE + "{tag} OK done\r\n"

    with ScriptedServer({"UID FETCH": fetch}) as server, opened(server) as mailbox:
        mailbox.examine("INBOX")
        mails = mailbox.mails(mailbox.heads([1]))
        assert mails[1].endswith(TEXT.encode())
        assert mails.refused == ()


def test_gmails_own_number_of_a_mail_is_asked_for_where_there_is_one() -> None:
    capability = "* CAPABILITY IMAP4rev1 X-GM-EXT-1\r\n{tag} OK done\r\n"
    answer = head(1).replace("UID 1 ", "X-GM-MSGID 1278455344230334865 UID 1 ") + "{tag} OK done\r\n"
    with ScriptedServer({"CAPABILITY": capability, "UID FETCH": answer}) as server, opened(server) as mailbox:
        mailbox.examine("INBOX")
        [one] = mailbox.heads([1])
        assert one.gmail_id == "1278455344230334865"
        assert one.received_at.isoformat() == "2026-11-24T17:02:03+00:00"
