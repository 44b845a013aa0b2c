"""An issue of a newsletter on its way: recipients a second, rendering, database and SMTP included, against smtplib with the same mails.

smtplib is given the bytes that ours makes, made beforehand, and sends them to the same server over as many connections in the same
minutes. The server is a sink in a process of its own that writes every mail to the disk before it takes it, as a mail server must
(RFC 5321 6.1), and keeps none. It answers at once, as no real one does, and then as one in the same town would. Memory is watched while
a hundred times as many go.
`python -m bench.newsletter [RECIPIENTS [MANY]]` measures this alone.
"""

from __future__ import annotations

import json
import os
import shutil
import smtplib
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from itertools import product
from pathlib import Path
from random import Random
from statistics import median

from sqlalchemy import func, insert, select

from bench.processes import measured
from bench.stage import Stage
from bench.table import Line, show
from inboxcrm.followup.planning import PlanningRules
from inboxcrm.mailbox.throttle import Throttle
from inboxcrm.model import (
    AddressHealth,
    Contact,
    ContactAddress,
    Customer,
    Grade,
    Issue,
    IssueState,
    IssueText,
    Recipient,
    RecipientState,
    Status,
)
from inboxcrm.model.database import looking, open_engine, upgrade, writing
from inboxcrm.newsletter.addressees import addressees
from inboxcrm.newsletter.audience import Audience
from inboxcrm.newsletter.composing import Composer
from inboxcrm.newsletter.outbox import due, instant_of
from inboxcrm.newsletter.press import Press
from inboxcrm.service import accounts
from inboxcrm.service.batch import Desk
from inboxcrm.service.events import Events
from inboxcrm.service.lines import Lines
from inboxcrm.service.newsletters import AccountMailing
from inboxcrm.service.taking import Store
from inboxcrm.settings import Settings, load

RECIPIENTS = 5_000
FEW, MANY = 1_000, 100_000
CONNECTIONS = 4
TOWN = 5
"""Milliseconds to an answer from a server in the same town; one abroad takes twenty times as long."""
_LIMIT = 2.0
"""At least half as many recipients a second as smtplib."""
_GROWTH = 32.0
"""Megabytes: until the caches of the database and of names are full, after some ten thousand recipients."""
_LINA = "lina@brightvalve.example"
_PASSWORD = "bench"  # noqa: S105  the sink takes any
_PORTION = 1000
_NO_LIMIT = 10**9
_BODY = """{{ salutation }}

three new valves have left our test bench this month. As {{ customer.name }} knows the series before, here is what is new:

- **DN 50** now closes within two seconds, and the seat may be changed without taking the body out of the pipe.
- **DN 80** carries the new coating; the certificate for drinking water is at [our pages](https://brightvalve.example/dn80).
- **DN 100** is in stock, so that small lots leave within a week.

| size | pressure | lead time |
|------|----------|-----------|
| DN 50 | 16 bar | 2 weeks |
| DN 80 | 16 bar | 3 weeks |
| DN 100 | 10 bar | 1 week |

We look forward to seeing you in hall 4 of the fair, and send samples on request: just answer this mail.

{{ closing }}
"""
_SETTINGS = """\
[sync]
timeout_seconds = 30
[newsletter]
company = "Bright Valve"
postal_address = "8 Yongjiang Road, Ningbo"
per_hour = 0
per_day = 0
per_domain_per_hour = 0
connections = {connections}
[[accounts]]
address = "{address}"
name = "Lina Chen"
secret = "env:INBOXCRM_BENCH"
saves_sent_mail = true
imap = {{host = "127.0.0.1", port = 9, security = "none"}}
smtp = {{host = "127.0.0.1", port = {port}, security = "none"}}
"""


def lines(stage: Stage, rounds: int) -> list[Line]:
    """Speed over one connection and several, and memory."""
    return figures(stage.folder, RECIPIENTS, MANY, rounds)


