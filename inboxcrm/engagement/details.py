"""What stands beside a signal and fills the business record: product, quantity, price, delivery term, date, account and order number.

The sentence of the evidence speaks first; what it doesn't say is taken from the rest of the mail where that can't be misread. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta

from inboxcrm.engagement.amounts import is_unit_price, money, quantity
from inboxcrm.engagement.folding import plain
from inboxcrm.engagement.signals import Details
from inboxcrm.reading.months import MONTH, folded

# Incoterms 2020 and the older ones that buyers still write.
_INCOTERMS = "EXW|FCA|FAS|FOB|CFR|CNF|C&F|CIF|CPT|CIP|DAP|DPU|DDP|DAT|DDU|DAF"
_NAME = r"[A-ZÀ-ÞА-Я][\w'’.-]*"
_PORT = (
    rf"(?:{_NAME}(?:[ -](?:de|do|da|del|la|al|el|le|am|an|der|of)\b)?(?:[ -]{_NAME}){{0,2}}"
    r"|[\u4e00-\u9fff]{2,4}(?=[港，,。;；\s]|$)"
    r"|[\u0600-\u06ff]{3,}(?: [\u0600-\u06ff]{3,})?)"
)
_TERM = re.compile(
    rf"(?<![A-Za-z])({_INCOTERMS})(?![A-Za-z])"
    rf"(?:\s*(?:port(?: of)?|in|to|at|puerto de|port de|Hafen)?\s*[:,]?\s*({_PORT}))?"
)
_NOT_A_PORT = frozenset(
    "price prices basis terms term and or please pls incl including quote quotation best incoterms by".split()
)

_COURIER = re.compile(
    r"(dhl|fedex|ups|tnt|aramex|ems|sf|顺丰)[^.\n]{0,30}?"
    r"(?:account|acct?|a/c|no\.?|nr\.?|number|konto|kunden\w*|cuenta|compte|conta|номер|账号|帐号|到付)"
    r"[^\d\n]{0,14}([A-Z0-9]*\d[A-Z0-9-]{5,14})",
    re.IGNORECASE,
)
_ORDER_NUMBER = re.compile(
    r"(?<![a-z])(?:p\.?\s?o\.?(?=[\W\d])|purchase order|order|bestellung|auftrag|pedido|orden de compra|commande|"
    r"bon de commande|ordine|encomenda|заказ\w*|"
    r"订单号?|采购单号?|合同号?|注文番号|주문번호|sipariş|zamówieni\w+)"
    r"\s{0,2}(?:no|nr|num|number|nummer|n[°º]|#|№|号|numero|número|ref)?\.?\s{0,2}[:：#№]?\s{0,2}((?=[\w/-]*\d)[A-Z0-9][\w/-]{2,24})",
    re.IGNORECASE,
)
_UNIT_AHEAD = re.compile(r"\s?(?:pcs|pieces|sets|units|kg|stück|шт|件|个)", re.IGNORECASE)

_ISO = re.compile(r"(?<!\d)(20\d\d)\s?[-/.年]\s?(\d{1,2})\s?[-/.月]\s?(\d{1,2})(?!\d)")
_DAY_FIRST = re.compile(r"(?<![\d.,/])(\d{1,2})[./](\d{1,2})(?:[./](20\d\d|\d\d))?\.?(?![\d/])")
_DAY_MONTH = re.compile(
    r"(?<!\d)(\d{1,2})(?:st|nd|rd|th|º|er|\.)?\s+(?:de\s+|of\s+)?([^\W\d_]{3,12})\.?(?:,?\s+(?:de\s+)?(20\d\d))?"
)
_MONTH_DAY = re.compile(r"\b([^\W\d_]{3,12})\.?\s+(\d{1,2})(?:st|nd|rd|th)?(?!\d)(?:,?\s+(20\d\d))?")
_CJK_DAY = re.compile(r"(?<!\d)(\d{1,2})\s?[月월]\s?(\d{1,2})\s?[日号일]")


def details(sentence: str, text: str, *, products: Sequence[str] = (), written: date | None = None) -> Details:
    """What `sentence` (with the evidence) and `text` (the whole mail) say. `products` are the names to look for; `written` is the
    day of the mail, which gives a date without year its year (without it, only dates with a year count).
    """
    term = _TERM.search(sentence) or _TERM.search(text)
    incoterm, port = _delivery(term) if term else ("", "")
    courier = _COURIER.search(text)
    return Details(
        products=products_in(sentence, products) or products_in(text, products),
        quantity=quantity(sentence) or quantity(text),
        price=money(sentence),
        is_unit_price=is_unit_price(sentence),
        incoterm=incoterm,
        port=port,
        on=_day(sentence, written),
        courier_account=courier[2] if courier else "",
        order_number=_order_number(sentence) or _order_number(text),
    )


def products_in(text: str, products: Sequence[str]) -> tuple[str, ...]:
    """Those of the names `products` that stand in `text`, whatever their case and accents."""
    low = plain(text)
    return tuple(name for name in products if re.search(rf"(?<!\w){re.escape(plain(name))}(?:e?s)?(?!\w)", low))


def _delivery(term: re.Match[str]) -> tuple[str, str]:
    incoterm = {"C&F": "CFR", "CNF": "CFR"}.get(term[1], term[1])
    port = (term[2] or "").rstrip(".,'’-")
    words = port.split()
    while words and words[-1].lower() in _NOT_A_PORT:
        words.pop()
    return incoterm, "" if words and words[0].lower() in _NOT_A_PORT else " ".join(words)


def _order_number(text: str) -> str:
    for match in _ORDER_NUMBER.finditer(text):
        if not _UNIT_AHEAD.match(text, match.end()):
            return match[1].rstrip("-/")
    return ""


def _day(text: str, written: date | None) -> date | None:
    if match := _ISO.search(text):
        return _date(int(match[1]), int(match[2]), int(match[3]))
    for match in _DAY_FIRST.finditer(text):
        year = match[3] or (str(written.year) if written else "")
        if year and (day := _date(int(year) + (2000 if len(year) == 2 else 0), int(match[2]), int(match[1]))):
            return _ahead(day, written) if not match[3] else day
    for pattern, day_at, month_at in ((_DAY_MONTH, 1, 2), (_MONTH_DAY, 2, 1)):
        for match in pattern.finditer(text):
            month = MONTH.get(folded(match[month_at]))
            year = match[3] or (str(written.year) if written else "")
            if month and year and (day := _date(int(year), month, int(match[day_at]))):
                return _ahead(day, written) if not match[3] else day
    match = _CJK_DAY.search(text)
    if match and written and (day := _date(written.year, int(match[1]), int(match[2]))):
        return _ahead(day, written)
    return None


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _ahead(day: date, written: date | None) -> date:
    """A date without year that would lie far back is next year's."""
    if written and day < written - timedelta(days=60):
        return _date(day.year + 1, day.month, day.day) or day
    return day
