"""`inboxcrm reread`: finds the signals of the whole history anew, by the rules as they are now, and judges every customer."""

from __future__ import annotations

import threading

import typer

from inboxcrm.cli.context import open_database, settings_of
from inboxcrm.i18n import _


def reread_command(ctx: typer.Context) -> None:
    """Find signals in the whole history anew, by the rules as they are now; what people said of signals stays."""
    from datetime import UTC, datetime  # noqa: PLC0415  SQLAlchemy takes a moment to load

    from inboxcrm.engagement.rereading import forget_found  # noqa: PLC0415
    from inboxcrm.judging import Bench  # noqa: PLC0415
    from inboxcrm.service.events import Events  # noqa: PLC0415
    from inboxcrm.service.judgement import Judgement  # noqa: PLC0415
    from inboxcrm.service.taking import Store  # noqa: PLC0415

    engine, bench = open_database(ctx), Bench(settings_of(ctx))
    bench.judge()  # a mistake in a rule file is told before anything is forgotten
    store = Store(engine, Events(), lambda: datetime.now(UTC), bench)
    with store.writing() as session:
        mails = forget_found(session)
    Judgement(store, bench).finish(threading.Event())
    typer.echo(_("Looked through {count} mails.").format(count=mails))
