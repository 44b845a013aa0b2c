"""The plan and the promises at the terminal: what comes and why, changing it by hand, taking that back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from inboxcrm.cli import application
from tests.cast import Office
from tests.servers.tables import new_sqlite


class Shell:
    """Gives commands to an installation of its own with one customer."""

    def __init__(self, home: Path) -> None:
        self.home = home
        engine = new_sqlite(home / "inboxcrm.db")
        self.customer = Office(engine).customer()

    def run(self, *arguments: str) -> Result:
        return CliRunner().invoke(application(), ["--home", str(self.home), *arguments])

    def json(self, *arguments: str) -> Any:
        result = self.run(*arguments, "--json")
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path)


def planned(shell: Shell) -> str:
    [one] = shell.json(
        "followups", "add", "Nordlicht", "--at", "2090-01-02 09:00", "--action", "call", "--goal", "the price"
    )
    return str(one["id"])


def test_a_follow_up_is_planned_by_hand_and_shown_with_its_reason(shell: Shell) -> None:
    planned(shell)
    [one] = shell.json("followups", "show", "Nordlicht")
    assert (one["action"], one["goal"], one["due_at"][:16]) == ("call", "the price", "2090-01-02T01:00")
    assert one["why"][0].startswith("Planned by")
    assert "Nordlicht" in shell.run("followups").stdout
    assert shell.json("followups", "--today") == []


def test_it_is_moved_left_out_and_brought_back(shell: Shell) -> None:
    number = planned(shell)
    [moved] = shell.json("followups", "move", number, "--to", "2090-02-02 09:00")
    assert moved["due_at"][:10] == "2090-02-02"
    assert shell.json("followups", "skip", number)[0]["state"] == "skipped"
    assert shell.json("followups") == []
    assert shell.json("followups", "undo", number)[0]["state"] == "planned"
    assert shell.json("followups", "done", number)[0]["state"] == "done"


def test_a_plan_is_paused_and_goes_on(shell: Shell) -> None:
    assert "is paused" in shell.run("followups", "hold", "Nordlicht", "--until", "2090-01-01 00:00").stdout
    assert "goes on" in shell.run("followups", "release", "Nordlicht").stdout
    held = shell.json("followups", "hold", "Nordlicht", "--reason", "on holiday")
    assert (held["held"], held["until"], held["reason"]) == (True, None, "on holiday")
    assert shell.json("followups", "release", "Nordlicht")["held"] is False


def test_a_mistake_names_the_option(shell: Shell) -> None:
    wrong = shell.run("followups", "add", "Nordlicht", "--at", "soon")
    assert (wrong.exit_code, "--at" in wrong.output) == (1, True)
    wrong = shell.run("followups", "add", "Nordlicht", "--at", "2090-01-02", "--action", "letter")
    assert (wrong.exit_code, "--action" in wrong.output) == (1, True)


def test_promises_are_noted_moved_kept_and_reopened(shell: Shell) -> None:
    [noted] = shell.json("promises", "add", "Nordlicht", "the price list", "--on", "2090-01-02")
    number = str(noted["id"])
    assert [one["text"] for one in shell.json("promises", "show", "Nordlicht")] == ["the price list"]
    assert shell.json("promises", "move", number, "--to", "2090-01-03")[0]["due_on"] == "2090-01-03"
    assert shell.json("promises", "keep", number)[0]["state"] == "kept"
    assert shell.json("promises") == []
    assert shell.json("promises", "reopen", number)[0]["state"] == "open"
    assert shell.json("promises", "drop", number)[0]["state"] == "dropped"


def test_unanswered_mails_are_listed(shell: Shell) -> None:
    assert shell.json("followups", "unanswered") == []
    assert "Every mail is answered." in shell.run("followups", "unanswered").stdout
