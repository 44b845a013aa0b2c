"""`inboxcrm newsletter …`: issues at the terminal. Here they are listed and shown; the siblings make them, look at them before they go,
follow them on their way, and keep the series.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from inboxcrm.cli import newsletter_files, newsletter_looking, newsletter_making, newsletter_series, newsletter_way
from inboxcrm.cli.context import fail, open_database, print_json, settings_of
from inboxcrm.cli.groups import ShowByDefault
from inboxcrm.cli.newsletter_options import Json, show_issue
from inboxcrm.i18n import _

if TYPE_CHECKING:
    from collections.abc import Sequence

    from inboxcrm.web.queries.newsletters import IssueRow

app = typer.Typer(cls=ShowByDefault, add_completion=False)


@app.command("list", help=_("List the issues, the newest first."))
def list_command(
    ctx: typer.Context,
    *,
    state: Annotated[
        list[str] | None,
        typer.Option(
            "--state",
            help=_("Only in this state: draft, review, approved, sending, paused, done, cancelled; several times."),
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Prints a table."""
    from inboxcrm.model import IssueState  # noqa: PLC0415  SQLAlchemy takes a moment to load
    from inboxcrm.model.database import looking  # noqa: PLC0415
    from inboxcrm.newsletter.as_json import issue_head  # noqa: PLC0415
    from inboxcrm.web.queries.newsletters import issues  # noqa: PLC0415

    known = list(IssueState)
    if unknown := [one for one in state or () if one not in known]:
        fail(_("{state!r} is no state; states are {known}.").format(state=unknown[0], known=", ".join(known)))
    with looking(open_database(ctx)) as session:
        rows = issues(session, [IssueState(one) for one in state or known])
        if json:
            print_json(
                [{**issue_head(session, row.issue), "recipients": row.recipients, "sent": row.sent} for row in rows]
            )
        else:
            _say_list(ctx, rows)


@app.command("show", help=_("Show an issue with its texts, or the list of all; 'show' may be left out."))
def show_command(
    ctx: typer.Context,
    issue: Annotated[int | None, typer.Argument(metavar="[ISSUE]", help=_("Number of an issue."))] = None,
    *,
    json: Json = False,
) -> None:
    """Prints one issue, or the list."""
    if issue is None:
        list_command(ctx, json=json)
    else:
        show_issue(ctx, issue, json=json)


for one in (newsletter_making, newsletter_files, newsletter_looking, newsletter_way):
    app.registered_commands += one.app.registered_commands
app.add_typer(newsletter_series.app, name="series", help=_("Series that draft their next issue by themselves."))


def _say_list(ctx: typer.Context, rows: Sequence[IssueRow]) -> None:
    from inboxcrm.cli.shown import add_row, local, print_table, table  # noqa: PLC0415
    from inboxcrm.web.words import label  # noqa: PLC0415

    zone = settings_of(ctx).person.time_zone
    drawn = table(_("No."), _("Issue"), _("Series"), _("Languages"), _("State"), _("Time"), _("Recipients"), _("Sent"))
    for row in rows:
        issue = row.issue
        when = local(issue.started_at or issue.send_at or issue.created_at, zone)
        counts = (row.recipients, row.sent) if row.recipients else ("", "")
        add_row(drawn, issue.id, issue.name, row.series, " ".join(row.languages), label(issue.state), when, *counts)
    print_table(drawn, empty=_("There is no issue yet; write one with 'inboxcrm newsletter new'."))
