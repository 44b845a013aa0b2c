"""`inboxcrm grade CUSTOMER` says how a customer is graded and why; the other commands hold a grade, undo a change, try other rules."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from inboxcrm.cli.context import fail, open_database, print_json, settings_of
from inboxcrm.cli.graded import because, dimension_name, say_counts, say_reasons
from inboxcrm.cli.groups import ShowByDefault
from inboxcrm.i18n import _

if TYPE_CHECKING:
    from inboxcrm.judging import Judge
    from inboxcrm.model import Grade

app = typer.Typer(cls=ShowByDefault, add_completion=False)

_CUSTOMER_HELP = _("Number, name or a part of it, address or domain.")
_JSON_HELP = _("Print JSON.")
_CHANGE_HELP = _("Number of the change, as 'grade history' shows it.")


@app.command("show", help=_("Show the grade of a customer, or how many customers have which; 'show' may be left out."))
def show_command(
    ctx: typer.Context,
    customer: Annotated[str, typer.Argument(metavar="[CUSTOMER]", help=_CUSTOMER_HELP)] = "",
    *,
    at: Annotated[str, typer.Option("--at", metavar="DATE", help=_("As it was on this day, like 2026-03-31."))] = "",
    explain: Annotated[bool, typer.Option("--explain", help=_("Say why, with the sentences of the mails."))] = False,
    everybody: Annotated[bool, typer.Option("--all", help=_("Grade all customers anew first."))] = False,
    json: Annotated[bool, typer.Option("--json", help=_JSON_HELP)] = False,
) -> None:
    """Prints the grade, or {"customer", "grade", "status", "dimensions", "reasons", "missing", "rules_version", "at"} as JSON."""
    from inboxcrm.cli.shown import customer_json, now, say  # noqa: PLC0415  SQLAlchemy and rich take a moment to load
    from inboxcrm.customers.listing import find_customer  # noqa: PLC0415
    from inboxcrm.grading import as_json, history, queries  # noqa: PLC0415
    from inboxcrm.model.database import looking  # noqa: PLC0415

    engine = open_database(ctx)
    judge = _judge(ctx)
    if everybody:
        _regrade_all(engine, judge, now())
    with looking(engine) as session:
        if not customer:
            say_counts(session, json=json)
            return
        found = find_customer(session, customer)
        instant = _end_of(at) if at else now()
        (timeline,) = queries.timelines(session, [found.id], judge.in_base)
        _changes, standing = history.replay(timeline, judge.grading, instant)
        judged = history.judged_at(timeline, judge.grading, instant)
        grade = standing.grade if at else found.grade
    if json:
        print_json(as_json.grade(found, customer_json(found), grade, judged))
        return
    say(f"{found.id}  {found.name}  {grade.value}")
    for dimension, points in judged.dimensions.items():
        say(f"  {dimension_name(dimension.value):<20} {points:>3}  {'█' * round(points / 5)}")
    say_reasons(judged, full=explain)


@app.command("history", help=_("Show every change of a customer's grade, newest first."))
def history_command(
    ctx: typer.Context,
    customer: Annotated[str, typer.Argument(metavar="CUSTOMER", help=_CUSTOMER_HELP)],
    json: Annotated[bool, typer.Option("--json", help=_JSON_HELP)] = False,
) -> None:
    """Prints a line a change, or {"customer", "changes"} as JSON."""
    from sqlalchemy import select  # noqa: PLC0415

    from inboxcrm.cli.shown import customer_json, say  # noqa: PLC0415
    from inboxcrm.customers.listing import find_customer  # noqa: PLC0415
    from inboxcrm.grading import as_json  # noqa: PLC0415
    from inboxcrm.model import GradeChange  # noqa: PLC0415
    from inboxcrm.model.database import looking  # noqa: PLC0415

    with looking(open_database(ctx)) as session:
        found = find_customer(session, customer)
        newest_first = (GradeChange.at.desc(), GradeChange.id.desc())
        changes = list(
            session.scalars(select(GradeChange).where(GradeChange.customer_id == found.id).order_by(*newest_first))
        )
    if json:
        print_json({"customer": customer_json(found), "changes": [as_json.change(one) for one in changes]})
        return
    for one in changes:
        say(f"{one.id:>5}  {one.at:%Y-%m-%d}  {one.from_grade.value} → {one.to_grade.value}  {because(one)}")
    if not changes:
        say(_("No change of grade yet."))


@app.command("pin", help=_("Hold a customer's grade, for a reason, until a day or until 'unpin'."))
def pin_command(
    ctx: typer.Context,
    customer: Annotated[str, typer.Argument(metavar="CUSTOMER", help=_CUSTOMER_HELP)],
    grade: Annotated[str, typer.Argument(metavar="GRADE", help=_("A, B, C or watch."))],
    *,
    reason: Annotated[str, typer.Option("--reason", help=_("Why; it is shown with the grade."))],
    until: Annotated[str, typer.Option("--until", metavar="DATE", help=_("The last day, like 2026-12-31."))] = "",
) -> None:
    """Prints the grade."""
    from inboxcrm.cli.shown import now, person, say  # noqa: PLC0415
    from inboxcrm.customers.listing import find_customer  # noqa: PLC0415
    from inboxcrm.grading import by_hand, regrade  # noqa: PLC0415
    from inboxcrm.model.database import writing  # noqa: PLC0415

    wanted, end, instant = _grade(grade), _end_of(until) if until else None, now()
    judge = _judge(ctx)
    with writing(open_database(ctx)) as session:
        found = find_customer(session, customer)
        by_hand.pin(session, found, wanted, reason=reason, until=end, by=person(), now=instant)
        regrade.regrade(session, [found.id], judge.grading, judge.in_base, instant)
    say(_("{customer} stays {grade}.").format(customer=found.name, grade=wanted.value))


@app.command("unpin", help=_("Let a customer's grade follow the rules again."))
def unpin_command(
    ctx: typer.Context, customer: Annotated[str, typer.Argument(metavar="CUSTOMER", help=_CUSTOMER_HELP)]
) -> None:
    """Prints the grade."""
    from inboxcrm.cli.shown import now, say  # noqa: PLC0415
    from inboxcrm.customers.listing import find_customer  # noqa: PLC0415
    from inboxcrm.grading import by_hand, regrade  # noqa: PLC0415
    from inboxcrm.model.database import writing  # noqa: PLC0415

    judge = _judge(ctx)
    with writing(open_database(ctx)) as session:
        found = find_customer(session, customer)
        instant = now()
        if not by_hand.unpin(session, found, now=instant):
            fail(_("The grade of {customer} isn't held.").format(customer=found.name))
        regrade.regrade(session, [found.id], judge.grading, judge.in_base, instant)
        session.refresh(found)
    say(f"{found.name}: {found.grade.value}")


@app.command("undo", help=_("Take the last change of a customer's grade back; 'grade history' shows its number."))
def undo_command(
    ctx: typer.Context,
    change: Annotated[
        int, typer.Argument(metavar="NUMBER", help=_("Number of the change, as 'grade history' shows it."))
    ],
) -> None:
    """Prints the grade."""
    from inboxcrm.cli.shown import now, person, say  # noqa: PLC0415
    from inboxcrm.grading import by_hand, regrade  # noqa: PLC0415
    from inboxcrm.model import Customer  # noqa: PLC0415
    from inboxcrm.model.database import writing  # noqa: PLC0415

    judge = _judge(ctx)
    with writing(open_database(ctx)) as session:
        undone = by_hand.undo(session, change, by=person(), now=now())
        regrade.regrade(session, [undone.customer_id], judge.grading, judge.in_base, now())
        found = session.get_one(Customer, undone.customer_id)
        session.refresh(found)
    say(f"{found.name}: {found.grade.value}")


@app.command("wrong", help=_("Say that a change was wrong; it is counted in 'grade score'."))
def wrong_command(
    ctx: typer.Context,
    change: Annotated[
        int, typer.Argument(metavar="NUMBER", help=_("Number of the change, as 'grade history' shows it."))
    ],
) -> None:
    """Prints that it was noted."""
    from inboxcrm.cli.shown import now, say  # noqa: PLC0415
    from inboxcrm.grading import by_hand  # noqa: PLC0415
    from inboxcrm.model.database import writing  # noqa: PLC0415

    with writing(open_database(ctx)) as session:
        by_hand.call_wrong(session, change, now=now())
    say(_("Noted. Change config/grading.toml when you see why, and try it with 'inboxcrm grade whatif'."))


@app.command("score", help=_("Count how often people found the rules' grades wrong."))
def score_command(ctx: typer.Context, json: Annotated[bool, typer.Option("--json", help=_JSON_HELP)] = False) -> None:
    """Prints two counts, or {"changes", "wrong"} as JSON."""
    from inboxcrm.cli.shown import say  # noqa: PLC0415
    from inboxcrm.grading import by_hand  # noqa: PLC0415
    from inboxcrm.model.database import looking  # noqa: PLC0415

    with looking(open_database(ctx)) as session:
        automatic, wrong = by_hand.score(session)
    if json:
        print_json({"changes": automatic, "wrong": wrong})
    else:
        say(
            _("{changes} changes by the rules, {wrong} of them called wrong or taken back.").format(
                changes=automatic, wrong=wrong
            )
        )


@app.command(
    "whatif", help=_("Show who would move under another grading file, and how well it would have foretold orders.")
)
def whatif_command(
    ctx: typer.Context,
    file: Annotated[
        Path,
        typer.Argument(metavar="FILE", exists=True, dir_okay=False, help=_("A changed copy of config/grading.toml.")),
    ],
    json: Annotated[bool, typer.Option("--json", help=_JSON_HELP)] = False,
) -> None:
    """Prints a line a customer and a table of foresight, or {"moves", "foresight"} as JSON. Nothing is changed."""
    from inboxcrm.cli.shown import now, say  # noqa: PLC0415
    from inboxcrm.grading import as_json, trial, words  # noqa: PLC0415
    from inboxcrm.grading import rules as grading_rules  # noqa: PLC0415
    from inboxcrm.grading.regrade import reasons_json  # noqa: PLC0415
    from inboxcrm.model.database import looking  # noqa: PLC0415

    other, judge = grading_rules.load(file), _judge(ctx)
    with looking(open_database(ctx)) as session:
        found = trial.tried(session, judge.grading, other, judge.in_base, now())
    if json:
        print_json(as_json.trial(found))
        return
    for one in found.moves:
        why = "; ".join(words.reason(kept) for kept in words.telling(reasons_json(one.judged), one.now, one.then))
        say(f"{found.names[one.customer_id]}: {one.now.value} → {one.then.value}  {why}")
    say(_("{count} of {all} customers would move.").format(count=len(found.moves), all=len(found.names)))
    for which, foretold in ((_("now"), found.before), (_("then"), found.after)):
        for grade in foretold:
            lift = "–" if grade.lift is None else f"{grade.lift:.1f}"
            say(
                _(
                    "{which}, grade {grade}: {percent} % ordered within 90 days ({ordered} of {looks} looks), lift {lift}"
                ).format(
                    which=which,
                    grade=grade.grade.value,
                    percent=round(100 * grade.precision),
                    ordered=grade.ordered,
                    looks=grade.looks,
                    lift=lift,
                )
            )


# --- inside -----------------------------------------------------------------------------------------------------------


def _judge(ctx: typer.Context) -> Judge:
    """The rules and rates in force, as the service uses them."""
    from inboxcrm.judging import Bench  # noqa: PLC0415

    return Bench(settings_of(ctx)).judge()


def _regrade_all(engine: Any, judge: Judge, now: datetime) -> None:
    from inboxcrm.grading.everybody import regrade_everybody  # noqa: PLC0415

    regrade_everybody(engine, judge.grading, judge.in_base, now)


def _grade(written: str) -> Grade:
    from inboxcrm.model import Grade  # noqa: PLC0415

    try:
        return Grade(written if written.lower() == "watch" else written.upper())
    except ValueError:
        fail(_("{grade!r} is no grade; write A, B, C or watch.").format(grade=written))


def _end_of(day: str) -> datetime:
    try:
        return datetime.combine(date.fromisoformat(day), time.max, UTC)
    except ValueError:
        fail(_("{day!r} is no day; write it like 2026-03-31.").format(day=day))
