"""The nightly round of planning: the plan of every customer made anew, against a plain SQL aggregate over the same rows.

The aggregate counts what SQL can count of the same facts: contacts each way and the last of each, open records, refusals, and what is
planned, for every customer. Both run on the same database in turns, from a process of their own, and memory is watched.
`python -m bench.planning [CUSTOMERS]` measures this alone.
"""

from __future__ import annotations

import shutil
import sqlite3
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from bench.grading import ENTRIES_EACH, fill
from bench.processes import Run, measured
from bench.stage import Stage
from bench.table import Line, show
from inboxcrm.followup import unplanned
from inboxcrm.followup.planning import NIGHTLY, PlanningRules, plan_due, plan_waiting
from inboxcrm.followup.queries import best_first
from inboxcrm.matching.lookup import chunks
from inboxcrm.model.database import looking, open_engine, writing
from inboxcrm.settings import Settings

CUSTOMERS = 20_000
_LIMIT = 15.0
_MEGABYTES = 150.0
_ONE_LIMIT = 50.0
_QUERIES = (
    "SELECT customer_id, count(*), max(CASE direction WHEN 'in' THEN at END), max(CASE direction WHEN 'out' THEN at END)"
    " FROM log_entry WHERE automatic = '' GROUP BY customer_id",
    "SELECT customer_id, kind, stage, max(changed_at) FROM business_record WHERE stage <> 'closed' GROUP BY customer_id, kind, stage",
    "SELECT customer_id, kind, max(at) FROM signal WHERE state IN ('counted', 'confirmed', 'added')"
    " AND kind IN ('not_interested', 'unsubscribe', 'complaint', 'promise') GROUP BY customer_id, kind",
    "SELECT customer_id, state, max(due_at) FROM follow_up GROUP BY customer_id, state",
    "SELECT contact.customer_id, count(*) FROM contact JOIN contact_address ON contact_id = contact.id GROUP BY contact.customer_id",
)
_AGGREGATE = """
import sqlite3, sys
database = sqlite3.connect(sys.argv[1])
for query in {queries!r}:
    for row in database.execute(query):
        pass
"""


def lines(stage: Stage, rounds: int) -> list[Line]:
    """Time and memory of a night, and of planning one customer after one mail."""
    return figures(stage.folder, CUSTOMERS, rounds)


def figures(folder: Path, customers: int, rounds: int) -> list[Line]:
    """The same for any number of customers."""
    first: list[Run] = []
    again: list[float] = []
    one: list[float] = []
    peer: list[float] = []
    template = folder / "planning.db"
    fill(template, customers)
    _sort(template)
    for _ in range(rounds):
        home = Path(tempfile.mkdtemp(dir=folder))
        shutil.copy(template, home / "inboxcrm.db")
        night: list[str | Path] = [sys.executable, "-m", "bench.planning", "--night", home]
        aggregate: list[str | Path] = [
            sys.executable,
            "-c",
            _AGGREGATE.format(queries=_QUERIES),
            home / "inboxcrm.db",
        ]
        measured(aggregate)  # reads the file into the machine's cache, for both
        peer.append(measured(aggregate).seconds)
        first.append(measured(night))
        again.append(measured(night).seconds)
        one.append(_one_customer(home, customers))
        shutil.rmtree(home)
    template.unlink()
    rows = f"{customers:,} customers, {customers * ENTRIES_EACH:,} entries"
    seconds, plain = median(run.seconds for run in first), median(peer)
    megabytes = max(run.megabytes for run in first)
    return [
        Line(
            f"a night's planning of {rows}, against SQL",
            f"{median(again):.1f} s",
            f"{plain:.1f} s",
            median(again) / plain,
            _LIMIT,
        ),
        Line("the first night, which plans them all", f"{seconds:.1f} s", f"{plain:.1f} s", seconds / plain, None),
        Line(
            "one customer after one mail, among all these", f"{median(one):.1f} ms", "–", median(one), _ONE_LIMIT, "ms"
        ),
        Line("memory of a night", f"{megabytes:.0f} MB", "–", megabytes, _MEGABYTES, "MB"),
    ]


def _sort(path: Path) -> None:
    """Gives the customers grades as a house has them, and lets a third of them sleep."""
    with sqlite3.connect(path) as database:
        database.execute(
            "UPDATE customer SET grade = CASE WHEN id % 20 = 0 THEN 'A' WHEN id % 5 = 0 THEN 'B' WHEN id % 3 = 0 THEN 'watch'"
            " ELSE 'C' END, status = CASE id % 3 WHEN 1 THEN 'dormant' ELSE 'following' END"
        )


def _night(home: Path) -> None:
    """What the service does once a day, each portion in a transaction of its own."""
    engine, rules, now = (
        open_engine(f"sqlite:///{home / 'inboxcrm.db'}"),
        PlanningRules(Settings(home=home)),
        datetime.now(UTC),
    )
    with looking(engine) as session:
        everybody = best_first(session)
    for some in chunks(everybody, NIGHTLY):
        with writing(engine) as session:
            plan_due(session, some, rules.planner(), now)


def _one_customer(home: Path, customers: int) -> float:
    """Milliseconds to plan one customer in a transaction of its own."""
    engine, rules = open_engine(f"sqlite:///{home / 'inboxcrm.db'}"), PlanningRules(Settings(home=home))
    taken: list[float] = []
    for customer in range(1, customers, customers // 50):
        with writing(engine) as session:
            unplanned.mark(session, [customer])
        begin = time.perf_counter()
        with writing(engine) as session:
            plan_waiting(session, rules.planner(), datetime.now(UTC))
        taken.append((time.perf_counter() - begin) * 1000)
    engine.dispose()
    return median(taken)


def main() -> None:
    """Measures this alone, with as many customers as asked for."""
    if sys.argv[1:2] == ["--night"]:
        _night(Path(sys.argv[2]))
        return
    with tempfile.TemporaryDirectory(prefix="inboxcrm-bench-") as folder:
        show(figures(Path(folder), int(sys.argv[1]) if len(sys.argv) > 1 else CUSTOMERS, 1))


if __name__ == "__main__":
    main()
