"""What is asked of a database, and which of the questions look at every row of a table that grows."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import Engine, event

_GROWS_NOT = {"unjudged", "unplanned"}
"""Tables that hold only what waits just now."""


class Asked:
    """The statements of an engine, with their parameters."""

    def __init__(self, engine: Engine) -> None:
        self.statements: list[tuple[str, Any]] = []
        event.listen(engine, "before_cursor_execute", self._hear)

    def _hear(self, _connection: Any, _cursor: Any, statement: str, parameters: Any, *_more: Any) -> None:
        first = parameters[0] if isinstance(parameters, list) else parameters
        self.statements.append((statement, first))

    def scans(self, engine: Engine) -> list[str]:
        """The steps that look at every row of a table that grows, each with its statement."""
        with engine.connect() as connection:
            return [
                f"{step} in {statement}"
                for statement, parameters in self.statements
                if statement.split()[0] in ("SELECT", "UPDATE", "DELETE", "INSERT", "WITH")
                for *_numbers, step in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
                if (scanned := re.match(r"SCAN (\w+)", step))
                and scanned[1] not in _GROWS_NOT
                and "CONSTANT" not in step
            ]
