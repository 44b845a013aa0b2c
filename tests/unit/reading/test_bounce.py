"""What servers say when a mail does not arrive: whom they name, for good or not; and what is no bounce."""

from __future__ import annotations

import pytest

from inboxcrm.reading import Automatic, BounceKind, Reading, envelope, read

HARD, SOFT = BounceKind.HARD, BounceKind.SOFT
RETURNED = "Return-Path: <lina@us.example>\nReceived: from us.example by mx; Mon, 4 May 2026 09:00:00 +0000\nMessage-ID: <1@us.example>\nFrom: Lina <lina@us.example>\nTo: Anna <anna@buyer.example>\nSubject: our offer\n\nDear Anna, contact bob@buyer.example"


def daemon(
    text: str, *, sender: str = "MAILER-DAEMON@mx.example", subject: str = "failure notice", fields: str = ""
) -> Reading:
    head = f"Return-Path: <>\n{fields}From: {sender}\nTo: lina@us.example\nSubject: {subject}\nDate: Mon, 4 May 2026 10:00:00 +0000\n"
    return read(f"{head}Content-Type: text/plain; charset=utf-8\n\n{text}".encode())


def failed(reading: Reading) -> list[tuple[str, BounceKind, str]]:
    assert reading.automatic is Automatic.BOUNCE
    assert reading.bounce is not None
    return [(one.address, one.kind, one.status) for one in reading.bounce.recipients]


def report(*blocks: str, text: str = "Your mail could not be delivered.", returned: str = RETURNED) -> Reading:
    status = "\n\n".join(("Reporting-MTA: dns; mx.example", *blocks))
    raw = (
        "From: Mail Delivery System <MAILER-DAEMON@mx.example>\nTo: lina@us.example\nSubject: Undelivered Mail Returned to Sender\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\n\n'
        f"--b\n\n{text}\n--b\nContent-Type: message/delivery-status\n\n{status}\n\n--b\nContent-Type: message/rfc822\n\n{returned}\n--b--\n"
    )
    return read(raw.encode())


def test_a_delivery_report_names_recipient_status_reason_and_our_mail() -> None:
    reading = report(
        "Final-Recipient: rfc822; anna@buyer.example\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 User unknown"
    )
    assert failed(reading) == [("anna@buyer.example", HARD, "5.1.1")]
    assert reading.bounce is not None
    assert reading.bounce.recipients[0].reason == "550 5.1.1 User unknown"
    assert reading.bounce.original_message_id == "1@us.example"
    assert reading.new_text == "Your mail could not be delivered."
    assert not reading.forwarded


@pytest.mark.parametrize(
    ("block", "kind", "status"),
    [
        ("Action: failed\nStatus: 5.2.2", HARD, "5.2.2"),
        ("Action: failed\nStatus: 4.4.7", SOFT, "4.4.7"),
        ("Action: delayed\nStatus: 4.4.1", SOFT, "4.4.1"),
        ("Action: delayed\nStatus: 5.0.0", SOFT, "5.0.0"),
        ("Action: failed\nStatus: 5.0.0\nDiagnostic-Code: smtp; 550 5.7.1 blocked", HARD, "5.7.1"),
        ("Action: failed\nStatus: 5.0.0 (permanent failure)", HARD, "5.0.0"),
        ("Action: failed\nDiagnostic-Code: smtp; 550 no such user", HARD, ""),
        ("Action: failed\nDiagnostic-Code: smtp; 452 mailbox full", SOFT, ""),
        ("Action: failed\nDiagnostic-Code: smtp; 452 4.2.2 mailbox full", SOFT, "4.2.2"),
        ("Action: failed\nDiagnostic-Code: X-Notes; Mailbox is full", SOFT, ""),
        ("Action: failed\nDiagnostic-Code: smtp; host 5.1.1.1 said 421 later", SOFT, ""),
        ("Action: failed", HARD, ""),
    ],
)
def test_the_status_decides_the_kind(block: str, kind: BounceKind, status: str) -> None:
    assert failed(report(f"Final-Recipient: rfc822; anna@buyer.example\n{block}")) == [
        ("anna@buyer.example", kind, status)
    ]