def figures(folder: Path, recipients: int, many: int, rounds: int) -> list[Line]:
    """The same for any number of recipients; `many` 0: without the long run."""
    found = []
    for distance, connections in product((0, TOWN), (1, CONNECTIONS)):
        going = recipients // 10 if distance else recipients  # each takes so much longer
        with _sink(folder, distance) as port:
            home = _home(folder, port, connections)
            fill(home, going)
            ours, peer = [], []
            for _ in range(rounds):
                copy = Path(shutil.copytree(home, home.with_name(f"{home.name}-copy")))
                peer.append(_run("--smtplib", copy)["seconds"])
                ours.append(_run("--send", copy)["seconds"])
                shutil.rmtree(copy)
            what = (
                f"an issue to {going:,} recipients over {connections} connection{'s' if connections > 1 else ''}"
                f" to a server that answers {f'within {distance} ms' if distance else 'at once'}"
            )
            mine, plain = median(ours), median(peer)
            found.append(
                Line(
                    f"{what}, against smtplib with the mails made beforehand",
                    f"{going / mine:,.0f} a second",
                    f"{going / plain:,.0f} a second",
                    mine / plain,
                    _LIMIT,
                )
            )
    if many:
        runs = []
        with _sink(folder, 0) as port:
            for number in (min(FEW, many), many):
                home = _home(folder, port, CONNECTIONS)
                fill(home, number)
                runs.append(_run("--send", home))
            few, all_of_them = (run["megabytes"] for run in runs)
            rate = f"{many / runs[-1]['seconds']:,.0f} a second"
            found.append(
                Line(
                    f"memory that {many:,} recipients take more than {min(FEW, many):,} ({rate})",
                    f"{all_of_them:.0f} MB",
                    f"{few:.0f} MB",
                    all_of_them - few,
                    _GROWTH,
                    "MB",
                )
            )
    return found


def fill(home: Path, recipients: int) -> None:
    """A database with so many customers of grade C and an issue to all of them that is due."""
    settings = load(home)
    engine = open_engine(settings.database_url)
    upgrade(engine)
    now = datetime.now(UTC)
    blank: dict[str, object] = {"markets": [], "phones": [], "social": {}, "tags": [], "custom": {}, "products": []}
    with writing(engine) as session:
        desk = accounts.desk_of(session, settings, settings.accounts[0])
        issue = Issue(
            name="Valves of June",
            account_id=desk.account_id,
            state=IssueState.APPROVED,
            audience=Audience().packed(),
            layout="products",
            fallback_language="en",
            images=[],
            variables={},
            working_hours=False,
            send_at=now,
            approved_at=now,
            approved_by="lina",
            created_at=now,
        )
        issue.texts = [IssueText(language="en", subjects=["Three new valves"], body=_BODY)]
        session.add(issue)
        session.flush()
        for start in range(1, recipients + 1, _PORTION):
            some = range(start, min(start + _PORTION, recipients + 1))
            session.execute(
                insert(Customer),
                [
                    {"id": one, "name": f"Firm {one}", "grade": Grade.C, "status": Status.PROSPECT, "created_at": now}
                    | blank
                    for one in some
                ],
            )
            session.execute(
                insert(Contact),
                [
                    {"id": one, "customer_id": one, "name": f"Anna Buyer{one}", "language": "en", "phones": []}
                    | {"social": {}, "created_at": now}
                    for one in some
                ],
            )
            session.execute(
                insert(ContactAddress),
                [
                    {"contact_id": one, "address": _address(one), "written": _address(one), "health": AddressHealth.OK}
                    for one in some
                ],
            )
            session.execute(
                insert(Recipient),
                [
                    {"issue_id": issue.id, "contact_id": one, "customer_id": one, "name": f"Anna Buyer{one}"}
                    | {"address": _address(one), "written": _address(one), "language": "en", "subject": 0}
                    | {"in_test": False, "message_id": f"i{one}.bench@brightvalve.example", "due_at": now}
                    for one in some
                ],
            )
    engine.dispose()


def _address(number: int) -> str:
    return f"buyer{number}@firm{number % 997}.example"


def _home(folder: Path, port: int, connections: int) -> Path:
    home = Path(tempfile.mkdtemp(prefix="newsletter-", dir=folder))
    text = _SETTINGS.format(connections=connections, address=_LINA, port=port)
    (home / "inboxcrm.toml").write_text(text, encoding="utf-8")
    return home


def _run(what: str, home: Path) -> dict[str, float]:
    """Measures one of the two in a process of its own: `seconds` by itself, `megabytes` at its peak."""
    run = measured([sys.executable, "-m", "bench.newsletter", what, home], {"INBOXCRM_BENCH": _PASSWORD})
    said = json.loads(run.output.strip().splitlines()[-1])
    return {"seconds": float(said["seconds"]), "megabytes": run.megabytes}


# --- what is measured, each in a process of its own -------------------------------------------------------------------


def _desk(home: Path) -> tuple[Settings, Store, Desk]:
    settings = load(home)
    store = Store(open_engine(settings.database_url), Events(), lambda: datetime.now(UTC))
    with store.writing() as session:
        return settings, store, accounts.desk_of(session, settings, settings.accounts[0])


