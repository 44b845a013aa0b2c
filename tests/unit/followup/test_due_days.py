"""By when something was promised: days, weekdays and spans in nine languages, and words that only look like one."""

from __future__ import annotations

from datetime import date

import pytest

from inboxcrm.followup.due_days import due_day

WRITTEN = date(2026, 11, 25)
"""A Wednesday in the week 48."""
PROMISES: list[tuple[str, str | None]] = [
    ("I'll send the catalogue by Friday.", "2026-11-27"),
    ("We will revert by tomorrow noon.", "2026-11-26"),
    ("I will send it on Monday morning.", "2026-11-30"),
    ("You will have the quotation within 3 working days.", "2026-11-30"),
    ("We'll ship the samples next week.", "2026-12-04"),
    ("I'll come back to you early next week.", "2026-12-01"),
    ("I will check and let you know.", None),
    ("We will send the drawings by the end of this week.", "2026-11-27"),
    ("I'll send it in two weeks.", "2026-12-09"),
    ("We may ship on Dec 5.", "2026-12-05"),
    ("We will sun-dry the goods.", None),
    ("We'll do it on Mon.", "2026-11-30"),
    ("I will send you the photos within 24 hours.", "2026-11-26"),
    ("I'll send you one more drawing.", None),
    ("We'll send a day-by-day plan.", None),
    ("We will send next Friday.", "2026-12-04"),
    ("I will reply by the end of the day.", "2026-11-25"),
    ("样品下周寄出。", "2026-12-04"),
    ("我明天把报价发给您。", "2026-11-26"),
    ("下周三之前给您回复。", "2026-12-02"),
    ("本周五前寄出样品", "2026-11-27"),
    ("三天内发报价单", "2026-11-28"),
    ("月底前出货", "2026-11-30"),
    ("12月5日发货", "2026-12-05"),
    ("我们会在5个工作日内寄出", "2026-12-02"),
    ("两周后发货", "2026-12-09"),
    ("后天给您答复", "2026-11-27"),
    ("Le envío el catálogo el viernes.", "2026-11-27"),
    ("Le mando la oferta la semana que viene.", "2026-12-04"),
    ("Mañana por la mañana le envío las fotos.", "2026-11-26"),
    ("Se lo mando por la mañana.", None),
    ("dentro de tres días le envío", "2026-11-28"),
    ("Le enviaremos las muestras a principios de la semana que viene", "2026-12-01"),
    ("Je vous envoie le devis d'ici vendredi.", "2026-11-27"),
    ("Nous expédions les échantillons la semaine prochaine.", "2026-12-04"),
    ("Je vous réponds demain.", "2026-11-26"),
    ("dans les 48 heures", "2026-11-27"),
    ("avant la fin du mois", "2026-11-30"),
    ("sous huit jours", "2026-12-03"),
    ("Ich schicke Ihnen das Angebot bis Freitag.", "2026-11-27"),
    ("Morgen bekommen Sie die Zeichnung.", "2026-11-26"),
    ("Wir versenden die Muster nächste Woche.", "2026-12-04"),
    ("Am Montag melde ich mich.", "2026-11-30"),
    ("innerhalb von zwei Tagen", "2026-11-27"),
    ("Guten Morgen, ich sende Ihnen die Liste.", None),
    ("bis Ende der Woche", "2026-11-27"),
    ("Ende KW 49", "2026-12-04"),
    ("Envio a proposta até sexta-feira.", "2026-11-27"),
    ("Mando amanhã.", "2026-11-26"),
    ("na próxima semana enviamos as amostras", "2026-12-04"),
    ("Em segunda linha vamos enviar", None),
    ("até sexta", "2026-11-27"),
    ("dentro de 5 dias úteis", "2026-12-02"),
    ("Пришлю каталог до пятницы.", "2026-11-27"),
    ("Отправим образцы на следующей неделе.", "2026-12-04"),
    ("завтра вышлю", "2026-11-26"),
    ("в течение трёх дней", "2026-11-28"),
    ("до конца месяца", "2026-11-30"),
    ("в понедельник", "2026-11-30"),
    ("через неделю отправим", "2026-12-02"),
    ("через день", "2026-11-26"),
    ("سأرسل لك الكتالوج يوم الجمعة", "2026-11-27"),
    ("سنشحن العينات الأسبوع القادم", "2026-12-04"),
    ("سأرسل العرض غدا", "2026-11-26"),
    ("خلال ثلاثة أيام", "2026-11-28"),
    ("خلال يومين", "2026-11-27"),
    ("Le invio il preventivo entro venerdì.", "2026-11-27"),
    ("La settimana prossima spediamo i campioni.", "2026-12-04"),
    ("domani", "2026-11-26"),
    ("entro 3 giorni", "2026-11-28"),
    ("entro fine mese", "2026-11-30"),
    ("We reply once a day.", None),
    ("One of our 5 day-shift lines will do it.", None),
    ("Mon devis est presque prêt.", None),
    ("A segunda opção é melhor.", None),
    ("In der Woche 50 verladen wir.", "2026-12-11"),
    ("Anfang KW 50 bekommen Sie die Muster.", "2026-12-08"),
    ("We load the container in week 2.", "2027-01-15"),
    ("第50周出货", "2026-12-11"),
    ("I'll call you on Tuesday of next week.", "2026-12-01"),
    ("La semana que viene, el martes, le llamo.", "2026-12-01"),
    ("I'll send it within a week.", "2026-12-02"),
    ("In a couple of days you get the photos.", "2026-11-27"),
    ("nos próximos 10 dias úteis", "2026-12-09"),
    ("dentro de dos semanas", "2026-12-09"),
    ("in 14 Tagen", "2026-12-09"),
    ("sous quinze jours", "2026-12-10"),
    ("tra due settimane", "2026-12-09"),
    ("через пару дней", "2026-11-27"),
    ("через месяц", "2026-12-25"),
    ("خلال أسبوعين نرسل", "2026-12-09"),
    ("within 2 hours", "2026-11-25"),
    ("by close of business", "2026-11-25"),
    ("5月的展会我们会带样品", None),
]


@pytest.mark.parametrize(("sentence", "day"), PROMISES)
def test_the_day_of_a_promise_is_found(sentence: str, day: str | None) -> None:
    assert due_day(sentence, WRITTEN) == (date.fromisoformat(day) if day else None)


def test_a_weekday_is_never_the_day_of_writing_nor_before_it() -> None:
    for number in range(7):
        written = date(2026, 11, 23 + number)
        found = due_day("I will send it on Wednesday.", written)
        assert found is not None
        assert 1 <= (found - written).days <= 7
        assert found.weekday() == 2
