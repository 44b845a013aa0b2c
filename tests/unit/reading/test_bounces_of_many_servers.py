"""Bounces of many servers and languages: whom they say was not reached, and whether for good."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from inboxcrm.reading import Automatic, read

CASES = [
    pytest.param(case, id=case["name"])
    for case in tomllib.loads(Path(__file__).with_name("bounces.toml").read_text(encoding="utf-8"))["bounce"]
]


@pytest.mark.parametrize("case", CASES)
def test_the_failed_recipients_and_their_kinds(case: dict[str, Any]) -> None:
    reading = read(case["raw"].encode())
    expected = case.get("recipients", {})
    found = {one.address: one.kind.value for one in reading.bounce.recipients} if reading.bounce else {}
    assert found == expected
    assert (reading.automatic is Automatic.BOUNCE) == bool(expected)
