"""A full re-grade: every customer's grades derived anew from the whole log, against a plain SQL aggregate over the same rows.

The aggregate counts what SQL can count of the same facts: mails each way, the last of each, what signals are worth today with their
half-lives, and the sums of orders, for every customer. Both run on the same database in turns, from a process of their own, and
memory is watched. `python -m bench.grading [CUSTOMERS]` measures this alone.
"""

from __future__ import annotations

import random
import shutil
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Any

from bench.processes import Run, measured
from bench.stage import Stage
from bench.table import Line, show
from inboxcrm.engagement.signals import CUSTOMER_KINDS
from inboxcrm.grading.rules import load
from inboxcrm.judging import Bench, judge
from inboxcrm.model.database import open_engine, upgrade, writing
from inboxcrm.settings import Settings
from inboxcrm.shipped import find

CUSTOMERS = 100_000
ENTRIES_EACH = 20
_LIMIT = 5.0
_MEGABYTES = 350.0
_ONE_LIMIT = 50.0
_NOW = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
_DAYS = 900
_SENTENCE = (
    "Thank you for the quotation of last week; we have looked at it with our colleagues and come back to you soon. "
)

_AGGREGATE = """
import sqlite3, sys
database = sqlite3.connect(sys.argv[1])
for query in {queries!r}:
    for row in database.execute(query):
        pass
"""


def lines(stage: Stage, rounds: int) -> list[Line]:
    """Time and memory of a full re-grade, and of grading one customer after one mail."""
    return figures(stage.folder, CUSTOMERS, rounds)


def figures(folder: Path, customers: int, rounds: int) -> list[Line]:
    """The same for any number of customers."""
    full: list[Run] = []
    again: list[float] = []
    one: list[float] = []
    peer: list[float] = []
    template = folder / "grading.db"
    fill(template, customers)
    for _ in range(rounds):
        home = Path(tempfile.mkdtemp(dir=folder))
        shutil.copy(template, home / "inboxcrm.db")
        aggregate: list[str | Path] = [
            sys.executable,
            "-c",
            _AGGREGATE.format(queries=_queries()),
            home / "inboxcrm.db",
        ]
        regrade: list[str | Path] = [sys.executable, "-m", "inboxcrm", "--home", home, "grade", "--all"]
        measured(aggregate)  # reads the file into the machine's cache, for both
        peer.append(measured(aggregate).seconds)
        full.append(measured(regrade))
        again.append(measured(regrade).seconds)
        one.append(_one_customer(home, customers))
        shutil.rmtree(home)
    template.unlink()
    rows = f"{customers:,} customers, {customers * ENTRIES_EACH:,} entries"
    seconds, plain = median(run.seconds for run in full), median(peer)
    megabytes = max(run.megabytes for run in full)
    return [
        Line(
            f"full re-grade of {rows}, against SQL",
            f"{median(again):.1f} s",
            f"{plain:.1f} s",
            median(again) / plain,
            _LIMIT,
        ),
        Line("the first one, which writes every change", f"{seconds:.1f} s", f"{plain:.1f} s", seconds / plain, None),
        Line(
            "one customer after one mail, among all these", f"{median(one):.1f} ms", "–", median(one), _ONE_LIMIT, "ms"
        ),
        Line("memory of a full grading", f"{megabytes:.0f} MB", "–", megabytes, _MEGABYTES, "MB"),
    ]


