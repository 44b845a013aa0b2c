"""What is told of links, pictures, subjects and words: what can't go is serious, what only looks wrong is a remark."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inboxcrm.newsletter.linting import PUSHY, of_links, of_pictures, of_subject, of_words, pushy_words
from inboxcrm.newsletter.markup import Link, Picture


@pytest.mark.parametrize(
    "href",
    [
        "https://brightvalve.example/new?a=1&b=2#top",
        "https://bücher.example/",
        "https://news.brightvalve.example:8443/x",
        "mailto:lina@brightvalve.example?subject=DN%2050",
        "tel:+86 574 8765-4321",
    ],
)
def test_good_links_are_not_remarked_on(href: str) -> None:
    assert list(of_links([Link(href, "our page")])) == []


@pytest.mark.parametrize(
    "href",
    [
        "www.brightvalve.example",
        "htps://brightvalve.example",
        "https://",
        "https://brightvalve",
        "https://bright valve.example/",
        "https://brightvalve.example:99999/",
        "https://[::1",
        "javascript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "mailto:lina",
        "mailto:",
        "tel:call me",
        "",
    ],
)
def test_links_that_lead_nowhere_keep_the_issue(href: str) -> None:
    found = list(of_links([Link(href, "our page")]))
    assert [one.kind for one in found if one.serious] == ["link"]
    assert "our page" in found[0].what


@pytest.mark.parametrize(
    ("href", "text"),
    [
        ("https://bit.ly/3xYz", "our page"),
        ("https://www.tinyurl.com/abc", "our page"),
        ("https://192.0.2.7/new", "our page"),
        ("https://paypal.com@evil.example/", "our page"),
        ("https://evil.example/", "www.brightvalve.com"),
        ("https://evil.example/", "https://brightvalve.com/new"),
        ("http://brightvalve.example/", "our page"),
    ],
)
def test_links_that_look_as_if_they_deceived_are_remarked_on_but_may_go(href: str, text: str) -> None:
    found = list(of_links([Link(href, text)]))
    assert found
    assert not any(one.serious for one in found)


def test_a_text_that_names_another_page_of_the_same_house_is_honest() -> None:
    assert list(of_links([Link("https://shop.brightvalve.com/dn50", "www.brightvalve.com")])) == []


def test_a_link_that_stands_twice_is_told_once_and_many_links_are_told() -> None:
    assert len(list(of_links([Link("nowhere", "x")] * 3))) == 1
    many = [Link(f"https://brightvalve.example/{one}", "x") for one in range(40)]
    assert [one.kind for one in of_links(many)] == ["spam"]


@given(st.text(), st.text())
def test_any_link_is_judged_without_a_crash(href: str, text: str) -> None:
    for one in of_links([Link(href, text), Link(f"https://{href}", text)]):
        assert one.what


def test_pictures_need_words_and_company() -> None:
    assert [one.kind for one in of_pictures([Picture("valve.png", "")], words=200)] == ["image"]
    assert [one.kind for one in of_pictures([Picture("valve.png", "A valve")] * 3, words=10)] == ["spam"]
    assert list(of_pictures([Picture("valve.png", "A valve")], words=200)) == []
    assert list(of_pictures([], words=0)) == []


@pytest.mark.parametrize(
    "subject", ["New valves for the season", "DN50 and DN80: shorter lead times", "新产品：DN50 球阀"]
)
def test_plain_subjects_are_not_remarked_on(subject: str) -> None:
    assert list(of_subject(subject, "zh" if "新" in subject else "en")) == []


@pytest.mark.parametrize(
    ("subject", "language"),
    [
        ("GREAT NEWS FOR YOU", "en"),
        ("New valves!!", "en"),
        ("Save $$ now", "en"),
        ("Re: your inquiry", "en"),
        ("AW: Ihre Anfrage", "de"),
        ("回复：报价", "zh"),
        ("A free valve", "en"),
        ("Jetzt kaufen", "de"),
        ("限时优惠", "zh"),
        ("x" * 71, "en"),
    ],
)
def test_subjects_that_filters_or_readers_dislike_are_remarked_on(subject: str, language: str) -> None:
    found = list(of_subject(subject, language))
    assert found
    assert not any(one.serious for one in found)


def test_one_word_in_passing_does_no_harm_several_do() -> None:
    assert list(of_words("Samples are free for you.", "en")) == []
    (remark,) = of_words("Act now: free samples, guaranteed!", "en")
    assert all(word in remark.what for word in ("act now", "free", "guaranteed"))


def test_words_within_words_are_none() -> None:
    assert pushy_words("The cheapest freely available frees.", "en") == []
    assert pushy_words("Oil-free", "en") == ["free"]


@pytest.mark.parametrize(
    ("language", "word"), [(code, one) for code, words in PUSHY.items() for one in words.split("|")]
)
def test_each_word_of_the_lists_is_found_in_its_language_in_any_case(language: str, word: str) -> None:
    assert word.casefold() in pushy_words(f"… {word.upper()} …", language)


def test_a_language_without_a_list_is_read_by_the_english_one() -> None:
    assert pushy_words("act now", "nl") == ["act now"]


@given(st.text(max_size=200), st.sampled_from([*PUSHY, "nl", ""]))
def test_remarks_on_words_and_subjects_never_keep_an_issue(text: str, language: str) -> None:
    assert not any(one.serious for one in [*of_words(text, language), *of_subject(text, language)])


@pytest.mark.parametrize("words", ["www.brightvalve.example", "https://brightvalve.example/new", "brightvalve.com"])
def test_a_link_that_says_another_host_looks_like_fraud_whatever_its_ending(words: str) -> None:
    assert [one.kind for one in of_links([Link("https://elsewhere.example/", words)])] == ["spam"]
    assert (
        list(of_links([Link(words if "://" in words else f"https://shop.{words}/".replace("shop.www", "www"), words)]))
        == []
    )


def test_the_name_of_a_file_is_no_host() -> None:
    assert list(of_links([Link("https://brightvalve.example/c", "catalogue.pdf")])) == []
