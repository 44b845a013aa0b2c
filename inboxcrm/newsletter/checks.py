"""What is looked at before an issue may go: errors keep it from being approved, warnings are for the person to judge."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy.orm import Session

from inboxcrm.model import Issue
from inboxcrm.newsletter.press import Press


class Severity(StrEnum):
    """ERROR: the issue can't be approved. WARNING: a person should look. NOTE: good to know."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something about an issue. `kind`: "variable", "link", "size", "text_part", "unsubscribe", "image", "authentication", "spam",
    "audience", "text", "address"; `what` in words; `language` and `line` of the text, where it has one; `concerned`: recipients by
    name or address (at most ten of `count`).
    """

    severity: Severity
    kind: str
    what: str
    language: str = ""
    line: int = 0
    concerned: tuple[str, ...] = ()
    count: int = 0


@dataclass(frozen=True, slots=True)
class Report:
    """All findings, errors first; `recipients`: how many there are now; `sizes`: language → bytes of the HTML part."""

    findings: tuple[Finding, ...]
    recipients: int
    sizes: dict[str, int]

    @property
    def may_go(self) -> bool:
        """Whether nothing keeps the issue from being approved."""
        return not any(one.severity is Severity.ERROR for one in self.findings)


def check(session: Session, issue: Issue, press: Press, now: datetime) -> Report:
    """Looks at the texts, and at each recipient whether everything can be filled in. Changes nothing. `now` is aware."""
    raise NotImplementedError
