"""Numbers as buyers write them: quantities with their unit and amounts with their currency, in many languages. Pure.

What is ambiguous is read the way trade writes it: "1.500 pcs" and "1,500 pcs" are both fifteen hundred.
"""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation

from inboxcrm.engagement.signals import Money, Quantity

UNITS = {
    # Unit → how it is written; the words of a language are together.
    "pcs": "pcs pc pce pces pieces piece ea units unit nos "
    "stück stueck stk st. piezas pieza pzas pza uds ud unidades unidad pièces pièce unités unité peças peça pçs unidade "
    "шт штук штуки единиц قطعة قطع حبة pezzi pezzo pz unità "
    "stuks adet sztuk szt cái chiếc 件 个 個 只 支 根 条 片 把 颗 枚 本 개",
    "set": "sets set satz sätze sätzen juegos juego conjuntos conjunto jeux комплект комплекта комплектов طقم أطقم "
    "takım takim zestaw zestawów bộ 套 セット 세트",
    "unit": "台 대 辆",
    "pair": "pairs pair prs paar pares par paires paire пар пары paia çift 双 对 足 켤레",
    "kg": "kg kgs kilo kilos kilogram kilograms кг 公斤 千克 キロ كجم كيلو",
    "g": "grams gram gr 克",
    "t": "ton tons tonne tonnes mt tonnen toneladas tonelada т. тонн тонны طن tonnellate 吨 噸 トン 톤",
    "m": "m mtr mtrs meter meters metre metres metros mètres metri метров м. 米 メートル متر",
    "m2": "m2 m² sqm 平方米 平方 кв.м",
    "m3": "m3 m³ cbm 立方",
    "roll": "rolls roll rollen rollos rouleaux rolos рулонов rotoli rulo 卷",
    "carton": "cartons carton ctns ctn boxes box kartons karton cajas caja caixas коробок scatole koli 箱 盒",
    "pallet": "pallets pallet paletten palette palés palets паллет bancali palet 托盘",
    "bag": "bags bag säcke sacos мешков 袋",
    "l": "liters liter litres litre литров 升",
    "container": "containers container fcl контейнер контейнера контейнеров contenedores contenedor "
    "conteneurs conteneur contêineres contêiner "
    "حاوية حاويات konteyner kontener 柜 货柜 集装箱 コンテナ 컨테이너",
}

CURRENCIES = {
    "USD": "usd us$ $ dollars dollar dólares dollari долларов долл دولار 美元 美金 ドル 달러",
    "EUR": "eur € euros euro евро يورو 欧元 ユーロ 유로",
    "CNY": "cny rmb yuan 元 人民币 юаней يوان",
    "GBP": "gbp £ pounds 英镑",
    "RUB": "rub ₽ руб рублей",
    "JPY": "jpy yen 日元 円",
    "BRL": "brl r$ reais",
    "TRY": "try tl ₺",
    "PLN": "pln zł zl",
    "AED": "aed dhs درهم",
    "SAR": "sar ريال",
    "INR": "inr ₹ rs.",
    "KRW": "krw ₩ 원",
    "CHF": "chf",
    "MXN": "mxn",
}

_BARE = r"(\d{1,3}(?:[., ' \u00a0\u202f]\d{3})+(?:[.,]\d{1,4})?|\d+(?:[.,]\d{1,4})?)"
_NUMBER = r"(?<![\w.,/-])" + _BARE
_AFTER_NUMBER = r"\s?(k(?=\W|$|pc)|万|千)?\s{0,2}-?"


def _words(table: dict[str, str]) -> dict[str, str]:
    return {word.rstrip("."): key for key, line in table.items() for word in line.split()}


def _either(words: dict[str, str]) -> str:
    """All words, the longest first; a word of letters must end where it ends."""
    ordered = sorted(words, key=len, reverse=True)
    return "|".join(re.escape(word) + (r"(?![^\W\d_])" if _spaced(word) else "") for word in ordered)


def _spaced(word: str) -> bool:
    return word[-1].isalpha() and ord(word[-1]) < 0x3000


