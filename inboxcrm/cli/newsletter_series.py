"""`inboxcrm newsletter series …`: series, each of which drafts its next issue on its day and puts it up for review."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from inboxcrm.cli.context import open_database, print_json, settings_of
from inboxcrm.cli.groups import ShowByDefault
from inboxcrm.cli.newsletter_options import AudienceFields, Json, Yes, audience_of, press_of
from inboxcrm.cli.questions import be_sure
from inboxcrm.i18n import _

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from inboxcrm.model import Newsletter

app = typer.Typer(cls=ShowByDefault, add_completion=False)

SeriesNumber = Annotated[
    int, typer.Argument(metavar="SERIES", help=_("Number of a series, as 'inboxcrm newsletter series' shows it."))
]
From = Annotated[
    str, typer.Option("--from", help=_("Address of the account that it goes from; else the first that can send."))
]
Template = Annotated[
    str | None,
    typer.Option("--template", help=_("What it tells: news, new_products, fairs, holidays, or one of your own.")),
]
Languages = Annotated[
    list[str] | None, typer.Option("--language", help=_("A language that it is written in, like de; several times."))
]
Every = Annotated[int | None, typer.Option("--every", help=_("Months between two issues: 1 monthly, 3 quarterly."))]
Day = Annotated[int | None, typer.Option("--day", help=_("Day of the month on which the next is drafted, 1 to 28."))]
Layout = Annotated[str | None, typer.Option("--layout", help=_("Its layout: letter, products, or one of your own."))]
Fallback = Annotated[
    str | None,
    typer.Option("--fallback", help=_("Language for contacts whose own there is no text in; none leaves them out.")),
]


@app.command("list", help=_("List the series."))
def list_command(ctx: typer.Context, *, json: Json = False) -> None:
    """Prints a table."""
    from sqlalchemy import select  # noqa: PLC0415  takes a moment to load

    from inboxcrm.model import Newsletter  # noqa: PLC0415
    from inboxcrm.model.database import looking  # noqa: PLC0415
    from inboxcrm.newsletter.as_json import series_json  # noqa: PLC0415

    with looking(open_database(ctx)) as session:
        rows = [series_json(session, one) for one in session.scalars(select(Newsletter).order_by(Newsletter.name))]
        if json:
            print_json(rows)
        else:
            _say_list(ctx, rows)


@app.command("show", help=_("Show a series, or the list; 'show' may be left out."))
def show_command(
    ctx: typer.Context,
    series: Annotated[int | None, typer.Argument(metavar="[SERIES]", help=_("Number of a series."))] = None,
    *,
    json: Json = False,
) -> None:
    """Prints one series, or the list."""
    if series is None:
        list_command(ctx, json=json)
        return
    from inboxcrm.cli.shown import say  # noqa: PLC0415
    from inboxcrm.model.database import looking  # noqa: PLC0415
    from inboxcrm.newsletter.as_json import series_json  # noqa: PLC0415
    from inboxcrm.newsletter.series import get  # noqa: PLC0415

    with looking(open_database(ctx)) as session:
        told = series_json(session, get(session, series))
    if json:
        print_json(told)
        return
    _say_list(ctx, [told])
    fields = {name: value for name, value in told["audience"].items() if value not in (None, [], "")}
    say(_("Audience") + ": " + " ".join(f"{name}={_shown(value)}" for name, value in fields.items()))


@app.command("new", help=_("Begin a series; its issues wait for your approval."))
def new_command(
    ctx: typer.Context,
    *,
    name: Annotated[str, typer.Option("--name", help=_("What you call it; readers don't see it."))],
    template: Template = "news",
    language: Languages = None,
    every: Every = 1,
    day: Day = 1,
    sender: From = "",
    layout: Layout = "products",
    fallback: Fallback = None,
    audience: AudienceFields = None,
    json: Json = False,
) -> None:
    """Prints the series."""
    from inboxcrm.cli.shown import now, person  # noqa: PLC0415
    from inboxcrm.newsletter import issues, series  # noqa: PLC0415

    press = press_of(ctx)
    languages = language or ["en"]
    fallback = fallback or ("en" if "en" in languages else languages[0])

    def act(session: Session) -> Newsletter:
        return series.create(
            session,
            press,
            name=name,
            account_id=issues.account_id_of(session, press, sender),
            template=template or "news",
            languages=languages,
            now=now(),
            by=person(),
            every_months=1 if every is None else every,
            day=1 if day is None else day,
            layout=layout or "products",
            fallback_language="" if fallback == "none" else fallback,
            audience=audience_of(issues.usual_audience(press).packed(), audience or ()),
        )

    _changing(ctx, act, json=json)


@app.command("edit", help=_("Change a series; its issues stay as they are."))
def edit_command(
    ctx: typer.Context,
    series: SeriesNumber,
    *,
    name: Annotated[str | None, typer.Option("--name", help=_("What you call it; readers don't see it."))] = None,
    template: Template = None,
    language: Languages = None,
    every: Every = None,
    day: Day = None,
    sender: From = "",
    layout: Layout = None,
    fallback: Fallback = None,
    active: Annotated[bool | None, typer.Option("--on/--off", help=_("Whether it drafts issues on its days."))] = None,
    audience: AudienceFields = None,
    json: Json = False,
) -> None:
    """Prints the series as it is then."""
    from inboxcrm.cli.shown import now  # noqa: PLC0415
    from inboxcrm.newsletter import issues  # noqa: PLC0415
    from inboxcrm.newsletter import series as domain  # noqa: PLC0415

    press = press_of(ctx)
    given: dict[str, Any] = {
        "name": name,
        "template": template,
        "languages": language,
        "every_months": every,
        "day": day,
        "layout": layout,
        "fallback_language": "" if fallback == "none" else fallback,
        "active": active,
    }
    changes = {field: value for field, value in given.items() if value is not None}

    def act(session: Session) -> Newsletter:
        found = domain.get(session, series)
        if sender:
            changes["account_id"] = issues.account_id_of(session, press, sender)
        if audience:
            changes["audience"] = audience_of(found.audience, audience)
        return domain.edit(session, press, series, now(), **changes)

    _changing(ctx, act, json=json)


@app.command("draft", help=_("Draft the next issue of a series now, whatever its day; it waits for your approval."))
def draft_command(ctx: typer.Context, series: SeriesNumber, *, json: Json = False) -> None:
    """Says which issue, or why there is none."""
    from inboxcrm.cli.shown import now, person, say  # noqa: PLC0415
    from inboxcrm.model.database import writing  # noqa: PLC0415
    from inboxcrm.newsletter import series as domain  # noqa: PLC0415
    from inboxcrm.newsletter.as_json import drafted_json  # noqa: PLC0415

    press = press_of(ctx)
    with writing(open_database(ctx)) as session:
        drafted = domain.draft_next(session, press, series, now(), by=person())
    if json:
        print_json(drafted_json(drafted))
    elif drafted.issue_id is None:
        say(drafted.why_not)
    else:
        say(_("Issue {id} of “{name}” waits for your approval.").format(id=drafted.issue_id, name=drafted.name))


@app.command("remove", help=_("End a series; its issues stay."))
def remove_command(ctx: typer.Context, series: SeriesNumber, *, yes: Yes = False, json: Json = False) -> None:
    """Asks, and says which."""
    from inboxcrm.cli.shown import say  # noqa: PLC0415
    from inboxcrm.model.database import looking, writing  # noqa: PLC0415
    from inboxcrm.newsletter import series as domain  # noqa: PLC0415

    engine = open_database(ctx)
    with looking(engine) as session:
        name = domain.get(session, series).name
    be_sure(_("“{name}” drafts no further issue then; those that are there stay. End it?").format(name=name), yes=yes)
    with writing(engine) as session:
        domain.remove(session, series)
    if json:
        print_json({"removed": series})
    else:
        say(_("“{name}” is ended; its issues stay.").format(name=name))


# --- inside -----------------------------------------------------------------------------------------------------------


def _changing(ctx: typer.Context, act: Callable[[Session], Newsletter], *, json: bool) -> None:
    from inboxcrm.model.database import writing  # noqa: PLC0415

    with writing(open_database(ctx)) as session:
        number = act(session).id
    show_command(ctx, number, json=json)


def _shown(value: Any) -> str:
    return ",".join(value) if isinstance(value, list) else str(value)


def _say_list(ctx: typer.Context, rows: list[dict[str, Any]]) -> None:
    from datetime import datetime  # noqa: PLC0415

    from inboxcrm.cli.shown import add_row, local, print_table, table  # noqa: PLC0415

    zone = settings_of(ctx).person.time_zone
    drawn = table(_("No."), _("Series"), _("Template"), _("Languages"), _("Every"), _("Day"), _("Next"), _("From"))
    for one in rows:
        next_at = local(datetime.fromisoformat(one["next_at"]), zone) if one["next_at"] else _("off")
        every = _("{count} months").format(count=one["every_months"])
        languages = " ".join(one["languages"])
        add_row(drawn, one["id"], one["name"], one["template"], languages, every, one["day"], next_at, one["from"])
    print_table(drawn, empty=_("There is no series yet; begin one with 'inboxcrm newsletter series new'."))