def test_each_recipient_of_a_report_has_its_own_kind_and_those_reached_have_none() -> None:
    reading = report(
        "Final-Recipient: rfc822; anna@buyer.example\nAction: failed\nStatus: 5.1.1",
        "Final-Recipient: rfc822; bob@buyer.example\nAction: delayed\nStatus: 4.4.1",
        "Final-Recipient: rfc822; carl@buyer.example\nAction: relayed\nStatus: 2.0.0",
        "Final-Recipient: rfc822; anna@buyer.example\nAction: failed\nStatus: 5.1.1",
    )
    assert [(address, kind) for address, kind, _ in failed(reading)] == [
        ("anna@buyer.example", HARD),
        ("bob@buyer.example", SOFT),
    ]


@pytest.mark.parametrize("action", ["delivered", "relayed", "expanded"])
def test_a_report_of_success_is_no_bounce(action: str) -> None:
    reading = report(
        f"Final-Recipient: rfc822; anna@buyer.example\nAction: {action}\nStatus: 2.0.0", text="Your mail was delivered."
    )
    assert reading.bounce is None
    assert reading.automatic is not Automatic.BOUNCE


@pytest.mark.parametrize(
    ("block", "text"),
    [
        (
            "Original-Recipient: rfc822; anna@buyer.example\nFinal-Recipient: rfc822; a.smith@mailhost.example\nAction: failed",
            "",
        ),
        (
            "Final-Recipient: RFC822; anna@buyer.example\nX-Actual-Recipient: RFC822; a.smith@mailhost.example\nAction: failed",
            "",
        ),
        (
            "Final-Recipient: rfc822; a.smith@mailhost.example\nAction: failed",
            "<a.smith@mailhost.example>\n    (expanded from: <anna@buyer.example>)",
        ),
        ("Final-Recipient: rfc822;<Anna@Buyer.Example>\nAction: Failed", ""),
        ("Final-Recipient: utf-8; anna@buyer.example\nAction: failed", ""),
        ("Final-Recipient : rfc/822;anna@buyer.example\nAction : failed", ""),
        ("Original-Recipient: <anna@buyer.example>\nAction: failed", ""),
    ],
)
def test_the_address_is_the_one_we_wrote_to(block: str, text: str) -> None:
    assert [address.lower() for address, _, _ in failed(report(block, text=text or "failed"))] == ["anna@buyer.example"]


