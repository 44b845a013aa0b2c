"""The demo's folder: made where it is free, reused where it is a demo's, refused where it is anything else."""

import os
from datetime import UTC, datetime

import pytest

from inboxcrm.demo.cast import cast
from inboxcrm.demo.home import DemoHomeError, open_home, write_settings

NOW = datetime(2026, 11, 25, 9, tzinfo=UTC)


def settled(folder):
    return write_settings(folder, cast(), imap_port=1143, smtp_port=1025, web_port=0)


def test_a_new_folder_is_made(tmp_path):
    home = open_home(tmp_path / "deep" / "demo")
    assert home.new
    assert home.folder.is_dir()


def test_a_folder_that_was_finished_is_gone_on_with(tmp_path):
    open_home(tmp_path / "demo").finished(NOW)
    assert not open_home(tmp_path / "demo").new


def test_a_folder_with_other_things_is_refused_by_name(tmp_path):
    (tmp_path / "inboxcrm.toml").write_text("[web]\n", encoding="utf-8")
    with pytest.raises(DemoHomeError, match=str(tmp_path)):
        open_home(tmp_path)


def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(DemoHomeError, match="file"):
        open_home(tmp_path / "file")


def test_the_account_is_on_this_machine_and_its_password_not_in_the_settings(tmp_path):
    settings = settled(tmp_path)
    (account,) = settings.accounts
    assert (account.imap.host, account.imap.port, account.imap.security) == ("127.0.0.1", 1143, "none")
    assert account.secret == "file"
    assert "demo" not in (tmp_path / "inboxcrm.toml").read_text(encoding="utf-8").partition("[[accounts]]")[2]
    assert (tmp_path / "secrets.toml").stat().st_mode & 0o077 == 0


def test_the_environment_of_a_real_installation_is_left_out_of_account(tmp_path, monkeypatch):
    monkeypatch.setenv("INBOXCRM_DATABASE__URL", "postgresql://real/installation")
    monkeypatch.setenv("INBOXCRM_HOME", "/real/installation")
    settings = settled(tmp_path)
    assert settings.database_url == f"sqlite:///{tmp_path / 'inboxcrm.db'}"
    assert "INBOXCRM_DATABASE__URL" not in os.environ
