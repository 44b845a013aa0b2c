"""The senders of all accounts, kept in step with the settings: for each account one thread for its follow-ups and one for its
newsletters, so that a server that hangs delays nobody else's mail, and never two for the same.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from enum import Enum, auto
from functools import partial
from pathlib import Path
from random import Random
from typing import Protocol

import structlog
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from inboxcrm.followup import library, outbox
from inboxcrm.followup.composing import Document
from inboxcrm.followup.planning import PlanningRules
from inboxcrm.i18n import _, use
from inboxcrm.mailbox.secrets import read_password
from inboxcrm.mailbox.throttle import Throttle
from inboxcrm.model import Draft, DraftState
from inboxcrm.newsletter import mailing
from inboxcrm.newsletter.press import Press
from inboxcrm.service import accounts
from inboxcrm.service.batch import Desk
from inboxcrm.service.lines import Lines
from inboxcrm.service.newsletters import AccountMailing
from inboxcrm.service.sending import AccountSending
from inboxcrm.service.taking import Store
from inboxcrm.settings import Settings

log = structlog.get_logger(__name__)

_PAUSE_SECONDS = 1.0
"""How soon an approved draft is noticed."""
_FAILED_PAUSE_SECONDS = 10.0
_ANEW = ("sending", "sync", "newsletter", "public", "products", "documents", "person")
"""Tables of the settings after whose change the senders begin anew."""


class Kind(Enum):
    """What a sender sends."""

    FOLLOW_UPS = auto()
    NEWSLETTERS = auto()


def documents_of(home: Path, megabytes: float, names: Sequence[str]) -> tuple[Document, ...]:
    """These files of the library of documents, of at most so many megabytes. Raises DocumentError when one can't be had."""
    return tuple(Document(one.name, one.read(), one.type) for one in library.chosen(home, names, megabytes))


class Work(Protocol):
    """What a sender does: `step` is one round, True while there is more; `again` may be called from any thread."""

    def step(self) -> bool: ...
    def again(self) -> None: ...
    def close(self) -> None: ...


class Sender(threading.Thread):
    """Does one kind of work for one account. It never raises."""

    def __init__(
        self,
        make: Callable[[Callable[[], bool]], Work],
        desk: Desk,
        language: str,
        *,
        after: threading.Thread | None = None,
    ) -> None:
        """`make` is given what tells whether to stop. `after`: the sender whose place it takes; it begins when that one has ended."""
        super().__init__(name=f"sender {desk.account.address}", daemon=True)
        self.desk = desk
        self._stopped = threading.Event()
        self._work, self._language, self._after = make(self._stopped.is_set), language, after

    def run(self) -> None:
        """Until stopped: one round of work after the other, with a pause when there is nothing to do."""
        use(self._language)
        if self._after is not None:
            self._after.join()
        while not self._stopped.is_set():
            try:
                pause = 0.0 if self._work.step() else _PAUSE_SECONDS
            except SQLAlchemyError as error:
                log.warning("the database failed", account=self.desk.account.address, error=str(error))
                pause = _FAILED_PAUSE_SECONDS
            except Exception:  # a mistake of ours must not end the service for this account
                log.exception("a mistake in inboxcrm", account=self.desk.account.address, action="trying again")
                pause = _FAILED_PAUSE_SECONDS
            self._stopped.wait(pause)
        self._work.close()

    def stop(self) -> None:
        """Asks the thread to end soon, between two mails; `join` it. What it is in the middle of is settled at the next start."""
        self._stopped.set()

    def try_again(self) -> None:
        """A person asks to try again what was given up."""
        self._work.again()


class Outgoing:
    """`employ` and `dismiss` are called from one thread at a time, `try_again` from any."""

    def __init__(self, store: Store) -> None:
        """Sends nothing before `employ`."""
        self._store = store
        self._senders: dict[tuple[str, Kind], Sender] = {}
        self._settings: Settings | None = None
        self._throttle = Throttle(1, 1)

    def employ(self, settings: Settings) -> None:
        """Brings the senders in step with the settings. Raises ProvidersInvalid, before anything is changed."""
        with self._store.writing() as session:
            desks = {account.address: accounts.desk_of(session, settings, account) for account in settings.accounts}
        anew = self._settings is None or any(
            getattr(self._settings, table) != getattr(settings, table) for table in _ANEW
        )
        self._settings = settings
        if anew:
            self._throttle = Throttle(settings.sending.account_per_minute, settings.sending.domain_per_minute)
        for address, kind in [one for one in self._senders if one[0] not in desks]:
            self._senders.pop((address, kind)).stop()
        for address, desk in desks.items():
            for kind in Kind:
                before = self._senders.get((address, kind))
                if before is not None and before.desk == desk and not anew:
                    continue
                if before is not None:
                    before.stop()
                made = Sender(self._work(kind, settings, desk), desk, settings.person.language, after=before)
                self._senders[address, kind] = made
                made.start()
        self._give_back({desk.account_id for desk in desks.values()})

    def dismiss(self, timeout: float) -> None:
        """Ends all senders; waits for them up to `timeout` seconds. One that waits for a server's answer is left behind."""
        deadline = time.monotonic() + timeout
        for sender in self._senders.values():
            sender.stop()
        for sender in self._senders.values():
            sender.join(max(0.0, deadline - time.monotonic()))
            if sender.is_alive():
                log.warning("a sender did not end in time", account=sender.desk.account.address, action="left behind")

    def try_again(self, address: str = "") -> None:
        """A person asks to try again what was given up, for this account or for all."""
        for (one, _kind), sender in tuple(self._senders.items()):
            if address in ("", one):
                sender.try_again()

    def _work(self, kind: Kind, settings: Settings, desk: Desk) -> Callable[[Callable[[], bool]], Work]:
        def lines() -> Lines:
            return Lines(desk.account, desk.folder_names, settings, partial(read_password, home=settings.home))

        if kind is Kind.FOLLOW_UPS:
            documents = partial(documents_of, settings.home, settings.documents.megabytes_per_mail)
            return lambda _stopped: AccountSending(
                self._store, desk, settings, lines(), throttle=self._throttle, documents=documents
            )
        rules = PlanningRules(settings)
        return lambda stopped: AccountMailing(
            self._store,
            desk,
            settings,
            [lines() for _number in range(settings.newsletter.connections)],
            throttle=self._throttle,
            press=lambda: Press.of(settings, rules.planner().calendar),
            rng=Random(),  # noqa: S311  it spreads mails over time
            stopped=stopped,
        )

    def _give_back(self, account_ids: set[int]) -> None:
        """What was approved for an account that the settings no longer name goes back to review; its issues rest."""
        with self._store.writing() as session:
            stranded = session.scalars(
                select(Draft.id).where(Draft.state == DraftState.APPROVED, Draft.account_id.not_in(account_ids))
            ).all()
            words = _("The account that it should go from isn't among the settings any more.")
            for draft_id in stranded:
                outbox.hold_back(session, draft_id, words, self._store.clock())
            mailing.strand(session, account_ids, words)
