"""`inboxcrm run`: the service in the foreground, with a log for the operator on the error output, until Ctrl-C or SIGTERM."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Annotated, Any

import typer

from inboxcrm.cli.context import make_home, settings_of
from inboxcrm.cli.logs import configure
from inboxcrm.i18n import _

if TYPE_CHECKING:
    from inboxcrm.settings import Settings


def run_command(
    ctx: typer.Context,
    no_web: Annotated[bool, typer.Option("--no-web", help=_("Serve no pages; only read mail."))] = False,
    port: Annotated[
        int | None,
        typer.Option(
            "--port", min=0, max=65535, help=_("Port of the pages; 0 takes a free one. Default: the settings.")
        ),
    ] = None,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help=_("Say more about what happens."))] = False,
) -> None:
    """Runs the service until it is stopped."""
    configure(level=logging.DEBUG if verbose else logging.INFO)
    settings = settings_of(ctx)
    if port is not None:
        settings = settings.model_copy(update={"web": settings.web.model_copy(update={"port": port})})
    make_home(settings.home)
    if not settings.accounts:
        typer.echo(
            _("There is no account yet: 'inboxcrm init' sets one up; it is read as soon as it is there."), err=True
        )

    from inboxcrm.service import daemon  # noqa: PLC0415  settings that can't be used should be told at once
    from inboxcrm.service.stopping import stop_on_signals  # noqa: PLC0415

    stop = stop_on_signals()
    daemon.run(settings, stop=stop, pages=None if no_web else _pages, public=_public, on_ready=_say_where)


def _pages(settings: Settings, *rest: Any) -> Any:
    from inboxcrm.web.app import create_app  # noqa: PLC0415  a service without pages starts without a web server

    return create_app(settings, *rest)


def _say_where(address: str) -> None:
    typer.echo(_("The pages are at {address}").format(address=address) if address else _("inboxcrm runs."))


def _public(settings: Settings, *rest: Any) -> Any:
    from inboxcrm.web.public import create_public  # noqa: PLC0415  most services have no public pages

    return create_public(settings, *rest)
