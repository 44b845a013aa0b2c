"""`inboxcrm doctor`: looks at everything that has to be right, one line each, and says what to do about every failure.

It changes nothing: it makes no database, moves no mail and sends none.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from inboxcrm.cli.context import home_of, print_json
from inboxcrm.errors import InboxcrmError
from inboxcrm.i18n import _
from inboxcrm.mailbox.checkup import Finding, Outcome, check_account
from inboxcrm.mailbox.providers import load as load_providers
from inboxcrm.settings import FILE_NAME, Settings, SettingsError, load

_MARKS = {Outcome.OK: ("✓", "green"), Outcome.WARN: ("!", "yellow"), Outcome.FAIL: ("✗", "red")}
_LITTLE_SPACE = 1_000_000_000
_NO_SPACE = 100_000_000
_TIME_ERROR = 5  # adjtimex(2): the kernel's clock is not synchronised


def doctor_command(
    ctx: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help=_("Print JSON for programs."))] = False,
    timeout: Annotated[float, typer.Option(metavar="SECONDS", help=_("Patience with a silent server."))] = 15.0,
) -> None:
    """Prints the findings; ends with 1 when one of them is a failure."""
    findings: list[Finding] = []
    console = Console(highlight=False, markup=False, soft_wrap=True)
    for finding in _findings(home_of(ctx), timeout):
        findings.append(finding)
        if not as_json:
            _show(console, finding)
    if as_json:
        print_json(
            [
                {
                    "check": one.check,
                    "account": one.account or None,
                    "outcome": one.outcome.value,
                    "words": one.words,
                    "remedy": one.remedy or None,
                }
                for one in findings
            ]
        )
    if any(one.outcome is Outcome.FAIL for one in findings):
        raise typer.Exit(1)


def _show(console: Console, finding: Finding) -> None:
    mark, colour = _MARKS[finding.outcome]
    what = f"{finding.account} {finding.check}".strip()
    remedy = f" → {finding.remedy}" if finding.remedy else ""
    console.print(mark, style=colour, end=" ")
    console.print(f"{what}: {finding.words}{remedy}")


def _findings(home: Path, timeout: float) -> Iterator[Finding]:
    try:
        settings = load(home)
    except SettingsError as error:
        yield Finding(_("settings"), Outcome.FAIL, str(error), _("Mend that line; the rest is checked afterwards."))
        return
    yield from _settings(settings)
    yield from _rules(settings)
    yield from _templates(settings)
    yield from _database(settings)
    yield _clock()
    try:
        providers = load_providers(home)
    except InboxcrmError as error:
        yield Finding("providers.toml", Outcome.FAIL, str(error), _("Mend that line, or remove your copy of the file."))
        return
    for account in settings.accounts:
        yield from check_account(account, home, providers, now=datetime.now(UTC), timeout=timeout)


def _settings(settings: Settings) -> Iterator[Finding]:
    path = settings.home / FILE_NAME
    if not settings.accounts:
        where = str(path) if path.is_file() else _("there is no {path}").format(path=path)
        yield Finding(
            _("settings"), Outcome.FAIL, _("no mailbox is set up ({where})").format(where=where), "inboxcrm init"
        )
    else:
        words = _("{path}, {count} mailboxes").format(path=path, count=len(settings.accounts))
        yield Finding(_("settings"), Outcome.OK, words)
    home = settings.home
    if home.is_dir() and home.stat().st_mode & 0o077:
        words = _("others on this machine can look into {folder}").format(folder=home)
        yield Finding(_("home folder"), Outcome.WARN, words, f"chmod 700 {home}")


def _templates(settings: Settings) -> Iterator[Finding]:
    """Whether the person's own templates can be used."""
    from inboxcrm.followup.templates import Templates  # noqa: PLC0415  slow to load

    for said in Templates(settings.home).problems():
        remedy = _("Mend that line, or remove your copy of the file; meanwhile the last good text is used.")
        yield Finding(_("templates"), Outcome.FAIL, said, remedy)


def _rules(settings: Settings) -> Iterator[Finding]:
    """Whether the files by which customers are judged and followed up can be used; they are few, and the person edits them."""
    from inboxcrm.followup.planning import PlanningRules  # noqa: PLC0415  slow to load
    from inboxcrm.judging import Bench  # noqa: PLC0415

    planning = PlanningRules(settings)
    planning.planner()
    problems = [*Bench(settings).problems(), *planning.errors]
    for said in problems:
        remedy = _("Mend that line, or remove your copy of the file; meanwhile the last good rules hold.")
        yield Finding(_("rules"), Outcome.FAIL, said, remedy)
    if not problems:
        own = sorted(path.name for path in (settings.home / "config").rglob("*.toml"))
        yield Finding(_("rules"), Outcome.OK, _("your own: {files}").format(files=", ".join(own) or "–"))


