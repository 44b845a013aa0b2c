"""What the sender wrote now, on mails as the world's mail programs write them: one case a program, language and trap."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from inboxcrm.reading.html_text import html_to_text
from inboxcrm.reading.newtext import split

CASES = [
    pytest.param(case, id=f"{path.stem}: {case['name']}")
    for path in sorted((Path(__file__).parent / "cases").glob("*.toml"))
    for case in tomllib.loads(path.read_text(encoding="utf-8"))["case"]
]


def folded(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize("case", CASES)
def test_new_text(case: dict[str, Any]) -> None:
    text = html_to_text(case["html"]) if "html" in case else case["text"].strip("\n")
    parts = split(text, subject=case.get("subject", ""))
    if "new" in case:
        assert folded(parts.new_text) == folded(case["new"])
    for part in case.get("new_has", []):
        assert part in folded(parts.new_text)
    for part in case.get("new_lacks", []):
        assert part not in folded(parts.new_text)
    for part in case.get("signature_has", []):
        assert part in folded(parts.signature)
    assert parts.forwarded is case.get("forwarded", False)
