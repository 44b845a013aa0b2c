"""The commands for customers, log, triage and search: for people in tables, for programs in JSON, errors in one line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from inboxcrm.cli import application
from inboxcrm.errors import InboxcrmError
from inboxcrm.model.database import open_engine, upgrade
from tests.cast import UNKNOWN, Office, mail


class Shell:
    """Gives commands to an installation of its own."""

    def __init__(self, home: Path) -> None:
        self.home = home

    def run(self, *arguments: str) -> Result:
        return CliRunner().invoke(application(), ["--home", str(self.home), *arguments])

    def said(self, *arguments: str) -> str:
        result = self.run(*arguments)
        assert result.exit_code == 0, result.output
        return result.output

    def json(self, *arguments: str) -> Any:
        return json.loads(self.said(*arguments, "--json"))

    def refused(self, *arguments: str) -> str:
        result = self.run(*arguments)
        assert result.exit_code != 0
        return str(result.exception) if isinstance(result.exception, InboxcrmError) else result.output

    @property
    def office(self) -> Office:
        engine = open_engine(f"sqlite:///{self.home / 'inboxcrm.db'}")
        upgrade(engine)
        return Office(engine)


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    home = tmp_path / "home"
    home.mkdir()
    (tmp_path / "list.csv").write_text(
        "公司名称,域名,国家,邮箱,等级\nNordlicht GmbH,nordlicht.de,德国,anna@nordlicht.de,A\nNordwind AG,nordwind.ch,瑞士,,C\n"
    )
    shell = Shell(home)
    shell.said("customers", "import", str(tmp_path / "list.csv"))
    return shell


def test_a_list_is_imported_listed_and_shown(shell: Shell, tmp_path: Path) -> None:
    again = shell.json("customers", "import", str(tmp_path / "list.csv"))
    assert (again["imported"], again["created"], again["unchanged"]) == (True, 0, 2)
    assert [one["name"] for one in shell.json("customers", "list", "--sort", "name")] == [
        "Nordlicht GmbH",
        "Nordwind AG",
    ]
    assert [one["name"] for one in shell.json("customers", "list", "--grade", "a")] == ["Nordlicht GmbH"]
    assert [one["name"] for one in shell.json("customers", "list", "nordwind")] == ["Nordwind AG"]
    shown = shell.json("customers", "show", "nordlicht.de")
    assert shown["contacts"][0]["addresses"][0]["address"] == "anna@nordlicht.de"
    assert shown["fields"]["country"]["value"] == "DE"
    assert shown["fields"]["country"]["source"] == "import"
    assert "Nordlicht GmbH" in shell.said("customers", "show", "1")


def test_bad_lines_are_named_and_the_command_fails(shell: Shell, tmp_path: Path) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_text("company,country\nGood,DE\nBad,Atlantis\n")
    result = shell.run("customers", "import", str(bad))
    assert result.exit_code == 1
    assert "line 3, column country: 'Atlantis'" in result.output
    assert len(shell.json("customers", "list")) == 2
    assert shell.json("customers", "import", str(bad), "--skip-bad")["created"] == 1


def test_a_missing_file_is_said_in_one_line(shell: Shell) -> None:
    assert "nowhere.csv" in shell.refused("customers", "import", "nowhere.csv")


def test_the_log_is_shown_with_and_without_show_and_added_to_by_hand(shell: Shell) -> None:
    added = shell.json(
        *(
            "log",
            "add",
            "Nordlicht",
            "聊了球阀价格",
            "--channel",
            "wechat",
            "--at",
            "2026-03-31 14:30",
            "--feedback",
            "太贵",
        ),
        *("--next", "2026-04-07", "--direction", "in", "--contact", "anna@nordlicht.de"),
    )
    assert (added["channel"], added["at"], added["feedback"]) == ("wechat", "2026-03-31T06:30:00+00:00", "太贵")
    log = shell.json("log", "nordlicht.de")
    assert log["customer"]["name"] == "Nordlicht GmbH"
    assert [entry["content"] for entry in log["entries"]] == ["聊了球阀价格"]
    assert shell.json("log", "show", "1") == log
    assert "聊了球阀价格" in shell.said("log", "1")
    found = shell.json("search", "球阀")
    assert [entry["customer"] for entry in found["entries"]] == ["Nordlicht GmbH"]
    assert [one["name"] for one in shell.json("search", "nordw")["customers"]] == ["Nordwind AG"]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (("log", "nord"), "Several customers are called 'nord'"),
        (("log", "nobody"), "No customer is called 'nobody'"),
        (("log", "add", "1", "x", "--channel", "pigeon"), "wechat"),
        (("log", "add", "1", "x", "--at", "yesterday"), "2026-03-31 14:30"),
        (("log", "add", "1", "x", "--at", "2099-01-01"), "future"),
        (("log", "add", "1", "x", "--next", "soon"), "2026-04-07"),
        (("log", "add", "1", "x", "--contact", "Bernd"), "anna@nordlicht.de"),
        (("log", "add", "1", " "), "Write"),
        (("customers", "list", "--sort", "luck"), "last_entry"),
        (("customers", "list", "--country", "Atlantis"), "Atlantis"),
        (("unmatched", "assign", UNKNOWN), "existing customer or a new one"),
        (("unmatched", "assign", "gmail.com", "1"), "public mail provider"),
        (("unmatched", "ignore", "nonsense"), "neither a mail address nor a domain"),
        (("unmatched", "undo"), "nothing to undo"),
    ],
)
def test_a_mistake_is_said_with_what_was_expected(shell: Shell, wrong: tuple[str, ...], words: str) -> None:
    assert words in shell.refused(*wrong)


def test_unmatched_mail_is_listed_assigned_ignored_and_all_of_it_undone(shell: Shell) -> None:
    shell.office.take(mail(f"Sam <{UNKNOWN}>", subject="Hello [red]"), mail("spam@ads.com", subject="Cheap"))
    assert {one["address"] for one in shell.json("unmatched", "list")} == {UNKNOWN, "spam@ads.com"}
    assert "Hello [red]" in shell.said("unmatched", "list")
    done = shell.json("unmatched", "assign", UNKNOWN, "--new", "Newcomer Ltd")
    assert (done["customer"]["name"], done["log_entries"]) == ("Newcomer Ltd", 1)
    assert [one["subject"] for one in shell.json("log", "Newcomer")["entries"]] == ["Hello [red]"]
    shell.said("unmatched", "ignore", "ads.com")
    assert shell.json("unmatched", "list") == []
    assert shell.json("unmatched", "undo") == {"undone": "ads.com"}
    assert shell.json("unmatched", "undo") == {"undone": UNKNOWN}
    assert len(shell.json("unmatched", "list", "--by-domain")) == 2


def test_a_steering_sequence_in_a_subject_does_not_reach_the_terminal(shell: Shell) -> None:
    shell.office.take(mail(UNKNOWN, subject="\x1b[2Jgone"))
    assert "\x1b" not in shell.said("unmatched", "list")
