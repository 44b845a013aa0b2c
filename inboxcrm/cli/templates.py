"""`inboxcrm templates`: the texts of follow-ups: which there are, how they read, and whether each can be written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from inboxcrm.cli.context import fail, open_database, print_json, settings_of
from inboxcrm.i18n import _, ngettext

if TYPE_CHECKING:
    from collections.abc import Sequence

    from inboxcrm.followup.checking import Finding
    from inboxcrm.followup.drafting import Workshop

app = typer.Typer(no_args_is_help=True, add_completion=False)

_JSON_HELP = _("Print JSON instead.")
_FOLLOW_UPS = 500
"""Planned follow-ups that `check` tries."""


@app.command("list", help=_("List the templates with their languages, and which of them are your own."))
def list_command(ctx: typer.Context, json: Annotated[bool, typer.Option("--json", help=_JSON_HELP)] = False) -> None:
    """Prints a line a template, or [{"name", "languages": [{"language", "texts", "file", "own"}]}] as JSON."""
    from inboxcrm.cli.shown import add_row, print_table, table  # noqa: PLC0415
    from inboxcrm.followup.templates import TemplateFileError  # noqa: PLC0415

    workshop = _workshop(ctx)
    found = []
    for name in workshop.templates.names():
        languages: list[dict[str, Any]] = []
        for language in workshop.templates.languages(name):
            path = workshop.templates.path(name, language)
            try:
                count: int | None = len(workshop.templates.texts(name, language))
            except TemplateFileError:
                count = None
            own = workshop.settings.home in path.parents
            languages.append({"language": language, "texts": count, "file": str(path), "own": own})
        found.append({"name": name, "languages": languages})
    if json:
        print_json(found)
        return
    drawn = table(_("Template"), _("Texts"), _("Languages"), _("Your own"))
    for one in found:
        here: list[dict[str, Any]] = one["languages"]  # type: ignore[assignment]  # made so above
        counts = [each["texts"] for each in here if each["texts"] is not None]
        add_row(
            drawn,
            one["name"],
            max(counts, default=0),
            " ".join(each["language"] for each in here),
            " ".join(each["language"] for each in here if each["own"]),
        )
    print_table(drawn, empty=_("There are no templates."))


@app.command("check", help=_("Try every text with invented customers and with yours; say what can't be written."))
def check_command(
    ctx: typer.Context,
    customers: Annotated[
        int, typer.Option("--customers", min=0, help=_("How many of your customers it is tried with, latest first."))
    ] = 200,
    json: Annotated[bool, typer.Option("--json", help=_JSON_HELP)] = False,
) -> None:
    """Prints file, line, variable and what is wrong; ends with 1 when a mail that will be wanted can't be written.

    As JSON: [{"file", "line", "name", "what", "serious", "customers"}].
    """
    from inboxcrm.cli.shown import now  # noqa: PLC0415
    from inboxcrm.followup import checking  # noqa: PLC0415
    from inboxcrm.model.database import looking  # noqa: PLC0415

    workshop = _workshop(ctx)
    found = checking.check_files(workshop.templates)
    if customers:
        with looking(open_database(ctx)) as session:
            found += checking.check_planned(session, workshop, now(), _FOLLOW_UPS)
            found += checking.check_customers(session, workshop, now(), customers)
    serious = [one for one in found if one.serious]
    notes = [one for one in found if not one.serious]
    if json:
        print_json([_json(one) for one in (*serious, *notes)])
    else:
        for one in serious:
            _say(_told(one))
        if notes:
            _say(_("Not for everybody: these texts need what isn't always known; another text is taken then."))
            for one in notes:
                _say("  " + _told(one))
        if not found:
            _say(_("Every text can be written."))
    if serious:
        raise typer.Exit(1)


@app.command("show", help=_("Show how the texts of a template read in a language."))
def show_command(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="STAGE", help=_("A template, as 'templates list' names it."))],
    language: Annotated[str, typer.Argument(metavar="LANGUAGE", help=_("A language code, like de."))],
    *,
    customer: Annotated[
        str, typer.Option("--customer", help=_("Read as for this customer: number, or part of the name."))
    ] = "",
    source: Annotated[
        bool, typer.Option("--source", help=_("Print the file itself, to be copied and changed."))
    ] = False,
    json: Annotated[bool, typer.Option("--json", help=_JSON_HELP)] = False,
) -> None:
    """Prints each text with its subject, or [{"text", "steps", "subject", "body", "problem"}] as JSON."""
    from inboxcrm.cli.shown import now  # noqa: PLC0415
    from inboxcrm.customers.listing import find_customer  # noqa: PLC0415
    from inboxcrm.followup import checking  # noqa: PLC0415
    from inboxcrm.followup.rendering import TextError  # noqa: PLC0415
    from inboxcrm.followup.samples import known  # noqa: PLC0415
    from inboxcrm.model.database import looking  # noqa: PLC0415

    workshop = _workshop(ctx)
    if source:
        typer.echo(workshop.templates.path(name, language).read_text(encoding="utf-8"), nl=False)
        return
    texts = workshop.templates.texts(name, language)
    variables = known(language)
    if customer:
        with looking(open_database(ctx)) as session:
            found = find_customer(session, customer)
            try:
                variables, _its_own = checking.facts_of(session, workshop, found, now(), name, language=language)
            except checking.NobodyError:
                fail(_("{customer} has no contact to write to.").format(customer=found.name))
    shown = []
    for one in texts:
        told = {"text": one.variant, "steps": _steps(one.first, one.last), "subject": "", "body": "", "problem": ""}
        try:
            told |= {"subject": one.subject_of(variables, language), "body": one.body_of(variables, language)}
        except TextError as error:
            told["problem"] = str(error)
        shown.append(told)
    if json:
        print_json(shown)
        return
    for told in shown:
        _say(f"—— {told['text']} · {told['steps']}")
        for line in (told["problem"] or f"{told['subject']}\n\n{told['body']}\n").split("\n"):
            _say(line)


# --- inside -----------------------------------------------------------------------------------------------------------


def _workshop(ctx: typer.Context) -> Workshop:
    from inboxcrm.followup.drafting import Workshop  # noqa: PLC0415
    from inboxcrm.followup.templates import Templates  # noqa: PLC0415

    settings = settings_of(ctx)
    return Workshop(settings, Templates(settings.home))


def _say(line: str) -> None:
    """One line, however long, so that it can be searched and followed; what steers a terminal is left out."""
    typer.echo("".join(one if one.isprintable() else " " for one in line))


def _told(one: Finding) -> str:
    place = _("{file}, line {line}: {what}").format(file=one.file, line=one.line, what=one.what)
    if one.name and one.name not in one.what:
        place = _("{file}, line {line}: {what}").format(file=one.file, line=one.line, what=f"{one.name}: {one.what}")
    return f"{place} ({_whom(one.customers)})" if one.customers else place


def _whom(customers: Sequence[str]) -> str:
    more = len(customers) - 1
    if not more:
        return customers[0]
    return ngettext("{customer} and {count} more customer", "{customer} and {count} more customers", more).format(
        customer=customers[0], count=more
    )


def _json(one: Finding) -> dict[str, Any]:
    return {
        "file": one.file,
        "line": one.line,
        "name": one.name,
        "what": one.what,
        "serious": one.serious,
        "customers": list(one.customers),
    }


def _steps(first: int, last: int | None) -> str:
    if last is None:
        return _("every step") if first == 1 else _("from step {first} on").format(first=first)
    if first == last:
        return _("step {first}").format(first=first)
    return _("steps {first} to {last}").format(first=first, last=last)