def _one_customer(home: Path, customers: int) -> float:
    """Milliseconds to judge one customer in a transaction of its own: signals, records, status and grade."""
    engine = open_engine(f"sqlite:///{home / 'inboxcrm.db'}")
    by = Bench(Settings(home=home)).judge()
    taken: list[float] = []
    for customer in range(1, customers, customers // 50):
        begin = time.perf_counter()
        with writing(engine) as session:
            judge(session, [customer], by, datetime.now(UTC))
        taken.append((time.perf_counter() - begin) * 1000)
    engine.dispose()
    return median(taken)


def _queries() -> list[str]:
    """The aggregate, one query a table."""
    rules = load(find(Path(), "config", "grading.toml"))
    worth = " ".join(
        f"WHEN '{kind}' THEN {fading.points} * pow(0.5, (julianday('now') - julianday(at)) / {fading.half_life_days})"
        for kind, fading in rules.willingness.signals.items()
    )
    return [
        "SELECT customer_id, count(*), sum(direction = 'in'), sum(direction = 'out'), min(at),"
        " max(CASE direction WHEN 'in' THEN at END), max(CASE direction WHEN 'out' THEN at END)"
        " FROM log_entry WHERE automatic = '' AND warnings = '[]' GROUP BY customer_id",
        "SELECT customer_id, count(*), max(at), sum(CASE kind "  # noqa: S608  of our own words
        + worth
        + " ELSE 0 END) FROM signal WHERE state IN ('counted', 'confirmed', 'added') GROUP BY customer_id",
        "SELECT customer_id, kind, count(*), max(opened_at), sum(amount), max(quantity)"
        " FROM business_record WHERE stage <> 'closed' GROUP BY customer_id, kind",
    ]


def fill(path: Path, customers: int) -> None:
    """Writes the database: customers of all sizes, their entries in the order in which mail comes, every fourth with a signal."""
    engine = open_engine(f"sqlite:///{path}")
    upgrade(engine)
    engine.dispose()
    chance = random.Random(7)
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA synchronous=OFF")
        _insert(database, "customer", (_customer(number, chance) for number in range(1, customers + 1)))
        _insert(database, "contact", (_contact(number, chance) for number in range(1, customers + 1)))
        _insert(database, "contact_address", (_address(number) for number in range(1, customers + 1)))
        entries = list(_entries(customers, chance))
        _insert(database, "log_entry", (_entry(*one) for one in entries))
        _insert(database, "signal", (_signal(*one, chance) for one in entries if one[3]))
        _insert(database, "business_record", _records(entries, chance))
        database.execute("ANALYZE")
        database.commit()
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")


_Entry = tuple[int, int, datetime, str, bool]
"""Number, customer, when, the kind of signal in it ("": none), whether it is ours."""


def _entries(customers: int, chance: random.Random) -> Iterator[_Entry]:
    """Entries in the order of time; some customers write a hundred times, many once or twice."""
    total = customers * ENTRIES_EACH
    kinds = sorted(kind.value for kind in CUSTOMER_KINDS)
    for number in range(1, total + 1):
        customer = 1 + int(customers * chance.random() ** 1.5)
        at = _NOW - timedelta(days=_DAYS) * (1 - number / total)
        ours = chance.random() < 0.5
        yield number, customer, at, chance.choice(kinds) if not ours and chance.random() < 0.4 else "", ours


def _customer(number: int, chance: random.Random) -> dict[str, Any]:
    return {
        "id": number,
        "name": f"Customer {number}",
        "local_name": "",
        "website": chance.choice(["", "https://customer.example"]),
        "founded": "",
        "industry": "",
        "size": chance.choice(["", "50-200", "importer", "small shop"]),
        "markets": "[]",
        "address": "",
        "country": chance.choice(["", "DE", "US", "KE"]),
        "phones": "[]",
        "social": "{}",
        "source": "",
        "tags": "[]",
        "custom": "{}",
        "products": chance.choice(["[]", '["ball valve"]']),
        "payment_terms": "",
        "competitors": "",
        "news": "",
        "opinions": "",
        "objections": "",
        "notes": "",
        "status": "following",
        "grade": "watch",
        "first_channel": "mail",
        "created_at": _stored(_NOW - timedelta(days=_DAYS)),
    }


def _contact(number: int, chance: random.Random) -> dict[str, Any]:
    role = chance.choice(["unknown", "unknown", "decision_maker", "influencer"])
    texts = ("name", "title", "sex", "language", "time_zone", "preferred_channel", "character", "concerns", "interests")
    created = _stored(_NOW - timedelta(days=_DAYS))
    return dict.fromkeys(texts, "") | {
        "id": number,
        "customer_id": number,
        "phones": "[]",
        "social": "{}",
        "decision_role": role,
        "created_at": created,
    }


def _address(number: int) -> dict[str, Any]:
    address = f"buyer@customer-{number}.example"
    return {"contact_id": number, "address": address, "written": address, "health": "ok", "health_reason": ""}


def _entry(number: int, customer: int, at: datetime, _kind: str, ours: bool) -> dict[str, Any]:
    return {
        "id": number,
        "customer_id": customer,
        "at": _stored(at),
        "channel": "mail",
        "direction": "out" if ours else "in",
        "subject": "Re: quotation",
        "content": _SENTENCE * (1 + number % 4),
        "feedback": "",
        "automatic": "",
        "matched_by": "address",
        "confidence": 1.0,
        "match_facts": "{}",
        "warnings": "[]",
        "created_at": _stored(at),
        "created_by": "",
    }


def _signal(number: int, customer: int, at: datetime, kind: str, _ours: bool, chance: random.Random) -> dict[str, Any]:
    return {
        "entry_id": number,
        "customer_id": customer,
        "kind": kind,
        "at": _stored(at),
        "state": "counted" if chance.random() < 0.9 else "suggested",
        "evidence": "we would like to have your best price for 500 pieces",
        "place": "text",
        "start": 0,
        "confidence": 0.9,
        "rule": "en.some.rule",
        "details": "{}",
        "decided_by": "",
    }


def _records(entries: list[_Entry], chance: random.Random) -> Iterator[dict[str, Any]]:
    kinds = {"inquiry": "inquiry", "quote_request": "inquiry", "sample_request": "sample", "order": "order"}
    stages = {"inquiry": "answered", "sample": "sent", "order": "placed"}
    for _number, customer, at, kind, _ours in entries:
        if record := kinds.get(kind):
            yield {
                "kind": record,
                "customer_id": customer,
                "stage": stages[record],
                "opened_at": _stored(at),
                "changed_at": _stored(at),
                "products": "[]",
                "quantity": chance.choice([None, 100, 5000]),
                "unit": "",
                "amount": chance.choice([None, 900, 12_000, 80_000]),
                "currency": "USD",
                "incoterm": "",
                "port": "",
                "number": "",
                "note": "",
            }


def _stored(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M:%S.%f")


def _insert(database: sqlite3.Connection, table: str, rows: Iterator[dict[str, Any]]) -> None:
    while some := list(islice(rows, 10_000)):
        names = ", ".join(f'"{name}"' for name in some[0])
        values = ", ".join(f":{name}" for name in some[0])
        database.executemany(f"INSERT INTO {table} ({names}) VALUES ({values})", some)  # noqa: S608  our own words


def main() -> None:
    """Measures this alone, with as many customers as asked for."""
    with tempfile.TemporaryDirectory(prefix="inboxcrm-bench-") as folder:
        show(figures(Path(folder), int(sys.argv[1]) if len(sys.argv) > 1 else CUSTOMERS, 1))


if __name__ == "__main__":
    main()