@pytest.mark.parametrize(
    ("text", "kind", "status"),
    [
        # qmail, exim, postfix, sendmail, courier, Domino, Exchange, Gmail, Yahoo, OpenSMTPD
        ("Hi. This is the qmail-send program.\n\n<anna@buyer.example>:\nSorry, no mailbox here by that name. (#5.1.1)\n\n--- Below this line is a copy of the message.\n", HARD, "5.1.1"),
        ("A message that you sent could not be delivered to one or more of its\nrecipients.\n\n  anna@buyer.example\n    SMTP error from remote mail server after RCPT TO:<anna@buyer.example>:\n    550 No such person\n\n------ This is a copy of the message, including all the headers. ------\n", HARD, ""),
        ("I'm sorry to have to inform you that your message could not\nbe delivered. For further assistance, please send mail to <postmaster@mx.example>\n\n<anna@buyer.example>: host mx.buyer.example said: 450 4.2.1 try later\n\n", SOFT, "4.2.1"),
        ("   ----- The following addresses had permanent fatal errors -----\n<anna@buyer.example>\n    (reason: 550 5.1.1 User unknown)\n\n   ----- Original message follows -----\n", HARD, "5.1.1"),
        ("   ----- Transcript of session follows -----\n550 5.1.2 <anna@buyer.example>... Host unknown\n\n----- Unsent message follows -----\n", HARD, "5.1.2"),
        ("Your message\n\n  Subject: our offer\n\nwas not delivered to:\n\n  anna@buyer.example\n\nbecause:\n\n  User anna (anna@buyer.example) not listed in Domino Directory\n\n", HARD, ""),
        ("Your message did not reach some or all of the intended recipients.\n\n      To: lina@us.example\n      Subject: our offer\n\nThe following recipient(s) could not be reached:\n\n      anna@buyer.example on 5/4/2026 10:00 AM\n            The recipient was unavailable. <mx.example #5.1.1>\n", HARD, "5.1.1"),
        ("Delivery to the following recipient failed permanently:\n\n     anna@buyer.example\n\nTechnical details of permanent failure: \nThe error was: 550 5.1.1 no such user\n\n----- Original message -----\n", HARD, "5.1.1"),
        ("Delivery to the following recipient has been delayed:\n\n     anna@buyer.example\n\nMessage will be retried for 2 more day(s)\n", SOFT, ""),
        ("    An error has occurred while attempting to deliver a message for\n    the following list of recipients:\n\nanna@buyer.example: 550 5.1.1 no\n\n    Below is a copy of the original message:\n", HARD, "5.1.1"),
        # Chinese, Russian, German, French, Japanese and Spanish notices
        ("很抱歉,您的邮件被退回。\n\n收件人:anna@buyer.example\n退信原因:收件人邮箱不存在 550 5.1.1\n\n如有疑问请联系 help@mx.example\n", HARD, "5.1.1"),
        ("抱歉,您的邮件无法投递到 anna@buyer.example ,对方邮箱已满。\n", SOFT, ""),
        ("您的邮件未能送达以下收件人:\nanna@buyer.example\n原因:对方服务器超时,请稍后再试\n", SOFT, ""),
        ("收件人（anna@buyer.example）不存在，发送失败。发件人 lina@us.example\n", HARD, ""),
        ("Это письмо создано автоматически.\nК сожалению, Ваше письмо не может быть доставлено одному или нескольким получателям:\n\n  anna@buyer.example\n    550 5.1.1 User unknown\n", HARD, "5.1.1"),
        ("Ihre Nachricht konnte nicht zugestellt werden.\nEmpfänger: anna@buyer.example\nGrund: Postfach ist voll\n", SOFT, ""),
        ("Votre message n'a pas pu être remis à :\n\nanna@buyer.example\nAdresse inconnue\n", HARD, ""),
        ("以下のメールアドレスへの送信に失敗しました。\nanna@buyer.example\n-------server message\n550 unknown user\n", HARD, ""),
        ("No se pudo entregar el mensaje a anna@buyer.example : buzón no existe\n", HARD, ""),
        ("Unable to deliver message to <anna@buyer.example>.\n", HARD, ""),
        ("Échec de la remise pour ces destinataires :\n\nAnna Smith (anna@buyer.example)\nL'adresse est introuvable.\n\nlina@us.example\n", HARD, ""),
        ("抱歉!您的邮件被退回来了……\n收件人\nanna@buyer.example\n退信原因:\n发件人(lina@us.example)被拒收 550 5.7.1\n请联系 kf@mx.example\n", HARD, "5.7.1"),
    ],
)  # fmt: skip
def test_words_name_whom_a_mail_did_not_reach(text: str, kind: BounceKind, status: str) -> None:
    reading = daemon(text + RETURNED if text.endswith(("-\n", ".\n", ":\n")) and "-----" in text else text)
    assert failed(reading) == [("anna@buyer.example", kind, status)]


def test_our_mail_is_found_in_the_text_that_came_back() -> None:
    reading = daemon(
        f"<anna@buyer.example>:\n550 5.1.1 unknown user\n\n--- Below this line is a copy of the message.\n\n{RETURNED}"
    )
    assert reading.bounce is not None
    assert reading.bounce.original_message_id == "1@us.example"
    assert "Dear Anna" not in reading.new_text


def test_a_notice_that_names_nobody_is_understood_from_the_mail_that_came_back() -> None:
    reading = daemon(f"Your message could not be delivered.\n\n--- Original message follows ---\n\n{RETURNED}")
    assert failed(reading) == [("anna@buyer.example", HARD, "")]


