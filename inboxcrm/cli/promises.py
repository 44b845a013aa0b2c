"""`inboxcrm promises …`: what we said we would do, by when, and whether it is done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from inboxcrm.cli.context import open_database, print_json
from inboxcrm.cli.groups import ShowByDefault
from inboxcrm.cli.when import day
from inboxcrm.i18n import _

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from inboxcrm.model import Promise

app = typer.Typer(cls=ShowByDefault, add_completion=False)

_CUSTOMER_HELP = _("Number, name or a part of it, address or domain.")
Ids = Annotated[list[int], typer.Argument(metavar="PROMISE…", help=_("Numbers, as 'inboxcrm promises' shows them."))]
Json = Annotated[bool, typer.Option("--json", help=_("Print JSON."))]


@app.command("show", help=_("Show what is still to be done: for a customer, or for all; 'show' may be left out."))
def show_command(
    ctx: typer.Context,
    customer: Annotated[str, typer.Argument(metavar="[CUSTOMER]", help=_CUSTOMER_HELP)] = "",
    json: Json = False,
) -> None:
    """Prints a table."""
    from inboxcrm.customers.listing import find_customer  # noqa: PLC0415  SQLAlchemy takes a moment to load
    from inboxcrm.followup.promises import open_promises  # noqa: PLC0415
    from inboxcrm.model.database import looking  # noqa: PLC0415

    with looking(open_database(ctx)) as session:
        found = find_customer(session, customer) if customer else None
        rows = open_promises(session, found.id if found else None)
    _say(rows, json=json)


@app.command("add", help=_("Note a promise that stands in no mail, such as one given on the telephone."))
def add_command(
    ctx: typer.Context,
    *,
    customer: Annotated[str, typer.Argument(metavar="CUSTOMER", help=_CUSTOMER_HELP)],
    text: Annotated[str, typer.Argument(metavar="TEXT", help=_("What was promised."))],
    on: Annotated[str, typer.Option("--on", help=_("By which day, like 2026-04-07."))] = "",
    json: Json = False,
) -> None:
    """Prints it."""
    from inboxcrm.cli.shown import now  # noqa: PLC0415
    from inboxcrm.customers.listing import find_customer  # noqa: PLC0415
    from inboxcrm.followup import promises  # noqa: PLC0415
    from inboxcrm.model.database import writing  # noqa: PLC0415

    due_on = day(on, "--on") if on else None
    with writing(open_database(ctx)) as session:
        found = find_customer(session, customer)
        added = promises.add(session, found.id, text, due_on, now=now())
    _say([(added, found.name)], json=json)


@app.command("keep", help=_("Say that promises were kept."))
def keep_command(ctx: typer.Context, ids: Ids, json: Json = False) -> None:
    """Prints what they are now."""
    from inboxcrm.followup import promises  # noqa: PLC0415

    _each(ctx, ids, lambda session, one, now, by: promises.keep(session, one, now=now, by=by), json=json)


@app.command("drop", help=_("Say that promises are called off, or were none."))
def drop_command(ctx: typer.Context, ids: Ids, json: Json = False) -> None:
    """Prints what they are now."""
    from inboxcrm.followup import promises  # noqa: PLC0415

    _each(ctx, ids, lambda session, one, now, by: promises.drop(session, one, now=now, by=by), json=json)


@app.command("reopen", help=_("Take back that promises were kept or called off."))
def reopen_command(ctx: typer.Context, ids: Ids, json: Json = False) -> None:
    """Prints what they are now."""
    from inboxcrm.followup import promises  # noqa: PLC0415

    _each(ctx, ids, lambda session, one, _now, _by: promises.reopen(session, one), json=json)


@app.command("move", help=_("Set another day for promises."))
def move_command(
    ctx: typer.Context,
    ids: Ids,
    *,
    to: Annotated[str, typer.Option("--to", help=_("The day, like 2026-04-07."))],
    json: Json = False,
) -> None:
    """Prints what they are now."""
    from inboxcrm.followup import promises  # noqa: PLC0415

    due_on = day(to, "--to")
    _each(ctx, ids, lambda session, one, _now, _by: promises.move(session, one, due_on), json=json)


def _each(
    ctx: typer.Context, ids: Sequence[int], act: Callable[[Session, int, datetime, str], Promise], *, json: bool
) -> None:
    """Does `act` to all of them, or, when one of them refuses, to none."""
    from inboxcrm.cli.shown import now, person  # noqa: PLC0415
    from inboxcrm.model import Customer  # noqa: PLC0415
    from inboxcrm.model.database import writing  # noqa: PLC0415

    with writing(open_database(ctx)) as session:
        found = [act(session, one, now(), person()) for one in ids]
        rows = [(one, session.get_one(Customer, one.customer_id).name) for one in found]
    _say(rows, json=json)


def _say(rows: Sequence[tuple[Promise, str]], *, json: bool) -> None:
    from inboxcrm.cli.shown import add_row, print_table, table  # noqa: PLC0415

    if json:
        print_json([_json(row, name) for row, name in rows])
        return
    drawn = table(_("No."), _("By"), _("Company"), _("What"), _("State"))
    for row, name in rows:
        add_row(drawn, row.id, row.due_on or "", name, row.text, row.state.value)
    print_table(drawn, empty=_("Nothing is promised."))


def _json(row: Promise, customer: str) -> dict[str, Any]:
    return {
        "id": row.id,
        "customer": {"id": row.customer_id, "name": customer},
        "entry": row.entry_id,
        "text": row.text,
        "made_at": row.made_at,
        "due_on": row.due_on,
        "about": row.about,
        "state": row.state.value,
    }
