"""Every text that people read is translated, and the language belongs to the context, not to the process."""

from __future__ import annotations

import re
import threading
from string import Formatter

import pytest
from babel.messages.catalog import Catalog, Message

from inboxcrm import i18n
from tests import messages

LANGUAGES = sorted(folder.name for folder in messages.LOCALES.iterdir())


def _texts(catalogue: Catalog) -> dict[tuple[str, ...], Message]:
    return {(one.context or "", *_forms(one.id)): one for one in catalogue if one.id}


def _forms(text: str | tuple[str, ...] | list[str] | None) -> tuple[str, ...]:
    return (text or "",) if text is None or isinstance(text, str) else tuple(text)


def _placeholders(text: str) -> set[str]:
    braces = {name for _literal, name, _spec, _conversion in Formatter().parse(text) if name is not None}
    return braces | set(re.findall(r"%\((\w+)\)", text))


@pytest.fixture(scope="module")
def in_use() -> dict[tuple[str, ...], Message]:
    return _texts(messages.collected())


def test_every_language_but_english_has_a_catalogue() -> None:
    assert set(LANGUAGES) == set(i18n.LANGUAGES) - {"en"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_in_use_stands_in_the_catalogue(language: str, in_use: dict[tuple[str, ...], Message]) -> None:
    assert not in_use.keys() - _texts(messages.translated(language)).keys(), "run `make messages` and translate"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_catalogue_keeps_no_text_that_is_not_in_use(language: str, in_use: dict[tuple[str, ...], Message]) -> None:
    catalogue = messages.translated(language)
    assert not _texts(catalogue).keys() - in_use.keys(), "run `make messages`"
    assert not catalogue.obsolete


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_translated_and_none_is_a_guess(language: str) -> None:
    catalogue = _texts(messages.translated(language))
    assert not [text for text, message in catalogue.items() if message.fuzzy or not all(_forms(message.string))]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_has_the_placeholders_of_its_text(language: str) -> None:
    for text, message in _texts(messages.translated(language)).items():
        expected = _placeholders(text[-1])
        for form in _forms(message.string):
            assert not form or _placeholders(form) == expected, form


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_begins_and_ends_like_its_text(language: str) -> None:
    """White space around a text joins it to what stands beside it."""
    for text, message in _texts(messages.translated(language)).items():
        for form in _forms(message.string):
            if form:
                assert (form[:1].isspace(), form[-1:].isspace()) == (text[-1][:1].isspace(), text[-1][-1:].isspace()), (
                    form
                )


@pytest.mark.parametrize(
    ("asked", "spoken"),
    [("zh", "zh"), ("zh-CN", "zh"), ("zh_CN.UTF-8", "zh"), ("ZH", "zh"), ("fr", "en"), ("C.UTF-8", "en"), ("", "en")],
)
def test_the_nearest_language_is_chosen(asked: str, spoken: str) -> None:
    assert i18n.choose(asked) == spoken


def test_the_shell_language_is_found_in_the_order_of_posix(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANG", "en_US.UTF-8")
    assert i18n.from_environment() == "en"
    monkeypatch.setenv("LC_MESSAGES", "zh_CN.UTF-8")
    assert i18n.from_environment() == "zh"
    monkeypatch.setenv("LC_ALL", "C")
    assert i18n.from_environment() == "en"


def test_the_language_ends_with_its_block() -> None:
    with i18n.speaking("zh"):
        assert i18n.language() == "zh"
    assert i18n.language() == "en"


def test_things_in_a_row_are_parted_as_the_reader_parts_them() -> None:
    assert i18n.listed(["a", "b", "c"]) == "a, b, c"
    with i18n.speaking("zh"):
        assert i18n.listed(["每小时最多 60 封", "每天最多 300 封"]) == "每小时最多 60 封、每天最多 300 封"
    assert (i18n.listed([]), i18n.listed(["a"])) == ("", "a")


def test_two_threads_speak_two_languages() -> None:
    heard: list[str] = []
    with i18n.speaking("zh"):
        other = threading.Thread(target=lambda: heard.append(i18n.language()))
        other.start()
        other.join()
        heard.append(i18n.language())
    assert heard == ["en", "zh"]