def _database(settings: Settings) -> Iterable[Finding]:
    name = _("database")
    url = make_url(settings.database_url)
    shown = url.render_as_string(hide_password=True)
    if url.get_backend_name() == "sqlite":
        path = Path(url.database or "")
        yield from _space(path.parent)
        if not path.is_file():
            yield Finding(name, Outcome.WARN, _("{path} is not there yet; the first start makes it").format(path=path))
            return
        if not os.access(path, os.W_OK):
            words = _("{path} can't be written by this person").format(path=path)
            yield Finding(
                name, Outcome.FAIL, words, _("Give it back: chown {user} {path}").format(user=os.getuid(), path=path)
            )
            return
    yield _opened(settings.database_url, shown)


def _opened(url: str, shown: str) -> Finding:
    """Whether the database can be opened and written, and has the tables of this version."""
    from alembic.runtime.migration import MigrationContext  # noqa: PLC0415  slow to load
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    import inboxcrm.model  # noqa: PLC0415
    from inboxcrm.model.database import open_engine  # noqa: PLC0415

    name = _("database")
    engine = open_engine(url)
    try:
        # On SQLite this takes the right to write, which is then given back unused.
        with engine.execution_options(sqlite_begin="IMMEDIATE").connect() as connection:
            version = MigrationContext.configure(connection).get_current_revision()
            if engine.dialect.name != "sqlite":
                connection.execute(text("CREATE TEMPORARY TABLE doctor_was_here (id INTEGER) ON COMMIT DROP"))
            connection.rollback()
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", None) or error).strip()
        if "locked" in reason:
            remedy = _("Another program holds it for long; try again.")
        else:
            remedy = _("Check 'database.url' in inboxcrm.toml, and that the database runs and lets this person write.")
        return Finding(name, Outcome.FAIL, f"{shown}: {reason}", remedy)
    finally:
        engine.dispose()
    folder = Path(inboxcrm.model.__file__).parent / "migrations"
    newest = ScriptDirectory(str(folder)).get_current_head()
    if version is None:
        return Finding(name, Outcome.WARN, _("{url} has no tables yet; the first start makes them").format(url=shown))
    if version != newest:
        words = _("{url} has the tables of another version").format(url=shown)
        return Finding(name, Outcome.WARN, words, _("Any other command of this version brings them up to date."))
    return Finding(name, Outcome.OK, shown)


def _space(folder: Path) -> Iterator[Finding]:
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    words = _("{size} MB free at {folder}").format(size=free // 1_000_000, folder=folder)
    if free < _NO_SPACE:
        yield Finding(_("disk"), Outcome.FAIL, words, _("Make room: mails can't be stored any more."))
    elif free < _LITTLE_SPACE:
        yield Finding(_("disk"), Outcome.WARN, words, _("Make room soon."))
    else:
        yield Finding(_("disk"), Outcome.OK, words)


def _clock() -> Finding:
    """Whether the kernel's clock is kept right by a time service. Whether it really is right, only a mail's arrival can
    hint at (see `inboxcrm.mailbox.checkup`).
    """
    now = datetime.now(UTC).isoformat(sep=" ", timespec="seconds")
    synchronised = _synchronised()
    if synchronised is None:
        return Finding(
            _("clock"), Outcome.OK, _("{time}; whether it is kept right can't be told here").format(time=now)
        )
    if not synchronised:
        words = _("{time}; no time service keeps it right").format(time=now)
        return Finding(_("clock"), Outcome.WARN, words, "timedatectl set-ntp true")
    return Finding(_("clock"), Outcome.OK, _("{time}, kept right by a time service").format(time=now))


def _synchronised() -> bool | None:
    """Asks the kernel (adjtimex(2), reading only); None where it can't be asked."""
    if not sys.platform.startswith("linux"):
        return None
    try:
        timex = ctypes.create_string_buffer(512)  # all zero: modes = 0 changes nothing
        state = ctypes.CDLL(None, use_errno=True).adjtimex(timex)
    except (OSError, AttributeError):
        return None
    return None if state < 0 else state != _TIME_ERROR
