"""An inboxcrm with a few customers and the accounts of a test's server; and the truth that its log must equal."""

from __future__ import annotations

import atexit
import io
import os
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, select

from inboxcrm import model
from inboxcrm.model.database import looking, open_engine, upgrade, writing
from inboxcrm.service.events import Events
from inboxcrm.service.once import AccountResult, sync_all
from inboxcrm.service.reader import ReadingPool
from inboxcrm.service.taking import Store
from inboxcrm.settings import Account, Settings
from tests.servers.tables import new_sqlite

START = datetime(2026, 1, 5, 9, tzinfo=UTC)

CUSTOMERS = {"Ahlers": ["anna@ahlers.example"], "Bruno": ["bruno@bruno.example", "buyer@bruno.example"], "Carvalho": []}
"""The cast: two customers with contacts, one known by its domain only."""
DOMAINS = {"Carvalho": "carvalho.example"}
SENDERS = ("anna@ahlers.example", "bruno@bruno.example", "buyer@bruno.example", "carla@carvalho.example")
STRANGER = "stranger@elsewhere.example"


def customer_of(address: str) -> str | None:
    """Whose address it is."""
    for name, addresses in CUSTOMERS.items():
        if address in addresses or address.endswith("@" + DOMAINS.get(name, "-")):
            return name
    return None


def mail(
    number: int | str,
    sender: str,
    to: str,
    *,
    text: str = "Please quote 500 pieces.",
    message_id: str | None = None,
    extra: str = "",
) -> bytes:
    """A mail with a Message-ID made from `number`; `message_id` "" leaves it out."""
    identity = f"<{number}@mails.example>" if message_id is None else message_id
    when = START + timedelta(minutes=number if isinstance(number, int) else 0)
    lines = [
        *([f"Message-ID: {identity}"] if identity else []),
        f"Date: {format_datetime(when)}",
        f"From: {sender}",
        f"To: {to}",
        f"Subject: Order {number}",
        *([extra] if extra else []),
        "",
        text,
        "",
    ]
    return "\r\n".join(lines).encode()


@dataclass
class Installation:
    """A home folder with settings for `accounts`, its database, and what happened there."""

    home: Path
    accounts: tuple[Account, ...]
    url: str = ""
    changes: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.home.mkdir(parents=True, exist_ok=True)
        database = {"url": self.url} if self.url else {}
        self.settings = Settings(
            home=self.home, accounts=self.accounts, **{"database": database, "sync": {"readers": 1}, **self.changes}
        )
        self.engine = self._database()
        self.events = Events()
        self.store = Store(self.engine, self.events, lambda: datetime.now(UTC))
        self._add_customers()

    def _database(self) -> Engine:
        if not self.url:
            return new_sqlite(self.home / "inboxcrm.db")
        engine = open_engine(self.url)
        upgrade(engine)
        return engine

    def _add_customers(self) -> None:
        with writing(self.engine) as session:
            for name, addresses in CUSTOMERS.items():
                customer = model.Customer(name=name, created_at=START)
                session.add(customer)
                session.flush()
                if name in DOMAINS:
                    session.add(model.CustomerDomain(domain=DOMAINS[name], customer_id=customer.id))
                for address in addresses:
                    contact = model.Contact(customer_id=customer.id, created_at=START)
                    session.add(contact)
                    session.flush()
                    session.add(model.ContactAddress(contact_id=contact.id, address=address, written=address))

    def with_accounts(self, *accounts: Account) -> Installation:
        """The same home and database with other account settings."""
        other = object.__new__(Installation)
        other.__dict__.update(self.__dict__)
        other.accounts = accounts
        other.settings = self.settings.model_copy(update={"accounts": accounts})
        return other

    def write_settings(self) -> None:
        """Writes inboxcrm.toml for a service in a process of its own."""
        out = io.StringIO()
        out.write("[sync]\nreaders = 1\nbatch = 20\npoll_seconds = 5\n")
        for account in self.accounts:
            out.write(f'[[accounts]]\naddress = "{account.address}"\nsecret = "{account.secret}"\n')
            out.write(f'[accounts.imap]\nhost = "{account.imap.host}"\nport = {account.imap.port}\nsecurity = "none"\n')
        (self.home / "inboxcrm.toml").write_text(out.getvalue(), encoding="utf-8")

    def sync(self, **options: Any) -> list[AccountResult]:
        """One complete pass; broken connections are opened again at once."""
        return sync_all(self.store, self.settings, pool=_pool(), **{"pause": lambda _failures: 0.0, **options})

    def messages(self) -> list[str]:
        """The Message-IDs of all messages."""
        with looking(self.engine) as session:
            return sorted(session.scalars(select(model.Message.message_id)))

    def log(self) -> Counter[tuple[str, str]]:
        """How often each (Message-ID, customer) stands in the log."""
        with looking(self.engine) as session:
            return Counter(
                (message_id, name)
                for message_id, name in session.execute(
                    select(model.Message.message_id, model.Customer.name)
                    .join(model.LogEntry, model.LogEntry.message_id == model.Message.id)
                    .join(model.Customer, model.Customer.id == model.LogEntry.customer_id)
                )
            )

    def locations(self) -> dict[tuple[str, str], list[int]]:
        """(account, folder) → the UIDs in the folder's present generation that have a location, ascending."""
        found: dict[tuple[str, str], list[int]] = {}
        with looking(self.engine) as session:
            for address, name, uid in session.execute(
                select(model.Account.address, model.Folder.name, model.Location.uid)
                .join(model.Folder, model.Folder.account_id == model.Account.id)
                .join(model.Location, model.Location.folder_id == model.Folder.id)
                .where(model.Location.uidvalidity == model.Folder.uidvalidity)
                .order_by(model.Location.uid)
            ):
                found.setdefault((address, name), []).append(uid)
        return found

    def troubles(self) -> list[str]:
        """The words about mails that the server refused."""
        with looking(self.engine) as session:
            return list(session.scalars(select(model.Trouble.error)))

    def environment(self) -> dict[str, str]:
        """For a process of its own."""
        return {**os.environ, "INBOXCRM_HOME": str(self.home), "LANG": "C.UTF-8"}


@cache
def _pool() -> ReadingPool:
    """One for all tests: to start a process for each takes longer than they do."""
    pool = ReadingPool(1)
    atexit.register(pool.close)
    return pool


@dataclass
class Truth:
    """What was put on the servers: each mail by its Message-ID with the customers whose log it belongs to."""

    mails: dict[str, frozenset[str]] = field(default_factory=dict)

    def add(self, number: int | str, *addresses: str) -> None:
        """A mail made by `mail(number, …)` from or to these addresses."""
        customers = {customer_of(address) for address in addresses}
        self.mails[f"{number}@mails.example"] = frozenset(name for name in customers if name)

    def log(self) -> Counter[tuple[str, str]]:
        """The log that there must be: each mail once in the log of each of its customers."""
        return Counter((message_id, name) for message_id, names in self.mails.items() for name in names)
