"""Times and days as a person writes them at the terminal, on their own clock."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from inboxcrm.cli.context import fail
from inboxcrm.i18n import _


def instant(written: str, zone: str, option: str = "--at") -> datetime:
    """ "2026-03-31 14:30" in the time zone `zone`, as UTC. Ends the command, naming the option, for what can't be read."""
    try:
        found = datetime.fromisoformat(written.strip())
    except ValueError:
        message = _("{option}: {value!r} is no time; write it like '2026-03-31 14:30'.")
        fail(message.format(option=option, value=written))
    return (found if found.tzinfo else found.replace(tzinfo=ZoneInfo(zone))).astimezone(UTC)


def day(written: str, option: str) -> date:
    """ "2026-04-07" as a day. Ends the command, naming the option, for what can't be read."""
    try:
        return date.fromisoformat(written.strip())
    except ValueError:
        fail(_("{option}: {value!r} is no day; write it like 2026-04-07.").format(option=option, value=written))
