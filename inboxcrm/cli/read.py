"""`inboxcrm read FILE…`: what is understood from a mail, for people and for programs; needs no account and no database.

It only shows a `Reading` and its signals; it understands nothing by itself.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from inboxcrm.cli.context import home_of
from inboxcrm.errors import InboxcrmError
from inboxcrm.i18n import _
from inboxcrm.reading import read

if TYPE_CHECKING:
    from inboxcrm.engagement.signals import Side, Signal
    from inboxcrm.reading import Reading


def read_command(
    ctx: typer.Context,
    files: Annotated[
        list[str], typer.Argument(metavar="FILE…", help=_('Mails as files (RFC 822); "-" is the standard input.'))
    ],
    *,
    as_json: Annotated[
        bool, typer.Option("--json", help=_("Print JSON: an object for one file, else a list."))
    ] = False,
    as_jsonl: Annotated[bool, typer.Option("--jsonl", help=_("Print one JSON object a line."))] = False,
    outgoing: Annotated[
        bool, typer.Option("--sent", help=_("The mails are our own: an old date is believed."))
    ] = False,
    own: Annotated[
        list[str] | None,
        typer.Option(
            "--own", metavar="ADDRESS", help=_("An address of ours, which tells our own mails from customers'.")
        ),
    ] = None,
    authserv_ids: Annotated[
        list[str] | None,
        typer.Option(
            "--authserv-id", metavar="NAME", help=_("Name under which your provider writes Authentication-Results.")
        ),
    ] = None,
) -> None:
    """Show what is understood from a mail: who, when, what was newly written, what is automatic, what is wrong with it."""
    # Loaded here: `--help` needs no rules.
    from inboxcrm.engagement.rulebook import rulebook  # noqa: PLC0415

    rules = rulebook(home_of(ctx))
    ours = {address.lower() for address in own or ()}
    rows: list[dict[str, Any]] = []
    unreadable = False
    for index, file in enumerate(files):
        try:
            content = _content(file)
        except InboxcrmError as error:
            # The other mails are read all the same: programs give hundreds at a time.
            typer.echo(str(error), err=True)
            unreadable = True
            continue
        reading = read(content, outgoing=outgoing, authserv_ids=authserv_ids)
        signals = rules.signals_of(reading, side=_side(reading, ours, outgoing=outgoing))
        row = {"file": file, **reading.as_json(), "signals": [one.as_json() for one in signals]}
        if as_jsonl:
            typer.echo(json.dumps(row, ensure_ascii=False))
        elif as_json:
            rows.append(row)
        else:
            _show(file, reading, signals, first=index == 0)
    if as_json and not as_jsonl and (rows or len(files) > 1):
        typer.echo(json.dumps(rows[0] if len(files) == 1 else rows, ensure_ascii=False, indent=2))
    if unreadable:
        raise typer.Exit(1)


def _side(reading: Reading, ours: set[str], *, outgoing: bool) -> Side | None:
    """Who wrote the mail, as far as we were told."""
    from inboxcrm.engagement.signals import Side  # noqa: PLC0415

    if outgoing or reading.sender.address.lower() in ours:
        return Side.US
    return Side.CUSTOMER if ours else None


def _content(file: str) -> bytes:
    if file == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(file).read_bytes()
    except IsADirectoryError as error:
        raise InboxcrmError(
            _("{file} is a folder; give the mails in it, for example {file}/*.eml").format(file=file)
        ) from error
    except OSError as error:
        raise InboxcrmError(_("{file} can't be read: {reason}").format(file=file, reason=error.strerror)) from error


def _show(file: str, reading: Reading, signals: list[Signal], *, first: bool) -> None:
    # Imported here: programs that ask for JSON need no tables.
    from inboxcrm.cli.reading_view import view  # noqa: PLC0415

    view(file, reading, signals, first=first)
