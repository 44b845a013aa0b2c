"""Invented customers with whom every text is tried out: one of whom all is known, and one of whom nothing is. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from inboxcrm.followup import filters
from inboxcrm.followup.salutation import closing, salutation
from inboxcrm.followup.variables import Company, Fair, Letter, Me, Money, Person, Quantity, Record, Variables
from inboxcrm.model import Stage

_TODAY = date(2026, 6, 1)
_PRODUCTS = ("ball valves DN25", "gate valves")

# language → name, sex, company, country.
_PEOPLE = {
    "en": ("Jane Miller", "female", "Northgate Supplies Ltd", "GB"),
    "zh": ("王强", "male", "宏达机电有限公司", "CN"),
    "es": ("Carlos García López", "male", "Andina Válvulas", "MX"),
    "fr": ("Camille Dupont", "", "Fluides du Sud", "FR"),
    "de": ("Dr. Anna Schmidt", "female", "Nordlicht GmbH", "DE"),
    "pt": ("João da Silva", "male", "Válvulas do Sul", "BR"),
    "ru": ("Иван Петрович Сидоров", "", "ТехноСнаб", "RU"),
    "ar": ("فاطمة حسن", "female", "شركة الخليج للصمامات", "AE"),
    "it": ("Marco Rossi", "male", "Idraulica Rossi", "IT"),
}


def known(language: str) -> Variables:
    """Somebody of whom all is known, as of 1 June 2026."""
    name, sex, company, country = _PEOPLE.get(language, _PEOPLE["en"])
    first, last = name.split()[0], name.split()[-1]
    goods = filters.listed(_PRODUCTS, language)

    def record(**fields: object) -> Record:
        values: dict[str, object] = {
            one.value: date(2026, 5, 28) for one in Stage if one not in (Stage.OPEN, Stage.CLOSED)
        }
        values |= {
            "product": goods,
            "products": _PRODUCTS,
            "quantity": Quantity(Decimal(500), "pcs"),
            "amount": Money(Decimal(12500), "USD"),
            "number": "PO-2291",
            "incoterm": "FOB",
            "port": "Ningbo",
            "due": date(2026, 6, 20),
            "opened": date(2026, 5, 4),
            "days": 12,
        }
        return Record(**(values | fields))  # type: ignore[arg-type]  # each has the type that its field has

    return Variables(
        today=_TODAY,
        salutation=salutation(name, sex, language, company=company),
        closing=closing(language),
        customer=Company(company, company, country, _PRODUCTS),
        contact=Person(name, first, last, "Purchasing Manager", "buyer@customer.example"),
        me=Me("Lina Chen", "Lina", "Chen", "lina@brightvalve.example"),
        product=goods,
        their_mail=Letter("Valves", date(2026, 5, 18), 14),
        our_mail=Letter("Re: Valves", date(2026, 5, 20), 12),
        inquiry=record(answered=date(2026, 5, 5)),
        quote=record(sent=date(2026, 5, 8)),
        sample=record(quantity=Quantity(Decimal(2), "pcs"), sent=date(2026, 5, 20)),
        order=record(placed=date(2026, 5, 12), shipped=date(2026, 5, 30)),
        fair=Fair("Canton Fair", date(2026, 4, 16)),
        holiday_wish="…",
        goal="an answer",
    )


def unknown(language: str) -> Variables:
    """Somebody of whom nothing is known, not even a name: what a text says then is the least that it says."""
    return Variables(
        today=_TODAY, salutation=salutation("", "", language), closing=closing(language), me=known(language).me
    )


def early(language: str) -> Variables:
    """The same one, before the sample arrived and the order was shipped."""
    later = known(language)
    return replace(
        later,
        sample=replace(later.sample, received=None, judged=None) if later.sample else None,
        order=replace(later.order, shipped=None, done=None) if later.order else None,
    )


def samples(language: str) -> dict[str, Variables]:
    """All of them, by name."""
    return {"known": known(language), "early": early(language), "unknown": unknown(language)}
