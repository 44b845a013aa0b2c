"""What every command needs: the home folder, its settings, its database, and two ways to speak to the outside world.

Heavy imports stand inside the functions, so that a command pays only for what it uses.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import typer

from inboxcrm.i18n import _

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from inboxcrm.settings import Settings


@dataclass(frozen=True, slots=True)
class Invocation:
    """What was said before the command's name: the folder of this installation, None for the usual one."""

    home: Path | None = None


def home_of(ctx: typer.Context) -> Path:
    """The home folder of this call, absolute; it need not exist yet."""
    from inboxcrm.settings import home_folder  # noqa: PLC0415  pydantic takes a moment to load

    return home_folder((ctx.find_object(Invocation) or Invocation()).home)


def settings_of(ctx: typer.Context) -> Settings:
    """The settings of the home folder. Raises SettingsError, which `inboxcrm.cli.main` prints as it is."""
    from inboxcrm.settings import load  # noqa: PLC0415  pydantic takes a moment to load

    return load(home_of(ctx))


def open_database(ctx: typer.Context) -> Engine:
    """The database of the home folder, brought up to date; made when there is none. Ends the command when it can't be opened."""
    from sqlalchemy.exc import SQLAlchemyError  # noqa: PLC0415  `inboxcrm read` and `--help` need no database

    from inboxcrm.model.database import open_engine, upgrade  # noqa: PLC0415

    settings = settings_of(ctx)
    make_home(settings.home)
    try:
        engine = open_engine(settings.database_url)
        upgrade(engine)
    except (SQLAlchemyError, OSError) as error:
        reason = getattr(error, "orig", None) or error
        fail(_("The database can't be opened ({reason}). 'inboxcrm doctor' tells more.").format(reason=reason))
    return engine


def make_home(home: Path) -> None:
    """Makes the home folder where it is missing, readable by this person alone: mails are kept in it."""
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        fail(
            _("The folder {folder} can't be made ({reason}). Choose another with --home.").format(
                folder=home, reason=error.strerror
            )
        )


def fail(message: str) -> NoReturn:
    """Says `message` on the error output and ends the command with 1."""
    typer.echo(message, err=True)
    raise typer.Exit(1)


def print_json(value: Any) -> None:
    """Prints one JSON document. Dates become ISO 8601, anything else that JSON lacks its text; letters of any script stay readable."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2, default=_plain))


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
