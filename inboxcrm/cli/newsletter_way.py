"""`inboxcrm newsletter status`, `pause`, `resume`, `cancel`, `results` …: an issue once it is approved, and what became of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from inboxcrm.cli.context import fail, open_database, print_json, settings_of
from inboxcrm.cli.newsletter_options import IssueNumber, Json, press_of
from inboxcrm.cli.when import instant
from inboxcrm.i18n import _

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from inboxcrm.model import Issue
    from inboxcrm.newsletter.mailing import Progress
    from inboxcrm.newsletter.results import Results
    from inboxcrm.web.queries.mailing import Addressed

app = typer.Typer(add_completion=False)

Recipients = Annotated[
    list[int],
    typer.Argument(
        metavar="RECIPIENT…", help=_("Numbers of recipients, as 'inboxcrm newsletter recipients' shows them.")
    ),
]


@app.command("status", help=_("Show how far an issue is, or all that are on their way."))
def status_command(
    ctx: typer.Context,
    issue: Annotated[int | None, typer.Argument(metavar="[ISSUE]", help=_("Number of an issue."))] = None,
    *,
    json: Json = False,
) -> None:
    """Prints how many are sent, queued, failed, bounced, have answered, have left."""
    from inboxcrm.model.database import looking  # noqa: PLC0415  SQLAlchemy takes a moment to load
    from inboxcrm.newsletter import issues  # noqa: PLC0415
    from inboxcrm.newsletter.mailing import UNDER_WAY, progress  # noqa: PLC0415
    from inboxcrm.web.queries import newsletters as queries  # noqa: PLC0415

    with looking(open_database(ctx)) as session:
        under_way = [] if issue is not None else queries.issues(session, UNDER_WAY)
        found = [issues.get(session, issue)] if issue is not None else [row.issue for row in under_way]
        rows = [(one, progress(session, one.id)) for one in found]
        if json:
            told = [{"id": one.id, "name": one.name, **state.as_json()} for one, state in rows]
            print_json(told if issue is None else told[0])
        else:
            _say_status(ctx, rows)


@app.command("recipients", help=_("Show to whom an issue goes, with the server's words."))
def recipients_command(
    ctx: typer.Context,
    issue: IssueNumber,
    *,
    kind: Annotated[
        str,
        typer.Option(
            "--kind", help=_("Only these: sent, queued, unknown, refused, bounced, answered, left, dropped, cancelled.")
        ),
    ] = "",
    text: Annotated[str, typer.Option("--text", help=_("Only whose name, company or address holds this."))] = "",
    limit: Annotated[int, typer.Option("--limit", min=1, max=100_000, help=_("So many at the most."))] = 50,
    offset: Annotated[int, typer.Option("--offset", min=0, help=_("Leave so many out in front."))] = 0,
    json: Json = False,
) -> None:
    """Prints a table."""
    from inboxcrm.model.database import looking  # noqa: PLC0415
    from inboxcrm.newsletter import issues  # noqa: PLC0415
    from inboxcrm.newsletter.as_json import recipient_json  # noqa: PLC0415
    from inboxcrm.web.queries import mailing as queries  # noqa: PLC0415

    if kind and kind not in queries.KINDS:
        fail(_("{kind!r} is no kind; kinds are {known}.").format(kind=kind, known=", ".join(queries.KINDS)))
    with looking(open_database(ctx)) as session:
        issues.get(session, issue)
        rows = queries.recipients(session, issue, kind=kind, text=text, limit=limit, offset=offset)
        if json:
            print_json([recipient_json(one.row, one.customer) for one in rows])
        else:
            _say_recipients(ctx, rows)


@app.command("pause", help=_("Stop an issue on its way until it is resumed."))
def pause_command(ctx: typer.Context, issue: IssueNumber, *, json: Json = False) -> None:
    """Prints how far it is."""
    from inboxcrm.cli.shown import person  # noqa: PLC0415
    from inboxcrm.newsletter import mailing  # noqa: PLC0415

    _done(ctx, issue, lambda session: mailing.pause(session, issue, by=person()), json=json)


@app.command("resume", help=_("Let a paused issue go on, whoever paused it."))
def resume_command(ctx: typer.Context, issue: IssueNumber, *, json: Json = False) -> None:
    """Prints how far it is."""
    from inboxcrm.cli.shown import now  # noqa: PLC0415
    from inboxcrm.newsletter import approving  # noqa: PLC0415

    press = press_of(ctx)
    _done(ctx, issue, lambda session: approving.go_on(session, press, issue, now()), json=json)


@app.command("cancel", help=_("End an issue: what hasn't gone yet never goes."))
def cancel_command(ctx: typer.Context, issue: IssueNumber, *, json: Json = False) -> None:
    """Prints how far it was."""
    from inboxcrm.cli.shown import now, person  # noqa: PLC0415
    from inboxcrm.newsletter import mailing  # noqa: PLC0415

    _done(ctx, issue, lambda session: mailing.cancel(session, issue, now=now(), by=person()), json=json)


@app.command("schedule", help=_("Choose another time for an approved issue that hasn't begun."))
def schedule_command(
    ctx: typer.Context,
    issue: IssueNumber,
    *,
    at: Annotated[str, typer.Option("--at", help=_("When: '2026-03-31 14:30' on your clock."))],
    json: Json = False,
) -> None:
    """Prints how far it is."""
    from inboxcrm.cli.shown import now  # noqa: PLC0415
    from inboxcrm.newsletter import issues, mailing  # noqa: PLC0415

    send_at = issues.ahead(instant(at, settings_of(ctx).person.time_zone), now())
    _done(ctx, issue, lambda session: mailing.schedule(session, issue, send_at), json=json)


@app.command("mark-sent", help=_("Say that mails of which nobody knows it did go out."))
def mark_sent_command(ctx: typer.Context, recipients: Recipients, *, json: Json = False) -> None:
    """Prints what they are now."""
    _decide(ctx, recipients, went=True, json=json)


@app.command("send-again", help=_("Say that mails of which nobody knows it did not go out: they are sent again."))
def send_again_command(ctx: typer.Context, recipients: Recipients, *, json: Json = False) -> None:
    """Prints what they are now."""
    _decide(ctx, recipients, went=False, json=json)


@app.command("results", help=_("Show what became of an issue, or of the last ones."))
def results_command(
    ctx: typer.Context,
    issue: Annotated[int | None, typer.Argument(metavar="[ISSUE]", help=_("Number of an issue."))] = None,
    *,
    series: Annotated[int | None, typer.Option("--series", help=_("Only the issues of this series."))] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=200, help=_("So many issues at the most."))] = 12,
    json: Json = False,
) -> None:
    """Prints numbers: delivered, came back, answered, left, and what followed within thirty days."""
    from inboxcrm.cli.shown import now  # noqa: PLC0415
    from inboxcrm.model.database import looking  # noqa: PLC0415
    from inboxcrm.newsletter import results  # noqa: PLC0415

    with looking(open_database(ctx)) as session:
        if issue is None:
            found = results.over_time(session, now(), newsletter_id=series, limit=limit)
        else:
            found = [results.results(session, issue, now())]
    if json:
        told = [one.as_json() for one in found]
        print_json(told if issue is None else told[0])
    elif issue is None:
        _say_over_time(ctx, found)
    else:
        _say_results(ctx, found[0])


# --- inside -----------------------------------------------------------------------------------------------------------


def _done(ctx: typer.Context, issue: int, act: Callable[[Session], Issue], *, json: bool) -> None:
    from inboxcrm.model.database import writing  # noqa: PLC0415

    with writing(open_database(ctx)) as session:
        act(session)
    status_command(ctx, issue, json=json)


def _decide(ctx: typer.Context, recipients: Sequence[int], *, went: bool, json: bool) -> None:
    from inboxcrm.cli.shown import now, say  # noqa: PLC0415
    from inboxcrm.model.database import writing  # noqa: PLC0415
    from inboxcrm.newsletter import mailing  # noqa: PLC0415
    from inboxcrm.newsletter.as_json import recipient_json  # noqa: PLC0415
    from inboxcrm.web.words import label  # noqa: PLC0415

    with writing(open_database(ctx)) as session:
        rows = [mailing.decide(session, one, went=went, now=now()) for one in recipients]
        told = [recipient_json(one) for one in rows]
        lines = [f"{one.id}  {one.written}  {label(one.state)}" for one in rows]
    if json:
        print_json(told)
    else:
        for line in lines:
            say(line)


def _say_status(ctx: typer.Context, rows: Sequence[tuple[Issue, Progress]]) -> None:
    from inboxcrm.cli.shown import local, say  # noqa: PLC0415
    from inboxcrm.web.queries.mailing import counted  # noqa: PLC0415
    from inboxcrm.web.words import label  # noqa: PLC0415

    zone = settings_of(ctx).person.time_zone
    if not rows:
        say(_("No issue is on its way."))
    for issue, state in rows:
        say(f"{issue.id}  {issue.name}  {label(state.state)}")
        counts = counted(state)
        words = [
            _("{count} recipients").format(count=state.recipients),
            _("{count} sent").format(count=counts["sent"]),
            _("{count} queued").format(count=counts["queued"]),
            _("{count} failed").format(count=counts["refused"]),
            _("{count} bounced").format(count=counts["bounced"]),
            _("{count} answered").format(count=counts["answered"]),
            _("{count} left").format(count=counts["left"]),
        ]
        if counts["unknown"]:
            words.append(_("{count} sent or not: unknown").format(count=counts["unknown"]))
        if counts["dropped"]:
            words.append(_("{count} left out meanwhile").format(count=counts["dropped"]))
        if counts["cancelled"]:
            words.append(_("{count} cancelled").format(count=counts["cancelled"]))
        say(f"    {', '.join(words)}")
        if state.next_at is not None:
            say(_("    The next one's turn: {time}").format(time=local(state.next_at, zone)))
        if state.paused_because:
            until = local(state.resume_at, zone)
            goes_on = _(" It goes on by itself at {time}.").format(time=until) if until else ""
            say(f"    {state.paused_because}{goes_on}")


def _say_recipients(ctx: typer.Context, rows: Sequence[Addressed]) -> None:
    from inboxcrm.cli.shown import add_row, local, print_table, table  # noqa: PLC0415
    from inboxcrm.web.words import label  # noqa: PLC0415

    zone = settings_of(ctx).person.time_zone
    drawn = table(
        _("No."), _("Name"), _("Company"), _("Address"), _("State"), _("Time"), _("Answered"), _("Left"), _("Words")
    )
    for one in rows:
        row = one.row
        words = " ".join(part for part in (row.bounced, row.error) if part)
        when: tuple[datetime | None, ...] = (row.sent_at or row.due_at, row.answered_at, row.left_at)
        times = [local(at, zone) for at in when]
        add_row(drawn, row.id, row.name, one.customer, row.written, label(row.state), *times, words)
    print_table(drawn, empty=_("There is no such recipient."))


def _say_over_time(ctx: typer.Context, found: Sequence[Results]) -> None:
    from inboxcrm.cli.shown import add_row, local, print_table, table  # noqa: PLC0415

    zone = settings_of(ctx).person.time_zone
    drawn = table(
        _("No."), _("Issue"), _("Began"), _("Sent"), _("Delivered"), _("Bounced"), _("Answered"), _("Left"),
        _("Interested"),
    )  # fmt: skip
    for one in found:
        state = one.progress
        add_row(
            drawn, one.issue_id, one.name, local(one.started_at, zone), one.sent, one.delivered, state.bounced,
            state.answered, state.left, one.interested,
        )  # fmt: skip
    print_table(drawn, empty=_("No issue has gone out yet."))


def _say_results(ctx: typer.Context, one: Results) -> None:
    from inboxcrm.cli.shown import grade_word, local, say  # noqa: PLC0415
    from inboxcrm.newsletter.results import INTEREST  # noqa: PLC0415
    from inboxcrm.web.words import label  # noqa: PLC0415

    state = one.progress
    say(f"{one.issue_id}  {one.name}  {local(one.started_at, settings_of(ctx).person.time_zone)}".rstrip())
    bounced = _("{count} ({hard} hard, {soft} soft)").format(count=state.bounced, hard=state.hard, soft=state.soft)
    for name, value in (
        (_("Sent"), one.sent),
        (_("Delivered"), one.delivered),
        (_("Bounced"), bounced),
        (_("Failed"), state.failed),
        (_("Answered"), state.answered),
        (_("Left"), state.left),
    ):
        say(f"{name}: {value}")
    shown = _("Showed interest within thirty days: {count} customers").format(count=one.interested)
    say(shown if one.settled else f"{shown} {_('(not over yet)')}")
    for kind in INTEREST:
        if one.signals[kind]:
            say(f"  {label(kind)}: {one.signals[kind]}")
    for (before, after), count in sorted(one.moves.items()):
        say(f"  {grade_word(before.value)} → {grade_word(after.value)}: {count}")
    if one.counts_clicks:
        say(_("Clicks: {count}, by {people} recipients").format(count=one.clicks, people=one.clickers))
        for url, people in one.links:
            say(f"  {people}  {url}")
    for tried in one.subjects:
        words = _("Subject {number}: sent {sent}, answered {answered}, left {left}")
        say(words.format(number=tried.subject + 1, sent=tried.sent, answered=tried.answered, left=tried.left))
