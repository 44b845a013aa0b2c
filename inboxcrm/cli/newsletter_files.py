"""`inboxcrm newsletter files`, `remove-file`: the pictures and other files that can go with issues.

They are put there with a text or a list of products, or by `--attach`; a file that an issue needs stays.
"""

from __future__ import annotations

from typing import Annotated

import typer

from inboxcrm.cli.context import home_of, open_database, print_json
from inboxcrm.cli.newsletter_options import Json, Yes, press_of
from inboxcrm.cli.questions import be_sure
from inboxcrm.i18n import _

app = typer.Typer(add_completion=False)


@app.command("files", help=_("List the pictures and files that can go with issues."))
def files_command(ctx: typer.Context, *, json: Json = False) -> None:
    """Prints a table."""
    from inboxcrm.cli.shown import add_row, print_table, table  # noqa: PLC0415  SQLAlchemy takes a moment to load
    from inboxcrm.newsletter import files  # noqa: PLC0415

    found = files.all_of(home_of(ctx))
    if json:
        print_json([{"name": one.name, "size": one.size, "type": one.type} for one in found])
        return
    drawn = table(_("Name"), _("Type"), _("kB"))
    for one in found:
        add_row(drawn, one.name, one.type, round(one.size / 1000))
    print_table(drawn, empty=_("There is no file yet."))


@app.command("remove-file", help=_("Delete a file that no issue needs any more."))
def remove_file_command(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help=_("As 'inboxcrm newsletter files' shows it."))],
    *,
    yes: Yes = False,
    json: Json = False,
) -> None:
    """Asks, and says which."""
    from inboxcrm.cli.shown import say  # noqa: PLC0415
    from inboxcrm.model.database import looking  # noqa: PLC0415
    from inboxcrm.newsletter import used_files  # noqa: PLC0415

    press = press_of(ctx)
    with looking(open_database(ctx)) as session:
        used_files.check(session, press, name)
        be_sure(_("“{name}” is gone then, for good. Remove it?").format(name=name), yes=yes)
        used_files.remove(session, press, name)
    if json:
        print_json({"removed": name})
    else:
        say(_("“{name}” is removed.").format(name=name))
