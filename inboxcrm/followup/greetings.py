"""Wishes for the holidays that traders congratulate each other on: which one is near for a customer's country, in which words.

Only feasts that the country itself keeps as public holidays are wished for, so that nobody is greeted for somebody else's. Pure.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

import holidays


@dataclass(frozen=True, slots=True)
class Feast:
    """`names`: what the calendar calls it in English (parts of its names). Wished from `before` days before its first day until
    `after` days after it.
    """

    key: str
    names: tuple[str, ...]
    before: int
    after: int


# In this order: a wish for Christmas says the New Year too.
_FEASTS = (
    Feast("spring_festival", ("chinese new year", "spring festival", "lunar new year"), 7, 8),
    Feast("eid_al_fitr", ("eid al-fitr", "eid ul-fitr", "hari raya puasa"), 3, 4),
    Feast("eid_al_adha", ("eid al-adha", "eid ul-adha", "hari raya haji"), 3, 4),
    Feast("diwali", ("diwali", "deepavali"), 3, 2),
    Feast("christmas", ("christmas",), 10, 1),
    Feast("new_year", ("new year", "universal fraternization"), 6, 9),
)
_ORTHODOX = frozenset("RU BY KZ KG UZ AM GE MD RS ME MK".split())
"""Where Christmas comes after the New Year, or isn't what business partners wish each other in December."""
_MANY_FAITHS = frozenset("IN SG MY ID NG ET KE TZ GH LB LK MU NP".split())
"""Where the calendar doesn't tell what somebody celebrates."""
_FAITH = frozenset({"christmas", "eid_al_fitr", "eid_al_adha"})

WISHES: dict[str, dict[str, str]] = {
    "christmas": {
        "en": "Merry Christmas, and all the best for the new year.",
        "zh": "祝您圣诞快乐，新年顺利！",
        "es": "Feliz Navidad y mis mejores deseos para el año nuevo.",
        "fr": "Je vous souhaite de belles fêtes de fin d'année.",
        "de": "Ich wünsche Ihnen frohe Weihnachten und einen guten Start ins neue Jahr.",
        "pt": "Feliz Natal e um ótimo ano novo.",
        "ru": "С Рождеством и наступающим Новым годом!",
        "ar": "أطيب التمنيات بمناسبة الأعياد والسنة الجديدة.",
        "it": "Le auguro buone feste e un felice anno nuovo.",
    },
    "new_year": {
        "en": "Happy New Year.",
        "zh": "新年快乐！",
        "es": "Feliz año nuevo.",
        "fr": "Je vous présente mes meilleurs vœux pour la nouvelle année.",
        "de": "Ich wünsche Ihnen ein gutes neues Jahr.",
        "pt": "Feliz ano novo.",
        "ru": "С Новым годом!",
        "ar": "كل عام وأنتم بخير بمناسبة السنة الجديدة.",
        "it": "Le auguro un buon anno nuovo.",
    },
    "spring_festival": {
        "en": "Happy Chinese New Year.",
        "zh": "恭祝新春快乐，生意兴隆！",
        "es": "Feliz Año Nuevo chino.",
        "fr": "Je vous souhaite une bonne fête du Printemps.",
        "de": "Ich wünsche Ihnen ein frohes chinesisches Neujahrsfest.",
        "pt": "Feliz Ano Novo Chinês.",
        "ru": "С китайским Новым годом!",
        "ar": "كل عام وأنتم بخير بمناسبة رأس السنة الصينية.",
        "it": "Le auguro un felice capodanno cinese.",
    },
    "eid_al_fitr": {
        "en": "Eid Mubarak to you and your family.",
        "zh": "祝您开斋节快乐！",
        "es": "Eid Mubarak para usted y su familia.",
        "fr": "Je vous souhaite un bon Aïd el-Fitr.",
        "de": "Ich wünsche Ihnen und Ihrer Familie ein gesegnetes Fest (Eid Mubarak).",
        "pt": "Eid Mubarak para você e sua família.",
        "ru": "Поздравляю с праздником Ураза-байрам!",
        "ar": "عيد فطر مبارك، وكل عام وأنتم بخير.",
        "it": "Eid Mubarak a Lei e alla Sua famiglia.",
    },
    "eid_al_adha": {
        "en": "Eid Mubarak to you and your family.",
        "zh": "祝您古尔邦节快乐！",
        "es": "Eid Mubarak para usted y su familia.",
        "fr": "Je vous souhaite un bon Aïd el-Adha.",
        "de": "Ich wünsche Ihnen und Ihrer Familie ein gesegnetes Opferfest.",
        "pt": "Eid Mubarak para você e sua família.",
        "ru": "Поздравляю с праздником Курбан-байрам!",
        "ar": "عيد أضحى مبارك، وكل عام وأنتم بخير.",
        "it": "Eid Mubarak a Lei e alla Sua famiglia.",
    },
    "diwali": {
        "en": "Happy Diwali to you and your team.",
        "zh": "祝您排灯节快乐！",
        "es": "Feliz Diwali para usted y su equipo.",
        "fr": "Je vous souhaite un joyeux Diwali.",
        "de": "Ich wünsche Ihnen und Ihrem Team ein frohes Diwali.",
        "pt": "Feliz Diwali para você e sua equipe.",
        "ru": "Поздравляю с праздником Дивали!",
        "ar": "أطيب التمنيات بمناسبة عيد ديوالي.",
        "it": "Buon Diwali a Lei e al Suo team.",
    },
}


def wish(country: str, language: str, today: date) -> str:
    """The wish for the feast that is near in the country (ISO 3166-1 alpha-2), in the language; "" for none, or an unknown country."""
    days = _days(country, today.year)
    for feast in _FEASTS:
        if feast.key == "christmas" and country in _ORTHODOX:
            continue
        if feast.key in _FAITH and country in _MANY_FAITHS:
            continue
        first = [
            day
            for day, name in days
            if any(part in name for part in feast.names)
            and not (
                feast.key == "new_year" and ("chinese" in name or "lunar" in name or (day.month, day.day) != (1, 1))
            )
            and not (feast.key == "christmas" and day.month != 12)
        ]
        if any(day - timedelta(days=feast.before) <= today <= day + timedelta(days=feast.after) for day in first):
            return WISHES[feast.key].get(language, "")
    return ""


@lru_cache(maxsize=256)
def _days(country: str, year: int) -> tuple[tuple[date, str], ...]:
    """The public holidays of the year, and of the turns to and from it, with their English names in lower case."""
    try:
        found = holidays.country_holidays(country, years=(year - 1, year, year + 1), language="en_US")
    except NotImplementedError:
        return ()
    return tuple((day, name.casefold()) for day, name in sorted(found.items()))
