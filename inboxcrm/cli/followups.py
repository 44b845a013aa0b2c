"""`inboxcrm followups …`: what is planned with whom, and why; pause, move, leave out, add; and mails that wait for an answer."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from inboxcrm.cli.context import fail, open_database, print_json, settings_of
from inboxcrm.cli.groups import ShowByDefault
from inboxcrm.cli.when import instant
from inboxcrm.i18n import _

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy.orm import Session

    from inboxcrm.model import FollowUp

app = typer.Typer(cls=ShowByDefault, add_completion=False)

_CUSTOMER_HELP = _("Number, name or a part of it, address or domain.")
_JSON_HELP = _("Print JSON.")
_WHEN_HELP = _("When, like '2026-03-31 14:30' on your clock.")
Customer = Annotated[str, typer.Argument(metavar="CUSTOMER", help=_CUSTOMER_HELP)]
Ids = Annotated[list[int], typer.Argument(metavar="FOLLOWUP…", help=_("Numbers, as 'inboxcrm followups' shows them."))]
Json = Annotated[bool, typer.Option("--json", help=_JSON_HELP)]


@app.command("show", help=_("Show what is planned: with a customer, or with all; 'show' may be left out."))
def show_command(
    ctx: typer.Context,
    customer: Annotated[str, typer.Argument(metavar="[CUSTOMER]", help=_CUSTOMER_HELP)] = "",
    *,
    today: Annotated[bool, typer.Option("--today", help=_("Only what is due within 24 hours."))] = False,
    limit: Annotated[int, typer.Option("--limit", min=1, help=_("At most so many."))] = 100,
    json: Json = False,
) -> None:
    """Prints a table with the reasons."""
    from inboxcrm.cli.shown import now  # noqa: PLC0415  SQLAlchemy and rich take a moment to load
    from inboxcrm.customers.listing import find_customer  # noqa: PLC0415
    from inboxcrm.followup.by_hand import open_follow_ups  # noqa: PLC0415
    from inboxcrm.model.database import looking  # noqa: PLC0415

    until = now() + timedelta(days=1) if today else None
    with looking(open_database(ctx)) as session:
        found = find_customer(session, customer) if customer else None
        rows = open_follow_ups(session, found.id if found else None, until=until, limit=limit)
    _say(ctx, rows, json=json)


@app.command("add", help=_("Plan a follow-up by hand; of a mail the draft is written when it is due."))
def add_command(
    ctx: typer.Context,
    *,
    customer: Customer,
    at: Annotated[str, typer.Option("--at", help=_WHEN_HELP)],
    action: Annotated[str, typer.Option("--action", help=_("mail, call, visit or task."))] = "mail",
    template: Annotated[
        str, typer.Option("--template", help=_("Which text, as 'inboxcrm templates list' shows."))
    ] = "general",
    goal: Annotated[str, typer.Option("--goal", help=_("What it is for."))] = "",
    json: Json = False,
) -> None:
    """Prints it."""
    from inboxcrm.cli.shown import now, person  # noqa: PLC0415
    from inboxcrm.customers.listing import find_customer  # noqa: PLC0415
    from inboxcrm.followup import by_hand  # noqa: PLC0415
    from inboxcrm.model import Action  # noqa: PLC0415
    from inboxcrm.model.database import writing  # noqa: PLC0415

    if action not in set(Action):
        fail(_("--action takes one of: {values}.").format(values=", ".join(Action)))
    with writing(open_database(ctx)) as session:
        found = find_customer(session, customer)
        added = by_hand.add(
            session,
            found.id,
            instant(at, settings_of(ctx).person.time_zone),
            now=now(),
            by=person(),
            action=Action(action),
            template=template,
            goal=goal,
        )
    _say(ctx, [(added, found.name)], json=json)


@app.command("move", help=_("Set another time; planning leaves it there."))
def move_command(
    ctx: typer.Context, ids: Ids, *, to: Annotated[str, typer.Option("--to", help=_WHEN_HELP)], json: Json = False
) -> None:
    """Prints what they are now."""
    from inboxcrm.followup import by_hand  # noqa: PLC0415

    due_at = instant(to, settings_of(ctx).person.time_zone, "--to")
    _each(ctx, ids, lambda session, one, now, by: by_hand.move(session, one, due_at, now=now, by=by), json=json)


@app.command("skip", help=_("Leave steps out; the next ones are planned."))
def skip_command(ctx: typer.Context, ids: Ids, json: Json = False) -> None:
    """Prints what they are now."""
    from inboxcrm.followup import by_hand  # noqa: PLC0415

    _each(ctx, ids, lambda session, one, now, by: by_hand.skip(session, one, now=now, by=by), json=json)


@app.command("done", help=_("Say that you have called, visited, or seen to it."))
def done_command(ctx: typer.Context, ids: Ids, json: Json = False) -> None:
    """Prints what they are now."""
    from inboxcrm.followup import by_hand  # noqa: PLC0415

    _each(ctx, ids, lambda session, one, now, by: by_hand.done(session, one, now=now, by=by), json=json)


@app.command("undo", help=_("Take back that follow-ups were done or left out."))
def undo_command(ctx: typer.Context, ids: Ids, json: Json = False) -> None:
    """Prints what they are now."""
    from inboxcrm.followup import by_hand  # noqa: PLC0415

    _each(ctx, ids, lambda session, one, _now, _by: by_hand.reopen(session, one), json=json)


@app.command("hold", help=_("Pause a customer's plan: nothing is planned, drafted or sent by rote until then."))
def hold_command(
    ctx: typer.Context,
    customer: Customer,
    until: Annotated[str, typer.Option("--until", help=_("Until when; left out: until it is taken off."))] = "",
    reason: Annotated[str, typer.Option("--reason", help=_("Why."))] = "",
    json: Json = False,
) -> None:
    """Says so."""
    from inboxcrm.cli.shown import now, person, say  # noqa: PLC0415
    from inboxcrm.customers.listing import find_customer  # noqa: PLC0415
    from inboxcrm.followup import by_hand  # noqa: PLC0415
    from inboxcrm.model.database import writing  # noqa: PLC0415

    end = instant(until, settings_of(ctx).person.time_zone, "--until") if until else None
    with writing(open_database(ctx)) as session:
        found = find_customer(session, customer)
        held = by_hand.hold(session, found.id, now=now(), by=person(), until=end, reason=reason)
    if json:
        name = {"id": found.id, "name": found.name}
        print_json({"customer": name, "held": True, "until": held.until, "reason": held.reason, "by": held.by})
    else:
        say(_("The plan of {customer} is paused.").format(customer=found.name))


@app.command("release", help=_("Let a customer's plan go on."))
def release_command(ctx: typer.Context, customer: Customer, json: Json = False) -> None:
    """Says so."""
    from inboxcrm.cli.shown import say  # noqa: PLC0415
    from inboxcrm.customers.listing import find_customer  # noqa: PLC0415
    from inboxcrm.followup import by_hand  # noqa: PLC0415
    from inboxcrm.model.database import writing  # noqa: PLC0415

    with writing(open_database(ctx)) as session:
        found = find_customer(session, customer)
        by_hand.release(session, found.id)
    if json:
        print_json({"customer": {"id": found.id, "name": found.name}, "held": False})
    else:
        say(_("The plan of {customer} goes on.").format(customer=found.name))


@app.command("unanswered", help=_("Show the mails of customers that wait for your answer, grade A first."))
def unanswered_command(ctx: typer.Context, json: Json = False) -> None:
    """Prints a table."""
    from inboxcrm.cli.shown import add_row, grade_word, local, now, print_table, table  # noqa: PLC0415
    from inboxcrm.followup.planning import PlanningRules  # noqa: PLC0415
    from inboxcrm.followup.unanswered import unanswered  # noqa: PLC0415
    from inboxcrm.model.database import looking  # noqa: PLC0415

    planner = PlanningRules(settings_of(ctx)).planner()
    with looking(open_database(ctx)) as session:
        rows = unanswered(session, planner.cadence, planner.calendar, now())
    if json:
        print_json([row.as_json() for row in rows])
        return
    zone = settings_of(ctx).person.time_zone
    drawn = table(_("Entry"), _("Grade"), _("Company"), _("When"), _("Answer by"), _("Subject"))
    for row in rows:
        cells = (row.entry_id, grade_word(row.grade.value), row.customer, local(row.at, zone), local(row.due_at, zone))
        add_row(drawn, *cells, row.subject)
    print_table(drawn, empty=_("Every mail is answered."))


def _each(
    ctx: typer.Context, ids: Sequence[int], act: Callable[[Session, int, datetime, str], object], *, json: bool
) -> None:
    """Does `act` to all of them, or, when one of them refuses, to none."""
    from inboxcrm.cli.shown import now, person  # noqa: PLC0415
    from inboxcrm.followup import by_hand  # noqa: PLC0415
    from inboxcrm.model import Customer as Company  # noqa: PLC0415
    from inboxcrm.model.database import writing  # noqa: PLC0415

    with writing(open_database(ctx)) as session:
        for one in ids:
            act(session, one, now(), person())
        found = [by_hand.get(session, one) for one in ids]
        rows = [(one, session.get_one(Company, one.customer_id).name) for one in found]
    _say(ctx, rows, json=json)


def _say(ctx: typer.Context, rows: Sequence[tuple[FollowUp, str]], *, json: bool) -> None:
    from zoneinfo import ZoneInfo  # noqa: PLC0415

    from inboxcrm.cli.shown import add_row, local, print_table, table  # noqa: PLC0415
    from inboxcrm.followup.words import said  # noqa: PLC0415

    zone = settings_of(ctx).person.time_zone
    if json:
        print_json([_json(row, name, said(row.reasons, ZoneInfo(zone))) for row, name in rows])
        return
    drawn = table(_("No."), _("Due"), _("Company"), _("Stage"), _("What"), _("State"), _("Why"))
    for row, name in rows:
        why = " ".join(said(row.reasons, ZoneInfo(zone)))
        step = f"{row.stage} {row.step}"
        add_row(drawn, row.id, local(row.due_at, zone), name, step, row.action.value, row.state.value, why)
    print_table(drawn, empty=_("Nothing is planned."))


def _json(row: FollowUp, customer: str, why: list[str]) -> dict[str, Any]:
    return {
        "id": row.id,
        "customer": {"id": row.customer_id, "name": customer},
        "stage": row.stage,
        "step": row.step,
        "action": row.action.value,
        "template": row.template,
        "goal": row.goal,
        "due_at": row.due_at,
        "state": row.state.value,
        "moved_by": row.moved_by,
        "why": why,
    }
