"""`inboxcrm drafts …`: the review queue at the terminal: look, edit, approve, postpone, leave out, take back."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from inboxcrm.cli.context import fail, open_database, print_json, settings_of
from inboxcrm.cli.editor import edited
from inboxcrm.cli.groups import ShowByDefault
from inboxcrm.cli.when import instant
from inboxcrm.i18n import _

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from inboxcrm.followup.drafting import Workshop
    from inboxcrm.followup.queue import Waiting
    from inboxcrm.followup.shown import ShownDraft

app = typer.Typer(cls=ShowByDefault, add_completion=False)

_IDS_HELP = _("Numbers of drafts, as 'inboxcrm drafts' shows them.")
_JSON_HELP = _("Print JSON.")
Ids = Annotated[list[int], typer.Argument(metavar="DRAFT…", help=_IDS_HELP)]
Json = Annotated[bool, typer.Option("--json", help=_JSON_HELP)]


@app.command("show", help=_("Show a draft, or all that wait for review; 'show' may be left out."))
def show_command(
    ctx: typer.Context,
    draft: Annotated[int | None, typer.Argument(metavar="[DRAFT]", help=_("Number of a draft."))] = None,
    *,
    json: Json = False,
) -> None:
    """Prints one draft as it would be sent, or the queue."""
    if draft is None:
        _list(ctx, json=json)
        return
    from inboxcrm.followup.shown import shown  # noqa: PLC0415  SQLAlchemy takes a moment to load
    from inboxcrm.model.database import looking  # noqa: PLC0415

    with looking(open_database(ctx)) as session:
        one = shown(session, draft)
        if json:
            print_json(one.as_json())
        else:
            _say(ctx, one)


@app.command("list", help=_("List the drafts that wait for review, the most urgent first."))
def list_command(
    ctx: typer.Context,
    *,
    stage: Annotated[str, typer.Option("--stage", help=_("Only this stage of the cadence, like quoted."))] = "",
    grade: Annotated[str, typer.Option("--grade", help=_("Only customers of this grade: A, B, C or watch."))] = "",
    outbox: Annotated[bool, typer.Option("--outbox", help=_("Those on their way out instead."))] = False,
    json: Json = False,
) -> None:
    """Prints a table."""
    _list(ctx, stage=stage, grade=grade, outbox=outbox, json=json)


@app.command("edit", help=_("Change a draft: by options, or in your editor when none is given."))
def edit_command(
    ctx: typer.Context,
    *,
    draft: Annotated[int, typer.Argument(metavar="DRAFT", help=_("Number of a draft."))],
    subject: Annotated[str | None, typer.Option("--subject", help=_("Another subject."))] = None,
    body_file: Annotated[
        Path | None, typer.Option("--body-file", exists=True, dir_okay=False, help=_("A file with another text."))
    ] = None,
    to: Annotated[
        list[str] | None, typer.Option("--to", help=_("Other recipients; may be given several times."))
    ] = None,
    attach: Annotated[
        list[str] | None, typer.Option("--attach", help=_("Documents of the library, instead of those attached."))
    ] = None,
    json: Json = False,
) -> None:
    """Prints the draft as it is then."""
    from inboxcrm.cli.shown import now, person  # noqa: PLC0415
    from inboxcrm.followup import review  # noqa: PLC0415
    from inboxcrm.model.database import looking, writing  # noqa: PLC0415

    engine = open_database(ctx)
    body = body_file.read_text(encoding="utf-8") if body_file else None
    with looking(engine) as session:
        before = review.get(session, draft)
    if subject is None and body is None and to is None and attach is None:
        written = edited(f"{before.subject}\n\n{before.body}", ".txt")
        subject, _gap, body = written.partition("\n")
        body = body.strip("\n")
    recipients = [_recipient(one) for one in to] if to is not None else None
    with writing(engine) as session:
        review.edit(
            session,
            draft,
            now=now(),
            by=person(),
            subject=subject,
            body=body,
            to=recipients,
            attachments=attach,
            revision=before.revision,
        )
    show_command(ctx, draft, json=json)


@app.command("write", help=_("Begin a mail to a customer; it waits for review like any other."))
def write_command(
    ctx: typer.Context,
    *,
    customer: Annotated[int, typer.Argument(metavar="CUSTOMER", help=_("Number of a customer."))],
    contact: Annotated[int | None, typer.Option("--contact", help=_("Number of a contact; else whoever fits."))] = None,
    template: Annotated[
        str, typer.Option("--template", help=_("A template, like general; none begins an empty mail."))
    ] = "",
    language: Annotated[str, typer.Option("--language", help=_("Its language, like es; else the customer's."))] = "",
    json: Json = False,
) -> None:
    """Prints the new draft."""
    from inboxcrm.cli.shown import now  # noqa: PLC0415
    from inboxcrm.followup import drafting  # noqa: PLC0415
    from inboxcrm.model.database import writing  # noqa: PLC0415

    with writing(open_database(ctx)) as session:
        made = drafting.new_draft(
            session, _workshop(ctx), customer, now(), contact_id=contact, template=template, language=language
        ).id
    show_command(ctx, made, json=json)


@app.command(
    "again", help=_("Write a draft anew: the next text in turn, or of another template, or in another language.")
)
def again_command(
    ctx: typer.Context,
    *,
    draft: Annotated[int, typer.Argument(metavar="DRAFT", help=_("Number of a draft."))],
    template: Annotated[str | None, typer.Option("--template", help=_("Another template."))] = None,
    language: Annotated[str | None, typer.Option("--language", help=_("Another language, like es."))] = None,
    json: Json = False,
) -> None:
    """Prints the draft as it is then; `undo` brings the old text back."""
    from inboxcrm.cli.shown import now, person  # noqa: PLC0415
    from inboxcrm.followup import drafting  # noqa: PLC0415
    from inboxcrm.model.database import writing  # noqa: PLC0415

    with writing(open_database(ctx)) as session:
        drafting.again(session, _workshop(ctx), draft, now(), by=person(), template=template, language=language)
    show_command(ctx, draft, json=json)


@app.command("approve", help=_("Let drafts go: after the time in which they can be taken back, or at a chosen time."))
def approve_command(
    ctx: typer.Context,
    drafts: Ids,
    at: Annotated[
        str,
        typer.Option(
            "--at",
            help=_("When: '2026-03-31 14:30' on your clock, or 'morning', the reader's next one; now when left out."),
        ),
    ] = "",
    json: Json = False,
) -> None:
    """Prints what they are now."""
    from inboxcrm.followup import review  # noqa: PLC0415
    from inboxcrm.followup.mornings import next_morning  # noqa: PLC0415
    from inboxcrm.followup.planning import PlanningRules  # noqa: PLC0415

    settings = settings_of(ctx)
    delay = timedelta(seconds=settings.sending.undo_seconds)
    chosen = instant(at, settings.person.time_zone) if at and at != "morning" else None

    def act(session: Session, one: int, by: dict[str, Any]) -> None:
        send_at = chosen
        if at == "morning":
            calendar = PlanningRules(settings).planner().calendar
            send_at = next_morning(session, review.get(session, one), calendar, by["now"])
        review.approve(session, one, **by, delay=delay, send_at=send_at)

    _each(ctx, drafts, act, json)


@app.command("snooze", help=_("Have drafts come back for review at another time."))
def snooze_command(
    ctx: typer.Context,
    drafts: Ids,
    *,
    until: Annotated[str, typer.Option("--until", help=_("When, like '2026-03-31 09:00' on your clock."))],
    json: Json = False,
) -> None:
    """Prints what they are now."""
    from inboxcrm.followup import review  # noqa: PLC0415

    wake_at = instant(until, settings_of(ctx).person.time_zone, "--until")
    _each(ctx, drafts, lambda session, one, by: review.snooze(session, one, wake_at, **by), json)


@app.command("skip", help=_("Leave these steps out; the next ones are planned."))
def skip_command(ctx: typer.Context, drafts: Ids, json: Json = False) -> None:
    """Prints what they are now."""
    from inboxcrm.followup import review  # noqa: PLC0415

    _each(ctx, drafts, lambda session, one, by: review.skip(session, one, **by), json)


@app.command("take-back", help=_("Have approved drafts wait for review again, as long as they have not gone."))
def take_back_command(ctx: typer.Context, drafts: Ids, json: Json = False) -> None:
    """Prints what they are now."""
    from inboxcrm.followup import review  # noqa: PLC0415

    _each(ctx, drafts, lambda session, one, by: review.take_back(session, one, **by), json)


@app.command("undo", help=_("Take back the last thing that was done to drafts which have not gone."))
def undo_command(ctx: typer.Context, drafts: Ids, json: Json = False) -> None:
    """Prints what they are now."""
    from inboxcrm.followup import review  # noqa: PLC0415

    _each(ctx, drafts, lambda session, one, by: review.undo(session, one, **by), json)


@app.command("send-again", help=_("Send what failed, or of what nobody knows whether it went, once more."))
def send_again_command(ctx: typer.Context, drafts: Ids, json: Json = False) -> None:
    """Prints what they are now."""
    from inboxcrm.followup import review  # noqa: PLC0415

    delay = timedelta(seconds=settings_of(ctx).sending.undo_seconds)
    _each(ctx, drafts, lambda session, one, by: review.send_again(session, one, **by, delay=delay), json)


@app.command("mark-sent", help=_("Say that mails of which nobody knows it did go out."))
def mark_sent_command(ctx: typer.Context, drafts: Ids, json: Json = False) -> None:
    """Prints what they are now."""
    from inboxcrm.followup import review  # noqa: PLC0415

    _each(ctx, drafts, lambda session, one, by: review.mark_sent(session, one, **by), json)


def _workshop(ctx: typer.Context) -> Workshop:
    from inboxcrm.followup.drafting import Workshop  # noqa: PLC0415
    from inboxcrm.followup.templates import Templates  # noqa: PLC0415

    settings = settings_of(ctx)
    return Workshop(settings, Templates(settings.home))


def _each(
    ctx: typer.Context, drafts: list[int], act: Callable[[Session, int, dict[str, Any]], Any], json: bool
) -> None:
    """Does `act` to all of the drafts, or, when one of them refuses, to none."""
    from inboxcrm.cli.shown import now, person  # noqa: PLC0415
    from inboxcrm.followup.shown import shown  # noqa: PLC0415
    from inboxcrm.model.database import looking, writing  # noqa: PLC0415

    engine = open_database(ctx)
    with writing(engine) as session:
        for one in drafts:
            act(session, one, {"now": now(), "by": person()})
    with looking(engine) as session:
        rows = [shown(session, one) for one in drafts]
        if json:
            print_json([row.as_json() for row in rows])
        else:
            for row in rows:
                _say_line(ctx, row)


def _list(ctx: typer.Context, *, stage: str = "", grade: str = "", outbox: bool = False, json: bool = False) -> None:
    from inboxcrm.cli.shown import now  # noqa: PLC0415
    from inboxcrm.followup.queue import in_state, waiting  # noqa: PLC0415
    from inboxcrm.model import DraftState, Grade  # noqa: PLC0415
    from inboxcrm.model.database import looking  # noqa: PLC0415

    if grade and grade not in list(Grade):
        fail(_("{grade!r} is no grade; it is A, B, C or watch.").format(grade=grade))
    only = Grade(grade) if grade else None
    with looking(open_database(ctx)) as session:
        on_their_way = [DraftState.APPROVED, DraftState.SENDING]
        rows = in_state(session, on_their_way) if outbox else waiting(session, now(), stage=stage, grade=only)
    if json:
        print_json([row.as_json() for row in rows])
    else:
        _say_queue(ctx, rows)


def _say_queue(ctx: typer.Context, rows: list[Waiting]) -> None:
    from inboxcrm.cli.shown import add_row, grade_word, local, print_table, table  # noqa: PLC0415

    zone = settings_of(ctx).person.time_zone
    drawn = table(_("No."), _("Due"), _("Grade"), _("Company"), _("Stage"), _("Subject"), _("State"))
    for row in rows:
        due = local(row.send_at or row.due_at, zone)
        step = f"{row.stage} {row.step}" if row.stage else ""
        add_row(drawn, row.draft_id, due, grade_word(row.grade.value), row.customer, step, row.subject, row.state.value)
    print_table(drawn, empty=_("No draft waits for review."))


def _say_line(ctx: typer.Context, row: ShownDraft) -> None:
    from inboxcrm.cli.shown import local, say  # noqa: PLC0415

    draft = row.draft
    when = local(draft.send_at or draft.wake_at, settings_of(ctx).person.time_zone)
    say(f"{draft.id}  {row.customer.name}  {draft.subject}  {draft.state.value}  {when}".rstrip())


def _say(ctx: typer.Context, row: ShownDraft) -> None:
    from inboxcrm.cli.shown import say  # noqa: PLC0415

    draft = row.draft
    _say_line(ctx, row)
    for name, value in (
        (_("From"), row.account),
        (_("To"), _people(draft.to)),
        (_("Cc"), _people(draft.cc)),
        (_("Bcc"), _people(draft.bcc)),
        (_("Subject"), draft.subject),
        (_("Attached"), ", ".join(draft.attachments)),
        (_("Trouble"), draft.error),
    ):
        if value:
            say(f"{name}: {value}")
    say(f"\n{draft.body}")
    if draft.quoted:
        say(f"\n{draft.quoted}")


def _people(people: list[dict[str, Any]]) -> str:
    return ", ".join(f"{one['name']} <{one['address']}>" if one.get("name") else str(one["address"]) for one in people)


def _recipient(written: str) -> dict[str, str]:
    from inboxcrm.reading.addresses import parse_one  # noqa: PLC0415

    found = parse_one(written.encode())
    if len(found) != 1 or not found[0].address:
        fail(_("{written!r} is no mail address; write it like name@firm.example.").format(written=written))
    return {"name": found[0].name, "address": found[0].address}
