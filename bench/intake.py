"""How fast mails that are already read get matched, threaded, logged and indexed: `wanted()` and `take()` on SQLite, batch by batch.

The peer writes the same texts into a bare SQLite table with a full-text index, in transactions of the same size: what any log that
can be searched must pay. No limit; the first import is what is judged.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from sqlalchemy import Engine

from bench.stage import USER, Stage
from bench.table import Line
from inboxcrm.intake import Arrival, OwnAddresses, take, wanted
from inboxcrm.model import Account, Folder, FolderRole
from inboxcrm.model.database import open_engine, upgrade, writing
from inboxcrm.reading import Envelope, envelope, read

_MAILS = 4000
_BATCH = 200
_NOW = datetime(2026, 12, 1, tzinfo=UTC)
_OWN = OwnAddresses.of([USER])

_Batch = list[tuple[Envelope, Arrival]]


def lines(stage: Stage, rounds: int) -> list[Line]:
    """Time a mail."""
    batches = list(_batches(stage.generated / "Maildir" / "cur"))
    mails = sum(map(len, batches))
    ours: list[float] = []
    peer: list[float] = []
    for number in range(rounds):
        home = stage.new_home()
        stage.import_customers(home)
        engine = open_engine(f"sqlite:///{home / 'inboxcrm.db'}")
        ours.append(_ours(engine, batches) / mails * 1000)
        engine.dispose()
        peer.append(_peer(home / f"bare-{number}.db", batches) / mails * 1000)
    mine, other = median(ours), median(peer)
    return [
        Line(
            "matching and logging a mail, against bare SQLite", f"{mine:.2f} ms", f"{other:.2f} ms", mine / other, None
        )
    ]


def _batches(folder: Path) -> Iterator[_Batch]:
    """The newest mails first, as history is taken."""
    paths = sorted(folder.iterdir(), reverse=True)[:_MAILS]
    for start in range(0, len(paths), _BATCH):
        batch: _Batch = []
        for uid, path in enumerate(paths[start : start + _BATCH], len(paths) - start - _BATCH + 1):
            raw = path.read_bytes()
            received_at = datetime.fromtimestamp(int(path.name.split(".")[0]), UTC)
            arrival = Arrival(uid, received_at, len(raw), read(raw, received_at=received_at), has_text=True)
            batch.append((envelope(raw), arrival))
        yield batch


def _ours(engine: Engine, batches: list[_Batch]) -> float:
    upgrade(engine)
    with writing(engine) as session:
        account = Account(address=USER)
        session.add(account)
        session.flush()
        folder = Folder(account_id=account.id, name="INBOX", role=FolderRole.INBOX, uidvalidity=1)
        session.add(folder)
    begin = time.perf_counter()
    for batch in batches:
        with writing(engine) as session:
            wanted(session, _OWN, FolderRole.INBOX, [(arrival.uid, head) for head, arrival in batch])
            take(session, session.merge(folder), [arrival for _head, arrival in batch], _OWN, _NOW)
    return time.perf_counter() - begin


def _peer(path: Path, batches: list[_Batch]) -> float:
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("CREATE TABLE mail (key TEXT UNIQUE, sender TEXT, subject TEXT, content TEXT)")
        database.execute("CREATE VIRTUAL TABLE found USING fts5 (content)")
        begin = time.perf_counter()
        for batch in batches:
            readings = [arrival.reading for _head, arrival in batch]
            rows = [(one.message_id, one.sender.address, one.subject, one.new_text) for one in readings]
            database.executemany("INSERT INTO mail VALUES (?, ?, ?, ?)", rows)
            database.executemany(
                "INSERT INTO found VALUES (?)", [(f"{one.subject} {one.new_text}",) for one in readings]
            )
            database.commit()
        return time.perf_counter() - begin
