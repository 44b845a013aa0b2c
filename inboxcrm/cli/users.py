"""`inboxcrm users`: who may log in to the pages. Passwords are asked for, or read from standard input; never an argument."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from inboxcrm.cli.context import open_database, print_json
from inboxcrm.i18n import _

app = typer.Typer(no_args_is_help=True)

Name = Annotated[str, typer.Argument(metavar="NAME", help=_("Name to log in with."))]
FromStdin = Annotated[
    bool, typer.Option("--password-stdin", help=_("Read the password from standard input instead of asking for it."))
]


@app.command(help=_("Let somebody log in to the pages."))
def add(ctx: typer.Context, name: Name, password_stdin: FromStdin = False) -> None:
    """Makes a user."""
    from inboxcrm.model.database import writing  # noqa: PLC0415  `--help` needs no database
    from inboxcrm.web.users import create_user  # noqa: PLC0415

    engine = open_database(ctx)
    password = _password(from_stdin=password_stdin)
    with writing(engine) as session:
        user = create_user(session, name, password, datetime.now(UTC))
        typer.echo(_("{name} can log in now.").format(name=user.name))


@app.command(help=_("Give somebody a new password; ends all their sessions."))
def password(ctx: typer.Context, name: Name, password_stdin: FromStdin = False) -> None:
    """Changes a password."""
    from inboxcrm.model.database import writing  # noqa: PLC0415
    from inboxcrm.web.users import change_password  # noqa: PLC0415

    engine = open_database(ctx)
    new = _password(from_stdin=password_stdin)
    with writing(engine) as session:
        user = change_password(session, name, new)
        typer.echo(_("{name} has a new password and is logged out everywhere.").format(name=user.name))


@app.command("list", help=_("List who may log in."))
def list_users(
    ctx: typer.Context, as_json: Annotated[bool, typer.Option("--json", help=_("Print JSON for programs."))] = False
) -> None:
    """Prints all users."""
    from inboxcrm.model.database import looking  # noqa: PLC0415
    from inboxcrm.web.users import all_users  # noqa: PLC0415

    with looking(open_database(ctx)) as session:
        users = all_users(session)
    if as_json:
        print_json([{"name": one.name, "language": one.language, "created_at": one.created_at} for one in users])
    elif not users:
        typer.echo(_("Nobody can log in yet; 'inboxcrm users add NAME' makes the first user."))
    else:
        table = Table(_("Name"), _("Language"), _("Since"))
        for one in users:
            table.add_row(one.name, one.language or "–", f"{one.created_at:%Y-%m-%d}")
        Console().print(table)


def _password(*, from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    return str(typer.prompt(_("Password"), hide_input=True, confirmation_prompt=_("Once more")))
