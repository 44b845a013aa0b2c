"""A Reading as a page in the terminal: who, when, what was newly written, what is automatic, what is wrong with it.

Colours and boxes only where the terminal shows them; nothing of the mail is taken as markup.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich import box
from rich.console import Console, Group, RenderableType
from rich.panel import Panel
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from inboxcrm.engagement.signals import THRESHOLD
from inboxcrm.i18n import _
from inboxcrm.reading.reading import Automatic, BounceKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from inboxcrm.engagement.signals import Signal
    from inboxcrm.reading import Address, Reading

SHOWN_OF_QUOTES = 12
"""Lines of quoted history that are shown."""


def view(file: str, reading: Reading, signals: Sequence[Signal] = (), *, first: bool = True) -> None:
    """Prints one reading with the signals that were found in it."""
    console = Console(highlight=False)
    if not first:
        console.print()
    facts = Table.grid(padding=(0, 2))
    facts.add_column(style="dim", justify="right", no_wrap=True)
    facts.add_column(overflow="fold")
    for name, value in [*_facts(reading), *_signals(signals)]:
        facts.add_row(name, value)
    title = Text(reading.subject or _("(no subject)"), style="bold")
    console.print(
        Panel(
            facts,
            title=title,
            title_align="left",
            subtitle=Text(file, style="dim"),
            subtitle_align="right",
            box=box.ROUNDED,
        )
    )
    console.print(Group(*_texts(reading)))


def _facts(reading: Reading) -> Iterable[tuple[str, RenderableType]]:
    yield _("From"), _people([reading.sender]) + _verified(reading.sender_verified)
    for name, people in ((_("To"), reading.to), (_("Cc"), reading.cc), (_("Reply to"), reading.reply_to)):
        if people:
            yield name, _people(people)
    yield _("Date"), Text(f"{reading.date:%Y-%m-%d %H:%M} UTC" if reading.date else _("unknown"))
    if reading.language:
        yield _("Language"), Text(reading.language)
    if reading.forwarded:
        yield _("Forwarded"), Text(_("yes, kept as content"))
    if reading.automatic:
        yield _("Automatic"), Text(_kinds()[reading.automatic], style="yellow")
    if reading.back_on:
        yield _("Back on"), Text(reading.back_on.isoformat())
    for one in reading.bounce.recipients if reading.bounce else ():
        kind = _("for good") if one.kind is BounceKind.HARD else _("for now")
        line = Text.assemble((one.address, "bold"), f"  {kind}", (f"  {one.status}" if one.status else "", "dim"))
        yield _("Not reached"), line + Text(f"\n{one.reason}", style="dim") if one.reason else line
    for attachment in reading.attachments:
        yield (
            _("Attached"),
            Text.assemble(attachment.name or _("(no name)"), (f"  {attachment.type}, {_size(attachment.size)}", "dim")),
        )
    for problem in reading.problems:
        yield _("Problem"), Text(_(problem), style="red")


def _signals(signals: Sequence[Signal]) -> Iterable[tuple[str, RenderableType]]:
    for one in signals:
        style = "bold green" if one.confidence >= THRESHOLD else "dim"
        kind = one.kind.value.replace("_", " ")
        evidence = " ".join(one.evidence.split())
        yield _("Signal"), Text.assemble((kind, style), (f"  {one.confidence:.0%}  ", "dim"), f"“{evidence}”")


def _texts(reading: Reading) -> Iterable[RenderableType]:
    yield Text(reading.new_text or _("(no new text)"), style="" if reading.new_text else "dim italic")
    if reading.signature:
        yield Rule(Text(_("Signature"), style="dim"), align="left", style="dim")
        yield Text(reading.signature, style="dim")
    if reading.quoted_text:
        lines = reading.quoted_text.splitlines()
        yield Rule(Text(_("Quoted"), style="dim"), align="left", style="dim")
        yield Text("\n".join(lines[:SHOWN_OF_QUOTES]), style="dim italic")
        if len(lines) > SHOWN_OF_QUOTES:
            yield Text(_("… and {count} lines more").format(count=len(lines) - SHOWN_OF_QUOTES), style="dim")


def _kinds() -> dict[Automatic, str]:
    return {
        Automatic.AUTO_REPLY: _("automatic reply"),
        Automatic.BOUNCE: _("bounce: a mail of ours did not arrive"),
        Automatic.COMPLAINT: _("complaint: someone called our mail spam"),
        Automatic.LIST: _("mailing list or newsletter"),
        Automatic.CALENDAR: _("calendar invitation"),
    }


def _people(people: Iterable[Address]) -> Text:
    parts = [
        Text.assemble((one.name, "bold"), f" <{one.address}>") if one.name else Text(one.address or "?")
        for one in people
    ]
    return Text(", ").join(parts)


def _verified(verified: bool | None) -> Text:
    if verified is None:
        return Text("")
    return (
        Text(f"  ✓ {_('verified')}", style="green")
        if verified
        else Text(f"  ✗ {_('sender not verified')}", style="red")
    )


def _size(size: int) -> str:
    if size < 1024:
        return f"{size} B"
    return f"{size / 1024:.0f} KB" if size < 1024 * 1024 else f"{size / 1024 / 1024:.1f} MB"
