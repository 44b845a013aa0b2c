"""Mail that no person wrote is told from mail that a person wrote, and a return date is found in it."""

from __future__ import annotations

from datetime import date

import pytest

from inboxcrm.reading import Automatic, envelope, read

FROM = "From: Anna <anna@buyer.example>\nTo: lina@us.example\nDate: Mon, 4 May 2026 10:00:00 +0000\n"


def kind(fields: str, text: str = "hello", subject: str = "Re: offer") -> Automatic | None:
    return read(
        f"{fields}{FROM}Subject: {subject}\nContent-Type: text/plain; charset=utf-8\n\n{text}".encode()
    ).automatic


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ("", None),
        ("Auto-Submitted: no\n", None),
        ("X-Auto-Response-Suppress: All\n", None),
        ("X-Auto-Response-Suppress: OOF, AutoReply\n", None),
        ("Precedence: normal\n", None),
        ("X-Autoreply: no\n", None),
        ("List-Unsubscribe: <https://x.example>\nIn-Reply-To: <1@us.example>\n", None),
        ("Auto-Submitted: auto-replied\n", Automatic.AUTO_REPLY),
        ("Auto-Submitted: auto-replied (vacation)\n", Automatic.AUTO_REPLY),
        ("auto-submitted: Auto-Generated\n", Automatic.AUTO_REPLY),
        ("X-Autoreply: yes\n", Automatic.AUTO_REPLY),
        ("X-Autorespond: \n", None),
        ("X-Autorespond: my vacation\n", Automatic.AUTO_REPLY),
        ("Precedence: auto_reply\n", Automatic.AUTO_REPLY),
        ("Delivered-To: Autoresponder\n", Automatic.AUTO_REPLY),
        ("List-Id: <sales.buyer.example>\n", Automatic.LIST),
        ("List-Id: <sales.buyer.example>\nAuto-Submitted: auto-replied\n", Automatic.AUTO_REPLY),
        ("List-Id: <news.buyer.example>\nAuto-Submitted: auto-generated\n", Automatic.LIST),
        ("List-Post: <mailto:l@x.example>\n", Automatic.LIST),
        ("Precedence: bulk\n", Automatic.LIST),
        ("List-Unsubscribe: <https://x.example>\n", Automatic.LIST),
    ],
)
def test_the_header_tells(fields: str, expected: Automatic | None) -> None:
    assert kind(fields) is expected
    assert envelope(f"{fields}{FROM}Subject: s\n".encode()).likely_automatic is (expected is not None)


@pytest.mark.parametrize(
    "subject",
    [
        "Automatic reply: Offer 123",
        "Out of Office: Offer",
        "Out of office until 12 May",
        "Auto: Autoreply",
        "Autoreply: Offer",
        "[EXTERNAL] Automatic reply: Offer",
        "Automatische Antwort: Angebot",
        "Abwesenheitsnotiz: Angebot",
        "Réponse automatique : Offre",
        "Absence du bureau : Offre",
        "Respuesta automática: Oferta",
        "Fuera de la oficina: Oferta",
        "Risposta automatica: Offerta",
        "Resposta automática: Oferta",
        "Автоматический ответ: Предложение",
        "Автоответ",
        "رد تلقائي: عرض",
        "Automatisch antwoord: Offerte",
        "Automatyczna odpowiedź: Oferta",
        "Odpowiedź automatyczna: Oferta",
        "Otomatik Yanıt: Teklif",
        "自動応答: お見積もり",
        "자동 회신: 견적",
        "自动回复: 报价",
        "自动回复:Re: 报价",
        "自動回覆: 報價",
        "Trả lời tự động: Báo giá",
        "Autosvar: Tilbud",
        "Automatické odpovědi",
    ],
)
def test_a_subject_begins_as_programs_begin_it(subject: str) -> None:
    expected = None if subject in ("Auto: Autoreply", "Automatické odpovědi") else Automatic.AUTO_REPLY
    assert kind("", subject=subject) is expected


@pytest.mark.parametrize(
    "subject",
    [
        "Re: Automatic reply: Offer",
        "AW: Abwesenheitsnotiz",
        "Automation line offer",
        "Office chairs: out of stock",
        "回复: 自动回复",
    ],
)
def test_a_person_answering_such_a_mail_is_a_person(subject: str) -> None:
    assert kind("", subject=subject) is None