def _send(home: Path) -> float:
    """Sends the issue as the service does; seconds."""
    settings, store, desk = _desk(home)
    rules = PlanningRules(settings)
    mailing = AccountMailing(
        store,
        desk,
        settings,
        [
            Lines(desk.account, desk.folder_names, settings, lambda _account: _PASSWORD)
            for _number in range(settings.newsletter.connections)
        ],
        throttle=Throttle(_NO_LIMIT, _NO_LIMIT),
        press=lambda: Press.of(settings, rules.planner().calendar),
        rng=Random(1),
    )
    begin = time.perf_counter()
    while mailing.step() or not _is_done(store):
        pass
    seconds = time.perf_counter() - begin
    mailing.close()
    with looking(store.engine) as session:
        states = session.execute(select(Recipient.state, func.count()).group_by(Recipient.state)).all()
    if [state for state, _count in states] != [RecipientState.SENT]:
        msg = f"not everybody got it: {states}"
        raise SystemExit(msg)
    return seconds


def _is_done(store: Store) -> bool:
    with looking(store.engine) as session:
        return session.scalar(select(Issue.state)) is IssueState.DONE


def _smtplib(home: Path) -> float:
    """Sends the same mails, made beforehand, with nothing but smtplib; seconds."""
    settings, store, _desk_of_lina = _desk(home)
    press = Press.of(settings, PlanningRules(settings).planner().calendar)
    now = datetime.now(UTC)
    with looking(store.engine) as session:
        issue = session.scalars(select(Issue)).one()
        rows = due(session, issue, now, 10**6)
        who = addressees(session, rows)
        composer = Composer(issue, _LINA, press)
        mails = [(one.written, composer.compose(who[one.id], instant_of(now))) for one in rows]
    server = settings.accounts[0].smtp
    assert server is not None
    connections = settings.newsletter.connections

    def send(number: int) -> None:
        with smtplib.SMTP(server.host, server.port) as smtp:
            smtp.login(_LINA, _PASSWORD)
            for to, data in mails[number::connections]:
                smtp.sendmail(_LINA, [to], data)

    begin = time.perf_counter()
    threads = [threading.Thread(target=partial(send, number)) for number in range(connections)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    return time.perf_counter() - begin


# --- the server -------------------------------------------------------------------------------------------------------


@contextmanager
def _sink(folder: Path, distance: int) -> Iterator[int]:
    """The server, in a process of its own, whose answers take `distance` milliseconds; its port."""
    place = folder / "sink.port"
    with subprocess.Popen([sys.executable, "-m", "bench.newsletter", "--sink", place, str(distance)]) as process:
        try:
            while not place.is_file() or not place.read_text():
                time.sleep(0.01)
            yield int(place.read_text())
        finally:
            process.kill()
            place.unlink(missing_ok=True)


def _serve(place: Path, distance: int) -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    place.write_text(str(listener.getsockname()[1]))
    while True:
        connection, _address = listener.accept()
        threading.Thread(target=_converse, args=(connection, place.parent, distance / 1000), daemon=True).start()


def _converse(connection: socket.socket, folder: Path, wait: float) -> None:
    def answer(words: bytes) -> None:
        time.sleep(wait)
        connection.sendall(words)

    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    source, spool = connection.makefile("rb"), tempfile.TemporaryFile(dir=folder)  # noqa: SIM115  closed below
    answer(b"220 sink.example ESMTP\r\n")
    while line := source.readline():
        match line[:4].upper():
            case b"EHLO":
                answer(b"250-sink.example\r\n250-SIZE 20000000\r\n250-8BITMIME\r\n250 AUTH PLAIN LOGIN\r\n")
            case b"AUTH":
                answer(b"235 welcome\r\n")
            case b"DATA":
                answer(b"354 go on\r\n")
                mail = b"".join(iter(source.readline, b".\r\n"))
                os.pwrite(spool.fileno(), mail, 0)
                os.fdatasync(spool.fileno())
                answer(b"250 2.0.0 taken\r\n")
            case b"QUIT":
                answer(b"221 bye\r\n")
                break
            case _:
                answer(b"250 ok\r\n")
    spool.close()
    connection.close()


def main() -> None:
    """Measures this alone, with as many recipients as asked for."""
    parts: dict[str, Callable[[Path], float]] = {"--send": _send, "--smtplib": _smtplib}
    if sys.argv[1:2] == ["--sink"]:
        _serve(Path(sys.argv[2]), int(sys.argv[3]))
    elif sys.argv[1:2] and sys.argv[1] in parts:
        print(json.dumps({"seconds": parts[sys.argv[1]](Path(sys.argv[2]))}))
    else:
        recipients, many = [*map(int, sys.argv[1:3]), *(RECIPIENTS, MANY)[len(sys.argv) - 1 :]]
        with tempfile.TemporaryDirectory(prefix="inboxcrm-bench-") as folder:
            show(figures(Path(folder), recipients, many, 3))
        print(f"load of the machine: {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
