"""What the next issue of a series can tell of: new products, the next fairs, our holidays. From the settings, a list in the home folder
and the calendar of our country; it makes nothing up.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from inboxcrm.errors import InboxcrmError
from inboxcrm.followup.calendar import public_holidays, weekend
from inboxcrm.i18n import _
from inboxcrm.newsletter.files import FOLDER
from inboxcrm.sections import Product, TradeFair

PRODUCTS_FILE = "products.csv"
_COLUMNS = ("name", "text", "picture", "link", "new_since")
_FAIRS_AHEAD = timedelta(days=150)
_MOST_FAIRS = 3
_CLOSED_AHEAD = timedelta(days=60)
_SHORTEST_BREAK = 4
"""Days away from work that customers should know of."""


class ProductsFileError(InboxcrmError):
    """The list of products can't be used; the message names file, line and column."""


@dataclass(frozen=True, slots=True)
class NewProduct:
    """A product to tell of. `name`, `text`: by language, "" for all others. `new_since`: None when it isn't said."""

    name: dict[str, str]
    text: dict[str, str]
    picture: str = ""
    link: str = ""
    new_since: date | None = None

    def as_json(self) -> dict[str, Any]:
        """As an issue keeps it in its variables."""
        return {"name": self.name, "text": self.text, "picture": self.picture, "link": self.link}


@dataclass(frozen=True, slots=True)
class Closure:
    """Days in a row on which nobody works here, both ends included."""

    first: date
    last: date


def new_products(configured: Sequence[Product], home: Path, since: date, today: date) -> list[NewProduct]:
    """Products that became new after `since`, up to today, the newest first. Raises ProductsFileError."""
    fresh = [
        one for one in all_products(configured, home) if one.new_since is not None and since < one.new_since <= today
    ]
    return sorted(fresh, key=lambda one: one.new_since or today, reverse=True)


def all_products(configured: Sequence[Product], home: Path) -> list[NewProduct]:
    """The products of the settings and of newsletter/products.csv. Raises ProductsFileError."""
    listed = [
        NewProduct(
            {"": one.name},
            one.text if isinstance(one.text, dict) else {"": one.text},
            one.picture,
            one.link,
            one.new_since,
        )
        for one in configured
    ]
    path = home / FOLDER / PRODUCTS_FILE
    return [*listed, *read_products(path)] if path.is_file() else listed


def read_products(path: Path) -> list[NewProduct]:
    """The list: a line a product, with the columns name, text, picture, link, new_since (2026-05-01), and name_de, text_de … for other
    languages. Raises ProductsFileError.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ProductsFileError(_("{file}: save it as UTF-8 (“CSV UTF-8” in Excel).").format(file=path)) from error
    separator = ";" if text.partition("\n")[0].count(";") > text.partition("\n")[0].count(",") else ","
    rows = csv.DictReader(text.splitlines(), delimiter=separator)
    unknown = [one for one in rows.fieldnames or () if _column(one) is None]
    if "name" not in (rows.fieldnames or ()) or unknown:
        message = _("{file}, line 1: unknown columns {unknown}; there are {known}, and name_de, text_de … by language.")
        raise ProductsFileError(message.format(file=path, unknown=", ".join(unknown) or "-", known=", ".join(_COLUMNS)))
    return list(_products(path, rows))


def _column(name: str) -> tuple[str, str] | None:
    """(field, language); None for what is no column."""
    field, _mark, language = name.partition("_") if name not in _COLUMNS else (name, "", "")
    return (field, language) if field in _COLUMNS and (not language or field in ("name", "text")) else None


def _products(path: Path, rows: csv.DictReader[str]) -> Iterator[NewProduct]:
    for row in rows:
        values: dict[str, dict[str, str]] = {field: {} for field in _COLUMNS}
        for name, value in row.items():
            column = _column(name) if name else None
            if column is not None and value and value.strip():
                values[column[0]][column[1]] = value.strip()
        if not values["name"]:
            continue
        since = values["new_since"].get("", "")
        try:
            day = date.fromisoformat(since) if since else None
        except ValueError as error:
            message = _("{file}, line {line}: new_since: {value!r} is no day; write it like 2026-05-01.")
            raise ProductsFileError(message.format(file=path, line=rows.line_num, value=since)) from error
        yield NewProduct(values["name"], values["text"], values["picture"].get("", ""), values["link"].get("", ""), day)


def next_fairs(configured: Sequence[TradeFair], today: date) -> list[TradeFair]:
    """The fairs that are still to come within five months, at most three, the next first."""
    coming = [one for one in configured if one.ends >= today and one.starts <= today + _FAIRS_AHEAD]
    return sorted(coming, key=lambda one: (one.starts, one.name))[:_MOST_FAIRS]


def closures(country: str, today: date) -> list[Closure]:
    """The holidays of our country in the next two months that are so long that customers notice, free weekends included."""
    found: list[Closure] = []
    end = today + _CLOSED_AHEAD
    day = today + timedelta(days=1)
    while day <= end:
        last = day
        while _is_free(last, country):
            last += timedelta(days=1)
        length = (last - day).days
        if length >= _SHORTEST_BREAK:
            found.append(Closure(day, last - timedelta(days=1)))
        day = max(last, day + timedelta(days=1))
    return found


def _is_free(day: date, country: str) -> bool:
    return day.weekday() in weekend(country) or day in public_holidays(country, day.year)