@pytest.mark.parametrize(
    ("fields", "text", "expected"),
    [
        ("Return-Path: <>\n", "I am out of the office until 12 May.", Automatic.AUTO_REPLY),
        ("Return-Path: <>\n", "Ich bin bis 12. Mai im Urlaub.", Automatic.AUTO_REPLY),
        ("Return-Path: <>\n", "本人正在休假,5月8日回来。", Automatic.AUTO_REPLY),
        ("Return-Path: <>\n", "Please quote 500 pcs.", None),
        ("Return-Path: <anna@buyer.example>\n", "I am out of the office until 12 May.", None),
        ("", "Next week I am on vacation, please send the samples before.", None),
        ("", "This is an automatic reply. I am away.", Automatic.AUTO_REPLY),
        ("", "这是来自QQ邮箱的假期自动回复邮件。", Automatic.AUTO_REPLY),
        ("", "您好,您的自动回复我收到了", None),
    ],
)
def test_words_tell_where_the_header_does_not(fields: str, text: str, expected: Automatic | None) -> None:
    assert kind(fields, text) is expected


def calendar(method: str, *, in_text: bool = False, attached: bool = False) -> bytes:
    parameter = "" if in_text else f"; method={method}"
    disposition = "Content-Disposition: attachment; filename=invite.ics\n" if attached else ""
    body = f"BEGIN:VCALENDAR\nMETHOD:{method}\nEND:VCALENDAR" if in_text else "BEGIN:VCALENDAR\nEND:VCALENDAR"
    parts = f"--b\nContent-Type: text/plain\n\nMeeting on Monday\n--b\n{disposition}Content-Type: text/calendar{parameter}\n\n{body}\n--b--\n"
    return f"{FROM}Subject: Meeting\nContent-Type: multipart/alternative; boundary=b\n\n{parts}".encode()


@pytest.mark.parametrize("method", ["REQUEST", "REPLY", "CANCEL", "request"])
@pytest.mark.parametrize("in_text", [False, True])
def test_an_invitation_is_one(method: str, in_text: bool) -> None:
    reading = read(calendar(method, in_text=in_text))
    assert reading.automatic is Automatic.CALENDAR
    assert reading.new_text == "Meeting on Monday"


def test_a_published_or_attached_calendar_is_only_a_file() -> None:
    assert read(calendar("PUBLISH")).automatic is None
    assert read(calendar("REQUEST", attached=True)).automatic is None


def report(feedback: str) -> bytes:
    inner = "--b\nContent-Type: message/rfc822\n\nFrom: lina@us.example\nTo: anna@buyer.example\nSubject: news\n\nnews\n--b--\n"
    parts = f"--b\nContent-Type: text/plain\n\nThis is an email abuse report.\n--b\nContent-Type: message/feedback-report\n\n{feedback}\n\n{inner}"
    return f"{FROM}Subject: complaint\nContent-Type: multipart/report; report-type=feedback-report; boundary=b\n\n{parts}".encode()


def test_a_complaint_names_who_complained() -> None:
    reading = read(
        report(
            "Feedback-Type: abuse\nVersion: 1\nOriginal-Rcpt-To: <anna@buyer.example>\nRemoval-Recipient: anna@buyer.example"
        )
    )
    assert reading.automatic is Automatic.COMPLAINT
    assert reading.complainers == ("anna@buyer.example",)
    assert reading.bounce is None
    assert not reading.forwarded


def test_a_report_that_mail_is_not_spam_is_no_complaint() -> None:
    assert read(report("Feedback-Type: not-spam\nVersion: 1")).automatic is not Automatic.COMPLAINT


