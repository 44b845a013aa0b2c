"""The command `inboxcrm`: knows every command's name and one line of help, and loads a command's module only when it is called.

So `inboxcrm read` starts without the web server and `--help` without anything. The commands themselves are thin and stand
in one module each.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

from inboxcrm import __version__
from inboxcrm.cli.context import Invocation
from inboxcrm.errors import InboxcrmError
from inboxcrm.i18n import _, from_environment, mark, use


@dataclass(frozen=True, slots=True)
class Entry:
    """Where a command is (`module` of this package, `attribute` in it: a function or a `typer.Typer`), and what it does."""

    module: str
    attribute: str
    help: str


COMMANDS = {
    "demo": Entry("demo", "demo_command", mark("Show everything on an invented mailbox; touches nothing of yours.")),
    "init": Entry("init", "init_command", mark("Set up a mailbox: find its server, log in, write the settings.")),
    "doctor": Entry("doctor", "doctor_command", mark("Check settings, database and servers; say what to do.")),
    "run": Entry("run", "run_command", mark("Watch the mailboxes, write the logs and serve the pages, until stopped.")),
    "sync": Entry("sync", "sync_command", mark("Read the mailboxes to the end without watching them.")),
    "customers": Entry("customers", "app", mark("Import, list and show customers.")),
    "log": Entry("log", "app", mark("Show a customer's communication log, or add to it by hand.")),
    "grade": Entry("grade", "app", mark("Show how customers are graded, and why; hold, undo, try other rules.")),
    "signals": Entry("signals", "app", mark("Show the signals found in mails; say which are right, wrong or missed.")),
    "records": Entry("records", "app", mark("Show inquiries, quotes, samples and orders, or keep them by hand.")),
    "drafts": Entry("drafts", "app", mark("Review the drafts: edit, approve, postpone, leave out, take back.")),
    "templates": Entry("templates", "app", mark("List, show and try the texts of follow-ups.")),
    "followups": Entry(
        "followups", "app", mark("Show what is planned with whom and why; pause, move, leave out, add.")
    ),
    "promises": Entry("promises", "app", mark("Show what was promised to customers, and say whether it is done.")),
    "newsletter": Entry(
        "newsletter", "app", mark("Write newsletters, see who gets them, let them go, and see what became of them.")
    ),
    "suppressions": Entry("suppressions", "app", mark("Show who gets no mail and why; add to it, take off, look up.")),
    "unmatched": Entry("unmatched", "app", mark("Say whose the mail is that matched no customer.")),
    "search": Entry("search", "search_command", mark("Search logs and customers.")),
    "users": Entry("users", "app", mark("Manage who may log in to the pages.")),
    "read": Entry("read", "read_command", mark("Show what is understood from a mail; needs no account.")),
    "rules": Entry("rules", "app", mark("Check the rules that say what a mail means for the business.")),
    "reread": Entry(
        "reread", "reread_command", mark("Find signals in the whole history anew, by the rules as they are now.")
    ),
}
"""In the order of `--help`: as one meets them."""


class LazyGroup(TyperGroup):
    """A group that lists the commands of `COMMANDS` and imports one when it is called."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        # For lists, completion and suggestions a name and a line of help are enough.
        self.commands = {name: TyperCommand(name, help=_(entry.help)) for name, entry in COMMANDS.items()}

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The real command, for calling it."""
        name, command, rest = super().resolve_command(ctx, args)
        return name, command and name and loaded(name), rest


def loaded(name: str) -> Any:
    """The command `name` of the table, its module imported."""
    entry = COMMANDS[name]
    target = getattr(import_module(f"inboxcrm.cli.{entry.module}"), entry.attribute)
    command: Any
    if isinstance(target, typer.Typer):
        target.info.help = _(entry.help)
        command = typer.main.get_group(target)
    else:
        alone = typer.Typer(add_completion=False)
        alone.command(help=_(entry.help))(target)
        command = typer.main.get_command(alone)
    command.name = name
    return command


def application() -> typer.Typer:
    """The whole command line, speaking the language of this context."""
    app = typer.Typer(cls=LazyGroup, no_args_is_help=True, pretty_exceptions_enable=False)
    # Pretty tracebacks would print local variables, and with them mails and passwords.

    @app.callback(help=_("Watches your mailboxes and keeps every customer's communication log."))
    def root(
        ctx: typer.Context,
        home: Annotated[
            Path | None,
            typer.Option("--home", metavar="DIR", envvar="INBOXCRM_HOME", help=_("Folder of settings and data.")),
        ] = None,
        version: Annotated[
            bool, typer.Option("--version", callback=_print_version, is_eager=True, help=_("Print the version."))
        ] = False,
    ) -> None:
        ctx.obj = Invocation(home)

    return app


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"inboxcrm {__version__}")
        raise typer.Exit


def main() -> None:
    """Runs the command line; ends the process. What a person can mend is said in plain words, without a traceback."""
    use(from_environment())
    try:
        application()()
    except InboxcrmError as error:
        typer.echo(str(error), err=True)
        sys.exit(1)
