"""Drafts are put, found, replaced and taken out in a real mailbox, and sent mail is filed once; nothing else there is touched."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from inboxcrm.mailbox import drafts, sent
from inboxcrm.mailbox.errors import FolderMissing
from inboxcrm.mailbox.filing import FilingMailbox, Spot
from inboxcrm.model import DRAFT_FIELD
from tests.servers.dovecot import Dovecot, running

AT = datetime(2026, 6, 1, 8, tzinfo=UTC)


def mail(message_id: str, *, draft: str = "", text: str = "Hello") -> bytes:
    field = f"{DRAFT_FIELD}: {draft}\r\n" if draft else ""
    return f"{field}Message-ID: <{message_id}>\r\nTo: a@b.example\r\nSubject: Hi\r\n\r\n{text}\r\n".encode()


def opened(dovecot: Dovecot, user: str) -> FilingMailbox:
    return FilingMailbox.open(dovecot.settings_for(user), dovecot.password_of(user), timeout=20)


@pytest.fixture
def mailbox(dovecot: Dovecot, user: str) -> Iterator[FilingMailbox]:
    with opened(dovecot, user) as mailbox:
        yield mailbox


def test_a_draft_lies_there_marked_as_draft_and_read(dovecot: Dovecot, user: str, mailbox: FilingMailbox) -> None:
    spot = drafts.place(mailbox, "Drafts", "d1@x.example", mail("d1@x.example", draft="d1@x.example"), AT)
    assert dovecot.flags(user, "Drafts") == {spot.uid: frozenset({"\\Draft", "\\Seen"})}
    assert drafts.look(mailbox, "Drafts") == drafts.Lying(spot.uidvalidity, frozenset({spot.uid}))
    assert drafts.named(mailbox, "d1@x.example") == [spot.uid]
    assert drafts.named(mailbox, "d1@x") == []
    assert b"d1@x.example" in drafts.headers(mailbox, [spot.uid])[spot.uid]


def test_only_the_draft_itself_is_taken_out(dovecot: Dovecot, user: str, mailbox: FilingMailbox) -> None:
    dovecot.append(user, mail("mine@x.example"), "Drafts")
    with dovecot.client(user) as client:  # one that the person has marked as deleted, and may want back
        client.select_folder("Drafts")
        client.add_flags([1], [b"\\Deleted"])
    spot = drafts.place(mailbox, "Drafts", "d1@x.example", mail("d1@x.example", draft="d1@x.example"), AT)
    assert not drafts.take_out(mailbox, "Drafts", Spot(spot.uidvalidity + 1, spot.uid))
    assert drafts.take_out(mailbox, "Drafts", spot)
    assert not drafts.take_out(mailbox, "Drafts", spot)
    assert dovecot.uids(user, "Drafts") == [1]


def test_without_uidplus_nothing_of_the_persons_is_deleted_along() -> None:
    with running(capability="IMAP4rev1 LITERAL+ ID") as server:
        server.add_user("lina@x.example")
        with opened(server, "lina@x.example") as mailbox:
            one = drafts.place(mailbox, "Drafts", "d1@x.example", mail("d1@x.example", draft="d1@x.example"), AT)
            assert drafts.take_out(mailbox, "Drafts", one)
            assert server.uids("lina@x.example", "Drafts") == []
            server.append("lina@x.example", mail("mine@x.example"), "Drafts")
            with server.client("lina@x.example") as client:
                client.select_folder("Drafts")
                client.add_flags([2], [b"\\Deleted"])
            two = drafts.place(mailbox, "Drafts", "d2@x.example", mail("d2@x.example", draft="d2@x.example"), AT)
            assert drafts.take_out(mailbox, "Drafts", two)
            assert server.uids("lina@x.example", "Drafts") == [2, two.uid]
            assert two.uid not in drafts.look(mailbox, "Drafts").uids


def test_a_sent_mail_is_filed_once_as_read_with_its_own_time(
    dovecot: Dovecot, user: str, mailbox: FilingMailbox
) -> None:
    assert not sent.lies_in(mailbox, "Sent", "m1@x.example")
    assert sent.file(mailbox, "Sent", "m1@x.example", mail("m1@x.example"), AT)
    assert not sent.file(mailbox, "Sent", "m1@x.example", mail("m1@x.example"), AT)
    assert sent.lies_in(mailbox, "Sent", "m1@x.example")
    assert not sent.lies_in(mailbox, "Sent", "1@x.example")
    assert dovecot.flags(user, "Sent") == {1: frozenset({"\\Seen"})}
    with dovecot.client(user) as client:
        client.select_folder("Sent", readonly=True)
        assert client.fetch([1], ["INTERNALDATE"])[1][b"INTERNALDATE"] == AT


def test_a_missing_folder_is_told(mailbox: FilingMailbox) -> None:
    with pytest.raises(FolderMissing):
        sent.lies_in(mailbox, "Gesendet", "m1@x.example")
    with pytest.raises(FolderMissing):
        drafts.place(mailbox, "Entwürfe", "d1@x.example", mail("d1@x.example"), AT)
