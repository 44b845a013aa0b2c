"""A mailing room with three customers, for the tests of sending."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.newsletter.mailing_room import ANNA, BRUNO, CARLA, MailingRoom, opened
from tests.servers.dovecot import Dovecot


@pytest.fixture
def room(dovecot: Dovecot, user: str, tmp_path: Path) -> Iterator[MailingRoom]:
    """Anna's, Bruno's and Carla's firms are of grade C."""
    with opened(dovecot, user, tmp_path / "home") as room:
        room.customers(ANNA, BRUNO, CARLA)
        yield room
