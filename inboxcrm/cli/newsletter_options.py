"""What the commands of newsletters share: arguments and options, the press, an audience as it is typed, an issue on the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from inboxcrm.cli.context import fail, open_database, print_json, settings_of
from inboxcrm.i18n import _

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sqlalchemy.orm import Session

    from inboxcrm.model import Issue
    from inboxcrm.newsletter.audience import Audience
    from inboxcrm.newsletter.press import Press

_AUDIENCE_HELP = _(
    "Whom to reach, like countries=DE,AT or grades=B,C or heard_before=2026-05-01; several times for several fields. Fields: grades, "
    "statuses, countries, languages, products, tags, sources, heard_after, heard_before, not_written_days, min_gap_days. Nothing after "
    "the = is as by default."
)

IssueNumber = Annotated[
    int, typer.Argument(metavar="ISSUE", help=_("Number of an issue, as 'inboxcrm newsletter' shows it."))
]
Yes = Annotated[bool, typer.Option("--yes", help=_("Don't ask whether you are sure."))]
Json = Annotated[bool, typer.Option("--json", help=_("Print JSON."))]
AudienceFields = Annotated[
    list[str] | None, typer.Option("--audience", metavar="FIELD=VALUE", help=_AUDIENCE_HELP, show_default=False)
]


def press_of(ctx: typer.Context) -> Press:
    """What newsletters are made with."""
    from inboxcrm.followup.planning import PlanningRules  # noqa: PLC0415  SQLAlchemy takes a moment to load
    from inboxcrm.newsletter.press import Press  # noqa: PLC0415

    settings = settings_of(ctx)
    return Press.of(settings, PlanningRules(settings).planner().calendar)


def audience_of(before: Mapping[str, Any], given: Sequence[str]) -> Audience:
    """The audience `before` (as it is kept) with the fields that were typed. Raises AudienceError."""
    from inboxcrm.newsletter.audience import Audience  # noqa: PLC0415

    values = dict(before)
    for one in given:
        field, equals, value = one.partition("=")
        field, value = field.strip(), value.strip()
        if not equals:
            fail(_("--audience: {value!r} is not understood; write it like countries=DE,AT.").format(value=one))
        if not value:
            values.pop(field, None)
        elif isinstance(Audience().packed().get(field), list):
            values[field] = [part.strip() for part in value.split(",") if part.strip()]
        else:
            values[field] = value
    return Audience.unpacked(values)


def changing(ctx: typer.Context, act: Callable[[Session], Issue], *, json: bool) -> None:
    """Does `act` in one transaction, then prints the issue that it returns."""
    from inboxcrm.model.database import writing  # noqa: PLC0415

    engine = open_database(ctx)
    with writing(engine) as session:
        number = act(session).id
    show_issue(ctx, number, json=json)


def show_issue(ctx: typer.Context, number: int, *, json: bool) -> None:
    """Prints an issue."""
    from inboxcrm.model.database import looking  # noqa: PLC0415
    from inboxcrm.newsletter.as_json import issue_json  # noqa: PLC0415
    from inboxcrm.newsletter.issues import get  # noqa: PLC0415

    with looking(open_database(ctx)) as session:
        issue = get(session, number)
        shown = issue_json(session, issue)
        if json:
            print_json(shown)
        else:
            _say(ctx, issue, shown)


def _say(ctx: typer.Context, issue: Issue, shown: Mapping[str, Any]) -> None:
    from inboxcrm.cli.shown import local, say  # noqa: PLC0415
    from inboxcrm.web.words import label  # noqa: PLC0415

    zone = settings_of(ctx).person.time_zone
    say(f"{issue.id}  {issue.name}  {label(issue.state)}")
    test = _("{share} % of the recipients, {hours} hours").format(share=issue.test_share, hours=issue.test_hours)
    for name, value in (
        (_("From"), shown["from"]),
        (_("Layout"), issue.layout),
        (_("Language for everybody else"), issue.fallback_language or _("none: they are left out")),
        (_("Audience"), _audience_words(issue.audience)),
        (_("Files"), ", ".join(issue.images)),
        (_("Test of subjects"), test if issue.test_share else ""),
        (_("Clicks"), _("are counted") if issue.count_clicks else ""),
        (_("Goes"), "" if issue.working_hours else _("at once, not only in working hours")),
        (_("Time"), local(issue.send_at, zone)),
        (_("Approved"), f"{local(issue.approved_at, zone)} {issue.approved_by}".strip()),
        (_("Because"), issue.paused_because),
    ):
        if value:
            say(f"{name}: {value}")
    for text in shown["texts"]:
        say(f"\n--- {text['language']} ({text['format']}) ---")
        for subject in text["subjects"]:
            say(_("Subject: {subject}").format(subject=subject))
        say(f"\n{text['body']}")
        for problem in text["problems"]:
            say(f"! {problem}")


def _audience_words(audience: Mapping[str, Any]) -> str:
    said = (
        f"{field}={','.join(value) if isinstance(value, list) else value}"
        for field, value in audience.items()
        if value not in (None, [], "")
    )
    return " ".join(said)
