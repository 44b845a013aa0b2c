"""`inboxcrm read`: what is understood from a mail, for people and for programs, without account or database."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from inboxcrm.cli import application

RAW = "Message-ID: <1@buyer.example>\nFrom: 王小明 <wang@buyer.example>\nTo: lina@us.example\nSubject: 询盘 [red]x[/red]\nDate: Mon, 4 May 2026 10:00:00 +0000\n\n请报价五百件。\n"
NAMES = (
    "file message_id date from to cc reply_to subject language new_text quoted_text signature forwarded automatic back_on bounce attachments "
    "sender_verified signals problems"
).split()


@pytest.fixture
def mail(tmp_path: Path) -> Path:
    path = tmp_path / "mail.eml"
    path.write_text(RAW, encoding="utf-8")
    return path


def run(*arguments: str, **options: object) -> tuple[int, str]:
    result = CliRunner().invoke(application(), ["read", *arguments], **options)  # type: ignore[arg-type]
    return result.exit_code, result.stdout


def test_json_has_the_names_that_programs_depend_on(mail: Path) -> None:
    code, out = run(str(mail), "--json")
    row = json.loads(out)
    assert code == 0
    assert list(row) == NAMES
    assert row["file"] == str(mail)
    assert row["from"] == {"name": "王小明", "address": "wang@buyer.example"}
    assert row["date"] == "2026-05-04T10:00:00+00:00"
    assert row["new_text"] == "请报价五百件。"
    assert "询盘" in out


def test_several_files_are_a_list_or_one_object_a_line(mail: Path) -> None:
    assert [row["subject"] for row in json.loads(run(str(mail), str(mail), "--json")[1])] == ["询盘 [red]x[/red]"] * 2
    lines = run(str(mail), str(mail), "--jsonl")[1].splitlines()
    assert [json.loads(line)["message_id"] for line in lines] == ["1@buyer.example"] * 2


def test_a_dash_reads_the_standard_input() -> None:
    assert json.loads(run("-", "--jsonl", input=RAW.encode())[1])["file"] == "-"


def test_people_see_who_what_and_the_text_and_no_markup_of_the_mail_works(mail: Path) -> None:
    code, out = run(str(mail))
    assert code == 0
    for part in ("王小明", "wang@buyer.example", "[red]x[/red]", "请报价五百件。", "2026-05-04 10:00 UTC"):
        assert part in out


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    result = CliRunner().invoke(application(), ["read", str(tmp_path / "none.eml")])
    assert result.exit_code != 0
    assert "none.eml" in str(result.exception) + result.output


def test_a_file_that_is_not_there_keeps_no_other_mail_from_being_read(mail: Path, tmp_path: Path) -> None:
    none = str(tmp_path / "none.eml")
    code, out = run(none, str(mail), "--jsonl")
    assert code == 1
    assert [json.loads(line)["file"] for line in out.splitlines()] == [str(mail)]
    code, out = run(str(mail), none, "--json")
    assert code == 1
    assert [row["file"] for row in json.loads(out)] == [str(mail)]
