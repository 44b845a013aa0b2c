"""The cast of the tests about customers: the salesperson, an A, a C, an unknown; and builders with plain defaults for their mails.

`Office` plays the service: it fetches what `intake.wanted` asks for, takes batches in, and fetches the texts that are wanted later.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import count

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from inboxcrm import intake
from inboxcrm.customers.provenance import Origin
from inboxcrm.intake import Arrival, OwnAddresses, Taken
from inboxcrm.model import (
    Account,
    Contact,
    ContactAddress,
    Customer,
    CustomerDomain,
    Folder,
    FolderRole,
    LogEntry,
    Message,
    TextState,
)
from inboxcrm.model.database import looking, writing
from inboxcrm.reading import (
    Address,
    Attachment,
    Automatic,
    Bounce,
    BounceKind,
    Envelope,
    FailedRecipient,
    Reading,
)
from inboxcrm.reading.addresses import normal
from inboxcrm.reading.identity import body_digest

NOW = datetime(2026, 6, 1, 8, tzinfo=UTC)
LINA = "lina@brightvalve.example"
"""The salesperson."""
TOM = "tom@brightvalve.example"
"""Her colleague."""
ANNA = "anna@nordlicht.de"
"""A contact of Nordlicht, an A customer."""
CARLOS = "carlos@andina.mx"
"""A contact of Andina, a C customer."""
UNKNOWN = "sam@newcomer.co.uk"
"""Nobody knows him yet."""
BY_LINA = Origin(NOW, by="lina")

_numbers = count(1)


def person(written: str) -> Address:
    """An address, written "a@b" or "Name <a@b>"."""
    name, _, address = written.rpartition(" <")
    return Address(name, address.rstrip(">")) if name else Address("", written)


def people(written: str | Sequence[str]) -> tuple[Address, ...]:
    """Several addresses, or one."""
    return tuple(person(one) for one in ([written] if isinstance(written, str) else written))


def mail(
    sender: str = ANNA,
    to: str | Sequence[str] = LINA,
    subject: str = "Ball valves",
    text: str = "Please quote 500 pcs.",
    *,
    at: datetime = NOW - timedelta(days=1),
    message_id: str | None = None,
    answers: str = "",
    references: Sequence[str] = (),
    cc: str | Sequence[str] = (),
    bcc: str | Sequence[str] = (),
    reply_to: str | Sequence[str] = (),
    automatic: Automatic | None = None,
    bounce: Bounce | None = None,
    verified: bool | None = None,
    attachments: Sequence[str] = (),
) -> Reading:
    """A mail as it is read: by default Anna's inquiry to Lina, yesterday, with a Message-ID of its own."""
    return Reading(
        message_id=f"{next(_numbers)}.mail@test.example" if message_id is None else message_id,
        date=at,
        sender=person(sender),
        to=people(to),
        cc=people(cc),
        bcc=people(bcc),
        reply_to=people(reply_to),
        subject=subject,
        in_reply_to=answers,
        references=tuple(references),
        language="en",
        new_text=text,
        quoted_text="",
        signature="",
        forwarded=False,
        automatic=Automatic.BOUNCE if bounce else automatic,
        back_on=None,
        bounce=bounce,
        attachments=tuple(Attachment(name, "application/pdf", 1000) for name in attachments),
        sender_verified=verified,
        body_digest=body_digest(text),
        problems=(),
        date_header=at,
    )


def bounce_of(address: str, *, original: str = "", kind: BounceKind = BounceKind.HARD, **fields: object) -> Reading:
    """A bounce that reports one address; `original` is the Message-ID of the mail that came back."""
    failure = Bounce((FailedRecipient(address, kind, "5.1.1", "No such user"),), original)
    return mail(
        "MAILER-DAEMON@mx.nordlicht.de",
        LINA,
        "Undelivered Mail Returned to Sender",
        "Sorry.",
        bounce=failure,
        **fields,  # type: ignore[arg-type]
    )


def header_of(reading: Reading) -> Envelope:
    """What the header alone tells of a mail."""
    return Envelope(
        message_id=reading.message_id,
        in_reply_to=reading.in_reply_to,
        references=reading.references,
        sender=reading.sender,
        to=reading.to,
        cc=reading.cc,
        bcc=reading.bcc,
        reply_to=reading.reply_to,
        subject=reading.subject,
        date_header=reading.date_header,
        likely_automatic=reading.automatic is not None,
        likely_bounce=reading.automatic is Automatic.BOUNCE,
    )


def without_text(reading: Reading) -> Reading:
    """The same mail read from its header."""
    return Reading(
        **{name: getattr(reading, name) for name in Reading.__slots__}
        | {"new_text": "", "quoted_text": "", "signature": "", "attachments": (), "body_digest": body_digest("")}
    )


