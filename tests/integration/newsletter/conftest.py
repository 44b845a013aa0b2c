"""What the tests of newsletters share: a transaction on either database, a press, a mailing room with three customers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from inboxcrm.newsletter.press import Press
from tests.integration.newsletter.mailing_room import ANNA, BRUNO, CARLA, MailingRoom, opened
from tests.newsletters import press_in
from tests.servers.dovecot import Dovecot


@pytest.fixture
def session(either_engine: Engine) -> Iterator[Session]:
    """One transaction, rolled back at the end."""
    with Session(either_engine, expire_on_commit=False) as opened:
        yield opened


@pytest.fixture
def press(tmp_path: Path) -> Press:
    """Lina's."""
    return press_in(tmp_path / "home")


@pytest.fixture
def room(dovecot: Dovecot, user: str, tmp_path: Path) -> Iterator[MailingRoom]:
    """Anna's, Bruno's and Carla's firms are of grade C."""
    with opened(dovecot, user, tmp_path / "home") as room:
        room.customers(ANNA, BRUNO, CARLA)
        yield room
