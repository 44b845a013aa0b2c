"""`inboxcrm doctor` finds what is wrong, says what to do about it, and changes nothing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from inboxcrm.cli.account_file import account_block
from inboxcrm.model.database import open_engine, upgrade
from tests.servers.dovecot import Dovecot, free_port, running, secret_name


class Sink:
    """An SMTP server that accepts one password and counts mails."""

    def __init__(self, password: str) -> None:
        self.password = password
        self.mails = 0

    def __call__(self, *args: Any) -> AuthResult:
        data = args[-1]
        assert isinstance(data, LoginPassword)
        return AuthResult(success=data.password == self.password.encode())

    async def handle_DATA(self, *_args: Any) -> str:  # noqa: N802  aiosmtpd's name
        self.mails += 1
        return "250 ok"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "home"
    folder.mkdir(mode=0o700)
    return folder


def doctor(home: Path, *arguments: str) -> tuple[int, str]:
    run = [sys.executable, "-m", "inboxcrm", "--home", str(home), "doctor", "--timeout", "5", *arguments]
    done = subprocess.run(run, capture_output=True, text=True, env=dict(os.environ), timeout=120, check=False)
    return done.returncode, done.stdout + done.stderr


def lines(said: str, mark: str) -> list[str]:
    return [line for line in said.splitlines() if line.startswith(mark)]


def settle(home: Path, dovecot: Dovecot, user: str, **changes: object) -> None:
    account = dovecot.settings_for(user, **changes)
    (home / "inboxcrm.toml").write_text(account_block(account))
    engine = open_engine(f"sqlite:///{home / 'inboxcrm.db'}")
    upgrade(engine)
    engine.dispose()


def test_when_all_is_well_it_says_so_line_by_line(dovecot: Dovecot, user: str, home: Path) -> None:
    sink = Sink(dovecot.password_of(user))
    controller = Controller(sink, "127.0.0.1", free_port(), authenticator=sink, auth_require_tls=False)
    controller.start()
    try:
        settle(home, dovecot, user, smtp={"host": "127.0.0.1", "port": controller.port, "security": "none"})
        os.environ[secret_name(user)] = sink.password = "ascii only"
        dovecot.add_user(user, sink.password)
        code, said = doctor(home)
    finally:
        controller.stop()
    assert code == 0, said
    assert lines(said, "✗") == []
    for what in ("settings", "database", "clock", "password", "IMAP", "features: IDLE ✓", "folders", "INBOX", "SMTP"):
        assert what in said
    assert sink.mails == 0


def test_nothing_is_set_up_says_init(tmp_path: Path) -> None:
    code, said = doctor(tmp_path / "nowhere")
    assert code == 1
    assert "inboxcrm init" in said
    assert not (tmp_path / "nowhere").exists()


def test_a_mistake_in_the_settings_is_named_with_its_line(home: Path) -> None:
    (home / "inboxcrm.toml").write_text('[web]\nport = "many"\n')
    code, said = doctor(home)
    assert code == 1
    assert "line 2" in said


def test_a_broken_file_of_rules_is_named_with_its_line(home: Path) -> None:
    (home / "config").mkdir()
    (home / "config" / "grading.toml").write_text("[score]\ncurrent_value = 7\n")
    code, said = doctor(home)
    assert code == 1
    assert any("grading.toml, line 2" in line for line in lines(said, "✗"))


def test_a_wrong_password_says_what_to_do(dovecot: Dovecot, user: str, home: Path) -> None:
    settle(home, dovecot, user)
    os.environ[secret_name(user)] = "wrong"
    code, said = doctor(home)
    assert code == 1
    [line] = lines(said, "✗")
    assert user in line
    assert "→" in line


def test_a_password_file_that_others_can_read_is_found(dovecot: Dovecot, user: str, home: Path) -> None:
    settle(home, dovecot, user, secret="file")
    (home / "secrets.toml").write_text("[passwords]\n")
    (home / "secrets.toml").chmod(0o644)
    code, said = doctor(home)
    assert code == 1
    assert "chmod 600" in said


def test_missing_folders_and_a_missing_server_are_failures(dovecot: Dovecot, user: str, home: Path) -> None:
    settle(home, dovecot, user, folders=("Nirgends",), smtp={"host": "127.0.0.1", "port": 1, "security": "none"})
    code, said = doctor(home)
    assert code == 1
    failures = "\n".join(lines(said, "✗"))
    assert "Nirgends" in failures
    assert "SMTP" in failures


def test_a_server_without_idle_is_a_remark_not_a_failure(home: Path) -> None:
    with running(capability="IMAP4rev1 ID SPECIAL-USE") as server:
        settle(home, server, "lina@brightvalve.example")
        code, said = doctor(home)
    assert code == 0, said
    assert any("IDLE –" in line for line in lines(said, "!"))


def test_a_postgresql_database_is_checked_too(
    dovecot: Dovecot, user: str, home: Path, postgresql_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle(home, dovecot, user)
    monkeypatch.setenv("INBOXCRM_DATABASE__URL", postgresql_url)
    _code, said = doctor(home)
    assert "no tables yet" in said
    engine = open_engine(postgresql_url)
    upgrade(engine)
    engine.dispose()
    code, said = doctor(home)
    assert code == 0, said
    assert any("database" in line for line in lines(said, "✓"))


def test_a_database_that_is_not_there_is_told_without_its_password(
    dovecot: Dovecot, user: str, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle(home, dovecot, user)
    monkeypatch.setenv("INBOXCRM_DATABASE__URL", "postgresql://lina:sesam@127.0.0.1:1/inboxcrm")
    code, said = doctor(home)
    assert code == 1
    assert "database" in lines(said, "✗")[0]
    assert "sesam" not in said


def test_json_is_for_programs(dovecot: Dovecot, user: str, home: Path) -> None:
    settle(home, dovecot, user)
    code, said = doctor(home, "--json")
    findings = json.loads(said)
    assert code == 0
    assert {"check", "account", "outcome", "words", "remedy"} == set(findings[0])
    assert {one["outcome"] for one in findings} <= {"ok", "warn"}


def test_it_changes_nothing(dovecot: Dovecot, user: str, home: Path) -> None:
    dovecot.deliver(user, b"Subject: x\n\nx\n")
    settle(home, dovecot, user)
    flags, database = dovecot.flags(user), (home / "inboxcrm.db").read_bytes()
    doctor(home)
    assert dovecot.flags(user) == flags
    assert (home / "inboxcrm.db").read_bytes() == database
