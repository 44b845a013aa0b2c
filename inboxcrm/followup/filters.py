"""How dates, amounts, quantities and lists are written in a customer's language, as traders write them. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from babel.dates import format_date, format_skeleton
from babel.lists import format_list
from babel.numbers import format_decimal

from inboxcrm.followup.variables import Money, Quantity
from inboxcrm.i18n import locale_of

_CODE_FIRST = frozenset({"en", "zh", "pt"})
"""Languages that write "USD 12,500"; the others write "12.500 USD"."""
_THIS_YEAR = {"zh": "M月d日", "de": "d. MMMM", "es": "d 'de' MMMM", "pt": "d 'de' MMMM"}
_WITH_YEAR = {"it": "d MMMM y", "ru": "d MMMM y 'года'"}
_FIRST = {"fr": "1er", "it": "1º", "pt": "1º"}
"""How the first of a month is written."""
_MOST_PRODUCTS = 3
"""More than so many products are not told one by one."""

# Units as mails write them → their key in the table below.
_SPELLINGS = {
    "pcs": "pcs pc piece pieces unit units ea pieza piezas pièce pièces stück stk peça peças шт штук pezzo pezzi 件 个 个个 只 支 قطعة",
    "sets": "set sets juego juegos satz sätze jogo jogos комплект компл 套 طقم",
    "pairs": "pair pairs par pares paire paires paar пара пар paio paia 双 对 زوج",
    "cartons": "carton cartons ctn ctns caja cajas karton kartons caixa caixas коробка cartone cartoni 箱 كرتونة",
    "rolls": "roll rolls rollo rollos rouleau rouleaux rolle rollen rolo rolos рулон rotolo rotoli 卷 لفة",
    "kg": "kg kgs kilo kilos кг 公斤 كغ",
    "tons": "t ton tons tonne tonnes mt tonelada toneladas tonnen тонна тонн tonnellata tonnellate 吨 طن",
    "m": "m meter meters metre metres metro metros mètre mètres метр м metri 米 متر",
    "sqm": "sqm m2 m² кв.м 平方米",
    "cbm": "cbm m3 m³ 立方米",
    "containers": "container containers contenedor contenedores conteneur conteneurs contêiner контейнер 货柜 柜 حاوية",
}
_UNITS: dict[str, dict[str, str]] = {
    "en": {
        "pcs": "pcs", "sets": "sets", "pairs": "pairs", "cartons": "cartons", "rolls": "rolls", "tons": "t",
        "containers": "containers",
    },
    "zh": {
        "pcs": "件", "sets": "套", "pairs": "双", "cartons": "箱", "rolls": "卷", "kg": "公斤", "tons": "吨", "m": "米",
        "sqm": "平方米", "cbm": "立方米", "containers": "个货柜",
    },
    "es": {
        "pcs": "piezas", "sets": "juegos", "pairs": "pares", "cartons": "cajas", "rolls": "rollos", "tons": "t",
        "containers": "contenedores",
    },
    "fr": {
        "pcs": "pièces", "sets": "jeux", "pairs": "paires", "cartons": "cartons", "rolls": "rouleaux", "tons": "t",
        "containers": "conteneurs",
    },
    "de": {
        "pcs": "Stück", "sets": "Sets", "pairs": "Paar", "cartons": "Kartons", "rolls": "Rollen", "tons": "t",
        "containers": "Container",
    },
    "pt": {
        "pcs": "peças", "sets": "jogos", "pairs": "pares", "cartons": "caixas", "rolls": "rolos", "tons": "t",
        "containers": "contêineres",
    },
    "ru": {
        "pcs": "шт.", "sets": "компл.", "pairs": "пар", "cartons": "кор.", "rolls": "рул.", "kg": "кг", "tons": "т", "m": "м",
        "sqm": "м²", "cbm": "м³", "containers": "конт.",
    },
    "ar": {
        "pcs": "قطعة", "sets": "طقم", "pairs": "زوج", "cartons": "كرتونة", "rolls": "لفة", "kg": "كغ", "tons": "طن", "m": "متر",
        "sqm": "م²", "cbm": "م³", "containers": "حاوية",
    },
    "it": {
        "pcs": "pezzi", "sets": "set", "pairs": "paia", "cartons": "cartoni", "rolls": "rotoli", "tons": "t",
        "containers": "container",
    },
}  # fmt: skip
_COMMON = {"kg": "kg", "m": "m", "sqm": "m²", "cbm": "m³"}
_ONE: dict[str, dict[str, str]] = {
    "en": {
        "pcs": "pc",
        "sets": "set",
        "pairs": "pair",
        "cartons": "carton",
        "rolls": "roll",
        "containers": "container",
    },
    "es": {
        "pcs": "pieza",
        "sets": "juego",
        "pairs": "par",
        "cartons": "caja",
        "rolls": "rollo",
        "containers": "contenedor",
    },
    "fr": {
        "pcs": "pièce",
        "sets": "jeu",
        "pairs": "paire",
        "cartons": "carton",
        "rolls": "rouleau",
        "containers": "conteneur",
    },
    "de": {"sets": "Set", "cartons": "Karton", "rolls": "Rolle"},
    "pt": {
        "pcs": "peça",
        "sets": "jogo",
        "pairs": "par",
        "cartons": "caixa",
        "rolls": "rolo",
        "containers": "contêiner",
    },
    "it": {"pcs": "pezzo", "pairs": "paio", "cartons": "cartone", "rolls": "rotolo"},
    "ru": {"pairs": "пара"},
}
_KEYS = {spelling: key for key, spellings in _SPELLINGS.items() for spelling in spellings.split()}


def day(on: date | datetime, language: str, today: date) -> str:
    """A day: "5 May", and with its year when it isn't this one's and not near."""
    if isinstance(on, datetime):
        on = on.date()
    locale = locale_of(language)
    if on.year == today.year or abs((on - today).days) < 90:
        pattern = _THIS_YEAR.get(language)
        text = format_date(on, pattern, locale=locale) if pattern else format_skeleton("MMMMd", on, locale=locale)
    else:
        text = format_date(on, _WITH_YEAR.get(language, "long"), locale=locale)
    return str(text).replace("1", _FIRST[language], 1) if on.day == 1 and language in _FIRST else str(text)


def money(value: Money, language: str) -> str:
    """An amount with the code of its currency: "USD 12,500" or "12.500 USD"; without decimals where there are none."""
    whole = value.amount == value.amount.to_integral_value()
    number = _number(value.amount, "#,##0" if whole else "#,##0.00##", language)
    if not value.currency:
        return number
    return f"{value.currency} {number}" if language in _CODE_FIRST else f"{number} {value.currency}"


def quantity(value: Quantity, language: str) -> str:
    """A quantity with its unit in the language, where it is a usual one: "500 Stück"; else as it stands."""
    number = _number(_plain(value.number), "#,##0.###", language)
    key = _KEYS.get(value.unit.strip().rstrip(".").casefold(), "")
    unit = _UNITS.get(language, {}).get(key) or _COMMON.get(key) or value.unit.strip()
    if value.number == 1:
        unit = _ONE.get(language, {}).get(key, unit)
    return f"{number}{unit}" if language == "zh" else f"{number} {unit}".strip()


def listed(items: Sequence[str], language: str) -> str:
    """Some things in words: "ball valves and gate valves". At most three; whoever has more gets the first three."""
    clean = [" ".join(one.split()) for one in items if one.strip()][:_MOST_PRODUCTS]
    if not clean:
        return ""
    return str(format_list(clean, locale=locale_of(language)))


def name(written: str) -> str:
    """A person's or company's name as one writes it in a letter: "SCHMIDT, ANNA" becomes "Anna Schmidt"."""
    text = " ".join(re.sub(r"\([^)]*\)|[\"']", " ", written).split())
    if text.count(",") == 1:
        last, first = (part.strip() for part in text.split(","))
        if first and last and len(first.split()) <= 3:
            text = f"{first} {last}"
    return " ".join(_cased(word, alone=text.isupper() or text.islower()) for word in text.split())


def _cased(word: str, *, alone: bool) -> str:
    """A word of a name: shouting and whispering are mended, "McDonald", "de" and "GmbH" are left."""
    if alone and word.islower() and word in _PARTICLES:
        return word
    if alone and (word.isupper() or word.islower()) and len(word) > 1:
        return "-".join(part[:1].upper() + part[1:].lower() for part in word.split("-"))
    if word.isupper() and len(word) > 3:
        return "-".join(part.capitalize() for part in word.split("-"))
    return word


_PARTICLES = frozenset("de da do dos das del della di du la le van von der den bin ibn al el y e zu".split())


def _number(number: Decimal, pattern: str, language: str) -> str:
    """With common spaces: mail programs make them of the others, and the text would seem to have been edited."""
    return str(format_decimal(number, pattern, locale=locale_of(language))).translate({0xA0: " ", 0x202F: " "})


def _plain(number: Decimal) -> Decimal:
    return number.quantize(Decimal(1)) if number == number.to_integral_value() else number.normalize()
