"""`inboxcrm records …`: inquiries, quotes, samples and orders, as the mails made them and as a person corrects them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from inboxcrm.cli.context import fail, open_database, print_json, settings_of
from inboxcrm.cli.groups import ShowByDefault
from inboxcrm.i18n import _

if TYPE_CHECKING:
    from inboxcrm.model import BusinessRecord

app = typer.Typer(cls=ShowByDefault, add_completion=False)

_CUSTOMER_HELP = _("Number, name or a part of it, address or domain.")
_RECORD_HELP = _("Number of the record, as 'inboxcrm records' shows it.")
_AT_HELP = _("When, like '2026-03-31 14:30' or '2026-03-31' on your clock; now when left out.")
_SET_HELP = _(
    "FIELD=VALUE, may be repeated: products, quantity, unit, amount, currency, incoterm, port, due_on, number, note."
)
_JSON_HELP = _("Print JSON.")


@app.command("show", help=_("Show the records of a customer, or of all; 'show' may be left out."))
def show_command(
    ctx: typer.Context,
    customer: Annotated[str, typer.Argument(metavar="[CUSTOMER]", help=_CUSTOMER_HELP)] = "",
    *,
    kind: Annotated[str, typer.Option("--kind", help=_("Only inquiry, quote, sample or order."))] = "",
    open_only: Annotated[bool, typer.Option("--open", help=_("Only what is under way."))] = False,
    limit: Annotated[int, typer.Option("--limit", min=1, help=_("At most so many records."))] = 100,
    json: Annotated[bool, typer.Option("--json", help=_JSON_HELP)] = False,
) -> None:
    """Prints a table with the sum of the orders, or {"customer", "records"} as JSON."""
    from inboxcrm.cli.shown import customer_json, say  # noqa: PLC0415  SQLAlchemy and rich take a moment to load
    from inboxcrm.customers.listing import find_customer  # noqa: PLC0415
    from inboxcrm.engagement.records_by_hand import as_json, records  # noqa: PLC0415
    from inboxcrm.model.database import looking  # noqa: PLC0415

    kinds = [_kind(kind)] if kind else []
    with looking(open_database(ctx)) as session:
        found = find_customer(session, customer) if customer else None
        rows = records(session, found.id if found else None, kinds=kinds, open_only=open_only, limit=limit)
        if json:
            head = customer_json(found) if found else None
            print_json({"customer": head, "records": [as_json(row) for row in rows]})
            return
        if found:
            say(f"{found.id}  {found.name}  {found.local_name}".rstrip())
        _say(ctx, rows)


@app.command("add", help=_("Open a record by hand; mails carry it on."))
def add_command(
    ctx: typer.Context,
    *,
    customer: Annotated[str, typer.Argument(metavar="CUSTOMER", help=_CUSTOMER_HELP)],
    kind: Annotated[str, typer.Argument(metavar="KIND", help=_("inquiry, quote, sample or order."))],
    stage: Annotated[str, typer.Option("--stage", help=_("How far it has come; its first stage when left out."))] = "",
    at: Annotated[str, typer.Option("--at", help=_AT_HELP)] = "",
    values: Annotated[list[str] | None, typer.Option("--set", metavar="FIELD=VALUE", help=_SET_HELP)] = None,
    json: Annotated[bool, typer.Option("--json", help=_JSON_HELP)] = False,
) -> None:
    """Prints the record."""
    from inboxcrm.cli.shown import now, person  # noqa: PLC0415
    from inboxcrm.customers.listing import find_customer  # noqa: PLC0415
    from inboxcrm.engagement.records_by_hand import add  # noqa: PLC0415
    from inboxcrm.judging import Bench, judged  # noqa: PLC0415

    wanted = _stage(stage) if stage else None
    with judged(open_database(ctx), Bench(settings_of(ctx)), now) as session:
        moment = now()
        record = add(
            session,
            find_customer(session, customer).id,
            _kind(kind),
            _values(values),
            at=_instant(ctx, at, moment),
            now=moment,
            by=person(),
            stage=wanted,
        )
    _say_one(ctx, record.id, json=json)


@app.command("advance", help=_("Move a record to a stage, for instance when an order was paid."))
def advance_command(
    ctx: typer.Context,
    *,
    record: Annotated[int, typer.Argument(metavar="RECORD", help=_RECORD_HELP)],
    stage: Annotated[str, typer.Argument(metavar="STAGE", help=_("The stage it has reached."))],
    at: Annotated[str, typer.Option("--at", help=_AT_HELP)] = "",
    note: Annotated[str, typer.Option("--note", help=_("A note to keep with it."))] = "",
    json: Annotated[bool, typer.Option("--json", help=_JSON_HELP)] = False,
) -> None:
    """Prints the record."""
    _advance(ctx, record, stage, at, note, json=json)


@app.command("close", help=_("End a record without result."))
def close_command(
    ctx: typer.Context,
    *,
    record: Annotated[int, typer.Argument(metavar="RECORD", help=_RECORD_HELP)],
    at: Annotated[str, typer.Option("--at", help=_AT_HELP)] = "",
    note: Annotated[str, typer.Option("--note", help=_("A note to keep with it."))] = "",
    json: Annotated[bool, typer.Option("--json", help=_JSON_HELP)] = False,
) -> None:
    """Prints the record."""
    _advance(ctx, record, "closed", at, note, json=json)


@app.command("edit", help=_("Write fields of a record; no mail overwrites what you write."))
def edit_command(
    ctx: typer.Context,
    *,
    record: Annotated[int, typer.Argument(metavar="RECORD", help=_RECORD_HELP)],
    values: Annotated[list[str], typer.Option("--set", metavar="FIELD=VALUE", help=_SET_HELP)],
    json: Annotated[bool, typer.Option("--json", help=_JSON_HELP)] = False,
) -> None:
    """Prints the record."""
    from inboxcrm.cli.shown import now, person  # noqa: PLC0415
    from inboxcrm.engagement.records_by_hand import edit, get  # noqa: PLC0415
    from inboxcrm.judging import Bench, judged  # noqa: PLC0415

    with judged(open_database(ctx), Bench(settings_of(ctx)), now) as session:
        edit(session, get(session, record), _values(values), now=now(), by=person())
    _say_one(ctx, record, json=json)


@app.command("undo", help=_("Take back a step by hand; the first one takes back the record."))
def undo_command(
    ctx: typer.Context,
    step: Annotated[int, typer.Argument(metavar="STEP", help=_("Number of the step, as '--json' shows it."))],
) -> None:
    """Says what was done."""
    from inboxcrm.cli.shown import now, say  # noqa: PLC0415
    from inboxcrm.engagement.records_by_hand import undo_step  # noqa: PLC0415
    from inboxcrm.judging import Bench, judged  # noqa: PLC0415

    with judged(open_database(ctx), Bench(settings_of(ctx)), now) as session:
        undo_step(session, step)
    say(_("The step is taken back."))


def _advance(ctx: typer.Context, record: int, stage: str, at: str, note: str, *, json: bool) -> None:
    from inboxcrm.cli.shown import now, person  # noqa: PLC0415
    from inboxcrm.engagement.records_by_hand import advance, get  # noqa: PLC0415
    from inboxcrm.judging import Bench, judged  # noqa: PLC0415

    with judged(open_database(ctx), Bench(settings_of(ctx)), now) as session:
        moment = now()
        when = _instant(ctx, at, moment)
        advance(session, get(session, record), _stage(stage), at=when, now=moment, by=person(), note=note)
    _say_one(ctx, record, json=json)


def _kind(written: str) -> Any:
    from inboxcrm.model import RecordKind  # noqa: PLC0415

    if written not in set(RecordKind):
        fail(
            _("{kind} is no kind of record; expected one of {kinds}.").format(kind=written, kinds=", ".join(RecordKind))
        )
    return RecordKind(written)


def _stage(written: str) -> Any:
    from inboxcrm.model import Stage  # noqa: PLC0415

    if written not in set(Stage):
        fail(_("{stage} is no stage; expected one of {stages}.").format(stage=written, stages=", ".join(Stage)))
    return Stage(written)


def _values(written: Sequence[str] | None) -> dict[str, str]:
    values = {}
    for one in written or ():
        name, equals, value = one.partition("=")
        if not equals:
            fail(_("--set: {value!r} has no '='; write it like amount=12500.").format(value=one))
        values[name.strip()] = value
    return values


def _instant(ctx: typer.Context, written: str, now: datetime) -> datetime:
    from datetime import UTC  # noqa: PLC0415
    from zoneinfo import ZoneInfo  # noqa: PLC0415

    if not written:
        return now
    try:
        found = datetime.fromisoformat(written.strip())
    except ValueError:
        fail(_("--at: {value!r} is no time; write it like '2026-03-31 14:30'.").format(value=written))
    zone = ZoneInfo(settings_of(ctx).person.time_zone)
    return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)


def _say_one(ctx: typer.Context, record_id: int, *, json: bool) -> None:
    from inboxcrm.engagement.records_by_hand import as_json, get  # noqa: PLC0415
    from inboxcrm.model.database import looking  # noqa: PLC0415

    with looking(open_database(ctx)) as session:
        record = get(session, record_id)
        if json:
            print_json(as_json(record))
        else:
            _say(ctx, [record])


def _say(ctx: typer.Context, rows: Sequence[BusinessRecord]) -> None:
    from inboxcrm.cli.shown import add_row, local, print_table, say, table  # noqa: PLC0415
    from inboxcrm.engagement.sums import order_sum  # noqa: PLC0415
    from inboxcrm.judging import Bench  # noqa: PLC0415

    settings = settings_of(ctx)
    drawn = table(
        _("No."), _("What"), _("Stage"), _("Opened"), _("Changed"), _("Products"), _("Quantity"), _("Amount"), ""
    )
    for row in rows:
        quantity = f"{row.quantity.normalize():f} {row.unit}" if row.quantity is not None else ""
        amount = f"{row.amount:,.2f} {row.currency}" if row.amount is not None else ""
        term = " ".join(
            filter(None, [row.number, row.incoterm, row.port, f"{row.due_on:%Y-%m-%d}" if row.due_on else ""])
        )
        zone = settings.person.time_zone
        opened, changed = local(row.opened_at, zone), local(row.changed_at, zone)
        add_row(
            drawn,
            row.id,
            row.kind.value,
            row.stage.value,
            opened,
            changed,
            ", ".join(row.products),
            quantity,
            amount,
            term,
        )
    print_table(drawn, empty=_("There are no records."))
    total = order_sum(rows, Bench(settings).judge().rates)
    if total.amount:
        say(_("Orders: {amount} {currency}").format(amount=f"{total.amount:,.2f}", currency=total.currency))
    if total.unknown:
        say(_("Without a rate in config/rates.toml: {currencies}").format(currencies=", ".join(total.unknown)))
