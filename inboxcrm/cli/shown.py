"""How commands show customers, entries and times: the tables that people read. JSON is made beside, from the same values."""

from __future__ import annotations

import getpass
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.table import Table
from rich.text import Text

from inboxcrm.i18n import _

if TYPE_CHECKING:
    from inboxcrm.model import Customer


def person() -> str:
    """Who gives the command: the name of the log-in to this machine."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "?"


def now() -> datetime:
    """This instant, UTC."""
    return datetime.now(UTC)


def local(instant: datetime | None, zone: str) -> str:
    """An instant as the person's clock shows it; "" for none."""
    return instant.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M") if instant else ""


def table(*headers: str) -> Table:
    """An empty table with these headers, as all commands draw it."""
    found = Table(box=None, header_style="bold", pad_edge=False)
    for header in headers:
        found.add_column(header, overflow="fold")
    return found


def add_row(drawn: Table, *cells: Any) -> None:
    """Adds a row. Texts come from mails: what looks like a style in them, or steers a terminal, is shown as text."""
    drawn.add_row(*(cell if isinstance(cell, Text) else Text(_harmless(str(cell))) for cell in cells))


def print_table(drawn: Table, *, empty: str) -> None:
    """Prints a table, or the words for an empty one."""
    console = Console(highlight=False)
    if drawn.row_count:
        console.print(drawn)
    else:
        console.print(Text(empty))


def say(text: str, *, as_it_is: bool = False) -> None:
    """Prints one line or more of plain words. `as_it_is`: no line is broken, so that addresses in it can be copied."""
    Console(highlight=False).print(Text(_harmless(text)), soft_wrap=as_it_is)


def customer_json(customer: Customer) -> dict[str, Any]:
    """The head of a file, for programs."""
    return {
        "id": customer.id,
        "name": customer.name,
        "local_name": customer.local_name,
        "country": customer.country,
        "grade": customer.grade.value,
        "status": customer.status.value,
        "tags": customer.tags,
        "first_contact_at": customer.first_contact_at,
        "last_in_at": customer.last_in_at,
        "last_out_at": customer.last_out_at,
        "last_entry_at": customer.last_entry_at,
    }


def customers_table(customers: Sequence[Customer], zone: str) -> Table:
    """Customers, one a line."""
    drawn = table(_("No."), _("Company"), _("Country"), _("Grade"), _("Status"), _("Last from them"), _("Last from us"))
    for one in customers:
        name = f"{one.name} · {one.local_name}" if one.local_name else one.name
        add_row(
            drawn,
            one.id,
            name,
            one.country,
            grade_word(one.grade.value),
            status_word(one.status.value),
            local(one.last_in_at, zone),
            local(one.last_out_at, zone),
        )
    return drawn


def grade_word(grade: str) -> str:
    """A grade as people say it."""
    return _("watch") if grade == "watch" else grade


def status_word(status: str) -> str:
    """A status as people say it."""
    words = {
        "prospect": _("prospect"),
        "following": _("following"),
        "won": _("won"),
        "dormant": _("dormant"),
    }
    return words[status]


def channel_word(channel: str) -> str:
    """A channel as people say it."""
    words = {
        "mail": _("mail"),
        "call": _("call"),
        "wechat": _("WeChat"),
        "whatsapp": _("WhatsApp"),
        "meeting": _("meeting"),
        "fair": _("fair"),
        "visit": _("visit"),
        "other": _("other"),
    }
    return words[channel]


def _harmless(text: str) -> str:
    return "".join(one if one.isprintable() or one == "\n" else " " for one in text)
