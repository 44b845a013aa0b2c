"""What series can tell of: products that became new, fairs to come, days on which nobody works here."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inboxcrm.newsletter.files import FOLDER
from inboxcrm.newsletter.occasions import (
    Closure,
    ProductsFileError,
    closures,
    new_products,
    next_fairs,
    read_products,
)
from inboxcrm.sections import Product, TradeFair

_TODAY = date(2026, 6, 30)
_SINCE = date(2026, 5, 31)


def _list(home: Path, text: str, *, encoding: str = "utf-8") -> Path:
    path = home / FOLDER / "products.csv"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(text.encode(encoding))
    return path


def test_products_are_new_after_the_last_issue_up_to_today_newest_first(tmp_path: Path) -> None:
    configured = [
        Product(name="old", new_since=_SINCE),
        Product(name="first", new_since=_SINCE + timedelta(days=1)),
        Product(name="today", new_since=_TODAY),
        Product(name="to come", new_since=_TODAY + timedelta(days=1)),
        Product(name="always there"),
    ]
    found = new_products(configured, tmp_path, _SINCE, _TODAY)
    assert [one.name[""] for one in found] == ["today", "first"]


def test_the_list_in_the_home_counts_like_the_settings_with_words_by_language(tmp_path: Path) -> None:
    _list(
        tmp_path,
        "name,name_de,text,text_de,picture,link,new_since\n"
        "Valve,Ventil,tested,geprüft,valve.png,https://brightvalve.example/,2026-06-10\n"
        ",,,,,,\n"
        "Tap,,,,,,\n",
        encoding="utf-8-sig",
    )
    (found,) = new_products([], tmp_path, _SINCE, _TODAY)
    assert found.as_json() == {
        "name": {"": "Valve", "de": "Ventil"},
        "text": {"": "tested", "de": "geprüft"},
        "picture": "valve.png",
        "link": "https://brightvalve.example/",
    }


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("name,new_since\nValve,10.06.2026\n", "line 2"),
        ("name,new_since\nTap,\nValve,soon\n", "line 3"),
        ("name,price\nValve,3\n", "price"),
        ("name,link_de\nValve,x\n", "link_de"),
        ("text\nx\n", "line 1"),
    ],
)
def test_a_mistake_in_the_list_names_file_line_and_column(tmp_path: Path, text: str, named: str) -> None:
    path = _list(tmp_path, text)
    with pytest.raises(ProductsFileError, match=named) as raised:
        read_products(path)
    assert "products.csv" in str(raised.value)


def test_a_list_in_another_encoding_says_how_to_save_it(tmp_path: Path) -> None:
    path = _list(tmp_path, "name,text\n阀门,新\n", encoding="gb18030")
    with pytest.raises(ProductsFileError, match="UTF-8"):
        read_products(path)


def _fair(name: str, starts: int, ends: int) -> TradeFair:
    return TradeFair(name=name, starts=_TODAY + timedelta(days=starts), ends=_TODAY + timedelta(days=ends))


def test_fairs_are_told_until_their_last_day_and_five_months_ahead_three_at_most() -> None:
    over, last_day, soon = _fair("over", -5, -1), _fair("last day", -3, 0), _fair("soon", 20, 24)
    autumn, edge, far = _fair("autumn", 100, 104), _fair("edge", 150, 151), _fair("far", 151, 155)
    assert [one.name for one in next_fairs([far, edge, autumn, soon, over, last_day], _TODAY)] == [
        "last day",
        "soon",
        "autumn",
    ]
    assert [one.name for one in next_fairs([far, edge, over], _TODAY)] == ["edge"]


def test_the_golden_week_is_told_ahead_and_a_plain_weekend_is_not() -> None:
    (found,) = closures("CN", date(2026, 9, 1))
    assert found.first <= date(2026, 10, 1) <= found.last
    assert (found.last - found.first).days >= 3
    assert closures("CN", date(2026, 7, 1)) == []


@given(st.sampled_from(["CN", "DE", "US", "AE", "", "XX"]), st.dates(date(2024, 1, 1), date(2028, 12, 31)))
def test_closures_lie_ahead_in_order_and_are_long_enough_to_be_noticed(country: str, today: date) -> None:
    found = closures(country, today)
    assert found == sorted(found, key=lambda one: one.first)
    for one in found:
        assert isinstance(one, Closure)
        assert today < one.first <= today + timedelta(days=60)
        assert (one.last - one.first).days >= 3
    for before, after in pairwise(found):
        assert before.last < after.first