class Office:
    """Lina's mailbox and her customer files in one database."""

    def __init__(self, engine: Engine, own: Sequence[str] = (LINA,)) -> None:
        self.engine = engine
        self.own = OwnAddresses.of(own)
        self._uids: dict[str, count[int]] = {}
        self._sent_to_us: dict[str, Reading] = {}
        with writing(engine) as session:
            account = Account(address=LINA)
            session.add(account)
            session.flush()
            self.account_id = account.id

    def customer(self, name: str = "Nordlicht", addresses: Sequence[str] = (ANNA,), domains: Sequence[str] = ()) -> int:
        """A customer with one contact an address; made without looking at older mails."""
        with writing(self.engine) as session:
            customer = Customer(
                name=name,
                markets=[],
                phones=[],
                social={},
                tags=[],
                custom={},
                products=[],
                created_at=NOW,
                contacts=[
                    Contact(
                        name=address.split("@")[0].title(),
                        phones=[],
                        social={},
                        created_at=NOW,
                        addresses=[ContactAddress(address=normal(address), written=address)],
                    )
                    for address in addresses
                ],
                domains=[CustomerDomain(domain=domain) for domain in domains],
            )
            session.add(customer)
            session.flush()
            return customer.id

    def folder(self, name: str) -> Folder:
        """A folder; "Sent" has the role of that name."""
        roles = {"INBOX": FolderRole.INBOX, "Sent": FolderRole.SENT}
        with writing(self.engine) as session:
            folder = session.scalars(select(Folder).where(Folder.name == name)).first()
            if folder is None:
                folder = Folder(
                    account_id=self.account_id, name=name, role=roles.get(name, FolderRole.OTHER), uidvalidity=1
                )
                session.add(folder)
                session.flush()
            return folder

    def take(self, *mails: Reading, folder: str = "INBOX", uids: Sequence[int] | None = None) -> Taken:
        """One batch of a folder, as the service takes it."""
        place = self.folder(folder)
        numbers = self._uids.setdefault(folder, count(1))
        batch = [(uid, one) for uid, one in zip(uids or [next(numbers) for _ in mails], mails, strict=True)]
        with looking(self.engine) as session:
            wanted = intake.wanted(session, self.own, place.role, [(uid, header_of(one)) for uid, one in batch])
        self._sent_to_us |= {one.message_id: one for one in mails}
        arrivals = [
            Arrival(uid, one.date or NOW, 1000, one if uid in wanted else without_text(one), uid in wanted)
            for uid, one in batch
        ]
        with writing(self.engine) as session:
            return intake.take(session, place, arrivals, self.own, NOW)

    def fetch_texts(self) -> int:
        """Fetches the texts that are wanted; returns how many."""
        with writing(self.engine) as session:
            waiting = session.execute(
                select(Message.id, Message.message_id).where(Message.text_state == TextState.WANTED)
            ).all()
            for message, name in waiting:
                intake.fill_text(session, message, self._sent_to_us[name])
        return len(waiting)

    def entries(self, customer_id: int) -> list[LogEntry]:
        """The log of a customer, oldest first."""
        with looking(self.engine) as session:
            return list(
                session.scalars(
                    select(LogEntry).where(LogEntry.customer_id == customer_id).order_by(LogEntry.at, LogEntry.id)
                )
            )

    def subjects(self, customer_id: int) -> list[str]:
        """The subjects in a customer's log, oldest first."""
        return [entry.subject for entry in self.entries(customer_id)]

    def message(self, reading: Reading) -> Message:
        """The stored message of a mail."""
        with looking(self.engine) as session:
            return session.scalars(select(Message).where(Message.message_id == reading.message_id)).one()

    def get(self, customer_id: int) -> Customer:
        """A customer's file."""
        with looking(self.engine) as session:
            return session.get_one(Customer, customer_id)


def truth(session: Session) -> set[tuple[str, str]]:
    """(Message-ID, customer's name) of every entry: what must not depend on the order of arrival."""
    return set(
        session.execute(
            select(Message.message_id, Customer.name)
            .join(LogEntry, LogEntry.message_id == Message.id)
            .join(Customer, Customer.id == LogEntry.customer_id)
        )
    )


def conversations(session: Session) -> set[frozenset[str]]:
    """The threads, each as the Message-IDs of its mails."""
    threads: dict[int, set[str]] = {}
    for thread, name in session.execute(select(Message.thread_id, Message.message_id)):
        threads.setdefault(thread, set()).add(name)
    return {frozenset(names) for names in threads.values()}
