"""`inboxcrm customers`: import, list and show the customer files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from inboxcrm.cli.context import fail, open_database, print_json, settings_of
from inboxcrm.i18n import _, ngettext

if TYPE_CHECKING:
    from inboxcrm.customers.importing import Report

app = typer.Typer(no_args_is_help=True, add_completion=False)


@app.command(
    "import", help=_("Import a list of customers (.csv, .xlsx, .xls, .ods): all of it or nothing. Again is harmless.")
)
def import_command(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help=_("Headers in English or Chinese, in any order."))],
    skip_bad: Annotated[bool, typer.Option("--skip-bad", help=_("Leave bad lines out and import the rest."))] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help=_("Only say what would be done."))] = False,
    json: Annotated[bool, typer.Option("--json", help=_("Print JSON."))] = False,
) -> None:
    """Ends with 1 when nothing was imported because of bad lines."""
    from inboxcrm.cli.shown import now, person  # noqa: PLC0415  rich and SQLAlchemy take a moment to load
    from inboxcrm.customers.importing import import_customers  # noqa: PLC0415
    from inboxcrm.customers.provenance import Origin  # noqa: PLC0415
    from inboxcrm.model.database import writing  # noqa: PLC0415

    engine = open_database(ctx)
    with writing(engine) as session:
        report = import_customers(session, file, Origin(now(), person()), skip_bad=skip_bad, dry_run=dry_run)
    refused = bool(report.problems) and not skip_bad
    if json:
        print_json(_report_json(report, refused=refused))
    else:
        _say_report(report, file, refused=refused, dry_run=dry_run)
    if refused:
        raise typer.Exit(1)


@app.command("list", help=_("List customers, those with the newest contact first."))
def list_command(
    ctx: typer.Context,
    *,
    text: Annotated[str, typer.Argument(metavar="TEXT", help=_("Only files that contain these words."))] = "",
    grade: Annotated[list[str] | None, typer.Option("--grade", help=_("A, B, C or watch; can be repeated."))] = None,
    status: Annotated[
        list[str] | None, typer.Option("--status", help=_("prospect, following, won or dormant; can be repeated."))
    ] = None,
    country: Annotated[list[str] | None, typer.Option("--country", help=_("By name or code; can be repeated."))] = None,
    tag: Annotated[str, typer.Option("--tag", help=_("Only those with this tag."))] = "",
    sort: Annotated[
        str, typer.Option("--sort", help=_("last_entry, last_in, last_out, name, grade or created."))
    ] = "last_entry",
    limit: Annotated[int, typer.Option("--limit", min=1, help=_("At most so many."))] = 50,
    json: Annotated[bool, typer.Option("--json", help=_("Print JSON."))] = False,
) -> None:
    """Prints a table, or a JSON list."""
    from inboxcrm.cli.shown import customer_json, customers_table, print_table, say  # noqa: PLC0415
    from inboxcrm.customers.fields import CUSTOMER_FIELDS, FieldError, read_field  # noqa: PLC0415
    from inboxcrm.customers.listing import Filter, Sort, count, customers  # noqa: PLC0415
    from inboxcrm.model.database import looking  # noqa: PLC0415

    if sort not in list(Sort):
        raise FieldError("sort", _("--sort takes one of: {values}.").format(values=", ".join(Sort)))
    chosen = Filter(
        text=text,
        grades=[read_field(CUSTOMER_FIELDS, "grade", one) for one in grade or ()],
        statuses=[read_field(CUSTOMER_FIELDS, "status", one) for one in status or ()],
        countries=[read_field(CUSTOMER_FIELDS, "country", one) for one in country or ()],
        tag=tag,
    )
    with looking(open_database(ctx)) as session:
        found = customers(session, chosen, sort=Sort(sort), limit=limit)
        number = count(session, chosen)
    if json:
        print_json([customer_json(one) for one in found])
        return
    print_table(customers_table(found, settings_of(ctx).person.time_zone), empty=_("No customers."))
    if number > len(found):
        say(_("{shown} of {number}; --limit shows more.").format(shown=len(found), number=number))


@app.command("show", help=_("Show a customer's file."))
def show_command(
    ctx: typer.Context,
    customer: Annotated[
        str, typer.Argument(metavar="CUSTOMER", help=_("Number, name or a part of it, address or domain."))
    ],
    json: Annotated[bool, typer.Option("--json", help=_("Print JSON."))] = False,
) -> None:
    """Prints the file, or one JSON object."""
    from inboxcrm.customers.listing import find_customer  # noqa: PLC0415
    from inboxcrm.model.database import looking  # noqa: PLC0415

    with looking(open_database(ctx)) as session:
        shown = _file_json(session, find_customer(session, customer))
    if json:
        print_json(shown)
    else:
        _say_file(shown, settings_of(ctx).person.time_zone)


@app.command("release-status", help=_("Let a status that was set by hand follow the business records again."))
def release_status_command(
    ctx: typer.Context,
    customer: Annotated[
        str, typer.Argument(metavar="CUSTOMER", help=_("Number, name or a part of it, address or domain."))
    ],
) -> None:
    """Prints the status that holds now."""
    from inboxcrm.cli.shown import now, say, status_word  # noqa: PLC0415
    from inboxcrm.customers.file import release_status  # noqa: PLC0415
    from inboxcrm.customers.listing import find_customer  # noqa: PLC0415
    from inboxcrm.judging import Bench, judged  # noqa: PLC0415
    from inboxcrm.model import Customer  # noqa: PLC0415
    from inboxcrm.model.database import looking  # noqa: PLC0415

    engine = open_database(ctx)
    with judged(engine, Bench(settings_of(ctx)), now) as session:
        found = find_customer(session, customer)
        if not found.status_pinned:
            fail(_("The status of {customer} wasn't set by hand.").format(customer=found.name))
        release_status(session, found)
    with looking(engine) as session:
        say(f"{found.name}: {status_word(session.get_one(Customer, found.id).status.value)}")


def _report_json(report: Report, *, refused: bool) -> dict[str, Any]:
    def placed(problems: list[Any]) -> list[dict[str, Any]]:
        return [
            {"line": one.line, "column": one.column, "value": one.value, "message": one.expected} for one in problems
        ]

    return {
        "imported": report.is_done,
        "created": 0 if refused else report.created,
        "updated": 0 if refused else report.updated,
        "unchanged": 0 if refused else report.unchanged,
        "contacts": 0 if refused else report.contacts,
        "addresses": 0 if refused else report.addresses,
        "log_entries": len(report.recorded.entries),
        "problems": placed(report.problems),
        "notes": placed(report.notes),
        "kept": placed(report.kept),
    }


def _say_report(report: Report, file: Path, *, refused: bool, dry_run: bool) -> None:
    from inboxcrm.cli.shown import say  # noqa: PLC0415

    shown = 20
    for heading, problems in (
        (_("Wrong:"), report.problems),
        (_("Left out or read differently:"), report.notes),
        (_("Kept as a person wrote it:"), report.kept),
    ):
        if problems:
            say("\n".join([heading, *(f"  {one}" for one in problems[:shown])]))
        if len(problems) > shown:
            say(_("  … and {count} more; --json lists them all.").format(count=len(problems) - shown))
    if refused:
        count = len(report.problems)
        text = ngettext(
            "Nothing was imported from {file}: {count} mistake. Mend it, or leave bad lines out with --skip-bad.",
            "Nothing was imported from {file}: {count} mistakes. Mend them, or leave bad lines out with --skip-bad.",
            count,
        )
        say(text.format(file=file.name, count=count))
        return
    text = _("{created} customers created, {updated} updated, {unchanged} unchanged; {contacts} new contacts.")
    say(
        text.format(
            created=report.created, updated=report.updated, unchanged=report.unchanged, contacts=report.contacts
        )
    )
    if dry_run:
        say(_("Nothing was written (--dry-run)."))
    elif report.recorded.entries:
        count = len(report.recorded.entries)
        text = ngettext("{count} older mail entered the log.", "{count} older mails entered the log.", count)
        say(text.format(count=count))


def _file_json(session: Any, customer: Any) -> dict[str, Any]:
    from sqlalchemy import select  # noqa: PLC0415

    from inboxcrm.cli.shown import customer_json  # noqa: PLC0415
    from inboxcrm.customers.fields import CUSTOMER_FIELDS  # noqa: PLC0415
    from inboxcrm.customers.provenance import plain, sources  # noqa: PLC0415
    from inboxcrm.journal.timeline import count  # noqa: PLC0415
    from inboxcrm.model import ContactProposal, ProposalState  # noqa: PLC0415

    known_from = sources(session, customer)
    proposals = session.scalars(
        select(ContactProposal).where(
            ContactProposal.customer_id == customer.id, ContactProposal.state == ProposalState.OPEN
        )
    )
    return {
        **customer_json(customer),
        "fields": {
            name: {
                "label": _(field.label),
                "value": plain(value),
                "source": known_from[name].source.value if name in known_from else None,
                "by": known_from[name].by if name in known_from else None,
                "at": known_from[name].at if name in known_from else None,
            }
            for name, field in CUSTOMER_FIELDS.items()
            if (value := getattr(customer, name)) not in ("", None, [], {})
        },
        "domains": [one.domain for one in customer.domains],
        "contacts": [
            {
                "id": contact.id,
                "name": contact.name,
                "title": contact.title,
                "language": contact.language,
                "addresses": [
                    {"address": one.written, "health": one.health.value, "reason": one.health_reason}
                    for one in contact.addresses
                ],
            }
            for contact in customer.contacts
        ],
        "proposed_contacts": [{"id": one.id, "name": one.name, "address": one.written} for one in proposals],
        "entries": count(session, customer.id),
    }


def _say_file(shown: dict[str, Any], zone: str) -> None:
    from inboxcrm.cli.shown import add_row, local, print_table, say, table  # noqa: PLC0415

    say(f"{shown['id']}  {shown['name']}  {shown['local_name']}".rstrip())
    fields = table(_("Field"), _("Value"), _("Known from"))
    for name, one in shown["fields"].items():
        if name == "name":
            continue
        value = one["value"]
        if isinstance(value, list):
            value = ", ".join(map(str, value))
        elif isinstance(value, dict):
            value = "; ".join(f"{key}: {text}" for key, text in value.items())
        add_row(fields, one["label"], value, " ".join(filter(None, [one["by"] or "", local(one["at"], zone)])))
    print_table(fields, empty="")
    if shown["domains"]:
        say(_("Domains: {domains}").format(domains=", ".join(shown["domains"])))
    people = table(_("Contact"), _("Title"), _("Addresses"))
    for contact in shown["contacts"]:
        written = [
            one["address"] + (f" ({_('bouncing')}: {one['reason']})" if one["health"] == "bouncing" else "")
            for one in contact["addresses"]
        ]
        add_row(people, contact["name"] or "–", contact["title"], ", ".join(written))
    print_table(people, empty=_("No contacts."))
    for one in shown["proposed_contacts"]:
        say(_("Perhaps a contact: {name} <{address}>").format(name=one["name"], address=one["address"]))
    say(
        _("Last from them: {last_in} · last from us: {last_out} · {count} entries in the log").format(
            last_in=local(shown["last_in_at"], zone) or "–",
            last_out=local(shown["last_out_at"], zone) or "–",
            count=shown["entries"],
        )
    )
