"""`inboxcrm demo`: everything on an invented mailbox, in one folder, until Ctrl-C."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from inboxcrm.cli.context import home_of
from inboxcrm.i18n import _


def demo_command(  # noqa: PLR0917  typer reads the options from the arguments
    ctx: typer.Context,
    home: Annotated[
        Path | None,
        typer.Option(
            "--home", metavar="DIR", help=_("Folder of the demo, new or from before. Default: a fresh temporary one.")
        ),
    ] = None,
    port: Annotated[
        int, typer.Option("--port", min=0, max=65535, help=_("Port of the pages; 0 takes a free one."))
    ] = 0,
    pace: Annotated[
        float, typer.Option("--pace", min=0, metavar="SECONDS", help=_("Seconds between two new mails; 0 for none."))
    ] = 6.0,
    no_browser: Annotated[bool, typer.Option("--no-browser", help=_("Don't open a browser."))] = False,
    once: Annotated[bool, typer.Option("--once", help=_("End when the whole mailbox is read."))] = False,
) -> None:
    """Runs the demo."""
    from inboxcrm.demo.run import run  # noqa: PLC0415  `--help` needs no mail server

    root = ctx.find_root()
    source = root.get_parameter_source("home")
    if home is None and source is not None and source.name == "COMMANDLINE":
        home = home_of(ctx)  # `inboxcrm --home DIR demo`; but INBOXCRM_HOME names a real installation and is left alone
    run(home, port=port, pace=pace, browser=not no_browser, once=once)
