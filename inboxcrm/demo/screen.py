"""What the demo says in the terminal, in the language of the person."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from babel import Locale
from rich.console import Console
from rich.markup import escape

from inboxcrm.demo.news import Counts, Line, Moved
from inboxcrm.i18n import _, language
from inboxcrm.model import Direction, Grade

_WIDTH_WITHOUT_TERMINAL = 160


class Screen:
    """Prints the steps of the demo, and then a line for each entry."""

    def __init__(self, console: Console) -> None:
        self._console = console
        if not console.is_terminal:
            console.width = _WIDTH_WITHOUT_TERMINAL

    def folder(self, folder: Path, *, new: bool) -> None:
        """Where everything of this demo is."""
        self._console.rule(f"[bold]inboxcrm {_('demo')}", align="left")
        text = (
            _("Everything of this demo lives in {folder}; nothing else is touched.")
            if new
            else _("Going on with the demo in {folder}.")
        )
        self._step(text.format(folder=folder))

    def filled(self, mails: int, customers: int) -> None:
        """The mailbox is there."""
        self._step(
            _(
                "The mailbox of Lina Chen, who sells brass valves: {mails} mails of 18 months, {customers} customers."
            ).format(mails=mails, customers=customers)
        )

    def imported(self, file: Path) -> None:
        """The customer list is read."""
        self._step(_("Her customer list is imported from {file}.").format(file=file.name))

    def ready(self, address: str) -> None:
        """The pages can be opened."""
        self._step(_("The pages, already logged in:") + f" [bold cyan link={address}]{address}[/]")

    @contextmanager
    def reading(self) -> Iterator[Callable[[Counts], None]]:
        """Shows how far the mailbox is read, while the block runs."""
        with self._console.status(_("Reading the mailbox …")) as status:

            def show(counts: Counts) -> None:
                status.update(
                    _("Reading the mailbox: {mails} mails, {entries} entries …").format(
                        mails=counts.mails, entries=counts.entries
                    )
                )

            yield show

    def read(self, counts: Counts) -> None:
        """The mailbox is read."""
        self._step(
            _(
                "The communication log wrote itself: {entries} entries for {customers} customers out of {mails} mails; "
                "{unmatched} match nobody and wait under Unmatched."
            ).format(entries=counts.entries, customers=counts.customers, mails=counts.mails, unmatched=counts.unmatched)
        )

    def hints(self, folder: Path, star: str) -> None:
        """What one may try, and how to stop; `star` is the customer whose grade will rise soon."""
        self._console.print()
        for hint in (
            _("Open a customer with many mails, for instance Hartmann, and read a mail in full."),
            _("Say under Unmatched whose the strangers are: their older mails enter the log."),
            _(
                "Open {customer}, grade C: within the first minute they ask for samples, and become B before your eyes; "
                "the page says why, with their sentence."
            ).format(customer=star),
            _("Review the drafts: press a to approve one; it goes out after five seconds, and the customer answers."),
            _("Search for 样品, cotización or leaking."),
            _("Watch Today: new mails arrive by themselves, as below."),
            _("In another terminal: inboxcrm --home {folder} customers list").format(folder=folder),
        ):
            self._console.print(f"   • {escape(hint)}", highlight=False, soft_wrap=True)
        self._console.print(f"\n[dim]{_('Ctrl-C stops the demo.')}[/]\n")

    def line(self, line: Line) -> None:
        """A new entry, or a mail that matched nobody."""
        clock = f"[dim]{line.at.astimezone():%H:%M:%S}[/]"
        if not line.customer:
            who = f"[yellow]{_('Unmatched')}[/]"
        else:
            country = Locale(language()).territories.get(line.country, line.country)
            who = f"[bold]{escape(line.customer)}[/] ({country})"
        arrow = "←" if line.direction == Direction.IN else "→"
        notes = "".join(
            f" [red]{note}[/]"
            for note in (
                _("automatic") if line.automatic else "",
                _("sender doubtful") if line.warned else "",
            )
            if note
        )
        self._console.print(
            f"{clock} {arrow} {who}:{notes} {escape(line.text)}", no_wrap=True, overflow="ellipsis", highlight=False
        )

    def moved(self, moved: Moved) -> None:
        """A customer has another grade, and why."""
        clock = f"[dim]{moved.at.astimezone():%H:%M:%S}[/]"
        grades = f"[bold magenta]{_grade(moved.before)} → {_grade(moved.after)}[/]"
        why = escape(f"{moved.reason} “{moved.evidence}”" if moved.evidence else moved.reason)
        self._console.print(
            f"{clock} ★ [bold]{escape(moved.customer)}[/] {grades} {why}",
            no_wrap=True,
            overflow="ellipsis",
            highlight=False,
        )

    def farewell(self, folder: Path) -> None:
        """It is over."""
        self._step(
            _("Stopped. To go on later: inboxcrm demo --home {folder}. To be rid of it, delete that folder.").format(
                folder=folder
            )
        )

    def _step(self, text: str) -> None:
        self._console.print(f"[green]✓[/] {text}", highlight=False, soft_wrap=True)


def _grade(grade: Grade) -> str:
    return _("watch") if grade is Grade.WATCH else grade.value
