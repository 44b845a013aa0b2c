"""The written content of the demo: complete, invented, and free of blanks that nothing fills."""

import re
from datetime import UTC, datetime
from itertools import pairwise

import pytest

from inboxcrm.demo.cast import Company, cast, content, dice
from inboxcrm.demo.papers import paper
from inboxcrm.demo.phrases import phrases
from inboxcrm.demo.programs import PROGRAMS
from inboxcrm.demo.slots import fill, new_deal
from inboxcrm.demo.stories import LANGUAGES, Story, choose, stories

NOW = datetime(2026, 11, 25, 9, tzinfo=UTC)
ALL_STORIES = [story for language in LANGUAGES for story in stories(language)]
RESERVED = (".example", ".test", ".invalid")


def filled(story: Story, text: str, company: Company, language: str) -> str:
    everybody = cast()
    first, second = (everybody.products[code] for code in company.products)
    deal = new_deal(company, first, second, dice("deal", story.key), both=story.two_products)
    return fill(text, deal, language, NOW, dice("words", story.key))


def test_a_mailbox_of_sixty_customers_in_twenty_countries_and_eight_languages():
    companies = [one for one in cast().companies if one.listed]
    assert 55 <= len(companies) <= 65
    assert len({one.country for one in companies}) >= 20
    assert len({one.language for one in companies}) >= 8
    assert all(one.local_name for one in companies)


def test_some_correspondents_are_left_out_of_the_customer_list():
    assert sum(not one.listed and not one.later for one in cast().companies) == 8


def test_there_are_at_least_120_different_mails_in_the_stories():
    assert len({step.text for story in ALL_STORIES for step in story.steps}) >= 120


@pytest.mark.parametrize("story", ALL_STORIES, ids=lambda story: story.key)
def test_every_blank_of_every_story_is_filled(story):
    for company in [one for one in cast().companies if one.language in {story.language, "en"}][::5]:
        for step in story.steps:
            language = step.language or story.language
            for text in (story.subject, step.text, step.subject, *step.inline):
                assert not re.search(r"[{}\[\]]|\|\|", filled(story, text, company, language))


@pytest.mark.parametrize("story", ALL_STORIES, ids=lambda story: story.key)
def test_every_attachment_that_a_story_names_can_be_made(story):
    company = cast().companies[0]
    first, second = (cast().products[code] for code in company.products)
    deal = new_deal(company, first, second, dice(story.key), both=False)
    for step in story.steps:
        if step.attach:
            made = paper(step.attach, deal, ours=step.by == "us", language=story.language)
            assert made.data.startswith((b"%PDF-", b"\x89PNG"))
            assert made.name.endswith((".pdf", ".png"))


def test_every_language_has_its_phrases_and_every_product_its_name():
    for language in LANGUAGES:
        assert phrases(language).lina
        assert all(one.names[language] for one in cast().products.values())


def test_every_customer_has_products_a_mail_program_and_stories_that_exist():
    for company in cast().companies:
        assert len(company.products) == 2
        assert all(code in cast().products for code in company.products)
        assert company.mail_program in PROGRAMS
        assert company.language in LANGUAGES
        told: dict[str, int] = {}
        for kind in company.plan:
            assert choose(company, kind, told).fits(company)


def test_nobody_in_the_demo_can_be_reached():
    text = "\n".join(
        str(content(name)) for name in ("customers.toml", "newcomers.toml", "extras.toml", "catalogue.toml")
    )
    domains = re.findall(r"[\w.+-]+@([\w.-]+\w)", text)
    assert len(domains) > 50
    assert all(domain.endswith(RESERVED) for domain in domains)
    assert all(one.domain.endswith(RESERVED) for one in cast().companies)


def test_a_story_is_told_to_others_only_when_the_others_were_told_too():
    told: dict[str, int] = {}
    company = cast().company("gulfstar")
    keys = [choose(company, "inquiry", told).key for _ in range(5)]
    assert len(set(keys)) == len(keys)


def test_stories_are_told_in_the_order_of_time():
    for story in ALL_STORIES:
        assert all(step.after >= 0 for step in story.steps)
        assert story.steps[0].after == 0
        assert all(one.text != other.text for one, other in pairwise(story.steps))