def test_several_addresses_each_have_their_own_reason() -> None:
    reading = daemon(
        "undeliverable\n\n<anna@buyer.example>:\n550 5.1.1 unknown user\n\n<bob@buyer.example>:\n452 4.2.2 mailbox full\n"
    )
    assert failed(reading) == [("anna@buyer.example", HARD, "5.1.1"), ("bob@buyer.example", SOFT, "4.2.2")]


def test_exims_field_names_the_recipients() -> None:
    reading = daemon("could not be delivered", fields="X-Failed-Recipients: anna@buyer.example,\n  bob@buyer.example\n")
    assert [address for address, _, _ in failed(reading)] == ["anna@buyer.example", "bob@buyer.example"]


def test_the_sender_itself_and_whom_to_ask_are_not_the_failed_ones() -> None:
    text = "Your mail from lina@us.example could not be delivered to anna@buyer.example.\nPlease contact support@mx.example or postmaster@mx.example."
    assert failed(daemon(text)) == [("anna@buyer.example", HARD, "")]


@pytest.mark.parametrize(
    ("sender", "subject", "text"),
    [
        (
            "Anna <anna@buyer.example>",
            "Fwd: failure notice",
            "Your mail to bob@buyer.example could not be delivered, see below.",
        ),
        ("Anna <anna@buyer.example>", "Undeliverable goods", "The container could not be delivered to the port."),
        ("Anna <anna@buyer.example>", "Re: delivery status", "Please send the delivery status of order 5."),
    ],
)
def test_a_person_speaking_of_failures_is_no_bounce(sender: str, subject: str, text: str) -> None:
    raw = (
        f"Return-Path: <anna@buyer.example>\nFrom: {sender}\nTo: lina@us.example\nSubject: {subject}\n\n{text}".encode()
    )
    assert read(raw).automatic is None


def test_a_forwarded_bounce_is_not_a_bounce() -> None:
    inner = "From: MAILER-DAEMON@mx.example\nSubject: failure notice\n\n<anna@buyer.example>: unknown user"
    raw = f"From: boss@us.example\nTo: lina@us.example\nSubject: FW\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nsee\n--b\nContent-Type: message/rfc822\n\n{inner}\n--b--\n"
    assert read(raw.encode()).automatic is None


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("Automatic reply: our offer", "I am away until 12 May. In urgent cases write to bob@buyer.example."),
        ("away", "I am out of the office."),
    ],
)
def test_an_absence_note_with_an_empty_return_path_is_no_bounce(subject: str, text: str) -> None:
    fields = "" if subject.startswith("Automatic") else "Auto-Submitted: auto-replied\n"
    reading = daemon(text, sender="Anna <anna@buyer.example>", subject=subject, fields=fields)
    assert (reading.automatic, reading.bounce) == (Automatic.AUTO_REPLY, None)


def test_mail_of_the_postmaster_that_reports_no_failure_is_no_bounce() -> None:
    assert (
        daemon("Your mailbox will be moved on Sunday.", sender="postmaster@us.example", subject="Maintenance").bounce
        is None
    )


@pytest.mark.parametrize(
    ("header", "likely"),
    [
        ("From: MAILER-DAEMON@mx.example\n", True),
        ("From: postmaster@mx.example\n", True),
        ("From: Mail Delivery System <x@mx.example>\n", True),
        ("Return-Path: <>\nFrom: no-reply@mx.example\n", True),
        ("X-Failed-Recipients: a@b.example\nFrom: x@mx.example\n", True),
        ("Content-Type: multipart/report; report-type=delivery-status\nFrom: x@mx.example\n", True),
        ("Return-Path: <anna@buyer.example>\nFrom: anna@buyer.example\n", False),
        ("From: anna@buyer.example\nSubject: failure notice\n", False),
    ],
)
def test_the_header_alone_tells_what_may_be_a_bounce(header: str, likely: bool) -> None:
    assert envelope(header.encode()).likely_bounce is likely
