"""`inboxcrm search`: finds entries and customers by their words."""

from __future__ import annotations

from typing import Annotated

import typer

from inboxcrm.cli.context import open_database, print_json, settings_of
from inboxcrm.i18n import _


def search_command(
    ctx: typer.Context,
    text: Annotated[
        list[str], typer.Argument(metavar="TEXT", help=_("Words that must all occur; the last may be only begun."))
    ],
    limit: Annotated[int, typer.Option("--limit", min=1, help=_("At most so many entries."))] = 20,
    json: Annotated[bool, typer.Option("--json", help=_("Print JSON."))] = False,
) -> None:
    """Prints customers and entries, or {"customers", "entries"} as JSON."""
    from inboxcrm.cli.shown import add_row, local, print_table, table  # noqa: PLC0415  rich takes a moment to load
    from inboxcrm.journal.search import search  # noqa: PLC0415
    from inboxcrm.model.database import looking  # noqa: PLC0415

    with looking(open_database(ctx)) as session:
        hits = search(session, " ".join(text), limit)
    if json:
        print_json(
            {
                "customers": [
                    {"id": one.id, "name": one.name, "local_name": one.local_name, "country": one.country}
                    for one in hits.customers
                ],
                "entries": [{**hit.line.as_json(), "snippet": hit.snippet} for hit in hits.entries],
            }
        )
        return
    if hits.customers:
        found = table(_("No."), _("Company"), _("Country"))
        for one in hits.customers:
            add_row(found, one.id, f"{one.name}  {one.local_name}".rstrip(), one.country)
        print_table(found, empty="")
    zone = settings_of(ctx).person.time_zone
    drawn = table(_("When"), _("Company"), _("Subject"), _("Text"))
    for hit in hits.entries:
        add_row(drawn, local(hit.line.at, zone), hit.line.customer, hit.line.subject, hit.snippet)
    if hits.entries or not hits.customers:
        print_table(drawn, empty=_("Nothing found."))