_UNIT_OF = _words(UNITS)
_CURRENCY_OF = _words(CURRENCIES)
_QUANTITY = re.compile(rf"{_NUMBER}{_AFTER_NUMBER}(?:of )?({_either(_UNIT_OF)})\.?", re.IGNORECASE)
_CONTAINERS = re.compile(r"(?<![\w.,])(\d{1,3})\s?(?:x|×|\*)\s?(20|40|45)\s?(?:'|’|′|ft|gp|hq|hc|尺)", re.IGNORECASE)
_ONE_CONTAINER = re.compile(r"(?<![\w.,])(?:(\d{1,3})\s)?(20|40|45)\s?(?:'|’|′|ft|gp|hq|hc|尺)", re.IGNORECASE)
_MONEY_BEFORE = re.compile(rf"(?<![^\W\d_])({_either(_CURRENCY_OF)})\s{{0,2}}:?{_BARE}", re.IGNORECASE)
_MONEY_AFTER = re.compile(rf"{_NUMBER}\s{{0,2}}({_either(_CURRENCY_OF)})", re.IGNORECASE)
_EACH_AFTER = re.compile(
    r"\s?(?:/|(?:per|each|a piece|apiece|pro|je|por|par|la pièce|al pezzo|cadauno|cada|za|за|l[ea]|tanesi|başına)(?!\w))",
    re.IGNORECASE,
)
_EACH_BEFORE = re.compile(
    r"(?:@|(?<!\w)(?:at|à|zu|für|a|ab|по|unit price|stückpreis|einzelpreis)|单价|每[^\W\d]?)\s?:?\s*$", re.IGNORECASE
)
_TIMES = {"k": 1000, "K": 1000, "千": 1000, "万": 10_000}


def number(written: str, *, whole: bool) -> Decimal:
    """The number that `written` means. `whole`: it counts things, so that a lone "1.500" has a thousands separator.

    Raises ValueError when there is no number in it.
    """
    digits = re.sub(r"[ '\u00a0\u202f]", "", written)
    last = max(digits.rfind("."), digits.rfind(","))
    if last >= 0:
        head, tail = re.sub(r"[.,]", "", digits[:last]), digits[last + 1 :]
        one_kind = len({char for char in digits if char in ".,"}) == 1
        thousands = one_kind and len(tail) == 3 and head != "0" and (whole or digits.count(digits[last]) > 1)
        digits = head + tail if thousands else f"{head}.{tail}"
    try:
        return Decimal(digits)
    except InvalidOperation as error:
        msg = f"{written!r} is no number"
        raise ValueError(msg) from error


def quantity(text: str) -> Quantity | None:
    """The first quantity with a unit in `text`; of containers their number, the size is in the unit ("container40")."""
    if several := _CONTAINERS.search(text):
        return Quantity(Decimal(several[1]), f"container{several[2]}")
    match = _QUANTITY.search(text)
    if match is None:
        one = _ONE_CONTAINER.search(text)
        return Quantity(Decimal(one[1] or 1), f"container{one[2]}") if one else None
    amount = number(match[1], whole=True) * _TIMES.get(match[2] or "", 1)
    return Quantity(amount, _UNIT_OF[match[3].lower().rstrip(".")])


def money(text: str) -> Money | None:
    """The first amount with a currency in `text`."""
    found = _first_money(text)
    if found is None:
        return None
    _start, _end, amount, currency = found
    # "12,500" is twelve thousand five hundred, but a piece may cost "1.905".
    return Money(number(amount, whole=not is_unit_price(text)), _CURRENCY_OF[currency.lower().rstrip(".")])


def is_unit_price(text: str) -> bool:
    """Whether the first amount in `text` is the price of one piece, by the words around it ("at USD 1.90", "1.90 €/pc")."""
    found = _first_money(text)
    return found is not None and bool(
        _EACH_AFTER.match(text, found[1]) or _EACH_BEFORE.search(text, max(found[0] - 24, 0), found[0])
    )


def _first_money(text: str) -> tuple[int, int, str, str] | None:
    return min(
        (
            (match.start(), match.end(), match[amount], match[currency])
            for pattern, currency, amount in ((_MONEY_BEFORE, 1, 2), (_MONEY_AFTER, 2, 1))
            if (match := pattern.search(text))
        ),
        default=None,
    )
