"""One salesperson with a real mailbox and a real outgoing server, drafts of hers, and the part of the service that sends them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from sqlalchemy import select

from inboxcrm.followup import review
from inboxcrm.followup.composing import Document
from inboxcrm.mailbox.throttle import Throttle
from inboxcrm.model import Customer, Draft, DraftChange, DraftState, FollowUp, FollowUpState
from inboxcrm.model.database import looking, writing
from inboxcrm.model.followup import Action
from inboxcrm.service import accounts
from inboxcrm.service.lines import Lines
from inboxcrm.service.sending import AccountSending
from inboxcrm.service.taking import Store
from tests.integration.service.installation import Installation
from tests.servers.dovecot import Dovecot
from tests.servers.smtp import SmtpServer

ANNA = "anna@ahlers.example"
_NUMBERS = count(1)


@dataclass
class Mailroom:
    """Time stands still unless a test moves it on (`later`)."""

    dovecot: Dovecot
    smtp: SmtpServer
    user: str
    home: Path
    sending_settings: dict[str, Any] = field(default_factory=dict)
    account_settings: dict[str, Any] = field(default_factory=dict)
    url: str = ""
    documents: dict[str, bytes] = field(default_factory=dict)

    def __post_init__(self) -> None:
        values = {"saves_sent_mail": False, "name": "Lina Chen", **self.account_settings}
        self.account = self.smtp.with_smtp(self.dovecot.settings_for(self.user, **values))
        sending = {"settle_seconds": 60, "answer_seconds": 1, **self.sending_settings}
        self.place = Installation(
            self.home, (self.account,), self.url, {"sending": sending, "sync": {"readers": 1, "timeout_seconds": 5}}
        )
        self.now = datetime.now(UTC).replace(microsecond=0)
        self.store = Store(self.place.engine, self.place.events, lambda: self.now)
        with writing(self.place.engine) as session:
            self.desk = accounts.desk_of(session, self.place.settings, self.account)
        self.begin()

    def begin(self) -> None:
        """A service that has just started: it remembers nothing."""
        settings = self.place.settings
        self.lines = Lines(
            self.account, self.desk.folder_names, settings, lambda _a: self.dovecot.password_of(self.user)
        )
        self.throttle = Throttle(settings.sending.account_per_minute, settings.sending.domain_per_minute)
        self.sending = AccountSending(
            self.store, self.desk, settings, self.lines, throttle=self.throttle, documents=self._documents
        )

    def _documents(self, names: Any) -> tuple[Document, ...]:
        return tuple(Document(name, self.documents[name], "application/pdf") for name in names)

    def later(self, **delta: float) -> None:
        """Time passes."""
        self.now += timedelta(**delta)

    def work(self, rounds: int = 30) -> None:
        """The sender works until there is nothing more to do for now."""
        self.lines.again()
        while rounds and self.sending.step():
            rounds -= 1
        assert rounds, "the sender never came to an end"

    def draft(self, *, approved: bool = False, customer: str = "Ahlers", to: str = ANNA, **values: Any) -> int:
        """A draft of a planned follow-up; returns its number."""
        number = next(_NUMBERS)
        with writing(self.place.engine) as session:
            customer_id = session.scalars(select(Customer.id).where(Customer.name == customer)).one()
            follow_up = FollowUp(
                customer_id=customer_id,
                anchor=f"test:{number}",
                stage="quoted",
                step=1,
                action=Action.MAIL,
                due_at=self.now,
                state=FollowUpState.DRAFTED,
                reasons=[],
                created_at=self.now,
            )
            session.add(follow_up)
            session.flush()
            fields: dict[str, Any] = {
                "message_id": f"draft{number}.{os.getpid()}@brightvalve.example",
                "in_reply_to": f"q{number}@ahlers.example",
                "references": [f"q{number}@ahlers.example"],
                "to": [{"name": "Anna Ahlers", "address": to}],
                "cc": [],
                "bcc": [],
                "subject": f"Re: Ball valves {number}",
                "body": f"Dear Anna,\n\nour prices of offer {number} stand until Friday.\n\nBest regards\nLina",
                "quoted": "On Monday Anna wrote:\n> Please quote 500 pcs.",
                "attachments": [],
                "reasons": [],
                "language": "en",
                "created_at": self.now,
            }
            row = Draft(
                customer_id=customer_id,
                follow_up_id=follow_up.id,
                account_id=self.desk.account_id,
                **{**fields, **values},
            )
            session.add(row)
            session.flush()
            made = row.id
        if approved:
            self.approve(made)
        return made

    def approve(self, draft_id: int, **options: Any) -> None:
        """Lina approves it; without a delay unless `delay` says so."""
        with writing(self.place.engine) as session:
            review.approve(session, draft_id, now=self.now, by="lina", **{"delay": timedelta(0), **options})

    def get(self, draft_id: int) -> Draft:
        """The draft as it is now."""
        with looking(self.place.engine) as session:
            return session.get_one(Draft, draft_id)

    def state(self, draft_id: int) -> DraftState:
        """Its state."""
        return self.get(draft_id).state

    def follow_up(self, draft_id: int) -> FollowUp:
        """Its follow-up."""
        with looking(self.place.engine) as session:
            return session.get_one(FollowUp, self.get(draft_id).follow_up_id)

    def happened(self, draft_id: int) -> list[str]:
        """What happened to it, in order."""
        with looking(self.place.engine) as session:
            return list(
                session.scalars(
                    select(DraftChange.what).where(DraftChange.draft_id == draft_id).order_by(DraftChange.id)
                )
            )

    def lying(self, folder: str) -> dict[int, bytes]:
        """UID → mail of what lies in a folder of the mailbox."""
        with self.dovecot.client(self.user) as client:
            client.select_folder(folder, readonly=True)
            uids = client.search("ALL")
            return {uid: item[b"BODY[]"] for uid, item in client.fetch(uids, ["BODY.PEEK[]"]).items()} if uids else {}

    def sent_ids(self) -> list[str]:
        """The Message-IDs in Sent, each as often as it lies there."""
        return sorted(
            line.partition(b":")[2].strip(b" \r<>").decode()
            for raw in self.lying("Sent").values()
            for line in raw.split(b"\r\n\r\n")[0].split(b"\r\n")
            if line.lower().startswith(b"message-id:")
        )


@contextmanager
def opened(dovecot: Dovecot, user: str, home: Path, **options: Any) -> Iterator[Mailroom]:
    """A mailroom with an outgoing server of its own."""
    script = options.pop("script", {})
    with SmtpServer(script=script) as smtp:
        room = Mailroom(dovecot, smtp, user, home, **options)
        try:
            yield room
        finally:
            room.sending.close()
            room.place.engine.dispose()
