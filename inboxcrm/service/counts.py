"""What a pass has done, counted: for the table at the end of `inboxcrm sync`, its JSON form, and the tests."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(slots=True)
class Counts:
    """Mails of one folder or of all. `taken` is what was looked at: `new` here, `known` already (from another folder, account or
    generation), or `excluded` by privacy. Of the new ones, `logged` stand in a customer's log and `unmatched` wait for triage.
    `texts`: fetched later for mails that found their customer later. `trouble`: listed by the server but not given.
    """

    taken: int = 0
    new: int = 0
    known: int = 0
    logged: int = 0
    unmatched: int = 0
    excluded: int = 0
    texts: int = 0
    trouble: int = 0

    def add(self, other: Counts) -> None:
        """Adds the figures of `other`."""
        for name, value in asdict(other).items():
            setattr(self, name, getattr(self, name) + value)

    @property
    def settled(self) -> int:
        """Mails that need no further look: whether it gets on shows in this."""
        return self.taken + self.texts + self.trouble

    def as_json(self) -> dict[str, Any]:
        """The figures by name."""
        return asdict(self)
