"""The sync as a state machine: whatever mails do, connections break and processes crash, a complete pass logs each mail once."""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule
from sqlalchemy import select

from inboxcrm import model
from inboxcrm.mailbox.errors import CommandRefused, ConnectionLost
from inboxcrm.mailbox.fetch import Head, Heads, Mails, Unfetchable
from inboxcrm.mailbox.folders import FolderState, ListedFolder
from inboxcrm.model import FolderRole
from inboxcrm.model.database import looking, open_engine, upgrade, writing
from inboxcrm.reading import read
from inboxcrm.service import accounts
from inboxcrm.service.events import Events
from inboxcrm.service.order import work_through
from inboxcrm.service.reader import RawMail, Read
from inboxcrm.service.stumbling import Stumbling
from inboxcrm.service.sync import AccountSync
from inboxcrm.service.taking import Store
from inboxcrm.settings import Account, Settings

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
ME = "lina@brightvalve.example"
BUYER = "anna@ahlers.example"
STRANGER = "stranger@elsewhere.example"
FOLDERS = ("INBOX", "Sent", "Projects")
ROLES = {"INBOX": FolderRole.INBOX, "Sent": FolderRole.SENT, "Projects": FolderRole.OTHER}


class Crash(Exception):  # noqa: N818  it stands for the end of the process, not for an error
    """The process ends here."""


@dataclass
class Folder:
    """A folder on the server: UID → mail."""

    uidvalidity: int = 1
    uid_next: int = 1
    mails: dict[int, bytes] = field(default_factory=dict)

    def add(self, raw: bytes) -> None:
        self.mails[self.uid_next] = raw
        self.uid_next += 1


@dataclass
class Connection:
    """A connection to the server in memory that breaks after some commands. It refuses the mails in `refused` ((folder, UID))."""

    server: dict[str, Folder]
    commands_left: int | None = None
    refused: frozenset[tuple[str, int]] = frozenset()
    _open: str = ""

    def folders(self, _names: object = None) -> list[ListedFolder]:
        self._command()
        return [ListedFolder(name, ROLES[name], selectable=True) for name in self.server]

    def examine(self, name: str) -> FolderState:
        self._command()
        self._open = name
        folder = self.server[name]
        return FolderState(folder.uidvalidity, folder.uid_next, len(folder.mails))

    def uids(self, low: int = 1, high: int | None = None) -> list[int]:
        self._command()
        return [uid for uid in sorted(self.server[self._open].mails) if low <= uid <= (high or 1 << 40)]

    def heads(self, uids: Sequence[int]) -> Heads:
        self._command()
        mails = self.server[self._open].mails
        found = [
            Head(uid, NOON, len(mails[uid]), frozenset(), mails[uid].partition(b"\r\n\r\n")[0] + b"\r\n\r\n")
            for uid in sorted(uids)
            if uid in mails
        ]
        return Heads(tuple(found), frozenset(uid for uid in uids if uid not in mails))

    def mails(self, heads: Sequence[Head]) -> Mails:
        self._command()
        mails = self.server[self._open].mails
        refused = [head.uid for head in heads if (self._open, head.uid) in self.refused and head.uid in mails]
        return Mails(
            {head.uid: mails[head.uid] for head in heads if head.uid in mails and head.uid not in refused},
            frozenset(head.uid for head in heads if head.uid not in mails),
            tuple(Unfetchable(uid, "NO such luck") for uid in refused),
        )

    def _command(self) -> None:
        if self.commands_left is not None:
            self.commands_left -= 1
            if self.commands_left < 0:
                raise ConnectionLost("cut")


@dataclass(frozen=True)
class Done:
    readings: list[Read]

    def result(self) -> list[Read]:
        return self.readings


class InPlace:
    """Reads mails without processes."""

    def read(self, mails: Sequence[RawMail], *, urgent: bool = False) -> Done:
        return Done([Read(read(one.raw, received_at=one.received_at, outgoing=one.outgoing)) for one in mails])


@cache
def template() -> Path:
    """A database with its tables and one customer, to be copied."""
    path = Path(tempfile.mkdtemp(prefix="sync-machine-")) / "template.db"
    engine = open_engine(f"sqlite:///{path}")
    upgrade(engine)
    with writing(engine) as session:
        session.add(model.Customer(id=1, name="Ahlers", created_at=NOON))
        session.flush()
        session.add(model.Contact(id=1, customer_id=1, created_at=NOON))
        session.flush()
        session.add(model.ContactAddress(contact_id=1, address=BUYER, written=BUYER))
    engine.dispose()
    return path


