"""Fills the blanks of a written text: what a conversation is about, in the words, numbers and dates of its language.

`[[a||b]]` stands for one of several wordings. The slots are those of `Deal.words`, and the dated ones: `{date+7}` a date
seven days after the mail, `{day+3}` the weekday of a working day about then, `{month+30}` a month, `{week+14}` a calendar week.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from babel import Locale
from babel.dates import format_date, format_skeleton
from babel.numbers import format_decimal

from inboxcrm.demo.cast import Company, Product

_CHOICE = re.compile(r"\[\[(.+?)\]\]", re.DOTALL)
_SLOT = re.compile(r"\{([a-z]+[0-9]?)(?:([+-])(\d+))?\}")

_DATED = {"date", "day", "month", "week"}
_COMMA_LANGUAGES = {"es", "fr", "de", "pt", "ru", "it", "tr", "pl"}
"""Languages that write 1,68 USD; the others USD 1.68."""
_SHIPS = ("Ocean Lark", "Jade Heron", "Northern Plover", "Coral Tern", "Silver Egret", "Amber Gull")


@dataclass(frozen=True, slots=True)
class Deal:
    """What a conversation is about. Prices in US dollars a piece; quantities in pieces."""

    company: Company
    first: Product
    second: Product
    quantity: int
    second_quantity: int
    number: int
    pieces: int
    vessel: str
    both: bool

    @property
    def price(self) -> Decimal:
        """What we ask at first."""
        return self.first.price

    @property
    def agreed(self) -> Decimal:
        """What we come down to."""
        return _cents(self.first.price * Decimal("0.94"))

    @property
    def amount(self) -> Decimal:
        """The value of the order."""
        second = self.second.price * self.second_quantity if self.both else Decimal(0)
        return _cents(self.agreed * self.quantity + second)

    def words(self, language: str) -> dict[str, str]:
        """Every slot that does not depend on the day, by its name."""
        deposit = _cents(self.amount * Decimal("0.3"))
        return {
            "p": self.first.names[language],
            "p2": self.second.names[language],
            "code": self.first.code,
            "code2": self.second.code,
            "qty": number(self.quantity, language),
            "qty2": number(self.second_quantity, language),
            "stock": number(self.quantity * 3 // 500 * 100 or 100, language),
            "price": money(self.price, language),
            "price2": money(self.second.price, language),
            "target": money(_cents(self.price * Decimal("0.87")), language),
            "deal": money(self.agreed, language),
            "landed": money(_cents(self.price * Decimal("1.12")), language),
            "amount": money(self.amount, language),
            "deposit": money(deposit, language),
            "balance": money(self.amount - deposit, language),
            "weight": number(self.first.grams, language),
            "heavier": number(self.first.grams * 9 // 80 * 10, language),
            "port": self.company.port,
            "city": self.company.city,
            "company": self.company.name,
            "country": country_name(self.company.country, language),
            "who": self.company.people[0].name,
            "n": str(self.pieces),
            "num": str(self.number),
            "pi": f"LT{self.number}",
            "po": f"PO-{self.number // 7 + 10000}",
            "awb": f"KX{self.number * 73 % 10**8:08d}",
            "bl": f"LTVU{self.number * 31 % 10**7:07d}",
            "vessel": f"{self.vessel} {self.number % 90 + 10}W",
        }


def new_deal(company: Company, first: Product, second: Product, chance: random.Random, *, both: bool) -> Deal:
    """A deal of believable size for this company: many start with the minimum."""
    step = chance.choice((1, 1, 1.5, 2, 2.5, 3, 5))
    second_quantity = second.moq * chance.choice((1, 1, 2, 3)) if both else int(first.moq * step) * 4
    return Deal(
        company,
        first,
        second,
        int(first.moq * step),
        second_quantity,
        chance.randrange(20_000, 99_000),
        chance.choice((3, 4)),
        chance.choice(_SHIPS),
        both,
    )


def number(value: int, language: str) -> str:
    """A whole number with the language's separators (Arabic business mail uses 1,000 like English)."""
    return format_decimal(value, locale="en" if language == "ar" else language)


def money(value: Decimal, language: str) -> str:
    """An amount in US dollars as the language writes it."""
    if language in _COMMA_LANGUAGES:
        return f"{format_decimal(value, format='#,##0.00', locale=language)} USD"
    return f"USD {value:,.2f}"


def country_name(code: str, language: str) -> str:
    """The name of a country in a language."""
    return str(Locale(language).territories.get(code, code))


def date_words(day: datetime, language: str) -> str:
    """A day and month as one writes it in a sentence: "12 May"."""
    if language == "en":
        return f"{day.day} {format_date(day, 'MMMM', locale='en')}"
    return format_skeleton("MMMMd", day, locale=language)


def fill(text: str, deal: Deal, language: str, at: datetime, chance: random.Random) -> str:
    """`text` with one wording of each choice and every slot filled, for a mail written at `at` (the writer's local time).

    Raises KeyError for a slot that there is not.
    """
    text = _CHOICE.sub(lambda match: chance.choice(match[1].split("||")), text)
    words = deal.words(language)

    def slot(match: re.Match[str]) -> str:
        name, sign, days = match[1], match[2], match[3]
        if name not in _DATED:
            return words[name]
        day = at + timedelta(days=int(days) * (-1 if sign == "-" else 1))
        return _dated(name, day, language)

    return _SLOT.sub(slot, text)


def _dated(name: str, day: datetime, language: str) -> str:
    if name == "date":
        return date_words(day, language)
    if name == "month":
        return format_date(day, "LLLL", locale=language)
    if name == "week":
        return str(day.isocalendar().week)
    while day.weekday() >= 5:
        day += timedelta(days=1)
    return format_date(day, "EEEE", locale=language)


def _cents(value: Decimal) -> Decimal:
    return value.quantize(Decimal("0.01"))
