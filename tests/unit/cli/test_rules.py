"""`inboxcrm rules check` names every example that fails with its file and line; `inboxcrm read --json` shows the signals."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from inboxcrm.cli import application

RULES = """\
language = "en"

[[rule]]
id = "sample.ask"
kind = "sample_request"
any = ["send * sample"]
examples = [
    "Please send a sample.",
    "Mail a sample.",
]
counterexamples = ["You send no good sample.", "Do you send a sample?"]
"""


def run(*arguments: str) -> tuple[int, str]:
    """Exit code and everything printed."""
    result = CliRunner().invoke(application(), list(arguments))
    return result.exit_code, result.output


def test_each_failing_example_is_named_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "en.toml"
    file.write_text(RULES, encoding="utf-8")
    code, output = run("rules", "check", str(file))
    assert code == 1
    assert f"{file}:9: en.sample.ask: “Mail a sample.” is not found" in output
    assert f"{file}:11: en.sample.ask: “Do you send a sample?” is found" in output
    assert "“Please send a sample.”" not in output


def test_a_language_can_be_named() -> None:
    code, output = run("rules", "check", "--language", "en")
    assert code == 0
    assert "en.toml" in output


@pytest.fixture
def mail(tmp_path: Path) -> Path:
    """A mail with our offer."""
    file = tmp_path / "offer.eml"
    file.write_bytes(
        b"From: lina@brightvalve.example\nTo: tom@buyer.example\nSubject: Offer\n\n"
        b"Please send us your PO. Please find attached our quotation.\n"
    )
    return file


def test_read_shows_the_signals_of_our_own_mail(mail: Path) -> None:
    _code, output = run("read", str(mail), "--json", "--own", "lina@brightvalve.example")
    [signal] = json.loads(output)["signals"]
    assert (signal["kind"], signal["evidence"]) == ("quote_sent", "Please find attached our quotation.")
    assert set(signal) == {"kind", "evidence", "confidence", "rule", "details"}


def test_read_shows_the_signals_of_a_customers_mail(mail: Path) -> None:
    _code, output = run("read", str(mail), "--json", "--own", "somebody@else.example")
    assert "quote_sent" not in {one["kind"] for one in json.loads(output)["signals"]}
