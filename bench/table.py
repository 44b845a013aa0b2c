"""What a measurement says: ours, the peer's, the figure that is judged, and its limit; and all of them as one table."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True, slots=True)
class Line:
    """One measurement. `figure` is judged against `limit` (None: shown, not judged); `unit` is "×" for a ratio to the peer."""

    what: str
    ours: str
    peer: str
    figure: float
    limit: float | None
    unit: str = "×"

    @property
    def holds(self) -> bool:
        """Whether the figure is within its limit."""
        return self.limit is None or self.figure <= self.limit


def show(lines: Iterable[Line]) -> None:
    """Prints the table."""
    table = Table("measurement", "ours", "peer", "figure", "limit", "")
    for one in lines:
        verdict = "" if one.limit is None else "pass" if one.holds else "FAIL"
        limit = "–" if one.limit is None else f"≤ {one.limit:g} {one.unit}"
        table.add_row(one.what, one.ours, one.peer, f"{one.figure:.2f} {one.unit}", limit, verdict)
    Console().print(table)
