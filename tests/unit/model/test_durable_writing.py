"""What something outside follows upon outlives a power cut; everything else doesn't wait for the disk."""

from __future__ import annotations

from sqlalchemy import Engine, text

from inboxcrm.model.database import writing

NORMAL, FULL = 1, 2


def test_only_durable_transactions_wait_for_the_disk(engine: Engine) -> None:
    found = []
    for durable in (False, True, False):
        with writing(engine, durable=durable) as session:
            found.append(session.scalar(text("PRAGMA synchronous")))
    assert found == [NORMAL, FULL, NORMAL]
