"""The daily digest: sent once on a working morning to the person's own mailbox, however often the service looks; no customer's mail."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from inboxcrm.followup import promises
from inboxcrm.followup.planning import PlanningRules
from inboxcrm.model import Customer, DigestMail, DigestState, LogEntry, Message, Standing
from inboxcrm.model.database import looking, writing
from inboxcrm.service.digest import DigestSending
from inboxcrm.service.taking import Store
from inboxcrm.settings import Digest
from tests.integration.followup.mailroom import Mailroom, opened
from tests.servers.dovecot import Dovecot
from tests.servers.smtp import DROP, TAKE_AND_DROP

MORNING = datetime(2026, 11, 25, 1, 5, tzinfo=UTC)
"""Wednesday, 09:05 in Shanghai."""


class Clockwork:
    """The job, with a clock of its own."""

    def __init__(self, room: Mailroom, now: datetime = MORNING, **settings: Any) -> None:
        self.now, self.room = now, room
        self.settings = room.place.settings.model_copy(
            update={"digest": Digest(**{"enabled": True, "hour": 8, **settings})}
        )
        store = Store(room.place.engine, room.place.events, lambda: self.now)
        self.job = DigestSending(store, PlanningRules(self.settings), self.settings)

    def run(self, **later: float) -> None:
        self.now += timedelta(**later)
        self.job.round()

    def state(self) -> DigestState | None:
        with looking(self.room.place.engine) as session:
            return session.scalars(select(DigestMail.state).order_by(DigestMail.day.desc())).first()


def promise(room: Mailroom) -> None:
    with writing(room.place.engine) as session:
        ahlers = session.scalars(select(Customer).where(Customer.name == "Ahlers")).one()
        promises.add(session, ahlers.id, "Send the test report", MORNING.date(), now=MORNING)


def test_it_goes_once_a_day_and_says_what_waits(dovecot: Dovecot, user: str, tmp_path: Path) -> None:
    with opened(dovecot, user, tmp_path / "home") as room:
        promise(room)
        clockwork = Clockwork(room)
        for _round in range(3):
            clockwork.run(minutes=20)
        assert clockwork.state() is DigestState.SENT
        (taken,) = room.smtp.taken
        assert taken.recipients == (room.place.accounts[0].address,)
        assert taken.mail["Subject"] == "Wednesday 25 November: 1 promised"
        assert taken.mail["Auto-Submitted"] == "auto-generated"
        text = taken.mail.get_body(("plain",))
        assert text is not None
        assert "Ahlers: Send the test report" in text.get_content()
        clockwork.run(days=1)
        assert len(room.smtp.taken) == 2
        assert len(room.smtp.counts()) == 2


@pytest.mark.parametrize(
    "when",
    [
        MORNING - timedelta(hours=2),  # 07:05
        MORNING + timedelta(hours=12),  # 21:05
        datetime(2026, 11, 28, 1, 5, tzinfo=UTC),  # Saturday
        datetime(2026, 10, 1, 1, 5, tzinfo=UTC),  # National Day
    ],
)
def test_it_goes_only_on_working_days_from_its_hour_on(
    dovecot: Dovecot, user: str, tmp_path: Path, when: datetime
) -> None:
    with opened(dovecot, user, tmp_path / "home") as room:
        Clockwork(room, when).run()
        Clockwork(room, MORNING, enabled=False).run()
        assert room.smtp.taken == []


def test_it_is_tried_again_when_it_surely_did_not_go(dovecot: Dovecot, user: str, tmp_path: Path) -> None:
    with opened(dovecot, user, tmp_path / "home") as room:
        room.smtp.script["DATA"] = DROP
        clockwork = Clockwork(room)
        clockwork.run()
        assert clockwork.state() is DigestState.WAITING
        del room.smtp.script["DATA"]
        clockwork.run(minutes=1)
        assert room.smtp.taken == []
        clockwork.run(minutes=10)
        assert clockwork.state() is DigestState.SENT
        assert len(room.smtp.taken) == 1


@pytest.mark.parametrize("arrived", [True, False])
def test_after_a_lost_answer_the_mailbox_is_asked(dovecot: Dovecot, user: str, tmp_path: Path, arrived: bool) -> None:
    with opened(dovecot, user, tmp_path / "home") as room:
        room.smtp.script["end"] = TAKE_AND_DROP
        clockwork = Clockwork(room)
        clockwork.run()
        assert clockwork.state() is DigestState.SENDING
        (taken,) = room.smtp.taken
        if arrived:
            with dovecot.client(user) as client:
                client.append("INBOX", taken.data)
        del room.smtp.script["end"]
        clockwork.run(minutes=11)
        assert clockwork.state() is DigestState.SENT
        assert len(room.smtp.taken) == (1 if arrived else 2)
        assert len(room.smtp.counts()) == 1, "it is the same mail, for every mail program"


def test_it_is_no_mail_of_a_customer_and_waits_in_no_list(dovecot: Dovecot, user: str, tmp_path: Path) -> None:
    with opened(dovecot, user, tmp_path / "home") as room:
        promise(room)
        Clockwork(room).run()
        with dovecot.client(user) as client:
            client.append("INBOX", room.smtp.taken[0].data)
        room.place.sync(judging=False)
        with looking(room.place.engine) as session:
            assert session.scalars(select(LogEntry)).all() == []
            assert Standing.UNMATCHED not in session.scalars(select(Message.standing)).all()


def test_an_own_text_with_a_mistake_costs_no_digest(dovecot: Dovecot, user: str, tmp_path: Path) -> None:
    with opened(dovecot, user, tmp_path / "home") as room:
        own = room.place.home / "templates" / "digest"
        own.mkdir(parents=True)
        (own / "en.txt").write_text("Subject: {{ nothing_like_this }}\n\nHello\n", encoding="utf-8")
        Clockwork(room).run()
        assert room.smtp.taken[0].mail["Subject"] == "Wednesday 25 November: nothing waits for you"
        (own / "en.txt").write_text("Subject: Your day\n\n{{ promises|length }} promises\n", encoding="utf-8")
        clockwork = Clockwork(room, MORNING + timedelta(days=1))
        clockwork.run()
        assert room.smtp.taken[1].mail["Subject"] == "Your day"
