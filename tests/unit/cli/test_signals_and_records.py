"""The commands for signals and records: what was found, what a person says of it, and what changed rules would find."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from inboxcrm.cli import application
from inboxcrm.customers.file import edit_customer
from inboxcrm.customers.provenance import Origin
from inboxcrm.errors import InboxcrmError
from inboxcrm.model import Customer
from inboxcrm.model.database import open_engine, writing
from tests.cast import NOW, Office, mail
from tests.servers.tables import new_sqlite

RULES = """\
language = "en"

[[rule]]
id = "sample.see"
kind = "sample_request"
any = ["bring along"]
examples = ["Bring along one."]
"""


class Shell:
    """Gives commands to an installation of its own, with one customer who has written."""

    def __init__(self, home: Path) -> None:
        self.home = home
        engine = new_sqlite(home / "inboxcrm.db")
        office = Office(engine)
        self.customer = str(office.customer())
        asked = mail(subject="Valves", text="Please send us your best price for 500 pcs.", at=NOW - timedelta(days=9))
        shown = mail(subject="Valves", text="Bring along one of them on Friday.", at=NOW - timedelta(days=8))
        office.take(asked, shown)
        self.said("reread")

    def run(self, *arguments: str) -> Result:
        return CliRunner().invoke(application(), ["--home", str(self.home), *arguments])

    def said(self, *arguments: str) -> str:
        result = self.run(*arguments)
        assert result.exit_code == 0, (result.output, result.exception)
        return result.output

    def json(self, *arguments: str) -> Any:
        return json.loads(self.said(*arguments, "--json"))

    def refused(self, *arguments: str) -> str:
        result = self.run(*arguments)
        assert result.exit_code != 0
        return str(result.exception) if isinstance(result.exception, InboxcrmError) else result.output


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    home = tmp_path / "home"
    home.mkdir()
    return Shell(home)


def test_the_signals_of_a_customer_are_shown(shell: Shell) -> None:
    shown = shell.json("signals", shell.customer)
    assert shown["customer"]["status"] in {"following", "dormant"}
    [signal] = shown["signals"]
    assert (signal["kind"], signal["state"]) == ("quote_request", "counted")
    assert signal["evidence"] in "Please send us your best price for 500 pcs."
    assert signal["details"]["quantity"] == {"amount": "500", "unit": "pcs"}
    assert "quote_request" in shell.said("signals", "Nordlicht")


def test_a_wrong_signal_is_rejected_and_its_record_goes_and_comes_back(shell: Shell) -> None:
    [signal] = shell.json("signals", shell.customer)["signals"]
    assert [one["kind"] for one in shell.json("records", shell.customer)["records"]] == ["inquiry"]
    assert shell.json("signals", "reject", str(signal["id"]))[0]["state"] == "rejected"
    assert shell.json("records", shell.customer)["records"] == []
    assert shell.json("rules", "score")["quote_request"]["wrong"] == 1
    assert shell.json("signals", "undo", str(signal["id"]))[0]["state"] == "counted"
    assert len(shell.json("records", shell.customer)["records"]) == 1
    assert shell.json("signals", "confirm", str(signal["id"]))[0]["state"] == "confirmed"
    assert shell.json("rules", "score")["quote_request"] == {
        "right": 1,
        "wrong": 0,
        "missed": 0,
        "precision": 1.0,
        "recall": 1.0,
    }


def test_a_missed_signal_is_added_and_counts_against_the_rules(shell: Shell) -> None:
    entry = shell.json("log", shell.customer)["entries"][0]["id"]
    assert "no kind of signal" in shell.refused("signals", "add", str(entry), "wish")
    added = shell.json("signals", "add", str(entry), "sample_request", "--evidence", "along one of them")
    assert (added[0]["state"], added[0]["rule"]) == ("added", "")
    assert shell.json("rules", "score")["sample_request"]["recall"] == 0.0
    assert "0%" in shell.said("rules", "score")
    assert {one["kind"] for one in shell.json("records", shell.customer)["records"]} == {"inquiry", "sample"}


def test_what_a_changed_rule_file_would_find_is_shown_and_nothing_changes(shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "en.toml"
    file.write_text(RULES)
    found = {one["what"]: one for one in shell.json("rules", "whatif", str(file))}
    assert found["added"]["after"]["kind"] == "sample_request"
    assert found["lost"]["before"]["kind"] == "quote_request"
    assert found["added"]["customer"] == "Nordlicht"
    assert "added: 1" in shell.said("rules", "whatif", str(file))
    assert [one["kind"] for one in shell.json("signals", shell.customer)["signals"]] == ["quote_request"]


def test_a_changed_rule_file_holds_for_the_whole_history_after_reread(shell: Shell) -> None:
    own = shell.home / "config" / "signals"
    own.mkdir(parents=True)
    (own / "en.toml").write_text(RULES)
    shell.said("reread")
    assert [one["kind"] for one in shell.json("signals", shell.customer)["signals"]] == ["sample_request"]


def test_a_record_is_kept_by_hand(shell: Shell) -> None:
    made = shell.json(
        "records",
        "add",
        shell.customer,
        "order",
        "--at",
        "2026-03-31",
        "--set",
        "amount=12,500.50",
        "--set",
        "currency=eur",
    )
    assert (made["stage"], made["amount"], made["currency"]) == ("placed", "12500.5", "EUR")
    number = str(made["id"])
    assert shell.json("records", "advance", number, "paid", "--at", "2026-04-07 10:00")["stage"] == "paid"
    assert shell.json("records", "edit", number, "--set", "number=4711")["number"] == "4711"
    assert "no stage of this" in shell.refused("records", "advance", number, "judged")
    assert "before the record was opened" in shell.refused("records", "close", number, "--at", "2026-01-01")
    closed = shell.json("records", "close", number, "--note", "cancelled")
    assert (closed["stage"], closed["note"]) == ("closed", "cancelled")
    step = closed["steps"][-1]["id"]
    shell.said("records", "undo", str(step))
    shown = {one["kind"]: one for one in shell.json("records", shell.customer)["records"]}
    assert shown["order"]["stage"] == "paid"
    assert "Orders: 14" in shell.said("records", shell.customer)
    assert len(shell.json("records")["records"]) == 2
    assert [one["kind"] for one in shell.json("records", "--kind", "order")["records"]] == ["order"]


def test_a_status_set_by_hand_is_let_go_once(shell: Shell) -> None:
    with writing(open_engine(f"sqlite:///{shell.home / 'inboxcrm.db'}")) as session:
        edit_customer(
            session, session.get_one(Customer, int(shell.customer)), {"status": "won"}, Origin(NOW, by="lina")
        )
    assert "won" not in shell.said("customers", "release-status", shell.customer)
    assert "wasn't set by hand" in shell.refused("customers", "release-status", shell.customer)
