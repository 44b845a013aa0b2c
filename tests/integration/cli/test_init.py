"""`inboxcrm init` against real servers, unattended and with somebody at the terminal; it writes only what works."""

from __future__ import annotations

import os
import pty
import re
import select
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from inboxcrm.settings import load
from tests.servers.dovecot import Dovecot, running
from tests.servers.dovecot import Mailbox as Folder

USER = "lina@brightvalve.example"


@dataclass
class Outcome:
    code: int
    said: str


@dataclass
class Command:
    """Runs `inboxcrm` with a home folder of its own."""

    home: Path
    variables: dict[str, str]

    def run(self, *arguments: str, stdin: str = "") -> Outcome:
        done = subprocess.run(
            self._line(arguments),
            input=stdin,
            capture_output=True,
            text=True,
            env=self._environment(),
            timeout=120,
            check=False,
        )
        return Outcome(done.returncode, done.stdout + done.stderr)

    def answer(self, answers: Sequence[tuple[str, str]], *arguments: str) -> Outcome:
        """Runs it at a terminal: waits for each question (a pattern) and types the answer.

        The pattern of a hidden answer ends with the blank after the colon: until then the terminal drops what is typed.
        """
        here, there = pty.openpty()
        process = subprocess.Popen(
            self._line(arguments),
            stdin=there,
            stdout=there,
            stderr=there,
            env=self._environment(),
            start_new_session=True,  # or passwords would be asked for at the terminal of whoever runs the tests
        )
        os.close(there)
        said, seen = "", 0
        for question, typed in answers:
            deadline = time.monotonic() + 60
            while not (match := re.search(question, said[seen:])):
                assert time.monotonic() < deadline, f"no question {question!r} in:\n{said}"
                said += _read(here)
            seen += match.end()
            os.write(here, f"{typed}\n".encode())
        while chunk := _read(here, patience=60):
            said += chunk
        os.close(here)
        return Outcome(process.wait(timeout=60), said)

    def _line(self, arguments: Sequence[str]) -> list[str]:
        return [sys.executable, "-m", "inboxcrm", "--home", str(self.home), *arguments]

    def _environment(self) -> dict[str, str]:
        return {**os.environ, "TERM": "dumb", "COLUMNS": "160", **self.variables}


def _read(descriptor: int, patience: float = 5) -> str:
    ready, _writable, _failed = select.select([descriptor], [], [], patience)
    if not ready:
        return ""
    try:
        return os.read(descriptor, 65536).decode("utf-8", "replace")
    except OSError:  # the other end of a terminal has closed
        return ""


@pytest.fixture
def command(tmp_path: Path) -> Command:
    return Command(tmp_path / "home", {})


@pytest.fixture(scope="module")
def two_candidates() -> Iterator[Dovecot]:
    """A server where two folders could be Sent and it doesn't say which."""
    with running(mailboxes=[Folder("Gesendet"), Folder("Sent"), Folder("Drafts")], special_use=False) as server:
        server.add_user(USER)
        yield server


def servers(server: Dovecot, user: str = USER) -> list[str]:
    return [
        *("init", "--address", user, "--imap-host", server.host, "--imap-port", str(server.port)),
        *("--imap-security", "none"),
    ]


def test_unattended_it_sets_up_everything(dovecot: Dovecot, user: str, command: Command) -> None:
    command.variables = {"PW": dovecot.password_of(user), "PAGES": "correct horse battery"}
    outcome = command.run(
        *servers(dovecot, user), "--password-env", "PW", "--secret", "file", "--user", "lina", "--user-password-env", "PAGES", "--yes"
    )  # fmt: skip
    assert outcome.code == 0, outcome.said
    settings = load(command.home)
    [account] = settings.accounts
    assert (account.address, account.secret, account.sent_folder) == (user, "file", "")
    assert (command.home / "secrets.toml").stat().st_mode & 0o777 == 0o600
    assert (command.home / "inboxcrm.db").is_file()
    assert "lina can log in" in outcome.said
    assert "inboxcrm run" in outcome.said


def test_a_password_never_stands_in_the_settings(dovecot: Dovecot, user: str, command: Command) -> None:
    outcome = command.run(
        *servers(dovecot, user), "--password-stdin", "--secret", "file", "--yes", stdin=dovecot.password_of(user) + "\n"
    )
    assert outcome.code == 0, outcome.said
    assert dovecot.password_of(user) not in (command.home / "inboxcrm.toml").read_text()
    assert dovecot.password_of(user) not in outcome.said


def test_a_password_that_came_from_the_environment_stays_there_without_a_keyring(
    dovecot: Dovecot, user: str, command: Command
) -> None:
    command.variables = {"PW": dovecot.password_of(user)}
    outcome = command.run(*servers(dovecot, user), "--password-env", "PW", "--yes")
    assert outcome.code == 0, outcome.said
    assert load(command.home).accounts[0].secret == "env:PW"
    assert not (command.home / "secrets.toml").exists()


