"""What a template may speak of: every variable with its meaning, which is also what the manual and the checker know.

Values are plain facts about one customer at one instant. Nothing here reads the database; what isn't known is None or "", and a
template that speaks of it all the same becomes a problem (`inboxcrm.followup.rendering`), never a gap in a mail.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from decimal import Decimal
from typing import Any, get_type_hints

from inboxcrm.i18n import mark

LANGUAGES = ("en", "zh", "es", "fr", "de", "pt", "ru", "ar", "it")
"""The languages of the shipped templates."""


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in a currency (ISO 4217)."""

    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class Quantity:
    """So many of a unit; "" for pieces of whatever it is."""

    number: Decimal
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Company:
    """The customer's company."""

    name: str = ""
    local_name: str = ""
    country: str = ""
    """ISO 3166-1 alpha-2; a template sees the country's name in its language."""
    products: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Person:
    """A contact."""

    name: str = ""
    first_name: str = ""
    last_name: str = ""
    title: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class Me:
    """The salesperson, as the account names them."""

    name: str = ""
    first_name: str = ""
    last_name: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail of before."""

    subject: str = ""
    date: date | None = None
    days: int | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """An inquiry, quote, sample or order. A date for each stage that it has been through."""

    product: str = ""
    products: tuple[str, ...] = ()
    quantity: Quantity | None = None
    amount: Money | None = None
    number: str = ""
    incoterm: str = ""
    port: str = ""
    due: date | None = None
    opened: date | None = None
    answered: date | None = None
    sent: date | None = None
    negotiated: date | None = None
    requested: date | None = None
    received: date | None = None
    judged: date | None = None
    placed: date | None = None
    confirmed: date | None = None
    paid: date | None = None
    shipped: date | None = None
    done: date | None = None
    days: int | None = None


@dataclass(frozen=True, slots=True)
class Fair:
    """The fair where we met."""

    name: str = ""
    date: date | None = None


@dataclass(frozen=True, slots=True)
class Variables:
    """All that one mail may speak of."""

    today: date
    salutation: str
    closing: str
    customer: Company = Company()
    contact: Person = Person()
    me: Me = Me()
    product: str = ""
    their_mail: Letter | None = None
    our_mail: Letter | None = None
    inquiry: Record | None = None
    quote: Record | None = None
    sample: Record | None = None
    order: Record | None = None
    fair: Fair | None = None
    holiday_wish: str = ""
    step: int = 1
    goal: str = ""


MEANINGS: dict[str, str] = {
    "today": mark("The day on which the draft is written."),
    "salutation": mark('The first line, by language, name and sex: "Sehr geehrte Frau Schmidt,".'),
    "closing": mark('The last line above the signature: "Best regards".'),
    "customer.name": mark("The company's name."),
    "customer.local_name": mark("The name in Chinese or the customer's own script."),
    "customer.country": mark("The country's name in the language of the mail."),
    "customer.products": mark("The products that the customer wants, as a list in words."),
    "contact.name": mark("The person's name as it stands in the file."),
    "contact.first_name": mark("The given name."),
    "contact.last_name": mark("The family name."),
    "contact.title": mark("The person's position."),
    "contact.address": mark("The person's mail address."),
    "me.name": mark("Your name, from the account."),
    "me.first_name": mark("Your given name."),
    "me.last_name": mark("Your family name."),
    "me.address": mark("The address that the mail goes from."),
    "product": mark("What it is about: the product of the record in question, else what the customer wants."),
    "their_mail.subject": mark("The subject of the customer's last mail."),
    "their_mail.date": mark("The day of the customer's last mail."),
    "their_mail.days": mark("How many days ago that was."),
    "our_mail.subject": mark("The subject of our last mail."),
    "our_mail.date": mark("The day of our last mail."),
    "our_mail.days": mark("How many days ago that was."),
    "fair.name": mark("The fair where we met, from the file's source."),
    "fair.date": mark("The day on which we met there."),
    "holiday_wish": mark(
        "A wish for the holiday of the customer's country that is near; seldom there, so ask with {% if %}."
    ),
    "step": mark("Which step of the cadence this is, counted from 1."),
    "goal": mark("What the step is for, from config/cadence.toml."),
}
"""Variable → its meaning; the records follow, they are alike."""

_RECORDS = {
    "inquiry": mark("the last inquiry"),
    "quote": mark("the last quote"),
    "sample": mark("the last sample"),
    "order": mark("the last order"),
}
_RECORD_MEANINGS: dict[str, str] = {
    "product": mark("its products in words"),
    "products": mark("its products as a list in words"),
    "quantity": mark("how much, with its unit"),
    "amount": mark("what it comes to, with its currency"),
    "number": mark("its number"),
    "incoterm": mark("the Incoterm"),
    "port": mark("the port"),
    "due": mark("the day for which it is promised"),
    "days": mark("how many days ago its last step was"),
}


def names() -> dict[str, type[Any] | None]:
    """Every variable that may be written, dotted → None; and every group (customer, quote …) → its class."""
    found: dict[str, type[Any] | None] = {}
    for name, hint in get_type_hints(Variables).items():
        group = _group(hint)
        found[name] = group
        if group is not None:
            found |= {f"{name}.{one.name}": None for one in fields(group)}
    return found


def meanings() -> dict[str, str]:
    """Every variable → its meaning in English, for `_`; the dates of the records' stages are summed up as "quote.sent" …"""
    found = dict(MEANINGS)
    for record, words in _RECORDS.items():
        for field in fields(Record):
            what = _RECORD_MEANINGS.get(field.name, f"the day on which it was {field.name}")
            found[f"{record}.{field.name}"] = f"{words}: {what}"
    return found


def _group(hint: Any) -> type[Any] | None:
    for one in (hint, *getattr(hint, "__args__", ())):
        if isinstance(one, type) and is_dataclass(one) and one not in (Money, Quantity):
            return one
    return None
