"""Who and what the demo is about: the factory, its catalogue and its customers, read from `demo/content`.

Everybody is invented and every domain is a reserved one, so that nothing here can ever reach a real person.
"""

from __future__ import annotations

import random
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any


def content(name: str) -> dict[str, Any]:
    """The parsed file `name` of the demo's content, for instance "stories/en.toml"."""
    return tomllib.loads((files("inboxcrm.demo") / "content" / name).read_text(encoding="utf-8"))


def dice(*names: object) -> random.Random:
    """A source of chance that is the same for the same names, whatever else was drawn before."""
    return random.Random(":".join(map(str, names)))  # noqa: S311  it chooses words, it protects nothing


@dataclass(frozen=True, slots=True)
class Product:
    """One article: `price` in US dollars a piece, `names` by language as plural nouns without article."""

    code: str
    price: Decimal
    moq: int
    carton: int
    grams: int
    names: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who writes. `sex` is "m" or "f". Who is not `known` does not stand in the customer file."""

    name: str
    sex: str
    title: str
    address: str
    phone: str
    known: bool = True

    @property
    def domain(self) -> str:
        """The part of the address after the @."""
        return self.address.rpartition("@")[2]


@dataclass(frozen=True, slots=True)
class Company:
    """A customer, or somebody who may become one. `name` is how they write themselves, `english` how the customer file calls
    them, `local_name` their Chinese name. `later`: writes for the first time only while the demo runs.
    """

    key: str
    name: str
    english: str
    local_name: str
    country: str
    city: str
    port: str
    zone: str
    domain: str
    language: str
    status: str
    grade: str
    source: str
    industry: str
    products: tuple[str, ...]
    plan: tuple[str, ...]
    mail_program: str
    people: tuple[Person, ...]
    unknown: Person | None
    listed: bool
    later: bool


@dataclass(frozen=True, slots=True)
class Seller:
    """The factory and the salesperson whose mailbox it is."""

    company: str
    local_company: str
    domain: str
    address: str
    zone: str
    loading_port: str
    person: Person
    local_name: str
    aliases: tuple[str, ...]
    colleagues: Mapping[str, Person]


@dataclass(frozen=True, slots=True)
class Cast:
    """All of them."""

    seller: Seller
    products: Mapping[str, Product]
    companies: tuple[Company, ...]

    def company(self, key: str) -> Company:
        """The company with this key of customers.toml. Raises KeyError when there is none."""
        for one in self.companies:
            if one.key == key:
                return one
        raise KeyError(key)


@cache
def cast() -> Cast:
    """The cast of the demo, read once."""
    catalogue = content("catalogue.toml")
    return Cast(
        _seller(catalogue),
        {code: _product(code, entry) for code, entry in catalogue["products"].items()},
        (
            *(_company(key, entry) for key, entry in content("customers.toml").items()),
            *(_company(key, entry, later=True) for key, entry in content("newcomers.toml").items()),
        ),
    )


def _seller(catalogue: dict[str, Any]) -> Seller:
    house, person = catalogue["seller"], catalogue["person"]
    return Seller(
        company=house["company"],
        local_company=house["local_company"],
        domain=house["domain"],
        address=house["address"],
        zone=house["time_zone"],
        loading_port=house["loading_port"],
        person=Person(person["name"], "f", person["title"], person["address"], person["phone"]),
        local_name=person["local_name"],
        aliases=tuple(person["aliases"]),
        colleagues={
            key: Person(name, "", title, address, "") for key, (name, address, title) in catalogue["colleagues"].items()
        },
    )


def _product(code: str, entry: dict[str, Any]) -> Product:
    names = {key: value for key, value in entry.items() if key not in {"price", "moq", "carton", "grams"}}
    return Product(code, Decimal(entry["price"]), entry["moq"], entry["carton"], entry["grams"], names)


def _company(key: str, entry: dict[str, Any], *, later: bool = False) -> Company:
    domain = entry["domain"]
    country, city, port, zone = entry["place"]
    status, grade, source, industry = entry["file"]
    unknown = None
    if "unknown" in entry:
        name, sex, title, local = entry["unknown"]
        unknown = Person(name, sex, title, _address(local, domain), "", known=False)
    return Company(
        key=key,
        name=entry["name"],
        english=entry.get("english", entry["name"]),
        local_name=entry["local_name"],
        country=country,
        city=city,
        port=port,
        zone=zone,
        domain=domain,
        language=entry["language"],
        status=status,
        grade=grade,
        source=source,
        industry=industry,
        products=tuple(entry["products"]),
        plan=tuple(entry["plan"]),
        mail_program=entry["mail_program"],
        people=tuple(
            Person(name, sex, title, _address(local, domain), phone)
            for name, sex, title, local, phone in entry["people"]
        ),
        unknown=unknown,
        listed=entry.get("listed", not later),
        later=later,
    )


def _address(local: str, domain: str) -> str:
    return local if "@" in local else f"{local}@{domain}"