def test_a_refused_password_leaves_nothing_behind(dovecot: Dovecot, user: str, command: Command) -> None:
    command.variables = {"PW": "wrong"}
    outcome = command.run(*servers(dovecot, user), "--password-env", "PW", "--yes")
    assert outcome.code == 1
    assert "doesn't accept the password" in outcome.said
    assert "Traceback" not in outcome.said
    assert not command.home.exists()


def test_unattended_between_two_sent_folders_it_names_the_option_and_the_candidates(
    two_candidates: Dovecot, command: Command
) -> None:
    command.variables = {"PW": two_candidates.password_of(USER)}
    outcome = command.run(*servers(two_candidates), "--password-env", "PW", "--yes")
    assert outcome.code == 1
    assert "--sent-folder" in outcome.said
    assert "Gesendet, Sent" in outcome.said
    assert not command.home.exists()


def test_the_person_decides_between_two_sent_folders(two_candidates: Dovecot, command: Command) -> None:
    password = two_candidates.password_of(USER)
    outcome = command.answer(
        [
            ("Password: ", "wrong"),
            ("doesn't accept(?s:.*)Password: ", password),
            ("Which of them", "1"),
            ("Where shall the password", "file"),
            ("name for the pages", "lina"),
            ("password for the pages.*: ", "correct horse battery"),
            ("(?i)repeat.*: ", "correct horse battery"),
        ],
        *servers(two_candidates),
    )
    assert outcome.code == 0, outcome.said
    assert load(command.home).accounts[0].sent_folder == "Gesendet"
    assert password not in outcome.said


def test_a_second_account_is_added_and_the_file_stays_as_it_was(dovecot: Dovecot, user: str, command: Command) -> None:
    command.home.mkdir()
    before = (
        "# mine\n[web]\nport = 8100 # not 8025\n\n"
        '[[accounts]]\naddress = "wang@a.example"\nimap = { host = "a.example", port = 993 }\n'
    )
    (command.home / "inboxcrm.toml").write_text(before)
    command.variables = {"PW": dovecot.password_of(user)}
    outcome = command.run(*servers(dovecot, user), "--password-env", "PW", "--folders", "Drafts", "--yes")
    assert outcome.code == 0, outcome.said
    text = (command.home / "inboxcrm.toml").read_text()
    assert text.startswith(before)
    assert tomllib.loads(text)["accounts"][1]["folders"] == ["Drafts"]


def test_run_again_it_renews_the_password_and_nothing_else(dovecot: Dovecot, user: str, command: Command) -> None:
    command.variables = {"PW": dovecot.password_of(user)}
    assert command.run(*servers(dovecot, user), "--password-env", "PW", "--yes").code == 0
    before = (command.home / "inboxcrm.toml").read_text()
    outcome = command.run("init", "--address", user.upper(), "--password-env", "PW", "--secret", "file", "--yes")
    assert outcome.code == 0, outcome.said
    assert (command.home / "inboxcrm.toml").read_text() == before.replace('"env:PW"', '"file"')


def test_a_folder_that_is_not_there_is_told(dovecot: Dovecot, user: str, command: Command) -> None:
    command.variables = {"PW": dovecot.password_of(user)}
    outcome = command.run(*servers(dovecot, user), "--password-env", "PW", "--folders", "Nirgends", "--yes")
    assert outcome.code == 1
    assert "Nirgends" in outcome.said
    assert "Drafts" in outcome.said


def test_without_checking_it_writes_without_asking_the_server(command: Command) -> None:
    command.variables = {"PW": "x"}
    outcome = command.run(
        *("init", "--address", "lina@163.com", "--password-env", "PW", "--secret", "file", "--yes", "--no-check")
    )
    assert outcome.code == 0, outcome.said
    [account] = load(command.home).accounts
    assert (account.provider, account.imap.host) == ("163", "imap.163.com")
    assert "授权码" in outcome.said


def test_a_provider_that_takes_no_password_says_so_at_once(command: Command) -> None:
    outcome = command.run("init", "--address", "lina@outlook.com", "--yes")
    assert outcome.code == 1
    assert "OAuth" in outcome.said
    assert not command.home.exists()


@pytest.mark.parametrize("address", ["lina", "@", "lina@", "a b@c.example"])
def test_what_is_no_address_is_refused_before_anything_is_asked(command: Command, address: str) -> None:
    outcome = command.run("init", "--address", address, "--yes")
    assert outcome.code == 1
    assert "no mail address" in outcome.said


def test_a_question_that_nobody_can_answer_names_its_option(command: Command) -> None:
    assert "--address" in command.run("init", "--yes").said
    assert "--password-env" in command.run("init", "--address", "lina@163.com", "--yes").said
