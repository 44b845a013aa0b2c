"""Dates, amounts and quantities stand as traders of the language write them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from inboxcrm.followup import filters, greetings, languages
from inboxcrm.followup.variables import LANGUAGES, Money, Quantity

TODAY = date(2026, 6, 1)


@pytest.mark.parametrize(
    ("language", "near", "far"),
    [
        ("en", "5 May", "5 May 2024"),
        ("zh", "5月5日", "2024年5月5日"),
        ("es", "5 de mayo", "5 de mayo de 2024"),
        ("fr", "5 mai", "5 mai 2024"),
        ("de", "5. Mai", "5. Mai 2024"),
        ("pt", "5 de maio", "5 de maio de 2024"),
        ("ru", "5 мая", "5 мая 2024 года"),
        ("ar", "5 مايو", "5 مايو 2024"),
        ("it", "5 maggio", "5 maggio 2024"),
    ],
)
def test_a_day_has_its_year_only_where_it_must(language: str, near: str, far: str) -> None:
    assert filters.day(date(2026, 5, 5), language, TODAY) == near
    assert filters.day(date(2024, 5, 5), language, TODAY) == far


def test_a_day_of_last_december_needs_no_year_in_january() -> None:
    assert filters.day(date(2025, 12, 20), "en", date(2026, 1, 8)) == "20 December"


def test_the_first_of_a_month_is_the_first() -> None:
    assert filters.day(date(2026, 5, 1), "fr", TODAY) == "1er mai"


def test_amounts_have_decimals_only_where_there_are_some() -> None:
    assert filters.money(Money(Decimal("12500.0000"), "USD"), "en") == "USD 12,500"
    assert filters.money(Money(Decimal("3.5"), "EUR"), "de") == "3,50 EUR"
    assert filters.money(Money(Decimal("0.0425"), "USD"), "en") == "USD 0.0425"


def test_usual_units_are_written_in_the_language() -> None:
    assert filters.quantity(Quantity(Decimal("500.000"), "pcs"), "de") == "500 Stück"
    assert filters.quantity(Quantity(Decimal(500), "Pcs."), "zh") == "500件"
    assert filters.quantity(Quantity(Decimal(1), "set"), "es") == "1 juego"
    assert filters.quantity(Quantity(Decimal("2.5"), "t"), "fr") == "2,5 t"
    assert filters.quantity(Quantity(Decimal(12000), "bottles"), "en") == "12,000 bottles"


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("SCHMIDT, ANNA", "Anna Schmidt"),
        ("anna schmidt", "Anna Schmidt"),
        ("John McDonald", "John McDonald"),
        ('"Anna  Schmidt" (Nordlicht)', "Anna Schmidt"),
        ("MARIA DA SILVA", "Maria Da Silva"),
    ],
)
def test_names_are_written_as_in_a_letter(written: str, name: str) -> None:
    assert filters.name(written) == name


def test_at_most_three_products_are_told() -> None:
    assert filters.listed(["a", "b", "c", "d"], "en") == "a, b and c"
    assert filters.listed(["a", "b"], "de") == "a und b"
    assert filters.listed([], "en") == ""


@pytest.mark.parametrize(
    ("country", "day", "words"),
    [
        ("DE", date(2026, 12, 20), "Merry Christmas, and all the best for the new year."),
        ("RU", date(2027, 1, 3), "Happy New Year."),
        ("CN", date(2026, 2, 15), "Happy Chinese New Year."),
        ("SA", date(2026, 3, 20), "Eid Mubarak to you and your family."),
        ("IN", date(2026, 11, 8), "Happy Diwali to you and your team."),
        ("SA", date(2026, 12, 24), ""),
        ("DE", date(2026, 3, 20), ""),
        ("DE", date(2026, 6, 1), ""),
        ("", date(2026, 12, 24), ""),
    ],
)
def test_a_feast_is_wished_for_where_it_is_kept(country: str, day: date, words: str) -> None:
    assert greetings.wish(country, "en", day) == words


def test_every_wish_is_there_in_every_language() -> None:
    assert all(set(words) == set(LANGUAGES) for words in greetings.WISHES.values())


@pytest.mark.parametrize(
    ("contact", "mails", "country", "language"),
    [
        ("de", ["en"], "FR", "de"),
        ("", ["es", "en"], "DE", "es"),
        ("", [], "BR", "pt"),
        ("", [], "MA", "fr"),
        ("", [], "JP", "en"),
        ("", ["nl"], "DE", "en"),
        ("zh-TW", [], "", "zh"),
        ("", [], "", "en"),
    ],
)
def test_the_language_is_the_contacts_then_the_mails_then_the_countrys(
    contact: str, mails: list[str], country: str, language: str
) -> None:
    assert languages.choose(contact, mails, country, LANGUAGES) == language
