"""The day on which an absent person is back, as automatic replies of many languages name it."""

from __future__ import annotations

from datetime import date

import pytest

from inboxcrm.reading.autoreply import back_on

MARCH, OCTOBER = date(2026, 3, 5), date(2026, 10, 12)
REPLIES = [
    pytest.param(
        "Automatic reply: Quotation",
        "I am out of the office from 2 March until 9 March with limited access to email. For urgent matters call +44 113 555 0101.",
        MARCH,
        date(2026, 3, 9),
        id="en range",
    ),
    pytest.param(
        "Out of Office: Quotation",
        "Thank you for your email. I am on annual leave and will be back on Monday 16th March 2026.",
        MARCH,
        date(2026, 3, 16),
        id="en back on",
    ),
    pytest.param(
        "Automatic reply: x",
        "I will be out of the office starting 03/04/2026 and will return on 03/18/2026.",
        MARCH,
        date(2026, 3, 18),
        id="en returning us",
    ),
    pytest.param(
        "Automatic reply: x",
        "Our office is closed for Eid. From 23 March 2026 on we will be available as usual.",
        MARCH,
        date(2026, 3, 23),
        id="en from on",
    ),
    pytest.param(
        "Automatic reply: x",
        "We are moving. As of March 16, 2026 you can reach us again.",
        MARCH,
        date(2026, 3, 16),
        id="en as of",
    ),
    pytest.param(
        "Automatic reply: x",
        "Thank you for contacting Buyer Ltd. We have received your message and will reply within 24 hours.",
        MARCH,
        None,
        id="en none",
    ),
    pytest.param(
        "Automatic reply: x",
        "John no longer works for the company since 31 January 2026. Please contact ann@buyer.example.",
        MARCH,
        None,
        id="en left",
    ),
    pytest.param(
        "Abwesenheitsnotiz: Angebot",
        "Vielen Dank für Ihre Nachricht. Ich bin bis einschließlich 13.03.2026 nicht im Büro. Ihre E-Mail wird nicht weitergeleitet.",
        MARCH,
        date(2026, 3, 14),
        id="de",
    ),
    pytest.param(
        "Automatische Antwort: Angebot",
        "Ich bin derzeit im Urlaub. Ab dem 16. März 2026 bin ich wieder für Sie da.",
        MARCH,
        date(2026, 3, 16),
        id="de ab",
    ),
    pytest.param(
        "Automatische Antwort: x",
        "Ich bin vom 2.3. bis zum 13.3.2026 im Urlaub und ab 16.3.2026 wieder erreichbar.",
        MARCH,
        date(2026, 3, 16),
        id="de vom bis",
    ),
    pytest.param(
        "Réponse automatique : Devis",
        "Bonjour, je suis absente du 2 au 13 mars 2026 inclus. De retour le 16 mars.",
        MARCH,
        date(2026, 3, 16),
        id="fr",
    ),
    pytest.param(
        "Réponse automatique : Devis",
        "Je suis en congés. Vous pouvez me joindre à nouveau à partir du lundi 16 mars 2026.",
        MARCH,
        date(2026, 3, 16),
        id="fr a partir",
    ),
    pytest.param(
        "Réponse automatique : Devis", "Je suis absent jusqu'au 13/03/2026.", MARCH, date(2026, 3, 13), id="fr jusqu"
    ),
    pytest.param(
        "Respuesta automática: Cotización",
        "Estaré fuera de la oficina hasta el 16 de marzo de 2026.",
        MARCH,
        date(2026, 3, 16),
        id="es",
    ),
    pytest.param(
        "Respuesta automática: Cotización",
        "Estoy de vacaciones. Responderé su correo a partir del 16 de marzo.",
        MARCH,
        date(2026, 3, 16),
        id="es a partir",
    ),
    pytest.param(
        "Resposta automática: Cotação", "Estou de férias e retorno dia 16/03/2026.", MARCH, date(2026, 3, 16), id="pt"
    ),
    pytest.param(
        "Resposta automática: Cotação",
        "Estarei ausente. Voltarei a responder a partir de 16 de março de 2026.",
        MARCH,
        date(2026, 3, 16),
        id="pt a partir",
    ),
    pytest.param(
        "Risposta automatica: Offerta",
        "Sono fuori ufficio fino al 15 marzo 2026. Rientrerò lunedì 16 marzo.",
        MARCH,
        date(2026, 3, 16),
        id="it",
    ),
    pytest.param(
        "Risposta automatica: Offerta",
        "L'azienda è chiusa per ferie. Saremo nuovamente operativi dal 16 marzo 2026.",
        MARCH,
        date(2026, 3, 16),
        id="it dal",
    ),
    pytest.param(
        "Автоматический ответ: Прайс",
        "Я в отпуске с 2 по 15 марта 2026 г. По срочным вопросам звоните Ивану.",
        MARCH,
        date(2026, 3, 15),
        id="ru",
    ),
    pytest.param(
        "Автоматический ответ: Прайс",
        "Нахожусь в командировке. На письма отвечу начиная с 16 марта 2026 года.",
        MARCH,
        date(2026, 3, 16),
        id="ru s",
    ),
    pytest.param(
        "自動応答: 見積",
        "休業のお知らせ：10月10日から10月18日まで休業いたします。10月19日より通常どおり勤務いたします。",
        OCTOBER,
        date(2026, 10, 19),
        id="ja yori",
    ),
    pytest.param(
        "【自動返信】不在", "3月13日まで出張のため不在にしております。", MARCH, date(2026, 3, 13), id="ja from"
    ),
    pytest.param(
        "自动回复: 报价", "您好，我于3月2日至3月13日出差，3月16日起恢复办公。", MARCH, date(2026, 3, 16), id="zh"
    ),
    pytest.param("自动回复：报价", "您的邮件已收到，我会尽快回复您！", MARCH, None, id="zh 2"),
    pytest.param(
        "自动回复：报价",
        "我正在休假，2026年3月16日开始上班，急事请电联13800000000。",
        MARCH,
        date(2026, 3, 16),
        id="zh 3",
    ),
    pytest.param(
        "自动回复", "春节放假时间：2月10日-3月8日，3月9日正式上班。", MARCH, date(2026, 3, 9), id="zh new year"
    ),
    pytest.param(
        "자동 회신: 견적",
        "3월 2일부터 3월 13일까지 휴가입니다. 3월 16일부터 정상 근무합니다.",
        MARCH,
        date(2026, 3, 16),
        id="ko",
    ),
    pytest.param("부재중 알림", "출장으로 3월 13일까지 부재중입니다.", MARCH, date(2026, 3, 13), id="ko 2"),
    pytest.param(
        "Otomatik yanıt: Teklif",
        "13 Mart 2026 tarihine kadar izindeyim. 16 Mart'tan itibaren ofisteyim.",
        MARCH,
        date(2026, 3, 16),
        id="tr",
    ),
    pytest.param(
        "Otomatik Yanıt: Teklif", "16.03.2026 tarihinde iş başı yapacağım.", MARCH, date(2026, 3, 16), id="tr 2"
    ),
    pytest.param(
        "Automatyczna odpowiedź: Oferta", "Jestem na urlopie do 13.03.2026 włącznie.", MARCH, date(2026, 3, 14), id="pl"
    ),
    pytest.param(
        "Automatyczna odpowiedź: Oferta",
        "Jestem na urlopie. Odpowiem na wiadomości od 16 marca 2026.",
        MARCH,
        date(2026, 3, 16),
        id="pl od",
    ),
    pytest.param(
        "Automatisch antwoord: Offerte",
        "Ik ben afwezig van 2 t/m 13 maart. Vanaf maandag 16 maart ben ik weer bereikbaar.",
        MARCH,
        date(2026, 3, 16),
        id="nl",
    ),
    pytest.param(
        "Trả lời tự động: Báo giá",
        "Tôi nghỉ phép đến ngày 13/03/2026. Tôi sẽ trả lời từ ngày 16/03/2026.",
        MARCH,
        date(2026, 3, 16),
        id="vi",
    ),
    pytest.param("رد تلقائي: عرض", "أنا في إجازة حتى 16 مارس 2026.", MARCH, date(2026, 3, 16), id="ar"),
    pytest.param(
        "رد تلقائي: عرض", "المكتب مغلق. سنعود للعمل ابتداء من 16 مارس 2026.", MARCH, date(2026, 3, 16), id="ar from"
    ),
    pytest.param("Autosvar: Offert", "Jag är tillbaka på kontoret den 16 mars.", MARCH, date(2026, 3, 16), id="sv"),
    pytest.param(
        "Automatic reply",
        "I am on business trip between March 3rd and March 12th. I will answer when I'm back.",
        MARCH,
        date(2026, 3, 12),
        id="en between",
    ),
    pytest.param(
        "Automatic reply",
        "Factory closed for Chinese New Year Feb 12 - Mar 8; we resume work on Mar 9.",
        MARCH,
        date(2026, 3, 9),
        id="en resume",
    ),
    pytest.param("OOO", "From 16 March I will be travelling to the fair.", MARCH, None, id="begin of an absence"),
    pytest.param("Abwesenheit", "Ab dem 16. März bin ich im Urlaub.", MARCH, None, id="begin of an absence, German"),
]


@pytest.mark.parametrize(("subject", "text", "written", "expected"), REPLIES)
def test_the_day_of_return(subject: str, text: str, written: date, expected: date | None) -> None:
    assert back_on(subject, text, written) == expected
