"""Where the measurements play: the generated mailbox on a Dovecot of our own, and as many fresh homes as are needed.

The generator is not part of the project: it is read from ../shared/bench, or from where INBOXCRM_BENCH_GENERATOR says.
"""

from __future__ import annotations

import csv
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from bench.processes import Run, measured
from tests.servers.dovecot import Dovecot, running, secret_name

PROJECT = Path(__file__).resolve().parent.parent
USER = "lina@brightvalve.example"
PASSWORD = "bench"  # noqa: S105  of a server that lives for some minutes on this machine

_SETTINGS = """\
[web]
port = 0

[[accounts]]
address = "{user}"
secret = "env:{variable}"
sent_folder = "Sent"

[accounts.imap]
host = "{host}"
port = {port}
security = "none"
"""


@dataclass(slots=True)
class Stage:
    """The server with the mailbox, `mails` of them; `generated` is the generator's output."""

    dovecot: Dovecot
    generated: Path
    folder: Path
    mails: int
    _numbers: Iterator[int] = field(default_factory=count)

    def new_home(self, user: str = USER) -> Path:
        """A home folder that knows one account and has read nothing yet."""
        home = self.folder / f"home-{next(self._numbers)}"
        home.mkdir()
        text = _SETTINGS.format(user=user, variable=secret_name(user), host=self.dovecot.host, port=self.dovecot.port)
        (home / "inboxcrm.toml").write_text(text, encoding="utf-8")
        return home

    def inboxcrm(self, home: Path, *arguments: str | Path, user: str = USER) -> Run:
        """Runs one command of ours in `home`, the home of `user`, and measures it."""
        return measured([*command(home), *arguments], environment(user))

    def a_customer(self) -> str:
        """An address of a customer."""
        with (self.generated / "customers.csv").open(encoding="utf-8", newline="") as table:
            return next(csv.DictReader(table))["emails"].split(";")[0]

    def import_customers(self, home: Path) -> Run:
        """Fills the customer file with those that the generated mail belongs to."""
        return self.inboxcrm(home, "customers", "import", self.generated / "customers.csv")

    def forget_indexes(self) -> None:
        """Takes from Dovecot what it remembers of the mailbox, so that each first import is its first."""
        for index in self.dovecot.maildir(USER).rglob("dovecot.index*"):
            index.unlink()

    def expected_log(self) -> int:
        """How many log entries the generated mailbox makes: one a mail of a customer, none for noise."""
        with (self.generated / "truth.jsonl").open(encoding="utf-8") as rows:
            return sum(json.loads(row)["customer"] is not None for row in rows)


def command(home: Path) -> list[str | Path]:
    """The command line of ours, for `home`."""
    return [sys.executable, "-m", "inboxcrm", "--home", home]


def environment(user: str) -> dict[str, str]:
    """The environment in which ours finds its password."""
    return {secret_name(user): PASSWORD, "LANG": "C.UTF-8"}


def generator() -> Path:
    """The program that makes the mailbox. Raises SystemExit where there is none."""
    path = Path(os.environ.get("INBOXCRM_BENCH_GENERATOR") or PROJECT.parent / "shared/bench/gen_mailbox.py")
    if not path.is_file():
        msg = f"the generator of the mailbox is missing: {path}; set INBOXCRM_BENCH_GENERATOR"
        raise SystemExit(msg)
    return path


@contextmanager
def stage(mails: int) -> Iterator[Stage]:
    """Generates the mailbox, puts it on a Dovecot, and clears everything away after the block."""
    folder = Path(tempfile.mkdtemp(prefix="inboxcrm-bench-"))
    try:
        generated = folder / "generated"
        measured([sys.executable, generator(), generated, "--messages", str(mails)])
        with running() as dovecot:
            dovecot.add_user(USER, PASSWORD)
            owner = dovecot.maildir(USER).stat()
            shutil.copytree(generated / "Maildir", dovecot.maildir(USER), dirs_exist_ok=True)
            for path in (dovecot.maildir(USER), *dovecot.maildir(USER).rglob("*")):
                os.chown(path, owner.st_uid, owner.st_gid)
            yield Stage(dovecot, generated, folder, mails)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
