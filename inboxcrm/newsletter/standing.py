"""How our own domain stands with those who check senders (SPF, DKIM, DMARC), as far as mail that came back to us tells."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from inboxcrm.i18n import _, day
from inboxcrm.model import Message, Standing
from inboxcrm.reading.addresses import domain_of


@dataclass(frozen=True, slots=True)
class SenderStanding:
    """What the last mail in our own name says that came through a provider which vouches for senders: `verified` as it judged (None:
    there is none), `at` when.
    """

    domain: str
    verified: bool | None = None
    at: datetime | None = None

    @property
    def words(self) -> str:
        """For the person."""
        if self.verified is None or self.at is None:
            return _(
                "Not known whether mail from {domain} passes SPF, DKIM and DMARC: no mail of your own has come back yet. Send the "
                "issue to a second address of yours, read here too."
            ).format(domain=self.domain)
        on = day(self.at.date())
        if self.verified:
            return _("Mail from {domain} passed its checks (SPF, DKIM or DMARC), last on {day}.").format(
                domain=self.domain, day=on
            )
        return _(
            "The last mail in the name of {domain} that came to you, on {day}, did not pass SPF, DKIM or DMARC. If it was yours, have "
            "your provider set them up before you write to many; if not, somebody forges your name."
        ).format(domain=self.domain, day=on)


def standing_of(session: Session, address: str) -> SenderStanding:
    """Of the domain of an account's address: by mail between our own addresses that a provider has vouched for, or not."""
    domain = domain_of(address)
    row = session.execute(
        select(Message.sender_verified, Message.at)
        .where(
            Message.standing == Standing.INTERNAL,
            Message.sender_verified.is_not(None),
            Message.sender_address.endswith(f"@{domain}", autoescape=True),
        )
        .order_by(Message.at.desc(), Message.id.desc())
        .limit(1)
    ).first()
    return SenderStanding(domain) if row is None else SenderStanding(domain, row.sender_verified, row.at)
