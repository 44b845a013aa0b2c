"""The first line of a mail fits language, name and sex; what is nobody's name is not addressed as one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inboxcrm.followup.salutation import as_before, closing, parted, salutation
from inboxcrm.followup.variables import LANGUAGES


@pytest.mark.parametrize(
    ("name", "sex", "language", "line"),
    [
        ("Anna Schmidt", "female", "de", "Sehr geehrte Frau Schmidt,"),
        ("Peter Schmidt", "male", "de", "Sehr geehrter Herr Schmidt,"),
        ("Dr. Klaus von Berg", "male", "de", "Sehr geehrter Herr Dr. von Berg,"),
        ("Kim Schmidt", "", "de", "Guten Tag Kim Schmidt,"),
        ("anna", "female", "de", "Guten Tag Anna,"),
        ("SCHMIDT, ANNA", "", "de", "Guten Tag Anna Schmidt,"),
        ("John McDonald", "male", "en", "Dear Mr McDonald,"),
        ("Mr. John Miller", "male", "en", "Dear Mr Miller,"),
        ("Dr Jane Miller", "female", "en", "Dear Dr. Miller,"),
        ("Alex Miller", "", "en", "Dear Alex Miller,"),
        ("Li Na", "female", "en", "Dear Ms Li,"),
        ("Juan García López", "male", "es", "Estimado Sr. García López:"),
        ("Ana Ruiz", "female", "es", "Estimada Sra. Ruiz:"),
        ("Alex Ruiz", "", "es", "Buenos días, Alex Ruiz:"),
        ("Camille Dupont", "", "fr", "Bonjour Camille Dupont,"),
        ("jean-luc MARTIN", "male", "fr", "Bonjour Monsieur Martin,"),
        ("Maria da Silva", "female", "pt", "Prezada Sra. da Silva,"),
        ("Marco Rossi", "male", "it", "Gentile Sig. Rossi,"),
        ("Andrea Rossi", "", "it", "Gentile Andrea Rossi,"),
        ("Иван Петрович Сидоров", "", "ru", "Уважаемый Иван Петрович!"),
        ("Сидорова Анна Сергеевна", "", "ru", "Уважаемая Анна Сергеевна!"),
        ("Анна Петрова", "female", "ru", "Уважаемая Анна!"),
        ("Саша", "", "ru", "Здравствуйте, Саша!"),
        ("أحمد علي", "male", "ar", "الأستاذ أحمد المحترم،"),
        ("فاطمة حسن", "female", "ar", "الأستاذة فاطمة المحترمة،"),
        ("نور حسن", "", "ar", "تحية طيبة نور حسن،"),
        ("张伟", "male", "zh", "张先生，您好："),
        ("欧阳娜", "female", "zh", "欧阳女士，您好："),
        ("李明", "", "zh", "李明，您好："),
        ("Anna Schmidt", "female", "zh", "Anna Schmidt，您好："),
    ],
)
def test_a_person_is_addressed_as_one_does_in_the_language(name: str, sex: str, language: str, line: str) -> None:
    assert salutation(name, sex, language) == line


def test_a_chinese_position_takes_the_place_of_a_title() -> None:
    assert salutation("王强", "male", "zh", title="采购经理") == "王经理，您好："


@pytest.mark.parametrize("name", ["", "Purchasing Dept", "info@x.de", "Export Team", "采购部", "Nordlicht GmbH"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_no_persons_name_is_not_written(name: str, language: str) -> None:
    assert salutation(name, "", language) == salutation("", "", language)


def test_the_company_itself_is_no_person() -> None:
    assert salutation("Nordlicht", "", "de", company="Nordlicht") == "Guten Tag,"


@pytest.mark.parametrize(
    ("text", "name", "line"),
    [
        ("Hi Anna,\n\nour price.", "Anna Schmidt", "Hi Anna,"),
        ("\nGentile Sig. Rossi,\n\nil prezzo", "Marco Rossi", "Gentile Sig. Rossi,"),
        ("王总，您好：\n\n报价", "王强", "王总，您好："),
        ("أستاذة رنا، تحية طيبة،\n\nالسعر", "رنا عودة", "أستاذة رنا، تحية طيبة،"),
        ("أستاذة رنا، تحية طيبة،\n\nالسعر", "سامر حداد", ""),
        ("Hi Peter,\n\nour price.", "Anna Schmidt", ""),
        ("Anna, please find our price of 5 USD,", "Anna Schmidt", ""),
        ("Our price is below. Anna", "Anna Schmidt", ""),
        ("Hi all,\n\nour price.", "Anna Schmidt", ""),
        ("", "Anna Schmidt", ""),
    ],
)
def test_a_greeting_of_before_is_known_for_one(text: str, name: str, line: str) -> None:
    assert as_before(text, name) == line


@given(st.text(max_size=60), st.sampled_from(["", "male", "female"]), st.sampled_from(LANGUAGES))
def test_any_name_gives_one_line(name: str, sex: str, language: str) -> None:
    line = salutation(name, sex, language)
    assert line
    assert "\n" not in line
    assert "{" not in line or "{" in name


@given(st.text(max_size=60))
def test_no_part_of_a_name_is_invented(name: str) -> None:
    found = parted(name)
    assert len(found.first) + len(found.last) <= 2 * len(found.full)


def test_every_language_has_its_closing() -> None:
    assert len({closing(one) for one in LANGUAGES}) == len(LANGUAGES)
