"""Newsletters, series and suppressions at the terminal: from the first text to the results."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from pathlib import Path
from typing import Any

import click
import pytest
from typer.testing import CliRunner, Result

from inboxcrm.cli import application, questions
from inboxcrm.customers.suppression import SuppressionError, suppress
from inboxcrm.errors import InboxcrmError
from inboxcrm.model import SuppressionReason
from inboxcrm.model.database import writing
from inboxcrm.newsletter.approving import NotReadyError
from inboxcrm.newsletter.audience import AudienceError
from inboxcrm.newsletter.files import FileError
from inboxcrm.newsletter.issues import IssueError
from inboxcrm.newsletter.series import SeriesError
from inboxcrm.newsletter.text_files import TextFileError
from inboxcrm.web import own_mail
from tests.newsletters import LINA, account_in, customer_in, home_in, png
from tests.servers.tables import new_sqlite

SETTINGS = f"""\
[[accounts]]
address = "{LINA}"
name = "Lina Chen"
imap = {{ host = "127.0.0.1", port = 993 }}
smtp = {{ host = "127.0.0.1", port = 465 }}

[person]
time_zone = "Asia/Shanghai"
"""
NEWS = """\
Subject: News for {{ customer.name }}
Subject: Three new valves

{{ salutation }}

three new valves are ready.

{{ products }}

