"""Every setting and every command is documented, and what the documents say is so."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from typer.core import TyperGroup

from inboxcrm.cli import COMMANDS
from inboxcrm.settings import FILE_NAME, load
from tests import reference

DOCUMENTS = [*reference.DOCS.parent.glob("*.md"), *reference.DOCS.glob("*.md")]


@pytest.mark.parametrize("page", reference.PAGES)
def test_the_reference_pages_say_what_the_code_declares(page: str) -> None:
    text = (reference.DOCS / page).read_text(encoding="utf-8")
    assert text == reference.renewed(page), "run `make docs`"


@pytest.mark.parametrize("setting", reference.declared_settings(), ids=lambda one: f"{one.table}.{one.key}")
def test_every_setting_says_what_it_is(setting: reference.Setting) -> None:
    assert setting.description.endswith(".")


def _default_file(project: Path) -> str:
    return (project / "config" / FILE_NAME).read_text(encoding="utf-8")


@pytest.mark.parametrize("setting", reference.declared_settings(), ids=lambda one: f"{one.table}.{one.key}")
def test_every_setting_stands_in_the_default_file_with_its_description(
    setting: reference.Setting, project: Path
) -> None:
    _before, found, table = _default_file(project).partition(f"[{setting.table}]")
    assert found
    table = re.split(r"^#?\[(?!\])", table, maxsplit=1, flags=re.MULTILINE)[0]
    assert re.search(rf"^#{setting.key} = ", table, flags=re.MULTILINE)
    assert f"# {setting.description}\n" in _default_file(project)


def test_the_default_file_changes_nothing(project: Path, tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text(_default_file(project), encoding="utf-8")
    assert load(tmp_path) == load(tmp_path / "empty").model_copy(update={"home": tmp_path})


def test_the_default_file_is_right_when_every_setting_is_made_active(project: Path, tmp_path: Path) -> None:
    text = re.sub(r"^#(?=[a-z_]+ = |\[)", "", _default_file(project), flags=re.MULTILINE)
    (tmp_path / FILE_NAME).write_text(text, encoding="utf-8")
    active, defaults = load(tmp_path), load(tmp_path / "empty")
    for section in ("database", "sync", "web", "person"):
        assert getattr(active, section) == getattr(defaults, section)
    (account,) = active.accounts
    assert account.smtp is not None


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_and_each_of_its_options_has_help(name: str) -> None:
    for spelled, command in reference.commands():
        if spelled.split()[0] != name:
            continue
        assert command.help, spelled
        group = isinstance(command, TyperGroup)
        without = [
            one.name for one in command.params if not getattr(one, "help", None) and not (group and one.name == "help")
        ]
        assert not without, spelled


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_between_documents_lead_somewhere(document: Path) -> None:
    prose = re.sub(r"(?m)^ {4}.*$", "", document.read_text(encoding="utf-8"))  # links in examples lead nowhere
    links = re.findall(r"\]\((?!https?:|mailto:)([^)#\s]+)", prose)
    assert not [link for link in links if not (document.parent / link).exists()]


def test_every_make_target_that_a_document_names_exists(project: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", (project / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE))
    named = {
        target for path in DOCUMENTS for target in re.findall(r"`make ([a-z]+)`", path.read_text(encoding="utf-8"))
    }
    assert named <= targets


def _loaded_by(code: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", f"import sys\n{code}\nprint(*sorted(sys.modules))"],
        check=True,
        capture_output=True,
        text=True,
    )
    return set(done.stdout.split())


HEAVY = {"fastapi", "sqlalchemy", "apscheduler", "uvicorn", "imapclient", "pymap"}


def test_the_list_of_commands_loads_none_of_them() -> None:
    assert not _loaded_by("from inboxcrm.cli import application; application()") & HEAVY


def test_reading_a_mail_loads_neither_database_nor_web_server() -> None:
    assert not _loaded_by("from inboxcrm.cli import loaded; loaded('read')") & HEAVY
