"""Tells open pages and the service what a person's click has changed. Call it after the commit."""

from __future__ import annotations

from collections.abc import Collection

from inboxcrm.journal.record import Recorded
from inboxcrm.service.events import Events, Topic

FILE = "file"
"""The topic of a change that a person made on the pages (`customers`: ids, empty for any)."""


def changed(events: Events, customers: Collection[int] = (), recorded: Recorded | None = None) -> None:
    """The files or logs of `customers` are different now; what `recorded` made wanted is to be fetched."""
    touched = set(customers) | (recorded.customers if recorded is not None else set())
    events.publish(FILE, {"customers": sorted(touched)})
    if recorded is not None and recorded.wanted:
        events.publish(Topic.WANTED)
