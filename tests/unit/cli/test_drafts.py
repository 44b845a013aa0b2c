"""The review queue at the terminal: what waits, changing it, letting it go, taking it back."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from inboxcrm.cli import application
from inboxcrm.followup.review import ReviewError
from tests.cast import Office
from tests.servers.tables import new_sqlite
from tests.unit.followup.test_review import draft

SETTINGS = """\
[[accounts]]
address = "lina@brightvalve.example"
name = "Lina Chen"
imap = { host = "127.0.0.1", port = 993 }
"""


class Shell:
    """Gives commands to an installation of its own, with one draft that waits."""

    def __init__(self, home: Path) -> None:
        self.home = home
        engine = new_sqlite(home / "inboxcrm.db")
        office = Office(engine)
        self.customer = office.customer()
        self.draft = str(draft(office, self.customer))
        (home / "inboxcrm.toml").write_text(SETTINGS, encoding="utf-8")

    def run(self, *arguments: str, **options: Any) -> Result:
        return CliRunner().invoke(application(), ["--home", str(self.home), "drafts", *arguments], **options)

    def json(self, *arguments: str) -> Any:
        result = self.run(*arguments, "--json")
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path)


def test_what_waits_is_listed_and_shown(shell: Shell) -> None:
    assert "Re: Ball valves" in shell.run("list").stdout
    assert [str(one["id"]) for one in shell.json("list")] == [shell.draft]
    shown = shell.run("show", shell.draft).stdout
    assert "Dear Anna" in shown
    assert shell.json("show", shell.draft)["state"] == "open"


def test_a_draft_is_changed_by_options(shell: Shell, tmp_path: Path) -> None:
    text = tmp_path / "text.txt"
    text.write_text("Dear Anna,\n\none more thing.\n", encoding="utf-8")
    made = shell.json("edit", shell.draft, "--subject", "Prices of 2027", "--body-file", str(text))
    assert (made["subject"], made["edited"]) == ("Prices of 2027", True)
    assert made["body"].startswith("Dear Anna,\n\none more thing.")


def test_a_draft_is_approved_for_later_and_taken_back(shell: Shell) -> None:
    (now,) = shell.json("approve", shell.draft)
    assert now["state"] == "approved"
    assert shell.json("list") == []
    assert [str(one["id"]) for one in shell.json("list", "--outbox")] == [shell.draft]
    assert shell.json("take-back", shell.draft)[0]["state"] == "open"
    (morning,) = shell.json("approve", shell.draft, "--at", "morning")
    assert datetime.fromisoformat(morning["send_at"]) > datetime.now(UTC)
    shell.json("take-back", shell.draft)
    (chosen,) = shell.json("approve", shell.draft, "--at", "2099-03-31 14:30")
    assert datetime.fromisoformat(chosen["send_at"]) == datetime(2099, 3, 31, 6, 30, tzinfo=UTC)


def test_a_draft_is_postponed_left_out_and_brought_back(shell: Shell) -> None:
    later = (datetime.now(UTC) + timedelta(days=3)).strftime("%Y-%m-%d 09:00")
    assert shell.json("snooze", shell.draft, "--until", later)[0]["state"] == "snoozed"
    assert shell.json("list") == []
    assert shell.json("undo", shell.draft)[0]["state"] == "open"
    assert shell.json("skip", shell.draft)[0]["state"] == "skipped"
    assert shell.json("undo", shell.draft)[0]["state"] == "open"


def test_what_can_not_be_done_says_why_and_does_nothing_to_the_others(shell: Shell) -> None:
    result = shell.run("approve", shell.draft, "999")
    assert isinstance(result.exception, ReviewError)
    assert "999" in str(result.exception)
    assert shell.json("show", shell.draft)["state"] == "open"
    assert isinstance(shell.run("take-back", shell.draft).exception, ReviewError)


def test_a_mail_is_begun_and_written_anew_and_the_old_text_comes_back(shell: Shell) -> None:
    made = shell.json("write", str(shell.customer), "--template", "general", "--language", "en")
    number = str(made["id"])
    assert (made["state"], made["template"], made["language"]) == ("open", "general", "en")
    spanish = shell.json("again", number, "--language", "es")
    assert spanish["language"] == "es"
    assert spanish["body"] != made["body"]
    assert shell.json("undo", number)[0]["body"] == made["body"]
    empty = shell.json("write", str(shell.customer))
    assert (empty["template"], empty["subject"]) == ("", "")


def test_the_list_is_of_one_grade(shell: Shell) -> None:
    assert shell.json("list", "--grade", "A") == []
    assert len(shell.json("list", "--grade", "watch")) == 1
    assert "no grade" in shell.run("list", "--grade", "D").output
