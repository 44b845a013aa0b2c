"""`inboxcrm rules …`: look after the rule files that say what a mail means for the business.

`check` runs the examples that stand in the files, `score` measures them on what people said, `whatif` tries a changed file on the
whole history. Nothing here changes a rule, or the database.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from inboxcrm.cli.context import home_of, open_database, print_json, settings_of
from inboxcrm.i18n import _

app = typer.Typer(no_args_is_help=True)


@app.callback()
def rules() -> None:
    """Look after the rules that find engagement signals."""


@app.command(help=_("Run the examples in the rule files; name the file and line of each that fails."))
def check(
    ctx: typer.Context,
    file: Annotated[
        Path | None,
        typer.Argument(metavar="[FILE]", help=_("A rule file; without it those in force."), show_default=False),
    ] = None,
    languages: Annotated[
        list[str] | None, typer.Option("--language", metavar="CODE", help=_("Only this language; may be repeated."))
    ] = None,
) -> None:
    """Ends with 1 when an example fails."""
    # Loaded here: `--help` needs no rules.
    from inboxcrm import shipped  # noqa: PLC0415
    from inboxcrm.engagement.doubts import doubts  # noqa: PLC0415
    from inboxcrm.engagement.examples import failures  # noqa: PLC0415
    from inboxcrm.engagement.rulebook import codes  # noqa: PLC0415
    from inboxcrm.engagement.rules import load_language  # noqa: PLC0415

    home = home_of(ctx)
    paths = (
        [file] if file else [shipped.find(home, "config", f"signals/{code}.toml") for code in languages or codes(home)]
    )
    failed = 0
    for path in paths:
        language = load_language(path)
        for one in failures(language):
            failed += 1
            what = _("is not found ({confidence})") if one.missed else _("is found, but should not be ({confidence})")
            told = what.format(confidence=f"{one.confidence:.2f}")
            typer.echo(f"{path}:{one.line}: {one.rule}: “{one.example}” {told}")
        for doubt in doubts(language):
            told = _("“|” chooses between single words only; write ( ) around what belongs together")
            typer.echo(f"{path}:{doubt.line}: {doubt.rule}: “{doubt.phrase}” {told}", err=True)
        examples = sum(len(rule.examples) + len(rule.counterexamples) for rule in language.rules)
        typer.echo(
            _("{file}: {rules} rules, {examples} examples").format(
                file=path, rules=len(language.rules), examples=examples
            )
        )
    if failed:
        typer.echo(_("{count} examples fail").format(count=failed), err=True)
        raise typer.Exit(1)


@app.command(help=_("Measure the rules on what people said of signals: precision and recall of each kind."))
def score(
    ctx: typer.Context,
    file: Annotated[
        Path | None,
        typer.Argument(metavar="[FILE]", help=_("Measure with this rule file for its language."), show_default=False),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help=_("Print JSON."))] = False,
) -> None:
    """Prints a table, or {kind: {"right", "wrong", "missed", "precision", "recall"}} as JSON."""
    from inboxcrm.cli.shown import add_row, print_table, table  # noqa: PLC0415  SQLAlchemy and rich take a moment to load
    from inboxcrm.engagement.scoring import scores  # noqa: PLC0415
    from inboxcrm.judging import look_of  # noqa: PLC0415
    from inboxcrm.model.database import looking  # noqa: PLC0415

    settings = settings_of(ctx)
    look = look_of(settings)
    with looking(open_database(ctx)) as session:
        found = scores(session, look.with_file(file) if file else look.current(), settings.engagement.threshold)
    if json:
        print_json({kind.value: one.as_json() for kind, one in found.items()})
        return
    drawn = table(_("What"), _("Right"), _("Wrong"), _("Missed"), _("Precision"), _("Recall"))
    for kind, one in found.items():
        shares = ["–" if share is None else f"{share:.0%}" for share in (one.precision, one.recall)]
        add_row(drawn, kind.value, one.right, one.wrong, one.missed, *shares)
    print_table(drawn, empty=_("Nobody has confirmed, rejected or added a signal yet."))


@app.command(help=_("Show what a changed rule file would find otherwise over the whole history, before you use it."))
def whatif(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help=_("The changed rule file of one language."))],
    *,
    limit: Annotated[int, typer.Option("--limit", min=1, help=_("List at most so many differences."))] = 200,
    json: Annotated[bool, typer.Option("--json", help=_("Print JSON."))] = False,
) -> None:
    """Prints a table and the totals, or a list of all differences as JSON."""
    from inboxcrm.cli.shown import add_row, local, print_table, say, table  # noqa: PLC0415  SQLAlchemy and rich take a moment to load
    from inboxcrm.engagement.rereading import differences  # noqa: PLC0415
    from inboxcrm.judging import look_of  # noqa: PLC0415
    from inboxcrm.model.database import looking  # noqa: PLC0415

    settings = settings_of(ctx)
    look = look_of(settings)
    changed = look.with_file(file)
    with looking(open_database(ctx)) as session:
        found = list(differences(session, look.current(), changed, settings.engagement.threshold))
    if json:
        print_json([one.as_json() for one in found])
        return
    words = {"added": _("added"), "lost": _("lost"), "changed": _("changed")}
    drawn = table("", _("Company"), _("When"), _("What"), _("Sure"), _("Words"))
    for one in found[:limit]:
        signal = one.after or one.before
        assert signal is not None  # noqa: S101  for mypy: a difference has one of the two
        sure = " → ".join("–" if side is None else f"{side.confidence:.0%}" for side in (one.before, one.after))
        when = local(one.at, settings.person.time_zone)
        add_row(drawn, words[one.what], one.customer, when, signal.kind.value, sure, signal.evidence)
    print_table(drawn, empty=_("This file finds the same as the rules in force."))
    for what, word in words.items():
        if count := sum(one.what == what for one in found):
            say(f"{word}: {count}")
