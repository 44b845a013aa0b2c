"""`inboxcrm rules …`: look after the rule files that say what a mail means for the business.

`check` runs the examples that stand in the files. Nothing here changes a rule.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from inboxcrm.cli.context import home_of
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
        examples = sum(len(rule.examples) + len(rule.counterexamples) for rule in language.rules)
        typer.echo(
            _("{file}: {rules} rules, {examples} examples").format(
                file=path, rules=len(language.rules), examples=examples
            )
        )
    if failed:
        typer.echo(_("{count} examples fail").format(count=failed), err=True)
        raise typer.Exit(1)
