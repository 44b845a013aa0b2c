"""`inboxcrm sync`: one complete pass over all mailboxes, with progress and a table of what was found, or JSON for programs."""

from __future__ import annotations

import logging
import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from inboxcrm.cli.context import fail, open_database, print_json, settings_of
from inboxcrm.cli.logs import configure
from inboxcrm.i18n import _

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.progress import TaskID

    from inboxcrm.service.counts import Counts
    from inboxcrm.service.once import AccountResult
    from inboxcrm.service.sync import AccountSync


def sync_command(
    ctx: typer.Context,
    once: Annotated[
        bool, typer.Option("--once", help=_("One complete pass, then end. That is also what happens without it."))
    ] = True,
    log_only: Annotated[
        bool, typer.Option("--log-only", help=_("Write the logs only; what the mails mean is found by the next run."))
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help=_("Print one JSON object at the end; no progress."))] = False,
) -> None:
    """Takes everything that is in the mailboxes now, then ends: with 0, or with 1 when an account failed."""
    configure(level=logging.WARNING)
    settings = settings_of(ctx)
    if not settings.accounts:
        fail(_("There is no account yet: 'inboxcrm init' sets one up."))
    engine = open_database(ctx)

    # Loaded only now, so that settings that can't be used are told at once.
    from inboxcrm.service import home  # noqa: PLC0415
    from inboxcrm.service import once as passes  # noqa: PLC0415
    from inboxcrm.service.counts import Counts  # noqa: PLC0415
    from inboxcrm.service.events import Events  # noqa: PLC0415
    from inboxcrm.service.stopping import stop_on_signals  # noqa: PLC0415
    from inboxcrm.service.taking import Store  # noqa: PLC0415

    store = Store(engine, Events(), lambda: datetime.now(UTC))
    stop = stop_on_signals()
    with home.held(settings.home):
        if as_json:
            results = passes.sync_all(store, settings, stop=stop, judging=not log_only)
        else:
            with _Bars() as bars:
                results = passes.sync_all(store, settings, stop=stop, progress=bars.show, judging=not log_only)
    engine.dispose()

    total = Counts()
    for result in results:
        total.add(result.total)
    complete = all(result.ok for result in results) and not stop.is_set()
    if as_json:
        accounts = [result.as_json() for result in results]
        print_json({"ok": complete, "accounts": accounts, "totals": total.as_json()})
    else:
        _print_table(results, total)
    if not complete:
        raise typer.Exit(1)


class _Bars:
    """One bar an account: how much of its history has been taken. Ended accounts leave theirs full."""

    def __init__(self) -> None:
        from rich.console import Console  # noqa: PLC0415  programs that want JSON need no bars
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn  # noqa: PLC0415

        self._progress: Progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=Console(stderr=True),
        )
        self._tasks: dict[str, TaskID] = {}
        self._lock = threading.Lock()

    def __enter__(self) -> _Bars:
        self._progress.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._progress.stop()

    def show(self, address: str, sync: AccountSync) -> None:
        """Brings an account's bar up to date."""
        taken, total = sync.progress()
        with self._lock:
            if address not in self._tasks:
                self._tasks[address] = self._progress.add_task(address, total=total)
            self._progress.update(self._tasks[address], completed=taken, total=total)


def _print_table(results: Sequence[AccountResult], total: Counts) -> None:
    from rich.console import Console  # noqa: PLC0415  programs that want JSON need no table
    from rich.table import Table  # noqa: PLC0415

    table = Table(show_footer=len(results) > 1, box=None, pad_edge=False)
    table.add_column(_("Account"), footer=_("Together"))
    columns = {
        "new": _("New"),
        "known": _("Known"),
        "logged": _("Logged"),
        "unmatched": _("Unmatched"),
        "excluded": _("Excluded"),
        "texts": _("Texts fetched"),
        "trouble": _("Trouble"),
    }
    for name, heading in columns.items():
        table.add_column(heading, justify="right", footer=str(getattr(total, name)))
    for result in results:
        table.add_row(result.address, *(str(getattr(result.total, name)) for name in columns))
    console = Console()
    console.print(table)
    for result in results:
        for words in (result.error, *result.problems, *(folder.error for folder in result.folders.values())):
            if words:
                console.print(f"{result.address}: {words}", style=None if result.ok else "red", markup=False)
