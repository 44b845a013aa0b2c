"""Why an entry stands in a log, and what is doubtful about its sender, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from inboxcrm.web.queries.customer import ShownEntry


def why(entry: ShownEntry) -> str:
    return str(dict(entry.match_facts))


def warning(facts: Mapping[str, Any]) -> str:
    return str(dict(facts))
