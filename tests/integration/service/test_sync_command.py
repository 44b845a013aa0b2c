"""`inboxcrm sync --once`: what programs and people are told, and with which code it ends."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from inboxcrm.service.home import held
from tests.integration.service.installation import Installation, mail
from tests.servers.dovecot import Dovecot


def run(place: Installation, *options: str) -> subprocess.CompletedProcess[str]:
    place.write_settings()
    return subprocess.run(
        [sys.executable, "-m", "inboxcrm", "sync", "--once", *options],
        env=place.environment(),
        capture_output=True,
        text=True,
        check=False,
    )


def test_programs_get_one_json_object_with_every_account_and_folder(
    dovecot: Dovecot, user: str, tmp_path: Path
) -> None:
    dovecot.deliver(user, mail(1, "anna@ahlers.example", user))
    dovecot.deliver(user, mail(2, user, "anna@ahlers.example"), "Sent")
    dovecot.deliver(user, mail(3, "stranger@elsewhere.example", user))
    place = Installation(tmp_path / "home", (dovecot.settings_for(user),))

    done = run(place, "--json")

    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    (account,) = told["accounts"]
    assert (told["ok"], account["ok"], account["address"], account["error"]) == (True, True, user, "")
    assert [(one["name"], one["role"], one["taken"], one["known"]) for one in account["folders"]] == [
        ("INBOX", "inbox", 2, 0),
        ("Sent", "sent", 1, 0),
    ]
    assert told["totals"]["logged"] == 2
    assert told["totals"]["unmatched"] == 1


def test_it_ends_with_1_and_names_the_account_that_failed(dovecot: Dovecot, user: str, tmp_path: Path) -> None:
    colleague = user.replace("lina", "wang")
    accounts = (dovecot.settings_for(user), dovecot.settings_for(colleague))
    dovecot.add_user(colleague, "changed meanwhile")
    dovecot.deliver(user, mail(1, "anna@ahlers.example", user))
    place = Installation(tmp_path / "home", accounts)

    done = run(place)

    assert done.returncode == 1
    assert colleague in done.stdout
    assert place.messages() == ["1@mails.example"]


def test_beside_a_running_service_it_says_so_and_does_nothing(dovecot: Dovecot, user: str, tmp_path: Path) -> None:
    dovecot.deliver(user, mail(1, "anna@ahlers.example", user))
    place = Installation(tmp_path / "home", (dovecot.settings_for(user),))
    with held(place.home):
        done = run(place, "--json")

    assert done.returncode == 1
    assert str(place.home) in done.stderr
    assert "Traceback" not in done.stderr
    assert place.messages() == []
