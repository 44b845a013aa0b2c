"""An upgrade changes the shape of tables, never what is in them."""

from __future__ import annotations

from alembic import command
from alembic.config import Config
from sqlalchemy import text

from inboxcrm.model import database
from inboxcrm.model.database import open_engine, upgrade

ROWS = (
    "INSERT INTO customer (id, name, local_name, website, founded, industry, size, markets, address, country, phones, social, source,"
    " tags, custom, products, payment_terms, competitors, news, opinions, objections, notes, status, grade, first_channel, created_at)"
    " VALUES (1, 'Ahlers', '', '', '', '', '', '[]', '', '', '[]', '{}', '', '[]', '{}', '[]', '', '', '', '', '', '', 'prospect',"
    " 'watch', '', '2026-01-05 09:00:00')",
    "INSERT INTO customer_domain (domain, customer_id) VALUES ('ahlers.example', 1)",
    "INSERT INTO thread (id, subject) VALUES (1, 'Order')",
)
TABLES = ("customer", "customer_domain", "thread")


def test_everything_that_hangs_on_a_changed_table_survives_every_upgrade(sqlite_url: str) -> None:
    engine = open_engine(sqlite_url)
    config = Config()
    config.set_main_option("script_location", str(database._MIGRATIONS))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
    with engine.begin() as connection:
        for row in ROWS:
            connection.execute(text(row))

    upgrade(engine)

    with engine.connect() as connection:
        counts = {table: connection.execute(text(f"SELECT count(*) FROM {table}")).scalar() for table in TABLES}  # noqa: S608
        assert counts == dict.fromkeys(TABLES, 1)
        assert connection.execute(text("PRAGMA foreign_keys")).scalar() == 1
        assert connection.execute(text("PRAGMA foreign_key_check")).all() == []
    engine.dispose()
