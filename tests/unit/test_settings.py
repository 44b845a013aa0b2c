"""Settings come from the file and the environment; what is wrong is named with file, line and key."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inboxcrm.settings import Settings, SettingsError, home_folder, load
from inboxcrm.toml_lines import line_of

ACCOUNT = """\
[[accounts]]
address = "lina@brightvalve.example"

[accounts.imap]
host = "imap.brightvalve.example"
port = 993
"""


def _load(home: Path, text: str) -> Settings:
    (home / "inboxcrm.toml").write_text(text, encoding="utf-8")
    return load(home)


def _refusal(home: Path, text: str) -> str:
    with pytest.raises(SettingsError) as caught:
        _load(home, text)
    return str(caught.value)


def test_a_home_without_a_file_has_the_defaults(tmp_path: Path) -> None:
    settings = load(tmp_path)
    assert settings.accounts == ()
    assert settings.database_url == f"sqlite:///{tmp_path / 'inboxcrm.db'}"


def test_an_account_needs_an_address_and_a_server_only(tmp_path: Path) -> None:
    (account,) = _load(tmp_path, ACCOUNT).accounts
    assert account.login == "lina@brightvalve.example"
    assert (account.imap.port, account.imap.security) == (993, "tls")


def test_the_environment_wins_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INBOXCRM_WEB__PORT", "8100")
    settings = _load(tmp_path, '[web]\nport = 8099\nhost = "127.0.0.2"\n')
    assert (settings.web.port, settings.web.host) == (8100, "127.0.0.2")


def test_a_wrong_value_is_named_with_file_line_and_key(tmp_path: Path) -> None:
    message = _refusal(tmp_path, "# mine\n\n[web]\nport = 99999\n")
    assert f"{tmp_path / 'inboxcrm.toml'}, line 4: web.port" in message
    assert "65535" in message


def test_a_misspelt_key_is_refused(tmp_path: Path) -> None:
    message = _refusal(tmp_path, "[sync]\nbatsh = 10\n")
    assert "line 2: sync.batsh" in message
    assert "no such setting" in message


def test_every_mistake_is_named_at_once(tmp_path: Path) -> None:
    message = _refusal(tmp_path, '[web]\nport = -1\n[person]\ntime_zone = "Mars/Olympus"\n')
    assert "line 2: web.port" in message
    assert "line 4: person.time_zone" in message
    assert "Mars/Olympus" in message


def test_a_mistake_in_the_second_account_is_found_there(tmp_path: Path) -> None:
    message = _refusal(tmp_path, ACCOUNT + ACCOUNT.replace("lina", "wei").replace("993", '"never"'))
    assert "line 12: accounts.2.imap.port" in message


def test_a_wrong_variable_is_named_as_such(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INBOXCRM_SYNC__BATCH", "many")
    message = _refusal(tmp_path, "")
    assert "environment variable INBOXCRM_SYNC__BATCH" in message
    assert "'many'" in message


def test_a_file_that_is_no_toml_is_named_with_its_line(tmp_path: Path) -> None:
    assert "line 2" in _refusal(tmp_path, "[web]\nport = \n")


def test_the_same_account_twice_is_refused(tmp_path: Path) -> None:
    assert "stands twice" in _refusal(tmp_path, ACCOUNT + ACCOUNT.replace("lina", "LINA"))


def test_a_password_cannot_stand_in_the_file(tmp_path: Path) -> None:
    assert "accounts.1.password" in _refusal(tmp_path, ACCOUNT.replace("\n\n", '\npassword = "x"\n\n', 1))


def test_the_home_is_the_one_given_else_the_variable_else_in_the_persons_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INBOXCRM_HOME", str(tmp_path / "variable"))
    assert home_folder(tmp_path / "given") == tmp_path / "given"
    assert home_folder() == tmp_path / "variable"
    monkeypatch.delenv("INBOXCRM_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert home_folder() == tmp_path / ".inboxcrm"


@given(st.text(alphabet='[]ab.="# \n'), st.lists(st.one_of(st.sampled_from("ab"), st.integers(0, 3)), min_size=1))
def test_finding_a_line_never_fails_and_names_a_line_of_the_text(text: str, loc: list[str | int]) -> None:
    assert 0 <= line_of(text, tuple(loc)) <= len(text.splitlines())