def test_a_read_receipt_is_automatic() -> None:
    raw = f"{FROM}Subject: Read: offer\nContent-Type: multipart/report; report-type=disposition-notification; boundary=b\n\n--b\n\nread\n--b--\n"
    assert read(raw.encode()).automatic is Automatic.AUTO_REPLY


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I will be back on 12 May.", "2026-05-12"),
        ("I'm away from May 5th and will return on Monday, May 18th, 2026.", "2026-05-18"),
        ("I am out of office from 5 May to 15 May with limited access.", "2026-05-15"),
        ("I am away until 05/20/2026.", "2026-05-20"),
        ("I will be out until 6/5/2026.", "2026-05-06"),
        ("I will be out of the office through May 15.", "2026-05-16"),
        ("I will be out of the office starting 05/05/2026 and will not return until 05/18/2026.", "2026-05-18"),
        ("Our office is closed 5/5/2026 - 5/12/2026.", "2026-05-12"),
        ("I will be back on Monday.", "2026-05-11"),
        ("I'm back tomorrow.", "2026-05-05"),
        ("Back in January: I return on 3 January.", "2027-01-03"),
        ("Ich bin bis einschließlich 15.08.2026 nicht im Büro.", "2026-08-16"),
        ("Ich bin vom 05.05. bis zum 12.05.2026 im Urlaub und ab dem 13.05.2026 wieder erreichbar.", "2026-05-13"),
        ("Ich bin ab dem 18. Mai wieder im Büro.", "2026-05-18"),
        ("Ich bin ab dem 5. Mai im Urlaub.", None),
        ("Ich bin am Montag wieder im Haus.", "2026-05-11"),
        ("Je serai de retour le 3 janvier.", "2027-01-03"),
        ("Je suis absent du 4 au 8 mai inclus.", "2026-05-09"),
        ("Je suis absent jusqu'au lundi 11 mai.", "2026-05-11"),
        ("Estaré fuera de la oficina hasta el 20 de mayo de 2026.", "2026-05-20"),
        ("Regreso el 20 de mayo.", "2026-05-20"),
        ("Sarò assente fino al 22 maggio compreso.", "2026-05-23"),
        ("Rientrerò lunedì 25 maggio.", "2026-05-25"),
        ("Estarei de férias até 29/05/2026. Retorno em 01/06/2026.", "2026-06-01"),
        ("Я в отпуске до 15 мая.", "2026-05-15"),
        ("Вернусь 18 мая 2026 г.", "2026-05-18"),
        ("سأعود إلى المكتب في 12 مايو 2026", "2026-05-12"),
        ("أنا في إجازة حتى 15 مايو", "2026-05-15"),
        ("Ik ben afwezig tot en met 15 mei.", "2026-05-16"),
        ("Ik ben op 18 mei weer aanwezig.", "2026-05-18"),
        ("Jestem na urlopie do 15 maja. Wracam 18 maja 2026.", "2026-05-18"),
        ("12 Mayıs 2026 tarihine kadar izinliyim. 13 Mayıs'ta ofiste olacağım.", "2026-05-13"),
        ("您好,我正在休假,5月8日回来上班。", "2026-05-08"),
        ("5月1日至5月5日放假,5月6日正常上班", "2026-05-06"),
        ("我出差在外,下周一回来", "2026-05-11"),
        ("5月10日まで不在にしております。", "2026-05-10"),
        ("5月11日より出社いたします。", "2026-05-11"),
        ("5월 12일까지 휴가입니다. 5월 13일에 복귀합니다.", "2026-05-13"),
        ("Tôi sẽ trở lại làm việc ngày 12 tháng 5", "2026-05-12"),
        ("Thanks, we got your mail of 3 May and answer soon.", None),
        ("Call me at 12.30 or 0171 12.05", None),
        ("I am on maternity leave until end of June.", None),
        ("I was back on 12 March.", None),
    ],
)
def test_the_return_date_is_found(text: str, expected: str | None) -> None:
    raw = (
        f"Auto-Submitted: auto-replied\n{FROM}Subject: away\nContent-Type: text/plain; charset=utf-8\n\n{text}".encode()
    )
    assert read(raw).back_on == (date.fromisoformat(expected) if expected else None)


def test_the_return_date_may_stand_in_the_subject() -> None:
    assert read(f"Auto-Submitted: auto-replied\n{FROM}Subject: Away until May 5\n\nSorry.".encode()).back_on == date(
        2026, 5, 5
    )


def test_a_person_has_no_return_date() -> None:
    assert read(f"{FROM}Subject: s\n\nI am back on 12 May.".encode()).back_on is None


SHARED_MAILBOX = (
    "From: Tom Baker <{sender}>\nTo: sales@xh-tools.example\nSubject: Inquiry\nPrecedence: {precedence}\n"
    "List-ID: <sales.xh-tools.example>\n"
    "List-Post: <https://groups.google.com/a/xh-tools.example/group/sales/post>, <mailto:sales@xh-tools.example>\n"
    "List-Unsubscribe: <mailto:googlegroups-manage+1+unsubscribe@googlegroups.com>\n\nPlease quote 500 pumps.\n"
)


@pytest.mark.parametrize(
    ("sender", "precedence", "domains", "expected"),
    [
        ("tom@baker.example", "list", {"xh-tools.example"}, None),
        ("tom@baker.example", "list", (), Automatic.LIST),
        ("tom@baker.example", "list", {"other.example"}, Automatic.LIST),
        ("lily@xh-tools.example", "list", {"xh-tools.example"}, Automatic.LIST),
        ("news@baker.example", "bulk", {"xh-tools.example"}, Automatic.LIST),
    ],
)
def test_what_strangers_write_to_a_group_of_our_own_is_no_list_mail(
    sender: str, precedence: str, domains: set[str], expected: Automatic | None
) -> None:
    raw = SHARED_MAILBOX.format(sender=sender, precedence=precedence).encode()
    assert read(raw, own_domains=domains).automatic is expected
    assert envelope(raw, own_domains=domains).likely_automatic is (expected is not None)
