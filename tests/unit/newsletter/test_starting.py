"""What an issue begins with, and what the form of its products says."""

from __future__ import annotations

from pathlib import Path

import pytest

from inboxcrm.followup.variables import LANGUAGES
from inboxcrm.newsletter import series_texts
from inboxcrm.newsletter.series_texts import SeriesTextError
from inboxcrm.newsletter.starting import EMPTY, begin
from inboxcrm.web.pages.newsletter_look import products_of, written
from tests.newsletters import LINA, NOW, press_in


def test_without_a_template_each_language_begins_with_an_empty_letter(tmp_path: Path) -> None:
    beginning = begin(press_in(tmp_path), LINA, "", ["en", "de"], NOW)
    assert beginning.texts == {"en": ([], EMPTY), "de": ([], EMPTY)}
    assert beginning.products == []


@pytest.mark.parametrize("template", ["fairs", "holidays"])
def test_a_template_that_has_nothing_to_tell_says_so(tmp_path: Path, template: str) -> None:
    with pytest.raises(SeriesTextError, match="nothing to tell"):
        begin(press_in(tmp_path), LINA, template, ["en"], NOW)


@pytest.mark.parametrize("template", ["new_products", "news"])
def test_a_template_is_filled_in_in_every_language_though_nothing_is_new(tmp_path: Path, template: str) -> None:
    press = press_in(tmp_path)
    assert template in series_texts.templates(tmp_path)
    beginning = begin(press, LINA, template, LANGUAGES, NOW)
    for subjects, body in beginning.texts.values():
        assert subjects
        assert "[[" not in body
        assert "{{ salutation }}" in body


def test_new_products_of_the_list_come_along(tmp_path: Path) -> None:
    press = press_in(tmp_path)
    listed = "name,text,picture,link,new_since\nBall valve,316L,valve.png,https://brightvalve.example,2026-05-20\nOld,,,,2020-01-01\n"
    (tmp_path / "newsletter" / "products.csv").write_text(listed)
    beginning = begin(press, LINA, "new_products", ["en"], NOW)
    assert [written(one["name"], "en") for one in beginning.products] == ["Ball valve"]


def test_a_language_that_a_template_is_not_there_in_begins_empty(tmp_path: Path) -> None:
    assert begin(press_in(tmp_path), LINA, "news", ["ja"], NOW).texts == {"ja": ([], EMPTY)}


def test_products_of_a_form_are_kept_by_language_where_they_differ() -> None:
    form = {
        "p0-name-en": "Ball  valve", "p0-name-de": "Kugelhahn", "p0-text-en": "316L", "p0-text-de": "316L",
        "p0-picture": "valve.png", "p0-link": " https://a.example ",
        "p1-name-en": "", "p1-name-de": "", "p1-link": "https://b.example",
    }  # fmt: skip
    assert products_of(form, ["en", "de"]) == [
        {
            "name": {"en": "Ball valve", "de": "Kugelhahn"},
            "text": "316L",
            "picture": "valve.png",
            "link": "https://a.example",
        }
    ]


def test_what_a_product_says_in_a_language_that_the_form_does_not_show_stays() -> None:
    before = [{"name": {"en": "Valve", "fr": "Vanne"}, "text": "", "picture": "", "link": ""}]
    form = {"p0-was": "0", "p0-name-en": "Ball valve", "p0-text-en": "", "p0-link": ""}
    assert products_of(form, ["en"], before)[0]["name"] == {"en": "Ball valve", "fr": "Vanne"}
    assert products_of({**form, "p0-was": "7"}, ["en"], before)[0]["name"] == "Ball valve"
