"""`inboxcrm unmatched`: the triage list, and what a person says about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from inboxcrm.cli.context import open_database, print_json, settings_of
from inboxcrm.i18n import _, ngettext

if TYPE_CHECKING:
    from inboxcrm.customers.triage import Group

app = typer.Typer(no_args_is_help=True, add_completion=False)

_VALUE_HELP = _("A mail address, or a company's domain.")


@app.command("list", help=_("List who wrote or was written to but is nobody's yet, newest first."))
def list_command(
    ctx: typer.Context,
    *,
    by_domain: Annotated[bool, typer.Option("--by-domain", help=_("Group by company domain."))] = False,
    noise: Annotated[bool, typer.Option("--noise", help=_("Show lists and machines instead of people."))] = False,
    every: Annotated[bool, typer.Option("--all", help=_("Show people and machines."))] = False,
    limit: Annotated[int, typer.Option("--limit", min=1, help=_("At most so many."))] = 50,
    json: Annotated[bool, typer.Option("--json", help=_("Print JSON."))] = False,
) -> None:
    """Prints a table, or a JSON list."""
    from inboxcrm.cli.shown import add_row, local, print_table, say, table  # noqa: PLC0415  rich takes a moment to load
    from inboxcrm.customers import triage  # noqa: PLC0415
    from inboxcrm.model.database import looking  # noqa: PLC0415

    which = None if every else noise
    with looking(open_database(ctx)) as session:
        if by_domain:
            domains = triage.by_domain(session, noise=which, limit=limit)
            groups = [one for some in domains for one in some.groups]
        else:
            groups = triage.groups(session, noise=which, limit=limit)
        people, machines = triage.counts(session)
    if json and by_domain:
        print_json(
            [
                {"domain": some.domain, "mails": some.mails, "senders": [_group_json(one) for one in some.groups]}
                for some in domains
            ]
        )
        return
    if json:
        print_json([_group_json(one) for one in groups])
        return
    zone = settings_of(ctx).person.time_zone
    drawn = table(_("Address"), _("Name"), _("Mails"), _("Last"), _("Last subject"))
    for one in groups:
        doubt = "\n⚠ " + _("looks like {of}, but is not").format(of=one.look_alike["of"]) if one.look_alike else ""
        add_row(drawn, one.address + doubt, one.name, one.mails, local(one.last_at, zone), one.last_subject)
    print_table(drawn, empty=_("Nothing waits."))
    if not every:
        hidden = people if noise else machines
        text = ngettext(
            "{count} other is hidden; --all shows it.", "{count} others are hidden; --all shows them.", hidden
        )
        if hidden:
            say(text.format(count=hidden))


@app.command("assign", help=_("Say whose an address or domain is; its older mails enter the log."))
def assign_command(
    ctx: typer.Context,
    value: Annotated[str, typer.Argument(metavar="ADDRESS|DOMAIN", help=_VALUE_HELP)],
    *,
    customer: Annotated[
        str, typer.Argument(metavar="[CUSTOMER]", help=_("An existing customer: number, name or a part of it."))
    ] = "",
    new: Annotated[str, typer.Option("--new", metavar="NAME", help=_("Make a new customer of this name."))] = "",
    contact: Annotated[str, typer.Option("--contact", metavar="NAME", help=_("The person's name."))] = "",
    json: Annotated[bool, typer.Option("--json", help=_("Print JSON."))] = False,
) -> None:
    """Prints the customer and how many mails entered the log."""
    from inboxcrm.cli.shown import customer_json, now, person, say  # noqa: PLC0415
    from inboxcrm.customers.listing import find_customer  # noqa: PLC0415
    from inboxcrm.customers.provenance import Origin  # noqa: PLC0415
    from inboxcrm.customers.triage import assign  # noqa: PLC0415
    from inboxcrm.judging import Bench, judged  # noqa: PLC0415
    from inboxcrm.model import Customer  # noqa: PLC0415

    with judged(open_database(ctx), Bench(settings_of(ctx)), now) as session:
        there = find_customer(session, customer).id if customer else None
        done = assign(
            session, value, Origin(now(), person()), customer_id=there, new_customer=new, contact_name=contact
        )
        found = session.get_one(Customer, done.customer_id)
    count = len(done.recorded.entries)
    if json:
        print_json({"customer": customer_json(found), "log_entries": count})
        return
    text = ngettext(
        "{value} is {name} (no. {id}) now; {count} mail entered the log.",
        "{value} is {name} (no. {id}) now; {count} mails entered the log.",
        count,
    )
    say(text.format(value=value, name=found.name, id=found.id, count=count))


@app.command("ignore", help=_("Say that an address or domain is nobody's; its mail leaves the list and comes no more."))
def ignore_command(
    ctx: typer.Context,
    value: Annotated[str, typer.Argument(metavar="ADDRESS|DOMAIN", help=_VALUE_HELP)],
    json: Annotated[bool, typer.Option("--json", help=_("Print JSON."))] = False,
) -> None:
    """Prints what is ignored from now on."""
    from inboxcrm.cli.shown import now, person, say  # noqa: PLC0415
    from inboxcrm.customers.provenance import Origin  # noqa: PLC0415
    from inboxcrm.customers.triage import ignore  # noqa: PLC0415
    from inboxcrm.judging import Bench, judged  # noqa: PLC0415

    with judged(open_database(ctx), Bench(settings_of(ctx)), now) as session:
        found = ignore(session, value, Origin(now(), person()))
        kind, known = found.kind.value, found.value
    if json:
        print_json({"ignored": known, "kind": kind})
    else:
        say(_("{value} is ignored; 'inboxcrm unmatched undo' takes it back.").format(value=known))


@app.command("undo", help=_("Take back the last assignment or the last ignoring, or that of an address or domain."))
def undo_command(
    ctx: typer.Context,
    value: Annotated[str, typer.Argument(metavar="[ADDRESS|DOMAIN]", help=_VALUE_HELP)] = "",
    json: Annotated[bool, typer.Option("--json", help=_("Print JSON."))] = False,
) -> None:
    """Prints what was taken back."""
    from inboxcrm.cli.shown import now, person, say  # noqa: PLC0415
    from inboxcrm.customers.provenance import Origin  # noqa: PLC0415
    from inboxcrm.customers.triage import undo  # noqa: PLC0415
    from inboxcrm.judging import Bench, judged  # noqa: PLC0415

    with judged(open_database(ctx), Bench(settings_of(ctx)), now) as session:
        undone = undo(session, Origin(now(), person()), value)
    if json:
        print_json({"undone": undone})
    else:
        say(_("What was said about {value} is taken back.").format(value=undone))


def _group_json(one: Group) -> dict[str, Any]:
    return {
        "address": one.address,
        "name": one.name,
        "domain": one.domain,
        "mails": one.mails,
        "sent": one.sent,
        "last_at": one.last_at,
        "last_subject": one.last_subject,
        "noise": one.is_noise,
        "forged": one.forged,
        "look_alike": one.look_alike,
        "customers_of_domain": list(one.candidates),
    }
