"""Mails taken from a real server: texts without attachments that read like the whole mail, and nothing left behind as a trace."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from inboxcrm.mailbox.connection import Mailbox
from inboxcrm.mailbox.fetch import portions
from inboxcrm.reading import Reading, read
from tests.servers.dovecot import Dovecot

NOISE = os.urandom(120_000)
LONG = "Please send your best price for 500 pcs CIF Hamburg, with the certificates.\n" * 400


@pytest.fixture
def mailbox(dovecot: Dovecot, user: str) -> Iterator[Mailbox]:
    with Mailbox.open(dovecot.settings_for(user), dovecot.password_of(user), timeout=30) as opened:
        yield opened


def letter(text: str = "Dear Lina,\n\nplease quote.\n\nAnna\n") -> EmailMessage:
    mail = EmailMessage()
    mail["From"] = "Anna <anna@buyer.example>"
    mail["To"] = "lina@brightvalve.example"
    mail["Subject"] = "Anfrage für Kugelhähne"
    mail["Message-ID"] = "<1@buyer.example>"
    mail["Date"] = "Tue, 24 Nov 2026 10:00:00 +0100"
    if text:
        mail.set_content(text)
    return mail


def _with_html() -> EmailMessage:
    mail = letter("Guten Tag,\nbitte um ein Angebot.\n")
    mail.add_alternative("<p>Guten Tag,</p><p>bitte um ein <b>Angebot</b>.</p>" * 50, subtype="html")
    return mail


def _with_pdf() -> EmailMessage:
    mail = _with_html()
    mail.add_attachment(NOISE, maintype="application", subtype="pdf", filename="Übersicht 2026 询价.pdf")
    mail.add_attachment(NOISE, maintype="image", subtype="png", filename="a long name " * 12 + ".png")
    return mail


def _with_inline_picture() -> EmailMessage:
    mail = letter()
    mail.add_alternative("<p>see <img src=cid:p1></p>", subtype="html")
    parts = mail.get_payload()
    assert isinstance(parts, list)
    html = parts[1]
    assert isinstance(html, EmailMessage)
    html.add_related(NOISE, "image", "jpeg", cid="<p1>", filename="logo.jpg")
    return mail


def _html_only() -> EmailMessage:
    mail = letter("")
    mail.set_content("<html><body>" + f"<p>{LONG}</p>" * 3 + "</body></html>", subtype="html")
    mail.add_attachment(NOISE, maintype="application", subtype="zip", filename="drawings.zip")
    return mail


def _forwarded_as_attachment() -> EmailMessage:
    mail = letter("FYI\n")
    mail.add_attachment(_with_pdf())
    return mail


def _text_only_in_an_attached_file() -> EmailMessage:
    mail = letter("")
    mail.make_mixed()
    mail.add_attachment(LONG, filename="inquiry.txt")
    mail.add_attachment(NOISE, maintype="application", subtype="pdf", filename="a.pdf")
    return mail


def _attached_text_beside_a_text() -> EmailMessage:
    mail = letter(LONG)
    mail.add_attachment("log line\n" * 9_000, filename="machine.log.txt")
    return mail


def _calendar() -> EmailMessage:
    mail = letter()
    invitation = (
        "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nDTSTART:20261201T090000Z\r\nSUMMARY:Call\r\n"
        "END:VEVENT\r\nEND:VCALENDAR\r\n"
    )
    mail.add_alternative(invitation, subtype="calendar", params={"method": "REQUEST"})
    mail.add_attachment(NOISE, maintype="application", subtype="pdf", filename="agenda.pdf")
    return mail


def _bounce() -> bytes:
    returned = _with_pdf().as_bytes().decode("ascii", "surrogateescape")
    return (
        "From: MAILER-DAEMON@mx.example\nTo: lina@brightvalve.example\nSubject: Undelivered Mail Returned to Sender\n"
        "Message-ID: <bounce@mx.example>\nDate: Tue, 24 Nov 2026 10:00:00 +0100\nMIME-Version: 1.0\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="B"\n\n'
        "--B\nContent-Type: text/plain\n\nI'm sorry, your message could not be delivered.\n\n"
        "--B\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\n"
        "Final-Recipient: rfc822; anna@buyer.example\nAction: failed\nStatus: 5.1.1\n"
        "Diagnostic-Code: smtp; 550 5.1.1 no such user\n\n"
        f"--B\nContent-Type: message/rfc822\n\n{returned}\n--B--\n"
    ).encode("ascii", "surrogateescape")


def _chinese_in_gbk() -> bytes:
    mail = letter("")
    mail.set_content("您好,请报价 500 件球阀。谢谢!\n" * 600, charset="gb18030")
    mail.add_attachment(NOISE, maintype="application", subtype="pdf", filename="询价单.pdf")
    return mail.as_bytes()


def _eight_bit_without_charset() -> bytes:
    head = (
        b"From: a@b.example\nSubject: x\nContent-Type: multipart/mixed; boundary=q\n\n--q\nContent-Type: text/plain\n\n"
    )
    text = "Grüße aus Köln, wir benötigen 200 Stück.\n".encode("latin-1") * 700
    return head + text + b"--q\nContent-Type: application/octet-stream; name=x.bin\n\n" + b"x" * 40_000 + b"\n--q--\n"


def _no_mime_at_all() -> bytes:
    return b"From: a@b.example\nSubject: plain\n\n" + LONG.encode() * 3


MAILS: dict[str, EmailMessage | bytes] = {
    "plain": letter(),
    "text and HTML": _with_html(),
    "attachments": _with_pdf(),
    "inline picture": _with_inline_picture(),
    "HTML only": _html_only(),
    "forwarded as attachment": _forwarded_as_attachment(),
    "text only in an attached file": _text_only_in_an_attached_file(),
    "attached text beside a text": _attached_text_beside_a_text(),
    "calendar": _calendar(),
    "bounce": _bounce(),
    "Chinese": _chinese_in_gbk(),
    "8 bit without charset": _eight_bit_without_charset(),
    "no MIME": _no_mime_at_all(),
}


def without_sizes(reading: Reading) -> dict[str, Any]:
    """The Reading as a dict; sizes of attachments apart, which are near but not exact."""
    return {
        **reading.as_json(),
        "attachments": [(one.name, one.type) for one in reading.attachments],
        "digest": reading.body_digest,
        "thread": (reading.in_reply_to, reading.references),
    }


def test_a_reduced_mail_reads_like_the_whole_mail(dovecot: Dovecot, user: str, mailbox: Mailbox) -> None:
    for mail in MAILS.values():
        dovecot.append(user, mail if isinstance(mail, bytes) else mail.as_bytes())
    mailbox.examine("INBOX")
    heads = mailbox.heads(mailbox.uids())
    reduced = mailbox.mails(heads)
    assert len(reduced) == len(MAILS)
    for name, head in zip(MAILS, heads, strict=True):
        whole = mailbox.whole(head.uid, 10_000_000)
        assert whole is not None
        full, small = (read(raw, received_at=head.received_at) for raw in (whole, reduced[head.uid]))
        assert without_sizes(small) == without_sizes(full), name
        for ours, true in zip(small.attachments, full.attachments, strict=True):
            assert abs(ours.size - true.size) <= max(3, true.size // 20), name


def test_small_attachments_are_not_downloaded_either(dovecot: Dovecot, user: str, mailbox: Mailbox) -> None:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "a@buyer.example", user, "PO"
    mail.set_content("Our order is attached.")
    mail.add_attachment(b"SECRET" * 200, maintype="application", subtype="octet-stream", filename="po.bin", cte="8bit")
    dovecot.append(user, mail.as_bytes())
    mailbox.examine("INBOX")
    (raw,) = mailbox.mails(mailbox.heads(mailbox.uids())).values()
    assert b"SECRET" not in raw
    assert [(one.name, one.size) for one in read(raw).attachments] == [("po.bin", 1200)]


def test_attachments_are_not_downloaded(dovecot: Dovecot, user: str, mailbox: Mailbox) -> None:
    for mail in (_with_pdf(), _with_inline_picture(), _forwarded_as_attachment()):
        dovecot.append(user, mail.as_bytes())
    mailbox.examine("INBOX")
    reduced = mailbox.mails(mailbox.heads(mailbox.uids()))
    assert all(len(raw) < 12_000 for raw in reduced.values())


@pytest.mark.corpus
@pytest.mark.parametrize("folder", ["bounces", "malformed"])
def test_real_and_malformed_mails_read_the_same_reduced(
    dovecot: Dovecot, user: str, mailbox: Mailbox, corpora: Path, folder: str
) -> None:
    paths = sorted(path for path in (corpora / folder).rglob("*") if path.is_file())
    for path in paths:
        dovecot.deliver(user, path.read_bytes())
    mailbox.examine("INBOX")
    heads = mailbox.heads(mailbox.uids())
    reduced = mailbox.mails(heads)
    assert len(heads) == len(reduced) == len(paths)
    differing = 0
    for head in heads:
        whole = mailbox.whole(head.uid, 10_000_000)
        assert whole is not None
        full, small = (without_sizes(read(raw, received_at=head.received_at)) for raw in (whole, reduced[head.uid]))
        # A mail that breaks off is rebuilt whole, so that this one complaint is gone.
        full["problems"] = small["problems"] = None
        differing += full != small
    # Of some broken mails the server understands the structure in its own way (an unquoted file name, a missing last boundary).
    assert differing <= len(paths) // 50


def test_the_head_has_what_the_server_knows(dovecot: Dovecot, user: str, mailbox: Mailbox) -> None:
    arrived = datetime(2024, 2, 29, 23, 59, 58, tzinfo=UTC)
    dovecot.deliver(user, b"Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\n\nhello\n", received_at=arrived)
    mailbox.examine("INBOX")
    [head] = mailbox.heads(mailbox.uids())
    assert head.received_at == arrived
    assert head.received_at.tzinfo is UTC
    assert head.header == b"Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n\r\n"
    assert head.size == len(head.header) + len("hello\r\n")


def test_reading_leaves_no_trace(dovecot: Dovecot, user: str, mailbox: Mailbox) -> None:
    for mail in MAILS.values():
        dovecot.deliver(user, mail if isinstance(mail, bytes) else mail.as_bytes())
    before = dovecot.flags(user)
    mailbox.examine("INBOX")
    uids = mailbox.uids()
    mailbox.mails(mailbox.heads(uids))
    mailbox.whole(uids[0], 1_000)
    assert dovecot.flags(user) == before
    assert not any("\\Seen" in flags for flags in before.values())


def test_mails_that_vanished_are_told_as_gone(dovecot: Dovecot, user: str, mailbox: Mailbox) -> None:
    for _number in range(6):
        dovecot.deliver(user, letter().as_bytes())
    mailbox.examine("INBOX")
    heads = mailbox.heads([1, 2, 3, 4, 5, 6, 99])
    assert heads.gone == {99}
    dovecot.expunge(user, [2, 5])
    mails = mailbox.mails(heads)
    assert set(mails) | mails.gone == {1, 2, 3, 4, 5, 6}
    assert mails.gone <= {2, 5}
    assert mails.refused == ()
    mailbox.examine("INBOX")
    assert [head.uid for head in mailbox.heads([1, 2, 3, 4, 5, 6])] == [1, 3, 4, 6]


def test_a_large_text_is_cut_and_says_the_same_up_to_there(dovecot: Dovecot, user: str, mailbox: Mailbox) -> None:
    dovecot.deliver(user, b"Subject: log\n\n" + b"one line of a very long text\n" * 200_000)
    mail = letter(LONG * 40)
    mail.add_attachment(NOISE, maintype="application", subtype="pdf", filename="a.pdf")
    dovecot.deliver(user, mail.as_bytes())
    mailbox.examine("INBOX")
    reduced = mailbox.mails(mailbox.heads(mailbox.uids()))
    assert all(500_000 < len(raw) < 1_100_000 for raw in reduced.values())
    assert read(reduced[1]).new_text.endswith("one line of a very long text")


def test_portions_keep_memory_bounded(dovecot: Dovecot, user: str, mailbox: Mailbox) -> None:
    for _number in range(5):
        dovecot.deliver(user, b"Subject: log\n\n" + b"x" * 70 + b"\n" * 40_000)
    mailbox.examine("INBOX")
    heads = mailbox.heads(mailbox.uids())
    assert [[head.uid for head in group] for group in portions(heads, 200_000)] == [[1, 2], [3, 4], [5]]
    assert sum(len(group) for group in portions(heads)) == 5


ONE_LARGE_MAIL = """
import resource, sys
from inboxcrm.mailbox.connection import Mailbox
from inboxcrm.settings import Account
account = Account.model_validate_json(sys.argv[1])
with Mailbox.open(account, sys.argv[2], timeout=60) as mailbox:
    mailbox.examine("INBOX")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    [raw] = mailbox.mails(mailbox.heads(mailbox.uids())).values()
    print(len(raw), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


def test_a_mail_of_100_mb_costs_next_to_no_memory(dovecot: Dovecot, user: str) -> None:
    head = b"Subject: big\nContent-Type: multipart/mixed; boundary=q\n\n--q\nContent-Type: text/plain\n\nsee attached\n"
    body = b"--q\nContent-Type: video/mp4; name=v.mp4\nContent-Transfer-Encoding: base64\n\n" + b"QUFB" * 19 * 1_350_000
    dovecot.deliver(user, head + body + b"\n--q--\n")
    account = dovecot.settings_for(user).model_dump_json()
    run = [sys.executable, "-c", ONE_LARGE_MAIL, account, dovecot.password_of(user)]
    length, kilobytes = map(int, subprocess.run(run, check=True, capture_output=True, text=True).stdout.split())
    assert length < 1_000
    assert kilobytes < 5_000
