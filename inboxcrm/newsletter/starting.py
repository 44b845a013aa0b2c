"""What an issue that somebody writes by hand begins with: an empty letter, or a template of the series with what is new filled in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from inboxcrm.i18n import _
from inboxcrm.model import IssueText
from inboxcrm.newsletter import series_texts
from inboxcrm.newsletter.composing import house_of
from inboxcrm.newsletter.occasions import closures, new_products, next_fairs
from inboxcrm.newsletter.press import Press
from inboxcrm.newsletter.series_texts import Occasions, SeriesTextError

EMPTY = "{{ salutation }}\n\n\n\n{{ closing }}\n"
_NEW = timedelta(days=92)
"""Products that came within so many days are new to who begins an issue."""


@dataclass(frozen=True, slots=True)
class Beginning:
    """`texts`: language → (subjects, body); `products`: as an issue keeps them."""

    texts: dict[str, tuple[list[str], str]] = field(default_factory=dict)
    products: list[dict[str, Any]] = field(default_factory=list)


def untouched(text: IssueText) -> bool:
    """Whether nobody has written anything into a text yet."""
    return not text.subjects and text.body.strip() in ("", EMPTY.strip())


def occasions(press: Press, since: date, today: date) -> Occasions:
    """What there is to tell: products that came after `since`, the next fairs, the days on which we are closed."""
    configured = press.settings
    return Occasions(
        tuple(new_products(configured.products, configured.home, since, today)),
        tuple(next_fairs(configured.fairs, today)),
        tuple(closures(press.calendar.home.country, today)),
    )


def begin(press: Press, account_address: str, template: str, languages: Sequence[str], now: datetime) -> Beginning:
    """The first texts in these languages. `template` "": an empty letter, as in languages that the template isn't there in.

    Raises SeriesTextError, NoAccountError, and what a list of products that can't be read raises.
    """
    if not template:
        return Beginning({one: ([], EMPTY) for one in languages})
    today = now.astimezone(press.zone).date()
    there = occasions(press, today - _NEW, today)
    company = house_of(press.settings, press.account(account_address)).company
    known = series_texts.languages(press.settings.home, template)
    texts: dict[str, tuple[list[str], str]] = {}
    for language in languages:
        if language in known:
            text = series_texts.load(press.settings.home, template, language)
            # Products can be written in by hand; days of fairs and holidays can't be guessed.
            if not there.has(text.needs) and "products" not in text.needs:
                message = _(
                    "This template has nothing to tell now: no fair of the settings, or no holiday, lies ahead. Begin with another "
                    "one, or with an empty letter."
                )
                raise SeriesTextError(message)
            texts[language] = series_texts.fill(text, there, language, company, today)
        else:
            texts[language] = ([], EMPTY)
    told = any("{{ products }}" in body for _subjects, body in texts.values())
    return Beginning(texts, [one.as_json() for one in there.products] if told else [])
