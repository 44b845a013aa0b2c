"""`inboxcrm log CUSTOMER` shows a communication log; `inboxcrm log add CUSTOMER` adds to it by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from inboxcrm.cli.context import open_database, print_json, settings_of
from inboxcrm.cli.groups import ShowByDefault
from inboxcrm.cli.when import day, instant
from inboxcrm.i18n import _

if TYPE_CHECKING:
    from inboxcrm.journal.timeline import Line


app = typer.Typer(cls=ShowByDefault, no_args_is_help=True, add_completion=False)

_CUSTOMER_HELP = _("Number, name or a part of it, address or domain.")


@app.command("show", help=_("Show a customer's log, newest first; 'show' may be left out."))
def show_command(
    ctx: typer.Context,
    customer: Annotated[str, typer.Argument(metavar="CUSTOMER", help=_CUSTOMER_HELP)],
    limit: Annotated[int, typer.Option("--limit", min=1, help=_("At most so many entries."))] = 50,
    full: Annotated[bool, typer.Option("--full", help=_("Say why each entry stands here."))] = False,
    json: Annotated[bool, typer.Option("--json", help=_("Print JSON."))] = False,
) -> None:
    """Prints a table, or {"customer", "entries"} as JSON."""
    from inboxcrm.cli.shown import customer_json, say  # noqa: PLC0415  rich and SQLAlchemy take a moment to load
    from inboxcrm.customers.listing import find_customer  # noqa: PLC0415
    from inboxcrm.journal.timeline import timeline  # noqa: PLC0415
    from inboxcrm.model.database import looking  # noqa: PLC0415

    with looking(open_database(ctx)) as session:
        found = find_customer(session, customer)
        lines = timeline(session, found.id, limit=limit)
    if json:
        print_json({"customer": customer_json(found), "entries": [line.as_json() for line in lines]})
        return
    say(f"{found.id}  {found.name}  {found.local_name}".rstrip())
    _say_lines(lines, settings_of(ctx).person.time_zone, full=full)


@app.command("add", help=_("Add a call, WeChat or WhatsApp message, meeting, fair or visit to a customer's log."))
def add_command(
    ctx: typer.Context,
    *,
    customer: Annotated[str, typer.Argument(metavar="CUSTOMER", help=_CUSTOMER_HELP)],
    content: Annotated[str, typer.Argument(metavar="TEXT", help=_("What it was about."))],
    channel: Annotated[
        str, typer.Option("--channel", "-c", help=_("call, wechat, whatsapp, meeting, fair, visit or other."))
    ] = "call",
    at: Annotated[
        str, typer.Option("--at", help=_("When, like '2026-03-31 14:30' on your clock; now when left out."))
    ] = "",
    direction: Annotated[str, typer.Option("--direction", help=_("in: from the customer; out: from us."))] = "out",
    feedback: Annotated[str, typer.Option("--feedback", help=_("What the customer thinks."))] = "",
    next_follow_up: Annotated[str, typer.Option("--next", help=_("Day of the next follow-up, like 2026-04-07."))] = "",
    contact: Annotated[str, typer.Option("--contact", help=_("The person's name or address."))] = "",
    json: Annotated[bool, typer.Option("--json", help=_("Print JSON."))] = False,
) -> None:
    """Prints the new entry."""
    from inboxcrm.cli.shown import now, person  # noqa: PLC0415
    from inboxcrm.customers.listing import find_customer  # noqa: PLC0415
    from inboxcrm.journal.entries import EntryError, Written, append  # noqa: PLC0415
    from inboxcrm.journal.timeline import lines  # noqa: PLC0415
    from inboxcrm.judging import Bench, judged  # noqa: PLC0415
    from inboxcrm.model import Channel, Direction  # noqa: PLC0415

    zone = settings_of(ctx).person.time_zone
    if channel not in list(Channel):
        raise EntryError(_("--channel takes one of: {values}.").format(values=", ".join(list(Channel)[1:])))
    if direction not in list(Direction):
        raise EntryError(_("--direction takes 'in' or 'out'."))
    moment = now()
    with judged(open_database(ctx), Bench(settings_of(ctx)), now) as session:
        found = find_customer(session, customer)
        entry = append(
            session,
            found.id,
            Written(
                Channel(channel),
                instant(at, zone) if at else moment,
                Direction(direction),
                content,
                feedback,
                day(next_follow_up, "--next") if next_follow_up else None,
                _contact(found, contact) if contact else None,
            ),
            now=moment,
            by=person(),
        )
        [line] = lines(session, [entry.id])
    if json:
        print_json(line.as_json())
    else:
        _say_lines([line], zone, full=False)


def _contact(customer: Any, named: str) -> int:
    from inboxcrm.journal.entries import EntryError  # noqa: PLC0415
    from inboxcrm.reading.addresses import normal  # noqa: PLC0415

    found: list[int] = [
        one.id
        for one in customer.contacts
        if named.casefold() in one.name.casefold() or normal(named) in [known.address for known in one.addresses]
    ]
    if len(found) != 1:
        known = ", ".join(
            one.name or one.addresses[0].written for one in customer.contacts if one.name or one.addresses
        )
        message = _("--contact: {named!r} is not exactly one of the contacts: {known}.")
        raise EntryError(message.format(named=named, known=known or "–"))
    return found[0]


def _say_lines(lines: list[Line], zone: str, *, full: bool) -> None:
    from inboxcrm.cli.shown import add_row, channel_word, local, print_table, table  # noqa: PLC0415

    drawn = table(_("When"), "", _("How"), _("Who"), _("What"))
    for line in lines:
        arrow = "←" if line.direction.value == "in" else "→"
        who = line.contact or line.sender_name or line.sender_address or line.created_by
        parts = [line.subject, line.content]
        if line.feedback:
            parts.append(_("Feedback: {text}").format(text=line.feedback))
        if line.next_follow_up:
            parts.append(_("Next follow-up: {day}").format(day=line.next_follow_up))
        if full:
            parts.append(f"({line.why})")
        parts += [f"⚠ {doubt}" for doubt in line.doubts]
        how = channel_word(line.channel.value) + (f" ({line.automatic})" if line.automatic else "")
        add_row(drawn, local(line.at, zone), arrow, how, who, "\n".join(filter(None, parts)))
    print_table(drawn, empty=_("Nothing is logged yet."))
