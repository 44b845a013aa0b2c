"""How our domain stands with those who check senders: by the last mail between our own addresses that was judged, and nothing else."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine

from inboxcrm.model import Standing
from inboxcrm.model.database import looking, writing
from inboxcrm.newsletter.standing import SenderStanding, standing_of
from tests.cast import LINA, NOW, TOM, Office, mail


class _Mails:
    def __init__(self, engine: Engine) -> None:
        self.office = Office(engine, own=(LINA, TOM))

    def came(self, sender: str, at: datetime, *, verified: bool | None, standing: Standing = Standing.INTERNAL) -> None:
        """A mail that was judged so."""
        reading = mail(sender, TOM, f"{sender} {at}", at=at)
        self.office.take(reading)
        with writing(self.office.engine) as session:
            row = session.merge(self.office.message(reading))
            row.standing, row.sender_verified, row.sender_address = standing, verified, sender

    def standing(self) -> SenderStanding:
        with looking(self.office.engine) as session:
            return standing_of(session, LINA)


@pytest.fixture
def mails(engine: Engine) -> _Mails:
    return _Mails(engine)


def test_without_a_mail_nothing_is_known_and_the_words_say_how_to_find_out(mails: _Mails) -> None:
    found = mails.standing()
    assert (found.verified, found.at) == (None, None)
    assert "brightvalve.example" in found.words


@pytest.mark.parametrize("verified", [True, False])
def test_the_last_mail_decides(mails: _Mails, verified: bool) -> None:
    mails.came(LINA, NOW - timedelta(days=2), verified=not verified)
    mails.came(LINA, NOW - timedelta(days=1), verified=verified)
    found = mails.standing()
    assert (found.verified, found.at) == (verified, NOW - timedelta(days=1))
    assert "31 May 2026" in found.words


def test_a_colleague_of_the_domain_tells_too(mails: _Mails) -> None:
    mails.came(TOM, NOW, verified=True)
    assert mails.standing().verified is True


def test_mails_nobody_judged_other_domains_and_other_standings_tell_nothing(mails: _Mails) -> None:
    mails.came(LINA, NOW, verified=None)
    mails.came("anna@nordlicht.de", NOW, verified=True)
    mails.came("lina@notbrightvalve.example", NOW, verified=False)
    mails.came(LINA, NOW + timedelta(hours=1), verified=False, standing=Standing.UNMATCHED)
    assert mails.standing().verified is None


def test_the_three_answers_read_differently() -> None:
    assert len({SenderStanding("brightvalve.example", verified, NOW).words for verified in (None, True, False)}) == 3
