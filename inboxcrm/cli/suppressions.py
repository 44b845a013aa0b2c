"""`inboxcrm suppressions …`: addresses and domains that get no mail, each with its reason and proof. Nobody can switch them off; one
that a person asked for is taken off only when they ask for mail again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from inboxcrm.cli.context import fail, open_database, print_json, settings_of
from inboxcrm.cli.groups import ShowByDefault
from inboxcrm.cli.newsletter_options import Json
from inboxcrm.i18n import _

if TYPE_CHECKING:
    from collections.abc import Sequence

    from inboxcrm.web.queries.suppressions import Shown

app = typer.Typer(cls=ShowByDefault, add_completion=False)


@app.command(
    "show",
    help=_(
        "Same as list.",
    ),
    hidden=True,
)
def show_command(ctx: typer.Context, *, json: Json = False) -> None:
    """Prints the list: what 'suppressions' alone means."""
    list_command(ctx, json=json)


@app.command("list", help=_("List who gets no mail, the newest first."))
def list_command(
    ctx: typer.Context,
    *,
    text: Annotated[str, typer.Option("--text", help=_("Only addresses and domains that hold this."))] = "",
    reason: Annotated[
        str,
        typer.Option("--reason", help=_("Only for this: left, asked, complaint, hard_bounce, soft_bounces, person.")),
    ] = "",
    lifted: Annotated[bool, typer.Option("--lifted", help=_("Those that were taken off instead."))] = False,
    limit: Annotated[int, typer.Option("--limit", min=1, max=100_000, help=_("So many at the most."))] = 50,
    offset: Annotated[int, typer.Option("--offset", min=0, help=_("Leave so many out in front."))] = 0,
    json: Json = False,
) -> None:
    """Prints a table."""
    from inboxcrm.model import SuppressionReason  # noqa: PLC0415  SQLAlchemy takes a moment to load
    from inboxcrm.model.database import looking  # noqa: PLC0415
    from inboxcrm.newsletter.as_json import suppression_json  # noqa: PLC0415
    from inboxcrm.web.queries.suppressions import suppressions  # noqa: PLC0415

    if reason and reason not in list(SuppressionReason):
        known = ", ".join(SuppressionReason)
        fail(_("{reason!r} is no reason; reasons are {known}.").format(reason=reason, known=known))
    with looking(open_database(ctx)) as session:
        rows = suppressions(
            session,
            text=text,
            reason=SuppressionReason(reason) if reason else None,
            lifted=lifted,
            limit=limit,
            offset=offset,
        )
        if json:
            print_json([suppression_json(one.row, one.customers) for one in rows])
        else:
            _say(ctx, rows)


@app.command("add", help=_("Let an address or a domain get no more mail."))
def add_command(
    ctx: typer.Context,
    value: Annotated[
        str, typer.Argument(metavar="ADDRESS", help=_("An address, or a domain like firm.example with all below it."))
    ],
    *,
    all_mail: Annotated[
        bool, typer.Option("--all-mail", help=_("No mail at all, also no follow-ups; else no newsletters."))
    ] = False,
    note: Annotated[str, typer.Option("--note", help=_("Why, for whoever reads it later."))] = "",
    json: Json = False,
) -> None:
    """Prints the suppression."""
    from inboxcrm.cli.shown import now, person  # noqa: PLC0415
    from inboxcrm.customers.suppression import suppress  # noqa: PLC0415
    from inboxcrm.model import SuppressionKind, SuppressionReason, SuppressionScope  # noqa: PLC0415
    from inboxcrm.model.database import writing  # noqa: PLC0415
    from inboxcrm.newsletter.as_json import suppression_json  # noqa: PLC0415

    domain = "@" not in value.strip().removeprefix("@")
    with writing(open_database(ctx)) as session:
        made = suppress(
            session,
            value,
            reason=SuppressionReason.PERSON,
            now=now(),
            scope=SuppressionScope.ALL if all_mail else SuppressionScope.BULK,
            kind=SuppressionKind.DOMAIN if domain else SuppressionKind.ADDRESS,
            by=person(),
            note=note,
        )
        told = suppression_json(made)
    _print(told, json=json)


@app.command("lift", help=_("Take a suppression off."))
def lift_command(
    ctx: typer.Context,
    suppression: Annotated[
        int, typer.Argument(metavar="SUPPRESSION", help=_("Its number, as 'inboxcrm suppressions' shows it."))
    ],
    *,
    consent: Annotated[
        str,
        typer.Option(
            "--consent", help=_("Where and when they asked for mail again; needed where somebody had asked to stop.")
        ),
    ] = "",
    json: Json = False,
) -> None:
    """Prints the suppression."""
    from inboxcrm.cli.shown import now, person  # noqa: PLC0415
    from inboxcrm.customers.suppression import lift  # noqa: PLC0415
    from inboxcrm.model.database import writing  # noqa: PLC0415
    from inboxcrm.newsletter.as_json import suppression_json  # noqa: PLC0415

    with writing(open_database(ctx)) as session:
        told = suppression_json(lift(session, suppression, now=now(), by=person(), consent=consent))
    _print(told, json=json)


@app.command("check", help=_("Say whether mail may go to an address, and what stands against it."))
def check_command(
    ctx: typer.Context,
    address: Annotated[str, typer.Argument(metavar="ADDRESS", help=_("A mail address."))],
    *,
    json: Json = False,
) -> None:
    """Prints what stands against newsletters, and against all mail."""
    from inboxcrm.cli.shown import say  # noqa: PLC0415
    from inboxcrm.customers.suppression import checked  # noqa: PLC0415
    from inboxcrm.model import SuppressionScope  # noqa: PLC0415
    from inboxcrm.model.database import looking  # noqa: PLC0415
    from inboxcrm.newsletter.as_json import suppression_json  # noqa: PLC0415
    from inboxcrm.web.words import label  # noqa: PLC0415

    with looking(open_database(ctx)) as session:
        against = checked(session, address)
        told: dict[str, Any] = {
            scope.value: suppression_json(row) if row is not None else None for scope, row in against.items()
        }
        words = {
            scope: f"{row.value}: {label(row.reason)}" if row is not None else "" for scope, row in against.items()
        }
    if json:
        print_json({"address": address, **told})
        return
    may, not_ = _("may go"), _("must not go ({reason})")
    for name, scope in ((_("Newsletters"), SuppressionScope.BULK), (_("All mail"), SuppressionScope.ALL)):
        say(f"{name}: {not_.format(reason=words[scope]) if words[scope] else may}")


# --- inside -----------------------------------------------------------------------------------------------------------


def _print(told: dict[str, Any], *, json: bool) -> None:
    from inboxcrm.cli.shown import say  # noqa: PLC0415

    if json:
        print_json(told)
        return
    state = _("taken off") if told["lifted_at"] else _("in force")
    say(f"{told['id']}  {told['value']}  {state}")


def _say(ctx: typer.Context, rows: Sequence[Shown]) -> None:
    from inboxcrm.cli.shown import add_row, local, print_table, table  # noqa: PLC0415
    from inboxcrm.web.words import label  # noqa: PLC0415

    zone = settings_of(ctx).person.time_zone
    drawn = table(_("No."), _("Address or domain"), _("Reason"), _("Means"), _("Since"), _("Proof"))
    for one in rows:
        row = one.row
        proof = "; ".join(piece.text for piece in one.proof)
        add_row(drawn, row.id, row.value, label(row.reason), label(row.scope), local(row.at, zone), proof)
    print_table(drawn, empty=_("Nobody is suppressed."))
