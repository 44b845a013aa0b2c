"""`inboxcrm signals …`: what was found in a customer's mails, and what a person says of it: right, wrong, missed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from inboxcrm.cli.context import fail, open_database, print_json, settings_of
from inboxcrm.cli.groups import ShowByDefault
from inboxcrm.i18n import _

if TYPE_CHECKING:
    from inboxcrm.engagement.corrections import Shown

app = typer.Typer(cls=ShowByDefault, add_completion=False)

_IDS_HELP = _("Numbers of signals, as 'inboxcrm signals' shows them.")
_JSON_HELP = _("Print JSON.")


@app.command("show", help=_("Show the signals of a customer, or all that wait for a person; 'show' may be left out."))
def show_command(
    ctx: typer.Context,
    customer: Annotated[
        str, typer.Argument(metavar="[CUSTOMER]", help=_("Number, name or a part of it, address or domain."))
    ] = "",
    *,
    waiting: Annotated[bool, typer.Option("--waiting", help=_("Only those that wait for a person."))] = False,
    limit: Annotated[int, typer.Option("--limit", min=1, help=_("At most so many signals."))] = 100,
    json: Annotated[bool, typer.Option("--json", help=_JSON_HELP)] = False,
) -> None:
    """Prints a table, or {"customer", "signals"} as JSON."""
    from inboxcrm.cli.shown import customer_json, say  # noqa: PLC0415  SQLAlchemy and rich take a moment to load
    from inboxcrm.customers.listing import find_customer  # noqa: PLC0415
    from inboxcrm.engagement.corrections import shown  # noqa: PLC0415
    from inboxcrm.model import SignalState  # noqa: PLC0415
    from inboxcrm.model.database import looking  # noqa: PLC0415

    with looking(open_database(ctx)) as session:
        found = find_customer(session, customer) if customer else None
        states = [SignalState.SUGGESTED] if waiting or found is None else []
        rows = shown(session, found.id if found else None, states=states, limit=limit)
    if json:
        head = customer_json(found) if found else None
        print_json({"customer": head, "signals": [row.as_json() for row in rows]})
        return
    if found:
        say(f"{found.id}  {found.name}  {found.local_name}".rstrip())
    _say(ctx, rows, with_customer=found is None)


@app.command("confirm", help=_("Say that signals are right: they count, however unsure they were."))
def confirm_command(
    ctx: typer.Context,
    ids: Annotated[list[int], typer.Argument(metavar="SIGNAL…", help=_IDS_HELP)],
    json: Annotated[bool, typer.Option("--json", help=_JSON_HELP)] = False,
) -> None:
    """Prints what they are now."""
    _decide(ctx, "confirm", ids, json=json)


@app.command("reject", help=_("Say that signals are wrong: they count no more, and no rule brings them back."))
def reject_command(
    ctx: typer.Context,
    ids: Annotated[list[int], typer.Argument(metavar="SIGNAL…", help=_IDS_HELP)],
    json: Annotated[bool, typer.Option("--json", help=_JSON_HELP)] = False,
) -> None:
    """Prints what they are now."""
    _decide(ctx, "reject", ids, json=json)


@app.command("undo", help=_("Take back what was said of signals: the word of the rules holds again."))
def undo_command(
    ctx: typer.Context,
    ids: Annotated[list[int], typer.Argument(metavar="SIGNAL…", help=_IDS_HELP)],
    json: Annotated[bool, typer.Option("--json", help=_JSON_HELP)] = False,
) -> None:
    """Prints what they are now."""
    _decide(ctx, "undo", ids, json=json)


@app.command("add", help=_("Add a signal that was missed in an entry of the log."))
def add_command(
    ctx: typer.Context,
    *,
    entry: Annotated[int, typer.Argument(metavar="ENTRY", help=_("Number of the entry, as 'inboxcrm log' gives it."))],
    kind: Annotated[str, typer.Argument(metavar="KIND", help=_("What it is, like sample_request."))],
    evidence: Annotated[str, typer.Option("--evidence", help=_("The words that show it, as they stand there."))] = "",
    json: Annotated[bool, typer.Option("--json", help=_JSON_HELP)] = False,
) -> None:
    """Prints the signal."""
    from inboxcrm.cli.shown import now, person  # noqa: PLC0415
    from inboxcrm.engagement import corrections  # noqa: PLC0415
    from inboxcrm.engagement.signals import Kind  # noqa: PLC0415
    from inboxcrm.judging import Bench, judged  # noqa: PLC0415

    if kind not in set(Kind):
        fail(_("{kind} is no kind of signal; expected one of {kinds}.").format(kind=kind, kinds=", ".join(Kind)))
    with judged(open_database(ctx), Bench(settings_of(ctx)), now) as session:
        added = corrections.add(session, entry, Kind(kind), now=now(), by=person(), evidence=evidence)
    _say_these(ctx, [added.id], json=json)


def _decide(ctx: typer.Context, what: str, ids: list[int], *, json: bool) -> None:
    from inboxcrm.cli.shown import now, person  # noqa: PLC0415
    from inboxcrm.engagement import corrections  # noqa: PLC0415
    from inboxcrm.judging import Bench, judged  # noqa: PLC0415

    with judged(open_database(ctx), Bench(settings_of(ctx)), now) as session:
        for one in ids:
            if what == "undo":
                corrections.undo(session, one)
            else:
                (corrections.confirm if what == "confirm" else corrections.reject)(session, one, now=now(), by=person())
    _say_these(ctx, ids, json=json)


def _say_these(ctx: typer.Context, ids: list[int], *, json: bool) -> None:
    from inboxcrm.engagement.corrections import of_ids  # noqa: PLC0415
    from inboxcrm.model.database import looking  # noqa: PLC0415

    with looking(open_database(ctx)) as session:
        rows = of_ids(session, ids)
    if json:
        print_json([row.as_json() for row in rows])
    else:
        _say(ctx, rows, with_customer=True)


def _say(ctx: typer.Context, rows: list[Shown], *, with_customer: bool) -> None:
    from inboxcrm.cli.shown import add_row, local, print_table, table  # noqa: PLC0415

    zone = settings_of(ctx).person.time_zone
    heads = [_("No."), _("When"), _("What"), _("State"), _("Sure"), _("Words"), _("Entry")]
    drawn = table(*heads[:2], *([_("Company")] if with_customer else []), *heads[2:])
    for row in rows:
        one = row.signal
        cells = [one.id, local(one.at, zone)]
        if with_customer:
            cells.append(row.customer)
        add_row(drawn, *cells, one.kind, one.state.value, f"{one.confidence:.0%}", one.evidence, one.entry_id)
    print_table(drawn, empty=_("There are no signals."))
