"""The model that is loaded for our languages alone answers as the library's own does when it is restricted to them."""

from __future__ import annotations

import pytest
from py3langid.langid import MODEL_FILE, LanguageIdentifier  # type: ignore[import-untyped]  # no py.typed

from inboxcrm.reading.language_model import load

LANGUAGES = ("en", "de", "fr", "es", "it", "pt", "tr", "ru", "uk", "ar")


@pytest.fixture(scope="module")
def models() -> tuple[LanguageIdentifier, LanguageIdentifier]:
    theirs = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    theirs.set_languages(LANGUAGES)
    return load(LANGUAGES), theirs


@pytest.mark.parametrize(
    "text",
    [
        "please send us your best price for ball valves",
        "bitte senden sie uns ihr angebot für kugelhähne",
        "merci de nous envoyer votre meilleure offre",
        "gracias por enviarnos su cotización",
        "пожалуйста, пришлите ваше предложение",
        "نحتاج عرض سعر",
        "12345",
        "",
    ],
)
def test_it_answers_as_the_library_does(text: str, models: tuple[LanguageIdentifier, LanguageIdentifier]) -> None:
    ours, theirs = models
    assert ours.classify(text) == theirs.classify(text)