class SyncMachine(RuleBasedStateMachine):
    """Mails come, go and move; the folder is restored; passes are cut and crash; now and then one is complete."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="sync-machine-"))
        shutil.copy(template(), self.folder / "inboxcrm.db")
        account = Account.model_validate(
            {"address": ME, "folders": ["Projects"], "imap": {"host": "mail.example", "port": 993}}
        )
        self.settings = Settings(home=self.folder, accounts=(account,))
        self.engine = open_engine(self.settings.database_url)
        self.server = {name: Folder() for name in FOLDERS}
        self.stumbling = Stumbling()
        self.number = self.seconds = 0
        self.senders: dict[str, str] = {}
        self.must: set[str] = set()
        """Message-IDs that lay there during a complete pass."""

    def teardown(self) -> None:
        self.engine.dispose()
        shutil.rmtree(self.folder)

    @initialize(counts=st.tuples(*(st.integers(0, 12) for _ in FOLDERS)))
    def history(self, counts: tuple[int, ...]) -> None:
        for name, count in zip(FOLDERS, counts, strict=True):
            for _ in range(count):
                self.deliver(name, BUYER)

    @rule(name=st.sampled_from(FOLDERS), other=st.sampled_from((BUYER, STRANGER)))
    def deliver(self, name: str, other: str) -> None:
        self.number += 1
        identity = f"{self.number}@mails.example"
        sender, to = (ME, other) if name == "Sent" else (other, ME)
        raw = (
            f"Message-ID: <{identity}>\r\nDate: {(NOON + timedelta(minutes=self.number)):%a, %d %b %Y %H:%M:%S} +0000\r\n"
            f"From: {sender}\r\nTo: {to}\r\nSubject: Order {self.number}\r\n\r\nText {self.number}.\r\n"
        )
        self.server[name].add(raw.encode())
        self.senders[identity] = other

    @rule(source=st.sampled_from(FOLDERS), into=st.sampled_from(FOLDERS), pick=st.integers(0, 100))
    def copy(self, source: str, into: str, pick: int) -> None:
        mails = self.server[source].mails
        if mails and "Sent" not in (source, into):
            self.server[into].add(mails[sorted(mails)[pick % len(mails)]])

    @rule(name=st.sampled_from(FOLDERS), pick=st.integers(0, 100))
    def expunge(self, name: str, pick: int) -> None:
        mails = self.server[name].mails
        if mails:
            del mails[sorted(mails)[pick % len(mails)]]

    @rule(name=st.sampled_from(FOLDERS))
    def restore(self, name: str) -> None:
        folder = self.server[name]
        again = Folder(uidvalidity=folder.uidvalidity + 1)
        for raw in folder.mails.values():
            again.add(raw)
        self.server[name] = again

    @rule(commands=st.integers(0, 14), batch=st.integers(1, 5))
    def cut_pass(self, commands: int, batch: int) -> None:
        self.sync(Connection(self.server, commands_left=commands), batch)

    @rule(steps=st.integers(0, 8), batch=st.integers(1, 5))
    def crash(self, steps: int, batch: int) -> None:
        self.sync(Connection(self.server), batch, steps_to_crash=steps)

    @rule(batches=st.integers(0, 3))
    def interrupted_pass(self, batches: int) -> None:
        left = iter(range(batches))
        self.sync(Connection(self.server), 2, interrupted=lambda: next(left, None) is None)

    @rule(name=st.sampled_from(FOLDERS), uid=st.integers(1, 12))
    def pass_with_a_refused_mail(self, name: str, uid: int) -> None:
        self.sync(Connection(self.server, refused=frozenset({(name, uid)})), 4)

    @rule(batch=st.integers(1, 20))
    def complete_pass(self, batch: int) -> None:
        self.sync(Connection(self.server), batch)
        there = {
            identity for folder in self.server.values() for raw in folder.mails.values() for identity in [ids(raw)]
        }
        self.must |= there
        with looking(self.engine) as session:
            messages = Counter(session.scalars(select(model.Message.message_id)))
            log = Counter(
                session.scalars(
                    select(model.Message.message_id).join(model.LogEntry, model.LogEntry.message_id == model.Message.id)
                )
            )
            located = {
                (row.name, row.uid): row.message_id
                for row in session.execute(
                    select(model.Folder.name, model.Location.uid, model.Message.message_id)
                    .join(model.Location, model.Location.folder_id == model.Folder.id)
                    .join(model.Message, model.Message.id == model.Location.message_id)
                    .where(model.Location.uidvalidity == model.Folder.uidvalidity)
                )
            }
            troubles = session.scalars(select(model.Trouble)).all()
            texts = set(
                session.scalars(
                    select(model.Message.text_state).where(
                        model.Message.message_id.in_(there), model.Message.standing == model.Standing.LOGGED
                    )
                )
            )
        assert set(messages.values()) <= {1}
        assert self.must <= set(messages) <= set(self.senders)
        assert log == Counter(identity for identity in messages if self.senders[identity] == BUYER)
        assert not troubles
        assert texts <= {model.TextState.PRESENT}
        for name, folder in self.server.items():
            for uid, raw in folder.mails.items():
                assert located[name, uid] == ids(raw)

    def sync(
        self,
        connection: Connection,
        batch: int,
        *,
        steps_to_crash: int | None = None,
        interrupted: object = lambda: False,
    ) -> None:
        calls = iter(range(steps_to_crash or 0))

        def clock() -> datetime:
            if steps_to_crash is not None and next(calls, None) is None:
                raise Crash
            self.seconds += 1
            return NOON + timedelta(seconds=self.seconds)

        store = Store(self.engine, Events(), clock)
        with store.writing() as session:
            desk = accounts.desk_of(session, self.settings, self.settings.accounts[0])
        self.seconds += 1
        begun = NOON + timedelta(seconds=self.seconds)
        sync = AccountSync(store, desk, connection, InPlace(), batch=batch, stumbling=self.stumbling)
        try:
            with sync:
                sync.open_folders()
                work_through(sync, interrupted=interrupted, tried_before=begun)  # type: ignore[arg-type]
        except (ConnectionLost, Crash, CommandRefused):
            return


def ids(raw: bytes) -> str:
    """The Message-ID of a mail of this test."""
    return raw.partition(b"<")[2].partition(b">")[0].decode()


TestSyncMachine = SyncMachine.TestCase
TestSyncMachine.settings = settings(max_examples=20, stateful_step_count=20)
