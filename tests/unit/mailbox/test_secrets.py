"""Passwords are read from where the settings say, and a place that others can read is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keyring
import keyring.backend
import keyring.errors
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inboxcrm.mailbox import secrets
from inboxcrm.mailbox.errors import SecretMissing
from inboxcrm.settings import Account, Server


def account(secret: str) -> Account:
    return Account(address="Lina@brightvalve.example", secret=secret, imap=Server(host="imap.example", port=993))


class Memory(keyring.backend.KeyringBackend):
    """A keyring that keeps things."""

    priority = 1.0  # type: ignore[assignment]  # the class property of the base

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


@pytest.fixture
def with_keyring(monkeypatch: pytest.MonkeyPatch) -> Memory:
    backend = Memory()
    monkeypatch.setattr(keyring, "get_keyring", lambda: backend)
    monkeypatch.setattr(keyring, "get_password", backend.get_password)
    monkeypatch.setattr(keyring, "set_password", backend.set_password)
    return backend


def test_a_password_is_kept_in_the_keyring(with_keyring: Memory, tmp_path: Path) -> None:
    assert secrets.keyring_usable()
    assert secrets.store_password("lina@brightvalve.example", "geheim", tmp_path, "keyring") == "keyring"
    assert secrets.read_password(account("keyring"), tmp_path) == "geheim"


def test_a_machine_without_a_keyring_is_recognised(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import keyring.backends.fail

    monkeypatch.setattr(keyring, "get_keyring", keyring.backends.fail.Keyring)
    assert not secrets.keyring_usable()


def test_a_keyring_that_is_locked_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def locked(*_args: Any) -> str:
        raise keyring.errors.KeyringLocked("locked")

    monkeypatch.setattr(keyring, "get_password", locked)
    with pytest.raises(SecretMissing, match="Unlock"):
        secrets.read_password(account("keyring"), tmp_path)


def test_a_password_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MAIL_PASSWORD", "geheim")
    assert secrets.read_password(account("env:MAIL_PASSWORD"), tmp_path) == "geheim"


def test_a_variable_that_is_not_set_is_named(tmp_path: Path) -> None:
    with pytest.raises(SecretMissing, match="MAIL_PASSWORD_X"):
        secrets.read_password(account("env:MAIL_PASSWORD_X"), tmp_path)


def test_the_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    secrets.store_password("lina@brightvalve.example", "geheim", tmp_path, "file")
    path = tmp_path / secrets.FILE_NAME
    assert path.stat().st_mode & 0o777 == 0o600
    assert secrets.read_password(account("file"), tmp_path) == "geheim"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o666, 0o644])
def test_a_file_that_others_can_read_is_refused_with_the_way_to_close_it(tmp_path: Path, mode: int) -> None:
    secrets.store_password("lina@brightvalve.example", "geheim", tmp_path, "file")
    (tmp_path / secrets.FILE_NAME).chmod(mode)
    with pytest.raises(SecretMissing, match="chmod 600"):
        secrets.read_password(account("file"), tmp_path)


def test_a_second_password_leaves_the_first(tmp_path: Path) -> None:
    secrets.store_password("lina@brightvalve.example", "one", tmp_path, "file")
    secrets.store_password("wang@brightvalve.example", "two", tmp_path, "file")
    assert secrets.read_password(account("file"), tmp_path) == "one"


@pytest.mark.parametrize("secret", ["", "plain", "geheim"])
def test_settings_that_say_nothing_useful_are_an_error_that_tells_the_choices(tmp_path: Path, secret: str) -> None:
    with pytest.raises(SecretMissing, match=r"keyring.*env:NAME.*file"):
        secrets.read_password(account(secret), tmp_path)


def test_a_missing_entry_is_told(tmp_path: Path) -> None:
    with pytest.raises(SecretMissing, match="inboxcrm init"):
        secrets.read_password(account("file"), tmp_path)


def test_an_error_never_shows_a_password(tmp_path: Path) -> None:
    secrets.store_password("lina@brightvalve.example", "sesam-oeffne-dich", tmp_path, "file")
    path = tmp_path / secrets.FILE_NAME
    path.write_text(path.read_text() + "\nbroken")
    with pytest.raises(SecretMissing) as caught:
        secrets.read_password(account("file"), tmp_path)
    assert "sesam" not in str(caught.value)


@given(st.text(min_size=1).filter(lambda text: text.encode("utf-8", "ignore").decode() == text))
def test_any_password_survives_the_file(tmp_path_factory: pytest.TempPathFactory, password: str) -> None:
    home = tmp_path_factory.mktemp("home")
    secrets.store_password("lina@brightvalve.example", password, home, "file")
    assert secrets.read_password(account("file"), home) == password
