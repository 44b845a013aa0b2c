"""The command line as a whole: what stands before a command's name, and how it says that something is in the way."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from inboxcrm import __version__
from inboxcrm.cli import COMMANDS
from inboxcrm.cli.context import print_json


def _run(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "inboxcrm", *map(str, arguments)],
        env={**os.environ, "COLUMNS": "200", **environment},
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
    )


def test_the_version_is_told() -> None:
    assert _run("--version").stdout == f"inboxcrm {__version__}\n"


def test_help_lists_every_command() -> None:
    shown = _run("--help").stdout
    assert all(f" {name} " in shown for name in COMMANDS)


def test_the_shell_language_is_spoken() -> None:
    assert "客户" in _run("--help", LANG="zh_CN.UTF-8").stdout


def test_a_misspelt_command_is_named_with_the_nearest_ones() -> None:
    done = _run("custmers")
    assert done.returncode == 2
    assert "Did you mean 'customers'" in done.stderr


def test_a_mistake_in_the_settings_is_one_plain_line(tmp_path: Path) -> None:
    (tmp_path / "inboxcrm.toml").write_text("[web]\nport = 99999\n", encoding="utf-8")
    done = _run("--home", tmp_path, "users", "list")
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith(f"{tmp_path / 'inboxcrm.toml'}, line 2: web.port: ")
    assert done.stderr.count("\n") == 1


def test_a_database_that_cannot_be_opened_is_one_plain_line(tmp_path: Path) -> None:
    (tmp_path / "inboxcrm.db").write_bytes(b"this is no database, but long enough to be looked at as one" * 100)
    done = _run("--home", tmp_path, "users", "list")
    assert done.returncode == 1
    assert "file is not a database" in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_home_that_cannot_be_made_is_one_plain_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = _run("--home", tmp_path / "file" / "home", "users", "list")
    assert done.returncode == 1
    assert str(tmp_path / "file" / "home") in done.stderr
    assert "Traceback" not in done.stderr


def test_the_home_is_for_its_owner_alone(tmp_path: Path) -> None:
    home = tmp_path / "home"
    assert _run("--home", home, "users", "list").returncode == 0
    assert home.stat().st_mode & 0o777 == 0o700


def test_a_given_home_wins_over_the_variable(tmp_path: Path) -> None:
    _run("--home", tmp_path / "given", "users", "list", INBOXCRM_HOME=str(tmp_path / "variable"))
    assert (tmp_path / "given" / "inboxcrm.db").exists()
    assert not (tmp_path / "variable").exists()


def test_json_keeps_letters_of_any_script_and_writes_dates_as_iso_8601(capsys: pytest.CaptureFixture[str]) -> None:
    print_json({"name": "Müller 客户", "at": datetime(2026, 3, 3, 9, tzinfo=UTC)})
    shown = capsys.readouterr().out
    assert "Müller 客户" in shown
    assert json.loads(shown)["at"] == "2026-03-03T09:00:00+00:00"