{{ closing }}
"""


class Shell:
    """Gives commands to an installation of its own, with three customers of grade C, one of whom has left."""

    def __init__(self, home: Path) -> None:
        self.home = home_in(home)
        self.engine = new_sqlite(home / "inboxcrm.db")
        with writing(self.engine) as session:
            account_in(session)
            for name, language in (("alpha", "de"), ("beta", "en"), ("gamma", "en")):
                address = f"anna@{name}.example"
                customer_in(session, name.title(), address, person="Anna Kuhn", language=language, country="DE")
            suppress(session, "anna@gamma.example", reason=SuppressionReason.LEFT, now=datetime.now(UTC))
        (home / "inboxcrm.toml").write_text(SETTINGS, encoding="utf-8")
        self.news = self.file("news.en.md", NEWS)

    def file(self, name: str, text: str) -> str:
        path = self.home / name
        path.write_text(text, encoding="utf-8")
        return str(path)

    def run(self, *arguments: str, **options: Any) -> Result:
        return CliRunner().invoke(application(), ["--home", str(self.home), *arguments], **options)

    def news_run(self, *arguments: str, **options: Any) -> Result:
        return self.run("newsletter", *arguments, **options)

    def json(self, *arguments: str, exit_code: int = 0) -> Any:
        result = self.run(*arguments, "--json")
        assert result.exit_code == exit_code, result.output
        return json.loads(result.stdout)

    def news_json(self, *arguments: str, exit_code: int = 0) -> Any:
        return self.json("newsletter", *arguments, exit_code=exit_code)

    def refused(self, kind: type[InboxcrmError], *arguments: str) -> str:
        """The words with which a command refuses."""
        result = self.run(*arguments)
        assert isinstance(result.exception, kind), result.output
        return str(result.exception)

    def issue(self, *options: str) -> str:
        """A new issue with an English text and a product."""
        products = self.file("list.csv", "name,name_de\nBall valve,Kugelhahn\n")
        return str(self.news_json("new", self.news, "--products", products, "--layout", "products", *options)["id"])


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path)


def test_an_issue_is_written_from_files_a_language_each(shell: Shell) -> None:
    german = shell.file("news.de.md", NEWS.replace("three new", "drei neue"))
    made = shell.news_json("new", shell.news, german, "--name", "Autumn", "--audience", "countries=de,at")
    assert (made["name"], made["state"], made["from"], made["fallback_language"]) == ("Autumn", "draft", LINA, "en")
    assert made["languages"] == ["de", "en"]
    assert made["audience"]["countries"] == ["DE", "AT"]
    assert made["texts"][1]["subjects"] == ["News for {{ customer.name }}", "Three new valves"]
    assert "Autumn" in shell.news_run().stdout
    assert "three new valves" in shell.news_run(str(made["id"])).stdout


def test_an_issue_is_written_in_the_editor_when_no_file_is_given(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    def edit(text: str, extension: str) -> str:
        assert (extension, "{{ salutation }}" in text) == (".md", True)
        return text.replace("Subject: ", "Subject: Hello").replace("{{ closing }}", "new words\n\n{{ closing }}")

    monkeypatch.setattr(click, "edit", edit)
    made = shell.news_json("new", "--language", "de")
    assert (made["name"], made["fallback_language"]) == ("Hello", "de")
    assert "new words" in made["texts"][0]["body"]
    monkeypatch.setattr(click, "edit", lambda *_arguments, **_options: None)
    unchanged = shell.news_run("edit", str(made["id"]))
    assert (unchanged.exit_code, unchanged.stderr.strip()) == (1, "Nothing was changed.")

    def broken(*_arguments: str, **_options: str) -> str:
        raise click.ClickException("vi: Editing failed")

    monkeypatch.setattr(click, "edit", broken)
    assert "vi: Editing failed" in shell.news_run("edit", str(made["id"])).stderr


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("news.en.md", "Hello\n\ntext", "line 1"),
        ("news.md", NEWS, "language"),
        ("news.en.docx", NEWS, ".md"),
    ],
)
def test_a_file_that_is_no_text_is_refused_with_its_name(shell: Shell, name: str, text: str, words: str) -> None:
    said = shell.refused(TextFileError, "newsletter", "new", shell.file(name, text))
    assert name in said
    assert words in said
    assert shell.news_json("list") == []


def test_what_is_given_changes_and_the_rest_stays(shell: Shell) -> None:
    number = shell.issue("--audience", "countries=DE")
    picture = str(shell.home / "newsletter" / "valve.png")
    options = ["--attach", picture, "--audience", "tags=fair", "--test-share", "20", "--any-hour", "--name", "Winter"]
    changed = shell.news_json("edit", number, *options)
    assert (changed["name"], changed["images"], changed["test_share"]) == ("Winter", ["valve.png"], 20)
    assert (changed["audience"]["countries"], changed["audience"]["tags"]) == (["DE"], ["fair"])
    assert not changed["working_hours"]
    assert changed["texts"][0]["body"].startswith("{{ salutation }}")
    cleared = shell.news_json("edit", number, "--audience", "countries=", "--detach", "valve.png")
    assert (cleared["audience"]["countries"], cleared["audience"]["tags"], cleared["images"]) == ([], ["fair"], [])
    shell.refused(AudienceError, "newsletter", "edit", number, "--audience", "grades=D")
    shell.refused(AudienceError, "newsletter", "edit", number, "--audience", "colour=red")
    assert "countries=DE,AT" in shell.news_run("edit", number, "--audience", "DE").stderr
    shell.refused(IssueError, "newsletter", "edit", number, "--layout", "nothing")
    assert shell.news_json("show", number)["audience"]["tags"] == ["fair"]


def test_who_gets_it_and_who_is_left_out_is_told_with_the_reasons(shell: Shell) -> None:
    number = shell.issue()
    told = shell.news_json("audience", number)
    assert (told["chosen"], told["languages"], told["left_out"]) == (2, {"en": 2}, {"suppressed": 1})
    assert [one["customer"] for one in told["contacts"]] == ["Alpha", "Beta"]
    (out,) = shell.news_json("audience", number, "--out")["contacts"]
    assert out["reasons"][0]["why"] == "suppressed"
    assert "anna@gamma.example has left the newsletter" in " ".join(
        shell.news_run("audience", number, "--out", env={"COLUMNS": "240"}).stdout.split()
    )
    assert shell.news_json("audience", number, "--audience", "countries=FR")["chosen"] == 0
    assert shell.news_json("audience", number)["chosen"] == 2, "what was tried isn't kept"
    assert shell.news_run("audience", number, "--why", "nothing").exit_code == 1


def test_the_mail_is_shown_as_a_contact_sees_it(shell: Shell, tmp_path: Path) -> None:
    number = shell.issue()
    page = tmp_path / "mail.html"
    text = shell.news_run("preview", number, "--for", "anna@beta.example", "--html", str(page)).stdout
    assert "News for Beta" in text
    assert "Ball valve" in text
    assert "<html" in page.read_text(encoding="utf-8")
    assert shell.news_json("preview", number, "--subject", "2")["subject"] == "Three new valves"
    shell.refused(IssueError, "newsletter", "preview", number, "--for", "nobody@nowhere.example")


def test_the_checks_end_with_1_when_something_keeps_the_issue(shell: Shell) -> None:
    number = shell.issue()
    assert shell.news_json("check", number)["may_go"]
    shell.news_json("edit", number, shell.file("x.en.md", "Subject: x\n\nDear {{ nobody }}\n"))
    assert not shell.news_json("check", number, exit_code=1)["may_go"]
    assert "nobody" in shell.news_run("check", number).stdout
    assert "nobody" in shell.refused(NotReadyError, "newsletter", "submit", number)


def test_an_issue_is_tried_on_oneself_only(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    handed: list[tuple[list[str], bytes]] = []
    monkeypatch.setattr(
        own_mail, "to_server", lambda _home, _timeout: lambda _account, _sender, to, data: handed.append((to, data))
    )
    number = shell.issue()
    shell.refused(IssueError, "newsletter", "test-send", number, "--to", "anna@beta.example")
    assert shell.news_json("test-send", number)["to"] == LINA
    ((to, data),) = handed
    assert to == [LINA]
    assert message_from_bytes(data)["To"].endswith(f"<{LINA}>")


def test_pictures_beside_a_text_are_taken_along(shell: Shell, tmp_path: Path) -> None:
    folder = tmp_path / "texts"
    folder.mkdir()
    (folder / "valve.png").write_bytes(png())
    (folder / "spring.en.md").write_text("Subject: New\n\n![The valve](valve.png)\n", encoding="utf-8")
    number = str(shell.news_json("new", str(folder / "spring.en.md"))["id"])
    assert (shell.home / "newsletter" / "valve.png").read_bytes() == png()
    assert shell.news_run("preview", number).exit_code == 0
    (folder / "valve.png").write_bytes(png() + b"another")
    assert "give yours another name" in shell.refused(
        FileError, "newsletter", "edit", number, str(folder / "spring.en.md")
    )


def test_several_subjects_are_tried_on_a_part_of_the_recipients(shell: Shell) -> None:
    assert shell.news_json("new", shell.news)["test_share"] == 20
    assert shell.news_json("new", shell.file("one.en.md", "Subject: One\n\ntext\n"))["test_share"] == 0


def test_what_cant_be_approved_isnt_asked_about(shell: Shell) -> None:
    assert "being written" in shell.refused(IssueError, "newsletter", "approve", shell.issue())


def test_nothing_goes_without_a_yes(shell: Shell) -> None:
    number = shell.issue()
    shell.refused(IssueError, "newsletter", "approve", number, "--yes")
    assert shell.news_json("submit", number)["state"] == "review"
    asked = shell.news_run("approve", number, input="n\n")
    assert "goes to 2 recipients" in asked.output
    assert asked.exit_code == 1
    assert shell.news_run("approve", number, input="").exit_code == 1, "nobody is there to say yes"
    shell.refused(IssueError, "newsletter", "approve", number, "--yes", "--at", "2020-01-01 09:00")
    assert shell.news_json("show", number)["state"] == "review"
    assert shell.news_json("take-back", number)["state"] == "draft"
    shell.news_json("submit", number)
    assert shell.news_run("approve", number, input="y\n").exit_code == 0
    assert shell.news_json("status", number)["queued"] == 2


def test_an_approved_issue_is_moved_paused_resumed_and_cancelled(shell: Shell) -> None:
    number = shell.issue()
    shell.news_json("submit", number)
    approved = shell.news_json("approve", number, "--yes", "--at", "2099-03-31 14:30")
    assert datetime.fromisoformat(approved["send_at"]) == datetime(2099, 3, 31, 6, 30, tzinfo=UTC)
    moved = shell.news_json("schedule", number, "--at", "2099-02-01 10:00")
    assert datetime.fromisoformat(moved["next_at"]) == datetime(2099, 2, 1, 2, tzinfo=UTC), "also to an earlier time"
    shell.refused(IssueError, "newsletter", "schedule", number, "--at", "2020-01-01 09:00")
    assert shell.news_json("pause", number)["state"] == "paused"
    assert "Paused by" in shell.news_run("status").stdout
    assert shell.news_json("resume", number)["state"] == "approved"
    shell.refused(IssueError, "newsletter", "edit", number, "--name", "Too late")
    assert shell.news_json("cancel", number)["cancelled"] == 2
    assert shell.news_run("status").stdout.strip() == "No issue is on its way."
    rows = shell.news_json("recipients", number, "--kind", "cancelled")
    assert [one["address"] for one in rows] == ["anna@alpha.example", "anna@beta.example"]
    assert shell.news_run("recipients", number, "--kind", "nothing").exit_code == 1
    assert shell.news_json("results", number)["sent"] == 0
    assert shell.news_json("results") == []


def test_an_approval_is_taken_back_until_the_issue_begins(shell: Shell) -> None:
    number = shell.issue()
    shell.news_json("submit", number)
    shell.news_json("approve", number, "--yes", "--at", "2099-03-31 14:30")
    assert shell.news_json("take-back", number)["state"] == "draft"
    assert shell.news_json("recipients", number) == []
    assert shell.news_json("edit", number, "--name", "Changed")["name"] == "Changed"
    shell.news_json("submit", number)
    assert shell.news_json("approve", number, "--yes")["send_at"] < "2099", "the time went with the approval"
    shell.news_json("cancel", number)
    assert "Copy it" in shell.refused(IssueError, "newsletter", "take-back", number)


def test_an_issue_whose_account_is_gone_isnt_resumed(shell: Shell) -> None:
    number = shell.issue()
    shell.news_json("submit", number)
    shell.news_json("approve", number, "--yes", "--at", "2099-03-31 14:30")
    shell.news_json("pause", number)
    shell.file("inboxcrm.toml", SETTINGS.replace(LINA, "wei@brightvalve.example"))
    assert LINA in shell.refused(IssueError, "newsletter", "resume", number)
    assert shell.news_json("status", number)["state"] == "paused"


def test_an_issue_is_copied_and_removed(shell: Shell) -> None:
    number = shell.issue("--name", "First")
    copied = shell.news_json("copy", number, "--name", "Second")
    assert copied["texts"][0]["body"].startswith("{{ salutation }}")
    assert [one["name"] for one in shell.news_json("list", "--state", "draft")] == ["Second", "First"]
    assert shell.news_json("remove", number, "--yes") == {"removed": int(number)}
    shell.refused(IssueError, "newsletter", "show", number)
    assert shell.news_run("list", "--state", "nothing").exit_code == 1


def test_nothing_is_removed_unasked(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    number = shell.issue("--name", "First")
    unasked = shell.news_run("remove", number, input="y\n")
    assert (unasked.exit_code, "--yes" in unasked.stderr) == (1, True), "nobody sits at a terminal"
    monkeypatch.setattr(questions, "someone_is_there", lambda: True)
    refused = shell.news_run("remove", number, input="n\n")
    assert (refused.exit_code, "“First”" in refused.stderr, "Nothing was removed." in refused.stderr) == (1, True, True)
    assert shell.news_json("show", number)["name"] == "First"
    agreed = shell.news_run("remove", number, "--json", input="y\n")
    assert json.loads(agreed.stdout.removeprefix(" y")) == {"removed": int(number)}, "click's runner echoes the answer"
    shell.refused(IssueError, "newsletter", "remove", number)


def test_a_subject_that_isnt_there_is_refused_and_it_says_how_many_there_are(shell: Shell) -> None:
    number = shell.issue()
    assert shell.news_json("preview", number, "--subject", "2")["subject"] == "Three new valves"
    for command in ("preview", "test-send"):
        assert "only 2 subjects" in shell.refused(IssueError, "newsletter", command, number, "--subject", "3")


def test_files_are_listed_and_removed(shell: Shell) -> None:
    assert "valve.png" in shell.news_run("files").stdout
    (kept,) = shell.news_json("files")
    assert (kept["name"], kept["type"]) == ("valve.png", "image/png")
    number = shell.issue("--name", "First", "--attach", "valve.png")
    assert "“First”" in shell.refused(FileError, "newsletter", "remove-file", "valve.png", "--yes")
    shell.news_json("edit", number, "--detach", "valve.png")
    unasked = shell.news_run("remove-file", "valve.png")
    assert (unasked.exit_code, "--yes" in unasked.stderr) == (1, True)
    assert shell.news_json("remove-file", "valve.png", "--yes") == {"removed": "valve.png"}
    assert shell.news_json("files") == []


def test_a_series_drafts_its_next_issue_for_review(shell: Shell) -> None:
    options = ["--name", "Monthly", "--template", "new_products", "--language", "en", "--language", "de"]
    made = shell.news_json("series", "new", *options, "--audience", "grades=B,C")
    number = str(made["id"])
    assert (made["languages"], made["audience"]["grades"]) == (["en", "de"], ["B", "C"])
    since = datetime.now(UTC).date() - timedelta(days=2)
    shell.file("newsletter/products.csv", f"name,name_de,new_since\nBall valve,Kugelhahn,{since}\n")
    drafted = shell.news_json("series", "draft", number)
    assert shell.news_json("show", str(drafted["issue"]))["state"] == "review"
    assert "still waits" in shell.news_run("series", "draft", number).stdout
    assert shell.news_json("series", "edit", number, "--every", "3", "--off")["next_at"] is None
    shell.refused(SeriesError, "newsletter", "series", "edit", number, "--template", "nothing")
    assert "Monthly" in shell.news_run("series").stdout
    unasked = shell.news_run("series", "remove", number)
    assert (unasked.exit_code, "--yes" in unasked.stderr) == (1, True)
    assert shell.news_json("series", "remove", number, "--yes") == {"removed": int(number)}
    assert shell.news_json("series", "list") == []


def test_suppressions_are_kept_and_looked_up(shell: Shell) -> None:
    shell.json("suppressions", "add", "rival.example", "--note", "a competitor")
    added = shell.json("suppressions", "add", "Bo@Firm.example", "--all-mail")
    assert (added["value"], added["scope"]) == ("bo@firm.example", "all")
    assert shell.json("suppressions", "check", "x@mail.rival.example")["bulk"]["note"] == "a competitor"
    assert "may go" in shell.run("suppressions", "check", LINA).stdout
    assert len(shell.json("suppressions")) == 3
    assert shell.json("suppressions", "lift", str(added["id"]))["lifted_by"]
    assert [one["id"] for one in shell.json("suppressions", "list", "--lifted")] == [added["id"]]
    shell.refused(SuppressionError, "suppressions", "add", "nobody@")
    shell.refused(SuppressionError, "suppressions", "check", "nobody")


def test_who_asked_to_stop_is_taken_off_only_with_their_consent(shell: Shell) -> None:
    (left,) = shell.json("suppressions", "list", "--reason", "left")
    number = str(left["id"])
    shell.refused(SuppressionError, "suppressions", "lift", number)
    lifted = shell.json("suppressions", "lift", number, "--consent", "asked again at the fair")
    assert lifted["proof"]["consent"] == "asked again at the fair"
    assert shell.run("suppressions", "list", "--reason", "nothing").exit_code == 1
