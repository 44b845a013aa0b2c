# ruff: noqa: E501  a line a meaning reads better than a column of words
"""The day that a promise names: "by Friday", "下周", "dentro de tres días", "до конца недели"; in nine languages. Pure.

A word for a day counts only as a whole word; a weekday is the next one after the day of writing. What names no day has none.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Mapping
from datetime import date, timedelta

from inboxcrm.engagement.details import details
from inboxcrm.engagement.folding import plain

_WEEKDAYS: tuple[str, ...] = (
    "monday mon lunes lundi montag montags segunda segunda-feira lunedi понедельник понедельника понедельнику الاثنين الإثنين 周一 星期一 礼拜一",
    "tuesday tue tues martes mardi dienstag dienstags terça terça-feira martedi вторник вторника вторнику الثلاثاء 周二 星期二 礼拜二",
    "wednesday wed miercoles mercredi mittwoch mittwochs quarta quarta-feira mercoledi среда среду среды среде الأربعاء الاربعاء 周三 星期三 礼拜三",
    "thursday thu thurs jueves jeudi donnerstag donnerstags quinta quinta-feira giovedi четверг четверга четвергу الخميس 周四 星期四 礼拜四",
    "friday fri viernes vendredi freitag freitags sexta sexta-feira venerdi пятница пятницу пятницы пятнице الجمعة 周五 星期五 礼拜五",
    "saturday sat sabado samedi samstag samstags sonnabend sabato суббота субботу субботы субботе السبت 周六 星期六 礼拜六",
    "sunday sun domingo dimanche sonntag sonntags domenica воскресенье воскресенья воскресенью الأحد الاحد 周日 周天 星期日 星期天 礼拜天",
)
_NUMBERS: Mapping[str, int] = {
    word: number
    for number, words in (
        (1, "one a an un una uno une ein eine einem einer um uma один одного одну واحد 一"),
        (2, "two dos deux zwei dois duas due два двух две اثنين 两 二 couple par paar пару"),
        (3, "three tres trois drei três tre три трех трёх ثلاثة 三"),
        (4, "four cuatro quatre vier quatro quattro четыре четырех أربعة 四"),
        (5, "five cinco cinq fünf cinque пять пяти خمسة 五"),
        (6, "six seis sechs sei шесть шести ستة 六"),
        (7, "seven siete sept sieben sete sette семь семи سبعة 七"),
        (8, "eight ocho huit acht oito otto восемь восьми ثمانية 八"),
        (10, "ten diez dix zehn dez dieci десять десяти عشرة 十"),
        (14, "fourteen catorce quatorze vierzehn catorze quattordici"),
        (15, "fifteen quince quinze fünfzehn quindici пятнадцать пятнадцати"),
    )
    for word in words.split()
}
_ARTICLES = frozenset("a an un una uno une ein eine einem einer um uma".split())
"""They count only behind a word for "within": "once a day" names no day."""
_WITHIN = re.compile(
    r"(?:in|within|after|en|de|dans|ici|sous|em|daqui a|daqui|entro|tra|fra|binnen|innerhalb|innert|nach|innerhalb von) $"
)
_ORDINALS = frozenset("terca segunda quarta quinta sexta".split())
"""Weekdays in Portuguese, and ordinal numbers as well: they need a word before them, and none of these behind."""
_SHORT = frozenset("mon tue wed thu fri sat sun".split())
_BEFORE_ORDINAL = re.compile(r"(?:na|ate|ate a|nesta|esta|desta|proxima|para|pra|ja|dia|da) $")
_BEFORE_SHORT = re.compile(r"(?:on|by|until|till|before|next|this|from|coming|latest|,|\() $")
_AFTER_ORDINAL = re.compile(
    r" (?:semana|linha|parte|vez|opcao|via|versao|etapa|fase|remessa|amostra|proposta|quinzena|metade|geracao|posicao|pessoa|feira de)"
)

_Found = Callable[[date], date]


def _add(days: int) -> _Found:
    return lambda day: day + timedelta(days=days)


def _friday(weeks: int) -> _Found:
    """The Friday of this week, or of a later one: by then "this week" is over for people at work."""

    def found(day: date) -> date:
        monday = day - timedelta(days=day.weekday())
        friday = monday + timedelta(days=4 + 7 * weeks)
        return friday if friday >= day else friday + timedelta(days=2)

    return found


def _month_end(months: int) -> _Found:
    def found(day: date) -> date:
        year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
        return date(year, month + 1, calendar.monthrange(year, month + 1)[1])

    return found


def _next_year(day: date) -> date:
    return date(day.year + 1, 1, 31)


_PHRASES: tuple[tuple[str, _Found], ...] = (
    # The longer ones first: "the day after tomorrow" holds "tomorrow".
    ("يومين|day after tomorrow|pasado mañana|après-demain|apres demain|übermorgen|uebermorgen|depois de amanhã|dopodomani|послезавтра|بعد غد|بعد بكرة|后天", _add(2)),
    ("end of next week|finales de la semana que viene|fin de la semaine prochaine|ende nächster woche|fim da próxima semana|fine della prossima settimana|конца следующей недели|конце следующей недели|نهاية الأسبوع القادم|下周末|下周五前", _friday(1)),
    ("beginning of next week|early next week|principios de la semana que viene|début de semaine prochaine|anfang nächster woche|início da próxima semana|inizio della prossima settimana|начале следующей недели|下周初", lambda day: day + timedelta(days=8 - day.weekday())),
    ("next week|coming week|próxima semana|semana que viene|semana próxima|semaine prochaine|nächste woche|nächster woche|kommende woche|kommender woche|kommenden woche|nächsten woche|semana que vem|prossima settimana|settimana prossima|следующей неделе|следующую неделю|след неделе|الأسبوع القادم|الاسبوع القادم|الأسبوع المقبل|الاسبوع الجاي|下周|下星期|下礼拜|下個星期", _friday(1)),
    ("this week|end of the week|end of week|esta semana|fin de semana|cette semaine|fin de semaine|fin de la semaine|diese woche|dieser woche|ende der woche|fim da semana|questa settimana|entro la settimana|fine settimana|fine della settimana|этой неделе|конца недели|концу недели|هذا الأسبوع|هذا الاسبوع|نهاية الأسبوع|本周|这周|这个星期|这礼拜|本星期|周末前", _friday(0)),
    ("end of next month|fin del mes que viene|fin du mois prochain|ende nächsten monats|fim do próximo mês|fine del prossimo mese|конца следующего месяца|نهاية الشهر القادم|下月底", _month_end(1)),
    ("next month|próximo mes|mes que viene|mois prochain|nächsten monat|nächster monat|próximo mês|mês que vem|prossimo mese|mese prossimo|следующем месяце|الشهر القادم|الشهر المقبل|下个月|下月", _month_end(1)),
    ("end of the month|end of this month|month end|end of month|this month|fin de mes|finales de mes|este mes|fin du mois|ce mois|ende des monats|monatsende|diesen monat|fim do mês|este mês|fine mese|fine del mese|questo mese|конца месяца|концу месяца|этом месяце|نهاية الشهر|هذا الشهر|月底|月末|本月|这个月", _month_end(0)),
    ("أسبوعين|اسبوعين", _add(14)),
    ("через неделю|неделю спустя|一周后|一周内", _add(7)),
    ("через месяц|month's time", _add(30)),
    ("через день|через сутки|в течение дня|в течение суток", _add(1)),
    ("next year|año que viene|próximo año|année prochaine|nächstes jahr|próximo ano|anno prossimo|следующем году|السنة القادمة|明年", _next_year),
    ("tomorrow|tmrw|tmr|tomorow|mañana|demain|morgen|amanhã|domani|завтра|غدا|غداً|بكرة|بكره|明天|明日|明早", _add(1)),
    ("today|tonight|by cob|close of business|end of day|end of the day|end of business|eod|this afternoon|this evening|hoy|esta tarde|aujourd'hui|ce soir|heute|hoje|oggi|stasera|сегодня|اليوم|今天|今日|今晚|下班前", _add(0)),
)  # fmt: skip
_CHINESE = re.compile(r"[\u4e00-\u9fff]")


def _word(written: str) -> str:
    """The pattern of a word that stands alone: "sun" is not in "sun-dry". Chinese has no gaps between words."""
    word = re.escape(plain(written))
    return word if _CHINESE.search(written) else rf"(?<!\w)(?<!\w-){word}(?!\w|-\w)"


_COMPILED = tuple((re.compile("|".join(map(_word, words.split("|")))), found) for words, found in _PHRASES)
_NEXT_WEEK = re.compile(
    "|".join(map(_word, next(words for words, _found in _PHRASES if words.startswith("next week")).split("|")))
)
_MORNINGS = re.compile(r"(?:de|por|la|in der|am|guten|gut|heute|jeden) ?(?:manana|morgen)\b|\bmorgens\b")
"""Where the word for tomorrow means the morning."""

_UNITS: tuple[tuple[str, int], ...] = (
    ("working days?|business days?|days?|días? hábiles|días? laborables|días?|jours? ouvrables|jours? ouvrés|jours?|werktagen?|arbeitstagen?|tagen?|tage|dias? úteis|dias?|giorni lavorativi|giorni?|giorno|рабочих дн\\w+|дн\\w+|день|أيام|ايام|يوم|个?工作日|天", 1),
    ("weeks?|semanas?|semaines?|wochen?|settiman[ae]|недел\\w+|أسابيع|اسابيع|أسبوع|اسبوع|个?星期|周", 7),
    ("months?|mes|meses|mois|monate?n?|mesi|mese|mês|месяц\\w*|شهر|أشهر|اشهر|个月", 30),
    ("hours?|hrs?|horas?|heures?|stunden?|ore|час\\w*|ساعات|ساعة|小时", 0),
)  # fmt: skip
_NUMBER = r"(\d{1,2}|" + "|".join(sorted((re.escape(plain(word)) for word in _NUMBERS), key=len, reverse=True)) + r")"


def _unit(written: str) -> str:
    """The pattern of a unit, its longest words first: "working days" before "days"."""
    return "|".join(sorted(plain(written).split("|"), key=len, reverse=True))


_SPANS = tuple(
    (
        re.compile(
            rf"(?<![a-zа-яء-ي\d,.]){_NUMBER}(?:\s?(?:-|to|a|bis|до|到|至)\s?(\d{{1,2}}))?(?: of| de)?\s?(?:{_unit(unit)})"
            r"(?![a-zа-яء-ي]|-[a-z])"
        ),
        days,
    )
    for unit, days in _UNITS
)
_WEEK = re.compile(
    r"(?<!\w)(?:kw|cw|wk|week|woche|kalenderwoche|semaine|semana|settimana|недел\w)\.? ?(?:n[°o.] ?)?(\d{1,2})(?![\w.,]\w|\w)|第(\d{1,2})周"
)
_EARLY = re.compile(
    r"(?:anfang|beginn|beginning of|early|start of|debut|principios de|inicio d[ea]|inizio|начал\w)(?: de la| della)? $"
)
_SAME_DAY = 6
"""Hours within which it is still the same day."""
_WORKING = re.compile(
    r"working|business|habiles|laborables|ouvrables|ouvres|werktag|arbeitstag|uteis|lavorativi|рабоч|工作日"
)
_DAY_NAMES = {plain(word): number for number, words in enumerate(_WEEKDAYS) for word in words.split()}
_DAY_NAME = re.compile("|".join(map(_word, sorted(_DAY_NAMES, key=len, reverse=True))))
_NEXT_DAY = re.compile(r"(?:下|next |proxim\w+ |prochain\w* |nachst\w+ |следующ\w+ )$")


def due_day(sentence: str, written: date) -> date | None:
    """The day by which something was promised in `sentence`; `written`: the day on which that was written, where the writer sits."""
    exact = details(sentence, sentence, written=written).on
    if exact is not None:
        return exact
    text = plain(sentence)
    for find in (_weekday, _week, _span):
        found = find(text, written)
        if found is not None:
            return found
    without_mornings = _MORNINGS.sub(" ", text)
    for pattern, named in _COMPILED:
        if pattern.search(without_mornings):
            return named(written)
    return None


def _weekday(text: str, written: date) -> date | None:
    """The weekday that is named: the next one, or, as "next Friday", "下周五", "Tuesday of next week", that of the next week."""
    for name in _DAY_NAME.finditer(text):
        before, after = text[: name.start()], text[name.end() :]
        if name[0] in _ORDINALS and (not _BEFORE_ORDINAL.search(before) or _AFTER_ORDINAL.match(after)):
            continue
        if name[0] in _SHORT and not _BEFORE_SHORT.search(before) and after[:1] != ".":
            continue
        day = _DAY_NAMES[name[0]]
        if _NEXT_DAY.search(before) or _NEXT_WEEK.search(text):
            return written + timedelta(days=7 + day - written.weekday())
        return written + timedelta(days=(day - written.weekday()) % 7 or 7)
    return None


def _week(text: str, written: date) -> date | None:
    """The Friday of a numbered week (ISO 8601), or its Tuesday, when its beginning is meant."""
    found = _WEEK.search(text)
    number = int(found[1] or found[2]) if found else 0
    if found is None or not 1 <= number <= 52:
        return None
    day = 2 if _EARLY.search(text[: found.start()]) else 5
    this = date.fromisocalendar(written.isocalendar().year, number, day)
    return this if this >= written else date.fromisocalendar(written.isocalendar().year + 1, number, day)


def _span(text: str, written: date) -> date | None:
    """So many days, weeks, months or hours from the day of writing."""
    for pattern, days in _SPANS:
        for match in pattern.finditer(text):
            if match[1] in _ARTICLES and not _WITHIN.search(text[: match.start()]):
                continue
            count = _count(match[2] or match[1])
            working = bool(_WORKING.search(match[0]))
            return _later(written, count * days, working=working, hours=count if not days else 0)
    return None


def _count(word: str) -> int:
    return int(word) if word.isdecimal() else _NUMBERS_PLAIN[word]


_NUMBERS_PLAIN = {plain(word): number for word, number in _NUMBERS.items()}


def _later(written: date, days: int, *, working: bool, hours: int) -> date:
    if hours:
        return written + timedelta(days=0 if hours <= _SAME_DAY else (hours + 23) // 24)
    if not working:
        return written + timedelta(days=days)
    while days > 0:
        written += timedelta(days=1)
        days -= written.weekday() < 5
    return written
